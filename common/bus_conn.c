#include "common/bus_conn.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

/*
 * The receive buffer is read by the loop between two receives: a peer that sends faster than we
 * read is held back by its socket. Frames to be sent gather in one buffer while the other one is
 * under way.
 */
#define RECV_FIRST (16u << 10)    /* bytes; one TLS record */
#define RECV_STEP (64u << 10)     /* grows by this at least, only with data that did arrive */
#define SEND_BYTES_MAX (8u << 20) /* waiting on one connection, whatever the number of frames */
#define SEND_KEEP (1u << 20)      /* a larger idle buffer is given back */
#define HEADER 4
#define HANDSHAKE_NS (5 * CLOCK_NS_PER_S) /* four round trips on a geostationary link */

struct counter bus_conn_counters[_BUS_N_MAX] = {
	[BUS_N_UP] = { "vedette_bus_connections_total", "connections that came up" },
	[BUS_N_TLS] = { "vedette_bus_refused_tls_total", "handshakes that failed" },
	[BUS_N_PEER] = { "vedette_bus_refused_peer_total",
		"peers that may not connect: uid or identity" },
	[BUS_N_LIMIT] = { "vedette_bus_refused_limit_total",
		"connections over the limit of one listener" },
	[BUS_N_SLOW] = { "vedette_bus_refused_slow_total", "handshakes that took too long" },
	[BUS_N_FRAME] = { "vedette_bus_bad_frames_total", "frames over the limit or cut short" },
	[BUS_N_DIAL] = { "vedette_bus_dials_failed_total", "dials that reached nobody" },
	[BUS_N_ACCEPT] = { "vedette_bus_accepts_failed_total", "accepts that failed" },
};

static void start_send(struct bus_conn *c, struct bus_conn_buffer *b, size_t from)
{
	nng_iov iov = { .iov_buf = b->data + from, .iov_len = b->len - from };
	(void)nng_aio_set_iov(c->send.aio, 1, &iov);
	nng_aio_set_input(c->send.aio, 0, (void *)from);
	nng_stream_send(c->stream, c->send.aio);
}

/* A stream sends what it can at once (one record for TLS): go on here until the buffer is out. */
static void on_nng_sent(void *arg)
{
	struct bus_conn *c = arg;
	struct bus_conn_buffer *b = &c->out[c->sending];
	size_t from = (size_t)nng_aio_get_input(c->send.aio, 0) + nng_aio_count(c->send.aio);

	if (!nng_aio_result(c->send.aio) && from < b->len)
		start_send(c, b, from);
	else
		bus_queue_complete(&c->send);
}

static void on_nng_handshake(void *user)
{
	bus_queue_complete(&((struct bus_conn *)user)->handshake);
}

void bus_conn_free(struct bus_conn *c)
{
	if (c->stream)
		nng_stream_close(c->stream);
	if (c->recv.aio)
		nng_aio_stop(c->recv.aio);
	if (c->send.aio)
		nng_aio_stop(c->send.aio);
	tls_engine_detach(c->session);
	bus_queue_forget(&c->recv);
	bus_queue_forget(&c->send);
	bus_queue_forget(&c->handshake);
	nng_aio_free(c->recv.aio);
	nng_aio_free(c->send.aio);
	if (c->stream)
		nng_stream_free(c->stream);
	free(c->in);
	free(c->out[0].data);
	free(c->out[1].data);
	free(c);
}

int bus_conn_new(struct bus_queue *queue, const struct bus_ops *ops, void *user, nng_stream *stream,
	struct bus_conn **ret_conn)
{
	struct bus_conn *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->queue = queue;
	c->ops = ops;
	c->ops_user = user;
	c->recv = (struct bus_op){ .kind = BUS_OP_RECV, .queue = queue, .conn = c };
	c->send = (struct bus_op){ .kind = BUS_OP_SEND, .queue = queue, .conn = c };
	c->handshake = (struct bus_op){ .kind = BUS_OP_HANDSHAKE, .queue = queue, .conn = c };
	c->in = malloc(RECV_FIRST);
	c->in_cap = RECV_FIRST;
	c->why = BUS_N_TLS;
	c->deadline_ns = clock_mono_ns() + HANDSHAKE_NS;
	if (!c->in || nng_aio_alloc(&c->recv.aio, bus_queue_complete, &c->recv) ||
		nng_aio_alloc(&c->send.aio, on_nng_sent, c)) {
		bus_conn_free(c);
		return -ENOMEM;
	}
	nng_aio_set_timeout(c->recv.aio, NNG_DURATION_INFINITE);
	nng_aio_set_timeout(c->send.aio, NNG_DURATION_INFINITE);
	c->stream = stream;
	*ret_conn = c;
	return 0;
}

