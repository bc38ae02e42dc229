#include "fusion/foreign.h"

#include "fusion/explain_desk.h"
#include "fusion/intersection.h"
#include "fusion/pinned.h"
#include "fusion/state.h"

#include <math.h>
#include <stdlib.h>

#define PROBES 32
#define REPORTS 3 /* in a row that agree before a pair is made or a track begun, and that disagree before it is parted */
#define SAME_D2 18.5 /* chi-square, 4 degrees of freedom, 0.999 */
#define ITSELF_D2 (4 * SAME_D2) /* twice the sigmas: a sender's filter jumps when its target turns (two recorded centres) */
#define FORGET_NS INT64_C(60000000000) /* numbers are given anew: 100 of them in TTM */
#define GAIN_MIN 1.1 /* det of ours over that of both: less is not worth a fresh start of the late plots' history */
#define AIR_SPEED_SIGMA_MPS 150.0 /* as of plots: airliners cruise at 230-260 m/s */
/* One in two hundred of a sender's settled tracks is none (design). A false one lives for the turns it is coasted. */
#define TRUST 0.995
#define FALSE_LIFE_S 20.0
#define HELD 0.6 /* above what coasts: in doubt, and in the picture */
#define ADDRESS_NATS 8.0 /* as of the report that begins a track */
#define AGAIN_NATS 0.5

/* A sender's track. Ours is @slot: a candidate while fewer than REPORTS have agreed. */
struct entry {
	uint64_t number; /* as struct plot; 0 = free, and none is behind it */
	int64_t first_ns, time_ns; /* since when the number has been this target's; last report */
	struct filter_mode last;
	uint32_t station, slot, birth;
	uint8_t steady, agreed, apart; /* reports in a row, up to REPORTS */
	uint8_t spare;
};

struct foreign {
	uint32_t claims[FOREIGN_ENTRIES]; /* 1 + slot of an entry's pair; 0 = none */
	struct entry entries[FOREIGN_ENTRIES];
};

/* A report beside a track of ours, at one time. */
struct meeting {
	int64_t time_ns;
	struct filter_mode ours, theirs;
	double d2;
};

struct foreign *foreign_new(void)
{
	return calloc(1, sizeof(struct foreign));
}

size_t foreign_size(void)
{
	return sizeof(struct foreign);
}

static uint32_t *claim_of(struct tracker *t, const struct entry *e)
{
	return &t->foreign->claims[e - t->foreign->entries];
}

static void part(struct tracker *t, struct entry *e)
{
	*claim_of(t, e) = 0;
	e->slot = GATE_NONE;
	e->agreed = e->apart = 0;
}

/* The entry of a sender's number, a new one when needed; NULL when all around are in use. */
static struct entry *find(struct tracker *t, const struct tracker_input *m)
{
	uint64_t hash = (m->sender_track ^ (uint64_t)m->station << 40) * UINT64_C(0x9e3779b97f4a7c15) >> 32;
	struct entry *oldest = NULL, *e = NULL;

	for (unsigned i = 0; i < PROBES; i++) {
		e = &t->foreign->entries[(hash + i) % FOREIGN_ENTRIES];
		if (!e->number)
			break;
		if (e->number == m->sender_track && e->station == m->station)
			return e;
		if (!oldest || e->time_ns < oldest->time_ns)
			oldest = e;
	}
	if (e->number) {
		if (m->in.time_ns - oldest->time_ns < FORGET_NS)
			return NULL;
		e = oldest;
	} else {
		t->head->n_foreign++;
	}
	*e = (struct entry){ .number = m->sender_track, .station = m->station };
	part(t, e);
	return e;
}

/* What the report says as an estimate; a velocity that it does not tell is 0 +- much. */
static struct filter_mode estimate_of(const struct tracker *t, const struct tracker_input *m)
{
	struct filter_mode state;
	struct filter f;

	filter_init(&f, &m->in, m->airborne ? AIR_SPEED_SIGMA_MPS : t->config.speed_sigma_mps);
	filter_estimate(&f, &state);
	return state;
}

/* A sender's state later on: it may have turned as ours may. */
static void advance(const struct tracker *t, const struct tracker_input *m, int64_t h_ns, struct filter_mode *state)
{
	struct filter f;

	filter_init(&f, &m->in, 1);
	filter_set(&f, state);
	filter_predict(&f, (double)h_ns * STATE_NS, state_model(t, m->airborne, state));
	filter_estimate(&f, state);
}

