/* What only some categories have: two profiles, random sequences, expansion fields, runs, truncated time, frames. */
#include "tests/assert_near.h"

#include <stdlib.h>
#include <string.h>

#include "sensor/decode/asterix/asterix_hash.h"
#include "sensor/decode/asterix/asterix_json.h"
#include "sensor/decode/asterix/asterix_oradis.h"
#include "sensor/decode/asterix/asterix_profile.h"
#include "sensor/decode/asterix/asterix_time.h"

#define S INT64_C(1000000000)
#define TICK (S / 128)
#define DAY (86400 * S)
#define MIDNIGHT INT64_C(1764028800000000000) /* 2025-11-25 00:00 UTC */
#define ITEMS_MAX (256 * 255 + 3)
#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })

static struct asterix_profile profile;
static struct asterix_stats stats;
static char json[ASTERIX_JSON_MAX];

static int newest(void **state)
{
	(void)state;
	profile = asterix_profile_newest;
	return 0;
}

static void keep(void *user, const struct asterix_record *r)
{
	struct jot j;

	(void)user;
	jot_init(&j, json, sizeof(json) - 1);
	asterix_json_put(&j, r, 0);
	assert_false(j.full);
	json[j.len] = '\0';
	assert_true(asterix_hash(r, 1) != 1);
}

/* FSPEC of the FRNs in @text, e.g. "1 28". Return: its octets. */
static size_t put_fspec(uint8_t *out, const char *text)
{
	size_t n = 1;
	char *end;

	out[0] = 0;
	for (unsigned long frn; (frn = strtoul(text, &end, 10)) > 0; text = end) {
		for (; n <= (frn - 1) / 7; n++) {
			out[n - 1] |= 1;
			out[n] = 0;
		}
		out[(frn - 1) / 7] |= (uint8_t)(0x80 >> (frn - 1) % 7);
	}
	return n;
}

/* The first @size octets of a block, its length rewritten, exactly so many on the heap. */
static void decode(const uint8_t *block, size_t size)
{
	uint8_t *copy = malloc(size + BITS_SLACK);

	assert_non_null(copy);
	memcpy(copy, block, size);
	copy[1] = (uint8_t)(size >> 8);
	copy[2] = (uint8_t)size;
	memset(copy + size, 0xff, BITS_SLACK);
	memset(&stats, 0, sizeof(stats));
	json[0] = '\0';
	asterix_decode_as(&profile, copy, size, &stats, keep, NULL);
	free(copy);
}

static void each_truncation_is_one_fault(const uint8_t *block, size_t size)
{
	for (size_t n = 4; n < size && n < 64; n++) {
		uint64_t sum = 0;

		decode(block, n);
		for (unsigned i = 1; i < _ASTERIX_FAULT_MAX; i++)
			sum += stats.faults[i];
		assert_int_equal(sum, 1);
		assert_int_equal(stats.records, 0);
	}
}

/* One record of the items at @frns gives JSON with @expected in it. */
static void gives(uint8_t category, const char *frns, const uint8_t *items, size_t n, const char *expected)
{
	static uint8_t block[ITEMS_MAX + 16];
	size_t fspec = put_fspec(block + 3, frns);

	block[0] = category;
	memcpy(block + 3 + fspec, items, n);
	each_truncation_is_one_fault(block, 3 + fspec + n);
	decode(block, 3 + fspec + n);
	assert_int_equal(stats.records, 1);
	if (!strstr(json, expected))
		fail_msg("no %s in %s", expected, json);
}

static void fails(uint8_t category, const char *frns, const uint8_t *items, size_t n, enum asterix_fault fault)
{
	uint8_t block[64];
	size_t fspec = put_fspec(block + 3, frns);

	block[0] = category;
	memcpy(block + 3 + fspec, items, n);
	decode(block, 3 + fspec + n);
	assert_int_equal(stats.records, 0);
	assert_int_equal(stats.faults[fault], 1);
}

