/*
 * coverage - how often does this radar see what is there, here? A coarse map learned from tracks
 * that are sure to exist: looks at them, and hits among the looks.
 *
 * A headland, a mast, the horizon: what hides vessels from a radar lies along its rays, so the
 * cells are polar: sectors of azimuth by rings of range, narrow near and wide far. (The clutter map
 * is not: a density wants cells of one area, a ratio does not care.) A cell tells its own ratio as
 * far as it has looks, the configured probability of detection as far as not, and forgets over a
 * quarter of an hour, and over its last few hundred looks.
 *
 * Metres in the plane of frame.h; probabilities 0..1. State without pointers, 2 KB a radar. No I/O,
 * no clock, no allocation.
 */
#pragma once

#include <stdint.h>

#define COVERAGE_SECTORS 64
#define COVERAGE_RINGS 8

/* Forgetting counts, in 1/COVERAGE_UNIT of a look. hits <= looks. */
#define COVERAGE_UNIT 64
struct coverage_cell {
	uint16_t looks, hits;
};

struct coverage {
	double x_m, y_m, range_m; /* the radar, and how far it reaches */
	double prior;             /* probability of detection where nothing is known */
	double unforgotten_s;     /* since the cells last forgot */
	struct coverage_cell cells[COVERAGE_SECTORS * COVERAGE_RINGS];
};

/** coverage_init() - nothing is known yet but @prior. */
void coverage_init(struct coverage *c, double x_m, double y_m, double range_m, double prior);

/** coverage_forget() - @h_s more seconds have passed; negative and NaN: none. */
void coverage_forget(struct coverage *c, double h_s);

/**
 * coverage_look() - the radar has looked at a track
 * @x_m, @y_m:  where the track was; beyond the reach: not counted
 * @hit:        probability that it saw it, 0..1: 1 for a plot that is surely the track's, 0 for a
 *              miss
 *
 * For tracks whose existence was above COVERAGE_SURE before the look, whatever its outcome: if the
 * outcome had a say, misses that make a track doubtful would not count, and a ghost's would. Not
 * while the radar itself is out.
 */
void coverage_look(struct coverage *c, double x_m, double y_m, double hit);
#define COVERAGE_SURE 0.99

/** coverage_pd() - probability of detection there, COVERAGE_MIN..COVERAGE_MAX; the prior where the
 * place is none. Beyond the reach: as in the last ring. */
double coverage_pd(const struct coverage *c, double x_m, double y_m);
#define COVERAGE_MIN 0.02
#define COVERAGE_MAX 0.98
