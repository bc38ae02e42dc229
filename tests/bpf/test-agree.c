/*
 * agree - hundreds of thousands of mutated frames: the program and the plain C reference say the same.
 *
 * usage: test-agree [FRAMES [SEED]]
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/attach.h"
#include "tests/bpf/gate.h"
#include "tests/bpf/packet.h"
#include "tests/bpf/reference.h"

#define FRAMES_DEFAULT 200000
#define FEEDS_N 10

static uint64_t random_state;

/* xorshift64* (Vigna, 2016): the same frames from the same seed everywhere. */
static uint32_t random_below(uint32_t n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)(random_state * UINT64_C(2685821657736338717) >> 32) % n;
}

static const char *const addresses[] = { "239.1.1.1", "239.1.1.2", "10.0.0.1", "10.0.0.2", "192.0.2.1", "192.0.2.2",
	"192.0.2.130", "198.51.100.7", "0.0.0.0", "255.255.255.255" };
static const uint16_t ports[] = { 8600, 8601, 10110, 5004, 60002, 30005, 5005, 53, 0 };

#define PICK(list) ((list)[random_below(sizeof(list) / sizeof((list)[0]))])

static void make_feeds(struct feed feeds[FEEDS_N])
{
	feeds[0] = gate_feed("radar1", FEED_ASTERIX, "239.1.1.1", 8600);
	feeds[1] = gate_feed("radar2", FEED_ASTERIX, "239.1.1.2", 8600);
	feeds[2] = gate_feed("radar3", FEED_ASTERIX, "239.1.1.2", 8600);
	feeds[3] = gate_feed("radar4", FEED_ASTERIX, "0.0.0.0", 8600);
	feeds[4] = gate_feed("radar5", FEED_ASTERIX, "10.0.0.1", 8601);
	feeds[5] = gate_feed("ais1", FEED_AIS, "0.0.0.0", 10110);
	feeds[6] = gate_feed("camera1", FEED_CAMERA, "10.0.0.1", 5004);
	feeds[7] = gate_feed("radar6", FEED_NMEA, "0.0.0.0", 60002);
	feeds[8] = gate_feed("adsb1", FEED_ADSB, "0.0.0.0", 30005);
	feeds[9] = gate_feed("klv1", FEED_KLV, "0.0.0.0", 5005);
	for (int i = 0; i < FEEDS_N; i++) {
		unsigned n = 1 + random_below(FEED_SOURCES_MAX);
		while (feeds[i].n_sources < n)
			gate_source(&feeds[i], PICK(addresses), random_below(4) ? 32 : random_below(33));
	}
}

static size_t make_payload(uint8_t *p, size_t max)
{
	size_t n = 0;

	switch (random_below(4)) {
	case 0: /* ASTERIX blocks, often right */
		for (uint32_t blocks = 1 + random_below(12); blocks && n + 12 < max; blocks--) {
			uint8_t len = (uint8_t)(4 + random_below(8));
			memset(p + n, 7, len);
			p[n] = random_below(20) ? 48 : 0;
			p[n + 1] = 0;
			p[n + 2] = (uint8_t)(random_below(20) ? len : random_below(256));
			n += len;
		}
		return n;
	case 1:
		p[0] = (uint8_t)"!$\\?AURN*@%M\x1a\x06\x47"[random_below(16)];
		return 1 + random_below(80);
	case 2:
		p[0] = (uint8_t)random_below(256);
		return random_below(24);
	default:
		for (n = 0; n < random_below((uint32_t)max); n++)
			p[n] = (uint8_t)random_below(256);
		return n;
	}
}

static void make_frame(struct packet *p)
{
	static const uint16_t types[] = { ETH_P_8021Q, ETH_P_8021AD };
	uint8_t payload[512] = { 0 };
	struct packet_spec s = {
		.options = (uint8_t)(random_below(3) ? 0 : random_below(11)),
		.protocol = random_below(30) ? 17 : (uint8_t)random_below(256),
		.frag_off = random_below(6) ? 0 : (uint16_t)(random_below(2) ? 0x2000u << random_below(2) : random_below(65536)),
		.from = PICK(addresses),
		.to = PICK(addresses),
		.port = PICK(ports),
		.payload = payload,
		.payload_size = make_payload(payload, sizeof(payload)),
	};
	for (uint32_t i = 0, n = random_below(3) ? 0u : random_below(4); i < n; i++)
		s.tags[i] = PICK(types);
	packet_build(&s, p);

	if (random_below(4) == 0) /* a length that lies */
		packet_put16(p, random_below(2) ? p->ip + 2 : p->udp + 4, (uint16_t)random_below(random_below(2) ? 80 : 65536));
	for (uint32_t flips = random_below(4) ? 0u : random_below(8); flips; flips--)
		p->data[random_below((uint32_t)p->size)] = (uint8_t)random_below(256);
	if (random_below(5) == 0)
		p->size = ETH_HLEN + random_below((uint32_t)(p->size - ETH_HLEN) + 1);
}

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

static void print_frame(const struct packet *p)
{
	for (size_t i = 0; i < p->size; i++)
		(void)printf("%s%02x", i % 32 ? " " : "\n# ", p->data[i]);
	(void)printf("\n");
}

/* Return: frames on which the two differ, the first few printed. */
static unsigned compare(struct gate *gate, unsigned frames, unsigned seen[_INGEST_VERDICT_MAX])
{
	static struct ingest_counts all[INGEST_SLOTS];
	struct feed feeds[FEEDS_N];
	unsigned differ = 0;

	for (unsigned n = 0; n < frames; n++) {
		if (n % 20000 == 0) {
			make_feeds(feeds);
			gate_set(gate, feeds, FEEDS_N);
		}
		struct packet p;
		make_frame(&p);
		struct reference_judgement j = reference_judge(feeds, FEEDS_N, p.data, p.size);
		int action = gate_run(gate, p.data, p.size, 1, NULL);
		seen[j.verdict]++;
		if (action == (j.verdict >= INGEST_DROP_SOURCE ? XDP_DROP : XDP_PASS) && count_moved(gate, all, j))
			continue;
		if (differ++ < 5) {
			(void)printf("# frame %u: reference %d of %s, program's action %d", n, j.verdict,
				j.feed ? j.feed->name : "none", action);
			print_frame(&p);
		}
	}
	return differ;
}

int main(int argc, char **argv)
{
	unsigned frames = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : FRAMES_DEFAULT;
	random_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;

	struct gate gate;
	if (gate_open(&gate) < 0)
		return 0; /* skipped, as the line says */

	unsigned seen[_INGEST_VERDICT_MAX] = { 0 };
	unsigned differ = compare(&gate, frames, seen);
	bool all_seen = true;
	for (int v = 0; v < _INGEST_VERDICT_MAX; v++)
		all_seen = all_seen && (seen[v] > 0 || v == INGEST_DROP_RATE);
	gate_close(&gate);

	(void)printf("1..2\n%sok 1 - program and reference agree on %u frames\n", differ ? "not " : "", frames);
	(void)printf("%sok 2 - every verdict but the rate's was among them\n", all_seen ? "" : "not ");
	return differ || !all_seen;
}
