#include "hub/http.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/loop.h"
#include "hub/api.h"
#include "hub/count.h"
#include "hub/files.h"
#include "hub/oapif.h"
#include "hub/query.h"
#include "hub/stream.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BODY_MAX 4096
#define TIMEOUT_S 30u /* an idle or unmoving connection; a stream beats every second */
#define HEADERS_MAX (32u << 10)
#define HOST_MAX 128
/* The kernel doubles it. With the default a stalled viewer gets seconds-old frames (measured, notes/picture.md 4.2). */
#define STREAM_SNDBUF (32 << 10)

static const char *const security_headers[][2] = {
	{ "Content-Security-Policy",
		"default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
};

/* One live picture and its connection. */
struct client {
	struct http *http;
	struct MHD_Connection *conn;
	struct stream *stream;
	int fd; /* MHD's */
	bool suspended, cut;
	struct client *next;
};

struct http {
	struct hub *hub;
	struct MHD_Daemon *daemon;
	struct oapif *oapif;
	sd_event_source *io, *timer;
	struct client *clients;
	size_t n_clients;
	bool local; /* a unix socket: the proxy is believed who its user is */
	char unlink_path[108];
};

/* One request under way. */
struct exchange {
	size_t size;
	bool too_large;
	char body[BODY_MAX];
};

/* --- the loop --- */

static void run(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG ms = 0;
	(void)MHD_run(h->daemon);
	if (MHD_get_timeout(h->daemon, &ms) != MHD_YES) {
		(void)sd_event_source_set_enabled(h->timer, SD_EVENT_OFF);
		return;
	}
	uint64_t now_us = 0;
	(void)sd_event_now(h->hub->event, CLOCK_MONOTONIC, &now_us);
	(void)sd_event_source_set_time(h->timer, now_us + (uint64_t)ms * 1000);
	(void)sd_event_source_set_enabled(h->timer, SD_EVENT_ONESHOT);
}

static int on_io(sd_event_source *s, int fd, uint32_t events, void *user)
{
	(void)s;
	(void)fd;
	(void)events;
	run(user);
	return 0;
}

static int on_timer(sd_event_source *s, uint64_t due_us, void *user)
{
	(void)s;
	(void)due_us;
	run(user);
	return 0;
}

void http_tick(struct http *h, int64_t mono_ns)
{
	bool resumed = false;
	for (struct client *c = h->clients; c; c = c->next) {
		if (c->suspended && stream_due(c->stream, mono_ns)) {
			c->suspended = false;
			MHD_resume_connection(c->conn);
			resumed = true;
		} else if (!c->cut && stream_stalled(c->stream, mono_ns)) {
			c->cut = true;
			count_add(COUNT_STREAMS_STALLED, 1);
			(void)shutdown(c->fd, SHUT_RDWR);
		}
	}
	/* In the same tick, or nothing moves until the next network event. */
	if (resumed)
		run(h);
}

size_t http_streams(const struct http *h)
{
	return h->n_clients;
}

/* --- answers --- */

static void add_header(struct MHD_Response *r, const char *name, const char *value)
{
	enum MHD_Result ok = MHD_add_response_header(r, name, value);
	(void)ok; /* out of memory: the answer goes without it */
}

static enum MHD_Result queue(struct MHD_Connection *conn, unsigned status, struct MHD_Response *r)
{
	if (!r)
		return MHD_NO;
	for (size_t i = 0; i < sizeof(security_headers) / sizeof(security_headers[0]); i++)
		add_header(r, security_headers[i][0], security_headers[i][1]);
	count_add(COUNT_HTTP_REQUESTS, 1);
	count_add(COUNT_HTTP_ERRORS, status >= 400);
	enum MHD_Result ok = MHD_queue_response(conn, status, r);
	MHD_destroy_response(r);
	return ok;
}

static enum MHD_Result send_reply(struct MHD_Connection *conn, const struct request *rq, struct reply *reply)
{
	if (!reply->body)
		return MHD_NO;
	struct MHD_Response *r = MHD_create_response_from_buffer(reply->size, reply->body, MHD_RESPMEM_MUST_FREE);
	if (!r) {
		free(reply->body);
		return MHD_NO;
	}
	add_header(r, "Content-Type", reply->type);
	add_header(r, "Cache-Control", "no-store");
	if (reply->status == 405)
		add_header(r, "Allow", api_allows(rq->path));
	return queue(conn, reply->status, r);
}

static enum MHD_Result send_error(struct MHD_Connection *conn, const struct request *rq, unsigned status, const char *why)
{
	struct reply reply;
	request_error(&reply, status, "%s", why);
	return send_reply(conn, rq, &reply);
}

static const char *header(struct MHD_Connection *conn, const char *name)
{
	return MHD_lookup_connection_value(conn, MHD_HEADER_KIND, name);
}

static enum MHD_Result send_file(struct http *h, struct MHD_Connection *conn, const struct request *rq)
{
	const char *encoding = header(conn, "Accept-Encoding"), *known = header(conn, "If-None-Match");
	struct files_hit hit;
	int r = h->hub->settings->web[0]
			? files_open(h->hub->settings->web, rq->path, encoding && strstr(encoding, "gzip"), &hit)
			: -ENOENT;
	if (r < 0)
		return send_error(conn, rq, 404, h->hub->settings->web[0] ? "no such address"
									  : "no picture is installed here: Web= is not set");
	bool same = known && strstr(known, hit.etag);
	struct MHD_Response *resp = same ? MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT)
					 : MHD_create_response_from_fd(hit.size, hit.fd);
	if (same || !resp)
		close(hit.fd);
	if (!resp)
		return MHD_NO;
	if (!same) {
		add_header(resp, "Content-Type", hit.type);
		if (hit.gzip)
			add_header(resp, "Content-Encoding", "gzip");
	}
	add_header(resp, "ETag", hit.etag);
	add_header(resp, "Vary", "Accept-Encoding");
	add_header(resp, "Cache-Control", "no-cache"); /* asks each time, gets 304: a new picture shows at once */
	return queue(conn, same ? 304 : 200, resp);
}

