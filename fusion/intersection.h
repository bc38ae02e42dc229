/*
 * intersection - two estimates of one thing whose errors may have anything in common: covariance intersection.
 *
 * P^-1 = w A^-1 + (1-w) B^-1, x = P (w A^-1 a + (1-w) B^-1 b), with the w in [0, 1] of the smallest det P. Never better than
 * the truth, whatever the correlation, as long as A and B are not. States and covariances as in filter.h: m, m/s. Pure
 * functions of + - * / and sqrt; golden section with a fixed number of steps, so the same bits everywhere. Source: Julier &
 * Uhlmann, "A non-divergent estimation algorithm in the presence of unknown correlations", American Control Conference (1997).
 */
#pragma once

#include "fusion/filter.h"

/**
 * intersection_fuse() - both in one
 * @ret_state:  untouched on error
 * @ret_weight: w, of @a; 1 = @b says nothing new
 * @ret_gain:   det A / det P, >= 1 up to rounding
 *
 * Return: 0, or -EDOM when either is no estimate.
 */
int intersection_fuse(const struct filter_mode *a, const struct filter_mode *b, struct filter_mode *ret_state,
	double *ret_weight, double *ret_gain);

/**
 * intersection_distance2() - (a-b)' (A+B)^-1 (a-b), unitless
 *
 * Errors in common make it smaller than four squared sigmas would be. Return: 0, or -EDOM when A+B is no covariance.
 */
int intersection_distance2(const struct filter_mode *a, const struct filter_mode *b, double *ret_d2);
