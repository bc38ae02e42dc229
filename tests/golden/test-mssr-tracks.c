/*
 * A recorded MSSR's hour of airliners: each aircraft one track. Mode 3/A, which the tracker does not look at, is the truth.
 *
 * An aircraft is a code without a gap of five minutes, seen twenty times or more, two turns in three or more of the time. Its
 * plots are covered when a confirmed track lies within 4 km; that is six sigma of azimuth at the recording's longest range.
 */
#include "tests/assert_near.h"

#include "common/geo.h"
#include "fusion/tracker.h"
#include "sensor/decode/asterix/asterix_plot.h"
#include "sensor/decode/asterix/asterix_profile.h"
#include "sensor/decode/asterix/cat048.h"
#include "sensor/decode/container.h"
#include "tests/golden/recording.h"

#define CAPTURE "cat034-048-mtr-padded-260429.pcap"
#define S INT64_C(1000000000)
#define TURN_NS INT64_C(7625000000)
#define STEP_NS (S / 4)
#define GAP_NS (300 * S)
#define NEAR_M 4000.0
#define AIRCRAFT_MAX 256

static const char *dir;

struct aircraft {
	unsigned code, plots, covered, tracks, switches, run, longest;
	int64_t first_ns, last_ns;
	uint32_t birth; /* of the track it had last; 0 = none yet */
};

struct look {
	int64_t time_ns;
	unsigned code;
	double x_m, y_m;
};

struct work {
	struct tracker *tracker;
	struct plotting plotting;
	struct look looks[1024];
	unsigned n_looks, n_aircraft, n_tracks;
	struct aircraft aircraft[AIRCRAFT_MAX];
	int64_t now_ns;
	/* one look against all tracks */
	const struct look *look;
	double nearest_m;
	uint32_t birth;
};

static struct site site = { .feed = "mssr", .sensor = PLOT_SENSOR_RADAR, .version = 1, .range_sigma_m = 70,
	.azimuth_sigma_rad = 0.08 * GEO_DEG, .scan_period_ns = TURN_NS, .max_range_m = 475e3, .view_width_rad = 2 * M_PI,
	.targets = SITE_TARGETS_AIR };

static void compare(void *user, const struct tracker_view *v)
{
	struct work *w = user;
	double m = hypot(v->estimate.x[0] - w->look->x_m, v->estimate.x[1] - w->look->y_m);

	if (v->state == TRACK_DROPPED || m >= w->nearest_m)
		return;
	w->nearest_m = m;
	w->birth = v->birth;
}

static struct aircraft *aircraft_of(struct work *w, const struct look *l)
{
	for (unsigned i = w->n_aircraft; i-- > 0;)
		if (w->aircraft[i].code == l->code && l->time_ns - w->aircraft[i].last_ns < GAP_NS)
			return &w->aircraft[i];
	assert_true(w->n_aircraft < AIRCRAFT_MAX);

	struct aircraft *a = &w->aircraft[w->n_aircraft++];

	*a = (struct aircraft){ .code = l->code, .first_ns = l->time_ns };
	return a;
}

static void judge(struct work *w, const struct look *l)
{
	struct aircraft *a = aircraft_of(w, l);

	a->plots++;
	a->last_ns = l->time_ns;
	w->look = l;
	w->nearest_m = NEAR_M;
	w->birth = 0;
	tracker_each(w->tracker, l->time_ns, compare, w);
	if (!w->birth)
		return;
	a->covered++;
	if (w->birth != a->birth) {
		a->switches += a->birth != 0;
		a->run = 0;
	}
	a->birth = w->birth;
	if (++a->run > a->longest)
		a->longest = a->run;
}

