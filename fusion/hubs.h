/*
 * hubs - who takes the tracks: hubs of this host over ipc, known by their uid, each pulling the track log.
 */
#pragma once

#include "fusion/fusion.h"
#include "fusion/store.h"

#include <stdbool.h>
#include <systemd/sd-event.h>

struct hubs;

/** hubs_new() - listens; logs why it cannot. All borrowed. Return: 0 or -errno. */
int hubs_new(sd_event *event, const struct fusion_config *config, struct store *store, struct hubs **ret_s);
void hubs_free(struct hubs *s);

/** hubs_push() - there is more in the track log. NULL is fine. */
void hubs_push(struct hubs *s);

/** hubs_renewed() - a hub knew more than there is: the logs have a new epoch, and the process is ending. NULL is fine. */
bool hubs_renewed(const struct hubs *s);
