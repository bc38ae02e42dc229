/*
 * centre - the link to our centre: dials, ships the outbox's lanes, knows whether the link is live.
 */
#pragma once

#include "sensor/uplink/config.h"
#include "sensor/uplink/outbox.h"

#include <systemd/sd-event.h>

struct centre;

/** centre_new() - all borrowed; @live is called when the link becomes live. Return: 0, or -errno, then bus_error() says more. */
int centre_new(sd_event *event, const struct config *config, struct outbox *outbox, void (*live)(void *user), void *user,
	struct centre **ret_centre);
void centre_free(struct centre *centre);

/** centre_push() - there is something new in the outbox. */
void centre_push(struct centre *centre);

/** centre_tick() - once a second: a new certificate's proof, the next one's request. */
void centre_tick(struct centre *centre);

/** centre_live() - the centre acknowledges: what is new goes into the live lane. */
bool centre_live(const struct centre *centre);

/** centre_trouble() - why the link is down or will be, for people; "" while all is well. Borrowed. */
const char *centre_trouble(const struct centre *centre);
