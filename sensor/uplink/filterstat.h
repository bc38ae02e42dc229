/*
 * filterstat - what a packet filter wrote of itself (bpf/status.h), as health reports.
 *
 * One of the filter ("filter@INTERFACE", its mode and the interface's counts) and one of each feed that passes it. The
 * file is the filter's: whatever else is in it is left out, and a file with more feeds than FILTERSTAT_FEEDS_MAX is cut.
 */
#pragma once

#include "common/wire.h"

#include <jansson.h>

#define FILTERSTAT_FEEDS_MAX 64

/** filterstat_fill() - mode, policy and the interface's counts into @h, which names host and process already. */
void filterstat_fill(json_t *root, struct wire_health *h);

/** filterstat_each_feed() - calls @fn with a report of each feed; the rest of it is as in @of. */
void filterstat_each_feed(json_t *root, const struct wire_health *of, void (*fn)(void *user, const struct wire_health *h),
	void *user);
