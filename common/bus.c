#include "common/bus.h"

#include <assert.h>
#include <errno.h>
#include <nng/nng.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/counter.h"
#include "common/tls_engine.h"

/*
 * Every asynchronous operation of nng is a `struct op`. When nng is through with one, its thread
 * puts the op on the bus's list of completions and writes an eventfd; the loop takes the list and
 * does all the rest: parse, call back, start the next operation. An op is started by the loop only
 * and is on the list at most once, so the list is bounded by the number of connections and the
 * list's lock is the only one. The one thing a thread of nng goes on with by itself is a half-sent
 * buffer, which nobody touches meanwhile.
 *
 * The receive buffer is read by the loop between two receives of one connection: a peer that sends
 * faster than we read is held back by its socket.
 */
#define RECV_FIRST (16u << 10)    /* bytes; one TLS record */
#define RECV_STEP (64u << 10)     /* grows by this at least, only with data that did arrive */
#define SEND_BYTES_MAX (8u << 20) /* waiting on one connection, whatever the number of frames */
#define SEND_KEEP (1u << 20)      /* a larger idle buffer is given back */
#define HEADER 4
#define HANDSHAKE_NS (5 * CLOCK_NS_PER_S) /* four round trips on a geostationary link */
#define SWEEP_US UINT64_C(250000)
#define TELL_AGAIN_NS                                                                              \
	(60 * CLOCK_NS_PER_S) /* the same reason for a refusal: lines in a log, not a measure */
/*
 * Dialling: the kernel repeats a SYN after 1 s and 3 s (RFC 6298 2.1), so an attempt of 2 s asks
 * twice and a link that comes back is noticed within 1 s + the longest pause, under the 2 s live
 * plots may take. Pauses double from 100 ms.
 */
#define DIAL_MS 2000
#define PAUSE_FIRST_US UINT64_C(100000)
#define PAUSE_MAX_US UINT64_C(800000)

enum counted { N_UP, N_TLS, N_PEER, N_LIMIT, N_SLOW, N_FRAME, N_DIAL, N_ACCEPT, _N_MAX };
static struct counter counters[_N_MAX] = {
	[N_UP] = { "vedette_bus_connections_total", "connections that came up" },
	[N_TLS] = { "vedette_bus_refused_tls_total", "handshakes that failed" },
	[N_PEER] = { "vedette_bus_refused_peer_total",
		"peers that may not connect: uid or identity" },
	[N_LIMIT] = { "vedette_bus_refused_limit_total",
		"connections over the limit of one listener" },
	[N_SLOW] = { "vedette_bus_refused_slow_total", "handshakes that took too long" },
	[N_FRAME] = { "vedette_bus_bad_frames_total", "frames over the limit or cut short" },
	[N_DIAL] = { "vedette_bus_dials_failed_total", "dials that reached nobody" },
	[N_ACCEPT] = { "vedette_bus_accepts_failed_total", "accepts that failed" },
};

static _Thread_local char last_error[TLS_ENGINE_ERROR_MAX];

enum op_kind { OP_ACCEPT, OP_DIAL, OP_RECV, OP_SEND, OP_HANDSHAKE };

struct op {
	enum op_kind kind;
	struct bus *bus;
	struct bus_conn *conn; /* RECV, SEND, HANDSHAKE */
	nng_aio *aio;          /* not HANDSHAKE */
	struct op *next;
	bool queued;
};

struct buffer {
	uint8_t *data;
	size_t len, cap;
	unsigned frames;
};

struct bus_conn {
	struct bus *bus;
	struct bus_conn *next;
	nng_stream *stream;
	struct tls_engine_session *session; /* NULL: ipc */
	struct bus_peer peer;
	void *user;
	int64_t deadline_ns; /* of the handshake */
	bool up, closing, send_busy, starved;
	enum counted why; /* it is refused, when it closes before it was up */
	char reason[TLS_ENGINE_ERROR_MAX];

	struct op recv, send, handshake;
	uint8_t *in;
	size_t in_len, in_cap;
	struct buffer
		out[2]; /* out[sending] is nng's while send_busy, the other takes what comes */
	unsigned sending;
};

