/*
 * ship_frame - the messages of the ship protocol as bytes (docs/wire.md). Internal to ship_source and ship_sink.
 *
 * Encoders return the size or -ENOBUFS. The decoder refuses what docs/wire.md does not allow, so that whoever reads a
 * struct ship_frame may trust it: names fit, records are ascending within (prev, last], withheld adds up.
 */
#pragma once

#include "common/ship.h"

enum ship_frame_type { SHIP_ANNOUNCE, SHIP_HELLO, SHIP_BATCH, SHIP_ACK, SHIP_HEARTBEAT };

/* Bytes a frame takes beyond the data of its records: heads and names, and so much for each record. */
#define SHIP_FRAME_BASE (64u + SHIP_ORIGIN_MAX + SHIP_LANES_MAX * (SHIP_LANE_NAME_MAX + 24u))
#define SHIP_FRAME_PER_RECORD 32u

struct ship_frame_lane {
	char name[SHIP_LANE_NAME_MAX];
	uint64_t epoch, seq; /* head, cursor or acknowledged */
};

struct ship_frame {
	enum ship_frame_type type;
	uint64_t version;	      /* ANNOUNCE, HELLO: within one of SHIP_VERSION */
	char origin[SHIP_ORIGIN_MAX]; /* ANNOUNCE: not empty */
	int64_t now_ns;		      /* HEARTBEAT */
	unsigned n_lanes;	      /* ANNOUNCE, HELLO, HEARTBEAT; 1 for ACK */
	struct ship_frame_lane lanes[SHIP_LANES_MAX];
	struct ship_batch batch; /* BATCH; data borrowed from the frame's bytes */
};

ssize_t ship_frame_put_announce(void *buf, size_t cap, const char *origin, const struct ship_frame_lane *lanes, unsigned n);
ssize_t ship_frame_put_hello(void *buf, size_t cap, const struct ship_frame_lane *lanes, unsigned n);
ssize_t ship_frame_put_batch(void *buf, size_t cap, const struct ship_batch *batch);
ssize_t ship_frame_put_ack(void *buf, size_t cap, const struct ship_frame_lane *lane);
ssize_t ship_frame_put_heartbeat(void *buf, size_t cap, int64_t now_ns, const struct ship_frame_lane *lanes, unsigned n);

/**
 * ship_frame_get() - @records: room for SHIP_BATCH_RECORDS_MAX, filled for a batch
 *
 * Return: 0, -EBADMSG (not canonical CBOR, or not this message), -EMSGSIZE (truncated), -ERANGE (a name or a count over
 * its limit), -EPROTO (numbers that contradict each other), -EPROTONOSUPPORT (a version we do not speak).
 */
int ship_frame_get(const void *data, size_t size, struct ship_record *records, struct ship_frame *ret_f);
