/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ingest - the gate: passes each feed's datagrams from its listed sources, drops the rest that aims at a feed, leaves
 * everything else alone.
 *
 *	ethernet, up to two VLAN tags -> IPv4 -> UDP -> destination port -> feed -> source -> payload -> rate
 *
 * Read judge() from the bottom up. Costs that shaped it (measured, a VM's core): a hash lookup 12 ns, a full clock read
 * 30 ns, a call 2 ns; hence a table by port, sources inline in the feed, the coarse clock. Needs CAP_PERFMON to load:
 * without it the verifier refuses packet pointers with a variable offset and makes the rest ten times slower.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "ingest.h"

#define VLAN_TAGS_MAX 2
#define FRAGMENTED 0x3fff	/* IP header's flags and offset: more fragments, or not the first */
#define FRAGMENT_OFFSET 0x1fff
#define ASTERIX_BLOCK_MIN 4	/* CAT, LEN (2 bytes), at least one byte of FSPEC */
#define RTP_HEADER_MIN 12

struct vlan_tag {
	__be16 tci, proto;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, INGEST_SLOTS);
	__type(key, __u32);
	__type(value, struct ingest_counts);
} counters SEC(".maps");

/* Whose counters a slot holds; kept beside them so that the next daemon gives each feed its slot again. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, INGEST_SLOTS);
	__type(key, __u32);
	__type(value, struct ingest_name);
} names SEC(".maps");

struct ingest_policy policy[2];
struct ingest_rate rate[INGEST_SLOTS][INGEST_SOURCES_MAX];
volatile __u32 active;

struct frame {
	const void *end;
	const struct iphdr *ip;
	const struct udphdr *udp;
	__u32 ip_header; /* bytes */
	__u32 payload;	 /* bytes */
};

/* CAT and LEN of each block, as far as INGEST_BLOCKS_MAX; lengths must end where the payload ends. */
static __always_inline bool sane_asterix(const __u8 *p, __u32 len, const void *end)
{
	__u32 off = 0;

#pragma unroll
	for (int i = 0; i < INGEST_BLOCKS_MAX; i++) {
		const __u8 *block = p + off;
		if ((const void *)(block + ASTERIX_BLOCK_MIN) > end)
			return false;
		__u32 n = (__u32)block[1] << 8 | block[2];
		if (block[0] == 0 || n < ASTERIX_BLOCK_MIN)
			return false;
		off += n;
		if (off == len)
			return true;
		if (off > len)
			return false;
	}
	return true;
}

/* Can a datagram of @format begin with @c? */
static __always_inline bool begins(__u8 format, __u8 c)
{
	bool sentence = c == '!' || c == '$' || c == '\\';

	if (format == INGEST_NMEA)
		return sentence || c == 'U' || c == 'R' || c == 'N';
	if (format == INGEST_ADSB)
		return c == 0x1a || c == '*' || c == '@' || c == '%' || c == 'M';
	if (format == INGEST_KLV)
		return c == 0x06 || c == 0x47;
	return sentence;
}

static __always_inline bool sane(__u8 format, const struct frame *f)
{
	const __u8 *p = (const __u8 *)(f->udp + 1);
	__u32 len = f->payload;

	if (len == 0 || len > INGEST_PAYLOAD_MAX || (const void *)(p + 1) > f->end)
		return false;
	if (format == INGEST_ASTERIX)
		return sane_asterix(p, len, f->end);
	if (format == INGEST_RTP)
		return len >= RTP_HEADER_MIN && *p >> 6 == 2;
	return begins(format, *p);
}

/* GCRA: `due_ns` runs ahead of the clock by one packet's worth for each packet, and may do so by burst_ns. */
static __always_inline bool within_rate(const struct ingest_feed *feed, struct ingest_rate *r)
{
	if (feed->packet_ns == 0)
		return true;

	__u64 now = bpf_ktime_get_coarse_ns(), due = r->due_ns;
	if (due < now)
		due = now;
	if (due - now > feed->burst_ns)
		return false;
	r->due_ns = due + feed->packet_ns;
	return true;
}

/* Index of the first source that matches; INGEST_SOURCES_MAX = none. */
static __always_inline __u32 find_source(const struct ingest_feed *feed, __be32 saddr)
{
#pragma unroll
	for (__u32 i = 0; i < INGEST_SOURCES_MAX; i++) {
		if (i >= feed->n_sources)
			break;
		if ((saddr & feed->sources[i].mask) == feed->sources[i].addr)
			return i;
	}
	return INGEST_SOURCES_MAX;
}

static __always_inline bool aims_at(const struct ingest_feed *feed, __be32 daddr)
{
	return feed->daddr == 0 || feed->daddr == daddr;
}

/* One walk over feeds in the cold paths; bpf_loop() verifies its body once, an unrolled walk 64 times. */
struct walk {
	__be32 daddr, saddr;
	__u32 generation;
	__u32 slot;   /* the next to look at */
	__u32 mine;   /* the first that the datagram aims at; 0 = none */
	__u32 source; /* INGEST_SOURCES_MAX until a feed lists the sender; then `mine` is that feed */
};

static long walk_chain(__u32 i, struct walk *w)
{
	__u32 slot = w->slot;
	if (slot == 0 || slot > INGEST_FEEDS_MAX)
		return 1;

	const struct ingest_feed *feed = &policy[w->generation & 1].feed[slot];
	w->slot = feed->next;
	if (!aims_at(feed, w->daddr))
		return 0;
	w->source = find_source(feed, w->saddr);
	if (w->mine == 0 || w->source < INGEST_SOURCES_MAX)
		w->mine = slot;
	return w->source < INGEST_SOURCES_MAX;
}

