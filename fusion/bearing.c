/*
 * bearing - a camera's azimuth sharpens a track it crosses. It never starts one: a line is not a
 * place.
 *
 * Several tracks on one line cannot be told apart: unless one is ten times as likely as the rest
 * together, none is updated.
 */
#include "fusion/explain_desk.h"
#include "fusion/pinned.h"
#include "fusion/state.h"

#include <math.h>

#define BEARING_D2 16.0
#define BEARING_CLEAR 10.0
#define BEARING_EXISTENCE 0.5
#define BEARING_INTERVAL_NS                                                                        \
	INT64_C(500000000)      /* frames closer than this share their errors (notes 2.8) */
#define BEARING_RANGE_M 20000.0 /* when the camera's file states none */

void bearing_take(struct tracker *t, const struct tracker_input *m)
{
	uint32_t station = m->station;
	const struct station *s = &t->stations[station];
	double range = s->max_range_m < BEARING_RANGE_M ? s->max_range_m : BEARING_RANGE_M, sum = 0,
	       most = 0;
	uint32_t best = GATE_NONE;

	if (!s->placed)
		return;

	for (uint32_t slot = 0; slot < t->head->high_water; slot++) {
		const struct record *r = &t->records[slot];
		double d2, l, x[4];
		struct filter f;
		filter_place(&r->filter, x);
		double dx = x[0] - s->x_m, dy = x[1] - s->y_m;
		if (!r->birth || r->existence < BEARING_EXISTENCE || r->state == TRACK_TENTATIVE ||
			dx * dx + dy * dy > range * range)
			continue;
		state_predict(t, r, m->in.time_ns, &f);
		if (filter_bearing2(&f, &m->in, &d2, &l) < 0 || d2 > BEARING_D2)
			continue;
		explain_desk_pair(t, 0, slot, l, d2);
		sum += l;
		if (l > most) {
			most = l;
			best = slot;
		}
	}
	bool clear = best != GATE_NONE && most >= BEARING_CLEAR * (sum - most);
	explain_desk_decide(t, 0, clear ? best : GATE_NONE, 0, NULL);
	explain_desk_amend(t, 0, EXPLAIN_UNLIKELY, EXPLAIN_AMBIGUOUS);
	if (!clear)
		return;
	struct source *src = state_source(&t->records[best], station);
	if (src && src->plots && llabs(m->in.time_ns - state_stamp_ns(src->last, t->head->now_ns)) < BEARING_INTERVAL_NS) {
		explain_desk_amend(t, 0, EXPLAIN_USED, EXPLAIN_CROWDED);
		return;
	}
	state_update(t, best, m);
}
