#include "sensor/uplink/config.h"

#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int look_up(const char *name, uid_t *ret_uid)
{
	char *end;

	if (isdigit((unsigned char)name[0])) {
		unsigned long v = strtoul(name, &end, 10);
		if (*end || v > UINT32_MAX - 1)
			return -EINVAL;
		*ret_uid = (uid_t)v;
		return 0;
	}
	const struct passwd *pw = getpwnam(name);
	if (!pw)
		return -ENOENT;
	*ret_uid = pw->pw_uid;
	return 0;
}

static int look_up_users(const char *path, struct config *c, struct conf_error *ret_error)
{
	c->uids[c->n_uids++] = 0;
	if (getuid() != 0)
		c->uids[c->n_uids++] = getuid();
	for (unsigned i = 0; i < c->allow_users.n; i++) {
		const char *name = c->allow_users.items[i];
		int r = c->n_uids < CONFIG_UIDS_MAX ? look_up(name, &c->uids[c->n_uids]) : -E2BIG;
		if (r) {
			snprintf(ret_error->text, sizeof(ret_error->text),
				"%s: [Uplink] AllowUser=%s: %s", path, name,
				r == -ENOENT  ? "no such user"
				: r == -E2BIG ? "too many users"
					      : "neither a name nor a number");
			return -EINVAL;
		}
		c->n_uids++;
	}
	return 0;
}

static int check(const char *path, const struct config *c, struct conf_error *ret_error)
{
	const char *key = NULL, *why = NULL;

	if (strncmp(c->listen, "ipc:///", 7) != 0) {
		key = "Listen";
		why = "must begin with ipc:///";
	} else if (strncmp(c->centre, "tls+tcp://", 10) != 0) {
		key = "Centre";
		why = "must begin with tls+tcp://";
	} else if (strncmp(c->centre_identity, "vedette:centre/", 15) != 0) {
		key = "CentreIdentity";
		why = "must begin with vedette:centre/";
	}
	if (!key)
		return 0;
	snprintf(ret_error->text, sizeof(ret_error->text), "%s: [Uplink] %s: %s", path, key, why);
	return -EINVAL;
}

int config_load(const char *path, struct config *ret_config, struct conf_error *ret_error)
{
	const char *state = getenv("STATE_DIRECTORY"), *runtime = getenv("RUNTIME_DIRECTORY");

	*ret_config = (struct config){
		.listen = "ipc:///run/vedette/uplink.sock",
		.filter_status = "/run/vedette/filter",
		.metrics = "/run/vedette/metrics/vedette.prom",
		.max_size = UINT64_C(4) << 30,
		.commit_every_ns = INT64_C(1000000000),
	};
	int r = conf_load(path, uplink_keys, ret_config, ret_error);
	if (!r && !ret_config->state_directory[0])
		snprintf(ret_config->state_directory, sizeof(ret_config->state_directory), "%.250s",
			state && state[0] ? state : "/var/lib/vedette/uplink");
	if (!r && !ret_config->live_directory[0])
		snprintf(ret_config->live_directory, sizeof(ret_config->live_directory), "%.250s",
			runtime && runtime[0] ? runtime : ret_config->state_directory);
	if (!r)
		r = check(path, ret_config, ret_error);
	if (!r)
		r = look_up_users(path, ret_config, ret_error);
	if (r == -ENOENT)
		snprintf(ret_error->text, sizeof(ret_error->text), "%s: no such file", path);
	return r;
}

void config_done(struct config *config)
{
	conf_list_done(&config->allow_users);
}