static long walk_groups(__u32 i, struct walk *w)
{
	__u32 slot = i + 1;
	if (slot > INGEST_FEEDS_MAX)
		return 1;
	const struct ingest_feed *feed = &policy[w->generation & 1].feed[slot];
	if (feed->multicast && feed->daddr == w->daddr)
		w->mine = slot;
	return w->mine != 0;
}

/*
 * The feed a datagram aims at: by port, then destination address. Where feeds share both, the first that lists the
 * sender; with none listing it, the first of them.
 */
static __always_inline __u32 find_feed(__u32 generation, const struct frame *f, __u32 *source)
{
	const struct ingest_policy *p = &policy[generation];
	__u32 slot = p->port[f->udp->dest], mine = 0;

	*source = INGEST_SOURCES_MAX;
	if (slot == 0 || slot > INGEST_FEEDS_MAX)
		return 0;

	const struct ingest_feed *feed = &p->feed[slot];
	if (aims_at(feed, f->ip->daddr)) {
		*source = find_source(feed, f->ip->saddr);
		mine = slot;
	}
	if (*source < INGEST_SOURCES_MAX || feed->next == 0)
		return mine;

	struct walk w = {
		.daddr = f->ip->daddr,
		.saddr = f->ip->saddr,
		.generation = generation,
		.slot = feed->next,
		.mine = mine,
		.source = INGEST_SOURCES_MAX,
	};
	bpf_loop(INGEST_FEEDS_MAX, walk_chain, &w, 0);
	*source = w.source;
	return w.mine;
}

/*
 * Only the first fragment names a port. Dropping it is enough, as no datagram completes without it; what follows to a
 * group that is a feed's is dropped too, while fragments to the host's own addresses may be anybody's.
 */
static __always_inline enum ingest_verdict judge_fragment(__u32 generation, const struct frame *f, __u32 *slot)
{
	if ((f->ip->frag_off & bpf_htons(FRAGMENT_OFFSET)) == 0) {
		if ((const void *)(f->udp + 1) > f->end)
			return INGEST_MALFORMED;
		__u32 source;
		*slot = find_feed(generation, f, &source);
		return *slot ? INGEST_DROP_FRAGMENT : INGEST_PASS_OTHER;
	}
	struct walk w = { .daddr = f->ip->daddr, .generation = generation };
	bpf_loop(INGEST_FEEDS_MAX, walk_groups, &w, 0);
	*slot = w.mine;
	return w.mine ? INGEST_DROP_FRAGMENT : INGEST_PASS_OTHER;
}

static __always_inline enum ingest_verdict judge_datagram(__u32 generation, struct frame *f, __u32 *slot)
{
	if ((const void *)(f->udp + 1) > f->end)
		return INGEST_MALFORMED;

	__u32 source;
	*slot = find_feed(generation, f, &source);
	if (*slot == 0 || *slot > INGEST_FEEDS_MAX)
		return INGEST_PASS_OTHER;

	__u32 len = bpf_ntohs(f->udp->len), ip_len = bpf_ntohs(f->ip->tot_len);
	if (len < sizeof(*f->udp) || f->ip_header + len > ip_len || (const void *)f->udp + len > f->end)
		return INGEST_MALFORMED;
	if (source >= INGEST_SOURCES_MAX)
		return INGEST_DROP_SOURCE;

	f->payload = len - sizeof(*f->udp);
	const struct ingest_feed *feed = &policy[generation].feed[*slot];
	if (!sane(feed->format, f))
		return INGEST_DROP_SANITY;
	return within_rate(feed, &rate[*slot][source]) ? INGEST_PASS_FEED : INGEST_DROP_RATE;
}

static __always_inline enum ingest_verdict judge(const void *data, const void *end, __u32 *slot)
{
	const struct ethhdr *eth = data;
	const void *net = eth + 1;
	if (net > end)
		return INGEST_PASS_OTHER;

	__be16 proto = eth->h_proto;
#pragma unroll
	for (int i = 0; i < VLAN_TAGS_MAX; i++) {
		if (proto != bpf_htons(ETH_P_8021Q) && proto != bpf_htons(ETH_P_8021AD))
			break;
		const struct vlan_tag *tag = net;
		net = tag + 1;
		if (net > end)
			return INGEST_PASS_OTHER;
		proto = tag->proto;
	}
	if (proto != bpf_htons(ETH_P_IP))
		return INGEST_PASS_OTHER;

	const struct iphdr *ip = net;
	if ((const void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5)
		return INGEST_MALFORMED;
	if (ip->protocol != IPPROTO_UDP)
		return INGEST_PASS_OTHER;

	struct frame f = { .end = end, .ip = ip, .udp = net + ip->ihl * 4, .ip_header = ip->ihl * 4 };
	__u32 generation = active & 1;
	if (ip->frag_off & bpf_htons(FRAGMENTED))
		return judge_fragment(generation, &f, slot);
	return judge_datagram(generation, &f, slot);
}

SEC("xdp")
int ingest(struct xdp_md *ctx)
{
	const void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u64 bytes = (__u64)end;
	__u32 slot = 0;

	/* In 64 bits by hand: clang 14 makes a 32-bit subtraction of it, which the verifier refuses on pointers. */
	asm volatile("%0 -= %1" : "+r"(bytes) : "r"(data));

	enum ingest_verdict v = judge(data, end, &slot);
	struct ingest_counts *counts = bpf_map_lookup_elem(&counters, &slot);
	if (counts) {
		counts->verdict[v].packets++;
		counts->verdict[v].bytes += bytes;
	}
	return v >= INGEST_DROP_SOURCE ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
