/*
 * test-admit - mutated frames through a socket's filter as the kernel runs it, admit_datagram() and the plain C reference:
 * the three say the same of every frame that is about the feed.
 *
 * usage: test-admit [FRAMES [SEED]]
 *
 * The kernel's side is an AF_PACKET socket at the end of a veth pair in a namespace of the test's own. A frame's number is in
 * its source MAC address, the last one of a batch is known to pass: what did not come before it was refused. Not compared,
 * because a socket cannot know it or never sees it: rates, fragments, VLAN tags, protocols other than UDP behind the IP header
 * (extension headers, too: a UDP socket's packets begin behind them) and other destinations.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "common/admit.h"
#include "tests/bpf/reference.h"

#define FRAMES_DEFAULT 1200000
#define BATCH 256		  /* numbered by one byte; the last one is known to pass */
#define BATCHES_PER_FEED 16
#define FRAME_MAX 640
#define RECEIVE_BUFFER (16 << 20)
#define ETHERNET 14
#define UDP 8

struct frame {
	uint8_t data[FRAME_MAX];
	size_t size;
};

enum said { REFUSED, PASSED, UNKNOWN };

struct test {
	int far, near; /* AF_PACKET sockets: frames in, admitted ones out */
	struct feed feed;
	struct frame frames[BATCH];
	bool passed[BATCH];
	unsigned compared[2], verdicts[3], with_reference[2]; /* by family: IPv4, IPv6; by enum admit_verdict */
	unsigned differ;
};

static uint64_t random_state;

/* xorshift64* (Vigna, 2016): the same frames from the same seed everywhere. */
static uint32_t random_below(uint32_t n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)(random_state * UINT64_C(2685821657736338717) >> 32) % n;
}

#define PICK(list) ((list)[random_below(sizeof(list) / sizeof((list)[0]))])

/* --- feeds and frames --- */

static struct netaddr pick_address(sa_family_t family)
{
	static const char *const four[] = { "10.0.0.1", "10.0.0.2", "192.0.2.1", "192.0.2.2", "192.0.2.130", "198.51.100.7",
		"0.0.0.0", "255.255.255.255" };
	static const char *const six[] = { "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "2001:db9::1", "fe80::1", "fe80::1:1",
		"::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" };
	struct netaddr addr = { 0 };

	(void)inet_pton(family, family == AF_INET ? PICK(four) : PICK(six), addr.word);
	return addr;
}

static struct netaddr_network pick_network(sa_family_t family)
{
	unsigned bits = family == AF_INET ? 32 : 128, prefix = random_below(3) ? bits : random_below(bits + 1);
	struct netaddr_network net = { .family = family, .addr = pick_address(family) };

	for (unsigned w = 0; w < bits / 32; w++, prefix = prefix > 32 ? prefix - 32 : 0) {
		net.mask.word[w] = prefix >= 32 ? UINT32_MAX : htonl(~(uint32_t)(UINT64_C(0xffffffff) >> prefix));
		net.addr.word[w] &= net.mask.word[w];
	}
	return net;
}

static void make_feed(struct feed *f)
{
	sa_family_t family = random_below(2) ? AF_INET6 : AF_INET;

	memset(f, 0, sizeof(*f));
	strcpy(f->name, "feed1");
	f->format = (enum feed_format)random_below(_FEED_FORMAT_MAX);
	(void)netaddr_endpoint(family == AF_INET ? "239.1.1.1:8600" : "[ff15::1]:8600", &f->listen);
	for (unsigned n = 1 + random_below(FEED_SOURCES_MAX); f->n_sources < n;)
		f->sources[f->n_sources++] = pick_network(family);
}

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static size_t make_blocks(uint8_t *p, unsigned blocks)
{
	size_t n = 0;

	for (; blocks; blocks--) {
		size_t len = 4 + random_below(8);

		memset(p + n, 7, len);
		p[n] = random_below(30) ? 48 : 0;
		put16(p + n + 1, random_below(30) ? len : random_below(20));
		n += len;
	}
	return n;
}

