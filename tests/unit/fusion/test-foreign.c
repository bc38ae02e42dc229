/* Tracks that another tracker made: joined to ours, never better than they were, never believed for being repeated. */
#include "fusion/foreign.h"
#include "fusion/tracker.h"
#include "tests/assert_near.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define S INT64_C(1000000000)
#define T0 (1764000000 * S)
#define SENDER_M2 900.0 /* 30 m on each axis */
#define SENDER_MPS2 1.0

enum { SENDER, OTHER, RADAR, AIS };

static struct view {
	unsigned n;
	struct tracker_view last;
	double east_m[64], least_existence;
} seen;

static void look(void *user, const struct tracker_view *v)
{
	(void)user;
	if (seen.n < 64)
		seen.east_m[seen.n] = v->estimate.x[0];
	if (v->existence < seen.least_existence)
		seen.least_existence = v->existence;
	seen.n++;
	seen.last = *v;
}

static void look_at(struct tracker *t, double t_s)
{
	seen = (struct view){ .least_existence = 1 };
	tracker_each(t, T0 + (int64_t)(t_s * 1e9), look, NULL);
}

static void place(struct tracker *t, const char *feed, enum plot_sensor sensor, int64_t period_ns)
{
	struct site site = { .sensor = sensor, .version = 1, .range_sigma_m = 20, .azimuth_sigma_rad = 0.003, .max_range_m = 50e3,
		.scan_period_ns = period_ns, .view_width_rad = 2 * M_PI };

	strcpy(site.feed, feed);
	tracker_station_place(t, (uint32_t)tracker_station(t, feed, sensor), 0, 0, 0, &site);
}

static struct tracker *begin(void)
{
	struct tracker_config c;
	struct tracker *t;

	tracker_defaults(&c);
	c.epoch = 1;
	c.max_tracks = 1000;
	strcpy(c.origin, "xa");
	assert_int_equal(tracker_new(&c, NULL, NULL, &t), 0);
	place(t, "arpa1", PLOT_SENSOR_RADAR, 2500000000);
	place(t, "arpa2", PLOT_SENSOR_RADAR, 2500000000);
	place(t, "radar1", PLOT_SENSOR_RADAR, 2500000000);
	place(t, "ais1", PLOT_SENSOR_AIS, 0);
	return t;
}

static struct tracker_input input(uint32_t station, double t_s, double east_m, double north_m, double var_m2)
{
	return (struct tracker_input){ .station = station, .recv_ns = T0 + (int64_t)(t_s * 1e9),
		.in = { .kind = FILTER_POSITION, .time_ns = T0 + (int64_t)(t_s * 1e9), .x_m = east_m, .y_m = north_m,
			.cov = { var_m2, 0, var_m2 } } };
}

static struct tracker_input track(uint32_t station, uint64_t number, double t_s, double east_m, double north_m, double east_mps)
{
	struct tracker_input m = input(station, t_s, east_m, north_m, SENDER_M2);

	m.sender_track = number;
	m.in.has_velocity = true;
	m.in.u_mps = east_mps;
	m.in.velocity_cov = (struct filter_cov2){ SENDER_MPS2, 0, SENDER_MPS2 };
	return m;
}

static void tell(struct tracker *t, struct tracker_input m)
{
	tracker_input(t, &m);
}

static void tick(struct tracker *t, double t_s)
{
	tracker_tick(t, T0 + (int64_t)(t_s * 1e9) + S / 10);
}

/* Ship 1 of a sender goes east at 8 m/s from (10 km, 0). */
static void sail(struct tracker *t, double from_s, double to_s)
{
	for (double s = from_s; s < to_s; s += 2.5) {
		tell(t, track(SENDER, 1, s, 10000 + 8 * s, 0, 8));
		tick(t, s);
	}
}

static void third_report_begins_a_track(void **state)
{
	struct tracker *t = begin();

	(void)state;
	sail(t, 0, 5);
	assert_int_equal(tracker_tracks(t), 0);
	sail(t, 5, 7.5);
	look_at(t, 5);
	assert_int_equal(seen.n, 1);
	assert_int_equal(tracker_tracks(t), 1);
	assert_int_equal(seen.last.state, TRACK_CONFIRMED);
	assert_near(seen.last.existence, 0.995, 1e-9);
	tracker_free(t);
}

