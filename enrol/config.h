/* config - enrol.conf. */
#pragma once

#include "common/conf.h"

#include <sys/types.h>

#define CONFIG_UIDS_MAX 16

struct config {
	char socket[108]; /* for runs without systemd */
	struct conf_list users;
	char ca[256], key[256];
	char roster[256];
	int64_t life_ns;

	/* worked out by config_load() */
	unsigned n_uids;
	uid_t uids[CONFIG_UIDS_MAX];
};

extern const struct conf_key enrol_keys[]; /* enrol_keys.c; the object is a struct config */

/** config_load() - defaults, file, drop-ins, users looked up. Return: 0, or -errno with @ret_error set. */
int config_load(const char *path, struct config *ret_config, struct conf_error *ret_error);
void config_done(struct config *config);
