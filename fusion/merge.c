/*
 * merge - two tracks, one vessel: they become one, with its lineage kept.
 *
 * Doubles arise when two sensors' first plots lie apart. They then share the vessel's plots in
 * turn, so that they never both have a plot of the same turn of the same radar; two vessels do,
 * nine turns in ten. Tracks that stay statistically the same in place and motion for several
 * seconds without ever being seen apart are taken for one.
 */
#include "fusion/state.h"

#include <math.h>

#define SAME_FRESH_NS INT64_C(10000000000)
#define RIVAL_FRESH_NS INT64_C(20000000000) /* a few turns of a slow radar */
#define SAME_D2 9.21   /* 2 degrees of freedom, 0.99 */
#define TWIN_PASSES 12 /* two a second: two turns and more of a coastal radar */
#define SAME_EXISTENCE 0.5

/* Did one radar see both in one turn? */
static bool seen_apart(const struct tracker *t, const struct record *a, const struct record *b)
{
	for (uint32_t i = 0; i < a->n_sources; i++)
		for (uint32_t k = 0; k < b->n_sources; k++) {
			const struct source *x = &a->sources[i], *y = &b->sources[k];
			if (x->station == y->station && x->look_hit && y->look_hit &&
				llabs(state_stamp_ns(x->look, t->head->now_ns) - state_stamp_ns(y->look, t->head->now_ns)) <
					t->stations[x->station].period_ns / 2)
				return true;
		}
	return false;
}

static uint32_t sure_label(const struct tracker *t, uint32_t slot)
{
	struct track_identity ids[TRACK_IDS_MAX];
	uint32_t entry;

	identity_publish(&t->head->identities, slot, &t->records[slot].labels, ids, &entry);
	return entry;
}

static bool same_motion(const struct tracker *t, const struct record *a, const struct record *b)
{
	struct filter fa, fb;
	struct filter_mode x, y;
	int64_t when =
		a->time_ns > b->time_ns ? a->time_ns : b->time_ns;
	double d2;

	state_predict(t, a, when, &fa);
	state_predict(t, b, when, &fb);
	filter_estimate(&fa, &x);
	filter_estimate(&fb, &y);
	struct filter_cov2 p = { x.p[FILTER_XX] + y.p[FILTER_XX], x.p[FILTER_XY] + y.p[FILTER_XY],
		x.p[FILTER_YY] + y.p[FILTER_YY] };
	struct filter_cov2 v = { x.p[FILTER_UU] + y.p[FILTER_UU], x.p[FILTER_UV] + y.p[FILTER_UV],
		x.p[FILTER_VV] + y.p[FILTER_VV] };
	return gate_distance2(x.x[0] - y.x[0], x.x[1] - y.x[1], &p, &d2) == 0 && d2 < SAME_D2 &&
	       gate_distance2(x.x[2] - y.x[2], x.x[3] - y.x[3], &v, &d2) == 0 && d2 < SAME_D2;
}

/* One that was not seen lately is anywhere by now, and so like everything it meets. */
static bool fresh(const struct tracker *t, const struct record *r)
{
	return t->head->now_ns - r->time_ns < SAME_FRESH_NS;
}

static bool same_vessel(const struct tracker *t, uint32_t a, uint32_t b)
{
	const struct record *x = &t->records[a], *y = &t->records[b];

	if (y->state == TRACK_TENTATIVE || y->existence < SAME_EXISTENCE || !fresh(t, y) || seen_apart(t, x, y) ||
		!same_motion(t, x, y))
		return false;
	if (x->distress != y->distress)
		return false;
	uint32_t la = sure_label(t, a), lb = sure_label(t, b);
	return la == IDENTITY_NONE || lb == IDENTITY_NONE || la == lb;
}

static void join(struct tracker *t, uint32_t keep, uint32_t lose)
{
	struct record *k = &t->records[keep], *l = &t->records[lose];

	for (uint32_t i = 0; i < l->n_sources; i++) {
		const struct source *from = &l->sources[i];
		struct source *s = state_source_add(k, from->station, from->plots > 0);
		if (!s)
			continue;
		s->plots += from->plots;
		if ((int32_t)(from->last - s->last) > 0)
			s->last = from->last;
		if (!s->look || (int32_t)(from->look - s->look) > 0) {
			s->look = from->look;
			s->look_hit = from->look_hit;
			s->visibility = from->visibility;
		}
	}
	if (l->report_ns > k->report_ns)
		k->report_ns = l->report_ns;
	if (l->radar_ns > k->radar_ns)
		k->radar_ns = l->radar_ns;
	identity_move(&t->head->identities, lose, &l->labels, keep, &k->labels);
	state_mark(t, keep);
	k->twin = GATE_NONE;
	k->twin_count = 0;
	state_drop(t, lose, k->birth);
	state_count(t, TRACKER_MERGED);
}

static uint32_t find_twin(struct tracker *t, uint32_t slot)
{
	const struct record *r = &t->records[slot];
	const struct gate_link *l = &t->links[slot]; /* where it is now: all have just been filed */
	double sigma = l->extent_m / 4;
	struct filter_input here = { .time_ns = t->head->now_ns, .x_m = l->x_m, .y_m = l->y_m, .cov = { sigma * sigma, 0, sigma * sigma } };
	uint32_t slots[STATE_CANDIDATES], best = GATE_NONE;
	size_t n = state_candidates(t, &here, slots);
	for (size_t i = 0; i < n; i++)
		if (t->records[slots[i]].birth < r->birth && same_vessel(t, slot, slots[i]) &&
			(best == GATE_NONE || t->records[slots[i]].birth < t->records[best].birth))
			best = slots[i];
	return best;
}

/* Of two that share a vessel's plots, one has always wanted the other's lately. */
bool merge_suspect(const struct tracker *t, const struct record *r)
{
	if (r->state == TRACK_TENTATIVE || r->existence < SAME_EXISTENCE || !fresh(t, r))
		return false;
	return r->twin != GATE_NONE ||
	       (r->rival && t->head->now_ns - state_stamp_ns(r->rival, t->head->now_ns) < RIVAL_FRESH_NS);
}

void merge_twins(struct tracker *t)
{
	for (uint32_t i = 0; i < t->n_suspects; i++) {
		uint32_t slot = t->suspects[i];
		struct record *r = &t->records[slot];
		if (!r->birth || !merge_suspect(t, r))
			continue;
		uint32_t twin = find_twin(t, slot);
		if (twin == GATE_NONE || twin != r->twin ||
			t->records[twin].birth != r->twin_birth) {
			r->twin = twin;
			r->twin_birth = twin == GATE_NONE ? 0 : t->records[twin].birth;
			r->twin_count = 0;
			continue;
		}
		if (++r->twin_count < TWIN_PASSES)
			continue;
		/* The older stays, unless only the younger has a name: ids of named tracks are what
		 * people remember. */
		if (sure_label(t, slot) != IDENTITY_NONE && sure_label(t, twin) == IDENTITY_NONE)
			join(t, slot, twin);
		else
			join(t, twin, slot);
	}
}
