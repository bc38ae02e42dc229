/*
 * uplink - the daemon: feeds come in, the outbox keeps, the centre gets. One thread, one loop.
 */
#pragma once

#include "sensor/uplink/config.h"

#include <systemd/sd-event.h>

struct uplink;

/** uplink_new() - opens the outbox, listens, dials; logs what fails. @config is borrowed. Return: 0 or -errno. */
int uplink_new(sd_event *event, const struct config *config, struct uplink **ret_uplink);
/** uplink_free() - commits what is left. */
void uplink_free(struct uplink *uplink);
