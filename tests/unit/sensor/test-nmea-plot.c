#include "tests/assert_near.h"

#include "common/geo.h"
#include "nmea_make.h"
#include "sensor/decode/nmea/nmea_plot.h"

#define S INT64_C(1000000000)
#define NOON (INT64_C(20417) * 86400 * S + 43200 * S) /* 2025-11-25 12:00:00 UTC */

static const struct site site = {
	.feed = "radar1",
	.sensor = PLOT_SENSOR_RADAR,
	.version = 3,
	.lat_rad = 54.5 * GEO_DEG,
	.lon_rad = 11.25 * GEO_DEG,
	.height_m = 60,
	.range_sigma_m = 40,
	.azimuth_sigma_rad = 0.5 * GEO_DEG,
	.scan_period_ns = 3 * S,
};
static const struct geo_point mast = { 54.5 * GEO_DEG, 11.25 * GEO_DEG, 60 };

static struct plotting p;
static struct nmea_own own;
static struct plot plots[NMEA_PLOT_MAX];
static uint64_t drops[_NMEA_PLOT_DROP_MAX], times_bad;
static struct nmea_made d;
static char line[NMEA_MAKE_MAX];

static int set_up(void **state)
{
	(void)state;
	p = (struct plotting){ .site = &site, .recv_ns = NOON };
	memset(&own, 0, sizeof(own));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(d.bytes);
	memset(&d, 0, sizeof(d));
	return 0;
}

/* One sentence, as the format takes it; counts are of this one. */
static unsigned take(const char *body)
{
	memset(drops, 0, sizeof(drops));
	times_bad = 0;
	nmea_make('$', body, line);
	nmea_made_decode(&d, line, strlen(line));
	assert_int_equal(d.messages, 1);
	nmea_own_take(&own, &d.last, p.recv_ns);
	return nmea_plot(&d.last, &own, &p, plots, drops, &times_bad);
}

static void assert_dropped(const char *body, enum nmea_plot_drop why)
{
	assert_int_equal(take(body), 0);
	for (unsigned i = 0; i < _NMEA_PLOT_DROP_MAX; i++)
		if (drops[i] != (i == why))
			fail_msg("%s: drop %u is %u", body, i, (unsigned)drops[i]);
}

/* Distance of a plot from where @azimuth_deg and @range_m lead from @from. */
static double off_m(const struct plot *plot, const struct geo_point *from, double azimuth_deg, double range_m)
{
	struct geo_point want, got = { plot->lat_rad, plot->lon_rad, 0 };
	double m;

	assert_int_equal(geo_slant(from, range_m, azimuth_deg * GEO_DEG, NAN, &want), 0);
	want.height_m = 0;
	geo_inverse(&want, &got, &m, NULL);
	return m;
}

static void ttm_becomes_a_polar_plot(void **state)
{
	(void)state;
	assert_int_equal(take("RATTM,02,5.40,090.0,T,8.6,264.5,T,1.42,-36.9,N,,T,,115959.50,A"), 1);
	assert_int_equal(plots[0].kind, PLOT_POLAR);
	assert_int_equal(plots[0].sensor, PLOT_SENSOR_RADAR);
	assert_string_equal(plots[0].feed, "radar1");
	assert_int_equal(plots[0].site_version, 3);
	assert_near(plots[0].range_m, 5.4 * 1852, 1e-6);
	assert_near(plots[0].azimuth_rad / GEO_DEG, 90, 1e-9);
	assert_near(off_m(&plots[0], &mast, 90, 5.4 * 1852), 0, 1e-3);
	/* 0.01 NM and 0.1 deg are uniform: / sqrt(12) */
	assert_near(plots[0].range_sigma_m, hypot(40, 18.52 / sqrt(12)), 1e-6);
	assert_near(plots[0].azimuth_sigma_rad / GEO_DEG, hypot(0.5, 0.1 / sqrt(12)), 1e-9);
	/* East: range is along east, azimuth along north */
	assert_near(sqrt(plots[0].cov.ee), plots[0].range_sigma_m, 1e-6);
	assert_near(sqrt(plots[0].cov.nn), plots[0].range_m * plots[0].azimuth_sigma_rad, 1e-6);
	assert_near(plots[0].cov.en, 0, 1e-6);
	assert_near(plots[0].sog_mps, 8.6 * 1852 / 3600, 1e-9);
	assert_near(plots[0].cog_rad / GEO_DEG, 264.5, 1e-9);
	assert_near(plots[0].sog_sigma_mps, 0.5 * 1852 / 3600, 1e-9);
	assert_true(plots[0].time_ns == NOON - S / 2);
	assert_near((double)plots[0].time_sigma_ns, 0.01e9 / sqrt(12), 2);
	assert_true(plots[0].recv_ns == NOON);
	assert_int_equal(plots[0].id_kind, PLOT_ID_NONE);
	assert_int_equal(drops[NMEA_PLOT_DROP_NONE], 1);
}

