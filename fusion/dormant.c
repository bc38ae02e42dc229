#include "fusion/dormant.h"

#include "fusion/edge.h"
#include "fusion/gate.h"
#include "fusion/pinned.h"

#include <math.h>

#define NS 1e-9
#define AWAY_MIN_NS INT64_C(1000000000) /* below a second nobody has been away */
#define RETURN_SHARE 0.07 /* of those lost that come back within each e-fold of time (design) */
#define NEW_AT_EDGE 3.0   /* times more of them where the sight ends (design) */
#define COURSE_KEPT 0.25  /* (design) */
#define AT_EDGE 0.7       /* of those that have not, come into sight where it ends (design) */
#define SPEED_UP 1.2      /* how much faster it may have become */
#define DRIFT_MPS 1.0
#define PLACE_M 50.0
#define HEARD 0.8 /* of its reports that are received in time (design) */

void dormant_remove(struct dormant_book *b, uint32_t number)
{
	b->entries[number] = b->entries[--b->n];
}

void dormant_keep(struct dormant_book *b, const struct dormant *d)
{
	uint32_t at = b->n, oldest = 0;

	for (uint32_t i = 0; i < b->n; i++) {
		if (b->entries[i].birth == d->birth)
			at = i;
		if (b->entries[i].lost_ns < b->entries[oldest].lost_ns)
			oldest = i;
	}
	if (at == DORMANT_MAX)
		at = oldest;
	else if (at == b->n)
		b->n++;
	b->entries[at] = *d;
}

void dormant_expire(struct dormant_book *b, int64_t now_ns)
{
	for (uint32_t i = b->n; i > 0; i--)
		if (now_ns - b->entries[i - 1].lost_ns > DORMANT_KEEP_NS)
			dormant_remove(b, i - 1);
}

uint32_t dormant_named(const struct dormant_book *b, uint8_t id_kind, uint32_t id)
{
	uint32_t found = DORMANT_NONE;

	for (uint32_t i = 0; i < b->n; i++)
		if (b->entries[i].id == id && b->entries[i].id_kind == id_kind &&
			(found == DORMANT_NONE || b->entries[i].lost_ns > b->entries[found].lost_ns))
			found = i;
	return found;
}

/* On the course it had: 1/m^2. */
static double course_density(const struct dormant *d, const struct dormant_query *q, double h)
{
	const double *p = d->at.p, *n = q->at.p, grown = q->calm_q * h * h * h / 3;
	struct filter_cov2 s = {
		p[FILTER_XX] + 2 * h * p[FILTER_XU] + h * h * p[FILTER_UU] + grown + n[FILTER_XX],
		p[FILTER_XY] + h * (p[FILTER_XV] + p[FILTER_YU]) + h * h * p[FILTER_UV] + n[FILTER_XY],
		p[FILTER_YY] + 2 * h * p[FILTER_YV] + h * h * p[FILTER_VV] + grown + n[FILTER_YY],
	};
	double d2;

	if (gate_distance2(q->at.x[0] - d->at.x[0] - h * d->at.x[2], q->at.x[1] - d->at.x[1] - h * d->at.x[3], &s, &d2) < 0)
		return 0;
	return pinned_exp(-d2 / 2) / (2 * M_PI * sqrt(s.xx * s.yy - s.xy * s.xy));
}

/* Anywhere its speed allows: 1/m^2. */
static double reach_density(const struct dormant *d, const struct dormant_query *q, double h)
{
	const double *p = d->at.p, *n = q->at.p;
	double speed = sqrt(d->at.x[2] * d->at.x[2] + d->at.x[3] * d->at.x[3]);
	double spread = sqrt(p[FILTER_UU] > p[FILTER_VV] ? p[FILTER_UU] : p[FILTER_VV]);
	double place = sqrt(n[FILTER_XX] > n[FILTER_YY] ? n[FILTER_XX] : n[FILTER_YY]);
	double reach = (SPEED_UP * speed + spread + DRIFT_MPS) * h + PLACE_M + 2 * place;
	double dx = q->at.x[0] - d->at.x[0], dy = q->at.x[1] - d->at.x[1];

	if (!(dx * dx + dy * dy <= reach * reach))
		return 0;
	double strip = reach > EDGE_STRIP_M ? 2 * reach * EDGE_STRIP_M : M_PI * reach * reach;
	return (1 - AT_EDGE) / (M_PI * reach * reach) + (q->edge ? AT_EDGE / strip : 0);
}

/* The share of its reports that would have come within @span_ns. */
static double told(const struct dormant *d, int64_t span_ns)
{
	if (!d->id || d->interval_ns <= 0 || span_ns <= 0)
		return 0;
	return HEARD * (span_ns < d->interval_ns ? (double)span_ns / (double)d->interval_ns : 1);
}

double dormant_density(const struct dormant *d, const struct dormant_query *q)
{
	int64_t away = q->now_ns - d->lost_ns;

	if (away < AWAY_MIN_NS || away > DORMANT_KEEP_NS)
		return 0;
	double h = (double)away * NS;
	double there = COURSE_KEPT * course_density(d, q, h) + (1 - COURSE_KEPT) * reach_density(d, q, h);
	/* Negated so that NaN is refused as well. */
	if (!(there > 0))
		return 0;
	return RETURN_SHARE / h * there * (1 - told(d, q->waited_ns));
}

void dormant_weigh(const struct dormant_book *b, const struct dormant_query *q, struct dormant_answer *ret_a)
{
	double all = q->edge ? DORMANT_NEW_DENSITY * NEW_AT_EDGE : DORMANT_NEW_DENSITY, most = 0, soon = 0;

	*ret_a = (struct dormant_answer){ .best = DORMANT_NONE };
	for (uint32_t i = 0; i < b->n && !q->named; i++) {
		double w = dormant_density(&b->entries[i], q);
		all += w;
		soon += w * told(&b->entries[i], q->patience_ns);
		if (w > most) {
			most = w;
			ret_a->best = i;
		}
	}
	ret_a->probability = most / all;
	ret_a->named_soon = soon / all;
}
