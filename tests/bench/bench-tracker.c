/*
 * bench-tracker - plots a second through the tracker, bytes a track, time from plot to updated track.
 *
 * usage: bench-tracker [BUILD] [--live] [--repeat N] [--threads N] [DIR...]
 *
 * Scenario folders, or where none is named a scene made here: straight vessels, two radars at 2.5 s, clutter, AIS every 6 s
 * on two thirds. What is charged is what the tracker does from a plot in memory to the published track; reading and writing
 * CSV and the journal's sync are not. The best of N runs (3) counts: the host is shared. --live: the plots as they are made
 * along the turns, in batches of LIVE_NS, and the time from each to its published track, once half of the scenario is over.
 */
#include "cli/scenario.h"
#include "tests/bench/charge.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define STEP_NS INT64_C(100000000) /* the daemon's tick */
#define LIVE_NS INT64_C(10000000)  /* what arrives within it shares a commit */
#define SIGMA_R 20.0
#define SIGMA_A 0.005236 /* 0.3 degrees */
#define KERNEL_TRACKS 4096
#define KERNEL_STEPS 100
#define BYTES_TRACKS 5000

static unsigned repeat = 3, threads = 1;

/* --- a scene made here --- */

struct scene {
	const char *name;
	unsigned vessels;
	double side_m, clutter; /* per m^2 and scan */
	double duration_s;
};

struct vessel {
	double x, y, u, v;
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

static struct scenario_row *add_row(struct scenario *s, unsigned station, int64_t time_ns, double x_m, double y_m)
{
	struct scenario_row *r = &s->rows[s->n_rows++];

