/*
 * hub - everything the process owns, and the rhythm it lives by.
 *
 *   fusion, neighbours -> intake -> apply -> store, picture, alarms -> (commit) -> acknowledge
 *                                               picture -> release -> ledger -> peers' logs
 *                                               picture -> stream, api -> people
 */
#pragma once

#include "hub/alarm.h"
#include "hub/health.h"
#include "hub/latency.h"
#include "hub/ledger.h"
#include "hub/picture.h"
#include "hub/policy.h"
#include "hub/release.h"
#include "hub/section.h"
#include "hub/settings.h"
#include "hub/store.h"

#include <systemd/sd-event.h>

#define HUB_STALE_NS INT64_C(3000000000) /* silence after which a picture is no longer live: three heartbeats */
#define HUB_REASON_MAX 256

struct intake;
struct peer_set;
struct http;

/* The newest epoch of an origin's tracks. */
struct hub_origin {
	char origin[TRACK_ORIGIN_MAX];
	uint32_t epoch;
};

struct hub {
	sd_event *event;
	struct settings *settings;
	struct picture *picture;
	struct store *store;
	struct section_set *sections; /* NULL: none */
	struct policy *policy;	      /* NULL: nothing leaves */
	struct ledger *ledger;
	struct alarm_list *alarms;
	struct health *health;
	struct latency latency;
	struct release_env release_env;

	struct intake *fusion; /* NULL: none configured */
	struct peer_set *peers;
	struct http *http;

	sd_event_source *commit_timer;
	bool commit_due;
	bool was_stale; /* for the log */
	int64_t started_mono_ns, retained_mono_ns;
	uint64_t late_kept; /* late plots in history */
	unsigned n_origins;
	struct hub_origin origins[SETTINGS_PEERS_MAX + 1];
};

/** hub_new() - opens the databases, reads the picture back, listens and dials. @settings is borrowed for life. */
int hub_new(sd_event *event, struct settings *settings, struct hub **ret_hub, char reason[HUB_REASON_MAX]);
void hub_free(struct hub *hub);

/** hub_reload() - sections and policy anew; on a mistake the old ones stay and the log says why. */
void hub_reload(struct hub *hub);

/** hub_commit_soon() - there are puts to commit: within some ms, together with what else comes. */
void hub_commit_soon(struct hub *hub);
/** hub_commit() - now: store, then acknowledgements; on failure every intake starts over from its cursor. */
void hub_commit(struct hub *hub);
/** hub_abort() - a put failed half way: rolls back, and whoever waits for the commit starts over from its cursor. */
void hub_abort(struct hub *hub, const char *reason);

/** hub_stale() - is any part of the picture older than it looks? @reason for people, "" when it is live. */
bool hub_stale(const struct hub *hub, int64_t mono_ns, char reason[HUB_REASON_MAX]);
/** hub_picture_ns() - until when the picture is known to be right (UTC): the oldest of what feeds it. 0 = never yet. */
int64_t hub_picture_ns(const struct hub *hub);
/** hub_health_json() - the HEALTH frame (docs/wire.md), an object without its braces. */
void hub_health_json(const struct hub *hub, int64_t mono_ns, struct jout *j);
/** hub_health_revision() - counts up when a link came or went: HEALTH is sent on change. */
uint64_t hub_health_revision(const struct hub *hub);
