#include "sensor/uplink/intake.h"

#include "common/bus.h"
#include "common/clock.h"
#include "common/counter.h"
#include "common/log.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * One commit for all that came in meanwhile, at most this often while it is urgent: a sync costs 0.3-5 ms on the disks
 * we know (measured, fdatasync of 4 KiB beside a bulk writer), and the whole hop may take 20 ms. The backlog waits longer,
 * CommitEvery=: a commit costs some pages however little is in it, and flash wears by the page (bench flash).
 */
#define COMMIT_EVERY_US UINT64_C(10000)

enum counted { N_CONNECTED, N_REFUSED, N_PROTOCOL, N_FAILED, _N_MAX };
static struct counter counters[_N_MAX] = {
	[N_CONNECTED] = { "vedette_uplink_feeds_connected", "feeds connected now", .gauge = true },
	[N_REFUSED] = { "vedette_uplink_feeds_refused_total",
		"local connections refused: wrong uid" },
	[N_PROTOCOL] = { "vedette_uplink_feed_errors_total",
		"feed connections closed for what they said" },
	[N_FAILED] = { "vedette_uplink_commits_failed_total",
		"commits that failed; every feed starts again" },
};

/* A feed's connection brings its plots and, beside them, its site and health. */
static const char *const log_kinds[] = { "feed/", "state/" };
#define N_LOGS (sizeof(log_kinds) / sizeof(log_kinds[0]))

struct log {
	char lane[SHIP_LANE_NAME_MAX];
	uint64_t epoch, taken; /* in the outbox; acknowledged after the next commit */
	bool due;
};

struct feed {
	struct intake *intake;
	struct bus_conn *conn;
	struct ship_sink *sink;
	struct feed *next;
	char name[PLOT_FEED_MAX];
	struct log logs[N_LOGS];
};

struct intake {
	sd_event *event;
	const struct config *config;
	struct outbox *outbox;
	const struct intake_ops *ops;
	void *user;
	struct bus *bus;
	struct feed *feeds;
	sd_event_source *timer;
	bool armed;
	uint64_t last_us, due_us; /* of the last commit and the next, monotonic */
};

static void drop_all(struct intake *in, const char *reason)
{
	for (struct feed *f = in->feeds; f; f = f->next) {
		for (size_t i = 0; i < N_LOGS; i++)
			f->logs[i].due = false;
		bus_close(f->conn, reason);
	}
}

static void acknowledge(struct feed *f)
{
	for (size_t i = 0; i < N_LOGS; i++) {
		struct log *l = &f->logs[i];
		if (l->due)
			ship_sink_ack(f->sink, l->lane, l->epoch, l->taken);
		l->due = false;
	}
}

static int on_commit_time(sd_event_source *s, uint64_t us, void *user)
{
	struct intake *in = user;

	in->armed = false;
	in->last_us = us;
	int r = outbox_commit(in->outbox);
	if (r) {
		counters[N_FAILED].value++;
		(void)log_errno(LOG_LEVEL_ERROR, r,
			"outbox: commit failed, asking every feed to send again");
		drop_all(in, "the outbox could not be written");
		return 0;
	}
	for (struct feed *f = in->feeds; f; f = f->next)
		acknowledge(f);
	in->ops->committed(in->user);
	return 0;
}

static void commit_within(struct intake *in, uint64_t every_us)
{
	uint64_t now_us;

	(void)sd_event_now(in->event, CLOCK_MONOTONIC, &now_us);
	/* What is urgent goes at once when the last one is long ago, but behind what is ready to be read now. */
	uint64_t due = in->last_us + every_us;
	due = due > now_us ? due : now_us;
	if (in->armed && in->due_us <= due)
		return;
	(void)sd_event_source_set_time(in->timer, due);
	(void)sd_event_source_set_enabled(in->timer, SD_EVENT_ONESHOT);
	in->armed = true;
	in->due_us = due;
}

void intake_touch(struct intake *in)
{
	bool urgent = outbox_urgent(in->outbox) || in->ops->bulk(in->user) == OUTBOX_LIVE;

	commit_within(in, urgent ? COMMIT_EVERY_US : (uint64_t)in->config->commit_every_ns / 1000);
}

void intake_hurry(struct intake *in)
{
	if (outbox_dirty(in->outbox))
		commit_within(in, COMMIT_EVERY_US);
}

/* --- one feed --- */

/* The cursor a feed is told is as good as an acknowledgement: it must be durable, whoever took the
 * records. */
static int settle(struct intake *in)
{
	int r = outbox_dirty(in->outbox) ? outbox_commit(in->outbox) : 0;
	if (!r)
		return 0;
	counters[N_FAILED].value++;
	(void)log_errno(
		LOG_LEVEL_ERROR, r, "outbox: commit failed, asking every feed to send again");
	drop_all(in, "the outbox could not be written");
	return r;
}

