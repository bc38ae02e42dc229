/*
 * quality - how good a feed is, beyond what its format counts: rate, silences, missed turns, late plots, duplicates, and how
 * far the source's clock is off ours.
 *
 * Counts and changes nothing: a duplicate is passed on, since fusion takes the same measurement twice in its stride and two
 * receivers may well hear one ship. No clock, no allocation; bounded.
 */
#pragma once

#include "common/plot.h"

#include <stddef.h>
#include <stdint.h>

#define QUALITY_SEEN 1024    /* datagrams remembered for the duplicates */
#define QUALITY_OFFSETS 64   /* the newest of which the median is taken */
#define QUALITY_LATE_NS (INT64_C(10) * 1000000000) /* fusion's window: what is older is history, not picture */

enum quality_count {
	QUALITY_DUPLICATES,   /* the bytes of a datagram of the last two seconds, whoever sent that */
	QUALITY_SILENCES,     /* nothing for three times the usual longest interval, and a second */
	QUALITY_MISSED_TURNS, /* of the antenna, by its north marks */
	QUALITY_LATE,	      /* plots older than QUALITY_LATE_NS when they came */
	_QUALITY_COUNT_MAX,
};

/* All zero at first. */
struct quality {
	uint64_t counts[_QUALITY_COUNT_MAX]; /* the caller's to take and to set to 0 */
	struct {
		uint64_t hash;
		int64_t recv_ns;
	} seen[QUALITY_SEEN];
	int64_t last_ns, longest_ns, usual_ns; /* newest datagram; longest interval of this run; usual longest interval of a run */
	unsigned run;			       /* datagrams of this run */
	int64_t north_ns;		       /* newest north mark's own time */
	unsigned n_offsets;		       /* so far; the newest lies at (n_offsets - 1) % QUALITY_OFFSETS */
	int32_t offsets_ms[QUALITY_OFFSETS];
	uint64_t rate_records; /* what quality_rate() was told last, and when */
	int64_t rate_ns;
};

/** quality_datagram() - one came. */
void quality_datagram(struct quality *q, const uint8_t *data, size_t size, int64_t recv_ns);

/**
 * quality_plot() - it became this plot
 * @turn_ns: time of one turn of the antenna; 0 = unknown
 */
void quality_plot(struct quality *q, const struct plot *plot, int64_t recv_ns, int64_t turn_ns);

/** quality_offset_ms() - median of receive time minus the messages' own time: positive when they are behind. 0 = unknown. */
int32_t quality_offset_ms(const struct quality *q);

/** quality_rate() - per second since the last call; @records is their total. */
uint64_t quality_rate(struct quality *q, uint64_t records, int64_t now_ns);
