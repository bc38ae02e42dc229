/*
 * bearing - a camera's azimuth sharpens the tracks it may have come from. It never starts one: a line is not a place.
 *
 * A frame is the bearings of one camera and one time. Each bearing came from one of the tracks in its gate or from none of
 * them (a bird, a house, a boat without a track); the weights are Bayes' (probabilistic data association), the density of
 * bearings from elsewhere is learned from each camera's own frames. A track takes its share of a bearing: with weight b and innovation
 * covariance S, noise of S/b - HPH' makes the gain b times the full one and the gain in certainty b times the full one. What is
 * shared by two tracks on one line pulls both a little instead of one of them wrongly.
 *
 * What a camera does not see says nothing: it may be night. What it sees says nothing of existence either: a bearing crosses
 * everything on its line.
 *
 * Limits: the sensor's noise is white here. Errors that last (mounting, the place on a long hull) are in it as if they were, so frames
 * that follow closely are not used. Sources: Bar-Shalom, Daum & Huang, "The Probabilistic Data Association Filter", IEEE CSM 29
 * (2009); notes 2.8.
 */
#include "fusion/explain_desk.h"
#include "fusion/pinned.h"
#include "fusion/state.h"

#include <math.h>

#define TWO_PI 6.283185307179586
#define BEARING_D2 16.0
#define BEARING_EXISTENCE 0.5
#define BEARING_DETECTION 0.5 /* of a vessel in view, in one frame: 0.3 to 0.8 are as good (docs/tracking.md) */
#define BEARING_SHARE_MIN 0.5 /* a bearing that is more probably another's is left alone */
#define BEARING_HULL_M 4.0    /* from where on its hull: of 14 m, evenly, 1 sigma */
#define BEARING_RANGE_M 20000.0 /* when the camera's file states none */
#define BEARING_TRACKS 32     /* on one line */

/* Mounting, calibration and the outline found err alike for seconds, not for a frame or two (measured: docs/tracking.md). */
#define BEARING_INTERVAL_NS INT64_C(2000000000)

/* Bearings of nothing we track, a frame: what a camera's average leans on at first, and over how many frames it runs. */
#define ELSEWHERE_PRIOR 1.0
#define ELSEWHERE_PRIOR_FRAMES 5.0
#define ELSEWHERE_FRAMES 100.0

struct crossing {
	uint32_t slot;
	double likelihood; /* 1/rad */
	double weight;	   /* existence * detection * likelihood, 1/rad */
	double s, own;	   /* variance of the innovation, the track's part of it: rad^2 */
};

static bool sees(const struct station *s, double azimuth_rad)
{
	return !(s->view_width_rad > 0) || s->view_width_rad >= TWO_PI ||
	       fabs(pinned_wrap(azimuth_rad - s->north_rad - s->view_rad)) <= s->view_width_rad / 2;
}

static bool crosses(const struct station *s, const struct filter_mode *e, const struct filter_input *in, struct crossing *ret_c)
{
	double range = s->max_range_m < BEARING_RANGE_M ? s->max_range_m : BEARING_RANGE_M;
	double dx = e->x[0] - in->sx_m, dy = e->x[1] - in->sy_m, r2 = dx * dx + dy * dy;

	if (!(r2 > 1 && r2 <= range * range))
		return false;
	double azimuth = pinned_atan2(dx, dy), v = pinned_wrap(in->azimuth_rad - azimuth), hx = dy / r2, hy = -dx / r2;
	double own = hx * hx * e->p[FILTER_XX] + 2 * hx * hy * e->p[FILTER_XY] + hy * hy * e->p[FILTER_YY];
	double var = own + in->azimuth_sigma_rad * in->azimuth_sigma_rad + BEARING_HULL_M * BEARING_HULL_M / r2;
	if (!(var > 0 && v * v <= BEARING_D2 * var) || !sees(s, azimuth))
		return false;
	ret_c->likelihood = pinned_exp(-v * v / var / 2) / sqrt(TWO_PI * var);
	ret_c->s = var;
	ret_c->own = own;
	return true;
}

