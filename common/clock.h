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

/* The kernel's opinion of the host clock (adjtimex). */
struct clock_quality {
	bool synchronised;
	int64_t max_error_ns; /* upper bound the kernel states */
	int64_t est_error_ns;
};

/** clock_quality() - Return: 0, or -errno with @ret_q untouched. */
int clock_quality(struct clock_quality *ret_q);
