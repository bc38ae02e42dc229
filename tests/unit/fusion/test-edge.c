/* Where does what the radars see end? */
#include "fusion/edge.h"
#include "tests/assert_near.h"

#include <string.h>

#define S INT64_C(1000000000)
#define T0 (1764000000 * S)

static struct edge_map map;

static int fresh(void **state)
{
	memset(&map, 0, sizeof(map));
	return 0;
}

/* False plots here and there on a square of 20 km, as a radar in a calm sea gives them: a fixed scatter. */
static void scatter(unsigned n, int64_t time_ns)
{
	uint32_t seed = 12345;

	for (unsigned i = 0; i < n; i++) {
		double at[2];
		for (int k = 0; k < 2; k++) {
			seed = seed * 1664525u + 1013904223u;
			at[k] = (double)(seed >> 8) / 16777216 * 20000 - 10000;
		}
		edge_note(&map, at[0], at[1], time_ns);
	}
}

static void sight_ends_at_its_border_only(void **state)
{
	unsigned border = 0, inside = 0;

	scatter(8000, T0);
	for (int i = -9; i <= 9; i++) {
		border += edge_here(&map, i * 1000, 9950, T0) && edge_here(&map, i * 1000, -9950, T0) &&
			  edge_here(&map, 9950, i * 1000, T0) && edge_here(&map, -9950, i * 1000, T0);
		for (int k = -8; k <= 8; k++)
			inside += edge_here(&map, i * 900, k * 1000, T0);
	}
	assert_int_equal(border, 19);
	assert_int_equal(inside, 0);
}

static void nothing_is_an_edge_before_much_was_seen(void **state)
{
	assert_false(edge_here(&map, 0, 9950, T0));
	scatter(100, T0);
	for (int i = -9; i <= 9; i++)
		assert_false(edge_here(&map, i * 1000, 9950, T0));
}

static void what_was_seen_is_forgotten(void **state)
{
	scatter(8000, T0);
	assert_true(edge_here(&map, 0, 9950, T0 + 1790 * S));
	assert_false(edge_here(&map, 0, 9950, T0 + 1920 * S));
}

static void absurd_places_are_none(void **state)
{
	edge_note(&map, NAN, 0, T0);
	edge_note(&map, 0, INFINITY, T0);
	assert_false(edge_here(&map, NAN, 0, T0));
	assert_false(edge_here(&map, -1e30, 1e30, T0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(sight_ends_at_its_border_only, fresh),
		cmocka_unit_test_setup(nothing_is_an_edge_before_much_was_seen, fresh),
		cmocka_unit_test_setup(what_was_seen_is_forgotten, fresh),
		cmocka_unit_test_setup(absurd_places_are_none, fresh),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
