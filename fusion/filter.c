#include "fusion/filter.h"

#include "fusion/gate.h"
#include "fusion/pinned.h"

#include <errno.h>
#include <math.h>

#define TWO_PI 6.283185307179586

/* Place of element (i, j) in the packed triangle. */
static const uint8_t packed[4][4] = { { 0, 1, 2, 3 }, { 1, 4, 5, 6 }, { 2, 5, 7, 8 },
	{ 3, 6, 8, 9 } };

/* A variance cannot fall below this: keeps the matrix positive definite whatever is fed in. (1
 * mm)^2, (1 mm/s)^2. */
#define VARIANCE_MIN 1e-6

typedef int64_t mask_pair __attribute__((vector_size(16)));

#define INLINE static inline __attribute__((always_inline))

INLINE filter_pair both(double v)
{
	return (filter_pair){ v, v };
}

/* Each mode gets the other's. */
INLINE filter_pair swapped(filter_pair v)
{
	return (filter_pair){ v[1], v[0] };
}

/* No smaller than @least; NaN becomes @least. */
INLINE filter_pair at_least(filter_pair v, double least)
{
	mask_pair above = v > both(least);

	return (filter_pair)(((mask_pair)v & above) | ((mask_pair)both(least) & ~above));
}

INLINE filter_pair root(filter_pair v)
{
	return (filter_pair){ sqrt(v[0]), sqrt(v[1]) };
}

/* Of a distance @d2 in standard deviations: the exponential of the normal density. */
INLINE filter_pair bell(filter_pair d2)
{
	return (filter_pair){ pinned_exp(-d2[0] / 2), pinned_exp(-d2[1] / 2) };
}

/* Constant velocity over @h, noise of |h|: Bar-Shalom, Li & Kirubarajan 6.2.2-13, in place in an order that needs no copy. */
INLINE void move(struct filter *f, double h, filter_pair q)
{
	filter_pair *p = f->p;
	double h2 = h * h, ah = fabs(h);
	filter_pair q3 = q * (ah * h2 / 3), q2 = q * (h * ah / 2), q1 = q * ah;

	f->x[0] += h * f->x[2];
	f->x[1] += h * f->x[3];
	p[FILTER_XX] += 2 * h * p[FILTER_XU] + h2 * p[FILTER_UU] + q3;
	p[FILTER_XY] += h * (p[FILTER_XV] + p[FILTER_YU]) + h2 * p[FILTER_UV];
	p[FILTER_YY] += 2 * h * p[FILTER_YV] + h2 * p[FILTER_VV] + q3;
	p[FILTER_XU] += h * p[FILTER_UU] + q2;
	p[FILTER_XV] += h * p[FILTER_UV];
	p[FILTER_YU] += h * p[FILTER_UV];
	p[FILTER_YV] += h * p[FILTER_VV] + q2;
	p[FILTER_UU] += q1;
	p[FILTER_VV] += q1;
}

/* Each mode becomes @own of itself and @other of the other one, moment for moment. For two modes the mixed covariance needs no
 * mean: w0 P0 + w1 P1 + w0 w1 e e', e = x0 - x1. */
INLINE void mix(struct filter *f, filter_pair own, filter_pair other)
{
	filter_pair e[4], ww = own * other;

	for (int i = 0; i < 4; i++) {
		filter_pair s = swapped(f->x[i]);
		e[i] = f->x[i] - s;
		f->x[i] = own * f->x[i] + other * s;
	}
	for (int i = 0, k = 0; i < 4; i++)
		for (int j = i; j < 4; j++, k++)
			f->p[k] = own * f->p[k] + other * swapped(f->p[k]) + ww * e[i] * e[j];
}

void filter_predict(struct filter *f, double h_s, const struct filter_model *m)
{
	if (h_s == 0)
		return;

	/* Leaving calm is half as likely as returning to it: two thirds of the time is calm. */
	double p = 1 - pinned_exp(-fabs(h_s) / m->switch_time_s);
	filter_pair stay = f->mu * (filter_pair){ 1 - p / 2, 1 - p };
	filter_pair come = swapped(f->mu * (filter_pair){ p / 2, p });
	filter_pair mu = stay + come;

	mix(f, stay / mu, come / mu);
	f->mu = mu;
	move(f, h_s, (filter_pair){ m->q[0], m->q[1] });
}