/* --- the live picture --- */

static ssize_t on_stream_read(void *user, uint64_t pos, char *buf, size_t max)
{
	struct client *c = user;
	(void)pos;
	ssize_t n = stream_read(c->stream, buf, max, clock_now_ns(), clock_mono_ns());
	if (n < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (n == 0) {
		c->suspended = true;
		MHD_suspend_connection(c->conn);
	}
	return n;
}

static void free_client(void *user)
{
	struct client *c = user;
	for (struct client **p = &c->http->clients; *p; p = &(*p)->next)
		if (*p == c) {
			*p = c->next;
			c->http->n_clients--;
			break;
		}
	stream_free(c->stream);
	free(c);
}

static struct client *new_client(struct http *h, struct MHD_Connection *conn, const struct query_box *box)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct client *c = info ? calloc(1, sizeof(*c)) : NULL;
	if (!c)
		return NULL;
	*c = (struct client){ .http = h, .conn = conn, .fd = info->connect_fd, .next = h->clients };
	if (stream_new(h->hub, box, clock_mono_ns(), &c->stream) < 0) {
		free(c);
		return NULL;
	}
	int size = STREAM_SNDBUF;
	(void)setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	h->clients = c;
	h->n_clients++;
	return c;
}

static enum MHD_Result send_stream(struct http *h, struct MHD_Connection *conn, const struct request *rq)
{
	struct query_box box;
	const char *bbox = rq->arg(rq, "bbox");
	if (bbox && query_box(bbox, &box) < 0)
		return send_error(conn, rq, 400, "bbox is W,S,E,N in degrees");
	if (rq->foreign_origin)
		return send_error(conn, rq, 403, "the request comes from another site");
	if (h->n_clients >= h->hub->settings->streams) {
		count_add(COUNT_STREAMS_REFUSED, 1);
		return send_error(conn, rq, 503, "too many live pictures are open");
	}
	struct client *c = new_client(h, conn, bbox ? &box : NULL);
	struct MHD_Response *r =
		c ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, HEADERS_MAX, on_stream_read, c, free_client) : NULL;
	if (!r) {
		if (c)
			free_client(c);
		return MHD_NO;
	}
	count_add(COUNT_STREAMS, 1);
	add_header(r, "Content-Type", "application/octet-stream");
	add_header(r, "Cache-Control", "no-store");
	add_header(r, "X-Accel-Buffering", "no");
	return queue(conn, 200, r);
}

