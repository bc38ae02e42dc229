#include "hub/intake.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/ship.h"
#include "hub/apply.h"
#include "hub/count.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LANES_MAX 4

/* The newest batch of a lane that waits for the commit. */
struct lane_ack {
	char lane[SHIP_LANE_NAME_MAX];
	uint64_t epoch, seq;
	bool due;
};

struct intake {
	struct hub *hub;
	struct intake_config config;
	struct bus *bus;
	struct bus_conn *conn;
	struct ship_sink *sink;
	struct lane_ack acks[LANES_MAX];
	int64_t heard_ns, heard_mono_ns, started_mono_ns;
	char reason[HUB_REASON_MAX];
	char last_refusal[HUB_REASON_MAX]; /* logged once, not at every dial */
	bool announced, stopping;
	uint64_t changes;
};

static void heard(struct intake *i)
{
	i->heard_ns = clock_now_ns();
	i->heard_mono_ns = clock_mono_ns();
}

static void cursor_name(const struct intake *i, const char *lane, char *buf, size_t cap)
{
	snprintf(buf, cap, "%s/%s", i->config.label, lane);
}

static struct lane_ack *get_ack(struct intake *i, const char *lane)
{
	for (unsigned k = 0; k < LANES_MAX && i->config.lanes[k]; k++)
		if (!strcmp(i->config.lanes[k], lane))
			return &i->acks[k];
	return NULL;
}

static bool on_cursor(void *user, const char *origin, const char *lane, uint64_t epoch, uint64_t *ret_epoch,
	uint64_t *ret_seq)
{
	struct intake *i = user;
	char name[128];
	uint64_t e = 0, seq = 0;
	if (strcmp(origin, i->config.origin)) {
		count_add(COUNT_WRONG_ORIGIN, 1);
		snprintf(i->reason, sizeof(i->reason), "it says it is %.40s, not %s", origin, i->config.origin);
		return false;
	}
	if (!get_ack(i, lane))
		return false;
	/* A peer that does not know us takes the connection and closes it: only its word makes it one. */
	if (!i->announced) {
		i->announced = true;
		i->reason[0] = i->last_refusal[0] = 0;
		i->changes++;
		log_info("%s: connected", i->config.label);
	}
	cursor_name(i, lane, name, sizeof(name));
	/* The outputs are (epoch, 0) as they come: from the start. What we know of another epoch ship judges. */
	if (store_cursor(i->hub->store, name, &e, &seq) >= 0) {
		*ret_epoch = e;
		*ret_seq = seq;
	}
	return true;
}

static int take_batch(struct intake *i, const struct ship_batch *b)
{
	struct apply_sender from = { i->config.origin, i->config.foreign };
	int64_t now_ns = clock_now_ns(), mono_ns = clock_mono_ns();
	char name[128];
	for (size_t k = 0; k < b->n; k++) {
		int r = apply_record(i->hub, &from, b->epoch, &b->records[k], now_ns, mono_ns);
		if (r < 0)
			return r;
	}
	cursor_name(i, b->lane, name, sizeof(name));
	return store_put_cursor(i->hub->store, name, b->epoch, b->last);
}

static int on_commit(void *user, const char *origin, const struct ship_batch *b)
{
	struct intake *i = user;
	struct lane_ack *ack = get_ack(i, b->lane);
	if (strcmp(origin, i->config.origin) || !ack)
		return -EPROTO;
	heard(i);
	count_add(COUNT_BATCHES, 1);
	int r = take_batch(i, b);
	if (r < 0) {
		/* Half a batch must not become durable: everything open goes back, here and at the others. */
		log_errno(LOG_LEVEL_ERROR, r, "%s: cannot store a batch, starting over from the cursor", i->config.label);
		hub_abort(i->hub, "the store failed");
		return r;
	}
	*ack = (struct lane_ack){ .epoch = b->epoch, .seq = b->last, .due = true };
	snprintf(ack->lane, sizeof(ack->lane), "%s", b->lane);
	hub_commit_soon(i->hub);
	return SHIP_LATER;
}

static void on_heartbeat(void *user, const char *origin, int64_t source_now_ns)
{
	struct intake *i = user;
	(void)source_now_ns;
	if (!strcmp(origin, i->config.origin))
		heard(i);
}

static const struct ship_sink_ops sink_ops = { on_cursor, on_commit, on_heartbeat };

