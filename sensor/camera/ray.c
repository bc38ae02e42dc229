#include "sensor/camera/ray.h"

#include "common/geo.h"

#include <math.h>

double ray_focal_px(const struct ray_camera *c)
{
	return c->width_px / 2.0 / tan(c->view_width_rad / 2);
}

double ray_azimuth(const struct ray_camera *c, double x_px, double y_px, double *ret_depression_rad)
{
	double f = ray_focal_px(c);
	double u = (x_px - c->width_px / 2.0) / f, v = (y_px - c->height_px / 2.0) / f;
	double x = u * cos(c->roll_rad) - v * sin(c->roll_rad);
	double y = u * sin(c->roll_rad) + v * cos(c->roll_rad);
	double forward = cos(c->tilt_rad) - y * sin(c->tilt_rad);
	double up = -(sin(c->tilt_rad) + y * cos(c->tilt_rad));
	double east = sin(c->yaw_rad) * forward + cos(c->yaw_rad) * x;
	double north = cos(c->yaw_rad) * forward - sin(c->yaw_rad) * x;
	if (ret_depression_rad)
		*ret_depression_rad = -asin(up / sqrt(east * east + north * north + up * up));
	return geo_wrap_2pi(atan2(east, north));
}

double ray_sigma(const struct ray_camera *c, double pixel_sigma_rad, double blob_width_px)
{
	double hull = blob_width_px / ray_focal_px(c) / sqrt(12);
	return sqrt(pixel_sigma_rad * pixel_sigma_rad + c->yaw_sigma_rad * c->yaw_sigma_rad + hull * hull);
}
