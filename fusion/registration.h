/*
 * registration - how far is a sensor off? Range, azimuth and time bias of a radar, azimuth (yaw) of
 * a camera.
 *
 * A residual is what a plot says less what a vessel's own report predicts (pairing.h); tracks,
 * which the sensor has pulled, are never asked, nor is anything that was corrected. So no estimate
 * can prove itself right, and a mistake is found out by the next residuals:
 *
 *   searching  Every plot in a wide window around a report is a vote. False votes spread over the
 *              window, true ones heap up at the bias. A heap that chance does not make, of several
 *              vessels, locks.
 *   locked     z = [dr, da] = [b_r + rdot b_t, b_a + adot b_t] + noise, recursive least squares
 *              over the nearest plot of each report within 4 sigma. A heap of late votes somewhere
 *              else starts it again from there; none at all sends it back to searching.
 *
 * Signs: what the sensor says is too much by b_r and b_a, and its time too early by b_t (the plot
 * shows where the vessel is b_t later than stated). A component is applied once it is known to 3 m,
 * 0.02 degrees, 0.05 s and is no accident (5 sigma off 0, or 3 where those are within the limit); it
 * is left when it is known only to twice that. b_t needs fast vessels, as its uncertainty tells.
 *
 * Frames: range and azimuth from the sensor in the plane of frame.h, clockwise from its north. No
 * I/O, no clock, no allocation, no pointers. Sources: notes 2.7; Bar-Shalom, Willett & Tian,
 * "Tracking and Data Fusion" (2011), 9.5 (bias as a common error; consider filter: Schmidt 1966).
 */
#pragma once

#include "fusion/filter.h"

#include <stdbool.h>
#include <stdint.h>

enum registration_component {
	REGISTRATION_RANGE,   /* m */
	REGISTRATION_AZIMUTH, /* rad */
	REGISTRATION_TIME,    /* s */
	_REGISTRATION_COMPONENT_MAX,
};

enum registration_state {
	REGISTRATION_UNKNOWN,  /* not observed: too few vessels that report */
	REGISTRATION_ROUGH,    /* estimated, not well enough yet */
	REGISTRATION_NONE_SEEN, /* known well, and not to be told from 0: nothing is corrected */
	REGISTRATION_APPLIED,
	_REGISTRATION_STATE_MAX,
};

#define REGISTRATION_VOTES 256
/* The window. A bias three sigmas of a plot inside its rim is found; more is an installer's error. */
#define REGISTRATION_RANGE_MAX_M 400.0
#define REGISTRATION_AZIMUTH_MAX_RAD 0.0611 /* 3.5 degrees */
#define REGISTRATION_CANDIDATES 8 /* plots a report may have in the window; more say nothing */

/* One plot against one report. [0] range (m), [1] azimuth (rad). */
struct registration_vote {
	uint32_t vessel;
	float z[2];    /* plot minus prediction */
	float var[2];  /* of both together, without the bias */
	float rate[2]; /* of the vessel, per second */
};

struct registration {
	bool bearing; /* a camera: azimuth only */
	bool locked;
	bool applied[_REGISTRATION_COMPONENT_MAX];
	uint32_t n_votes, next_vote, fresh; /* a ring; votes since it was last looked over */
	uint64_t used, refused, restarts;   /* residuals inside and outside the gate; locks */
	int64_t time_ns;                    /* of @p */
	double b[_REGISTRATION_COMPONENT_MAX];
	double p[_REGISTRATION_COMPONENT_MAX][_REGISTRATION_COMPONENT_MAX];
	double noise; /* variance of the residuals over the stated one, >= 1 */
	struct registration_vote votes[REGISTRATION_VOTES];
};

/** registration_init() - nothing known. @bearing: of a camera. */
void registration_init(struct registration *r, bool bearing);

/**
 * registration_learn() - the plots that one report may have given, @n of them, none used before
 * @time_ns: of the plots. More than REGISTRATION_CANDIDATES are ignored altogether.
 */
void registration_learn(struct registration *r, const struct registration_vote *votes, unsigned n,
	int64_t time_ns);

/** registration_correct() - takes the applied components out of a plot of a sensor at (sx, sy). */
void registration_correct(
	const struct registration *r, double sx_m, double sy_m, struct filter_input *in);

/** registration_shift_ns() - what registration_correct() adds to a plot's time. */
int64_t registration_shift_ns(const struct registration *r);

/**
 * registration_share() - covariance of place that all corrected plots at (dx, dy) from the sensor
 * share
 *
 * The rest of a bias is the same in every plot: averaging does not take it away, so it is no part
 * of a filter's noise ("consider"). 0 without a lock: what is not known at all is not told.
 */
struct filter_cov2 registration_share(const struct registration *r, double dx_m, double dy_m);

/* What is known of one component. */
struct registration_view {
	enum registration_state state;
	double value, sigma; /* m, rad or s; NaN while UNKNOWN */
};
struct registration_view registration_look(
	const struct registration *r, enum registration_component which);