static bool on_admit(void *user, const struct bus_peer *peer)
{
	struct intake *i = user;
	bool ok = i->config.identity ? !peer->local && !strcmp(peer->name, i->config.identity) : peer->local;
	if (!ok)
		count_add(COUNT_PEERS_REFUSED, 1);
	return ok;
}

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	struct intake *i = user;
	(void)peer;
	if (i->sink || ship_sink_new(i->hub->event, conn, &sink_ops, i, &i->sink) < 0) {
		bus_close(conn, "no room");
		return;
	}
	i->conn = conn;
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	struct intake *i = user;
	if (conn != i->conn)
		return;
	int r = ship_sink_frame(i->sink, data, size);
	if (r < 0) {
		count_add(COUNT_PROTOCOL_ERRORS, 1);
		log_errno(LOG_LEVEL_WARNING, r, "%s: a frame is not as agreed, closing", i->config.label);
		bus_close(conn, "protocol error");
	}
}

static void say_refused(struct intake *i, const char *reason)
{
	snprintf(i->reason, sizeof(i->reason), "%s", reason && reason[0] ? reason : "refused");
	if (strcmp(i->last_refusal, i->reason)) {
		memcpy(i->last_refusal, i->reason, sizeof(i->last_refusal));
		log_notice("%s: cannot connect (%s), dialling again", i->config.label, i->reason);
	}
}

static void on_closed(void *user, struct bus_conn *conn, const char *reason)
{
	struct intake *i = user;
	if (conn != i->conn)
		return;
	ship_sink_free(i->sink);
	i->sink = NULL;
	i->conn = NULL;
	for (unsigned k = 0; k < LANES_MAX; k++)
		i->acks[k].due = false;
	bool was = i->announced;
	i->announced = false;
	if (i->stopping)
		return;
	if (!was) {
		say_refused(i, reason);
		return;
	}
	snprintf(i->reason, sizeof(i->reason), "%s", reason && reason[0] ? reason : "connection closed");
	i->changes++;
	log_notice("%s: connection lost (%s), dialling again", i->config.label, i->reason);
}

static void on_refused(void *user, const char *reason)
{
	say_refused(user, reason);
}

static const struct bus_ops bus_ops = { on_admit, on_opened, on_frame, on_closed, NULL, on_refused };

int intake_new(struct hub *hub, const struct intake_config *config, struct intake **ret_i)
{
	assert(hub && config && ret_i);

	struct intake *i = calloc(1, sizeof(*i));
	if (!i)
		return -ENOMEM;
	i->hub = hub;
	i->config = *config;
	i->started_mono_ns = clock_mono_ns();
	snprintf(i->reason, sizeof(i->reason), "not connected yet");
	int r = bus_dial(hub->event, config->url, config->tls, &bus_ops, i, &i->bus);
	if (r < 0) {
		free(i);
		return r;
	}
	*ret_i = i;
	return 0;
}

void intake_free(struct intake *i)
{
	if (!i)
		return;
	i->stopping = true;
	bus_free(i->bus);
	ship_sink_free(i->sink);
	free(i);
}

void intake_committed(struct intake *i)
{
	for (unsigned k = 0; k < LANES_MAX; k++) {
		struct lane_ack *a = &i->acks[k];
		if (a->due && i->sink)
			ship_sink_ack(i->sink, a->lane, a->epoch, a->seq);
		a->due = false;
	}
}

void intake_abort(struct intake *i, const char *reason)
{
	for (unsigned k = 0; k < LANES_MAX; k++)
		i->acks[k].due = false;
	if (i->conn)
		bus_close(i->conn, reason);
}

bool intake_live(const struct intake *i, int64_t mono_ns)
{
	return i->heard_mono_ns && mono_ns - i->heard_mono_ns <= HUB_STALE_NS;
}

int64_t intake_heard_ns(const struct intake *i)
{
	return i->heard_ns;
}

int64_t intake_silent_ns(const struct intake *i, int64_t mono_ns)
{
	return mono_ns - (i->heard_mono_ns ? i->heard_mono_ns : i->started_mono_ns);
}

const char *intake_reason(const struct intake *i)
{
	return i->reason;
}

uint64_t intake_changes(const struct intake *i)
{
	return i->changes;
}

const char *intake_origin(const struct intake *i)
{
	return i->config.origin;
}