static void covariance_turns_with_the_bearing(void **state)
{
	(void)state;
	assert_int_equal(take("RATTM,02,5.40,045.0,T,,,,,,N,,T,,,"), 1);

	double r2 = pow(plots[0].range_sigma_m, 2), t2 = pow(plots[0].range_m * plots[0].azimuth_sigma_rad, 2);

	assert_near(plots[0].cov.ee, (r2 + t2) / 2, 1e-6);
	assert_near(plots[0].cov.nn, (r2 + t2) / 2, 1e-6);
	assert_near(plots[0].cov.en, (r2 - t2) / 2, 1e-6);
	assert_true(isnan(plots[0].sog_mps));
}

static void units_are_those_the_sentence_names(void **state)
{
	(void)state;
	assert_int_equal(take("RATTM,02,5.4,90,T,36,180,T,,,K,,T,,,"), 1);
	assert_near(plots[0].range_m, 5400, 1e-9);
	assert_near(plots[0].sog_mps, 10, 1e-9);
	assert_int_equal(take("RATTM,02,5.4,90,T,36,180,T,,,S,,T,,,"), 1);
	assert_near(plots[0].range_m, 5.4 * 1609.344, 1e-9);
	assert_near(plots[0].sog_mps, 36 * 1609.344 / 3600, 1e-9);
	assert_dropped("RATTM,02,5.4,90,T,36,180,T,,,,,T,,,", NMEA_PLOT_DROP_POSITION);
}

static void acquiring_target_has_no_motion(void **state)
{
	(void)state;
	assert_int_equal(take("RATTM,02,5.4,90,T,36,180,T,,,N,,T,,,"), 1);
	assert_int_equal(plots[0].sender_track, 3);
	assert_false(plots[0].sender_tentative);
	assert_int_equal(take("RATTM,02,5.4,90,T,36,180,T,,,N,,Q,,,"), 1);
	assert_true(plots[0].sender_tentative);
	assert_true(isnan(plots[0].sog_mps) && isnan(plots[0].cog_rad));
	assert_int_equal(take("RATTM,02,5.4,90,T,36,180,R,,,N,,T,,,"), 1);
	assert_true(isnan(plots[0].sog_mps)); /* relative to own ship */
	assert_int_equal(take("RATTM,02,5.4,90,T,999.9,180,T,,,N,,T,,,"), 1);
	assert_true(isnan(plots[0].sog_mps)); /* nothing is so fast */
}

