/*
 * motion - what moves in a picture: running-Gaussian background on Y, U and V, integers only.
 *
 * Pure: no I/O, no clock; memory is allocated once per picture size. Luma W x H, chroma W/2 x H/2 (I420).
 * Model and parameters: measured against MOG2 and KNN on a street scene; on water expect more clutter.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define MOTION_BLOBS_MAX 64

/* One connected moving region. Pixels of the luma plane; the foot is where it meets the water. */
struct motion_blob {
	int x0, y0, x1, y1; /* inclusive bounds */
	int pixels;
};

struct motion;

/** motion_new() - @width, @height even, 16..4096. Return: 0, -EINVAL or -ENOMEM. */
int motion_new(int width, int height, struct motion **ret_m);
void motion_free(struct motion *m);

/**
 * motion_frame() - learns the frame and gives its moving blobs
 * @y, @u, @v:   planes with their strides in bytes, borrowed
 * @ret_global:  true when more than half of the picture changed (light, pan, wiper): no blobs, the model starts anew
 *
 * Return: number of blobs, 0..MOTION_BLOBS_MAX, largest first.
 */
int motion_frame(struct motion *m, const uint8_t *y, int y_stride, const uint8_t *u, const uint8_t *v, int uv_stride,
	struct motion_blob blobs[MOTION_BLOBS_MAX], bool *ret_global);
