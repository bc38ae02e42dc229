/*
 * A radar with a headland before it, and one that sees past the headland but weakly: what is there
 * is tracked by the second, and the first learns that it cannot see there.
 */
#include "tests/assert_near.h"

#include <string.h>

#include "fusion/state.h"

#define S INT64_C(1000000000)
#define T0 (1764000000 * S)
#define TURN_S 2.5
#define TURNS 480
#define WARM 80 /* turns: found, confirmed, and the map learned */
#define VESSELS 24
#define BEHIND 16 /* the first of them: behind the headland */
#define NEAR_M 150.0

static const double radar_x[2] = { 0, 14000 };

struct world {
	struct tracker *tracker;
	int station[2];
	unsigned seed;
	double x[VESSELS], y[VESSELS], u[VESSELS], v[VESSELS];
	double hidden, weak; /* probabilities of detection behind the headland, of either radar */
	double open;         /* and elsewhere, of both */
	int n;               /* turns made */
	unsigned held[VESSELS], tracks[VESSELS], last[VESSELS]; /* turns; tracks; birth */
	unsigned nearest[VESSELS];
	double distance[VESSELS];
	unsigned others; /* tracks near no vessel, summed over turns */
};

static double uniform(struct world *w)
{
	w->seed = w->seed * 1103515245u + 12345u;
	return (w->seed >> 8) / 16777216.0;
}

static double gauss(struct world *w)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += uniform(w);
	return sum;
}

/* The headland hides from the first radar what lies between 0 and 63 degrees, from 4 km on. */
static bool behind(double x, double y)
{
	return x > 0 && y > 0 && x < 2 * y && x * x + y * y > 4000.0 * 4000.0;
}

static void begin(struct world *w, unsigned seed, double hidden, double weak)
{
	struct tracker_config c;
	struct site site = { .scan_period_ns = (int64_t)(TURN_S * 1e9),
		.range_sigma_m = 20,
		.azimuth_sigma_rad = 0.005,
		.max_range_m = 28000,
		.view_width_rad = 2 * M_PI };

	*w = (struct world){ .seed = seed, .hidden = hidden, .weak = weak, .open = 0.9 };
	tracker_defaults(&c);
	c.epoch = 1;
	strcpy(c.origin, "xa");
	assert_int_equal(tracker_new(&c, NULL, NULL, &w->tracker), 0);
	for (int k = 0; k < 2; k++) {
		w->station[k] = tracker_station(w->tracker, k ? "weak" : "near", PLOT_SENSOR_RADAR);
		tracker_station_place(w->tracker, (uint32_t)w->station[k], radar_x[k], 0, 0, &site);
	}
	for (int i = 0; i < VESSELS; i++) {
		/* 1.5 km apart, 4 m/s one way or the other. */
		w->x[i] = i < BEHIND ? 3000 + 1500 * (i % 4) : 16000 + 1500 * (i % 2);
		w->y[i] = i < BEHIND ? 9000 + 1500 * (i / 4) : 3000 + 1500 * ((i - BEHIND) / 2);
		w->u[i] = i % 3 ? 2 : -2;
		w->v[i] = i % 2 ? 3 : -3;
	}
}

static void plot(struct world *w, int k, double x, double y, int64_t time_ns)
{
	double dx = x - radar_x[k], r = sqrt(dx * dx + y * y);
	struct tracker_input m = { .in = { .time_ns = time_ns, .kind = FILTER_POSITION },
		.recv_ns = time_ns,
		.station = (uint32_t)w->station[k] };
	double along = 20 * gauss(w), across = 0.005 * r * gauss(w);

	m.in.x_m = x + along * dx / r + across * y / r;
	m.in.y_m = y + along * y / r - across * dx / r;
	m.in.cov = filter_polar_cov(dx, y, 20, 0.005);
	tracker_input(w->tracker, &m);
}

static void turn(struct world *w, int k, int64_t time_ns)
{
	for (int i = 0; i < VESSELS; i++) {
		bool b = behind(w->x[i], w->y[i]);
		if (uniform(w) < (!b ? w->open : k ? w->weak : w->hidden))
			plot(w, k, w->x[i], w->y[i], time_ns);
	}
	/* A few false ones, anywhere ahead. */
	for (int i = 0; i < 10; i++)
		plot(w, k, 30000 * uniform(w) - 8000, 16000 * uniform(w), time_ns);
	tracker_sweep(w->tracker, (uint32_t)w->station[k], time_ns);
	tracker_tick(w->tracker, time_ns);
}

static void look(void *user, const struct tracker_view *v)
{
	struct world *w = user;
	bool any = false;

	/* Coasting: the officer is told that it is not seen. */
	if (v->state != TRACK_CONFIRMED)
		return;
	for (int i = 0; i < VESSELS; i++) {
		double d = hypot(v->estimate.x[0] - w->x[i], v->estimate.x[1] - w->y[i]);
		any = any || d < 3 * NEAR_M;
		if (d < w->distance[i]) {
			w->distance[i] = d;
			w->nearest[i] = v->birth;
		}
	}
	w->others += !any;
}

