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
};

struct reference_judgement reference_judge(const struct feed *feeds, unsigned n, const uint8_t *frame, size_t size);
