#include "common/ship_frame.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "common/canon.h"

static ssize_t done(const struct canon_out *o)
{
	return o->failed ? -ENOBUFS : (ssize_t)o->len;
}

static void put_lane(struct canon_out *o, const struct ship_frame_lane *lane)
{
	canon_put_array(o, 3);
	canon_put_text(o, lane->name);
	canon_put_uint(o, lane->epoch);
	canon_put_uint(o, lane->seq);
}

static void put_lanes(struct canon_out *o, const struct ship_frame_lane *lanes, unsigned n)
{
	canon_put_array(o, n);
	for (unsigned i = 0; i < n; i++)
		put_lane(o, &lanes[i]);
}

ssize_t ship_frame_put_announce(
	void *buf, size_t cap, const char *origin, const struct ship_frame_lane *lanes, unsigned n)
{
	struct canon_out o;
	canon_out_init(&o, buf, cap);
	canon_put_array(&o, 4);
	canon_put_uint(&o, SHIP_ANNOUNCE);
	canon_put_uint(&o, SHIP_VERSION);
	canon_put_text(&o, origin);
	put_lanes(&o, lanes, n);
	return done(&o);
}

ssize_t ship_frame_put_hello(void *buf, size_t cap, const struct ship_frame_lane *lanes, unsigned n)
{
	struct canon_out o;
	canon_out_init(&o, buf, cap);
	canon_put_array(&o, 3);
	canon_put_uint(&o, SHIP_HELLO);
	canon_put_uint(&o, SHIP_VERSION);
	put_lanes(&o, lanes, n);
	return done(&o);
}

static void put_record(struct canon_out *o, const struct ship_record *rec)
{
	canon_put_array(o, 4);
	canon_put_uint(o, rec->seq);
	canon_put_uint(o, rec->stored_ns > 0 ? (uint64_t)rec->stored_ns : 0);
	canon_put_uint(o, rec->kind);
	canon_put_bytes(o, rec->data, rec->size);
}

ssize_t ship_frame_put_batch(void *buf, size_t cap, const struct ship_batch *batch)
{
	struct canon_out o;
	canon_out_init(&o, buf, cap);
	canon_put_array(&o, 8);
	canon_put_uint(&o, SHIP_BATCH);
	canon_put_text(&o, batch->lane);
	canon_put_uint(&o, batch->epoch);
	canon_put_uint(&o, batch->prev);
	canon_put_uint(&o, batch->last);
	canon_put_uint(&o, batch->head);
	canon_put_uint(&o, batch->withheld);
	canon_put_array(&o, batch->n);
	for (size_t i = 0; i < batch->n && !o.failed; i++)
		put_record(&o, &batch->records[i]);
	return done(&o);
}

ssize_t ship_frame_put_ack(void *buf, size_t cap, const struct ship_frame_lane *lane)
{
	struct canon_out o;
	canon_out_init(&o, buf, cap);
	canon_put_array(&o, 4);
	canon_put_uint(&o, SHIP_ACK);
	canon_put_text(&o, lane->name);
	canon_put_uint(&o, lane->epoch);
	canon_put_uint(&o, lane->seq);
	return done(&o);
}

ssize_t ship_frame_put_heartbeat(
	void *buf, size_t cap, int64_t now_ns, const struct ship_frame_lane *lanes, unsigned n)
{
	struct canon_out o;
	canon_out_init(&o, buf, cap);
	canon_put_array(&o, 3);
	canon_put_uint(&o, SHIP_HEARTBEAT);
	canon_put_uint(&o, now_ns > 0 ? (uint64_t)now_ns : 0);
	put_lanes(&o, lanes, n);
	return done(&o);
}

/* The first error wins: the decoder's own, or one of ours. */
static int fault(const struct canon_in *in, int error)
{
	return in->error ? in->error : error;
}

static int get_lane(struct canon_in *in, struct ship_frame_lane *lane)
{
	canon_get_text(in, lane->name, sizeof(lane->name));
	lane->epoch = canon_get_uint(in);
	lane->seq = canon_get_uint(in);
	/* SQLite and others below count in 63 bits. */
	if (!in->error && (lane->epoch > INT64_MAX || lane->seq > INT64_MAX || !lane->name[0]))
		return -ERANGE;
	return in->error;
}

static int get_lanes(struct canon_in *in, struct ship_frame *f)
{
	size_t n = canon_get_array(in);
	if (n > SHIP_LANES_MAX)
		return fault(in, -ERANGE);
	f->n_lanes = (unsigned)n;
	for (size_t i = 0; i < n; i++) {
		if (canon_get_array(in) != 3)
			return fault(in, -EBADMSG);
		int r = get_lane(in, &f->lanes[i]);
		if (r)
			return r;
		for (size_t k = 0; k < i; k++)
			if (!strcmp(f->lanes[k].name, f->lanes[i].name))
				return -EPROTO;
	}
	return in->error;
}