struct bus {
	sd_event_source *wake_source, *sweep_source, *dial_source;
	const struct bus_ops *ops;
	void *user;
	nng_stream_listener *listener; /* or */
	nng_stream_dialer *dialer;
	struct op start; /* accept or dial */
	bool local;
	bool start_failed; /* accept: try again at the next sweep */
	struct bus_conn *conns;
	unsigned n_conns;
	uint64_t pause_us;
	char told_reason[TLS_ENGINE_ERROR_MAX]; /* by refused(), and when: not the same every second
						 */
	int64_t told_ns;

	int wake_fd;
	pthread_mutex_t lock; /* of the list below */
	struct op *done, **done_end;
};

static int set_error(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int set_error(int code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(last_error, sizeof(last_error), fmt, ap);
	va_end(ap);
	return code;
}

const char *bus_error(void)
{
	return last_error;
}

static int from_nng(int code)
{
	if (code & NNG_ESYSERR)
		return -(code & ~NNG_ESYSERR);
	switch (code) {
	case 0:
		return 0;
	case NNG_EADDRINUSE:
		return -EADDRINUSE;
	case NNG_ENOMEM:
		return -ENOMEM;
	case NNG_EPERM:
		return -EACCES;
	case NNG_ENOENT:
		return -ENOENT;
	case NNG_EADDRINVAL:
		return -EADDRNOTAVAIL;
	case NNG_ENOTSUP:
		return -ENOTSUP;
	case NNG_ENOFILES:
		return -EMFILE;
	default:
		return -EINVAL;
	}
}

/* --- hand-over from nng's threads --- */

static void kick(struct bus *bus)
{
	uint64_t one = 1;
	/* Full means that a wake-up is due anyway. */
	if (write(bus->wake_fd, &one, sizeof(one)) < 0)
		return;
}

static void complete(struct op *op)
{
	struct bus *bus = op->bus;

	(void)pthread_mutex_lock(&bus->lock);
	bool first = !bus->done;
	if (!op->queued) {
		op->queued = true;
		op->next = NULL;
		*bus->done_end = op;
		bus->done_end = &op->next;
	}
	(void)pthread_mutex_unlock(&bus->lock);
	if (first)
		kick(bus);
}

static struct op *take_completed(struct bus *bus)
{
	(void)pthread_mutex_lock(&bus->lock);
	struct op *op = bus->done;
	if (op) {
		bus->done = op->next;
		if (!bus->done)
			bus->done_end = &bus->done;
		op->queued = false;
	}
	(void)pthread_mutex_unlock(&bus->lock);
	return op;
}

/* Before an op's memory goes. */
static void forget(struct bus *bus, struct op *gone)
{
	(void)pthread_mutex_lock(&bus->lock);
	for (struct op **p = &bus->done; *p; p = &(*p)->next)
		if (*p == gone) {
			*p = gone->next;
			if (!*p)
				bus->done_end = p;
			break;
		}
	(void)pthread_mutex_unlock(&bus->lock);
}

static void on_nng(void *arg)
{
	complete(arg);
}

static void start_send(struct bus_conn *c, struct buffer *b, size_t from)
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
	struct buffer *b = &c->out[c->sending];
	size_t from = (size_t)nng_aio_get_input(c->send.aio, 0) + nng_aio_count(c->send.aio);

	if (!nng_aio_result(c->send.aio) && from < b->len)
		start_send(c, b, from);
	else
		complete(&c->send);
}

static void on_nng_handshake(void *user)
{
	complete(&((struct bus_conn *)user)->handshake);
}

/* --- connections --- */

static void tell_refused(struct bus *bus, enum counted why, const char *reason)
{
	int64_t now_ns = clock_mono_ns();

	counters[why].value++;
	if (!strcmp(bus->told_reason, reason) && now_ns < bus->told_ns + TELL_AGAIN_NS)
		return;
	snprintf(bus->told_reason, sizeof(bus->told_reason), "%s", reason);
	bus->told_ns = now_ns;
	if (bus->ops->refused)
		bus->ops->refused(bus->user, reason);
}

