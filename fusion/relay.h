/*
 * relay - one request of a host on its way to vedette-enrol and the answer on its way back.
 *
 * Fusion faces the network and therefore has no authority's key: it says whose request it is and passes it on, over a local
 * socket, one connection a request.
 */
#pragma once

#include "common/renew.h"

#include <systemd/sd-event.h>

struct relay;

/**
 * relay_new() - @answer is called once from the loop, never from here: CERTIFICATE or REFUSED, borrowed
 * @path:  vedette-enrol's socket
 * @m:     RELAYED, copied
 *
 * Return: 0 or -errno: nobody listens there, or no memory. Free with relay_free(), in @answer too.
 */
int relay_new(sd_event *event, const char *path, const struct renew_message *m,
	void (*answer)(void *user, const struct renew_message *m), void *user, struct relay **ret_r);
void relay_free(struct relay *r);
