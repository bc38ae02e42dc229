/*
 * report - AIS and ADS-B: a position that names its sender.
 *
 * A report goes first to the track that carries its identity, if it can have sent it. Otherwise it
 * competes like a plot. Every report is evidence for all tracks near it and against holders that
 * are not. Silence is never a miss.
 */
#include "fusion/existence.h"
#include "fusion/explain_desk.h"
#include "fusion/pinned.h"
#include "fusion/state.h"

#include <math.h>

#define CARRIER_D2 25.0 /* 5 sigma: its own report */
#define CARRIER_TRUST 0.9
#define EVIDENCE_AGAINST (-6.0)
#define EVIDENCE_BIRTH 8.0
#define AREA_DENSITY 2.5e-9 /* where an unknown sender may be: 1 / (20 km)^2 (notes 2.6) */
#define FALSE_DENSITY 1e-9  /* reports of vessels that are not: forged or damaged */
#define OTHER_LABEL 1e-6    /* weight of a track that carries another identity for sure */
#define BIRTH_EXISTENCE 0.9 /* a second consistent report confirms */
#define DISTRESS_EXISTENCE 0.9999
#define RADAR_FRESH_NS INT64_C(6000000000) /* two turns */
#define CONFLICTS_MAX 3
#define SPEED_MAX_MPS 60.0
#define SPEED_MAX_AIR_MPS 350.0 /* airliners cruise at 230-260 m/s, over ground with a jet stream 100 more */
#define LATE_LOOKS 8 /* that a report may be late by, at most: the window of 10 s by a fast radar's turns */
#define TWICE_NS INT64_C(2000000000)
#define TURN_SIGMA_MPS 1.0 /* what a track's velocity lags behind in a turn (design) */
#define OTHER_COURSE 0.02  /* reports whose velocity is not the vessel's: a turn, an old sentence (design) */
#define SPEED_ANY_MPS 15.0 /* velocities of vessels not known: a disc of this radius */
#define SPEED_ANY_AIR_MPS 250.0

struct candidate {
	uint32_t slot;
	double weight, likelihood;
};

static bool carries_other(const struct tracker *t, uint32_t slot, uint32_t entry)
{
	const struct identity_labels *l = &t->records[slot].labels;

	for (uint32_t i = 0; i < l->n; i++)
		if (l->entries[i] != entry &&
			identity_probability(&t->entries[l->entries[i]], slot) >= IDENTITY_SURE &&
			t->head->now_ns - t->entries[l->entries[i]].last_ns <
				identity_silence_ns(&t->entries[l->entries[i]], 10))
			return true;
	return false;
}

/* How much better than any vessel's is the velocity in the report explained by this track's: a ratio, 1 = says nothing. */
static double velocity_ratio(const struct tracker *t, const struct record *r, const struct tracker_input *m)
{
	double any = m->airborne ? SPEED_ANY_AIR_MPS : SPEED_ANY_MPS, d2;
	struct filter f;
	struct filter_mode e;

	if (!m->in.has_velocity)
		return 1;
	state_predict(t, r, m->in.time_ns, &f);
	filter_estimate(&f, &e);
	double lag = TURN_SIGMA_MPS * TURN_SIGMA_MPS;
	struct filter_cov2 s = { e.p[FILTER_UU] + m->in.velocity_cov.xx + lag, e.p[FILTER_UV] + m->in.velocity_cov.xy,
		e.p[FILTER_VV] + m->in.velocity_cov.yy + lag };
	if (gate_distance2(m->in.u_mps - e.x[2], m->in.v_mps - e.x[3], &s, &d2) < 0)
		return OTHER_COURSE;
	double here = pinned_exp(-d2 / 2) * any * any / (2 * sqrt(s.xx * s.yy - s.xy * s.xy));
	return OTHER_COURSE + (1 - OTHER_COURSE) * here;
}

