/*
 * doppler - what a radar's range rate says about a track: one scalar row for a Kalman update.
 *
 * Plane of frame.h, metres and m/s; range rate positive when opening. The rate is that of the plane: a target at height h
 * seen at slant range R is wrong by less than (h/R)^2/2 of it. Pure functions. Source: Bar-Shalom, Li & Kirubarajan,
 * "Estimation with Applications to Tracking and Navigation" (2001), 10.3 (extended Kalman filter).
 */
#pragma once

#include "fusion/filter.h"

struct doppler_row {
	double innovation_mps; /* measured minus expected */
	double h[4];	       /* derivative of the rate by east, north (1/s) and the velocities (unitless) */
	double variance;       /* of the measurement, (m/s)^2 */
	double total;	       /* of the innovation: that and the state's share, (m/s)^2 */
};

/**
 * doppler_row() - the row at a state
 * @m:     state, borrowed
 * @sx_m:  where the radar stands, with @sy_m
 * @rate_mps:  measured, with its sigma > 0
 *
 * Return: 0, or -EDOM when a value is none, or the target is nearer than three sigma of its own place: the line of sight is
 * not known then. @ret_row is untouched on error.
 */
int doppler_row(const struct filter_mode *m, double sx_m, double sy_m, double rate_mps, double sigma_mps,
	struct doppler_row *ret_row);

/**
 * doppler_update() - takes a rate into a filter at its time: both modes, and which of them is the likelier
 *
 * Return: 0, or -EDOM when a mode has no row for it, or it is five sigma from what both expect: an ambiguous rate, or another's.
 * Nothing changes then.
 */
int doppler_update(struct filter *f, double sx_m, double sy_m, double rate_mps, double sigma_mps);