static void what_is_no_target_is_dropped_by_reason(void **state)
{
	(void)state;
	assert_dropped("RATTM,02,5.4,90,T,36,180,T,,,N,,L,,,", NMEA_PLOT_DROP_LOST);
	assert_dropped("RATTM,02,,90,T,36,180,T,,,N,,T,,,", NMEA_PLOT_DROP_POSITION);
	assert_dropped("RATTM,,5.4,90,T,36,180,T,,,N,,T,,,", NMEA_PLOT_DROP_POSITION);
	assert_dropped("RATTM,65536,5.4,90,T,36,180,T,,,N,,T,,,", NMEA_PLOT_DROP_POSITION);
	assert_dropped("RATTM,02,5.4,,T,36,180,T,,,N,,T,,,", NMEA_PLOT_DROP_POSITION);
	assert_dropped("RATTM,02,5.4,90,,36,180,T,,,N,,T,,,", NMEA_PLOT_DROP_POSITION);
	assert_dropped("RATTM,02,5.4,361,T,36,180,T,,,N,,T,,,", NMEA_PLOT_DROP_POSITION);
	assert_dropped("RATTM,02,-5.4,90,T,36,180,T,,,N,,T,,,", NMEA_PLOT_DROP_POSITION);
	assert_dropped("RATTM,02,0.00,90,T,36,180,T,,,N,,T,,,", NMEA_PLOT_DROP_POSITION);
	assert_dropped("RATTM,02,99999,90,T,36,180,T,,,N,,T,,,", NMEA_PLOT_DROP_POSITION);
	assert_dropped("RATTM,02,0.03,90,T,,,,,,N,,T,,,", NMEA_PLOT_DROP_POSITION); /* below the mast's height */
	assert_dropped("RATLB,1,ALPHA", NMEA_PLOT_DROP_KIND);
	assert_dropped("RARSD,,,,,,,,,,,6,N,C", NMEA_PLOT_DROP_KIND);
	assert_dropped("RATLL,1,,N,01115.0,E,,,T,", NMEA_PLOT_DROP_POSITION);
	assert_dropped("RATLL,1,5430.0,N,01115.0,,,,T,", NMEA_PLOT_DROP_POSITION);
	assert_dropped("RATLL,1,5430.0,N,01115.0,E,,,L,", NMEA_PLOT_DROP_LOST);
	assert_dropped("RATLL,1,0000.0,N,00000.0,E,,,T,", NMEA_PLOT_DROP_POSITION); /* out of any radar's range */
}

static void relative_bearing_needs_a_fresh_heading(void **state)
{
	(void)state;
	assert_dropped("RATTM,02,5.4,90,R,,,,,,N,,T,,,", NMEA_PLOT_DROP_HEADING);
	assert_dropped("HEHDT,300,T", NMEA_PLOT_DROP_KIND);
	p.recv_ns += NMEA_OWN_HEADING_AGE_MAX_NS;
	assert_int_equal(take("RATTM,02,5.4,90,R,,,,,,N,,T,,,"), 1);
	assert_near(plots[0].azimuth_rad / GEO_DEG, 30, 1e-9);
	assert_near(plots[0].azimuth_sigma_rad / GEO_DEG, sqrt(0.25 + 1 / 12.0 + 0.43 * 0.43), 1e-9);
	p.recv_ns += 1;
	assert_dropped("RATTM,02,5.4,90,R,,,,,,N,,T,,,", NMEA_PLOT_DROP_HEADING);
}

static void only_measured_headings_are_used(void **state)
{
	static const struct {
		const char *body;
		bool used;
	} headings[] = {
		{ "HEHDT,10,T", true }, { "HEHDT,,T", false }, { "HEHDT,361,T", false }, { "INTHS,10,A", true },
		{ "INTHS,10,E", false }, { "INTHS,10,M", false }, { "INTHS,10,S", false }, { "INTHS,10,V", false },
		{ "RAOSD,10,A,,,,,,,N", true }, { "RAOSD,10,V,,,,,,,N", false },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(headings) / sizeof(headings[0]); i++) {
		p.recv_ns += 60 * S;
		(void)take(headings[i].body);
		if (take("RATTM,02,5.4,90,R,,,,,,N,,T,,,") != headings[i].used)
			fail_msg("%s", headings[i].body);
	}
}

static void ships_radar_counts_from_her_position(void **state)
{
	const struct geo_point ship = { 54 * GEO_DEG, 11 * GEO_DEG, 60 };

	(void)state;
	p.moving = true;
	assert_dropped("RATTM,02,5.4,90,T,,,,,,N,,T,,,", NMEA_PLOT_DROP_OWN);
	(void)take("GPGLL,5400.000,N,01100.000,E,120000,A,A");
	assert_int_equal(take("RATTM,02,5.4,90,T,,,,,,N,,T,,,"), 1);
	assert_int_equal(plots[0].kind, PLOT_POSITION);
	assert_near(plots[0].range_m, 5.4 * 1852, 1e-6);
	assert_near(plots[0].azimuth_rad / GEO_DEG, 90, 1e-9);
	assert_near(off_m(&plots[0], &ship, 90, 5.4 * 1852), 0, 1e-3);
	assert_near(plots[0].cov.ee, pow(plots[0].range_sigma_m, 2) + 144, 1e-3);
	p.recv_ns += NMEA_OWN_POSITION_AGE_MAX_NS;
	assert_int_equal(take("RATTM,02,5.4,90,T,,,,,,N,,T,,,"), 1);
	assert_near(plots[0].cov.ee, pow(plots[0].range_sigma_m, 2) + 144 + 50 * 50, 1e-3); /* she may have moved at 10 m/s */
	p.recv_ns += 1;
	assert_dropped("RATTM,02,5.4,90,T,,,,,,N,,T,,,", NMEA_PLOT_DROP_OWN);
}

