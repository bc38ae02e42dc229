#include "fusion/registration.h"

#include "fusion/pinned.h"

#include <math.h>
#include <string.h>

#define C _REGISTRATION_COMPONENT_MAX
#define NS 1e-9
#define DEG (3.14159265358979323846 / 180)
#define HOUR_S 3600.0

/* Design (notes 2.7): known well enough to apply. */
static const double sigma_apply[C] = { 3, 0.02 * DEG, 0.05 };
#define SIGMA_LEAVE 2.0 /* times that */
/* Not 0 by accident: 5 sigma; 3 once an accident would be within the limit itself. */
#define SIGMAS_OFF 5.0
#define SIGMAS_OFF_FINE 3.0

/* Drift, 1 sigma in an hour: warming electronics, a mast in the sun, a clock. Design. */
static const double drift[C] = { 1, 0.01 * DEG, 0.02 };

/* Around a heap's middle, before the first residual is taken in. */
static const double prior[C] = { 50, 0.5 * DEG, 0.5 };
#define TIME_MAX_S 2.0

#define GATE_D2 16.0
#define HEAP_D2 9.0
#define HEAP_RIM 3.0
#define NOISE_PAIRS 256.0 /* memory of the noise */
#define NOISE_MAX 4.0       /* a sensor worse than twice what its file says is not registered by it */

/*
 * When is a heap no accident? Twenty votes of four vessels, five sigmas of the false votes more
 * than those alone would give there, and no other heap half as high. Design.
 */
#define HEAP_VOTES 20
#define HEAP_VESSELS 4
#define HEAP_SIGMAS 5.0
#define HEAP_PASSES 4
#define LOOK_VOTES 32     /* looked over when so many came; once locked, when a quarter of the ring is new */
#define LOOK_VOTES_LOCKED (REGISTRATION_VOTES / 4)
#define VESSEL_VOTES 16   /* one vessel's share in the ring: it may lie beside another for hours */
#define SEEDS 16
#define RESTART_D2 36.0   /* two heaps that are not one: 6 sigma */

struct heap {
	double z[2], var[2]; /* its middle and how well that is known */
	double expected;     /* false votes within it */
	unsigned n, vessels;
};

void registration_init(struct registration *r, bool bearing)
{
	*r = (struct registration){ .bearing = bearing, .noise = 1 };
}

static unsigned first_axis(const struct registration *r)
{
	return r->bearing ? REGISTRATION_AZIMUTH : REGISTRATION_RANGE;
}

/* --- votes --- */

static void put_vote(struct registration *r, const struct registration_vote *v)
{
	unsigned own = 0, oldest = REGISTRATION_VOTES, n = r->n_votes;

	for (unsigned k = 0; k < n; k++) {
		unsigned i = n < REGISTRATION_VOTES ? k : (r->next_vote + k) % REGISTRATION_VOTES;
		if (r->votes[i].vessel != v->vessel)
			continue;
		own++;
		if (oldest == REGISTRATION_VOTES)
			oldest = i;
	}
	r->fresh++;
	if (own >= VESSEL_VOTES) {
		r->votes[oldest] = *v;
		return;
	}
	r->votes[r->next_vote] = *v;
	r->next_vote = (r->next_vote + 1) % REGISTRATION_VOTES;
	if (r->n_votes < REGISTRATION_VOTES)
		r->n_votes++;
}

static double distance2(const struct registration *r, const struct registration_vote *v,
	const double z[static 2])
{
	double d2 = 0;

	for (unsigned a = first_axis(r); a < 2; a++) {
		double d = v->z[a] - z[a];
		d2 += d * d / (v->var[a] * r->noise);
	}
	return d2;
}

/* The part of the window that lies within HEAP_D2 of a point, for this vote's noise. */
static double area_share(const struct registration *r, const struct registration_vote *v)
{
	double a = sqrt((double)v->var[1] * r->noise) / REGISTRATION_AZIMUTH_MAX_RAD;
	double share = r->bearing ?
		sqrt(HEAP_D2) * a :
		M_PI * HEAP_D2 / 4 * a * sqrt((double)v->var[0] * r->noise) / REGISTRATION_RANGE_MAX_M;

	return share < 1 ? share : 1;
}

