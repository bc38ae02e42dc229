#include "sensor/decode/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/admit.h"
#include "common/clock.h"

#define BATCH 64 /* datagrams a recvmmsg; measured elsewhere: more gains nothing */

static int attach_filter(int fd, const struct feed *feed)
{
	struct sock_filter program[ADMIT_PROGRAM_MAX];
	struct sock_fprog f = { .len = (unsigned short)admit_program(feed, ADMIT_AT_UDP, program), .filter = program };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &f, sizeof(f)) < 0 ? -errno : 0;
}

/* The interface's index as the socket's own network namespace knows it: if_nametoindex() would ask ours. */
static int interface_index(int fd, const char *name)
{
	struct ifreq req = { 0 };

	memcpy(req.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
	return ioctl(fd, SIOCGIFINDEX, &req) < 0 ? -errno : req.ifr_ifindex;
}

/* Of what others on the host joined, nothing: *_MULTICAST_ALL off. */
static int join4(int fd, const struct netaddr *group, int ifindex)
{
	struct ip_mreqn req = { .imr_multiaddr.s_addr = group->word[0], .imr_ifindex = ifindex };
	int off = 0;

	(void)setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof(off));
	return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &req, sizeof(req));
}

static int join6(int fd, const struct netaddr *group, int ifindex)
{
	struct ipv6_mreq req = { .ipv6mr_interface = (unsigned)ifindex };
	int off = 0;

	memcpy(&req.ipv6mr_multiaddr, group->word, sizeof(req.ipv6mr_multiaddr));
	(void)setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &off, sizeof(off));
	return setsockopt(fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &req, sizeof(req));
}

int socket_join(int fd, const struct feed *feed)
{
	const struct netaddr_endpoint *group = &feed->listen;
	int ifindex = 0;

	if (!netaddr_is_group(group->family, &group->addr))
		return 0;
	if (feed->interface[0]) {
		ifindex = interface_index(fd, feed->interface);
		if (ifindex < 0)
			return ifindex;
	}

	int r = group->family == AF_INET6 ? join6(fd, &group->addr, ifindex) : join4(fd, &group->addr, ifindex);

	return r < 0 && errno != EADDRINUSE ? -errno : 0;
}

/* FORCE goes past net.core.rmem_max but needs privilege. */
static void enlarge(int fd)
{
	int size = SOCKET_RECEIVE_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

int socket_open(const struct feed *feed)
{
	struct sockaddr_storage address;
	socklen_t size = netaddr_sockaddr(&feed->listen, &address);
	int fd = socket(feed->listen.family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0)
		return -errno;
	enlarge(fd);
	if (feed->listen.family == AF_INET6) {
		int scope = interface_index(fd, feed->interface);

		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
		/* Addresses of a link mean nothing without it; others ignore it. */
		((struct sockaddr_in6 *)&address)->sin6_scope_id = scope > 0 ? (uint32_t)scope : 0;
	}
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
		bind(fd, (const struct sockaddr *)&address, size) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

int socket_prepare(int fd, const struct feed *feed, int *ret_filter)
{
	int one = 1, flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)) < 0)
		return -errno;
	*ret_filter = attach_filter(fd, feed);
	return 0;
}

uint32_t socket_drops(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t size = sizeof(info);

	return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &size) < 0 ? 0 : info[SK_MEMINFO_DROPS];
}

/*
 * On the ring's desk, so that a kill between the kernel's writing and our publishing loses nothing: the kernel sets msg_len
 * behind everything else of a message, and we begin with NOTHING in each. Of two counts, the one with the ring's head is
 * the true one; the other is written for the head to come.
 */
#define NOTHING UINT32_MAX

struct tally {
	uint64_t head;
	struct socket_stats stats;
};

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct batch {
	uint64_t head;	/* the ring's when this was asked for */
	uint64_t asked; /* messages */
	struct tally tallies[2];
	struct mmsghdr messages[BATCH];
	struct iovec vectors[BATCH];
	union address sources[BATCH];
	_Alignas(struct cmsghdr) char control[BATCH][CMSG_SPACE(sizeof(struct timespec))];
};

_Static_assert(sizeof(struct batch) <= RING_DESK_SIZE, "a batch has room on the desk");

static struct tally *find_tally(struct batch *b, uint64_t head)
{
	for (unsigned i = 0; i < 2; i++)
		if (b->tallies[i].head == head)
			return &b->tallies[i];
	b->tallies[0] = (struct tally){ .head = head };
	return &b->tallies[0];
}

const struct socket_stats *socket_stats(struct ring *ring)
{
	return &find_tally(ring_desk(ring), ring_head(ring))->stats;
}

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

static int64_t receive_time(struct msghdr *m, int64_t now_ns)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct timespec t;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		return t.tv_sec * CLOCK_NS_PER_S + t.tv_nsec;
	}
	return now_ns;
}

static struct netaddr sender(const union address *a)
{
	struct netaddr addr = { 0 };

	if (a->any.sa_family == AF_INET6)
		memcpy(addr.word, &a->in6.sin6_addr, sizeof(addr.word));
	else
		addr.word[0] = a->in.sin_addr.s_addr;
	return addr;
}

/* What tells senders apart: the address itself, of IPv6 a mix of all of it (multiplier: Fibonacci hashing, Knuth 6.4). */
static uint32_t key_of(sa_family_t family, const struct netaddr *addr)
{
	uint64_t mix = 0;

	if (family == AF_INET)
		return ntohl(addr->word[0]);
	for (unsigned w = 0; w < 4; w++)
		mix = (mix ^ addr->word[w]) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(mix >> 32);
}

static void judge(const struct feed *feed, const struct batch *b, unsigned i, struct ring_slot *slot, struct socket_stats *stats)
{
	sa_family_t family = b->messages[i].msg_hdr.msg_namelen ? b->sources[i].any.sa_family : 0;
	struct netaddr addr = sender(&b->sources[i]);
	enum admit_verdict v = admit_datagram(feed, family, &addr, slot->data, slot->size);

	slot->source = key_of(family, &addr);
	stats->datagrams++;
	stats->bytes += b->messages[i].msg_len;
	stats->unlisted += v == ADMIT_SOURCE;
	stats->oversized += v != ADMIT_SOURCE && slot->oversized;
	stats->wrong_format += v == ADMIT_PAYLOAD && !slot->oversized;
	if (v != ADMIT_PASS)
		slot->size = 0;
}

static void publish(const struct feed *feed, struct batch *b, struct ring *ring, unsigned n, int64_t now_ns)
{
	struct tally *old = find_tally(b, ring_head(ring)), *new = &b->tallies[old == b->tallies];
	struct socket_stats stats = old->stats;

	for (unsigned i = 0; i < n; i++) {
		struct ring_slot *slot = ring_ahead(ring, i);
		struct msghdr *m = &b->messages[i].msg_hdr;

		slot->oversized = (m->msg_flags & MSG_TRUNC) != 0;
		slot->size = slot->oversized ? 0 : (uint16_t)b->messages[i].msg_len;
		slot->recv_ns = receive_time(m, now_ns);
		judge(feed, b, i, slot, &stats);
	}
	new->stats = stats;
	__atomic_store_n(&new->head, ring_head(ring) + n, __ATOMIC_RELEASE);
	ring_publish(ring, n);
}

int socket_receive(int fd, const struct feed *feed, struct ring *ring, int64_t now_ns)
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
	publish(feed, b, ring, (unsigned)got, now_ns);
	return got;
}

unsigned socket_recover(const struct feed *feed, struct ring *ring, int64_t now_ns)
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
	if (n)
		publish(feed, b, ring, n, now_ns);
	return n;
}
