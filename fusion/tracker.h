/*
 * tracker - plots in, tracks out: the function from journal to picture.
 *
 * Deterministic: no I/O, no clock, no random source, nothing allocated after tracker_new(). The
 * same calls in the same order give the same tracks bit for bit, whatever the number of threads. Plots are collected until
 * tracker_tick(), then associated a station at a time (grid gating, global nearest neighbour per
 * cluster), so that publishing waits for no whole scan.
 *
 *   tracker.c    the calls below               state.c      tables of tracks and stations
 *   associate.c  radar batches, on crew.c's threads      foreign.c  tracks of other trackers
 *   report.c     AIS and ADS-B reports         bearing.c    cameras
 *   sweep.c      what was not seen             merge.c      two tracks, one vessel
 *   resume.c     a vessel that comes back      publish.c    struct track
 */
#pragma once

#include "common/plot.h"
#include "common/track.h"
#include "fusion/explain.h"
#include "fusion/filter.h"
#include "fusion/registration.h"

#include <stddef.h>

struct tracker_config {
	char origin[TRACK_ORIGIN_MAX];
	uint32_t epoch;
	double lat_rad, lon_rad; /* origin of the plane */

	uint64_t max_tracks, max_stations, max_batch,
		max_identities; /* tables; identities: a power of two */
	struct filter_model model;
	double speed_sigma_mps; /* of a plot whose velocity is unknown */
	double detection;       /* of a visible target by a radar in one scan, 0..1 */
	double birth_density;   /* new vessels a radar would see first, per m^2 and scan */
	double report_density;  /* vessels that report and have no track yet, per m^2 */
	double confirm;         /* existence from which a track is published */
	int64_t window_ns;      /* plots older than this are late */
	int64_t life_ns;        /* mean life of a track that no sensor speaks against */
	unsigned threads;       /* that share the radars' batches; 0 = 1. Changes no track */
};

/** tracker_defaults() - values of notes 2 and 6; origin, epoch and plane are the caller's. */
void tracker_defaults(struct tracker_config *ret_c);

/* One measurement in the plane, as tracker_plot() makes it. */
struct tracker_input {
	struct filter_input in;
	int64_t recv_ns;
	uint32_t station;
	uint32_t id;
	uint32_t row; /* for explain_note.ref only */
	uint8_t id_kind, distress;
	bool distress_test;
	bool airborne; /* may begin with the speed of an aircraft */
	bool sender_tentative;
	bool has_height, has_rate;
	float height_m; /* above the ellipsoid, where @has_height */
	float rate_mps, rate_sigma_mps; /* range rate from the station, positive when opening, where @has_rate */
	uint64_t sender_track; /* as struct plot; 0 = a measurement */
};

enum tracker_counter {
	TRACKER_PLOTS,
	TRACKER_PLOTS_LATE,  /* older than the window */
	TRACKER_PLOTS_AHEAD, /* more than 10 s in the future */
	TRACKER_PLOTS_BAD,   /* NaN, absurd or without what its kind needs */
	TRACKER_PLOTS_TWICE, /* the same report through a second receiver */
	TRACKER_PLOTS_USED,  /* updated a track */
	TRACKER_BIRTHS,
	TRACKER_CONFIRMED,
	TRACKER_DROPPED,
	TRACKER_MERGED,
	TRACKER_RESUMED, /* came back under the id they were lost with */
	TRACKER_STANDINGS, /* identities found on two vessels, or not where they say, or silent */
	TRACKER_CONFLICTS, /* reports that the carrier of their identity cannot have sent */
	TRACKER_FULL,      /* births, stations or identities there was no room for */
	TRACKER_PAIRED,    /* senders' tracks joined to one of ours, or that began one */
	TRACKER_PARTED,    /* of these, those that went another way */
	TRACKER_BOUNDED,   /* clusters or gates cut at their limit */
	_TRACKER_COUNTER_MAX,
};

struct tracker;

/** @publish: a new version of a track, during tracker_tick(); may be NULL. */
int tracker_new(const struct tracker_config *config,
	void (*publish)(void *user, const struct track *track), void *user, struct tracker **ret_t);
