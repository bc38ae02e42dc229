/*
 * frame - the centre's local plane: east and north of an origin, in metres, and back to WGS 84.
 *
 * The plane touches the ellipsoid at the origin; points are dropped onto it along the origin's
 * vertical, so lengths shrink by d^3 / 6 R^2 (0.5 m at 50 km). Targets are on the sea: height 0 on
 * the way back. PROJ gives the same to a millimetre (test-frame) but with the C library's sine,
 * which is not the same on every processor; replay must be. Source: EPSG guidance note 7-2, 4.1.1
 * and 4.1.2 (geocentric and topocentric conversions).
 */
#pragma once

struct frame {
	double lat_rad, lon_rad; /* origin */
	double sin_lat, cos_lat, sin_lon, cos_lon;
	double x0_m, y0_m, z0_m; /* origin, geocentric */
};

/** frame_init() - Return: 0, or -EDOM for a latitude or longitude that is not one. */
int frame_init(struct frame *f, double lat_rad, double lon_rad);

/** frame_forward() - WGS 84, height 0, to the plane (m). */
void frame_forward(const struct frame *f, double lat_rad, double lon_rad, double *ret_east_m,
	double *ret_north_m);

/** frame_inverse() - plane (m) to the point of the ellipsoid above it. Good to 1 mm within 500 km.
 */
void frame_inverse(const struct frame *f, double east_m, double north_m, double *ret_lat_rad,
	double *ret_lon_rad);

/** frame_north() - direction of true north at a point of the plane, clockwise from the plane's
 * north (rad). */
double frame_north(const struct frame *f, double lat_rad, double lon_rad);