static bool cross(const struct tracker *t, uint32_t slot, const struct tracker_input *m, struct crossing *ret_c)
{
	const struct record *r = &t->records[slot];
	struct filter f;
	struct filter_mode e;

	if (!r->birth || r->state == TRACK_TENTATIVE || r->existence < BEARING_EXISTENCE)
		return false;
	state_predict(t, r, m->in.time_ns, &f);
	filter_estimate(&f, &e);
	if (!crosses(&t->stations[m->station], &e, &m->in, ret_c))
		return false;
	ret_c->slot = slot;
	ret_c->weight = r->existence * BEARING_DETECTION * ret_c->likelihood;
	return true;
}

/* Could the track be on this line? By where it is filed. */
static bool near(const struct tracker *t, uint32_t slot, const struct filter_input *in, double sin_az, double cos_az)
{
	const struct gate_link *l = &t->links[slot];
	double dx = l->x_m - in->sx_m, dy = l->y_m - in->sy_m, r = sqrt(dx * dx + dy * dy);
	double off = fabs(dx * cos_az - dy * sin_az), width = 4 * (in->azimuth_sigma_rad * r + BEARING_HULL_M);

	return off <= 2 * (l->extent_m + width); /* twice: it was filed up to a second ago, and may fly */
}

/* Expected there, 1/rad a frame. The camera's map has one cell: all it sees. */
static double elsewhere(const struct station *s)
{
	double view = s->view_width_rad > 0 && s->view_width_rad < TWO_PI ? s->view_width_rad : TWO_PI;

	return (s->clutter.total + ELSEWHERE_PRIOR) / (s->clutter.scans + ELSEWHERE_PRIOR_FRAMES) / view;
}

static void next_frame(struct station *s, int64_t time_ns)
{
	if (s->scan_ns == time_ns)
		return;
	s->scan_ns = time_ns;
	s->clutter.scans += 1 - s->clutter.scans / ELSEWHERE_FRAMES;
	s->clutter.total -= s->clutter.total / ELSEWHERE_FRAMES;
}

/* @weight: that the bearing is this track's, 0..1. */
static void pull(struct tracker *t, const struct tracker_input *m, const struct crossing *c, double weight)
{
	struct tracker_input mine = *m;

	if (weight < BEARING_SHARE_MIN)
		return;
	const struct source *src = state_source(&t->records[c->slot], m->station);
	if (src && src->plots && llabs(m->in.time_ns - state_stamp_ns(src->last, t->head->now_ns)) < BEARING_INTERVAL_NS) {
		explain_desk_amend(t, 0, EXPLAIN_USED, EXPLAIN_CROWDED);
		return;
	}
	mine.in.azimuth_sigma_rad = sqrt(c->s / weight - c->own);
	state_update(t, c->slot, &mine);
}

static void explain(struct tracker *t, const struct crossing *c, unsigned n, double other, double all)
{
	uint32_t taker = GATE_NONE;

	if (!t->desk)
		return;
	for (unsigned i = 0; i < n; i++) {
		explain_desk_pair(t, 0, c[i].slot, c[i].weight, -2 * pinned_log(c[i].likelihood * sqrt(TWO_PI * c[i].s)));
		if (c[i].weight / all >= BEARING_SHARE_MIN)
			taker = c[i].slot;
	}
	explain_desk_decide(t, 0, taker, other, NULL);
	explain_desk_amend(t, 0, EXPLAIN_UNLIKELY, EXPLAIN_AMBIGUOUS);
}

void bearing_take(struct tracker *t, const struct tracker_input *m)
{
	struct station *s = &t->stations[m->station];
	double sin_az, cos_az;
	struct crossing c[BEARING_TRACKS];
	unsigned n = 0;

	if (!s->placed)
		return;
	next_frame(s, m->in.time_ns);
	double other = elsewhere(s), all = other;
	pinned_sincos(m->in.azimuth_rad, &sin_az, &cos_az);
	for (uint32_t slot = 0; slot < t->head->high_water && n < BEARING_TRACKS; slot++)
		if (near(t, slot, &m->in, sin_az, cos_az) && cross(t, slot, m, &c[n]))
			all += c[n++].weight;
	s->clutter.total += other / all;
	explain(t, c, n, other, all);
	for (unsigned i = 0; i < n; i++)
		pull(t, m, &c[i], c[i].weight / all);
}
