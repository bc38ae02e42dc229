/*
 * vedette flood - a hostile host: UDP packets at feed ports from sources that no feed lists.
 *
 * For tests and the demo. Half come from an ordinary socket on this host's own, unlisted address; half, where the kernel
 * allows raw sockets, from forged addresses of 198.18.0.0/15, which RFC 2544 sets aside for benchmarks (or those of
 * --forge). It is bounded in time and rate, and refuses every destination outside loopback and the demo's own networks:
 * it is no tool against anybody.
 */
#include "cli/verbs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cli/simulate/dice.h"
#include "cli/simulate/value.h"
#include "common/clock.h"

#define RATE_MAX 200000 /* packets a second */
#define SECONDS_MAX 3600
#define TARGETS_MAX 8
#define FORGE_MAX 8
#define BATCH 64
#define PAYLOADS 61 /* prime: payloads and targets pair up in every way */
#define PAYLOAD_MAX 220
#define HEADERS 28 /* IPv4 and UDP */
#define BEHIND_NS (20 * CLOCK_NS_PER_MS) /* what was missed longer ago is not sent later */

struct options {
	uint64_t rate;
	double seconds;
	bool no_forge;
	const char *interface;
	struct sockaddr_in address;
	unsigned n_targets, n_forge;
	struct sockaddr_in targets[TARGETS_MAX], forge[FORGE_MAX];
};

struct payload {
	uint8_t bytes[PAYLOAD_MAX];
	size_t n;
};

struct flood {
	struct options o;
	struct dice dice;
	struct payload payloads[PAYLOADS];
	int unlisted_fd, forged_fd;
	const char *forged_reason; /* why none are forged */
	uint64_t unlisted, forged, refused, turn;
	uint8_t packets[BATCH][HEADERS + PAYLOAD_MAX];
};

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static bool in_net(const struct sockaddr_in *a, uint32_t net, unsigned bits)
{
	return (ntohl(a->sin_addr.s_addr) ^ net) >> (32 - bits) == 0;
}

/* Loopback, the demo's networks (demo/network.py) and its multicast groups. Nothing else, ever. */
static bool is_ours(const struct sockaddr_in *a)
{
	return in_net(a, 0x7f000000, 8) || in_net(a, 0x0a4d0000, 16) || in_net(a, 0xef4d0000, 16);
}

/* A quarter each: noise, a torso of an ASTERIX block, a whole CAT048 block of nobody's radar, a false AIS sentence. */
static void make_payload(struct flood *f, struct payload *p, unsigned i)
{
	static const uint8_t report[] = { 48, 0, 17, 0xf8, 9, 9, 0x10, 0x20, 0x30, 0x20, 0x05, 0x00, 0x40, 0x00, 0x01, 0x23, 0 };
	p->n = 3 + dice_u64(&f->dice) % (PAYLOAD_MAX - 3);
	for (size_t k = 0; k < p->n; k++)
		p->bytes[k] = (uint8_t)dice_u64(&f->dice);
	if (i % 4 == 1) {
		p->bytes[0] = 48;
		p->bytes[1] = 1;
	}
	if (i % 4 == 2) {
		memcpy(p->bytes, report, sizeof(report));
		p->n = sizeof(report);
	}
	if (i % 4 == 3)
		p->n = (size_t)snprintf((char *)p->bytes, PAYLOAD_MAX, "!AIVDM,1,1,,A,14eG;%08lxPjnlHOB3=1TQ<00000,0*00\r\n",
			(unsigned long)(dice_u64(&f->dice) & 0xffffffff));
}

static int open_unlisted(struct flood *f)
{
	const int size = 4 << 20;
	f->unlisted_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (f->unlisted_fd < 0)
		return -errno;
	(void)setsockopt(f->unlisted_fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_addr = f->o.address.sin_addr };
	if (bind(f->unlisted_fd, (struct sockaddr *)&local, sizeof(local)) < 0)
		return -errno;
	return 0;
}

