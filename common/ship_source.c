#include "common/ship.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/loop.h"
#include "common/ship_frame.h"

/*
 * What is sent and not acknowledged is bounded twice. Per lane by SHIP_WINDOW batches. And for all
 * lanes but the first by bytes, so that the first lane never waits long behind bulk on a thin link:
 * the bound grows while acknowledgements come back fast and shrinks when they are late (additive
 * terms would be too slow for a link that comes back after hours, so it doubles and halves).
 */
#define HEARTBEAT_NS CLOCK_NS_PER_S
#define BUDGET_MIN (32u << 10) /* bytes: 250 ms at 1 Mbit/s */
#define BUDGET_FIRST (128u << 10)
#define BUDGET_MAX (4u << 20)
#define FAST_NS (100 * CLOCK_NS_PER_MS)
#define SLOW_NS (400 * CLOCK_NS_PER_MS)

struct under_way {
	uint64_t last;
	size_t bytes;
	int64_t sent_ns;
};

struct lane {
	char name[SHIP_LANE_NAME_MAX];
	uint64_t epoch;          /* as announced */
	uint64_t sent, farthest; /* sent falls back when the sink says HELLO again */
	uint64_t acked;
	bool wanted;
	struct under_way window[SHIP_WINDOW]; /* oldest first */
	unsigned n;
};

struct ship_source {
	struct bus_conn *conn;
	const struct ship_source_ops *ops;
	void *user;
	sd_event_source *timer;
	unsigned n_lanes;
	struct lane *lanes;
	bool hello, pushing, broken;
	unsigned version; /* the sink's */
	int64_t heard_ns;
	size_t in_flight, budget; /* bytes; lane 0 not counted */
	struct ship_record *records;
	uint8_t *frame;
	size_t frame_cap;
	struct ship_frame parsed;
};

static void give_up(struct ship_source *s, const char *what, int error)
{
	char reason[128];
	if (error)
		snprintf(reason, sizeof(reason), "%s: %s", what, strerror(-error));
	s->broken = true;
	bus_close(s->conn, error ? reason : what);
}

static int frame_reserve(struct ship_source *s, size_t need)
{
	if (need <= s->frame_cap)
		return 0;
	uint8_t *p = realloc(s->frame, need);
	if (!p)
		return -ENOMEM;
	s->frame = p;
	s->frame_cap = need;
	return 0;
}

static unsigned list_lanes(struct ship_source *s, struct ship_frame_lane *list)
{
	for (unsigned i = 0; i < s->n_lanes; i++) {
		memcpy(list[i].name, s->lanes[i].name, sizeof(list[i].name));
		s->ops->head(s->user, i, &list[i].epoch, &list[i].seq);
	}
	return s->n_lanes;
}

/* false when a log was renewed behind our back: the sink must be announced to afresh. */
static bool epochs_stand(struct ship_source *s, const struct ship_frame_lane *list)
{
	for (unsigned i = 0; i < s->n_lanes; i++)
		if (s->lanes[i].epoch != list[i].epoch)
			return false;
	return true;
}

static int64_t oldest_ns(const struct ship_source *s, int64_t now_ns)
{
	int64_t t = now_ns;
	for (unsigned i = 0; i < s->n_lanes; i++)
		if (s->lanes[i].n && s->lanes[i].window[0].sent_ns < t)
			t = s->lanes[i].window[0].sent_ns;
	return t;
}

static int on_beat(void *user, int64_t now_ns)
{
	struct ship_source *s = user;
	struct ship_frame_lane list[SHIP_LANES_MAX];

	if (s->broken)
		return 0;
	if (clock_mono_ns() - s->heard_ns > SHIP_ACK_TIMEOUT_NS) {
		give_up(s, s->hello ? "no acknowledgement for 3 s" : "no hello for 3 s", 0);
		return 0;
	}
	unsigned n = list_lanes(s, list);
	if (!epochs_stand(s, list)) {
		give_up(s, "a lane has begun a new epoch", 0);
		return 0;
	}
	ssize_t size = ship_frame_put_heartbeat(s->frame, s->frame_cap, now_ns, list, n);
	/* A full queue is no silence: there is something else for the sink to hear. */
	if (size > 0)
		(void)bus_send(s->conn, s->frame, (size_t)size);
	/* In case somebody forgot to say that there is more. */
	ship_source_push(s);
	return 0;
}

static int announce(struct ship_source *s, const char *origin)
{
	struct ship_frame_lane list[SHIP_LANES_MAX];
	unsigned n = list_lanes(s, list);

	for (unsigned i = 0; i < n; i++)
		s->lanes[i].epoch = list[i].epoch;
	ssize_t size = ship_frame_put_announce(s->frame, s->frame_cap, origin, list, n);
	return size < 0 ? (int)size : bus_send(s->conn, s->frame, (size_t)size);
}

