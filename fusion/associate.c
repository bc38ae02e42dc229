/*
 * associate - a batch of one radar's plots against the tracks.
 *
 * Which plot updates which track is decided hard, by the best whole assignment of a cluster;
 * whether a track exists is decided softly, by all plots in its gate that no other track took
 * (notes 2.4, 2.5). A plot that no track explains starts one, as probable as the clutter around it
 * allows.
 */
#include "fusion/existence.h"
#include "fusion/pinned.h"
#include "fusion/state.h"

#include <math.h>

/* A tentative track of existence 0.005 may still take a plot: nats added to each pair's gain
 * (design). */
#define PAIR_BONUS 5.0
#define BIRTH_MIN 1e-3
#define CLUTTER_STEP_SCANS 0.5 /* the map's exposure moves in such steps */

static uint32_t row_get(struct tracker *t, uint32_t slot, uint32_t *n_rows, int64_t time_ns)
{
	if (t->row_stamp[slot] == t->stamp)
		return t->row_of[slot];
	t->row_stamp[slot] = t->stamp;
	t->row_of[slot] = *n_rows;
	t->rows[*n_rows] = (struct row){ slot, state_existence(t, &t->records[slot], time_ns) };
	t->row_evidence[*n_rows] = 0;
	return (*n_rows)++;
}

/* Probability ratio "this track gave the plot" to "something else did", existence and detection
 * included. */
static double psi(const struct tracker *t, const struct record *r, double existence,
	uint32_t station, double ratio)
{
	double visibility = 0.8, detection = t->config.detection;

	for (uint32_t i = 0; i < r->n_sources; i++)
		if (r->sources[i].station == station)
			visibility = r->sources[i].visibility;
	return existence * visibility * ratio / (1 - existence * visibility * detection * GATE_PG);
}

/* This radar has seen the track in this turn already: the plot is not its second look. */
static bool looked(
	const struct tracker *t, const struct record *r, uint32_t station, int64_t time_ns)
{
	int64_t half = t->stations[station].period_ns / 2;

	for (uint32_t i = 0; i < r->n_sources; i++) {
		const struct source *s = &r->sources[i];
		if (s->station == station)
			return s->look_hit && llabs(time_ns - s->look_ns) < half;
	}
	return false;
}

struct batch {
	uint32_t station;
	const struct tracker_input *plots;
	size_t n;
	uint32_t n_rows;
	size_t n_edges, n_pairs;
};

static void gate_plot(struct tracker *t, struct batch *b, uint32_t column)
{
	const struct filter_input *in = &b->plots[column].in;
	uint32_t slots[STATE_CANDIDATES];
	size_t n = state_candidates(t, in, slots);
	double others = clutter_density(&t->stations[b->station].clutter, in->x_m, in->y_m) +
			t->config.birth_density;

	for (size_t i = 0; i < n; i++) {
		const struct record *r = &t->records[slots[i]];
		double d2, likelihood;
		if (!state_gate(t, r, in, GATE_D2, &d2, &likelihood))
			continue;
		double ratio = t->config.detection * likelihood / others;
		if (looked(t, r, b->station, in->time_ns)) {
			t->explained[column] += psi(t, r, r->existence, b->station, ratio);
			continue;
		}
		if (b->n_edges == STATE_EDGES * t->config.max_batch) {
			state_count(t, TRACKER_BOUNDED);
			return;
		}
		uint32_t row = row_get(t, slots[i], &b->n_rows, in->time_ns);
		double p = psi(t, r, t->rows[row].existence, b->station, ratio);
		t->explained[column] += p;
		t->edges[b->n_edges++] = (struct edge){ column, row, ratio };
		double gain = pinned_log(p) + PAIR_BONUS;
		if (gain > 0)
			t->pairs[b->n_pairs++] = (struct assign_pair){ row, column, gain };
	}
}

/* The sensor has looked at the track and its best plot is @column. */
static void take(struct tracker *t, const struct batch *b, uint32_t row, uint32_t column)
{
	uint32_t slot = t->rows[row].slot;
	struct record *r = &t->records[slot];
	const struct tracker_input *m = &b->plots[column];

	if (state_update(t, slot, m) < 0)
		return;
	struct source *s = state_source(r, b->station);
	double visibility = s ? existence_visibility(s->visibility) : 1;
	r->existence = t->rows[row].existence;
	if (m->in.time_ns > r->exist_ns)
		r->exist_ns = m->in.time_ns;
	existence_look(
		&r->existence, &visibility, t->config.detection * GATE_PG, t->row_evidence[row]);
	if (s) {
		s->visibility = visibility;
		s->look_ns = m->in.time_ns;
		s->look_hit = true;
	}
	state_review(t, slot);
}

static void birth(struct tracker *t, const struct tracker_input *m, double existence)
{
	uint32_t slot = existence >= BIRTH_MIN ? state_birth(t, m, existence) : GATE_NONE;

	if (slot == GATE_NONE)
		return;
	struct source *s = &t->records[slot].sources[0];
	s->look_ns = m->in.time_ns;
	s->look_hit = true;
}

static void expose_clutter(struct station *s)
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
	s->scan_ns = s->clock_ns;
}

void associate_batch(
	struct tracker *t, uint32_t station, const struct tracker_input *batch, size_t n)
{
	struct station *s = &t->stations[station];
	struct batch b = { .station = station, .plots = batch, .n = n };

	/* All count as clutter until a track explains them: the first scan already knows a rough
	 * sea. */
	expose_clutter(s);
	for (size_t i = 0; i < n; i++)
		clutter_add(&s->clutter, batch[i].in.x_m, batch[i].in.y_m, 1);

	t->stamp++;
	for (uint32_t i = 0; i < n; i++) {
		t->explained[i] = 0;
		gate_plot(t, &b, i);
	}
	assign_solve(t->pairs, b.n_pairs, b.n_rows, (uint32_t)n, &t->scratch, t->column_of,
		&t->head->counters[TRACKER_BOUNDED]);

	for (uint32_t i = 0; i < n; i++)
		t->row_taking[i] = ASSIGN_NONE;
	for (uint32_t row = 0; row < b.n_rows; row++)
		if (t->column_of[row] != ASSIGN_NONE)
			t->row_taking[t->column_of[row]] = row;
	for (size_t k = 0; k < b.n_edges; k++) {
		const struct edge *e = &t->edges[k];
		if (t->row_taking[e->column] == e->row || t->row_taking[e->column] == ASSIGN_NONE)
			t->row_evidence[e->row] += e->ratio;
	}
	for (uint32_t row = 0; row < b.n_rows; row++)
		if (t->column_of[row] != ASSIGN_NONE)
			take(t, &b, row, t->column_of[row]);

	for (uint32_t i = 0; i < n; i++) {
		const struct filter_input *in = &batch[i].in;
		double unexplained = 1 / (1 + t->explained[i]);
		double fresh = existence_birth(unexplained, t->config.birth_density,
			clutter_density(&s->clutter, in->x_m, in->y_m));
		if (t->row_taking[i] == ASSIGN_NONE)
			birth(t, &batch[i], fresh);
		t->gone[i] = 1 - unexplained * (1 - fresh);
	}
	for (size_t i = 0; i < n; i++)
		clutter_add(&s->clutter, batch[i].in.x_m, batch[i].in.y_m, -t->gone[i]);
}
