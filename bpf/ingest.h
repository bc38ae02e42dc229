/* SPDX-License-Identifier: GPL-2.0-or-later OR EUPL-1.2 */
/*
 * ingest - what the XDP program and user space share: plain structs, their sizes asserted by both compilers.
 *
 * A policy is flat: the destination port of a datagram picks a feed by table, feeds that share a port are chained. Two
 * generations of it lie side by side; `active` picks one, so a reload is one store. Addresses and ports are as they lie
 * in the packet (network byte order), on both sides.
 */
#pragma once

#include <linux/types.h>

#define INGEST_FEEDS_MAX 64
#define INGEST_SLOTS (INGEST_FEEDS_MAX + 1) /* slot 0 is "no feed" */
#define INGEST_SOURCES_MAX 8		    /* as FEED_SOURCES_MAX */
#define INGEST_NAME_MAX 32		    /* as PLOT_FEED_MAX */
#define INGEST_BLOCKS_MAX 8		    /* ASTERIX data blocks walked; deeper ones are the decoder's */
#define INGEST_PAYLOAD_MAX 0x3fff	    /* bytes; no radio or radar sends more in one datagram */

/* What happened to a frame. From INGEST_DROP_SOURCE on it was dropped. */
enum ingest_verdict {
	INGEST_PASS_FEED,     /* a feed's datagram from one of its sources */
	INGEST_PASS_OTHER,    /* not ours: left alone */
	INGEST_DROP_SOURCE,   /* aims at a feed, its sender is not listed */
	INGEST_DROP_RATE,     /* more than the feed's Rate= and Burst= from one listed source */
	INGEST_DROP_SANITY,   /* payload cannot be the feed's format */
	INGEST_DROP_FRAGMENT, /* a fragment that aims at a feed */
	INGEST_MALFORMED,     /* headers that lie; the kernel would refuse it later */
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

struct ingest_source {
	__be32 addr, mask; /* matches when (saddr & mask) == addr */
};

struct ingest_feed {
	__be32 daddr;		   /* 0 = any of the host's */
	__be16 port;
	__u8 format;		   /* enum ingest_format */
	__u8 n_sources;
	__u8 next;		   /* slot of the next feed on this port; 0 = none */
	__u8 multicast;		   /* daddr is a group */
	__u8 reserved[6];
	__u64 packet_ns;	   /* 1/rate; 0 = no limit */
	__u64 burst_ns;		   /* how far a source may run ahead of its rate */
	struct ingest_source sources[INGEST_SOURCES_MAX];
};

struct ingest_policy {
	__u8 port[65536]; /* destination port as it lies in the packet -> slot of the first feed there */
	struct ingest_feed feed[INGEST_SLOTS];
};

/* GCRA state of one source of a feed: when its next packet is due. On a cache line of its own. */
struct ingest_rate {
	__u64 due_ns; /* bpf_ktime_get_coarse_ns() */
	__u64 reserved[7];
};

struct ingest_count {
	__u64 packets, bytes; /* bytes of whole frames */
};

struct ingest_counts {
	struct ingest_count verdict[_INGEST_VERDICT_MAX];
};

struct ingest_name {
	char text[INGEST_NAME_MAX];
};

_Static_assert(_INGEST_VERDICT_MAX == 7, "verdicts are indices of the pinned counters");
_Static_assert(sizeof(struct ingest_source) == 8, "layout");
_Static_assert(sizeof(struct ingest_feed) == 96, "layout");
_Static_assert(sizeof(struct ingest_policy) == 65536 + INGEST_SLOTS * 96, "layout");
_Static_assert(sizeof(struct ingest_rate) == 64, "layout");
_Static_assert(sizeof(struct ingest_counts) == 112, "layout");
