/*
 * query - the parameters of a request, strictly: a value is right as a whole or -EINVAL.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Degrees, edges included. west > east: the box crosses the antimeridian. */
struct query_box {
	double west, south, east, north;
};

/** query_box() - "W,S,E,N", or six numbers as OGC API Features allows (heights are read and left). */
int query_box(const char *text, struct query_box *ret_box);
bool query_box_holds(const struct query_box *box, double lat_deg, double lon_deg);

/** query_uint() - decimal digits, at most @max. */
int query_uint(const char *text, uint64_t max, uint64_t *ret_value);

/** query_search() - lower-cased into @buf; -EINVAL for control characters or more than @cap - 1 bytes. */
int query_search(const char *text, char *buf, size_t cap);

/** query_path_ok() - a static file's path: "/a/b.c" of [A-Za-z0-9._-], no empty part, none starting with a dot. */
bool query_path_ok(const char *path);
