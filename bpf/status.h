/*
 * status - what the filter does, as DIR/IF.json: written whole, renamed into place, read by the uplink and by people.
 */
#pragma once

#include <stdint.h>

#include "bpf/attach.h"
#include "bpf/drops.h"

struct status {
	const struct attach *attach;
	const struct drops *drops;
	int64_t now_ns, mono_ns;
	uint64_t generation;	  /* policies loaded since the process started; 0 = none */
	unsigned n_feeds;	  /* in the policy that judges */
	bool strict;		  /* the policy that judges */
	const char *policy_error; /* "" = the files on disk are the policy that judges */
};

/** status_write() - makes @dir where missing. Return: 0 or -errno, the old file untouched. */
int status_write(const char *dir, const struct status *s);
