#include "cli/explain_print.h"

#include "hub/trackid.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#define S_NS INT64_C(1000000000)
#define FEEDS_MAX 64 /* named in the summary */

static const char *const sensors[_PLOT_SENSOR_MAX] = { "radar", "ais", "camera", "adsb" };
static const char *const states[_TRACK_STATE_MAX] = { "tentative", "confirmed", "coasting", "dropped" };
static const char *const kinds[_PLOT_ID_KIND_MAX] = { "", "mmsi", "icao24" };

struct sum {
	const struct explain_line *of;
	unsigned used, rejected, missed;
};

/* @between: date and time of day; 0 = no date. */
static void format_time(int64_t ns, char between, char *buf, size_t size)
{
	int64_t whole = ns / S_NS - (ns % S_NS < 0);
	time_t s = (time_t)whole;
	struct tm tm = { 0 };
	int ms = (int)((ns - whole * S_NS) / 1000000);

	(void)gmtime_r(&s, &tm);
	if (between)
		snprintf(buf, size, "%04d-%02d-%02d%c%02d:%02d:%02d.%03d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, between,
			tm.tm_hour, tm.tm_min, tm.tm_sec, ms);
	else
		snprintf(buf, size, "%02d:%02d:%02d.%03d", tm.tm_hour, tm.tm_min, tm.tm_sec, ms);
}

static void format_id(const struct explain_account *a, uint32_t birth, char *buf)
{
	struct track_id id = { .epoch = a->found.epoch, .birth = birth };

	memcpy(id.origin, a->found.origin, sizeof(id.origin));
	(void)trackid_format(&id, buf);
}

bool explain_print_whole(const struct explain_account *a)
{
	return a->found.oldest_ns <= a->from_ns && !a->cut;
}

/* --- the summary --- */

static size_t sum_up(const struct explain_account *a, struct sum ret_sums[static FEEDS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++) {
		const struct explain_line *l = &a->lines[i];
		size_t k = 0;
		if (!l->feed[0])
			continue;
		while (k < n && (strcmp(ret_sums[k].of->feed, l->feed) != 0 || ret_sums[k].of->sensor != l->sensor))
			k++;
		if (k == FEEDS_MAX)
			continue;
		if (k == n)
			ret_sums[n++] = (struct sum){ .of = l };
		ret_sums[k].used += explain_is_fate(l->what);
		ret_sums[k].missed += l->what == EXPLAIN_MISSED;
		ret_sums[k].rejected += explain_refers(l->what) == EXPLAIN_REF_PLOT && !explain_is_fate(l->what);
	}
	return n;
}

static void print_who(FILE *f, const struct explain_account *a, uint32_t birth)
{
	const struct explain_card *c = &a->card;
	char id[TRACKID_TEXT_MAX];

	format_id(a, birth, id);
	fprintf(f, "track %s: ", id);
	if (!c->birth)
		fputs("nothing published of it is known here", f);
	else if (c->id_kind == PLOT_ID_NONE)
		fputs("identity not known", f);
	else if (c->id_kind == PLOT_ID_ICAO24)
		fprintf(f, "ICAO address %06x (probability %.3f)", c->id, (double)c->probability);
	else
		fprintf(f, "MMSI %09u (probability %.3f)", c->id, (double)c->probability);
	if (c->birth)
		fprintf(f, ", %s, existence %.3f", states[c->state], (double)c->existence);
	fputc('\n', f);
}

static const char *source_words(const char *source)
{
	if (!strcmp(source, "journal"))
		return "worked out again from the journal";
	return strcmp(source, "scenario") ? "from the tracker's memory" : "from the scenario";
}

static void print_span(FILE *f, const struct explain_account *a)
{
	char from[96], to[96], oldest[96];

	format_time(a->from_ns, ' ', from, sizeof(from));
	format_time(a->to_ns, 0, to, sizeof(to));
	fprintf(f, "%s to %s UTC, %s\n", from, to, source_words(a->source));
	if (a->found.oldest_ns > a->from_ns && a->found.oldest_ns != INT64_MAX) {
		format_time(a->found.oldest_ns, ' ', oldest, sizeof(oldest));
		fprintf(f, "nothing is known from before %s UTC\n", oldest);
	}
	if (a->found.other_build)
		fputs("parts of this journal are another build's and can be explained by that build only\n", f);
	if (a->cut)
		fprintf(f, "only the first %zu lines: ask for less at a time (--for)\n", a->n);
}

static void print_sums(FILE *f, const struct explain_account *a)
{
	struct sum sums[FEEDS_MAX];
	size_t n = sum_up(a, sums);

	for (size_t k = 0; k < n; k++) {
		fprintf(f, "  %-16s %u used", sums[k].of->feed, sums[k].used);
		if (sums[k].rejected)
			fprintf(f, ", %u near and not used", sums[k].rejected);
		if (sums[k].missed)
			fprintf(f, ", lost from sight: %u", sums[k].missed);
		fputc('\n', f);
	}
}

