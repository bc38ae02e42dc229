/*
 * section - border sections: who answers for which piece of water, from a GeoJSON file (RFC 7946).
 *
 * A FeatureCollection of Polygon and MultiPolygon features with the properties id, version, name, centre, kind
 * ("sea", "land", "air") and neighbours (the ids of the centres it is shared with). 2019/1896 Art 30: sections are
 * versioned. A geometry may not cross the antimeridian. Any mistake refuses the file, with the reason.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECTION_ID_MAX 48
#define SECTION_NAME_MAX 96
#define SECTION_CENTRE_MAX 16
#define SECTION_NEIGHBOURS_MAX 16
#define SECTION_COUNT_MAX 256
#define SECTION_POINTS_MAX 200000 /* of all sections together */
#define SECTION_FILE_MAX (16u << 20)
#define SECTION_ERROR_MAX 256

enum section_kind { SECTION_SEA, SECTION_LAND, SECTION_AIR, _SECTION_KIND_MAX };

/* Degrees. A ring is closed by going back to its first point. Even-odd: holes are rings like any other. */
struct section_ring {
	size_t n;
	double (*points)[2]; /* lon, lat */
};

struct section {
	char id[SECTION_ID_MAX];
	char name[SECTION_NAME_MAX];
	char centre[SECTION_CENTRE_MAX];
	uint32_t version;
	enum section_kind kind;
	unsigned n_neighbours;
	char neighbours[SECTION_NEIGHBOURS_MAX][SECTION_CENTRE_MAX];
	size_t n_rings;
	struct section_ring *rings;
	double west, south, east, north;
};

struct section_set {
	size_t n;
	struct section *sections;
	char *geojson; /* the file as read, for the picture */
	size_t geojson_size;
};

/** section_load() - Return: 0, -ENOENT, or -EINVAL with "FILE: feature N: reason" in @ret_error. */
int section_load(const char *path, struct section_set **ret_set, char ret_error[SECTION_ERROR_MAX]);
int section_parse(const char *name, const char *data, size_t size, struct section_set **ret_set,
	char ret_error[SECTION_ERROR_MAX]);
void section_free(struct section_set *set);

const struct section *section_find(const struct section_set *set, const char *id);
bool section_borders(const struct section *s, const char *centre);
bool section_holds(const struct section *s, double lat_rad, double lon_rad);

/**
 * section_distance() - how far outside
 *
 * Plane approximation at the point's latitude on a sphere of 6371 km: within 0.6 % below 50 km, which is what a
 * buffer of some hundred metres needs. Return: metres, 0 inside.
 */
double section_distance(const struct section *s, double lat_rad, double lon_rad);
