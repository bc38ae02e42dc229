#include "fusion/state.h"

#include "fusion/doppler.h"
#include "fusion/existence.h"
#include "fusion/explain_desk.h"
#include "fusion/pinned.h"

#include <math.h>
#include <string.h>

/* Deletion and coasting: notes 2.5. A tentative track starts at 0.01 in heavy clutter, at 1e-4 in a harbour's, and must survive
 * to a second plot through a miss. */
#define AIR_SPEED_SIGMA_MPS 150.0 /* on each axis, of what begins in the air: airliners cruise at 230-260 m/s */
#define VISIBLE_AT_FIRST 0.8f
/* An aircraft's own noise: steady on airways, and 5 m/s^2 (a bank of 27 degrees) kept for a radar's turn of 4 s. */
#define AIR_CALM_Q 1.0
#define AIR_LIVELY_Q 100.0
#define AIR_SWITCH_S 60.0
#define FLIES_ABOVE_MPS 40.0 /* no vessel so fast, hardly an aircraft so slow */
#define TENTATIVE_MIN 2e-3  /* a tentative track with less is dropped, */
#define TENTATIVE_SHARE 0.1 /* or where it was born with less, with less than this share of that */
#define COAST_BELOW 0.5
#define DROP_BELOW 0.02
#define DROP_WIDE_BELOW 0.2
#define WIDE_M 200.0
#define LOST_M 2000.0 /* so wide that it says nothing: below the coarsest cell's quarter */

/* Without reports: six turns of the slowest radar seen live, then a minute for the officer to see
 * it coast. */
#define RADAR_SILENCE_NS INT64_C(15000000000)
#define DROP_AFTER_NS INT64_C(60000000000)

#define PASS_NS INT64_C(500000000)
#define FILED_NS INT64_C(1500000000) /* what was filed longer ago is filed again at the next pass */
#define UNTIL_FILED_S 2.1
#define SPEED_MAX_MPS                                                                              \
	60.0 /* surface craft; what a track moves between refilings and back to late plots */

#define SELDOM 8 /* passes after which a track looks for new radars, and for reports that have stopped */
#define STILL_NS INT64_C(10000000000) /* unheard for so long: reviewed whether or not a radar looked */

void state_estimate(const struct record *r, struct filter_mode *ret_estimate)
{
	struct filter f;

	filter_unpack(&r->filter, &f);
	filter_estimate(&f, ret_estimate);
}

/* Mixed variances of the axis that is worse: place (m^2), velocity (m^2/s^2). */
static void worst(const struct filter_packed *p, double *ret_place, double *ret_speed)
{
	double w = p->lively, ww = w * (1 - w), v[4];
	const int k[4] = { FILTER_XX, FILTER_YY, FILTER_UU, FILTER_VV };
	const double e[4] = { p->dx_m, p->dy_m, p->u[1] - p->u[0], p->v[1] - p->v[0] };

	for (int i = 0; i < 4; i++)
		v[i] = p->p[2 * k[i]] + w * (p->p[2 * k[i] + 1] - p->p[2 * k[i]]) + ww * e[i] * e[i];
	*ret_place = v[0] > v[1] ? v[0] : v[1];
	*ret_speed = v[2] > v[3] ? v[2] : v[3];
}

/* 4 sigma of where it is @h_s after its newest input and until it is filed again, two seconds and a tick later, and as far as
 * it goes until then. */
static double extent(const struct filter_packed *p, double q, double h_s, const double x[4])
{
	double place, speed, u = fabs(x[2]), v = fabs(x[3]);

	worst(p, &place, &speed);
	double spread = sqrt(speed), wide = sqrt(place) + h_s * spread;
	double grown = h_s > 0 ? sqrt(wide * wide + q * h_s * h_s * h_s / 3) : wide;
	return 4 * grown + UNTIL_FILED_S * (4 * spread + (u > v ? u : v));
}

const struct filter_model *state_model(const struct tracker *t, bool airborne, const struct filter_mode *estimate)
{
	static const struct filter_model air = { .q = { AIR_CALM_Q, AIR_LIVELY_Q }, .switch_time_s = AIR_SWITCH_S };
	double u = estimate->x[2], v = estimate->x[3];

	return airborne && u * u + v * v > FLIES_ABOVE_MPS * FLIES_ABOVE_MPS ? &air : &t->config.model;
}

static const struct filter_model *model_of(const struct tracker *t, const struct record *r)
{
	struct filter_mode e;

	if (!r->airborne)
		return &t->config.model;
	filter_place(&r->filter, e.x);
	return state_model(t, true, &e);
}

