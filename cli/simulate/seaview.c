#include "cli/simulate/seaview.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/simulate/dice.h"

#define REFRACTION 0.13				       /* of light over the sea; EPSG and surveyors' usual value */
#define EFFECTIVE_M (6371008.8 / (1 - REFRACTION)) /* earth's radius for light */
/* Grey levels and colours of the picture, chosen by eye. */
#define SKY_TOP 205
#define SKY_LOW 178
#define SEA_FAR 128
#define SEA_NEAR 92
#define HULL 38
#define HOUSE 228
#define SKY_U 140
#define SKY_V 122
#define SEA_U 141
#define SEA_V 116

static double focal_px(const struct scene_camera *c)
{
	return (double)c->width_px / 2 / tan(c->width_rad / 2);
}

/* The ray at azimuth and apparent depression (tangent) onto the sensor. */
static bool project_ray(const struct scene_camera *c, double f, double azimuth_rad, double tan_depression,
	double *ret_x_px, double *ret_y_px)
{
	double dep = atan(tan_depression), a = azimuth_rad - c->yaw_rad;
	double fw = cos(dep) * cos(a), rt = cos(dep) * sin(a), up = -sin(dep);
	double z = fw * cos(c->tilt_rad) - up * sin(c->tilt_rad), y = -(up * cos(c->tilt_rad) + fw * sin(c->tilt_rad));
	if (z <= 0.01)
		return false;
	double px = f * rt / z, py = f * y / z;
	*ret_x_px = (double)c->width_px / 2 + px * cos(c->roll_rad) + py * sin(c->roll_rad);
	*ret_y_px = (double)c->height_px / 2 - px * sin(c->roll_rad) + py * cos(c->roll_rad);
	return true;
}

bool seaview_project(const struct scene_camera *c, double f, double azimuth_rad, double distance_m, double height_m,
	double *ret_x_px, double *ret_y_px)
{
	double t = (c->height_m - height_m) / distance_m + distance_m / (2 * EFFECTIVE_M);
	return project_ray(c, f, azimuth_rad, t, ret_x_px, ret_y_px);
}

static void look(const struct scene_camera *c, const struct voyage_state *s, double *ret_distance_m,
	double *ret_azimuth_rad)
{
	struct geo_point at = { c->at.lat_rad, c->at.lon_rad, 0 }, to = { s->lat_rad, s->lon_rad, 0 };
	geo_inverse(&at, &to, ret_distance_m, ret_azimuth_rad);
}

bool seaview_sees(const struct scene_camera *c, const struct voyage_state *s, double height_m)
{
	double d, az, x, y;
	look(c, s, &d, &az);
	double horizon_m = sqrt(2 * EFFECTIVE_M * c->height_m) + sqrt(2 * EFFECTIVE_M * height_m);
	return d > 50 && d < horizon_m && seaview_project(c, focal_px(c), az, d, 0, &x, &y) && x >= 0 && y >= 0 &&
		x < (double)c->width_px && y < (double)c->height_px;
}

/* Smooth noise that wraps at the tile's edges: white noise, blurred twice along x. */
static void make_waves(struct seaview *v)
{
	struct dice d;
	uint8_t row[SEAVIEW_TILE];
	dice_init(&d, v->world->seed, v->camera->id);
	for (unsigned y = 0; y < SEAVIEW_TILE; y++) {
		for (unsigned x = 0; x < SEAVIEW_TILE; x++)
			row[x] = (uint8_t)(dice_u64(&d) >> 60);
		for (unsigned x = 0; x < SEAVIEW_TILE; x++) {
			unsigned sum = 0;
			for (unsigned k = 0; k < 4; k++)
				sum += row[(x + k) % SEAVIEW_TILE];
			v->waves[y][x] = (uint8_t)(sum / 4);
		}
	}
}

static void find_horizon(struct seaview *v)
{
	double dip = sqrt(2 * v->camera->height_m / EFFECTIVE_M);
	for (unsigned x = 0; x < v->columns; x++) {
		/* With roll the horizon is a line across the picture; its azimuth at this column is near enough the ray's. */
		double az = v->camera->yaw_rad + atan2((double)x - v->columns / 2.0, v->focal_px), px, y = 0;
		if (!project_ray(v->camera, v->focal_px, az, tan(dip), &px, &y))
			y = 0;
		v->horizon_px[x] = (unsigned)fmin(fmax(y, 0), v->rows);
	}
}

static void paint_chroma(struct seaview *v)
{
	unsigned w = v->columns / 2, h = v->rows / 2;
	uint8_t *u = v->frame + (size_t)v->columns * v->rows, *c = u + (size_t)w * h;
	for (unsigned y = 0; y < h; y++) {
		for (unsigned x = 0; x < w; x++) {
			bool sky = y * 2 < v->horizon_px[x * 2];
			u[y * w + x] = sky ? SKY_U : SEA_U;
			c[y * w + x] = sky ? SKY_V : SEA_V;
		}
	}
}

