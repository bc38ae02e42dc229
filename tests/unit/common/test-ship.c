#include "common/clock.h"
#include "common/ship.h"
#include "common/ship_frame.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The peer is scripted: bus_send() and bus_close() are ours here, so every frame that a source or a
 * sink sends is looked at, and what comes back is what the test says. The clock is virtual where a
 * test needs time to pass.
 */
#define FRAMES_MAX 128

struct bus_conn {
	uint8_t *frames[FRAMES_MAX];
	size_t sizes[FRAMES_MAX];
	unsigned n, taken;
	unsigned room; /* frames until -EAGAIN */
	char closed[128];
};

int bus_send(struct bus_conn *conn, const void *data, size_t size)
{
	if (!conn->room)
		return -EAGAIN;
	conn->room--;
	assert_true(conn->n < FRAMES_MAX);
	conn->frames[conn->n] = malloc(size);
	memcpy(conn->frames[conn->n], data, size);
	conn->sizes[conn->n++] = size;
	return 0;
}

void bus_close(struct bus_conn *conn, const char *reason)
{
	if (!conn->closed[0])
		snprintf(conn->closed, sizeof(conn->closed), "%s", reason);
}

static void conn_clear(struct bus_conn *conn)
{
	for (unsigned i = 0; i < conn->n; i++)
		free(conn->frames[i]);
	*conn = (struct bus_conn){ .room = FRAMES_MAX };
}

static struct ship_record parsed_records[SHIP_BATCH_RECORDS_MAX];
static struct ship_frame parsed;

/* The next frame that was sent, which must be of that type. */
static const struct ship_frame *next(struct bus_conn *conn, enum ship_frame_type type)
{
	if (conn->taken >= conn->n)
		fail_msg("nothing was sent, expected message %d", type);
	unsigned i = conn->taken++;
	assert_int_equal(
		ship_frame_get(conn->frames[i], conn->sizes[i], parsed_records, &parsed), 0);
	assert_int_equal(parsed.type, type);
	return &parsed;
}

static void nothing_more(const struct bus_conn *conn)
{
	assert_int_equal(conn->taken, conn->n);
}

static sd_event *event;

static int setup(void **state)
{
	clock_set_real();
	return sd_event_default(&event) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	clock_set_real();
	sd_event_unref(event);
	return 0;
}

/* --- source --- */

/* Two lanes of numbered records of one size; `hole` seqs are withheld. */
struct logs {
	uint64_t epoch, head[2], acked[2], hole_from, hole_to;
	size_t size;
	unsigned stale, reads[2];
	uint64_t stale_epoch;
};

static uint8_t zeros[SHIP_BATCH_BYTES_MAX];

static ssize_t on_read(void *user, unsigned lane, uint64_t after, struct ship_record *records,
	size_t max_records, size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	struct logs *l = user;
	size_t n = 0, bytes = 0;

	l->reads[lane]++;
	for (uint64_t seq = after + 1; seq <= l->head[lane] && n < max_records; seq++) {
		*ret_last = seq;
		if (seq >= l->hole_from && seq <= l->hole_to) {
			(*ret_withheld)++;
			continue;
		}
		records[n++] = (struct ship_record){
			.seq = seq, .stored_ns = 5, .kind = 1, .data = zeros, .size = l->size
		};
		bytes += l->size;
		if (bytes + l->size > max_bytes)
			break;
	}
	return (ssize_t)n;
}

static void on_acked(void *user, unsigned lane, uint64_t epoch, uint64_t seq)
{
	struct logs *l = user;
	assert_true(seq > l->acked[lane]);
	l->acked[lane] = seq;
}

static void on_head(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	struct logs *l = user;
	*ret_epoch = l->epoch;
	*ret_head = l->head[lane];
}

static void on_stale(void *user, unsigned lane, uint64_t epoch)
{
	struct logs *l = user;
	l->stale++;
	l->stale_epoch = epoch;
}

static const struct ship_source_ops source_ops = { on_read, on_acked, on_head, on_stale };
static const char *const lane_names[] = { "first", "second" };

