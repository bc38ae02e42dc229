/* Packets, items and values of MISB KLV. */
#include <errno.h>

#include "tests/assert_near.h"

#include "klv_make.h"
#include "sensor/decode/format.h"
#include "sensor/decode/klv/klv_json.h"
#include "sensor/decode/klv/klv_st0601.h"
#include "sensor/decode/klv/klv_st0903.h"

#define ST0601 "060E2B34020B01010E01030101000000"

static struct klv_encode encode;
static char line[1 << 18];

struct seen {
	unsigned packets;
	enum klv_checksum checksum;
	uint64_t hash;
	struct klv_stats *stats;
};

static void take(void *user, const struct klv_packet *p)
{
	struct seen *s = user;
	struct jot j;

	s->packets++;
	s->checksum = p->checksum;
	s->hash = klv_json_hash(p, &(struct klv_stats){ 0 }, s->hash);
	jot_init(&j, line, sizeof(line) - 1);
	klv_json_put(&j, p, s->stats);
	assert_false(j.full);
	line[j.len] = 0;
}

/* Decodes a copy of exactly @size bytes; the last packet's JSON is in line. */
static struct seen decode(const uint8_t *data, size_t size, struct klv_stats *stats)
{
	struct seen s = { .stats = stats };
	uint8_t *exact = malloc(size ? size : 1);

	assert_non_null(exact);
	memcpy(exact, data, size);
	memset(stats, 0, sizeof(*stats));
	*line = 0;
	klv_decode(exact, size, stats, take, &s);
	free(exact);
	return s;
}

static struct seen decode_hex(const char *hex, struct klv_stats *stats)
{
	uint8_t data[1024];

	return decode(data, klv_make_hex(hex, data), stats);
}

static void assert_faults(const struct klv_stats *stats, enum klv_fault which, uint64_t n)
{
	for (unsigned i = 0; i < _KLV_FAULT_MAX; i++)
		assert_int_equal(stats->faults[i], i == which ? n : 0);
}

/* --- values: the examples of ST 0601.19 section 8, ST 0903 and ST 1201 --- */

