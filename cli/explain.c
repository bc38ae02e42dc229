/* explain - why a track is what it is: which plots it was given with which weight, which not, and why. */
#include "cli/explain_print.h"
#include "cli/explain_source.h"
#include "cli/scenario.h"
#include "cli/verbs.h"
#include "hub/trackid.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINES_MAX (1u << 20)
#define S_NS INT64_C(1000000000)
#define DAY_NS (86400 * S_NS)
#define FOR_DEFAULT_S 60
#define FOR_MAX_S 1e9
#define RING_DEFAULT "/run/vedette/fusion/explain"
#define STATE_DEFAULT "/var/lib/vedette/fusion"
#define MMSI_DIGITS 9

enum at_kind { AT_NEWEST, AT_TIME, AT_CLOCK };

struct query {
	const char *track, *at, *ring, *state, *scenario;
	bool json;
	struct track_id id; /* origin "" = any; birth 0 = by MMSI */
	uint32_t mmsi;
	enum at_kind at_kind;
	int64_t at_ns; /* AT_CLOCK: since midnight */
	int64_t for_ns;
};

/* One look through a source. */
struct look {
	const struct query *q;
	struct explain_account account;
	uint32_t birth; /* 0: nothing is collected */
	struct explain_card named; /* the newest track of the MMSI */
	size_t room;
	int error;
};

/* --- listening --- */

/* Names are shown: a forged ring must not speak to the terminal or break JSON. */
static void copy_name(char *to, const char *from, size_t size)
{
	size_t n = strnlen(from, size - 1);

	for (size_t i = 0; i < n; i++)
		to[i] = isascii((unsigned char)from[i]) && (isalnum((unsigned char)from[i]) || strchr("-_.", from[i])) ? from[i] : '?';
	to[n] = 0;
}

static int grow(struct look *k)
{
	size_t more = k->room ? k->room * 2 : 1024;
	struct explain_line *lines = realloc(k->account.lines, more * sizeof(*lines));

	if (!lines)
		return -ENOMEM;
	k->account.lines = lines;
	k->room = more;
	return 0;
}

static void on_note(void *user, const struct explain_note *n)
{
	struct look *k = user;
	struct explain_account *a = &k->account;

	if (!k->birth || n->birth != k->birth || n->time_ns < a->from_ns || n->time_ns > a->to_ns || k->error)
		return;
	if (a->n == LINES_MAX) {
		a->cut = true;
		return;
	}
	if (a->n == k->room)
		k->error = grow(k);
	if (k->error)
		return;
	struct explain_line *l = &a->lines[a->n];
	*l = (struct explain_line){ .time_ns = n->time_ns,
		.birth = n->birth,
		.ref = n->ref,
		.order = (uint32_t)a->n++,
		.what = n->what,
		.sensor = n->sensor,
		.weight = n->weight,
		.d2 = n->d2 };
	copy_name(l->feed, n->feed, sizeof(l->feed));
}

static void on_card(void *user, const struct explain_card *c)
{
	struct look *k = user;
	struct explain_card *mine = &k->account.card;

	if (k->q->mmsi && c->id_kind == PLOT_ID_MMSI && c->id == k->q->mmsi &&
		(!k->named.birth || c->time_ns >= k->named.time_ns))
		k->named = *c;
	if (k->birth && c->birth == k->birth && (!mine->birth || c->time_ns <= k->account.to_ns))
		*mine = *c;
}

