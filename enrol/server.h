/*
 * server - vedette-enrol at run time: a local socket, a request a connection, an answer, and away.
 */
#pragma once

#include "enrol/config.h"
#include "enrol/renewal.h"

#include <systemd/sd-event.h>

struct server;

/**
 * server_new() - listens on @fd (owned from now on), or at Socket= when @fd < 0
 * @idle_exit:  ends the loop when nobody asked for a minute: systemd starts us again
 *
 * Return: 0 or -errno, logged.
 */
int server_new(sd_event *event, const struct config *config, const struct renewal_policy *policy, int fd, bool idle_exit,
	struct server **ret_s);
void server_free(struct server *s);