/* Takes the report up. Return: false when it is none newer than the last. */
static bool follow(struct tracker *t, struct entry *e, const struct tracker_input *m, const struct filter_mode *theirs)
{
	int64_t h_ns = m->in.time_ns - e->time_ns;
	bool same = e->time_ns && h_ns < FORGET_NS;
	double d2;

	if (e->time_ns && h_ns <= 0) {
		state_count(t, TRACKER_PLOTS_TWICE);
		explain_desk_note(t, 0, EXPLAIN_TWICE, GATE_NONE, 0, NAN);
		return false;
	}
	if (same) {
		advance(t, m, h_ns, &e->last);
		same = intersection_distance2(&e->last, theirs, &d2) == 0 && d2 < ITSELF_D2;
	}
	if (!same) {
		if (*claim_of(t, e))
			state_count(t, TRACKER_PARTED);
		part(t, e);
		e->first_ns = m->in.time_ns;
		e->steady = 0;
	}
	e->time_ns = m->in.time_ns;
	e->last = *theirs;
	if (e->steady < REPORTS && !m->sender_tentative)
		e->steady++;
	return true;
}

/* Both at the newer of their times. Return: do they agree? */
static bool meet(const struct tracker *t, uint32_t slot, const struct tracker_input *m, const struct filter_mode *theirs,
	struct meeting *ret_m)
{
	const struct record *r = &t->records[slot];
	struct filter f;

	ret_m->time_ns = r->time_ns > m->in.time_ns ? r->time_ns : m->in.time_ns;
	ret_m->theirs = *theirs;
	ret_m->d2 = NAN;
	state_predict(t, r, ret_m->time_ns, &f);
	filter_estimate(&f, &ret_m->ours);
	if (ret_m->time_ns > m->in.time_ns)
		advance(t, m, ret_m->time_ns - m->in.time_ns, &ret_m->theirs);
	return intersection_distance2(&ret_m->ours, &ret_m->theirs, &ret_m->d2) == 0 && ret_m->d2 < SAME_D2;
}

/*
 * Another number of the same sender has the track, and has been heard since this one began: two targets. One that fell silent when
 * this one began is the same target under its old number.
 */
static bool is_another_s(const struct tracker *t, const struct entry *e, uint32_t slot)
{
	for (uint32_t i = 0; i < FOREIGN_ENTRIES; i++) {
		const struct entry *o = &t->foreign->entries[i];

		if (t->foreign->claims[i] == slot + 1 && o != e && o->station == e->station &&
			o->birth == t->records[slot].birth && o->time_ns > e->first_ns)
			return true;
	}
	return false;
}

/* The track of ours that agrees best, and is no other number's; GATE_NONE when there is none. */
static uint32_t nearest(struct tracker *t, const struct entry *e, const struct tracker_input *m, const struct filter_mode *theirs)
{
	uint32_t slots[STATE_CANDIDATES], best = GATE_NONE;
	size_t n = state_candidates(t, &m->in, slots);
	double least = SAME_D2;

	for (size_t i = 0; i < n; i++) {
		struct meeting x;

		if (!meet(t, slots[i], m, theirs, &x) || x.d2 >= least || is_another_s(t, e, slots[i]))
			continue;
		least = x.d2;
		best = slots[i];
	}
	return best;
}

static void believe(struct tracker *t, struct record *r, int64_t time_ns, double existence)
{
	r->existence = existence;
	if (time_ns > r->exist_ns)
		r->exist_ns = time_ns;
}

/* Their word, @h_s after the last: existing tracks go on, false ones end at FALSE_LIFE_S. */
static void attest(struct tracker *t, uint32_t slot, const struct tracker_input *m, double h_s)
{
	struct record *r = &t->records[slot];
	double now = state_existence(t, r, m->in.time_ns);

	if (now < TRUST) {
		double odds = now / (1 - now) * pinned_exp(h_s / FALSE_LIFE_S), grown = odds / (1 + odds);

		now = grown < HELD ? HELD : grown < TRUST ? grown : TRUST;
	}
	believe(t, r, m->in.time_ns, now);
}

static void name(struct tracker *t, uint32_t slot, const struct tracker_input *m, double nats)
{
	uint32_t entry = m->id ? identity_get(&t->head->identities, m->id_kind, m->id) : IDENTITY_NONE;

	if (entry == IDENTITY_NONE)
		return;
	identity_heard(&t->entries[entry], m->in.time_ns);
	identity_evidence(&t->head->identities, entry, slot, &t->records[slot].labels, nats);
}

