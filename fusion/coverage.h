/*
 * coverage - how often does this radar see what is there, here? A coarse map learned from tracks
 * that are sure to exist: looks at them, and hits among the looks.
 *
 * A headland, a mast, the horizon: what hides vessels from a radar lies along its rays, so the
 * cells are polar: sectors of azimuth by rings of range, narrow near and wide far. (The clutter map
 * is not: a density wants cells of one area, a ratio does not care.) A cell's ratio is drawn
 * towards the configured probability of detection, the more so the fewer its looks and the better
 * the two agree: a dozen misses in a row are a shadow, one in ten is chance. It forgets over a
 * quarter of an hour, and over its last few hundred looks.
 *
 * Metres in the plane of frame.h; probabilities 0..1. State without pointers, 2 KB a radar. No I/O,
 * no clock, no allocation.
 */
#pragma once

#include <stdbool.h>
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
 * coverage_hit(), coverage_miss() - the radar has looked at a track and seen it, or not
 * @x_m, @y_m:   where the track was; beyond the reach, or NaN: not counted
 * @weight:      probability that what it saw was the track, 0..1; the rest of the look is a miss
 * @proven:      some sensor has seen the track since this radar's look before this one
 * @unproven:    of this radar and track, 0 at first: misses in a row that nothing has proven yet
 *
 * A vessel that is gone is missed for ever, and that says nothing about the radar: a miss counts
 * once the track was seen after it, by this radar or another. For tracks whose existence was above
 * COVERAGE_SURE before the look, whatever its outcome: if the outcome had a say, the misses that
 * make a track doubtful would not count. Not while the radar itself is out.
 */
void coverage_hit(struct coverage *c, double x_m, double y_m, double weight, uint8_t *unproven);
void coverage_miss(struct coverage *c, double x_m, double y_m, bool proven, uint8_t *unproven);
#define COVERAGE_SURE 0.99

/** coverage_pd() - probability of detection there, COVERAGE_MIN..COVERAGE_MAX; the prior where the
 * place is none. Beyond the reach: as in the last ring. */
double coverage_pd(const struct coverage *c, double x_m, double y_m);
#define COVERAGE_MIN 0.02
#define COVERAGE_MAX 0.98