static void score(struct world *w, int64_t time_ns)
{
	for (int i = 0; i < VESSELS; i++)
		w->distance[i] = NEAR_M;
	tracker_each(w->tracker, time_ns, look, w);
	for (int i = 0; i < VESSELS; i++) {
		if (!(w->distance[i] < NEAR_M))
			continue;
		w->held[i]++;
		w->tracks[i] += w->last[i] != w->nearest[i];
		w->last[i] = w->nearest[i];
	}
}

/* To and fro, 160 turns each way. */
static void sail(struct world *w)
{
	for (int i = 0; i < VESSELS; i++) {
		if (w->n % 160 == 159) {
			w->u[i] = -w->u[i];
			w->v[i] = -w->v[i];
		}
		w->x[i] += w->u[i] * TURN_S;
		w->y[i] += w->v[i] * TURN_S;
	}
}

/* @radars: bits of those that turn. */
static void run(struct world *w, int turns, int radars)
{
	for (int end = w->n + turns; w->n < end; w->n++) {
		int64_t time_ns = T0 + (int64_t)(w->n * TURN_S * 1e9);
		sail(w);
		for (int k = 0; k < 2; k++)
			if (radars & 1 << k)
				turn(w, k, time_ns + k * S);
		if (w->n >= WARM)
			score(w, time_ns + S);
	}
}

/* Share of the time that vessels @from.. were held, and tracks they went through. */
static double share(const struct world *w, int from, int to, double *ret_tracks)
{
	double held = 0, tracks = 0;

	for (int i = from; i < to; i++) {
		held += w->held[i];
		tracks += w->tracks[i];
	}
	*ret_tracks = tracks / (to - from);
	return held / (to - from) / (w->n - WARM);
}

static double learned(const struct world *w, int k, double x, double y)
{
	return coverage_pd(&w->tracker->stations[w->station[k]].coverage, x, y);
}

/* Where vessels @from.. are now. */
static double mean(const struct world *w, int k, int from, int to)
{
	double sum = 0;

	for (int i = from; i < to; i++)
		sum += learned(w, k, w->x[i], w->y[i]);
	return sum / (to - from);
}

/* With one probability of detection everywhere 10 % of the time is lost: two turns in a row without
 * a plot are then taken for a vessel that is gone. */
static void vessels_behind_the_headland_stay_tracks(void **state)
{
	for (unsigned seed = 1; seed <= 3; seed++) {
		struct world w;
		double tracks;

		begin(&w, seed, 0, 0.5);
		run(&w, TURNS, 3);
		assert_true(share(&w, 0, BEHIND, &tracks) > 0.97);
		assert_true(tracks < 1.3);
		assert_true(share(&w, BEHIND, VESSELS, &tracks) > 0.995);
		assert_true(tracks < 1.3);
		assert_true(w.others < TURNS / 4);
		assert_true(mean(&w, 0, 0, BEHIND) < 0.1);
		assert_near(mean(&w, 1, 0, BEHIND), 0.5, 0.07);
		assert_near(mean(&w, 0, BEHIND, VESSELS), 0.9, 0.03);
		assert_near(mean(&w, 1, BEHIND, VESSELS), 0.9, 0.03);
		tracker_free(w.tracker);
	}
}

static void shadow_that_goes_is_forgotten(void **state)
{
	struct world w;

	begin(&w, 4, 0, 0.9);
	run(&w, 160, 3);
	assert_true(mean(&w, 0, 0, BEHIND) < 0.1);
	w.hidden = 0.9;
	run(&w, 320, 3);
	assert_true(mean(&w, 0, 0, BEHIND) > 0.7);
	tracker_free(w.tracker);
}

static void silent_radar_has_no_shadow(void **state)
{
	struct world w;

	begin(&w, 5, 0.9, 0.9);
	run(&w, 120, 3);
	for (int gap = 1; gap < 20; gap += 3) {
		run(&w, gap, 2);
		run(&w, 10, 3);
	}
	for (int i = 0; i < VESSELS; i++)
		assert_true(learned(&w, 0, w.x[i], w.y[i]) > 0.8);
	tracker_free(w.tracker);
}

static void vessels_that_are_gone_are_no_shadow(void **state)
{
	struct world w;

	begin(&w, 6, 0.9, 0.9);
	run(&w, 120, 3);
	double before = mean(&w, 0, 0, VESSELS);
	w.hidden = w.weak = w.open = 0;
	run(&w, 10, 3);
	assert_near(mean(&w, 0, 0, VESSELS), before, 0.02);
	tracker_free(w.tracker);
}

/* With nobody else to say that they are still there, not one miss counts. */
static void vessels_gone_from_one_radar_teach_nothing(void **state)
{
	struct world w;

	begin(&w, 7, 0.9, 0.9);
	run(&w, 120, 1);
	double before = mean(&w, 0, BEHIND, VESSELS);
	w.hidden = w.weak = w.open = 0;
	run(&w, 10, 1);
	assert_near(mean(&w, 0, BEHIND, VESSELS), before, 0.001);
	tracker_free(w.tracker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vessels_behind_the_headland_stay_tracks),
		cmocka_unit_test(shadow_that_goes_is_forgotten),
		cmocka_unit_test(silent_radar_has_no_shadow),
		cmocka_unit_test(vessels_that_are_gone_are_no_shadow),
		cmocka_unit_test(vessels_gone_from_one_radar_teach_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
