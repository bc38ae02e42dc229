/*
 * clutter - how many false plots does this radar give, here? A coarse map learned from what no
 * track explains.
 *
 * Cells hold a forgetting count and the exposure in scans; a cell with little exposure leans on the
 * map's average over the cells that ever had a plot. The cells are squares: a density wants one
 * area for all (coverage.h is polar). Unit of density: plots per m^2 and scan. 4 KB a radar. No
 * I/O, no clock, no allocation.
 */
#pragma once

#include <stdint.h>

#define CLUTTER_SIDE 32

struct clutter {
	double x0_m, y0_m, cell_m; /* south-west corner and side of a cell */
	double scans;              /* exposure, forgetting */
	double total;              /* plots, forgetting */
	double unit;               /* what a plot of now is in cells: old ones fade beside it */
	uint32_t active;           /* cells that ever had a plot */
	float cells[CLUTTER_SIDE * CLUTTER_SIDE];
};

/** clutter_init() - a map around a sensor that reaches @range_m. */
void clutter_init(struct clutter *c, double x_m, double y_m, double range_m);

/** clutter_scan() - @scans more scans of exposure (fractions are fine), @h_s seconds of forgetting.
 */
void clutter_scan(struct clutter *c, double scans, double h_s);

/** clutter_add() - a plot that is clutter with probability @mass; negative takes back. Outside the
 * map: the edge cell. */
void clutter_add(struct clutter *c, double x_m, double y_m, double mass);

/** clutter_density() - expected there. > 0. */
double clutter_density(const struct clutter *c, double x_m, double y_m);
