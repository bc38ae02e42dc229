#include "enrol/server.h"

#include "common/clock.h"
#include "common/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNS_MAX 8
#define CONN_US UINT64_C(5000000)  /* for its one request */
#define IDLE_US UINT64_C(60000000)

struct conn {
	struct server *server;
	int fd;
	sd_event_source *io, *timer;
};

struct server {
	sd_event *event;
	const struct config *config;
	const struct renewal_policy *policy;
	int fd;
	sd_event_source *io, *idle;
	struct conn conns[CONNS_MAX];
};

static void conn_close(struct conn *c)
{
	c->io = sd_event_source_disable_unref(c->io);
	c->timer = sd_event_source_disable_unref(c->timer);
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
}

static void put_off_idle(struct server *s)
{
	if (s->idle)
		(void)sd_event_source_set_time_relative(s->idle, IDLE_US);
}

static void send_answer(int fd, const struct renew_message *m)
{
	uint8_t buf[RENEW_MESSAGE_MAX];
	ssize_t n = renew_put(buf, sizeof(buf), m);

	/* The queue of a fresh socket has room for one message. */
	if (n > 0)
		(void)send(fd, buf, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void answer(const struct conn *c, const struct renew_message *m)
{
	struct renew_message reply = { .type = RENEW_REFUSED };
	unsigned char *der = NULL;
	X509 *cert = NULL;
	const char *why = "";
	int r = renewal_decide(c->server->policy, m, clock_now_ns() / CLOCK_NS_PER_S, &cert, &why);
	int size = r ? 0 : i2d_X509(cert, &der);

	if (size > 0) {
		reply = (struct renew_message){ .type = RENEW_CERTIFICATE, .data = der, .size = (size_t)size };
		log_notice("host %s: renewed", m->host);
	} else {
		snprintf(reply.reason, sizeof(reply.reason), "%s", r ? why : "out of memory");
		log_warning("host %s: not renewed: %s", m->host, reply.reason);
	}
	send_answer(c->fd, &reply);
	OPENSSL_free(der);
	X509_free(cert);
}

static int on_request(sd_event_source *source, int fd, uint32_t events, void *user)
{
	struct conn *c = user;
	struct renew_message m;
	uint8_t buf[RENEW_MESSAGE_MAX];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n > 0 && renew_get(buf, (size_t)n, &m) == 0 && m.type == RENEW_RELAYED)
		answer(c, &m);
	else if (n > 0)
		log_warning("a request that cannot be read");
	conn_close(c);
	return 0;
}

static int on_slow(sd_event_source *source, uint64_t us, void *user)
{
	conn_close(user);
	return 0;
}

static bool may_ask(const struct server *s, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	for (unsigned i = 0; i < s->config->n_uids; i++)
		if (s->config->uids[i] == peer.uid)
			return true;
	log_warning("uid %u may not ask", peer.uid);
	return false;
}

static struct conn *free_conn(struct server *s)
{
	for (unsigned i = 0; i < CONNS_MAX; i++)
		if (s->conns[i].fd < 0)
			return &s->conns[i];
	return NULL;
}

static int on_connect(sd_event_source *source, int listener, uint32_t events, void *user)
{
	struct server *s = user;
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct conn *c = free_conn(s);

	if (fd < 0)
		return 0;
	put_off_idle(s);
	if (!c || !may_ask(s, fd)) {
		(void)close(fd);
		return 0;
	}
	c->server = s;
	c->fd = fd;
	int r = sd_event_add_io(s->event, &c->io, fd, EPOLLIN, on_request, c);
	if (r >= 0)
		r = sd_event_add_time_relative(s->event, &c->timer, CLOCK_MONOTONIC, CONN_US, 0, on_slow, c);
	if (r < 0)
		conn_close(c);
	return 0;
}

static int on_idle(sd_event_source *source, uint64_t us, void *user)
{
	return sd_event_exit(((struct server *)user)->event, 0);
}

static int make_socket(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	(void)unlink(path);
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, CONNS_MAX) < 0) {
		int r = -errno;
		(void)close(fd);
		return r;
	}
	return fd;
}

int server_new(sd_event *event, const struct config *config, const struct renewal_policy *policy, int fd, bool idle_exit,
	struct server **ret_s)
{
	struct server *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*s = (struct server){ .event = event, .config = config, .policy = policy };
	for (unsigned i = 0; i < CONNS_MAX; i++)
		s->conns[i].fd = -1;
	s->fd = fd >= 0 ? fd : make_socket(config->socket);
	int r = s->fd < 0 ? s->fd : sd_event_add_io(event, &s->io, s->fd, EPOLLIN, on_connect, s);
	if (r >= 0 && idle_exit)
		r = sd_event_add_time_relative(event, &s->idle, CLOCK_MONOTONIC, IDLE_US, 0, on_idle, s);
	if (r < 0) {
		log_errno(LOG_LEVEL_ERROR, r, "%s: cannot listen", config->socket);
		server_free(s);
		return r;
	}
	*ret_s = s;
	return 0;
}

void server_free(struct server *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < CONNS_MAX; i++)
		conn_close(&s->conns[i]);
	sd_event_source_disable_unref(s->io);
	sd_event_source_disable_unref(s->idle);
	if (s->fd >= 0)
		(void)close(s->fd);
	free(s);
}
