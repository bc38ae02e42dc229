#include "fusion/clutter.h"
#include "tests/assert_near.h"

#include <string.h>

#define SIDE 32
#define RANGE_M 32000.0 /* cells of 2 km */
#define AREA_M2 4e6

static struct clutter map;

static int start(void **state)
{
	clutter_init(&map, 0, 0, RANGE_M);
	return 0;
}

static double uniform(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) / 16777216.0;
}

static void clutter_map_learns_where_it_is_rough(void **state)
{
	for (int scan = 0; scan < 200; scan++) {
		clutter_scan(&map, 1, 2.5);
		for (int i = 0; i < 4; i++)
			clutter_add(&map, 5000, 5000, 1); /* 4 a scan in 4 km^2 */
		clutter_add(&map, -5000, -5000, 1e-3);
	}
	assert_near(clutter_density(&map, 5000, 5000), 1e-6, 0.2e-6);
	assert_true(clutter_density(&map, -5000, -5000) < 1e-7);
}

/* The same map kept the plain way: every cell fades at every scan. */
struct plain {
	double scans, total, cells[SIDE][SIDE];
	unsigned char had[SIDE][SIDE];
};

static double plain_density(const struct plain *p, int x, int y)
{
	double scans = fmax(p->scans, 1), active = 0;

	for (int i = 0; i < SIDE * SIDE; i++)
		active += p->had[i / SIDE][i % SIDE];
	double average = (p->total + 1) / (active * AREA_M2 * scans + 1 / 2.5e-8);
	return fmax((p->cells[x][y] + 3 * AREA_M2 * average) / ((scans + 3) * AREA_M2), 1e-9);
}

static double centre(int cell)
{
	return -RANGE_M + 2000 * (cell + 0.5);
}

/* Six hours: several times over the cells are counted anew. */
static void cells_fade_as_if_one_by_one(void **state)
{
	static struct plain p;
	unsigned seed = 21;

	memset(&p, 0, sizeof(p));
	for (int scan = 0; scan < 8640; scan++) {
		double scans = 0.5 + uniform(&seed), h_s = 2.5 * scans;
		clutter_scan(&map, scans, h_s);
		p.scans = p.scans * exp(-h_s / 600) + scans;
		p.total *= exp(-h_s / 600);
		for (int i = 0; i < SIDE * SIDE; i++)
			p.cells[i / SIDE][i % SIDE] *= exp(-h_s / 600);
		for (int n = 0; n < 4; n++) {
			int x = (int)(uniform(&seed) * SIDE), y = (int)(uniform(&seed) * x);
			double gone = uniform(&seed);
			clutter_add(&map, centre(x), centre(y), 1);
			clutter_add(&map, centre(x), centre(y), -gone);
			p.cells[x][y] += 1 - gone;
			p.total += 1 - gone;
			p.had[x][y] = 1;
		}
		if (scan % 97)
			continue;
		for (int i = 0; i < SIDE * SIDE; i += 5) {
			double want = plain_density(&p, i / SIDE, i % SIDE);
			assert_near(
				clutter_density(&map, centre(i / SIDE), centre(i % SIDE)) / want, 1,
				1e-4);
		}
	}
}

static void long_silence_forgets_all_but_where_it_was(void **state)
{
	clutter_scan(&map, 1, 2.5);
	for (int i = 0; i < 1000; i++)
		clutter_add(&map, 100 + 4000 * (i % 4), 100, 1);
	assert_int_equal(map.active, 4);
	clutter_scan(&map, 1, 1e12);
	assert_true(clutter_density(&map, 100, 100) < 3e-8);
	for (int i = 0; i < 4; i++)
		clutter_add(&map, 100 + 4000 * (i % 4), 100, 1);
	assert_int_equal(map.active, 4);
}

static void more_taken_back_than_given_is_nothing(void **state)
{
	clutter_add(&map, 5, 5, 1);
	clutter_add(&map, 5, 5, -2);
	assert_true(clutter_density(&map, 5, 5) > 0);
	for (int i = 0; i < SIDE * SIDE; i++)
		assert_true(map.cells[i] >= 0);
}

static void outside_and_nowhere_are_the_edge(void **state)
{
	static const double bad[] = { NAN, INFINITY, -INFINITY, 1e300, -1e300 };

	for (int i = 0; i < 5; i++) {
		clutter_add(&map, bad[i], 0, 1);
		clutter_add(&map, 0, bad[i], 1);
		assert_true(clutter_density(&map, bad[i], bad[i]) > 0);
	}
	assert_true(clutter_density(&map, 2 * RANGE_M, 0) == clutter_density(&map, RANGE_M - 1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(clutter_map_learns_where_it_is_rough, start),
		cmocka_unit_test_setup(cells_fade_as_if_one_by_one, start),
		cmocka_unit_test_setup(long_silence_forgets_all_but_where_it_was, start),
		cmocka_unit_test_setup(more_taken_back_than_given_is_nothing, start),
		cmocka_unit_test_setup(outside_and_nowhere_are_the_edge, start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