static size_t gated(struct tracker *t, const struct tracker_input *m, uint32_t entry,
	struct candidate *ret_c, size_t max)
{
	uint32_t slots[STATE_CANDIDATES];
	size_t n = state_candidates(t, &m->in, slots), kept = 0;

	for (size_t i = 0; i < n && kept < max; i++) {
		const struct record *r = &t->records[slots[i]];
		double d2, l;
		if (!state_gate(t, r, &m->in, GATE_D2, &d2, &l)) {
			explain_desk_outside(t, 0, slots[i]);
			continue;
		}
		double w = r->existence * l * velocity_ratio(t, r, m);
		if (carries_other(t, slots[i], entry))
			w *= OTHER_LABEL;
		explain_desk_pair(t, 0, slots[i], w, d2);
		ret_c[kept++] = (struct candidate){ slots[i], w, l };
	}
	return kept;
}

/* For all that may have sent it, against all that hold the identity and cannot have. */
static void weigh_identity(struct tracker *t, uint32_t entry, const struct candidate *c, size_t n)
{
	struct identity_table *ids = &t->head->identities;
	struct identity_entry *e = &t->entries[entry];
	uint32_t holders[IDENTITY_CARRIERS];
	unsigned n_holders = e->n_carriers;

	for (unsigned i = 0; i < n_holders; i++)
		holders[i] = e->carriers[i].record;
	for (size_t i = 0; i < n; i++) {
		struct record *r = &t->records[c[i].slot];
		double nats = pinned_log(c[i].weight / AREA_DENSITY);
		if (nats < EVIDENCE_AGAINST)
			nats = EVIDENCE_AGAINST;
		identity_evidence(ids, entry, c[i].slot, &r->labels, nats);
	}
	for (unsigned k = 0; k < n_holders; k++) {
		bool near = false;
		for (size_t i = 0; i < n; i++)
			near |= c[i].slot == holders[k];
		if (!near)
			identity_evidence(ids, entry, holders[k], &t->records[holders[k]].labels,
				EVIDENCE_AGAINST);
	}
	identity_settle(e);
}

static void mark_distress(struct tracker *t, uint32_t slot, const struct tracker_input *m)
{
	struct record *r = &t->records[slot];

	if (!m->distress)
		return;
	r->distress = m->distress;
	r->distress_test = m->distress_test;
	/* Nobody waits for a second call. */
	if (r->existence < DISTRESS_EXISTENCE)
		r->existence = DISTRESS_EXISTENCE;
}

/* How many of a radar's looks after @time_ns missed the track, back to its last hit. */
static int missed_since(const struct tracker *t, const struct source *s, int64_t time_ns)
{
	const int64_t now = t->head->now_ns, period = t->stations[s->station].period_ns;

	if (s->look_hit || !period || !s->look || !t->stations[s->station].swept_ns)
		return 0;
	int64_t last = s->plots ? state_stamp_ns(s->last, now) : 0, from = time_ns > last ? time_ns : last;
	int64_t span = state_stamp_ns(s->look, now) - from;
	if (span <= 0)
		return 0;
	return span < LATE_LOOKS * period ? (int)(span / period) + (time_ns > last) : LATE_LOOKS;
}

/*
 * A late report speaks of a time before looks that missed: they must be taken after it, not before. Else each would seem to be
 * the look at a vessel that exists and is hidden, and one that has left would stay for as long as a hidden one.
 */
static void miss_again(const struct tracker *t, struct record *r, int64_t time_ns)
{
	double pd = t->config.detection * GATE_PG;

	for (uint32_t i = 0; i < r->n_sources; i++) {
		double visibility = (double)r->sources[i].visibility;
		int n = missed_since(t, &r->sources[i], time_ns);
		for (int k = 0; k < n; k++)
			visibility = existence_unmiss(visibility, pd);
		for (int k = 0; k < n; k++) {
			visibility = existence_visibility(visibility);
			existence_look(&r->existence, &visibility, pd, 0);
		}
	}
}