static void repetition_sharpens_nothing(void **state)
{
	struct tracker *t = begin();

	(void)state;
	sail(t, 0, 500);
	look_at(t, 497.5);
	assert_int_equal(seen.n, 1);
	assert_near(seen.last.estimate.x[0], 10000 + 8 * 497.5, 1e-6);
	assert_near(seen.last.estimate.p[FILTER_XX], SENDER_M2, 1e-6);
	assert_near(seen.last.estimate.p[FILTER_YY], SENDER_M2, 1e-6);
	assert_near(seen.last.estimate.p[FILTER_UU], SENDER_MPS2, 1e-6);
	assert_true(seen.last.existence < 0.995 && seen.last.existence > 0.98);
	tracker_free(t);
}

/* An error of the sender's that stays: two senders that share it are still off by it, and say so. */
static void common_errors_are_not_averaged_away(void **state)
{
	struct tracker *t = begin();

	(void)state;
	for (int i = 0; i < 200; i++) {
		double s = 2.5 * i;

		tell(t, track(SENDER, 1, s, 10030 + 8 * s, 30, 8));
		tell(t, track(OTHER, 77, s + 1, 10030 + 8 * (s + 1), 30, 8));
		tick(t, s + 1);
	}
	look_at(t, 498.5);
	assert_int_equal(seen.n, 1);
	assert_int_equal(tracker_count(t, TRACKER_PAIRED), 2);
	assert_true(seen.last.estimate.p[FILTER_XX] >= 0.99 * SENDER_M2);
	assert_true(seen.last.estimate.p[FILTER_YY] >= 0.99 * SENDER_M2);
	tracker_free(t);
}

/* Our radar's plots and its tracker's word are of one target: one track, of both. */
static void a_track_of_ours_is_joined(void **state)
{
	struct tracker *t = begin();

	(void)state;
	for (int i = 0; i < 60; i++) {
		double s = 2.5 * i;

		tell(t, input(RADAR, s, 10000 + 8 * s + (i % 3 - 1) * 10, (i % 5 - 2) * 8, 400));
		if (i >= 20)
			tell(t, track(SENDER, 1, s - 1, 10000 + 8 * (s - 1) + 15, 10, 8));
		tick(t, s);
	}
	look_at(t, 147.5);
	assert_int_equal(seen.n, 1);
	assert_int_equal(tracker_tracks(t), 1);
	assert_int_equal(tracker_count(t, TRACKER_PAIRED), 1);
	assert_int_equal(tracker_count(t, TRACKER_PARTED), 0);
	assert_near(seen.last.estimate.x[0], 10000 + 8 * 147.5, 30);
	tracker_free(t);
}

/* Knuth's MMIX generator, and twelve of its numbers for one of a normal distribution: the same on every run. */
static double normal(uint64_t *seed)
{
	double sum = -6;

	for (int i = 0; i < 12; i++) {
		*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		sum += (double)(*seed >> 11) / 9007199254740992.0;
	}
	return sum;
}

/* A sender's filter of our own radar's plots: all errors in common. */
static void sender_takes(struct filter *f, const struct tracker_input *plot, struct tracker_input *ret_track)
{
	static const struct filter_model model = { .q = { 0.02, 2 }, .switch_time_s = 60 };
	struct filter_mode e;

	filter_predict(f, 2.5, &model);
	filter_update(f, &plot->in);
	filter_estimate(f, &e);
	*ret_track = *plot;
	ret_track->station = SENDER;
	ret_track->sender_track = 1;
	ret_track->in.x_m = e.x[0];
	ret_track->in.y_m = e.x[1];
	ret_track->in.cov = (struct filter_cov2){ e.p[FILTER_XX], e.p[FILTER_XY], e.p[FILTER_YY] };
	ret_track->in.has_velocity = true;
	ret_track->in.u_mps = e.x[2];
	ret_track->in.v_mps = e.x[3];
	ret_track->in.velocity_cov = (struct filter_cov2){ e.p[FILTER_UU], e.p[FILTER_UV], e.p[FILTER_VV] };
}