	*r = (struct scenario_row){ .arrive_ns = time_ns, .radar = station < 2 };
	r->input = (struct tracker_input){ .in = { .time_ns = time_ns, .x_m = x_m, .y_m = y_m }, .station = station, .recv_ns = time_ns };
	return r;
}

static void add_plot(struct scenario *s, unsigned radar, int64_t time_ns, double x, double y, double sr, double sa)
{
	const struct scenario_radar *at = &s->radars[radar];
	double dx = x - at->x_m, dy = y - at->y_m;
	double r = sqrt(dx * dx + dy * dy) + normal() * sr, a = atan2(dx, dy) + normal() * sa;
	struct scenario_row *row = add_row(s, radar, time_ns, at->x_m + r * sin(a), at->y_m + r * cos(a));

	row->input.in.cov = filter_polar_cov(r * sin(a), r * cos(a), SIGMA_R, SIGMA_A);
}

static void add_report(struct scenario *s, const struct vessel *v, double t, int64_t time_ns, unsigned i)
{
	struct scenario_row *r = add_row(s, 2, time_ns, v->x + v->u * t + normal() * 10, v->y + v->v * t + normal() * 10);
	struct filter_input *in = &r->input.in;

	r->input.id_kind = PLOT_ID_MMSI;
	r->input.id = 200000001 + i;
	in->cov = (struct filter_cov2){ 144, 0, 144 };
	in->has_velocity = true;
	in->u_mps = v->u + normal() * 0.2;
	in->v_mps = v->v + normal() * 0.2;
	in->velocity_cov = (struct filter_cov2){ 0.06, 0, 0.06 };
}

static void add_step(struct scenario *s, const struct scene *scene, const struct vessel *vessels, unsigned step)
{
	int64_t time_ns = SCENARIO_EPOCH_NS + step * STEP_NS;
	double t = step * 0.1, half = scene->side_m / 2, clutter = scene->clutter * scene->side_m * scene->side_m;

	for (unsigned radar = 0; radar < 2; radar++) {
		if (step % 25 != radar * 11)
			continue;
		for (unsigned i = 0; i < scene->vessels; i++)
			if (uniform() < 0.9)
				add_plot(s, radar, time_ns, vessels[i].x + vessels[i].u * t, vessels[i].y + vessels[i].v * t, SIGMA_R, SIGMA_A);
		for (unsigned i = 0; i < (unsigned)(clutter + uniform()); i++)
			add_plot(s, radar, time_ns, (2 * uniform() - 1) * half, (2 * uniform() - 1) * half, 0, 0);
	}
	for (unsigned i = step % 60; i < scene->vessels * 2 / 3; i += 60)
		add_report(s, &vessels[i], t, time_ns, i);
}

static int make_scene(const struct scene *scene, struct scenario *ret_s)
{
	unsigned steps = (unsigned)(scene->duration_s * 10);
	size_t most = (size_t)steps * (scene->vessels / 10 + 2) + steps / 12 * (scene->vessels + (size_t)(scene->clutter * scene->side_m * scene->side_m) + 2);
	struct vessel *vessels = calloc(scene->vessels, sizeof(*vessels));
	struct scenario s = { .side_m = scene->side_m, .duration_s = scene->duration_s, .scan_ns = INT64_C(2500000000), .range_sigma_m = SIGMA_R,
		.azimuth_sigma_rad = SIGMA_A, .report_sigma_m = 10, .n_radars = 2, .radars = calloc(2, sizeof(*s.radars)),
		.rows = calloc(most, sizeof(*s.rows)) };

	if (!vessels || !s.radars || !s.rows)
		return -ENOMEM;
	s.radars[0] = (struct scenario_radar){ 1, -0.25 * s.side_m, -0.55 * s.side_m };
	s.radars[1] = (struct scenario_radar){ 2, 0.3 * s.side_m, -0.52 * s.side_m };
	for (unsigned i = 0; i < scene->vessels; i++) {
		double speed = 2 + 12 * uniform(), course = 2 * M_PI * uniform();
		vessels[i] = (struct vessel){ (uniform() - 0.5) * s.side_m, (uniform() - 0.5) * s.side_m, speed * sin(course), speed * cos(course) };
	}
	for (unsigned step = 0; step < steps; step++)
		add_step(&s, scene, vessels, step);
	free(vessels);
	*ret_s = s;
	return 0;
}

/* --- what is measured --- */

struct result {
	double wall_s, cpu_s;
	int64_t p99_ns;
	uint64_t peak_tracks, counts[_CHARGE_MAX];
	uint64_t refused, full; /* plots that were not looked at, and births and the like without room */
	bool counted[_CHARGE_MAX];
	double bytes; /* of memory that the tracker came to use */
};

static double resident_bytes(void)
{
	unsigned long size, pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f && fscanf(f, "%lu %lu", &size, &pages) != 2)
		pages = 0;
	if (f)
		(void)fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void nothing(void *user, const struct track *track)
{
	(void)track;
	++*(uint64_t *)user;
}

/* A plot that is refused costs next to nothing: it is not among those a second. */
static uint64_t refused(const struct tracker *t)
{
	static const enum tracker_counter ways[] = { TRACKER_PLOTS_LATE, TRACKER_PLOTS_AHEAD, TRACKER_PLOTS_BAD, TRACKER_PLOTS_TWICE };
	uint64_t n = 0;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		n += tracker_count(t, ways[i]);
	return n;
}

static int run_once(struct scenario *s, struct result *ret_r)
{
	struct tracker_config c;
	struct scenario_stats st;
	struct tracker *t;
	uint64_t published = 0;
	double before = resident_bytes();

	scenario_config(s, &c);
	c.threads = threads;
	if (tracker_new(&c, nothing, &published, &t) < 0)
		return -ENOMEM;
	charge_begin();
	/* Called ahead of the tracker's work and after it. */
	int error = scenario_run(s, t, NULL, NULL, charge_toggle, &st);
	struct result r = { charge.wall_ns * 1e-9, charge.cpu_ns * 1e-9, st.p99_ns, st.peak_tracks, .bytes = resident_bytes() - before };
	for (int i = 0; i < _CHARGE_MAX; i++)
		r.counted[i] = charge_read(i, &r.counts[i]);
	r.refused = refused(t);
	r.full = tracker_count(t, TRACKER_FULL);
	tracker_free(t);
	*ret_r = r;
	return error;
}

static int best_of(struct scenario *s, struct result *ret_r)
{
	struct result best = { 0 }, r;

	for (unsigned i = 0; i < repeat; i++) {
		int error = run_once(s, &r);
		if (error < 0)
			return error;
		/* The first alone finds no pages that another left behind. */
		r.bytes = i ? best.bytes : r.bytes;
		if (!i || r.cpu_s < best.cpu_s)
			best = r;
	}
	*ret_r = best;
	return 0;
}

/* One prediction and one update of the two mixed models, tracks one after the other. Return: ns. */
static double kernel_ns(void)
{
	static struct filter filters[KERNEL_TRACKS];
	struct tracker_config c;
	struct filter_input in = { .cov = { 400, 50, 900 } };
	double best = INFINITY, sum = 0;

	tracker_defaults(&c);
	for (unsigned i = 0; i < KERNEL_TRACKS; i++)
		filter_init(&filters[i], &in, c.speed_sigma_mps);
	for (unsigned round = 0; round < KERNEL_STEPS; round++) {
		int64_t start = charge_clock(CLOCK_PROCESS_CPUTIME_ID);
		for (unsigned i = 0; i < KERNEL_TRACKS; i++) {
			in.x_m = (double)(i * 7 % 31) - 15;
			filter_predict(&filters[i], 1.25, &c.model);
			sum += filter_update(&filters[i], &in);
		}
		best = fmin(best, (double)(charge_clock(CLOCK_PROCESS_CPUTIME_ID) - start) / KERNEL_TRACKS);
	}
	return sum > 0 ? best : NAN;
}

static void print_counts(const char *name, const struct result *r, double plots)
{
	static const char *const names[_CHARGE_MAX] = { "instructions", "cycles", "cache_misses" };

	for (int i = 0; i < _CHARGE_MAX; i++)
		if (r->counted[i])
			printf("bench tracker.%s.%s %.1f /plot\n", names[i], name, (double)r->counts[i] / plots);
		else
			printf("bench tracker.%s.%s n/a: this machine does not let them be counted\n", names[i], name);
}

static void print_result(const char *name, const struct scenario *s, const struct result *r, double kernel)
{
	double plots = (double)(s->n_rows - r->refused);

	if (r->refused || r->full)
		printf("bench tracker.refused.%s %llu plots, %llu times without room\n", name, (unsigned long long)r->refused,
			(unsigned long long)r->full);
	printf("bench tracker.plots.%s %.0f plots/s\n", name, plots / r->cpu_s);
	printf("bench tracker.plots_wall.%s %.0f plots/s\n", name, plots / r->wall_s);
	printf("bench tracker.realtime.%s %.2f times\n", name, s->duration_s / r->wall_s);
	printf("bench tracker.scan.p99.%s %.3f ms\n", name, (double)r->p99_ns * 1e-6);
	printf("bench tracker.tracks.%s %llu tracks\n", name, (unsigned long long)r->peak_tracks);
	/* Below it the tables' own size is most of it. */
	if (r->peak_tracks >= BYTES_TRACKS)
		printf("bench tracker.bytes_a_track.%s %.0f B\n", name, r->bytes / (double)r->peak_tracks);
	print_counts(name, r, plots);
	printf("bench tracker.kernels.%s %.2f IMM steps/plot\n", name, r->cpu_s / plots * 1e9 / kernel);
	(void)fflush(stdout);
}

static int measure(const char *name, struct scenario *s, double kernel, double *ret_rate)
{
	struct result r;
	int error = best_of(s, &r);

	if (error < 0) {
		fprintf(stderr, "bench-tracker: %s: %s\n", name, strerror(-error));
		return 1;
	}
	print_result(name, s, &r, kernel);
	*ret_rate = (double)(s->n_rows - r.refused) / r.cpu_s;
	return 0;
}

/* --- live --- */

static int by_arrival(const void *a, const void *b)
{
	const struct scenario_row *x = a, *y = b;

	if (x->arrive_ns != y->arrive_ns)
		return x->arrive_ns < y->arrive_ns ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void place_stations(const struct scenario *s, struct tracker *t)
{
	struct site site = { .scan_period_ns = s->scan_ns, .max_range_m = 1.4 * s->side_m, .range_sigma_m = s->range_sigma_m,
		.azimuth_sigma_rad = s->azimuth_sigma_rad };
	char name[PLOT_FEED_MAX];

	for (size_t i = 0; i < s->n_radars; i++) {
		(void)snprintf(name, sizeof(name), "radar%d", s->radars[i].id);
		tracker_station_place(t, (uint32_t)tracker_station(t, name, PLOT_SENSOR_RADAR), s->radars[i].x_m, s->radars[i].y_m, 0, &site);
	}
	(void)tracker_station(t, "ais", PLOT_SENSOR_AIS);
}

/* From a plot's arrival to the end of the tick that published it: as it passed, and of the processor's time. */
struct latency {
	int64_t *wall_ns, *cpu_ns; /* by plot */
	size_t n;
};

static void live_batch(struct tracker *t, const struct scenario_row *rows, size_t n, int64_t now_ns, struct latency *l)
{
	int64_t *wall = l->wall_ns + l->n, *cpu = l->cpu_ns + l->n;

	for (size_t i = 0; i < n; i++) {
		wall[i] = charge_clock(CLOCK_MONOTONIC);
		cpu[i] = charge_clock(CLOCK_PROCESS_CPUTIME_ID);
		tracker_input(t, &rows[i].input);
		if (rows[i].radar)
			tracker_sweep(t, rows[i].input.station, rows[i].input.in.time_ns);
	}
	tracker_tick(t, now_ns);
	int64_t wall_end = charge_clock(CLOCK_MONOTONIC), cpu_end = charge_clock(CLOCK_PROCESS_CPUTIME_ID);
	for (size_t i = 0; i < n; i++) {
		wall[i] = wall_end - wall[i];
		cpu[i] = cpu_end - cpu[i];
	}
}

static void print_latency(const char *kind, const char *name, int64_t *ns, size_t n)
{
	qsort(ns, n, sizeof(*ns), by_value);
	printf("bench tracker.%s.p50.%s %.1f us\n", kind, name, n ? (double)ns[n / 2] * 1e-3 : NAN);
	printf("bench tracker.%s.p99.%s %.1f us\n", kind, name, n ? (double)ns[n - 1 - n / 100] * 1e-3 : NAN);
}

static int run_live(const char *name, struct scenario *s)
{
	int64_t end_ns = SCENARIO_EPOCH_NS + (int64_t)(s->duration_s * 1e9), settled_ns = (SCENARIO_EPOCH_NS + end_ns) / 2;
	struct latency l = { calloc(s->n_rows + 1, sizeof(int64_t)), calloc(s->n_rows + 1, sizeof(int64_t)), 0 };
	struct tracker_config c;
	struct tracker *t;
	uint64_t published = 0;
	size_t at = 0;

	for (size_t i = 0; i < s->n_rows; i++)
		if (s->rows[i].radar)
			s->rows[i].arrive_ns = s->rows[i].input.recv_ns = s->rows[i].input.in.time_ns;
	qsort(s->rows, s->n_rows, sizeof(*s->rows), by_arrival);
	scenario_config(s, &c);
	c.threads = threads;
	if (!l.wall_ns || !l.cpu_ns || tracker_new(&c, nothing, &published, &t) < 0)
		return 1;
	place_stations(s, t);
	for (int64_t now = SCENARIO_EPOCH_NS; now <= end_ns; now += LIVE_NS) {
		size_t first = at;
		while (at < s->n_rows && s->rows[at].arrive_ns <= now)
			at++;
		live_batch(t, &s->rows[first], at - first, now, &l);
		l.n += now > settled_ns ? at - first : 0;
	}
	printf("bench tracker.latency.tracks.%s %llu tracks\n", name, (unsigned long long)tracker_tracks(t));
	print_latency("latency", name, l.wall_ns, l.n);
	print_latency("latency_cpu", name, l.cpu_ns, l.n);
	(void)fflush(stdout);
	tracker_free(t);
	free(l.wall_ns);
	free(l.cpu_ns);
	return 0;
}

/* --- all of it --- */

static int run_scenes(double kernel)
{
	static const struct scene scenes[] = {
		{ "50", 50, 20000, 2.5e-8, 120 },
		{ "1000", 1000, 30000, 2.5e-8, 60 },
		{ "50_clutter", 50, 20000, 1e-6, 60 },
	};

	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		struct scenario s = { 0 };
		double rate;
		int failed = make_scene(&scenes[i], &s) < 0 || measure(scenes[i].name, &s, kernel, &rate);
		scenario_done(&s);
		if (failed)
			return 1;
	}
	return 0;
}

/* What larger scenarios are told against. */
struct first {
	double rate;
	size_t n_radars;
};

static int run_folder(const char *dir, bool live, double kernel, struct first *first)
{
	const char *slash = strrchr(dir, '/'), *name = slash ? slash + 1 : dir;
	struct scenario s;
	char error[512];
	double rate = 0;

	if (scenario_load(dir, &s, error, sizeof(error)) < 0) {
		fprintf(stderr, "bench-tracker: %s\n", error);
		return 1;
	}
	int failed = live ? run_live(name, &s) : measure(name, &s, kernel, &rate);
	if (!first->n_radars)
		*first = (struct first){ rate, s.n_radars };
	else if (!failed && !live && s.n_radars > first->n_radars)
		printf("bench tracker.relative.%s %.3f of the first\n", name, rate / first->rate);
	scenario_done(&s);
	return failed;
}

int main(int argc, char **argv)
{
	bool live = false, folders = false;
	int failed = 0;
	struct first first = { 0 };
	double kernel = kernel_ns();

	printf("# from a plot in memory to the published track; plots/s of processor time of all threads, and as it passed (wall)\n"
	       "# not charged: reading and writing CSV, the journal's sync\n");
	printf("bench tracker.kernel %.1f ns/IMM step\n", kernel);
	for (int i = 2; i < argc && !failed; i++) {
		if (!strcmp(argv[i], "--live")) {
			live = true;
		} else if (!strcmp(argv[i], "--repeat") && i + 1 < argc) {
			repeat = (unsigned)strtoul(argv[++i], NULL, 10);
			repeat += !repeat;
		} else if (!strcmp(argv[i], "--threads") && i + 1 < argc) {
			threads = (unsigned)strtoul(argv[++i], NULL, 10);
		} else {
			folders = true;
			failed = run_folder(argv[i], live, kernel, &first);
		}
	}
	return failed || (!folders && run_scenes(kernel));
}
