/*
 * bus_conn - one connection: handshake, receiving and sending of frames. Internal to the bus.
 */
#pragma once

#include "common/bus.h"
#include "common/bus_queue.h"
#include "common/counter.h"
#include "common/tls_engine.h"

enum bus_counted {
	BUS_N_UP,
	BUS_N_TLS,
	BUS_N_PEER,
	BUS_N_LIMIT,
	BUS_N_SLOW,
	BUS_N_FRAME,
	BUS_N_DIAL,
	BUS_N_ACCEPT,
	_BUS_N_MAX
};
extern struct counter bus_conn_counters[_BUS_N_MAX];

struct bus_conn_buffer {
	uint8_t *data;
	size_t len, cap;
	unsigned frames;
};

struct bus_conn {
	struct bus_queue *queue;
	const struct bus_ops *ops;
	void *ops_user;
	struct bus_conn *next;
	nng_stream *stream;
	struct tls_engine_session *session; /* NULL: ipc */
	struct bus_peer peer;
	void *user;
	int64_t deadline_ns; /* of the handshake */
	bool up, closing, send_busy, starved;
	bool spoke;	      /* a frame came in */
	enum bus_counted why; /* it is refused, when it closes before it was up */
	char reason[TLS_ENGINE_ERROR_MAX];

	struct bus_op recv, send, handshake;
	uint8_t *in;
	size_t in_len, in_cap;
	struct bus_conn_buffer out[2]; /* out[sending] is nng's while send_busy, the other takes what comes */
	unsigned sending;
};

/** bus_conn_new() - consumes @stream, but not on error. Return: 0, -ENOMEM. */
int bus_conn_new(struct bus_queue *queue, const struct bus_ops *ops, void *user, nng_stream *stream,
	struct bus_conn **ret_conn);
void bus_conn_free(struct bus_conn *conn);

/** bus_conn_start() - the handshake, or being up at once for @local, and the first receive. */
void bus_conn_start(struct bus_conn *conn, bool local);
void bus_conn_dispatch(struct bus_op *op); /* one of its operations is through */
int bus_conn_send(struct bus_conn *conn, const void *data, size_t size); /* as bus_send() */
void bus_conn_close(struct bus_conn *conn, const char *reason);		  /* the loop reaps it */
