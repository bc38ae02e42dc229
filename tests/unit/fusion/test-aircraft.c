/* What an ADS-B receiver's plots become: one track an aircraft, with its address and callsign. */
#include "tests/assert_near.h"

#include <string.h>

#include "common/geo.h"
#include "fusion/tracker.h"

#define S INT64_C(1000000000)
#define T0 (1764000000 * S)
#define METRE_RAD (1 / 6378137.0)
#define LAT0 (54 * GEO_DEG)
#define LON0 (11 * GEO_DEG)

static struct track last;
static uint32_t births[64];
static unsigned n_births;

static void publish(void *user, const struct track *track)
{
	bool known = false;

	last = *track;
	for (unsigned i = 0; i < n_births; i++)
		known = known || births[i] == track->id.birth;
	if (!known && n_births < 64)
		births[n_births++] = track->id.birth;
}

static struct tracker *begin(void)
{
	struct tracker_config c;
	struct tracker *t;
	struct site site = { .feed = "adsb1", .sensor = PLOT_SENSOR_ADSB, .version = 1, .lat_rad = LAT0, .lon_rad = LON0,
		.range_sigma_m = NAN, .azimuth_sigma_rad = NAN, .max_range_m = NAN, .view_width_rad = 2 * M_PI };

	tracker_defaults(&c);
	c.lat_rad = LAT0;
	c.lon_rad = LON0;
	c.epoch = 1;
	strcpy(c.origin, "xa");
	assert_int_equal(tracker_new(&c, publish, NULL, &t), 0);
	tracker_site(t, &site);
	n_births = 0;
	memset(&last, 0, sizeof(last));
	return t;
}

static void report_at(struct tracker *t, double t_s, double east_m, double north_m, double mps, double course_rad, double alt_m)
{
	struct plot p;

	plot_init(&p, PLOT_POSITION, PLOT_SENSOR_ADSB);
	strcpy(p.feed, "adsb1");
	p.site_version = 1;
	p.recv_ns = p.time_ns = T0 + (int64_t)(t_s * 1e9);
	p.time_sigma_ns = 300000000;
	p.lat_rad = LAT0 + north_m * METRE_RAD;
	p.lon_rad = LON0 + east_m * METRE_RAD / cos(LAT0);
	p.alt_m = alt_m;
	p.cov = (struct plot_cov2){ 144, 0, 144 };
	p.id_kind = PLOT_ID_ICAO24;
	p.id = 0x4ca123;
	if (!isnan(course_rad)) {
		p.sog_mps = mps;
		p.sog_sigma_mps = 1.2;
		p.cog_rad = course_rad;
		p.cog_sigma_rad = 0.01;
	}
	tracker_plot(t, &p);
	tracker_tick(t, p.recv_ns + 10000000);
}

/* Eastward at @mps since 0; @alt_m and the velocity may be unknown. */
static void report(struct tracker *t, double t_s, double mps, bool tells_velocity, double alt_m)
{
	report_at(t, t_s, mps * t_s, 0, mps, tells_velocity ? M_PI / 2 : NAN, alt_m);
}

static void name_it(struct tracker *t, double t_s)
{
	struct plot p;

	plot_init(&p, PLOT_IDENTITY, PLOT_SENSOR_ADSB);
	strcpy(p.feed, "adsb1");
	p.recv_ns = p.time_ns = T0 + (int64_t)(t_s * 1e9);
	p.id_kind = PLOT_ID_ICAO24;
	p.id = 0x4ca123;
	strcpy(p.identity.callsign, "EIN123");
	tracker_plot(t, &p);
}

static void assert_one_aircraft(double t_s, double mps)
{
	assert_int_equal(n_births, 1);
	assert_int_equal(last.class, TRACK_CLASS_AIRCRAFT);
	assert_int_equal(last.n_ids, 1);
	assert_int_equal(last.ids[0].kind, PLOT_ID_ICAO24);
	assert_int_equal(last.ids[0].value, 0x4ca123);
	assert_int_equal(last.n_sources, 1);
	assert_int_equal(last.sources[0].sensor, PLOT_SENSOR_ADSB);
	assert_near(last.ve_mps, mps, 10);
	assert_near(last.vn_mps, 0, 10);
	assert_near((last.lon_rad - LON0) / METRE_RAD * cos(LAT0), mps * t_s, 400);
}

static void aircraft_is_one_track_with_its_name(void **state)
{
	struct tracker *t = begin();

	for (int i = 0; i < 60; i++) {
		report(t, i, 240, true, 11000);
		if (i == 5)
			name_it(t, i);
	}
	assert_one_aircraft(59, 240);
	assert_string_equal(last.identity.callsign, "EIN123");
	assert_near(last.alt_m, 11000, 1e-3);
	tracker_free(t);
}

/* Barometric altitude is no height, and a velocity comes in a message of its own: both may be missing. */
static void height_and_velocity_may_be_missing(void **state)
{
	struct tracker *t = begin();

	for (int i = 0; i < 60; i++)
		report(t, i, 240, false, NAN);
	assert_one_aircraft(59, 240);
	assert_true(isnan(last.alt_m));
	tracker_free(t);
}

/* Reports lost for a while: the same track goes on. */
static void silence_of_twenty_seconds_is_survived(void **state)
{
	struct tracker *t = begin();

	for (int i = 0; i < 90; i++)
		if (i < 30 || i >= 50)
			report(t, i, 240, i & 1, NAN);
	assert_one_aircraft(89, 240);
	tracker_free(t);
}

/* It is published while it may still be true. */
static void height_is_kept_for_half_a_minute(void **state)
{
	struct tracker *t = begin();

	for (int i = 0; i < 80; i++) {
		report(t, i, 240, true, i < 40 ? 9000 + i : NAN);
		if (i > 5)
			assert_true(i < 39 + 30 ? fabs(last.alt_m - 9000 - (i < 40 ? i : 39)) < 1e-3 : isnan(last.alt_m));
	}
	tracker_free(t);
}

static void taxiing_is_slow(void **state)
{
	struct tracker *t = begin();

	for (int i = 0; i < 60; i++)
		report(t, i, 8, true, NAN);
	assert_one_aircraft(59, 8);
	tracker_free(t);
}

/* A standard-rate turn, 3 deg/s, after a minute straight on; a report every @period seconds. */
static void turn(int period, bool always_tells_velocity)
{
	struct tracker *t = begin();
	double e = 0, n = 0, course = M_PI / 2;

	for (int i = 0; i < 180; i++) {
		if (i % period == 0)
			report_at(t, i, e, n, 150, always_tells_velocity || i & 2 ? course : NAN, NAN);
		if (i > 60)
			course = fmod(course + 3 * GEO_DEG, 2 * M_PI);
		e += 150 * sin(course);
		n += 150 * cos(course);
	}
	assert_int_equal(n_births, 1);
	assert_int_equal(last.ids[0].value, 0x4ca123);
	tracker_free(t);
}

static void turn_is_followed(void **state)
{
	turn(1, true);
	turn(2, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aircraft_is_one_track_with_its_name),
		cmocka_unit_test(height_and_velocity_may_be_missing),
		cmocka_unit_test(silence_of_twenty_seconds_is_survived),
		cmocka_unit_test(height_is_kept_for_half_a_minute),
		cmocka_unit_test(taxiing_is_slow),
		cmocka_unit_test(turn_is_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
