#include "fusion/intersection.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <math.h>
#include <string.h>

typedef double matrix[4][4];

/* Knuth's MMIX generator: the same numbers on every run. */
static double uniform(uint64_t *seed, double low, double high)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return low + (high - low) * (double)(*seed >> 11) / 9007199254740992.0;
}

static void multiply(matrix a, matrix b, bool transposed, matrix ret)
{
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < 4; j++) {
			ret[i][j] = 0;
			for (int k = 0; k < 4; k++)
				ret[i][j] += a[i][k] * (transposed ? b[j][k] : b[k][j]);
		}
}

/* Gauss-Jordan; Return: determinant. */
static double inverse(matrix a, matrix ret)
{
	double m[4][8] = { 0 }, det = 1;

	for (int i = 0; i < 4; i++) {
		memcpy(m[i], a[i], sizeof(a[i]));
		m[i][4 + i] = 1;
	}
	for (int i = 0; i < 4; i++) {
		double pivot = m[i][i];

		det *= pivot;
		for (int k = 0; k < 8; k++)
			m[i][k] /= pivot;
		for (int r = 0; r < 4; r++) {
			double f = r == i ? 0 : m[r][i];

			for (int k = 0; k < 8; k++)
				m[r][k] -= f * m[i][k];
		}
	}
	for (int i = 0; i < 4; i++)
		memcpy(ret[i], m[i] + 4, sizeof(ret[i]));
	return det;
}

static void pack(matrix a, double ret_p[10])
{
	for (int i = 0, k = 0; i < 4; i++)
		for (int j = i; j < 4; j++, k++)
			ret_p[k] = a[i][j];
}

static void unpack(const double p[10], matrix ret)
{
	for (int i = 0, k = 0; i < 4; i++)
		for (int j = i; j < 4; j++, k++)
			ret[i][j] = ret[j][i] = p[k];
}

/* A covariance of tens of metres and some m/s, and its root. */
static void some_covariance(uint64_t *seed, matrix ret_root, matrix ret)
{
	memset(ret_root, 0, sizeof(matrix));
	for (int i = 0; i < 4; i++) {
		double scale = i < 2 ? 100 : 5;

		ret_root[i][i] = scale * uniform(seed, 0.05, 1);
		for (int j = 0; j < i; j++)
			ret_root[i][j] = scale * uniform(seed, -0.5, 0.5);
	}
	multiply(ret_root, ret_root, true, ret);
}

static double det_at(matrix ia, matrix ib, double w)
{
	matrix m, p;

	for (int i = 0; i < 4; i++)
		for (int j = 0; j < 4; j++)
			m[i][j] = w * ia[i][j] + (1 - w) * ib[i][j];
	return 1 / inverse(m, p);
}

static bool is_positive(matrix a)
{
	matrix m;

	memcpy(m, a, sizeof(m));
	for (int i = 0; i < 4; i++) {
		if (!(m[i][i] > 0))
			return false;
		for (int r = i + 1; r < 4; r++)
			for (int k = 3; k >= i; k--)
				m[r][k] -= m[r][i] / m[i][i] * m[i][k];
	}
	return true;
}

struct pair {
	struct filter_mode a, b;
	matrix root_a, root_b, pa, pb, ia, ib;
};

static void some_pair(uint64_t *seed, struct pair *ret)
{
	some_covariance(seed, ret->root_a, ret->pa);
	some_covariance(seed, ret->root_b, ret->pb);
	inverse(ret->pa, ret->ia);
	inverse(ret->pb, ret->ib);
	pack(ret->pa, ret->a.p);
	pack(ret->pb, ret->b.p);
	for (int i = 0; i < 4; i++) {
		ret->a.x[i] = uniform(seed, -100, 100);
		ret->b.x[i] = uniform(seed, -100, 100);
	}
}

static void weight_is_the_one_of_the_least_determinant(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int n = 0; n < 500; n++) {
		struct filter_mode f;
		struct pair s;
		matrix p, ip;
		double w, gain;

		some_pair(&seed, &s);
		assert_int_equal(intersection_fuse(&s.a, &s.b, &f, &w, &gain), 0);
		unpack(f.p, p);

		double det = inverse(p, ip);

		assert_near(det_at(s.ia, s.ib, w) / det, 1, 1e-6);
		assert_near(gain * det * inverse(s.ia, p), 1, 1e-6);
		for (int k = 0; k <= 200; k++)
			assert_true(det <= det_at(s.ia, s.ib, k / 200.0) * (1 + 1e-9));
		/* P^-1 x = w A^-1 a + (1-w) B^-1 b */
		for (int i = 0; i < 4; i++) {
			double left = 0, right = 0, size = 0;

			for (int j = 0; j < 4; j++) {
				left += ip[i][j] * f.x[j];
				right += w * s.ia[i][j] * s.a.x[j] + (1 - w) * s.ib[i][j] * s.b.x[j];
				size += fabs(ip[i][j] * f.x[j]);
			}
			assert_near(left, right, 1e-7 * (size + 1));
		}
	}
}