static struct ship_source *new_source(struct bus_conn *conn, struct logs *l)
{
	struct ship_source *s = NULL;
	conn->room = FRAMES_MAX;
	assert_int_equal(
		ship_source_new(event, conn, "mast1", lane_names, 2, &source_ops, l, &s), 0);
	const struct ship_frame *f = next(conn, SHIP_ANNOUNCE);
	assert_string_equal(f->origin, "mast1");
	assert_int_equal(f->n_lanes, 2);
	assert_string_equal(f->lanes[1].name, "second");
	assert_int_equal(f->lanes[1].epoch, l->epoch);
	assert_int_equal(f->lanes[1].seq, l->head[1]);
	return s;
}

static int hello(struct ship_source *s, const char *lane, uint64_t epoch, uint64_t seq)
{
	struct ship_frame_lane l = { .epoch = epoch, .seq = seq };
	uint8_t buf[256];
	snprintf(l.name, sizeof(l.name), "%s", lane);
	ssize_t n = ship_frame_put_hello(buf, sizeof(buf), &l, 1);
	return ship_source_frame(s, buf, (size_t)n);
}

static int ack(struct ship_source *s, const char *lane, uint64_t epoch, uint64_t seq)
{
	struct ship_frame_lane l = { .epoch = epoch, .seq = seq };
	uint8_t buf[256];
	snprintf(l.name, sizeof(l.name), "%s", lane);
	ssize_t n = ship_frame_put_ack(buf, sizeof(buf), &l);
	return ship_source_frame(s, buf, (size_t)n);
}

static void a_source_sends_what_was_asked_for_and_no_more(void **state)
{
	struct bus_conn conn = { 0 };
	struct logs l = { .epoch = 7, .head = { 10, 20 }, .size = 100 };
	struct ship_source *s = new_source(&conn, &l);
	ship_source_push(s);
	nothing_more(&conn); /* nobody said HELLO */
	assert_false(ship_source_live(s));
	assert_int_equal(hello(s, "second", 7, 4), 0);
	const struct ship_frame *f = next(&conn, SHIP_BATCH);
	assert_string_equal(f->batch.lane, "second");
	assert_int_equal(f->batch.prev, 4);
	assert_int_equal(f->batch.last, 20);
	assert_int_equal(f->batch.head, 20);
	assert_int_equal(f->batch.n, 16);
	assert_int_equal(f->batch.withheld, 0);
	assert_int_equal(f->batch.records[0].seq, 5);
	assert_true(ship_source_live(s));
	nothing_more(&conn);
	assert_int_equal(l.acked[1], 0); /* a place to go on from is not an acknowledgement */
	assert_int_equal(ack(s, "second", 7, 20), 0);
	assert_int_equal(l.acked[1], 20);
	l.head[1] = 21;
	ship_source_push(s);
	assert_int_equal(next(&conn, SHIP_BATCH)->batch.prev, 20);
	ship_source_free(s);
	conn_clear(&conn);
}

static void the_window_ends_at_eight_batches_until_an_ack(void **state)
{
	struct bus_conn conn = { 0 };
	struct logs l = { .epoch = 1, .head = { 20 * SHIP_BATCH_RECORDS_MAX, 0 }, .size = 10 };
	struct ship_source *s = new_source(&conn, &l);
	assert_int_equal(hello(s, "first", 1, 0), 0);
	for (int i = 0; i < SHIP_WINDOW; i++)
		assert_int_equal(next(&conn, SHIP_BATCH)->batch.last,
			(uint64_t)(i + 1) * SHIP_BATCH_RECORDS_MAX);
	nothing_more(&conn);
	assert_int_equal(ack(s, "first", 1, 2 * SHIP_BATCH_RECORDS_MAX), 0);
	next(&conn, SHIP_BATCH);
	next(&conn, SHIP_BATCH);
	nothing_more(&conn);
	ship_source_free(s);
	conn_clear(&conn);
}

