/*
 * adsb_plot - an ADS-B message as plots: position with velocity, identity.
 *
 * Height: plots want metres above the ellipsoid. A GNSS height (type codes 20-22) is that. A barometric altitude is a
 * pressure, not a height: it becomes one only by the aircraft's own difference between the two (type code 19, 25 ft steps, kept for
 * ADSB_PLOT_DIFFERENCE_NS), otherwise alt_m stays NaN. That difference may be against mean sea level where a sender
 * has nothing better (DO-260B 2.2.3.2.6.1.15): then the height is off by the geoid's, at most 107 m.
 */
#pragma once

#include "sensor/decode/adsb/adsb_aircraft.h"
#include "sensor/decode/plotting.h"

#define ADSB_PLOT_MAX 2
#define ADSB_PLOT_VELOCITY_NS INT64_C(3000000000)    /* sent twice a second */
#define ADSB_PLOT_DIFFERENCE_NS INT64_C(60000000000) /* at 2000 ft/min pressure and height drift apart by less than 100 ft */

/* Why a message gave no position plot. Each is one counter. */
enum adsb_plot_drop {
	ADSB_PLOT_DROP_NONE,
	ADSB_PLOT_DROP_KIND,	 /* says nothing about where */
	ADSB_PLOT_DROP_UNKNOWN,	 /* a reply whose address is not believed */
	ADSB_PLOT_DROP_POSITION, /* half a position, or one that is not believed yet */
	ADSB_PLOT_DROP_ACCURACY, /* its sender bounds its error by nothing */
	_ADSB_PLOT_DROP_MAX,
};

/**
 * adsb_plot() - the plots in one message
 * @a:         its aircraft; NULL when its address is not believed
 * @ret_plots: ADSB_PLOT_MAX; those returned are whole
 * @ret_drop:  set when it returns 0
 *
 * An address that is not ICAO's (a ground vehicle's, a TIS-B track number) or that cannot be one gives no identity.
 *
 * Return: number of plots.
 */
unsigned adsb_plot(const struct adsb_message *m, const struct adsb_aircraft *a, const struct plotting *p,
	struct plot *ret_plots, enum adsb_plot_drop *ret_drop);
