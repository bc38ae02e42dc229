/*
 * deliver - the feed's two ship lanes to the uplink: `state/FEED` (site, health) and `feed/FEED` (plots).
 *
 * Datagrams are decoded when the uplink asks for more, out of the ring, in order; what it acknowledges frees their
 * slots. A plot's sequence number is its datagram's x 256 + its index, a batch covers whole datagrams up to x 256 + 255, so that
 * one without a plot moves the cursor as well. When the receiver asks for something older, decoding starts again there.
 */
#pragma once

#include "common/feed.h"
#include "common/wire.h"
#include "sensor/decode/plotter.h"
#include "sensor/decode/ring.h"

#include <systemd/sd-event.h>

struct deliver;

struct deliver_ops {
	void (*room)(void *user); /* slots became free */
	void (*connected)(void *user); /* the uplink is there: the place to send site and health */
	void (*disconnected)(void *user, const char *reason);
};

/** deliver_new() - dials @url for ever. All pointers borrowed until deliver_free(). */
int deliver_new(sd_event *event, const char *url, const struct feed *feed, struct ring *ring, struct plotter *plotter,
	const struct deliver_ops *ops, void *user, struct deliver **ret_d);
void deliver_free(struct deliver *d);

/** deliver_push() - the ring has new datagrams. */
void deliver_push(struct deliver *d);

bool deliver_connected(const struct deliver *d);

/** deliver_site(), deliver_health() - one record on the state lane; dropped while nobody is connected. */
void deliver_site(struct deliver *d, const struct site *site);
void deliver_health(struct deliver *d, const struct wire_health *health);
