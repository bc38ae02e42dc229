#include "fusion/assign.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
	while (parent[i] != i)
		i = parent[i] = parent[parent[i]];
	return i;
}

/* The smaller number becomes the root: the order of clusters does not depend on the order of pairs.
 */
static void join(uint32_t *parent, uint32_t a, uint32_t b)
{
	a = root_of(parent, a);
	b = root_of(parent, b);
	if (a < b)
		parent[b] = a;
	else
		parent[a] = b;
}

/* One cluster as a dense matrix of costs. Columns n_columns.. are dummies: one a row, cost 0, "no
 * plot". */
struct cluster {
	unsigned n_rows, n_columns;
	uint32_t rows[ASSIGN_SIDE_MAX], columns[ASSIGN_SIDE_MAX];
	double cost[ASSIGN_SIDE_MAX][2 * ASSIGN_SIDE_MAX];
};

#define COST_NEVER 1e12

static unsigned side_index(uint32_t *side, unsigned *n, uint32_t value)
{
	for (unsigned i = 0; i < *n; i++)
		if (side[i] == value)
			return i;
	if (*n < ASSIGN_SIDE_MAX)
		side[*n] = value;
	return (*n)++;
}

/* Return: 0, or -1 when a side is too large. */
static int cluster_fill(
	struct cluster *c, const struct assign_pair *pairs, const uint32_t *order, size_t n)
{
	c->n_rows = c->n_columns = 0;
	for (size_t k = 0; k < n; k++) {
		side_index(c->rows, &c->n_rows, pairs[order[k]].row);
		side_index(c->columns, &c->n_columns, pairs[order[k]].column);
		if (c->n_rows > ASSIGN_SIDE_MAX || c->n_columns > ASSIGN_SIDE_MAX)
			return -1;
	}
	for (unsigned i = 0; i < c->n_rows; i++)
		for (unsigned j = 0; j < c->n_columns + c->n_rows; j++)
			c->cost[i][j] = j == c->n_columns + i ? 0 : COST_NEVER;
	for (size_t k = 0; k < n; k++) {
		const struct assign_pair *p = &pairs[order[k]];
		c->cost[side_index(c->rows, &c->n_rows, p->row)]
		       [side_index(c->columns, &c->n_columns, p->column)] = -p->gain;
	}
	return 0;
}

/* Rows one by one, each by the shortest augmenting path over reduced costs. Positions are 1-based,
 * 0 = none. */
static void cluster_solve(const struct cluster *c, uint32_t *ret_column)
{
	unsigned n = c->n_rows, m = c->n_columns + c->n_rows;
	double u[ASSIGN_SIDE_MAX + 1] = { 0 }, v[2 * ASSIGN_SIDE_MAX + 1] = { 0 };
	unsigned row_at[2 * ASSIGN_SIDE_MAX + 1] = { 0 }, way[2 * ASSIGN_SIDE_MAX + 1] = { 0 };

	for (unsigned i = 1; i <= n; i++) {
		double least[2 * ASSIGN_SIDE_MAX + 1];
		uint8_t used[2 * ASSIGN_SIDE_MAX + 1] = { 0 };
		unsigned j0 = 0;

		for (unsigned j = 0; j <= m; j++)
			least[j] = INFINITY;
		row_at[0] = i;
		do {
			unsigned i0 = row_at[j0], j1 = 0;
			double delta = INFINITY;

			used[j0] = 1;
			for (unsigned j = 1; j <= m; j++) {
				if (used[j])
					continue;
				double reduced = c->cost[i0 - 1][j - 1] - u[i0] - v[j];
				if (reduced < least[j]) {
					least[j] = reduced;
					way[j] = j0;
				}
				if (least[j] < delta) {
					delta = least[j];
					j1 = j;
				}
			}
			for (unsigned j = 0; j <= m; j++) {
				if (used[j]) {
					u[row_at[j]] += delta;
					v[j] -= delta;
				} else {
					least[j] -= delta;
				}
			}
			j0 = j1;
		} while (row_at[j0]);
		for (; j0; j0 = way[j0])
			row_at[j0] = row_at[way[j0]];
	}
	for (unsigned j = 1; j <= c->n_columns; j++)
		if (row_at[j])
			ret_column[c->rows[row_at[j] - 1]] = c->columns[j - 1];
}

