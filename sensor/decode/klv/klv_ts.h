/*
 * klv_ts - the KLV within an MPEG-2 transport stream.
 *
 * Follows PAT and PMT to the elementary streams that carry KLV: stream type 0x06 with a registration descriptor 'KLVA'
 * (asynchronous, ISO/IEC 13818-1 private data) and 0x15 (synchronous: metadata access units), and puts their PES packets together.
 * What a PES packet or an access unit holds goes to klv_decode(). Everything else in the stream is passed over.
 *
 * A continuity counter that jumps is a loss: counted by packets lost, modulo 16, and what was half together is dropped. The same
 * packet a second time is passed over and counted; a third time is a loss. Adaptation fields, pointers and lengths that
 * do not fit drop the packet. Senders are told apart. KLV_TS_PIDS_MAX are followed at a time, tables included; a further one takes
 * the place of the one that has been silent longest.
 *
 * Sources: ISO/IEC 13818-1 2.4.3 (packets), 2.4.4 (tables), 2.12 (metadata); MISB ST 1402 (KLV in transport streams).
 */
#pragma once

#include "sensor/decode/klv/klv.h"

#include <stdbool.h>

#define KLV_TS_PACKET 188
#define KLV_TS_SYNC_BYTE 0x47
#define KLV_TS_PIDS_MAX 16
#define KLV_TS_UNIT_MAX (65536 + 6) /* a PES packet with its first six octets; a section is at most 4,096 */

enum klv_ts_fault {
	KLV_TS_FAULT_SYNC,	/* octets between packets, in runs */
	KLV_TS_FAULT_PACKET,	/* transport error indicator, reserved values, fields that do not fit */
	KLV_TS_FAULT_LOST,	/* packets lost */
	KLV_TS_FAULT_SCRAMBLED, /* packets of ours that are scrambled */
	KLV_TS_FAULT_SECTION,	/* tables with a wrong CRC or impossible lengths */
	KLV_TS_FAULT_PES,	/* PES packets or access units that are none, or were dropped half-way */
	_KLV_TS_FAULT_MAX,
};

struct klv_ts_stats {
	uint64_t packets, duplicates, evicted;
	uint64_t faults[_KLV_TS_FAULT_MAX];
};

enum klv_ts_role { KLV_TS_PAT, KLV_TS_PMT, KLV_TS_ASYNC, KLV_TS_SYNC, _KLV_TS_ROLE_MAX };

/* One PID of one sender. */
struct klv_ts_pid {
	bool used, begun; /* a unit has begun: have of it are there */
	uint8_t role, counter;
	bool counted;	/* counter is the last packet's */
	bool duplicate; /* the last packet was one */
	bool listed;	/* by the table that is being read */
	uint16_t pid, parent;
	uint32_t source;
	uint64_t at; /* packet number of its last */
	size_t have, unit_have;
	uint8_t bytes[KLV_TS_UNIT_MAX]; /* a section or a PES packet */
	uint8_t unit[KLV_TS_UNIT_MAX];	/* an access unit in several cells */
};

struct klv_ts {
	struct klv_ts_stats stats;
	struct klv_ts_pid pids[KLV_TS_PIDS_MAX];
};

/** klv_ts_is() - a transport stream, an RTP header's length or the rest of a packet before it left out? @ret_at: its first packet. */
bool klv_ts_is(const uint8_t *data, size_t size, size_t *ret_at);

/**
 * klv_ts_decode() - every whole KLV packet that @data completes
 * @source: tells senders apart
 * @stats:  of the KLV within
 */
void klv_ts_decode(struct klv_ts *t, const uint8_t *data, size_t size, uint32_t source, struct klv_stats *stats, klv_sink sink,
	void *user);

/** klv_ts_reset() - forgets programs and half packets, keeps counts. */
void klv_ts_reset(struct klv_ts *t);

/** klv_ts_crc() - CRC-32 of ISO/IEC 13818-1 annex A: over a section with its own CRC it is 0. */
uint32_t klv_ts_crc(const uint8_t *data, size_t size);
