/*
 * ray - from a pixel to a bearing over the sea, with its honest error.
 *
 * Pinhole without distortion; x right, y down. Tilt positive down, roll positive with the right side lower, azimuth
 * clockwise from true north.
 */
#pragma once

struct ray_camera {
	int width_px, height_px;
	double view_width_rad; /* full horizontal field of view */
	double yaw_rad, tilt_rad, roll_rad;
	double yaw_sigma_rad; /* how well the axis is known: common to all bearings of the camera */
};

/** ray_focal_px() - focal length in pixels. */
double ray_focal_px(const struct ray_camera *c);

/** ray_azimuth() - of the pixel, [0, 2 pi); *ret_depression_rad below the horizontal, may be NULL. */
double ray_azimuth(const struct ray_camera *c, double x_px, double y_px, double *ret_depression_rad);

/**
 * ray_sigma() - 1 sigma of the bearing of a vessel's reference point from a blob @blob_width_px wide
 *
 * Pixel noise, the yaw's own uncertainty, and the blob's width taken as uniform: the antenna may be anywhere on the hull.
 */
double ray_sigma(const struct ray_camera *c, double pixel_sigma_rad, double blob_width_px);
