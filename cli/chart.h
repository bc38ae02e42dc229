/*
 * chart - truth and tracks of a scenario as one SVG picture, north up: vessels' ways broad and grey, each track in a colour of
 * its own with a point where it ends, what went wrong marked on top, radars, a grid in kilometres, and the figures above.
 */
#pragma once

#include "cli/trackfile.h"

enum chart_kind { CHART_RADAR, CHART_MISSED, CHART_FALSE, CHART_SWITCH, _CHART_KIND_MAX };

struct chart_mark {
	double x_m, y_m;
	enum chart_kind kind;
	const char *text; /* beside a radar; else NULL */
};

struct chart {
	const char *title, *figures; /* any text */
	const struct trackfile *truth, *tracks;
	double step_s;
	const struct chart_mark *marks;
	size_t n_marks;
};

/** chart_write() - all borrowed. Tracks are cut where they pause. Return: 0 or -errno. */
int chart_write(const char *path, const struct chart *c);
