/*
 * plot - one measurement, as every decoder gives it and every stage passes it on.
 *
 * Frames: WGS 84; azimuth and bearing clockwise from true north. Times: ns since the Unix epoch, UTC.
 * Unknown is NaN for doubles and 0 for identities that cannot be 0; `kind` says which parts are valid.
 */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define PLOT_FEED_MAX 32 /* a feed's name with its NUL: [a-z0-9-]+ */
#define PLOT_NAME_MAX 21 /* M.1371 type 5: 20 six-bit characters and NUL */
#define PLOT_CALLSIGN_MAX 9

enum plot_kind {
	PLOT_POSITION, /* lat, lon, cov: AIS */
	PLOT_POLAR,    /* range and azimuth from the site, and the position they give: radar */
	PLOT_BEARING,  /* azimuth from the site only: camera. Updates, never starts a track */
	PLOT_IDENTITY, /* no measurement: static and voyage data of an identity (AIS 5, 19, 24) */
	PLOT_NORTH,    /* no measurement: a radar's antenna passed north (CAT034 I034/000 = 1) */
	_PLOT_KIND_MAX,
};

enum plot_sensor {
	PLOT_SENSOR_RADAR,
	PLOT_SENSOR_AIS,
	PLOT_SENSOR_CAMERA,
	PLOT_SENSOR_ADSB,
	_PLOT_SENSOR_MAX,
};

enum plot_id_kind {
	PLOT_ID_NONE,
	PLOT_ID_MMSI,   /* ITU-R M.585, 30 bits */
	PLOT_ID_ICAO24, /* 24 bits */
	_PLOT_ID_KIND_MAX,
};

/* M.1371-5 annex 1 and M.585: 970 SART, 972 MOB, 974 EPIRB; nav status 14 = active, 15 = test. */
enum plot_distress {
	PLOT_DISTRESS_NONE,
	PLOT_DISTRESS_SART,
	PLOT_DISTRESS_MOB,
	PLOT_DISTRESS_EPIRB,
	_PLOT_DISTRESS_MAX,
};

/* Symmetric 2x2 covariance on east, north. Unit m^2. Valid when ee > 0 and the determinant > 0. */
struct plot_cov2 {
	double ee, en, nn;
};

/* What an identity says of itself. All from AIS; empty string and 0 = unknown. */
struct plot_identity {
	char name[PLOT_NAME_MAX];
	char callsign[PLOT_CALLSIGN_MAX];
	uint32_t imo;       /* 0 = unknown */
	uint8_t ship_type;  /* M.1371-5 table 53; 0 = unknown */
	uint8_t nav_status; /* M.1371-5 table 45; 15 = undefined */
	uint16_t length_m, beam_m;
};

struct plot {
	enum plot_kind kind;
	enum plot_sensor sensor;
	char feed[PLOT_FEED_MAX];

	int64_t time_ns;       /* when it was true */
	int64_t time_sigma_ns; /* 1 sigma, host clock quality included */
	int64_t recv_ns;       /* kernel receive time of the datagram or frame */
	uint32_t site_version; /* of the struct site it was computed with */

	/* POSITION, POLAR */
	double lat_rad, lon_rad;
	double alt_m; /* above the ellipsoid; NaN = unknown */
	struct plot_cov2 cov;

	/* POLAR: range, azimuth. BEARING: azimuth */
	double range_m, range_sigma_m; /* slant range */
	double azimuth_rad, azimuth_sigma_rad;
	double doppler_mps, doppler_sigma_mps; /* range rate, positive = opening; NaN = unknown */

	/* course over ground and speed over ground; NaN = unknown */
	double sog_mps, sog_sigma_mps;
	double cog_rad, cog_sigma_rad;
	double heading_rad; /* NaN = unknown */

	enum plot_id_kind id_kind;
	uint32_t id;
	struct plot_identity identity;
	enum plot_distress distress;
	bool distress_test;

	/*
	 * What a sender's own tracker made (TTM, CAT062): filtered, so that its errors go on from one report to the next and
	 * repetition proves nothing. Not a measurement.
	 */
	uint64_t sender_track; /* 1 + its number there, no two of a feed alike; 0 = a measurement */
	bool sender_tentative; /* its sender does not stand by it yet */
};

/* What a sensor may see: what a plot without a height may be. */
enum site_targets {
	SITE_TARGETS_SURFACE,
	SITE_TARGETS_AIR,
	SITE_TARGETS_BOTH,
	_SITE_TARGETS_MAX,
};

/*
 * Where a feed's sensor stands and how good it is: from the feed's file, sent ahead of its plots,
 * again when it changes (version counts up). Fusion knows sites from these records only.
 */
struct site {
	char feed[PLOT_FEED_MAX];
	enum plot_sensor sensor;
	uint32_t version;
	double lat_rad, lon_rad, height_m; /* ellipsoidal height */
	double range_sigma_m, azimuth_sigma_rad;
	int64_t scan_period_ns; /* radar: one turn; camera: plot interval; 0 = irregular (AIS) */
	double max_range_m;     /* coverage radius; NaN = unknown */
	double view_rad, view_width_rad; /* camera: azimuth of the axis and full width; width 2 pi otherwise */
	enum site_targets targets;
};

/** plot_init() - a plot with every double NaN, every identity unknown, kind and sensor set. */
void plot_init(struct plot *p, enum plot_kind kind, enum plot_sensor sensor);
