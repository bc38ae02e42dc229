/*
 * card - a track in JSON: a row of the table, the whole card, its identity for the stream (docs/http.md).
 */
#pragma once

#include "hub/hub.h"
#include "hub/jout.h"

/* 95 % of a 2-D Gaussian lie within sqrt(5.991) sigma: the chi-square quantile of 2 degrees of freedom. */
#define CARD_CHI2_95 5.991464547107979

extern const char *const card_class_names[_TRACK_CLASS_MAX];
extern const char *const card_state_names[_TRACK_STATE_MAX];
extern const char *const card_sensor_names[_PLOT_SENSOR_MAX];

struct card_ellipse {
	double major_m, minor_m; /* semi-axes, 95 %; NaN when the covariance is none */
	double angle_rad;	 /* of the major axis, clockwise from north, 0..pi */
};
void card_ellipse(const struct track *t, struct card_ellipse *ret_e);

/** card_mmsi() - of the most probable identity; 0 = none. */
uint32_t card_mmsi(const struct track *t);
double card_sog_mps(const struct track *t);
double card_cog_deg(const struct track *t); /* NaN below 0.1 m/s: a heading of noise */

/* Members only: the caller opens and closes the object. */
void card_row(const struct picture_entry *e, int64_t now_ns, struct jout *j);
void card_full(const struct hub *hub, const struct picture_entry *e, int64_t now_ns, struct jout *j);
void card_ident(const struct picture_entry *e, struct jout *j);

/** card_matches() - @needle (lower case) is in the name, call sign, MMSI, IMO number or id. */
bool card_matches(const struct track *t, const char *needle);
