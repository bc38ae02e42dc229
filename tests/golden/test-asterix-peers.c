/*
 * test-asterix-peers - our decode of real feeds against Croatia Control's asterix 2.8.11.
 *
 * Aligned by record; per item the numeric leaves are compared as sorted lists, for names and presentation differ: it prints
 * spare and FX bits, we do not. Codes are strings on both sides. What is left is in "Where peers differ", docs/decoders.md.
 */
#include "tests/assert_near.h"

#include "recording.h"
#include "sensor/decode/asterix/asterix_json.h"
#include "sensor/decode/asterix/asterix_oradis.h"
#include "sensor/decode/container.h"

#define LEAVES_MAX 256
#define TOLERANCE 1e-4 /* relative; it prints seven decimals */

static const char *dir;
static FILE *peer_file;
static unsigned records, leaves, differ, empty;

struct leaves {
	unsigned n;
	double values[LEAVES_MAX];
};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* A string as a number: octal codes and hex addresses by their digits, the rest by a sum of its characters. */
static double text_value(const char *text)
{
	char *end;
	double sum = 0;
	long long v = strtoll(text, &end, 16);

	if (*text && !*end)
		return (double)v;
	for (; *text && *text != ' '; text++)
		sum = sum * 31 + *text;
	return sum;
}

/* Spare bits and the extension bit are no values. */
static bool is_filler(const char *key)
{
	return !strcmp(key, "spare") || !strcmp(key, "FX") || !strcmp(key, "sb");
}

static void collect(const json_t *v, struct leaves *out)
{
	const char *key;
	json_t *child;
	size_t i;

	if (json_is_object(v)) {
		json_object_foreach((json_t *)v, key, child)
			if (!is_filler(key))
				collect(child, out);
	} else if (json_is_array(v)) {
		json_array_foreach(v, i, child)
			collect(child, out);
	} else if (out->n < LEAVES_MAX) {
		out->values[out->n++] = json_is_string(v) ? text_value(json_string_value(v)) : json_number_value(v);
	}
}

/* Where it has another unit. */
static const struct {
	unsigned cat;
	const char *item;
	unsigned leaf;
	double factor;
} scaled[] = {
	{ 62, "135", 1, 100 }, /* feet for flight levels */
	{ 62, "136", 0, 100 },
	{ 1, "200", 0, 16384 * 0.22 }, /* knots by an LSB rounded to 0.22 */
};

static void to_their_unit(unsigned cat, const char *item, struct leaves *ours)
{
	for (unsigned i = 0; i < sizeof(scaled) / sizeof(scaled[0]); i++)
		if (scaled[i].cat == cat && !strcmp(scaled[i].item, item) && scaled[i].leaf < ours->n)
			ours->values[scaled[i].leaf] *= scaled[i].factor;
}

static bool same_leaves(unsigned cat, const char *item, const json_t *theirs, const json_t *our)
{
	struct leaves a = { 0 }, b = { 0 };

	collect(theirs, &a);
	collect(our, &b);
	if (a.n != b.n)
		return false;
	to_their_unit(cat, item, &b);
	qsort(a.values, a.n, sizeof(double), by_value);
	qsort(b.values, b.n, sizeof(double), by_value);
	for (unsigned i = 0; i < a.n; i++)
		if (fabs(a.values[i] - b.values[i]) > TOLERANCE * fmax(1, fabs(a.values[i])))
			return false;
	leaves += b.n;
	return true;
}

static void report(const char *item, const json_t *theirs, const json_t *our)
{
	char *a = theirs ? json_dumps(theirs, JSON_ENCODE_ANY) : NULL, *b = our ? json_dumps(our, JSON_ENCODE_ANY) : NULL;

	if (differ++ < 20)
		print_error("record %u item %s: theirs %s, ours %s\n", records, item, a, b);
	free(a);
	free(b);
}

/* A compound item sent empty: it leaves it out. */
static bool is_empty(const json_t *v)
{
	return json_is_object(v) && !json_object_size(v);
}