void tracker_free(struct tracker *t);

/** tracker_explain() - every decision from now on, as notes; during tracker_input() and tracker_tick(). Before the first plot,
 * once. Return: 0 or -ENOMEM. */
int tracker_explain(struct tracker *t, explain_fn *fn, void *user);

/** tracker_row() - plots to come are of this row of the journal (its lower 32 bits): notes name it. */
void tracker_row(struct tracker *t, uint32_t row);

/** tracker_site() - where a feed's sensor stands; again when it changes. */
void tracker_site(struct tracker *t, const struct site *site);

/** tracker_plot() - one plot, in order of arrival. Bad ones are counted. */
void tracker_plot(struct tracker *t, const struct plot *plot);

/** tracker_tick() - time is @now_ns: associates what came, misses what did not, publishes. */
void tracker_tick(struct tracker *t, int64_t now_ns);

/* The same below the geodesy, for scenarios that live in the plane. */

/** tracker_station() - number of a feed, added when new. Return: >= 0, or -ENOSPC. */
int tracker_station(struct tracker *t, const char *feed, enum plot_sensor sensor);

/** tracker_station_place() - as tracker_site(), in the plane. @site's latitude and longitude are
 * not read. */
void tracker_station_place(struct tracker *t, uint32_t station, double x_m, double y_m,
	double north_rad, const struct site *site);
void tracker_input(struct tracker *t, const struct tracker_input *input);

/** tracker_sweep() - every plot that the radar makes of its looks up to @time_ns has been given.
 * Misses follow at the tick. */
void tracker_sweep(struct tracker *t, uint32_t station, int64_t time_ns);

/* A look at one track. */
struct tracker_view {
	uint32_t birth;
	enum track_state state;
	struct filter_mode estimate; /* at the time asked for */
	double existence;
	struct track_identity id; /* kind PLOT_ID_NONE = not known */
};

/** tracker_each() - every track that was ever confirmed, predicted to @time_ns, in order of slots.
 */
void tracker_each(struct tracker *t, int64_t time_ns,
	void (*fn)(void *user, const struct tracker_view *view), void *user);

/* What is known of a sensor's own errors. */
struct tracker_bias {
	const char *feed; /* borrowed, until the tracker ends */
	enum plot_sensor sensor;
	struct registration_view of[_REGISTRATION_COMPONENT_MAX];
	uint64_t pairs; /* plots that an AIS report could judge, taken in so far */
};

/** tracker_bias() - of station @station, in order of first plot or site. Return: false when there
 * is none of this number, *ret_bias untouched. */
bool tracker_bias(const struct tracker *t, uint32_t station, struct tracker_bias *ret_bias);

uint64_t tracker_count(const struct tracker *t, enum tracker_counter which);
const char *tracker_counter_name(enum tracker_counter which);
uint64_t tracker_tracks(const struct tracker *t); /* alive, tentative ones included */
int64_t tracker_now(const struct tracker *t);     /* of the last tick */

/*
 * The state as bytes, for a checkpoint: the same build and configuration continue from it as if
 * nothing had happened. Only between ticks: plots not yet associated are not in it.
 */
typedef int tracker_put_fn(void *user, const void *data, size_t size);
typedef int tracker_get_fn(void *user, void *data, size_t size);

/** tracker_save() - Return: 0, -EAGAIN when plots wait for a tick, or what @put returned. */
int tracker_save(const struct tracker *t, tracker_put_fn *put, void *user);

/** tracker_load() - into a tracker just made. Return: 0; -EBADMSG when it does not fit the
 * configuration (make a new one). */
int tracker_load(struct tracker *t, tracker_get_fn *get, void *user);

/** tracker_end() - drops every track, with its last version published: another tracker follows. */
void tracker_end(struct tracker *t);

/** tracker_republish() - every track is published again at the next tick: its readers have lost
 * what they had. */
void tracker_republish(struct tracker *t);

uint32_t tracker_next_birth(const struct tracker *t);
void tracker_set_next_birth(struct tracker *t, uint32_t birth);
