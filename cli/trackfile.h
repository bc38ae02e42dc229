/*
 * trackfile - rows of a CSV file with a position in a plane each: the truth of a scenario, or what a tracker made of it.
 *
 * The header names the columns, in any order: time, id or track_id, x, y are needed; vx, vy, sxx, sxy, syy, and mmsi or
 * (id_kind, id) are taken where they are there; others are not looked at. An id is any text without a comma.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct trackfile_row {
	double time_s, x_m, y_m;
	double u_mps, v_mps;   /* NaN = not given */
	double sxx, sxy, syy;  /* m^2; NaN = not given */
	uint32_t id;	       /* 0.. in order of first appearance */
	uint32_t mmsi;	       /* 0 = none */
};

struct trackfile {
	size_t n, n_ids, n_bad; /* bad: rows that are not what the header says, left out */
	struct trackfile_row *rows; /* owned, in order of the file */
};

/** trackfile_load() - @id_column: "id" or "track_id". Return: 0, or -errno with a line in @ret_error. */
int trackfile_load(const char *path, const char *id_column, struct trackfile *ret_t, char *ret_error, size_t error_size);
void trackfile_done(struct trackfile *t);