static bool name_is_good(const char *name)
{
	return name[0] && strlen(name) < PLOT_FEED_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

/* The log of @f that @lane names, which must end in the feed's own name; NULL = none of ours. */
static struct log *find_log(struct feed *f, const char *origin, const char *lane)
{
	for (size_t i = 0; i < N_LOGS; i++) {
		size_t n = strlen(log_kinds[i]);
		if (!strncmp(lane, log_kinds[i], n) && !strcmp(lane + n, origin))
			return &f->logs[i];
	}
	return NULL;
}

static bool on_cursor(void *user, const char *origin, const char *lane, uint64_t epoch,
	uint64_t *ret_epoch, uint64_t *ret_seq)
{
	struct feed *f = user;
	struct log *log = find_log(f, origin, lane);

	if (!name_is_good(origin) || !log)
		return false;
	if (settle(f->intake))
		return false;
	snprintf(f->name, sizeof(f->name), "%s", origin);
	snprintf(log->lane, sizeof(log->lane), "%s", lane);
	/* A feed's log lives in memory and begins with its process: any other epoch is a new log,
	 * even a lower one. */
	*ret_epoch = epoch;
	*ret_seq = outbox_cursor(f->intake->outbox, log->lane, epoch);
	log_info("%s connected, goes on after %llu", log->lane, (unsigned long long)*ret_seq);
	return true;
}

static int on_commit(void *user, const char *origin, const struct ship_batch *batch)
{
	struct feed *f = user;
	struct intake *in = f->intake;

	int r = outbox_take(in->outbox, f->name, batch, in->ops->bulk(in->user), clock_now_ns());
	if (r) {
		counters[N_FAILED].value++;
		(void)log_errno(LOG_LEVEL_ERROR, r,
			"outbox: cannot take records, asking every feed to send again");
		drop_all(in, "the outbox could not be written");
		return r;
	}
	in->ops->heard(in->user, f->name, batch);
	/* Only lanes that on_cursor() wanted come here. */
	struct log *log = find_log(f, origin, batch->lane);
	assert(log);
	log->epoch = batch->epoch;
	log->taken = batch->last;
	log->due = true;
	intake_touch(in);
	return SHIP_LATER;
}

static const struct ship_sink_ops sink_ops = { .cursor = on_cursor, .commit = on_commit };

/* --- the listener --- */

static bool on_admit(void *user, const struct bus_peer *peer)
{
	const struct intake *in = user;
	for (unsigned i = 0; i < in->config->n_uids; i++)
		if (in->config->uids[i] == peer->uid)
			return true;
	counters[N_REFUSED].value++;
	return false;
}

static void on_refused(void *user, const char *reason)
{
	log_warning("local connection refused: %s, not logged again for a minute", reason);
}

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	struct intake *in = user;
	struct feed *f = calloc(1, sizeof(*f));
	if (!f || ship_sink_new(in->event, conn, &sink_ops, f, &f->sink)) {
		free(f);
		bus_close(conn, "out of memory");
		return;
	}
	f->intake = in;
	f->conn = conn;
	f->next = in->feeds;
	in->feeds = f;
	bus_conn_set_user(conn, f);
	counters[N_CONNECTED].value++;
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	struct feed *f = bus_conn_user(conn);
	char reason[96];
	int r = f ? ship_sink_frame(f->sink, data, size) : -ENOTCONN;

	if (!r)
		return;
	counters[N_PROTOCOL].value++;
	snprintf(reason, sizeof(reason), "protocol: %s", strerror(-r));
	bus_close(conn, reason);
}

static void on_closed(void *user, struct bus_conn *conn, const char *reason)
{
	struct intake *in = user;
	struct feed *gone = bus_conn_user(conn);

	if (!gone)
		return;
	for (struct feed **p = &in->feeds; *p; p = &(*p)->next)
		if (*p == gone) {
			*p = gone->next;
			break;
		}
	counters[N_CONNECTED].value--;
	log_info("feed %s gone: %s", gone->name[0] ? gone->name : "(unnamed)", reason);
	ship_sink_free(gone->sink);
	free(gone);
}

static const struct bus_ops bus_ops = {
	.admit = on_admit,
	.opened = on_opened,
	.frame = on_frame,
	.closed = on_closed,
	.refused = on_refused,
};

int intake_new(sd_event *event, const struct config *config, struct outbox *outbox,
	const struct intake_ops *ops, void *user, struct intake **ret_intake)
{
	struct intake *in = calloc(1, sizeof(*in));
	if (!in)
		return -ENOMEM;
	*in = (struct intake){
		.event = event, .config = config, .outbox = outbox, .ops = ops, .user = user
	};
	counter_register(counters, _N_MAX);
	int r = sd_event_add_time(event, &in->timer, CLOCK_MONOTONIC, 0, 500, on_commit_time, in);
	if (r >= 0)
		r = sd_event_source_set_enabled(in->timer, SD_EVENT_OFF);
	/* After frames that are ready: they come into the same commit. */
	if (r >= 0)
		r = sd_event_source_set_priority(in->timer, SD_EVENT_PRIORITY_NORMAL + 1);
	/* Open to connect for all: who may stay is decided by uid, and counted. */
	if (r >= 0)
		r = bus_listen(event, config->listen, NULL, 0666, &bus_ops, in, &in->bus);
	if (r < 0) {
		intake_free(in);
		return r;
	}
	*ret_intake = in;
	return 0;
}

void intake_free(struct intake *in)
{
	if (!in)
		return;
	bus_free(in->bus);
	sd_event_source_disable_unref(in->timer);
	free(in);
}
