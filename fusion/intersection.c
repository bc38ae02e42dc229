#include "fusion/intersection.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define GOLDEN 0.6180339887498949 /* (sqrt 5 - 1) / 2 */
#define STEPS 40		  /* 4e-9 of the weight is left */

/* Place of element (i, j) in the packed triangle. */
static const unsigned char packed[4][4] = { { 0, 1, 2, 3 }, { 1, 4, 5, 6 }, { 2, 5, 7, 8 }, { 3, 6, 8, 9 } };

/* Lower triangle L with L L' = P. False when @p is not positive definite, NaN included. */
static bool decompose(const double p[static 10], double ret_l[4][4])
{
	for (int i = 0; i < 4; i++)
		for (int j = 0; j <= i; j++) {
			double sum = p[packed[i][j]];

			for (int k = 0; k < j; k++)
				sum -= ret_l[i][k] * ret_l[j][k];
			if (i != j)
				ret_l[i][j] = sum / ret_l[j][j];
			else if (sum > 0 && sum < INFINITY)
				ret_l[i][i] = sqrt(sum);
			else
				return false;
		}
	return true;
}

/* x of L L' x = @x, in place. */
static void solve(double l[4][4], double x[static 4])
{
	for (int i = 0; i < 4; i++) {
		for (int k = 0; k < i; k++)
			x[i] -= l[i][k] * x[k];
		x[i] /= l[i][i];
	}
	for (int i = 3; i >= 0; i--) {
		for (int k = i + 1; k < 4; k++)
			x[i] -= l[k][i] * x[k];
		x[i] /= l[i][i];
	}
}

static bool invert(const double p[static 10], double ret_inverse[static 10])
{
	double l[4][4];

	if (!decompose(p, l))
		return false;
	for (int j = 0; j < 4; j++) {
		double column[4] = { j == 0, j == 1, j == 2, j == 3 };

		solve(l, column);
		for (int i = 0; i <= j; i++)
			ret_inverse[packed[i][j]] = column[i];
	}
	return true;
}

/* Root of the determinant; 0 of what is no covariance. */
static double root_det(const double p[static 10])
{
	double l[4][4];

	return decompose(p, l) ? l[0][0] * l[1][1] * l[2][2] * l[3][3] : 0;
}

static void blend(const double a[static 10], const double b[static 10], double w, double ret_m[static 10])
{
	for (int k = 0; k < 10; k++)
		ret_m[k] = w * a[k] + (1 - w) * b[k];
}

static double blended(const double a[static 10], const double b[static 10], double w)
{
	double m[10];

	blend(a, b, w, m);
	return root_det(m);
}

/* The information's determinant is log-concave in w: it has one peak. */
static double best_weight(const double a[static 10], const double b[static 10])
{
	double low = 0, high = 1, left = 1 - GOLDEN, right = GOLDEN;
	double f = blended(a, b, left), g = blended(a, b, right);

	for (int i = 0; i < STEPS; i++)
		if (f >= g) {
			high = right;
			right = left;
			g = f;
			left = high - GOLDEN * (high - low);
			f = blended(a, b, left);
		} else {
			low = left;
			left = right;
			f = g;
			right = low + GOLDEN * (high - low);
			g = blended(a, b, right);
		}

	double w = (low + high) / 2, most = blended(a, b, w);

	/* Where the peak lies outside, the end itself. */
	if (root_det(a) >= most)
		return 1;
	return root_det(b) >= most ? 0 : w;
}

/* y += w P^-1 x. */
static void add_information(const double inverse[static 10], const double x[static 4], double w, double y[static 4])
{
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < 4; j++)
			y[i] += w * inverse[packed[i][j]] * x[j];
}

int intersection_fuse(const struct filter_mode *a, const struct filter_mode *b, struct filter_mode *ret_state,
	double *ret_weight, double *ret_gain)
{
	double ia[10], ib[10], m[10], l[4][4];
	struct filter_mode fused;

	if (!invert(a->p, ia) || !invert(b->p, ib))
		return -EDOM;

	double w = best_weight(ia, ib);

	blend(ia, ib, w, m);
	if (!decompose(m, l) || !invert(m, fused.p))
		return -EDOM;
	memset(fused.x, 0, sizeof(fused.x));
	add_information(ia, a->x, w, fused.x);
	add_information(ib, b->x, 1 - w, fused.x);
	solve(l, fused.x);
	if (!(fabs(fused.x[0]) + fabs(fused.x[1]) + fabs(fused.x[2]) + fabs(fused.x[3]) < INFINITY))
		return -EDOM;

	double gain = root_det(m) / root_det(ia);

	*ret_state = w == 1 ? *a : w == 0 ? *b : fused;
	*ret_weight = w;
	*ret_gain = gain * gain;
	return 0;
}

int intersection_distance2(const struct filter_mode *a, const struct filter_mode *b, double *ret_d2)
{
	double p[10], l[4][4], v[4], x[4], d2 = 0;

	for (int k = 0; k < 10; k++)
		p[k] = a->p[k] + b->p[k];
	if (!decompose(p, l))
		return -EDOM;
	for (int i = 0; i < 4; i++)
		x[i] = v[i] = a->x[i] - b->x[i];
	solve(l, x);
	for (int i = 0; i < 4; i++)
		d2 += v[i] * x[i];
	if (!(d2 >= 0 && d2 < INFINITY))
		return -EDOM;
	*ret_d2 = d2;
	return 0;
}
