#include "tests/assert_near.h"

#include "common/geo.h"
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/asterix/asterix_plot.h"

#define S INT64_C(1000000000)
/* 2025-11-25 09:18:21.000 UTC: half a second behind the records' time of day */
#define RECV (INT64_C(1764028800) * S + 33501 * S)

static struct site site = {
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
	assert_near(plot.doppler_sigma_mps, 1, 0);
	assert_true(decode(RECORD(0xf1, 0x01, 0x04, HEAD, 0x20, 0x0a, 0x00, 0x40, 0x00, 0x80, 0x83, 0xfb)));
	assert_true(isnan(plot.doppler_mps) && isnan(plot.doppler_sigma_mps));
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

/* One record of @category with the items at @frns, e.g. "1 2 4". */
static bool decode_items(uint8_t category, const char *frns, const uint8_t *items, size_t n)
{
	uint8_t block[200] = { category }, *fspec = block + 3;
	size_t octets = 1;
	char *end;

	for (unsigned long frn; (frn = strtoul(frns, &end, 10)) > 0; frns = end) {
		for (; octets <= (frn - 1) / 7; octets++)
			fspec[octets - 1] |= 1;
		fspec[(frn - 1) / 7] |= (uint8_t)(0x80 >> (frn - 1) % 7);
	}
	memcpy(fspec + octets, items, n);
	block[2] = (uint8_t)(3 + octets + n);
	return decode(block, 3 + octets + n);
}

#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })
#define SOURCE 34, 1
#define TIME 0x41, 0x6e, 0x40 /* 33500.5 s */

static void assert_at(double lat_deg, double lon_deg)
{
	assert_near(plot.lat_rad, lat_deg * GEO_DEG, 1e-8);
	assert_near(plot.lon_rad, lon_deg * GEO_DEG, 1e-8);
	assert_true(plot.time_ns == RECV - S / 2);
	assert_string_equal(plot.feed, "radar1");
}

static void old_radar_gives_polar_plots(void **state)
{
	(void)state;
	assert_true(decode_items(1, "1 2 3 5 7", BYTES(SOURCE, 0x20, 0x0a, 0x00, 0x40, 0x00, 0x01, 0x90, 0x6e, 0x40)));
	assert_int_equal(plot.kind, PLOT_POLAR);
	assert_near(plot.range_m, 37040, 1e-6); /* LSB 1/128 NM */
	assert_near(plot.azimuth_rad, M_PI / 2, 1e-12);
	assert_near(plot.alt_m, 3048, 1e-6);
	assert_true(plot.time_ns == RECV - S / 2);
	/* the same of a track: position at FRN 4, level at 8, time at 9 */
	assert_true(decode_items(1, "1 2 3 4 8 9", BYTES(SOURCE, 0xa0, 0, 1, 0x0a, 0x00, 0x40, 0x00, 0x01, 0x90, 0x6e, 0x40)));
	assert_near(plot.range_m, 37040, 1e-6);
	assert_near(plot.alt_m, 3048, 1e-6);
	assert_true(plot.time_ns == RECV - S / 2);
	assert_false(decode_items(1, "1 2 3", BYTES(SOURCE, 0x00, 0x0a, 0x00, 0x40, 0x00)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_COAST);
	assert_false(decode_items(1, "1 2 3", BYTES(SOURCE, 0x60, 0x0a, 0x00, 0x40, 0x00)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_TEST);
	assert_false(decode_items(1, "1 2 3", BYTES(34, 2, 0x20, 0x0a, 0x00, 0x40, 0x00)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_SOURCE);
	assert_true(decode_items(2, "1 2 4", BYTES(SOURCE, 1, TIME)));
	assert_int_equal(plot.kind, PLOT_NORTH);
	assert_true(plot.time_ns == RECV - S / 2);
}

static void surface_radar_is_polar_where_it_measured(void **state)
{
	(void)state;
	assert_true(decode_items(10, "1 2 4 6 13", BYTES(SOURCE, 1, TIME, 0x03, 0xe8, 0x40, 0x00, 0x3c, 0x65, 0xac)));
	assert_int_equal(plot.kind, PLOT_POLAR);
	assert_near(plot.range_m, 1000, 0);
	assert_near(plot.azimuth_rad, M_PI / 2, 1e-12);
	assert_int_equal(plot.id, 0x3c65ac);
	assert_false(decode_items(10, "1 2 4 6", BYTES(SOURCE, 3, TIME, 0x03, 0xe8, 0x40, 0x00)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_KIND);
	assert_false(decode_items(10, "1 2 3 6", BYTES(SOURCE, 1, 0x61, 0x80, 0x03, 0xe8, 0x40, 0x00)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_TEST);
	assert_false(decode_items(10, "1 2 6 11", BYTES(SOURCE, 1, 0x03, 0xe8, 0x40, 0x00, 0x10)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_COAST);
}

static void surface_position_has_its_own_covariance_or_the_sites(void **state)
{
	const struct geo_point at = { site.lat_rad, site.lon_rad, site.height_m };
	struct geo_point to;

	(void)state;
	assert_true(decode_items(10, "1 2 4 5 22", BYTES(SOURCE, 1, TIME, 0x26, 0xc1, 0x6c, 0x17, 0x08, 0x00, 0x00, 0x00, 8, 12, 0, 4)));
	assert_int_equal(plot.kind, PLOT_POSITION);
	assert_at(54.5, 11.25);
	assert_near(plot.cov.ee, 4, 1e-9); /* LSB 1/4 m */
	assert_near(plot.cov.nn, 9, 1e-9);
	assert_near(plot.cov.en, 1, 1e-9);
	/* 1000 m east of the site: 20 m along, 0.3 deg or 5.2 m across */
	assert_true(decode_items(10, "1 2 4 7", BYTES(SOURCE, 1, TIME, 0x03, 0xe8, 0x00, 0x00)));
	geo_direct(&at, M_PI / 2, 1000, &to);
	assert_near(plot.lat_rad, to.lat_rad, 1e-12);
	assert_near(plot.lon_rad, to.lon_rad, 1e-12);
	assert_near(sqrt(plot.cov.ee), 20, 0.01);
	assert_near(sqrt(plot.cov.nn), 5.236, 0.01);
	/* a correlation beyond 1 is none: it is held below, the ellipse stays one */
	assert_true(decode_items(10, "1 2 4 5 22", BYTES(SOURCE, 1, TIME, 0x26, 0xc1, 0x6c, 0x17, 0x08, 0, 0, 0, 8, 12, 0x7f, 0xff)));
	assert_true(plot.cov.ee * plot.cov.nn > plot.cov.en * plot.cov.en);
	assert_false(decode_items(10, "1 2 4", BYTES(SOURCE, 1, TIME)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_POSITION);
	assert_false(decode_items(10, "1 2 5", BYTES(SOURCE, 1, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_POSITION);
}

#define HIGH_RESOLUTION 0x13, 0x60, 0xb6, 0x0b, 0xfc, 0x00, 0x00, 0x00 /* 54.5 N, 11.25 W; LSB 180/2^30 */

static void ads_b_report_is_a_position_of_an_aircraft(void **state)
{
	(void)state;
	/* version 2, NIC 7, NACp 9: 30 m in 95 % */
	assert_true(decode_items(21, "1 2 5 7 11 16 17 18 26 29", BYTES(SOURCE, 0x00, TIME, HIGH_RESOLUTION, 0x3c, 0x65, 0xac, 0x01, 0x00,
		0x0f, 0x12, 0x10, 0x08, 0x00, 0x40, 0x00, 0x10, 0xc2, 0x31, 0x04, 0x28, 0x20)));
	assert_int_equal(plot.kind, PLOT_POSITION);
	assert_int_equal(plot.sensor, PLOT_SENSOR_ADSB);
	assert_at(54.5, -11.25);
	assert_near(sqrt(plot.cov.ee), 30 / 2.4477, 1e-6);
	assert_near(plot.alt_m, 256 * 6.25 * 0.3048, 1e-9);
	assert_near(plot.sog_mps, 2048 * 1852.0 / 16384, 1e-9);
	assert_near(plot.cog_rad, M_PI / 2, 1e-12);
	assert_int_equal(plot.id_kind, PLOT_ID_ICAO24);
	assert_int_equal(plot.id, 0x3c65ac);
	assert_string_equal(plot.identity.callsign, "DLH1AB");
}

static void ads_b_accuracy_is_what_the_version_says(void **state)
{
	(void)state;
	assert_true(decode_items(21, "1 7 17", BYTES(SOURCE, HIGH_RESOLUTION, 0x0e))); /* no version: NUCp 7 */
	assert_near(sqrt(plot.cov.nn), 92.6 / 2.4477, 1e-6);
	assert_true(decode_items(21, "1 7 17 18", BYTES(SOURCE, HIGH_RESOLUTION, 0x0e, 0x10))); /* version 2: NIC 7 */
	assert_near(sqrt(plot.cov.nn), 370.4 / 2.4477, 1e-6);
	assert_true(decode_items(21, "1 7", BYTES(SOURCE, HIGH_RESOLUTION))); /* nothing: 10 NM */
	assert_near(sqrt(plot.cov.nn), 18520 / 2.4477, 1e-6);
	assert_int_equal(plot.id_kind, PLOT_ID_NONE);
}

static void doubtful_ads_b_is_dropped(void **state)
{
	(void)state;
	assert_false(decode_items(21, "1 2 7", BYTES(SOURCE, 0x02, HIGH_RESOLUTION))); /* RAB */
	assert_int_equal(drop, ASTERIX_PLOT_DROP_TEST);
	assert_false(decode_items(21, "1 2 7", BYTES(SOURCE, 0x01, 0x20, HIGH_RESOLUTION))); /* SIM */
	assert_int_equal(drop, ASTERIX_PLOT_DROP_TEST);
	assert_false(decode_items(21, "1 2 7", BYTES(SOURCE, 0x01, 0x01, 0x20, HIGH_RESOLUTION))); /* IPC */
	assert_int_equal(drop, ASTERIX_PLOT_DROP_POSITION);
	assert_false(decode_items(21, "1 2", BYTES(SOURCE, 0x00)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_POSITION);
	/* an anonymous address is nobody's identity */
	assert_true(decode_items(21, "1 2 7 11", BYTES(SOURCE, 0x60, HIGH_RESOLUTION, 0x3c, 0x65, 0xac)));
	assert_int_equal(plot.id_kind, PLOT_ID_NONE);
}

/* An aircraft's slant range without its height: halfway up, and as unsure as that makes its place on the ground. */
static void aircraft_of_no_height_is_unsure_in_range(void **state)
{
	struct site surface = site;
	double range_m, sigma_m = site.range_sigma_m;

	(void)state;
	site.targets = SITE_TARGETS_AIR;
	assert_true(decode_items(48, "1 2 3 4", BYTES(SOURCE, TIME, 0x20, 0x40, 0x00, 0x40, 0x00))); /* 64 NM east */
	site.targets = surface.targets;

	const struct geo_point at = { site.lat_rad, site.lon_rad, site.height_m };
	const struct geo_point to = { plot.lat_rad, plot.lon_rad, 0 };

	geo_inverse(&at, &to, &range_m, NULL);
	assert_true(isnan(plot.alt_m));
	/* 6 km up by Pythagoras, and the arc below a straight line: h / 2 R of it */
	assert_near(range_m, sqrt(plot.range_m * plot.range_m - 36e6) * (1 - 3000 / 6371e3), 25);
	assert_near(plot.range_sigma_m, hypot(sigma_m, 3464 * (6000 / plot.range_m + plot.range_m / 2 / 6371e3)), 15);
	/* nearer than it may be high: as before */
	site.targets = SITE_TARGETS_AIR;
	assert_true(decode_items(48, "1 2 3 4", BYTES(SOURCE, TIME, 0x20, 0x01, 0x00, 0x40, 0x00)));
	site.targets = surface.targets;
	assert_true(plot.range_sigma_m < sigma_m + 5);
}

static void system_track_is_a_position_with_its_accuracy(void **state)
{
	(void)state;
	/* 54.5 N 11.25 E, (-3, 4) m/s; I062/380 ADR and ID; FL 100; I062/500 APC 10 m, 20 m, COV -10 (-100 m2) */
	assert_true(decode_items(62, "1 4 5 7 11 12 17 27", BYTES(SOURCE, TIME, 0x00, 0x9b, 0x05, 0xb0, 0x00, 0x20, 0x00, 0x00,
		0xff, 0xf4, 0x00, 0x10, 0xc0, 0x3c, 0x65, 0xac, 0x10, 0xc2, 0x31, 0x04, 0x28, 0x20, 0x12, 0x34, 0x01, 0x90,
		0xc0, 0x00, 0x14, 0x00, 0x28, 0xff, 0xec)));
	assert_int_equal(plot.kind, PLOT_POSITION);
	assert_near(plot.lat_rad, 54.5 * GEO_DEG, 1e-7);
	assert_near(plot.lon_rad, 11.25 * GEO_DEG, 1e-7);
	assert_near(plot.sog_mps, 5, 1e-9);
	assert_near(plot.cog_rad, 2 * M_PI - atan2(3, 4), 1e-9);
	assert_near(plot.cov.ee, 100, 1e-9);
	assert_near(plot.cov.nn, 400, 1e-9);
	assert_near(plot.cov.en, -100, 1e-9);
	assert_near(plot.alt_m, 3048, 1e-6);
	assert_int_equal(plot.id, 0x3c65ac);
	assert_string_equal(plot.identity.callsign, "DLH1AB");
	assert_int_equal(plot.sender_track, 1 + (0x2201 << 16 | 0x1234));
	assert_false(plot.sender_tentative);
	/* nothing said: 500 m RMS */
	assert_true(decode_items(62, "1 4 5 12", BYTES(SOURCE, TIME, 0x00, 0x9b, 0x05, 0xb0, 0x00, 0x20, 0x00, 0x00, 0, 1)));
	assert_near(sqrt(plot.cov.ee + plot.cov.nn), 500, 1e-6);
	/* APW alone: 10 and 20 LSB of 180/2^25 degrees, 0.597 m each of latitude */
	assert_true(decode_items(62, "1 4 5 12 27", BYTES(SOURCE, TIME, 0x00, 0x9b, 0x05, 0xb0, 0x00, 0x20, 0x00, 0x00, 0, 1, 0x20, 0, 10, 0,
		20)));
	assert_near(sqrt(plot.cov.nn), 5.97, 0.01);
	assert_near(sqrt(plot.cov.ee), 11.93 * cos(54.5 * GEO_DEG), 0.02);
}

static void system_track_tells_its_velocity_s_accuracy(void **state)
{
	(void)state;
	/* (0, 8) m/s; APC and ATV 0.5 and 2 m/s: across and along a course of north */
	assert_true(decode_items(62, "1 5 7 12 27", BYTES(SOURCE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 1, 0x84, 0, 20, 0, 40, 2, 8)));
	assert_near(plot.sog_mps, 8, 1e-9);
	assert_near(plot.sog_sigma_mps, 2, 1e-9);
	assert_near(plot.cog_sigma_rad, 0.5 / 8, 1e-9);
	/* an accuracy of nothing is its LSB */
	assert_true(decode_items(62, "1 5 7 12 27", BYTES(SOURCE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 1, 0x04, 0, 0)));
	assert_near(plot.sog_sigma_mps, 0.25, 1e-9);
}

/* I062/080 CNF is the sender's own doubt; what has no number cannot be followed. */
static void system_track_has_a_number_and_its_sender_s_doubt(void **state)
{
	(void)state;
	assert_true(decode_items(62, "1 5 12 13", BYTES(SOURCE, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0x02)));
	assert_true(plot.sender_tentative);
	assert_int_equal(plot.sender_track & 0xffff, 0);
	assert_false(decode_items(62, "1 5", BYTES(SOURCE, 0, 0, 0, 0, 0, 0, 0, 0)));
	assert_int_equal(drop, ASTERIX_PLOT_DROP_POSITION);
	/* a radar's own measurement is none */
	assert_true(decode_items(48, "1 2 3 4", BYTES(SOURCE, TIME, 0x20, 0x10, 0x00, 0x40, 0x00)));
	assert_int_equal(plot.sender_track, 0);
}

static void track_without_measurement_is_dropped(void **state)
{
	(void)state;
	assert_false(decode_items(62, "1 5 13", BYTES(SOURCE, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x80))); /* SIM */
	assert_int_equal(drop, ASTERIX_PLOT_DROP_TEST);
	assert_false(decode_items(62, "1 5 13", BYTES(SOURCE, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x40))); /* TSE */
	assert_int_equal(drop, ASTERIX_PLOT_DROP_COAST);
	assert_false(decode_items(62, "1 5 13", BYTES(SOURCE, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x01, 0x01, 0x80))); /* CST */
	assert_int_equal(drop, ASTERIX_PLOT_DROP_COAST);
	assert_false(decode_items(62, "1 6", BYTES(SOURCE, 0, 0, 0, 0, 0, 0))); /* Cartesian of an unknown centre */
	assert_int_equal(drop, ASTERIX_PLOT_DROP_POSITION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(target_report_becomes_a_polar_plot),
		cmocka_unit_test(aircraft_of_no_height_is_unsure_in_range),
		cmocka_unit_test(covariance_is_the_polar_noise_turned),
		cmocka_unit_test(aircraft_keeps_address_level_and_call_sign),
		cmocka_unit_test(doppler_is_signed_and_doubtful_is_unknown),
		cmocka_unit_test(what_is_no_measurement_is_dropped_with_its_reason),
		cmocka_unit_test(time_of_day_far_from_now_is_not_believed),
		cmocka_unit_test(north_marker_is_a_north_plot),
		cmocka_unit_test(old_radar_gives_polar_plots),
		cmocka_unit_test(surface_radar_is_polar_where_it_measured),
		cmocka_unit_test(surface_position_has_its_own_covariance_or_the_sites),
		cmocka_unit_test(ads_b_report_is_a_position_of_an_aircraft),
		cmocka_unit_test(ads_b_accuracy_is_what_the_version_says),
		cmocka_unit_test(doubtful_ads_b_is_dropped),
		cmocka_unit_test(system_track_is_a_position_with_its_accuracy),
		cmocka_unit_test(system_track_tells_its_velocity_s_accuracy),
		cmocka_unit_test(system_track_has_a_number_and_its_sender_s_doubt),
		cmocka_unit_test(track_without_measurement_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