void state_predict(
	const struct tracker *t, const struct record *r, int64_t time_ns, struct filter *ret_f)
{
	filter_unpack(&r->filter, ret_f);
	filter_predict(ret_f, (double)(time_ns - r->time_ns) * STATE_NS, model_of(t, r));
}

double state_existence(const struct tracker *t, const struct record *r, int64_t time_ns)
{
	return existence_survive(r->existence, (double)(time_ns - r->exist_ns) * STATE_NS,
		(double)t->config.life_ns * STATE_NS);
}

struct source *state_source(struct record *r, uint32_t station)
{
	for (uint32_t i = 0; i < r->n_sources; i++)
		if (r->sources[i].station == station)
			return &r->sources[i];
	return NULL;
}

struct source *state_source_add(struct record *r, uint32_t station, bool evict)
{
	struct source *s = state_source(r, station);

	if (s)
		return s;
	if (r->n_sources < STATE_SOURCES)
		s = &r->sources[r->n_sources++];
	for (uint32_t i = 0; !s && evict && i < STATE_SOURCES; i++)
		if (!r->sources[i].plots)
			s = &r->sources[i];
	if (s)
		*s = (struct source){ .station = (uint16_t)station, .visibility = VISIBLE_AT_FIRST };
	return s;
}

void state_mark(struct tracker *t, uint32_t slot)
{
	t->records[slot].dirty = true;
	if (!t->queued[slot])
		t->queue[t->n_queue++] = slot;
	t->queued[slot] = true;
}

static void note_source(struct tracker *t, struct record *r, const struct tracker_input *m)
{
	struct source *s = state_source_add(r, m->station, true);
	enum plot_sensor sensor = t->stations[m->station].sensor;

	if (s) {
		state_stamp last = state_stamp_of(m->in.time_ns);
		if (!s->plots || (int32_t)(last - s->last) > 0)
			s->last = last;
		s->plots++;
	}
	if (sensor == PLOT_SENSOR_RADAR && m->in.time_ns > r->radar_ns)
		r->radar_ns = m->in.time_ns;
	if ((sensor == PLOT_SENSOR_AIS || sensor == PLOT_SENSOR_ADSB) &&
		m->in.time_ns > r->report_ns)
		r->report_ns = m->in.time_ns;
	r->airborne |= m->airborne;
	state_stamp now = state_stamp_of(m->in.time_ns);
	if (m->has_height && (!r->height || (int32_t)(now - r->height) >= 0)) {
		r->height_m = m->height_m;
		r->height = now;
	}
	if (m->recv_ns > r->recv_ns)
		r->recv_ns = m->recv_ns;
}

/* Where it is at @h_s after its newest input. */
static void file(struct tracker *t, uint32_t slot, double h_s)
{
	struct record *r = &t->records[slot];
	double x[4];

	filter_place(&r->filter, x);
	gate_grid_file(&t->grid, slot, x[0] + h_s * x[2], x[1] + h_s * x[3], extent(&r->filter, model_of(t, r)->q[1], h_s, x));
	r->filed = state_stamp_of(t->head->now_ns);
}

/* 0 +- this is what is known of a velocity that the plot does not tell. */
static double speed_sigma(const struct tracker *t, const struct tracker_input *m)
{
	return m->airborne ? AIR_SPEED_SIGMA_MPS : t->config.speed_sigma_mps;
}

/* A range rate goes in behind its plot, at the plot's time. One that does not fit is left: the place is used all the same. */
static void take_rate(const struct tracker *t, const struct tracker_input *m, struct filter *f)
{
	const struct station *s = &t->stations[m->station];

	if (m->has_rate)
		(void)doppler_update(f, s->x_m, s->y_m, (double)m->rate_mps, (double)m->rate_sigma_mps);
}

static void start_filter(const struct tracker *t, struct record *r, const struct tracker_input *m)
{
	struct filter f;

	filter_init(&f, &m->in, speed_sigma(t, m));
	take_rate(t, m, &f);
	filter_pack(&f, &r->filter);
	r->time_ns = m->in.time_ns;
}

