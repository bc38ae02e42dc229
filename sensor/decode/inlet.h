/*
 * inlet - the sensor's side of a dialled feed: takes descriptors from vedette-dial and reads them into the ring.
 *
 * A stream that ends, fails, or holds nothing that could be cut is closed and another one wanted. A newer descriptor
 * takes the place of the one there is. When the ring is full the stream is not read: TCP makes its sender wait.
 */
#pragma once

#include "sensor/decode/stream.h"

#include <systemd/sd-event.h>

struct inlet;

struct inlet_ops {
	void (*arrived)(void *user); /* the ring has new slots */
	void (*stalled)(void *user); /* the ring is full; goes on with inlet_resume() */
};

/** inlet_new() - @listener is consumed, also on error. The rest is borrowed until inlet_free(). Return: 0 or -errno. */
int inlet_new(sd_event *event, int listener, const struct format *format, struct ring *ring, const struct inlet_ops *ops,
	void *user, struct inlet **ret_inlet);
void inlet_free(struct inlet *i);

/** inlet_resume() - the ring has room again; reading goes on from the loop. */
void inlet_resume(struct inlet *i);

bool inlet_connected(const struct inlet *i);
const struct stream_stats *inlet_stats(const struct inlet *i);

/** inlet_connections() - streams taken so far. */
uint64_t inlet_connections(const struct inlet *i);

/** inlet_word() - what dial said last of itself (handover.h), as it came; NULL when it is not there, or silent. */
const void *inlet_word(const struct inlet *i, size_t *ret_size);
