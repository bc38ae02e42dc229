#include "hub/hub.h"

#include "common/clock.h"
#include "common/dberr.h"
#include "common/log.h"
#include "common/loop.h"
#include "hub/apply.h"
#include "hub/count.h"
#include "hub/http.h"
#include "hub/intake.h"
#include "hub/peer.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define COMMIT_DELAY_US 3000	 /* group commit: what comes within 3 ms shares one fsync (0.3 to 5 ms, notes/sharing.md) */
#define COMMIT_ACCURACY_US 1000
#define TICK_NS INT64_C(100000000)
#define RETAIN_PERIOD_NS INT64_C(600000000000)

static const char *const fusion_lanes[] = { "tracks", "feeds", NULL };

static int make_directory(const char *path, char reason[HUB_REASON_MAX])
{
	if (mkdir(path, 0750) < 0 && errno != EEXIST) {
		int r = -errno;
		snprintf(reason, HUB_REASON_MAX, "%.120s: %s", path, strerror(-r));
		return r;
	}
	return 0;
}

static int load_law(const struct settings *s, struct section_set **ret_sections, struct policy **ret_policy,
	char reason[HUB_REASON_MAX])
{
	struct section_set *sections = NULL;
	struct policy *policy = NULL;
	char error[SECTION_ERROR_MAX] = "";
	struct conf_error ce = { "" };
	int r = 0;
	if (s->sections[0] && (r = section_load(s->sections, &sections, error)) < 0)
		snprintf(reason, HUB_REASON_MAX, "%.190s", error);
	if (r >= 0 && s->policy[0] && (r = policy_load(s->policy, &policy, &ce)) < 0)
		snprintf(reason, HUB_REASON_MAX, "%.190s", ce.text);
	if (r < 0) {
		section_free(sections);
		return r;
	}
	*ret_sections = sections;
	*ret_policy = policy;
	return 0;
}

static int open_file(const char *what, const char *path, int r, char reason[HUB_REASON_MAX])
{
	if (r < 0)
		snprintf(reason, HUB_REASON_MAX, "%.120s: cannot open the %s: %s", path, what, dberr_text(r));
	return r;
}

static int open_state(struct hub *hub, char reason[HUB_REASON_MAX])
{
	char path[SETTINGS_PATH_MAX + 32];
	int r = make_directory(hub->settings->state_directory, reason);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/picture.db", hub->settings->state_directory);
	r = open_file("store", path, store_open(path, &hub->store), reason);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/ledger.db", hub->settings->state_directory);
	r = open_file("ledger", path, ledger_open(path, &hub->ledger), reason);
	if (r >= 0)
		r = open_file("picture", path, apply_restore(hub), reason);
	hub->late_kept = r >= 0 ? store_late_count(hub->store) : 0;
	if (r >= 0)
		r = open_file("alarms", path, alarm_load(hub->store, &hub->alarms), reason);
	return r;
}

static int open_fusion(struct hub *hub, char reason[HUB_REASON_MAX])
{
	if (!hub->settings->fusion[0])
		return 0;
	struct intake_config c = {
		.label = "fusion", .url = hub->settings->fusion, .origin = hub->settings->origin, .lanes = fusion_lanes,
	};
	int r = intake_new(hub, &c, &hub->fusion);
	if (r < 0)
		snprintf(reason, HUB_REASON_MAX, "%.60s: cannot dial fusion: %.100s", hub->settings->fusion, bus_error());
	return r;
}

/* --- the rhythm --- */

void hub_commit(struct hub *hub)
{
	bool puts = store_open_puts(hub->store);
	int r = store_commit(hub->store);
	hub->commit_due = false;
	if (r < 0) {
		count_add(COUNT_COMMIT_ERRORS, 1);
		log_errno(LOG_LEVEL_ERROR, r, "cannot commit, starting over from the cursors");
		hub_abort(hub, "the store failed");
		return;
	}
	count_add(COUNT_COMMITS, puts);
	if (hub->fusion)
		intake_committed(hub->fusion);
	if (hub->peers)
		peer_committed(hub->peers);
}

void hub_abort(struct hub *hub, const char *reason)
{
	store_rollback(hub->store);
	if (hub->fusion)
		intake_abort(hub->fusion, reason);
	if (hub->peers)
		peer_abort(hub->peers, reason);
}

static int on_commit_timer(sd_event_source *s, uint64_t due_us, void *user)
{
	(void)s;
	(void)due_us;
	hub_commit(user);
	return 0;
}