/* As many as matter: HEAP_VESSELS is enough. */
static unsigned count_vessels(const struct registration *r, const uint8_t in[static REGISTRATION_VOTES])
{
	unsigned vessels = 0;

	for (unsigned i = 0; i < r->n_votes && vessels < HEAP_VESSELS; i++) {
		bool known = !in[i];
		for (unsigned k = 0; k < i && !known; k++)
			known = in[k] && r->votes[k].vessel == r->votes[i].vessel;
		vessels += !known;
	}
	return vessels;
}

/* The heap at h->z, moved to its middle @passes times. */
static void heap_settle(const struct registration *r, unsigned passes, struct heap *h)
{
	uint8_t in[REGISTRATION_VOTES];
	double share = 0;

	for (unsigned pass = 0; pass <= passes; pass++) {
		double sum[2] = { 0 }, weight[2] = { 0 };
		h->n = 0;
		for (unsigned i = 0; i < r->n_votes; i++) {
			const struct registration_vote *v = &r->votes[i];
			in[i] = distance2(r, v, h->z) < HEAP_D2;
			h->n += in[i];
			for (unsigned a = 0; in[i] && a < 2; a++) {
				weight[a] += 1 / (v->var[a] * r->noise);
				sum[a] += v->z[a] / (v->var[a] * r->noise);
			}
		}
		if (!h->n)
			break;
		for (unsigned a = 0; a < 2; a++) {
			h->var[a] = 1 / weight[a];
			if (pass < passes)
				h->z[a] = sum[a] / weight[a];
		}
	}
	for (unsigned i = 0; i < r->n_votes; i++)
		share += area_share(r, &r->votes[i]);
	share /= r->n_votes ? r->n_votes : 1;
	if (share > 0.9)
		share = 0.9;
	h->expected = (r->n_votes - h->n) * share / (1 - share);
	h->vessels = count_vessels(r, in);
}

/* Votes around @z; the seeds' own noise is not in it. */
static unsigned heap_height(const struct registration *r, const double z[static 2])
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->n_votes; i++)
		n += distance2(r, &r->votes[i], z) < HEAP_D2;
	return n;
}

/* The highest heap, and the height of the highest beside it. */
static unsigned heap_find(const struct registration *r, struct heap *ret_h)
{
	unsigned step = r->n_votes > SEEDS ? r->n_votes / SEEDS : 1, most = 0, second = 0;
	unsigned heights[REGISTRATION_VOTES];

	*ret_h = (struct heap){ 0 };
	for (unsigned i = 0; i < r->n_votes; i += step) {
		const double z[2] = { r->votes[i].z[0], r->votes[i].z[1] };
		heights[i] = heap_height(r, z);
		if (heights[i] <= most)
			continue;
		most = heights[i];
		memcpy(ret_h->z, z, sizeof(z));
	}
	if (most)
		heap_settle(r, HEAP_PASSES, ret_h);
	for (unsigned i = 0; i < r->n_votes; i += step)
		if (heights[i] > second && distance2(r, &r->votes[i], ret_h->z) > 4 * HEAP_D2)
			second = heights[i];
	return second;
}

/* At the rim half of a heap would be cut off, and its middle moved. */
static bool heap_is_whole(const struct registration *r, const struct heap *h)
{
	static const double rim[2] = { REGISTRATION_RANGE_MAX_M, REGISTRATION_AZIMUTH_MAX_RAD };

	for (unsigned a = first_axis(r); a < 2; a++)
		if (fabs(h->z[a]) + HEAP_RIM * sqrt(h->var[a] * h->n) > rim[a])
			return false;
	return true;
}

static bool heap_stands_out(const struct registration *r, const struct heap *h)
{
	return heap_is_whole(r, h) && h->n >= HEAP_VOTES && h->vessels >= HEAP_VESSELS &&
	       h->n > h->expected + HEAP_SIGMAS * sqrt(h->expected + 1);
}

/* --- least squares --- */

/* One residual along @axis: z = b[axis] + rate * b[TIME]. */
static void take_axis(struct registration *r, unsigned axis, double z, double var, double rate)
{
	double ph[C], s = var * r->noise, innovation = z - r->b[axis] - rate * r->b[REGISTRATION_TIME];

	for (unsigned i = 0; i < C; i++)
		ph[i] = r->p[i][axis] + rate * r->p[i][REGISTRATION_TIME];
	s += ph[axis] + rate * ph[REGISTRATION_TIME];
	for (unsigned i = 0; i < C; i++)
		r->b[i] += ph[i] / s * innovation;
	for (unsigned i = 0; i < C; i++)
		for (unsigned k = 0; k < C; k++)
			r->p[i][k] -= ph[i] * ph[k] / s;
}

