/* What a camera's bearing does to tracks that a radar holds: values by hand from the formulas of bearing.c's head. */
#include "fusion/tracker.h"
#include "tests/assert_near.h"

#include <math.h>
#include <string.h>

#define S INT64_C(1000000000)
#define TRACKS 4

struct sea {
	struct tracker *t;
	int radar, camera;
	int64_t now_ns;
	unsigned n;
	struct filter_mode at[TRACKS];
};

static struct sea start(double view_rad, double view_width_rad)
{
	struct tracker_config c;
	struct site radar = { .scan_period_ns = 2 * S, .max_range_m = 20000, .range_sigma_m = 20, .azimuth_sigma_rad = 0.005 };
	struct site camera = { .max_range_m = 5000, .view_rad = view_rad, .view_width_rad = view_width_rad };
	struct sea s = { .now_ns = 1000 * S };

	tracker_defaults(&c);
	assert_int_equal(tracker_new(&c, NULL, NULL, &s.t), 0);
	s.radar = tracker_station(s.t, "radar", PLOT_SENSOR_RADAR);
	s.camera = tracker_station(s.t, "camera", PLOT_SENSOR_CAMERA);
	tracker_station_place(s.t, (uint32_t)s.radar, 0, 0, 0, &radar);
	tracker_station_place(s.t, (uint32_t)s.camera, 0, 0, 0, &camera);
	return s;
}

/* One turn: each vessel, at rest, is seen where it is. */
static void turn(struct sea *s, const double (*places)[2], unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct tracker_input m = { .station = (uint32_t)s->radar, .recv_ns = s->now_ns };
		m.in = (struct filter_input){ .time_ns = s->now_ns, .x_m = places[i][0], .y_m = places[i][1], .cov = { 400, 0, 400 } };
		tracker_input(s->t, &m);
	}
	tracker_tick(s->t, s->now_ns);
	s->now_ns += 2 * S;
}

static void see(struct sea *s, double azimuth_rad, double sx_m, double sy_m)
{
	struct tracker_input m = { .station = (uint32_t)s->camera, .recv_ns = s->now_ns };

	m.in = (struct filter_input){ .time_ns = s->now_ns, .kind = FILTER_BEARING, .azimuth_rad = azimuth_rad, .azimuth_sigma_rad = 0.01,
		.sx_m = sx_m, .sy_m = sy_m };
	tracker_input(s->t, &m);
	tracker_tick(s->t, s->now_ns);
}

static void note(void *user, const struct tracker_view *v)
{
	struct sea *s = user;

	if (s->n < TRACKS)
		s->at[s->n] = v->estimate;
	s->n++;
}

static void look(struct sea *s)
{
	s->n = 0;
	tracker_each(s->t, s->now_ns, note, s);
}

static void lone_track_is_drawn_by_nearly_all_of_the_gain(void **state)
{
	static const double place[][2] = { { 0, 1000 } };
	struct sea s = start(0, 2 * M_PI);

	for (int i = 0; i < 12; i++)
		turn(&s, place, 1);
	look(&s);
	struct filter_mode before = s.at[0];
	see(&s, 0.01, 0, 0);
	look(&s);
	/* Noise: sigma and a hull of 4 m, at 1000 m; foreign bearings: the prior's 1 in 5 frames, and this one, over all round. */
	double own = before.p[FILTER_XX] / 1e6, r = 1e-4 + 16e-6, var = own + r;
	double weight = 0.5 * exp(-1e-4 / var / 2) / sqrt(2 * M_PI * var), other = 1. / 6 / (2 * M_PI), share = weight / (weight + other);
	assert_true(share > 0.9);
	/* Each of the two models has its own gain; theirs differ from that of the mixture by some per cent. */
	double gain = share * own / var;
	assert_near((s.at[0].x[0] - before.x[0]) / 10, gain, 0.05 * gain);
	assert_true(s.at[0].p[FILTER_XX] < before.p[FILTER_XX]);
	assert_near(s.at[0].x[1], before.x[1], 0.05);
	tracker_free(s.t);
}

static void frames_that_follow_at_once_are_not_new_evidence(void **state)
{
	static const double place[][2] = { { 0, 1000 } };
	struct sea s = start(0, 2 * M_PI);

	for (int i = 0; i < 12; i++)
		turn(&s, place, 1);
	see(&s, 0.01, 0, 0);
	uint64_t used = tracker_count(s.t, TRACKER_PLOTS_USED);
	for (int i = 0; i < 40; i++) {
		s.now_ns += S / 25;
		see(&s, 0.01, 0, 0);
	}
	assert_int_equal(tracker_count(s.t, TRACKER_PLOTS_USED), used);
	s.now_ns += S;
	see(&s, 0.01, 0, 0);
	assert_int_equal(tracker_count(s.t, TRACKER_PLOTS_USED), used + 1);
	tracker_free(s.t);
}

/* Two on one line, as probable as each other: nobody can say whose it is. */
static void bearing_of_nobody_in_particular_is_left_alone(void **state)
{
	static const double places[][2] = { { 0, 1000 }, { 0, 1500 } };
	struct sea s = start(0, 2 * M_PI);

	for (int i = 0; i < 12; i++)
		turn(&s, places, 2);
	uint64_t used = tracker_count(s.t, TRACKER_PLOTS_USED);
	see(&s, 0, 0, 0);
	assert_true(tracker_count(s.t, TRACKER_PLOTS_USED) <= used + 1);
	look(&s);
	assert_int_equal(s.n, 2);
	tracker_free(s.t);
}

static void outside_its_view_a_camera_sees_nothing(void **state)
{
	static const double place[][2] = { { 0, 1000 } };
	struct sea s = start(M_PI / 2, 1);

	for (int i = 0; i < 12; i++)
		turn(&s, place, 1);
	uint64_t used = tracker_count(s.t, TRACKER_PLOTS_USED);
	see(&s, 0, 0, 0);
	assert_int_equal(tracker_count(s.t, TRACKER_PLOTS_USED), used);
	tracker_free(s.t);
}

/* From a ship: the line starts where the camera was, not where its site is. */
static void camera_that_moves_looks_from_where_it_is(void **state)
{
	static const double place[][2] = { { 0, 1000 } };
	struct sea s = start(0, 2 * M_PI);

	for (int i = 0; i < 12; i++)
		turn(&s, place, 1);
	uint64_t used = tracker_count(s.t, TRACKER_PLOTS_USED);
	see(&s, 0, 500, 0);
	assert_int_equal(tracker_count(s.t, TRACKER_PLOTS_USED), used);
	see(&s, -M_PI / 2, 700, 1000);
	assert_int_equal(tracker_count(s.t, TRACKER_PLOTS_USED), used + 1);
	tracker_free(s.t);
}

static void lines_alone_start_no_track(void **state)
{
	struct sea s = start(0, 2 * M_PI);

	for (int i = 0; i < 50; i++) {
		see(&s, 0.3, 0, 0);
		s.now_ns += S;
	}
	assert_int_equal(tracker_tracks(s.t), 0);
	tracker_free(s.t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lone_track_is_drawn_by_nearly_all_of_the_gain),
		cmocka_unit_test(frames_that_follow_at_once_are_not_new_evidence),
		cmocka_unit_test(bearing_of_nobody_in_particular_is_left_alone),
		cmocka_unit_test(outside_its_view_a_camera_sees_nothing),
		cmocka_unit_test(camera_that_moves_looks_from_where_it_is),
		cmocka_unit_test(lines_alone_start_no_track),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
