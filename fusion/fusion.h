/*
 * fusion - the configuration of vedette-fusion, one struct and the table that reads it.
 */
#pragma once

#include "common/conf.h"
#include "fusion/tracker.h"

struct fusion_config {
	/* [Fusion] */
	char origin[TRACK_ORIGIN_MAX];
	char listen[256];       /* tls+tcp://ADDRESS:PORT */
	struct conf_list hosts; /* identities that may send besides the register's: vedette:host/NAME */
	char roster[1024];	/* the register's folder */
	char enrol[108];	/* vedette-enrol's socket */
	char track_listen[256]; /* ipc:///PATH, for the hub */
	struct conf_list users; /* besides root and our own */
	double lat_rad, lon_rad;
	char state_dir[1024];

	/* [TLS] */
	char ca[1024], certificate[1024], key[1024], crl[1024];

	/* [Journal] */
	int64_t slice_ns, keep_ns;
	uint64_t max_size;

	/* [Explain] */
	char explain_file[1024]; /* "" = none */
	uint64_t explain_memory; /* 0 = none */

	/* [Tracker] */
	struct tracker_config tracker;
	double birth_per_km2, report_per_km2;
	uint64_t max_tracks, max_feeds, threads;
};

extern const struct conf_key fusion_keys[];

/** fusion_load() - Return: 0, -ENOENT, or -EINVAL with the reason. fusion_done() either way. */
int fusion_load(const char *path, struct fusion_config *ret_c, struct conf_error *ret_error);
void fusion_done(struct fusion_config *c);
