#include "sensor/decode/deliver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/ship.h"
#include "common/shipring.h"

enum { LANE_STATE, LANE_FEED, _LANE_MAX };

#define STATE_RECORDS 32
/* Datagrams before the first unacknowledged one that are decoded again for the halves of messages they hold. */
#define WARM_UP 64

struct deliver {
	const struct feed *feed;
	struct ring *ring;
	struct plotter *plotter;
	const struct deliver_ops *ops;
	void *user;

	sd_event *event;
	struct bus *bus;
	struct bus_conn *conn;
	struct ship_source *source;
	struct shipring *state;
	char lanes[_LANE_MAX][SHIP_LANE_NAME_MAX];

	uint64_t expected;  /* where the next read goes on without decoding anything again */
	uint64_t datagram;  /* in out[]; 0 = none */
	int64_t recv_ns;    /* its receive time */
	uint64_t counted;   /* the newest datagram that was counted */
	uint64_t tallied;   /* likewise, and the counts are in the ring: before anything of it leaves */
	unsigned next;	    /* record of out[] to be handed out next */
	struct plotter_out out;
	uint8_t batch[SHIP_BATCH_BYTES_MAX];
};

static uint64_t end_of(uint64_t datagram)
{
	return datagram << 8 | 255;
}

/* The datagram that holds the first record behind @after. */
static uint64_t datagram_behind(uint64_t after)
{
	return (after + 1) >> 8;
}

static void decode(struct deliver *d, uint64_t datagram)
{
	const struct ring_slot *slot = ring_at(d->ring, datagram);
	bool counting = datagram > d->counted;

	d->datagram = datagram;
	d->next = 0;
	d->out.n = 0;
	d->recv_ns = slot ? slot->recv_ns : 0;
	if (slot && slot->size)
		plotter_take(d->plotter, slot->data, slot->size, slot->source, slot->recv_ns, counting, &d->out);
	if (counting)
		d->counted = datagram;
}

/* Makes ready for reading behind @after, which is not where the last read ended. */
static void rewind_to(struct deliver *d, uint64_t after)
{
	uint64_t first = datagram_behind(after), oldest = ring_oldest(d->ring), acked = ring_acked(d->ring);

	if (first <= acked) { /* that was durable there once: it is not ours any more */
		first = acked + 1;
		after = end_of(acked);
	}

	uint64_t warm = first > oldest + WARM_UP ? first - WARM_UP : oldest;

	plotter_reset(d->plotter);
	for (; warm < first; warm++)
		decode(d, warm);
	d->datagram = 0;
	d->next = 0;
	d->out.n = 0;
	d->expected = after;
	if (first > ring_head(d->ring))
		return;
	decode(d, first);
	/* Behind a record in the middle of a datagram. */
	while (d->next < d->out.n && (first << 8 | d->next) <= after)
		d->next++;
}

/* The next datagram into out[]; false when there is none. */
static bool advance(struct deliver *d)
{
	uint64_t next = datagram_behind(d->expected);

	if (d->datagram == next)
		return true;
	if (next > ring_head(d->ring))
		return false;
	decode(d, next);
	return true;
}

/* A process that is killed counts nothing twice and forgets no count: both go by the datagram's number. */
static void tally(struct deliver *d)
{
	struct plotter_counts counts;

	if (d->counted == d->tallied)
		return;
	plotter_counts(d->plotter, &counts);
	ring_tally(d->ring, d->counted, &counts, sizeof(counts));
	d->tallied = d->counted;
}

static void resume_counts(struct deliver *d)
{
	struct plotter_counts counts;
	uint64_t upto = ring_tallied(d->ring, &counts, sizeof(counts));

	_Static_assert(sizeof(counts) <= RING_TALLY_SIZE, "counts have room in the ring");
	d->counted = ring_acked(d->ring);
	if (upto >= d->counted && upto <= ring_head(d->ring) && plotter_resume(d->plotter, &counts))
		d->counted = upto;
	d->tallied = d->counted;
}

static ssize_t read_feed(struct deliver *d, uint64_t after, struct ship_record *records, size_t max_records,
	size_t max_bytes, uint64_t *ret_last)
{
	size_t n = 0, bytes = 0;

	if (max_bytes > sizeof(d->batch))
		max_bytes = sizeof(d->batch);
	if (after != d->expected)
		rewind_to(d, after);
	while (advance(d)) {
		if (d->next == d->out.n) { /* this datagram is done */
			d->expected = end_of(d->datagram);
			continue;
		}

		const struct plotter_record *r = &d->out.records[d->next];

		if (n == max_records || bytes + r->size > max_bytes)
			break;
		memcpy(d->batch + bytes, d->out.bytes + r->offset, r->size);
		records[n++] = (struct ship_record){
			.seq = d->datagram << 8 | d->next,
			.stored_ns = d->recv_ns,
			.kind = WIRE_PLOT,
			.data = d->batch + bytes,
			.size = r->size,
		};
		bytes += r->size;
		d->expected = d->datagram << 8 | d->next++;
	}
	tally(d);
	*ret_last = d->expected > after ? d->expected : after;
	return (ssize_t)n;
}

