/*
 * latency - how long from a datagram's arrival to its track's update here: buckets for Prometheus, exact
 * percentiles over the last LATENCY_KEPT.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define LATENCY_KEPT 8192
#define LATENCY_BUCKETS 12
extern const double latency_bounds_s[LATENCY_BUCKETS]; /* upper bounds */

struct latency {
	uint64_t count, buckets[LATENCY_BUCKETS]; /* not cumulative; beyond the last bound only in count */
	double sum_s;
	int64_t kept_ns[LATENCY_KEPT];
};

void latency_add(struct latency *l, int64_t latency_ns); /* negative: clocks disagree; counted as 0 */
/** latency_percentiles() - sorts a copy once. @q in 0..1. NaN while nothing is kept. */
void latency_percentiles(const struct latency *l, const double *q, size_t n, double *ret_s);
