#include "hub/release.h"

#include "common/shiplog.h"
#include "common/wire.h"
#include "hub/count.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TRIM_EVERY 256 /* acknowledged records that are dropped together */

const char *const release_lanes[_POLICY_LANE_MAX] = { "distress", "tracks" };

/* What the peer has of the track in this slot. */
struct grant {
	struct track_id id;
	uint64_t version;
	uint8_t lane;
	bool has, again; /* again: decide even though the version is the same */
};

/* One object of the flush under way, and the grant it leaves behind once it is durable. */
struct staged {
	struct ledger_object object;
	uint8_t lane;
	uint32_t slot; /* UINT32_MAX: an orphan's withdrawal */
	struct grant after;
};

struct release {
	const struct release_env *env;
	const struct settings_peer *peer;
	struct shiplog *logs[_POLICY_LANE_MAX];
	struct grant *grants; /* by slot of the picture */
	size_t count;
	uint64_t seen; /* the picture's revision up to which all is decided */

	size_t n_orphans; /* released once, and not in the picture any more */
	struct ledger_released *orphans;

	size_t n_staged, used;
	struct staged staged[RELEASE_BATCH_MAX];
	uint64_t withheld; /* since the last batch */
	bool unsynced;	   /* the ledger may have what a log has not */
	bool said, say_due, say_stale; /* what the peer was told of our own picture, and what it is to be told */
	char say_reason[64];
	int64_t flushed_ns;
	uint8_t arena[RELEASE_BATCH_MAX * 1024]; /* a track is some 300 bytes; a full arena ends the batch */
};

static uint8_t lane_of(const char *name)
{
	return strcmp(name, release_lanes[POLICY_LANE_DISTRESS]) ? POLICY_LANE_TRACKS : POLICY_LANE_DISTRESS;
}

static int append_pending(void *user, uint64_t seq, int64_t stored_ns, uint8_t kind, const void *data, size_t size)
{
	struct shiplog *log = user;
	uint64_t got = 0;
	int r = shiplog_append(log, stored_ns, kind, data ? data : "", size, &got);
	return r < 0 ? r : got == seq ? 0 : -EBADMSG;
}

/* Everything the ledger has for this lane is in its log afterwards. */
static int sync_lane(struct release *r, unsigned lane)
{
	struct shiplog *log = r->logs[lane];
	int err = shiplog_begin(log);
	if (err < 0)
		return err;
	err = ledger_each_pending(r->env->ledger, r->peer->origin, release_lanes[lane], shiplog_epoch(log),
		shiplog_head(log), append_pending, log);
	if (err >= 0)
		err = shiplog_commit(log);
	if (err < 0)
		shiplog_rollback(log);
	return err;
}

static int sync_lanes(struct release *r)
{
	int err = 0;
	r->unsynced = true;
	for (unsigned lane = 0; err >= 0 && lane < _POLICY_LANE_MAX; lane++)
		err = sync_lane(r, lane);
	r->unsynced = err < 0;
	return err;
}

static int open_lane(struct release *r, unsigned lane, const char *dir, int64_t now_ns)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s-%s.db", dir, r->peer->origin, release_lanes[lane]);
	int err = shiplog_open(path, now_ns, &r->logs[lane]);
	if (err < 0)
		return err;
	uint64_t epoch = 0;
	err = ledger_lane_epoch(r->env->ledger, r->peer->origin, release_lanes[lane], &epoch);
	if (err == -ENOENT || (err == 0 && epoch != shiplog_epoch(r->logs[lane])))
		err = ledger_reset_lane(r->env->ledger, r->peer->origin, release_lanes[lane], shiplog_epoch(r->logs[lane]));
	return err < 0 ? err : sync_lane(r, lane);
}

static void load_grant(void *user, const struct ledger_released *g)
{
	struct release *r = user;
	const struct picture_entry *e = picture_find(r->env->picture, &g->id);
	if (e && e->used) {
		r->grants[e->slot] = (struct grant){ g->id, g->version, lane_of(g->lane), true, g->again };
		r->count++;
		return;
	}
	struct ledger_released *more = reallocarray(r->orphans, r->n_orphans + 1, sizeof(*more));
	if (!more)
		return; /* it stays in the ledger; the next start tries again */
	r->orphans = more;
	r->orphans[r->n_orphans++] = *g;
}