static void conn_free(struct bus_conn *c)
{
	struct bus *bus = c->bus;

	if (c->stream)
		nng_stream_close(c->stream);
	if (c->recv.aio)
		nng_aio_stop(c->recv.aio);
	if (c->send.aio)
		nng_aio_stop(c->send.aio);
	tls_engine_detach(c->session);
	forget(bus, &c->recv);
	forget(bus, &c->send);
	forget(bus, &c->handshake);
	nng_aio_free(c->recv.aio);
	nng_aio_free(c->send.aio);
	if (c->stream)
		nng_stream_free(c->stream);
	free(c->in);
	free(c->out[0].data);
	free(c->out[1].data);
	free(c);
}

static int conn_new(struct bus *bus, nng_stream *stream, struct bus_conn **ret_c)
{
	struct bus_conn *c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->bus = bus;
	c->recv = (struct op){ .kind = OP_RECV, .bus = bus, .conn = c };
	c->send = (struct op){ .kind = OP_SEND, .bus = bus, .conn = c };
	c->handshake = (struct op){ .kind = OP_HANDSHAKE, .bus = bus, .conn = c };
	c->in = malloc(RECV_FIRST);
	c->in_cap = RECV_FIRST;
	c->why = N_TLS;
	c->deadline_ns = clock_mono_ns() + HANDSHAKE_NS;
	if (!c->in || nng_aio_alloc(&c->recv.aio, on_nng, &c->recv) ||
		nng_aio_alloc(&c->send.aio, on_nng_sent, c)) {
		conn_free(c);
		return -ENOMEM;
	}
	nng_aio_set_timeout(c->recv.aio, NNG_DURATION_INFINITE);
	nng_aio_set_timeout(c->send.aio, NNG_DURATION_INFINITE);
	c->stream = stream;
	*ret_c = c;
	return 0;
}

static void conn_close(struct bus_conn *c, const char *reason)
{
	if (c->closing)
		return;
	c->closing = true;
	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	nng_stream_close(c->stream);
	kick(c->bus);
}

/* What the peer or TLS said beats what nng makes of it. */
static void conn_broken(struct bus_conn *c, int code)
{
	char reason[TLS_ENGINE_ERROR_MAX] = "";
	struct bus_peer peer;

	if (c->session)
		(void)tls_engine_state(c->session, &peer, reason);
	if (reason[0])
		conn_close(c, reason);
	else if (code == NNG_ECONNSHUT || code == NNG_ECLOSED)
		conn_close(c, c->in_len ? "closed by the peer in the middle of a frame"
					: "closed by the peer");
	else
		conn_close(c, nng_strerror(code));
	if (c->up && c->in_len)
		counters[N_FRAME].value++;
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
	struct bus *bus = c->bus;
	char who[160], reason[TLS_ENGINE_ERROR_MAX];

	if (!conn_identify(c, who, sizeof(who)) ||
		(bus->ops->admit && !bus->ops->admit(bus->user, &c->peer))) {
		snprintf(reason, sizeof(reason), "%s is not admitted", who);
		c->why = N_PEER;
		conn_close(c, reason);
		return;
	}
	c->up = true;
	counters[N_UP].value++;
	if (bus->ops->opened)
		bus->ops->opened(bus->user, c, &c->peer);
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
		conn_close(c, reason);
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
		conn_close(c, "out of memory");
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
			counters[N_FRAME].value++;
			snprintf(reason, sizeof(reason),
				"a frame of %u bytes is over the limit of %u", size, BUS_FRAME_MAX);
			conn_close(c, reason);
			break;
		}
		if (c->in_len - at < HEADER + size)
			break;
		/* Somebody speaks to us: the next break is a new story. */
		c->bus->pause_us = PAUSE_FIRST_US;
		c->bus->told_reason[0] = 0;
		if (c->bus->ops->frame)
			c->bus->ops->frame(c->bus->user, c, c->in + at + HEADER, size);
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
	struct buffer *next = &c->out[!c->sending];

	if (c->send_busy || c->closing || !next->len)
		return;
	c->sending = !c->sending;
	c->send_busy = true;
	start_send(c, next, 0);
}

static void on_sent(struct bus_conn *c)
{
	int code = nng_aio_result(c->send.aio);
	struct buffer *b = &c->out[c->sending];

	c->send_busy = false;
	b->len = 0;
	b->frames = 0;
	if (b->cap > SEND_KEEP) {
		free(b->data);
		*b = (struct buffer){ 0 };
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
		if (c->bus->ops->writable)
			c->bus->ops->writable(c->bus->user, c);
	}
}

