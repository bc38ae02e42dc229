/*
 * value - one value of a scene file: a number with its unit, a point, a route, an address.
 *
 * Pure: no I/O, no allocation, no locale. Return: 0, or -EINVAL with outputs untouched.
 */
#pragma once

#include "cli/simulate/scene.h"

enum value_unit { VALUE_PLAIN, VALUE_LENGTH, VALUE_SPEED, VALUE_DURATION, VALUE_ANGLE };

/** value_number() - "20m" 35km 4NM, 17kt 5m/s, 250ms 3s 6min, 0.15deg 0.1rad; to m, m/s, s, rad. The unit is required. */
int value_number(const char *text, enum value_unit unit, double *ret_v);
int value_uint(const char *text, uint64_t *ret_v);
/** value_point() - "54.495,11.238": latitude, longitude in degrees. */
int value_point(const char *text, struct scene_point *ret_p);
/** value_route() - points joined by ';', each with an optional stop: "54.5,11.2/90s;54.6,11.3". */
int value_route(const char *text, struct scene_point *ret_points, unsigned max, unsigned *ret_n);
/** value_window() - "158deg..296deg". */
int value_window(const char *text, double *ret_from_rad, double *ret_to_rad);
/** value_address() - "239.77.0.1:8600"; without a port when @port is false. */
int value_address(const char *text, bool port, struct sockaddr_in *ret_a);