/* Without CAP_NET_RAW there are no forged packets: said, not fatal. */
static void open_forged(struct flood *f)
{
	const int size = 4 << 20;
	if (f->o.no_forge) {
		f->forged_reason = "not asked for";
		return;
	}
	f->forged_fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
	if (f->forged_fd < 0)
		f->forged_reason = strerror(errno);
	else
		(void)setsockopt(f->forged_fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static int choose_interface(const struct flood *f, int fd)
{
	struct ip_mreqn m = { .imr_address = f->o.address.sin_addr };
	if (f->o.interface) {
		m.imr_ifindex = (int)if_nametoindex(f->o.interface);
		if (m.imr_ifindex == 0)
			return -errno;
	}
	return setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &m, sizeof(m)) < 0 ? -errno : 0;
}

static int open_sockets(struct flood *f)
{
	f->unlisted_fd = f->forged_fd = -1;
	int r = open_unlisted(f);
	open_forged(f);
	if (r == 0)
		r = choose_interface(f, f->unlisted_fd);
	if (r == 0 && f->forged_fd >= 0)
		r = choose_interface(f, f->forged_fd);
	return r;
}

static void store16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static size_t forge(struct flood *f, uint8_t *packet, const struct sockaddr_in *to, const struct payload *p)
{
	uint32_t source = htonl(0xc6120000 | (uint32_t)(dice_u64(&f->dice) & 0x1ffff));
	if (f->o.n_forge)
		source = f->o.forge[dice_u64(&f->dice) % f->o.n_forge].sin_addr.s_addr;
	memset(packet, 0, HEADERS);
	packet[0] = 0x45;
	store16(packet + 2, (unsigned)(HEADERS + p->n));
	packet[8] = 2;
	packet[9] = IPPROTO_UDP; /* the kernel fills in the header's checksum; UDP's is left out */
	memcpy(packet + 12, &source, 4);
	memcpy(packet + 16, &to->sin_addr, 4);
	store16(packet + 20, 1024 + (unsigned)(dice_u64(&f->dice) % 60000));
	store16(packet + 22, ntohs(to->sin_port));
	store16(packet + 24, (unsigned)(8 + p->n));
	memcpy(packet + HEADERS, p->bytes, p->n);
	return HEADERS + p->n;
}

static void send_batch(struct flood *f, bool forged, unsigned n)
{
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	memset(messages, 0, sizeof(messages));
	for (unsigned i = 0; i < n; i++, f->turn++) {
		struct payload *p = &f->payloads[f->turn % PAYLOADS];
		struct sockaddr_in *to = &f->o.targets[f->turn / 2 % f->o.n_targets];
		parts[i] = (struct iovec){ p->bytes, p->n };
		if (forged)
			parts[i] = (struct iovec){ f->packets[i], forge(f, f->packets[i], to, p) };
		messages[i].msg_hdr = (struct msghdr){ .msg_name = to, .msg_namelen = sizeof(*to), .msg_iov = &parts[i],
			.msg_iovlen = 1 };
	}
	int sent = sendmmsg(forged ? f->forged_fd : f->unlisted_fd, messages, n, 0);
	sent = sent < 0 ? 0 : sent;
	*(forged ? &f->forged : &f->unlisted) += (unsigned)sent;
	f->refused += n - (unsigned)sent;
}

static void run(struct flood *f)
{
	const struct timespec nap = { 0, CLOCK_NS_PER_MS };
	int64_t start = clock_mono_ns(), end = start + (int64_t)(f->o.seconds * 1e9);
	int64_t paid = start; /* up to here everything due was sent */
	bool forged = false;
	for (int64_t now = start; !stopped && now < end; now = clock_mono_ns()) {
		if (now - paid > BEHIND_NS)
			paid = now - BEHIND_NS;
		uint64_t due = (uint64_t)(now - paid) * f->o.rate / CLOCK_NS_PER_S;
		paid += (int64_t)(due * CLOCK_NS_PER_S / f->o.rate);
		while (due > 0) {
			unsigned n = due < BATCH ? (unsigned)due : BATCH;
			forged = !forged && f->forged_fd >= 0;
			send_batch(f, forged, n);
			due -= n;
		}
		nanosleep(&nap, NULL);
	}
	f->o.seconds = (double)(clock_mono_ns() - start) * 1e-9;
}

static int usage(void)
{
	fprintf(stderr, "usage: vedette flood " FLOOD_USAGE "\n");
	return 2;
}

static int refuse(const char *option, const char *text, const char *reason)
{
	fprintf(stderr, "vedette flood: %s %s: %s\n", option, text, reason);
	return -EINVAL;
}

static int add_target(struct options *o, const char *text)
{
	struct sockaddr_in a;
	if (value_address(text, true, &a) < 0)
		return refuse("--to", text, "ADDR:PORT expected");
	if (!is_ours(&a))
		return refuse("--to", text, "not loopback, 10.77.0.0/16 or 239.77.0.0/16: refused");
	if (o->n_targets == TARGETS_MAX)
		return refuse("--to", text, "too many");
	o->targets[o->n_targets++] = a;
	return 0;
}

static int add_forge(struct options *o, const char *text)
{
	if (o->n_forge == FORGE_MAX)
		return refuse("--forge", text, "too many");
	if (value_address(text, false, &o->forge[o->n_forge]) < 0)
		return refuse("--forge", text, "ADDR expected");
	o->n_forge++;
	return 0;
}

static int parse_option(struct options *o, int c, const char *text)
{
	switch (c) {
	case 'r':
		if (value_uint(text, &o->rate) < 0 || o->rate < 1 || o->rate > RATE_MAX)
			return refuse("--rate", text, "1 to 200000 packets a second expected");
		return 0;
	case 's':
		if (value_number(text, VALUE_PLAIN, &o->seconds) < 0 || o->seconds <= 0 || o->seconds > SECONDS_MAX)
			return refuse("--seconds", text, "more than 0, at most 3600 expected");
		return 0;
	case 't':
		return add_target(o, text);
	case 'a':
		return value_address(text, false, &o->address) < 0 ? refuse("--address", text, "ADDR expected") : 0;
	case 'f':
		return add_forge(o, text);
	case 'i':
		o->interface = text;
		return 0;
	case 'n':
		o->no_forge = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static int parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "rate", required_argument, NULL, 'r' },	 { "seconds", required_argument, NULL, 's' },
		{ "to", required_argument, NULL, 't' },		 { "address", required_argument, NULL, 'a' },
		{ "interface", required_argument, NULL, 'i' }, { "forge", required_argument, NULL, 'f' },
		{ "no-forge", no_argument, NULL, 'n' },	 { 0 },
	};
	*o = (struct options){ .rate = 100000 };
	optind = 1;
	for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;)
		if (parse_option(o, c, optarg) < 0)
			return -EINVAL;
	return optind == argc && o->n_targets > 0 && o->seconds > 0 ? 0 : -EINVAL;
}

