/*
 * http - libmicrohttpd on the hub's own loop: the listening socket, the requests, the live streams' rhythm.
 *
 * No thread: MHD's epoll descriptor and its timeout are sources of the loop. TLS and logins are the proxy's.
 */
#pragma once

#include "hub/hub.h"

struct http;

/** http_open() - on Http= of the settings, or on the socket the service manager passes under the name "http". */
int http_open(struct hub *hub, struct http **ret_http, char reason[HUB_REASON_MAX]);
void http_close(struct http *http);

/** http_tick() - ten times a second: wakes the streams that have something to say, cuts the stalled. */
void http_tick(struct http *http, int64_t mono_ns);
size_t http_streams(const struct http *http);
