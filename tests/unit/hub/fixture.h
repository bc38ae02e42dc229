/* fixture - tracks and files for the hub's tests. */
#pragma once

#include "common/geo.h"
#include "common/track.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIXTURE_NS INT64_C(1795500000000000000) /* 2026-11-24 */

/* A confirmed cargo ship of xa, named, seen by radar, AIS and camera. */
static inline struct track fixture_track(uint32_t birth, uint64_t version, double lat_deg, double lon_deg)
{
	struct track t = {
		.id = { .origin = "xa", .epoch = 1, .birth = birth },
		.version = version,
		.time_ns = FIXTURE_NS,
		.recv_ns = FIXTURE_NS,
		.lat_rad = lat_deg * GEO_DEG,
		.lon_rad = lon_deg * GEO_DEG,
		.ve_mps = 3,
		.vn_mps = 4,
		.cov = { 100, 0, 0, 0, 25, 0, 0, 0.25, 0, 0.25 },
		.alt_m = NAN,
		.state = TRACK_CONFIRMED,
		.class = TRACK_CLASS_CARGO,
		.existence = 0.99,
		.n_ids = 2,
		.ids = { { PLOT_ID_MMSI, 211000000 + birth, 0.9 }, { PLOT_ID_ICAO24, 0xabcdef, 0.1 } },
		.identity = { .name = "FEHMARN", .callsign = "DABC", .imo = 9074729, .ship_type = 70, .nav_status = 0, .length_m = 180 },
		.n_sources = 3,
		.sources = { { "radar1", PLOT_SENSOR_RADAR, FIXTURE_NS - 1000000000, 9 },
			{ "ais1", PLOT_SENSOR_AIS, FIXTURE_NS - 2000000000, 5 },
			{ "camera1", PLOT_SENSOR_CAMERA, FIXTURE_NS - 3000000000, 2 } },
		.parent = 5,
	};
	return t;
}

static inline char *fixture_dir(void)
{
	char *dir = strdup("/tmp/vedette-hub-XXXXXX");
	return dir ? mkdtemp(dir) : NULL;
}

static inline void fixture_remove(char *dir)
{
	char cmd[128];
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		fprintf(stderr, "%s stays\n", dir);
	free(dir);
}
