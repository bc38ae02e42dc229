/*
 * ship - log shipping with a receiver-held cursor: the one protocol every hop speaks (docs/wire.md).
 *
 * A source owns lanes; each lane is a log with an epoch and dense sequence numbers. The sink holds its cursor
 * (epoch, seq) per lane, commits data and cursor in one transaction, then acknowledges. At least once on the wire,
 * once in effect. Who dialled does not matter.
 *
 *   source -> ANNOUNCE {version, origin, lanes: [name, epoch, head]}      on connect
 *   sink   -> HELLO    {version, lanes: [name, epoch, cursor]}            which lanes, from where
 *   source -> BATCH    {lane, epoch, prev, last, head, withheld, records} covers (prev, last], in order
 *   sink   -> ACK      {lane, epoch, seq}                                 durable at the sink
 *   source -> HEARTBEAT{now, heads}                                       every second; silence != gap
 *
 * prev != cursor is a gap: the sink says HELLO again for that lane. Lanes are served in order of index: lane 0 first,
 * and it never waits long behind the others: what they may have under way shrinks when acknowledgements are late.
 */
#pragma once

#include "common/bus.h"

#define SHIP_LANES_MAX 32
#define SHIP_LANE_NAME_MAX 48
#define SHIP_ORIGIN_MAX 64
#define SHIP_BATCH_RECORDS_MAX 1024
#define SHIP_BATCH_BYTES_MAX (512u << 10)
#define SHIP_WINDOW 8		     /* unacknowledged batches a lane may have under way */
#define SHIP_VERSION 2		     /* speaks N-1, N, N+1; the announce carries it. 2: takes what renew.h adds */
#define SHIP_ACK_TIMEOUT_NS INT64_C(3000000000) /* no ack, no heartbeat for so long: the link is dead, close it */

struct ship_record {
	uint64_t seq;	   /* > 0 */
	int64_t stored_ns; /* when the source made it durable */
	uint8_t kind;	   /* enum wire_kind */
	const void *data;
	size_t size;
};

struct ship_batch {
	char lane[SHIP_LANE_NAME_MAX];
	uint64_t epoch, prev, last, head;
	uint64_t withheld; /* seqs in (prev, last] the receiver may not have: known to be withheld, not lost */
	size_t n;
	const struct ship_record *records; /* ascending seq in (prev, last] */
};

/* --- source --- */
struct ship_source;
struct ship_source_ops {
	/**
	 * Records after @after of lane @lane, up to the limits. Storage of records stays valid until the next read.
	 * Sets *ret_last >= the last record's seq (further when trailing records are withheld), *ret_withheld.
	 * Return: number of records >= 0 (0 with *ret_last == after: nothing there) or -errno.
	 */
	ssize_t (*read)(void *user, unsigned lane, uint64_t after, struct ship_record *records, size_t max_records,
		size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld);
	/** The sink has (epoch, seq) of the lane durably. */
	void (*acked)(void *user, unsigned lane, uint64_t epoch, uint64_t seq);
	/** The lane's present epoch and head, durable records only. */
	void (*head)(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head);
	/**
	 * The sink knows @epoch greater than ours, or more of ours than there is: the log was restored from a copy, or
	 * made under a wrong clock. Renew it with an epoch greater than @epoch (shiplog_renew()); ship_source_frame()
	 * returns -ESTALE after this, the next connection announces it. May be NULL: then it is refused for ever.
	 */
	void (*stale)(void *user, unsigned lane, uint64_t epoch);
};
/** One source per connection: make it in opened(), feed it frames, free it in closed(). Lane names are copied. */
int ship_source_new(sd_event *event, struct bus_conn *conn, const char *origin, const char *const *lanes, unsigned n_lanes,
	const struct ship_source_ops *ops, void *user, struct ship_source **ret_s);
void ship_source_free(struct ship_source *s);
/** Return: 0, or -errno (-EPROTO, -EBADMSG, -ESTALE...): the caller closes the connection and counts it. */
int ship_source_frame(struct ship_source *s, const void *data, size_t size);
/** There may be more to read: sends as far as windows and the queue allow. Call after appending, and from writable(). */
void ship_source_push(struct ship_source *s);
/**
 * true while the sink acknowledges: HELLO seen, it spoke within SHIP_ACK_TIMEOUT_NS (it answers heartbeats) and nothing
 * is unacknowledged for longer. A silent connection is closed by either side itself.
 */
bool ship_source_live(const struct ship_source *s);
/** The version the sink said HELLO with; 0 before. */
unsigned ship_source_version(const struct ship_source *s);

/* --- sink --- */
struct ship_sink;
#define SHIP_LATER 1 /* commit(): taken, but not durable yet; ship_sink_ack() follows */
struct ship_sink_ops {
	/**
	 * The origin's lane as announced. Sets the cursor; false = this lane is not wanted. It should be durable: the source does
	 * not take it for an acknowledgement, but the answer to its next heartbeat. The outputs come set to (@epoch, 0). An older epoch than @epoch means from the start; a newer one makes the source renew its log.
	 */
	bool (*cursor)(void *user, const char *origin, const char *lane, uint64_t epoch, uint64_t *ret_epoch,
		uint64_t *ret_seq);
	/* An older connection of the same origin with the same ops is closed once cursor() took a lane of the newer one. */
	/** Commit data and cursor (batch->epoch, batch->last) in one transaction. Return: 0, SHIP_LATER, -errno (closes). */
	int (*commit)(void *user, const char *origin, const struct ship_batch *batch);
	/** Every second while the source lives: its clock and the lane's head. May be NULL. */
	void (*heartbeat)(void *user, const char *origin, int64_t source_now_ns);
};
int ship_sink_new(sd_event *event, struct bus_conn *conn, const struct ship_sink_ops *ops, void *user,
	struct ship_sink **ret_s);
void ship_sink_free(struct ship_sink *s);
int ship_sink_frame(struct ship_sink *s, const void *data, size_t size);
/** After SHIP_LATER: durable up to @seq. What was not taken on this connection is ignored. */
void ship_sink_ack(struct ship_sink *s, const char *lane, uint64_t epoch, uint64_t seq);
/** The origin as announced; the caller must check it against the connection's peer. "" before ANNOUNCE. */
const char *ship_sink_origin(const struct ship_sink *s);
