#include "tests/bpf/line.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define BLOCK 48
#define BATCH_MAX 256
#define RECEIVE_BUFFER (64 << 20)

static int skip(const char *what)
{
	int err = -errno;

	(void)printf("1..0 # SKIP %s: %s\n", what, strerror(-err));
	return err;
}

static int make_namespaces(struct line *l)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0)
		return skip("no namespaces of its own");
	(void)snprintf(l->pin, sizeof(l->pin), "/tmp/vedette-line-XXXXXX");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || !mkdtemp(l->pin) ||
		mount("bpf", l->pin, "bpf", 0, NULL) < 0)
		return skip("no bpf file system");
	return 0;
}

/* The addresses that packet.c gives every frame: both ends' are 02:02:02:02:02:02. */
static int make_link(struct line *l)
{
	if (system("ip link add " LINE_NEAR " address 02:02:02:02:02:02 type veth peer name " LINE_FAR " && "
		   "ip addr add " LINE_HOST "/24 dev " LINE_NEAR " && ip link set " LINE_NEAR " up && ip link set " LINE_FAR
		   " up && ip link set lo up") != 0)
		return skip("no veth pair");
	l->near = if_nametoindex(LINE_NEAR);
	l->far = if_nametoindex(LINE_FAR);
	return 0;
}

static int open_sockets(struct line *l)
{
	struct sockaddr_ll far = { .sll_family = AF_PACKET, .sll_ifindex = (int)l->far };
	struct sockaddr_in host = { .sin_family = AF_INET, .sin_port = htons(LINE_PORT) };
	struct timeval wait = { .tv_usec = 100000 };
	int size = RECEIVE_BUFFER;

	(void)inet_pton(AF_INET, LINE_HOST, &host.sin_addr);
	l->raw_fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	l->udp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (l->raw_fd < 0 || bind(l->raw_fd, (struct sockaddr *)&far, sizeof(far)) < 0 || l->udp_fd < 0 ||
		bind(l->udp_fd, (struct sockaddr *)&host, sizeof(host)) < 0 ||
		setsockopt(l->udp_fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 ||
		setsockopt(l->udp_fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0)
		return skip("no sockets");
	return 0;
}

int line_open(struct line *ret_line)
{
	struct line l = { .raw_fd = -1, .udp_fd = -1 };
	int r = make_namespaces(&l);

	if (r == 0)
		r = make_link(&l);
	if (r == 0)
		r = open_sockets(&l);
	if (r < 0)
		line_close(&l);
	else
		*ret_line = l;
	return r;
}

void line_close(struct line *line)
{
	if (line->raw_fd >= 0)
		(void)close(line->raw_fd);
	if (line->udp_fd >= 0)
		(void)close(line->udp_fd);
	if (line->pin[0]) {
		(void)umount2(line->pin, MNT_DETACH);
		(void)rmdir(line->pin);
	}
}

unsigned line_send(const struct line *line, const struct packet *frames, unsigned n)
{
	struct mmsghdr messages[BATCH_MAX] = { 0 };
	struct iovec vectors[BATCH_MAX];

	n = n < BATCH_MAX ? n : BATCH_MAX;
	for (unsigned i = 0; i < n; i++) {
		vectors[i] = (struct iovec){ (void *)frames[i].data, frames[i].size };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &vectors[i], .msg_iovlen = 1 };
	}
	int sent = sendmmsg(line->raw_fd, messages, n, 0);
	return sent < 0 ? 0 : (unsigned)sent;
}

/* /proc/net/dev: bytes, packets, errs, drop of what was received. */
uint64_t line_lost(const struct line *line)
{
	FILE *f = fopen("/proc/thread-self/net/dev", "re");
	unsigned long dropped = 0;
	char text[512];

	(void)line;
	while (f && fgets(text, sizeof(text), f)) {
		char *at = strstr(text, LINE_NEAR ":");
		if (at)
			(void)sscanf(at + strlen(LINE_NEAR ":"), "%*u %*u %*u %lu", &dropped);
	}
	if (f)
		(void)fclose(f);
	return dropped;
}

/* RFC 1071; the field is zero while it is summed. */
static void put_checksum(struct packet *p)
{
	uint32_t sum = 0;

	for (size_t at = p->ip; at < p->udp; at += 2)
		sum += (uint32_t)p->data[at] << 8 | p->data[at + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	packet_put16(p, p->ip + 10, (uint16_t)~sum);
}

void line_frame(const char *from, uint64_t number, struct packet *ret_frame)
{
	uint8_t block[BLOCK] = { 48, 0, BLOCK, 0xfd };
	struct packet_spec s = { .from = from, .to = LINE_HOST, .port = LINE_PORT, .payload = block, .payload_size = sizeof(block) };

	memcpy(block + BLOCK - sizeof(number), &number, sizeof(number));
	packet_build(&s, ret_frame);
	put_checksum(ret_frame);
}

int64_t line_number(const uint8_t *payload, size_t size)
{
	int64_t number;

	if (size != BLOCK || payload[0] != 48)
		return -1;
	memcpy(&number, payload + BLOCK - sizeof(number), sizeof(number));
	return number;
}
