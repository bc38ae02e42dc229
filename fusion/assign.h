/*
 * assign - which plot goes to which track, when several want the same: clusters, then the best
 * whole assignment.
 *
 * Tracks and plots that gate each other form clusters (union-find). In each, the set of pairs of
 * greatest total gain is taken, each track and plot at most once, pairs without gain left open:
 * global nearest neighbour, by the shortest augmenting path method of Jonker & Volgenant, Computing
 * 38 (1987). No I/O, no clock, no allocation.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define ASSIGN_NONE UINT32_MAX

/* A side of a cluster solved exactly; above that, pairs are taken greedily by gain and the cluster
 * counts as bounded. */
#define ASSIGN_SIDE_MAX 48

/* Track @row may have plot @column, worth @gain > 0 (a log likelihood ratio). Rows, columns: 0.. as
 * the caller numbers. */
struct assign_pair {
	uint32_t row, column;
	double gain;
};

/* Caller's memory for the work: @parent n_rows + n_columns, @order n_pairs, @first n_rows +
 * n_columns + 1. */
struct assign_scratch {
	uint32_t *parent, *order, *first;
};

/**
 * assign_solve() - the best assignment
 * @pairs:        borrowed; at most one per (row, column)
 * @ret_column:   [n_rows] the column each row got, or ASSIGN_NONE
 * @ret_bounded:  counts up by the clusters that were too large to solve exactly
 */
void assign_solve(const struct assign_pair *pairs, size_t n_pairs, uint32_t n_rows,
	uint32_t n_columns, const struct assign_scratch *scratch, uint32_t *ret_column,
	uint64_t *ret_bounded);