static void the_first_lane_goes_first_and_bulk_leaves_room_for_it(void **state)
{
	struct bus_conn conn = { 0 };
	struct logs l = { .epoch = 1, .head = { 3, 100000 }, .size = 1000 };
	struct ship_source *s = new_source(&conn, &l);
	size_t bulk = 0;
	struct ship_frame_lane both[2] = { { "second", 1, 0 }, { "first", 1, 0 } };
	uint8_t buf[256];
	ssize_t n = ship_frame_put_hello(buf, sizeof(buf), both, 2);
	assert_int_equal(ship_source_frame(s, buf, (size_t)n), 0);
	assert_string_equal(next(&conn, SHIP_BATCH)->batch.lane, "first");
	while (conn.taken < conn.n) {
		const struct ship_frame *f = next(&conn, SHIP_BATCH);
		assert_string_equal(f->batch.lane, "second");
		bulk += f->batch.n * l.size;
	}
	assert_in_range(bulk, 1000, 256 << 10);
	/* With bulk waiting for its acknowledgements the first lane still goes at once. */
	l.head[0] = 4;
	ship_source_push(s);
	assert_string_equal(next(&conn, SHIP_BATCH)->batch.lane, "first");
	nothing_more(&conn);
	ship_source_free(s);
	conn_clear(&conn);
}

static void bulk_under_way_grows_with_fast_acks_and_shrinks_with_slow_ones(void **state)
{
	struct bus_conn conn = { 0 };
	struct logs l = { .epoch = 1, .head = { 0, 1000000 }, .size = 1000 };
	int64_t t = 1000 * CLOCK_NS_PER_S;
	size_t sizes[3];
	clock_set_virtual(t);
	struct ship_source *s = new_source(&conn, &l);
	assert_int_equal(hello(s, "second", 1, 0), 0);
	for (int phase = 0; phase < 3; phase++) {
		for (int i = 0; i < 12; i++) {
			uint64_t last = 0;
			sizes[phase] = 0;
			while (conn.taken < conn.n) {
				const struct ship_frame *f = next(&conn, SHIP_BATCH);
				last = f->batch.last;
				sizes[phase] += f->batch.n * l.size;
			}
			clock_set_virtual(
				t += phase == 1 ? 900 * CLOCK_NS_PER_MS : 10 * CLOCK_NS_PER_MS);
			conn_clear(&conn);
			assert_int_equal(ack(s, "second", 1, last), 0);
		}
	}
	assert_true(sizes[0] > (1 << 20));
	assert_true(sizes[1] <= (64 << 10));
	assert_true(sizes[2] > (1 << 20));
	ship_source_free(s);
	conn_clear(&conn);
}

static void withheld_records_are_counted_and_passed_over(void **state)
{
	struct bus_conn conn = { 0 };
	struct logs l = { .epoch = 1, .head = { 10, 0 }, .size = 1, .hole_from = 4, .hole_to = 10 };
	struct ship_source *s = new_source(&conn, &l);
	assert_int_equal(hello(s, "first", 1, 0), 0);
	const struct ship_frame *f = next(&conn, SHIP_BATCH);
	assert_int_equal(f->batch.n, 3);
	assert_int_equal(f->batch.last, 10);
	assert_int_equal(f->batch.withheld, 7);
	nothing_more(&conn);
	ship_source_free(s);
	conn_clear(&conn);
}

static void a_full_queue_loses_nothing(void **state)
{
	struct bus_conn conn = { 0 };
	struct logs l = { .epoch = 1, .head = { 3000, 0 }, .size = 10 };
	struct ship_source *s = new_source(&conn, &l);
	conn.room = 1;
	assert_int_equal(hello(s, "first", 1, 0), 0);
	assert_int_equal(next(&conn, SHIP_BATCH)->batch.last, 1024);
	nothing_more(&conn);
	conn.room = 10;
	ship_source_push(s);
	assert_int_equal(next(&conn, SHIP_BATCH)->batch.prev, 1024);
	assert_int_equal(next(&conn, SHIP_BATCH)->batch.last, 3000);
	ship_source_free(s);
	conn_clear(&conn);
}

static void hello_again_rewinds_one_lane(void **state)
{
	struct bus_conn conn = { 0 };
	struct logs l = { .epoch = 1, .head = { 10, 10 }, .size = 10 };
	struct ship_source *s = new_source(&conn, &l);
	assert_int_equal(hello(s, "first", 1, 0), 0);
	assert_int_equal(hello(s, "second", 1, 0), 0);
	next(&conn, SHIP_BATCH);
	next(&conn, SHIP_BATCH);
	assert_int_equal(hello(s, "second", 1, 3), 0);
	const struct ship_frame *f = next(&conn, SHIP_BATCH);
	assert_string_equal(f->batch.lane, "second");
	assert_int_equal(f->batch.prev, 3);
	nothing_more(&conn);
	assert_int_equal(l.acked[1], 0); /* a place to go on from is not an acknowledgement */
	assert_int_equal(ack(s, "second", 1, 10), 0);
	assert_int_equal(l.acked[1], 10);
	ship_source_free(s);
	conn_clear(&conn);
}

