/*
 * dial - one feed's TCP connection or serial line, opened here and handed to its vedette-sensor.
 *
 * The sensor reads hostile bytes and has no network and no devices; vedette-dial opens both and reads nothing. It waits until
 * the sensor wants a stream, opens one, hands it over (handover.h), closes its own copy and waits again. Straight on, one
 * thing at a time: there is nothing else to do meanwhile.
 */
#pragma once

#include "common/feed.h"

/**
 * dial_run() - for ever
 * @feed:        feed_is_dialled(); borrowed
 * @socket_path: where the sensor listens
 *
 * Returns only when the feed's device may not be opened: the rules of the unit were made before it was there.
 */
void dial_run(const struct feed *feed, const char *socket_path);