static const struct example {
	const struct klv_table *table;
	unsigned number;
	const char *hex;
	double value, tolerance;
} examples[] = {
	{ &klv_st0601, 2, "000459F4A6AA4AA8", 1224807209.913, 1e-3 },
	{ &klv_st0601, 5, "71C2", 159.974365, 1e-6 },
	{ &klv_st0601, 6, "FD3D", -0.431531724, 1e-8 },
	{ &klv_st0601, 7, "08B8", 3.40586566, 1e-8 },
	{ &klv_st0601, 8, "93", 147, 0 },
	{ &klv_st0601, 9, "9F", 159, 0 },
	{ &klv_st0601, 13, "5595B66D", 60.176822966978335, 1e-12 },
	{ &klv_st0601, 14, "5B5360C4", 128.42675904204452, 1e-12 },
	{ &klv_st0601, 15, "C221", 14190.7195, 1e-4 },
	{ &klv_st0601, 16, "CD9C", 144.571298, 1e-6 },
	{ &klv_st0601, 17, "D917", 152.643626, 1e-6 },
	{ &klv_st0601, 18, "724A0A20", 160.71921143697557, 1e-12 },
	{ &klv_st0601, 19, "87F84B86", -168.79232483394085, 1e-12 },
	{ &klv_st0601, 20, "7DC55ECE", 176.86543764939194, 1e-12 },
	{ &klv_st0601, 21, "03830926", 68590.983298744770, 1e-8 },
	{ &klv_st0601, 22, "1281", 722.819867, 1e-6 },
	{ &klv_st0601, 23, "F101A229", -10.542388633146132, 1e-12 },
	{ &klv_st0601, 24, "14BC082B", 29.157890122923014, 1e-12 },
	{ &klv_st0601, 25, "34F3", 3216.03723, 1e-5 },
	{ &klv_st0601, 35, "A7C4", 235.924010, 1e-6 },
	{ &klv_st0601, 36, "B2", 69.8039216, 1e-7 },
	{ &klv_st0601, 37, "BEBA", 3725.18502, 1e-5 },
	{ &klv_st0601, 38, "CA35", 14818.6770, 1e-4 },
	{ &klv_st0601, 39, "54", 84, 0 },
	{ &klv_st0601, 40, "8F695262", -79.163850051892850, 1e-12 },
	{ &klv_st0601, 41, "765457F2", 166.40081296041646, 1e-12 },
	{ &klv_st0601, 42, "F823", 18389.0471, 1e-4 },
	{ &klv_st0601, 43, "03", 6, 0 },
	{ &klv_st0601, 44, "0F", 30, 0 },
	{ &klv_st0601, 45, "1A95", 425.215152, 1e-6 },
	{ &klv_st0601, 46, "2611", 608.9231, 1e-4 },
	{ &klv_st0601, 50, "C883", -8.67030854, 1e-8 },
	{ &klv_st0601, 51, "D3FE", -61.8878750, 1e-7 },
	{ &klv_st0601, 52, "DF79", -5.08255257, 1e-8 },
	{ &klv_st0601, 53, "6AF4", 2088.96010, 1e-5 },
	{ &klv_st0601, 54, "7670", 8306.80552, 1e-5 },
	{ &klv_st0601, 55, "81", 50.5882353, 1e-7 },
	{ &klv_st0601, 57, "B38EACF1", 3506979.0316063400, 1e-6 },
	{ &klv_st0601, 58, "A45D", 6420.53864, 1e-5 },
	{ &klv_st0601, 64, "DDC5", 311.868162, 1e-6 },
	{ &klv_st0601, 67, "85A15A39", -86.041207348947040, 1e-12 },
	{ &klv_st0601, 68, "001C501C", 0.15552755452484243, 1e-12 },
	{ &klv_st0601, 71, "172F", 32.6024262, 1e-7 },
	{ &klv_st0601, 76, "0BB3", 9.44533455, 1e-8 },
	{ &klv_st0601, 79, "09FB", 25.4977569, 1e-7 },
	{ &klv_st0601, 96, "00D92A", 13898.5463, 0.25 },
	{ &klv_st0601, 103, "2F921E", 23456.24, 0.01 },
	{ &klv_st0601, 112, "1F40", 125, 0 },
	{ &klv_st0601, 113, "05F500", 2150, 0 },
	{ &klv_st0601, 114, "05F740", 2154.5, 0 },
	{ &klv_st0601, 117, "3E9000", 1, 0 },
	{ &klv_st0601, 120, "4800", 72, 0 },
	{ &klv_st0601, 136, "1E", 30, 0 },
	{ &klv_st0601, 137, "012B8DC635", 5025678901, 0 },
	{ &klv_st0903, 11, "0640", 12.5, 0 },
	{ &klv_st0903_target, 10, "3A6667", 10, 0 },
	{ &klv_st0903_target, 11, "3E6667", 12, 0 },
};

static void published_values_are_read_and_written(void **state)
{
	for (unsigned i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *x = &examples[i];
		uint8_t data[8], back[8];
		struct klv_item item = { &x->table->tags[x->number], x->number, data, klv_make_hex(x->hex, data) };

		assert_near(klv_value_number(&item), x->value, x->tolerance);
		assert_int_equal(klv_value_write(item.tag, klv_value_number(&item), back, item.size), 0);
		assert_memory_equal(data, back, item.size);
		assert_int_equal(klv_value_write(item.tag, x->value, back, item.size), 0);
		assert_memory_equal(data, back, item.size);
	}
}