static void type_bit_chooses_cat001_profile(void **state)
{
	(void)state;
	/* FRN 3: of a plot the position, of a track its number */
	gives(1, "1 2 3", BYTES(5, 6, 0x20, 0x0a, 0x00, 0x40, 0x00), "\"040\":{\"RHO\":20,\"THETA\":90}");
	gives(1, "1 2 3", BYTES(5, 6, 0xa0, 0x01, 0x02), "\"161\":258");
	gives(1, "1 3", BYTES(5, 6, 0x0a, 0x00, 0x40, 0x00), "\"040\":{"); /* nothing says: a plot */
	gives(1, "1 2 22", BYTES(5, 6, 0x80, 0x80), "\"150\":{\"XA\":1,");
	fails(1, "1 2 22", BYTES(5, 6, 0x20, 0x80), ASTERIX_FAULT_ITEM);
	fails(1, "1 16", BYTES(5, 6, 0x20), ASTERIX_FAULT_ITEM);
}

static void sequence_gives_items_in_the_order_sent(void **state)
{
	(void)state;
	gives(2, "1 14", BYTES(5, 6, 2, 4, 0x00, 0x01, 0x00, 2, 1), "\"RFS\":[{\"030\":2},{\"000\":1}]");
	gives(2, "1 14", BYTES(5, 6, 0), "\"RFS\":[]");
	gives(1, "1 2 21", BYTES(5, 6, 0x80, 1, 3, 0x01, 0x02), "\"RFS\":[{\"161\":258}]");
	fails(2, "1 14", BYTES(5, 6, 1, 0, 0), ASTERIX_FAULT_ITEM);
	fails(2, "1 14", BYTES(5, 6, 1, 12, 0), ASTERIX_FAULT_ITEM);	   /* a spare place */
	fails(2, "1 14", BYTES(5, 6, 1, 14, 0), ASTERIX_FAULT_ITEM);	   /* itself */
	fails(2, "1 14", BYTES(5, 6, 1, 15, 0), ASTERIX_FAULT_ITEM);	   /* beyond the profile */
	fails(2, "1 14", BYTES(5, 6, 2, 2, 1), ASTERIX_FAULT_TRUNCATED); /* one announced too many */
}

static void radar_expansion_is_decoded(void **state)
{
	(void)state;
	/* MD5 with SUM and TOS, ERR; then RTC with TC and GEN48 with RCSM */
	gives(48, "1 28", BYTES(5, 6, 8, 0x88, 0x84, 0xfe, 0x40, 0x01, 0x01, 0x80),
		"\"RE\":{\"MD5\":{\"SUM\":{\"M5\":1,\"ID\":1,\"DA\":1,\"M1\":1,\"M2\":1,\"M3\":1,\"MC\":1},"
		"\"TOS\":0.5},\"ERR\":257.5}");
	gives(48, "1 28", BYTES(5, 6, 9, 0x04, 0x02, 0x00, 0x3f, 0xff, 0xff, 0xff, 0xff), /* TC */
		"{\"TCOUNT1\":1,\"TCODE1\":31,\"TCOUNT2\":15,\"TCODE2\":\"7777\",\"TCOUNT3\":15,\"TCODE3\":\"7777\"}");
	gives(48, "1 28", BYTES(5, 6, 7, 0x01, 0x08, 0x3f, 0xff, 0xff, 0xff), "{\"GEN48\":{\"RCSM\":{\"RCSM\":1073.741823}}}");
	gives(48, "1 28", BYTES(5, 6, 7, 0x02, 0x10, 0x20, 0x24, 0x12, 0x31), "{\"CPC\":{\"DATE\":\"20241231\"}}");
}

/* The length says where the record goes on; nothing is guessed. */
static void expansion_that_does_not_fit_stays_hex(void **state)
{
	(void)state;
	gives(48, "1 28", BYTES(5, 6, 4, 0x08, 0x01, 0x02), "\"RE\":\"080102\"");		   /* ERR, an octet short */
	gives(48, "1 28", BYTES(5, 6, 6, 0x08, 1, 1, 0, 9), "\"RE\":\"0801010009\"");	   /* and one too many */
	gives(48, "1 28", BYTES(5, 6, 1), "\"RE\":\"\"");
	gives(62, "1 34", BYTES(5, 6, 3, 0x04, 0x55), "\"RE\":\"0455\""); /* a subfield later than edition 1.3 */
	fails(48, "1 28", BYTES(5, 6, 0), ASTERIX_FAULT_LENGTH);
	gives(48, "1 27", BYTES(5, 6, 3, 0x08, 1), "\"SP\":\"0801\"");
}

