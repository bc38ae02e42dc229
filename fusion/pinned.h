/*
 * pinned - exp, log, sin, cos, atan2 with one result on every processor.
 *
 * glibc picks variants of these by CPU (with and without fused multiply-add) that differ in the
 * last bit; a replay on another machine would then give other tracks. These use +, -, *, / and sqrt
 * only, which IEEE 754 rounds exactly, and are compiled with -ffp-contract=off. Error below 4 units
 * in the last place on the ranges given (test-pinned).
 */
#pragma once

/** pinned_exp() - e^x. 0 below -700, infinity above 709, NaN for NaN. */
double pinned_exp(double x);

/** pinned_log() - natural logarithm of a normal number > 0; -infinity for 0 and subnormals, NaN
 * below 0. */
double pinned_log(double x);

/** pinned_sincos() - sine and cosine, |x| <= 1e5 rad; NaN beyond. Error 1e-15 absolute. */
void pinned_sincos(double x, double *ret_sin, double *ret_cos);

/** pinned_atan2() - angle of (x, y) in [-pi, pi]; 0 at the origin. */
double pinned_atan2(double y, double x);

/** pinned_wrap() - an angle into (-pi, pi]; |rad| <= 1e5. */
double pinned_wrap(double rad);