int release_new(const struct release_env *env, const struct settings_peer *peer, const char *dir, int64_t now_ns,
	struct release **ret_r)
{
	assert(env && peer && ret_r);

	struct release *r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->env = env;
	r->peer = peer;
	r->flushed_ns = now_ns;
	r->grants = calloc(picture_capacity(env->picture), sizeof(*r->grants));
	int err = r->grants ? 0 : -ENOMEM;
	for (unsigned lane = 0; err >= 0 && lane < _POLICY_LANE_MAX; lane++)
		err = open_lane(r, lane, dir, now_ns);
	if (err >= 0)
		err = ledger_each_released(env->ledger, peer->origin, load_grant, r);
	if (err < 0) {
		release_free(r);
		return err;
	}
	*ret_r = r;
	return 0;
}

void release_free(struct release *r)
{
	if (!r)
		return;
	for (unsigned lane = 0; lane < _POLICY_LANE_MAX; lane++)
		shiplog_close(r->logs[lane]);
	free(r->grants);
	free(r->orphans);
	free(r);
}

/* For one entry of the picture: at most a withdrawal and a track, see decide(). */
static bool room(const struct release *r)
{
	return r->n_staged + 2 <= RELEASE_BATCH_MAX && sizeof(r->arena) - r->used >= 2 * WIRE_OBJECT_MAX;
}

static void stage(struct release *r, struct staged s, ssize_t size)
{
	assert(r->n_staged < RELEASE_BATCH_MAX);
	if (size < 0) {
		count_add(COUNT_BAD_RECORDS, 1); /* cannot be: what was decoded encodes again */
		return;
	}
	s.object.data = r->arena + r->used;
	s.object.size = (size_t)size;
	r->used += (size_t)size;
	r->staged[r->n_staged++] = s;
}

static void stage_withdrawal(struct release *r, uint32_t slot, const struct grant *g, uint64_t version, const char *why,
	int64_t now_ns)
{
	struct wire_withdraw w = { .id = g->id, .version = version, .time_ns = now_ns };
	struct staged s = {
		.object = { .id = g->id, .version = version, .kind = WIRE_WITHDRAW, .ended = true, .rule = why },
		.lane = g->lane,
		.slot = slot,
	};
	stage(r, s, wire_put_withdraw(r->arena + r->used, WIRE_OBJECT_MAX, &w));
}

static void stage_track(struct release *r, const struct picture_entry *e, const struct policy_decision *d,
	const struct policy_peer *peer)
{
	struct track out;
	policy_redact(&e->track, d->rule, peer, &out);
	bool ended = out.state == TRACK_DROPPED;
	struct staged s = {
		.object = { .id = out.id, .version = out.version, .kind = WIRE_TRACK, .ended = ended, .rule = d->rule->id },
		.lane = (uint8_t)d->lane,
		.slot = e->slot,
		.after = { out.id, out.version, (uint8_t)d->lane, !ended, false },
	};
	stage(r, s, wire_put_track(r->arena + r->used, WIRE_OBJECT_MAX, &out));
}

static const char *withdrawal_reason(const struct policy_decision *d)
{
	return d->reason == POLICY_OUTSIDE ? "left the section" : d->reason == POLICY_NO_RULE ? "no rule" : "not released";
}

static void decide(struct release *r, const struct picture_entry *e, int64_t now_ns)
{
	struct grant *g = &r->grants[e->slot];
	/* The slot was taken again before the end of its last track could be told. */
	if (g->has && !trackid_equal(&g->id, &e->track.id))
		stage_withdrawal(r, e->slot, g, g->version, "ended", now_ns);
	bool released = g->has && trackid_equal(&g->id, &e->track.id);
	if (released && g->version == e->track.version && !g->again)
		return;
	if (e->foreign || (!released && !e->used))
		return;
	struct policy_peer peer = { r->peer->origin, (enum policy_class)r->peer->class };
	struct policy_decision d = policy_decide(*r->env->policy, *r->env->sections, &e->track, &peer,
		r->env->settings->origin, released);
	if (d.release)
		stage_track(r, e, &d, &peer);
	else if (released)
		stage_withdrawal(r, e->slot, g, e->track.version, withdrawal_reason(&d), now_ns);
	else
		r->withheld++;
}

