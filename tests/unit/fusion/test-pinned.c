#include "fusion/pinned.h"
#include "tests/assert_near.h"

/* Against the C library, which is right to a unit in the last place on any one machine. */
static void exp_agrees_to_four_ulp(void **state)
{
	for (double x = -699; x < 709; x += 0.37)
		assert_near(pinned_exp(x) / exp(x), 1, 9e-16);
	assert_near(pinned_exp(0), 1, 0);
	assert_near(pinned_exp(-1e9), 0, 0);
	assert_true(isinf(pinned_exp(1e9)));
	assert_true(isnan(pinned_exp(NAN)));
}

static void log_agrees_to_four_ulp(void **state)
{
	for (double x = 1e-300; x < 1e300; x *= 1.7)
		assert_near(pinned_log(x), log(x), 9e-16 * (fabs(log(x)) + 1));
	assert_near(pinned_log(1), 0, 0);
	assert_true(isinf(pinned_log(0)));
	assert_true(isnan(pinned_log(-1)));
}

static void sine_and_cosine_agree(void **state)
{
	for (double x = -1000; x < 1000; x += 0.0917) {
		double s, c;
		pinned_sincos(x, &s, &c);
		assert_near(s, sin(x), 1e-15);
		assert_near(c, cos(x), 1e-15);
	}
	double s, c;
	pinned_sincos(INFINITY, &s, &c);
	assert_true(isnan(s) && isnan(c));
}

static void atan2_agrees_in_all_quadrants(void **state)
{
	for (double a = -3.14; a < 3.14; a += 0.00317)
		for (double r = 1e-5; r < 1e6; r *= 100)
			assert_near(pinned_atan2(r * sin(a), r * cos(a)),
				atan2(r * sin(a), r * cos(a)), 9e-16);
	assert_near(pinned_atan2(0, 0), 0, 0);
	assert_near(pinned_atan2(0, -1), M_PI, 0);
	assert_near(pinned_atan2(-1, 0), -M_PI_2, 0);
}

static void wrap_ends_between_minus_pi_and_pi(void **state)
{
	assert_near(pinned_wrap(3 * M_PI), M_PI, 1e-14);
	assert_near(pinned_wrap(-3.5 * M_PI), M_PI_2, 1e-14);
	assert_near(pinned_wrap(0.1), 0.1, 0);
	assert_true(isnan(pinned_wrap(INFINITY)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exp_agrees_to_four_ulp),
		cmocka_unit_test(log_agrees_to_four_ulp),
		cmocka_unit_test(sine_and_cosine_agree),
		cmocka_unit_test(atan2_agrees_in_all_quadrants),
		cmocka_unit_test(wrap_ends_between_minus_pi_and_pi),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
