/*
 * intake - the feeds of this host: an ipc listener, one ship sink a connection, one group commit for all.
 *
 * A peer is known by its uid, which the kernel vouches for; its origin is the name of its feed and its one lane is
 * feed/NAME.
 */
#pragma once

#include "sensor/uplink/config.h"
#include "sensor/uplink/outbox.h"

#include <systemd/sd-event.h>

struct intake;

struct intake_ops {
	/** Where bulk goes now. */
	enum outbox_lane (*bulk)(void *user);
	/** Something new is durable in the outbox. */
	void (*committed)(void *user);
	/** What @feed sent, in the outbox and not durable yet. */
	void (*heard)(void *user, const char *feed, const struct ship_batch *batch);
};

/** intake_new() - all borrowed. Return: 0, or -errno, then bus_error() says more. */
int intake_new(sd_event *event, const struct config *config, struct outbox *outbox, const struct intake_ops *ops, void *user,
	struct intake **ret_intake);
void intake_free(struct intake *intake);

/** intake_hurry() - the link is live: what waits for a commit of the backlog must not hold back what comes after it. */
void intake_hurry(struct intake *intake);

/** intake_touch() - there is something in the outbox that is not from a feed: commit it with the rest, soon. */
void intake_touch(struct intake *intake);
