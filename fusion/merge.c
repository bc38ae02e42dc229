/*
 * merge - two tracks, one vessel: they become one, with its lineage kept.
 *
 * Doubles arise when two sensors' first plots lie apart. They then share the vessel's plots in
 * turn, so that they never both have a plot of the same turn of the same radar; two vessels do,
 * nine turns in ten. Tracks that stay statistically the same in place and motion for several
 * seconds without ever being seen apart are taken for one.
 */
#include "fusion/explain_desk.h"
#include "fusion/state.h"

#include <math.h>

#define SAME_FRESH_NS INT64_C(10000000000)
#define RIVAL_FRESH_NS INT64_C(10000000000) /* a turn of a slow radar, two and more of a coastal one */
#define SAME_D2 9.21   /* 2 degrees of freedom, 0.99 */
#define TWIN_LOOKS 6 /* one a second: two turns and more of a coastal radar */
#define SAME_EXISTENCE 0.5
#define OUTRUN_M 200.0   /* 1 sigma of how far a vessel is from a track that lost it in a turn (design) */
#define OUTRUN_SURE 0.9
#define SILENT_INTERVALS 5 /* without a report: where one in seven is lost, by chance once in 13,000 */
#define NAME_LATE_NS INT64_C(10000000000) /* beyond its interval: AIS through a network is up to 8 s late (notes 2.10) */

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

/* A name that was not heard lately may have stayed with a track that went over to another vessel: it is not passed on. */
static void move_names(struct tracker *t, uint32_t from, uint32_t to)
{
	struct record *f = &t->records[from];
	struct identity_labels old = { 0 };

	for (uint32_t i = 0; i < f->labels.n; i++) {
		const struct identity_entry *e = &t->entries[f->labels.entries[i]];
		if (t->head->now_ns - e->last_ns > e->interval_ns + NAME_LATE_NS)
			old.entries[old.n++] = f->labels.entries[i];
	}
	for (uint32_t i = 0; i < old.n; i++)
		identity_forget(&t->head->identities, old.entries[i], from, &f->labels);
	identity_move(&t->head->identities, from, &f->labels, to, &t->records[to].labels);
}

static uint32_t sure_label(const struct tracker *t, uint32_t slot)
{
	return identity_leading(&t->head->identities, slot, &t->records[slot].labels);
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
	move_names(t, lose, keep);
	state_mark(t, keep);
	k->twin = GATE_NONE;
	k->twin_count = 0;
	explain_desk_event(t, EXPLAIN_ABSORBED, k, UINT32_MAX, l->birth, t->head->now_ns);
	state_drop(t, lose, k->birth);
	state_count(t, TRACKER_MERGED);
}

/* --- a vessel that outran its track --- */

/* Not later than this the track had its first plot: exact when none was missed. */
static int64_t began_ns(const struct tracker *t, const struct record *r)
{
	int64_t began = r->time_ns;

	for (uint32_t i = 0; i < r->n_sources; i++) {
		const struct source *s = &r->sources[i];
		int64_t first = state_stamp_ns(s->last, t->head->now_ns) - (int64_t)(s->plots ? s->plots - 1 : 0) * t->stations[s->station].period_ns;
		if (s->plots && first < began)
			began = first;
	}
	return began;
}

/* Nothing has been seen of it since the other began. */
static double left_behind(const struct tracker *t, const struct record *old, const struct record *young)
{
	struct dormant d = { .lost_ns = old->time_ns };
	struct dormant_query q = { .now_ns = young->time_ns, .calm_q = t->config.model.q[0] };

	if (old->state == TRACK_TENTATIVE || old->time_ns >= began_ns(t, young))
		return 0;
	state_estimate(old, &d.at);
	state_estimate(young, &q.at);
	return dormant_density(&d, &q);
}

uint32_t merge_outrun(struct tracker *t, uint32_t slot)
{
	const struct record *r = &t->records[slot];
	struct filter_mode e;
	state_estimate(r, &e);
	uint32_t slots[STATE_CANDIDATES], best = GATE_NONE, name = sure_label(t, slot);
	struct filter_input here = { .time_ns = r->time_ns, .x_m = e.x[0], .y_m = e.x[1],
		.cov = { e.p[FILTER_XX] + OUTRUN_M * OUTRUN_M, 0, e.p[FILTER_YY] + OUTRUN_M * OUTRUN_M } };
	double all = DORMANT_NEW_DENSITY, most = 0;
	size_t n = state_candidates(t, &here, slots);

	for (size_t i = 0; i < n; i++) {
		uint32_t other = sure_label(t, slots[i]);
		if (slots[i] == slot || (name != IDENTITY_NONE && other != IDENTITY_NONE && name != other))
			continue;
		double w = left_behind(t, &t->records[slots[i]], r);
		all += w;
		if (w > most) {
			most = w;
			best = slots[i];
		}
	}
	return most / all >= OUTRUN_SURE ? best : GATE_NONE;
}