/* Errors of A and B with a cross covariance root_a K root_b', K = diag of up to +-1: anything may be in common. */
static void errors_are_never_claimed_smaller_than_they_are(void **state)
{
	uint64_t seed = 11;

	(void)state;
	for (int n = 0; n < 500; n++) {
		matrix k = { 0 }, cross, t, p, gain_a, gain_b, truth, u;
		struct filter_mode f;
		struct pair s;
		double w, gain;

		some_pair(&seed, &s);
		assert_int_equal(intersection_fuse(&s.a, &s.b, &f, &w, &gain), 0);
		for (int i = 0; i < 4; i++)
			k[i][i] = n & 1 ? uniform(&seed, -1, 1) : n & 2 ? 1 : -1;
		multiply(s.root_a, k, false, t);
		multiply(t, s.root_b, true, cross);
		unpack(f.p, p);
		multiply(p, s.ia, false, gain_a);
		multiply(p, s.ib, false, gain_b);
		for (int i = 0; i < 16; i++) {
			((double *)gain_a)[i] *= w;
			((double *)gain_b)[i] *= 1 - w;
		}
		memset(truth, 0, sizeof(truth));
		multiply(gain_a, s.pa, false, t);
		multiply(t, gain_a, true, truth);
		multiply(gain_b, s.pb, false, t);
		multiply(t, gain_b, true, u);
		for (int i = 0; i < 16; i++)
			((double *)truth)[i] += ((double *)u)[i];
		multiply(gain_a, cross, false, t);
		multiply(t, gain_b, true, u);
		for (int i = 0; i < 4; i++)
			for (int j = 0; j < 4; j++)
				truth[i][j] = p[i][j] * (1 + (i == j ? 1e-9 : 0)) - truth[i][j] - u[i][j] - u[j][i];
		assert_true(is_positive(truth));
	}
}

static void the_same_twice_is_no_better_than_once(void **state)
{
	struct filter_mode f;
	uint64_t seed = 3;
	struct pair s;
	double w, gain;

	(void)state;
	some_pair(&seed, &s);
	assert_int_equal(intersection_fuse(&s.a, &s.a, &f, &w, &gain), 0);
	for (int k = 0; k < 10; k++)
		assert_near(f.p[k], s.a.p[k], 1e-9 * fabs(s.a.p[k]) + 1e-12);
	assert_near(gain, 1, 1e-9);
}

/* Who knows less in every direction adds nothing. */
static void a_wider_one_changes_nothing(void **state)
{
	struct filter_mode f, wide;
	uint64_t seed = 5;
	struct pair s;
	double w, gain;

	(void)state;
	some_pair(&seed, &s);
	wide = s.b;
	for (int k = 0; k < 10; k++)
		wide.p[k] = 4 * s.a.p[k];
	assert_int_equal(intersection_fuse(&s.a, &wide, &f, &w, &gain), 0);
	assert_memory_equal(&f, &s.a, sizeof(f));
	assert_near(w, 1, 0);
	assert_int_equal(intersection_fuse(&wide, &s.a, &f, &w, &gain), 0);
	assert_memory_equal(&f, &s.a, sizeof(f));
	assert_near(gain, 256, 1e-6); /* 4^4 */
}

static void distance_is_the_quadratic_form(void **state)
{
	uint64_t seed = 13;

	(void)state;
	for (int n = 0; n < 200; n++) {
		matrix sum, inv;
		double expected = 0, d2;
		struct pair s;

		some_pair(&seed, &s);
		for (int i = 0; i < 16; i++)
			((double *)sum)[i] = ((double *)s.pa)[i] + ((double *)s.pb)[i];
		inverse(sum, inv);
		for (int i = 0; i < 4; i++)
			for (int j = 0; j < 4; j++)
				expected += (s.a.x[i] - s.b.x[i]) * inv[i][j] * (s.a.x[j] - s.b.x[j]);
		assert_int_equal(intersection_distance2(&s.a, &s.b, &d2), 0);
		assert_near(d2 / expected, 1, 1e-8);
	}
}

static void what_is_no_estimate_is_refused(void **state)
{
	static const double bad[] = { NAN, INFINITY, 0, -1 };
	double w = -1, gain = -1, d2 = -1;
	struct filter_mode f = { .x = { 42 } };
	uint64_t seed = 17;
	struct pair s;

	(void)state;
	some_pair(&seed, &s);
	for (unsigned i = 0; i < 4; i++) {
		struct filter_mode m = s.a;

		m.p[FILTER_UU] = bad[i];
		assert_int_equal(intersection_fuse(&m, &s.b, &f, &w, &gain), -EDOM);
		assert_int_equal(intersection_fuse(&s.b, &m, &f, &w, &gain), -EDOM);
	}
	s.a.x[1] = NAN;
	assert_int_equal(intersection_fuse(&s.a, &s.b, &f, &w, &gain), -EDOM);
	assert_int_equal(intersection_distance2(&s.a, &s.b, &d2), -EDOM);
	assert_near(f.x[0], 42, 0);
	assert_near(w, -1, 0);
	assert_near(d2, -1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weight_is_the_one_of_the_least_determinant),
		cmocka_unit_test(errors_are_never_claimed_smaller_than_they_are),
		cmocka_unit_test(the_same_twice_is_no_better_than_once),
		cmocka_unit_test(a_wider_one_changes_nothing),
		cmocka_unit_test(distance_is_the_quadratic_form),
		cmocka_unit_test(what_is_no_estimate_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
