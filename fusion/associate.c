/*
 * associate - radars' plots against the tracks, a radar at a time.
 *
 * Whether the radar has seen a track, and by which plot, is decided hard, by the best whole
 * assignment of a cluster; what the track becomes and whether it exists is decided softly, by the
 * marginal probabilities of all plots in its gate, other tracks competing (notes 2.4, 2.5). A plot
 * that no track explains starts one, as probable as the clutter around it allows.
 *
 * Batches whose plots are too far apart to share a track form a round and are worked on by several threads. A batch writes to its
 * tracks' records, its radar and its outcomes only; what everybody shares (the grid, births, counters, the queue) is settled
 * afterwards in the order of batches and plots. So the result does not depend on who did what when.
 */
#include "fusion/blend.h"
#include "fusion/existence.h"
#include "fusion/explain_desk.h"
#include "fusion/marginal.h"
#include "fusion/pinned.h"
#include "fusion/state.h"

#include <errno.h>
#include <math.h>

/* A tentative track of existence 0.005 may still take a plot: nats added to each pair's gain
 * (design). */
#define PAIR_BONUS 5.0
#define BIRTH_MIN 1e-4 /* a calm sea's density of vessels in the clutter of a harbour */
#define CLUTTER_STEP_SCANS 0.5 /* the map's exposure moves in such steps */
#define VISIBLE_UNKNOWN 0.8    /* of a radar that has not looked at the track yet */
#define SURE 0.999             /* whose plot it is, from which there is no doubt */
#define NEVER 1e-3
#define CHUNK 8                /* plots whose tracks are fetched from memory together */

/* A pair in the gate. */
struct edge {
	uint32_t column, row;
	uint32_t before; /* edge of the same row, and one more; 0 = none */
};

/* A track that takes part in a batch. */
struct row {
	uint32_t slot;
	bool contested;     /* another track wanted the same plot */
	double existence;   /* predicted */
	double visibility;
	uint32_t last_edge; /* and one more; 0 = none */
	int64_t time_ns; /* of @at */
	struct filter at;
};

/* What one thread needs for one batch. */
struct worker {
	struct row *rows;
	uint32_t n_rows, max_rows;
	struct edge *edges;
	struct assign_pair *pairs;
	size_t n_edges, n_pairs, max_edges;
	struct assign_scratch scratch;
	uint32_t *column_of, *row_taking;
	double *explained, *gone; /* by plot */
	struct marginal_edge *weights; /* of edges */
	struct marginal_scratch marginal_scratch;
	struct marginal_result marginal;
	struct marginal_count marginals;
	uint64_t bounded;
};

static void free_worker(struct worker *w)
{
	void *parts[] = { w->rows, w->edges, w->pairs, w->scratch.parent, w->scratch.order, w->scratch.first, w->column_of,
		w->row_taking, w->explained, w->gone, w->weights, w->marginal_scratch.nodes, w->marginal_scratch.cells,
		w->marginal.beta, w->marginal.missed, w->marginal.unclaimed };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		free(parts[i]);
}

static int new_worker(const struct tracker_config *c, struct worker *w)
{
	size_t b = c->max_batch, e = STATE_EDGES * b, n = STATE_ROWS * b;

	w->max_rows = (uint32_t)n;
	w->max_edges = e;
	w->rows = calloc(n, sizeof(*w->rows));
	w->edges = calloc(e, sizeof(*w->edges));
	w->pairs = calloc(e, sizeof(*w->pairs));
	w->scratch.parent = calloc(n + b, sizeof(uint32_t));
	w->scratch.first = calloc(n + b + 1, sizeof(uint32_t));
	w->scratch.order = calloc(e, sizeof(uint32_t));
	w->column_of = calloc(n, sizeof(*w->column_of));
	w->row_taking = calloc(b, sizeof(*w->row_taking));
	w->explained = calloc(b, sizeof(*w->explained));
	w->gone = calloc(b, sizeof(*w->gone));
	w->weights = calloc(e, sizeof(*w->weights));
	w->marginal_scratch.nodes = calloc(n + b, sizeof(*w->marginal_scratch.nodes));
	w->marginal_scratch.cells = calloc(e, sizeof(*w->marginal_scratch.cells));
	w->marginal.beta = calloc(e, sizeof(*w->marginal.beta));
	w->marginal.missed = calloc(n, sizeof(*w->marginal.missed));
	w->marginal.unclaimed = calloc(b, sizeof(*w->marginal.unclaimed));
	return w->rows && w->edges && w->pairs && w->scratch.parent && w->scratch.first && w->scratch.order &&
			       w->column_of && w->row_taking && w->explained && w->gone && w->weights &&
			       w->marginal_scratch.nodes && w->marginal_scratch.cells && w->marginal.beta &&
			       w->marginal.missed && w->marginal.unclaimed ?
		       0 :
		       -ENOMEM;
}

