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
#include "fusion/coverage.h"
#include "fusion/crew.h"
#include "fusion/dormant.h"
#include "fusion/edge.h"
#include "fusion/frame.h"
#include "fusion/gate.h"
#include "fusion/identity.h"
#include "fusion/pairing.h"
#include "fusion/registration.h"
#include "fusion/shadow.h"
#include "fusion/tracker.h"

#include <stdlib.h>

#define STATE_CANDIDATES 256 /* tracks looked at for one plot */
#define STATE_EDGES 8        /* pairs a plot may have, on average over a batch */
#define STATE_ROWS 4         /* tracks a plot may bring into a batch, on average */
#define STATE_SOURCES 6      /* stations a track keeps account of; the one that never saw it makes room */
#define STATE_NS 1e-9
#define SWEEP_SQUARES(n_stations) (2 * (uint32_t)(n_stations) + 1)

/*
 * A time within 26 days of now in 32 bits, rounded down to 2^20 ns (1 ms). 0 = none.
 */
typedef uint32_t state_stamp;

static inline state_stamp state_stamp_of(int64_t time_ns)
{
	uint32_t s = (uint32_t)((uint64_t)time_ns >> 20);

	return s ? s : 1;
}

static inline int64_t state_stamp_ns(state_stamp s, int64_t now_ns)
{
	int64_t now = now_ns >> 20;

	return (now - (int32_t)((uint32_t)now - s)) * (INT64_C(1) << 20);
}

/* What one station has contributed to one track. */
struct source {
	uint16_t station;
	bool look_hit;
	uint8_t unproven; /* see coverage.h */
	float visibility;
	uint32_t plots;
	state_stamp last; /* its last plot used */
	state_stamp look; /* radar: its last look, seen or missed */
};

struct record {
	int64_t time_ns; /* of @filter: the newest input */
	double existence;
	int64_t exist_ns; /* time of @existence */
	int64_t due_ns;   /* no look of its radars ends before */
	uint32_t birth;   /* 0 = free */
	state_stamp filed;
	uint8_t state; /* enum track_state */
	uint8_t n_sources;
	bool acquired; /* the radars that reach it are known */
	bool dirty;    /* to be published */
	bool airborne; /* may fly: some input of its says so */
	uint8_t distress;
	bool distress_test;
	uint8_t twin_count;
	uint32_t twin, twin_birth; /* the slot it seems to be a double of */
	state_stamp rival;         /* another track wanted the same plot: is it a double? */
	uint32_t version;
	float born;           /* existence at its first plot */
	float height_m;       /* the last that was told */
	state_stamp height;   /* and when; 0 = never */
	struct filter_packed filter;
	int64_t recv_ns;
	int64_t report_ns; /* last AIS or ADS-B report used; 0 = none */
	int64_t radar_ns;  /* last radar plot used; 0 = none */
	struct source sources[STATE_SOURCES];
	struct identity_labels labels;
};

struct foreign; /* foreign.c: the tracks of other trackers */

struct station {
	char feed[PLOT_FEED_MAX];
	enum plot_sensor sensor;
	uint8_t targets; /* enum site_targets */
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
	int64_t scan_ns;   /* the maps' exposure and forgetting reach here */
	bool sweep_given;  /* the caller sweeps: no slack is taken */
	bool tells_tracks, tells_plots; /* of a tracker; of an antenna */
	struct clutter clutter;
	struct coverage coverage;
	struct registration registration;
	struct pairing_memory pairing;
};

/* A tentative track that is listened to before it gets its id. */
#define RESUME_WAITS 64
struct resume_wait {
	uint32_t birth; /* 0 = free */
	int64_t since_ns;
};

struct state_head {
	int64_t now_ns, reviewed_ns;
	uint32_t reviews;
	uint32_t next_birth;
	uint32_t n_stations;
	uint32_t high_water; /* slots ever used */
	uint32_t n_free;
	uint32_t report_serial; /* of pairing.h */
	uint64_t alive;
	uint64_t counters[_TRACKER_COUNTER_MAX];
	struct identity_table identities; /* .entries is set again after a restore */
	uint32_t level_count[GATE_LEVELS];
	uint32_t n_dormant;
	uint32_t n_foreign; /* entries of struct foreign ever used */
	struct resume_wait waits[RESUME_WAITS];
};

