/*
 * service - vedette-fusion at run time: hosts in over TLS, journal and tracker, the hub out over
 * ipc.
 */
#pragma once

#include "fusion/fusion.h"

#include <systemd/sd-event.h>

struct service;

/** service_new() - opens the store, replays, listens. Logs what it did and why it cannot. Return: 0
 * or -errno. */
int service_new(sd_event *event, const struct fusion_config *config, struct service **ret_s);

/** service_reload() - SIGHUP: who is connected is judged anew, certificates and revocation list are read again. */
void service_reload(struct service *s);

/** service_restored() - begins a new epoch of what is in the state directory (store_renew()). Logs. Return: 0 or -errno. */
int service_restored(const struct fusion_config *config);

/** service_free() - with a last checkpoint. NULL is fine. */
void service_free(struct service *s);
