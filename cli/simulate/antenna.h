/*
 * antenna - a turning radar: plots as the beam passes, a datagram each sector, a mark each north.
 *
 * Every 11.25 degrees it sends what the beam met since the last time: a CAT034 sector message and the sector's CAT048
 * plots, each with its own time; at north the CAT034 north marker goes first. Noise is as the scene states it.
 */
#pragma once

#include "cli/simulate/dice.h"
#include "cli/simulate/emitter.h"
#include "cli/simulate/world.h"

#define ANTENNA_SECTORS 32

struct antenna {
	const struct world *world;	 /* borrowed */
	const struct scene_radar *radar; /* borrowed */
	struct emitter *emitter;	 /* borrowed */
	struct geo_plane *plane;	 /* at the antenna */
	struct dice dice;
	uint64_t step; /* sectors since the start */
	int64_t *seen; /* per vessel: when the beam last passed it */
	unsigned clutter_left[ANTENNA_SECTORS]; /* of this turn */
	unsigned plots, plots_last_turn;
	uint64_t plots_total;
};

int antenna_init(struct antenna *a, const struct world *world, const struct scene_radar *radar, struct emitter *emitter);
void antenna_done(struct antenna *a);

/** antenna_next_ns() - when the sector that is being swept ends. */
int64_t antenna_next_ns(const struct antenna *a);
/** antenna_step() - sends that sector. */
void antenna_step(struct antenna *a);