/* The young track goes on under the old one's id; the old record ends unpublished. */
static void go_on(struct tracker *t, uint32_t slot, uint32_t old)
{
	struct record *r = &t->records[slot], *o = &t->records[old];

	r->birth = o->birth;
	r->version = o->version;
	o->state = TRACK_TENTATIVE;
	join(t, slot, old);
	/* Most probably is not surely: the name is told when it is heard again. */
	identity_doubt(&t->head->identities, &r->labels, t->head->now_ns);
	state_review(t, slot);
}

static void resume_outrun(struct tracker *t, uint32_t slot)
{
	uint32_t old = t->records[slot].existence >= t->config.confirm ? merge_outrun(t, slot) : GATE_NONE;

	if (old != GATE_NONE)
		go_on(t, slot, old);
}

static uint32_t find_twin(struct tracker *t, uint32_t slot)
{
	const struct record *r = &t->records[slot];
	const struct gate_link *l = &t->links[slot]; /* where it was filed lately */
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

static bool same_place(const struct tracker *t, const struct record *a, const struct record *b)
{
	const int64_t now = t->head->now_ns;
	struct filter fa, fb;
	struct filter_mode x, y;
	double d2;

	state_predict(t, a, now > a->time_ns ? now : a->time_ns, &fa);
	state_predict(t, b, now > b->time_ns ? now : b->time_ns, &fb);
	filter_estimate(&fa, &x);
	filter_estimate(&fb, &y);
	struct filter_cov2 p = { x.p[FILTER_XX] + y.p[FILTER_XX], x.p[FILTER_XY] + y.p[FILTER_XY],
		x.p[FILTER_YY] + y.p[FILTER_YY] };
	return gate_distance2(x.x[0] - y.x[0], x.x[1] - y.x[1], &p, &d2) == 0 && d2 < SAME_D2;
}

/* Two that cannot be told apart by where they are: which of them a name belongs to is not known for now. */
static void doubt_names(struct tracker *t, uint32_t slot)
{
	struct record *r = &t->records[slot];
	const struct gate_link *l = &t->links[slot];
	struct filter_input here = { .time_ns = t->head->now_ns, .x_m = l->x_m, .y_m = l->y_m };
	uint32_t slots[STATE_CANDIDATES];
	size_t n = r->labels.n ? state_candidates(t, &here, slots) : 0;

	for (size_t i = 0; i < n; i++) {
		const struct record *o = &t->records[slots[i]];
		if (slots[i] == slot || o->state == TRACK_TENTATIVE || !same_place(t, r, o))
			continue;
		identity_doubt(&t->head->identities, &r->labels, t->head->now_ns);
		state_mark(t, slot);
		return;
	}
}

/* No faster than it surely is: a vessel at anchor is not heard for minutes. */
static double surely_mps(const struct record *r)
{
	struct filter_mode e;

	state_estimate(r, &e);
	double speed = sqrt(e.x[2] * e.x[2] + e.x[3] * e.x[3]);
	double spread = sqrt(e.p[FILTER_UU] > e.p[FILTER_VV] ? e.p[FILTER_UU] : e.p[FILTER_VV]);
	return speed > spread ? speed - spread : 0;
}

/* Reports have stopped, or come again, while radar holds the vessel. */
void merge_silence(struct tracker *t, uint32_t slot)
{
	const struct record *r = &t->records[slot];
	uint32_t name = r->labels.n ? sure_label(t, slot) : IDENTITY_NONE;

	if (name == IDENTITY_NONE)
		return;
	struct identity_entry *e = &t->entries[name];
	int64_t unheard = t->head->now_ns - e->last_ns;
	bool held = r->radar_ns && t->head->now_ns - r->radar_ns < SAME_FRESH_NS, silent = e->standing.silent;
	if (held && !silent)
		silent = unheard > SILENT_INTERVALS * e->interval_ns && unheard > identity_silence_ns(e, surely_mps(r));
	else if (!held || unheard < SAME_FRESH_NS)
		silent = false;
	if (silent == e->standing.silent)
		return;
	e->standing.silent = silent;
	if (silent)
		state_count(t, TRACKER_STANDINGS);
	state_mark(t, slot);
}

/* Of two that share a vessel's plots, each has wanted the other's lately; a young one may go on one that lost its vessel. */
bool merge_suspect(const struct tracker *t, const struct record *r)
{
	if (r->state == TRACK_TENTATIVE)
		return r->existence >= t->config.confirm;
	if (r->existence < SAME_EXISTENCE || !fresh(t, r))
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
		if (r->state == TRACK_TENTATIVE) {
			resume_outrun(t, slot);
			continue;
		}
		doubt_names(t, slot);
		uint32_t twin = find_twin(t, slot);
		if (twin == GATE_NONE || twin != r->twin ||
			t->records[twin].birth != r->twin_birth) {
			r->twin = twin;
			r->twin_birth = twin == GATE_NONE ? 0 : t->records[twin].birth;
			r->twin_count = 0;
			continue;
		}
		if (++r->twin_count < TWIN_LOOKS)
			continue;
		/* The older stays, unless only the younger has a name: ids of named tracks are what
		 * people remember. */
		if (sure_label(t, slot) != IDENTITY_NONE && sure_label(t, twin) == IDENTITY_NONE)
			join(t, slot, twin);
		else
			join(t, twin, slot);
	}
}
