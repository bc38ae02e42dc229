#include "fusion/existence.h"
#include "tests/assert_near.h"

/* Musicki & Evans (2004), one track, one plot: r+ = r (1 - d + e) / (1 - r d + r e). */
static void hit_and_miss_follow_bayes(void **state)
{
	double r = 0.5, v = 1 - 1e-9;

	existence_look(&r, &v, 0.9, 0);
	assert_near(r, 0.5 * 0.1 / (1 - 0.45), 1e-6);
	r = 0.3;
	v = 1 - 1e-9;
	existence_look(&r, &v, 0.9, 50);
	assert_near(r, 0.3 * 50.1 / (1 - 0.27 + 15), 1e-6);
}

/* notes 2.5: first probabilities at lambda_b 1e-8: .29 in a calm sea, .01 in a rough one. */
static void birth_is_as_probable_as_the_sea_allows(void **state)
{
	assert_near(existence_birth(1, 1e-8, 2.5e-8), 0.286, 1e-3);
	assert_near(existence_birth(1, 1e-8, 1e-6), 0.0099, 1e-4);
	assert_near(existence_birth(0, 1e-8, 1e-6), 0, 0);
}

/* The chain of notes 2.5 for its geometry (20 m, 0.3 deg at some 12 km, 10 m/s unknown): .01 .08
 * .56 .94 .996, two or so off. */
static void rough_sea_takes_five_hits_calm_sea_two(void **state)
{
	const double likelihood[] = { 1.1e-5, 2.2e-5, 3e-5, 3.5e-5 };
	double rough = existence_birth(1, 1e-8, 1e-6), calm = existence_birth(1, 1e-8, 2.5e-8), v;
	int rough_hits = 1, calm_hits = 1;

	for (int i = 0; i < 4 && calm < 0.99; i++, calm_hits++) {
		v = 1 - 1e-9;
		existence_look(&calm, &v, 0.9, 0.9 * likelihood[i] / 3.5e-8);
	}
	for (int i = 0; i < 4 && rough < 0.99; i++, rough_hits++) {
		v = 1 - 1e-9;
		existence_look(&rough, &v, 0.9, 0.9 * likelihood[i] / 1.01e-6);
	}
	assert_int_equal(calm_hits, 2);
	assert_true(rough_hits >= 4 && rough_hits <= 5);
}

/* A sensor that never sees it may say so for ever: what exists stays. */
static void hidden_vessel_outlives_the_misses(void **state)
{
	double r = 0.9999, v = 0.5;

	for (int i = 0; i < 100; i++) {
		v = existence_visibility(v);
		existence_look(&r, &v, 0.9, 0);
	}
	assert_true(r > 0.9);
	assert_true(v < 0.05);
}

static void vessel_seen_until_now_is_gone_after_a_few_misses(void **state)
{
	double r = 0.999, v = 1 - 1e-4;

	for (int i = 0; i < 12; i++) {
		v = existence_visibility(v);
		existence_look(&r, &v, 0.9, 0);
	}
	assert_true(r < 0.5);
}

static void survival_halves_in_ln2_lives(void **state)
{
	assert_near(existence_survive(0.8, 100 * log(2), 100), 0.4, 1e-12);
	assert_near(existence_survive(0.8, -5, 100), 0.8, 0); /* going back costs nothing */
}

static void a_miss_can_be_taken_back(void **state)
{
	for (double before = 0.02; before < 1; before += 0.04) {
		double visibility = existence_visibility(before), r = 0.9;
		existence_look(&r, &visibility, 0.9, 0);
		assert_near(existence_unmiss(visibility, 0.9), before, 1e-9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_miss_can_be_taken_back),
		cmocka_unit_test(hit_and_miss_follow_bayes),
		cmocka_unit_test(birth_is_as_probable_as_the_sea_allows),
		cmocka_unit_test(rough_sea_takes_five_hits_calm_sea_two),
		cmocka_unit_test(hidden_vessel_outlives_the_misses),
		cmocka_unit_test(vessel_seen_until_now_is_gone_after_a_few_misses),
		cmocka_unit_test(survival_halves_in_ln2_lives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