static void a_restored_log_is_noticed(void **state)
{
	struct bus_conn conn = { 0 };
	struct logs l = { .epoch = 5, .head = { 10, 10 }, .size = 10 };
	struct ship_source *s = new_source(&conn, &l);
	assert_int_equal(hello(s, "first", 5, 11), -ESTALE);
	assert_int_equal(l.stale, 1);
	assert_int_equal(l.stale_epoch, 5);
	assert_int_equal(hello(s, "first", 9, 0), -ESTALE);
	assert_int_equal(l.stale_epoch, 9);
	assert_int_equal(hello(s, "first", 4, 0), -EPROTO);
	ship_source_free(s);
	conn_clear(&conn);
}

static void a_renewed_epoch_ends_the_connection(void **state)
{
	struct bus_conn conn = { 0 };
	struct logs l = { .epoch = 5, .head = { 10, 10 }, .size = 10 };
	struct ship_source *s = new_source(&conn, &l);
	assert_int_equal(hello(s, "first", 5, 10), 0);
	l.epoch = 6;
	ship_source_push(s);
	assert_string_equal(conn.closed, "a lane has begun a new epoch");
	nothing_more(&conn);
	ship_source_free(s);
	conn_clear(&conn);
}

static void a_lying_sink_is_a_protocol_error(void **state)
{
	struct bus_conn conn = { 0 };
	struct logs l = { .epoch = 5, .head = { 10, 10 }, .size = 10 };
	struct ship_source *s = new_source(&conn, &l);
	assert_int_equal(ack(s, "first", 5, 1), -EPROTO); /* before HELLO */
	assert_int_equal(hello(s, "third", 5, 0), -EPROTO);
	assert_int_equal(hello(s, "first", 5, 2), 0);
	assert_int_equal(ack(s, "first", 5, 11), -EPROTO);
	assert_int_equal(ack(s, "first", 4, 3), -EPROTO);
	assert_int_equal(ack(s, "third", 5, 3), -EPROTO);
	assert_int_equal(ship_source_frame(s, conn.frames[0], conn.sizes[0]),
		-EPROTO); /* our own ANNOUNCE */
	assert_int_equal(ship_source_frame(s, "\xff", 1), -EBADMSG);
	assert_int_equal(ship_source_frame(s, "", 0), -EMSGSIZE);
	assert_int_equal(l.acked[0], 0);
	ship_source_free(s);
	conn_clear(&conn);
}

/* --- sink --- */

struct store {
	uint64_t epoch, cursor, data; /* data: records committed */
	uint64_t holes;
	unsigned commits, beats;
	int commit_result;
	bool unwanted;
	char origin[SHIP_ORIGIN_MAX];
};

static bool on_cursor(void *user, const char *origin, const char *lane, uint64_t epoch,
	uint64_t *ret_epoch, uint64_t *ret_seq)
{
	struct store *st = user;
	snprintf(st->origin, sizeof(st->origin), "%s", origin);
	if (st->unwanted || strcmp(lane, "first") != 0)
		return false;
	if (st->epoch) {
		*ret_epoch = st->epoch;
		*ret_seq = st->cursor;
	}
	return true;
}

static int on_commit(void *user, const char *origin, const struct ship_batch *batch)
{
	struct store *st = user;
	assert_string_equal(origin, "mast1");
	if (st->commit_result < 0)
		return st->commit_result;
	st->commits++;
	st->data += batch->n;
	st->holes += batch->withheld;
	st->epoch = batch->epoch;
	st->cursor = batch->last;
	return st->commit_result;
}

static void on_heartbeat(void *user, const char *origin, int64_t source_now_ns)
{
	((struct store *)user)->beats++;
}

static const struct ship_sink_ops sink_ops = { on_cursor, on_commit, on_heartbeat };

