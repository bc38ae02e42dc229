/*
 * bench-filter - ns a packet of the gate, beside a bare XDP_PASS and Debian's xdp-filter: medians of BPF_PROG_TEST_RUN,
 * interleaved in one run, so that all of them stand the same disturbances. A run gives whole ns; the median is taken as the
 * mean of the middle third, which is finer.
 *
 * The gate's feed has one source and a rate that is never reached: all checks are made.
 *
 * xdp-filter (package xdp-tools) is its own object with all features, default policy deny, loaded without the dispatcher that
 * its tool puts before it, which would only cost it more. Its rules are alternatives, so it cannot ask for source and port;
 * each of its maps is filled as the tool does for the rule that has to decide the same frame:
 *
 *	xdp_filter	`xdp-filter port 8600 -m dst -p udp`: looks the addresses up, misses, finds the port, passes
 *	xdp_filter_drop `xdp-filter ip 192.0.2.1 -m src`: looks addresses and ports up, finds nothing, drops
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <glob.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bpf/gate.h"
#include "tests/bpf/packet.h"

#define ROUNDS 51
#define REPEAT 200000

/* A radar's datagram: one CAT048 block of 48 bytes, a frame of 90, of IPv6 110. */
#define BLOCK 48

enum program { BARE, GATE, PEER_PORT, PEER_SOURCE, PROGRAMS };

enum frame { LISTED, UNLISTED, LISTED_IPV6, OTHER, FRAMES };

static const struct {
	const char *name;
	enum program program;
	enum frame frame;
	int action;
} runs[] = {
	{ "bare", BARE, LISTED, XDP_PASS },
	{ "pass_feed", GATE, LISTED, XDP_PASS },
	{ "drop_source", GATE, UNLISTED, XDP_DROP },
	{ "pass_feed_ipv6", GATE, LISTED_IPV6, XDP_PASS },
	{ "pass_other", GATE, OTHER, XDP_PASS },
	{ "xdp_filter", PEER_PORT, LISTED, XDP_PASS },
	{ "xdp_filter_drop", PEER_SOURCE, UNLISTED, XDP_DROP },
};

#define RUNS (sizeof(runs) / sizeof(runs[0]))

static int no_print(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	return 0;
}

/* r0 = XDP_PASS; exit */
static int load_bare(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	return bpf_prog_load(BPF_PROG_TYPE_XDP, "bare", "GPL", insns, 2, NULL);
}

/* xdp-filter's maps hold flags for each CPU (its common_kern_user.h: source 1, destination 2, TCP 4, UDP 8). */
static int add_rule(struct bpf_object *peer, const char *map, uint32_t key, uint64_t flags)
{
	int fd = bpf_object__find_map_fd_by_name(peer, map), n_cpus = libbpf_num_possible_cpus();
	uint64_t *values = calloc(n_cpus > 0 ? (size_t)n_cpus : 1, sizeof(*values));

	for (int i = 0; values && i < n_cpus; i++)
		values[i] = flags;
	int r = values ? bpf_map_update_elem(fd, &key, values, BPF_ANY) : -ENOMEM;
	free(values);
	return r;
}

/* Return: the program's descriptor, or -1. @ret_peer is to be closed. */
static int load_peer(const char *path, const char *map, uint32_t key, uint64_t flags, struct bpf_object **ret_peer)
{
	struct bpf_object *peer = bpf_object__open_file(path, NULL);
	struct bpf_program *program = NULL;
	struct bpf_map *m;

	if (!peer)
		return -1;
	bpf_object__for_each_map(m, peer)
		(void)bpf_map__set_pin_path(m, NULL);
	bpf_object__for_each_program(program, peer)
		(void)bpf_program__set_type(program, BPF_PROG_TYPE_XDP);
	*ret_peer = peer;
	if (bpf_object__load(peer) < 0 || add_rule(peer, map, key, flags) < 0)
		return -1;
	return bpf_program__fd(bpf_object__next_program(peer, NULL));
}

