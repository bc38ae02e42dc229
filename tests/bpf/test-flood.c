/*
 * flood - a flood of hundreds of packets to each good one: what the gate lets through arrives, all of it. The gate is the
 * interface's XDP program, then the socket's own filter alone.
 *
 * usage: test-flood [SECONDS]; prints "bench" lines beside its facts
 *
 * The flood is live frames of BPF_PROG_TEST_RUN, redirected to the far end: no socket on this machine sends as fast. The
 * good sender keeps to 2,000 packets a second. The near end's own ring (256 frames) overflows before any program runs: what
 * it loses is told apart and is no loss of ours. Both senders, and with them the near end's interrupts, have one core, as a
 * network card's queue has; the receiver has another, so that its CPU time is its own.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bpf/attach.h"
#include "bpf/policy.h"
#include "common/admit.h"
#include "common/clock.h"
#include "tests/bpf/gate.h"
#include "tests/bpf/line.h"

#define SECONDS_DEFAULT 3
#define GOOD_PPS 2000
#define FLOOD_REPEAT (1 << 16) /* frames a call: a few hundredths of a second */

struct flood {
	struct line line;
	struct gate gate;
	atomic_bool stop, settled;
	int prog_fd; /* redirects to the far end; -1 = there is no flood */
	unsigned long long flooded, sent, received; /* in this run */
	unsigned long long received_ever;
	double receiver_s; /* of a CPU */
};

/* bpf_redirect(ifindex, 0) */
static int load_redirect(unsigned ifindex)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = (int)ifindex },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	return bpf_prog_load(BPF_PROG_TYPE_XDP, "flood", "GPL", insns, sizeof(insns) / sizeof(insns[0]), NULL);
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	(void)pthread_setaffinity_np(pthread_self(), sizeof(set), &set); /* one core alone: then all are on it */
}

static void *send_flood(void *user)
{
	struct flood *f = user;
	struct packet frame;

	stay_on(0);
	line_frame(LINE_UNLISTED, 0, &frame);
	while (f->prog_fd >= 0 && !atomic_load(&f->stop)) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame.data, .data_size_in = (__u32)frame.size,
			.repeat = FLOOD_REPEAT, .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = 64);
		if (bpf_prog_test_run_opts(f->prog_fd, &opts) < 0)
			break;
		f->flooded += FLOOD_REPEAT;
	}
	return NULL;
}

static void *send_good(void *user)
{
	struct flood *f = user;
	int64_t next_ns = clock_mono_ns();

	stay_on(0);
	for (; !atomic_load(&f->stop); next_ns += CLOCK_NS_PER_S / GOOD_PPS) {
		struct packet frame;

		line_frame(LINE_LISTED, f->sent + 1, &frame);
		f->sent += line_send(&f->line, &frame, 1);
		int64_t wait_ns = next_ns - clock_mono_ns();
		if (wait_ns > 0)
			(void)nanosleep(&(struct timespec){ .tv_nsec = wait_ns }, NULL);
	}
	return NULL;
}

static void *receive_good(void *user)
{
	struct flood *f = user;
	struct rusage usage;
	uint8_t payload[2048];

	stay_on(1);
	for (;;) {
		ssize_t n = recv(f->line.udp_fd, payload, sizeof(payload), 0);
		if (n < 0 && atomic_load(&f->settled))
			break;
		f->received += n > 0 && line_number(payload, (size_t)n) > 0;
	}
	f->received_ever += f->received;
	if (getrusage(RUSAGE_THREAD, &usage) == 0)
		f->receiver_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
			(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	return NULL;
}

static void run(struct flood *f, unsigned seconds, bool flooded)
{
	void *(*const roles[])(void *) = { receive_good, send_good, send_flood };
	pthread_t threads[3];

	f->flooded = f->sent = f->received = 0;
	f->prog_fd = flooded ? load_redirect(f->line.far) : -1;
	atomic_store(&f->stop, false);
	atomic_store(&f->settled, false);
	for (int i = 0; i < 3; i++)
		if (pthread_create(&threads[i], NULL, roles[i], f))
			abort();
	(void)sleep(seconds);
	atomic_store(&f->stop, true);
	(void)pthread_join(threads[1], NULL);
	(void)pthread_join(threads[2], NULL);
	(void)usleep(200000); /* what is in the rings */
	atomic_store(&f->settled, true);
	(void)pthread_join(threads[0], NULL);
	if (f->prog_fd >= 0)
		(void)close(f->prog_fd);
}

static int failed, tests;

static void fact(bool ok, const char *text)
{
	failed += !ok;
	(void)printf("%sok %d - %s\n", ok ? "" : "not ", ++tests, text);
}

/* --- where packets are judged --- */

struct counts {
	unsigned long long dropped, let; /* since there is a line */
};

struct hook {
	const char *name, *prefix; /* of "bench" lines */
	struct counts (*count)(const struct flood *f);
};

static struct counts count_xdp(const struct flood *f)
{
	struct ingest_counts c = { 0 };

	(void)attach_counts(f->gate.attach, gate_slot(&f->gate, "radar1"), &c);
	return (struct counts){ c.verdict[INGEST_DROP_SOURCE].packets, c.verdict[INGEST_PASS_FEED].packets };
}

/* A line of names, one of values; the fifth is RcvbufErrors: let through by the filter when the buffer was full. */
static unsigned long long full_buffers(void)
{
	FILE *f = fopen("/proc/thread-self/net/snmp", "re");
	unsigned long long n = 0;
	char text[512];

	while (f && fgets(text, sizeof(text), f))
		(void)sscanf(text, "Udp: %*u %*u %*u %*u %llu", &n);
	if (f)
		(void)fclose(f);
	return n;
}

static struct counts count_socket(const struct flood *f)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t size = sizeof(info);
	unsigned long long full = full_buffers();

	(void)getsockopt(f->line.udp_fd, SOL_SOCKET, SO_MEMINFO, info, &size);
	return (struct counts){ info[SK_MEMINFO_DROPS] - full, f->received_ever + full };
}