static size_t make_payload(const struct feed *f, uint8_t *p)
{
	size_t n = random_below(random_below(8) ? 100 : 400);

	if (f->format == FEED_ASTERIX && random_below(8))
		return make_blocks(p, 1 + random_below(12));
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)random_below(256);
	if (random_below(8))
		p[0] = (uint8_t)"!$\\URN\x1a*@%M\x06\x47\x80\xbf?"[random_below(16)];
	return n;
}

static size_t put_ip(const struct feed *f, const struct netaddr *from, uint8_t *ip, size_t behind)
{
	bool six = f->listen.family == AF_INET6;
	size_t header = six ? 40 : 20 + 4 * (random_below(3) ? 0 : random_below(11)), address = six ? 16 : 4;

	memset(ip, 1 /* of options: no operation */, header);
	ip[0] = (uint8_t)(six ? 0x60 : 0x40 | header / 4);
	put16(ip + (six ? 4 : 2), six ? behind : header + behind);
	if (!six)
		put16(ip + 6, 0);
	ip[six ? 6 : 9] = IPPROTO_UDP;
	memcpy(ip + (six ? 8 : 12), from->word, address);
	memcpy(ip + (six ? 24 : 16), f->listen.addr.word, address);
	return header;
}

static uint8_t *put_frame(const struct feed *f, const struct netaddr *from, const uint8_t *payload, size_t n, struct frame *out)
{
	uint8_t *ip = out->data + ETHERNET, *udp = ip + put_ip(f, from, ip, UDP + n);

	memset(out->data, 0x02, ETHERNET);
	put16(out->data + 12, f->listen.family == AF_INET6 ? ETH_P_IPV6 : ETH_P_IP);
	put16(udp, 40000);
	put16(udp + 2, ntohs(f->listen.port));
	put16(udp + 4, UDP + n);
	put16(udp + 6, 0);
	memcpy(udp + UDP, payload, n);
	out->size = (size_t)(udp + UDP + n - out->data);
	return udp;
}

static void make_frame(const struct feed *f, struct frame *out)
{
	uint8_t payload[400], *udp;
	bool listed = random_below(2);
	struct netaddr from = listed ? f->sources[random_below(f->n_sources)].addr : pick_address(f->listen.family);
	size_t n = make_payload(f, payload);

	udp = put_frame(f, &from, payload, n, out);
	if (random_below(5) == 0) { /* a length that lies */
		static const size_t offsets[] = { 2, 4 };
		uint8_t *at = random_below(2) ? out->data + ETHERNET + PICK(offsets) : udp + 4;

		put16(at, random_below(random_below(2) ? 80 : 65536));
	}
	if (random_below(8) == 0) /* padding, as on a wire */
		out->size += random_below(20);
	for (uint32_t flips = random_below(4) ? 0u : random_below(8); flips; flips--)
		out->data[ETHERNET + random_below((uint32_t)(out->size - ETHERNET))] = (uint8_t)random_below(256);
	if (random_below(8) == 0)
		out->size = ETHERNET + random_below((uint32_t)(out->size - ETHERNET) + 1);
}

static void make_known(const struct feed *f, struct frame *out)
{
	static const uint8_t payloads[_FEED_FORMAT_MAX][12] = {
		[FEED_AIS] = "!", [FEED_ASTERIX] = { 48, 0, 12 }, [FEED_CAMERA] = { 0x80 }, [FEED_NMEA] = "$",
		[FEED_ADSB] = "*", [FEED_KLV] = { 6 },
	};

	(void)put_frame(f, &f->sources[0].addr, payloads[f->format], sizeof(payloads[0]), out);
}

/* --- what each of them says --- */