static void load_peers(int fds[PROGRAMS], struct bpf_object *peers[2])
{
	glob_t found;
	struct in_addr source;

	(void)inet_pton(AF_INET, "192.0.2.1", &source);
	if (glob("/usr/lib/*/bpf/xdpfilt_dny_all.o", 0, NULL, &found) == 0) {
		fds[PEER_PORT] = load_peer(found.gl_pathv[0], "filter_ports", htons(8600), 2 | 8, &peers[0]);
		fds[PEER_SOURCE] = load_peer(found.gl_pathv[0], "filter_ipv4", source.s_addr, 1, &peers[1]);
	}
	globfree(&found);
	if (fds[PEER_PORT] < 0 || fds[PEER_SOURCE] < 0)
		(void)fprintf(stderr, "bench filter.xdp_filter skipped: the objects of package xdp-tools are not there or do not load\n");
}

static void make_frames(struct packet frames[FRAMES])
{
	static const uint8_t block[BLOCK] = { 48, 0, BLOCK, 0xfd };
	struct packet_spec s = {
		.from = "192.0.2.1", .to = "239.1.1.1", .port = 8600, .payload = block, .payload_size = sizeof(block)
	};

	packet_build(&s, &frames[LISTED]);
	s.from = "192.0.3.1";
	packet_build(&s, &frames[UNLISTED]);
	s.port = 53;
	packet_build(&s, &frames[OTHER]);
	s.port = 8600;
	s.from = "2001:db8::5";
	s.to = "ff15::1";
	packet_build(&s, &frames[LISTED_IPV6]);
}

static void set_feeds(struct gate *gate)
{
	struct feed feeds[] = { gate_feed("radar1", FEED_ASTERIX, "239.1.1.1", 8600),
		gate_feed("radar2", FEED_ASTERIX, "ff15::1", 8600) };

	gate_source(&feeds[0], "192.0.2.0", 24);
	gate_source(&feeds[1], "2001:db8::", 64);
	for (int i = 0; i < 2; i++)
		feeds[i].rate_pps = feeds[i].burst_packets = 1000000000; /* limited, but never reached */
	gate_set(gate, feeds, 2);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static double median(uint32_t ns[ROUNDS])
{
	double sum = 0;

	qsort(ns, ROUNDS, sizeof(ns[0]), by_value);
	for (unsigned i = ROUNDS / 3; i < ROUNDS - ROUNDS / 3; i++)
		sum += ns[i];
	return sum / (ROUNDS - 2 * (ROUNDS / 3));
}

/* Return: false when a program did not do with a frame what it is measured for. */
static bool run_all(struct gate *gate, const int fds[PROGRAMS], const struct packet frames[FRAMES])
{
	static uint32_t ns[RUNS][ROUNDS];

	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned i = 0; i < RUNS; i++) {
			const struct packet *p = &frames[runs[i].frame];
			gate->prog_fd = fds[runs[i].program];
			if (gate->prog_fd >= 0 && gate_run(gate, p->data, p->size, REPEAT, &ns[i][round]) != runs[i].action)
				return false;
		}
	for (unsigned i = 0; i < RUNS; i++)
		if (fds[runs[i].program] >= 0)
			(void)printf("bench filter.%s %.1f ns\n", runs[i].name, median(ns[i]));
	return true;
}

int main(void)
{
	struct packet frames[FRAMES];
	struct bpf_object *peers[2] = { NULL, NULL };
	struct gate gate;

	if (gate_open(&gate) < 0) {
		(void)fprintf(stderr, "bench filter skipped: %s\n", strerror(EPERM));
		return 0;
	}
	set_feeds(&gate);
	make_frames(frames);
	(void)libbpf_set_print(no_print);

	int fds[PROGRAMS] = { load_bare(), gate.prog_fd, -1, -1 };
	load_peers(fds, peers);
	(void)printf("bench filter.insns %u instructions\n", gate_instructions(&gate));
	bool done = run_all(&gate, fds, frames);

	for (int i = 0; i < 2; i++)
		bpf_object__close(peers[i]);
	(void)close(fds[BARE]);
	gate_close(&gate);
	return done ? 0 : 1;
}