void hub_commit_soon(struct hub *hub)
{
	if (hub->commit_due)
		return;
	hub->commit_due = true;
	uint64_t now_us = 0;
	(void)sd_event_now(hub->event, CLOCK_MONOTONIC, &now_us);
	(void)sd_event_source_set_time(hub->commit_timer, now_us + COMMIT_DELAY_US);
	(void)sd_event_source_set_enabled(hub->commit_timer, SD_EVENT_ONESHOT);
}

/* Our own part of the picture: what neighbours see of ours. Theirs is their business. */
static void say_to_peers(struct hub *hub, int64_t mono_ns)
{
	char reason[HUB_REASON_MAX];
	if (!hub->fusion)
		return;
	bool stale = !intake_live(hub->fusion, mono_ns);
	/* At the start everything is silent for a moment; a neighbour need not hear of it. */
	if (stale && intake_silent_ns(hub->fusion, mono_ns) <= HUB_STALE_NS)
		return;
	int64_t silent_ns;
	if (!stale && health_hosts_silent(hub->health, mono_ns, &silent_ns)) {
		peer_say(hub->peers, true, "no sensor of its reports");
		return;
	}
	snprintf(reason, sizeof(reason), "nothing from its fusion: %.40s", intake_reason(hub->fusion));
	peer_say(hub->peers, stale, reason);
}

static void say_staleness(struct hub *hub, int64_t mono_ns)
{
	char reason[HUB_REASON_MAX];
	bool stale = hub_stale(hub, mono_ns, reason);
	if (stale == hub->was_stale)
		return;
	hub->was_stale = stale;
	if (stale)
		log_warning("the picture is stale: %s", reason);
	else
		log_notice("the picture is live");
}

static int on_tick(void *user, int64_t now_ns)
{
	struct hub *hub = user;
	int64_t mono_ns = clock_mono_ns();
	(void)now_ns;
	say_to_peers(hub, mono_ns);
	peer_flush(hub->peers, clock_now_ns());
	health_tick(hub->health, mono_ns);
	http_tick(hub->http, mono_ns);
	say_staleness(hub, mono_ns);
	if (mono_ns - hub->retained_mono_ns > RETAIN_PERIOD_NS) {
		hub->retained_mono_ns = mono_ns;
		int r = store_retain(hub->store, clock_now_ns(), hub->settings->history_ns);
		if (r < 0)
			log_errno(LOG_LEVEL_ERROR, r, "cannot drop old history, trying again");
		if (r > 0) {
			hub->late_kept = store_late_count(hub->store);
			log_info("%d days' tables of history dropped: older than they may be", r);
		}
		r = store_shrink(hub->store, clock_now_ns(), hub->settings->history_bytes);
		if (r < 0)
			log_errno(LOG_LEVEL_ERROR, r, "cannot keep to MaxSize=, trying again");
		if (r > 0) {
			hub->late_kept = store_late_count(hub->store);
			count_add(COUNT_DROPPED_EARLY, (uint64_t)r);
			log_warning("%d days' tables of history dropped before their time, to keep to MaxSize=", r);
		}
	}
	return 0;
}

int hub_new(sd_event *event, struct settings *settings, struct hub **ret_hub, char reason[HUB_REASON_MAX])
{
	assert(event && settings && ret_hub);

	struct hub *hub = calloc(1, sizeof(*hub));
	if (!hub)
		return -ENOMEM;
	hub->event = event;
	hub->settings = settings;
	hub->started_mono_ns = clock_mono_ns();
	hub->release_env = (struct release_env){ settings, NULL, NULL, &hub->policy, &hub->sections };
	int r = load_law(settings, &hub->sections, &hub->policy, reason);
	if (r >= 0)
		r = picture_new(settings->tracks, &hub->picture);
	if (r >= 0)
		r = health_new(&hub->health);
	if (r >= 0)
		r = open_state(hub, reason);
	hub->release_env.picture = hub->picture;
	hub->release_env.ledger = hub->ledger;
	if (r >= 0)
		r = sd_event_add_time(event, &hub->commit_timer, CLOCK_MONOTONIC, 0, COMMIT_ACCURACY_US, on_commit_timer, hub);
	if (r >= 0)
		r = sd_event_source_set_enabled(hub->commit_timer, SD_EVENT_OFF);
	if (r >= 0)
		r = http_open(hub, &hub->http, reason);
	if (r >= 0)
		r = peer_open(hub, &hub->peers, reason);
	if (r >= 0)
		r = open_fusion(hub, reason);
	if (r >= 0)
		r = loop_every(event, TICK_NS, on_tick, hub, /* ret= */ NULL);
	if (r < 0) {
		if (!reason[0])
			snprintf(reason, HUB_REASON_MAX, "cannot start: %s", strerror(-r));
		hub_free(hub);
		return r;
	}
	*ret_hub = hub;
	return 0;
}

