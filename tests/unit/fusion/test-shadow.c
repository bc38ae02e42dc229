/* Shadow scoring: figures that can be said beforehand, of sights made here and of a tracker with one vessel. */
#include "tests/assert_near.h"

#include "fusion/shadow.h"
#include "fusion/tracker.h"

#include <math.h>
#include <string.h>

#define S INT64_C(1000000000)
#define T0 (1000 * S)
#define MMSI 211000001u
#define BIN (1 / 16.0) /* relative width of a bin at most */

static struct shadow_figures counted(const struct shadow *s, int64_t now_ns)
{
	struct shadow_figures f;

	shadow_count(s, now_ns, &f);
	return f;
}

/* --- errors --- */

static void quantiles_of_a_lattice(void **state)
{
	struct shadow_errors e = { 0 };

	assert_true(isnan(shadow_errors_quantile(&e, 0.5)));
	for (int i = 1; i <= 10000; i++)
		shadow_errors_add(&e, i * 0.01); /* uniform over 0..100 m: the quantile is the share */
	for (int i = 1; i < 20; i++)
		assert_near(shadow_errors_quantile(&e, i / 20.0), 5.0 * i, 5.0 * i * BIN);
	/* Within a bin what lies in it is taken for even, and here it is. */
	assert_near(shadow_errors_quantile(&e, 0.5), 50, 0.02);
}

static void absurd_errors_are_kept_out_or_at_the_ends(void **state)
{
	struct shadow_errors e = { 0 };

	shadow_errors_add(&e, NAN);
	shadow_errors_add(&e, -1);
	shadow_errors_add(&e, INFINITY);
	assert_int_equal(e.n, 0);
	shadow_errors_add(&e, 0);
	shadow_errors_add(&e, 5e-324);
	assert_int_equal(e.bins[0], 2);
	shadow_errors_add(&e, 1e300);
	assert_int_equal(e.bins[SHADOW_BINS - 1], 1);
	assert_true(shadow_errors_quantile(&e, 1) > 900);
}

static void old_errors_are_outweighed_by_new_ones(void **state)
{
	struct shadow_errors e = { 0 };

	for (int i = 0; i < 100000; i++)
		shadow_errors_add(&e, 100);
	assert_true(e.n <= 20000);
	for (int i = 0; i < 20000; i++)
		shadow_errors_add(&e, 3);
	assert_near(shadow_errors_quantile(&e, 0.5), 3, 3 * BIN);
}

/* --- sights --- */

static struct shadow_sight sight(uint32_t mmsi, double time_s, uint32_t birth, double error_m)
{
	return (struct shadow_sight){ .mmsi = mmsi, .time_ns = T0 + (int64_t)(time_s * 1e9), .covered = true, .named = birth != 0,
		.radar = birth != 0, .birth = birth, .error_m = error_m, .near = birth != 0 };
}

static void observe(struct shadow *s, struct shadow_sight sight)
{
	shadow_observe(s, &sight);
}

static void switches_and_time_are_counted(void **state)
{
	const uint32_t births[] = { 7, 7, 0, 7, 9, 9, 7 };
	struct shadow *s;

	assert_int_equal(shadow_new(&s), 0);
	for (int i = 0; i < 7; i++)
		observe(s, sight(MMSI, 10 * i, births[i], 5));
	struct shadow_figures f = counted(s, T0 + 60 * S);
	assert_int_equal(f.reports, 7);
	assert_int_equal(f.switches, 2);
	assert_int_equal(f.vessel_ms, 60000);
	assert_int_equal(f.vessels, 1);
	assert_int_equal(f.held, 1);
	assert_int_equal(f.near_reports, 6);
	assert_near(f.fused_p50_m, 5, 5 * BIN);
	assert_true(isnan(f.radar_p50_m));

	observe(s, sight(MMSI, 60, 8, 5)); /* at the same time again, and before it */
	observe(s, sight(MMSI, 20, 8, 5));
	assert_int_equal(counted(s, T0 + 60 * S).reports, 7);
	observe(s, sight(MMSI, 360, 7, 5)); /* after a silence that is not time followed */
	assert_int_equal(counted(s, T0 + 60 * S).vessel_ms, 60000);
	shadow_free(s);
}

