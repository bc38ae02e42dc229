#include "tests/assert_near.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/decode/asterix/asterix_hash.h"
#include "sensor/decode/asterix/asterix_json.h"
#include "sensor/decode/asterix/asterix_time.h"
#include "sensor/decode/asterix/cat048.h"

static struct asterix_stats stats;
static struct asterix_record last;
static char json[4096];
static unsigned n_got;

static void keep(void *user, const struct asterix_record *r)
{
	struct jot j;

	(void)user;
	last = *r;
	n_got++;
	jot_init(&j, json, sizeof(json) - 1);
	asterix_json_put(&j, r, 0);
	json[j.len] = '\0';
}

/* Exactly @size bytes and the slack on the heap: the sanitizer sees a read past it. */
static size_t decode(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + BITS_SLACK);

	assert_non_null(copy);
	memcpy(copy, data, size);
	memset(copy + size, 0xff, BITS_SLACK);
	memset(&stats, 0, sizeof(stats));
	n_got = 0;

	size_t used = asterix_decode(copy, size, &stats, keep, NULL);

	free(copy);
	return used;
}

static uint64_t faults(void)
{
	uint64_t sum = 0;

	for (unsigned i = 1; i < _ASTERIX_FAULT_MAX; i++)
		sum += stats.faults[i];
	return sum;
}

static void assert_contains(const char *part)
{
	if (!strstr(json, part))
		fail_msg("no %s in %s", part, json);
}

/* SAC 34 SIC 1, 09:18:20 + 64/128, PSR, 10 NM, 90 deg */
static const uint8_t plot[] = { 48, 0, 14, 0xf0, 34, 1, 0x41, 0x6e, 0x40, 0x20, 0x0a, 0x00, 0x40, 0x00 };

static void plot_is_decoded(void **state)
{
	(void)state;
	assert_int_equal(decode(plot, sizeof(plot)), sizeof(plot));
	assert_int_equal(stats.records, 1);
	assert_int_equal(faults(), 0);
	assert_true(asterix_has(&last, CAT048_I040));
	assert_false(asterix_has(&last, CAT048_I070));
	assert_string_equal(json, "{\"cat\":48,\"time\":null,\"items\":{\"010\":{\"SAC\":34,\"SIC\":1},\"140\":33500.5,"
		"\"020\":{\"TYP\":1,\"SIM\":0,\"RDP\":0,\"SPI\":0,\"RAB\":0},\"040\":{\"RHO\":10,\"THETA\":90}}}");
}

static void lsbs_are_exact(void **state)
{
	/* RHO 1/256 NM, THETA 360/65536 deg: one LSB each */
	const uint8_t block[] = { 48, 0, 8, 0x10, 0, 1, 0, 1 };

	(void)state;
	decode(block, sizeof(block));
	assert_string_equal(json, "{\"cat\":48,\"time\":null,\"items\":{\"040\":{\"RHO\":0.00390625,\"THETA\":0.0054931641}}}");
}

static void extended_item_is_read_to_its_last_octet(void **state)
{
	const uint8_t block[] = { 48, 0, 7, 0x20, 0xa1, 0x45, 0x54 };

	(void)state;
	assert_int_equal(decode(block, sizeof(block)), sizeof(block));
	assert_int_equal(faults(), 0);
	assert_contains("\"020\":{\"TYP\":5,\"SIM\":0,\"RDP\":0,\"SPI\":0,\"RAB\":0,"
		"\"TST\":0,\"ERR\":1,\"XPP\":0,\"ME\":0,\"MI\":0,\"FOEFRI\":2,"
		"\"ADSB\":{\"EP\":0,\"VAL\":1},\"SCN\":{\"EP\":0,\"VAL\":1},\"PAI\":{\"EP\":0,\"VAL\":1}}");
}

static void compound_and_repetitive_items_are_read(void **state)
{
	/* FRN 7 (130), 10 (250) and 20 (120): FSPEC 03 21 04 */
	const uint8_t block[] = { 48, 0, 31, 0x03, 0x21, 0x04,
		0xb0, 0x40, 0xc0, 0x80, /* 130: SRL 64, SAM -64, PRL 128 */
		0x01, 1, 2, 3, 4, 5, 6, 7, 0x60, /* 250: one register, BDS 6,0 */
		0xc0, 0x03, 0xff, 0x01, 0, 16, 0, 32, 0, 48, /* 120: CAL -1 m/s, one RDS */
		0x00, 0x00 };

	(void)state;
	/* Two bytes too many: no record has an empty FSPEC. */
	decode(block, sizeof(block));
	assert_int_equal(stats.records, 1);
	assert_int_equal(stats.faults[ASTERIX_FAULT_FSPEC], 1);
	decode((const uint8_t[]){ 48, 0, 29, 0x03, 0x21, 0x04, 0xb0, 0x40, 0xc0, 0x80, 0x01, 1, 2, 3, 4, 5, 6, 7, 0x60, 0xc0,
		0x03, 0xff, 0x01, 0, 16, 0, 32, 0, 48 }, 29);
	assert_int_equal(stats.records, 1);
	assert_int_equal(faults(), 0);
	assert_contains("\"130\":{\"SRL\":2.8125,\"SAM\":-64,\"PRL\":5.625}");
	assert_contains("\"250\":[{\"MBDATA\":\"01020304050607\",\"BDS1\":6,\"BDS2\":0}]");
	assert_contains("\"120\":{\"CAL\":{\"D\":0,\"CAL\":-1},\"RDS\":[{\"DOP\":16,\"AMB\":32,\"FRQ\":48}]}");
}