static void floor_variances(struct filter *f)
{
	static const uint8_t diagonal[4] = { FILTER_XX, FILTER_YY, FILTER_UU, FILTER_VV };

	for (int i = 0; i < 4; i++)
		f->p[diagonal[i]] = at_least(f->p[diagonal[i]], VARIANCE_MIN);
}

/* Covariance of a measurement, one a mode: a late one is worse for the lively. */
struct noise {
	filter_pair xx, xy, yy;
};

/* Kalman update by a direct measurement of components a, b. Return: likelihood; 0 and no change when S is no covariance. */
INLINE filter_pair update_pair(struct filter *f, int a, int b, double za, double zb, const struct noise *r)
{
	filter_pair *p = f->p;
	filter_pair sxx = p[packed[a][a]] + r->xx, sxy = p[packed[a][b]] + r->xy, syy = p[packed[b][b]] + r->yy;
	filter_pair va = za - f->x[a], vb = zb - f->x[b], det = sxx * syy - sxy * sxy;

	if (!(sxx[0] > 0 && det[0] > 0 && sxx[1] > 0 && det[1] > 0))
		return both(0);

	filter_pair d2 = (syy * va * va - 2 * sxy * va * vb + sxx * vb * vb) / det, ha[4], hb[4], ka[4], kb[4];
	for (int i = 0; i < 4; i++) {
		ha[i] = p[packed[i][a]];
		hb[i] = p[packed[i][b]];
		ka[i] = (ha[i] * syy - hb[i] * sxy) / det;
		kb[i] = (hb[i] * sxx - ha[i] * sxy) / det;
	}
	for (int i = 0, n = 0; i < 4; i++) {
		f->x[i] += ka[i] * va + kb[i] * vb;
		for (int j = i; j < 4; j++, n++)
			p[n] -= ka[i] * ha[j] + kb[i] * hb[j];
	}
	floor_variances(f);
	return bell(d2) / (TWO_PI * root(det));
}

/* Kalman update by one scalar with row (hx, hy) over the position. Return: likelihood. */
static filter_pair update_scalar(
	struct filter *f, filter_pair hx, filter_pair hy, filter_pair innovation, filter_pair variance)
{
	filter_pair ph[4];

	for (int i = 0; i < 4; i++)
		ph[i] = f->p[packed[i][0]] * hx + f->p[packed[i][1]] * hy;
	filter_pair s = hx * ph[0] + hy * ph[1] + variance;
	if (!(s[0] > 0 && s[1] > 0))
		return both(0);
	for (int i = 0, n = 0; i < 4; i++) {
		f->x[i] += ph[i] / s * innovation;
		for (int j = i; j < 4; j++, n++)
			f->p[n] -= ph[i] * ph[j] / s;
	}
	floor_variances(f);
	return bell(innovation * innovation / s) / root(TWO_PI * s);
}

static filter_pair update_azimuth(struct filter *f, const struct filter_input *in, filter_pair q3)
{
	filter_pair dx = f->x[0] - in->sx_m, dy = f->x[1] - in->sy_m, r2 = dx * dx + dy * dy;

	if (!(r2[0] > 1 && r2[1] > 1))
		return both(0);
	filter_pair v = { pinned_wrap(in->azimuth_rad - pinned_atan2(dx[0], dy[0])),
		pinned_wrap(in->azimuth_rad - pinned_atan2(dx[1], dy[1])) };
	return update_scalar(f, dy / r2, -dx / r2, v, in->azimuth_sigma_rad * in->azimuth_sigma_rad + q3 / r2);
}

/* Range and azimuth have independent noise: one after the other, azimuth first while the range is
 * least bent by it. */
static filter_pair update_polar(struct filter *f, const struct filter_input *in, filter_pair q3)
{
	filter_pair l = update_azimuth(f, in, q3);
	filter_pair dx = f->x[0] - in->sx_m, dy = f->x[1] - in->sy_m, r = root(dx * dx + dy * dy);

	if (!(r[0] > 1 && r[1] > 1))
		return both(0);
	return l * update_scalar(f, dx / r, dy / r, in->range_m - r, in->range_sigma_m * in->range_sigma_m + q3);
}