static int by_time(const void *a, const void *b)
{
	const struct explain_line *x = a, *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* --- looking --- */

enum source { SOURCE_RING, SOURCE_JOURNAL, SOURCE_SCENARIO };

static int look_through(struct look *k, enum source source)
{
	static const char *const names[] = { "memory", "journal", "scenario" };
	const struct query *q = k->q;
	struct explain_listener l = { on_note, on_card, k };
	struct explain_account *a = &k->account;
	char error[512] = "";
	int r;

	a->source = names[source];
	if (source == SOURCE_RING)
		r = explain_source_ring(q->ring, &l, &a->found);
	else if (source == SOURCE_JOURNAL)
		r = explain_source_journal(q->state, a->from_ns, a->to_ns, &l, &a->found);
	else
		r = explain_source_scenario(q->scenario, &l, &a->found, error, sizeof(error));
	if (r == 0)
		r = k->error;
	if (error[0])
		fprintf(stderr, "vedette explain: %s\n", error);
	copy_name(a->found.origin, a->found.origin, sizeof(a->found.origin));
	if (a->n)
		qsort(a->lines, a->n, sizeof(*a->lines), by_time);
	return r;
}

static void set_span(struct look *k, int64_t newest_ns)
{
	const struct query *q = k->q;
	int64_t to = newest_ns;

	if (q->at_kind == AT_TIME)
		to = q->at_ns;
	if (q->at_kind == AT_CLOCK) {
		to = newest_ns - newest_ns % DAY_NS + q->at_ns;
		/* A time of day that has not come yet was yesterday's. */
		if (to > newest_ns + 3600 * S_NS)
			to -= DAY_NS;
	}
	k->account.to_ns = to;
	k->account.from_ns = to - q->for_ns;
}

static int say(const struct query *q, const char *what)
{
	fprintf(stderr, "vedette explain: %s: %s\n", q->track, what);
	return 1;
}

/* Which track is meant, in what the source has. Return: true when it can have it. */
static bool settle_track(struct look *k)
{
	const struct query *q = k->q;
	const struct explain_found *f = &k->account.found;

	k->birth = q->mmsi ? k->named.birth : q->id.birth;
	return k->birth && (!q->id.origin[0] || (!strcmp(q->id.origin, f->origin) && q->id.epoch == f->epoch));
}

/*
 * First who is meant and when, then the account of it. Return: 0; -ENXIO: there is no such track; -ESTALE: the source does not
 * reach back so far (the account is what there is); -errno.
 */
static int account_from(struct look *k, enum source source)
{
	k->account.from_ns = k->account.to_ns = INT64_MAX;
	if (k->q->at_kind == AT_TIME)
		set_span(k, 0);
	int r = look_through(k, source);
	if (r < 0)
		return r;
	if (!settle_track(k))
		return -ENXIO;
	set_span(k, k->account.found.newest_ns);
	r = look_through(k, source);
	if (r < 0)
		return r;
	return explain_print_whole(&k->account) ? 0 : -ESTALE;
}

static void print(const struct look *k)
{
	if (k->q->json)
		explain_print_json(stdout, &k->account, k->birth);
	else
		explain_print_text(stdout, &k->account, k->birth);
}

static bool known(const struct look *k)
{
	return k->account.card.birth || k->account.n;
}

static int run(const struct query *q)
{
	struct look ring = { .q = q }, other = { .q = q }, *best = &other;
	int r = q->scenario ? -ENOENT : account_from(&ring, SOURCE_RING), back = r;

	if (r == 0)
		best = &ring;
	else
		back = account_from(&other, q->scenario ? SOURCE_SCENARIO : SOURCE_JOURNAL);
	/* What there is of it in memory is better than nothing. */
	if (back < 0 && back != -ESTALE && r == -ESTALE)
		best = &ring;
	int code = 0;
	if (best == &other && back < 0 && back != -ESTALE)
		code = say(q, back == -ENXIO ? "no such track there" :
			     back == -ENOENT || back == -EACCES ?
					   "neither the tracker's memory nor its journal can be read here (try as root)" :
					   strerror(-back));
	else if (!known(best))
		code = say(q, "no such track there");
	else
		print(best);
	free(ring.account.lines);
	free(other.account.lines);
	return code;
}

/* --- arguments --- */

static bool parse_track(struct query *q)
{
	char *end;

	if (trackid_parse(q->track, &q->id) == 0)
		return q->id.birth > 0;
	unsigned long v = strtoul(q->track, &end, 10);
	if (!isdigit((unsigned char)q->track[0]) || *end || v == 0 || v > UINT32_MAX)
		return false;
	if (strlen(q->track) == MMSI_DIGITS)
		q->mmsi = (uint32_t)v;
	else
		q->id.birth = (uint32_t)v;
	return true;
}

/* Seconds since the epoch (of a scenario: since its beginning), 2026-01-31T12:00:00Z, or 12:00[:00]. */
static bool parse_at(struct query *q)
{
	struct tm tm = { 0 };
	char *end;

	if (!q->at)
		return true;
	double s = strtod(q->at, &end);
	if (end != q->at && !*end && fabs(s) < FOR_MAX_S * 5) {
		q->at_kind = AT_TIME;
		q->at_ns = (int64_t)(s * 1e9) + (q->scenario ? SCENARIO_EPOCH_NS : 0);
		return true;
	}
	const char *rest = strptime(q->at, "%Y-%m-%dT%H:%M:%S", &tm);
	if (rest && (!*rest || !strcmp(rest, "Z"))) {
		q->at_kind = AT_TIME;
		q->at_ns = (int64_t)timegm(&tm) * S_NS;
		return true;
	}
	rest = strptime(q->at, "%H:%M:%S", &tm);
	if (!rest)
		rest = strptime(q->at, "%H:%M", &tm);
	q->at_kind = AT_CLOCK;
	q->at_ns = (tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec) * S_NS;
	return rest && !*rest;
}

static bool parse_for(const char *text, struct query *q)
{
	char *end;
	double s = strtod(text, &end);

	if (end == text || *end || !(s > 0 && s <= FOR_MAX_S))
		return false;
	q->for_ns = (int64_t)(s * 1e9);
	return true;
}

int explain_run(int argc, char **argv)
{
	struct query q = { .ring = RING_DEFAULT, .state = STATE_DEFAULT, .for_ns = FOR_DEFAULT_S * S_NS };
	const struct {
		const char *name, **to;
	} paths[] = { { "--at", &q.at }, { "--ring", &q.ring }, { "--state", &q.state }, { "--scenario", &q.scenario } };
	bool good = true;

	for (int i = 1; i < argc && good; i++) {
		size_t k = 0;
		while (k < sizeof(paths) / sizeof(paths[0]) && strcmp(argv[i], paths[k].name) != 0)
			k++;
		if (!strcmp(argv[i], "--json"))
			q.json = true;
		else if (k < sizeof(paths) / sizeof(paths[0]) && i + 1 < argc)
			*paths[k].to = argv[++i];
		else if (!strcmp(argv[i], "--for") && i + 1 < argc)
			good = parse_for(argv[++i], &q);
		else if (argv[i][0] != '-' && !q.track)
			q.track = argv[i];
		else
			good = false;
	}
	if (!good || !q.track || !parse_track(&q) || !parse_at(&q))
		return fputs("usage: vedette explain " EXPLAIN_USAGE "\n", stderr), 2;
	return run(&q);
}
