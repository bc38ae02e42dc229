/*
 * deliver - the camera's plots, site and health on their way to the uplink: two lanes in memory, one connection.
 *
 * Lane `feed/NAME` carries plots, `state/NAME` the site (first, and with each new connection) and health.
 */
#pragma once

#include "common/feed.h"
#include "common/wire.h"

#include <systemd/sd-event.h>

struct deliver;

/** deliver_new() - dials @uplink_url for ever. @feed is borrowed. */
int deliver_new(sd_event *event, const char *uplink_url, const struct feed *feed, struct deliver **ret_d);
void deliver_free(struct deliver *d);

/** deliver_plot() - queues and sends. A full queue overwrites the oldest, counted. */
int deliver_plot(struct deliver *d, const struct plot *p, int64_t now_ns);
int deliver_health(struct deliver *d, const struct wire_health *h, int64_t now_ns);
bool deliver_connected(const struct deliver *d);
uint64_t deliver_lost(const struct deliver *d);
