/*
 * plotter - one datagram of a feed to encoded plots, whatever the feed speaks. Counts everything.
 *
 * Stateful only where the protocol is: AIS messages that span datagrams.
 */
#pragma once

#include "common/counter.h"
#include "common/feed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLOTTER_RECORDS_MAX 255	   /* of one datagram: the index is eight bits of the lane's seq. 1,472 bytes hold 210 */
#define PLOTTER_RECORD_BYTES 512   /* room for one encoded plot; the largest is below 300 bytes */

struct plotter_record {
	uint32_t offset, size; /* in bytes[] */
};

/* The encoded plots (WIRE_PLOT) of one datagram. */
struct plotter_out {
	unsigned n;
	uint32_t used;
	struct plotter_record records[PLOTTER_RECORDS_MAX];
	uint8_t bytes[PLOTTER_RECORDS_MAX * PLOTTER_RECORD_BYTES];
};

struct plotter;

/** plotter_new() - @feed is borrowed until plotter_free(); its site's version must be set. Registers counters once. */
int plotter_new(const struct feed *feed, struct plotter **ret_p);

/** plotter_explain() - why plotter_new() gave -EINVAL: an edition that is not known, and those that are. */
void plotter_explain(const struct feed *feed, char *ret_why, size_t size);
void plotter_free(struct plotter *p);

/** plotter_set_clock() - 1 sigma of the host's clock, from now on. */
void plotter_set_clock(struct plotter *p, int64_t sigma_ns);

/** plotter_gauge() - rate and clock offset into their counters, for what is told next. */
void plotter_gauge(struct plotter *p, int64_t now_ns);

#define PLOTTER_COUNTS_MAX 96

/* What a plotter counted, for the next one of the same feed. */
struct plotter_counts {
	uint64_t layout; /* which counters these are, as a number; 0 = none */
	uint64_t value[PLOTTER_COUNTS_MAX];
};

void plotter_counts(const struct plotter *p, struct plotter_counts *ret_counts);

/** plotter_resume() - counts on from @counts. Return: false when they are of other counters, and nothing was done. */
bool plotter_resume(struct plotter *p, const struct plotter_counts *counts);

/** plotter_reset() - forgets half messages: the next datagram is not the one after the last. */
void plotter_reset(struct plotter *p);

/**
 * plotter_take() - decodes one datagram
 * @data:     with BITS_SLACK readable bytes behind it
 * @counting: false when this datagram has been counted before (it is decoded again after a reconnection)
 */
void plotter_take(struct plotter *p, const uint8_t *data, size_t size, uint32_t source, int64_t recv_ns, bool counting,
	struct plotter_out *ret_out);
