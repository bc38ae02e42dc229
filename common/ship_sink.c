#include "common/ship.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/loop.h"
#include "common/ship_frame.h"

#define CHECK_NS CLOCK_NS_PER_S

struct lane {
	char name[SHIP_LANE_NAME_MAX];
	uint64_t epoch;
	uint64_t taken;     /* handed to commit() up to here */
	uint64_t committed; /* and durable up to here */
	bool asked;         /* HELLO said again after a gap, its answer not seen yet */
};

struct ship_sink {
	struct bus_conn *conn;
	const struct ship_sink_ops *ops;
	void *user;
	sd_event_source *timer;
	struct ship_sink *next; /* of all in this process */
	char origin[SHIP_ORIGIN_MAX];
	unsigned n_lanes; /* wanted ones only */
	struct lane lanes[SHIP_LANES_MAX];
	int64_t heard_ns;
	struct ship_record *records;
	struct ship_frame parsed;
};

/*
 * Every sink of the process. A source that lost its link dials again while frames of its old
 * connection may still wait to be read: with both served, what lies in both would be committed
 * twice.
 */
static struct ship_sink *sinks;

static int on_check(void *user, int64_t now_ns)
{
	struct ship_sink *s = user;
	if (clock_mono_ns() - s->heard_ns > SHIP_ACK_TIMEOUT_NS)
		bus_close(
			s->conn, s->origin[0] ? "no heartbeat for 3 s" : "no announcement for 3 s");
	return 0;
}

int ship_sink_new(sd_event *event, struct bus_conn *conn, const struct ship_sink_ops *ops,
	void *user, struct ship_sink **ret_s)
{
	assert(conn && ops && ops->cursor && ops->commit && ret_s);

	struct ship_sink *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->conn = conn;
	s->ops = ops;
	s->user = user;
	s->heard_ns = clock_mono_ns();
	s->records = calloc(SHIP_BATCH_RECORDS_MAX, sizeof(*s->records));
	int r = s->records ? loop_every(event, CHECK_NS, on_check, s, &s->timer) : -ENOMEM;
	if (r) {
		ship_sink_free(s);
		return r;
	}
	s->next = sinks;
	sinks = s;
	*ret_s = s;
	return 0;
}

void ship_sink_free(struct ship_sink *s)
{
	if (!s)
		return;
	for (struct ship_sink **p = &sinks; *p; p = &(*p)->next)
		if (*p == s) {
			*p = s->next;
			break;
		}
	sd_event_source_disable_unref(s->timer);
	free(s->records);
	free(s);
}

const char *ship_sink_origin(const struct ship_sink *s)
{
	return s->origin;
}

static struct lane *find_lane(struct ship_sink *s, const char *name)
{
	for (unsigned i = 0; i < s->n_lanes; i++)
		if (!strcmp(s->lanes[i].name, name))
			return &s->lanes[i];
	return NULL;
}

static int say_hello(struct ship_sink *s, const struct ship_frame_lane *lanes, unsigned n)
{
	uint8_t buf[SHIP_FRAME_BASE];
	ssize_t size = ship_frame_put_hello(buf, sizeof(buf), lanes, n);
	return size < 0 ? (int)size : bus_send(s->conn, buf, (size_t)size);
}

/* A queue that has no room for this is no harm: the next heartbeat brings it again. */
static void acknowledge(struct ship_sink *s, const struct lane *lane)
{
	struct ship_frame_lane ack = { .epoch = lane->epoch, .seq = lane->committed };
	uint8_t buf[SHIP_FRAME_BASE];

	memcpy(ack.name, lane->name, sizeof(ack.name));
	ssize_t size = ship_frame_put_ack(buf, sizeof(buf), &ack);
	if (size > 0)
		(void)bus_send(s->conn, buf, (size_t)size);
}

/* The older connection of the same origin to the same owner goes; bus_close() means that none of
 * its frames comes again. */
static void supersede(const struct ship_sink *newer)
{
	for (struct ship_sink *s = sinks; s; s = s->next)
		if (s != newer && s->n_lanes && s->ops == newer->ops &&
			!strcmp(s->origin, newer->origin))
			bus_close(s->conn, "the same origin connected again");
}

/* Where to begin with a lane. An epoch we know to be old is answered with ours: the source must
 * renew its log. */
