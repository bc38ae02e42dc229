/*
 * nmea_plot - the targets of TTM, TTD and TLL as plots.
 *
 * These are TRACKS of the radar, not plots: filtered, so that their errors are correlated from one sentence to the next, and a
 * radar that sends two of the three says the same thing twice. They carry the radar's target number (one count for the three), so
 * that fusion takes them for what they are; a target without a number is none. A feed's sigmas are those of its tracks, and larger
 * than the antenna's. Speed and course come from the same filter; their sigmas here are twice what the standard asks of it.
 *
 * A fixed radar gives polar plots from its site. One on a ship (Moving=yes) gives positions, range and bearing beside them, from
 * where her RMC, GLL or GGA say she is; without these nothing. Relative bearings need her heading. Acquiring targets (status Q)
 * are tentative and without speed and course, for the echo is there although its motion is not settled; lost ones are none. Labels (TLB)
 * and names claim nothing: an operator typed them.
 */
#pragma once

#include "sensor/decode/nmea/nmea_own.h"
#include "sensor/decode/plotting.h"

/* Why a target gave no plot. Each is one counter. */
enum nmea_plot_drop {
	NMEA_PLOT_DROP_NONE,
	NMEA_PLOT_DROP_KIND,	 /* a sentence that is about no target */
	NMEA_PLOT_DROP_POSITION, /* number, range, bearing, their reference or unit missing or impossible */
	NMEA_PLOT_DROP_LOST,	 /* the radar has lost it */
	NMEA_PLOT_DROP_TEST,	 /* a test target */
	NMEA_PLOT_DROP_HEADING,	 /* a relative bearing without a fresh heading */
	NMEA_PLOT_DROP_OWN,	 /* on a ship, without a fresh position of hers */
	_NMEA_PLOT_DROP_MAX,
};

#define NMEA_PLOT_MAX NMEA_MESSAGE_TTD_MAX

/* A target's time further from the receive time than this is not believed: a wrong clock, or a replay. */
#define NMEA_PLOT_TIME_MAX_NS INT64_C(10000000000)

/**
 * nmea_plot() - the plots in one sentence
 * @own:       of the same feed
 * @ret_plots: NMEA_PLOT_MAX; those returned are whole
 * @drops:     one is added for each target, NONE for those that are plots, and for a sentence without targets
 * @times_bad: one is added for each time that was not believed; the receive time was used
 *
 * Return: number of plots.
 */
unsigned nmea_plot(const struct nmea_message *m, const struct nmea_own *own, const struct plotting *p, struct plot *ret_plots,
	uint64_t drops[_NMEA_PLOT_DROP_MAX], uint64_t *times_bad);
