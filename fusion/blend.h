/*
 * blend - one filter for what may be several: a track whose plot is in doubt is a bit of each.
 *
 * A track that was perhaps missed, or gave this plot, or that one, is as many filters, each with
 * its probability. They become one of the same mean and covariance, mode by mode: the spread
 * between the plots is uncertainty the filter then knows of. For direct measurements that is the
 * update by a combined innovation of probabilistic data association. No I/O, no clock, no
 * allocation.
 *
 * Source: Bar-Shalom & Li, "Multitarget-Multisensor Tracking" (1995) (PDA; moment matching).
 */
#pragma once

#include "fusion/filter.h"

/**
 * blend_add() - one more possibility
 * @f:       what it was until now, of weight @weight; becomes that or @other
 * @other:   borrowed, of weight @share; at the same time as @f
 *
 * Weights are unitless and need not sum to 1. Nothing changes unless @share > 0 and the modes'
 * probabilities of both are above 0; with @weight 0, @f becomes @other. Any order gives the same,
 * but for rounding.
 *
 * Return: the weight of @f now.
 */
double blend_add(struct filter *f, double weight, const struct filter *other, double share);