static void each_table(void (*fn)(const struct klv_tag *t, size_t size))
{
	const struct klv_table *tables[] = { &klv_st0601, &klv_st0903, &klv_st0903_target, &klv_st0903_location,
		&klv_st0903_tracker };

	for (unsigned i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (unsigned n = 0; n < tables[i]->n; n++) {
			const struct klv_tag *t = &tables[i]->tags[n];

			for (size_t size = t->min_length; t->name && t->kind < _KLV_NUMBER_MAX && size <= t->max_length; size++)
				fn(t, size);
		}
}

static double number_of(const struct klv_tag *t, const uint8_t *data, size_t size)
{
	return klv_value_number(&(struct klv_item){ t, 0, data, size });
}

/* The smallest and the largest there is come back as they went in, whatever the length; nearly, where a map rounds. */
static void check_ends(const struct klv_tag *t, size_t size)
{
	double min = (double)t->min / t->den, max = (double)t->max / t->den, step, got;
	uint8_t data[8];

	if (t->min == t->max)
		return;
	step = (max - min) / ldexp(1, (int)(8 * size) - 2);
	assert_int_equal(klv_value_write(t, min, data, size), 0);
	got = number_of(t, data, size);
	assert_near(got, min, step);
	assert_int_equal(klv_value_write(t, max, data, size), 0);
	got = number_of(t, data, size);
	assert_near(got, max, 2 * step);
}

static void both_ends_of_every_range_survive(void **state)
{
	each_table(check_ends);
}

/* What is not a value: too large, too small, not a number. */
static void check_outside(const struct klv_tag *t, size_t size)
{
	double min = (double)t->min / t->den, max = (double)t->max / t->den, span = max - min;
	const double outside[] = { min - span, max + span, (double)NAN, (double)INFINITY };
	uint8_t data[8] = { 0 };

	for (unsigned i = 0; i < 4; i++) {
		int r = klv_value_write(t, t->min == t->max ? ldexp(i == 0 ? -1 : 1, 80) : outside[i], data, size);

		if (t->kind == KLV_SIGNED || t->kind == KLV_IMAPB) {
			assert_int_equal(r, 0);
			assert_true(isnan(number_of(t, data, size)));
		} else {
			assert_int_equal(r, -ERANGE);
		}
	}
}

static void out_of_range_is_the_kinds_own_code(void **state)
{
	each_table(check_outside);
}

static void special_values_are_null(void **state)
{
	static const struct {
		const struct klv_table *table;
		unsigned number;
		const char *hex;
	} none[] = {
		{ &klv_st0601, 6, "8000" },	  /* out of range */
		{ &klv_st0601, 13, "80000000" },  /* error */
		{ &klv_st0601, 113, "C80000" },	  /* +infinity */
		{ &klv_st0601, 113, "D00000" },	  /* NaN */
		{ &klv_st0601, 113, "E00000" },	  /* below the minimum */
		{ &klv_st0601, 113, "E10000" },	  /* above the maximum */
		{ &klv_st0601, 113, "800000" },	  /* beyond 40,000 m */
		{ &klv_st0601, 2, "8000000000000000" },
	};

	for (unsigned i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		uint8_t data[8];
		size_t n = klv_make_hex(none[i].hex, data);

		assert_true(isnan(number_of(&none[i].table->tags[none[i].number], data, n)));
	}
}

static void wrong_sizes_are_refused(void **state)
{
	uint8_t data[16];

	assert_int_equal(klv_value_write(&klv_st0601.tags[13], 1, data, 3), -EINVAL);
	assert_int_equal(klv_value_write(&klv_st0601.tags[13], 1, data, 5), -EINVAL);
	assert_int_equal(klv_value_write(&klv_st0601.tags[113], 1, data, 9), -EINVAL);
	assert_int_equal(klv_value_write(&klv_st0601.tags[3], 1, data, 3), -EINVAL);
}

/* --- packets --- */

static void a_packet_is_flat_json(void **state)
{
	struct klv_stats stats;

	decode_hex(ST0601 "17 0208 0000000000000000 0D04 5595B66D 4101 13 0102 6EC0", &stats);
	assert_string_equal(line, "{\"class\":\"KLV\",\"set\":\"ST0601\",\"checksum_ok\":true,\"timestamp\":0,"
		"\"sensor_lat_deg\":60.17682296698,\"version\":19,\"checksum\":28352}");
	assert_int_equal(stats.packets, 1);
	assert_int_equal(stats.items, 4);
	assert_faults(&stats, 0, 0);
}

static void inner_sets_are_objects(void **state)
{
	struct klv_stats stats;

	klv_encode_begin(&encode, klv_set_find("ST0601"));
	klv_make_security(&encode);
	klv_encode_open(&encode, 74);
	klv_encode_open(&encode, 101);
	klv_encode_member(&encode, 1234);
	klv_encode_number(&encode, 1, 409600, 3);
	klv_encode_open(&encode, 17);
	klv_encode_number(&encode, 0, 45, 0);
	klv_encode_number(&encode, 1, -90, 0);
	klv_encode_number(&encode, 2, 100, 0);
	klv_encode_close(&encode);
	klv_encode_close(&encode);
	klv_encode_close(&encode);
	klv_encode_close(&encode);
	decode(encode.bytes, (size_t)klv_encode_end(&encode, false), &stats);
	assert_string_equal(line, "{\"class\":\"KLV\",\"set\":\"ST0601\",\"checksum_ok\":null,\"security\":{"
		"\"classification\":1,\"country_coding_method\":14,\"classifying_country\":\"//DEU\","
		"\"object_countries\":\"DEU\",\"version\":12},\"vmti\":{\"targets\":[{\"target_id\":1234,"
		"\"centroid_px\":409600,\"location\":{\"lat_deg\":45,\"lon_deg\":-90,\"hae_m\":100}}]}}");
	assert_faults(&stats, KLV_FAULT_NO_CHECKSUM, 1);
}

static void a_stale_checksum_is_flagged_and_kept(void **state)
{
	struct klv_stats stats;
	struct seen s = decode_hex(ST0601 "11 0208 0000000000000000 4101 13 0102 AA43", &stats);

	assert_int_equal(s.packets, 1);
	assert_int_equal(s.checksum, KLV_CHECKSUM_BAD);
	assert_non_null(strstr(line, "\"checksum_ok\":false"));
	assert_non_null(strstr(line, "\"version\":19"));
	assert_faults(&stats, KLV_FAULT_CHECKSUM, 1);
}

static void the_checksum_of_an_odd_number_of_bytes_is_right(void **state)
{
	uint8_t data[64];
	struct klv_stats stats;

	/* ST 0601.19 8.1: the standard's own example */
	assert_int_equal(klv_sum(data, klv_make_hex("060E 2B34 0200 81BB", data)), 0xb4fd);
	assert_int_equal(klv_sum(data, klv_make_hex("060E 2B34 0200 81BB 01", data)), 0xb5fd);
	for (unsigned length = 1; length < 4; length++) {
		klv_encode_begin(&encode, klv_set_find("ST0601"));
		klv_encode_bytes(&encode, 3, "abcd", length);
		assert_int_equal(decode(encode.bytes, (size_t)klv_encode_end(&encode, true), &stats).checksum, KLV_CHECKSUM_GOOD);
	}
}

static void lengths_may_have_four_octets_and_no_more(void **state)
{
	static const char *const good[] = { "04", "8104", "820004", "83000004", "8400000004" };
	struct klv_stats stats;
	char hex[200];

	for (unsigned i = 0; i < 5; i++) {
		snprintf(hex, sizeof(hex), ST0601 "%s 4181 01 13", good[i]);
		assert_int_equal(decode_hex(hex, &stats).packets, 1);
		assert_non_null(strstr(line, "\"version\":19"));
	}
	assert_int_equal(decode_hex(ST0601 "850000000003 410113", &stats).packets, 0);
	assert_faults(&stats, KLV_FAULT_BER, 1);
	assert_int_equal(decode_hex(ST0601 "80 410113 0000", &stats).packets, 0);
	assert_faults(&stats, KLV_FAULT_BER, 1);
	assert_int_equal(decode_hex(ST0601 "8400010000 410113", &stats).packets, 0);
	assert_faults(&stats, KLV_FAULT_BER, 1);
	assert_int_equal(decode_hex(ST0601 "82FFFF 410113", &stats).packets, 0);
	assert_faults(&stats, KLV_FAULT_TRUNCATED, 1);
}

static void an_items_long_length_ends_the_set_and_keeps_the_rest(void **state)
{
	struct klv_stats stats;

	assert_int_equal(decode_hex(ST0601 "0C 410113 0D850000000004 0506", &stats).packets, 1);
	assert_non_null(strstr(line, "\"version\":19"));
	assert_int_equal(stats.faults[KLV_FAULT_ITEM], 1);
}

static void unknown_and_oversized_items_leave_the_others(void **state)
{
	struct klv_stats stats;

	decode_hex(ST0601 "1D 8148 02 0102 0D05 0102030405 0D03 010203 410113 9F7F 01 FF 05 00 0500 00", &stats);
	assert_non_null(strstr(line, "\"version\":19"));
	assert_int_equal(stats.items, 2);
	assert_int_equal(stats.faults[KLV_FAULT_TAG], 2);
	assert_int_equal(stats.faults[KLV_FAULT_ITEM], 1);
	assert_int_equal(stats.faults[KLV_FAULT_LENGTH], 2);
	assert_int_equal(stats.faults[KLV_FAULT_REPEATED], 1);
}

static void an_empty_item_is_null(void **state)
{
	struct klv_stats stats;

	decode_hex(ST0601 "08 0500 0300 3000 4A00", &stats);
	assert_non_null(strstr(line, "\"platform_heading_deg\":null,\"mission_id\":null,\"security\":null,\"vmti\":null}"));
	assert_faults(&stats, KLV_FAULT_NO_CHECKSUM, 1);
}

static void items_that_may_repeat_are_a_list(void **state)
{
	struct klv_stats stats;

	decode_hex(ST0601 "0A 7301AA 410113 7302BBCC", &stats);
	assert_non_null(strstr(line, "\"control_commands\":[\"AA\",\"BBCC\"],\"version\":19}"));
	assert_int_equal(stats.items, 3);
}

/* found by fuzzing: a target's number stands in its table as row 0 */
static void tag_0_of_a_target_is_unknown(void **state)
{
	struct klv_stats stats;

	decode_hex(ST0601 "0A 4A08 6506 05 01 0001C1 00", &stats);
	assert_non_null(strstr(line, "\"targets\":[{\"target_id\":1}]"));
	assert_int_equal(stats.faults[KLV_FAULT_TAG], 1);
}

static void targets_beyond_the_limit_are_left_out(void **state)
{
	static uint8_t data[1 << 16];
	struct klv_stats stats;
	ssize_t n;

	klv_encode_begin(&encode, klv_set_find("ST0903"));
	klv_encode_open(&encode, 101);
	for (unsigned i = 0; i < KLV_MEMBERS_MAX + 2; i++) {
		klv_encode_member(&encode, i);
		klv_encode_close(&encode);
	}
	klv_encode_close(&encode);
	n = klv_encode_end(&encode, false);
	assert_true(n > 0);
	memcpy(data, encode.bytes, (size_t)n);
	decode(data, (size_t)n, &stats);
	assert_int_equal(stats.items, KLV_MEMBERS_MAX);
	assert_faults(&stats, KLV_FAULT_MEMBERS, 1);
}

static void garbage_between_packets_is_passed_over(void **state)
{
	uint8_t data[512] = { 0x06, 0x0e, 0x2b, 0x34, 0x02, 0x0b };
	struct klv_stats stats;
	size_t n = klv_make_small(&encode, 1764000000);

	memcpy(data + 6, encode.bytes, n);
	memset(data + 6 + n, 0x06, 10);
	memcpy(data + 16 + n, encode.bytes, n);
	assert_int_equal(decode(data, 16 + 2 * n, &stats).packets, 2);
	assert_int_equal(stats.skipped_bytes, 16);
	assert_faults(&stats, 0, 0);
}

static void another_label_is_passed_over_whole(void **state)
{
	struct klv_stats stats;

	/* within: what would be a packet of ours */
	assert_int_equal(decode_hex("060E2B34020501010000000000000000 14" ST0601 "03 410113", &stats).packets, 0);
	assert_faults(&stats, KLV_FAULT_LABEL, 1);
	assert_int_equal(stats.skipped_bytes, 0);
}

static void every_truncation_keeps_what_was_before(void **state)
{
	static uint8_t data[4096];
	struct klv_stats stats;
	size_t n = klv_make_full(&encode, 0.3), small;

	assert_true(n > 500 && n < 3000);
	memcpy(data, encode.bytes, n);
	small = klv_make_small(&encode, 1764000000);
	memmove(data + small, data, n);
	memcpy(data, encode.bytes, small);
	for (size_t size = 0; size < small + n; size++) {
		assert_int_equal(decode(data, size, &stats).packets, size >= small);
		assert_int_equal(klv_cut(data, size), size >= small ? small : 0);
		assert_int_equal(stats.faults[KLV_FAULT_TRUNCATED], size > small ? size >= small + 16 : size >= 16 && size < small);
	}
	assert_int_equal(decode(data, small + n, &stats).packets, 2);
	assert_faults(&stats, 0, 0);
	assert_int_equal(klv_cut(data, small + n), small + n);
}

/* A set cut anywhere within: the items before the cut are there. */
static void every_set_may_end_within_an_item(void **state)
{
	static uint8_t data[4096];
	struct klv_stats stats;
	size_t n = klv_make_full(&encode, 0.7);
	uint64_t items = 0;

	memcpy(data, encode.bytes, n);
	assert_int_equal(data[16], 0x82);
	for (size_t size = 0; size + 19 <= n; size++) {
		data[17] = (uint8_t)(size >> 8);
		data[18] = (uint8_t)size;
		assert_int_equal(decode(data, 19 + size, &stats).packets, 1);
		assert_true(stats.items >= items);
		assert_true(stats.faults[KLV_FAULT_ITEM] <= 4);
		items = stats.items;
	}
	assert_true(items > 180);
}

static void flipped_bits_do_no_harm(void **state)
{
	static uint8_t data[4096];
	struct klv_stats stats;
	size_t n = klv_make_full(&encode, 0.5);
	uint64_t whole = decode(encode.bytes, n, &stats).hash;

	for (size_t bit = 0; bit < 8 * n; bit++) {
		memcpy(data, encode.bytes, n);
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);

		struct seen s = decode(data, n, &stats);

		/* a single bit shows in the checksum wherever the packet is still one */
		if (s.packets) {
			assert_int_not_equal(s.checksum, KLV_CHECKSUM_GOOD);
			assert_true(s.hash != whole);
		}
	}
}