uint32_t state_birth(struct tracker *t, const struct tracker_input *m, double existence)
{
	struct state_head *h = t->head;
	uint32_t slot;

	if (h->n_free)
		slot = t->free_slots[--h->n_free];
	else if (h->high_water < t->config.max_tracks)
		slot = h->high_water++;
	else {
		state_count(t, TRACKER_FULL);
		return GATE_NONE;
	}

	struct record *r = &t->records[slot];
	memset(r, 0, sizeof(*r));
	r->birth = h->next_birth++;
	r->state = TRACK_TENTATIVE;
	r->twin = GATE_NONE;
	r->existence = existence;
	r->born = (float)existence;
	r->exist_ns = m->in.time_ns;
	start_filter(t, r, m);
	note_source(t, r, m);
	file(t, slot, 0);
	if (t->stations[m->station].sensor == PLOT_SENSOR_RADAR)
		edge_note(t->edge, m->in.x_m, m->in.y_m, h->now_ns);
	h->alive++;
	state_count(t, TRACKER_BIRTHS);
	return slot;
}

void state_absorb(struct tracker *t, struct record *r, const struct tracker_input *m, const struct filter *at)
{
	struct filter f;

	if (m->in.time_ns >= r->time_ns) {
		if (at)
			f = *at;
		else
			state_predict(t, r, m->in.time_ns, &f);
		filter_update(&f, &m->in);
		take_rate(t, m, &f);
		r->time_ns = m->in.time_ns;
	} else {
		filter_unpack(&r->filter, &f);
		filter_update_late(&f, (double)(r->time_ns - m->in.time_ns) * STATE_NS, &m->in, model_of(t, r));
	}
	filter_pack(&f, &r->filter);
	note_source(t, r, m);
}

void state_settle(struct tracker *t, uint32_t slot)
{
	file(t, slot, 0);
	state_mark(t, slot);
	state_count(t, TRACKER_PLOTS_USED);
}

void state_update(struct tracker *t, uint32_t slot, const struct tracker_input *m)
{
	state_absorb(t, &t->records[slot], m, NULL);
	state_settle(t, slot);
}

void state_restart(struct tracker *t, uint32_t slot, const struct tracker_input *m)
{
	struct record *r = &t->records[slot];

	start_filter(t, r, m);
	note_source(t, r, m);
	state_settle(t, slot);
}

void state_replace(struct tracker *t, uint32_t slot, const struct tracker_input *m, const struct filter_mode *state,
	int64_t time_ns)
{
	struct record *r = &t->records[slot];
	struct filter f;

	note_source(t, r, m);
	if (!state) {
		state_mark(t, slot);
		return;
	}
	filter_unpack(&r->filter, &f);
	filter_set(&f, state);
	filter_pack(&f, &r->filter);
	r->time_ns = time_ns;
	state_settle(t, slot);
}

void state_drop(struct tracker *t, uint32_t slot, uint32_t parent)
{
	struct record *r = &t->records[slot];

	if (r->state != TRACK_TENTATIVE) {
		explain_desk_event(t, parent ? EXPLAIN_MERGED : EXPLAIN_DROPPED, r, UINT32_MAX, parent, t->head->now_ns);
		r->state = TRACK_DROPPED;
		publish_track(t, slot, parent);
		state_count(t, TRACKER_DROPPED);
		if (!parent)
			resume_lost(t, slot);
	}
	identity_drop(&t->head->identities, slot, &r->labels);
	gate_grid_unfile(&t->grid, slot);
	r->birth = 0;
	t->free_slots[t->head->n_free++] = slot;
	t->head->alive--;
}

/* How long this track may be unheard before that means something; *ret_reporting: it is a reporter
 * in good standing. */
static int64_t silence(const struct tracker *t, const struct record *r, bool *ret_reporting)
{
	int64_t longest = RADAR_SILENCE_NS;
	double x[4];

	*ret_reporting = false;
	if (!r->report_ns)
		return longest;
	filter_place(&r->filter, x);
	for (uint32_t i = 0; i < r->labels.n; i++) {
		const struct identity_entry *e = &t->entries[r->labels.entries[i]];
		if (identity_probability(e, (uint32_t)(r - t->records)) < 0.5)
			continue;
		int64_t s = identity_silence_ns(e, sqrt(x[2] * x[2] + x[3] * x[3]));
		if (s > longest)
			longest = s;
		if (t->head->now_ns - r->report_ns <= s)
			*ret_reporting = true;
	}
	return longest;
}

static void become(struct tracker *t, uint32_t slot, enum track_state state)
{
	if (t->records[slot].state == state)
		return;
	enum explain_what what = state == TRACK_COASTING ? EXPLAIN_COASTING : EXPLAIN_RESUMED;
	if (t->records[slot].state == TRACK_TENTATIVE)
		what = EXPLAIN_CONFIRMED;
	t->records[slot].state = (uint8_t)state;
	explain_desk_event(t, what, &t->records[slot], UINT32_MAX, 0, t->head->now_ns);
	state_mark(t, slot);
}