static void compare(unsigned cat, const json_t *theirs, const json_t *ours)
{
	const char *key;
	json_t *item;
	char name[16];

	json_object_foreach((json_t *)ours, key, item) {
		snprintf(name, sizeof(name), "I%s", key);

		const json_t *other = json_object_get(theirs, name);

		if (!other && is_empty(item))
			empty++;
		else if (!other || !same_leaves(cat, key, other, item))
			report(key, other, item);
	}
	json_object_foreach((json_t *)theirs, key, item)
		if (!json_object_get(ours, key + 1))
			report(key, item, NULL);
}

static void take(void *user, const struct asterix_record *r)
{
	static char buf[ASTERIX_JSON_MAX];
	char name[16];
	struct jot j;
	json_t *peer = recording_next(peer_file);

	(void)user;
	assert_non_null(peer);
	jot_init(&j, buf, sizeof(buf));
	asterix_json_put(&j, r, 0);
	assert_false(j.full);

	json_t *our = json_loadb(buf, j.len, 0, NULL);

	assert_non_null(our);
	assert_int_equal(json_integer_value(json_object_get(peer, "cat")), r->category->cat);
	snprintf(name, sizeof(name), "CAT%03u", r->category->cat);
	compare(r->category->cat, json_object_get(peer, name), json_object_get(our, "items"));
	json_decref(our);
	json_decref(peer);
	records++;
}

static void decode(const struct container_datagram *d, struct asterix_stats *stats)
{
	const uint8_t *p = d->data;

	if (!asterix_oradis_is(d->data, d->size))
		asterix_decode(d->data, d->size, stats, take, NULL);
	else
		for (; p < d->data + d->size; p += asterix_oradis_size(p))
			asterix_decode(p + ASTERIX_ORADIS_HEADER, asterix_oradis_size(p) - ASTERIX_ORADIS_HEADER, stats, take,
				NULL);
}

static void agrees(const char *capture, const char *peer, unsigned n_records, unsigned n_leaves, unsigned n_empty)
{
	struct asterix_stats stats = { 0 };
	struct container_datagram d;
	struct container c;
	size_t size;
	char *data = recording_read(dir, capture, BITS_SLACK, &size);

	records = leaves = differ = empty = 0;
	peer_file = recording_open(dir, peer);
	assert_int_equal(container_init(&c, (const uint8_t *)data, size), 0);
	while (container_next(&c, &d))
		decode(&d, &stats);
	free(data);
	assert_null(recording_next(peer_file));
	print_message("Croatia Control, %s: %u records, %u leaves agree, %u differ\n", capture, records, leaves, differ);
	assert_int_equal(records, n_records);
	assert_int_equal(leaves, n_leaves);
	assert_int_equal(empty, n_empty);
	assert_int_equal(differ, 0);
	for (unsigned i = 0; i < _ASTERIX_FAULT_MAX; i++)
		assert_int_equal(stats.faults[i], 0);
}

static void radar_agrees(void **state)
{
	(void)state;
	agrees("cat034-048-mtr-padded-260429.pcap", "cat034-048-mtr-padded-260429.pcap.croatia.json.gz", 19907, 435396, 0);
}

static void tracks_agree(void **state)
{
	(void)state;
	agrees("cat062-fds.pcap", "cat062-fds.pcap.croatia.json.gz", 25712, 1419397, 19);
}

static void tracks_and_service_status_agree(void **state)
{
	(void)state;
	agrees("cat_062_065.pcap", "croatia-expected/cat_062_065_json.txt", 3, 164, 0);
}

static void old_radar_agrees(void **state)
{
	(void)state;
	agrees("cat_001_002.pcap", "croatia-expected/cat_001_002_json.txt", 8, 201, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { 
		cmocka_unit_test(radar_agrees),
		cmocka_unit_test(tracks_agree),
		cmocka_unit_test(tracks_and_service_status_agree),
		cmocka_unit_test(old_radar_agrees),
	};

	if (argc != 2)
		return 2;
	dir = argv[1];
	recording_need(dir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