static void completeness_is_of_vessels_in_coverage_and_lately_heard(void **state)
{
	struct shadow *s;

	assert_int_equal(shadow_new(&s), 0);
	for (uint32_t i = 0; i < 10; i++) {
		struct shadow_sight x = sight(MMSI + i, i, i < 6 ? i + 1 : 0, i < 6 ? 10 : NAN);
		x.covered = i != 9;
		x.radar = x.radar && i != 5; /* a track of reports alone */
		observe(s, x);
	}
	struct shadow_figures f = counted(s, T0 + 20 * S);
	assert_int_equal(f.vessels, 9);
	assert_int_equal(f.held, 5);
	/* Of vessels 0 to 8 those heard at 4 s or later. */
	f = counted(s, T0 + 4 * S + SHADOW_WINDOW_NS);
	assert_int_equal(f.vessels, 5);
	assert_int_equal(f.held, 1);
	shadow_free(s);
}

static void report_far_from_its_track_is_astray(void **state)
{
	struct shadow *s;

	assert_int_equal(shadow_new(&s), 0);
	observe(s, sight(MMSI, 0, 3, 20));
	observe(s, sight(MMSI, 10, 3, SHADOW_NEAR_M + 1));
	observe(s, sight(MMSI, 20, 3, NAN));
	struct shadow_figures f = counted(s, T0 + 20 * S);
	assert_int_equal(f.astray, 2);
	assert_int_equal(f.held, 0);
	assert_int_equal(f.switches, 0);
	shadow_free(s);
}

static void radar_alone_is_judged_apart(void **state)
{
	struct shadow *s;

	assert_int_equal(shadow_new(&s), 0);
	for (int i = 0; i < 100; i++) {
		struct shadow_sight x = sight(MMSI, 10 * i, 3, i % 2 ? 40 : 10);
		x.radar_only = i % 2;
		x.near = 1 + (i % 4 == 0);
		observe(s, x);
	}
	struct shadow_figures f = counted(s, T0 + 990 * S);
	assert_near(f.radar_p50_m, 40, 40 * BIN);
	assert_near(f.fused_p95_m, 10, 10 * BIN);
	assert_int_equal(f.near_reports, 100);
	assert_int_equal(f.near_tracks, 125);
	shadow_free(s);
}

static void more_vessels_than_room_are_a_sample(void **state)
{
	struct shadow *s;

	assert_int_equal(shadow_new(&s), 0);
	for (int round = 0; round < 3; round++)
		for (uint32_t i = 0; i < 20000; i++)
			observe(s, sight(200000000 + 7919 * i, 10 * round, 1 + i, 5));
	struct shadow_figures f = counted(s, T0 + 20 * S);
	assert_true(f.vessels <= SHADOW_VESSELS && f.vessels > SHADOW_VESSELS * 9 / 10);
	/* The same ones all along. */
	assert_int_equal(f.reports, 3 * f.vessels);
	assert_int_equal(f.switches, 0);
	/* Their places are taken once they are silent. */
	for (uint32_t i = 0; i < 20000; i++)
		observe(s, sight(300000000 + 7919 * i, 700, 1 + i, 5));
	f = counted(s, T0 + 700 * S);
	assert_true(f.vessels <= SHADOW_VESSELS && f.vessels > SHADOW_VESSELS * 9 / 10);
	shadow_free(s);
}

/* --- in a tracker --- */

static struct tracker *begin(void)
{
	struct site site = { .scan_period_ns = 2 * S, .range_sigma_m = 1, .azimuth_sigma_rad = 1e-4, .max_range_m = 10000 };
	struct tracker_config c;
	struct tracker *t;

	tracker_defaults(&c);
	c.max_tracks = 64;
	c.max_batch = 64;
	c.lat_rad = 0.9;
	strcpy(c.origin, "xa");
	assert_int_equal(tracker_new(&c, NULL, NULL, &t), 0);
	assert_int_equal(tracker_station(t, "radar1", PLOT_SENSOR_RADAR), 0);
	tracker_station_place(t, 0, 0, -5000, 0, &site);
	assert_int_equal(tracker_station(t, "ais1", PLOT_SENSOR_AIS), 1);
	return t;
}

/* A vessel that goes east at 5 m/s through the middle, its echo without error, every 2 s. */
static void turn(struct tracker *t, double from_s, double to_s)
{
	for (double s = from_s; s < to_s; s += 2) {
		struct tracker_input m = { .in = { .time_ns = T0 + (int64_t)(s * 1e9), .x_m = 5 * s, .cov = { 1, 0, 1 } } };
		tracker_input(t, &m);
		tracker_tick(t, m.in.time_ns);
	}
}

