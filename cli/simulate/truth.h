/*
 * truth - where every vessel really was, once a second, as CSV; each line is on file before the next is written.
 *
 * Columns: time_ns,id,name,class,mmsi,lat,lon,ve,vn,flags. Degrees, m/s; mmsi 0 = none. Flags: the feeds in whose coverage the
 * vessel is at that time, chance aside, joined by '+'; '-' for none.
 */
#pragma once

#include <stdio.h>

#include "cli/simulate/world.h"

struct truth {
	FILE *file;
	const struct world *world;		 /* borrowed */
	struct geo_plane *planes[SCENE_SENSORS_MAX]; /* one a radar */
	uint64_t step;
	uint64_t rows;
};

/** truth_open() - Return: 0 or -errno. */
int truth_open(struct truth *t, const char *path, const struct world *world);
/** truth_close() - Return: 0, or -EIO when the file could not be written whole. */
int truth_close(struct truth *t);
int64_t truth_next_ns(const struct truth *t);
void truth_step(struct truth *t);