static unsigned threads(const struct tracker *t)
{
	return t->config.threads ? t->config.threads : 1;
}

int associate_new(struct tracker *t)
{
	int error = crew_new(threads(t), &t->crew);

	t->workers = calloc(threads(t), sizeof(*t->workers));
	if (error == 0 && !t->workers)
		error = -ENOMEM;
	for (unsigned i = 0; error == 0 && i < threads(t); i++)
		error = new_worker(&t->config, &t->workers[i]);
	return error;
}

void associate_free(struct tracker *t)
{
	crew_free(t->crew);
	for (unsigned i = 0; t->workers && i < threads(t); i++)
		free_worker(&t->workers[i]);
	free(t->workers);
}

/* --- one batch --- */

static const struct tracker_input *plot_of(const struct tracker *t, const struct batch *b, uint32_t column)
{
	return &t->pending[t->order[b->first + column]];
}

/* The track's row; its filter there is predicted to the time of the plot that brought it in. NULL: no room (counted). */
static struct row *row_get(struct tracker *t, struct worker *w, uint32_t slot, const struct source *s, int64_t time_ns)
{
	uint32_t known = t->row_of[slot];

	if (known < w->n_rows && w->rows[known].slot == slot)
		return &w->rows[known];
	if (w->n_rows == w->max_rows) {
		w->bounded++;
		return NULL;
	}
	const struct record *r = &t->records[slot];
	struct row *row = &w->rows[w->n_rows];
	t->row_of[slot] = w->n_rows++;
	row->slot = slot;
	row->contested = false;
	row->existence = state_existence(t, r, time_ns);
	row->visibility = s ? (double)s->visibility : VISIBLE_UNKNOWN;
	row->last_edge = 0;
	row->time_ns = time_ns;
	state_predict(t, r, time_ns, &row->at);
	return row;
}

/* Probability ratio "this track gave the plot" to "something else did", existence and detection
 * included. */
static double psi(double existence, double visibility, double detection, double ratio)
{
	return existence * visibility * ratio / (1 - existence * visibility * detection * GATE_PG);
}

/* This radar has seen the track in this turn already: the plot is not its second look. */
static bool looked(const struct tracker *t, const struct batch *b, const struct source *s, int64_t time_ns)
{
	return s && s->look_hit &&
	       llabs(time_ns - state_stamp_ns(s->look, t->head->now_ns)) < t->stations[b->station].period_ns / 2;
}

static bool gate(
	const struct tracker *t, const struct row *row, const struct filter_input *in, double *ret_d2, double *ret_likelihood)
{
	if (row->time_ns == in->time_ns)
		return filter_distance2(&row->at, in, ret_d2, ret_likelihood) == 0 && *ret_d2 <= GATE_D2;
	return state_gate(t, &t->records[row->slot], in, GATE_D2, ret_d2, ret_likelihood);
}

/* What else than a known track may have given a plot there, and how surely this radar sees a track there. */
struct setting {
	double others, detection;
};