static void stage_orphans(struct release *r, int64_t now_ns)
{
	for (size_t i = 0; i < r->n_orphans && i < RELEASE_BATCH_MAX / 2; i++) {
		const struct ledger_released *o = &r->orphans[i];
		struct grant g = { .id = o->id, .lane = lane_of(o->lane) };
		stage_withdrawal(r, UINT32_MAX, &g, o->version, "ended", now_ns);
	}
}

/* Not under a rule: it is about this centre and nobody else. */
static void stage_health(struct release *r, int64_t now_ns)
{
	struct wire_health h = { .process = "hub", .time_ns = now_ns, .state = r->say_stale ? WIRE_DOWN : WIRE_UP };
	struct staged s = {
		.object = { .version = (uint64_t)now_ns, .kind = WIRE_HEALTH, .rule = "health" },
		.lane = POLICY_LANE_TRACKS,
		.slot = UINT32_MAX,
	};
	snprintf(h.host, sizeof(h.host), "%s", r->env->settings->origin);
	snprintf(h.reason, sizeof(h.reason), "%s", r->say_stale ? r->say_reason : "");
	snprintf(s.object.id.origin, sizeof(s.object.id.origin), "%s", r->env->settings->origin);
	stage(r, s, wire_put_health(r->arena + r->used, WIRE_OBJECT_MAX, &h));
}

void release_say(struct release *r, bool stale, const char *reason)
{
	if (r->said && stale == r->say_stale)
		return;
	r->said = r->say_due = true;
	r->say_stale = stale;
	snprintf(r->say_reason, sizeof(r->say_reason), "%.60s", reason);
}

/* Changes oldest first, until the batch is full. Return: the revision all before and with it are decided. */
static uint64_t stage_changes(struct release *r, int64_t now_ns)
{
	const struct picture *p = r->env->picture;
	const struct picture_entry *e = picture_youngest(p), *first = NULL;
	for (; e && e->revision > r->seen; e = picture_older(p, e))
		first = e;
	uint64_t done = r->seen;
	for (e = first; e && room(r); e = picture_newer(p, e)) {
		decide(r, e, now_ns);
		done = e->revision;
	}
	return done;
}

static int append_lane(struct release *r, uint8_t lane, int64_t now_ns)
{
	struct ledger_object objects[RELEASE_BATCH_MAX];
	const struct policy *policy = *r->env->policy;
	struct ledger_batch b = {
		.peer = r->peer->origin, .lane = release_lanes[lane], .epoch = shiplog_epoch(r->logs[lane]),
		.first = shiplog_head(r->logs[lane]) + 1,
		.policy_version = policy ? policy->version : 0, .policy_digest = policy ? policy->digest : "",
		.withheld = lane == POLICY_LANE_TRACKS ? r->withheld : 0, .objects = objects,
	};
	for (size_t i = 0; i < r->n_staged; i++)
		if (r->staged[i].lane == lane)
			objects[b.n++] = r->staged[i].object;
	if (b.n == 0 && b.withheld == 0)
		return 0;
	uint64_t last = 0;
	int err = ledger_settle(r->env->ledger, b.peer, b.lane, shiplog_head(r->logs[lane]));
	return err < 0 ? err : ledger_append(r->env->ledger, now_ns, &b, &last);
}

/* Durable in the ledger: what the peer has is now what was staged. */
static void settle_grants(struct release *r)
{
	for (size_t i = 0; i < r->n_staged; i++) {
		const struct staged *s = &r->staged[i];
		count_add(COUNT_RELEASED, s->object.kind == WIRE_TRACK);
		count_add(COUNT_WITHDRAWN, s->object.kind == WIRE_WITHDRAW);
		if (s->slot == UINT32_MAX)
			continue;
		struct grant *g = &r->grants[s->slot];
		r->count -= g->has;
		*g = s->after;
		r->count += g->has;
	}
	count_add(COUNT_WITHHELD, r->withheld);
	r->withheld = 0;
}

static int commit_batch(struct release *r, int64_t now_ns)
{
	int err = ledger_begin(r->env->ledger);
	for (uint8_t lane = 0; err >= 0 && lane < _POLICY_LANE_MAX; lane++)
		err = append_lane(r, lane, now_ns);
	if (err >= 0)
		err = ledger_commit(r->env->ledger);
	if (err < 0)
		ledger_rollback(r->env->ledger);
	return err;
}

