/*
 * track - one vessel or aircraft as fusion believes it, at one time, one version.
 *
 * Frames and units as in plot.h. Order of versions: (epoch, version), never a clock.
 */
#pragma once

#include "common/plot.h"

#define TRACK_ORIGIN_MAX 16 /* a centre's id with its NUL, e.g. "xa" */
#define TRACK_SENSORS_MAX 8 /* feeds named as contributors on one track */
#define TRACK_IDS_MAX 4	    /* candidate identities on one track */

enum track_state {
	TRACK_TENTATIVE,
	TRACK_CONFIRMED,
	TRACK_COASTING, /* confirmed, but not seen when it should have been */
	TRACK_DROPPED,	/* the last version of this id, unless its vessel comes back: then with a higher one */
	_TRACK_STATE_MAX,
};

/* What kind of craft, from AIS ship type or MMSI class where known. */
enum track_class {
	TRACK_CLASS_UNKNOWN,
	TRACK_CLASS_CARGO,
	TRACK_CLASS_TANKER,
	TRACK_CLASS_PASSENGER,
	TRACK_CLASS_FISHING,
	TRACK_CLASS_HIGH_SPEED,
	TRACK_CLASS_PLEASURE,
	TRACK_CLASS_SPECIAL, /* pilot, tug, SAR, law enforcement: M.1371 types 50-59, 30-35 but fishing */
	TRACK_CLASS_BEACON,  /* AIS-SART, MOB, EPIRB */
	TRACK_CLASS_ATON,
	TRACK_CLASS_AIRCRAFT,
	_TRACK_CLASS_MAX,
};

/* What is doubtful about the identity that a track reports. */
enum track_standing_kind {
	TRACK_STANDING_NONE,
	TRACK_STANDING_TWIN,	  /* two vessels send one identity */
	TRACK_STANDING_ELSEWHERE, /* its reports are not where radar holds it */
	TRACK_STANDING_SILENT,	  /* its reports have stopped while radar holds it */
	_TRACK_STANDING_MAX,
};

/* With the evidence: @count reports that say so, or that did not come; the first at @since_ns, or the last that came. */
struct track_standing {
	enum track_standing_kind kind;
	enum plot_id_kind id_kind; /* the identity it is about: told here, not among the track's ids, while it is in doubt */
	uint32_t value, count;
	int64_t since_ns;
	double distance_m; /* between report and track; SILENT: gone since the last report */
};

struct track_id {
	char origin[TRACK_ORIGIN_MAX];
	uint32_t epoch; /* counts up when the origin's journal was lost or restored */
	uint32_t birth; /* sequence of birth within the epoch, from 1 */
};

/* One candidate identity and the probability that it is this track's. */
struct track_identity {
	enum plot_id_kind kind;
	uint32_t value;
	double probability; /* 0..1 */
};

/* One feed that contributed. */
struct track_source {
	char feed[PLOT_FEED_MAX];
	enum plot_sensor sensor;
	int64_t last_ns; /* time of its last plot used */
	uint32_t plots;	 /* used so far */
};

struct track {
	struct track_id id;
	uint64_t version; /* counts up with every published change of this id */
	int64_t time_ns;  /* the state below is true at this time */
	int64_t recv_ns;  /* receive time of the newest plot in it: latency is measured from here */

	double lat_rad, lon_rad;
	double ve_mps, vn_mps; /* velocity east, north */
	/* Covariance of (east m, north m, ve m/s, vn m/s), upper triangle by rows: ee en eu ev nn nu nv uu uv vv */
	double cov[10];
	double alt_m; /* NaN = unknown */

	enum track_state state;
	enum track_class class;
	double existence; /* 0..1 */

	unsigned n_ids;
	struct track_identity ids[TRACK_IDS_MAX]; /* most probable first */
	struct plot_identity identity;		  /* of ids[0], where known */
	enum plot_distress distress;
	bool distress_test;

	unsigned n_sources;
	struct track_source sources[TRACK_SENSORS_MAX];

	struct track_standing standing; /* kind NONE = nothing is known against it */

	uint32_t parent; /* lineage: birth number of the track it was split from or merged into; 0 = none */
};
