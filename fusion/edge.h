/*
 * edge - where does what the radars see end? Learned from where their plots lie.
 *
 * Every radar gives a false plot now and then wherever it sees: a place that has had none while the places beside it have is
 * out of sight, whatever hides it: range, a headland, a filter in the radar. A vessel comes into sight at an edge, seldom in
 * the middle. Cells of 250 m, kept for half an hour, in a table that forgets by itself: a cell takes the place of another
 * that falls on the same entry, and in an area far larger than the table there are no edges. Plane of frame.h, metres. No
 * I/O, no clock, no pointers, fixed size.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define EDGE_CELLS 65536 /* a power of two; 4,000 km^2 */
#define EDGE_STRIP_M 500.0 /* within so much of the last cell in sight edge_here() says so */

struct edge_map {
	struct edge_cell {
		uint16_t tag, minute; /* of the newest plot; minute 0 = never */
	} cells[EDGE_CELLS];
};

/** edge_note() - a radar gave a plot here. */
void edge_note(struct edge_map *e, double x_m, double y_m, int64_t now_ns);

/** edge_here() - does the sight end beside this place? False while too little has been seen to tell. */
bool edge_here(const struct edge_map *e, double x_m, double y_m, int64_t now_ns);
