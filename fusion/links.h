/*
 * links - which hosts should be here, which are, and since when one is not: a silent sea and a dead host must look different.
 *
 * A host is expected when the register or Hosts= names it. Fusion tells the hub of each every few seconds and at once when a
 * link comes or goes: health of the process "link" of that host.
 */
#pragma once

#include "common/wire.h"
#include "fusion/fusion.h"

#define LINKS_MAX 128 /* hosts told of; a listener takes 64 at a time */
#define LINKS_PROCESS "link"

struct links;

int links_new(struct links **ret_l);
void links_free(struct links *l);

/** links_set() - @name's link came up or went down, for @reason. @mono_ns: monotonic. */
void links_set(struct links *l, const char *name, bool up, const char *reason, int64_t mono_ns);

/** links_expect() - takes up who is expected now, and forgets who is neither that nor here. */
void links_expect(struct links *l, const struct fusion_config *config, int64_t mono_ns);

/** links_tell() - @fn for every host, or for @only. Time and clock are the caller's to fill in. */
void links_tell(const struct links *l, const char *only, int64_t mono_ns, void (*fn)(void *user, struct wire_health *h),
	void *user);
