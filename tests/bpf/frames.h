/*
 * frames - feeds and frames by chance for tests in which several judges must say the same: both families, tags, options,
 * extension headers, fragments, lengths that lie, cut ends. The same from the same seed everywhere.
 */
#pragma once

#include <stdint.h>

#include "common/feed.h"
#include "tests/bpf/packet.h"

#define FRAMES_FEEDS 18

/* Open while frames_feeds() stand in a strict policy. */
extern const uint16_t frames_open[2];

void frames_seed(uint64_t seed);
uint32_t frames_below(uint32_t n); /* by chance, less than @n > 0 */

/** frames_feeds() - of every format, on shared ports and groups, on any address, taking fragments or not. */
void frames_feeds(struct feed ret_feeds[FRAMES_FEEDS]);

/** frames_make() - most aim at @feeds, many of them badly. */
void frames_make(const struct feed feeds[FRAMES_FEEDS], struct packet *ret_packet);