void bus_conn_close(struct bus_conn *c, const char *reason)
{
	if (c->closing)
		return;
	c->closing = true;
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	nng_stream_close(c->stream);
	bus_queue_kick(c->queue);
}

/* What the peer or TLS said beats what nng makes of it. */
static void conn_broken(struct bus_conn *c, int code)
{
	char reason[TLS_ENGINE_ERROR_MAX] = "";
	struct bus_peer peer;

	if (c->session)
		(void)tls_engine_state(c->session, &peer, reason);
	if (reason[0])
		bus_conn_close(c, reason);
	else if (code == NNG_ECONNSHUT || code == NNG_ECLOSED)
		bus_conn_close(c, c->in_len ? "closed by the peer in the middle of a frame"
					    : "closed by the peer");
	else
		bus_conn_close(c, nng_strerror(code));
	if (c->up && c->in_len)
		bus_conn_counters[BUS_N_FRAME].value++;
}

static bool conn_identify(struct bus_conn *c, char *who, size_t cap)
{
	uint64_t uid;

	if (c->session) {
		snprintf(who, cap, "%s",
			c->peer.name[0] ? c->peer.name : "a certificate without a URI name");
		return true;
	}
	c->peer = (struct bus_peer){ .local = true };
	if (nng_stream_get_uint64(c->stream, NNG_OPT_IPC_PEER_UID, &uid)) {
		snprintf(who, cap, "a local peer without credentials");
		return false;
	}
	c->peer.uid = (uid_t)uid;
	snprintf(who, cap, "uid %u", c->peer.uid);
	return true;
}

static void conn_up(struct bus_conn *c)
{
	char who[160], reason[TLS_ENGINE_ERROR_MAX];

	if (!conn_identify(c, who, sizeof(who)) ||
		(c->ops->admit && !c->ops->admit(c->ops_user, &c->peer))) {
		snprintf(reason, sizeof(reason), "%s is not admitted", who);
		c->why = BUS_N_PEER;
		bus_conn_close(c, reason);
		return;
	}
	c->up = true;
	bus_conn_counters[BUS_N_UP].value++;
	if (c->ops->opened)
		c->ops->opened(c->ops_user, c, &c->peer);
}

/* Takes a look at the handshake; until it is over nothing else of the connection counts. */
static void conn_check_handshake(struct bus_conn *c)
{
	char reason[TLS_ENGINE_ERROR_MAX];

	if (c->up || c->closing)
		return;
	if (!c->session) {
		conn_up(c);
		return;
	}
	switch (tls_engine_state(c->session, &c->peer, reason)) {
	case TLS_ENGINE_HANDSHAKE:
		return;
	case TLS_ENGINE_UP:
		conn_up(c);
		return;
	case TLS_ENGINE_FAILED:
		bus_conn_close(c, reason);
		return;
	}
}

/* Only between two receives: nng writes into the buffer meanwhile. */
static int in_reserve(struct bus_conn *c, size_t need)
{
	if (need <= c->in_cap)
		return 0;
	uint8_t *p = realloc(c->in, need);
	if (!p)
		return -ENOMEM;
	c->in = p;
	c->in_cap = need;
	return 0;
}

static void start_recv(struct bus_conn *c)
{
	size_t want = c->in_len < c->in_cap ? c->in_cap : c->in_cap + RECV_STEP;

	if (c->up && want < RECV_STEP)
		want = RECV_STEP;
	if (in_reserve(c, want)) {
		bus_conn_close(c, "out of memory");
		return;
	}
	nng_iov iov = { .iov_buf = c->in + c->in_len, .iov_len = c->in_cap - c->in_len };
	(void)nng_aio_set_iov(c->recv.aio, 1, &iov);
	nng_stream_recv(c->stream, c->recv.aio);
}

