#include "common/bus.h"

#include <assert.h>
#include <errno.h>
#include <nng/nng.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/bus_conn.h"
#include "common/bus_queue.h"
#include "common/clock.h"
#include "common/counter.h"
#include "common/tls_engine.h"

/*
 * Every asynchronous operation of nng is a struct bus_op. When nng is through with one, its thread
 * puts the op on the bus's queue and wakes the loop, which does all the rest: parse, call back,
 * start the next operation. Operations are started by the loop only; the one thing a thread of nng
 * goes on with by itself is a half-sent buffer, which nobody touches meanwhile.
 */
#define SWEEP_US UINT64_C(250000)
/* The same reason for a refusal is told again after this: it makes lines in a log. */
#define TELL_AGAIN_NS (60 * CLOCK_NS_PER_S)
/*
 * Dialling: the kernel repeats a SYN after 1 s and 3 s (RFC 6298 2.1), so an attempt of 2 s asks
 * twice and a link that comes back is noticed within 1 s + the longest pause, under the 2 s live
 * plots may take. Pauses double from 100 ms.
 */
#define DIAL_MS 2000
#define PAUSE_FIRST_US UINT64_C(100000)
#define PAUSE_MAX_US UINT64_C(800000)

static _Thread_local char last_error[TLS_ENGINE_ERROR_MAX];

