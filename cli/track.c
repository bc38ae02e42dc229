/* track - the tracker over a scenario folder: plots.csv in, tracks.csv out. */
#include "cli/scenario.h"
#include "cli/verbs.h"
#include "common/clock.h"
#include "common/geo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_track(void *user, const struct tracker_view *v)
{
	FILE *out = ((void **)user)[0];
	double time_s = *(double *)((void **)user)[1];
	const struct filter_mode *e = &v->estimate;
	static const char *const kinds[] = { "", "mmsi", "icao" };

	if (v->state != TRACK_CONFIRMED)
		return;
	fprintf(out, "%.2f,%u,%.3f,%.3f,%.4f,%.4f,%.3f,%.3f,%.3f,%.6f,%s,%u,%.6f\n", time_s,
		v->birth, e->x[0], e->x[1], e->x[2], e->x[3], e->p[FILTER_XX], e->p[FILTER_XY],
		e->p[FILTER_YY], v->existence, kinds[v->id.kind], v->id.value, v->id.probability);
}

static void write_grid(void *user, struct tracker *t, double time_s)
{
	void *both[2] = { user, &time_s };

	tracker_each(t, SCENARIO_EPOCH_NS + (int64_t)(time_s * 1e9 + 0.5), write_track, both);
}

static const char *const bias_states[_REGISTRATION_STATE_MAX] = {
	[REGISTRATION_UNKNOWN] = "unknown",
	[REGISTRATION_ROUGH] = "rough",
	[REGISTRATION_NONE_SEEN] = "none seen",
	[REGISTRATION_APPLIED] = "applied",
};

/* Degrees, as the scenario's own columns. */
static void print_bias(const struct tracker_bias *b)
{
	static const char *const names[] = { "range_m", "azimuth_deg", "time_s" };
	static const double units[] = { 1, GEO_DEG, 1 };

	printf("{\"station\":\"%s\",\"pairs\":%llu", b->feed, (unsigned long long)b->pairs);
	for (int i = 0; i < _REGISTRATION_COMPONENT_MAX; i++) {
		const struct registration_view *v = &b->of[i];
		if (v->state != REGISTRATION_UNKNOWN)
			printf(",\"%s\":%.4f,\"%s_sigma\":%.4f", names[i], v->value / units[i],
				names[i], v->sigma / units[i]);
		printf(",\"%s_state\":\"%s\"", names[i], bias_states[v->state]);
	}
	printf("}");
}

static void print_biases(const struct tracker *t)
{
	struct tracker_bias b;
	bool first = true;

	printf(",\"biases\":[");
	for (uint32_t i = 0; tracker_bias(t, i, &b); i++) {
		if (b.sensor != PLOT_SENSOR_RADAR && b.sensor != PLOT_SENSOR_CAMERA)
			continue;
		if (!first)
			printf(",");
		first = false;
		print_bias(&b);
	}
	printf("]");
}

static void print_stats(
	const struct scenario *s, const struct tracker *t, const struct scenario_stats *st)
{
	double seconds = (double)st->busy_ns * 1e-9;

	printf("{\"plots\":%zu,\"bad_lines\":%zu,\"seconds\":%.6f,\"plots_per_s\":%.0f,\"p99_scan_ms\":%.3f,\"peak_tracks\":%llu",
		s->n_rows, s->n_bad, seconds, seconds > 0 ? (double)s->n_rows / seconds : 0,
		(double)st->p99_ns * 1e-6, (unsigned long long)st->peak_tracks);
	for (int i = 0; i < _TRACKER_COUNTER_MAX; i++)
		if (i != TRACKER_PLOTS)
			printf(",\"%s\":%llu", tracker_counter_name((enum tracker_counter)i),
				(unsigned long long)tracker_count(t, (enum tracker_counter)i));
	print_biases(t);
	printf("}\n");
}

static int run(const char *dir, const char *out_path, bool stats, unsigned threads)
{
	struct scenario s;
	struct scenario_stats st;
	struct tracker_config config;
	struct tracker *t = NULL;
	char error[512];
	FILE *out = NULL;

	if (scenario_load(dir, &s, error, sizeof(error)) < 0) {
		fprintf(stderr, "vedette track: %s\n", error);
		return 1;
	}
	scenario_config(&s, &config);
	config.threads = threads;
	int r = tracker_new(&config, NULL, NULL, &t);
	if (r == 0 && out_path) {
		out = fopen(out_path, "we");
		if (!out)
			perror(out_path);
		else
			fprintf(out,
				"time,track_id,x,y,vx,vy,sxx,sxy,syy,existence,id_kind,id,id_prob\n");
	}
	if (r == 0 && (out || !out_path))
		r = scenario_run(&s, t, out ? write_grid : NULL, out, clock_mono_ns, &st);
	bool ok = r == 0 && (out || !out_path);
	if (out && fclose(out) != 0)
		ok = false;
	if (ok && stats)
		print_stats(&s, t, &st);
	if (r < 0)
		fprintf(stderr, "vedette track: %s: %s\n", dir, strerror(-r));
	tracker_free(t);
	scenario_done(&s);
	return ok ? 0 : 1;
}

int track_run(int argc, char **argv)
{
	const char *dir = NULL, *out = NULL;
	bool stats = false;
	unsigned threads = 1;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--stats"))
			stats = true;
		else if (!strcmp(argv[i], "--out") && i + 1 < argc)
			out = argv[++i];
		else if (!strcmp(argv[i], "--threads") && i + 1 < argc)
			threads = (unsigned)strtoul(argv[++i], NULL, 10);
		else if (argv[i][0] == '-' || dir)
			return fprintf(stderr,
				       "usage: vedette track DIR [--out tracks.csv] [--stats] [--threads N]\n"),
			       2;
		else
			dir = argv[i];
	}
	if (!dir)
		return fprintf(stderr, "usage: vedette track DIR [--out tracks.csv] [--stats] [--threads N]\n"),
		       2;
	return run(dir, out, stats, threads);
}
