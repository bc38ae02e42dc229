/*
 * bench-tracker - plots a second through the tracker, one core, on a scene made here: straight
 * vessels, two radars at 2.5 s, clutter, AIS every 6 s on two thirds. Making the plots is not
 * charged, and there is no journal in it.
 */
#include "common/clock.h"
#include "fusion/tracker.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define T0 INT64_C(1000000000000)
#define SCAN_NS INT64_C(2500000000)
#define STEP_NS INT64_C(100000000)
#define SIGMA_R 20.0
#define SIGMA_A 0.005236 /* 0.3 degrees */

struct scene {
	const char *name;
	unsigned vessels;
	double side_m, clutter; /* per m^2 and scan */
	double duration_s;
};

static uint64_t seed = 88172645463325252u;

/* xorshift64: Marsaglia, J. Statistical Software 8 (2003). */
static double uniform(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (double)(seed >> 11) * 0x1p-53;
}

static double normal(void)
{
	return sqrt(-2 * log(uniform() + 1e-300)) * cos(2 * M_PI * uniform());
}

struct vessel {
	double x, y, u, v;
};

struct bench {
	const struct scene *s;
	struct tracker *t;
	struct vessel *vessels;
	struct tracker_input *plots;
	size_t n, plots_total, scans;
	int64_t busy_ns, *times;
	double radar[2][2];
};

static void add_plot(
	struct bench *b, unsigned radar, double x, double y, double sr, double sa, int64_t time_ns)
{
	double dx = x - b->radar[radar][0], dy = y - b->radar[radar][1];
	double r = sqrt(dx * dx + dy * dy) + normal() * sr, a = atan2(dx, dy) + normal() * sa;
	struct tracker_input *m = &b->plots[b->n++];

	*m = (struct tracker_input){ .in.time_ns = time_ns, .station = radar, .recv_ns = time_ns };
	m->in.x_m = b->radar[radar][0] + r * sin(a);
	m->in.y_m = b->radar[radar][1] + r * cos(a);
	m->in.cov = filter_polar_cov(r * sin(a), r * cos(a), SIGMA_R, SIGMA_A);
}

static void make_scan(struct bench *b, unsigned radar, int64_t time_ns)
{
	const struct scene *s = b->s;
	double t = (double)(time_ns - T0) * 1e-9, clutter = s->clutter * s->side_m * s->side_m;

	for (unsigned i = 0; i < s->vessels; i++)
		if (uniform() < 0.9)
			add_plot(b, radar, b->vessels[i].x + b->vessels[i].u * t,
				b->vessels[i].y + b->vessels[i].v * t, SIGMA_R, SIGMA_A, time_ns);
	for (unsigned i = 0; i < (unsigned)(clutter + uniform()); i++)
		add_plot(b, radar, (uniform() - 0.5) * s->side_m, (uniform() - 0.5) * s->side_m, 0,
			0, time_ns);
}

static void make_reports(struct bench *b, int64_t time_ns)
{
	double t = (double)(time_ns - T0) * 1e-9;
	unsigned step = (unsigned)((time_ns - T0) / STEP_NS);

	for (unsigned i = step % 60; i < b->s->vessels * 2 / 3; i += 60) {
		struct vessel *v = &b->vessels[i];
		struct tracker_input *m = &b->plots[b->n++];
		*m = (struct tracker_input){ .in.time_ns = time_ns,
			.station = 2,
			.recv_ns = time_ns,
			.id_kind = PLOT_ID_MMSI,
			.id = 200000001 + i };
		m->in.x_m = v->x + v->u * t + normal() * 10;
		m->in.y_m = v->y + v->v * t + normal() * 10;
		m->in.cov = (struct filter_cov2){ 144, 0, 144 };
		m->in.has_velocity = true;
		m->in.u_mps = v->u + normal() * 0.2;
		m->in.v_mps = v->v + normal() * 0.2;
		m->in.velocity_cov = (struct filter_cov2){ 0.06, 0, 0.06 };
	}
}