static void codes_addresses_and_names_are_strings(void **state)
{
	const uint8_t block[] = { 48, 0, 17, 0x09, 0xc0, 0x01, 0x38, 0x3c, 0x65, 0xac, 0x31, 0x92, 0x35, 0x5d, 0x78, 0x20, 0 };

	(void)state;
	decode(block, sizeof(block) - 1);
	decode((const uint8_t[]){ 48, 0, 16, 0x09, 0xc0, 0x01, 0x38, 0x3c, 0x65, 0xac, 0x48, 0x05, 0x59, 0xc8, 0x20, 0x20 }, 16);
	assert_int_equal(faults(), 0);
	assert_contains("\"070\":{\"V\":0,\"G\":0,\"L\":0,\"MODE3A\":\"0470\"}");
	assert_contains("\"220\":\"3C65AC\"");
}

static void north_marker_is_decoded(void **state)
{
	const uint8_t block[] = { 34, 0, 12, 0xe8, 34, 1, 1, 0x41, 0x6e, 0x40, 0x02, 0x00 };

	(void)state;
	assert_int_equal(decode(block, sizeof(block)), sizeof(block));
	assert_int_equal(faults(), 0);
	assert_string_equal(json, "{\"cat\":34,\"time\":null,\"items\":{\"010\":{\"SAC\":34,\"SIC\":1},\"000\":1,\"030\":33500.5,"
		"\"041\":4}}");
}

static void padding_and_trailers_are_counted_not_guessed_at(void **state)
{
	uint8_t block[sizeof(plot) + 6] = { 0 };

	(void)state;
	memcpy(block, plot, sizeof(plot));
	assert_int_equal(decode(block, sizeof(plot) + 1), sizeof(plot));
	assert_int_equal(stats.trailing_bytes, 1);
	assert_int_equal(decode(block, sizeof(block)), sizeof(plot));
	assert_int_equal(stats.trailing_bytes, 6);
	memset(block + sizeof(plot), 0xa5, 4); /* the FINAL format's trailer */
	assert_int_equal(decode(block, sizeof(plot) + 4), sizeof(plot));
	assert_int_equal(stats.trailing_bytes, 4);
	assert_int_equal(stats.records, 1);
	assert_int_equal(faults(), 0);
}

static void several_blocks_in_a_datagram_are_read(void **state)
{
	uint8_t two[2 * sizeof(plot)];

	(void)state;
	memcpy(two, plot, sizeof(plot));
	memcpy(two + sizeof(plot), plot, sizeof(plot));
	assert_int_equal(decode(two, sizeof(two)), sizeof(two));
	assert_int_equal(stats.blocks, 2);
	assert_int_equal(stats.records, 2);
}

static void each_fault_has_its_own_counter(void **state)
{
	static const struct {
		uint8_t data[24];
		size_t size;
		enum asterix_fault fault;
		uint64_t records;
	} cases[] = {
		{ { 48 }, 1, ASTERIX_FAULT_BLOCK, 0 },
		{ { 0 }, 0, ASTERIX_FAULT_BLOCK, 0 },
		{ { 48, 0, 3 }, 3, ASTERIX_FAULT_BLOCK, 0 },
		{ { 48, 0, 2, 1 }, 4, ASTERIX_FAULT_BLOCK, 0 },
		{ { 48, 0, 50, 0xf0 }, 4, ASTERIX_FAULT_BLOCK, 0 },
		{ { 0, 0, 4, 0 }, 4, ASTERIX_FAULT_BLOCK, 0 },
		{ { 254, 0, 5, 1, 2 }, 5, ASTERIX_FAULT_CATEGORY, 0 },
		{ { 48, 0, 5, 0xff, 0xff }, 5, ASTERIX_FAULT_FSPEC, 0 },
		{ { 48, 0, 13, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0 }, 13, ASTERIX_FAULT_FSPEC, 0 },
		{ { 48, 0, 9, 1, 1, 1, 1, 0x80, 0 }, 9, ASTERIX_FAULT_ITEM, 0 }, /* FRN 29 */
		{ { 34, 0, 6, 0x04, 0x20, 0 }, 6, ASTERIX_FAULT_ITEM, 0 }, /* I034/050: sub-item 3 is not used */
		{ { 48, 0, 6, 0xc0, 34, 1 }, 6, ASTERIX_FAULT_TRUNCATED, 0 },
		{ { 48, 0, 5, 0x20, 0x21 }, 5, ASTERIX_FAULT_TRUNCATED, 0 },
		{ { 48, 0, 8, 1, 1, 1, 2, 0 }, 8, ASTERIX_FAULT_LENGTH, 0 }, /* RE of length 0 */
		{ { 48, 0, 9, 1, 1, 1, 2, 9, 1 }, 9, ASTERIX_FAULT_TRUNCATED, 0 }, /* RE longer than its block */
		{ { 48, 0, 9, 0x80, 34, 1, 0x80, 34, 0 }, 8, ASTERIX_FAULT_BLOCK, 0 },
		{ { 48, 0, 8, 0x80, 34, 1, 0x80, 34 }, 8, ASTERIX_FAULT_TRUNCATED, 1 }, /* the first record is kept */
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		decode(cases[i].data, cases[i].size);
		if (stats.faults[cases[i].fault] != 1 || faults() != 1 || stats.records != cases[i].records)
			fail_msg("case %u", i);
	}
}