int ship_source_new(sd_event *event, struct bus_conn *conn, const char *origin,
	const char *const *lanes, unsigned n_lanes, const struct ship_source_ops *ops, void *user,
	struct ship_source **ret_s)
{
	assert(conn && origin && lanes && ops && ops->read && ops->head && ret_s);
	assert(n_lanes <= SHIP_LANES_MAX);

	struct ship_source *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->conn = conn;
	s->ops = ops;
	s->user = user;
	s->n_lanes = n_lanes;
	s->budget = BUDGET_FIRST;
	s->heard_ns = clock_mono_ns();
	s->lanes = calloc(n_lanes ? n_lanes : 1, sizeof(*s->lanes));
	s->records = calloc(SHIP_BATCH_RECORDS_MAX, sizeof(*s->records));
	int r = s->lanes && s->records ? frame_reserve(s, SHIP_FRAME_BASE) : -ENOMEM;
	for (unsigned i = 0; !r && i < n_lanes; i++) {
		assert(strlen(lanes[i]) < SHIP_LANE_NAME_MAX);
		snprintf(s->lanes[i].name, sizeof(s->lanes[i].name), "%s", lanes[i]);
	}
	if (!r)
		r = announce(s, origin);
	if (!r)
		r = loop_every(event, HEARTBEAT_NS, on_beat, s, &s->timer);
	if (r) {
		ship_source_free(s);
		return r;
	}
	*ret_s = s;
	return 0;
}

void ship_source_free(struct ship_source *s)
{
	if (!s)
		return;
	sd_event_source_disable_unref(s->timer);
	free(s->lanes);
	free(s->records);
	free(s->frame);
	free(s);
}

/* --- sending --- */

static size_t batch_bytes(const struct ship_source *s, unsigned i)
{
	/* Two in flight keep the link busy; smaller ones let a more urgent lane in between. */
	size_t half = s->budget / 2;
	return i == 0 || half > SHIP_BATCH_BYTES_MAX ? SHIP_BATCH_BYTES_MAX : half;
}

/* Return: 0 when a batch went out, 1 when there was none, or -errno. */
static int send_batch(struct ship_source *s, unsigned i)
{
	struct lane *lane = &s->lanes[i];
	struct ship_batch b = { .prev = lane->sent, .records = s->records };
	size_t data = 0;

	s->ops->head(s->user, i, &b.epoch, &b.head);
	if (b.epoch != lane->epoch)
		return -ESTALE;
	if (lane->sent >= b.head)
		return 1;
	b.last = lane->sent;
	ssize_t n = s->ops->read(s->user, i, lane->sent, s->records, SHIP_BATCH_RECORDS_MAX,
		batch_bytes(s, i), &b.last, &b.withheld);
	if (n < 0)
		return (int)n;
	if (b.last == lane->sent)
		return 1;
	memcpy(b.lane, lane->name, sizeof(b.lane));
	b.n = (size_t)n;
	/* What is not in it the sink does not get, whoever decided so. */
	b.withheld = b.last - b.prev - b.n;
	/* Appended while we read. */
	if (b.head < b.last)
		b.head = b.last;
	for (size_t k = 0; k < b.n; k++)
		data += s->records[k].size;
	int r = frame_reserve(s, SHIP_FRAME_BASE + data + b.n * SHIP_FRAME_PER_RECORD);
	if (r)
		return r;
	ssize_t size = ship_frame_put_batch(s->frame, s->frame_cap, &b);
	r = size < 0 ? (int)size : bus_send(s->conn, s->frame, (size_t)size);
	if (r)
		return r;
	lane->window[lane->n++] = (struct under_way){ b.last, (size_t)size, clock_mono_ns() };
	lane->sent = b.last;
	if (lane->farthest < b.last)
		lane->farthest = b.last;
	if (i > 0)
		s->in_flight += (size_t)size;
	return 0;
}

static int push_lane(struct ship_source *s, unsigned i)
{
	struct lane *lane = &s->lanes[i];
	int r = 0;

	while (!r && lane->wanted && lane->n < SHIP_WINDOW && (i == 0 || s->in_flight < s->budget))
		r = send_batch(s, i);
	return r > 0 ? 0 : r;
}

void ship_source_push(struct ship_source *s)
{
	if (!s->hello || s->broken || s->pushing)
		return;
	s->pushing = true;
	for (unsigned i = 0; i < s->n_lanes; i++) {
		int r = push_lane(s, i);
		/* The queue is full: writable() calls again, and the first lane comes first again.
		 */
		if (r == -EAGAIN)
			break;
		if (r == -ESTALE)
			give_up(s, "a lane has begun a new epoch", 0);
		else if (r && r != -ENOTCONN)
			give_up(s, "cannot read the log", r);
		if (r)
			break;
	}
	s->pushing = false;
}

