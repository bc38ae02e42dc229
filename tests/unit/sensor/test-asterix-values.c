/* put(get(decode(x))) == x and get(decode(put(v))) == v, by random values for every item of every table. */
#include "tests/assert_near.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/asterix/asterix_hash.h"
#include "sensor/decode/asterix/asterix_profile.h"
#include "sensor/decode/asterix/asterix_values.h"
#include "tests/unit/sensor/asterix_make.h"

#define RECORD_MAX 60000
#define HEADER 3
#define ROUNDS 40

struct taken {
	uint64_t v[ASTERIX_VALUES_MAX(RECORD_MAX)];
	ssize_t n;
	uint64_t hash;
	const struct asterix_category *category;
	struct asterix_stats stats;
};

static uint64_t numbers[ASTERIX_VALUES_MAX(RECORD_MAX)];
static struct asterix_make made = { .v = numbers, .cap = sizeof(numbers) / sizeof(numbers[0]), .seed = 1, .repeat = 2 };
static struct taken taken;

static void take(void *user, const struct asterix_record *r)
{
	(void)user;
	taken.n = asterix_values_get(r, taken.v, sizeof(taken.v) / sizeof(taken.v[0]));
	assert_true(taken.n > 0);
	taken.hash = asterix_hash(r, 0);
	taken.category = r->category;
}

/* One block of @size octets behind its header, on the heap so that the sanitizer sees a read past it. */
static void decode(const struct asterix_category *c, const uint8_t *record, size_t size)
{
	struct asterix_profile profile = { .of = { [0] = NULL } };
	uint8_t *block = malloc(HEADER + size + BITS_SLACK);

	assert_non_null(block);
	memcpy(block, (uint8_t[]){ c->cat, (uint8_t)((HEADER + size) >> 8), (uint8_t)(HEADER + size) }, HEADER);
	memcpy(block + HEADER, record, size);
	memset(block + HEADER + size, 0xff, BITS_SLACK);
	profile.of[c->cat] = c;
	taken.stats = (struct asterix_stats){ 0 };
	asterix_decode_as(&profile, block, HEADER + size, &taken.stats, take, NULL);
	free(block);
}

static uint64_t faults(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < _ASTERIX_FAULT_MAX; i++)
		sum += taken.stats.faults[i];
	return sum;
}

static void assert_taken_is_made(void)
{
	assert_int_equal(taken.stats.records, 1);
	assert_int_equal(faults(), 0);
	assert_int_equal(taken.n, made.n);
	assert_memory_equal(taken.v, made.v, made.n * sizeof(made.v[0]));
}

/* Returns the record's size. CAT001: the layout that a bit of the record chooses may be the other one, then 0. */
static size_t check_identity(const struct asterix_category *c, uint8_t *record)
{
	static uint8_t again[RECORD_MAX];
	ssize_t size = asterix_values_put(c, made.v, made.n, record, RECORD_MAX);

	if (size < 0)
		fail_msg("CAT%03u %s: %zd", c->cat, c->edition, size);
	decode(c, record, (size_t)size);
	if (c->split_frn && (taken.stats.records != 1 || taken.category != c))
		return 0;
	assert_taken_is_made();
	assert_int_equal(asterix_values_put(c, taken.v, (size_t)taken.n, again, RECORD_MAX), size);
	assert_memory_equal(again, record, (size_t)size);
	return (size_t)size;
}

typedef void (*check_fn)(const struct asterix_category *c, uint8_t *record, size_t size);

/* Each item of @c alone and all together, at both ends of every range, at zero and with anything. */
static unsigned with_records(const struct asterix_category *c, check_fn check)
{
	static uint8_t record[RECORD_MAX];
	unsigned n = 0;

	for (unsigned i = 0; i <= c->n_uap; i++) {
		for (unsigned round = 0; round < ROUNDS; round++) {
			made.pick = round < ASTERIX_MAKE_RANDOM ? round : ASTERIX_MAKE_RANDOM;
			made.shape = round < ASTERIX_MAKE_RANDOM ? ASTERIX_MAKE_FULL : ASTERIX_MAKE_ANY;

			size_t size = asterix_make_record(&made, c, i) ? check_identity(c, record) : 0;

			n += size > 0;
			if (check && size && round < 2 * ASTERIX_MAKE_RANDOM)
				check(c, record, size);
		}
	}
	return n;
}

static void with_tables(check_fn check)
{
	unsigned n = 0;

	for (unsigned i = 0; asterix_profile_at(i); i++) {
		n += with_records(asterix_profile_at(i), check);
		if (asterix_profile_at(i)->other)
			n += with_records(asterix_profile_at(i)->other, check);
	}
	print_message("%u records\n", n);
	assert_true(n > 5000);
}

static void every_value_of_every_item_survives(void **state)
{
	(void)state;
	with_tables(NULL);
}

static void truncate_everywhere(const struct asterix_category *c, uint8_t *record, size_t size)
{
	for (size_t n = 1; n < size; n += 1 + n / 256) {
		decode(c, record, n);
		assert_int_equal(taken.stats.records, 0);
		assert_int_equal(faults(), 1);
	}
}

static void every_truncation_is_one_fault(void **state)
{
	(void)state;
	with_tables(truncate_everywhere);
}