/* Pairs by falling gain, each if both ends are free. Order is by (gain, row, column): one result.
 * O(n^2), n bounded by gates. */
static void cluster_greedy(const struct assign_pair *pairs, uint32_t *order, size_t n,
	uint32_t *column_taken, uint32_t *ret_column)
{
	/* Shell sort: no recursion, no allocation, total order. */
	for (size_t gap = n / 2; gap; gap /= 2)
		for (size_t i = gap; i < n; i++)
			for (size_t j = i; j >= gap; j -= gap) {
				const struct assign_pair *a = &pairs[order[j - gap]],
							 *b = &pairs[order[j]];
				if (a->gain > b->gain ||
					(a->gain == b->gain && order[j - gap] < order[j]))
					break;
				uint32_t t = order[j];
				order[j] = order[j - gap];
				order[j - gap] = t;
			}
	for (size_t k = 0; k < n; k++) {
		const struct assign_pair *p = &pairs[order[k]];
		if (ret_column[p->row] != ASSIGN_NONE || column_taken[p->column] == ASSIGN_NONE)
			continue;
		ret_column[p->row] = p->column;
		column_taken[p->column] = ASSIGN_NONE;
	}
}

/* Groups pairs by cluster: first[root] .. first[root + 1] index into order. A counting sort,
 * stable. */
static void group_pairs(const struct assign_pair *pairs, size_t n_pairs, uint32_t n_nodes,
	const struct assign_scratch *s)
{
	memset(s->first, 0, (n_nodes + 1) * sizeof(*s->first));
	for (size_t k = 0; k < n_pairs; k++)
		s->first[root_of(s->parent, pairs[k].row) + 1]++;
	for (uint32_t i = 0; i < n_nodes; i++)
		s->first[i + 1] += s->first[i];
	for (size_t k = 0; k < n_pairs; k++)
		s->order[s->first[root_of(s->parent, pairs[k].row)]++] = (uint32_t)k;
	/* Each start has moved to its group's end: shift back. */
	for (uint32_t i = n_nodes; i > 0; i--)
		s->first[i] = s->first[i - 1];
	s->first[0] = 0;
}

void assign_solve(const struct assign_pair *pairs, size_t n_pairs, uint32_t n_rows,
	uint32_t n_columns, const struct assign_scratch *s, uint32_t *ret_column,
	uint64_t *ret_bounded)
{
	static _Thread_local struct cluster cluster;
	uint32_t n_nodes = n_rows + n_columns;

	for (uint32_t i = 0; i < n_rows; i++)
		ret_column[i] = ASSIGN_NONE;
	for (uint32_t i = 0; i < n_nodes; i++)
		s->parent[i] = i;
	for (size_t k = 0; k < n_pairs; k++) {
		assert(pairs[k].row < n_rows && pairs[k].column < n_columns);
		join(s->parent, pairs[k].row, n_rows + pairs[k].column);
	}
	group_pairs(pairs, n_pairs, n_nodes, s);

	/* The smallest number in a cluster is a row: its root. */
	for (uint32_t r = 0; r < n_rows; r++) {
		uint32_t at = s->first[r], n = s->first[r + 1] - at;
		if (n == 0)
			continue;
		if (n == 1) {
			ret_column[pairs[s->order[at]].row] = pairs[s->order[at]].column;
		} else if (cluster_fill(&cluster, pairs, s->order + at, n) == 0) {
			cluster_solve(&cluster, ret_column);
		} else {
			(*ret_bounded)++;
			/* Clusters are disjoint: the parents of this one's columns are free to mark
			 * what is taken. */
			cluster_greedy(pairs, s->order + at, n, s->parent + n_rows, ret_column);
		}
	}
}
