#include "fusion/doppler.h"

#include <errno.h>
#include <math.h>

#define RATE_MAX_MPS 1000.0 /* as of velocities: faster is an error */
#define NEAREST 9.0	    /* (3 sigma)^2 of the place, in squared range */

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