static int get_version(struct canon_in *in, struct ship_frame *f)
{
	f->version = canon_get_uint(in);
	/* Speaks with its neighbours in time, so that masts may be upgraded last. */
	if (!in->error && (f->version + 1 < SHIP_VERSION || f->version > SHIP_VERSION + 1))
		return -EPROTONOSUPPORT;
	return in->error;
}

static int get_announce(struct canon_in *in, struct ship_frame *f)
{
	int r = get_version(in, f);
	if (r)
		return r;
	canon_get_text(in, f->origin, sizeof(f->origin));
	if (!in->error && !f->origin[0])
		return -ERANGE;
	return get_lanes(in, f);
}

static int get_hello(struct canon_in *in, struct ship_frame *f)
{
	int r = get_version(in, f);
	return r ? r : get_lanes(in, f);
}

static int get_record(struct canon_in *in, struct ship_record *rec)
{
	if (canon_get_array(in) != 4)
		return fault(in, -EBADMSG);
	rec->seq = canon_get_uint(in);
	uint64_t stored = canon_get_uint(in), kind = canon_get_uint(in);
	rec->data = canon_get_bytes(in, &rec->size);
	if (!in->error && (stored > INT64_MAX || !kind || kind > UINT8_MAX))
		return -ERANGE;
	rec->stored_ns = (int64_t)stored;
	rec->kind = (uint8_t)kind;
	return in->error;
}

/* What a batch says about itself must add up: every seq of (prev, last] is there or withheld. */
static int check_batch(const struct ship_batch *b)
{
	uint64_t after = b->prev;

	if (b->last < b->prev || b->head < b->last || b->last - b->prev != b->n + b->withheld ||
		b->withheld > b->last - b->prev)
		return -EPROTO;
	for (size_t i = 0; i < b->n; i++) {
		if (b->records[i].seq <= after || b->records[i].seq > b->last)
			return -EPROTO;
		after = b->records[i].seq;
	}
	return 0;
}

static int get_batch(struct canon_in *in, struct ship_frame *f, struct ship_record *records)
{
	struct ship_batch *b = &f->batch;

	canon_get_text(in, b->lane, sizeof(b->lane));
	b->epoch = canon_get_uint(in);
	b->prev = canon_get_uint(in);
	b->last = canon_get_uint(in);
	b->head = canon_get_uint(in);
	b->withheld = canon_get_uint(in);
	b->n = canon_get_array(in);
	b->records = records;
	if (in->error)
		return in->error;
	if (b->n > SHIP_BATCH_RECORDS_MAX || b->head > INT64_MAX || b->epoch > INT64_MAX)
		return -ERANGE;
	for (size_t i = 0; i < b->n; i++) {
		int r = get_record(in, &records[i]);
		if (r)
			return r;
	}
	return check_batch(b);
}

static int get_ack(struct canon_in *in, struct ship_frame *f)
{
	f->n_lanes = 1;
	return get_lane(in, &f->lanes[0]);
}

static int get_heartbeat(struct canon_in *in, struct ship_frame *f)
{
	uint64_t now = canon_get_uint(in);
	if (!in->error && now > INT64_MAX)
		return -ERANGE;
	f->now_ns = (int64_t)now;
	return get_lanes(in, f);
}

int ship_frame_get(
	const void *data, size_t size, struct ship_record *records, struct ship_frame *ret_f)
{
	static const size_t lengths[] = { 4, 3, 8, 4, 3 }; /* items, type included; by type */
	struct canon_in in;

	assert(records);
	assert(ret_f);

	canon_in_init(&in, data, size);
	size_t n = canon_get_array(&in);
	uint64_t type = canon_get_uint(&in);
	if (in.error)
		return in.error;
	if (type > SHIP_HEARTBEAT || n != lengths[type])
		return -EBADMSG;
	ret_f->type = (enum ship_frame_type)type;
	ret_f->n_lanes = 0;
	int r = 0;
	switch (ret_f->type) {
	case SHIP_ANNOUNCE:
		r = get_announce(&in, ret_f);
		break;
	case SHIP_HELLO:
		r = get_hello(&in, ret_f);
		break;
	case SHIP_BATCH:
		r = get_batch(&in, ret_f, records);
		break;
	case SHIP_ACK:
		r = get_ack(&in, ret_f);
		break;
	case SHIP_HEARTBEAT:
		r = get_heartbeat(&in, ret_f);
		break;
	}
	return r ? r : canon_done(&in);
}