static void weigh(struct tracker *t, struct worker *w, const struct batch *b, uint32_t column, uint32_t slot,
	const struct setting *at)
{
	const struct filter_input *in = &plot_of(t, b, column)->in;
	struct record *r = &t->records[slot];
	struct source *s = state_source(r, b->station);
	const size_t page = b->first + column;
	double d2, likelihood;

	if (s)
		sweep_until(t, r, s, in->time_ns);
	struct row *row = row_get(t, w, slot, s, in->time_ns);
	if (!row || !gate(t, row, in, &d2, &likelihood)) {
		explain_desk_outside(t, page, slot);
		return;
	}
	double ratio = at->detection * likelihood / at->others;
	double p = psi(row->existence, row->visibility, at->detection, ratio);
	w->explained[column] += p;
	if (looked(t, b, s, in->time_ns)) {
		explain_desk_note(t, page, EXPLAIN_LOOKED, slot, p, d2);
		return;
	}
	explain_desk_pair(t, page, slot, p, d2);
	if (w->n_edges == w->max_edges) {
		w->bounded++;
		return;
	}
	uint32_t number = (uint32_t)(row - w->rows);
	w->weights[w->n_edges] = (struct marginal_edge){ number, column, p };
	w->edges[w->n_edges++] = (struct edge){ column, number, row->last_edge };
	row->last_edge = (uint32_t)w->n_edges;
	double gain = pinned_log(p) + PAIR_BONUS;
	if (gain > 0)
		w->pairs[w->n_pairs++] = (struct assign_pair){ number, column, gain };
}

static struct setting setting(const struct tracker *t, const struct batch *b, const struct filter_input *in)
{
	const struct station *s = &t->stations[b->station];

	return (struct setting){ clutter_density(&s->clutter, in->x_m, in->y_m) + t->config.birth_density,
		coverage_pd(&s->coverage, in->x_m, in->y_m) };
}

/* A few plots at a time: the records of all their tracks are on the way while the first is weighed. */
static void gate_plots(struct tracker *t, struct worker *w, const struct batch *b)
{
	uint32_t slots[CHUNK][STATE_CANDIDATES];
	size_t n[CHUNK];

	for (uint32_t first = 0; first < b->n; first += CHUNK) {
		uint32_t many = b->n - first < CHUNK ? b->n - first : CHUNK;
		for (uint32_t k = 0; k < many; k++) {
			const struct filter_input *in = &plot_of(t, b, first + k)->in;
			double reach[2];
			state_reach(t, in, reach);
			n[k] = gate_grid_find(
				&t->grid, in->x_m, in->y_m, reach[0], reach[1], slots[k], STATE_CANDIDATES, &w->bounded);
			for (size_t i = 0; i < n[k]; i++) {
				const char *r = (const char *)&t->records[slots[k][i]];
				for (size_t at = 0; at < sizeof(struct record); at += 64)
					__builtin_prefetch(r + at);
			}
		}
		for (uint32_t k = 0; k < many; k++) {
			struct setting at = setting(t, b, &plot_of(t, b, first + k)->in);
			w->explained[first + k] = 0;
			explain_desk_open(t, b->first + first + k, plot_of(t, b, first + k));
			for (size_t i = 0; i < n[k]; i++)
				weigh(t, w, b, first + k, slots[k][i], &at);
		}
	}
}

static void assign_plots(struct tracker *t, struct worker *w, const struct batch *b)
{
	struct marginal_batch edges = { w->weights, w->n_edges, w->n_rows, b->n };

	marginal_solve(&edges, MARGINAL_EXACT, &w->marginal_scratch, &w->marginal, &w->marginals);
	assign_solve(w->pairs, w->n_pairs, w->n_rows, b->n, &w->scratch, w->column_of, &w->bounded);
	for (uint32_t i = 0; i < b->n; i++)
		w->row_taking[i] = ASSIGN_NONE;
	for (uint32_t row = 0; row < w->n_rows; row++)
		if (w->column_of[row] != ASSIGN_NONE)
			w->row_taking[w->column_of[row]] = row;
	for (uint32_t i = 0; i < b->n; i++)
		explain_desk_decide(t, b->first + i,
			w->row_taking[i] == ASSIGN_NONE ? GATE_NONE : w->rows[w->row_taking[i]].slot, 1, w->column_of);
	for (size_t k = 0; k < w->n_edges; k++) {
		const struct edge *e = &w->edges[k];
		struct row *row = &w->rows[e->row];
		if (w->row_taking[e->column] != e->row && w->row_taking[e->column] != ASSIGN_NONE)
			row->contested = w->rows[w->row_taking[e->column]].contested = true;
	}
}

/* The plot is perhaps another's: the track becomes what it is with each it may have had, and with none, as probable as they
 * are. @existence, @none: after the look. */