/* --- requests --- */

static const char *get_arg(const struct request *rq, const char *name)
{
	return MHD_lookup_connection_value(rq->server, MHD_GET_ARGUMENT_KIND, name);
}

static bool host_ok(const char *host)
{
	size_t n = strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-[]");
	return n > 0 && n < HOST_MAX && !host[n];
}

/* "http://HOST" as the viewer knows us; "" when it does not say. */
static void base_url(const struct http *h, struct MHD_Connection *conn, char *buf, size_t cap)
{
	const char *host = header(conn, "Host"), *proto = h->local ? header(conn, "X-Forwarded-Proto") : NULL;
	bool https = proto && !strcmp(proto, "https");
	snprintf(buf, cap, "%s%s", host && host_ok(host) ? (https ? "https://" : "http://") : "",
		host && host_ok(host) ? host : "");
}

static bool is_foreign(struct MHD_Connection *conn)
{
	const char *origin = header(conn, "Origin"), *host = header(conn, "Host");
	if (!origin)
		return false; /* not a browser, or a plain navigation: those cannot write and cannot read the answer */
	const char *slash = strstr(origin, "://");
	return !slash || !host || strcasecmp(slash + 3, host) != 0;
}

static enum MHD_Result answer(struct http *h, struct MHD_Connection *conn, const char *url, const char *method,
	const struct exchange *x)
{
	char base[HOST_MAX + 16];
	const char *accept = header(conn, "Accept");
	base_url(h, conn, base, sizeof(base));
	struct request rq = {
		.method = strcmp(method, "HEAD") ? method : "GET", /* MHD leaves the body out */
		.path = url,
		.accept = accept ? accept : "",
		.base = base,
		.user = h->local ? header(conn, "X-Remote-User") : NULL,
		.foreign_origin = is_foreign(conn),
		.body = x->body,
		.body_size = x->size,
		.arg = get_arg,
		.server = conn,
	};
	struct reply reply;
	if (x->too_large)
		return send_error(conn, &rq, 413, "the body is larger than 4096 bytes");
	if (strcmp(rq.method, "GET") && strcmp(rq.method, "POST"))
		return send_error(conn, &rq, 405, "only GET, HEAD and POST are known here");
	if (api_handle(h->hub, &rq, &reply) || oapif_handle(h->oapif, h->hub, &rq, &reply))
		return send_reply(conn, &rq, &reply);
	if (strcmp(rq.method, "GET"))
		return send_error(conn, &rq, 405, "this address allows GET, HEAD");
	if (!strcmp(url, "/stream"))
		return strcmp(method, "HEAD") ? send_stream(h, conn, &rq)
					      : send_error(conn, &rq, 405, "the stream allows GET");
	return send_file(h, conn, &rq);
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *conn, const char *url, const char *method,
	const char *version, const char *upload, size_t *upload_size, void **req)
{
	(void)version;
	struct exchange *x = *req;
	if (!x) {
		x = calloc(1, sizeof(*x));
		*req = x;
		return x ? MHD_YES : MHD_NO;
	}
	if (*upload_size) {
		if (x->size + *upload_size > sizeof(x->body)) {
			x->too_large = true;
		} else {
			memcpy(x->body + x->size, upload, *upload_size);
			x->size += *upload_size;
		}
		*upload_size = 0;
		return MHD_YES;
	}
	return answer(user, conn, url, method, x);
}

