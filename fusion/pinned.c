#include "fusion/pinned.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Cody and Waite, "Software Manual for the Elementary Functions" (1980): constants split so that k
 * * HI is exact. */
#define LN2_HI 6.93147180369123816490e-01
#define LN2_LO 1.90821492927058770002e-10
#define PIO2_HI 1.57079632673412561417e+00
#define PIO2_MID 6.07710050630396597660e-11
#define PIO2_LO 2.02226624879595063154e-21

static double scale2(double x, int k)
{
	uint64_t bits = (uint64_t)(k + 1023) << 52;
	double factor;

	memcpy(&factor, &bits, sizeof(factor));
	return x * factor;
}

static int64_t nearest(double x)
{
	return (int64_t)(x < 0 ? x - 0.5 : x + 0.5);
}

double pinned_exp(double x)
{
	if (x != x)
		return x;
	if (x < -700)
		return 0;
	if (x > 709)
		return INFINITY;

	int64_t k = nearest(x * 1.4426950408889634);
	double r = (x - (double)k * LN2_HI) - (double)k * LN2_LO;

	/* Taylor, |r| <= 0.35: the first term left out is 3e-18. */
	static const double inverse[] = { 1, 1. / 2, 1. / 3, 1. / 4, 1. / 5, 1. / 6, 1. / 7, 1. / 8,
		1. / 9, 1. / 10, 1. / 11, 1. / 12, 1. / 13 };
	double sum = 1;
	for (int i = 12; i >= 0; i--)
		sum = 1 + r * inverse[i] * sum;
	return k > 1000 ? scale2(scale2(sum, 1000), (int)k - 1000) : scale2(sum, (int)k);
}

double pinned_log(double x)
{
	if (x != x || x < 0)
		return NAN;
	if (x < 2.2250738585072014e-308)
		return -INFINITY;
	if (x > 1.7976931348623157e308)
		return INFINITY;

	uint64_t bits;
	memcpy(&bits, &x, sizeof(bits));
	int k = (int)(bits >> 52) - 1023;
	bits = (bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL;
	double m;
	memcpy(&m, &bits, sizeof(m));
	if (m > 1.4142135623730951) {
		m *= 0.5;
		k++;
	}

	/* log m = 2 artanh s, |s| <= 0.172: eleven terms reach 1e-17. */
	double s = (m - 1) / (m + 1), s2 = s * s, sum = 0;
	for (int i = 21; i >= 1; i -= 2)
		sum = 1.0 / i + s2 * sum;
	return (double)k * LN2_HI + (2 * s * sum + (double)k * LN2_LO);
}

void pinned_sincos(double x, double *ret_sin, double *ret_cos)
{
	if (!(fabs(x) <= 1e5)) {
		*ret_sin = *ret_cos = NAN;
		return;
	}

	int64_t k = nearest(x * 0.6366197723675814);
	double r = ((x - (double)k * PIO2_HI) - (double)k * PIO2_MID) - (double)k * PIO2_LO;
	double r2 = r * r, s = 1, c = 1;

	/* Taylor, |r| <= pi / 4: the first terms left out are 1e-19. */
	for (int i = 18; i >= 2; i -= 2) {
		s = 1 - s * r2 / (i * (i + 1));
		c = 1 - c * r2 / (i * (i - 1));
	}
	s *= r;
	switch (k & 3) {
	case 0:
		*ret_sin = s, *ret_cos = c;
		break;
	case 1:
		*ret_sin = c, *ret_cos = -s;
		break;
	case 2:
		*ret_sin = -s, *ret_cos = -c;
		break;
	default:
		*ret_sin = -c, *ret_cos = s;
	}
}

/* 0 <= t <= 1. Halving the angle twice leaves |t| <= 0.199, where the series takes eleven terms. */
static double atan_unit(double t)
{
	t = t / (1 + sqrt(1 + t * t));
	t = t / (1 + sqrt(1 + t * t));
	double t2 = t * t, sum = 0;
	for (int i = 23; i >= 1; i -= 2)
		sum = 1.0 / i - t2 * sum;
	return 4 * t * sum;
}

double pinned_atan2(double y, double x)
{
	if (x != x || y != y)
		return NAN;

	double ax = fabs(x), ay = fabs(y);
	if (ax == 0 && ay == 0)
		return 0;

	double a = ax >= ay ? atan_unit(ay / ax) : M_PI_2 - atan_unit(ax / ay);
	if (x < 0)
		a = M_PI - a;
	return y < 0 ? -a : a;
}

double pinned_wrap(double rad)
{
	if (!(fabs(rad) <= 1e5))
		return NAN;
	double k = (double)nearest(rad / (2 * M_PI));
	double w = rad - k * (2 * M_PI);
	if (w > M_PI)
		w -= 2 * M_PI;
	else if (w <= -M_PI)
		w += 2 * M_PI;
	return w;
}