static void a_stream_is_cut_behind_whole_packets_and_garbage(void **state)
{
	uint8_t data[512];
	size_t n = klv_make_small(&encode, 1764000000);

	memset(data, 0x55, sizeof(data));
	assert_int_equal(klv_cut(data, 100), 85); /* the rest may begin a label */
	assert_int_equal(klv_cut(data, 10), 0);
	memcpy(data + 20, encode.bytes, n);
	assert_int_equal(klv_cut(data, 20 + n), 20 + n);
	assert_int_equal(klv_cut(data, 19 + n), 20);
	/* a length that will never be right waits for nothing */
	data[20 + 16] = 0x85;
	assert_int_equal(klv_cut(data, 20 + n), 20 + n - 15);
}

static void the_format_is_found_by_its_label(void **state)
{
	uint8_t data[64];
	size_t n = klv_make_hex(ST0601 "03 410113", data);

	assert_string_equal(format_guess(data, n)->name, "klv");
	data[15] = 1;
	assert_false(format_find("klv")->is(data, n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_values_are_read_and_written),
		cmocka_unit_test(both_ends_of_every_range_survive),
		cmocka_unit_test(out_of_range_is_the_kinds_own_code),
		cmocka_unit_test(special_values_are_null),
		cmocka_unit_test(wrong_sizes_are_refused),
		cmocka_unit_test(a_packet_is_flat_json),
		cmocka_unit_test(inner_sets_are_objects),
		cmocka_unit_test(a_stale_checksum_is_flagged_and_kept),
		cmocka_unit_test(the_checksum_of_an_odd_number_of_bytes_is_right),
		cmocka_unit_test(lengths_may_have_four_octets_and_no_more),
		cmocka_unit_test(an_items_long_length_ends_the_set_and_keeps_the_rest),
		cmocka_unit_test(unknown_and_oversized_items_leave_the_others),
		cmocka_unit_test(an_empty_item_is_null),
		cmocka_unit_test(items_that_may_repeat_are_a_list),
		cmocka_unit_test(tag_0_of_a_target_is_unknown),
		cmocka_unit_test(targets_beyond_the_limit_are_left_out),
		cmocka_unit_test(garbage_between_packets_is_passed_over),
		cmocka_unit_test(another_label_is_passed_over_whole),
		cmocka_unit_test(every_truncation_keeps_what_was_before),
		cmocka_unit_test(every_set_may_end_within_an_item),
		cmocka_unit_test(flipped_bits_do_no_harm),
		cmocka_unit_test(a_stream_is_cut_behind_whole_packets_and_garbage),
		cmocka_unit_test(the_format_is_found_by_its_label),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
