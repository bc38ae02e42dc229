/* SPDX-License-Identifier: GPL-2.0-or-later OR EUPL-1.2 */
/*
 * ingest - what the XDP program and user space share: plain structs, their sizes asserted by both compilers.
 *
 * A policy is flat: the destination port of a datagram picks a feed by the family's table, feeds that share a port are
 * chained. Two generations of it lie side by side; `active` picks one, so a reload is one store. Addresses and ports are
 * as they lie in the packet (network byte order), on both sides.
 */
#pragma once

#include <linux/types.h>

#define INGEST_FEEDS_MAX 64
#define INGEST_SLOTS (INGEST_FEEDS_MAX + 1) /* slot 0 is "no feed" */
#define INGEST_SOURCES_MAX 8		    /* as FEED_SOURCES_MAX */
#define INGEST_NAME_MAX 32		    /* as PLOT_FEED_MAX */
#define INGEST_BLOCKS_MAX 8		    /* ASTERIX data blocks walked; deeper ones are the decoder's */
#define INGEST_PAYLOAD_MAX 0x3fff	    /* bytes; no radio or radar sends more in one datagram */
#define INGEST_HEADERS_MAX 8		    /* IPv6 extension headers walked; nobody sends half as many */

/* What happened to a frame. From INGEST_DROP_SOURCE on it was dropped. */
enum ingest_verdict {
	INGEST_PASS_FEED,     /* a feed's datagram from one of its sources */
	INGEST_PASS_FRAGMENT, /* a fragment that aims at a feed which takes them; judged behind, when it is whole */
	INGEST_PASS_OTHER,    /* not ours: left alone */
	INGEST_DROP_SOURCE,   /* aims at a feed, its sender is not listed */
	INGEST_DROP_RATE,     /* more than the feed's Rate= and Burst= from one listed source */
	INGEST_DROP_SANITY,   /* payload cannot be the feed's format */
	INGEST_DROP_FRAGMENT, /* a fragment that aims at a feed */
	INGEST_DROP_STRICT,   /* UDP of no feed while the policy is strict */
	INGEST_MALFORMED,     /* headers that lie or have no end; the kernel would refuse most of them later */
	_INGEST_VERDICT_MAX,
};

enum ingest_format {
	INGEST_AIS,	/* first byte one of ! $ \ (NMEA 0183 sentence or tag block) */
	INGEST_ASTERIX, /* data blocks CAT, LEN whose lengths add up to the payload */
	INGEST_RTP,	/* version 2 and a whole fixed header (RFC 3550, 5.1) */
	INGEST_NMEA,	/* as AIS, or U R N: the headers UdPbC RaUdP RrUdP NkPgN of IEC 61162-450 */
	INGEST_ADSB,	/* Beast 1a, AVR * @ %, SBS M */
	INGEST_KLV,	/* a universal label's 06 (SMPTE 336), or an MPEG-TS packet's 47 */
};

enum ingest_family { INGEST_IPV4, INGEST_IPV6, _INGEST_FAMILY_MAX };

/* IPv4 is the first word, the others zero: compared as a whole, both families come out right. */
struct ingest_addr {
	union {
		__be32 word[4];
		__u64 half[2];
	};
};

struct ingest_source {
	struct ingest_addr addr, mask; /* matches when (from & mask) == addr */
};

/* Of a feed's flags */
#define INGEST_ANY 1	   /* to: any of the host's addresses */
#define INGEST_GROUP 2	   /* to: a multicast group */
#define INGEST_FRAGMENTS 4 /* listed senders may send fragments */

struct ingest_feed {
	struct ingest_addr to;
	__be16 port;
	__u8 family; /* enum ingest_family */
	__u8 format; /* enum ingest_format */
	__u8 n_sources;
	__u8 next; /* slot of the next feed on this port; 0 = none */
	__u8 flags;
	__u8 reserved;
	__u64 packet_ns; /* 1/rate; 0 = no limit */
	__u64 burst_ns;	 /* how far a source may run ahead of its rate; UINT64_MAX where there is none */
	struct ingest_source sources[INGEST_SOURCES_MAX];
};

/* In place of a slot: no feed's port, but open while the policy is strict. */
#define INGEST_OPEN 0xff

/* Open as well to what comes from these: the answers that a host asks for. */
#define INGEST_PORT_DNS 53
#define INGEST_PORT_NTP 123

struct ingest_policy {
	__u8 port[_INGEST_FAMILY_MAX][65536]; /* destination port as it lies in the packet -> slot of the first feed there */
	struct ingest_feed feed[INGEST_SLOTS];
	__u8 strict;
	__u8 reserved[7];
};

/*
 * One source of a feed, on a cache line of its own. Kept for each generation: where a source stands in its feed may change
 * from one to the next. `source` says whose it is; user space writes it.
 */
struct ingest_state {
	__u64 due_ns;  /* GCRA: when its next packet is due, bpf_ktime_get_coarse_ns() */
	__u64 seen_ns; /* the last packet that passed, by the same clock; 0 = none */
	struct ingest_source source;
	__u64 reserved[2];
};

struct ingest_states {
	struct ingest_state of[INGEST_SLOTS][INGEST_SOURCES_MAX];
};

struct ingest_count {
	__u64 packets, bytes; /* bytes of whole frames */
};

struct ingest_counts {
	struct ingest_count verdict[_INGEST_VERDICT_MAX];
};

/* One frame in so many of those that a CPU drops from a slot by one verdict is told of, the first among them. */
#define INGEST_SAMPLE 1024

/* Who sent a dropped frame, nothing of what it said. */
struct ingest_drop {
	struct ingest_addr from, to;
	__u8 family, slot, verdict;
	__u8 reserved;
	__be16 from_port, to_port; /* 0 = behind extension headers, or in another fragment */
};

struct ingest_name {
	char text[INGEST_NAME_MAX];
};

_Static_assert(_INGEST_VERDICT_MAX == 9, "verdicts are indices of the pinned counters");
_Static_assert(sizeof(struct ingest_source) == 32, "layout");
_Static_assert(sizeof(struct ingest_feed) == 40 + 8 * 32, "layout");
_Static_assert(sizeof(struct ingest_policy) == 2 * 65536 + INGEST_SLOTS * 296 + 8, "layout");
_Static_assert(sizeof(struct ingest_state) == 64, "layout");
_Static_assert(sizeof(struct ingest_counts) == 144, "layout");
_Static_assert(sizeof(struct ingest_drop) == 40, "layout");
