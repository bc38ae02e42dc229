#include "fusion/doppler.h"

#include "fusion/pinned.h"

#include <errno.h>
#include <math.h>

#define RATE_MAX_MPS 1000.0 /* as of velocities: faster is an error */
#define NEAREST 9.0	    /* (3 sigma)^2 of the place, in squared range */

#define GATE_SIGMAS2 25.0
#define VARIANCE_MIN 1e-6 /* as filter.c: the matrix stays positive definite, whatever is fed in */

/* h P h' of the packed triangle. */
static double share(const double p[static 10], const double h[static 4])
{
	double sum = 0;

	for (int i = 0, k = 0; i < 4; i++)
		for (int j = i; j < 4; j++, k++)
			sum += (i == j ? 1 : 2) * h[i] * h[j] * p[k];
	return sum;
}

int doppler_row(const struct filter_mode *m, double sx_m, double sy_m, double rate_mps, double sigma_mps,
	struct doppler_row *ret_row)
{
	double dx = m->x[0] - sx_m, dy = m->x[1] - sy_m, u = m->x[2], v = m->x[3], r2 = dx * dx + dy * dy;

	/* Negated so that NaN is refused as well. */
	if (!(r2 > 1 && r2 > NEAREST * (m->p[FILTER_XX] + m->p[FILTER_YY])) || !(sigma_mps > 0 && sigma_mps < RATE_MAX_MPS) ||
		!(fabs(rate_mps) < RATE_MAX_MPS))
		return -EDOM;

	double r = sqrt(r2), cx = dx / r, cy = dy / r, rate = cx * u + cy * v;
	struct doppler_row row = {
		.innovation_mps = rate_mps - rate,
		.h = { (u - rate * cx) / r, (v - rate * cy) / r, cx, cy },
		.variance = sigma_mps * sigma_mps,
	};

	row.total = share(m->p, row.h) + row.variance;
	if (!(row.total > 0 && row.total < INFINITY))
		return -EDOM;
	*ret_row = row;
	return 0;
}

static struct filter_mode lane(const struct filter *f, int j)
{
	struct filter_mode m;

	for (int i = 0; i < 4; i++)
		m.x[i] = f->x[i][j];
	for (int k = 0; k < 10; k++)
		m.p[k] = f->p[k][j];
	return m;
}

/* Kalman update of one mode by one scalar. */
static void take(struct filter *f, int j, const struct doppler_row *row)
{
	double ph[4] = { 0 };

	for (int i = 0, k = 0; i < 4; i++)
		for (int n = i; n < 4; n++, k++) {
			ph[i] += f->p[k][j] * row->h[n];
			if (n != i)
				ph[n] += f->p[k][j] * row->h[i];
		}
	for (int i = 0, k = 0; i < 4; i++) {
		f->x[i][j] += ph[i] / row->total * row->innovation_mps;
		for (int n = i; n < 4; n++, k++) {
			f->p[k][j] -= ph[i] * ph[n] / row->total;
			if (n == i && !(f->p[k][j] >= VARIANCE_MIN))
				f->p[k][j] = VARIANCE_MIN;
		}
	}
}

int doppler_update(struct filter *f, double sx_m, double sy_m, double rate_mps, double sigma_mps)
{
	struct doppler_row row[2];
	double likelihood[2], least = INFINITY;

	for (int j = 0; j < 2; j++) {
		struct filter_mode m = lane(f, j);

		if (doppler_row(&m, sx_m, sy_m, rate_mps, sigma_mps, &row[j]) < 0)
			return -EDOM;

		double d2 = row[j].innovation_mps * row[j].innovation_mps / row[j].total;

		likelihood[j] = f->mu[j] * pinned_exp(-d2 / 2) / sqrt(row[j].total);
		least = d2 < least ? d2 : least;
	}
	if (!(least < GATE_SIGMAS2))
		return -EDOM;

	double sum = likelihood[0] + likelihood[1];

	for (int j = 0; j < 2; j++) {
		take(f, j, &row[j]);
		if (sum > 1e-300)
			f->mu[j] = likelihood[j] / sum;
	}
	return 0;
}