/* --- the lines --- */

static void print_line(FILE *f, const struct explain_account *a, const struct explain_line *l)
{
	enum explain_ref ref = explain_refers(l->what);
	char when[96], plot[16] = "", weight[8] = "", sigma[8] = "", other[TRACKID_TEXT_MAX] = "";

	format_time(l->time_ns, 0, when, sizeof(when));
	if (ref == EXPLAIN_REF_PLOT) {
		snprintf(plot, sizeof(plot), "%u", l->ref);
		snprintf(weight, sizeof(weight), "%.2f", (double)l->weight);
	}
	if (l->d2 >= 0)
		snprintf(sigma, sizeof(sigma), "%.1f", sqrt((double)l->d2));
	if (ref == EXPLAIN_REF_TRACK)
		format_id(a, l->ref, other);
	fprintf(f, "%-12s  %-16s  %10s  %6s  %5s  %-11s  %s%s%s\n", when, l->feed, plot, weight, sigma, explain_name(l->what),
		explain_words(l->what), other[0] ? " " : "", other);
}

void explain_print_text(FILE *f, const struct explain_account *a, uint32_t birth)
{
	print_who(f, a, birth);
	print_span(f, a);
	print_sums(f, a);
	if (!a->n) {
		fputs("no decision about it in this time\n", f);
		return;
	}
	fprintf(f, "\n%-12s  %-16s  %10s  %6s  %5s  %-11s  %s\n", "time (UTC)", "feed", "plot", "weight", "sigma", "what", "why");
	for (size_t i = 0; i < a->n; i++)
		print_line(f, a, &a->lines[i]);
}

static void print_json_head(FILE *f, const struct explain_account *a, const char *id)
{
	const struct explain_card *c = &a->card;
	struct sum sums[FEEDS_MAX];
	size_t n = sum_up(a, sums);

	fprintf(f, "{\"track\":\"%s\",\"source\":\"%s\",\"from_ns\":%" PRId64 ",\"to_ns\":%" PRId64 ",\"whole\":%s,\"lines\":%zu",
		id, a->source, a->from_ns, a->to_ns, explain_print_whole(a) ? "true" : "false", a->n);
	if (c->birth)
		fprintf(f, ",\"state\":\"%s\",\"existence\":%.6f", states[c->state], (double)c->existence);
	if (c->birth && c->id_kind != PLOT_ID_NONE)
		fprintf(f, ",\"id_kind\":\"%s\",\"id\":%u,\"id_probability\":%.6f", kinds[c->id_kind], c->id,
			(double)c->probability);
	fputs(",\"feeds\":{", f);
	/* Feeds are [a-z0-9-]: nothing to escape; what a forged ring holds besides is not shown (explain_add). */
	for (size_t k = 0; k < n; k++)
		fprintf(f, "%s\"%s\":{\"used\":%u,\"rejected\":%u,\"missed\":%u}", k ? "," : "", sums[k].of->feed, sums[k].used,
			sums[k].rejected, sums[k].missed);
	fputs("}}\n", f);
}

static void print_json_line(FILE *f, const struct explain_account *a, const struct explain_line *l, const char *id)
{
	enum explain_ref ref = explain_refers(l->what);
	char when[96], other[TRACKID_TEXT_MAX];

	format_time(l->time_ns, 'T', when, sizeof(when));
	fprintf(f, "{\"track\":\"%s\",\"time\":\"%sZ\",\"time_ns\":%" PRId64 ",\"what\":\"%s\"", id, when, l->time_ns,
		explain_name(l->what));
	if (l->feed[0])
		fprintf(f, ",\"feed\":\"%s\",\"sensor\":\"%s\"", l->feed, sensors[l->sensor]);
	if (ref == EXPLAIN_REF_PLOT)
		fprintf(f, ",\"plot\":%u,\"weight\":%.4f", l->ref, (double)l->weight);
	else
		fprintf(f, ",\"existence\":%.4f", (double)l->weight);
	if (l->d2 >= 0)
		fprintf(f, ",\"sigma\":%.3f", sqrt((double)l->d2));
	if (ref == EXPLAIN_REF_TRACK) {
		format_id(a, l->ref, other);
		fprintf(f, ",\"other\":\"%s\"", other);
	}
	fputs("}\n", f);
}

void explain_print_json(FILE *f, const struct explain_account *a, uint32_t birth)
{
	char id[TRACKID_TEXT_MAX];

	format_id(a, birth, id);
	print_json_head(f, a, id);
	for (size_t i = 0; i < a->n; i++)
		print_json_line(f, a, &a->lines[i], id);
}
