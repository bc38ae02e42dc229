/*
 * geo - positions on the WGS 84 ellipsoid, over PROJ.
 *
 * Radians and metres; azimuth clockwise from true north, 0..2 pi. One context per process, single thread.
 */
#pragma once

#include <stdint.h>

#define GEO_DEG 0.017453292519943295 /* radians in a degree */
#define GEO_NM_M 1852.0		     /* metres in a nautical mile, exact */
#define GEO_KNOT_MPS (1852.0 / 3600.0)

struct geo_point {
	double lat_rad, lon_rad, height_m;
};

/** geo_direct() - the point @distance_m along the geodesic from @from at @azimuth_rad. Height 0. */
void geo_direct(const struct geo_point *from, double azimuth_rad, double distance_m, struct geo_point *ret_to);

/** geo_inverse() - geodesic distance and initial azimuth; either output may be NULL. */
void geo_inverse(const struct geo_point *from, const struct geo_point *to, double *ret_distance_m,
	double *ret_azimuth_rad);

/**
 * geo_slant() - surface position of a target seen at slant range from a sensor above the sea
 * @site:        the sensor; height_m above the ellipsoid
 * @range_m:     slant range
 * @azimuth_rad: clockwise from true north
 * @alt_m:       target's ellipsoidal height; NaN is taken as 0 (a surface target)
 *
 * Return: 0, or -EDOM when the slant range is shorter than the height difference.
 */
int geo_slant(const struct geo_point *site, double range_m, double azimuth_rad, double alt_m,
	struct geo_point *ret_p);

/* A local tangent plane: east, north, up in metres at an origin (PROJ cart + topocentric). */
struct geo_plane;
int geo_plane_new(const struct geo_point *origin, struct geo_plane **ret_plane);
void geo_plane_free(struct geo_plane *plane);
void geo_plane_forward(const struct geo_plane *plane, const struct geo_point *p, double *ret_east_m,
	double *ret_north_m, double *ret_up_m);
void geo_plane_inverse(const struct geo_plane *plane, double east_m, double north_m, double up_m,
	struct geo_point *ret_p);

/** geo_e7() - degrees x 1e7 as the wire carries them, rounded half away from zero. */
int32_t geo_e7(double rad);
double geo_from_e7(int32_t e7);

/** geo_wrap_pi() - into (-pi, pi]. */
double geo_wrap_pi(double rad);
/** geo_wrap_2pi() - into [0, 2 pi). */
double geo_wrap_2pi(double rad);
