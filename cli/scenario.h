/*
 * scenario - a folder of plots with a known geometry: meta.json and plots.csv, in a local plane.
 *
 * What `vedette track` and the tracker's benchmark read; vedette(1) has the format. Sensors are radars (kind R), AIS (A) and
 * cameras (B, a bearing); one that moves says with each plot where it was. The truth (truth_id, br, ba) is never read.
 */
#pragma once

#include "fusion/tracker.h"

#include <stddef.h>
#include <stdio.h>

#define SCENARIO_EPOCH_NS                                                                          \
	INT64_C(1000000000000) /* scenario time 0: the tracker's times are never 0 */

struct scenario_radar {
	int id;
	double x_m, y_m;
};

struct scenario_camera {
	int id;
	double x_m, y_m, azimuth_sigma_rad;
	double view_rad, view_width_rad; /* all round where the folder states none */
	double max_range_m;		 /* NaN = not stated */
};

struct scenario_row {
	int64_t arrive_ns;
	struct tracker_input input;
	bool radar;
};

struct scenario {
	double lat_rad, lon_rad, side_m, duration_s;
	int64_t scan_ns;
	double range_sigma_m, azimuth_sigma_rad, report_sigma_m;
	size_t n_radars;
	struct scenario_radar *radars;
	size_t n_cameras;
	struct scenario_camera *cameras;
	size_t n_rows, n_bad; /* bad: lines that are not what the header says */
	struct scenario_row *rows;
};

/** scenario_load() - Return: 0, or -errno with a line in @ret_error (of @error_size bytes). */
int scenario_load(const char *dir, struct scenario *ret_s, char *ret_error, size_t error_size);

/** scenario_read() - the same of two open files, borrowed. Return: 0, -EINVAL for geometry that is missing or absurd, -EFBIG,
 * -ENOMEM. */
int scenario_read(FILE *meta, FILE *plots, struct scenario *ret_s);
void scenario_done(struct scenario *s);

/** scenario_config() - tracker defaults with tables that hold the scenario. */
void scenario_config(const struct scenario *s, struct tracker_config *ret_c);

/**
 * scenario_run() - all rows through @t in order of arrival, on the scenario's own time
 * @grid:    called at each multiple of the scan with the tracker as it stands; may be NULL
 * @work_ns: monotonic clock used to charge the tracker's own time, NULL = not measured
 */
struct scenario_stats {
	int64_t busy_ns; /* in the tracker */
	int64_t p99_ns;  /* of one batch, arrival to published */
	uint64_t peak_tracks;
	size_t batches;
};
int scenario_run(struct scenario *s, struct tracker *t,
	void (*grid)(void *user, struct tracker *t, double time_s), void *user,
	int64_t (*work_ns)(void), struct scenario_stats *ret_stats);
