#include "tests/assert_near.h"

#include "common/geo.h"
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/asterix/asterix_plot.h"

#define S INT64_C(1000000000)
/* 2025-11-25 09:18:21.000 UTC: half a second behind the records' time of day */
#define RECV (INT64_C(1764028800) * S + 33501 * S)

static const struct site site = {
	.feed = "radar1",
	.sensor = PLOT_SENSOR_RADAR,
	.version = 3,
	.lat_rad = 54.495 * GEO_DEG,
	.lon_rad = 11.238 * GEO_DEG,
	.height_m = 60,
	.range_sigma_m = 20,
	.azimuth_sigma_rad = 0.3 * GEO_DEG,
};
static struct plotting plotting = { &site, 34, 1, RECV, 0 };
static struct plot plot;
static enum asterix_plot_drop drop;
static bool given, bad_time;

static void take(void *user, const struct asterix_record *r)
{
	(void)user;
	given = asterix_plot(r, &plotting, &plot, &drop, &bad_time);
}

static bool decode(const uint8_t *data, size_t size)
{
	struct asterix_stats stats = { 0 };
	uint8_t copy[256];

	memcpy(copy, data, size);
	drop = _ASTERIX_PLOT_DROP_MAX;
	given = bad_time = false;
	asterix_decode(copy, size, &stats, take, NULL);
	assert_int_equal(stats.records, 1);
	return given;
}

#define RECORD(...) (const uint8_t[]){ 48, 0, sizeof((uint8_t[]){ __VA_ARGS__ }) + 3, __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ }) + 3
#define HEAD 34, 1, 0x41, 0x6e, 0x40 /* I010, I140 = 33500.5 s */

static void target_report_becomes_a_polar_plot(void **state)
{
	const struct geo_point at = { site.lat_rad, site.lon_rad, site.height_m };
	struct geo_point to;

	(void)state;
	assert_true(decode(RECORD(0xf0, HEAD, 0x20, 0x0a, 0x00, 0x40, 0x00)));
	assert_int_equal(plot.kind, PLOT_POLAR);
	assert_int_equal(plot.sensor, PLOT_SENSOR_RADAR);
	assert_string_equal(plot.feed, "radar1");
	assert_int_equal(plot.site_version, 3);
	assert_near(plot.range_m, 18520, 1e-6); /* 10 NM */
	assert_near(plot.azimuth_rad, 1.5707963267948966, 1e-12);
	assert_int_equal(geo_slant(&at, 18520, 1.5707963267948966, NAN, &to), 0);
	assert_near(plot.lat_rad, to.lat_rad, 1e-12);
	assert_near(plot.lon_rad, to.lon_rad, 1e-12);
	assert_true(plot.time_ns == RECV - S / 2);
	assert_true(plot.time_sigma_ns < S / 100);
	assert_true(plot.recv_ns == RECV);
	assert_int_equal(plot.id_kind, PLOT_ID_NONE);
	assert_true(isnan(plot.alt_m) && isnan(plot.doppler_mps) && isnan(plot.sog_mps));
	assert_false(bad_time);
}

/* notes/tracking.md 2.2: at 18.52 km, 0.3 deg is 97 m across; due east the range is the east axis */
static void covariance_is_the_polar_noise_turned(void **state)
{
	(void)state;
	assert_true(decode(RECORD(0xf0, HEAD, 0x20, 0x0a, 0x00, 0x40, 0x00)));
	assert_near(sqrt(plot.cov.ee), 20.1, 0.1);
	assert_near(sqrt(plot.cov.nn), 96.97, 0.1);
	assert_near(plot.cov.en, 0, 1e-6);
	assert_true(decode(RECORD(0xf0, HEAD, 0x20, 0x0a, 0x00, 0x20, 0x00))); /* north-east */
	assert_near(plot.cov.ee, plot.cov.nn, 1e-6);
	assert_true(plot.cov.en < 0);
	assert_true(plot.cov.ee * plot.cov.nn - plot.cov.en * plot.cov.en > 0);
	assert_near(plot.cov.ee + plot.cov.nn, 20.1 * 20.1 + 96.97 * 96.97, 20);
}

