/*
 * drops - who was turned away: the last sampled sender of each feed and verdict, and a line about it now and then.
 *
 * Only what headers say is kept: addresses and ports, nothing of what was in the datagram.
 */
#pragma once

#include <stdint.h>

#include "bpf/attach.h"

struct drops_entry {
	struct ingest_drop last;
	bool known;		 /* there is a last one */
	bool news;		 /* it came after the last line */
	int64_t told_ns;	 /* of the last line; 0 = none yet */
	uint64_t told_packets; /* the counter then */
};

struct drops {
	struct drops_entry of[INGEST_SLOTS][_INGEST_VERDICT_MAX];
};

/** drops_take() - what the program sampled since the last call. Return: how many, or -errno. */
int drops_take(struct drops *d, struct attach *a);

/**
 * drops_tell() - calls @fn with a line for every feed and verdict that has news, for each at most once a minute
 * @now_ns: monotonic, > 0
 */
void drops_tell(struct drops *d, const struct attach *a, int64_t now_ns, void (*fn)(void *user, const char *line), void *user);

/** drops_forget() - of the slots that @next gives to another feed than @now does. */
void drops_forget(struct drops *d, const struct policy_slots *now, const struct policy_slots *next);

/** drops_ends() - "192.0.2.66:40000 to 239.1.1.1:8600"; without ports where a fragment or an extension header hides them. */
void drops_ends(const struct ingest_drop *drop, char *buf, size_t size);