/* Mean squared error of the place in units of its covariance, two degrees of freedom, over many runs. */
static double error_claimed(bool as_tracks)
{
	double sum = 0;
	uint64_t seed = 1;
	unsigned n = 0;

	for (int run = 0; run < 40; run++) {
		struct tracker *t = begin();
		struct filter f;

		for (int i = 0; i < 40; i++) {
			double s = 2.5 * i, d2, x = 10000 + 8 * s;
			struct tracker_input told, m = input(RADAR, s, x + 20 * normal(&seed), 20 * normal(&seed), 400);

			if (i == 0)
				filter_init(&f, &m.in, 10);
			sender_takes(&f, &m, &told);
			told.sender_track = as_tracks;
			tell(t, m);
			tick(t, s);
			if (i > 5)
				tell(t, told);
			tick(t, s);
			look_at(t, s);
			if (i < 15 || seen.n != 1)
				continue;

			const struct filter_mode *e = &seen.last.estimate;
			double dx = e->x[0] - x, dy = e->x[1], det = e->p[FILTER_XX] * e->p[FILTER_YY] - e->p[FILTER_XY] * e->p[FILTER_XY];

			d2 = (e->p[FILTER_YY] * dx * dx - 2 * e->p[FILTER_XY] * dx * dy + e->p[FILTER_XX] * dy * dy) / det;
			sum += d2;
			n++;
		}
		tracker_free(t);
	}
	assert_true(n > 500);
	return sum / n;
}

/* The same plots through two filters: taken for a track no surer than right, taken for plots far too sure. */
static void the_same_plots_twice_are_not_two_witnesses(void **state)
{
	double tracks = error_claimed(true), plots = error_claimed(false);

	(void)state;
	print_message("squared error over covariance, 2 expected: %.2f as tracks, %.2f as plots\n", tracks, plots);
	assert_true(tracks < 2.2);
	assert_true(plots > 2.2);
}

/* TTM has a hundred numbers: one that is suddenly elsewhere is another target. */
static void a_number_given_anew_is_another_track(void **state)
{
	struct tracker *t = begin();

	(void)state;
	sail(t, 0, 30);
	for (int i = 0; i < 10; i++) {
		double s = 30 + 2.5 * i;

		tell(t, track(SENDER, 1, s, -5000, 3000 + 4 * s, 0));
		tick(t, s);
	}
	assert_int_equal(tracker_count(t, TRACKER_PARTED), 1);
	look_at(t, 52.5);
	assert_int_equal(seen.n, 2);
	assert_near(seen.east_m[1], -5000, 40);
	tracker_free(t);
}

/* The sender loses its target and finds it again under another number. */
static void a_new_number_takes_its_track_over(void **state)
{
	struct tracker *t = begin();

	(void)state;
	sail(t, 0, 30);
	for (int i = 0; i < 10; i++) {
		double s = 30 + 2.5 * i;

		tell(t, track(SENDER, 2, s, 10000 + 8 * s, 0, 8));
		tick(t, s);
	}
	look_at(t, 52.5);
	assert_int_equal(seen.n, 1);
	assert_int_equal(tracker_count(t, TRACKER_PAIRED), 2);
	tracker_free(t);
}

static void two_numbers_side_by_side_are_two(void **state)
{
	struct tracker *t = begin();

	(void)state;
	for (int i = 0; i < 20; i++) {
		double s = 2.5 * i;

		tell(t, track(SENDER, 1, s, 10000 + 8 * s, 0, 8));
		tell(t, track(SENDER, 2, s, 10000 + 8 * s, 60, 8));
		tick(t, s);
	}
	look_at(t, 47.5);
	assert_int_equal(seen.n, 2);
	tracker_free(t);
}

static void what_its_sender_doubts_begins_nothing(void **state)
{
	struct tracker *t = begin();

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct tracker_input m = track(SENDER, 1, 2.5 * i, 10000, 0, 0);

		m.sender_tentative = true;
		tell(t, m);
		tick(t, 2.5 * i);
	}
	assert_int_equal(tracker_tracks(t), 0);
	tracker_free(t);
}

/* It tells what it tracks, and nothing of what it does not. */
static void their_silence_is_no_miss(void **state)
{
	struct tracker *t = begin();

	(void)state;
	for (int i = 0; i < 60; i++) {
		struct tracker_input m = input(AIS, 2 * i, 5000, 5000 + 10 * i, 100);

		m.id_kind = PLOT_ID_MMSI;
		m.id = 211000001;
		tell(t, m);
		tell(t, track(SENDER, 1, 2 * i, -10000, 0, 0));
		tick(t, 2 * i);
	}
	look_at(t, 118);
	assert_int_equal(seen.n, 2);
	assert_true(seen.least_existence > 0.98);
	tracker_free(t);
}

/* Our radar looks there and sees nothing: doubt, but no dropping while the sender holds it; dropped when he is silent. */
static void our_misses_cast_doubt(void **state)
{
	struct tracker *t = begin();

	(void)state;
	for (int i = 0; i < 80; i++) {
		double s = 2.5 * i;

		if (i < 40)
			tell(t, track(SENDER, 1, s, 10000 + 8 * s, 0, 8));
		tell(t, input(RADAR, s, -20000, 20000, 400));
		tick(t, s);
		look_at(t, s);
		if (i == 39)
			assert_true(seen.n == 2 && tracker_count(t, TRACKER_DROPPED) == 0);
	}
	look_at(t, 197.5);
	assert_int_equal(seen.n, 1);
	assert_near(seen.last.estimate.x[1], 20000, 100);
	tracker_free(t);
}

