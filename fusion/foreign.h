/*
 * foreign - tracks that other trackers made (TTM, TTD, TLL, CAT062): joined to ours, and never taken for measurements.
 *
 * Their errors go on from one report to the next, and may be those of our own sensors: a report updates no filter. What its
 * sender calls one track is followed by its number and paired with the track of ours that it agrees with in place and
 * motion over three reports in a row: (a-b)' (A+B)^-1 (a-b) < 18.5. The pair is kept until three in a row disagree, the
 * sender is silent for a minute or gives the number to something else (a jump of twice all sigmas). A pair's states become one by covariance intersection
 * (intersection.h), so that repetition sharpens nothing. What agrees with none of ours and with itself over three reports begins a
 * track; while nobody else has seen that one its state and covariance are the sender's last, no better.
 *
 * Existence. A report says that its sender still believes in its track; a false one of its own does so as well, for the
 * few turns that trackers coast. So their word counts once, 0.995, and then by the time they hold on, not by how often they
 * speak. Our own radars' misses go on counting, but while the sender holds it a track is not taken from the picture: they may not see
 * so far. Tentative tracks of a sender (status Q, CNF) are followed and believe nothing into being.
 *
 * Limits: FOREIGN_ENTRIES numbers at a time, beyond that reports are dropped and counted. Position and velocity of a report
 * are taken for independent of each other: no format tells their covariance. Called by tracker.c only; no I/O, no clock, no
 * allocation after foreign_new(). Source: notes of intersection.h; Bar-Shalom & Li, "Multitarget-Multisensor Tracking" (1995), 8.4
 * (track-to-track association).
 */
#pragma once

#include "fusion/tracker.h"

#define FOREIGN_ENTRIES 8192 /* a power of two. ARTAS is specified for 4,000 tracks */

struct foreign;

/** foreign_new() - empty, free() it; NULL without memory. */
struct foreign *foreign_new(void);

/** foreign_size() - of the state, which is free of pointers: a checkpoint is a copy. */
size_t foreign_size(void);
