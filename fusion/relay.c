#include "fusion/relay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_US UINT64_C(20000000) /* systemd may have to start it first */

struct relay {
	int fd;
	sd_event_source *io, *timer;
	void (*answer)(void *user, const struct renew_message *m);
	void *user;
};

/* The last thing done with @r: the callee may free it. */
static void settle(struct relay *r, const struct renew_message *m)
{
	(void)sd_event_source_set_enabled(r->io, SD_EVENT_OFF);
	(void)sd_event_source_set_enabled(r->timer, SD_EVENT_OFF);
	r->answer(r->user, m);
}

static void give_up(struct relay *r, const char *why)
{
	struct renew_message m = { .type = RENEW_REFUSED };

	snprintf(m.reason, sizeof(m.reason), "%s", why);
	settle(r, &m);
}

static int on_readable(sd_event_source *s, int fd, uint32_t events, void *user)
{
	struct relay *r = user;
	struct renew_message m;
	uint8_t buf[RENEW_MESSAGE_MAX];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		give_up(r, "vedette-enrol hung up");
	else if (renew_get(buf, (size_t)n, &m) || (m.type != RENEW_CERTIFICATE && m.type != RENEW_REFUSED))
		give_up(r, "vedette-enrol said what nobody understands");
	else
		settle(r, &m);
	return 0;
}

static int on_timeout(sd_event_source *s, uint64_t us, void *user)
{
	give_up(user, "vedette-enrol does not answer");
	return 0;
}

static int dial(const char *path, const struct renew_message *m)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	uint8_t buf[RENEW_MESSAGE_MAX];
	ssize_t n = renew_put(buf, sizeof(buf), m);

	if (n < 0)
		return (int)n;
	if (snprintf(to.sun_path, sizeof(to.sun_path), "%s", path) >= (int)sizeof(to.sun_path))
		return -ENAMETOOLONG;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 || send(fd, buf, (size_t)n, MSG_NOSIGNAL) != n) {
		int r = errno ? -errno : -EIO;
		(void)close(fd);
		return r;
	}
	return fd;
}

int relay_new(sd_event *event, const char *path, const struct renew_message *m,
	void (*answer)(void *user, const struct renew_message *m), void *user, struct relay **ret_r)
{
	struct relay *relay = calloc(1, sizeof(*relay));

	if (!relay)
		return -ENOMEM;
	*relay = (struct relay){ .fd = dial(path, m), .answer = answer, .user = user };
	int r = relay->fd < 0 ? relay->fd : sd_event_add_io(event, &relay->io, relay->fd, EPOLLIN, on_readable, relay);
	if (r >= 0)
		r = sd_event_add_time_relative(event, &relay->timer, CLOCK_MONOTONIC, ANSWER_US, 0, on_timeout, relay);
	if (r < 0) {
		relay_free(relay);
		return r;
	}
	*ret_r = relay;
	return 0;
}

void relay_free(struct relay *r)
{
	if (!r)
		return;
	sd_event_source_disable_unref(r->io);
	sd_event_source_disable_unref(r->timer);
	if (r->fd >= 0)
		(void)close(r->fd);
	free(r);
}
