/*
 * metrics - the hub's and its sensors' figures as Prometheus text (exposition format 0.0.4).
 */
#pragma once

#include "hub/hub.h"

/** metrics_text() - malloc()ed; NULL without memory. */
char *metrics_text(struct hub *hub, size_t *ret_size);
