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

/* 2^(j/64), each rounded once from 60 digits (Tang, ACM TOMS 15, 1989: the method). */
static const double root_of_two[64] = {
	0x1.0000000000000p+0, 0x1.02c9a3e778061p+0, 0x1.059b0d3158574p+0, 0x1.0874518759bc8p+0,
	0x1.0b5586cf9890fp+0, 0x1.0e3ec32d3d1a2p+0, 0x1.11301d0125b51p+0, 0x1.1429aaea92de0p+0,
	0x1.172b83c7d517bp+0, 0x1.1a35beb6fcb75p+0, 0x1.1d4873168b9aap+0, 0x1.2063b88628cd6p+0,
	0x1.2387a6e756238p+0, 0x1.26b4565e27cddp+0, 0x1.29e9df51fdee1p+0, 0x1.2d285a6e4030bp+0,
	0x1.306fe0a31b715p+0, 0x1.33c08b26416ffp+0, 0x1.371a7373aa9cbp+0, 0x1.3a7db34e59ff7p+0,
	0x1.3dea64c123422p+0, 0x1.4160a21f72e2ap+0, 0x1.44e086061892dp+0, 0x1.486a2b5c13cd0p+0,
	0x1.4bfdad5362a27p+0, 0x1.4f9b2769d2ca7p+0, 0x1.5342b569d4f82p+0, 0x1.56f4736b527dap+0,
	0x1.5ab07dd485429p+0, 0x1.5e76f15ad2148p+0, 0x1.6247eb03a5585p+0, 0x1.6623882552225p+0,
	0x1.6a09e667f3bcdp+0, 0x1.6dfb23c651a2fp+0, 0x1.71f75e8ec5f74p+0, 0x1.75feb564267c9p+0,
	0x1.7a11473eb0187p+0, 0x1.7e2f336cf4e62p+0, 0x1.82589994cce13p+0, 0x1.868d99b4492edp+0,
	0x1.8ace5422aa0dbp+0, 0x1.8f1ae99157736p+0, 0x1.93737b0cdc5e5p+0, 0x1.97d829fde4e50p+0,
	0x1.9c49182a3f090p+0, 0x1.a0c667b5de565p+0, 0x1.a5503b23e255dp+0, 0x1.a9e6b5579fdbfp+0,
	0x1.ae89f995ad3adp+0, 0x1.b33a2b84f15fbp+0, 0x1.b7f76f2fb5e47p+0, 0x1.bcc1e904bc1d2p+0,
	0x1.c199bdd85529cp+0, 0x1.c67f12e57d14bp+0, 0x1.cb720dcef9069p+0, 0x1.d072d4a07897cp+0,
	0x1.d5818dcfba487p+0, 0x1.da9e603db3285p+0, 0x1.dfc97337b9b5fp+0, 0x1.e502ee78b3ff6p+0,
	0x1.ea4afa2a490dap+0, 0x1.efa1bee615a27p+0, 0x1.f50765b6e4540p+0, 0x1.fa7c1819e90d8p+0,
};

double pinned_exp(double x)
{
	if (x != x)
		return x;
	if (x < -700)
		return 0;
	if (x > 709)
		return INFINITY;

	/* x = (64 k + j) ln2 / 64 + r, |r| <= 0.0054: the first term left out is 3e-17. */
	int64_t n = nearest(x * (64 * 1.4426950408889634));
	double r = (x - (double)n * (LN2_HI / 64)) - (double)n * (LN2_LO / 64), r2 = r * r;
	double tail = r + r2 * ((0.5 + r * (1. / 6)) + r2 * (1. / 24 + r * (1. / 120)));
	int64_t k = n >> 6;
	double sum = root_of_two[n & 63] + root_of_two[n & 63] * tail;
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
	static const double odd[] = { 1. / 21, 1. / 19, 1. / 17, 1. / 15, 1. / 13, 1. / 11, 1. / 9, 1. / 7, 1. / 5, 1. / 3, 1 };
	double s = (m - 1) / (m + 1), s2 = s * s, sum = 0;
	for (int i = 0; i < 11; i++)
		sum = odd[i] + s2 * sum;
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
