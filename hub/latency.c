#include "hub/latency.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double latency_bounds_s[LATENCY_BUCKETS] = { 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5 };

void latency_add(struct latency *l, int64_t latency_ns)
{
	double s = latency_ns > 0 ? (double)latency_ns / 1e9 : 0;
	for (size_t i = 0; i < LATENCY_BUCKETS; i++)
		if (s <= latency_bounds_s[i]) {
			l->buckets[i]++;
			break;
		}
	l->kept_ns[l->count++ % LATENCY_KEPT] = latency_ns > 0 ? latency_ns : 0;
	l->sum_s += s;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

void latency_percentiles(const struct latency *l, const double *q, size_t n, double *ret_s)
{
	size_t kept = l->count < LATENCY_KEPT ? (size_t)l->count : LATENCY_KEPT;
	int64_t *copy = kept ? malloc(kept * sizeof(*copy)) : NULL;
	if (copy) {
		memcpy(copy, l->kept_ns, kept * sizeof(*copy));
		qsort(copy, kept, sizeof(*copy), compare);
	}
	/* Nearest rank: the value that at least q of all do not exceed. */
	for (size_t i = 0; i < n; i++) {
		size_t rank = (size_t)ceil(q[i] * (double)kept);
		ret_s[i] = copy ? (double)copy[rank ? rank - 1 : 0] / 1e9 : NAN;
	}
	free(copy);
}
