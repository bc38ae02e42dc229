/*
 * asterix-worst - datagrams that are as dear as the tables allow, decoded one by one, for asterix-worst.sh to count.
 *
 * Each is one record again and again, made of one item or of all, with as little in it as can be (many records, many
 * items) or with as much (many values), and what looks like ASTERIX up to its end. `json` decodes to text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/asterix/asterix_hash.h"
#include "sensor/decode/asterix/asterix_json.h"
#include "sensor/decode/asterix/asterix_profile.h"
#include "tests/unit/sensor/asterix_make.h"

#define SIZE 8192 /* octets of a datagram: large against what one costs however small it is */
#define HEADER 3
#define ALL_MAX 4096
#define DEAREST 24 /* so many are counted; the rest was found to cost less, measured once over all */
/* Instructions, measured: enough to tell the dear from the cheap. */
#define RECORD_COST 150
#define NUMBER_COST 15

/* A record to be sent again and again. */
struct dear {
	const struct asterix_category *category;
	unsigned index, repeat;
	double cost; /* an octet */
};

static uint64_t numbers[ASTERIX_VALUES_MAX(SIZE)];
static uint8_t datagram[SIZE + BITS_SLACK];
static char text[ASTERIX_JSON_MAX];
static volatile uint64_t keep;

static void take_hash(void *user, const struct asterix_record *r)
{
	*(uint64_t *)user = asterix_hash(r, *(uint64_t *)user);
}

static void take_json(void *user, const struct asterix_record *r)
{
	struct jot j;

	jot_init(&j, text, sizeof(text));
	asterix_json_put(&j, r, 1);
	*(uint64_t *)user += j.len;
}

/* What callgrind counts: nothing else is inside. */
__attribute__((noinline)) static void decode_datagram(const struct asterix_profile *profile, asterix_sink take)
{
	struct asterix_stats stats = { 0 };
	uint64_t sum = 0;

	asterix_decode_as(profile, datagram, SIZE, &stats, take, &sum);
	keep = sum;
}

/* Says what @d is and what it holds. Returns the octets of its record, 0 when there is none. */
static size_t make(const struct dear *d, uint8_t *ret_record, size_t *ret_numbers)
{
	struct asterix_make m = { .v = numbers, .cap = sizeof(numbers) / sizeof(numbers[0]), .seed = 1,
		.pick = ASTERIX_MAKE_HIGH, .shape = d->repeat ? ASTERIX_MAKE_FULL : ASTERIX_MAKE_EMPTY, .repeat = d->repeat };
	ssize_t size = 0;

	if (asterix_make_record(&m, d->category, d->index))
		size = asterix_values_put(d->category, m.v, m.n, ret_record, SIZE - HEADER);
	*ret_numbers = m.n;
	return size > 0 ? (size_t)size : 0;
}

/* The record as often as it fits. */
static void fill(const struct dear *d)
{
	static uint8_t record[SIZE];
	size_t n, size = make(d, record, &n);

	memset(datagram, 0, SIZE);
	memcpy(datagram, (uint8_t[]){ d->category->cat, SIZE >> 8, SIZE & 0xff }, HEADER);
	for (size_t at = HEADER; at + size <= SIZE; at += size)
		memcpy(datagram + at, record, size);
}

/* What a record costs by guess: to find it and to take its numbers. */
static double guess(const struct dear *d)
{
	static uint8_t record[SIZE];
	size_t n, size = make(d, record, &n);

	return size ? (double)(RECORD_COST + n * NUMBER_COST) / (double)size : 0;
}

static int by_cost(const void *a, const void *b)
{
	double x = ((const struct dear *)a)->cost, y = ((const struct dear *)b)->cost;

	return (x < y) - (x > y);
}

static unsigned collect(struct dear *ret_all)
{
	static const unsigned repeats[] = { 0, 1, 254 };
	const struct asterix_category *c;
	unsigned n = 0;

	for (unsigned t = 0; (c = asterix_profile_at(t)); t++)
		for (unsigned i = 0; i <= c->n_uap; i++)
			for (unsigned k = 0; k < sizeof(repeats) / sizeof(repeats[0]) && n < ALL_MAX; k++) {
				struct dear d = { c, i, repeats[k], 0 };

				d.cost = guess(&d);
				if (k == 0 || d.cost != ret_all[n - 1].cost)
					ret_all[n++] = d;
			}
	qsort(ret_all, n, sizeof(*ret_all), by_cost);
	return n;
}

int main(int argc, char **argv)
{
	static struct dear all[ALL_MAX];
	unsigned n = collect(all);

	for (unsigned i = 0; i < n && i < DEAREST; i++) {
		const struct asterix_category *c = all[i].category;
		struct asterix_profile profile = { .of = { [0] = NULL } };

		profile.of[c->cat] = c;
		fill(&all[i]);
		printf("CAT%03u edition %s, item %s, %u parts\n", c->cat, c->edition,
			all[i].index < c->n_uap ? c->uap[all[i].index].name : "all", all[i].repeat);
		decode_datagram(&profile, argc > 1 && !strcmp(argv[1], "json") ? take_json : take_hash);
	}
	return 0;
}
