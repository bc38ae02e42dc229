/*
 * dice - chance that repeats: the same seed and name throw the same dice.
 *
 * xoshiro256** (Blackman & Vigna, 2018), seeded by splitmix64. Not for secrets.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t s[4];
};

/** dice_init() - every thing that throws has its own dice, so that one more vessel changes no other's fate. */
void dice_init(struct dice *d, uint64_t seed, const char *name);
uint64_t dice_u64(struct dice *d);
double dice_uniform(struct dice *d); /* [0, 1) */
double dice_normal(struct dice *d);  /* mean 0, variance 1 */
bool dice_chance(struct dice *d, double p);
unsigned dice_poisson(struct dice *d, double mean); /* mean < 1000 */
