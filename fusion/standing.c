#include "fusion/standing.h"

#define WINDOW_NS INT64_C(120000000000) /* changes of place within it count (design) */
#define CLEAR_NS INT64_C(180000000000)  /* so long without a contradiction: the interval of a moored vessel */
#define TWIN_CHANGES 4
#define ELSEWHERE_RUN 2

static void forget(struct standing *s)
{
	*s = (struct standing){ .held = s->held, .where = s->where, .silent = s->silent };
}

static void count_change(struct standing *s, const struct standing_report *r)
{
	if (r->contradicts == s->away && (!r->contradicts || r->taker == s->where))
		return;
	if (r->time_ns - s->change_ns > WINDOW_NS)
		s->changes = 0;
	if (s->changes < UINT8_MAX)
		s->changes++;
	s->change_ns = r->time_ns;
}

static void count_contradiction(struct standing *s, const struct standing_report *r)
{
	if (!s->count)
		s->since_ns = r->time_ns;
	if (s->count < UINT32_MAX)
		s->count++;
	s->last_ns = r->time_ns;
	s->distance_m = (float)r->distance_m;
	if (!r->taker_held && s->run < UINT8_MAX)
		s->run++;
	if (r->taker)
		s->other = r->taker_held ? s->held : r->taker;
}

bool standing_hear(struct standing *s, const struct standing_report *r)
{
	uint8_t before = s->kind;

	count_change(s, r);
	if (r->contradicts)
		count_contradiction(s, r);
	else
		s->run = 0;
	s->away = r->contradicts;
	s->where = r->taker;
	/* A track that only reports is no witness against the one that radar holds. */
	if (r->taker && (r->taker_held || !r->contradicts))
		s->held = r->taker;
	if (s->count && s->changes >= TWIN_CHANGES)
		s->kind = TRACK_STANDING_TWIN;
	else if (!s->kind && s->run >= ELSEWHERE_RUN)
		s->kind = TRACK_STANDING_ELSEWHERE;
	else if (s->count && r->time_ns - s->last_ns > CLEAR_NS)
		forget(s);
	return s->kind != before;
}

bool standing_concerns(const struct standing *s, uint32_t birth)
{
	return birth && (birth == s->held || (s->kind && birth == s->other));
}
