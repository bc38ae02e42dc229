/*
 * bench-filter - ns a packet of the gate against a bare XDP_PASS, interleaved in one run: medians of BPF_PROG_TEST_RUN.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bpf/gate.h"
#include "tests/bpf/packet.h"

#define ROUNDS 15
#define REPEAT 300000

/* A radar's datagram: one CAT048 block of 48 bytes, a frame of 90. */
#define BLOCK 48

enum { BARE, PASS_FEED, DROP_SOURCE, PASS_OTHER, FRAMES };

static const char *const names[FRAMES] = { "bare", "pass_feed", "drop_source", "pass_other" };

/* r0 = XDP_PASS; exit */
static int load_bare(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	return bpf_prog_load(BPF_PROG_TYPE_XDP, "bare", "GPL", insns, 2, NULL);
}

static void make_frames(struct packet frames[FRAMES])
{
	static const uint8_t block[BLOCK] = { 48, 0, BLOCK, 0xfd };
	struct packet_spec s = {
		.from = "192.0.2.1", .to = "239.1.1.1", .port = 8600, .payload = block, .payload_size = sizeof(block)
	};

	packet_build(&s, &frames[PASS_FEED]);
	frames[BARE] = frames[PASS_FEED];
	s.from = "192.0.3.1";
	packet_build(&s, &frames[DROP_SOURCE]);
	s.port = 53;
	packet_build(&s, &frames[PASS_OTHER]);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

int main(void)
{
	static uint32_t ns[FRAMES][ROUNDS];
	struct packet frames[FRAMES];
	struct gate gate;

	if (gate_open(&gate) < 0) {
		(void)fprintf(stderr, "bench filter skipped: %s\n", strerror(EPERM));
		return 0;
	}
	struct feed feed = gate_feed("radar1", FEED_ASTERIX, "239.1.1.1", 8600);
	gate_source(&feed, "192.0.2.0", 24);
	feed.rate_pps = feed.burst_packets = 1000000000; /* limited, but never reached */
	gate_set(&gate, &feed, 1);

	int filter_fd = gate.prog_fd, bare_fd = load_bare();
	if (bare_fd < 0)
		return 1;
	make_frames(frames);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < FRAMES; i++) {
			gate.prog_fd = i == BARE ? bare_fd : filter_fd;
			if (gate_run(&gate, frames[i].data, frames[i].size, REPEAT, &ns[i][round]) < 0)
				return 1;
		}
	for (int i = 0; i < FRAMES; i++) {
		qsort(ns[i], ROUNDS, sizeof(ns[i][0]), by_value);
		(void)printf("bench filter.%s %u ns\n", names[i], ns[i][ROUNDS / 2]);
	}
	gate.prog_fd = filter_fd;
	(void)printf("bench filter.insns %u instructions\n", gate_instructions(&gate));
	(void)close(bare_fd);
	gate_close(&gate);
	return 0;
}