/* The vote's distance from what is estimated, the estimate's own doubt included. */
static double innovation2(const struct registration *r, const struct registration_vote *v)
{
	double d2 = 0;

	for (unsigned a = first_axis(r); a < 2; a++) {
		double rate = v->rate[a], d = v->z[a] - r->b[a] - rate * r->b[REGISTRATION_TIME];
		double s = v->var[a] * r->noise + r->p[a][a] + 2 * rate * r->p[a][REGISTRATION_TIME] +
			   rate * rate * r->p[REGISTRATION_TIME][REGISTRATION_TIME];
		d2 += d * d / s;
	}
	return d2;
}

static void take(struct registration *r, const struct registration_vote *v)
{
	for (unsigned a = first_axis(r); a < 2; a++)
		take_axis(r, a, v->z[a], v->var[a], v->rate[a]);
}

/* Starts from a heap, with the votes in it. */
static void lock(struct registration *r, const struct heap *h, int64_t time_ns)
{
	bool bearing = r->bearing;

	r->locked = true;
	r->restarts++;
	r->time_ns = time_ns;
	memset(r->p, 0, sizeof(r->p));
	for (unsigned i = 0; i < C; i++) {
		r->b[i] = 0;
		r->p[i][i] = prior[i] * prior[i];
	}
	for (unsigned a = bearing; a < 2; a++)
		r->b[a] = h->z[a];
	for (unsigned i = 0; i < r->n_votes; i++)
		if (distance2(r, &r->votes[i], h->z) < HEAP_D2)
			take(r, &r->votes[i]);
}

static void unlock(struct registration *r)
{
	r->locked = false;
	r->noise = 1;
	memset(r->applied, 0, sizeof(r->applied));
}

static bool elsewhere(const struct registration *r, const struct heap *h)
{
	double d2 = 0;

	for (unsigned a = first_axis(r); a < 2; a++) {
		double d = h->z[a] - r->b[a];
		d2 += d * d / (h->var[a] + r->p[a][a]);
	}
	return d2 > RESTART_D2;
}

static void look_over(struct registration *r, int64_t time_ns)
{
	struct heap h, here;
	unsigned second = heap_find(r, &h);
	bool found = heap_stands_out(r, &h) && 2 * second < h.n;

	r->fresh = 0;
	if (!r->locked) {
		if (found)
			lock(r, &h, time_ns);
		return;
	}
	if (found && elsewhere(r, &h)) {
		lock(r, &h, time_ns);
		return;
	}
	here = (struct heap){ .z = { r->b[0], r->b[1] } };
	heap_settle(r, 0, &here);
	if (r->n_votes == REGISTRATION_VOTES && here.n < here.expected + sqrt(here.expected))
		unlock(r);
}

static bool is_off(double value, double sigma, double limit)
{
	double sigmas = sigma < limit / SIGMAS_OFF_FINE ? SIGMAS_OFF_FINE : SIGMAS_OFF;

	return fabs(value) > sigmas * sigma;
}

static void decide(struct registration *r)
{
	for (unsigned i = 0; i < C; i++) {
		double sigma = sqrt(r->p[i][i]);
		if (r->applied[i])
			r->applied[i] = sigma < SIGMA_LEAVE * sigma_apply[i];
		else
			r->applied[i] = sigma < sigma_apply[i] && is_off(r->b[i], sigma, sigma_apply[i]);
	}
	r->applied[REGISTRATION_TIME] &= fabs(r->b[REGISTRATION_TIME]) < TIME_MAX_S;
}

static void age(struct registration *r, int64_t time_ns)
{
	double h = (double)(time_ns - r->time_ns) * NS;

	if (!(h > 0))
		return;
	r->time_ns = time_ns;
	for (unsigned i = 0; i < C; i++) {
		r->p[i][i] += drift[i] * drift[i] * h / HOUR_S;
		/* Never less sure than before anything was seen. */
		if (r->p[i][i] > prior[i] * prior[i])
			r->p[i][i] = prior[i] * prior[i];
	}
}

static void follow(struct registration *r, const struct registration_vote *votes, unsigned n,
	int64_t time_ns)
{
	unsigned inside = 0, best = 0;

	age(r, time_ns);
	for (unsigned i = 0; i < n; i++)
		if (innovation2(r, &votes[i]) < GATE_D2) {
			inside++;
			best = i;
		}
	/* Two plots for one report: one of them is another's. */
	if (inside != 1) {
		r->refused++;
		return;
	}
	r->noise += (innovation2(r, &votes[best]) / (2 - first_axis(r)) - 1) * r->noise / NOISE_PAIRS;
	r->noise = r->noise < 1 ? 1 : r->noise > NOISE_MAX ? NOISE_MAX : r->noise;
	take(r, &votes[best]);
	r->used++;
}

