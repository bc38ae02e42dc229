/* config - uplink.conf. */
#pragma once

#include "common/conf.h"
#include "common/plot.h"

#include <sys/types.h>

#define CONFIG_UIDS_MAX 16

struct config {
	char origin[PLOT_FEED_MAX];
	char listen[128];
	char centre[256];
	char centre_identity[128];
	struct conf_list allow_users;
	char filter_status[256];
	char metrics[256];
	char state_directory[256], live_directory[256];
	int64_t commit_every_ns;
	uint64_t max_size;
	char ca[256], certificate[256], key[256], crl[256];

	/* worked out by config_load() */
	unsigned n_uids;
	uid_t uids[CONFIG_UIDS_MAX];
};

extern const struct conf_key uplink_keys[]; /* uplink_keys.c; the object is a struct config */

/** config_load() - defaults, file, drop-ins, users looked up. Return: 0, or -errno with @ret_error set. */
int config_load(const char *path, struct config *ret_config, struct conf_error *ret_error);
void config_done(struct config *config);
