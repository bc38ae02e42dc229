#include "fusion/blend.h"

double blend_add(struct filter *f, double weight, const struct filter *other, double share)
{
	filter_pair was = f->mu * weight, comes = other->mu * share, sum = was + comes, e[4];

	/* Negated: NaN comes to nothing as well. */
	if (!(share > 0) || !(other->mu[0] > 0 && other->mu[1] > 0) ||
		!(f->mu[0] > 0 && f->mu[1] > 0))
		return weight;
	if (!(weight > 0)) {
		*f = *other;
		return share;
	}

	filter_pair own = was / sum, part = comes / sum, spread = own * part;
	for (int i = 0; i < 4; i++) {
		e[i] = f->x[i] - other->x[i];
		f->x[i] = own * f->x[i] + part * other->x[i];
	}
	for (int i = 0, k = 0; i < 4; i++)
		for (int j = i; j < 4; j++, k++)
			f->p[k] = own * f->p[k] + part * other->p[k] + spread * e[i] * e[j];
	f->mu = sum / (weight + share);
	return weight + share;
}
