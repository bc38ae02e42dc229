#include "fusion/existence.h"
#include "fusion/marginal.h"
#include "tests/assert_near.h"

#include <stdlib.h>
#include <string.h>

#define SIDE 5
#define MANY 4096

static struct marginal_node nodes[2 * MANY];
static struct marginal_cell cells[4 * MANY];
static const struct marginal_scratch scratch = { nodes, cells };
static double beta[4 * MANY], missed[MANY], unclaimed[MANY];
static const struct marginal_result result = { beta, missed, unclaimed };
static struct marginal_count count;

static double uniform(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) / 16777216.0;
}

/* From 1e-3, a plot at the gate's edge in clutter, to 1e4, one in a calm sea. */
static double some_psi(unsigned *seed)
{
	return pow(10, 7 * uniform(seed) - 3);
}

/* Dense psi of one small cluster; 0 = no edge. */
struct cluster {
	unsigned n_rows, n_columns;
	double psi[SIDE][SIDE];
};

struct marginals {
	double beta[SIDE][SIDE], missed[SIDE], unclaimed[SIDE];
};

/* Every joint event, by counting in base n_columns + 1: digit t is what track t took. */
static struct marginals brute(const struct cluster *c)
{
	struct marginals m;
	unsigned choice[SIDE] = { 0 }, t = 0;
	double total = 0;

	memset(&m, 0, sizeof(m));
	do {
		double weight = 1;
		unsigned taken = 0;
		for (t = 0; t < c->n_rows; t++) {
			unsigned bit = choice[t] ? 1u << choice[t] : 0;
			weight *= choice[t] ? taken & bit ? 0 : c->psi[t][choice[t] - 1] : 1;
			taken |= bit;
		}
		total += weight;
		for (t = 0; t < c->n_rows; t++)
			*(choice[t] ? &m.beta[t][choice[t] - 1] : &m.missed[t]) += weight;
		for (unsigned i = 0; i < c->n_columns; i++)
			if (!(taken & 2u << i))
				m.unclaimed[i] += weight;
		for (t = 0; t < c->n_rows && ++choice[t] > c->n_columns; t++)
			choice[t] = 0;
	} while (t < c->n_rows);
	for (t = 0; t < SIDE; t++) {
		m.missed[t] /= total;
		m.unclaimed[t] /= total;
		for (unsigned i = 0; i < SIDE; i++)
			m.beta[t][i] /= total;
	}
	return m;
}

static struct marginals solve(const struct cluster *c, uint32_t exact_max)
{
	struct marginal_edge edges[SIDE * SIDE];
	struct marginals m;
	size_t n = 0;

	for (unsigned t = 0; t < c->n_rows; t++)
		for (unsigned i = 0; i < c->n_columns; i++)
			if (c->psi[t][i] > 0)
				edges[n++] = (struct marginal_edge){ t, i, c->psi[t][i] };
	struct marginal_batch b = { edges, n, c->n_rows, c->n_columns };
	marginal_solve(&b, exact_max, &scratch, &result, &count);
	memset(&m, 0, sizeof(m));
	for (size_t k = 0; k < n; k++)
		m.beta[edges[k].row][edges[k].column] = beta[k];
	memcpy(m.missed, missed, c->n_rows * sizeof(double));
	memcpy(m.unclaimed, unclaimed, c->n_columns * sizeof(double));
	return m;
}

/* The greatest difference of any marginal. */
static double difference(
	const struct cluster *c, const struct marginals *a, const struct marginals *b)
{
	double worst = 0;

	for (unsigned t = 0; t < c->n_rows; t++) {
		worst = fmax(worst, fabs(a->missed[t] - b->missed[t]));
		for (unsigned i = 0; i < c->n_columns; i++)
			worst = fmax(worst, fabs(a->beta[t][i] - b->beta[t][i]));
	}
	for (unsigned i = 0; i < c->n_columns; i++)
		worst = fmax(worst, fabs(a->unclaimed[i] - b->unclaimed[i]));
	return worst;
}

static struct cluster some_cluster(unsigned *seed, unsigned side, double share)
{
	struct cluster c = { 1 + (unsigned)(uniform(seed) * side),
		1 + (unsigned)(uniform(seed) * side), { { 0 } } };

	for (unsigned t = 0; t < c.n_rows; t++)
		for (unsigned i = 0; i < c.n_columns; i++)
			if (uniform(seed) < share)
				c.psi[t][i] = some_psi(seed);
	return c;
}

