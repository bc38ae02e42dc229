#include "fusion/assign.h"
#include "tests/assert_near.h"

#include <string.h>

#define N 128
static uint32_t parent[2 * N], order[N * N], first[2 * N + 1], column[N];
static const struct assign_scratch scratch = { parent, order, first };

static double uniform(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) / 16777216.0;
}

/* Every assignment of rows to free columns or none. */
static double brute(
	const struct assign_pair *p, size_t n_pairs, uint32_t n_rows, uint32_t row, unsigned taken)
{
	if (row == n_rows)
		return 0;
	double best = brute(p, n_pairs, n_rows, row + 1, taken);
	for (size_t k = 0; k < n_pairs; k++)
		if (p[k].row == row && !(taken & 1u << p[k].column)) {
			double g = p[k].gain +
				   brute(p, n_pairs, n_rows, row + 1, taken | 1u << p[k].column);
			if (g > best)
				best = g;
		}
	return best;
}

static double total(const struct assign_pair *p, size_t n_pairs, uint32_t n_rows)
{
	double sum = 0;
	unsigned char taken[N] = { 0 };

	for (uint32_t r = 0; r < n_rows; r++) {
		if (column[r] == ASSIGN_NONE)
			continue;
		assert_int_equal(taken[column[r]]++, 0);
		int found = 0;
		for (size_t k = 0; k < n_pairs; k++)
			if (p[k].row == r && p[k].column == column[r]) {
				sum += p[k].gain;
				found = 1;
			}
		assert_int_equal(found, 1);
	}
	return sum;
}

static void best_total_equals_exhaustive_search(void **state)
{
	unsigned seed = 3;
	uint64_t bounded = 0;

	for (int round = 0; round < 500; round++) {
		struct assign_pair p[36];
		size_t n = 0;
		uint32_t rows = 1 + round % 6, columns = 1 + round / 6 % 6;
		for (uint32_t r = 0; r < rows; r++)
			for (uint32_t c = 0; c < columns; c++)
				if (uniform(&seed) < 0.5)
					p[n++] = (struct assign_pair){ r, c,
						uniform(&seed) * 10 + 0.01 };
		assign_solve(p, n, rows, columns, &scratch, column, &bounded);
		assert_near(total(p, n, rows), brute(p, n, rows, 0, 0), 1e-9);
	}
	assert_int_equal(bounded, 0);
}

static void greedy_choice_is_undone_for_the_whole(void **state)
{
	/* Row 0 likes column 0 most, but row 1 can have nothing else. */
	struct assign_pair p[] = { { 0, 0, 10 }, { 0, 1, 9 }, { 1, 0, 8 } };
	uint64_t bounded = 0;

	assign_solve(p, 3, 2, 2, &scratch, column, &bounded);
	assert_int_equal(column[0], 1);
	assert_int_equal(column[1], 0);
}

static void huge_cluster_is_bounded_and_still_one_to_one(void **state)
{
	static struct assign_pair p[100 * 100];
	size_t n = 0;
	unsigned seed = 5;
	uint64_t bounded = 0;

	for (uint32_t r = 0; r < 100; r++)
		for (uint32_t c = 0; c < 100; c++)
			p[n++] = (struct assign_pair){ r, c, uniform(&seed) + (r == c ? 5 : 0) };
	assign_solve(p, n, 100, 100, &scratch, column, &bounded);
	assert_int_equal(bounded, 1);
	for (uint32_t r = 0; r < 100; r++)
		assert_int_equal(column[r], r);
	total(p, n, 100);
}

static void nothing_in_gives_nothing_out(void **state)
{
	uint64_t bounded = 0;

	column[0] = 5;
	assign_solve(NULL, 0, 1, 0, &scratch, column, &bounded);
	assert_int_equal(column[0], ASSIGN_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(best_total_equals_exhaustive_search),
		cmocka_unit_test(greedy_choice_is_undone_for_the_whole),
		cmocka_unit_test(huge_cluster_is_bounded_and_still_one_to_one),
		cmocka_unit_test(nothing_in_gives_nothing_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
