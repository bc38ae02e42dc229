/*
 * asterix_plot - ASTERIX records as plots.
 *
 * CAT048, CAT001 and CAT010 with a measured range: polar. CAT010 otherwise, CAT021, CAT062: positions. CAT034 and CAT002 north markers
 * as such.
 */
#pragma once

#include "sensor/decode/asterix/asterix.h"
#include "sensor/decode/plotting.h"

/* Why a record gave no plot. Each is one counter. */
enum asterix_plot_drop {
	ASTERIX_PLOT_DROP_NONE,
	ASTERIX_PLOT_DROP_KIND,	    /* service messages other than the north marker, other categories */
	ASTERIX_PLOT_DROP_SOURCE,   /* SAC/SIC is not this feed's */
	ASTERIX_PLOT_DROP_POSITION, /* no measured position, or one beyond I048/040's range; a track without its number */
	ASTERIX_PLOT_DROP_COAST,    /* no detection: the radar's tracker extrapolated it */
	ASTERIX_PLOT_DROP_TEST,	    /* simulated or test target, field monitor */
	_ASTERIX_PLOT_DROP_MAX,
};

/**
 * asterix_plot() - the plot in one record
 * @ret_plot: whole when true is returned
 * @ret_drop: set when false is returned
 * @ret_time_of_day_bad: set true when the record's time of day was not believed (further than
 *            ASTERIX_PLOT_TIME_MAX_NS from the receive time); otherwise untouched
 */
bool asterix_plot(const struct asterix_record *r, const struct plotting *p, struct plot *ret_plot,
	enum asterix_plot_drop *ret_drop, bool *ret_time_of_day_bad);

/* A radar hands its plots over within a sector or two; further off its clock is wrong, or this is a replay. */
#define ASTERIX_PLOT_TIME_MAX_NS INT64_C(10000000000)
