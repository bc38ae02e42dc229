/*
 * shadow - the tracks scored while they are made, with AIS as the truth.
 *
 * Each position report of a vessel is compared with what was known before it is used: the track that carries its identity, or
 * while none does for sure the nearest one that nobody else is known to be, taken along its course to the report's time. No
 * track ever depends on what is here. Of at most SHADOW_VESSELS vessels at a time, by a hash of their MMSI: a sample where
 * there are more. AIS is no perfect truth: its own error (10-15 m) is in the errors, and who lies is counted as astray.
 *
 * Radar is judged where it alone has spoken: a track with a fresh plot that no report has touched for a minute. The other
 * errors are of tracks with a fresh plot that earlier reports are in as well.
 *
 * No I/O, no clock, nothing allocated after shadow_new(); same calls, same figures. Not in a checkpoint: figures begin with the
 * process, as all its counters do. Sources: completeness and ambiguity in the manner of SIAP (2001); identity switches as in
 * CLEAR MOT (Bernardin, Stiefelhagen, 2008).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SHADOW_VESSELS 4096
#define SHADOW_NEAR_M 200.0		     /* a track farther from a report is not its vessel's: the cut-off of the scenarios */
#define SHADOW_WINDOW_NS INT64_C(600000000000) /* vessels heard within it are counted */
#define SHADOW_BINS 192

struct tracker;
struct tracker_input;

/* What one report says of the tracks. */
struct shadow_sight {
	uint32_t mmsi;
	int64_t time_ns;
	bool covered;	 /* within reach of a radar that turns */
	bool named;	 /* @birth carries this identity for sure */
	bool radar;	 /* @birth has a fresh radar plot */
	bool radar_only; /* and no report has touched it for a minute */
	uint32_t birth;	 /* the track compared with; 0 = there is none */
	double error_m;	 /* of @birth; NaN = there is none */
	uint32_t near;	 /* tracks within SHADOW_NEAR_M that are not known to be somebody else */
};

/* How often which error was seen, in sixteen bins an octave from 1/4 m: quantiles to 1/16. Halved when full, so that the last
 * ten thousand count. */
struct shadow_errors {
	uint32_t n, bins[SHADOW_BINS];
};

struct shadow_figures {
	uint64_t reports;		 /* compared */
	uint64_t astray;		 /* farther than SHADOW_NEAR_M from the track that carries the identity */
	uint64_t switches;		 /* a vessel's track is another one than before */
	uint64_t vessel_ms;		 /* time over which vessels were followed: switches / it is their rate */
	uint64_t near_reports, near_tracks; /* reports with a track near them; the tracks: the ratio is ambiguity, 1 is best */
	uint64_t vessels, held;		 /* heard within the window, in coverage; of them held by a track with radar: completeness */
	double fused_p50_m, fused_p95_m; /* NaN = no errors */
	double radar_p50_m, radar_p95_m;
	uint64_t tracks, unnamed;	 /* confirmed, with a fresh radar plot; of them of no known identity: what is spurious is in
					  * it, and vessels without AIS */
};

struct shadow;
int shadow_new(struct shadow **ret_s);
void shadow_free(struct shadow *s);

/** shadow_observe() - one report's sight; a vessel's reports out of order, or of one with no room, are nothing. */
void shadow_observe(struct shadow *s, const struct shadow_sight *sight);

/** shadow_count() - figures as they stand at @now_ns; tracks and unnamed are 0. */
void shadow_count(const struct shadow *s, int64_t now_ns, struct shadow_figures *ret_f);

/** shadow_report() - a report before the tracker uses it; @entry: its identity's. Other senders than vessels are nothing. */
void shadow_report(struct tracker *t, const struct tracker_input *m, uint32_t entry);

/** shadow_read() - all figures, at the tracker's own time. Looks at every track: not for every tick. */
void shadow_read(const struct tracker *t, struct shadow_figures *ret_f);

/** shadow_errors_add(), shadow_errors_quantile() - @share: 0..1. Return: metres, NaN when there are none. */
void shadow_errors_add(struct shadow_errors *e, double error_m);
double shadow_errors_quantile(const struct shadow_errors *e, double share);
