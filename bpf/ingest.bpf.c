/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ingest - the gate: passes each feed's datagrams from its listed sources, drops the rest that aims at a feed, leaves
 * everything else alone.
 *
 *	ethernet, up to two VLAN tags -> IPv4, or IPv6 and its extension headers -> UDP -> port -> feed -> source -> payload -> rate
 *
 * Read judge() from the bottom up. Costs that shaped it (measured, a VM's core): a hash lookup 12 ns, a full clock read
 * 30 ns, a call 2 ns; hence tables by port, sources inline in the feed, the coarse clock. What both families do is inlined
 * into each with `family` a constant, so that IPv4 compares one word. Needs CAP_PERFMON to load: without it the verifier
 * refuses packet pointers with a variable offset and makes the rest ten times slower.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "ingest.h"

#define VLAN_TAGS_MAX 2
#define NETWORK_MASK 31 /* of how far the network header is */
#define FRAGMENTED 0x3fff /* IPv4's flags and offset: more fragments, or not the first */
#define FRAGMENT_OFFSET 0x1fff
#define FRAGMENT6_OFFSET 0xfff8 /* RFC 8200, 4.5 */
#define FRAGMENT6_MORE 1
#define ASTERIX_BLOCK_MIN 4 /* CAT, LEN (2 bytes), at least one byte of FSPEC */
#define RTP_HEADER_MIN 12
#define EVENTS_SIZE 65536 /* bytes: 1,300 drops, read once a second */

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

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, EVENTS_SIZE);
} drops SEC(".maps");

struct ingest_policy policy[2];
volatile __u32 active;
struct ingest_states states[2] SEC(".data.states"); /* a map of its own: it is pinned */

/*
 * Always 0, which the verifier cannot know: what is added to it may be anything from then on. So it follows one path where
 * several came together, not each of them to the end.
 */
volatile __u32 nothing;

