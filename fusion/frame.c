#include "fusion/frame.h"

#include "fusion/pinned.h"

#include <errno.h>
#include <math.h>

/* WGS 84, NIMA TR 8350.2, table 3.1: semi-major axis and flattening. */
#define WGS84_A 6378137.0
#define WGS84_F (1 / 298.257223563)
#define WGS84_E2 (WGS84_F * (2 - WGS84_F))

static void geocentric(
	double sin_lat, double cos_lat, double sin_lon, double cos_lon, double ret_xyz[static 3])
{
	double n = WGS84_A / sqrt(1 - WGS84_E2 * sin_lat * sin_lat);

	ret_xyz[0] = n * cos_lat * cos_lon;
	ret_xyz[1] = n * cos_lat * sin_lon;
	ret_xyz[2] = n * (1 - WGS84_E2) * sin_lat;
}

int frame_init(struct frame *f, double lat_rad, double lon_rad)
{
	if (!(fabs(lat_rad) <= M_PI_2) || !(fabs(lon_rad) <= 2 * M_PI))
		return -EDOM;

	double xyz[3];
	*f = (struct frame){ .lat_rad = lat_rad, .lon_rad = lon_rad };
	pinned_sincos(lat_rad, &f->sin_lat, &f->cos_lat);
	pinned_sincos(lon_rad, &f->sin_lon, &f->cos_lon);
	geocentric(f->sin_lat, f->cos_lat, f->sin_lon, f->cos_lon, xyz);
	f->x0_m = xyz[0];
	f->y0_m = xyz[1];
	f->z0_m = xyz[2];
	return 0;
}

void frame_forward(const struct frame *f, double lat_rad, double lon_rad, double *ret_east_m,
	double *ret_north_m)
{
	double sl, cl, so, co, p[3];

	pinned_sincos(lat_rad, &sl, &cl);
	pinned_sincos(lon_rad, &so, &co);
	geocentric(sl, cl, so, co, p);
	double dx = p[0] - f->x0_m, dy = p[1] - f->y0_m, dz = p[2] - f->z0_m;
	*ret_east_m = -f->sin_lon * dx + f->cos_lon * dy;
	*ret_north_m =
		-f->sin_lat * f->cos_lon * dx - f->sin_lat * f->sin_lon * dy + f->cos_lat * dz;
}

void frame_inverse(const struct frame *f, double east_m, double north_m, double *ret_lat_rad,
	double *ret_lon_rad)
{
	/*
	 * Newton in the plane: a step of the sphere of the origin's radii, then correct by what the
	 * forward conversion still misses. The error shrinks by d / R a round: four rounds are past
	 * a nanometre within 100 km.
	 */
	double w = 1 - WGS84_E2 * f->sin_lat * f->sin_lat;
	double meridian = WGS84_A * (1 - WGS84_E2) / (w * sqrt(w));
	double parallel = WGS84_A / sqrt(w) * f->cos_lat;
	double lat = f->lat_rad + north_m / meridian, lon = f->lon_rad + east_m / parallel;

	for (int i = 0; i < 6; i++) {
		double e, n;
		frame_forward(f, lat, lon, &e, &n);
		double de = east_m - e, dn = north_m - n;
		if (fabs(de) + fabs(dn) < 1e-5)
			break;
		lat += dn / meridian;
		lon += de / parallel;
	}
	*ret_lat_rad = lat;
	*ret_lon_rad = lon;
}

double frame_north(const struct frame *f, double lat_rad, double lon_rad)
{
	double e0, n0, e1, n1;

	/* One metre of latitude or so: the plane is straight on that scale. */
	frame_forward(f, lat_rad, lon_rad, &e0, &n0);
	frame_forward(f, lat_rad + 1e-5, lon_rad, &e1, &n1);
	return pinned_atan2(e1 - e0, n1 - n0);
}