/* --- listening and dialling --- */

static void evict_oldest_handshake(struct bus *bus)
{
	struct bus_conn *oldest = NULL;

	for (struct bus_conn *c = bus->conns; c; c = c->next)
		if (!c->up && !c->closing)
			oldest = c; /* new ones are put in front */
	if (oldest)
		conn_close(oldest, "made way: too many connections wait for their handshake");
}

static int adopt(struct bus *bus, nng_stream *stream)
{
	struct bus_conn *c = NULL;

	if (bus->n_conns >= BUS_CONNS_MAX) {
		tell_refused(bus, N_LIMIT, "too many connections");
		nng_stream_free(stream);
		evict_oldest_handshake(bus);
		return -EMFILE;
	}
	if (conn_new(bus, stream, &c)) {
		tell_refused(bus, N_LIMIT, "out of memory for a connection");
		nng_stream_free(stream);
		return -ENOMEM;
	}
	c->next = bus->conns;
	bus->conns = c;
	bus->n_conns++;
	if (!bus->local)
		c->session = tls_engine_attach(stream, on_nng_handshake, c);
	if (!bus->local && !c->session)
		conn_close(c, "no TLS session");
	conn_check_handshake(c);
	if (!c->closing)
		start_recv(c);
	return 0;
}

static void start(struct bus *bus)
{
	bus->start_failed = false;
	if (bus->listener)
		nng_stream_listener_accept(bus->listener, bus->start.aio);
	else
		nng_stream_dialer_dial(bus->dialer, bus->start.aio);
}

static void dial_later(struct bus *bus)
{
	uint32_t dice = 0;

	if (!bus->pause_us)
		bus->pause_us = PAUSE_FIRST_US;
	(void)getrandom(&dice, sizeof(dice), GRND_NONBLOCK);
	uint64_t us = bus->pause_us / 2 + dice % (bus->pause_us / 2 + 1);
	bus->pause_us = bus->pause_us * 2 > PAUSE_MAX_US ? PAUSE_MAX_US : bus->pause_us * 2;
	(void)sd_event_source_set_time_relative(bus->dial_source, us);
	(void)sd_event_source_set_enabled(bus->dial_source, SD_EVENT_ONESHOT);
}

static void on_started(struct bus *bus)
{
	int code = nng_aio_result(bus->start.aio);
	char reason[TLS_ENGINE_ERROR_MAX];

	if (!code && adopt(bus, nng_aio_get_output(bus->start.aio, 0)) && bus->dialer)
		dial_later(bus);
	if (code && bus->dialer) {
		snprintf(reason, sizeof(reason), "cannot connect: %s", nng_strerror(code));
		tell_refused(bus, N_DIAL, reason);
		dial_later(bus);
	} else if (code) {
		/* Out of descriptors, most likely: not again before the next sweep. */
		counters[N_ACCEPT].value++;
		bus->start_failed = true;
	} else if (bus->listener) {
		start(bus);
	}
}

static int on_dial_time(sd_event_source *s, uint64_t us, void *user)
{
	start(user);
	return 0;
}

/* Takes the closed connections out and tells of them. */
static void reap(struct bus *bus)
{
	for (struct bus_conn **p = &bus->conns; *p;) {
		struct bus_conn *c = *p;
		if (!c->closing) {
			p = &c->next;
			continue;
		}
		*p = c->next;
		bus->n_conns--;
		if (c->up && bus->ops->closed)
			bus->ops->closed(bus->user, c, c->reason);
		else if (!c->up)
			tell_refused(bus, c->why, c->reason);
		conn_free(c);
		if (bus->dialer)
			dial_later(bus);
	}
}

static void dispatch(struct op *op)
{
	switch (op->kind) {
	case OP_ACCEPT:
	case OP_DIAL:
		on_started(op->bus);
		break;
	case OP_RECV:
		on_received(op->conn);
		break;
	case OP_SEND:
		on_sent(op->conn);
		break;
	case OP_HANDSHAKE:
		conn_check_handshake(op->conn);
		break;
	}
}