/* Whatever comes out can be said again: the same numbers, and then the same octets. */
static void flip(const struct asterix_category *c, uint8_t *record, size_t size)
{
	static uint8_t again[RECORD_MAX];

	for (size_t bit = 0; bit < 8 * size; bit += 1 + bit / 64) {
		uint64_t records;
		ssize_t n;

		record[bit / 8] ^= 0x80 >> bit % 8;
		decode(c, record, size);
		records = taken.stats.records;
		n = records == 1 ? asterix_values_put(taken.category, taken.v, (size_t)taken.n, again, RECORD_MAX) : 0;
		if (n > 0) {
			memcpy(made.v, taken.v, (size_t)taken.n * sizeof(made.v[0]));
			made.n = (size_t)taken.n;
			decode(c, again, (size_t)n);
			assert_taken_is_made();
		}
		record[bit / 8] ^= 0x80 >> bit % 8;
	}
}

static void every_flipped_bit_is_harmless(void **state)
{
	(void)state;
	with_tables(flip);
}

static void checksum_covers_every_bit_of_a_value(const struct asterix_category *c, uint8_t *record, size_t size)
{
	static uint64_t before[ASTERIX_VALUES_MAX(RECORD_MAX)];
	ssize_t n = taken.n;
	uint64_t hash = taken.hash;

	memcpy(before, taken.v, (size_t)n * sizeof(before[0]));
	for (size_t bit = 0; bit < 8 * size; bit += 1 + bit / 64) {
		record[bit / 8] ^= 0x80 >> bit % 8;
		decode(c, record, size);
		if (taken.stats.records == 1 && taken.category == c) {
			bool same = taken.n == n && !memcmp(before, taken.v, (size_t)n * sizeof(before[0]));

			assert_int_equal(taken.hash == hash, same);
		}
		record[bit / 8] ^= 0x80 >> bit % 8;
	}
}

static void checksum_differs_when_a_value_does(void **state)
{
	(void)state;
	with_tables(checksum_covers_every_bit_of_a_value);
}

static void what_is_no_record_is_refused(void **state)
{
	const struct asterix_category *c = asterix_profile_newest.of[48];
	uint8_t p[64];

	(void)state;
	assert_int_equal(asterix_values_put(c, NULL, 0, p, sizeof(p)), -EINVAL);
	assert_int_equal(asterix_values_put(c, (uint64_t[]){ 0 }, 1, p, sizeof(p)), -EINVAL);	       /* no item */
	assert_int_equal(asterix_values_put(c, (uint64_t[]){ UINT64_C(1) << 40 }, 1, p, sizeof(p)), -EINVAL); /* beyond */
	assert_int_equal(asterix_values_put(c, (uint64_t[]){ 1, 2 }, 2, p, sizeof(p)), -EINVAL);    /* no SIC */
	assert_int_equal(asterix_values_put(c, (uint64_t[]){ 1, 2, 3, 4 }, 4, p, sizeof(p)), -EINVAL); /* one too many */
	assert_int_equal(asterix_values_put(c, (uint64_t[]){ 1, 2, 256 }, 3, p, sizeof(p)), -ERANGE);
	assert_int_equal(asterix_values_put(c, (uint64_t[]){ 1, 2, 3 }, 3, p, 2), -ENOSPC);
	assert_int_equal(asterix_values_put(c, (uint64_t[]){ 4, 9, 1, 0, 0, 0, 0 }, 7, p, sizeof(p)), -EINVAL); /* 9 octets */
	assert_int_equal(asterix_values_put(c, (uint64_t[]){ 1, 2, 3 }, 3, p, 3), 3);
	assert_memory_equal(p, ((uint8_t[]){ 0x80, 2, 3 }), 3);
}

/* An empty FSPEC octet, a spare bit, an octet of an extended item that nobody knows: read, but not said again. */
static void what_is_not_canonical_comes_out_canonical_or_not_at_all(void **state)
{
	const struct asterix_category *c = asterix_profile_newest.of[48];
	uint8_t p[64];

	(void)state;
	decode(c, (uint8_t[]){ 0x81, 0x00, 2, 3 }, 4);
	assert_int_equal(asterix_values_put(c, taken.v, (size_t)taken.n, p, sizeof(p)), 3);
	decode(c, (uint8_t[]){ 0x08, 0x1f, 0xff }, 3); /* I048/070, spare bit set */
	assert_int_equal(asterix_values_put(c, taken.v, (size_t)taken.n, p, sizeof(p)), 3);
	assert_int_equal(p[1], 0x0f);
	decode(c, (uint8_t[]){ 0x20, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x02 }, 8); /* I048/020 */
	assert_int_equal(taken.stats.records, 1);
	assert_int_equal(asterix_values_put(c, taken.v, (size_t)taken.n, p, sizeof(p)), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_of_every_item_survives),
		cmocka_unit_test(every_truncation_is_one_fault),
		cmocka_unit_test(every_flipped_bit_is_harmless),
		cmocka_unit_test(checksum_differs_when_a_value_does),
		cmocka_unit_test(what_is_no_record_is_refused),
		cmocka_unit_test(what_is_not_canonical_comes_out_canonical_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
