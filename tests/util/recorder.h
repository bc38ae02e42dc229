/*
 * recorder - a ship sink as a program of its own, to be killed: commits all that comes into a ship log, cursors with it.
 *
 * usage: recorder URL DB FD DELAY_MS [CA CERTIFICATE KEY]
 * FD: gets one struct recorder_note for each record after its commit, as long as it is open. DELAY_MS: what a batch takes.
 * In DB a record's `stored` is the first letter of its lane. Kept in one transaction: mark "LANE" = (epoch, last).
 */
#pragma once

#include "common/plot.h"

#include <stdint.h>

struct recorder_note {
	char lane; /* first letter */
	uint8_t kind;
	uint32_t id; /* of a plot */
	char feed[PLOT_FEED_MAX];
	int64_t mono_ns; /* when it was committed */
};
