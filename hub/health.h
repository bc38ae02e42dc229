/*
 * health - the sensors' sites and how the processes beside them say they are.
 *
 * A process that has not reported for HEALTH_SILENT_NS is shown as down whatever it said last: a dead sensor must be a
 * hole in the picture, not an old green light.
 */
#pragma once

#include "common/metric.h"
#include "common/wire.h"
#include "hub/jout.h"

#define HEALTH_FEEDS_MAX 256
#define HEALTH_REPORTS_MAX 1024 /* decoder and filter of each feed, and the hosts' own */
/*
 * One report of 5 s (wire.h) missed, and some slack: a dead process is told within 9 s of its death. A dead host is told
 * sooner: fusion misses its heartbeat for 3 s and says so in the report of the process "link".
 */
#define HEALTH_SILENT_NS INT64_C(9000000000)

struct health;

int health_new(struct health **ret_h);
void health_free(struct health *h);

/* @mono_ns: when it came, by the monotonic clock; 0 = long ago (read back from the store). Return: 0 or -ENOSPC. */
int health_site(struct health *h, const struct site *site);
int health_report(struct health *h, const struct wire_health *report, int64_t mono_ns);

/** health_centre_down() - a neighbour's hub said last that its own picture is stale; @reason gets its words. */
bool health_centre_down(const struct health *h, const char *origin, char *reason, size_t cap);

/**
 * health_hosts_silent() - no feed's decoder or camera has reported for HEALTH_SILENT_NS, though feeds are known
 *
 * The link to the hosts is dead, or every host is: fusion goes on ticking, and its picture only looks live.
 */
bool health_hosts_silent(const struct health *h, int64_t mono_ns, int64_t *ret_silent_ns);

uint64_t health_revision(const struct health *h); /* counts up when a state or reason changes */
void health_tick(struct health *h, int64_t mono_ns); /* lets the silent become down */

/** health_json_feeds() - elements of the HEALTH frame's "feeds". */
void health_json_feeds(const struct health *h, int64_t mono_ns, struct jout *j);
/** health_json_sites() - GeoJSON features. */
void health_json_sites(const struct health *h, int64_t mono_ns, struct jout *j);

/** health_metrics() - every report, and vedette_feed_state: what health_json_feeds() calls a feed's state. */
void health_metrics(const struct health *h, int64_t mono_ns, struct metric *m);