static void her_course_and_speed_move_her_on(void **state)
{
	struct geo_point ship = { 54 * GEO_DEG, 11 * GEO_DEG, 60 }, there;

	(void)state;
	p.moving = true;
	(void)take("GPRMC,120000,A,5400.000,N,01100.000,E,20.0,045.0,251125,,,A");
	p.recv_ns += 4 * S;
	geo_direct(&ship, 45 * GEO_DEG, 20 * 1852 / 3600.0 * 4, &there);
	there.height_m = 60;
	assert_int_equal(take("RATTM,02,5.4,90,T,,,,,,N,,T,,,"), 1);
	assert_near(off_m(&plots[0], &there, 90, 5.4 * 1852), 0, 1e-3);
	assert_near(plots[0].cov.ee, pow(plots[0].range_sigma_m, 2) + 144, 1e-3);
}

static void only_measured_positions_are_used(void **state)
{
	static const struct {
		const char *body;
		bool used;
	} fixes[] = {
		{ "GPRMC,120000,A,5400.0,N,01100.0,E,,,251125,,,A", true },
		{ "GPRMC,120000,A,5400.0,N,01100.0,E,,,251125", true },
		{ "GPRMC,120000,V,5400.0,N,01100.0,E,,,251125,,,A", false },
		{ "GPRMC,120000,A,5400.0,N,01100.0,E,,,251125,,,S", false },
		{ "GPRMC,120000,A,,N,01100.0,E,,,251125,,,A", false },
		{ "GPGLL,5400.0,N,01100.0,E,120000,A,D", true },
		{ "GPGLL,5400.0,N,01100.0,E,120000,A,E", false },
		{ "GPGGA,120000,5400.0,N,01100.0,E,4,9,1,1,M,1,M,,", true },
		{ "GPGGA,120000,5400.0,N,01100.0,E,0,9,1,1,M,1,M,,", false },
		{ "GPGGA,120000,5400.0,N,01100.0,E,8,9,1,1,M,1,M,,", false },
		{ "GPGGA,120000,5400.0,N,01100.0,E,,9,1,1,M,1,M,,", false },
	};

	(void)state;
	p.moving = true;
	for (unsigned i = 0; i < sizeof(fixes) / sizeof(fixes[0]); i++) {
		p.recv_ns += 60 * S;
		(void)take(fixes[i].body);
		if (take("RATTM,02,5.4,90,T,,,,,,N,,T,,,") != fixes[i].used)
			fail_msg("%s", fixes[i].body);
	}
}

static void fixed_radar_ignores_a_receiver_beside_it(void **state)
{
	(void)state;
	(void)take("GPGLL,5400.000,N,01100.000,E,120000,A,A");
	assert_int_equal(take("RATTM,02,5.4,90,T,,,,,,N,,T,,,"), 1);
	assert_near(off_m(&plots[0], &mast, 90, 5.4 * 1852), 0, 1e-3);
}

static void tll_has_the_range_and_bearing_of_its_position(void **state)
{
	struct geo_point to = { 54.6 * GEO_DEG, 11.3 * GEO_DEG, 0 };
	double m, azimuth_rad;

	(void)state;
	assert_int_equal(take("RATLL,01,5436.000,N,01118.000,E,BUOY,120000,T,"), 1);
	geo_inverse(&mast, &to, &m, &azimuth_rad);
	assert_int_equal(plots[0].kind, PLOT_POLAR);
	assert_near(plots[0].lat_rad, to.lat_rad, 1e-12);
	assert_near(plots[0].lon_rad, to.lon_rad, 1e-12);
	assert_near(plots[0].range_m, hypot(m, 60), 1e-6);
	assert_near(plots[0].azimuth_rad, azimuth_rad, 1e-12);
	assert_true(plots[0].cov.ee > 0 && plots[0].cov.ee * plots[0].cov.nn > plots[0].cov.en * plots[0].cov.en);
	p.moving = true;
	assert_dropped("RATLL,01,5436.000,N,01118.000,E,BUOY,120000,T,", NMEA_PLOT_DROP_OWN);
}

