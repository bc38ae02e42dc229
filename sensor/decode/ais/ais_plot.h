/*
 * ais_plot - an AIS message as plots: position, identity, distress.
 */
#pragma once

#include "sensor/decode/ais/ais_message.h"
#include "sensor/decode/plotting.h"

/* What a message did not give, or why it gave nothing. Each is one counter. */
enum ais_plot_drop {
	AIS_PLOT_DROP_NONE,
	AIS_PLOT_DROP_KIND,	/* a type that says nothing about a target: base stations, safety texts */
	AIS_PLOT_DROP_POSITION, /* position not available or out of range */
	AIS_PLOT_DROP_VIRTUAL,	/* a virtual aid to navigation: nothing is there */
	_AIS_PLOT_DROP_MAX,
};

#define AIS_PLOT_MAX 2

/**
 * ais_plot() - the plots in one message
 * @ret_plots: AIS_PLOT_MAX; those returned are whole
 * @ret_drop:  set when it returns 0
 *
 * A position with an MMSI that names nobody (factory default, impossible) is a plot without identity. A distress
 * device without a position is an identity plot, so that the alarm does not wait for its first fix.
 *
 * Return: number of plots.
 */
unsigned ais_plot(const struct ais_message *m, const struct plotting *p, struct plot *ret_plots,
	enum ais_plot_drop *ret_drop);

/**
 * ais_plot_time() - when a report was true, from its UTC second and the receive time
 * @second:       0..59; anything else means that there is none
 * @recv_ns:      receive time
 * @ret_sigma_ns: 1 sigma, the host's clock not included
 *
 * Reports leave a few seconds after their fix. A second that would make the report older than AIS_PLOT_AGE_MAX_NS is not
 * this minute's (a replayed log, a transponder without a fix): the receive time is used and its sigma says so.
 */
int64_t ais_plot_time(int32_t second, int64_t recv_ns, int64_t *ret_sigma_ns);

#define AIS_PLOT_AGE_MAX_NS INT64_C(10000000000)
#define AIS_PLOT_AHEAD_MAX_NS INT64_C(2000000000) /* of our clock, when it is not the better one */
