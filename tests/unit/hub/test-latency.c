#include "hub/latency.h"
#include "tests/assert_near.h"

#include <cmocka.h>

static void percentiles_are_exact_by_nearest_rank(void **state)
{
	static struct latency l;
	double q[] = { 0.5, 0.99, 1 }, v[3];
	latency_percentiles(&l, q, 3, v);
	assert_true(isnan(v[0]));
	for (int i = 100; i >= 1; i--)
		latency_add(&l, i * INT64_C(1000000));
	latency_percentiles(&l, q, 3, v);
	assert_near(v[0], 0.050, 1e-12);
	assert_near(v[1], 0.099, 1e-12);
	assert_near(v[2], 0.100, 1e-12);
	assert_near(l.sum_s, 5.05, 1e-9);
}

static void buckets_hold_their_upper_bound_and_old_values_fall_out(void **state)
{
	static struct latency l;
	double q[] = { 1 }, v[1];
	latency_add(&l, 5000000);	  /* exactly 5 ms: le="0.005" */
	latency_add(&l, INT64_C(9000000000)); /* beyond every bound */
	latency_add(&l, -1);		  /* clocks disagree */
	assert_int_equal(l.buckets[0], 2);
	assert_int_equal(l.count, 3);
	for (int i = 0; i < LATENCY_KEPT; i++)
		latency_add(&l, 1000000);
	latency_percentiles(&l, q, 1, v);
	assert_near(v[0], 0.001, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_are_exact_by_nearest_rank),
		cmocka_unit_test(buckets_hold_their_upper_bound_and_old_values_fall_out),
	};
	return cmocka_run_group_tests_name("hub-latency", tests, NULL, NULL);
}