static void on_completed(void *user, struct MHD_Connection *conn, void **req, enum MHD_RequestTerminationCode why)
{
	(void)user;
	(void)conn;
	(void)why;
	free(*req);
	*req = NULL;
}

__attribute__((format(printf, 2, 0))) static void on_mhd_log(void *user, const char *fmt, va_list ap)
{
	char text[256];
	(void)user;
	/* "socket no longer available" at every viewer that closes its tab: nobody's business but a developer's. */
	vsnprintf(text, sizeof(text), fmt, ap);
	log_debug("http: %s", text);
}

/* --- set-up --- */

static int listen_unix(struct http *h, const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	(void)unlink(path);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || chmod(path, 0660) < 0 || listen(fd, SOMAXCONN) < 0) {
		int r = -errno;
		close(fd);
		return r;
	}
	snprintf(h->unlink_path, sizeof(h->unlink_path), "%s", path);
	return fd;
}

/* "127.0.0.1:8080", "[::1]:8080", "localhost:8080" */
static int listen_tcp(const char *spec)
{
	char host[HOST_MAX];
	const char *colon = strrchr(spec, ':');
	size_t n = colon ? (size_t)(colon - spec) : 0;
	bool brackets = n > 2 && spec[0] == '[' && spec[n - 1] == ']';
	if (n == 0 || n >= sizeof(host) || !colon[1])
		return -EINVAL;
	snprintf(host, sizeof(host), "%.*s", (int)(brackets ? n - 2 : n), spec + brackets);
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *ai = NULL;
	if (getaddrinfo(host, colon + 1, &hints, &ai) != 0)
		return -EINVAL;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1, r = 0;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
		bind(fd, ai->ai_addr, ai->ai_addrlen) < 0 || listen(fd, SOMAXCONN) < 0)
		r = -errno;
	freeaddrinfo(ai);
	if (r < 0 && fd >= 0)
		close(fd);
	return r < 0 ? r : fd;
}

static int open_socket(struct http *h)
{
	const char *spec = h->hub->settings->http;
	h->local = !strncmp(spec, "unix:", 5);
	int fd = loop_listen_fd("http");
	if (fd >= 0)
		return fd;
	return h->local ? listen_unix(h, spec + 5) : listen_tcp(spec);
}

static int start_daemon(struct http *h, int fd)
{
	h->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, h,
		MHD_OPTION_EXTERNAL_LOGGER, on_mhd_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED,
		on_completed, NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned)h->hub->settings->connections,
		MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_MAX * 2,
		MHD_OPTION_END);
	if (!h->daemon)
		return -EIO;
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info)
		return -EIO;
	int r = sd_event_add_io(h->hub->event, &h->io, info->epoll_fd, EPOLLIN, on_io, h);
	if (r >= 0)
		r = sd_event_add_time(h->hub->event, &h->timer, CLOCK_MONOTONIC, 0, 1000, on_timer, h);
	if (r >= 0)
		r = sd_event_source_set_enabled(h->timer, SD_EVENT_OFF);
	return r < 0 ? r : 0;
}

int http_open(struct hub *hub, struct http **ret_http, char reason[HUB_REASON_MAX])
{
	struct http *h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->hub = hub;
	int r = oapif_new(&h->oapif), fd = r < 0 ? r : open_socket(h);
	r = fd < 0 ? fd : start_daemon(h, fd);
	if (r < 0) {
		snprintf(reason, HUB_REASON_MAX, "Http=%.100s: cannot listen: %s", hub->settings->http, strerror(-r));
		if (fd >= 0 && !h->daemon)
			close(fd);
		http_close(h);
		return r;
	}
	*ret_http = h;
	return 0;
}

void http_close(struct http *h)
{
	if (!h)
		return;
	for (struct client *c = h->clients; c; c = c->next)
		if (c->suspended) {
			c->suspended = false;
			MHD_resume_connection(c->conn);
		}
	sd_event_source_unref(h->io);
	sd_event_source_unref(h->timer);
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	oapif_free(h->oapif);
	if (h->unlink_path[0])
		(void)unlink(h->unlink_path);
	free(h);
}
