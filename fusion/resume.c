/*
 * resume - a vessel that comes back gets its old id, before it is published under a new one.
 *
 * A track that ends leaves its id in the book of dormant.h. A tentative track that is about to be confirmed
 *   - and names itself takes the id that this name was lost under, if it can have come from there;
 *   - and most probably is one that was lost takes its id;
 *   - and may be one that will soon name itself is listened to a little longer: under which id a vessel comes is told once;
 *   - else is new. What has been published keeps its id.
 * A name is not taken over with an id: it is told again when it is heard again.
 */
#include "fusion/state.h"

#include <math.h>

#define SURE 0.9          /* that it is the one: a wrong old id is worse than a new one (design) */
#define WORTH_WAITING 0.05 /* probability that waiting tells the name (design) */
#define WORTH_MORE 0.02    /* the same, once begun */
#define PATIENCE_NS INT64_C(20000000000) /* two reports of most class A under way, two in three of class B */
#define PLOTS_MIN 8       /* of an unnamed track whose id is kept: clutter seldom lives so long (design) */
#define SPEED_MAX_MPS 60.0      /* as report.c: surface craft */
#define SPEED_MAX_AIR_MPS 350.0 /* aircraft */
#define PLACE_M 500.0

static uint32_t plots_of(const struct record *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->n_sources; i++)
		n += r->sources[i].plots;
	return n;
}

static const struct identity_entry *sure_entry(const struct tracker *t, uint32_t slot)
{
	uint32_t entry = identity_leading(&t->head->identities, slot, &t->records[slot].labels);

	return entry == IDENTITY_NONE ? NULL : &t->entries[entry];
}

static struct dormant_book book_of(struct tracker *t)
{
	return (struct dormant_book){ t->head->n_dormant, t->dormants };
}

void resume_lost(struct tracker *t, uint32_t slot)
{
	const struct record *r = &t->records[slot];
	const struct identity_entry *e = sure_entry(t, slot);
	struct dormant_book b = book_of(t);
	struct dormant d = { .birth = r->birth, .version = r->version, .lost_ns = r->time_ns };

	if (!e && plots_of(r) < PLOTS_MIN)
		return;
	if (e) {
		d.id_kind = e->kind;
		d.id = e->value;
		d.interval_ns = e->interval_ns;
	}
	state_estimate(r, &d.at);
	dormant_expire(&b, t->head->now_ns);
	dormant_keep(&b, &d);
	t->head->n_dormant = b.n;
}

/* --- waiting --- */

static struct resume_wait *wait_of(struct tracker *t, uint32_t birth)
{
	for (unsigned i = 0; i < RESUME_WAITS; i++)
		if (t->head->waits[i].birth == birth)
			return &t->head->waits[i];
	return NULL;
}

static struct resume_wait *wait_begin(struct tracker *t, uint32_t birth)
{
	for (unsigned i = 0; i < RESUME_WAITS; i++) {
		struct resume_wait *w = &t->head->waits[i];
		if (w->birth && t->head->now_ns - w->since_ns <= 2 * PATIENCE_NS)
			continue;
		*w = (struct resume_wait){ birth, t->head->now_ns };
		return w;
	}
	return NULL;
}

/* --- coming back --- */

static bool reachable(const struct dormant *d, const struct filter_mode *at, int64_t now_ns)
{
	double dx = at->x[0] - d->at.x[0], dy = at->x[1] - d->at.x[1];
	double speed = d->id_kind == PLOT_ID_ICAO24 ? SPEED_MAX_AIR_MPS : SPEED_MAX_MPS;
	double reach = speed * (double)(now_ns - d->lost_ns) * STATE_NS + PLACE_M;

	return dx * dx + dy * dy <= reach * reach;
}

static void take_over(struct tracker *t, uint32_t slot, uint32_t number)
{
	struct dormant_book b = book_of(t);
	struct record *r = &t->records[slot];

	r->birth = b.entries[number].birth;
	r->version = b.entries[number].version;
	dormant_remove(&b, number);
	t->head->n_dormant = b.n;
	state_count(t, TRACKER_RESUMED);
}

/* By its name. Return: the number, or DORMANT_NONE. */
static uint32_t by_name(struct tracker *t, const struct identity_entry *e, const struct filter_mode *at)
{
	struct dormant_book b = book_of(t);
	uint32_t number = dormant_named(&b, e->kind, e->value);

	return number != DORMANT_NONE && reachable(&b.entries[number], at, t->head->now_ns) ? number : DORMANT_NONE;
}

/* By where it is. Return: false when it is better to wait. */
static bool by_place(struct tracker *t, uint32_t slot, const struct filter_mode *at, uint32_t *ret_number)
{
	struct record *r = &t->records[slot];
	struct dormant_book b = book_of(t);
	struct resume_wait *w = wait_of(t, r->birth);
	struct dormant_query q = { .now_ns = t->head->now_ns, .at = *at, .calm_q = t->config.model.q[0],
		.edge = edge_here(t->edge, at->x[0], at->x[1], t->head->now_ns) };
	struct dormant_answer a;

	q.waited_ns = w ? t->head->now_ns - w->since_ns : 0;
	q.patience_ns = q.waited_ns < PATIENCE_NS ? PATIENCE_NS - q.waited_ns : 0;
	dormant_weigh(&b, &q, &a);
	*ret_number = a.probability >= SURE ? a.best : DORMANT_NONE;
	if (*ret_number != DORMANT_NONE || r->distress || !q.patience_ns)
		return true;
	if (w)
		return a.named_soon < WORTH_MORE;
	return a.named_soon < WORTH_WAITING || !wait_begin(t, r->birth);
}

bool resume_admit(struct tracker *t, uint32_t slot)
{
	struct record *r = &t->records[slot];
	const struct identity_entry *e = sure_entry(t, slot);
	uint32_t number = DORMANT_NONE;
	struct filter f;
	struct filter_mode at;

	/* The pass that comes within a second gives it that id. */
	if (merge_outrun(t, slot) != GATE_NONE)
		return false;
	if (!t->head->n_dormant)
		return true;
	state_predict(t, r, t->head->now_ns > r->time_ns ? t->head->now_ns : r->time_ns, &f);
	filter_estimate(&f, &at);
	if (e)
		number = by_name(t, e, &at);
	else if (!by_place(t, slot, &at, &number))
		return false;
	struct resume_wait *w = wait_of(t, r->birth);
	if (w)
		*w = (struct resume_wait){ 0 };
	if (number != DORMANT_NONE)
		take_over(t, slot, number);
	return true;
}