static void time_is_resolved_over_midnight_and_doubted_when_far(void **state)
{
	(void)state;
	p.recv_ns = NOON + 43200 * S + S; /* 00:00:01 */
	assert_int_equal(take("RATTM,02,5.4,90,T,,,,,,N,,T,,235959,"), 1);
	assert_true(plots[0].time_ns == p.recv_ns - 2 * S);
	p.recv_ns = NOON + 43200 * S - S; /* 23:59:59, and the radar's clock ahead */
	assert_int_equal(take("RATTM,02,5.4,90,T,,,,,,N,,T,,000002,"), 1);
	assert_true(plots[0].time_ns == p.recv_ns + 3 * S);
	assert_int_equal(times_bad, 0);
	assert_int_equal(take("RATTM,02,5.4,90,T,,,,,,N,,T,,235948,"), 1);
	assert_int_equal(times_bad, 1);
	assert_true(plots[0].time_ns == p.recv_ns);
	assert_near((double)plots[0].time_sigma_ns, 3e9 / sqrt(12), 2); /* one turn, uniform */
	assert_int_equal(take("RATTM,02,5.4,90,T,,,,,,N,,T,,,"), 1);
	assert_int_equal(times_bad, 0);
	assert_true(plots[0].time_ns == p.recv_ns);
}

static void targets_of_ttd_are_plots_each(void **state)
{
	static const struct nmea_target good = { .number = 7, .bearing = 900, .speed = 86, .course = 2645, .heading = 4095,
		.status = NMEA_TARGET_TRACKED, .distance = 540 };
	struct nmea_message m;
	struct nmea_target *t = m.ttd.targets;

	(void)state;
	memset(drops, 0, sizeof(drops));
	assert_true(nmea_message_init(&m, "RA", "TTD"));
	m.ttd.n_targets = 10;
	for (unsigned i = 0; i < 10; i++)
		t[i] = good;
	t[1].status = NMEA_TARGET_LOST;
	t[2].test = 1;
	t[3].distance = 16383;
	t[4].bearing = 4095;
	t[5].status = NMEA_TARGET_ACQUIRING;
	t[6].relative = 1;
	t[7].water = 1;
	t[8].speed = 4095;
	t[9].status = NMEA_TARGET_ALARM;
	assert_int_equal(nmea_plot(&m, &own, &p, plots, drops, &times_bad), 6);
	assert_int_equal(drops[NMEA_PLOT_DROP_NONE], 6);
	assert_int_equal(drops[NMEA_PLOT_DROP_LOST], 1);
	assert_int_equal(drops[NMEA_PLOT_DROP_TEST], 1);
	assert_int_equal(drops[NMEA_PLOT_DROP_POSITION], 2);
	for (unsigned i = 0; i < 6; i++) {
		assert_near(plots[i].range_m, 5.4 * 1852, 1e-6);
		assert_near(plots[i].azimuth_rad / GEO_DEG, 90, 1e-9);
		assert_int_equal(isnan(plots[i].sog_mps), i > 0 && i < 5);
	}
	assert_near(plots[5].sog_mps, 8.6 * 1852 / 3600, 1e-9);
	assert_near(plots[5].cog_rad / GEO_DEG, 264.5, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ttm_becomes_a_polar_plot, set_up, tear_down),
		cmocka_unit_test_setup_teardown(covariance_turns_with_the_bearing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(units_are_those_the_sentence_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(acquiring_target_has_no_motion, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_target_is_dropped_by_reason, set_up, tear_down),
		cmocka_unit_test_setup_teardown(relative_bearing_needs_a_fresh_heading, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_measured_headings_are_used, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ships_radar_counts_from_her_position, set_up, tear_down),
		cmocka_unit_test_setup_teardown(her_course_and_speed_move_her_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_measured_positions_are_used, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fixed_radar_ignores_a_receiver_beside_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tll_has_the_range_and_bearing_of_its_position, set_up, tear_down),
		cmocka_unit_test_setup_teardown(time_is_resolved_over_midnight_and_doubted_when_far, set_up, tear_down),
		cmocka_unit_test_setup_teardown(targets_of_ttd_are_plots_each, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
