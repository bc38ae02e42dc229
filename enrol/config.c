#include "enrol/config.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int look_up_users(const char *path, struct config *c, struct conf_error *ret_error)
{
	c->uids[c->n_uids++] = 0;
	c->uids[c->n_uids++] = getuid();
	for (unsigned i = 0; i < c->users.n; i++) {
		const struct passwd *pw = getpwnam(c->users.items[i]);
		if (!pw || c->n_uids == CONFIG_UIDS_MAX) {
			snprintf(ret_error->text, sizeof(ret_error->text), "%s: [Enrol] AllowUser=%s: %s", path,
				c->users.items[i], pw ? "too many users" : "no such user");
			return -EINVAL;
		}
		c->uids[c->n_uids++] = pw->pw_uid;
	}
	return 0;
}

int config_load(const char *path, struct config *ret_config, struct conf_error *ret_error)
{
	*ret_config = (struct config){
		.socket = "/run/vedette/enrol/enrol.sock",
		.roster = "/var/lib/vedette/hosts",
		.life_ns = INT64_C(365) * 86400 * 1000000000,
	};
	int r = conf_load(path, enrol_keys, ret_config, ret_error);
	if (r == -ENOENT)
		snprintf(ret_error->text, sizeof(ret_error->text), "%s: no such file", path);
	return r ? r : look_up_users(path, ret_config, ret_error);
}

void config_done(struct config *config)
{
	conf_list_done(&config->users);
}