static const struct hook xdp = { "XDP", "filter.flood", count_xdp };
static const struct hook socket_filter = { "socket filter", "filter.socket_flood", count_socket };

/* --- the facts --- */

static void report(const struct flood *f, const struct hook *hook, struct counts n, uint64_t lost, unsigned seconds)
{
	(void)printf("# %s: flood %llu, at the gate %llu; good sent %llu, let through %llu, received %llu; the ring lost %" PRIu64 "\n",
		hook->name, f->flooded, n.dropped, f->sent, n.let, f->received, lost);
	(void)printf("bench %s_ratio %.0f dropped/passed\n", hook->prefix, (double)n.dropped / (double)(n.let ? n.let : 1));
	(void)printf("bench %s_mpps %.2f Mpps\n", hook->prefix, (double)n.dropped / seconds / 1e6);
	(void)printf("bench %s_lost_behind %llu packets\n", hook->prefix, n.let - f->received);
	(void)printf("bench %s_lost_ring %llu packets\n", hook->prefix, f->sent - n.let);
}

static void measure(struct flood *f, const struct hook *hook, unsigned seconds)
{
	run(f, seconds, false);
	double quiet_s = f->receiver_s / (double)(f->received ? f->received : 1);
	fact(f->received == f->sent && f->sent > 0, "without a flood every datagram arrives");

	struct counts before = hook->count(f);
	uint64_t lost = line_lost(&f->line);
	run(f, seconds, true);
	struct counts now = hook->count(f), n = { now.dropped - before.dropped, now.let - before.let };

	report(f, hook, n, line_lost(&f->line) - lost, seconds);
	fact(n.dropped > n.let && n.let > 0, "there was a flood, and the gate dropped it");
	fact(f->received == n.let, "every datagram that was let through arrived");
	(void)printf("bench %s_receiver_cpu %.2f of quiet\n", hook->prefix,
		f->receiver_s / (double)(f->received ? f->received : 1) / quiet_s);
}

static int guard_interface(struct flood *f, const struct feed *feed)
{
	struct gate *g = &f->gate;

	*g = (struct gate){ .attach = calloc(1, sizeof(*g->attach)), .policy = calloc(1, sizeof(*g->policy)) };
	if (!g->attach || !g->policy)
		return -ENOMEM;
	int r = attach_load(LINE_NEAR, f->line.pin, g->attach);
	if (r == 0)
		r = attach_start(g->attach, f->line.pin);
	if (r < 0) {
		gate_excuse(g->attach, r);
		return r;
	}
	gate_set(g, feed, 1);
	return 0;
}

/* Without a program the near end takes live frames only while it polls (NAPI), as for GRO. */
static void poll_near(void)
{
	struct ethtool_value on = { .cmd = ETHTOOL_SGRO, .data = 1 };
	struct ifreq req = { .ifr_name = LINE_NEAR, .ifr_data = (char *)&on };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (ioctl(fd, SIOCETHTOOL, &req) < 0)
		(void)printf("# %s does not poll: %s\n", LINE_NEAR, strerror(errno));
	(void)close(fd);
}

static void guard_socket(struct flood *f, const struct feed *feed)
{
	struct sock_filter program[ADMIT_PROGRAM_MAX];
	struct sock_fprog p = { (unsigned short)admit_program(feed, ADMIT_AT_UDP, program), program };

	(void)attach_remove(LINE_NEAR, f->line.pin);
	gate_close(&f->gate);
	poll_near();
	if (setsockopt(f->line.udp_fd, SOL_SOCKET, SO_ATTACH_FILTER, &p, sizeof(p)) < 0)
		(void)printf("# no filter on the socket: %s\n", strerror(errno));
}

int main(int argc, char **argv)
{
	unsigned seconds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : SECONDS_DEFAULT;
	static struct flood f;
	struct feed feed = gate_feed("radar1", FEED_ASTERIX, LINE_HOST, LINE_PORT);

	gate_source(&feed, LINE_LISTED, 32);
	if (line_open(&f.line) < 0)
		return 0; /* skipped, as the line says */
	if (guard_interface(&f, &feed) < 0) {
		line_close(&f.line);
		return 0;
	}
	(void)printf("1..6\n");
	measure(&f, &xdp, seconds);
	guard_socket(&f, &feed);
	measure(&f, &socket_filter, seconds);
	line_close(&f.line);
	return failed > 0;
}