static void track_expansion_is_decoded(void **state)
{
	(void)state;
	gives(62, "1 34", BYTES(5, 6, 13, 0xb0, 1, 34, 6, 4, 0x00, 0x60, 0x00, 0x04, 0xff, 0xfc, 0xe0),
		"\"RE\":{\"CST\":[{\"SAC\":34,\"SIC\":6,\"TYP\":4,\"LTN\":96}],\"TVS\":{\"VX\":1,\"VY\":-1},"
		"\"STS\":{\"FDR\":1,\"LNAV\":{\"EP\":1,\"VAL\":1}}}");
	gives(62, "1 34", BYTES(5, 6, 5, 0x48, 0, 0x80, 0xf0),
		"\"RE\":{\"CSN\":[],\"V3\":{\"PS3\":{\"EP\":1,\"VAL\":7}}}");
}

static void ads_b_expansion_is_decoded(void **state)
{
	(void)state;
	gives(21, "1 48", BYTES(5, 6, 11, 0xca, 0x00, 0x85, 0x05, 0x00, 0x40, 0x09, 0x80, 0x40, 0x00),
		"\"RE\":{\"BPS\":{\"BPS\":13.3},\"SH\":{\"HDR\":0,\"STAT\":1,\"SH\":90},\"SGV\":{\"STP\":0,\"HTS\":1,"
		"\"HTT\":0,\"HRD\":0,\"GSS\":0.5,\"HGT\":180},\"TNH\":90}");
}

static void air_speed_is_nm_per_s_or_mach(void **state)
{
	(void)state;
	gives(21, "1 9", BYTES(5, 6, 0x10, 0x00), "\"150\":{\"IM\":0,\"AS\":0.25}");
	gives(21, "1 9", BYTES(5, 6, 0x83, 0x10), "\"150\":{\"IM\":1,\"AS\":0.784}");
	gives(21, "1 9", BYTES(5, 6, 0x7f, 0xff), "\"AS\":1.9999389648");
	gives(21, "1 9", BYTES(5, 6, 0xff, 0xff), "\"AS\":32.767}");
}

static void first_part_may_have_two_octets(void **state)
{
	(void)state;
	gives(23, "1 6", BYTES(5, 6, 0x04, 0x20), "\"101\":{\"RP\":2,\"SC\":1}");
	gives(23, "1 6", BYTES(5, 6, 0x04, 0x21, 0x14), "\"101\":{\"RP\":2,\"SC\":1,\"SSRP\":10}");
}

static void video_is_one_run_of_octets(void **state)
{
	static uint8_t items[ITEMS_MAX];

	(void)state;
	gives(240, "1 4", BYTES(5, 6, 2, 'h', 'i'), "\"030\":\"hi\"");
	gives(240, "1 9", BYTES(5, 6, 1, 0xde, 0xad, 0xbe, 0xef), "\"050\":\"DEADBEEF\"");
	memcpy(items, (const uint8_t[]){ 5, 6, 255 }, 3);
	memset(items + 3, 0xab, sizeof(items) - 3);
	gives(240, "1 11", items, sizeof(items), "\"052\":\"ABAB");
	assert_true(strlen(json) > 2 * (ITEMS_MAX - 3));
}

static void edition_changes_what_the_octets_mean(void **state)
{
	char why[ASTERIX_PROFILE_TEXT_MAX];

	(void)state;
	gives(21, "1 4", BYTES(5, 6, 0x40), "\"015\":64");
	assert_int_equal(asterix_profile_set(&profile, 21, "0.26", why), 0);
	gives(21, "1 4", BYTES(5, 6, 0x01, 0, 0, 0, 0xff, 0, 0, 0), "\"130\":{\"LAT\":90,\"LON\":-90}");
	assert_int_equal(asterix_profile_set(&profile, 21, "0.23", why), 0);
	gives(21, "1 4", BYTES(5, 6, 0x40, 0, 0, 0xe0, 0, 0), "\"130\":{\"LAT\":90,\"LON\":-45}");
}

static void take_time(void *user, const struct asterix_record *r)
{
	int64_t near_ns = *(int64_t *)user;

	assert_true(asterix_time_of(r, near_ns, user));
}

static int64_t truncated(uint32_t ticks, int64_t near_ns)
{
	const uint8_t block[6 + BITS_SLACK] = { 1, 0, 6, 0x02, (uint8_t)(ticks >> 8), (uint8_t)ticks }; /* FRN 7: 141 */

	asterix_decode(block, 6, &stats, take_time, &near_ns);
	return near_ns;
}