static struct ship_sink *new_sink(struct bus_conn *conn, struct store *st)
{
	struct ship_sink *s = NULL;
	conn->room = FRAMES_MAX;
	assert_int_equal(ship_sink_new(event, conn, &sink_ops, st, &s), 0);
	assert_string_equal(ship_sink_origin(s), "");
	return s;
}

static int announce(struct ship_sink *s, uint64_t epoch, uint64_t head)
{
	struct ship_frame_lane lanes[2] = { { "other", epoch, head }, { "first", epoch, head } };
	uint8_t buf[256];
	ssize_t n = ship_frame_put_announce(buf, sizeof(buf), "mast1", lanes, 2);
	return ship_sink_frame(s, buf, (size_t)n);
}

/* A batch of every seq in (prev, last - withheld]. */
static int batch_of(struct ship_sink *s, const char *lane, uint64_t epoch, uint64_t prev,
	uint64_t last, uint64_t withheld)
{
	static struct ship_record records[SHIP_BATCH_RECORDS_MAX];
	static uint8_t buf[1 << 16];
	struct ship_batch b = { .epoch = epoch,
		.prev = prev,
		.last = last,
		.head = last,
		.withheld = withheld,
		.records = records };
	for (uint64_t seq = prev + 1; seq + withheld <= last; seq++)
		records[b.n++] = (struct ship_record){
			.seq = seq, .stored_ns = 1, .kind = 1, .data = "d", .size = 1
		};
	snprintf(b.lane, sizeof(b.lane), "%s", lane);
	ssize_t n = ship_frame_put_batch(buf, sizeof(buf), &b);
	assert_true(n > 0);
	return ship_sink_frame(s, buf, (size_t)n);
}

static void expect_hello(struct bus_conn *conn, uint64_t epoch, uint64_t seq)
{
	const struct ship_frame *f = next(conn, SHIP_HELLO);
	assert_int_equal(f->n_lanes, 1);
	assert_string_equal(f->lanes[0].name, "first");
	assert_int_equal(f->lanes[0].epoch, epoch);
	assert_int_equal(f->lanes[0].seq, seq);
}

static void expect_ack(struct bus_conn *conn, uint64_t epoch, uint64_t seq)
{
	const struct ship_frame *f = next(conn, SHIP_ACK);
	assert_string_equal(f->lanes[0].name, "first");
	assert_int_equal(f->lanes[0].epoch, epoch);
	assert_int_equal(f->lanes[0].seq, seq);
}

static void a_sink_commits_then_acknowledges(void **state)
{
	struct bus_conn conn = { 0 };
	struct store st = { 0 };
	struct ship_sink *s = new_sink(&conn, &st);
	assert_int_equal(announce(s, 7, 30), 0);
	assert_string_equal(ship_sink_origin(s), "mast1");
	expect_hello(&conn, 7, 0);
	assert_int_equal(batch_of(s, "first", 7, 0, 10, 0), 0);
	expect_ack(&conn, 7, 10);
	assert_int_equal(batch_of(s, "first", 7, 10, 20, 4), 0);
	expect_ack(&conn, 7, 20);
	assert_int_equal(st.data, 16);
	assert_int_equal(st.holes, 4);
	nothing_more(&conn);
	ship_sink_free(s);
	conn_clear(&conn);
}

static void a_duplicate_is_dropped_and_acknowledged(void **state)
{
	struct bus_conn conn = { 0 };
	struct store st = { .epoch = 7, .cursor = 10 };
	struct ship_sink *s = new_sink(&conn, &st);
	assert_int_equal(announce(s, 7, 30), 0);
	expect_hello(&conn, 7, 10);
	assert_int_equal(batch_of(s, "first", 7, 0, 10, 0), 0);
	assert_int_equal(batch_of(s, "first", 7, 4, 8, 0), 0);
	assert_int_equal(st.commits, 0);
	expect_ack(&conn, 7, 10);
	expect_ack(&conn, 7, 10);
	ship_sink_free(s);
	conn_clear(&conn);
}

