#include "fusion/coverage.h"
#include "tests/assert_near.h"

#include <stdbool.h>
#include <string.h>

#define RANGE_M 30000.0
#define PRIOR 0.9
#define TURN_S 2.5

static struct coverage map;

static int start(void **state)
{
	coverage_init(&map, 1000, -2000, RANGE_M, PRIOR);
	return 0;
}

static double uniform(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) / 16777216.0;
}

static void place(double azimuth_deg, double range_m, double *ret_x, double *ret_y)
{
	*ret_x = map.x_m + range_m * sin(azimuth_deg * M_PI / 180);
	*ret_y = map.y_m + range_m * cos(azimuth_deg * M_PI / 180);
}

static double pd_at(double azimuth_deg, double range_m)
{
	double x, y;

	place(azimuth_deg, range_m, &x, &y);
	return coverage_pd(&map, x, y);
}

/* A look whose outcome is known to be the radar's. */
static void look_at(double azimuth_deg, double range_m, double hit)
{
	uint8_t unproven = 0;
	double x, y;

	place(azimuth_deg, range_m, &x, &y);
	if (hit != 0)
		coverage_hit(&map, x, y, hit, &unproven);
	else
		coverage_miss(&map, x, y, true, &unproven);
	assert_int_equal(unproven, 0);
}

/* What the map should say, by another road: the prior counts 100 looks, fewer by the squared
 * distance in sigmas between it and what was found; 3 sigma halve it. */
static double drawn(double looks, double hits)
{
	double sigma = sqrt(PRIOR * (1 - PRIOR) * (looks + 1));
	double z = (hits - PRIOR * looks) / sigma, prior = 100 / (1 + z * z / 9);

	return (prior * PRIOR + hits) / (prior + looks);
}

static void unknown_waters_have_the_configured_probability(void **state)
{
	for (int a = 0; a < 360; a += 7)
		for (double r = 10; r < 2 * RANGE_M; r *= 1.7)
			assert_near(pd_at(a, r), PRIOR, 1e-12);
	coverage_init(&map, 0, 0, RANGE_M, 1);
	assert_near(coverage_pd(&map, 1, 1), COVERAGE_MAX, 0);
	coverage_init(&map, 0, 0, RANGE_M, 0);
	assert_near(coverage_pd(&map, 1, 1), COVERAGE_MIN, 0);
}

/* 60 vessels strewn over the reach for 20 minutes; cells that had 100 looks at least. */
static void uniform_probability_is_recovered(void **state)
{
	static const double truth[] = { 0.9, 0.6, 0.3 };

	for (int k = 0; k < 3; k++) {
		unsigned seed = 11, n = 0;
		double sum = 0, off = 0;
		start(NULL);
		for (int turn = 0; turn < 480; turn++) {
			coverage_forget(&map, TURN_S);
			for (int v = 0; v < 60; v++)
				look_at(6 * v, 3000 + 400 * v, uniform(&seed) < truth[k]);
		}
		for (int v = 0; v < 60; v++) {
			/* Of 480 looks 128 to 256 are remembered, less what faded. */
			double z = (pd_at(6 * v, 3000 + 400 * v) - truth[k]) /
				   sqrt(truth[k] * (1 - truth[k]) / 110);
			sum += pd_at(6 * v, 3000 + 400 * v);
			off = fmax(off, fabs(z));
			n++;
		}
		assert_true(off < 4.5);
		/* The mean of all: what the prior still counts, and chance. */
		assert_near(sum / n, truth[k], 0.015);
	}
}

static void shadow_is_learned_in_forty_looks_and_unlearned(void **state)
{
	for (int turn = 0; turn < 40; turn++) {
		coverage_forget(&map, TURN_S);
		look_at(40, 12000, 0);
		look_at(100, 12000, 1);
	}
	assert_true(pd_at(40, 12000) < 0.1);
	assert_true(pd_at(100, 12000) > PRIOR);
	assert_near(pd_at(300, 12000), PRIOR, 1e-12); /* nobody was there */
	for (int turn = 0; turn < 200; turn++) {
		coverage_forget(&map, TURN_S);
		look_at(40, 12000, 1);
	}
	assert_true(pd_at(40, 12000) > 0.75);
}

static void long_shadow_is_unlearned_as_fast(void **state)
{
	for (int turn = 0; turn < 5000; turn++) {
		coverage_forget(&map, TURN_S);
		look_at(40, 12000, 0);
	}
	assert_near(pd_at(40, 12000), COVERAGE_MIN, 0.01);
	for (int turn = 0; turn < 400; turn++) {
		coverage_forget(&map, TURN_S);
		look_at(40, 12000, 1);
	}
	assert_true(pd_at(40, 12000) > 0.6);
}

static void what_was_learned_fades_to_what_is_configured(void **state)
{
	for (int turn = 0; turn < 100; turn++)
		look_at(40, 12000, 0);
	double learned = pd_at(40, 12000);
	for (int minute = 0; minute < 15; minute++) {
		double before = pd_at(40, 12000);
		coverage_forget(&map, 60);
		assert_true(pd_at(40, 12000) >= before);
	}
	/* One memory later: 100 / e misses of as many looks. */
	assert_near(pd_at(40, 12000), drawn(100 / exp(1), 0), 0.01);
	assert_true(pd_at(40, 12000) > learned);
	coverage_forget(&map, 1e9);
	assert_near(pd_at(40, 12000), PRIOR, 1e-12);
}