static void print_summary(const struct flood *f)
{
	uint64_t sent = f->unlisted + f->forged;
	printf("{\"seconds\":%.2f,\"sent\":%lu,\"unlisted\":%lu,\"forged\":%lu,\"refused\":%lu,\"pps\":%.0f", f->o.seconds,
		(unsigned long)sent, (unsigned long)f->unlisted, (unsigned long)f->forged, (unsigned long)f->refused,
		(double)sent / f->o.seconds);
	if (f->forged_reason)
		printf(",\"not_forged\":\"%s\"", f->forged_reason);
	printf("}\n");
}

int flood_run(int argc, char **argv)
{
	static struct flood f; /* large; one a process */
	struct sigaction action = { .sa_handler = on_signal };

	if (parse_options(&f.o, argc, argv) < 0)
		return usage();
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	dice_init(&f.dice, 1, "flood");
	for (unsigned i = 0; i < PAYLOADS; i++)
		make_payload(&f, &f.payloads[i], i);
	int r = open_sockets(&f);
	if (r < 0) {
		fprintf(stderr, "vedette flood: %s\n", strerror(-r));
	} else {
		run(&f);
		print_summary(&f);
	}
	if (f.unlisted_fd >= 0)
		close(f.unlisted_fd);
	if (f.forged_fd >= 0)
		close(f.forged_fd);
	return r < 0 ? 1 : 0;
}