void hub_free(struct hub *hub)
{
	if (!hub)
		return;
	http_close(hub->http);
	intake_free(hub->fusion);
	peer_close(hub->peers);
	sd_event_source_unref(hub->commit_timer);
	alarm_free(hub->alarms);
	store_close(hub->store);
	ledger_close(hub->ledger);
	picture_free(hub->picture);
	health_free(hub->health);
	section_free(hub->sections);
	policy_free(hub->policy);
	free(hub);
}

void hub_reload(struct hub *hub)
{
	struct section_set *sections = NULL;
	struct policy *policy = NULL;
	char reason[HUB_REASON_MAX] = "";
	if (load_law(hub->settings, &sections, &policy, reason) < 0) {
		log_error("%s, keeping the old sections and policy", reason);
		return;
	}
	section_free(hub->sections);
	policy_free(hub->policy);
	hub->sections = sections;
	hub->policy = policy;
	peer_review(hub->peers);
	log_notice("sections and policy read again; every release is decided anew");
}

/* --- truth about itself --- */

static bool intake_stale(const struct intake *i, int64_t mono_ns, const char *what, char reason[HUB_REASON_MAX])
{
	if (intake_live(i, mono_ns))
		return false;
	long long s = intake_silent_ns(i, mono_ns) / CLOCK_NS_PER_S;
	if (!intake_heard_ns(i))
		snprintf(reason, HUB_REASON_MAX, "nothing from %.40s since this hub started %lld s ago%s%.80s", what, s,
			intake_reason(i)[0] ? ": " : "", intake_reason(i));
	else
		snprintf(reason, HUB_REASON_MAX, "nothing from %.40s for %lld s%s%.80s", what, s,
			intake_reason(i)[0] ? ": " : "", intake_reason(i));
	return true;
}

bool hub_stale(const struct hub *hub, int64_t mono_ns, char reason[HUB_REASON_MAX])
{
	char said[128];
	int64_t silent_ns;
	reason[0] = 0;
	if (hub->fusion && intake_stale(hub->fusion, mono_ns, "fusion", reason))
		return true;
	if (hub->fusion && health_hosts_silent(hub->health, mono_ns, &silent_ns)) {
		snprintf(reason, HUB_REASON_MAX, "no sensor has reported for %lld s", (long long)(silent_ns / CLOCK_NS_PER_S));
		return true;
	}
	for (size_t i = 0; hub->peers && i < peer_count(hub->peers); i++) {
		const struct intake *in = peer_intake(hub->peers, i);
		if (in && intake_stale(in, mono_ns, peer_config(hub->peers, i)->name, reason))
			return true;
		if (in && health_centre_down(hub->health, peer_config(hub->peers, i)->origin, said, sizeof(said))) {
			snprintf(reason, HUB_REASON_MAX, "%.60s says its own picture is stale: %.120s",
				peer_config(hub->peers, i)->name, said);
			return true;
		}
	}
	return false;
}

static int64_t older(int64_t a, const struct intake *i)
{
	int64_t b = intake_heard_ns(i);
	return a < 0 || b < a ? b : a;
}

int64_t hub_picture_ns(const struct hub *hub)
{
	int64_t oldest = -1;
	if (hub->fusion)
		oldest = older(oldest, hub->fusion);
	for (size_t i = 0; hub->peers && i < peer_count(hub->peers); i++)
		if (peer_intake(hub->peers, i))
			oldest = older(oldest, peer_intake(hub->peers, i));
	return oldest < 0 ? 0 : oldest;
}

uint64_t hub_health_revision(const struct hub *hub)
{
	char reason[HUB_REASON_MAX];
	uint64_t n = health_revision(hub->health) + (hub->fusion ? intake_changes(hub->fusion) : 0);
	n += hub->peers ? peer_changes(hub->peers) : 0;
	/* The lowest bit is the staleness itself: going stale is a change without an event. */
	return n << 1 | hub_stale(hub, clock_mono_ns(), reason);
}

void hub_health_json(const struct hub *hub, int64_t mono_ns, struct jout *j)
{
	char reason[HUB_REASON_MAX];
	jout_bool(j, "stale", hub_stale(hub, mono_ns, reason));
	jout_string(j, "reason", reason);
	jout_int(j, "time_ms", clock_now_ns() / CLOCK_NS_PER_MS);
	jout_int(j, "picture_ms", hub_picture_ns(hub) / CLOCK_NS_PER_MS);
	jout_uint(j, "tracks", picture_count(hub->picture));
	jout_array(j, "feeds");
	health_json_feeds(hub->health, mono_ns, j);
	jout_array_end(j);
	jout_array(j, "peers");
	if (hub->peers)
		peer_json(hub->peers, mono_ns, j);
	jout_array_end(j);
}