static void a_gap_is_asked_for_once(void **state)
{
	struct bus_conn conn = { 0 };
	struct store st = { 0 };
	struct ship_sink *s = new_sink(&conn, &st);
	assert_int_equal(announce(s, 7, 50), 0);
	expect_hello(&conn, 7, 0);
	assert_int_equal(batch_of(s, "first", 7, 0, 10, 0), 0);
	expect_ack(&conn, 7, 10);
	assert_int_equal(batch_of(s, "first", 7, 20, 30, 0), 0);
	expect_hello(&conn, 7, 10);
	assert_int_equal(batch_of(s, "first", 7, 30, 40, 0), 0); /* was under way */
	nothing_more(&conn);
	assert_int_equal(batch_of(s, "first", 7, 10, 30, 0), 0);
	expect_ack(&conn, 7, 30);
	/* One that overlaps is no better than a gap. */
	assert_int_equal(batch_of(s, "first", 7, 25, 35, 0), 0);
	expect_hello(&conn, 7, 30);
	assert_int_equal(st.data, 30);
	ship_sink_free(s);
	conn_clear(&conn);
}

static void a_greater_epoch_starts_from_the_beginning(void **state)
{
	struct bus_conn conn = { 0 };
	struct store st = { .epoch = 7, .cursor = 10 };
	struct ship_sink *s = new_sink(&conn, &st);
	assert_int_equal(announce(s, 8, 3), 0);
	expect_hello(&conn, 8, 0);
	assert_int_equal(batch_of(s, "first", 8, 0, 3, 0), 0);
	expect_ack(&conn, 8, 3);
	assert_int_equal(batch_of(s, "first", 7, 3, 4, 0), -EPROTO);
	ship_sink_free(s);
	conn_clear(&conn);
}

static void a_lower_epoch_is_answered_with_ours(void **state)
{
	struct bus_conn conn = { 0 };
	struct store st = { .epoch = 7, .cursor = 10 };
	struct ship_sink *s = new_sink(&conn, &st);
	assert_int_equal(announce(s, 6, 300), 0);
	expect_hello(&conn, 7, 10);
	assert_int_equal(batch_of(s, "first", 6, 10, 12, 0), -EPROTO);
	assert_int_equal(st.commits, 0);
	ship_sink_free(s);
	conn_clear(&conn);
}

static void a_later_commit_is_acknowledged_later(void **state)
{
	struct bus_conn conn = { 0 };
	struct store st = { .commit_result = SHIP_LATER };
	struct ship_sink *s = new_sink(&conn, &st);
	assert_int_equal(announce(s, 7, 30), 0);
	expect_hello(&conn, 7, 0);
	assert_int_equal(batch_of(s, "first", 7, 0, 10, 0), 0);
	assert_int_equal(batch_of(s, "first", 7, 10, 20, 0), 0);
	nothing_more(&conn);
	ship_sink_ack(s, "first", 7, 21); /* never taken */
	ship_sink_ack(s, "first", 6, 10);
	ship_sink_ack(s, "nowhere", 7, 10);
	nothing_more(&conn);
	ship_sink_ack(s, "first", 7, 20);
	expect_ack(&conn, 7, 20);
	ship_sink_ack(s, "first", 7, 10);
	nothing_more(&conn);
	ship_sink_free(s);
	conn_clear(&conn);
}

static void a_heartbeat_is_answered_with_what_is_durable(void **state)
{
	struct bus_conn conn = { 0 };
	struct store st = { .epoch = 7, .cursor = 10 };
	struct ship_sink *s = new_sink(&conn, &st);
	struct ship_frame_lane lane = { "first", 7, 30 };
	uint8_t buf[256];
	assert_int_equal(announce(s, 7, 30), 0);
	expect_hello(&conn, 7, 10);
	ssize_t n = ship_frame_put_heartbeat(buf, sizeof(buf), 99, &lane, 1);
	assert_int_equal(ship_sink_frame(s, buf, (size_t)n), 0);
	assert_int_equal(st.beats, 1);
	expect_ack(&conn, 7, 10);
	lane.epoch = 8;
	n = ship_frame_put_heartbeat(buf, sizeof(buf), 99, &lane, 1);
	assert_int_equal(ship_sink_frame(s, buf, (size_t)n), -EPROTO);
	ship_sink_free(s);
	conn_clear(&conn);
}