/* 86,400 s are 168.75 x 512 s: at midnight the truncated time jumps back by 384 s. */
static void truncated_time_is_the_nearest_over_midnight(void **state)
{
	(void)state;
	for (int64_t t = MIDNIGHT - 900 * S; t < MIDNIGHT + 900 * S; t += 37 * S + TICK) {
		int64_t late[] = { 0, 2 * S, -2 * S, 60 * S, -60 * S };

		for (unsigned i = 0; i < sizeof(late) / sizeof(late[0]); i++)
			assert_true(truncated((uint32_t)(t % DAY / TICK) & 0xffff, t + late[i]) == t);
	}
}

static void take_near(void *user, const struct asterix_record *r)
{
	static struct asterix_time clock;
	int64_t *ns = user;

	assert_true(asterix_time_of(r, asterix_time_near(&clock, r, *ns), ns));
}

/* A replay: the radar says 08:20:00 in CAT002 when it is noon here; its CAT001 four seconds later is of 08:20:04. */
static void radar_clock_of_cat002_completes_cat001(void **state)
{
	const uint32_t first = 30000 * 128, then = 30004 * 128;
	const uint8_t service[9 + BITS_SLACK] = { 2, 0, 9, 0x90, 5, 6, (uint8_t)(first >> 16), (uint8_t)(first >> 8) };
	const uint8_t ours[8 + BITS_SLACK] = { 1, 0, 8, 0x82, 5, 6, (uint8_t)(then >> 8), (uint8_t)then };
	const uint8_t other[8 + BITS_SLACK] = { 1, 0, 8, 0x82, 5, 7, (uint8_t)(then >> 8), (uint8_t)then };
	int64_t noon = MIDNIGHT + 43200 * S, ns = noon;

	(void)state;
	asterix_decode(service, 9, &stats, take_near, &ns);
	assert_true(ns == MIDNIGHT + 30000 * S);
	ns = noon + 4 * S;
	asterix_decode(ours, 8, &stats, take_near, &ns);
	assert_true(ns == MIDNIGHT + 30004 * S);
	ns = noon + 4 * S;
	asterix_decode(other, 8, &stats, take_near, &ns); /* nothing is known of its clock: near ours */
	assert_true(llabs(ns - noon) <= 260 * S);
}

static void frames_are_taken_only_when_all_fit(void **state)
{
	const uint8_t good[] = { 0, 11, 2, 0xbb, 0x40, 0x35, 34, 0, 5, 0x80, 1, 0, 10, 2, 0xbb, 0x40, 0x35, 34, 0, 4, 0 };
	uint8_t bad[sizeof(good)];

	(void)state;
	assert_true(asterix_oradis_is(good, sizeof(good)));
	for (size_t n = 0; n < sizeof(good); n++)
		assert_int_equal(asterix_oradis_is(good, n), n == 11);
	for (unsigned i = 0; i < 4; i++) {
		memcpy(bad, good, sizeof(bad));
		bad[(const uint8_t[]){ 0, 1, 7, 8 }[i]]++;
		assert_false(asterix_oradis_is(bad, sizeof(bad)));
	}
	memcpy(bad, good, sizeof(bad));
	bad[6] = 0;
	assert_false(asterix_oradis_is(bad, sizeof(bad)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(type_bit_chooses_cat001_profile, newest),
		cmocka_unit_test_setup(sequence_gives_items_in_the_order_sent, newest),
		cmocka_unit_test_setup(radar_expansion_is_decoded, newest),
		cmocka_unit_test_setup(expansion_that_does_not_fit_stays_hex, newest),
		cmocka_unit_test_setup(track_expansion_is_decoded, newest),
		cmocka_unit_test_setup(ads_b_expansion_is_decoded, newest),
		cmocka_unit_test_setup(air_speed_is_nm_per_s_or_mach, newest),
		cmocka_unit_test_setup(first_part_may_have_two_octets, newest),
		cmocka_unit_test_setup(video_is_one_run_of_octets, newest),
		cmocka_unit_test_setup(edition_changes_what_the_octets_mean, newest),
		cmocka_unit_test(truncated_time_is_the_nearest_over_midnight),
		cmocka_unit_test(radar_clock_of_cat002_completes_cat001),
		cmocka_unit_test(frames_are_taken_only_when_all_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
