#include "fusion/marginal.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define PSI_MAX 1e20     /* sixteen of them in a product stay finite */
#define ROWS_MAX 16      /* an enumeration's depth */
#define SHARED_MAX 64    /* plots of an enumeration that more than one track may take: bits */
#define CHOICES_MAX 256  /* its edges to such plots */
#define SETTLED 1e-12    /* relative change of a message that is none */
#define CERTAIN_MIN 1e-9 /* as in existence.c: a certainty could never be unlearned */

static bool live(const struct marginal_edge *e)
{
	return e->psi > 0;
}

static double bounded(double psi)
{
	return psi < PSI_MAX ? psi : PSI_MAX;
}

/* --- clusters --- */

static uint32_t root_of(struct marginal_node *nodes, uint32_t i)
{
	while (nodes[i].parent != i)
		i = nodes[i].parent = nodes[nodes[i].parent].parent;
	return i;
}

/* The smaller number becomes the root: clusters come in the order of their first rows. */
static void join(struct marginal_node *nodes, uint32_t a, uint32_t b)
{
	a = root_of(nodes, a);
	b = root_of(nodes, b);
	if (a < b)
		nodes[b].parent = a;
	else
		nodes[a].parent = b;
}

static void reset(const struct marginal_batch *b, struct marginal_node *nodes,
	const struct marginal_result *result)
{
	for (uint32_t i = 0; i < b->n_rows + b->n_columns; i++)
		nodes[i] = (struct marginal_node){ .parent = i };
	for (uint32_t i = 0; i < b->n_rows; i++)
		result->missed[i] = 1;
	for (uint32_t i = 0; i < b->n_columns; i++)
		result->unclaimed[i] = 1;
}

/* A cluster has one row when none of the row's columns has another row: the row is then not mixed.
 * The same with rows and columns changed over. All edges of any other cluster are mixed on both
 * ends. */
static void measure(const struct marginal_batch *b, struct marginal_node *rows)
{
	struct marginal_node *columns = rows + b->n_rows;

	for (size_t k = 0; k < b->n_edges; k++) {
		const struct marginal_edge *e = &b->edges[k];
		assert(e->row < b->n_rows && e->column < b->n_columns);
		if (!live(e))
			continue;
		double psi = bounded(e->psi);
		rows[e->row].sum += psi;
		rows[e->row].degree++;
		columns[e->column].sum += psi;
		columns[e->column].degree++;
	}
	for (size_t k = 0; k < b->n_edges; k++) {
		const struct marginal_edge *e = &b->edges[k];
		if (!live(e))
			continue;
		rows[e->row].mixed |= columns[e->column].degree > 1;
		columns[e->column].mixed |= rows[e->row].degree > 1;
	}
}

/* Closed forms; the other edges' ends are joined. Return: how many those are. */
static size_t settle(const struct marginal_batch *b, struct marginal_node *rows,
	const struct marginal_result *result)
{
	struct marginal_node *columns = rows + b->n_rows;
	size_t n_mixed = 0;

	for (size_t k = 0; k < b->n_edges; k++) {
		const struct marginal_edge *e = &b->edges[k];
		result->beta[k] = 0;
		if (!live(e))
			continue;
		const struct marginal_node *r = &rows[e->row], *c = &columns[e->column];
		if (r->mixed && c->mixed) {
			rows[e->row].open = true;
			join(rows, e->row, b->n_rows + e->column);
			n_mixed++;
			continue;
		}
		double psi = bounded(e->psi), sum = r->mixed ? c->sum : r->sum;
		double scale = 1 / (1 + sum), rest = (1 + (sum - psi)) * scale;
		result->beta[k] = psi * scale;
		result->missed[e->row] = r->mixed ? rest : scale;
		result->unclaimed[e->column] = r->mixed ? scale : rest;
	}
	return n_mixed;
}

/* Cells by cluster, in a cluster by row, in a row as the edges came. */
static void group(
	const struct marginal_batch *b, struct marginal_node *rows, struct marginal_cell *cells)
{
	uint32_t total = 0;

	for (uint32_t r = 0; r < b->n_rows; r++)
		if (rows[r].open)
			rows[root_of(rows, r)].first += rows[r].degree;
	for (uint32_t r = 0; r < b->n_rows; r++) {
		if (!rows[r].open)
			continue;
		uint32_t root_at = root_of(rows, r);
		struct marginal_node *root = &rows[root_at];
		if (root_at == r) {
			/* The first row of its cluster: the size becomes the place. */
			uint32_t size = root->first;
			root->first = total;
			total += size;
		}
		rows[r].at = root->first;
		root->first += rows[r].degree;
	}
	for (size_t k = 0; k < b->n_edges; k++) {
		const struct marginal_edge *e = &b->edges[k];
		if (!live(e) || !rows[e->row].open)
			continue;
		cells[rows[e->row].at++] = (struct marginal_cell){ .psi = bounded(e->psi),
			.row = e->row,
			.column = e->column,
			.edge = (uint32_t)k };
	}
}

