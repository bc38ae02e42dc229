/*
 * vedette score - how good are these tracks? GOSPA, OSPA, SIAP and identity against the truth of a scenario, and a picture.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/chart.h"
#include "cli/accuracy.h"
#include "cli/trackfile.h"
#include "cli/verbs.h"

#define CUT_M 200.0	     /* the scenarios' own cut-off */
#define RADARS_MAX 4096
#define MARKS_MAX 200000 /* of what is wrong; a picture shows no more */

struct options {
	struct accuracy_options metric;
	const char *truth, *tracks, *svg;
};

/* The scenario's meta.json: its step and where its radars stand. */
struct setting {
	json_t *meta; /* owned; NULL = there is none */
	double step_s;
	size_t n_radars, n_marks, marks_room;
	struct chart_mark *marks; /* owned; the radars, then what the score has noted */
	char names[RADARS_MAX][16];
};

static int usage(void)
{
	fprintf(stderr, "usage: vedette score " SCORE_USAGE "\n");
	return 2;
}

static double number(const char *text)
{
	char *end;
	double v = strtod(text, &end);
	return end == text || *end || !isfinite(v) ? NAN : v;
}

static int parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "cut", required_argument, NULL, 'c' },  { "from", required_argument, NULL, 'f' },
		{ "to", required_argument, NULL, 't' },	  { "step", required_argument, NULL, 's' },
		{ "svg", required_argument, NULL, 'g' }, { 0 },
	};
	double *const numbers[] = { ['c'] = &o->metric.cut_m, ['f'] = &o->metric.from_s, ['t'] = &o->metric.to_s, ['s'] = &o->metric.step_s };

	*o = (struct options){ .metric = { .step_s = NAN, .cut_m = CUT_M, .to_s = NAN } };
	optind = 1;
	for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
		if (c == '?')
			return -EINVAL;
		if (c == 'g')
			o->svg = optarg;
		else if (isnan(*numbers[c] = number(optarg)))
			return -EINVAL;
	}
	if (optind + 2 != argc || !(o->metric.cut_m > 0) || o->metric.step_s <= 0 || o->metric.from_s < 0)
		return -EINVAL;
	o->truth = argv[optind];
	o->tracks = argv[optind + 1];
	return 0;
}

/* Without room the picture has fewer marks. */
static void add_mark(struct setting *s, struct chart_mark mark)
{
	if (s->n_marks == s->marks_room) {
		size_t room = s->marks_room ? 2 * s->marks_room : 256;
		struct chart_mark *marks = room > MARKS_MAX ? NULL : reallocarray(s->marks, room, sizeof(*marks));
		if (!marks)
			return;
		s->marks = marks;
		s->marks_room = room;
	}
	s->marks[s->n_marks++] = mark;
}

static void on_note(void *user, enum accuracy_note what, const struct trackfile_row *row)
{
	static const enum chart_kind kinds[] = {
		[ACCURACY_MISSED] = CHART_MISSED, [ACCURACY_FALSE] = CHART_FALSE, [ACCURACY_SWITCH] = CHART_SWITCH
	};

	add_mark(user, (struct chart_mark){ row->x_m, row->y_m, kinds[what], NULL });
}

static void load_setting(const char *dir, struct setting *s)
{
	char path[4096];
	const json_t *radar;
	size_t i;

	(void)snprintf(path, sizeof(path), "%s/meta.json", dir);
	s->meta = json_load_file(path, 0, NULL);
	s->step_s = json_number_value(json_object_get(s->meta, "scan"));
	json_array_foreach(json_object_get(s->meta, "radar_list"), i, radar)
	{
		const json_t *at = json_object_get(radar, "pos");
		if (s->n_radars == RADARS_MAX)
			break;
		(void)snprintf(s->names[s->n_radars], sizeof(s->names[0]), "radar %d", (int)json_integer_value(json_object_get(radar, "id")) % 100000);
		add_mark(s, (struct chart_mark){ json_number_value(json_array_get(at, 0)), json_number_value(json_array_get(at, 1)),
			CHART_RADAR, s->names[s->n_radars++] });
	}
}

/* A folder, or the truth's file itself with --step. */
static void truth_path(const char *truth, char *buf, size_t size)
{
	struct stat st;
	bool folder = stat(truth, &st) == 0 && S_ISDIR(st.st_mode);

	(void)snprintf(buf, size, folder ? "%s/truth.csv" : "%s", truth);
}

static void put(json_t *o, const char *key, double v)
{
	json_object_set_new(o, key, isnan(v) ? json_null() : json_real(v));
}

