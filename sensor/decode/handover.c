#include "sensor/decode/handover.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void handover_path(const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "/run/vedette/feed/%s.sock", name);
}

static int open_socket(const char *path, int flags, struct sockaddr_un *ret_address)
{
	*ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(ret_address->sun_path))
		return -ENAMETOOLONG;
	memcpy(ret_address->sun_path, path, strlen(path) + 1);

	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0);

	return fd < 0 ? -errno : fd;
}

static int close_failed(int fd)
{
	int err = -errno;

	close(fd);
	return err;
}

int handover_listen(const char *path)
{
	struct sockaddr_un address;
	int fd = open_socket(path, SOCK_NONBLOCK, &address);

	if (fd < 0)
		return fd;
	(void)unlink(path); /* ours, of a process that was killed */
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 4) < 0)
		return close_failed(fd);
	return fd;
}

int handover_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

int handover_connect(const char *path)
{
	struct sockaddr_un address;
	int fd = open_socket(path, 0, &address);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return close_failed(fd);
	return fd;
}

int handover_want(int control)
{
	const char byte = HANDOVER_WANTED;

	return send(control, &byte, 1, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int handover_wait(int control, int timeout_ms)
{
	struct pollfd p = { .fd = control, .events = POLLIN };
	char byte = 0;
	int ready = poll(&p, 1, timeout_ms);

	if (ready <= 0)
		return ready < 0 && errno != EINTR ? -errno : -ETIMEDOUT;

	ssize_t n = recv(control, &byte, 1, 0);

	if (n < 0)
		return errno == EINTR ? -ETIMEDOUT : -errno;
	return n == 0 ? -EPIPE : byte == HANDOVER_WANTED ? 0 : -ETIMEDOUT;
}

void handover_tell(int control, const void *word, size_t size)
{
	char kind = HANDOVER_WORD;
	struct iovec parts[] = { { &kind, 1 }, { (void *)word, size } };
	const struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };

	if (size <= HANDOVER_WORD_MAX)
		(void)sendmsg(control, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* One byte, room for a word behind it and for one descriptor. */
struct message {
	char byte;
	struct iovec iov[2];
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct msghdr header;
};

static void prepare(struct message *m)
{
	*m = (struct message){ .byte = HANDOVER_WANTED };
	m->iov[0] = (struct iovec){ &m->byte, 1 };
	m->header = (struct msghdr){
		.msg_iov = m->iov,
		.msg_iovlen = 1,
		.msg_control = m->control,
		.msg_controllen = sizeof(m->control),
	};
}

int handover_give(int control, int fd)
{
	struct message m;

	prepare(&m);

	struct cmsghdr *c = CMSG_FIRSTHDR(&m.header);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(control, &m.header, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int handover_take(int control, void *word, size_t *ret_size)
{
	struct message m;
	int fd;

	*ret_size = 0;
	prepare(&m);
	m.iov[1] = (struct iovec){ word, HANDOVER_WORD_MAX };
	m.header.msg_iovlen = 2;

	ssize_t n = recvmsg(control, &m.header, MSG_CMSG_CLOEXEC);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	if (n == 0)
		return -EPIPE;

	const struct cmsghdr *c = CMSG_FIRSTHDR(&m.header);

	if (m.byte == HANDOVER_WORD && !(m.header.msg_flags & MSG_TRUNC))
		*ret_size = (size_t)n - 1;
	/* More than one does not fit: the kernel closes those for us. */
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(fd)))
		return -EAGAIN;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}