static void report(struct tracker *t, double time_s, uint32_t id, double off_m)
{
	struct tracker_input m = { .in = { .time_ns = T0 + (int64_t)(time_s * 1e9), .x_m = 5 * time_s, .y_m = off_m, .cov = { 400, 0, 400 } },
		.station = 1, .id_kind = PLOT_ID_MMSI, .id = id };

	tracker_input(t, &m);
	tracker_tick(t, T0 + (int64_t)(time_s * 1e9));
}

static struct shadow_figures read(struct tracker *t)
{
	struct shadow_figures f;

	shadow_read(t, &f);
	return f;
}

static void first_report_judges_radar_alone(void **state)
{
	struct tracker *t = begin();

	turn(t, 0, 60);
	struct shadow_figures f = read(t);
	assert_int_equal(f.tracks, 1);
	assert_int_equal(f.unnamed, 1);
	assert_int_equal(f.vessels, 0);

	/* Half a second after the last plot: the track is taken along its course. */
	report(t, 58.5, MMSI, 12);
	f = read(t);
	assert_int_equal(f.reports, 1);
	assert_int_equal(f.vessels, 1);
	assert_int_equal(f.held, 1);
	assert_int_equal(f.near_tracks, 1);
	assert_near(f.radar_p50_m, 12, 12 * BIN);
	assert_true(isnan(f.fused_p50_m));

	/* What is not a vessel, or far from everything, says nothing of a track. */
	report(t, 58.6, 992111111, 12);
	report(t, 58.7, 970000001, 12);
	assert_int_equal(read(t).reports, 1);
	report(t, 58.8, MMSI + 1, 4000);
	f = read(t);
	assert_int_equal(f.reports, 2);
	assert_int_equal(f.vessels, 2);
	assert_int_equal(f.held, 1);
	tracker_free(t);
}

static void later_reports_judge_the_fused_track(void **state)
{
	struct tracker *t = begin();

	turn(t, 0, 60);
	for (int i = 0; i < 6; i++) {
		report(t, 60 + 10 * i - 0.5, MMSI, 12);
		turn(t, 60 + 10 * i, 70 + 10 * i);
	}
	struct shadow_figures f = read(t);
	assert_int_equal(f.reports, 6);
	assert_int_equal(f.vessel_ms, 50000);
	assert_int_equal(f.switches + f.astray, 0);
	assert_int_equal(f.unnamed, 0);
	assert_near(f.fused_p50_m, 12, 1.5); /* the radar's plots of 1 m outweigh reports of 20 m */

	/* No radar reaches it there: it is nothing that radar should hold. */
	struct tracker_input far = { .in = { .time_ns = T0 + 121 * S, .x_m = 30000, .cov = { 400, 0, 400 } }, .station = 1,
		.id_kind = PLOT_ID_MMSI, .id = MMSI + 9 };
	tracker_input(t, &far);
	tracker_tick(t, T0 + 121 * S);
	f = read(t);
	assert_int_equal(f.reports, 7);
	assert_int_equal(f.vessels, 1);
	tracker_free(t);
}

static void silent_radar_covers_nothing(void **state)
{
	struct tracker *t = begin();

	turn(t, 0, 60);
	report(t, 59, MMSI, 0);
	assert_int_equal(read(t).vessels, 1);
	/* A minute on, with reports and without the radar. */
	for (int i = 0; i < 8; i++)
		report(t, 69 + 10 * i, MMSI, 0);
	struct shadow_figures f = read(t);
	assert_int_equal(f.vessels, 0);
	assert_int_equal(f.tracks, 0);
	tracker_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_of_a_lattice),
		cmocka_unit_test(absurd_errors_are_kept_out_or_at_the_ends),
		cmocka_unit_test(old_errors_are_outweighed_by_new_ones),
		cmocka_unit_test(switches_and_time_are_counted),
		cmocka_unit_test(completeness_is_of_vessels_in_coverage_and_lately_heard),
		cmocka_unit_test(report_far_from_its_track_is_astray),
		cmocka_unit_test(radar_alone_is_judged_apart),
		cmocka_unit_test(more_vessels_than_room_are_a_sample),
		cmocka_unit_test(first_report_judges_radar_alone),
		cmocka_unit_test(later_reports_judge_the_fused_track),
		cmocka_unit_test(silent_radar_covers_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
