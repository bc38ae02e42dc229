#include "sensor/decode/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

#define BATCH 64 /* datagrams a recvmmsg; measured elsewhere: more gains nothing */
#define FILTER_MAX (1 + 3 * FEED_SOURCES_MAX + 2)
#define IPV4_SOURCE 12 /* offset of the source address in the IPv4 header */

bool socket_listed(const struct feed *feed, uint32_t source)
{
	struct netaddr addr = { { htonl(source) } };

	for (unsigned i = 0; i < feed->n_sources; i++)
		if (netaddr_in(&feed->sources[i], &addr))
			return true;
	return false;
}

/* For each listed network: load the source address, mask, compare. Return: instructions. */
static unsigned make_filter(const struct feed *feed, struct sock_filter *out)
{
	unsigned n = 0;

	for (unsigned i = 0; i < feed->n_sources; i++) {
		uint32_t mask = ntohl(feed->sources[i].mask.word[0]), addr = ntohl(feed->sources[i].addr.word[0]);

		out[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_NET_OFF + IPV4_SOURCE);
		out[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask);
		out[n] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, addr, 0, 0);
		/* To the last instruction, over the other networks and the refusal. */
		out[n].jt = (uint8_t)(3 * (feed->n_sources - 1 - i) + 1);
		n++;
	}
	out[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	out[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	return n;
}

/* Does the locked filter do what @program would? */
static bool same_filter(int fd, const struct sock_filter *program, unsigned n)
{
	struct sock_filter have[FILTER_MAX];
	socklen_t count = FILTER_MAX; /* of instructions, not bytes: SO_GET_FILTER is like that */

	if (getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, have, &count) < 0)
		return false;
	return count == n && !memcmp(have, program, n * sizeof(*program));
}

static int attach_filter(int fd, const struct feed *feed, bool *ret_stale)
{
	struct sock_filter program[FILTER_MAX];
	struct sock_fprog f = { .len = (unsigned short)make_filter(feed, program), .filter = program };
	int one = 1;

	*ret_stale = false;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &f, sizeof(f)) < 0) {
		if (errno != EPERM) /* locked: by us, before a restart */
			return -errno;
		*ret_stale = !same_filter(fd, program, f.len);
		return 0;
	}
	return setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof(one)) < 0 ? -errno : 0;
}

/* The interface's index as the socket's own network namespace knows it: if_nametoindex() would ask ours. */
static int interface_index(int fd, const char *name)
{
	struct ifreq req = { 0 };

	memcpy(req.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	return ioctl(fd, SIOCGIFINDEX, &req) < 0 ? -errno : req.ifr_ifindex;
}

static int join(int fd, const struct feed *feed)
{
	struct ip_mreqn req = { .imr_multiaddr.s_addr = feed->listen.addr.word[0] };
	int off = 0;

	if (!netaddr_is_group(AF_INET, &feed->listen.addr))
		return 0;
	if (feed->interface[0]) {
		req.imr_ifindex = interface_index(fd, feed->interface);
		if (req.imr_ifindex < 0)
			return req.imr_ifindex;
	}
	/* Only what this socket joined, not what others on the host did. */
	(void)setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof(off));
	if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &req, sizeof(req)) < 0 && errno != EADDRINUSE)
		return -errno;
	return 0;
}

int socket_open(const struct feed *feed)
{
	struct sockaddr_storage address;
	socklen_t size = netaddr_sockaddr(&feed->listen, &address);
	int fd = socket(feed->listen.family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
		bind(fd, (const struct sockaddr *)&address, size) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

int socket_prepare(int fd, const struct feed *feed, bool *ret_stale_filter)
{
	int one = 1, size = SOCKET_RECEIVE_BUFFER;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	/* FORCE goes past net.core.rmem_max but needs privilege; the socket unit has it (ReceiveBuffer=). */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof(one)) < 0)
		return -errno;

	int r = attach_filter(fd, feed, ret_stale_filter);

	return r < 0 ? r : join(fd, feed);
}

