#include "common/geo.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <proj.h>
#include <geodesic.h>
#include <stdio.h>
#include <stdlib.h>

#define WGS84_A 6378137.0	      /* semi-major axis, m; NIMA TR8350.2 */
#define WGS84_F (1 / 298.257223563) /* flattening */

static const struct geod_geodesic *wgs84(void)
{
	static struct geod_geodesic g;
	static int ready;
	if (!ready) {
		geod_init(&g, WGS84_A, WGS84_F);
		ready = 1;
	}
	return &g;
}

void geo_direct(const struct geo_point *from, double azimuth_rad, double distance_m, struct geo_point *ret_to)
{
	double lat_deg, lon_deg;
	geod_direct(wgs84(), from->lat_rad / GEO_DEG, from->lon_rad / GEO_DEG, azimuth_rad / GEO_DEG, distance_m,
		&lat_deg, &lon_deg, NULL);
	*ret_to = (struct geo_point){ lat_deg * GEO_DEG, lon_deg * GEO_DEG, 0 };
}

void geo_inverse(const struct geo_point *from, const struct geo_point *to, double *ret_distance_m,
	double *ret_azimuth_rad)
{
	double distance_m, azimuth_deg;
	geod_inverse(wgs84(), from->lat_rad / GEO_DEG, from->lon_rad / GEO_DEG, to->lat_rad / GEO_DEG,
		to->lon_rad / GEO_DEG, &distance_m, &azimuth_deg, NULL);
	if (ret_distance_m)
		*ret_distance_m = distance_m;
	if (ret_azimuth_rad)
		*ret_azimuth_rad = geo_wrap_2pi(azimuth_deg * GEO_DEG);
}

/*
 * On a sphere of the ellipsoid's radius of curvature in the azimuth (Euler), the triangle
 * (centre, sensor, target) has sides R + h, R + alt and the slant range; the angle at the centre gives the arc.
 * Against the ellipsoid the error of that arc is below 0.1 m at 100 km.
 */
int geo_slant(const struct geo_point *site, double range_m, double azimuth_rad, double alt_m,
	struct geo_point *ret_p)
{
	double alt = isnan(alt_m) ? 0 : alt_m;
	double dh = alt - site->height_m;
	if (!(range_m >= 0) || range_m < fabs(dh))
		return -EDOM;

	double e2 = WGS84_F * (2 - WGS84_F), s = sin(site->lat_rad);
	double w2 = 1 - e2 * s * s, n = WGS84_A / sqrt(w2), m = n * (1 - e2) / w2;
	double ca = cos(azimuth_rad), sa = sin(azimuth_rad);
	double r = 1 / (ca * ca / m + sa * sa / n);
	/* Half-angle form: 4 (R+h)(R+alt) sin^2(a/2) = range^2 - dh^2; exact and stable at short range. */
	double half = sqrt((range_m * range_m - dh * dh) / (4 * (r + site->height_m) * (r + alt)));
	if (half >= 1)
		return -EDOM;
	geo_direct(site, azimuth_rad, 2 * r * asin(half), ret_p);
	ret_p->height_m = alt;
	return 0;
}

struct geo_plane {
	PJ_CONTEXT *context;
	PJ *pipeline;
};

int geo_plane_new(const struct geo_point *origin, struct geo_plane **ret_plane)
{
	char text[256];
	assert(origin);
	assert(ret_plane);

	struct geo_plane *plane = calloc(1, sizeof(*plane));
	if (!plane)
		return -ENOMEM;
	snprintf(text, sizeof(text),
		"+proj=pipeline +step +proj=cart +ellps=WGS84 "
		"+step +proj=topocentric +ellps=WGS84 +lon_0=%.12f +lat_0=%.12f +h_0=%.4f",
		origin->lon_rad / GEO_DEG, origin->lat_rad / GEO_DEG, origin->height_m);
	plane->context = proj_context_create();
	if (plane->context) {
		/* Our pipeline needs no database and never the network. */
		proj_log_level(plane->context, PJ_LOG_NONE);
		plane->pipeline = proj_create(plane->context, text);
	}
	if (!plane->pipeline) {
		geo_plane_free(plane);
		return -EINVAL;
	}
	*ret_plane = plane;
	return 0;
}

void geo_plane_free(struct geo_plane *plane)
{
	if (!plane)
		return;
	if (plane->pipeline)
		proj_destroy(plane->pipeline);
	if (plane->context)
		proj_context_destroy(plane->context);
	free(plane);
}

void geo_plane_forward(const struct geo_plane *plane, const struct geo_point *p, double *ret_east_m,
	double *ret_north_m, double *ret_up_m)
{
	PJ_COORD c = proj_trans(plane->pipeline, PJ_FWD, proj_coord(p->lon_rad, p->lat_rad, p->height_m, 0));
	*ret_east_m = c.enu.e;
	*ret_north_m = c.enu.n;
	if (ret_up_m)
		*ret_up_m = c.enu.u;
}

void geo_plane_inverse(const struct geo_plane *plane, double east_m, double north_m, double up_m,
	struct geo_point *ret_p)
{
	PJ_COORD c = proj_trans(plane->pipeline, PJ_INV, proj_coord(east_m, north_m, up_m, 0));
	*ret_p = (struct geo_point){ c.lpz.phi, c.lpz.lam, c.lpz.z };
}

int32_t geo_e7(double rad)
{
	return (int32_t)lround(rad / GEO_DEG * 1e7);
}

double geo_from_e7(int32_t e7)
{
	return e7 * 1e-7 * GEO_DEG;
}

double geo_wrap_pi(double rad)
{
	double r = remainder(rad, 2 * M_PI); /* [-pi, pi] */
	return r <= -M_PI ? r + 2 * M_PI : r;
}

double geo_wrap_2pi(double rad)
{
	double r = fmod(rad, 2 * M_PI);
	if (r < 0)
		r += 2 * M_PI;
	return r < 2 * M_PI ? r : 0; /* -1e-17 + 2 pi rounds up to 2 pi */
}
