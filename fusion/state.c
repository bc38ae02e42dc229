#include "fusion/state.h"

#include "fusion/existence.h"
#include "fusion/pinned.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Deletion and coasting: notes 2.5. Tentative tracks in heavy clutter start at 0.01 and must
 * survive to a second plot. */
#define AIR_SPEED_SIGMA_MPS 150.0 /* on each axis, of what begins in the air: airliners cruise at 230-260 m/s */
#define TENTATIVE_MIN 2e-3
#define COAST_BELOW 0.5
#define DROP_BELOW 0.02
#define DROP_WIDE_BELOW 0.2
#define WIDE_M 200.0
#define LOST_M 2000.0 /* so wide that it says nothing: below the coarsest cell's quarter */

/* Without reports: six turns of the slowest radar seen live, then a minute for the officer to see
 * it coast. */
#define RADAR_SILENCE_NS INT64_C(15000000000)
#define DROP_AFTER_NS INT64_C(60000000000)

#define REFILE_NS INT64_C(1000000000)
#define UNTIL_FILED_S 1.1
#define SPEED_MAX_MPS                                                                              \
	60.0 /* surface craft; what a track moves between refilings and back to late plots */

/* 4 sigma of where it is until it is filed again, a second and a tick later, and as far as it goes until then. */
static double extent(const struct filter_mode *e)
{
	double place = e->p[FILTER_XX] > e->p[FILTER_YY] ? e->p[FILTER_XX] : e->p[FILTER_YY];
	double speed = e->p[FILTER_UU] > e->p[FILTER_VV] ? e->p[FILTER_UU] : e->p[FILTER_VV];
	double u = fabs(e->x[2]), v = fabs(e->x[3]);

	return 4 * sqrt(place) + UNTIL_FILED_S * (4 * sqrt(speed) + (u > v ? u : v));
}

void state_predict(
	const struct tracker *t, const struct record *r, int64_t time_ns, struct filter *ret_f)
{
	*ret_f = r->filter;
	filter_predict(ret_f, (double)(time_ns - r->time_ns) * STATE_NS, &t->config.model);
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
	if (r->n_sources == TRACK_SENSORS_MAX)
		return NULL;
	struct source *s = &r->sources[r->n_sources++];
	*s = (struct source){ .station = station, .visibility = 0.8 };
	return s;
}

void state_mark(struct tracker *t, uint32_t slot)
{
	t->records[slot].dirty = true;
	if (!t->queued[slot])
		t->queue[t->n_queue++] = slot;
	t->queued[slot] = true;
}

static void note_source(struct tracker *t, uint32_t slot, const struct tracker_input *m)
{
	struct record *r = &t->records[slot];
	struct source *s = state_source(r, m->station);
	enum plot_sensor sensor = t->stations[m->station].sensor;

	if (s) {
		s->plots++;
		if (m->in.time_ns > s->last_ns)
			s->last_ns = m->in.time_ns;
	}
	if (sensor == PLOT_SENSOR_RADAR && m->in.time_ns > r->radar_ns)
		r->radar_ns = m->in.time_ns;
	if ((sensor == PLOT_SENSOR_AIS || sensor == PLOT_SENSOR_ADSB) &&
		m->in.time_ns > r->report_ns)
		r->report_ns = m->in.time_ns;
	if (m->recv_ns > r->recv_ns)
		r->recv_ns = m->recv_ns;
	state_mark(t, slot);
}

static void restart_history(struct tracker *t, uint32_t slot, const struct tracker_input *m)
{
	history_init(&t->histories[slot], &t->records[slot].filter, m->in.time_ns);
	t->records[slot].time_ns = m->in.time_ns;
}

static void file(struct tracker *t, uint32_t slot)
{
	const struct filter_mode *e = &t->records[slot].estimate;

	gate_grid_file(&t->grid, slot, e->x[0], e->x[1], extent(e));
}

/* 0 +- this is what is known of a velocity that the plot does not tell. */
static double speed_sigma(const struct tracker *t, const struct tracker_input *m)
{
	return m->airborne ? AIR_SPEED_SIGMA_MPS : t->config.speed_sigma_mps;
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
	r->exist_ns = m->in.time_ns;
	filter_init(&r->filter, &m->in, speed_sigma(t, m));
	filter_estimate(&r->filter, &r->estimate);
	restart_history(t, slot, m);
	note_source(t, slot, m);
	r->dirty = false;
	file(t, slot);
	h->alive++;
	state_count(t, TRACKER_BIRTHS);
	return slot;
}

int state_update(struct tracker *t, uint32_t slot, const struct tracker_input *m)
{
	struct record *r = &t->records[slot];
	int error = history_update(&t->histories[slot], &m->in, &t->config.model, &r->filter);

	if (error < 0) {
		state_count(t, TRACKER_PLOTS_LATE);
		return error;
	}
	r->time_ns = t->histories[slot].time_ns;
	filter_estimate(&r->filter, &r->estimate);
	note_source(t, slot, m);
	file(t, slot);
	state_count(t, TRACKER_PLOTS_USED);
	return 0;
}

void state_restart(struct tracker *t, uint32_t slot, const struct tracker_input *m)
{
	struct record *r = &t->records[slot];

	filter_init(&r->filter, &m->in, speed_sigma(t, m));
	filter_estimate(&r->filter, &r->estimate);
	restart_history(t, slot, m);
	note_source(t, slot, m);
	file(t, slot);
	state_count(t, TRACKER_PLOTS_USED);
}