static void doubt(const struct tracker *t, const struct worker *w, const struct batch *b, const struct row *row,
	const struct filter *at, double existence, double none)
{
	struct filter f = *at;
	double weight = none;

	for (uint32_t k = row->last_edge; k; k = w->edges[k - 1].before) {
		double share = w->marginal.beta[k - 1] / existence;
		if (share > SURE)
			return;
		if (share < NEVER)
			continue;
		struct filter with = *at;
		filter_update(&with, &plot_of(t, b, w->edges[k - 1].column)->in);
		weight = blend_add(&f, weight, &with, share);
	}
	filter_pack(&f, &t->records[row->slot].filter);
}

/* The sensor has looked at the track and its best plot is @column. */
static void take(struct tracker *t, const struct worker *w, const struct batch *b, const struct row *row, uint32_t column)
{
	struct record *r = &t->records[row->slot];
	const struct tracker_input *m = plot_of(t, b, column);
	struct station *st = &t->stations[b->station];

	double existence = row->existence, visibility = row->visibility;
	double detection = coverage_pd(&st->coverage, m->in.x_m, m->in.y_m);
	double none = marginal_exist(
		detection * GATE_PG, w->marginal.missed[row - w->rows], &existence, &visibility);
	bool late = m->in.time_ns < r->time_ns;
	struct filter at = row->at;

	if (row->time_ns != m->in.time_ns)
		state_predict(t, r, m->in.time_ns, &at);
	state_absorb(t, r, m, &at);
	if (!late)
		doubt(t, w, b, row, &at, existence, none);
	struct source *s = state_source(r, b->station);
	r->existence = existence;
	if (m->in.time_ns > r->exist_ns)
		r->exist_ns = m->in.time_ns;
	/* Where no misses are taken, hits say nothing. */
	if (s && st->placed && st->period_ns && row->existence > COVERAGE_SURE)
		coverage_hit(&st->coverage, m->in.x_m, m->in.y_m, 1, &s->unproven);
	if (s) {
		s->visibility = (float)visibility;
		s->look = state_stamp_of(m->in.time_ns);
		s->look_hit = true;
		if (m->in.time_ns + st->period_ns < r->due_ns)
			r->due_ns = m->in.time_ns + st->period_ns;
	}
}

static void expose(struct station *s)
{
	if (!s->period_ns)
		return;
	if (!s->scan_ns) {
		s->scan_ns = s->clock_ns;
		return;
	}
	double h = (double)(s->clock_ns - s->scan_ns), scans = h / (double)s->period_ns;
	if (scans < CLUTTER_STEP_SCANS)
		return;
	clutter_scan(&s->clutter, scans, h * STATE_NS);
	coverage_forget(&s->coverage, h * STATE_NS);
	s->scan_ns = s->clock_ns;
}

static void update_tracks(struct tracker *t, struct worker *w, const struct batch *b)
{
	for (uint32_t i = 0; i < w->n_rows; i++) {
		const struct row *row = &w->rows[i];
		if (w->column_of[i] != ASSIGN_NONE)
			take(t, w, b, row, w->column_of[i]);
		/* Of two tracks of one vessel, each wants whatever plot the other takes. */
		if (row->contested)
			t->records[row->slot].rival = state_stamp_of(t->head->now_ns);
	}
}

static void explain_plots(struct tracker *t, struct worker *w, const struct batch *b)
{
	struct clutter *clutter = &t->stations[b->station].clutter;

	for (uint32_t i = 0; i < b->n; i++) {
		const struct filter_input *in = &plot_of(t, b, i)->in;
		struct outcome *o = &t->outcomes[b->first + i];
		double unexplained = 1 / (1 + w->explained[i]);
		double fresh = existence_birth(
			unexplained, t->config.birth_density, clutter_density(clutter, in->x_m, in->y_m));
		bool taken = w->row_taking[i] != ASSIGN_NONE;
		o->slot = taken ? w->rows[w->row_taking[i]].slot : GATE_NONE;
		o->birth = taken || fresh < BIRTH_MIN ? 0 : (float)fresh;
		w->gone[i] = 1 - unexplained * (1 - fresh);
	}
	for (uint32_t i = 0; i < b->n; i++) {
		const struct filter_input *in = &plot_of(t, b, i)->in;
		clutter_add(clutter, in->x_m, in->y_m, -w->gone[i]);
	}
}