/*
 * On the ring's desk, so that a kill between the kernel's writing and our publishing loses nothing: the kernel sets msg_len
 * behind everything else of a message, and we begin with NOTHING in each.
 */
#define NOTHING UINT32_MAX

struct batch {
	uint64_t head;	/* the ring's when this was asked for */
	uint64_t asked; /* messages */
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	struct sockaddr_in sources[BATCH];
	_Alignas(struct cmsghdr) char control[BATCH][CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(uint32_t))];
};

_Static_assert(sizeof(struct batch) <= RING_DESK_SIZE, "a batch has room on the desk");

static void prepare_batch(struct batch *b, struct ring *ring, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		b->vectors[i] = (struct iovec){ ring_ahead(ring, i)->data, RING_DATA_MAX };
		b->messages[i].msg_len = NOTHING;
		b->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &b->sources[i],
			.msg_namelen = sizeof(b->sources[i]),
			.msg_iov = &b->vectors[i],
			.msg_iovlen = 1,
			.msg_control = b->control[i],
			.msg_controllen = sizeof(b->control[i]),
		};
	}
	b->asked = n;
	/* Until now the head is an older one, or nothing had been received behind it: either way there is nothing to recover. */
	__atomic_store_n(&b->head, ring_head(ring), __ATOMIC_RELEASE);
}

static void read_control(struct msghdr *m, struct ring_slot *slot, struct socket_stats *stats)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec t;

			memcpy(&t, CMSG_DATA(c), sizeof(t));
			slot->recv_ns = t.tv_sec * CLOCK_NS_PER_S + t.tv_nsec;
		} else if (c->cmsg_type == SO_RXQ_OVFL) {
			uint32_t drops;

			memcpy(&drops, CMSG_DATA(c), sizeof(drops));
			stats->drops += drops - stats->last_drops; /* the kernel's counter wraps */
			stats->last_drops = drops;
		}
	}
}

static void fill_slot(struct batch *b, unsigned i, struct ring_slot *slot, int64_t now_ns, struct socket_stats *stats)
{
	struct msghdr *m = &b->messages[i].msg_hdr;
	bool cut = m->msg_flags & MSG_TRUNC;

	slot->recv_ns = now_ns;
	slot->source = m->msg_namelen ? ntohl(b->sources[i].sin_addr.s_addr) : 0;
	slot->size = cut ? 0 : (uint16_t)b->messages[i].msg_len;
	slot->oversized = cut;
	read_control(m, slot, stats);
	stats->datagrams++;
	stats->bytes += b->messages[i].msg_len;
	stats->oversized += cut;
}

static void publish(struct batch *b, struct ring *ring, unsigned n, int64_t now_ns, struct socket_stats *stats)
{
	for (unsigned i = 0; i < n; i++)
		fill_slot(b, i, ring_ahead(ring, i), now_ns, stats);
	ring_publish(ring, n);
}

int socket_receive(int fd, struct ring *ring, int64_t now_ns, struct socket_stats *stats)
{
	struct batch *b = ring_desk(ring);
	unsigned room = ring_room(ring);
	unsigned n = room < BATCH ? room : BATCH;

	if (n == 0)
		return 0;
	prepare_batch(b, ring, n);

	int got = recvmmsg(fd, b->messages, n, MSG_DONTWAIT, NULL);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	publish(b, ring, (unsigned)got, now_ns, stats);
	return got;
}

unsigned socket_recover(struct ring *ring, int64_t now_ns, struct socket_stats *stats)
{
	struct batch *b = ring_desk(ring);
	unsigned n = 0;

	if (b->head != ring_head(ring) || b->asked > BATCH || b->asked > ring_room(ring))
		return 0;
	for (; n < b->asked && b->messages[n].msg_len != NOTHING; n++) {
		/* The pointers are those of the process that was killed. */
		b->messages[n].msg_hdr.msg_control = b->control[n];
		if (b->messages[n].msg_hdr.msg_controllen > sizeof(b->control[n]) || b->messages[n].msg_len > RING_DATA_MAX)
			break;
	}
	publish(b, ring, n, now_ns, stats);
	return n;
}