static void a_failed_commit_is_not_acknowledged(void **state)
{
	struct bus_conn conn = { 0 };
	struct store st = { .commit_result = -ENOSPC };
	struct ship_sink *s = new_sink(&conn, &st);
	assert_int_equal(announce(s, 7, 30), 0);
	expect_hello(&conn, 7, 0);
	assert_int_equal(batch_of(s, "first", 7, 0, 10, 0), -ENOSPC);
	nothing_more(&conn);
	ship_sink_free(s);
	conn_clear(&conn);
}

static void a_newer_connection_of_an_origin_ends_the_older(void **state)
{
	struct bus_conn older = { 0 }, newer = { 0 }, refused = { 0 };
	struct store st = { 0 }, closed_door = { .unwanted = true };
	struct ship_sink *a = new_sink(&older, &st), *b = new_sink(&newer, &st),
			 *c = new_sink(&refused, &closed_door);
	assert_int_equal(announce(a, 7, 30), 0);
	assert_int_equal(announce(c, 7, 30), 0); /* not let in: pushes nobody out */
	assert_string_equal(older.closed, "");
	assert_int_equal(announce(b, 7, 30), 0);
	assert_string_equal(older.closed, "the same origin connected again");
	assert_string_equal(newer.closed, "");
	assert_string_equal(refused.closed, "");
	ship_sink_free(b);
	ship_sink_free(a);
	ship_sink_free(c);
	conn_clear(&older);
	conn_clear(&newer);
	conn_clear(&refused);
}

static void a_lying_source_is_a_protocol_error(void **state)
{
	struct bus_conn conn = { 0 };
	struct store st = { 0 };
	struct ship_sink *s = new_sink(&conn, &st);
	assert_int_equal(batch_of(s, "first", 7, 0, 1, 0), -EPROTO); /* before ANNOUNCE */
	assert_int_equal(announce(s, 7, 30), 0);
	assert_int_equal(announce(s, 7, 30), -EPROTO);               /* twice */
	assert_int_equal(batch_of(s, "other", 7, 0, 1, 0), -EPROTO); /* nobody asked for it */
	assert_int_equal(
		ship_sink_frame(s, conn.frames[0], conn.sizes[0]), -EPROTO); /* our own HELLO */
	assert_int_equal(st.commits, 0);
	ship_sink_free(s);
	conn_clear(&conn);
}

/* --- messages --- */

static int get_batch(struct ship_batch b, const struct ship_record *records)
{
	uint8_t buf[512];
	b.records = records;
	snprintf(b.lane, sizeof(b.lane), "l");
	ssize_t n = ship_frame_put_batch(buf, sizeof(buf), &b);
	assert_true(n > 0);
	return ship_frame_get(buf, (size_t)n, parsed_records, &parsed);
}

static void a_batch_that_does_not_add_up_is_refused(void **state)
{
	const struct ship_record two[] = { { 5, 1, 1, "a", 1 }, { 6, 1, 1, "b", 1 } };
	const struct ship_record twins[] = { { 5, 1, 1, "a", 1 }, { 5, 1, 1, "b", 1 } };
	const struct ship_record kindless[] = { { 5, 1, 0, "a", 1 } };
	assert_int_equal(
		get_batch((struct ship_batch){ .prev = 4, .last = 6, .head = 6, .n = 2 }, two), 0);
	assert_int_equal(
		get_batch((struct ship_batch){ .prev = 4, .last = 7, .head = 7, .n = 2 }, two),
		-EPROTO);
	assert_int_equal(get_batch(
				 (struct ship_batch){
					 .prev = 4, .last = 7, .head = 7, .n = 2, .withheld = 1 },
				 two),
		0);
	assert_int_equal(
		get_batch((struct ship_batch){ .prev = 4, .last = 6, .head = 5, .n = 2 }, two),
		-EPROTO);
	assert_int_equal(
		get_batch((struct ship_batch){ .prev = 5, .last = 7, .head = 7, .n = 2 }, two),
		-EPROTO);
	assert_int_equal(
		get_batch((struct ship_batch){ .prev = 4, .last = 3, .head = 7, .n = 2 }, two),
		-EPROTO);
	assert_int_equal(
		get_batch((struct ship_batch){ .prev = 3, .last = 5, .head = 7, .n = 2 }, two),
		-EPROTO);
	assert_int_equal(
		get_batch((struct ship_batch){ .prev = 4, .last = 6, .head = 6, .n = 2 }, twins),
		-EPROTO);
	assert_int_equal(
		get_batch((struct ship_batch){ .prev = 4, .last = 5, .head = 6, .n = 1 }, kindless),
		-ERANGE);
	assert_int_equal(get_batch(
				 (struct ship_batch){
					 .prev = 0, .last = 1, .head = 1, .withheld = UINT64_MAX },
				 NULL),
		-EPROTO);
}

