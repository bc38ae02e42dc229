/*
 * clock - the only module that reads a clock.
 *
 * Everything else takes `now_ns`. Tests and simulation run on the virtual clock.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_NS_PER_S INT64_C(1000000000)
#define CLOCK_NS_PER_MS INT64_C(1000000)

/** clock_now_ns() - UTC, ns since the Unix epoch; the virtual clock where one is set. */
int64_t clock_now_ns(void);

/** clock_mono_ns() - never goes back; the virtual clock where one is set. */
int64_t clock_mono_ns(void);

/** clock_set_virtual() - from now on both clocks read @now_ns until told otherwise. Tests only. */
void clock_set_virtual(int64_t now_ns);

/** clock_set_real() - back to the machine's clocks. */
void clock_set_real(void);

enum clock_state {
	CLOCK_SYNCHRONISED, /* NTP, PTP or GNSS keeps it */
	CLOCK_HOLDOVER,	    /* did so since boot, and does not now */
	CLOCK_FREE,	    /* never did since boot */
	_CLOCK_STATE_MAX
};

struct clock_quality {
	bool synchronised;    /* state == CLOCK_SYNCHRONISED */
	bool pps;	      /* by a pulse every second: GNSS */
	enum clock_state state;
	int64_t max_error_ns; /* upper bound: common/drift.h */
	int64_t est_error_ns; /* the daemon's own estimate */
};

/**
 * clock_quality() - how good the host's clock is: from the kernel (adjtimex), and where a sandbox forbids asking
 * (ProtectClock=), from what vedette-clock keeps in CLOCK_FILE
 *
 * Return: 0, or -errno with @ret_q untouched: -ENOENT, -ESTALE when vedette-clock does not run.
 */
int clock_quality(struct clock_quality *ret_q);

#define CLOCK_FILE "/run/vedette/clock/state" /* or $VEDETTE_CLOCK */
#define CLOCK_FILE_MAX_AGE_NS (15 * CLOCK_NS_PER_S)

/** clock_publish() - the kernel's word into @path, for those who may not ask; what is there already is gone on from. */
int clock_publish(const char *path);
