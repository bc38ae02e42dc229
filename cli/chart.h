/*
 * chart - truth and tracks of a scenario as one SVG picture, north up: vessels' ways grey, each track in a colour of its own,
 * radars as crosses, a bar for the scale.
 */
#pragma once

#include "cli/trackfile.h"

struct chart_mark {
	double x_m, y_m;
	const char *text;
};

/** chart_write() - tracks are cut where they jump or pause. Return: 0 or -errno. */
int chart_write(const char *path, const struct trackfile *truth, const struct trackfile *tracks, double step_s,
	const struct chart_mark *marks, size_t n_marks);
