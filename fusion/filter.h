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

struct filter_mode {
	double x[4];  /* east, north (m), velocity east, north (m/s) */
	double p[10]; /* covariance */
};

struct filter {
	struct filter_mode mode[2]; /* calm, lively */
	double mu[2];               /* probability of each, sum 1 */
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

/** filter_estimate() - the mixed state and covariance. */
void filter_estimate(const struct filter *f, struct filter_mode *ret_estimate);

/** filter_polar_cov() - covariance on the plane of a range and azimuth seen in direction (dx, dy)
 * (notes: exact to first order). */
struct filter_cov2 filter_polar_cov(
	double dx_m, double dy_m, double range_sigma_m, double azimuth_sigma_rad);
