/*
 * reference - the gate's rules said once more in plain C, straight from feeds and bytes: no tables, no tricks.
 *
 * All but the rate, which depends on the clock.
 */
#pragma once

#include <stddef.h>

#include "bpf/ingest.h"
#include "common/feed.h"

struct reference_judgement {
	enum ingest_verdict verdict;
	const struct feed *feed; /* whose counter moves; NULL = nobody's */
	/* Of a whole datagram at a feed whose headers are right; payload NULL = it is none. */
	struct netaddr from;
	const uint8_t *payload;
	size_t payload_size;
};

struct reference_judgement reference_judge(const struct feed *feeds, unsigned n, const uint8_t *frame, size_t size);

/* Ports that stay open while UDP of no feed is refused. */
struct reference_strict {
	const uint16_t *open; /* host byte order */
	unsigned n_open;
};

/** reference_judge_strict() - @strict NULL: as reference_judge(). */
struct reference_judgement reference_judge_strict(const struct feed *feeds, unsigned n,
	const struct reference_strict *strict, const uint8_t *frame, size_t size);