static void aircraft_keeps_address_level_and_call_sign(void **state)
{
	(void)state;
	/* FRN 1-4, 6 (090), 8 (220), 9 (240): FL 100, 3C65AC, "DLH1AB" */
	assert_true(decode(RECORD(0xf5, 0xc0, HEAD, 0xa0, 0x50, 0x00, 0x40, 0x00, 0x01, 0x90, 0x3c, 0x65, 0xac, 0x10, 0xc2,
		0x31, 0x04, 0x28, 0x20)));
	assert_int_equal(plot.id_kind, PLOT_ID_ICAO24);
	assert_int_equal(plot.id, 0x3c65ac);
	assert_near(plot.alt_m, 3048, 1e-6);
	assert_string_equal(plot.identity.callsign, "DLH1AB");
}

static void doppler_is_signed_and_doubtful_is_unknown(void **state)
{
	(void)state;
	/* FRN 20 (120): CAL -5 m/s */
	assert_true(decode(RECORD(0xf1, 0x01, 0x04, HEAD, 0x20, 0x0a, 0x00, 0x40, 0x00, 0x80, 0x03, 0xfb)));
	assert_near(plot.doppler_mps, -5, 0);
	assert_true(decode(RECORD(0xf1, 0x01, 0x04, HEAD, 0x20, 0x0a, 0x00, 0x40, 0x00, 0x80, 0x83, 0xfb)));
	assert_true(isnan(plot.doppler_mps));
}

static void what_is_no_measurement_is_dropped_with_its_reason(void **state)
{
	(void)state;
	assert_false(decode(RECORD(0xe0, HEAD, 0x20)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_POSITION);
	assert_false(decode(RECORD(0xf0, HEAD, 0x00, 0x0a, 0x00, 0x40, 0x00)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_COAST);
	assert_false(decode(RECORD(0xf0, HEAD, 0x30, 0x0a, 0x00, 0x40, 0x00))); /* SIM */
	assert_int_equal(drop, ASTERIX_PLOT_DROP_TEST);
	assert_false(decode(RECORD(0xf0, HEAD, 0x21, 0x80, 0x0a, 0x00, 0x40, 0x00))); /* TST */
	assert_int_equal(drop, ASTERIX_PLOT_DROP_TEST);
	assert_false(decode(RECORD(0xf0, HEAD, 0x21, 0x40, 0xff, 0xff, 0x40, 0x00))); /* ERR */
	assert_int_equal(drop, ASTERIX_PLOT_DROP_POSITION);
	assert_false(decode(RECORD(0xf0, HEAD, 0x20, 0x00, 0x00, 0x40, 0x00)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_POSITION);
	assert_false(decode(RECORD(0xf0, 34, 2, 0x41, 0x6e, 0x40, 0x20, 0x0a, 0x00, 0x40, 0x00)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_SOURCE);
}

static void time_of_day_far_from_now_is_not_believed(void **state)
{
	(void)state;
	assert_true(decode(RECORD(0xf0, 34, 1, 0x51, 0x6e, 0x40, 0x20, 0x0a, 0x00, 0x40, 0x00)));
	assert_true(bad_time);
	assert_true(plot.time_ns == RECV);
	assert_true(plot.time_sigma_ns >= S / 2);
}

static void north_marker_is_a_north_plot(void **state)
{
	(void)state;
	assert_true(decode((const uint8_t[]){ 34, 0, 10, 0xe0, 34, 1, 1, 0x41, 0x6e, 0x40 }, 10));
	assert_int_equal(plot.kind, PLOT_NORTH);
	assert_true(plot.time_ns == RECV - S / 2);
	assert_false(decode((const uint8_t[]){ 34, 0, 10, 0xe0, 34, 1, 2, 0x41, 0x6e, 0x40 }, 10));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_KIND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(target_report_becomes_a_polar_plot),
		cmocka_unit_test(covariance_is_the_polar_noise_turned),
		cmocka_unit_test(aircraft_keeps_address_level_and_call_sign),
		cmocka_unit_test(doppler_is_signed_and_doubtful_is_unknown),
		cmocka_unit_test(what_is_no_measurement_is_dropped_with_its_reason),
		cmocka_unit_test(time_of_day_far_from_now_is_not_believed),
		cmocka_unit_test(north_marker_is_a_north_plot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