/* @q3, @q1: what is added to each axis of position and of velocity, a mode. */
INLINE double update(struct filter *f, const struct filter_input *in, filter_pair q3, filter_pair q1)
{
	filter_pair l;

	if (in->kind == FILTER_POSITION) {
		struct noise r = { in->cov.xx + q3, both(in->cov.xy), in->cov.yy + q3 };
		l = update_pair(f, 0, 1, in->x_m, in->y_m, &r);
	} else if (in->kind == FILTER_POLAR) {
		l = update_polar(f, in, q3);
	} else {
		l = update_azimuth(f, in, q3);
	}
	if (in->has_velocity) {
		struct noise r = { in->velocity_cov.xx + q1, both(in->velocity_cov.xy), in->velocity_cov.yy + q1 };
		l *= update_pair(f, 2, 3, in->u_mps, in->v_mps, &r);
	}
	l *= f->mu;
	double sum = l[0] + l[1];
	if (sum > 1e-300)
		f->mu = l / sum;
	return sum;
}

double filter_update(struct filter *f, const struct filter_input *in)
{
	return update(f, in, both(0), both(0));
}

double filter_update_late(struct filter *f, double late_s, const struct filter_input *in, const struct filter_model *m)
{
	filter_pair q = { m->q[0], m->q[1] };

	move(f, -late_s, both(0));
	double l = update(f, in, q * (late_s * late_s * late_s / 3), q * late_s);
	move(f, late_s, both(0));
	return l;
}

int filter_distance2(const struct filter *f, const struct filter_input *in, double *ret_d2,
	double *ret_likelihood)
{
	filter_pair mu = f->mu, vx = in->x_m - f->x[0], vy = in->y_m - f->x[1];
	filter_pair sxx = f->p[FILTER_XX] + in->cov.xx, sxy = f->p[FILTER_XY] + in->cov.xy,
		    syy = f->p[FILTER_YY] + in->cov.yy, det = sxx * syy - sxy * sxy;
	double ex = vx[0] - vx[1], ey = vy[0] - vy[1], ww = mu[0] * mu[1];
	struct filter_cov2 mixed = { mu[0] * sxx[0] + mu[1] * sxx[1] + ww * ex * ex,
		mu[0] * sxy[0] + mu[1] * sxy[1] + ww * ex * ey,
		mu[0] * syy[0] + mu[1] * syy[1] + ww * ey * ey };

	if (!(sxx[0] > 0 && det[0] > 0 && sxx[1] > 0 && det[1] > 0) ||
		gate_distance2(mu[0] * vx[0] + mu[1] * vx[1], mu[0] * vy[0] + mu[1] * vy[1], &mixed, ret_d2) < 0)
		return -EDOM;
	filter_pair l = mu * bell((syy * vx * vx - 2 * sxy * vx * vy + sxx * vy * vy) / det) / (TWO_PI * root(det));
	*ret_likelihood = l[0] + l[1];
	return 0;
}

int filter_bearing2(const struct filter *f, const struct filter_input *in, double *ret_d2,
	double *ret_likelihood)
{
	struct filter_mode m;
	filter_estimate(f, &m);

	double dx = m.x[0] - in->sx_m, dy = m.x[1] - in->sy_m, r2 = dx * dx + dy * dy;
	if (!(r2 > 1))
		return -EDOM;
	double hx = dy / r2, hy = -dx / r2;
	double s = hx * hx * m.p[FILTER_XX] + 2 * hx * hy * m.p[FILTER_XY] +
		   hy * hy * m.p[FILTER_YY] + in->azimuth_sigma_rad * in->azimuth_sigma_rad;
	double v = pinned_wrap(in->azimuth_rad - pinned_atan2(dx, dy));
	if (!(s > 0) || v != v)
		return -EDOM;
	*ret_d2 = v * v / s;
	*ret_likelihood = pinned_exp(-*ret_d2 / 2) / sqrt(TWO_PI * s);
	return 0;
}

void filter_set(struct filter *f, const struct filter_mode *state)
{
	for (int i = 0; i < 4; i++)
		f->x[i] = both(state->x[i]);
	for (int k = 0; k < 10; k++)
		f->p[k] = both(state->p[k]);
}

