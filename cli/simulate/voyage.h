/*
 * voyage - where a vessel is at any time: its route laid as straights and arcs, sailed at constant speed.
 *
 * A pure function of time, so every sensor may ask in any order. Speed falls to nothing at a stop and rises
 * again after it. Corners are rounded with the vessel's turning radius (less where legs are short).
 * Frame: the plane's east and north; the plane is borrowed.
 */
#pragma once

#include "cli/simulate/scene.h"
#include "common/geo.h"

#define VOYAGE_SEGMENTS_MAX (2 * SCENE_ROUTE_MAX)
#define VOYAGE_LEGS_MAX (SCENE_ROUTE_MAX + 1)

struct voyage_segment {
	double from_m, length_m;       /* along the route */
	double east_m, north_m;	       /* where it begins */
	double azimuth_rad;	       /* where it begins */
	double curvature;	       /* 1/m, positive to starboard; 0 = straight */
};

/* Between two stops. */
struct voyage_leg {
	double from_m, length_m, speed_mps; /* speed: the greatest reached */
	bool rises, falls;		    /* begins, ends at rest */
	int64_t sail_ns, rest_ns;	    /* rest: after it */
};

struct voyage {
	const struct scene_vessel *vessel;
	const struct geo_plane *plane;
	unsigned n_segments, n_legs;
	struct voyage_segment segments[VOYAGE_SEGMENTS_MAX];
	struct voyage_leg legs[VOYAGE_LEGS_MAX];
	int64_t round_ns;  /* once along the route with its stops */
	int64_t offset_ns; /* how far along at the scene's start */
};

/* At one time. Velocity and angles against true north at the vessel. */
struct voyage_state {
	double lat_rad, lon_rad;
	double east_mps, north_mps, sog_mps, course_rad, turn_rad_s;
};

/** voyage_init() - Return: 0, or -EDOM when the route cannot be sailed. */
int voyage_init(struct voyage *v, const struct scene_vessel *vessel, const struct geo_plane *plane);

/** voyage_at() - @since_ns after the scene's start. Return: true when the vessel is in the scene then. */
bool voyage_at(const struct voyage *v, int64_t since_ns, struct voyage_state *ret_state);