static void update(
	struct tracker *t, uint32_t slot, const struct tracker_input *m, double likelihood)
{
	struct record *r = &t->records[slot];
	double certain = 1;

	state_update(t, slot, m);
	r->existence = state_existence(t, r, m->in.time_ns);
	if (m->in.time_ns > r->exist_ns)
		r->exist_ns = m->in.time_ns;
	/* Of a time before a plot of radar's it tells nothing new. */
	if (m->in.time_ns > r->radar_ns)
		existence_look(&r->existence, &certain, 0, likelihood / FALSE_DENSITY);
	miss_again(t, r, m->in.time_ns);
	mark_distress(t, slot, m);
	state_review(t, slot);
}

static void birth(struct tracker *t, const struct tracker_input *m, uint32_t entry)
{
	uint32_t slot = state_birth(t, m, BIRTH_EXISTENCE);

	if (slot == GATE_NONE)
		return;
	explain_desk_note(t, 0, EXPLAIN_BORN, slot, BIRTH_EXISTENCE, NAN);
	if (entry != IDENTITY_NONE)
		identity_evidence(&t->head->identities, entry, slot, &t->records[slot].labels,
			EVIDENCE_BIRTH);
	mark_distress(t, slot, m);
	state_review(t, slot);
}

static double speed_max(const struct tracker_input *m)
{
	return m->airborne ? SPEED_MAX_AIR_MPS : SPEED_MAX_MPS;
}

/* Could it be there at all? A jump faster than any of its kind is a lie or an error. */
static bool plausible(const struct record *r, const struct tracker_input *m)
{
	double x[4];

	filter_place(&r->filter, x);
	double dx = m->in.x_m - x[0], dy = m->in.y_m - x[1];
	double h = fabs((double)(m->in.time_ns - r->time_ns)) * STATE_NS,
	       reach = speed_max(m) * (h + 1) + 100;

	return dx * dx + dy * dy <= reach * reach;
}

/*
 * The carrier cannot have sent it and nobody else is there. A carrier that radar holds makes the
 * report a lie until it has been repeated consistently; one that only reports is simply taken to
 * have gone where it says.
 */
static void contradict(
	struct tracker *t, uint32_t slot, uint32_t entry, const struct tracker_input *m)
{
	struct identity_entry *e = &t->entries[entry];
	struct record *r = &t->records[slot];

	if (!(r->radar_ns && t->head->now_ns - r->radar_ns < RADAR_FRESH_NS) &&
		plausible(r, m)) {
		explain_desk_note(t, 0, EXPLAIN_RESTARTED, slot, 1, NAN);
		state_restart(t, slot, m);
		state_review(t, slot);
		return;
	}
	state_count(t, TRACKER_CONFLICTS);
	explain_desk_note(t, 0, EXPLAIN_CONFLICT, slot, 0, NAN);
	double dx = m->in.x_m - e->conflict_x_m, dy = m->in.y_m - e->conflict_y_m;
	double reach = speed_max(m) * (double)(e->interval_ns + 1000000000) * STATE_NS + 100;
	if (e->conflicts && dx * dx + dy * dy > reach * reach)
		e->conflicts = 0;
	e->conflicts++;
	e->conflict_x_m = m->in.x_m;
	e->conflict_y_m = m->in.y_m;
	if (e->conflicts < CONFLICTS_MAX)
		return;
	e->conflicts = 0;
	birth(t, m, entry);
}

/* The track that radar held the identity by when it was last heard; IDENTITY_NONE = no more. */
static uint32_t held_slot(const struct tracker *t, const struct identity_entry *e)
{
	for (unsigned i = 0; i < e->n_carriers; i++)
		if (t->records[e->carriers[i].record].birth == e->standing.held)
			return e->carriers[i].record;
	return IDENTITY_NONE;
}

static bool radar_holds(const struct tracker *t, uint32_t slot)
{
	int64_t radar_ns = t->records[slot].radar_ns;

	return radar_ns && t->head->now_ns - radar_ns < RADAR_FRESH_NS;
}

