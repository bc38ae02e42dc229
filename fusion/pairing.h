/*
 * pairing - which plot shows a vessel that has just told where it is? Residuals for registration.
 *
 * Every AIS report with a velocity is kept for ten seconds by place, a bounded number a cell. A
 * radar's or camera's plots of one tick are held against the reports around them: the plots within
 * registration's window of where the report says the vessel is by then are what that report tells,
 * once per station, since its error is in all of them. Tracks are not asked; a report that lies is
 * one that no plots, or the wrong ones, lie around, and is outvoted.
 *
 * The cells are part of the tracker's state. No I/O, no clock, no pointers.
 */
#pragma once

#include <stdint.h>

#define PAIRING_REPORTS 16 /* newest kept a cell */
#define PAIRING_USED 32    /* reports a station remembers to have paired */
#define PAIRING_TRACKS_CELL 64 /* tracks for which the tables have one cell more */
#define PAIRING_CELLS_MIN 64

struct pairing_report {
	int64_t time_ns;
	double x_m, y_m, u_mps, v_mps;
	float sigma_m;
	uint32_t vessel; /* identity's value; 0 = none here */
	uint32_t serial; /* > 0 */
};

struct pairing_cell {
	uint32_t next; /* a ring */
	struct pairing_report reports[PAIRING_REPORTS];
};

/* Of one station. */
struct pairing_memory {
	uint32_t used[PAIRING_USED]; /* serials, a ring */
	uint32_t next, turn;
};

/** pairing_cells() - how many a tracker of so many tracks has: a power of two. */
uint32_t pairing_cells(uint64_t max_tracks);