static void exact_paths_equal_brute_force(void **state)
{
	unsigned seed = 1;

	memset(&count, 0, sizeof(count));
	for (int round = 0; round < 600; round++) {
		struct cluster c = some_cluster(&seed, SIDE, round % 3 ? 0.6 : 1);
		struct marginals want = brute(&c), got = solve(&c, 1000000);
		assert_near(difference(&c, &got, &want), 0, 1e-12);
	}
	assert_true(count.exact > 300);
	assert_int_equal(count.looped, 0);
}

static void few_events_are_enumerated_and_many_are_not(void **state)
{
	/* 5 x 5 dense: 6^5 events; 4 x 5: 6^4. */
	struct cluster c = { 5, 5, { { 0 } } };

	for (unsigned t = 0; t < SIDE; t++)
		for (unsigned i = 0; i < SIDE; i++)
			c.psi[t][i] = 1 + t + i;
	memset(&count, 0, sizeof(count));
	solve(&c, MARGINAL_EXACT);
	assert_int_equal(count.looped, 1);
	c.n_rows = 4;
	solve(&c, MARGINAL_EXACT);
	assert_int_equal(count.exact, 1);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Errors of the messages on 1000 clusters of 1-4 x 1-4, psi from 10^low to 10^high: 95 % and worst.
 */
static void messages_error(double low, double high, double *ret_most, double *ret_worst)
{
	static double error[1000];
	unsigned seed = 2;

	for (int round = 0; round < 1000; round++) {
		struct cluster c = some_cluster(&seed, 4, 0.7);
		for (unsigned k = 0; k < SIDE * SIDE; k++)
			if (c.psi[k / SIDE][k % SIDE] > 0)
				c.psi[k / SIDE][k % SIDE] =
					pow(10, low + (high - low) * uniform(&seed));
		struct marginals want = brute(&c), got = solve(&c, 0);
		error[round] = difference(&c, &got, &want);
	}
	qsort(error, 1000, sizeof(error[0]), ascending);
	*ret_most = error[950];
	*ret_worst = error[999];
}

/* Where two tracks want the same two plots equally, and surely, messages are at their worst. */
static void messages_come_near(void **state)
{
	double most, worst;

	memset(&count, 0, sizeof(count));
	messages_error(-2, 1, &most, &worst);
	assert_true(most < 0.032 && worst < 0.103);
	messages_error(-3, 4, &most, &worst);
	assert_true(most < 0.032 && worst < 0.3);
	assert_int_equal(count.exact, 0);
	assert_true(count.unsettled * 20 < count.looped);
}

/* A cluster without a cycle: every further track or plot hangs on one that is there. */
static struct cluster some_tree(unsigned *seed)
{
	struct cluster c = { 1, 1, { { 0 } } };

	c.psi[0][0] = some_psi(seed);
	while (c.n_rows < SIDE && c.n_columns < SIDE) {
		if (uniform(seed) < 0.5)
			c.psi[c.n_rows++][(unsigned)(uniform(seed) * c.n_columns)] = some_psi(seed);
		else
			c.psi[(unsigned)(uniform(seed) * c.n_rows)][c.n_columns++] = some_psi(seed);
	}
	return c;
}

static void messages_are_exact_on_trees(void **state)
{
	unsigned seed = 3;

	memset(&count, 0, sizeof(count));
	for (int round = 0; round < 300; round++) {
		struct cluster c = some_tree(&seed);
		struct marginals want = brute(&c), got = solve(&c, 0);
		assert_near(difference(&c, &got, &want), 0, 1e-12);
	}
	assert_true(count.looped > 100);
	assert_int_equal(count.unsettled, 0);
}

static void probabilities_sum_to_one(void **state)
{
	unsigned seed = 4;

	for (int round = 0; round < 400; round++) {
		struct cluster c = some_cluster(&seed, SIDE, 0.7);
		struct marginals m = solve(&c, round % 2 ? MARGINAL_EXACT : 0);
		for (unsigned t = 0; t < c.n_rows; t++) {
			double sum = m.missed[t];
			assert_true(m.missed[t] > 0);
			for (unsigned i = 0; i < c.n_columns; i++) {
				assert_in_range((int)(m.beta[t][i] * 1e6), 0, 1000000);
				sum += m.beta[t][i];
			}
			assert_near(sum, 1, 1e-13);
		}
		/* The plots' side of messages that have not come to rest is a little off. */
		for (unsigned i = 0; i < c.n_columns; i++) {
			double sum = m.unclaimed[i];
			assert_true(m.unclaimed[i] >= 0);
			for (unsigned t = 0; t < c.n_rows; t++)
				sum += m.beta[t][i];
			assert_near(sum, 1, round % 2 ? 1e-3 : 0.05);
		}
	}
}

static void order_and_numbers_do_not_matter(void **state)
{
	static const unsigned at_row[SIDE] = { 3, 0, 4, 1, 2 }, at_column[SIDE] = { 2, 4, 1, 0, 3 };
	unsigned seed = 5;

	for (int round = 0; round < 300; round++) {
		struct cluster a = some_cluster(&seed, SIDE, 0.7), b = { SIDE, SIDE, { { 0 } } };
		uint32_t exact_max = round % 2 ? 1000000 : 0;
		for (unsigned t = 0; t < a.n_rows; t++)
			for (unsigned i = 0; i < a.n_columns; i++)
				b.psi[at_row[t]][at_column[i]] = a.psi[t][i];
		struct marginals ma = solve(&a, exact_max), mb = solve(&b, exact_max);
		for (unsigned t = 0; t < a.n_rows; t++) {
			assert_near(mb.missed[at_row[t]], ma.missed[t], 1e-11);
			for (unsigned i = 0; i < a.n_columns; i++)
				assert_near(mb.beta[at_row[t]][at_column[i]], ma.beta[t][i], 1e-11);
		}
		for (unsigned i = 0; i < a.n_columns; i++)
			assert_near(mb.unclaimed[at_column[i]], ma.unclaimed[i], 1e-11);
	}
}

static void more_weight_is_more_probable(void **state)
{
	unsigned seed = 6;

	for (int round = 0; round < 300; round++) {
		struct cluster c = some_cluster(&seed, SIDE, 0.8);
		unsigned t = (unsigned)(uniform(&seed) * c.n_rows);
		unsigned i = (unsigned)(uniform(&seed) * c.n_columns);
		if (!(c.psi[t][i] > 0))
			continue;
		struct marginals less = solve(&c, 1000000);
		c.psi[t][i] *= 1.5;
		struct marginals more = solve(&c, 1000000);
		assert_true(more.beta[t][i] >= less.beta[t][i]);
		assert_true(more.missed[t] <= less.missed[t]);
		assert_true(more.unclaimed[i] <= less.unclaimed[i] + 1e-15);
	}
}

static void absurd_weights_are_no_edges_or_bounded(void **state)
{
	const struct marginal_edge edges[] = { { 0, 0, NAN }, { 0, 1, -1 }, { 1, 1, 0 },
		{ 2, 2, INFINITY }, { 3, 3, INFINITY }, { 3, 4, INFINITY }, { 4, 3, 1e300 },
		{ 4, 4, 1e-320 }, { 5, 5, 2 } };
	struct marginal_batch b = { edges, 9, 6, 7 };

	for (uint32_t exact_max = 0; exact_max <= MARGINAL_EXACT; exact_max += MARGINAL_EXACT) {
		marginal_solve(&b, exact_max, &scratch, &result, &count);
		for (int k = 0; k < 3; k++)
			assert_near(beta[k], 0, 0);
		assert_near(missed[0], 1, 0);
		assert_near(missed[1], 1, 0);
		assert_near(unclaimed[6], 1, 0);
		assert_near(beta[3], 1, 1e-15);
		for (int k = 3; k < 9; k++)
			assert_true(beta[k] >= 0 && beta[k] <= 1);
		assert_near(missed[3] + beta[4] + beta[5], 1, 1e-12);
		assert_near(beta[8], 2.0 / 3, 1e-15);
	}
	b.n_edges = 0;
	marginal_solve(&b, MARGINAL_EXACT, &scratch, &result, &count);
	assert_near(missed[5], 1, 0);
}

/* Two tracks and two plots, far from any clutter: nothing is lost beside 1e12. */
static void small_weights_live_beside_large_ones(void **state)
{
	struct cluster c = { 2, 2, { { 1e12, 1e-3 }, { 1e12, 1e-3 } } };
	struct marginals want = brute(&c), exact = solve(&c, MARGINAL_EXACT), near = solve(&c, 0);

	assert_near(difference(&c, &exact, &want), 0, 1e-12);
	assert_near(difference(&c, &near, &want), 0, 1e-3);
}

/* Many clusters at once, rows and columns strewn: each comes out as if it were alone. */
static void clusters_do_not_mix(void **state)
{
	static struct marginal_edge edges[4 * MANY];
	static struct cluster all[200];
	static size_t of[4 * MANY];
	unsigned seed = 7;
	size_t n = 0;
	const uint32_t n_ends = 200 * SIDE;

	for (uint32_t k = 0; k < 200; k++) {
		all[k] = some_cluster(&seed, SIDE, 0.6);
		for (unsigned t = 0; t < all[k].n_rows; t++)
			for (unsigned i = 0; i < all[k].n_columns; i++)
				if (all[k].psi[t][i] > 0) {
					of[n] = k;
					edges[n++] = (struct marginal_edge){ t * 200 + k,
						(i * 200 + k) * 7 % n_ends, all[k].psi[t][i] };
				}
	}
	/* Any order of edges. */
	for (size_t k = n - 1; k > 0; k--) {
		size_t other = (size_t)(uniform(&seed) * (double)k);
		struct marginal_edge e = edges[k];
		size_t o = of[k];
		edges[k] = edges[other];
		of[k] = of[other];
		edges[other] = e;
		of[other] = o;
	}
	struct marginal_batch b = { edges, n, n_ends, n_ends };
	marginal_solve(&b, 1000000, &scratch, &result, &count);
	for (size_t k = 0; k < n; k++) {
		const struct cluster *c = &all[of[k]];
		struct marginals want = brute(c);
		unsigned t = edges[k].row / 200, i = 0;
		while (((i * 200 + of[k]) * 7) % n_ends != edges[k].column)
			i++;
		assert_near(beta[k], want.beta[t][i], 1e-12);
		assert_near(missed[edges[k].row], want.missed[t], 1e-12);
		assert_near(unclaimed[edges[k].column], want.unclaimed[i], 1e-12);
	}
}

/* A line of 300 tracks with a plot between each two, and a field of 60 x 60. */
static void large_clusters_are_bounded(void **state)
{
	static struct marginal_edge edges[4 * MANY];
	size_t n = 0;

	memset(&count, 0, sizeof(count));
	for (uint32_t t = 0; t < 300; t++) {
		edges[n++] = (struct marginal_edge){ t, t, 3 };
		edges[n++] = (struct marginal_edge){ t, t + 1, 2 };
	}
	for (uint32_t t = 0; t < 60; t++)
		for (uint32_t i = 0; i < 60; i++)
			edges[n++] = (struct marginal_edge){ 300 + t, 301 + i, t == i ? 50 : 0.1 };
	struct marginal_batch b = { edges, n, 360, 361 };
	marginal_solve(&b, MARGINAL_EXACT, &scratch, &result, &count);
	assert_int_equal(count.looped, 2);
	/* Inside, the line looks the same from everywhere. */
	assert_near(beta[2 * 150], beta[2 * 151], 1e-9);
	for (uint32_t t = 0; t < 60; t++)
		assert_true(beta[600 + t * 61] > 0.8);
}

/* Musicki & Evans by enumeration of what may be: not there; there and hidden; there, visible, seen
 * or overlooked. */
static void existence_follows_bayes(void **state)
{
	unsigned seed = 8;

	for (int round = 0; round < 300; round++) {
		double r = uniform(&seed), v = uniform(&seed), pd = uniform(&seed) * 0.99;
		double ratio = pow(10, 4 * uniform(&seed) - 2); /* p l / others */
		double psi = r * v * ratio / (1 - r * v * pd), none = 1 / (1 + psi);
		double absent = 1 - r, hidden = r * (1 - v), over = r * v * (1 - pd);
		double seen = r * v * ratio, all = absent + hidden + over + seen;
		double e = r, s = v, b0 = marginal_exist(pd, none, &e, &s);

		assert_near(e, (all - absent) / all, 2e-9);
		assert_near(s, (over + seen) / (all - absent), 2e-9);
		assert_near(b0, (hidden + over) / (all - absent), 2e-9);
		/* The same as by evidence. */
		double e2 = r, s2 = v;
		existence_look(&e2, &s2, pd, ratio);
		assert_near(e, e2, 2e-9);
		assert_near(s, s2, 2e-9);
	}
}

static void certainty_stays_doubtful(void **state)
{
	double r = 1, v = 1;

	marginal_exist(1, 1, &r, &v);
	assert_true(r > 0 && r < 1 && v > 0 && v < 1);
	r = v = 0;
	marginal_exist(0.9, 1, &r, &v);
	assert_true(r > 0 && r < 1 && v > 0 && v < 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_paths_equal_brute_force),
		cmocka_unit_test(few_events_are_enumerated_and_many_are_not),
		cmocka_unit_test(messages_come_near),
		cmocka_unit_test(messages_are_exact_on_trees),
		cmocka_unit_test(probabilities_sum_to_one),
		cmocka_unit_test(order_and_numbers_do_not_matter),
		cmocka_unit_test(more_weight_is_more_probable),
		cmocka_unit_test(absurd_weights_are_no_edges_or_bounded),
		cmocka_unit_test(small_weights_live_beside_large_ones),
		cmocka_unit_test(clusters_do_not_mix),
		cmocka_unit_test(large_clusters_are_bounded),
		cmocka_unit_test(existence_follows_bayes),
		cmocka_unit_test(certainty_stays_doubtful),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