static void review_confirmed(struct tracker *t, uint32_t slot)
{
	struct record *r = &t->records[slot];
	int64_t age = t->head->now_ns - r->time_ns;
	double existence = state_existence(t, r, t->head->now_ns), x[4];
	bool reporting;

	/* Nearly all: heard and believed. */
	if (age <= RADAR_SILENCE_NS && existence >= COAST_BELOW) {
		become(t, slot, TRACK_CONFIRMED);
		return;
	}
	int64_t normal = silence(t, r, &reporting);
	filter_place(&r->filter, x);
	double wide = extent(&r->filter, 0, 0, x) / 4;

	if (age > normal + DROP_AFTER_NS || wide > LOST_M ||
		(!reporting && (existence < DROP_BELOW ||
				       (existence < DROP_WIDE_BELOW && wide > WIDE_M)))) {
		state_drop(t, slot, 0);
		return;
	}
	become(t, slot, existence < COAST_BELOW || age > normal ? TRACK_COASTING : TRACK_CONFIRMED);
}

void state_review(struct tracker *t, uint32_t slot)
{
	struct record *r = &t->records[slot];
	bool reporting;

	if (r->state != TRACK_TENTATIVE) {
		review_confirmed(t, slot);
		return;
	}
	if (r->existence >= t->config.confirm && resume_admit(t, slot)) {
		become(t, slot, TRACK_CONFIRMED);
		state_count(t, TRACKER_CONFIRMED);
		return;
	}
	double least = TENTATIVE_SHARE * (double)r->born;
	if (r->existence < (least < TENTATIVE_MIN ? least : TENTATIVE_MIN) ||
		t->head->now_ns - r->time_ns > silence(t, r, &reporting))
		state_drop(t, slot, 0);
}

static void pass(struct tracker *t, uint32_t slot)
{
	struct state_head *h = t->head;
	struct record *r = &t->records[slot];
	int64_t ahead = h->now_ns - r->time_ns;

	bool turn = (slot + h->reviews) % SELDOM == 0;

	if (!r->acquired || turn)
		sweep_acquire(t, slot);
	if (turn && r->labels.n)
		merge_silence(t, slot);
	bool missed = h->now_ns >= r->due_ns && sweep_record(t, r);
	if (h->now_ns - state_stamp_ns(r->filed, h->now_ns) >= FILED_NS)
		file(t, slot, ahead > 0 ? (double)ahead * STATE_NS : 0);
	if (h->reviews % 2 == 0 && merge_suspect(t, r))
		t->suspects[t->n_suspects++] = slot;
	if (missed || ahead > STILL_NS)
		state_review(t, slot);
}

bool state_pass(struct tracker *t)
{
	struct state_head *h = t->head;

	if (h->now_ns - h->reviewed_ns < PASS_NS)
		return false;
	h->reviewed_ns = h->now_ns;
	h->reviews++;
	t->n_suspects = 0;
	for (uint32_t slot = 0; slot < h->high_water; slot++)
		if (t->records[slot].birth)
			pass(t, slot);
	return true;
}

void state_reach(const struct tracker *t, const struct filter_input *in, double ret_reach_m[static 2])
{
	double late_s = (double)(t->head->now_ns - in->time_ns) * STATE_NS, moved = late_s > 0 ? SPEED_MAX_MPS * late_s : 0;

	ret_reach_m[0] = 4 * sqrt(in->cov.xx) + moved;
	ret_reach_m[1] = 4 * sqrt(in->cov.yy) + moved;
}

size_t state_candidates(struct tracker *t, const struct filter_input *in,
	uint32_t ret_slots[static STATE_CANDIDATES])
{
	double reach[2];

	state_reach(t, in, reach);
	return gate_grid_find(&t->grid, in->x_m, in->y_m, reach[0], reach[1], ret_slots, STATE_CANDIDATES,
		&t->head->counters[TRACKER_BOUNDED]);
}

bool state_gate(const struct tracker *t, const struct record *r, const struct filter_input *in,
	double limit, double *ret_d2, double *ret_likelihood)
{
	struct filter f;
	double d2, l;

	state_predict(t, r, in->time_ns, &f);
	if (filter_distance2(&f, in, &d2, &l) < 0 || !(d2 <= limit))
		return false;
	*ret_d2 = d2;
	*ret_likelihood = l;
	return true;
}
