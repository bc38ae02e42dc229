/*
 * scene - what the simulator plays: sensors, vessels, land and sea marks, from one text file.
 *
 * conf's sections are fixed by a table; a scene has many objects of a kind. So a scene is lines:
 *     KIND ID key=value key="value with blanks" ...
 * A comment starts with # and runs to the end of the line; a backslash at the end joins the next line.
 * Units are part of the value, as in conf: 20 m, 35 km, 0.15 deg are written 20m 35km 0.15deg. Degrees exist only in the file.
 * Any mistake refuses the file: "FILE:LINE: KIND ID key=value: reason".
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCENE_VESSELS_MAX 512
#define SCENE_SENSORS_MAX 16 /* of each kind */
#define SCENE_LANDS_MAX 16
#define SCENE_ROUTE_MAX 48 /* way points of a vessel, corners of a land */
#define SCENE_ID_MAX 32
#define SCENE_ERROR_MAX 512

struct scene_point {
	double lat_rad, lon_rad;
	int64_t stop_ns; /* a route's way point: time alongside; 0 = passes */
};

enum scene_class {
	SCENE_CARGO,
	SCENE_TANKER,
	SCENE_FERRY,
	SCENE_FISHING,
	SCENE_HIGH_SPEED,
	SCENE_PLEASURE,
	SCENE_SPECIAL,
	SCENE_SMALL,  /* an open boat: radar only */
	SCENE_FAST,   /* a fast boat without AIS */
	SCENE_DINGHY,
	SCENE_ATON,
	_SCENE_CLASS_MAX,
};

enum scene_ais {
	SCENE_AIS_NONE,
	SCENE_AIS_A,	/* types 1, 5 */
	SCENE_AIS_B,	/* types 18, 24 */
	SCENE_AIS_ATON, /* type 21 */
	SCENE_AIS_SART, /* types 1 (status 14), 14 */
};

enum scene_end {
	SCENE_LOOP,    /* from the last way point to the first, for ever */
	SCENE_THROUGH, /* leaves at the last, comes again at the first after `gap` */
};

struct scene_vessel {
	char id[SCENE_ID_MAX];
	char name[21], callsign[8], destination[21]; /* M.1371 lengths */
	int class, ais, end; /* enum scene_class, scene_ais, scene_end */
	uint64_t mmsi, imo, ship_type, status;
	double speed_mps;
	unsigned n_route;
	struct scene_point route[SCENE_ROUTE_MAX];
	double start;		 /* 0..1: how far along its round at the scene's start */
	int64_t after_ns;	 /* appears so long after the scene's start */
	int64_t ais_after_ns;	 /* its AIS is switched on so long after the scene's start */
	int64_t gap_ns;		 /* THROUGH: away so long */
	double turn_m;		 /* radius of its turns */
	double length_m, beam_m, draught_m, height_m; /* height: of what a radar or a camera sees above the sea */
	double pd;		 /* radar's probability of detection; NaN = the radar's own */
};

struct scene_radar {
	char id[SCENE_ID_MAX];
	struct scene_point at;
	double height_m; /* of the antenna, above the ellipsoid, which is the scene's sea */
	int64_t period_ns;
	double range_sigma_m, azimuth_sigma_rad, pd, clutter, min_range_m, max_range_m; /* clutter: mean plots a turn */
	double blind_from_rad, blind_to_rad; /* clockwise; land behind the mast; equal = none */
	uint64_t sac, sic;
	struct sockaddr_in to, from;
};

struct scene_ais_station {
	char id[SCENE_ID_MAX];
	struct scene_point at;
	uint64_t mmsi; /* of the base station: type 4; 0 = a receiver only */
	double range_m, loss;		   /* loss: share of messages not received, 0..1 */
	double sigma_a_m, sigma_b_m;	   /* of a position, on each axis: class A, class B and SART */
	bool tags;			   /* NMEA tag blocks with the time of reception */
	struct sockaddr_in to, from;
};

struct scene_camera {
	char id[SCENE_ID_MAX];
	struct scene_point at;
	double height_m, yaw_rad, tilt_rad, roll_rad, width_rad; /* tilt positive down; width: full field of view */
	uint64_t width_px, height_px;
	double fps;
	struct sockaddr_in to, from;
};

struct scene_land {
	char id[SCENE_ID_MAX];
	unsigned n_ring;
	struct scene_point ring[SCENE_ROUTE_MAX]; /* not closed: the last corner joins the first */
};

struct scene {
	char name[64];
	struct scene_point origin; /* of the plane in which routes are laid */
	unsigned n_vessels, n_radars, n_ais, n_cameras, n_lands;
	struct scene_vessel vessels[SCENE_VESSELS_MAX];
	struct scene_radar radars[SCENE_SENSORS_MAX];
	struct scene_ais_station ais[SCENE_SENSORS_MAX];
	struct scene_camera cameras[SCENE_SENSORS_MAX];
	struct scene_land lands[SCENE_LANDS_MAX];
};

struct scene_error {
	char text[SCENE_ERROR_MAX];
};

/**
 * scene_load() - a scene from a file, or from DIR/DIR's-name.scene when @path is a folder
 *
 * Return: 0 with a scene to free with scene_free(); -ENOENT, or -EINVAL with the reason in @ret_error.
 */
int scene_load(const char *path, struct scene **ret_scene, struct scene_error *ret_error);

/** scene_parse() - the same on bytes in memory; @name is used in errors. */
int scene_parse(const char *name, const char *data, size_t size, struct scene **ret_scene,
	struct scene_error *ret_error);

void scene_free(struct scene *scene);

/** scene_class_name() - as in the file and in the truth, e.g. "high-speed". */
const char *scene_class_name(int class);

/** scene_on_land() - is the point inside a land's ring? Plane geometry on latitude and longitude. */
bool scene_on_land(const struct scene *scene, double lat_rad, double lon_rad);