static uint32_t frame_size(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Hands over every whole frame and keeps the rest at the buffer's start. */
static void take_frames(struct bus_conn *c)
{
	size_t at = 0;

	while (!c->closing && c->in_len - at >= HEADER) {
		uint32_t size = frame_size(c->in + at);
		if (size > BUS_FRAME_MAX) {
			char reason[96];
			bus_conn_counters[BUS_N_FRAME].value++;
			snprintf(reason, sizeof(reason),
				"a frame of %u bytes is over the limit of %u", size, BUS_FRAME_MAX);
			bus_conn_close(c, reason);
			break;
		}
		if (c->in_len - at < HEADER + size)
			break;
		c->spoke = true;
		if (c->ops->frame)
			c->ops->frame(c->ops_user, c, c->in + at + HEADER, size);
		at += HEADER + size;
	}
	if (!at)
		return;
	c->in_len -= at;
	memmove(c->in, c->in + at, c->in_len);
}

static void on_received(struct bus_conn *c)
{
	int code = nng_aio_result(c->recv.aio);

	conn_check_handshake(c);
	if (c->closing)
		return;
	if (code) {
		conn_broken(c, code);
		return;
	}
	c->in_len += nng_aio_count(c->recv.aio);
	take_frames(c);
	if (!c->closing)
		start_recv(c);
}

static void flush(struct bus_conn *c)
{
	struct bus_conn_buffer *next = &c->out[!c->sending];

	if (c->send_busy || c->closing || !next->len)
		return;
	c->sending = !c->sending;
	c->send_busy = true;
	start_send(c, next, 0);
}

static void on_sent(struct bus_conn *c)
{
	int code = nng_aio_result(c->send.aio);
	struct bus_conn_buffer *b = &c->out[c->sending];

	c->send_busy = false;
	b->len = 0;
	b->frames = 0;
	if (b->cap > SEND_KEEP) {
		free(b->data);
		*b = (struct bus_conn_buffer){ 0 };
	}
	if (c->closing)
		return;
	if (code) {
		/* The receive that runs beside this one knows the reason; it has failed too or will
		 * at once. */
		nng_stream_close(c->stream);
		return;
	}
	flush(c);
	if (c->starved) {
		c->starved = false;
		if (c->ops->writable)
			c->ops->writable(c->ops_user, c);
	}
}

void bus_conn_start(struct bus_conn *conn, bool local)
{
	if (!local) {
		conn->session = tls_engine_attach(conn->stream, on_nng_handshake, conn);
		if (!conn->session)
			bus_conn_close(conn, "no TLS session");
	}
	conn_check_handshake(conn);
	if (!conn->closing)
		start_recv(conn);
}

void bus_conn_dispatch(struct bus_op *op)
{
	switch (op->kind) {
	case BUS_OP_RECV:
		on_received(op->conn);
		break;
	case BUS_OP_SEND:
		on_sent(op->conn);
		break;
	default:
		conn_check_handshake(op->conn);
	}
}

static int buffer_append(struct bus_conn_buffer *b, const void *data, size_t size)
{
	size_t need = b->len + HEADER + size;
	if (need > b->cap) {
		size_t cap = b->cap ? b->cap : RECV_FIRST;
		while (cap < need)
			cap *= 2;
		uint8_t *p = realloc(b->data, cap);
		if (!p)
			return -ENOMEM;
		b->data = p;
		b->cap = cap;
	}
	uint8_t *p = b->data + b->len;
	for (int i = 0; i < HEADER; i++)
		p[i] = (uint8_t)(size >> (8 * (HEADER - 1 - i)));
	if (size)
		memcpy(p + HEADER, data, size);
	b->len = need;
	b->frames++;
	return 0;
}

int bus_conn_send(struct bus_conn *conn, const void *data, size_t size)
{
	assert(conn);
	assert(data || !size);

	struct bus_conn_buffer *next = &conn->out[!conn->sending];
	if (size > BUS_FRAME_MAX)
		return -EMSGSIZE;
	if (!conn->up || conn->closing)
		return -ENOTCONN;
	if (conn->out[0].frames + conn->out[1].frames >= BUS_QUEUE_FRAMES ||
		next->len + size > SEND_BYTES_MAX) {
		conn->starved = true;
		return -EAGAIN;
	}
	int r = buffer_append(next, data, size);
	if (!r)
		flush(conn);
	return r;
}

void bus_conn_set_user(struct bus_conn *conn, void *user)
{
	conn->user = user;
}

void *bus_conn_user(const struct bus_conn *conn)
{
	return conn->user;
}

const struct bus_peer *bus_conn_peer(const struct bus_conn *conn)
{
	return &conn->peer;
}
