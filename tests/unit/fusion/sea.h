/*
 * sea - a small sea for tests of the tracker: vessels on straight courses, one radar, one AIS receiver, in the plane.
 *
 * No noise but a fixed scatter; a turn of the radar takes 2.5 s. Metres, seconds, m/s. What is published is kept, newest
 * version by birth.
 */
#pragma once

#include "fusion/tracker.h"

#include <math.h>
#include <string.h>

#define SEA_T0 INT64_C(1764000000000000000)
#define SEA_VESSELS 8
#define SEA_TRACKS 512

struct sea_vessel {
	double x_m, y_m, u_mps, v_mps, from_s, to_s; /* on radar; place and course as at from_s */
	unsigned mmsi;
	double report_s;           /* interval; 0 = no AIS */
	double mute_from_s, mute_to_s;
	double off_from_s, off_x_m, off_y_m; /* from then on its reports are displaced; 0 = never */
	double next_s;
};

static struct {
	struct tracker *tracker;
	struct sea_vessel vessels[SEA_VESSELS];
	unsigned n_vessels;
	double now_s, scanned_s;
	struct track tracks[SEA_TRACKS];
	uint64_t versions[SEA_TRACKS];
	unsigned went_back; /* versions that did not count up */
	uint32_t seed;
} sea;

static void sea_publish(void *user, const struct track *k)
{
	uint32_t b = k->id.birth % SEA_TRACKS;

	sea.went_back += k->version <= sea.versions[b];
	sea.versions[b] = k->version;
	sea.tracks[b] = *k;
}

static double sea_scatter(double sigma)
{
	double sum = 0;

	for (int i = 0; i < 12; i++) {
		sea.seed = sea.seed * 1664525u + 1013904223u;
		sum += (double)(sea.seed >> 8) / 16777216;
	}
	return (sum - 6) * sigma;
}

static struct tracker *sea_tracker(void)
{
	struct site site = { .scan_period_ns = INT64_C(2500000000), .range_sigma_m = 20, .azimuth_sigma_rad = 0.005,
		.max_range_m = 30000 };
	struct tracker_config c;
	struct tracker *t;

	tracker_defaults(&c);
	c.max_tracks = 1000;
	c.max_identities = 1024;
	c.epoch = 1;
	strcpy(c.origin, "xa");
	c.lat_rad = 0.95;
	c.lon_rad = 0.2;
	assert_int_equal(tracker_new(&c, sea_publish, NULL, &t), 0);
	assert_int_equal(tracker_station(t, "radar1", PLOT_SENSOR_RADAR), 0);
	tracker_station_place(t, 0, 0, -11000, 0, &site);
	assert_int_equal(tracker_station(t, "ais1", PLOT_SENSOR_AIS), 1);
	return t;
}

static int sea_begin(void **state)
{
	memset(&sea, 0, sizeof(sea));
	sea.seed = 1;
	sea.tracker = sea_tracker();
	return 0;
}

static int sea_end(void **state)
{
	tracker_free(sea.tracker);
	return 0;
}

static struct sea_vessel *sea_vessel(double x_m, double y_m, double u_mps, double v_mps, double from_s, double to_s)
{
	struct sea_vessel *v = &sea.vessels[sea.n_vessels++];

	*v = (struct sea_vessel){ x_m, y_m, u_mps, v_mps, from_s, to_s, .next_s = from_s + 1 };
	return v;
}

static void sea_position(const struct sea_vessel *v, double *ret_x, double *ret_y)
{
	*ret_x = v->x_m + (sea.now_s - v->from_s) * v->u_mps;
	*ret_y = v->y_m + (sea.now_s - v->from_s) * v->v_mps;
}

static void sea_put(uint32_t station, double x_m, double y_m, double sigma_m, const struct sea_vessel *v)
{
	struct tracker_input m = { .station = station };

	m.in.time_ns = m.recv_ns = SEA_T0 + (int64_t)(sea.now_s * 1e9);
	m.in.x_m = x_m + sea_scatter(sigma_m);
	m.in.y_m = y_m + sea_scatter(sigma_m);
	m.in.cov = (struct filter_cov2){ sigma_m * sigma_m, 0, sigma_m * sigma_m };
	if (v) {
		m.id_kind = PLOT_ID_MMSI;
		m.id = v->mmsi;
		m.in.has_velocity = true;
		m.in.u_mps = v->u_mps + sea_scatter(0.2);
		m.in.v_mps = v->v_mps + sea_scatter(0.2);
		m.in.velocity_cov = (struct filter_cov2){ 0.1, 0, 0.1 };
	}
	tracker_input(sea.tracker, &m);
}

static void sea_report(struct sea_vessel *v)
{
	double x, y;

	if (!v->report_s || sea.now_s < v->from_s || sea.now_s > v->to_s || sea.now_s < v->next_s)
		return;
	v->next_s = sea.now_s + v->report_s;
	if (sea.now_s >= v->mute_from_s && sea.now_s < v->mute_to_s)
		return;
	sea_position(v, &x, &y);
	bool off = v->off_from_s > 0 && sea.now_s >= v->off_from_s;
	sea_put(1, x + (off ? v->off_x_m : 0), y + (off ? v->off_y_m : 0), 10, v);
}

static void sea_until(double to_s)
{
	for (; sea.now_s < to_s; sea.now_s += 0.5) {
		bool turn = sea.now_s >= sea.scanned_s + 2.5;
		for (unsigned i = 0; i < sea.n_vessels; i++) {
			struct sea_vessel *v = &sea.vessels[i];
			double x, y;
			sea_report(v);
			sea_position(v, &x, &y);
			if (turn && sea.now_s >= v->from_s && sea.now_s <= v->to_s)
				sea_put(0, x, y, 20, NULL);
		}
		if (turn)
			sea.scanned_s = sea.now_s;
		tracker_sweep(sea.tracker, 0, SEA_T0 + (int64_t)(sea.scanned_s * 1e9));
		tracker_tick(sea.tracker, SEA_T0 + (int64_t)(sea.now_s * 1e9));
	}
}

/* The live track nearest to a vessel, within 200 m; NULL = none. */
static struct sea_look {
	double x_m, y_m, best;
	uint32_t birth;
} sea_found;

static void sea_nearest(void *user, const struct tracker_view *view)
{
	double d = hypot(view->estimate.x[0] - sea_found.x_m, view->estimate.x[1] - sea_found.y_m);

	if (d < sea_found.best) {
		sea_found.best = d;
		sea_found.birth = view->birth;
	}
}

static const struct track *sea_track_at(double x_m, double y_m)
{
	sea_found = (struct sea_look){ x_m, y_m, 200, 0 };
	tracker_each(sea.tracker, SEA_T0 + (int64_t)(sea.now_s * 1e9), sea_nearest, NULL);
	return sea_found.birth ? &sea.tracks[sea_found.birth % SEA_TRACKS] : NULL;
}

static inline const struct track *sea_track(const struct sea_vessel *v)
{
	double x, y;

	sea_position(v, &x, &y);
	return sea_track_at(x, y);
}
