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

static void mode_predict(struct filter_mode *m, double h, double q)
{
	double *p = m->p, h2 = h * h, ah = fabs(h);
	double q3 = q * ah * h2 / 3, q2 = q * h * ah / 2, q1 = q * ah;

	m->x[0] += h * m->x[2];
	m->x[1] += h * m->x[3];
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

/* For two modes the mixed covariance needs no mean: w0 P0 + w1 P1 + w0 w1 e e', e = x0 - x1. */
static void mode_mix(const struct filter_mode *a, const struct filter_mode *b, double wa, double wb,
	struct filter_mode *ret_m)
{
	double e[4], ww = wa * wb;

	for (int i = 0; i < 4; i++) {
		e[i] = a->x[i] - b->x[i];
		ret_m->x[i] = wa * a->x[i] + wb * b->x[i];
	}
	for (int i = 0, k = 0; i < 4; i++)
		for (int j = i; j < 4; j++, k++)
			ret_m->p[k] = wa * a->p[k] + wb * b->p[k] + ww * e[i] * e[j];
}

void filter_predict(struct filter *f, double h_s, const struct filter_model *m)
{
	if (h_s == 0)
		return;

	/* Leaving calm is half as likely as returning to it: two thirds of the time is calm. */
	double p = 1 - pinned_exp(-fabs(h_s) / m->switch_time_s);
	double from00 = (1 - p / 2) * f->mu[0], from01 = p / 2 * f->mu[0];
	double from10 = p * f->mu[1], from11 = (1 - p) * f->mu[1];
	double c0 = from00 + from10, c1 = from01 + from11;
	struct filter_mode old[2] = { f->mode[0], f->mode[1] };

	mode_mix(&old[0], &old[1], from00 / c0, from10 / c0, &f->mode[0]);
	mode_mix(&old[0], &old[1], from01 / c1, from11 / c1, &f->mode[1]);
	f->mu[0] = c0;
	f->mu[1] = c1;
	mode_predict(&f->mode[0], h_s, m->q[0]);
	mode_predict(&f->mode[1], h_s, m->q[1]);
}

static void floor_variances(struct filter_mode *m)
{
	static const uint8_t diagonal[4] = { FILTER_XX, FILTER_YY, FILTER_UU, FILTER_VV };

	for (int i = 0; i < 4; i++)
		if (!(m->p[diagonal[i]] >= VARIANCE_MIN))
			m->p[diagonal[i]] = VARIANCE_MIN;
}

/* Kalman update by a direct measurement of components a, b. Return: likelihood; 0 and no change
 * when S is not a covariance. */
static double update_pair(
	struct filter_mode *m, int a, int b, double za, double zb, const struct filter_cov2 *r)
{
	struct filter_cov2 s = { m->p[packed[a][a]] + r->xx, m->p[packed[a][b]] + r->xy,
		m->p[packed[b][b]] + r->yy };
	double va = za - m->x[a], vb = zb - m->x[b], d2, det = s.xx * s.yy - s.xy * s.xy;

	if (gate_distance2(va, vb, &s, &d2) < 0)
		return 0;

	double k[4][2], ha[4], hb[4];
	for (int i = 0; i < 4; i++) {
		ha[i] = m->p[packed[i][a]];
		hb[i] = m->p[packed[i][b]];
		k[i][0] = (ha[i] * s.yy - hb[i] * s.xy) / det;
		k[i][1] = (hb[i] * s.xx - ha[i] * s.xy) / det;
	}
	for (int i = 0, n = 0; i < 4; i++) {
		m->x[i] += k[i][0] * va + k[i][1] * vb;
		for (int j = i; j < 4; j++, n++)
			m->p[n] -= k[i][0] * ha[j] + k[i][1] * hb[j];
	}
	floor_variances(m);
	return pinned_exp(-d2 / 2) / (TWO_PI * sqrt(det));
}

/* Kalman update by one scalar with row @h over the position. Return: likelihood. */
static double update_scalar(
	struct filter_mode *m, double hx, double hy, double innovation, double variance)
{
	double ph[4];

	for (int i = 0; i < 4; i++)
		ph[i] = m->p[packed[i][0]] * hx + m->p[packed[i][1]] * hy;
	double s = hx * ph[0] + hy * ph[1] + variance;
	if (!(s > 0))
		return 0;
	for (int i = 0, n = 0; i < 4; i++) {
		m->x[i] += ph[i] / s * innovation;
		for (int j = i; j < 4; j++, n++)
			m->p[n] -= ph[i] * ph[j] / s;
	}
	floor_variances(m);
	return pinned_exp(-innovation * innovation / s / 2) / sqrt(TWO_PI * s);
}

static double update_azimuth(struct filter_mode *m, const struct filter_input *in)
{
	double dx = m->x[0] - in->sx_m, dy = m->x[1] - in->sy_m, r2 = dx * dx + dy * dy;

	if (!(r2 > 1))
		return 0;
	double v = pinned_wrap(in->azimuth_rad - pinned_atan2(dx, dy));
	return update_scalar(
		m, dy / r2, -dx / r2, v, in->azimuth_sigma_rad * in->azimuth_sigma_rad);
}

/* Range and azimuth have independent noise: one after the other, azimuth first while the range is
 * least bent by it. */
static double update_polar(struct filter_mode *m, const struct filter_input *in)
{
	double l = update_azimuth(m, in);
	double dx = m->x[0] - in->sx_m, dy = m->x[1] - in->sy_m, r = sqrt(dx * dx + dy * dy);

	if (!(r > 1))
		return 0;
	return l * update_scalar(m, dx / r, dy / r, in->range_m - r,
			   in->range_sigma_m * in->range_sigma_m);
}

static double mode_update(struct filter_mode *m, const struct filter_input *in)
{
	double l = 0;

	switch (in->kind) {
	case FILTER_POSITION:
		l = update_pair(m, 0, 1, in->x_m, in->y_m, &in->cov);
		break;
	case FILTER_POLAR:
		l = update_polar(m, in);
		break;
	case FILTER_BEARING:
		l = update_azimuth(m, in);
		break;
	}
	if (in->has_velocity)
		l *= update_pair(m, 2, 3, in->u_mps, in->v_mps, &in->velocity_cov);
	return l;
}

double filter_update(struct filter *f, const struct filter_input *in)
{
	double l0 = f->mu[0] * mode_update(&f->mode[0], in);
	double l1 = f->mu[1] * mode_update(&f->mode[1], in);
	double sum = l0 + l1;

	if (sum > 1e-300) {
		f->mu[0] = l0 / sum;
		f->mu[1] = l1 / sum;
	}
	return sum;
}

int filter_distance2(const struct filter *f, const struct filter_input *in, double *ret_d2,
	double *ret_likelihood)
{
	double d2[2], l = 0, mx, my;
	struct filter_cov2 s[2], mixed;

	for (int j = 0; j < 2; j++) {
		const struct filter_mode *m = &f->mode[j];
		s[j] = (struct filter_cov2){ m->p[FILTER_XX] + in->cov.xx,
			m->p[FILTER_XY] + in->cov.xy, m->p[FILTER_YY] + in->cov.yy };
		if (gate_distance2(in->x_m - m->x[0], in->y_m - m->x[1], &s[j], &d2[j]) < 0)
			return -EDOM;
		l += f->mu[j] * pinned_exp(-d2[j] / 2) /
		     (TWO_PI * sqrt(s[j].xx * s[j].yy - s[j].xy * s[j].xy));
	}

	double ex = f->mode[0].x[0] - f->mode[1].x[0], ey = f->mode[0].x[1] - f->mode[1].x[1];
	double ww = f->mu[0] * f->mu[1];
	mixed.xx = f->mu[0] * s[0].xx + f->mu[1] * s[1].xx + ww * ex * ex;
	mixed.xy = f->mu[0] * s[0].xy + f->mu[1] * s[1].xy + ww * ex * ey;
	mixed.yy = f->mu[0] * s[0].yy + f->mu[1] * s[1].yy + ww * ey * ey;
	mx = f->mu[0] * f->mode[0].x[0] + f->mu[1] * f->mode[1].x[0];
	my = f->mu[0] * f->mode[0].x[1] + f->mu[1] * f->mode[1].x[1];
	if (gate_distance2(in->x_m - mx, in->y_m - my, &mixed, ret_d2) < 0)
		return -EDOM;
	*ret_likelihood = l;
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

void filter_estimate(const struct filter *f, struct filter_mode *ret_estimate)
{
	mode_mix(&f->mode[0], &f->mode[1], f->mu[0], f->mu[1], ret_estimate);
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
	struct filter_mode m = { .x = { in->x_m, in->y_m, 0, 0 } };

	m.p[FILTER_XX] = in->cov.xx;
	m.p[FILTER_XY] = in->cov.xy;
	m.p[FILTER_YY] = in->cov.yy;
	m.p[FILTER_UU] = in->has_velocity ? in->velocity_cov.xx : vv;
	m.p[FILTER_UV] = in->has_velocity ? in->velocity_cov.xy : 0;
	m.p[FILTER_VV] = in->has_velocity ? in->velocity_cov.yy : vv;
	if (in->has_velocity) {
		m.x[2] = in->u_mps;
		m.x[3] = in->v_mps;
	}
	/* The chain's own stationary share of the two modes. */
	*f = (struct filter){ .mode = { m, m }, .mu = { 2. / 3, 1. / 3 } };
}