/* --- enumeration --- */

/*
 * Tracks to be decided one after the other. Plots that only one track gates compete with nothing
 * but each other, so they are one choice with "none": its weight is 1 + the sum of their psi.
 */
struct joint {
	unsigned n_rows;
	unsigned first[ROWS_MAX + 1]; /* a row's choices among those below */
	double alone[ROWS_MAX], alone_mass[ROWS_MAX];
	double psi[CHOICES_MAX], mass[CHOICES_MAX];
	uint64_t column[CHOICES_MAX]; /* one bit */
};

/* Weight of all events of rows @row.., when the plots of @taken are gone; @before: weight of what
 * was chosen. At most ROWS_MAX deep. */
static double descend(struct joint *j, unsigned row, uint64_t taken, double before)
{
	if (row == j->n_rows)
		return 1;

	double after = j->alone[row] * descend(j, row + 1, taken, before * j->alone[row]);
	double sum = after;

	j->alone_mass[row] += before * after;
	for (unsigned k = j->first[row]; k < j->first[row + 1]; k++) {
		if (taken & j->column[k])
			continue;
		after = j->psi[k] * descend(j, row + 1, taken | j->column[k], before * j->psi[k]);
		j->mass[k] += before * after;
		sum += after;
	}
	return sum;
}

/* A run of cells: those of one cluster. */
struct run {
	struct marginal_node *columns;
	struct marginal_cell *cells;
	uint32_t n;
};

static uint32_t row_end(const struct run *c, uint32_t k)
{
	uint32_t row = c->cells[k].row;

	while (k < c->n && c->cells[k].row == row)
		k++;
	return k;
}

/* Return: false when a bound is passed. */
static bool joint_fill(struct joint *j, const struct run *c, uint32_t exact_max)
{
	unsigned n_choices = 0, n_shared = 0;
	double events = 1;

	j->n_rows = 0;
	for (uint32_t k = 0, end; k < c->n; k = end) {
		if (j->n_rows == ROWS_MAX)
			return false;
		double alone = 1, scale;
		unsigned first = n_choices;
		end = row_end(c, k);
		for (uint32_t i = k; i < end; i++) {
			struct marginal_node *column = &c->columns[c->cells[i].column];
			if (column->degree == 1) {
				alone += c->cells[i].psi;
				continue;
			}
			if (!column->at)
				column->at = ++n_shared;
			if (n_choices == CHOICES_MAX || n_shared > SHARED_MAX)
				return false;
			j->psi[n_choices] = c->cells[i].psi;
			j->column[n_choices++] = UINT64_C(1) << (column->at - 1);
		}
		events *= 1 + n_choices - first;
		if (events > exact_max)
			return false;
		/* Every row's weights sum to 1: products neither overflow nor vanish. */
		scale = alone;
		for (unsigned i = first; i < n_choices; i++)
			scale += j->psi[i];
		for (unsigned i = first; i < n_choices; i++)
			j->psi[i] /= scale;
		j->first[j->n_rows] = first;
		j->alone[j->n_rows++] = alone / scale;
	}
	j->first[j->n_rows] = n_choices;
	return true;
}

static void joint_read(const struct joint *j, const struct run *c, double total,
	const struct marginal_result *result)
{
	unsigned row = 0, choice = 0;

	for (uint32_t k = 0, end; k < c->n; k = end, row++) {
		double scale = 1;
		end = row_end(c, k);
		for (uint32_t i = k; i < end; i++)
			if (c->columns[c->cells[i].column].degree == 1)
				scale += c->cells[i].psi;
		double missed = j->alone_mass[row] / total / scale;
		result->missed[c->cells[k].row] = missed;
		for (uint32_t i = k; i < end; i++) {
			const struct marginal_cell *cell = &c->cells[i];
			double *unclaimed = &result->unclaimed[cell->column];
			double beta = c->columns[cell->column].degree == 1
					      ? missed * cell->psi
					      : j->mass[choice++] / total;
			result->beta[cell->edge] = beta;
			*unclaimed = *unclaimed > beta ? *unclaimed - beta : 0;
		}
	}
}

