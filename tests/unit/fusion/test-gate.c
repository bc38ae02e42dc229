#include "fusion/gate.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <stdlib.h>

static void singular_covariance_is_refused(void **state)
{
	struct filter_cov2 s = { .xx = 1, .xy = 1, .yy = 1 };
	double d2 = -1;

	assert_int_equal(gate_distance2(1, 1, &s, &d2), -EDOM);
	assert_near(d2, -1, 0); /* ret_ untouched on error */
	s = (struct filter_cov2){ NAN, 0, 1 };
	assert_int_equal(gate_distance2(1, 1, &s, &d2), -EDOM);
}

static void distance_is_in_sigmas(void **state)
{
	struct filter_cov2 s = { .xx = 9, .xy = 0, .yy = 16 };
	double d2;

	assert_int_equal(gate_distance2(6, 0, &s, &d2), 0);
	assert_near(d2, 4, 1e-12);
	assert_int_equal(gate_distance2(3, 4, &s, &d2), 0);
	assert_near(d2, 2, 1e-12);
}

#define SLOTS 500
static uint32_t heads[256];
static struct gate_link links[SLOTS];

static double uniform(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) / 16777216.0;
}

/* Against brute force: whatever is within extent + reach is found, each once, also after moving and
 * unfiling. */
static void grid_finds_all_within_reach(void **state)
{
	struct gate_grid g;
	double x[SLOTS], y[SLOTS], extent[SLOTS];
	unsigned seed = 7;
	uint64_t overflow = 0;

	gate_grid_init(&g, heads, 256, links, SLOTS);
	for (int round = 0; round < 3; round++)
		for (uint32_t i = 0; i < SLOTS; i++) {
			x[i] = (uniform(&seed) - 0.5) * 40000;
			y[i] = (uniform(&seed) - 0.5) * 40000;
			extent[i] = i % 10 ? uniform(&seed) * 300 : uniform(&seed) * 7900;
			gate_grid_file(&g, i, x[i], y[i], extent[i]);
		}
	for (uint32_t i = 0; i < SLOTS; i += 7)
		gate_grid_unfile(&g, i);
	for (int q = 0; q < 200; q++) {
		double px = (uniform(&seed) - 0.5) * 40000, py = (uniform(&seed) - 0.5) * 40000,
		       reach = uniform(&seed) * 800, reach_y = uniform(&seed) * 800;
		uint32_t found[SLOTS];
		uint8_t times[SLOTS] = { 0 };
		size_t n = gate_grid_find(&g, px, py, reach, reach_y, found, SLOTS, &overflow);
		for (size_t i = 0; i < n; i++)
			times[found[i]]++;
		for (uint32_t i = 0; i < SLOTS; i++) {
			assert_true(times[i] <= 1);
			if (i % 7 && fabs(px - x[i]) <= extent[i] + reach &&
				fabs(py - y[i]) <= extent[i] + reach_y)
				assert_int_equal(times[i], 1);
			if (i % 7 == 0)
				assert_int_equal(times[i], 0);
		}
	}
	assert_int_equal(overflow, 0);
}

static void too_many_are_cut_and_counted(void **state)
{
	struct gate_grid g;
	uint32_t found[10];
	uint64_t overflow = 0;

	gate_grid_init(&g, heads, 256, links, SLOTS);
	for (uint32_t i = 0; i < 20; i++)
		gate_grid_file(&g, i, 5, 5, 10);
	assert_int_equal(gate_grid_find(&g, 0, 0, 10, 10, found, 10, &overflow), 10);
	assert_int_equal(overflow, 1);
}

/* A track lost so wide that it may be anywhere is found no farther than batches that run side by side keep apart. */
static void the_lost_are_found_within_the_reach(void **state)
{
	struct gate_grid g;
	uint32_t found[4];
	uint64_t overflow = 0;

	gate_grid_init(&g, heads, 256, links, SLOTS);
	gate_grid_file(&g, 1, 0, 0, 1e5);
	assert_int_equal(gate_grid_find(&g, gate_grid_reach() + 90, 0, 100, 100, found, 4, &overflow), 1);
	for (double x = gate_grid_reach() + 102; x < 2e5; x += 500)
		assert_int_equal(gate_grid_find(&g, x, 0, 100, 100, found, 4, &overflow), 0);
}

static void absurd_places_are_filed_at_the_edge(void **state)
{
	struct gate_grid g;
	uint32_t found[4];
	uint64_t overflow = 0;

	gate_grid_init(&g, heads, 256, links, SLOTS);
	gate_grid_file(&g, 1, NAN, 1e300, 1e300);
	gate_grid_file(&g, 1, 0, 0, 1);
	assert_int_equal(gate_grid_find(&g, 0, 0, 1, 1, found, 4, &overflow), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(singular_covariance_is_refused),
		cmocka_unit_test(distance_is_in_sigmas),
		cmocka_unit_test(grid_finds_all_within_reach),
		cmocka_unit_test(too_many_are_cut_and_counted),
		cmocka_unit_test(the_lost_are_found_within_the_reach),
		cmocka_unit_test(absurd_places_are_filed_at_the_edge),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