static ssize_t on_read(void *user, unsigned lane, uint64_t after, struct ship_record *records, size_t max_records,
	size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	struct deliver *d = user;

	if (lane == LANE_STATE)
		return shipring_read(d->state, after, records, max_records, max_bytes, ret_last, ret_withheld);
	*ret_withheld = 0;
	return read_feed(d, after, records, max_records, max_bytes, ret_last);
}

static void on_acked(void *user, unsigned lane, uint64_t epoch, uint64_t seq)
{
	struct deliver *d = user;

	if (lane == LANE_STATE) {
		shipring_acked(d->state, epoch, seq);
		return;
	}
	if (epoch != ring_epoch(d->ring))
		return;
	ring_ack(d->ring, datagram_behind(seq) - 1);
	d->ops->room(d->user);
}

static void on_head(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	struct deliver *d = user;

	if (lane == LANE_STATE) {
		shipring_head(d->state, ret_epoch, ret_head);
		return;
	}
	*ret_epoch = ring_epoch(d->ring);
	*ret_head = ring_head(d->ring) ? end_of(ring_head(d->ring)) : 0;
}

/* The uplink knows a later epoch: our clock was behind when we made this log. */
static void on_stale(void *user, unsigned lane, uint64_t epoch)
{
	struct deliver *d = user;
	int64_t now_ns = clock_now_ns();
	struct shipring *state;

	if (epoch >= INT64_MAX)
		return;
	if (now_ns <= (int64_t)epoch)
		now_ns = (int64_t)epoch + 1;
	if (lane == LANE_FEED) {
		ring_renew(d->ring, (uint64_t)now_ns);
	} else if (shipring_new(STATE_RECORDS, WIRE_OBJECT_MAX, now_ns, &state) == 0) {
		shipring_free(d->state);
		d->state = state;
	}
}

static const struct ship_source_ops source_ops = {
	.read = on_read,
	.acked = on_acked,
	.head = on_head,
	.stale = on_stale,
};

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	struct deliver *d = user;
	const char *const lanes[_LANE_MAX] = { d->lanes[LANE_STATE], d->lanes[LANE_FEED] };

	(void)peer;
	d->conn = conn;
	if (ship_source_new(d->event, conn, d->feed->name, lanes, _LANE_MAX, &source_ops, d, &d->source) < 0) {
		bus_close(conn, "out of memory");
		return;
	}
	d->ops->connected(d->user);
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	struct deliver *d = user;

	int r = d->source ? ship_source_frame(d->source, data, size) : 0;

	if (r < 0)
		bus_close(conn, r == -ESTALE ? "log renewed" : "protocol error");
}

static void on_closed(void *user, struct bus_conn *conn, const char *reason)
{
	struct deliver *d = user;

	(void)conn;
	ship_source_free(d->source);
	d->source = NULL;
	d->conn = NULL;
	d->ops->disconnected(d->user, reason);
}

static void on_writable(void *user, struct bus_conn *conn)
{
	struct deliver *d = user;

	(void)conn;
	if (d->source)
		ship_source_push(d->source);
}

static const struct bus_ops bus_ops = {
	.opened = on_opened,
	.frame = on_frame,
	.closed = on_closed,
	.writable = on_writable,
};

int deliver_new(sd_event *event, const char *url, const struct feed *feed, struct ring *ring, struct plotter *plotter,
	const struct deliver_ops *ops, void *user, struct deliver **ret_d)
{
	struct deliver *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->event = event;
	d->feed = feed;
	d->ring = ring;
	d->plotter = plotter;
	d->ops = ops;
	d->user = user;
	d->expected = UINT64_MAX; /* the first read finds its place, and the halves of messages before it */
	resume_counts(d);
	snprintf(d->lanes[LANE_STATE], sizeof(d->lanes[0]), "state/%s", feed->name);
	snprintf(d->lanes[LANE_FEED], sizeof(d->lanes[0]), "feed/%s", feed->name);

	int r = shipring_new(STATE_RECORDS, WIRE_OBJECT_MAX, clock_now_ns(), &d->state);

	if (r >= 0)
		r = bus_dial(event, url, NULL, &bus_ops, d, &d->bus);
	if (r < 0) {
		deliver_free(d);
		return r;
	}
	*ret_d = d;
	return 0;
}

void deliver_free(struct deliver *d)
{
	if (!d)
		return;
	bus_free(d->bus);
	shipring_free(d->state);
	free(d);
}

void deliver_push(struct deliver *d)
{
	if (d->source)
		ship_source_push(d->source);
}

bool deliver_connected(const struct deliver *d)
{
	return d->source != NULL;
}

static void push_state(struct deliver *d, uint8_t kind, const void *data, ssize_t size)
{
	if (!d->source || size < 0)
		return;
	(void)shipring_push(d->state, clock_now_ns(), kind, data, (size_t)size);
	ship_source_push(d->source);
}

void deliver_site(struct deliver *d, const struct site *site)
{
	uint8_t buf[WIRE_OBJECT_MAX];

	push_state(d, WIRE_SITE, buf, wire_put_site(buf, sizeof(buf), site));
}

void deliver_health(struct deliver *d, const struct wire_health *health)
{
	uint8_t buf[WIRE_OBJECT_MAX];

	push_state(d, WIRE_HEALTH, buf, wire_put_health(buf, sizeof(buf), health));
}
