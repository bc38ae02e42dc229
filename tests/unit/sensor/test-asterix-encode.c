/* decode(encode(x)) == x for CAT048 and CAT034. */
#include <errno.h>
#include <string.h>

#include "common/geo.h"
#include "sensor/decode/asterix/asterix_encode.h"
#include "sensor/decode/asterix/cat034.h"
#include "sensor/decode/asterix/cat048.h"
#include "tests/assert_near.h"

#define NOON INT64_C(1748779200000000000) /* 2025-06-01T12:00:00Z */

struct found {
	unsigned n;
	uint8_t cat[64];
	uint64_t present[64];
	uint32_t first[64][ASTERIX_UAP_MAX]; /* each item's first 32 bits */
};

static void sink(void *user, const struct asterix_record *r)
{
	struct found *f = user;
	f->cat[f->n] = r->category->cat;
	f->present[f->n] = r->present;
	for (unsigned i = 0; i < ASTERIX_UAP_MAX; i++)
		if (asterix_has(r, i))
			f->first[f->n][i] = (uint32_t)bits_get(r->items[i], 0, 32);
	f->n++;
}

static void decode(const struct asterix_encode_buffer *b, struct found *f)
{
	uint8_t bytes[ASTERIX_ENCODE_MAX + BITS_SLACK] = { 0 };
	struct asterix_stats stats = { 0 };
	memcpy(bytes, b->bytes, b->n);
	*f = (struct found){ 0 };
	assert_int_equal(asterix_decode(bytes, b->n, &stats, sink, f), b->n);
	assert_int_equal(stats.trailing_bytes, 0);
	for (unsigned i = 0; i < _ASTERIX_FAULT_MAX; i++)
		assert_int_equal(stats.faults[i], 0);
}

static struct asterix_encode_plot plot(void)
{
	struct asterix_encode_plot p;
	asterix_encode_plot_init(&p);
	p.sac = 77;
	p.sic = 2;
	p.time_ns = NOON + 500000000;
	p.detection = ASTERIX_ENCODE_PSR;
	p.range_m = 10 * 1852.0;
	p.azimuth_rad = M_PI / 2;
	return p;
}

static void plot_survives(void **state)
{
	struct asterix_encode_buffer b = { 0 };
	struct asterix_encode_plot p = plot();
	struct found f;
	asterix_encode_begin(&b, 48);
	assert_int_equal(asterix_encode_048(&b, &p), 0);
	asterix_encode_end(&b);
	decode(&b, &f);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.cat[0], 48);
	assert_int_equal(f.present[0], 0xf);
	assert_int_equal(f.first[0][CAT048_I010] >> 16, 77 << 8 | 2);
	assert_int_equal(f.first[0][CAT048_I140] >> 8, 43200 * 128 + 64);
	assert_int_equal(f.first[0][CAT048_I020] >> 24, 0x20); /* single PSR detection, not simulated */
	assert_int_equal(f.first[0][CAT048_I040] >> 16, 2560);
	assert_int_equal(f.first[0][CAT048_I040] & 0xffff, 16384);
}

static void every_item_is_where_the_profile_has_it(void **state)
{
	struct asterix_encode_buffer b = { 0 };
	struct asterix_encode_plot p = plot();
	struct found f;
	p.mode3a = 07654;
	p.flight_level = 100;
	p.runlength_rad = 1.2 * GEO_DEG;
	p.amplitude_dbm = -61;
	p.track = 321;
	p.tentative = true;
	p.sog_mps = 1852;
	p.cog_rad = M_PI;
	p.doppler_mps = -3;
	asterix_encode_begin(&b, 48);
	assert_int_equal(asterix_encode_048(&b, &p), 0);
	assert_int_equal(asterix_encode_048(&b, &p), 0);
	asterix_encode_end(&b);
	decode(&b, &f);
	assert_int_equal(f.n, 2);
	assert_int_equal(f.first[1][CAT048_I070] >> 16, 07654);
	assert_int_equal(f.first[1][CAT048_I090] >> 16, 400);
	assert_int_equal(f.first[1][6] >> 8, 0x18 << 16 | 27 << 8 | 0xc3); /* I048/130: 1.2 deg in 360/8192; -61 */
	assert_int_equal(f.first[1][10] >> 16, 321);			   /* I048/161 */
	assert_int_equal(f.first[1][12], 16384u << 16 | 32768);	   /* I048/200 */
	assert_int_equal(f.first[1][13] >> 24, 0xa0);			   /* I048/170: tentative PSR track */
	assert_int_equal(f.first[1][CAT048_I120] >> 8, 0x8003fd);	   /* CAL, -3 in ten bits */
}