void state_drop(struct tracker *t, uint32_t slot, uint32_t parent)
{
	struct record *r = &t->records[slot];

	if (r->state != TRACK_TENTATIVE) {
		r->state = TRACK_DROPPED;
		r->parent = parent;
		publish_track(t, slot);
		state_count(t, TRACKER_DROPPED);
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
	double u = r->estimate.x[2], v = r->estimate.x[3];
	int64_t longest = RADAR_SILENCE_NS;

	*ret_reporting = false;
	if (!r->report_ns)
		return longest;
	for (uint32_t i = 0; i < r->labels.n; i++) {
		const struct identity_entry *e = &t->entries[r->labels.entries[i]];
		if (identity_probability(e, (uint32_t)(r - t->records)) < 0.5)
			continue;
		int64_t s = identity_silence_ns(e, sqrt(u * u + v * v));
		if (s > longest)
			longest = s;
		if (t->head->now_ns - r->report_ns <= s)
			*ret_reporting = true;
	}
	return longest;
}

static void review_confirmed(struct tracker *t, uint32_t slot)
{
	struct record *r = &t->records[slot];
	int64_t age = t->head->now_ns - r->time_ns;
	bool reporting;
	int64_t normal = silence(t, r, &reporting);
	double existence = state_existence(t, r, t->head->now_ns), wide = extent(&r->estimate) / 4;

	if (age > normal + DROP_AFTER_NS || wide > LOST_M ||
		(!reporting && (existence < DROP_BELOW ||
				       (existence < DROP_WIDE_BELOW && wide > WIDE_M)))) {
		state_drop(t, slot, 0);
		return;
	}
	enum track_state now =
		existence < COAST_BELOW || age > normal ? TRACK_COASTING : TRACK_CONFIRMED;
	if (now != r->state) {
		r->state = (uint8_t)now;
		state_mark(t, slot);
	}
}

void state_review(struct tracker *t, uint32_t slot)
{
	struct record *r = &t->records[slot];
	bool reporting;

	if (r->state != TRACK_TENTATIVE) {
		review_confirmed(t, slot);
		return;
	}
	if (r->existence >= t->config.confirm) {
		r->state = TRACK_CONFIRMED;
		state_mark(t, slot);
		state_count(t, TRACKER_CONFIRMED);
		return;
	}
	if (r->existence < TENTATIVE_MIN ||
		t->head->now_ns - r->time_ns > silence(t, r, &reporting))
		state_drop(t, slot, 0);
}

bool state_refile(struct tracker *t)
{
	struct state_head *h = t->head;

	if (h->now_ns - h->refiled_ns < REFILE_NS)
		return false;
	h->refiled_ns = h->now_ns;
	for (uint32_t slot = 0; slot < h->high_water; slot++) {
		struct record *r = &t->records[slot];
		if (!r->birth)
			continue;
		struct filter f;
		struct filter_mode e;
		state_predict(
			t, r, h->now_ns > r->time_ns ? h->now_ns : r->time_ns, &f);
		filter_estimate(&f, &e);
		gate_grid_file(&t->grid, slot, e.x[0], e.x[1], extent(&e));
		state_review(t, slot);
	}
	return true;
}

size_t state_candidates(struct tracker *t, const struct filter_input *in,
	uint32_t ret_slots[static STATE_CANDIDATES])
{
	double var = in->cov.xx > in->cov.yy ? in->cov.xx : in->cov.yy;
	double late_s = (double)(t->head->now_ns - in->time_ns) * STATE_NS;
	double reach = 4 * sqrt(var) + SPEED_MAX_MPS * (1 + (late_s > 0 ? late_s : 0));

	return gate_grid_find(&t->grid, in->x_m, in->y_m, reach, ret_slots, STATE_CANDIDATES,
		&t->head->counters[TRACKER_BOUNDED]);
}

/* Box test on the mixed estimate, the variance bounded from above by that of the lively mode. */
static bool in_box(const struct tracker *t, const struct record *r, const struct filter_input *in,
	double limit, double h)
{
	const struct filter_mode *e = &r->estimate;
	double growth = t->config.model.q[1] * fabs(h) * h * h / 3;
	double dx = in->x_m - e->x[0] - h * e->x[2], dy = in->y_m - e->x[1] - h * e->x[3];
	double vx = e->p[FILTER_XX] + 2 * h * e->p[FILTER_XU] + h * h * e->p[FILTER_UU] + growth +
		    in->cov.xx;
	double vy = e->p[FILTER_YY] + 2 * h * e->p[FILTER_YV] + h * h * e->p[FILTER_VV] + growth +
		    in->cov.yy;

	return dx * dx <= limit * vx && dy * dy <= limit * vy;
}

bool state_gate(const struct tracker *t, const struct record *r, const struct filter_input *in,
	double limit, double *ret_d2, double *ret_likelihood)
{
	struct filter f;
	double d2, l;

	if (!in_box(t, r, in, limit, (double)(in->time_ns - r->time_ns) * STATE_NS))
		return false;
	state_predict(t, r, in->time_ns, &f);
	if (filter_distance2(&f, in, &d2, &l) < 0 || !(d2 <= limit))
		return false;
	*ret_d2 = d2;
	*ret_likelihood = l;
	return true;
}