static bool enumerate(const struct run *c, uint32_t exact_max, const struct marginal_result *result)
{
	struct joint j;

	if (!joint_fill(&j, c, exact_max))
		return false;
	memset(j.alone_mass, 0, j.n_rows * sizeof(j.alone_mass[0]));
	memset(j.mass, 0, j.first[j.n_rows] * sizeof(j.mass[0]));
	joint_read(&j, c, descend(&j, 0, 0, 1), result);
	return true;
}

/* --- messages --- */

/* "All but this one" is summed from both sides: to subtract this one from the sum would lose small
 * numbers beside a large one. */
static void tell_columns(const struct run *c)
{
	for (uint32_t k = 0, end; k < c->n; k = end) {
		double sum = 1;
		end = row_end(c, k);
		for (uint32_t i = k; i < end; i++) {
			c->cells[i].before = sum;
			sum += c->cells[i].psi * c->cells[i].nu;
		}
		sum = 0;
		for (uint32_t i = end; i-- > k;) {
			struct marginal_cell *cell = &c->cells[i];
			cell->mu = cell->psi / (cell->before + sum);
			sum += cell->psi * cell->nu;
		}
	}
}

/* The cells of a column lie apart, but in the order of rows both ways. Return: whether a message
 * changed. */
static bool tell_rows(const struct run *c)
{
	bool changed = false;

	for (uint32_t k = 0; k < c->n; k++)
		c->columns[c->cells[k].column].sum = 0;
	for (uint32_t k = 0; k < c->n; k++) {
		double *sum = &c->columns[c->cells[k].column].sum;
		c->cells[k].before = *sum;
		*sum += c->cells[k].mu;
	}
	for (uint32_t k = 0; k < c->n; k++)
		c->columns[c->cells[k].column].sum = 0;
	for (uint32_t k = c->n; k-- > 0;) {
		struct marginal_cell *cell = &c->cells[k];
		double *sum = &c->columns[cell->column].sum;
		double nu = 1 / (1 + cell->before + *sum);
		*sum += cell->mu;
		changed |= fabs(nu - cell->nu) > SETTLED * nu;
		cell->nu = nu;
	}
	return changed;
}

/* Return: whether the messages came to rest. */
static bool pass_messages(const struct run *c, const struct marginal_result *result)
{
	bool changed = true;

	for (uint32_t k = 0; k < c->n; k++)
		c->cells[k].nu = 1;
	for (unsigned round = 0; changed && round < MARGINAL_ROUNDS; round++) {
		tell_columns(c);
		changed = tell_rows(c);
	}
	for (uint32_t k = 0, end; k < c->n; k = end) {
		double sum = 1;
		end = row_end(c, k);
		for (uint32_t i = k; i < end; i++)
			sum += c->cells[i].psi * c->cells[i].nu;
		result->missed[c->cells[k].row] = 1 / sum;
		for (uint32_t i = k; i < end; i++) {
			const struct marginal_cell *cell = &c->cells[i];
			result->beta[cell->edge] = cell->psi * cell->nu / sum;
			result->unclaimed[cell->column] = 1 / (1 + c->columns[cell->column].sum);
		}
	}
	return !changed;
}

void marginal_solve(const struct marginal_batch *batch, uint32_t exact_max,
	const struct marginal_scratch *scratch, const struct marginal_result *result,
	struct marginal_count *count)
{
	struct marginal_node *rows = scratch->nodes;

	reset(batch, rows, result);
	measure(batch, rows);
	size_t n = settle(batch, rows, result);
	if (!n)
		return;
	group(batch, rows, scratch->cells);
	for (size_t at = 0, end; at < n; at = end) {
		/* A cluster's first row is its root, whose place has moved on to the end. */
		end = rows[scratch->cells[at].row].first;
		struct run run = { rows + batch->n_rows, scratch->cells + at,
			(uint32_t)(end - at) };
		if (enumerate(&run, exact_max, result)) {
			count->exact++;
			continue;
		}
		count->looped++;
		count->unsettled += !pass_messages(&run, result);
	}
}

/* --- existence --- */

static double doubtful(double p)
{
	if (!(p > CERTAIN_MIN))
		return CERTAIN_MIN;
	return p < 1 - CERTAIN_MIN ? p : 1 - CERTAIN_MIN;
}

double marginal_exist(double pd, double missed, double *existence, double *visibility)
{
	double r = doubtful(*existence), v = doubtful(*visibility);
	/* Of what "nothing" means: there and seen but for @pd, there and hidden, not there. */
	double scale = missed / (1 - r * v * pd);
	double overlooked = scale * r * v * (1 - pd), hidden = scale * r * (1 - v);
	double hit = 1 - missed, exists = hit + overlooked + hidden;

	*existence = doubtful(exists);
	*visibility = doubtful((hit + overlooked) / exists);
	return (overlooked + hidden) / exists;
}