static void claim(struct tracker *t, struct entry *e, uint32_t slot)
{
	for (uint32_t i = 0; i < FOREIGN_ENTRIES; i++)
		if (t->foreign->claims[i] == slot + 1 && t->foreign->entries[i].station == e->station)
			part(t, &t->foreign->entries[i]);
	*claim_of(t, e) = slot + 1;
	e->slot = slot;
	e->birth = t->records[slot].birth;
	e->agreed = REPORTS;
	e->apart = 0;
	state_count(t, TRACKER_PAIRED);
}

static void pair(struct tracker *t, struct entry *e, uint32_t slot, const struct tracker_input *m)
{
	struct record *r = &t->records[slot];
	double now = state_existence(t, r, m->in.time_ns);

	claim(t, e, slot);
	believe(t, r, m->in.time_ns, now > TRUST ? now : TRUST);
	name(t, slot, m, ADDRESS_NATS);
}

static void begin(struct tracker *t, struct entry *e, const struct tracker_input *m)
{
	uint32_t slot = state_birth(t, m, TRUST);

	if (slot == GATE_NONE)
		return;
	claim(t, e, slot);
	explain_desk_note(t, 0, EXPLAIN_BORN, slot, TRUST, NAN);
	name(t, slot, m, ADDRESS_NATS);
	state_review(t, slot);
}

/* Nobody else has seen it. */
static bool is_theirs_alone(const struct record *r, uint32_t station)
{
	for (uint32_t i = 0; i < r->n_sources; i++)
		if (r->sources[i].plots && r->sources[i].station != station)
			return false;
	return true;
}

static void fuse(struct tracker *t, uint32_t slot, const struct tracker_input *m, const struct meeting *x, bool alone)
{
	struct filter_mode fused;
	double weight, gain;

	if (alone)
		state_replace(t, slot, m, &x->theirs, x->time_ns);
	else if (intersection_fuse(&x->ours, &x->theirs, &fused, &weight, &gain) == 0 && gain >= GAIN_MIN)
		state_replace(t, slot, m, &fused, x->time_ns);
	else
		state_replace(t, slot, m, NULL, 0);
}

/* A report of a pair: joined while it agrees. */
static void join(struct tracker *t, struct entry *e, const struct tracker_input *m, const struct filter_mode *theirs, double h_s)
{
	struct meeting x;

	bool agrees = meet(t, e->slot, m, theirs, &x), alone = is_theirs_alone(&t->records[e->slot], m->station);

	/* What is theirs alone is what they said last: follow() has compared that. */
	if (!agrees && !alone) {
		explain_desk_note(t, 0, EXPLAIN_OUTSIDE, e->slot, 0, x.d2);
		if (++e->apart < REPORTS)
			return;
		part(t, e);
		state_count(t, TRACKER_PARTED);
		return;
	}
	e->apart = 0;
	explain_desk_note(t, 0, EXPLAIN_USED, e->slot, 1, x.d2);
	fuse(t, e->slot, m, &x, alone);
	attest(t, e->slot, m, h_s);
	name(t, e->slot, m, AGAIN_NATS);
	state_review(t, e->slot);
}

/* Not paired yet. Return: true when it is now, with a track that was there. */
static bool seek(struct tracker *t, struct entry *e, const struct tracker_input *m, const struct filter_mode *theirs)
{
	uint32_t slot = nearest(t, e, m, theirs);

	if (slot == GATE_NONE) {
		e->agreed = 0;
		e->slot = GATE_NONE;
		if (e->steady == REPORTS)
			begin(t, e, m);
		return false;
	}
	if (slot != e->slot || t->records[slot].birth != e->birth)
		e->agreed = 0;
	e->slot = slot;
	e->birth = t->records[slot].birth;
	if (++e->agreed < REPORTS)
		return false;
	pair(t, e, slot, m);
	return true;
}

void foreign_take(struct tracker *t, const struct tracker_input *m)
{
	struct entry *e = find(t, m);

	if (!e) {
		state_count(t, TRACKER_FULL);
		return;
	}

	struct filter_mode theirs = estimate_of(t, m);
	double h_s = (double)(m->in.time_ns - e->time_ns) * STATE_NS;

	if (!follow(t, e, m, &theirs) || m->sender_tentative)
		return;
	if (*claim_of(t, e) && t->records[e->slot].birth != e->birth)
		part(t, e); /* ours ended or went into another */
	if (*claim_of(t, e) || seek(t, e, m, &theirs))
		join(t, e, m, &theirs, h_s);
}