static void midnight_wraps(void **state)
{
	struct asterix_encode_buffer b = { 0 };
	struct asterix_encode_plot p = plot();
	struct found f;
	p.time_ns = NOON + INT64_C(43200000000000) - 1000000; /* a millisecond before: nearer to 0 than to 1/128 s earlier */
	asterix_encode_begin(&b, 48);
	assert_int_equal(asterix_encode_048(&b, &p), 0);
	asterix_encode_end(&b);
	decode(&b, &f);
	assert_int_equal(f.first[0][CAT048_I140] >> 8, 0);
}

static void service_messages_survive(void **state)
{
	struct asterix_encode_buffer b = { 0 };
	struct asterix_encode_service s = { .sac = 77, .sic = 1, .time_ns = NOON, .period_s = 2.5, .plots = 41,
		.sector_rad = M_PI / 2, .lat_rad = 54.4955 * GEO_DEG, .lon_rad = 11.238 * GEO_DEG, .height_m = 40 };
	struct found f;
	asterix_encode_begin(&b, 34);
	assert_int_equal(asterix_encode_034_north(&b, &s), 0);
	assert_int_equal(asterix_encode_034_sector(&b, &s), 0);
	asterix_encode_end(&b);
	decode(&b, &f);
	assert_int_equal(f.n, 2);
	assert_int_equal(f.first[0][1] >> 24, 1); /* I034/000: north marker */
	assert_int_equal(f.first[0][2] >> 8, 43200 * 128);
	assert_int_equal(f.first[0][4] >> 16, 320); /* I034/041: 2.5 s */
	assert_int_equal(f.first[0][7] >> 8, 1 << 16 | 1 << 11 | 41);
	assert_int_equal(f.first[0][10] >> 16, 40);
	assert_int_equal(f.first[1][1] >> 24, 2);
	assert_int_equal(f.first[1][3] >> 24, 64); /* I034/020: 90 degrees */
}

static void beyond_the_range_or_the_datagram_is_refused(void **state)
{
	struct asterix_encode_buffer b = { 0 };
	struct asterix_encode_plot p = plot();
	unsigned n = 0;
	int r;
	asterix_encode_begin(&b, 48);
	p.range_m = 257 * 1852.0;
	assert_int_equal(asterix_encode_048(&b, &p), -ERANGE);
	p.range_m = NAN;
	assert_int_equal(asterix_encode_048(&b, &p), -ERANGE);
	p.range_m = 1000;
	while ((r = asterix_encode_048(&b, &p)) == 0)
		n++;
	assert_int_equal(r, -ENOSPC);
	assert_true(n > 100 && b.n <= ASTERIX_ENCODE_MAX);
	asterix_encode_end(&b);
	struct asterix_encode_buffer empty = { 0 };
	asterix_encode_begin(&empty, 48);
	asterix_encode_end(&empty);
	assert_int_equal(empty.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plot_survives),
		cmocka_unit_test(every_item_is_where_the_profile_has_it),
		cmocka_unit_test(midnight_wraps),
		cmocka_unit_test(service_messages_survive),
		cmocka_unit_test(beyond_the_range_or_the_datagram_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