static void limits_of_a_message_are_held(void **state)
{
	uint8_t buf[8192], long_name[64];
	/* ANNOUNCE by hand: 33 lanes. */
	size_t n = 0;
	memcpy(buf, "\x84\x00\x01\x61m\x98\x21", 7);
	n = 7;
	for (int i = 0; i < 33; i++) {
		memcpy(buf + n, "\x83\x62l", 3);
		buf[n + 3] = (uint8_t)('0' + i);
		memcpy(buf + n + 4, "\x01\x01", 2);
		n += 6;
	}
	assert_int_equal(ship_frame_get(buf, n, parsed_records, &parsed), -ERANGE);
	/* A lane's name of 48 bytes. */
	memset(long_name, 'x', sizeof(long_name));
	memcpy(buf, "\x84\x03\x78\x30", 4);
	memcpy(buf + 4, long_name, 48);
	memcpy(buf + 52, "\x01\x01", 2);
	assert_int_equal(ship_frame_get(buf, 54, parsed_records, &parsed), -ERANGE);
	/* Twice the same lane; another version; trailing bytes; not the shortest form. */
	assert_int_equal(ship_frame_get("\x84\x00\x01\x61m\x82\x83\x61l\x01\x01\x83\x61l\x01\x01",
				 16, parsed_records, &parsed),
		-EPROTO);
	assert_int_equal(ship_frame_get("\x83\x01\x01\x80", 4, parsed_records, &parsed), 0);
	assert_int_equal(ship_frame_get("\x83\x01\x03\x80", 4, parsed_records, &parsed), 0);
	assert_int_equal(
		ship_frame_get("\x83\x01\x00\x80", 4, parsed_records, &parsed), -EPROTONOSUPPORT);
	assert_int_equal(
		ship_frame_get("\x83\x01\x04\x80", 4, parsed_records, &parsed), -EPROTONOSUPPORT);
	assert_int_equal(
		ship_frame_get("\x83\x01\x01\x80\x00", 5, parsed_records, &parsed), -EBADMSG);
	assert_int_equal(
		ship_frame_get("\x83\x01\x18\x01\x80", 5, parsed_records, &parsed), -EBADMSG);
	assert_int_equal(ship_frame_get("\x83\x05\x01\x80", 4, parsed_records, &parsed), -EBADMSG);
	assert_int_equal(
		ship_frame_get("\x84\x00\x01\x60\x80", 5, parsed_records, &parsed), -ERANGE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_source_sends_what_was_asked_for_and_no_more),
		TEST(the_window_ends_at_eight_batches_until_an_ack),
		TEST(the_first_lane_goes_first_and_bulk_leaves_room_for_it),
		TEST(bulk_under_way_grows_with_fast_acks_and_shrinks_with_slow_ones),
		TEST(withheld_records_are_counted_and_passed_over),
		TEST(a_full_queue_loses_nothing),
		TEST(hello_again_rewinds_one_lane),
		TEST(a_restored_log_is_noticed),
		TEST(a_renewed_epoch_ends_the_connection),
		TEST(a_lying_sink_is_a_protocol_error),
		TEST(a_sink_commits_then_acknowledges),
		TEST(a_duplicate_is_dropped_and_acknowledged),
		TEST(a_gap_is_asked_for_once),
		TEST(a_greater_epoch_starts_from_the_beginning),
		TEST(a_lower_epoch_is_answered_with_ours),
		TEST(a_later_commit_is_acknowledged_later),
		TEST(a_heartbeat_is_answered_with_what_is_durable),
		TEST(a_failed_commit_is_not_acknowledged),
		TEST(a_newer_connection_of_an_origin_ends_the_older),
		TEST(a_lying_source_is_a_protocol_error),
		TEST(a_batch_that_does_not_add_up_is_refused),
		TEST(limits_of_a_message_are_held),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