static int on_wake(sd_event_source *s, int fd, uint32_t events, void *user)
{
	struct bus *bus = user;
	uint64_t n;

	if (read(fd, &n, sizeof(n)) < 0)
		return 0;
	/* Each op once: what completes meanwhile wakes us again. */
	for (unsigned budget = 2 * BUS_CONNS_MAX + 1; budget; budget--) {
		struct op *op = take_completed(bus);
		if (!op)
			break;
		dispatch(op);
	}
	reap(bus);
	(void)pthread_mutex_lock(&bus->lock);
	bool more = bus->done;
	(void)pthread_mutex_unlock(&bus->lock);
	if (more)
		kick(bus);
	return 0;
}

static int on_sweep(sd_event_source *s, uint64_t us, void *user)
{
	struct bus *bus = user;
	int64_t now_ns = clock_mono_ns();

	for (struct bus_conn *c = bus->conns; c; c = c->next)
		if (!c->up && !c->closing && now_ns > c->deadline_ns) {
			c->why = N_SLOW;
			conn_close(c, "the TLS handshake took too long");
		}
	if (bus->start_failed)
		start(bus);
	(void)sd_event_source_set_time_relative(s, SWEEP_US);
	return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

/* --- opening --- */

static int bus_new(sd_event *event, const struct bus_ops *ops, void *user, enum op_kind kind,
	struct bus **ret_bus)
{
	static bool registered;
	struct bus *bus = calloc(1, sizeof(*bus));
	if (!bus)
		return -ENOMEM;
	if (!registered)
		counter_register(counters, _N_MAX);
	registered = true;
	bus->ops = ops;
	bus->user = user;
	bus->start = (struct op){ .kind = kind, .bus = bus };
	bus->done_end = &bus->done;
	(void)pthread_mutex_init(&bus->lock, NULL);
	bus->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int r = bus->wake_fd < 0 ? -errno : 0;
	if (!r)
		r = sd_event_add_io(event, &bus->wake_source, bus->wake_fd, EPOLLIN, on_wake, bus);
	if (r >= 0)
		r = sd_event_add_time_relative(
			event, &bus->sweep_source, CLOCK_MONOTONIC, SWEEP_US, 0, on_sweep, bus);
	if (r >= 0)
		r = sd_event_add_time_relative(
			event, &bus->dial_source, CLOCK_MONOTONIC, 0, 1000, on_dial_time, bus);
	if (r >= 0)
		r = sd_event_source_set_enabled(bus->dial_source, SD_EVENT_OFF);
	if (r >= 0 && nng_aio_alloc(&bus->start.aio, on_nng, &bus->start))
		r = -ENOMEM;
	if (r < 0) {
		bus_free(bus);
		return set_error(r, "cannot set up the event loop: %s", strerror(-r));
	}
	*ret_bus = bus;
	return 0;
}

/* ipc needs no TLS, everything else must have it. */
static int check_url(const char *url, const struct bus_tls *tls, bool *ret_local)
{
	*ret_local = !strncmp(url, "ipc://", 6);
	if (*ret_local)
		return 0;
	if (strncmp(url, "tls+tcp://", 10) != 0)
		return set_error(-EINVAL, "%s: must begin with ipc:// or tls+tcp://", url);
	return tls ? 0 : set_error(-EINVAL, "%s: needs certificates", url);
}

static int open_listener(
	struct bus *bus, const char *url, const struct bus_tls *tls, unsigned ipc_mode)
{
	nng_tls_config *config = NULL;
	/* First, so that our engine is in place before nng makes anything of TLS. */
	int r = bus->local ? 0 : tls_engine_config(true, tls, NULL, &config, last_error);
	if (r)
		return r;
	int code = nng_stream_listener_alloc(&bus->listener, url);
	if (!code && config)
		code = nng_stream_listener_set_ptr(bus->listener, NNG_OPT_TLS_CONFIG, config);
	if (!code && bus->local)
		code = nng_stream_listener_set_int(
			bus->listener, NNG_OPT_IPC_PERMISSIONS, (int)ipc_mode);
	if (!code)
		code = nng_stream_listener_listen(bus->listener);
	if (config)
		nng_tls_config_free(config);
	return code ? set_error(from_nng(code), "%s: %s", url, nng_strerror(code)) : 0;
}

static int open_dialer(struct bus *bus, const char *url, const struct bus_tls *tls)
{
	nng_tls_config *config = NULL;
	nng_url *parts = NULL;
	int code = nng_url_parse(&parts, url);
	if (code)
		return set_error(-EINVAL, "%s: %s", url, nng_strerror(code));
	int r = 0;
	if (!bus->local)
		r = tls_engine_config(false, tls,
			tls->server_name ? tls->server_name : parts->u_hostname, &config,
			last_error);
	nng_url_free(parts);
	if (r)
		return r;
	code = nng_stream_dialer_alloc(&bus->dialer, url);
	if (!code && config)
		code = nng_stream_dialer_set_ptr(bus->dialer, NNG_OPT_TLS_CONFIG, config);
	if (config)
		nng_tls_config_free(config);
	return code ? set_error(from_nng(code), "%s: %s", url, nng_strerror(code)) : 0;
}

int bus_listen(sd_event *event, const char *url, const struct bus_tls *tls, unsigned ipc_mode,
	const struct bus_ops *ops, void *user, struct bus **ret_bus)
{
	assert(event && url && ops && ret_bus);

	struct bus *bus = NULL;
	bool local;
	int r = check_url(url, tls, &local);
	if (!r)
		r = bus_new(event, ops, user, OP_ACCEPT, &bus);
	if (r)
		return r;
	bus->local = local;
	r = open_listener(bus, url, tls, ipc_mode ? ipc_mode : 0660);
	if (r) {
		bus_free(bus);
		return r;
	}
	nng_aio_set_timeout(bus->start.aio, NNG_DURATION_INFINITE);
	start(bus);
	*ret_bus = bus;
	return 0;
}

int bus_dial(sd_event *event, const char *url, const struct bus_tls *tls, const struct bus_ops *ops,
	void *user, struct bus **ret_bus)
{
	assert(event && url && ops && ret_bus);

	struct bus *bus = NULL;
	bool local;
	int r = check_url(url, tls, &local);
	if (!r)
		r = bus_new(event, ops, user, OP_DIAL, &bus);
	if (r)
		return r;
	bus->local = local;
	r = open_dialer(bus, url, tls);
	if (r) {
		bus_free(bus);
		return r;
	}
	nng_aio_set_timeout(bus->start.aio, DIAL_MS);
	start(bus);
	*ret_bus = bus;
	return 0;
}

static void stop_starting(struct bus *bus)
{
	if (bus->listener)
		nng_stream_listener_close(bus->listener);
	if (bus->dialer)
		nng_stream_dialer_close(bus->dialer);
	if (!bus->start.aio)
		return;
	nng_aio_stop(bus->start.aio);
	/* Came in while we were leaving. */
	if (bus->start.queued && !nng_aio_result(bus->start.aio))
		nng_stream_free(nng_aio_get_output(bus->start.aio, 0));
	nng_aio_free(bus->start.aio);
}

void bus_free(struct bus *bus)
{
	if (!bus)
		return;
	sd_event_source_disable_unref(bus->wake_source);
	sd_event_source_disable_unref(bus->sweep_source);
	sd_event_source_disable_unref(bus->dial_source);
	stop_starting(bus);
	while (bus->conns) {
		struct bus_conn *c = bus->conns;
		bus->conns = c->next;
		if (c->up && bus->ops->closed)
			bus->ops->closed(bus->user, c, c->closing ? c->reason : "closed here");
		conn_free(c);
	}
	if (bus->listener)
		nng_stream_listener_free(bus->listener);
	if (bus->dialer)
		nng_stream_dialer_free(bus->dialer);
	if (bus->wake_fd >= 0)
		(void)close(bus->wake_fd);
	pthread_mutex_destroy(&bus->lock);
	free(bus);
}

int bus_port(const struct bus *bus)
{
	int port = 0;
	if (!bus->listener ||
		nng_stream_listener_get_int(bus->listener, NNG_OPT_TCP_BOUND_PORT, &port))
		return -ENOTSUP;
	return port;
}

/* --- one connection, for the caller --- */

static int buffer_append(struct buffer *b, const void *data, size_t size)
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

int bus_send(struct bus_conn *conn, const void *data, size_t size)
{
	assert(conn);
	assert(data || !size);

	struct buffer *next = &conn->out[!conn->sending];
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

void bus_close(struct bus_conn *conn, const char *reason)
{
	conn_close(conn, reason);
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
