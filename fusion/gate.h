/*
 * gate - does this plot belong to that track? The ellipse test, and the grid that finds whom to
 * ask.
 *
 * Pure functions on the local plane: no I/O, no clock, no allocation after gate_grid_init.
 * Source: Bar-Shalom, Willett & Tian, "Tracking and Data Fusion" (2011), 3.4.
 */
#pragma once

#include "fusion/filter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GATE_D2 16.0    /* 4 sigma */
#define GATE_PG 0.99966 /* probability inside it, two dimensions: 1 - exp(-8) */

/**
 * gate_distance2() - squared Mahalanobis distance of an innovation
 * @east_m:   plot minus prediction, along east (m; or m/s for velocities)
 * @north_m:  the same along north
 * @s:        innovation covariance, borrowed
 * @ret_d2:   unitless, >= 0; untouched on error
 *
 * Return: 0, or -EDOM when @s is not positive definite.
 */
int gate_distance2(double east_m, double north_m, const struct filter_cov2 *s, double *ret_d2);

/*
 * Tracks by place. A track lies in the finest level whose cell is four times the half extent of its own uncertainty, so a
 * wide track widens no search but its level's. Cells are so wide that a usual plot's search takes four of them. Links live in
 * caller-numbered slots.
 */
#define GATE_LEVELS 4
#define GATE_NONE UINT32_MAX

struct gate_link {
	uint32_t next, prev;      /* slots; GATE_NONE at the ends */
	float x_m, y_m, extent_m; /* where it was filed */
	int16_t cx, cy;           /* cell */
	uint8_t level, filed;
};

struct gate_grid {
	uint32_t *heads;         /* one chain a bucket */
	uint32_t n_buckets;      /* a power of two */
	struct gate_link *links; /* one a slot */
	uint32_t level_count[GATE_LEVELS];
};

/** gate_grid_init() - over caller's memory; all slots unfiled. */
void gate_grid_init(struct gate_grid *g, uint32_t *heads, uint32_t n_buckets,
	struct gate_link *links, uint32_t n_slots);

/** gate_grid_file() - puts a slot where its track is, or moves it. @extent_m: half extent of its
 * own 4 sigma; beyond gate_grid_reach() the track is so lost that it is looked for no farther. */
void gate_grid_file(struct gate_grid *g, uint32_t slot, double x_m, double y_m, double extent_m);

/** gate_grid_unfile() - takes a slot out; nothing when it is not in. */
void gate_grid_unfile(struct gate_grid *g, uint32_t slot);

/** gate_grid_reach() - no track is found from farther than this, the plot's own reach not counted (m), whatever is filed meanwhile. */
double gate_grid_reach(void);

/**
 * gate_grid_find() - the slots whose tracks may reach a point
 * @reach_x_m, @reach_y_m: half extent of the plot's own 4 sigma, east and north, plus how far a track may have moved
 * since it was filed
 *
 * Every slot filed within its extent + reach of the point, east and north alike, is among them, in order of
 * level, cell and filing. Changes nothing: may be called from several threads. Return: how many; at most @max, then
 * *ret_overflow counts up.
 */
size_t gate_grid_find(const struct gate_grid *g, double x_m, double y_m, double reach_x_m, double reach_y_m,
	uint32_t *ret_slots, size_t max, uint64_t *ret_overflow);