static size_t get16(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

/* The kernel's part before a socket: IP and UDP headers. Then admit_datagram(). */
static enum said said_by_c(const struct feed *f, const struct frame *frame, enum admit_verdict *ret_verdict)
{
	const uint8_t *ip = frame->data + ETHERNET;
	bool six = f->listen.family == AF_INET6;
	size_t size = frame->size - ETHERNET, header = six ? 40 : 4u * (ip[0] & 15);
	struct netaddr from = { 0 };

	if (size < (six ? 40 : 20) || ip[0] >> 4 != (six ? 6 : 4) || header < 20)
		return REFUSED;
	if (ip[six ? 6 : 9] != IPPROTO_UDP || (!six && get16(ip + 6) & 0x3fff))
		return UNKNOWN;
	if (size < header + UDP)
		return REFUSED;

	size_t total = six ? 40 + get16(ip + 4) : get16(ip + 2), length = get16(ip + header + 4);

	if (length < UDP || header + length > total || header + length > size)
		return REFUSED;
	memcpy(from.word, ip + (six ? 8 : 12), six ? 16 : 4);
	*ret_verdict = admit_datagram(f, f->listen.family, &from, ip + header + UDP, length - UDP);
	return *ret_verdict == ADMIT_PASS ? PASSED : REFUSED;
}

static enum said said_by_reference(const struct feed *f, const struct frame *frame, enum admit_verdict *ret_verdict)
{
	switch (reference_judge(f, 1, frame->data, frame->size).verdict) {
	case INGEST_PASS_FEED:
		*ret_verdict = ADMIT_PASS;
		return PASSED;
	case INGEST_DROP_SOURCE:
		*ret_verdict = ADMIT_SOURCE;
		return REFUSED;
	case INGEST_DROP_SANITY:
		*ret_verdict = ADMIT_PAYLOAD;
		return REFUSED;
	case INGEST_MALFORMED:
		return REFUSED;
	default:
		return UNKNOWN;
	}
}

static void print_frame(const struct test *t, unsigned i, enum said c, enum said reference)
{
	const struct frame *frame = &t->frames[i];

	(void)printf("# format %d: kernel %d, admit_datagram %d, reference %d of", t->feed.format, t->passed[i], c, reference);
	for (size_t k = 0; k < frame->size; k++)
		(void)printf("%s%02x", k % 32 ? " " : "\n# ", frame->data[k]);
	(void)printf("\n");
}

static void compare(struct test *t, unsigned i)
{
	enum admit_verdict by_c = ADMIT_PASS, by_reference = ADMIT_PASS;
	enum said c = said_by_c(&t->feed, &t->frames[i], &by_c);
	enum said reference = said_by_reference(&t->feed, &t->frames[i], &by_reference);
	enum said kernel = t->passed[i] ? PASSED : REFUSED;
	unsigned six = t->feed.listen.family == AF_INET6;

	if (c == UNKNOWN)
		return;
	t->compared[six]++;
	t->verdicts[by_c] += c == PASSED || by_c != ADMIT_PASS;
	t->with_reference[six] += reference != UNKNOWN;
	if (kernel == c && (reference == UNKNOWN || (reference == c && by_reference == by_c)))
		return;
	if (t->differ++ < 5)
		print_frame(t, i, c, reference);
}

/* --- the line --- */

static int skip(const char *what)
{
	(void)printf("1..0 # SKIP %s: %s\n", what, strerror(errno));
	return -1;
}

static int open_end(int type, const char *interface)
{
	struct sockaddr_ll end = { .sll_family = AF_PACKET, .sll_protocol = htons(type == SOCK_RAW ? 0 : ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, type | SOCK_CLOEXEC, 0), size = RECEIVE_BUFFER;
	struct timeval wait = { .tv_sec = 5 };

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
		bind(fd, (const struct sockaddr *)&end, sizeof(end)) < 0)
		return -1;
	return fd;
}

/* One core alone: frames stay in order. */
static int open_line(struct test *t)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
	if (unshare(CLONE_NEWNET) < 0)
		return skip("no network namespace of its own");
	if (system("ip link add vd-near type veth peer name vd-far && ip link set vd-near up && ip link set vd-far up") != 0)
		return skip("no veth pair");
	t->far = open_end(SOCK_RAW, "vd-far");
	t->near = open_end(SOCK_DGRAM, "vd-near");
	return t->far < 0 || t->near < 0 ? skip("no packet sockets") : 0;
}