static void empty_fspec_octet_beyond_the_profile_is_tolerated(void **state)
{
	/* CAT048 has 28 places = 4 octets; a fifth one that announces nothing */
	const uint8_t block[] = { 48, 0, 10, 0x81, 1, 1, 1, 0, 34, 1 };

	(void)state;
	decode(block, sizeof(block));
	assert_int_equal(faults(), 0);
	assert_int_equal(stats.records, 1);
}

static void every_truncation_of_a_full_record_is_one_fault(void **state)
{
	static const uint8_t full[] = { 48, 0, 52, 0xff, 0x09, 0x02, /* FRN 1-7, 12 */
		34, 1, 0x41, 0x6e, 0x40, 0xa1, 0x01, 0x54, 0x0a, 0, 0x40, 0, 0x01, 0x38, 0x05, 0xc8, 0xfe, 1, 2, 3, 4, 5, 6, 7,
		1, 2, 3, 4, 3, 1, 2, /* 042, RE or what FRN the third octet says */
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17 };

	(void)state;
	for (size_t n = 4; n < sizeof(full); n++) {
		uint8_t block[sizeof(full)];

		memcpy(block, full, n);
		block[2] = (uint8_t)n;
		decode(block, n);
		assert_true(faults() <= 1);
	}
}

static void time_of_day_is_resolved_over_midnight(void **state)
{
	const int64_t s = INT64_C(1000000000), midnight = INT64_C(1764028800) * s;

	(void)state;
	/* 23:59:59 received 2 s after midnight; 00:00:01 by a radar ahead of us before midnight; noon */
	assert_true(asterix_time_ns(86399 * 128, midnight + 2 * s) == midnight - s);
	assert_true(asterix_time_ns(1 * 128, midnight - s) == midnight + s);
	assert_true(asterix_time_ns(43200 * 128, midnight + 43201 * s) == midnight + 43200 * s);
	assert_true(asterix_time_ns(1, midnight + s) == midnight + s / 128);
}

static void hash_covers_every_item(void **state)
{
	uint8_t block[sizeof(plot) + BITS_SLACK] = { 0 };
	uint64_t first;

	(void)state;
	decode(plot, sizeof(plot));
	memcpy(block, plot, sizeof(plot));

	struct asterix_record r = last;

	/* items[] points into a freed copy: point it at ours */
	for (unsigned i = 0; i < 4; i++)
		r.items[i] = block + 4 + (uint8_t[]){ 0, 2, 5, 6 }[i];
	first = asterix_hash(&r, 0);
	for (unsigned i = 4; i < sizeof(plot); i++) {
		block[i] ^= 0x40;
		assert_true(asterix_hash(&r, 0) != first);
		block[i] ^= 0x40;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plot_is_decoded),
		cmocka_unit_test(lsbs_are_exact),
		cmocka_unit_test(extended_item_is_read_to_its_last_octet),
		cmocka_unit_test(compound_and_repetitive_items_are_read),
		cmocka_unit_test(codes_addresses_and_names_are_strings),
		cmocka_unit_test(north_marker_is_decoded),
		cmocka_unit_test(padding_and_trailers_are_counted_not_guessed_at),
		cmocka_unit_test(several_blocks_in_a_datagram_are_read),
		cmocka_unit_test(each_fault_has_its_own_counter),
		cmocka_unit_test(empty_fspec_octet_beyond_the_profile_is_tolerated),
		cmocka_unit_test(every_truncation_of_a_full_record_is_one_fault),
		cmocka_unit_test(time_of_day_is_resolved_over_midnight),
		cmocka_unit_test(hash_covers_every_item),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