static void print_result(const struct accuracy_result *r, const struct trackfile *tracks)
{
	const struct {
		const char *key;
		double v;
	} reals[] = {
		{ "gospa_mean", r->gospa_m }, { "gospa_norm", r->gospa_normed_m }, { "ospa_mean", r->ospa_m },
		{ "loc_rms_m", r->position_rms_m }, { "loc_mean_m", r->position_mean_m },
		{ "velocity_rms_mps", r->velocity_rms_mps }, { "nees", r->nees },
		{ "missed_per_scan", r->missed_per_scan }, { "false_per_scan", r->false_per_scan },
		{ "truth_per_scan", r->truths_per_scan }, { "completeness", r->completeness }, { "spurious", r->spurious },
		{ "ambiguity", r->ambiguity }, { "idsw_per_target_hour", r->switches_per_hour }, { "longest_seg", r->longest_segment },
		{ "wrong_ids", r->wrong_labels },
	};
	const struct {
		const char *key;
		uint64_t v;
	} counts[] = {
		{ "scans", r->scans }, { "id_switches", r->switches }, { "id_switches_returned", r->switches_returned },
		{ "fragments", r->fragments }, { "n_targets", r->n_targets },
		{ "n_tracks", r->n_tracks }, { "labels_right", r->labels_right }, { "labels_wrong", r->labels_wrong },
		{ "labels_beside", r->labels_beside }, { "labels_alone", r->labels_alone },
		{ "clusters_bounded", r->bounded }, { "bad_rows", tracks->n_bad },
	};
	json_t *o = json_object();

	for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i++)
		put(o, reals[i].key, reals[i].v);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		json_object_set_new(o, counts[i].key, json_integer((json_int_t)counts[i].v));
	(void)json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(17));
	(void)putchar('\n');
	json_decref(o);
}

static int complain(const char *what)
{
	fprintf(stderr, "vedette score: %s\n", what);
	return 1;
}

static int draw(const struct options *o, const struct setting *s, const struct accuracy_result *r, const struct trackfile *truth,
	const struct trackfile *tracks)
{
	char figures[512];

	(void)snprintf(figures, sizeof(figures),
		"GOSPA %.1f m, position %.1f m rms; per scan %.1f vessels, %.2f missed, %.2f false; %llu switches, %.2f per vessel and hour; longest segment %.3f; %llu wrong names",
		r->gospa_m, r->position_rms_m, r->truths_per_scan, r->missed_per_scan, r->false_per_scan, (unsigned long long)r->switches,
		r->switches_per_hour, r->longest_segment, (unsigned long long)r->labels_wrong);
	struct chart chart = { o->truth, figures, truth, tracks, o->metric.step_s, s->marks, s->n_marks };
	return chart_write(o->svg, &chart);
}

static int score(struct options *o, struct setting *s, const struct trackfile *truth, const struct trackfile *tracks)
{
	struct accuracy_result result;
	char line[512];

	if (isnan(o->metric.step_s))
		o->metric.step_s = s->step_s;
	if (!(o->metric.step_s > 0.001))
		return complain("no meta.json beside the truth tells its step: give --step SECONDS");
	if (o->svg) {
		o->metric.note = on_note;
		o->metric.user = s;
	}
	int r = accuracy_score(truth, tracks, &o->metric, &result);
	if (r == -ENODATA)
		return complain("there is no truth at the times asked for");
	if (r < 0)
		return complain(strerror(-r));
	print_result(&result, tracks);
	r = o->svg ? draw(o, s, &result, truth, tracks) : 0;
	if (r == 0)
		return 0;
	(void)snprintf(line, sizeof(line), "%.400s: %s", o->svg, strerror(-r));
	return complain(line);
}

int score_run(int argc, char **argv)
{
	static struct setting s; /* large; one a process */
	struct trackfile truth = { 0 }, tracks = { 0 };
	struct options o;
	char path[4096], error[512];

	if (parse_options(&o, argc, argv) < 0)
		return usage();
	load_setting(o.truth, &s);
	truth_path(o.truth, path, sizeof(path));
	int r = trackfile_load(path, "id", &truth, error, sizeof(error));
	if (r == 0)
		r = trackfile_load(o.tracks, "track_id", &tracks, error, sizeof(error));
	r = r < 0 ? complain(error) : score(&o, &s, &truth, &tracks);
	trackfile_done(&truth);
	trackfile_done(&tracks);
	free(s.marks);
	json_decref(s.meta);
	return r;
}