static bool send_batch(const struct test *t)
{
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec vectors[BATCH];
	unsigned sent = 0;

	for (unsigned i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){ (void *)t->frames[i].data, t->frames[i].size };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &vectors[i], .msg_iovlen = 1 };
	}
	while (sent < BATCH) {
		int n = sendmmsg(t->far, messages + sent, BATCH - sent, 0);

		if (n < 0 && errno != ENOBUFS)
			return false;
		sent += n > 0 ? (unsigned)n : 0;
	}
	return true;
}

/* Up to the frame that is known to pass. */
static bool receive_batch(struct test *t)
{
	struct sockaddr_ll from;
	uint8_t byte;

	memset(t->passed, 0, sizeof(t->passed));
	while (!t->passed[BATCH - 1]) {
		socklen_t size = sizeof(from);

		if (recvfrom(t->near, &byte, sizeof(byte), 0, (struct sockaddr *)&from, &size) < 0)
			return false;
		if (!memcmp(from.sll_addr, "\2\2\2\2\2", ETH_ALEN - 1)) /* not the kernel's own talk */
			t->passed[from.sll_addr[5]] = true;
	}
	return true;
}

static bool run_batch(struct test *t)
{
	for (unsigned i = 0; i < BATCH; i++) {
		if (i == BATCH - 1)
			make_known(&t->feed, &t->frames[i]);
		else
			make_frame(&t->feed, &t->frames[i]);
		t->frames[i].data[ETH_ALEN + 5] = (uint8_t)i;
	}
	if (!send_batch(t) || !receive_batch(t))
		return false;
	for (unsigned i = 0; i < BATCH; i++)
		compare(t, i);
	return true;
}

static bool next_feed(struct test *t)
{
	struct sock_filter program[ADMIT_PROGRAM_MAX];

	make_feed(&t->feed);
	struct sock_fprog f = { (unsigned short)admit_program(&t->feed, ADMIT_AT_NETWORK, program), program };
	return setsockopt(t->near, SOL_SOCKET, SO_ATTACH_FILTER, &f, sizeof(f)) == 0;
}

int main(int argc, char **argv)
{
	static struct test t;
	unsigned frames = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : FRAMES_DEFAULT;
	bool whole = true;

	random_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	if (open_line(&t) < 0)
		return 0; /* skipped, as the line says */
	for (unsigned b = 0; whole && b * BATCH < frames; b++)
		whole = (b % BATCHES_PER_FEED || next_feed(&t)) && run_batch(&t);

	bool all = t.verdicts[ADMIT_PASS] && t.verdicts[ADMIT_SOURCE] && t.verdicts[ADMIT_PAYLOAD] && t.compared[0] && t.compared[1];

	(void)printf("# compared %u of IPv4 (%u with the reference), %u of IPv6 (%u); %u admitted, %u of no listed source, %u of another format\n",
		t.compared[0], t.with_reference[0], t.compared[1], t.with_reference[1], t.verdicts[ADMIT_PASS],
		t.verdicts[ADMIT_SOURCE], t.verdicts[ADMIT_PAYLOAD]);
	(void)printf("1..3\n%sok 1 - every frame arrived or was refused\n", whole ? "" : "not ");
	(void)printf("%sok 2 - socket filter, admit_datagram() and reference agree on %u frames\n", t.differ ? "not " : "",
		t.compared[0] + t.compared[1]);
	(void)printf("%sok 3 - every verdict was among them, in both families\n", all ? "" : "not ");
	return !whole || t.differ || !all;
}