static void step(struct bench *b, int64_t now)
{
	b->n = 0;
	for (unsigned radar = 0; radar < 2; radar++)
		if ((now - T0 - radar * INT64_C(1100000000)) % SCAN_NS == 0)
			make_scan(b, radar, now);
	bool scan = b->n > 0;
	make_reports(b, now);
	int64_t start = clock_mono_ns();
	for (size_t i = 0; i < b->n; i++) {
		tracker_input(b->t, &b->plots[i]);
		if (b->plots[i].station < 2)
			tracker_sweep(b->t, b->plots[i].station, now);
	}
	tracker_tick(b->t, now);
	int64_t took = clock_mono_ns() - start;
	b->busy_ns += took;
	b->plots_total += b->n;
	if (scan)
		b->times[b->scans++] = took;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void nothing(void *user, const struct track *track)
{
	(void)track;
	++*(uint64_t *)user;
}

static void place(struct bench *b)
{
	const struct scene *s = b->s;
	struct site site = { .scan_period_ns = SCAN_NS,
		.max_range_m = 1.4 * s->side_m,
		.range_sigma_m = SIGMA_R,
		.azimuth_sigma_rad = SIGMA_A };

	for (unsigned i = 0; i < 2; i++) {
		b->radar[i][0] = (i ? 0.3 : -0.25) * s->side_m;
		b->radar[i][1] = -0.55 * s->side_m;
		int k = tracker_station(b->t, i ? "radar2" : "radar1", PLOT_SENSOR_RADAR);
		tracker_station_place(b->t, (uint32_t)k, b->radar[i][0], b->radar[i][1], 0, &site);
	}
	(void)tracker_station(b->t, "ais", PLOT_SENSOR_AIS);
	for (unsigned i = 0; i < s->vessels; i++) {
		double speed = 2 + 12 * uniform(), course = 2 * M_PI * uniform();
		b->vessels[i] = (struct vessel){ (uniform() - 0.5) * s->side_m,
			(uniform() - 0.5) * s->side_m, speed * sin(course), speed * cos(course) };
	}
}

static int run(const struct scene *s)
{
	struct tracker_config c;
	uint64_t published = 0;
	size_t most = s->vessels * 3 + (size_t)(2 * s->clutter * s->side_m * s->side_m) + 64;
	struct bench b = { .s = s,
		.vessels = calloc(s->vessels, sizeof(*b.vessels)),
		.plots = calloc(most, sizeof(*b.plots)),
		.times = calloc((size_t)s->duration_s + 16, sizeof(*b.times)) };

	tracker_defaults(&c);
	snprintf(c.origin, sizeof(c.origin), "bench");
	c.max_identities = 65536;
	if (!b.vessels || !b.plots || !b.times || tracker_new(&c, nothing, &published, &b.t) < 0)
		return 1;
	place(&b);
	for (int64_t now = T0; now < T0 + (int64_t)(s->duration_s * 1e9); now += STEP_NS)
		step(&b, now);
	qsort(b.times, b.scans, sizeof(*b.times), by_value);
	printf("bench tracker.plots.%s %.0f plots/s\n", s->name,
		(double)b.plots_total / ((double)b.busy_ns * 1e-9));
	printf("bench tracker.scan.p99.%s %.3f ms\n", s->name,
		(double)b.times[b.scans - 1 - b.scans / 100] * 1e-6);
	tracker_free(b.t);
	free(b.vessels);
	free(b.plots);
	free(b.times);
	return 0;
}

int main(void)
{
	static const struct scene scenes[] = {
		{ "50", 50, 20000, 2.5e-8, 120 },
		{ "1000", 1000, 30000, 2.5e-8, 60 },
		{ "50_clutter", 50, 20000, 1e-6, 60 },
	};

	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (run(&scenes[i]))
			return 1;
	return 0;
}