/* Every cell is one place: a ring of looks changes nothing outside, and every azimuth has one. */
static void a_look_is_learned_where_it_was_made(void **state)
{
	for (int a = 0; a < 360; a++) {
		start(NULL);
		for (int n = 0; n < 50; n++)
			look_at(a, 10000, 0);
		assert_true(pd_at(a, 10000) < 0.1);
		assert_near(pd_at(a + 8, 10000), PRIOR, 1e-12);
		assert_near(pd_at(a - 8, 10000), PRIOR, 1e-12);
		assert_near(pd_at(a + 180, 10000), PRIOR, 1e-12);
		assert_near(pd_at(a, 20000), PRIOR, 1e-12);
		assert_near(pd_at(a, 4000), PRIOR, 1e-12);
	}
}

static void chance_is_no_shadow(void **state)
{
	unsigned seed = 13;

	for (int n = 0; n < 100; n++) {
		look_at(10, 8000, uniform(&seed) < PRIOR);
		assert_near(pd_at(10, 8000), PRIOR, 0.06);
	}
}

static void misses_count_once_the_track_was_seen_again(void **state)
{
	uint8_t gone = 0, back = 0, other = 0;
	double x, y;

	/* A vessel that is gone says nothing about the radar. */
	place(40, 12000, &x, &y);
	for (int n = 0; n < 300; n++)
		coverage_miss(&map, x, y, false, &gone);
	assert_near(coverage_pd(&map, x, y), PRIOR, 1e-12);
	/* One that comes back does: three misses and a hit. */
	for (int n = 0; n < 3; n++)
		coverage_miss(&map, x, y, false, &back);
	coverage_hit(&map, x, y, 1, &back);
	assert_near(coverage_pd(&map, x, y), drawn(4, 1), 1e-12);
	/* So does another sensor's word. */
	coverage_miss(&map, x, y, false, &other);
	coverage_miss(&map, x, y, true, &other);
	assert_near(coverage_pd(&map, x, y), drawn(6, 1), 1e-12);
	assert_int_equal(back + other, 0);
	/* After long nobody knows where the misses were. */
	coverage_hit(&map, x, y, 1, &gone);
	assert_near(coverage_pd(&map, x, y), drawn(15, 2), 1e-12);
}

static void half_a_hit_counts_half(void **state)
{
	for (int n = 0; n < 200; n++)
		look_at(200, 5000, 0.5);
	assert_near(pd_at(200, 5000), drawn(200, 100), 1e-9);
	for (int n = 0; n < 4000; n++)
		look_at(200, 5000, 7); /* no more than one */
	assert_near(pd_at(200, 5000), COVERAGE_MAX, 0.01);
}

static void no_place_teaches_nothing(void **state)
{
	struct coverage before = map;
	uint8_t unproven = 0;
	static const double bad[] = { NAN, INFINITY, -INFINITY, 1e300, -1e300 };

	for (int i = 0; i < 5; i++) {
		coverage_hit(&map, bad[i], 0, 0, &unproven);
		coverage_miss(&map, 0, bad[i], true, &unproven);
		assert_near(coverage_pd(&map, bad[i], 0), PRIOR, 1e-12);
		assert_near(coverage_pd(&map, 0, bad[i]), PRIOR, 1e-12);
		coverage_forget(&map, i ? -1 : NAN);
	}
	look_at(50, RANGE_M + 1, 0);
	assert_memory_equal(&before, &map, sizeof(map));
	/* On top of the radar and at the end of its reach there are cells. */
	coverage_miss(&map, map.x_m, map.y_m, true, &unproven);
	look_at(50, RANGE_M - 1, 0);
	assert_true(coverage_pd(&map, map.x_m, map.y_m) < PRIOR);
	assert_true(pd_at(50, RANGE_M - 1) < PRIOR);
	assert_true(pd_at(50, 3 * RANGE_M) < PRIOR);
}

static void anything_stays_in_bounds(void **state)
{
	unsigned seed = 12;

	for (int n = 0; n < 200000; n++) {
		double a = 360 * uniform(&seed), r = RANGE_M * uniform(&seed) * 0.02;
		look_at(a, r, uniform(&seed) * 3 - 1);
		if (n % 100 == 0)
			coverage_forget(&map, 40 * uniform(&seed));
		double pd = pd_at(a, r);
		assert_true(pd >= COVERAGE_MIN && pd <= COVERAGE_MAX);
	}
	for (unsigned i = 0; i < COVERAGE_SECTORS * COVERAGE_RINGS; i++)
		assert_true(map.cells[i].hits <= map.cells[i].looks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(unknown_waters_have_the_configured_probability, start),
		cmocka_unit_test_setup(uniform_probability_is_recovered, start),
		cmocka_unit_test_setup(shadow_is_learned_in_forty_looks_and_unlearned, start),
		cmocka_unit_test_setup(long_shadow_is_unlearned_as_fast, start),
		cmocka_unit_test_setup(what_was_learned_fades_to_what_is_configured, start),
		cmocka_unit_test_setup(a_look_is_learned_where_it_was_made, start),
		cmocka_unit_test_setup(chance_is_no_shadow, start),
		cmocka_unit_test_setup(misses_count_once_the_track_was_seen_again, start),
		cmocka_unit_test_setup(half_a_hit_counts_half, start),
		cmocka_unit_test_setup(no_place_teaches_nothing, start),
		cmocka_unit_test_setup(anything_stays_in_bounds, start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