static void take(void *user, const struct asterix_record *r)
{
	enum asterix_plot_drop drop;
	struct work *w = user;
	bool bad = false;
	struct plot p;

	if (!asterix_plot(r, &w->plotting, &p, &drop, &bad))
		return;
	tracker_plot(w->tracker, &p);
	if (p.kind != PLOT_POLAR || !asterix_has(r, CAT048_I070) || r->items[CAT048_I070][0] & 0xc0)
		return;

	struct look *l = &w->looks[w->n_looks++];

	assert_true(w->n_looks < 1024);
	*l = (struct look){ .time_ns = p.time_ns, .code = (unsigned)bits_get(r->items[CAT048_I070], 4, 12) };

	/* The radar is the plane's origin: the plane is asked for what the tracker's frame does with the place. */
	const struct geo_point at = { site.lat_rad, site.lon_rad, 0 }, to = { p.lat_rad, p.lon_rad, 0 };
	double range_m, azimuth_rad;

	geo_inverse(&at, &to, &range_m, &azimuth_rad);
	range_m = 6371e3 * sin(range_m / 6371e3); /* dropped onto the plane */
	l->x_m = range_m * sin(azimuth_rad);
	l->y_m = range_m * cos(azimuth_rad);
}

static void step_to(struct work *w, int64_t time_ns)
{
	while (w->now_ns + STEP_NS <= time_ns) {
		w->now_ns += STEP_NS;
		tracker_tick(w->tracker, w->now_ns);
		for (unsigned i = 0; i < w->n_looks; i++)
			judge(w, &w->looks[i]);
		w->n_looks = 0;
	}
}

static void play(struct work *w)
{
	struct asterix_stats stats = { 0 };
	struct container_datagram d;
	struct container c;
	size_t size;
	uint8_t *data = (uint8_t *)recording_read(dir, CAPTURE, BITS_SLACK, &size);

	assert_int_equal(container_init(&c, data, size), 0);
	while (container_next(&c, &d)) {
		if (!w->now_ns)
			w->now_ns = d.time_ns;
		step_to(w, d.time_ns);
		w->plotting.recv_ns = d.time_ns;
		asterix_decode_as(&asterix_profile_newest, d.data, d.size, &stats, take, w);
	}
	step_to(w, w->now_ns + 2 * S);
	free(data);
}

static bool is_seen_well(const struct aircraft *a)
{
	return a->plots >= 20 && 3 * (int64_t)a->plots * TURN_NS >= 2 * (a->last_ns - a->first_ns);
}

static void count_one(void *user, const struct track *t)
{
	struct work *w = user;

	if (t->version == 1)
		w->n_tracks++;
}

static void every_aircraft_is_one_track(void **state)
{
	static struct work w;
	struct tracker_config c;
	unsigned n = 0, plots = 0, covered = 0, switches = 0;
	double longest = 0;

	(void)state;
	tracker_defaults(&c);
	strcpy(c.origin, "xa");
	site.lat_rad = c.lat_rad = -34 * GEO_DEG;
	site.lon_rad = c.lon_rad = -62 * GEO_DEG;
	w.plotting = (struct plotting){ .site = &site, .sac = 256, .sic = 256 };
	assert_int_equal(tracker_new(&c, count_one, &w, &w.tracker), 0);
	tracker_site(w.tracker, &site);
	play(&w);
	for (unsigned i = 0; i < w.n_aircraft; i++) {
		const struct aircraft *a = &w.aircraft[i];

		print_message("%04o: %u plots in %.0f s, %u covered, %u switches, longest %.3f%s\n", a->code, a->plots,
			(double)(a->last_ns - a->first_ns) / 1e9, a->covered, a->switches, (double)a->longest / a->plots,
			is_seen_well(a) ? "" : " (not judged)");
		if (!is_seen_well(a))
			continue;
		n++;
		plots += a->plots;
		covered += a->covered;
		switches += a->switches;
		longest += (double)a->longest / a->plots;
	}
	print_message("%u aircraft, %u tracks confirmed, %.3f of their plots covered, %u switches, longest segment %.3f\n", n, w.n_tracks,
		(double)covered / plots, switches, longest / n);
	assert_int_equal(n, 16);
	assert_true(covered > 0.97 * plots);
	assert_true(w.n_tracks <= 32);
	assert_true(switches <= 8);
	assert_true(longest > 0.85 * n);
	tracker_free(w.tracker);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_aircraft_is_one_track) };

	if (argc != 2)
		return 2;
	dir = argv[1];
	recording_need(dir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
