/*
 * marginal - how probable is it that this plot came from that track, with all other tracks and
 * plots of the neighbourhood competing?
 *
 * Input is one number an edge (track t = row, plot i = column that gate each other): psi_ti, the
 * weight of "t gave i" over "t gave nothing". A joint event gives each plot to at most one track
 * and each track at most one plot; its probability is proportional to the product of the psi it
 * uses. Output are the marginals: beta_ti an edge, beta_t0 a track, kappa_i a plot (it belongs to
 * no track). Unitless, 0..1; beta_t0 + sum_i beta_ti = 1, kappa_i + sum_t beta_ti = 1.
 *
 * Edges that share a track or a plot form clusters, solved apart:
 *   one track or one plot    closed form, exact; nearly all clusters at sea, a few ns an edge
 *   few joint events         every one enumerated, exact
 *   more                     sum-product messages, at most MARGINAL_ROUNDS rounds: exact on trees,
 *                            else near (test-marginal has the errors)
 * Work is linear in edges, but for the enumeration, which its limit bounds. No I/O, no clock, no
 * allocation; the same input gives the same bits.
 *
 * Sources: Bar-Shalom & Li, "Multitarget-Multisensor Tracking" (1995) (joint events); Musicki &
 * Evans, "Joint Integrated Probabilistic Data Association" (2004) (existence); Williams & Lau,
 * "Approximate evaluation of marginal association probabilities with belief propagation", IEEE
 * TAES 50 (2014) (messages); Brekke, Hem & Tokle, "The VIMMJIPDA" (2019) (visibility).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MARGINAL_EXACT 2000 /* joint events up to which a cluster is enumerated */
#define MARGINAL_ROUNDS 30  /* of messages; 24 settle 99 % of random clusters (measured) */

/* Rows and columns: 0.. as the caller numbers. @psi of NaN, 0 or less counts as no edge; above 1e20
 * as 1e20. */
struct marginal_edge {
	uint32_t row, column;
	double psi;
};

/* Edges in any order, at most one per (row, column). Borrowed. */
struct marginal_batch {
	const struct marginal_edge *edges;
	size_t n_edges;
	uint32_t n_rows, n_columns;
};

/* Work of marginal_solve(): a row or a column, and an edge of a cluster without closed form. */
struct marginal_node {
	double sum;
	uint32_t degree, parent, first, at;
	bool mixed, open;
};

struct marginal_cell {
	double psi, nu, mu, before;
	uint32_t row, column, edge;
};

/* Caller's memory, contents of no meaning: @nodes n_rows + n_columns, @cells n_edges. */
struct marginal_scratch {
	struct marginal_node *nodes;
	struct marginal_cell *cells;
};

/* Results: @beta [n_edges] in the batch's order, @missed [n_rows] beta_t0, @unclaimed [n_columns]
 * kappa_i. */
struct marginal_result {
	double *beta, *missed, *unclaimed;
};

/* Clusters without closed form, by how they were solved. */
struct marginal_count {
	uint64_t exact, looped;
	uint64_t unsettled; /* of the looped: still moving after the last round */
};

/**
 * marginal_solve() - marginals of a whole batch
 * @exact_max:  MARGINAL_EXACT; less trades exactness for time, 0 enumerates nothing
 * @count:      counts up
 */
void marginal_solve(const struct marginal_batch *batch, uint32_t exact_max,
	const struct marginal_scratch *scratch, const struct marginal_result *result,
	struct marginal_count *count);

/**
 * marginal_exist() - existence and visibility of a track after a look, by its marginals
 * @pd:          probability of detection of a visible target, times that of being in the gate
 * @missed:      beta_t0, as solved from psi = r v p l / (others (1 - r v @pd)), with p the
 *               probability of detection alone and l the likelihood
 * @existence:   r, of the track before the look; updated
 * @visibility:  v, that the sensor can see it, given that it exists; updated
 *
 * Return: b_0, the probability that it was missed, given that it exists. Given existence, the plot
 * of an edge is its own with b_i = beta_i / updated existence.
 */
double marginal_exist(double pd, double missed, double *existence, double *visibility);