void filter_estimate(const struct filter *f, struct filter_mode *ret_estimate)
{
	double w0 = f->mu[0], w1 = f->mu[1], ww = w0 * w1, e[4];

	for (int i = 0; i < 4; i++) {
		e[i] = f->x[i][0] - f->x[i][1];
		ret_estimate->x[i] = w0 * f->x[i][0] + w1 * f->x[i][1];
	}
	for (int i = 0, k = 0; i < 4; i++)
		for (int j = i; j < 4; j++, k++)
			ret_estimate->p[k] = w0 * f->p[k][0] + w1 * f->p[k][1] + ww * e[i] * e[j];
}

void filter_pack(const struct filter *f, struct filter_packed *ret_p)
{
	*ret_p = (struct filter_packed){ .x_m = f->x[0][0],
		.y_m = f->x[1][0],
		.dx_m = (float)(f->x[0][1] - f->x[0][0]),
		.dy_m = (float)(f->x[1][1] - f->x[1][0]),
		.u = { (float)f->x[2][0], (float)f->x[2][1] },
		.v = { (float)f->x[3][0], (float)f->x[3][1] },
		.lively = (float)f->mu[1] };
	for (int k = 0; k < 10; k++) {
		ret_p->p[2 * k] = (float)f->p[k][0];
		ret_p->p[2 * k + 1] = (float)f->p[k][1];
	}
}

void filter_unpack(const struct filter_packed *p, struct filter *ret_f)
{
	ret_f->x[0] = (filter_pair){ p->x_m, p->x_m + p->dx_m };
	ret_f->x[1] = (filter_pair){ p->y_m, p->y_m + p->dy_m };
	ret_f->x[2] = (filter_pair){ p->u[0], p->u[1] };
	ret_f->x[3] = (filter_pair){ p->v[0], p->v[1] };
	for (int k = 0; k < 10; k++)
		ret_f->p[k] = (filter_pair){ p->p[2 * k], p->p[2 * k + 1] };
	ret_f->mu = (filter_pair){ 1 - (double)p->lively, p->lively };
}

void filter_place(const struct filter_packed *p, double ret_x[static 4])
{
	double w = p->lively;

	ret_x[0] = p->x_m + w * p->dx_m;
	ret_x[1] = p->y_m + w * p->dy_m;
	ret_x[2] = p->u[0] + w * (p->u[1] - p->u[0]);
	ret_x[3] = p->v[0] + w * (p->v[1] - p->v[0]);
}

struct filter_cov2 filter_polar_cov(
	double dx_m, double dy_m, double range_sigma_m, double azimuth_sigma_rad)
{
	double r2 = dx_m * dx_m + dy_m * dy_m, sr2 = range_sigma_m * range_sigma_m;
	double t2 = r2 * azimuth_sigma_rad * azimuth_sigma_rad;

	if (!(r2 > 0))
		return (struct filter_cov2){ sr2, 0, sr2 };
	double ss = dx_m * dx_m / r2, cc = dy_m * dy_m / r2, sc = dx_m * dy_m / r2;
	/* At the site itself the cross range is nothing; a range cell's half keeps it a covariance.
	 */
	if (t2 < 1)
		t2 = 1;
	return (struct filter_cov2){ sr2 * ss + t2 * cc, (sr2 - t2) * sc, sr2 * cc + t2 * ss };
}

void filter_init(struct filter *f, const struct filter_input *in, double speed_sigma_mps)
{
	double vv = speed_sigma_mps * speed_sigma_mps;

	/* The chain's own stationary share of the two modes. */
	*f = (struct filter){ .mu = { 2. / 3, 1. / 3 } };
	f->x[0] = both(in->x_m);
	f->x[1] = both(in->y_m);
	f->p[FILTER_XX] = both(in->cov.xx);
	f->p[FILTER_XY] = both(in->cov.xy);
	f->p[FILTER_YY] = both(in->cov.yy);
	f->p[FILTER_UU] = both(in->has_velocity ? in->velocity_cov.xx : vv);
	f->p[FILTER_UV] = both(in->has_velocity ? in->velocity_cov.xy : 0);
	f->p[FILTER_VV] = both(in->has_velocity ? in->velocity_cov.yy : vv);
	if (in->has_velocity) {
		f->x[2] = both(in->u_mps);
		f->x[3] = both(in->v_mps);
	}
}
