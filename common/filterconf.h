/*
 * filterconf - /etc/vedette/filter.conf: which interfaces the packet filter guards, and how strictly. The generator and
 * vedette-filter read the same file.
 */
#pragma once

#include "common/conf.h"

#define FILTERCONF_OPEN_MAX 32

/* Ports, host byte order. */
struct filterconf_ports {
	unsigned n;
	uint16_t port[FILTERCONF_OPEN_MAX];
};

struct filterconf {
	struct conf_list interfaces; /* owned */
	bool strict;
	struct filterconf_ports open;
};

extern const struct conf_key filterconf_keys[];

/** filterconf_load() - of @path and its drop-ins. Return: 0; -ENOENT; or -EINVAL with *ret_error set. Untouched unless 0. */
int filterconf_load(const char *path, struct filterconf *ret_conf, struct conf_error *ret_error);

void filterconf_done(struct filterconf *conf);
