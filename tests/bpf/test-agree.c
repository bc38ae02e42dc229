/*
 * agree - a million mutated frames of both families: the program, the plain C reference, and of what is a whole datagram the
 * feed's socket say the same. What the kernel runs on that socket test-admit compares.
 *
 * usage: test-agree [FRAMES [SEED]]
 */
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/attach.h"
#include "common/admit.h"
#include "tests/bpf/frames.h"
#include "tests/bpf/gate.h"
#include "tests/bpf/packet.h"
#include "tests/bpf/reference.h"

#define FRAMES_DEFAULT 1000000
#define FRAMES_PER_POLICY 20000

static bool count_moved(const struct gate *gate, struct ingest_counts *all, struct reference_judgement j)
{
	unsigned slot = j.feed ? gate_slot(gate, j.feed->name) : 0;
	struct ingest_counts now;

	if (attach_counts(gate->attach, slot, &now) < 0)
		return false;
	bool moved = now.verdict[j.verdict].packets == all[slot].verdict[j.verdict].packets + 1;
	all[slot] = now;
	return moved;
}

/* The rules of the feed's socket: for a whole datagram they end as the gate's do. */
static bool socket_agrees(struct reference_judgement j)
{
	static const enum ingest_verdict as[] = {
		[ADMIT_PASS] = INGEST_PASS_FEED,
		[ADMIT_SOURCE] = INGEST_DROP_SOURCE,
		[ADMIT_PAYLOAD] = INGEST_DROP_SANITY,
	};

	return !j.payload ||
	       as[admit_datagram(j.feed, j.feed->listen.family, &j.from, j.payload, j.payload_size)] == j.verdict;
}

static void print_frame(const struct packet *p)
{
	for (size_t i = 0; i < p->size; i++)
		(void)printf("%s%02x", i % 32 ? " " : "\n# ", p->data[i]);
	(void)printf("\n");
}

struct tally {
	unsigned differ;
	unsigned datagrams; /* the feed's socket was asked, too */
	unsigned seen[2][_INGEST_VERDICT_MAX]; /* of IPv4, of IPv6 */
};

static bool is_six(const struct packet *p)
{
	return p->data[p->ip] >> 4 == 6;
}

static void compare(struct gate *gate, const struct feed *feeds, const struct reference_strict *strict, unsigned n,
	struct tally *t)
{
	static struct ingest_counts all[INGEST_SLOTS];
	struct packet p;

	frames_make(feeds, &p);
	struct reference_judgement j = reference_judge_strict(feeds, FRAMES_FEEDS, strict, p.data, p.size);
	int action = gate_run(gate, p.data, p.size, 1, NULL);
	t->seen[is_six(&p)][j.verdict]++;
	t->datagrams += j.payload != NULL;
	if (socket_agrees(j) && action == (j.verdict >= INGEST_DROP_SOURCE ? XDP_DROP : XDP_PASS) && count_moved(gate, all, j))
		return;
	if (t->differ++ < 5) {
		(void)printf("# frame %u: reference %d of %s, program's action %d", n, j.verdict, j.feed ? j.feed->name : "none",
			action);
		print_frame(&p);
	}
}

static void compare_all(struct gate *gate, unsigned frames, struct tally *t)
{
	const struct reference_strict strict = { frames_open, 2 };
	struct feed feeds[FRAMES_FEEDS];

	for (unsigned n = 0; n < frames; n++) {
		bool is_strict = n / FRAMES_PER_POLICY % 2;
		if (n % FRAMES_PER_POLICY == 0) {
			frames_feeds(feeds);
			gate_set_strict(gate, feeds, FRAMES_FEEDS, is_strict);
		}
		compare(gate, feeds, is_strict ? &strict : NULL, n, t);
	}
}

int main(int argc, char **argv)
{
	unsigned frames = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : FRAMES_DEFAULT;
	struct tally t = { 0 };
	struct gate gate;
	bool all_seen = true;

	frames_seed(argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
	if (gate_open(&gate) < 0)
		return 0; /* skipped, as the line says */
	compare_all(&gate, frames, &t);
	gate_close(&gate);
	for (int six = 0; six <= 1; six++)
		for (int v = 0; v < _INGEST_VERDICT_MAX; v++) {
			all_seen = all_seen && (t.seen[six][v] > 0 || v == INGEST_DROP_RATE);
			(void)printf("# IPv%d verdict %d: %u\n", six ? 6 : 4, v, t.seen[six][v]);
		}
	(void)printf("1..2\n%sok 1 - program and reference agree on %u frames, the socket's rules on %u of them\n",
		t.differ ? "not " : "", frames, t.datagrams);
	(void)printf("%sok 2 - every verdict but the rate's was among them, of both families\n", all_seen ? "" : "not ");
	return t.differ || !all_seen;
}