static void take_lane(struct ship_sink *s, const struct ship_frame_lane *offer,
	struct ship_frame_lane *answers, unsigned *n)
{
	uint64_t epoch = offer->epoch, seq = 0;

	if (!s->ops->cursor(s->user, s->origin, offer->name, offer->epoch, &epoch, &seq))
		return;
	if (epoch < offer->epoch) {
		epoch = offer->epoch;
		seq = 0;
	}
	struct ship_frame_lane *answer = &answers[(*n)++];
	*answer = (struct ship_frame_lane){ .epoch = epoch, .seq = seq };
	memcpy(answer->name, offer->name, sizeof(answer->name));
	struct lane *lane = &s->lanes[s->n_lanes++];
	*lane = (struct lane){ .epoch = epoch, .taken = seq, .committed = seq };
	memcpy(lane->name, offer->name, sizeof(lane->name));
}

static int on_announce(struct ship_sink *s)
{
	struct ship_frame_lane answers[SHIP_LANES_MAX];
	unsigned n = 0;

	if (s->origin[0])
		return -EPROTO;
	memcpy(s->origin, s->parsed.origin, sizeof(s->origin));
	for (unsigned i = 0; i < s->parsed.n_lanes; i++)
		take_lane(s, &s->parsed.lanes[i], answers, &n);
	/* Only who was let in: nobody pushes another out by claiming its name. */
	if (n)
		supersede(s);
	return say_hello(s, answers, n);
}

/* What lies between our cursor and this batch is missing. One question each: what is still under
 * way does not fit either. */
static int ask_again(struct ship_sink *s, struct lane *lane)
{
	struct ship_frame_lane from = { .epoch = lane->epoch, .seq = lane->taken };

	if (lane->asked)
		return 0;
	lane->asked = true;
	memcpy(from.name, lane->name, sizeof(from.name));
	return say_hello(s, &from, 1);
}

static int on_batch(struct ship_sink *s)
{
	const struct ship_batch *b = &s->parsed.batch;
	struct lane *lane = find_lane(s, b->lane);

	if (!lane || lane->epoch != b->epoch)
		return -EPROTO;
	if (b->last <= lane->taken) {
		/* Seen before; our acknowledgement was lost with a connection, or is on its way. */
		acknowledge(s, lane);
		return 0;
	}
	if (b->prev != lane->taken)
		return ask_again(s, lane);
	lane->asked = false;
	int r = s->ops->commit(s->user, s->origin, b);
	if (r < 0)
		return r;
	lane->taken = b->last;
	if (r == SHIP_LATER)
		return 0;
	lane->committed = b->last;
	acknowledge(s, lane);
	return 0;
}

static int on_heartbeat(struct ship_sink *s)
{
	for (unsigned i = 0; i < s->parsed.n_lanes; i++) {
		const struct lane *lane = find_lane(s, s->parsed.lanes[i].name);
		if (lane && lane->epoch != s->parsed.lanes[i].epoch)
			return -EPROTO;
	}
	if (s->ops->heartbeat)
		s->ops->heartbeat(s->user, s->origin, s->parsed.now_ns);
	/* So that the source hears that we are there, too, and gets what was lost of our
	 * acknowledgements. */
	for (unsigned i = 0; i < s->n_lanes; i++)
		acknowledge(s, &s->lanes[i]);
	return 0;
}

int ship_sink_frame(struct ship_sink *s, const void *data, size_t size)
{
	assert(s);

	int r = ship_frame_get(data, size, s->records, &s->parsed);
	if (r)
		return r;
	s->heard_ns = clock_mono_ns();
	if (s->parsed.type != SHIP_ANNOUNCE && !s->origin[0])
		return -EPROTO;
	switch (s->parsed.type) {
	case SHIP_ANNOUNCE:
		return on_announce(s);
	case SHIP_BATCH:
		return on_batch(s);
	case SHIP_HEARTBEAT:
		return on_heartbeat(s);
	default:
		return -EPROTO;
	}
}

void ship_sink_ack(struct ship_sink *s, const char *lane_name, uint64_t epoch, uint64_t seq)
{
	assert(s);

	struct lane *lane = find_lane(s, lane_name);
	if (!lane || lane->epoch != epoch || seq <= lane->committed || seq > lane->taken)
		return;
	lane->committed = seq;
	acknowledge(s, lane);
}