int seaview_init(struct seaview *v, const struct world *world, const struct scene_camera *camera)
{
	*v = (struct seaview){ .world = world, .camera = camera, .columns = (unsigned)camera->width_px,
		.rows = (unsigned)camera->height_px, .focal_px = focal_px(camera) };
	v->frame_size = (size_t)v->columns * v->rows + 2 * ((size_t)v->columns / 2 * (v->rows / 2));
	v->frame = malloc(v->frame_size);
	v->horizon_px = calloc(v->columns, sizeof(v->horizon_px[0]));
	if (!v->frame || !v->horizon_px) {
		seaview_done(v);
		return -ENOMEM;
	}
	make_waves(v);
	find_horizon(v);
	paint_chroma(v);
	return 0;
}

void seaview_done(struct seaview *v)
{
	free(v->frame);
	free(v->horizon_px);
	v->frame = NULL;
	v->horizon_px = NULL;
}

int64_t seaview_next_ns(const struct seaview *v)
{
	return v->world->start_ns + llround((double)v->step * 1e9 / v->camera->fps);
}

/* Two layers of waves drift across each other; the swell is finer and fainter towards the horizon. */
static void paint_sea(struct seaview *v)
{
	unsigned slow = (unsigned)v->step, fast = (unsigned)(v->step * 3);
	for (unsigned y = 0; y < v->rows; y++) {
		uint8_t *out = v->frame + (size_t)y * v->columns;
		uint8_t sky = (uint8_t)(SKY_TOP + (SKY_LOW - SKY_TOP) * (int)y / (int)v->rows);
		uint8_t sea = (uint8_t)(SEA_FAR + (SEA_NEAR - SEA_FAR) * (int)y / (int)v->rows);
		const uint8_t *a = v->waves[(y * 2 + slow / 4) % SEAVIEW_TILE], *b = v->waves[(y + fast / 8) % SEAVIEW_TILE];
		for (unsigned x = 0; x < v->columns; x++) {
			if (y < v->horizon_px[x]) {
				out[x] = sky;
				continue;
			}
			unsigned depth = (y - v->horizon_px[x]) * 64 / v->rows + 8;
			unsigned wave = a[(x + slow) % SEAVIEW_TILE] + b[(x * 2 + SEAVIEW_TILE * 4 - fast % SEAVIEW_TILE) % SEAVIEW_TILE];
			out[x] = (uint8_t)(sea + wave * depth / 64);
		}
	}
}

/* A box with edges in fractions of a pixel: far boats are fainter, not larger, than they are. */
static void paint_box(struct seaview *v, double left, double right, double top, double bottom, unsigned grey)
{
	int x0 = (int)fmax(floor(left), 0), x1 = (int)fmin(ceil(right), v->columns);
	int y0 = (int)fmax(floor(top), 0), y1 = (int)fmin(ceil(bottom), v->rows);
	for (int y = y0; y < y1; y++) {
		double share_y = fmin(bottom, y + 1) - fmax(top, y);
		for (int x = x0; x < x1; x++) {
			double share = share_y * (fmin(right, x + 1) - fmax(left, x));
			uint8_t *p = &v->frame[(size_t)y * v->columns + (size_t)x];
			*p = (uint8_t)lround(*p + ((double)grey - *p) * fmin(fmax(share, 0), 1));
		}
	}
}

static void paint_vessel(struct seaview *v, const struct scene_vessel *vessel, const struct voyage_state *s)
{
	const struct scene_camera *c = v->camera;
	double d, az, x, foot, top, beyond = sqrt(2 * EFFECTIVE_M * c->height_m);
	look(c, s, &d, &az);
	if (d < 50 || d > beyond + sqrt(2 * EFFECTIVE_M * vessel->height_m))
		return;
	if (!seaview_project(c, v->focal_px, az, d, 0, &x, &foot) ||
		!seaview_project(c, v->focal_px, az, d, vessel->height_m, &x, &top))
		return;
	/* Hull down: the horizon hides what is below it. */
	double angle = s->course_rad - az;
	double across_m = fabs(vessel->length_m * sin(angle)) + fabs(vessel->beam_m * cos(angle));
	double half = v->focal_px * across_m / d / 2, deck = foot + (top - foot) * 0.45;
	if (d > beyond)
		foot = fmin(foot, v->horizon_px[(unsigned)fmin(fmax(x, 0), v->columns - 1)]);
	paint_box(v, x - half, x + half, deck, foot, HULL);
	paint_box(v, x - half * 0.6, x + half * 0.5, top, deck, HOUSE);
}

void seaview_render(struct seaview *v)
{
	int64_t now = seaview_next_ns(v);
	struct voyage_state s;
	paint_sea(v);
	for (unsigned i = 0; i < v->world->scene->n_vessels; i++)
		if (world_vessel(v->world, i, now, &s))
			paint_vessel(v, &v->world->scene->vessels[i], &s);
	v->step++;
}
