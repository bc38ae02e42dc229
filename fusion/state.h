/*
 * state - the tracker's inside: tables of tracks and stations, shared by the files that work on
 * them.
 *
 * Only fusion/ files named in tracker.h include this. Records are referred to by slot; all state
 * but struct tracker itself is free of pointers, so that a checkpoint is a copy.
 */
#pragma once

#include "fusion/assign.h"
#include "fusion/clutter.h"
#include "fusion/gate.h"
#include "fusion/history.h"
#include "fusion/identity.h"
#include "fusion/frame.h"
#include "fusion/tracker.h"

#include <stdlib.h>

#define STATE_CANDIDATES 256 /* tracks looked at for one plot */
#define STATE_EDGES 8        /* pairs a plot may have, on average over a batch */
#define STATE_NS 1e-9

/* What one station has contributed to one track. */
struct source {
	uint32_t station;
	uint32_t plots;
	int64_t last_ns; /* time of its last plot used; 0 = none yet */
	int64_t look_ns; /* radar: its last look, seen or missed */
	bool look_hit;
	double visibility;
};

struct record {
	uint32_t birth; /* 0 = free */
	uint8_t state;  /* enum track_state */
	uint8_t distress;
	bool distress_test;
	bool dirty; /* to be published */
	uint8_t twin_count;
	uint32_t twin, twin_birth; /* the slot it seems to be a double of */
	uint32_t parent;
	uint64_t version;
	int64_t recv_ns;
	int64_t exist_ns;  /* time of @existence */
	int64_t report_ns; /* last AIS or ADS-B report used; 0 = none */
	int64_t radar_ns;  /* last radar plot used; 0 = none */
	double existence;
	int64_t time_ns;             /* of @filter: the newest input */
	struct filter filter;
	struct filter_mode estimate; /* the same, mixed */
	uint32_t n_sources;
	struct source sources[TRACK_SENSORS_MAX];
	struct identity_labels labels;
};

struct station {
	char feed[PLOT_FEED_MAX];
	enum plot_sensor sensor;
	bool placed;
	double x_m, y_m, north_rad;
	uint32_t version;
	int64_t period_ns; /* 0 = unknown */
	double max_range_m;
	double view_rad, view_width_rad;
	double range_sigma_m, azimuth_sigma_rad;
	int64_t clock_ns;  /* newest plot or north mark */
	int64_t north_ns;  /* last north mark */
	int64_t swept_ns;  /* looks up to here are complete */
	int64_t missed_ns; /* misses have been taken up to here */
	int64_t scan_ns;   /* the clutter map's exposure reaches here */
	bool sweep_given;  /* the caller sweeps: no slack is taken */
	struct clutter clutter;
};

struct state_head {
	int64_t now_ns, refiled_ns;
	uint32_t next_birth;
	uint32_t n_stations;
	uint32_t high_water; /* slots ever used */
	uint32_t n_free;
	uint64_t alive;
	uint64_t counters[_TRACKER_COUNTER_MAX];
	struct identity_table identities; /* .entries is set again after a restore */
	uint32_t level_count[GATE_LEVELS];
};

/* A pair in the gate. */
struct edge {
	uint32_t column, row;
	double ratio; /* detection * likelihood / other explanations of the plot */
};

/* A track that takes part in a batch. */
struct row {
	uint32_t slot;
	double existence; /* predicted */
};

struct tracker {
	struct tracker_config config;
	struct frame frame;
	void (*publish)(void *user, const struct track *track);
	void *user;

	struct state_head *head;
	struct record *records;
	struct history *histories; /* by slot, apart from what every plot looks at */
	struct station *stations;
	struct identity_entry *entries;
	uint32_t *free_slots;
	struct gate_link *links;
	struct gate_grid grid;

	/* Work of one tick; empty between ticks. */
	struct tracker_input *pending, *batch;
	size_t n_pending;
	struct edge *edges;
	struct row *rows;
	uint32_t *row_of, *row_stamp, stamp; /* by slot */
	struct assign_pair *pairs;
	struct assign_scratch scratch;
	uint32_t *column_of, *row_taking;
	double *explained, *gone; /* by plot */
	double *row_evidence;

	/* Tracks to be published at the tick's end. */
	uint32_t *queue, n_queue;
	uint8_t *queued; /* by slot */
};

/** state_count() - one more of @which. */
static inline void state_count(struct tracker *t, enum tracker_counter which)
{
	t->head->counters[which]++;
}

/** state_mark() - the track is published at the tick's end, once it is more than tentative. */
void state_mark(struct tracker *t, uint32_t slot);

/** state_birth() - a new tentative track. Return: slot, or GATE_NONE when the table is full
 * (counted). */
uint32_t state_birth(struct tracker *t, const struct tracker_input *m, double existence);

/** state_predict() - the filter of a track at another time, earlier or later. */
void state_predict(
	const struct tracker *t, const struct record *r, int64_t time_ns, struct filter *ret_f);

/** state_update() - takes a measurement into a track. Return: 0, or -ETIME when it is too old for
 * its history. */
int state_update(struct tracker *t, uint32_t slot, const struct tracker_input *m);

/** state_restart() - the track goes on from this measurement; what it did before is no guide. */
void state_restart(struct tracker *t, uint32_t slot, const struct tracker_input *m);

/** state_existence() - existence as predicted for @time_ns. */
double state_existence(const struct tracker *t, const struct record *r, int64_t time_ns);

/** state_source() - the track's entry of a station; added when new. NULL when all are taken. */
struct source *state_source(struct record *r, uint32_t station);

/** state_review() - confirms, coasts or drops a track by what is now known of it. */
void state_review(struct tracker *t, uint32_t slot);

/** state_drop() - ends a track; its last version is published when any was. @parent: birth it went
 * into, or 0. */
void state_drop(struct tracker *t, uint32_t slot, uint32_t parent);

/** state_refile() - once a second of tick time: every track back into its cell, reviewed. Return: true when it did. */
bool state_refile(struct tracker *t);

/** state_candidates() - slots that a measurement may belong to. */
size_t state_candidates(struct tracker *t, const struct filter_input *in,
	uint32_t ret_slots[static STATE_CANDIDATES]);

/** state_gate() - the gate of one track. Return: true when inside @limit; then d2 and likelihood
 * are set. */
bool state_gate(const struct tracker *t, const struct record *r, const struct filter_input *in,
	double limit, double *ret_d2, double *ret_likelihood);

void associate_batch(
	struct tracker *t, uint32_t station, const struct tracker_input *batch, size_t n);
void report_take(struct tracker *t, const struct tracker_input *m);
void bearing_batch(
	struct tracker *t, uint32_t station, const struct tracker_input *batch, size_t n);
void sweep_station(struct tracker *t, uint32_t station);
void merge_twins(struct tracker *t);
void publish_track(struct tracker *t, uint32_t slot);