/* --- what the sink says --- */

static int find_lane(const struct ship_source *s, const char *name)
{
	for (unsigned i = 0; i < s->n_lanes; i++)
		if (!strcmp(s->lanes[i].name, name))
			return (int)i;
	return -1;
}

static void forget_window(struct ship_source *s, unsigned i)
{
	struct lane *lane = &s->lanes[i];
	for (unsigned k = 0; i > 0 && k < lane->n; k++)
		s->in_flight -= lane->window[k].bytes;
	lane->n = 0;
}

static int start_lane(struct ship_source *s, const struct ship_frame_lane *from)
{
	uint64_t epoch, head;
	int i = find_lane(s, from->name);
	if (i < 0)
		return -EPROTO;
	struct lane *lane = &s->lanes[i];
	s->ops->head(s->user, (unsigned)i, &epoch, &head);
	/* It has seen more than there is: our log was restored from a copy, or made under a clock
	 * that went back. */
	if (from->epoch > lane->epoch || (from->epoch == lane->epoch && from->seq > head)) {
		if (s->ops->stale)
			s->ops->stale(s->user, (unsigned)i, from->epoch);
		return -ESTALE;
	}
	if (from->epoch < lane->epoch)
		return -EPROTO;
	forget_window(s, (unsigned)i);
	lane->sent = from->seq;
	if (lane->farthest < from->seq)
		lane->farthest = from->seq;
	lane->wanted = true;
	/*
	 * A cursor is where to go on from, no acknowledgement: the sink may have taken what is not
	 * durable yet. Its answer to the next heartbeat is one.
	 */
	return 0;
}

static int on_hello(struct ship_source *s)
{
	for (unsigned i = 0; i < s->parsed.n_lanes; i++) {
		int r = start_lane(s, &s->parsed.lanes[i]);
		if (r)
			return r;
	}
	s->hello = true;
	s->version = (unsigned)s->parsed.version;
	ship_source_push(s);
	return 0;
}

static void adapt(struct ship_source *s, int64_t took_ns)
{
	if (took_ns > SLOW_NS)
		s->budget = s->budget / 2 > BUDGET_MIN ? s->budget / 2 : BUDGET_MIN;
	else if (took_ns < FAST_NS && s->in_flight >= s->budget / 2)
		s->budget = s->budget * 2 < BUDGET_MAX ? s->budget * 2 : BUDGET_MAX;
}

static void shift_window(struct ship_source *s, unsigned i, uint64_t seq)
{
	struct lane *lane = &s->lanes[i];
	unsigned gone = 0;

	while (gone < lane->n && lane->window[gone].last <= seq)
		gone++;
	if (!gone)
		return;
	if (i > 0)
		adapt(s, clock_mono_ns() - lane->window[gone - 1].sent_ns);
	for (unsigned k = 0; i > 0 && k < gone; k++)
		s->in_flight -= lane->window[k].bytes;
	lane->n -= gone;
	memmove(lane->window, lane->window + gone, lane->n * sizeof(lane->window[0]));
}

static int on_ack(struct ship_source *s)
{
	const struct ship_frame_lane *ack = &s->parsed.lanes[0];
	int i = find_lane(s, ack->name);
	if (i < 0 || !s->lanes[i].wanted)
		return -EPROTO;
	struct lane *lane = &s->lanes[i];
	if (ack->epoch != lane->epoch || ack->seq > lane->farthest)
		return -EPROTO;
	shift_window(s, (unsigned)i, ack->seq);
	if (lane->sent < ack->seq)
		lane->sent = ack->seq;
	if (ack->seq > lane->acked) {
		lane->acked = ack->seq;
		if (s->ops->acked)
			s->ops->acked(s->user, (unsigned)i, ack->epoch, ack->seq);
	}
	ship_source_push(s);
	return 0;
}

int ship_source_frame(struct ship_source *s, const void *data, size_t size)
{
	assert(s);

	int r = ship_frame_get(data, size, s->records, &s->parsed);
	if (r)
		return r;
	s->heard_ns = clock_mono_ns();
	switch (s->parsed.type) {
	case SHIP_HELLO:
		return on_hello(s);
	case SHIP_ACK:
		return on_ack(s);
	default:
		return -EPROTO;
	}
}

bool ship_source_live(const struct ship_source *s)
{
	int64_t now_ns = clock_mono_ns();
	return s->hello && !s->broken && now_ns - s->heard_ns <= SHIP_ACK_TIMEOUT_NS &&
	       now_ns - oldest_ns(s, now_ns) <= SHIP_ACK_TIMEOUT_NS;
}

unsigned ship_source_version(const struct ship_source *s)
{
	return s->version;
}
