/*
 * history - measurements that come late: the last inputs of a track, and the state before them.
 *
 * A late one is put in its place and the filter is run again from the anchor; the answer is the
 * same as if all had come in order (test-history). Inputs are kept, not states: a state costs 240
 * bytes, an input half of that.
 */
#pragma once

#include "fusion/filter.h"

#define HISTORY_INPUTS 16 /* two radars at 2.5 s and AIS at 5 s fill 10 s */

struct history {
	int64_t anchor_ns, time_ns; /* of the anchor's state; of the newest input */
	struct filter anchor;
	unsigned first, n;
	struct filter_input inputs[HISTORY_INPUTS]; /* a ring from @first on, ascending time */
};

/** history_init() - the track starts with state @f at @time_ns. */
void history_init(struct history *h, const struct filter *f, int64_t time_ns);

/**
 * history_update() - takes a measurement into the filter, late or not
 * @f: state at h->time_ns; on success at the newer of that and @in's time
 *
 * Return: 0, or -ETIME when it is older than the anchor (nothing changes).
 */
int history_update(struct history *h, const struct filter_input *in, const struct filter_model *m,
	struct filter *f);