/* Plots of one radar that are associated together: part of struct tracker's order. */
struct batch {
	uint32_t station;
	uint32_t first, n;
	uint32_t round; /* batches of one round touch no common track */
	double west_m, south_m, east_m, north_m, reach_m;
};

/* What a batch found for one plot, to be settled when its round is over. */
struct outcome {
	uint32_t slot; /* the track that took it, or GATE_NONE */
	float birth;   /* else the existence it starts a track with; 0 = none */
};

struct worker; /* of associate.c */

struct tracker {
	struct tracker_config config;
	struct frame frame;
	void (*publish)(void *user, const struct track *track);
	void *user;
	struct explain_desk *desk; /* NULL: nobody asks why */
	uint32_t row;              /* of plots to come */

	struct state_head *head;
	struct record *records;
	struct station *stations;
	struct identity_entry *entries;
	struct dormant *dormants;
	struct edge_map *edge;
	struct pairing_cell *report_cells;
	uint32_t n_report_cells;
	uint32_t *free_slots;
	struct foreign *foreign;
	struct gate_link *links;
	struct gate_grid grid;

	/* Work of one tick; empty between ticks. */
	struct tracker_input *pending;
	size_t n_pending, max_pending;
	uint32_t *order; /* of pending, by station */
	uint32_t *group; /* by station and one more: where it begins in @order */
	uint32_t *left;  /* by station: its measurements, first in its group once other trackers' tracks are taken */
	struct outcome *outcomes; /* by place in @order */
	struct batch *batches;
	size_t n_batches;
	struct crew *crew;
	struct worker *workers;
	uint32_t *row_of; /* by slot: its row in the batch that looks at it */
	uint32_t *suspects, n_suspects; /* tracks that may be doubles, of the last pass */

	/* Radars by the squares they reach into; made again when one moves. */
	uint32_t *reach_heads, *reach_list;
	double reach_cell_m;
	bool reach_known;

	/* Tracks to be published at the tick's end. */
	uint32_t *queue, n_queue;
	uint8_t *queued; /* by slot */

