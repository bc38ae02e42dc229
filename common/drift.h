/*
 * drift - how wrong may the clock be by now? From what the kernel says, and how long ago somebody corrected it.
 *
 * The kernel's own bound (adjtimex maxerror) is what the NTP, PTP or GNSS daemon stated at its last correction, and grows
 * by 500 ppm from then on (Linux MAXFREQ), the worst any oscillator may do: after 2,000 s between two NTP polls it says 1 s.
 * A clock whose frequency has been disciplined does better: RFC 5905 (7.2, PHI) takes 15 ppm for it. So:
 *
 *   synchronised     the kernel's bound, but no more than that of the last correction + 15 ppm
 *   holdover         was synchronised since boot and is no more: the last correction's bound + 15 ppm, for as long as it takes
 *   free             never was: set from a battery clock at boot, 750 ms then, + 500 ppm (adjtimex tolerance)
 *
 * Pure: no clock is read here.
 */
#pragma once

#include "common/clock.h"

struct drift {
	bool ever;	   /* was synchronised since boot */
	int64_t base_ns;   /* the error at the last correction, and when that was */
	int64_t at_ns;	   /* monotonic */
	int64_t kernel_ns; /* the bound we saw last: it falls only when somebody corrects the clock */
};

/** drift_update() - @raw: synchronised, max_error_ns, est_error_ns, pps from the kernel. @ret_q may be @raw. */
void drift_update(struct drift *d, const struct clock_quality *raw, int64_t mono_ns, struct clock_quality *ret_q);

/** drift_free_ns() - the error of a clock of which nothing is known, @mono_ns after boot. */
int64_t drift_free_ns(int64_t mono_ns);
