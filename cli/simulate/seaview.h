/*
 * seaview - what a camera on a mast would see: sky, sea with small waves, vessels as hulls.
 *
 * A synthetic picture, I420, good enough for a motion detector to find boats where the pinhole model puts them
 * (the inverse of sensor/camera's pixel to ray). No clock: a frame is a function of the scene's time.
 */
#pragma once

#include "cli/simulate/world.h"

#define SEAVIEW_TILE 256

struct seaview {
	const struct world *world;	   /* borrowed */
	const struct scene_camera *camera; /* borrowed */
	unsigned columns, rows;
	double focal_px;
	uint8_t waves[SEAVIEW_TILE][SEAVIEW_TILE]; /* 0..15, even */
	unsigned *horizon_px;			   /* per column */
	uint8_t *frame;				   /* I420, columns * rows * 3 / 2 bytes */
	size_t frame_size;
	uint64_t step; /* frames so far */
};

int seaview_init(struct seaview *v, const struct world *world, const struct scene_camera *camera);
void seaview_done(struct seaview *v);

/** seaview_next_ns() - time of the next frame. */
int64_t seaview_next_ns(const struct seaview *v);
/** seaview_render() - draws that frame into v->frame and goes on to the one after it. */
void seaview_render(struct seaview *v);

/**
 * seaview_project() - where a point above the sea is in the picture
 * @height_m:    of the point above the sea
 * @distance_m:  from the camera along the sea
 * @ret_x_px, @ret_y_px: from the picture's upper left corner, may lie outside
 *
 * Return: true when the point is before the camera.
 */
bool seaview_project(const struct scene_camera *c, double focal_px, double azimuth_rad, double distance_m,
	double height_m, double *ret_x_px, double *ret_y_px);

/** seaview_sees() - is the vessel's waterline in the picture and above the horizon's edge? */
bool seaview_sees(const struct scene_camera *c, const struct voyage_state *s, double height_m);