struct bus {
	struct bus_queue queue;
	sd_event_source *wake_source, *sweep_source, *dial_source;
	const struct bus_ops *ops;
	void *user;
	nng_stream_listener *listener; /* or */
	nng_stream_dialer *dialer;
	struct bus_op start; /* accept or dial */
	bool local;
	bool start_failed; /* accept: try again at the next sweep */
	struct bus_conn *conns;
	unsigned n_conns;
	uint64_t pause_us;
	char told_reason[TLS_ENGINE_ERROR_MAX]; /* the last refused(), and when */
	int64_t told_ns;
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

static void tell_refused(struct bus *bus, enum bus_counted why, const char *reason)
{
	int64_t now_ns = clock_mono_ns();

	bus_conn_counters[why].value++;
	if (!strcmp(bus->told_reason, reason) && now_ns < bus->told_ns + TELL_AGAIN_NS)
		return;
	snprintf(bus->told_reason, sizeof(bus->told_reason), "%s", reason);
	bus->told_ns = now_ns;
	if (bus->ops->refused)
		bus->ops->refused(bus->user, reason);
}

/* --- listening and dialling --- */

static void evict_oldest_handshake(struct bus *bus)
{
	struct bus_conn *oldest = NULL;

	for (struct bus_conn *c = bus->conns; c; c = c->next)
		if (!c->up && !c->closing)
			oldest = c; /* new ones are put in front */
	if (oldest)
		bus_conn_close(oldest, "made way: too many connections wait for their handshake");
}

static int adopt(struct bus *bus, nng_stream *stream)
{
	struct bus_conn *c = NULL;

	if (bus->n_conns >= BUS_CONNS_MAX) {
		tell_refused(bus, BUS_N_LIMIT, "too many connections");
		nng_stream_free(stream);
		evict_oldest_handshake(bus);
		return -EMFILE;
	}
	if (bus_conn_new(&bus->queue, bus->ops, bus->user, stream, &c)) {
		tell_refused(bus, BUS_N_LIMIT, "out of memory for a connection");
		nng_stream_free(stream);
		return -ENOMEM;
	}
	c->next = bus->conns;
	bus->conns = c;
	bus->n_conns++;
	bus_conn_start(c, bus->local);
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
	if (code == NNG_ECANCELED) {
		start(bus);
	} else if (code && bus->dialer) {
		snprintf(reason, sizeof(reason), "cannot connect: %s", nng_strerror(code));
		tell_refused(bus, BUS_N_DIAL, reason);
		dial_later(bus);
	} else if (code) {
		/* Out of descriptors, most likely: not again before the next sweep. */
		bus_conn_counters[BUS_N_ACCEPT].value++;
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
		/* Somebody spoke to us: the next break is a new story. */
		if (c->spoke) {
			bus->pause_us = PAUSE_FIRST_US;
			bus->told_reason[0] = 0;
		}
		if (c->up && bus->ops->closed)
			bus->ops->closed(bus->user, c, c->reason);
		else if (!c->up)
			tell_refused(bus, c->why, c->reason);
		bus_conn_free(c);
		if (bus->dialer)
			dial_later(bus);
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
		struct bus_op *op = bus_queue_take(&bus->queue);
		if (!op)
			break;
		if (op->conn)
			bus_conn_dispatch(op);
		else
			on_started(bus);
	}
	reap(bus);
	if (!bus_queue_empty(&bus->queue))
		bus_queue_kick(&bus->queue);
	return 0;
}

static int on_sweep(sd_event_source *s, uint64_t us, void *user)
{
	struct bus *bus = user;
	int64_t now_ns = clock_mono_ns();

	for (struct bus_conn *c = bus->conns; c; c = c->next)
		if (!c->up && !c->closing && now_ns > c->deadline_ns) {
			c->why = BUS_N_SLOW;
			bus_conn_close(c, "the TLS handshake took too long");
		}
	if (bus->start_failed)
		start(bus);
	(void)sd_event_source_set_time_relative(s, SWEEP_US);
	return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

/* --- opening --- */

static int bus_new(sd_event *event, const struct bus_ops *ops, void *user, enum bus_op_kind kind,
	struct bus **ret_bus)
{
	static bool registered;
	struct bus *bus = calloc(1, sizeof(*bus));
	if (!bus)
		return -ENOMEM;
	if (!registered)
		counter_register(bus_conn_counters, _BUS_N_MAX);
	registered = true;
	bus->ops = ops;
	bus->user = user;
	bus->start = (struct bus_op){ .kind = kind, .queue = &bus->queue };
	int r = bus_queue_init(&bus->queue);
	if (!r)
		r = sd_event_add_io(
			event, &bus->wake_source, bus->queue.wake_fd, EPOLLIN, on_wake, bus);
	if (r >= 0)
		r = sd_event_add_time_relative(
			event, &bus->sweep_source, CLOCK_MONOTONIC, SWEEP_US, 0, on_sweep, bus);
	if (r >= 0)
		r = sd_event_add_time_relative(
			event, &bus->dial_source, CLOCK_MONOTONIC, 0, 1000, on_dial_time, bus);
	if (r >= 0)
		r = sd_event_source_set_enabled(bus->dial_source, SD_EVENT_OFF);
	if (r >= 0 && nng_aio_alloc(&bus->start.aio, bus_queue_complete, &bus->start))
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
		r = bus_new(event, ops, user, BUS_OP_ACCEPT, &bus);
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
		r = bus_new(event, ops, user, BUS_OP_DIAL, &bus);
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

int bus_retls(struct bus *bus, const struct bus_tls *tls)
{
	nng_tls_config *config = NULL;
	assert(bus && tls && !bus->local);

	int r = tls_engine_config(bus->listener != NULL, tls, tls->server_name, &config, last_error);
	if (r)
		return r;
	int code = bus->listener ? nng_stream_listener_set_ptr(bus->listener, NNG_OPT_TLS_CONFIG, config)
				 : nng_stream_dialer_set_ptr(bus->dialer, NNG_OPT_TLS_CONFIG, config);
	nng_tls_config_free(config);
	/* What waits for a peer, or is under way to one, has the old files still: begin it again. */
	nng_aio_abort(bus->start.aio, NNG_ECANCELED);
	return code ? set_error(from_nng(code), "new certificates: %s", nng_strerror(code)) : 0;
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
		bus_conn_free(c);
	}
	if (bus->listener)
		nng_stream_listener_free(bus->listener);
	if (bus->dialer)
		nng_stream_dialer_free(bus->dialer);
	bus_queue_done(&bus->queue);
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

int bus_send(struct bus_conn *conn, const void *data, size_t size)
{
	return bus_conn_send(conn, data, size);
}

void bus_close(struct bus_conn *conn, const char *reason)
{
	bus_conn_close(conn, reason);
}