struct frame {
	const void *end;
	const struct udphdr *udp;
	struct ingest_addr from, to;
	enum ingest_family family;
	__u32 fragment; /* not 0: the first of several */
	__s32 room;	 /* bytes that IP has from the UDP header on */
	__u32 payload; /* bytes */
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

/*
 * GCRA: `due_ns` runs ahead of the clock by one packet's worth for each packet, and may do so by burst_ns. Notes when the
 * source was seen last.
 */
static __always_inline bool within_rate(const struct ingest_feed *feed, struct ingest_state *s)
{
	__u64 now = bpf_ktime_get_coarse_ns(), due = s->due_ns;

	if (due < now)
		due = now;
	if (due - now > feed->burst_ns)
		return false;
	s->due_ns = due + feed->packet_ns;
	s->seen_ns = now;
	return true;
}

static __always_inline bool same(enum ingest_family family, const struct ingest_addr *a, const struct ingest_addr *b)
{
	if (family == INGEST_IPV4)
		return a->word[0] == b->word[0];
	return a->half[0] == b->half[0] && a->half[1] == b->half[1];
}

static __always_inline bool within(enum ingest_family family, const struct ingest_source *s, const struct ingest_addr *a)
{
	if (family == INGEST_IPV4)
		return (a->word[0] & s->mask.word[0]) == s->addr.word[0];
	return (a->half[0] & s->mask.half[0]) == s->addr.half[0] && (a->half[1] & s->mask.half[1]) == s->addr.half[1];
}

/* Index of the first source that matches; INGEST_SOURCES_MAX = none. */
static __always_inline __u32 find_source(
	enum ingest_family family, const struct ingest_feed *feed, const struct ingest_addr *from)
{
#pragma unroll
	for (__u32 i = 0; i < INGEST_SOURCES_MAX; i++) {
		if (i >= feed->n_sources)
			break;
		if (within(family, &feed->sources[i], from))
			return i;
	}
	return INGEST_SOURCES_MAX;
}

static __always_inline bool aims_at(enum ingest_family family, const struct ingest_feed *feed, const struct ingest_addr *to)
{
	return feed->flags & INGEST_ANY || same(family, &feed->to, to);
}

/*
 * Does the feed list the sender? For the walks below: addresses of either family as a whole, and no branch for the verifier
 * to follow. Unused sources match nobody (policy.c).
 */
static __always_inline bool lists(const struct ingest_feed *feed, const struct ingest_addr *from)
{
	__u64 matches = 0;

#pragma unroll
	for (__u32 i = 0; i < INGEST_SOURCES_MAX; i++) {
		const struct ingest_source *s = &feed->sources[i];
		__u64 differ = ((from->half[0] & s->mask.half[0]) ^ s->addr.half[0]) |
			       ((from->half[1] & s->mask.half[1]) ^ s->addr.half[1]);
		differ |= -differ; /* the top bit: is not 0 */
		asm volatile("" : "+r"(differ));
		matches |= ~differ;
	}
	return matches >> 63;
}

/*
 * One walk over feeds in the cold paths; bpf_loop() verifies its body once, an unrolled walk 64 times. The functions that
 * walk are not static: so each is verified once by itself, not once for every way that leads to it.
 */
struct walk {
	struct ingest_addr from, to;
	__u32 family, generation;
	__u32 slot; /* the next to look at */
	__u32 mine; /* the first that the datagram aims at, or the first of them that takes the sender; 0 = none */
	__u32 taken;
};

#define WALK_SLOT 0xff
#define WALK_TAKEN 0x100 /* by this feed */

static __always_inline long take(struct walk *w, __u32 slot, bool takes)
{
	if (w->mine == 0 || takes)
		w->mine = slot;
	w->taken = takes;
	return takes;
}

static long walk_chain(__u32 i, struct walk *w)
{
	__u32 slot = w->slot;
	if (slot == 0 || slot > INGEST_FEEDS_MAX)
		return 1;

	const struct ingest_feed *feed = &policy[w->generation & 1].feed[slot];
	w->slot = feed->next;
	return aims_at(INGEST_IPV6, feed, &w->to) ? take(w, slot, lists(feed, &w->from)) : 0;
}

__noinline __u32 ingest_in_chain(const struct walk *w)
{
	if (!w)
		return 0;
	struct walk own = *w;
	bpf_loop(INGEST_FEEDS_MAX, walk_chain, &own, 0);
	return own.mine | (own.taken ? WALK_TAKEN : 0);
}

/* Feeds in the frame's group; the first that takes fragments of its sender, else the first. */
static long walk_groups(__u32 i, struct walk *w)
{
	__u32 slot = i + 1;
	if (slot > INGEST_FEEDS_MAX)
		return 1;

	const struct ingest_feed *feed = &policy[w->generation & 1].feed[slot];
	if (!(feed->flags & INGEST_GROUP) || feed->family != w->family || !same(INGEST_IPV6, &feed->to, &w->to))
		return 0;
	return take(w, slot, feed->flags & INGEST_FRAGMENTS && lists(feed, &w->from));
}

__noinline __u32 ingest_in_group(const struct walk *w)
{
	if (!w)
		return 0;
	struct walk own = *w;
	bpf_loop(INGEST_FEEDS_MAX, walk_groups, &own, 0);
	return own.mine | (own.taken ? WALK_TAKEN : 0);
}

/* The first feed at the frame's address, whatever its port. */
static long walk_addresses(__u32 i, struct walk *w)
{
	__u32 slot = i + 1;
	if (slot > INGEST_FEEDS_MAX)
		return 1;

	const struct ingest_feed *feed = &policy[w->generation & 1].feed[slot];
	if (feed->n_sources == 0 || feed->family != w->family || !aims_at(INGEST_IPV6, feed, &w->to))
		return 0;
	return take(w, slot, true);
}

__noinline __u32 ingest_at_address(const struct walk *w)
{
	if (!w)
		return 0;
	struct walk own = *w;
	bpf_loop(INGEST_FEEDS_MAX, walk_addresses, &own, 0);
	return own.mine | (own.taken ? WALK_TAKEN : 0);
}

static __always_inline void start_walk(__u32 generation, const struct frame *f, struct walk *w)
{
	*w = (struct walk){ .from = f->from, .to = f->to, .family = f->family, .generation = generation };
}

/*
 * The feed a datagram aims at: by port, then destination address. Where feeds share both, the first that lists the
 * sender; with none listing it, the first of them.
 */
static __always_inline __u32 find_feed(__u32 generation, const struct frame *f, __u32 *source)
{
	const struct ingest_policy *p = &policy[generation];
	__u32 slot = p->port[f->family][f->udp->dest], mine = 0;

	*source = INGEST_SOURCES_MAX;
	if (slot == 0 || slot > INGEST_FEEDS_MAX)
		return 0;

	const struct ingest_feed *feed = &p->feed[slot];
	if (aims_at(f->family, feed, &f->to)) {
		*source = find_source(f->family, feed, &f->from);
		mine = slot;
	}
	if (*source < INGEST_SOURCES_MAX || feed->next == 0)
		return mine;

	struct walk w;
	start_walk(generation, f, &w);
	w.slot = feed->next;
	w.mine = mine;
	__u32 found = ingest_in_chain(&w);
	slot = found & WALK_SLOT;
	if (found & WALK_TAKEN && slot <= INGEST_FEEDS_MAX)
		*source = find_source(f->family, &p->feed[slot], &f->from);
	return slot;
}

/* A first fragment must hold the UDP header as far as IP goes (RFC 7112), or else its port is a frame's padding. */
static __always_inline bool names_port(const struct frame *f)
{
	return !f->fragment || f->room >= (__s32)sizeof(*f->udp);
}

/* UDP that is no feed's. A strict policy takes what comes to its open ports, and what DNS and NTP answer. */
static __always_inline enum ingest_verdict judge_other(__u32 generation, const struct frame *f)
{
	const struct ingest_policy *p = &policy[generation];

	if (!names_port(f))
		return INGEST_MALFORMED;
	if (!p->strict || p->port[f->family][f->udp->dest] == INGEST_OPEN)
		return INGEST_PASS_OTHER;
	if (f->udp->source == bpf_htons(INGEST_PORT_DNS) || f->udp->source == bpf_htons(INGEST_PORT_NTP))
		return INGEST_PASS_OTHER;
	return INGEST_DROP_STRICT;
}

/* A fragment that follows: to a feed's group it is that feed's; to the host's own addresses it may be anybody's. */
static __always_inline enum ingest_verdict judge_later(__u32 generation, const struct frame *f, __u32 *slot)
{
	struct walk w;

	start_walk(generation, f, &w);
	__u32 found = ingest_in_group(&w);
	*slot = found & WALK_SLOT;
	if (*slot == 0)
		return INGEST_PASS_OTHER;
	return found & WALK_TAKEN ? INGEST_PASS_FRAGMENT : INGEST_DROP_FRAGMENT;
}

/* A whole datagram, or the first fragment, the only one that names a port: without it no datagram completes. */
static __always_inline enum ingest_verdict judge_udp(__u32 generation, struct frame *f, __u32 *slot)
{
	if ((const void *)(f->udp + 1) > f->end)
		return INGEST_MALFORMED;

	__u32 source;
	*slot = find_feed(generation, f, &source);
	source += nothing;
	if (*slot == 0 || *slot > INGEST_FEEDS_MAX)
		return judge_other(generation, f);

	const struct ingest_feed *feed = &policy[generation].feed[*slot];
	if (f->fragment && !(feed->flags & INGEST_FRAGMENTS))
		return INGEST_DROP_FRAGMENT;
	__s32 len = bpf_ntohs(f->udp->len);
	if (!f->fragment && (len < (__s32)sizeof(*f->udp) || len > f->room || (const void *)f->udp + len > f->end))
		return INGEST_MALFORMED;
	if (source >= INGEST_SOURCES_MAX)
		return INGEST_DROP_SOURCE;
	if (f->fragment)
		return names_port(f) ? INGEST_PASS_FRAGMENT : INGEST_MALFORMED;

	f->payload = len - sizeof(*f->udp);
	if (!sane(feed->format, f))
		return INGEST_DROP_SANITY;
	return within_rate(feed, &states[generation].of[*slot][source]) ? INGEST_PASS_FEED : INGEST_DROP_RATE;
}

static __always_inline enum ingest_verdict judge_ipv4(const struct iphdr *ip, const void *end, __u32 *slot)
{
	if ((const void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5)
		return INGEST_MALFORMED;
	if (ip->protocol != IPPROTO_UDP)
		return INGEST_PASS_OTHER;

	struct frame f = {
		.end = end,
		.udp = (const void *)ip + ip->ihl * 4,
		.from.word[0] = ip->saddr,
		.to.word[0] = ip->daddr,
		.family = INGEST_IPV4,
		.fragment = ip->frag_off & bpf_htons(FRAGMENTED),
		.room = bpf_ntohs(ip->tot_len) - ip->ihl * 4,
	};
	__u32 generation = active & 1;
	if (ip->frag_off & bpf_htons(FRAGMENT_OFFSET))
		return judge_later(generation, &f, slot);
	return judge_udp(generation, &f, slot);
}

/* IPv6 headers that Linux walks on its way to a socket; behind any other there is no UDP that it would deliver. */
static const struct {
	__u8 known;
	__u8 units; /* bytes beyond the first eight, for each unit of the length octet */
} extensions[256] = {
	[IPPROTO_HOPOPTS] = { 1, 8 },
	[IPPROTO_ROUTING] = { 1, 8 },
	[IPPROTO_DSTOPTS] = { 1, 8 },
	[IPPROTO_AH] = { 1, 4 },       /* RFC 4302, 2.2 */
	[IPPROTO_FRAGMENT] = { 1, 0 }, /* of fixed length; the octet is reserved */
};

#define CHAIN_SIZE_MASK 0x7fff /* more than INGEST_HEADERS_MAX of the longest, and within what the verifier lets an offset be */

struct chain {
	__u32 size;	/* bytes from the base header to where the walk ended */
	__u32 proto;	/* of what is there */
	__u32 fragment; /* the first of several */
};

enum chain_end { CHAIN_WHOLE, CHAIN_LATER /* in a later fragment */, CHAIN_BROKEN /* cut, or more than INGEST_HEADERS_MAX */ };

static __noinline enum chain_end walk_headers(const struct ipv6hdr *ip, const void *end, struct chain *c)
{
	__u32 size = sizeof(*ip), fragment = nothing, proto = ip->nexthdr;

	for (int i = 0; i <= INGEST_HEADERS_MAX; i++) {
		proto &= 0xff;
		size = (size + nothing) & CHAIN_SIZE_MASK;
		if (!extensions[proto].known) {
			c->size = size;
			c->proto = proto;
			c->fragment = fragment;
			return CHAIN_WHOLE;
		}
		const __u8 *header = (const void *)ip + size;
		if (i == INGEST_HEADERS_MAX || (const void *)(header + 8) > end)
			return CHAIN_BROKEN;
		if (proto == IPPROTO_FRAGMENT) {
			__u16 field = (__u16)header[2] << 8 | header[3];
			if (field & FRAGMENT6_OFFSET)
				return CHAIN_LATER;
			fragment |= field & FRAGMENT6_MORE;
		}
		size += 8 + header[1] * extensions[proto].units;
		proto = header[0];
	}
	return CHAIN_BROKEN;
}

static __always_inline void read_addresses(const struct ipv6hdr *ip, struct ingest_addr *from, struct ingest_addr *to)
{
	const __u64 *from_half = (const void *)&ip->saddr, *to_half = (const void *)&ip->daddr;

	from->half[0] = from_half[0];
	from->half[1] = from_half[1];
	to->half[0] = to_half[0];
	to->half[1] = to_half[1];
}

/* No telling what it is: at a feed's address it is refused, elsewhere it may be anybody's. */
static __always_inline enum ingest_verdict judge_broken(__u32 generation, const struct frame *f, __u32 *slot)
{
	struct walk w;

	start_walk(generation, f, &w);
	*slot = ingest_at_address(&w) & WALK_SLOT;
	return *slot ? INGEST_MALFORMED : INGEST_PASS_OTHER;
}

static __always_inline enum ingest_verdict judge_ipv6(const struct ipv6hdr *ip, const void *end, __u32 *slot)
{
	if ((const void *)(ip + 1) > end || *(const __u8 *)ip >> 4 != 6)
		return INGEST_MALFORMED;
	if (ip->nexthdr != IPPROTO_UDP && !extensions[ip->nexthdr].known)
		return INGEST_PASS_OTHER;

	struct frame f = { .end = end, .family = INGEST_IPV6 };
	struct chain c = { .size = sizeof(*ip), .proto = IPPROTO_UDP };
	__u32 generation = active & 1;

	read_addresses(ip, &f.from, &f.to);
	if (ip->nexthdr != IPPROTO_UDP) {
		enum chain_end at = walk_headers(ip, end, &c);
		if (at == CHAIN_BROKEN)
			return judge_broken(generation, &f, slot);
		if (at == CHAIN_LATER)
			return judge_later(generation, &f, slot);
		if (c.proto != IPPROTO_UDP)
			return INGEST_PASS_OTHER;
	}
	__u32 size = (c.size + nothing) & CHAIN_SIZE_MASK;
	f.fragment = c.fragment + nothing;
	f.udp = (const void *)ip + size;
	f.room = (__s32)(bpf_ntohs(ip->payload_len) + sizeof(*ip)) - (__s32)size;
	return judge_udp(generation, &f, slot);
}

/* How far it is to what is behind the Ethernet header and its tags, 14, 18 or 22 bytes. 0 = cut short. */
static __always_inline __u32 find_network(const void *data, const void *end, __be16 *proto)
{
	__u32 size = sizeof(struct ethhdr);

	if (data + size > end)
		return 0;
	*proto = *(const __be16 *)(data + 2 * ETH_ALEN);
#pragma unroll
	for (int i = 0; i < VLAN_TAGS_MAX; i++) {
		if (*proto != bpf_htons(ETH_P_8021Q) && *proto != bpf_htons(ETH_P_8021AD))
			break;
		const struct vlan_tag *tag = data + size;
		size += sizeof(*tag);
		if (data + size > end)
			return 0;
		*proto = tag->proto;
	}
	return (size + nothing) & NETWORK_MASK;
}

static __always_inline enum ingest_verdict judge(const void *data, const void *end, __u32 *slot)
{
	__be16 proto;
	__u32 size = find_network(data, end, &proto);

	if (size == 0)
		return INGEST_PASS_OTHER;
	if (proto == bpf_htons(ETH_P_IP))
		return judge_ipv4(data + size, end, slot);
	if (proto == bpf_htons(ETH_P_IPV6))
		return judge_ipv6(data + size, end, slot);
	return INGEST_PASS_OTHER;
}

static __always_inline void name_sender4(const struct iphdr *ip, const void *end, struct ingest_drop *d)
{
	if ((const void *)(ip + 1) > end)
		return;
	d->from.word[0] = ip->saddr;
	d->to.word[0] = ip->daddr;

	const struct udphdr *udp = (const void *)ip + ip->ihl * 4;
	if ((const void *)(udp + 1) > end || ip->frag_off & bpf_htons(FRAGMENT_OFFSET))
		return;
	d->from_port = udp->source;
	d->to_port = udp->dest;
}

static __always_inline void name_sender6(const struct ipv6hdr *ip, const void *end, struct ingest_drop *d)
{
	if ((const void *)(ip + 1) > end)
		return;
	d->family = INGEST_IPV6;
	read_addresses(ip, &d->from, &d->to);

	const struct udphdr *udp = (const void *)(ip + 1);
	if ((const void *)(udp + 1) > end || ip->nexthdr != IPPROTO_UDP)
		return;
	d->from_port = udp->source;
	d->to_port = udp->dest;
}

/* Nobody is woken: under a flood that would cost more than the flood. */
static __noinline int tell_drop(struct xdp_md *ctx, __u32 slot, __u32 verdict)
{
	const void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ingest_drop d = { .slot = slot, .verdict = verdict };
	__be16 proto;

	__u32 size = find_network(data, end, &proto);
	if (size && proto == bpf_htons(ETH_P_IP))
		name_sender4(data + size, end, &d);
	else if (size && proto == bpf_htons(ETH_P_IPV6))
		name_sender6(data + size, end, &d);
	return bpf_ringbuf_output(&drops, &d, sizeof(d), BPF_RB_NO_WAKEUP);
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
	if (!counts)
		return XDP_ABORTED; /* never: slot is within the map */
	counts->verdict[v].bytes += bytes;

	__u64 packets = ++counts->verdict[v].packets;
	if (v < INGEST_DROP_SOURCE)
		return XDP_PASS;
	if (packets % INGEST_SAMPLE == 1)
		tell_drop(ctx, slot, v);
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
