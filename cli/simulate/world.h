/*
 * world - the scene in time: every vessel's voyage and the true positions of things.
 *
 * Times are UTC ns; the world begins at start_ns.
 */
#pragma once

#include "cli/simulate/voyage.h"

struct world {
	const struct scene *scene; /* borrowed */
	struct geo_plane *plane;
	struct voyage *voyages; /* one a vessel */
	int64_t start_ns;
	uint64_t seed;
};

/** world_init() - Return: 0; -ENOMEM; -EDOM with @ret_bad the vessel whose route cannot be sailed. */
int world_init(struct world *w, const struct scene *scene, int64_t start_ns, uint64_t seed, const char **ret_bad);
void world_done(struct world *w);

/** world_vessel() - Return: true when vessel @i is in the scene at @now_ns. */
bool world_vessel(const struct world *w, unsigned i, int64_t now_ns, struct voyage_state *ret_state);

/* A thing on the sea as seen from a mast. */
struct world_sight {
	double slant_m, ground_m, azimuth_rad;
};

/** world_look() - @plane is a tangent plane at the sensor's own height; the sea is the ellipsoid. */
void world_look(const struct geo_plane *plane, double lat_rad, double lon_rad, struct world_sight *ret_sight);

/** world_horizon_m() - how far a sensor at @height_m sees something that rises @other_m above the sea, k = 4/3. */
double world_horizon_m(double height_m, double other_m);

/** world_in_radar() - would this radar see the vessel, chance aside? */
bool world_in_radar(const struct scene_radar *r, const struct geo_plane *plane, const struct scene_vessel *v,
	const struct voyage_state *s, struct world_sight *ret_sight);
