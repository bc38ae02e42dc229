/* fuzz-ship - what a peer may say to a sink and to a source: the first byte says to which, then
 * frames with u16 sizes. */
#include "common/ship.h"

#include <stdlib.h>
#include <string.h>

/* The bus ends here: what is sent goes nowhere. */
struct bus_conn {
	unsigned sent;
	bool closed;
};

int bus_send(struct bus_conn *conn, const void *data, size_t size)
{
	/* Read it, so that the sanitizers see what would have gone out. */
	volatile unsigned char sum = 0;
	for (size_t i = 0; i < size; i++)
		sum ^= ((const unsigned char *)data)[i];
	(void)sum;
	return ++conn->sent % 7 ? 0 : -11 /* -EAGAIN */;
}

void bus_close(struct bus_conn *conn, const char *reason)
{
	conn->closed = true;
}

struct end {
	uint64_t epoch, cursor, acked;
};

static bool on_cursor(void *user, const char *origin, const char *lane, uint64_t epoch,
	uint64_t *ret_epoch, uint64_t *ret_seq)
{
	struct end *e = user;
	*ret_epoch = e->epoch ? e->epoch : epoch;
	*ret_seq = e->cursor;
	return lane[0] != 'x';
}

static int on_commit(void *user, const char *origin, const struct ship_batch *batch)
{
	struct end *e = user;
	volatile unsigned char sum = 0;
	uint64_t before = batch->prev;

	for (size_t i = 0; i < batch->n; i++) {
		if (batch->records[i].seq <= before || batch->records[i].seq > batch->last)
			abort();
		before = batch->records[i].seq;
		for (size_t k = 0; k < batch->records[i].size; k++)
			sum ^= ((const unsigned char *)batch->records[i].data)[k];
	}
	(void)sum;
	e->cursor = batch->last;
	return batch->last % 3 ? 0 : SHIP_LATER;
}

static const struct ship_sink_ops sink_ops = { .cursor = on_cursor, .commit = on_commit };

static ssize_t on_read(void *user, unsigned lane, uint64_t after, struct ship_record *records,
	size_t max_records, size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	size_t n = 0;
	for (uint64_t seq = after + 1; seq <= 100 && n < 10; seq++)
		records[n++] = (struct ship_record){
			.seq = *ret_last = seq, .kind = 1, .data = "data", .size = 4
		};
	return (ssize_t)n;
}

static void on_acked(void *user, unsigned lane, uint64_t epoch, uint64_t seq)
{
	struct end *e = user;
	if (epoch != 5 || seq > 100)
		abort();
	e->acked = seq;
}

static void on_head(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	*ret_epoch = 5;
	*ret_head = 100;
}

static const struct ship_source_ops source_ops = {
	.read = on_read, .acked = on_acked, .head = on_head
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static sd_event *event;
	static const char *const lanes[] = { "a", "b" };
	struct bus_conn conn = { 0 };
	struct end end = { 0 };
	struct ship_sink *sink = NULL;
	struct ship_source *source = NULL;

	if (!event && sd_event_default(&event) < 0)
		abort();
	if (!size)
		return 0;
	bool to_sink = data[0] & 1;
	if (to_sink ? ship_sink_new(event, &conn, &sink_ops, &end, &sink)
		    : ship_source_new(event, &conn, "m", lanes, 2, &source_ops, &end, &source))
		abort();
	data++;
	for (size--; size >= 2;) {
		size_t n = (size_t)data[0] << 8 | data[1];
		data += 2;
		size -= 2;
		if (n > size)
			n = size;
		int r = to_sink ? ship_sink_frame(sink, data, n)
				: ship_source_frame(source, data, n);
		if (r || conn.closed)
			break;
		data += n;
		size -= n;
	}
	ship_sink_free(sink);
	ship_source_free(source);
	return 0;
}
