/*
 * health - what the host tells its centre about itself: the uplink and, from its status file, each packet filter.
 */
#pragma once

#include "common/wire.h"

/** health_uplink() - clock quality and every counter of this process; DEGRADED with @trouble unless that is "". */
void health_uplink(const char *host, const char *trouble, int64_t now_ns, struct wire_health *ret_h);

/**
 * health_filter() - one status file of vedette-filter: calls @fn with its report, and one for each of its feeds
 *
 * Return: 0, or -errno with the reason for people in the one report and its state DOWN: that is health, too.
 */
int health_filter(const char *host, const char *path, int64_t now_ns, void (*fn)(void *user, const struct wire_health *h),
	void *user);

/** health_filters() - calls @fn for each DIR/NAME.json, at most 16, in no order. A missing directory is no error. */
void health_filters(const char *host, const char *dir, int64_t now_ns, void (*fn)(void *user, const struct wire_health *h),
	void *user);