/* Is it where it says, and is it one? @taker: the track that takes the report, or IDENTITY_NONE. */
static void stand(struct tracker *t, uint32_t entry, const struct tracker_input *m, uint32_t taker)
{
	struct identity_entry *e = &t->entries[entry];
	uint32_t held = held_slot(t, e);
	struct standing_report r = { .time_ns = m->in.time_ns };
	double d2, likelihood;

	if (taker != IDENTITY_NONE) {
		r.taker = t->records[taker].birth;
		r.taker_held = radar_holds(t, taker);
	}
	if (held != IDENTITY_NONE && held != taker && radar_holds(t, held)) {
		double x[4];
		filter_place(&t->records[held].filter, x);
		double dx = m->in.x_m - x[0], dy = m->in.y_m - x[1];
		r.contradicts = !state_gate(t, &t->records[held], &m->in, CARRIER_D2, &d2, &likelihood);
		r.distance_m = sqrt(dx * dx + dy * dy);
	}
	if (standing_hear(&e->standing, &r)) {
		if (e->standing.kind)
			state_count(t, TRACKER_STANDINGS);
		if (held != IDENTITY_NONE)
			state_mark(t, held);
	}
	if (e->standing.away || e->standing.kind)
		e->doubt_ns = e->last_ns;
}

void report_take(struct tracker *t, const struct tracker_input *m)
{
	uint32_t entry =
		m->id ? identity_get(&t->head->identities, m->id_kind, m->id) : IDENTITY_NONE;
	struct candidate c[STATE_CANDIDATES / 4];
	uint32_t carrier = IDENTITY_NONE;
	double trust = 0, d2, likelihood;

	if (m->id && entry == IDENTITY_NONE)
		state_count(t, TRACKER_FULL);
	if (entry != IDENTITY_NONE) {
		struct identity_entry *e = &t->entries[entry];
		if (e->last_ns && llabs(m->in.time_ns - e->last_ns) < TWICE_NS &&
			e->last_x_m == m->in.x_m && e->last_y_m == m->in.y_m) {
			state_count(t, TRACKER_PLOTS_TWICE);
			explain_desk_note(t, 0, EXPLAIN_TWICE, identity_carrier(e, &trust), 0, NAN);
			return;
		}
		shadow_report(t, m, entry);
		e->last_x_m = m->in.x_m;
		e->last_y_m = m->in.y_m;
		identity_heard(e, m->in.time_ns);
		carrier = identity_carrier(e, &trust);
	}

	pairing_report(t, m);
	size_t n = gated(t, m, entry, c, sizeof(c) / sizeof(c[0]));
	bool own = carrier != IDENTITY_NONE && trust >= CARRIER_TRUST &&
		   state_gate(t, &t->records[carrier], &m->in, CARRIER_D2, &d2, &likelihood);
	uint32_t best = own ? carrier : IDENTITY_NONE;
	if (own)
		explain_desk_pair(t, 0, carrier, t->records[carrier].existence * likelihood, d2);
	double most = t->config.report_density;

	for (size_t i = 0; i < n && !own; i++) {
		double w = c[i].weight;
		if (entry != IDENTITY_NONE && trust > 0) {
			double p = identity_probability(&t->entries[entry], c[i].slot);
			w *= p > 0.01 ? p : 0.01;
		}
		if (w > most) {
			most = w;
			best = c[i].slot;
			likelihood = c[i].likelihood;
		}
	}
	if (entry != IDENTITY_NONE) {
		weigh_identity(t, entry, c, n);
		stand(t, entry, m, best);
	}

	explain_desk_decide(t, 0, best, t->config.report_density, NULL);
	if (best != IDENTITY_NONE) {
		update(t, best, m, likelihood);
	} else if (carrier != IDENTITY_NONE && trust >= CARRIER_TRUST) {
		contradict(t, carrier, entry, m);
	} else {
		birth(t, m, entry);
	}
}