static void work_batch(struct tracker *t, struct worker *w, const struct batch *b)
{
	struct station *s = &t->stations[b->station];

	/* All count as clutter until a track explains them: the first scan already knows a rough
	 * sea. */
	expose(s);
	for (uint32_t i = 0; i < b->n; i++) {
		const struct filter_input *in = &plot_of(t, b, i)->in;
		clutter_add(&s->clutter, in->x_m, in->y_m, 1);
	}
	w->n_rows = 0;
	w->n_edges = w->n_pairs = 0;
	gate_plots(t, w, b);
	assign_plots(t, w, b);
	update_tracks(t, w, b);
	explain_plots(t, w, b);
}

/* --- rounds --- */

static void settle_birth(struct tracker *t, size_t page, const struct tracker_input *m, double existence)
{
	uint32_t slot = state_birth(t, m, existence);

	if (slot == GATE_NONE)
		return;
	explain_desk_note(t, page, EXPLAIN_BORN, slot, existence, NAN);
	struct source *s = &t->records[slot].sources[0];
	s->look = state_stamp_of(m->in.time_ns);
	s->look_hit = true;
}

static void settle(struct tracker *t, const struct batch *b)
{
	for (uint32_t i = 0; i < b->n; i++) {
		const struct outcome *o = &t->outcomes[b->first + i];
		if (o->slot != GATE_NONE) {
			state_settle(t, o->slot);
			state_review(t, o->slot);
		} else if (o->birth > 0) {
			settle_birth(t, b->first + i, plot_of(t, b, i), (double)o->birth);
		}
	}
	explain_desk_tell(t, b->first, b->n);
}

static void measure(const struct tracker *t, struct batch *b)
{
	b->west_m = b->south_m = INFINITY;
	b->east_m = b->north_m = -INFINITY;
	b->reach_m = 0;
	for (uint32_t i = 0; i < b->n; i++) {
		const struct filter_input *in = &plot_of(t, b, i)->in;
		double reach[2];
		state_reach(t, in, reach);
		b->west_m = fmin(b->west_m, in->x_m);
		b->east_m = fmax(b->east_m, in->x_m);
		b->south_m = fmin(b->south_m, in->y_m);
		b->north_m = fmax(b->north_m, in->y_m);
		b->reach_m = fmax(b->reach_m, fmax(reach[0], reach[1]));
	}
	b->reach_m += gate_grid_reach() + 2;
}

static bool apart(const struct batch *a, const struct batch *b)
{
	double far = a->reach_m + b->reach_m;

	if (a->station == b->station)
		return false;
	return a->west_m > b->east_m + far || b->west_m > a->east_m + far || a->south_m > b->north_m + far ||
	       b->south_m > a->north_m + far;
}

/* Each batch comes after those before it that may share a track with it. Return: number of rounds. */
static uint32_t plan_rounds(struct tracker *t)
{
	uint32_t rounds = 0;

	for (size_t i = 0; i < t->n_batches; i++) {
		struct batch *b = &t->batches[i];
		measure(t, b);
		b->round = 0;
		for (size_t k = 0; k < i; k++)
			if (t->batches[k].round >= b->round && !apart(b, &t->batches[k]))
				b->round = t->batches[k].round + 1;
		if (b->round >= rounds)
			rounds = b->round + 1;
	}
	return rounds;
}

struct round {
	struct tracker *tracker;
	uint32_t number;
};

static void work_part(void *user, unsigned worker, size_t i)
{
	const struct round *r = user;
	struct batch *b = &r->tracker->batches[i];

	if (b->round == r->number)
		work_batch(r->tracker, &r->tracker->workers[worker], b);
}

void associate_radars(struct tracker *t)
{
	uint32_t rounds = plan_rounds(t);

	for (uint32_t k = 0; k < rounds; k++) {
		struct round r = { t, k };
		crew_run(t->crew, t->n_batches, work_part, &r);
		for (size_t i = 0; i < t->n_batches; i++)
			if (t->batches[i].round == k)
				settle(t, &t->batches[i]);
	}
	for (unsigned i = 0; i < threads(t); i++) {
		struct worker *w = &t->workers[i];
		t->head->counters[TRACKER_BOUNDED] += w->bounded + w->marginals.unsettled;
		w->bounded = w->marginals.unsettled = 0;
	}
}