	struct shadow *shadow; /* no track depends on it */
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

/** state_model() - how what is in this state moves: as a vessel, or as the aircraft that it may be when it goes as fast. */
const struct filter_model *state_model(const struct tracker *t, bool airborne, const struct filter_mode *estimate);

/** state_predict() - the filter of a track at another time, earlier or later. */
void state_predict(
	const struct tracker *t, const struct record *r, int64_t time_ns, struct filter *ret_f);

/** state_estimate() - place and velocity as of the newest input, mixed. */
void state_estimate(const struct record *r, struct filter_mode *ret_estimate);

/** state_absorb() - takes a measurement into a record; nothing else of the tracker changes. @at: its filter as predicted for
 * the measurement's time, or NULL. */
void state_absorb(struct tracker *t, struct record *r, const struct tracker_input *m, const struct filter *at);

/** state_settle() - after state_absorb(): filed where it is, marked. */
void state_settle(struct tracker *t, uint32_t slot);

/** state_update() - both: takes a measurement into a track. */
void state_update(struct tracker *t, uint32_t slot, const struct tracker_input *m);

/** state_restart() - the track goes on from this measurement; what it did before is no guide. */
void state_restart(struct tracker *t, uint32_t slot, const struct tracker_input *m);

/** state_replace() - heard of by @m, and the track goes on from @state at @time_ns, not before its newest input. NULL: it goes on as it was. */
void state_replace(struct tracker *t, uint32_t slot, const struct tracker_input *m, const struct filter_mode *state,
	int64_t time_ns);

/** state_existence() - existence as predicted for @time_ns. */
double state_existence(const struct tracker *t, const struct record *r, int64_t time_ns);

/** state_source() - the track's entry of a station; NULL when there is none. */
struct source *state_source(struct record *r, uint32_t station);

/** state_source_add() - the same, added when new. @evict: one that never saw the track makes room. NULL when there is none. */
struct source *state_source_add(struct record *r, uint32_t station, bool evict);

/** state_review() - confirms, coasts or drops a track by what is now known of it. */
void state_review(struct tracker *t, uint32_t slot);

/** state_drop() - ends a track; its last version is published when any was. @parent: birth it went
 * into, or 0. */
void state_drop(struct tracker *t, uint32_t slot, uint32_t parent);

/** state_pass() - twice a second of tick time: every track's misses, its cell, its review. Return: true when it did. */
bool state_pass(struct tracker *t);

/** state_reach() - how far around a measurement its track may be filed, east and north: 4 sigma, and what tracks move. */
void state_reach(const struct tracker *t, const struct filter_input *in, double ret_reach_m[static 2]);

/** state_candidates() - slots that a measurement may belong to. */
size_t state_candidates(struct tracker *t, const struct filter_input *in,
	uint32_t ret_slots[static STATE_CANDIDATES]);

/** state_gate() - the gate of one track. Return: true when inside @limit; then d2 and likelihood
 * are set. */
bool state_gate(const struct tracker *t, const struct record *r, const struct filter_input *in,
	double limit, double *ret_d2, double *ret_likelihood);

int associate_new(struct tracker *t);
void associate_free(struct tracker *t);
/** associate_radars() - all batches of t->batches. */
void associate_radars(struct tracker *t);
void report_take(struct tracker *t, const struct tracker_input *m);
/** pairing_report() - keeps an AIS report that registration may use. */
void pairing_report(struct tracker *t, const struct tracker_input *m);
/** pairing_station() - learns a station's biases from its pending plots as they came, then takes them out. Changes nothing that
 * belongs to another station. */
void pairing_station(struct tracker *t, uint32_t station);
/** pairing_share() - what the rest of its radars' biases adds to the covariance of a track at (x, y): no plot averages it away. */
struct filter_cov2 pairing_share(const struct tracker *t, const struct record *r, double x_m, double y_m);
void bearing_take(struct tracker *t, const struct tracker_input *m);
/** foreign_take() - the track of another tracker: a report that is not a measurement. */
void foreign_take(struct tracker *t, const struct tracker_input *m);
/** sweep_forget() - a radar has moved, or its turn is known now. */
static inline void sweep_forget(struct tracker *t)
{
	t->reach_known = false;
}
/** sweep_acquire() - radars that reach the track take part in it from now on. */
void sweep_acquire(struct tracker *t, uint32_t slot);
/** sweep_record() - the looks of all its radars that are over: those without a plot were misses. Return: true when there were. */
bool sweep_record(struct tracker *t, struct record *r);
/** sweep_until() - the same of one radar, for looks before @time_ns: a plot of that time is about to be taken. */
void sweep_until(struct tracker *t, struct record *r, struct source *s, int64_t time_ns);
/** merge_silence() - have its reports stopped while radar holds it? */
void merge_silence(struct tracker *t, uint32_t slot);
/** merge_suspect() - worth a look: another track has wanted its plots. */
bool merge_suspect(const struct tracker *t, const struct record *r);
/** merge_twins() - of t->suspects. */
void merge_twins(struct tracker *t);
void publish_track(struct tracker *t, uint32_t slot, uint32_t parent);
/** merge_outrun() - the track that this young one most probably goes on: it lost its vessel when this one began. Return: slot or
 * GATE_NONE. */
uint32_t merge_outrun(struct tracker *t, uint32_t slot);
/** resume_lost() - the track ends for good or for now: its id is kept. */
void resume_lost(struct tracker *t, uint32_t slot);
/** resume_admit() - a tentative track is about to be confirmed: under its old id, if it has one. Return: false when it is
 * listened to a little longer. */
bool resume_admit(struct tracker *t, uint32_t slot);
