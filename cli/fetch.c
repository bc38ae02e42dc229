#include "cli/fetch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/clock.h"

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_un un;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void free_text(char **text)
{
	free(*text);
}

static int parse_tcp(const char *base, union address *ret_a, socklen_t *ret_size)
{
	char host[64];
	const char *colon = strrchr(base, ':');
	char *end;

	if (!colon || (size_t)(colon - base) >= sizeof(host))
		return -EINVAL;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - base), base);
	unsigned long port = strtoul(colon + 1, &end, 10);
	if (end == colon + 1 || (*end && strcmp(end, "/")) || !port || port > 65535)
		return -EINVAL;
	ret_a->in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
	*ret_size = sizeof(ret_a->in);
	return inet_pton(AF_INET, strcmp(host, "localhost") ? host : "127.0.0.1", &ret_a->in.sin_addr) == 1 ? 0 : -EINVAL;
}

static int parse_base(const char *base, union address *ret_a, socklen_t *ret_size)
{
	if (strncmp(base, "unix:", 5))
		return parse_tcp(strncmp(base, "http://", 7) ? base : base + 7, ret_a, ret_size);
	ret_a->un = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (base[5] != '/' || strlen(base + 5) >= sizeof(ret_a->un.sun_path))
		return -EINVAL;
	memcpy(ret_a->un.sun_path, base + 5, strlen(base + 5) + 1);
	*ret_size = sizeof(ret_a->un);
	return 0;
}

static int wait_for(int fd, short events, int64_t deadline_ns)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left_ms = (deadline_ns - clock_mono_ns()) / CLOCK_NS_PER_MS;
	int r = left_ms > 0 ? poll(&p, 1, (int)left_ms) : 0;

	if (r < 0)
		return errno == EINTR ? 0 : -errno;
	return r ? 0 : -ETIMEDOUT;
}

static int dial(const union address *a, socklen_t size, int64_t deadline_ns)
{
	__attribute__((cleanup(close_fd))) int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0, r = 0;
	socklen_t error_size = sizeof(error);

	if (fd < 0)
		return -errno;
	if (connect(fd, &a->any, size) < 0) {
		if (errno != EINPROGRESS)
			return -errno;
		r = wait_for(fd, POLLOUT, deadline_ns);
		if (r == 0 && (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_size) < 0 || error))
			r = error ? -error : -errno;
	}
	if (r < 0)
		return r;
	int out = fd;
	fd = -1;
	return out;
}

/* The request is small enough for an empty socket buffer. */
static int ask(int fd, const char *path)
{
	char request[512];
	int n = snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\nHost: vedette\r\nAccept: application/json\r\n\r\n", path);

	if (n >= (int)sizeof(request))
		return -EINVAL;
	return send(fd, request, n, MSG_NOSIGNAL) == n ? 0 : -EIO;
}

static int read_all(int fd, int64_t deadline_ns, char **ret_text)
{
	__attribute__((cleanup(free_text))) char *text = NULL;
	size_t n = 0, cap = 0;

	for (ssize_t got = 1; got;) {
		if (cap - n < 4096) {
			cap = cap ? cap * 2 : 65536;
			char *more = cap <= 2 * FETCH_BODY_MAX ? realloc(text, cap) : NULL;
			if (!more)
				return -EMSGSIZE;
			text = more;
		}
		int r = wait_for(fd, POLLIN, deadline_ns);
		if (r < 0)
			return r;
		got = recv(fd, text + n, cap - n - 1, 0);
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		n += got > 0 ? got : 0;
	}
	text[n] = 0;
	*ret_text = text;
	text = NULL;
	return 0;
}

int fetch_get(const char *base, const char *path, int64_t timeout_ms, int *ret_status, char **ret_body)
{
	__attribute__((cleanup(close_fd))) int fd = -1;
	__attribute__((cleanup(free_text))) char *text = NULL;
	int64_t deadline_ns = clock_mono_ns() + timeout_ms * CLOCK_NS_PER_MS;
	union address a;
	socklen_t size;
	int status;

	int r = parse_base(base, &a, &size);
	if (r == 0)
		r = fd = dial(&a, size, deadline_ns);
	if (r >= 0)
		r = ask(fd, path);
	if (r >= 0)
		r = read_all(fd, deadline_ns, &text);
	if (r < 0)
		return r;

	char *body = strstr(text, "\r\n\r\n");
	if (!body || sscanf(text, "HTTP/1.%*1d %3d", &status) != 1)
		return -EBADMSG;
	char *copy = strdup(body + 4);
	if (!copy)
		return -ENOMEM;
	*ret_status = status;
	*ret_body = copy;
	return 0;
}