static void nonsense_is_counted(void **state)
{
	struct tracker *t = begin();
	struct tracker_input m = track(SENDER, 1, 0, 10000, 0, 0);

	(void)state;
	m.in.x_m = NAN;
	tell(t, m);
	m = track(SENDER, 1, 0, 10000, 0, 0);
	m.in.cov.xy = 1e9;
	tell(t, m);
	m = track(SENDER, 1, 0, 10000, 0, 0);
	m.in.velocity_cov.yy = NAN;
	tell(t, m);
	assert_int_equal(tracker_count(t, TRACKER_PLOTS_BAD), 3);
	sail(t, 0, 20);
	/* the same again, and time reversed */
	tell(t, track(SENDER, 1, 17.5, 10140, 0, 8));
	tell(t, track(SENDER, 1, 15, 10120, 0, 8));
	tick(t, 18);
	assert_int_equal(tracker_count(t, TRACKER_PLOTS_TWICE), 2);
	assert_int_equal(tracker_tracks(t), 1);
	tracker_free(t);
}

static void numbers_beyond_the_table_are_counted(void **state)
{
	struct tracker *t = begin();

	(void)state;
	for (unsigned n = 1; n <= 3 * FOREIGN_ENTRIES; n++) {
		tell(t, track(SENDER, n, 0, 10000, 0, 0));
		if (n % 1000 == 0)
			tick(t, 0);
	}
	tick(t, 0);
	assert_true(tracker_count(t, TRACKER_FULL) >= 2 * FOREIGN_ENTRIES);
	assert_int_equal(tracker_tracks(t), 0);
	/* a minute later they are forgotten */
	uint64_t full = tracker_count(t, TRACKER_FULL);
	tick(t, 100);
	sail(t, 100, 110);
	assert_int_equal(tracker_count(t, TRACKER_FULL), full);
	assert_int_equal(tracker_tracks(t), 1);
	tracker_free(t);
}

struct bytes {
	uint8_t *data;
	size_t used, at;
};

static int put(void *user, const void *data, size_t size)
{
	struct bytes *b = user;

	b->data = realloc(b->data, b->used + size + 1);
	if (size)
		memcpy(b->data + b->used, data, size);
	b->used += size;
	return 0;
}

static int get(void *user, void *data, size_t size)
{
	struct bytes *b = user;

	assert_true(b->at + size <= b->used);
	if (size)
		memcpy(data, b->data + b->at, size);
	b->at += size;
	return 0;
}

static void a_restored_one_goes_on_alike(void **state)
{
	struct tracker *t = begin(), *u = begin();
	struct bytes half = { 0 }, one = { 0 }, two = { 0 };

	(void)state;
	sail(t, 0, 5);
	assert_int_equal(tracker_save(t, put, &half), 0);
	assert_int_equal(tracker_load(u, get, &half), 0);
	sail(t, 5, 60);
	sail(u, 5, 60);
	assert_int_equal(tracker_save(t, put, &one), 0);
	assert_int_equal(tracker_save(u, put, &two), 0);
	assert_int_equal(one.used, two.used);
	assert_memory_equal(one.data, two.data, one.used);
	assert_int_equal(tracker_tracks(u), 1);
	free(half.data);
	free(one.data);
	free(two.data);
	tracker_free(t);
	tracker_free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(third_report_begins_a_track),
		cmocka_unit_test(repetition_sharpens_nothing),
		cmocka_unit_test(common_errors_are_not_averaged_away),
		cmocka_unit_test(the_same_plots_twice_are_not_two_witnesses),
		cmocka_unit_test(a_track_of_ours_is_joined),
		cmocka_unit_test(a_number_given_anew_is_another_track),
		cmocka_unit_test(a_new_number_takes_its_track_over),
		cmocka_unit_test(two_numbers_side_by_side_are_two),
		cmocka_unit_test(what_its_sender_doubts_begins_nothing),
		cmocka_unit_test(their_silence_is_no_miss),
		cmocka_unit_test(our_misses_cast_doubt),
		cmocka_unit_test(nonsense_is_counted),
		cmocka_unit_test(numbers_beyond_the_table_are_counted),
		cmocka_unit_test(a_restored_one_goes_on_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
