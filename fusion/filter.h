/*
 * filter - where is it and how does it move: two Kalman filters of constant velocity, a calm and a
 * lively one, mixed (IMM).
 *
 * State (east m, north m, east m/s, north m/s) in the plane of frame.h. No I/O, no clock, no
 * allocation. Sources: Blom & Bar-Shalom, IEEE TAC 33 (1988); Bar-Shalom, Li & Kirubarajan,
 * "Estimation with Applications to Tracking and Navigation" (2001), 6.2.2 (continuous white noise
 * acceleration), 11.6.6 (IMM).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Indices into a packed symmetric 4x4 matrix, upper triangle by rows; u, v are the velocities east
 * and north. */
enum {
	FILTER_XX,
	FILTER_XY,
	FILTER_XU,
	FILTER_XV,
	FILTER_YY,
	FILTER_YU,
	FILTER_YV,
	FILTER_UU,
	FILTER_UV,
	FILTER_VV
};

/* One number of each mode: calm, lively. Both modes are worked on at once. */
typedef double filter_pair __attribute__((vector_size(16)));

struct filter {
	filter_pair x[4];  /* east, north (m), velocity east, north (m/s) */
	filter_pair p[10]; /* covariance */
	filter_pair mu;    /* probability of each mode, sum 1 */
};

/* The two modes mixed: mean and covariance. */
struct filter_mode {
	double x[4];
	double p[10];
};

/* A filter at rest, half the size: what is far from 1 in floats, places relative to the first mode's. Good to
 * 1e-7 of each number. */
struct filter_packed {
	double x_m, y_m;   /* of the calm mode */
	float dx_m, dy_m;  /* lively minus calm */
	float u[2], v[2];
	float p[20];       /* calm, lively */
	float lively;      /* probability */
};

struct filter_model {
	double q[2];          /* white noise acceleration of each mode, m^2/s^3 */
	double switch_time_s; /* mean time between changes of mode */
};

/* A symmetric 2x2 covariance, of positions (m^2) or velocities (m^2/s^2). */
struct filter_cov2 {
	double xx, xy, yy;
};

enum filter_kind {
	FILTER_POSITION, /* x_m, y_m, cov */
	FILTER_POLAR,    /* from (sx_m, sy_m): range_m, azimuth_rad and their sigmas */
	FILTER_BEARING,  /* from (sx_m, sy_m): azimuth_rad and its sigma */
};

/* One measurement, as the filter takes it: time, plane coordinates, noise. */
struct filter_input {
	int64_t time_ns;
	enum filter_kind kind;
	bool has_velocity;
	double x_m, y_m;
	struct filter_cov2 cov;
	double u_mps, v_mps;
	struct filter_cov2 velocity_cov;
	double sx_m, sy_m, range_m, range_sigma_m, azimuth_rad, azimuth_sigma_rad;
};

/** filter_init() - a state from a first position; the velocity is that of @in, or 0 +-
 * @speed_sigma_mps. */
void filter_init(struct filter *f, const struct filter_input *in, double speed_sigma_mps);

/** filter_predict() - to @h_s seconds later; negative: back in time, with the same growth of
 * uncertainty. */
void filter_predict(struct filter *f, double h_s, const struct filter_model *m);

/**
 * filter_update() - takes in a measurement made at the state's time
 *
 * Return: the modes' mixed likelihood of the measurement: 1/m^2 for positions (times 1/(m/s)^2 with
 * velocity), 1/(m rad) for polar, 1/rad for bearings.
 */
double filter_update(struct filter *f, const struct filter_input *in);

/**
 * filter_update_late() - takes in a measurement made @late_s seconds before the state's time
 *
 * The state goes back without noise; what the target may have done since is added to the measurement's noise, as if
 * independent of what the filter has seen of it: no history is needed, and nothing is run again. Against running everything
 * again it costs 0.1 to 0.6 % of GOSPA with half of the AIS reports 0-8 s late (docs/tracking.md). Source: Bar-Shalom, IEEE TAES
 * 38 (2002), algorithm C. Return: as filter_update().
 */
double filter_update_late(struct filter *f, double late_s, const struct filter_input *in, const struct filter_model *m);

/**
 * filter_distance2() - squared distance and likelihood of a position or polar measurement's place
 * @ret_d2:         Mahalanobis distance under the mixed covariance; untouched on error
 * @ret_likelihood: 1/m^2, mixed over the modes; untouched on error
 *
 * Velocity is not looked at. Return: 0, or -EDOM for a covariance that is not one.
 */
int filter_distance2(const struct filter *f, const struct filter_input *in, double *ret_d2,
	double *ret_likelihood);

/** filter_bearing2() - the same for a bearing: d2 unitless, likelihood 1/rad. */
int filter_bearing2(const struct filter *f, const struct filter_input *in, double *ret_d2,
	double *ret_likelihood);

/** filter_set() - both modes at @state; their probabilities stay. For a state that others computed. */
void filter_set(struct filter *f, const struct filter_mode *state);

/** filter_estimate() - the mixed state and covariance. */
void filter_estimate(const struct filter *f, struct filter_mode *ret_estimate);

/** filter_polar_cov() - covariance on the plane of a range and azimuth seen in direction (dx, dy)
 * (notes: exact to first order). */
struct filter_cov2 filter_polar_cov(
	double dx_m, double dy_m, double range_sigma_m, double azimuth_sigma_rad);

/** filter_pack(), filter_unpack() - to and from the small form. */
void filter_pack(const struct filter *f, struct filter_packed *ret_p);
void filter_unpack(const struct filter_packed *p, struct filter *ret_f);

/** filter_place() - mixed position and velocity, without the work of the covariance. */
void filter_place(const struct filter_packed *p, double ret_x[static 4]);