/* A peer that stays away too long gets the present picture when it comes back, not a week of the past. */
static int cut_log(struct release *r)
{
	int err = 0;
	bool cut = false;
	for (unsigned lane = 0; err >= 0 && lane < _POLICY_LANE_MAX; lane++)
		if (shiplog_bytes(r->logs[lane]) > r->peer->log_bytes &&
			shiplog_tail(r->logs[lane]) < shiplog_head(r->logs[lane])) {
			err = shiplog_trim(r->logs[lane], shiplog_head(r->logs[lane]));
			cut = true;
		}
	if (cut) {
		count_add(COUNT_PEER_LOG_CUT, 1);
		release_review(r);
	}
	return err;
}

static int fail(int err)
{
	count_add(COUNT_LEDGER_ERRORS, 1);
	return err;
}

int release_flush(struct release *r, int64_t now_ns)
{
	int err = 0;
	if (r->unsynced)
		err = sync_lanes(r); /* what a failed flush left */
	if (err >= 0)
		err = cut_log(r);
	if (err < 0)
		return fail(err);

	uint64_t withheld = r->withheld;
	r->n_staged = r->used = 0;
	stage_orphans(r, now_ns);
	size_t orphans = r->n_staged;
	if (r->say_due)
		stage_health(r, now_ns);
	uint64_t done = stage_changes(r, now_ns);
	if (r->n_staged == 0 && (r->withheld == 0 || now_ns - r->flushed_ns < RELEASE_WITHHELD_NS)) {
		r->seen = done;
		return 0;
	}
	err = commit_batch(r, now_ns);
	if (err < 0) {
		r->withheld = withheld;
		return fail(err);
	}
	r->seen = done;
	r->say_due = false;
	r->flushed_ns = now_ns;
	settle_grants(r);
	if (r->n_orphans > orphans)
		memmove(r->orphans, r->orphans + orphans, (r->n_orphans - orphans) * sizeof(*r->orphans));
	r->n_orphans -= orphans;
	err = sync_lanes(r);
	return err < 0 ? fail(err) : (int)r->n_staged;
}

void release_review(struct release *r)
{
	r->seen = 0;
	/* The same version may be released now that was not, or the other way round. */
	for (size_t i = 0; i < picture_capacity(r->env->picture); i++)
		r->grants[i].again = r->grants[i].has;
}

ssize_t release_read(struct release *r, unsigned lane, uint64_t after, struct ship_record *records, size_t max_records,
	size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	ssize_t n = shiplog_read(r->logs[lane], after, records, max_records, max_bytes);
	if (n < 0)
		return n;
	uint64_t last = n ? records[n - 1].seq : after, withheld = 0;
	uint64_t tail = shiplog_tail(r->logs[lane]), head = shiplog_head(r->logs[lane]);
	/* Cut away (see cut_log): the peer misses their past, and the present follows. */
	if (n == 0 && head > after && tail > head)
		last = head;
	size_t kept = 0;
	for (ssize_t i = 0; i < n; i++)
		if (records[i].kind != LEDGER_WITHHELD)
			records[kept++] = records[i];
	withheld = last - after - kept;
	*ret_last = last;
	*ret_withheld = withheld;
	return (ssize_t)kept;
}

void release_acked(struct release *r, unsigned lane, uint64_t epoch, uint64_t seq)
{
	struct shiplog *log = r->logs[lane];
	if (epoch != shiplog_epoch(log) || seq > shiplog_head(log))
		return;
	if (seq + 1 >= shiplog_tail(log) + TRIM_EVERY)
		(void)shiplog_trim(log, seq);
}

void release_head(const struct release *r, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	*ret_epoch = shiplog_epoch(r->logs[lane]);
	*ret_head = shiplog_committed(r->logs[lane]);
}

void release_stale(struct release *r, unsigned lane, uint64_t epoch, int64_t now_ns)
{
	if (shiplog_renew(r->logs[lane], epoch, now_ns) < 0 ||
		ledger_reset_lane(r->env->ledger, r->peer->origin, release_lanes[lane], shiplog_epoch(r->logs[lane])) < 0)
		count_add(COUNT_LEDGER_ERRORS, 1); /* the peer comes again, and so do we */
	release_review(r);
}

const struct settings_peer *release_peer(const struct release *r)
{
	return r->peer;
}

size_t release_count(const struct release *r)
{
	return r->count;
}

bool release_has(const struct release *r, const struct track_id *id)
{
	const struct picture_entry *e = picture_find(r->env->picture, id);
	return e && r->grants[e->slot].has && trackid_equal(&r->grants[e->slot].id, id);
}