static bool usable(const struct registration_vote *v)
{
	return fabsf(v->z[0]) <= REGISTRATION_RANGE_MAX_M &&
	       fabsf(v->z[1]) <= REGISTRATION_AZIMUTH_MAX_RAD && v->var[0] > 0 && v->var[1] > 0 &&
	       v->var[0] < 1e8f && v->var[1] < 1 && fabsf(v->rate[0]) < 1e3f &&
	       fabsf(v->rate[1]) < 1;
}

void registration_learn(struct registration *r, const struct registration_vote *votes, unsigned n,
	int64_t time_ns)
{
	if (!n || n > REGISTRATION_CANDIDATES)
		return;
	for (unsigned i = 0; i < n; i++)
		if (!usable(&votes[i]))
			return;
	if (r->locked)
		follow(r, votes, n, time_ns);
	for (unsigned i = 0; i < n; i++)
		put_vote(r, &votes[i]);
	if (r->fresh >= (r->locked ? LOOK_VOTES_LOCKED : LOOK_VOTES))
		look_over(r, time_ns);
	if (r->locked)
		decide(r);
}

/* --- use --- */

static double applied(const struct registration *r, enum registration_component which)
{
	return r->applied[which] ? r->b[which] : 0;
}

int64_t registration_shift_ns(const struct registration *r)
{
	return (int64_t)(applied(r, REGISTRATION_TIME) * 1e9);
}

static void rotate(struct filter_cov2 *c, double sn, double cs)
{
	const struct filter_cov2 o = *c;

	/* Clockwise azimuth less by an angle: (x, y) -> (x cs - y sn, y cs + x sn). */
	c->xx = cs * cs * o.xx - 2 * cs * sn * o.xy + sn * sn * o.yy;
	c->yy = sn * sn * o.xx + 2 * cs * sn * o.xy + cs * cs * o.yy;
	c->xy = cs * sn * (o.xx - o.yy) + (cs * cs - sn * sn) * o.xy;
}

void registration_correct(
	const struct registration *r, double sx_m, double sy_m, struct filter_input *in)
{
	double range_off = applied(r, REGISTRATION_RANGE), turn = applied(r, REGISTRATION_AZIMUTH);
	double sn, cs;

	in->time_ns += registration_shift_ns(r);
	if (range_off == 0 && turn == 0)
		return;
	in->azimuth_rad -= turn;
	if (in->kind == FILTER_BEARING)
		return;
	double dx = in->x_m - sx_m, dy = in->y_m - sy_m, range = sqrt(dx * dx + dy * dy);
	/* Nearer than its own bias: the place would change sides. */
	if (!(range > 2 * fabs(range_off)))
		range_off = 0;
	double k = range > 0 ? (range - range_off) / range : 1;
	pinned_sincos(turn, &sn, &cs);
	in->range_m -= range_off;
	in->x_m = sx_m + k * (dx * cs - dy * sn);
	in->y_m = sy_m + k * (dy * cs + dx * sn);
	rotate(&in->cov, sn, cs);
}

struct filter_cov2 registration_share(const struct registration *r, double dx_m, double dy_m)
{
	struct filter_cov2 none = { 0 };

	if (!r->locked)
		return none;
	return filter_polar_cov(dx_m, dy_m,
		r->bearing ? 0 : sqrt(r->p[REGISTRATION_RANGE][REGISTRATION_RANGE]),
		sqrt(r->p[REGISTRATION_AZIMUTH][REGISTRATION_AZIMUTH]));
}

struct registration_view registration_look(
	const struct registration *r, enum registration_component which)
{
	struct registration_view v = { REGISTRATION_UNKNOWN, NAN, NAN };

	if (!r->locked || (r->bearing && which != REGISTRATION_AZIMUTH))
		return v;
	v.value = r->b[which];
	v.sigma = sqrt(r->p[which][which]);
	v.state = r->applied[which]              ? REGISTRATION_APPLIED :
		  v.sigma < sigma_apply[which] ? REGISTRATION_NONE_SEEN :
						   REGISTRATION_ROUGH;
	return v;
}
