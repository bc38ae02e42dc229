/*
 * settings - what an administrator sets: hub.conf and one peers/NAME.conf per neighbour.
 */
#pragma once

#include "common/conf.h"
#include "common/track.h"
#include "hub/policy.h"

#define SETTINGS_PATH_MAX 256
#define SETTINGS_URL_MAX 256
#define SETTINGS_NAME_MAX 64
#define SETTINGS_PEERS_MAX 32

struct settings_peer {
	char file[SETTINGS_NAME_MAX]; /* NAME of NAME.conf */
	char origin[TRACK_ORIGIN_MAX], name[SETTINGS_NAME_MAX];
	int class; /* enum policy_class */
	char identity[128]; /* subjectAltName URI, "vedette:centre/xb" */
	char dial[SETTINGS_URL_MAX]; /* "" = we only serve it */
	uint64_t log_bytes;
};

struct settings {
	char origin[TRACK_ORIGIN_MAX], name[SETTINGS_NAME_MAX];
	char fusion[SETTINGS_URL_MAX], http[SETTINGS_URL_MAX], peer_listen[SETTINGS_URL_MAX];
	char web[SETTINGS_PATH_MAX], sections[SETTINGS_PATH_MAX], policy[SETTINGS_PATH_MAX], peers[SETTINGS_PATH_MAX];
	char state_directory[SETTINGS_PATH_MAX];
	uint64_t tracks;
	double home_lat_rad, home_lon_rad, home_zoom;
	struct conf_list roles;
	uint64_t connections, streams;

	char ca[SETTINGS_PATH_MAX], certificate[SETTINGS_PATH_MAX], key[SETTINGS_PATH_MAX], crl[SETTINGS_PATH_MAX];
	int64_t history_ns, history_step_ns;
	uint64_t history_bytes;

	unsigned n_peer;
	struct settings_peer peer[SETTINGS_PEERS_MAX];
};

extern const struct conf_key hub_keys[];  /* hub.conf, into struct settings */
extern const struct conf_key peer_keys[]; /* peers/NAME.conf, into struct settings_peer */

/** settings_load() - @path and the peers' files. Return: 0, -ENOENT or -EINVAL with the reason. */
int settings_load(const char *path, struct settings *ret_s, struct conf_error *ret_error);
void settings_done(struct settings *s);
bool settings_role(const struct settings *s, const char *role);
