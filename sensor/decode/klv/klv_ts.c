#include "sensor/decode/klv/klv_ts.h"

#include <string.h>

#define SYNCS 3	 /* in a row: no chance */
#define RTP_HEADER 12 /* RFC 3550 without extras, as RFC 2250 has it before transport streams */
#define PID_PAT 0
#define TABLE_PAT 0
#define TABLE_PMT 2
#define SECTION_MAX 4096
#define SECTION_HEADER 8 /* to the first entry of a long section */
#define CRC_SIZE 4
#define TYPE_PRIVATE 0x06  /* PES private data */
#define TYPE_METADATA 0x15 /* metadata in PES packets */
#define DESCRIPTOR_REGISTRATION 0x05
#define PES_HEADER 6
#define CELL_HEADER 5 /* of a metadata access unit: service, sequence, flags, length */
#define CELL_FIRST 2
#define CELL_LAST 1 /* of the two fragment bits: 3 whole, 2 first, 1 last, 0 between */

/* One call's errand. */
struct errand {
	struct klv_ts *ts;
	uint32_t source;
	struct klv_stats *stats;
	klv_sink sink;
	void *user;
};

static unsigned be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static unsigned pid_of(const uint8_t *p)
{
	return be16(p) & 0x1fff;
}

static void fault(struct errand *e, enum klv_ts_fault which, unsigned n)
{
	e->ts->stats.faults[which] += n;
}

uint32_t klv_ts_crc(const uint8_t *data, size_t size)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= (uint32_t)data[i] << 24;
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc >> 31 ? UINT32_C(0x04c11db7) : 0);
	}
	return crc;
}

/* --- the PIDs that are followed --- */

static bool is_table(const struct klv_ts_pid *p)
{
	return p->role <= KLV_TS_PMT;
}

static struct klv_ts_pid *find_pid(struct errand *e, unsigned pid)
{
	for (unsigned i = 0; i < KLV_TS_PIDS_MAX; i++) {
		struct klv_ts_pid *p = &e->ts->pids[i];

		if (p->used && p->pid == pid && p->source == e->source)
			return p;
	}
	return NULL;
}

/* A free place, else the one that has been silent longest; NULL when all came up in this very packet. */
static struct klv_ts_pid *find_room(struct errand *e)
{
	struct klv_ts_pid *oldest = e->ts->pids;

	for (unsigned i = 0; i < KLV_TS_PIDS_MAX; i++) {
		struct klv_ts_pid *p = &e->ts->pids[i];

		if (!p->used)
			return p;
		if (p->at < oldest->at)
			oldest = p;
	}
	e->ts->stats.evicted++;
	if (oldest->at == e->ts->stats.packets)
		return NULL;
	oldest->used = false;
	return oldest;
}

/* Follows @pid from now on; one that is followed in the same role goes on as it was, and a table stays one. */
static void follow(struct errand *e, unsigned pid, enum klv_ts_role role, unsigned parent)
{
	struct klv_ts_pid *p = find_pid(e, pid);

	if (p && p->role != role && is_table(p))
		return;
	if (p && p->role != role)
		p->used = false;
	if (!p)
		p = find_room(e);
	if (!p)
		return;
	if (!p->used) {
		p->begun = p->counted = p->duplicate = false;
		p->have = p->unit_have = 0;
	}
	p->used = p->listed = true;
	p->role = role;
	p->pid = (uint16_t)pid;
	p->parent = (uint16_t)parent;
	p->source = e->source;
	p->at = e->ts->stats.packets;
}

/* What table @parent named before and does not name any more. */
static void forget_unlisted(struct errand *e, unsigned parent)
{
	for (unsigned i = 0; i < KLV_TS_PIDS_MAX; i++) {
		struct klv_ts_pid *p = &e->ts->pids[i];

		if (p->role != KLV_TS_PAT && p->parent == parent && p->source == e->source && !p->listed)
			p->used = false;
		p->listed = false;
	}
	/* With a program's table its streams. */
	for (unsigned i = 0; i < KLV_TS_PIDS_MAX; i++) {
		struct klv_ts_pid *p = &e->ts->pids[i];

		if (p->used && !is_table(p) && p->source == e->source && !find_pid(e, p->parent))
			p->used = false;
	}
}

/* --- tables --- */

static void read_pat(struct errand *e, unsigned pid, const uint8_t *p, const uint8_t *end)
{
	for (; end - p >= 4; p += 4)
		if (be16(p)) /* program 0 is the network's table */
			follow(e, pid_of(p + 2), KLV_TS_PMT, pid);
	forget_unlisted(e, pid);
}

static bool is_registered(const uint8_t *p, const uint8_t *end)
{
	for (; end - p >= 2 && p[1] <= end - p - 2; p += 2 + p[1])
		if (p[0] == DESCRIPTOR_REGISTRATION && p[1] >= 4 && !memcmp(p + 2, "KLVA", 4))
			return true;
	return false;
}

static void read_pmt(struct errand *e, unsigned pid, const uint8_t *p, const uint8_t *end)
{
	if (end - p < 4)
		return;
	p += 2; /* the clock's PID */
	p += 2 + (be16(p) & 0xfff);
	while (end - p >= 5) {
		const uint8_t *info = p + 5, *next = info + (be16(p + 3) & 0xfff);

		if (next > end)
			break;
		if (p[0] == TYPE_METADATA)
			follow(e, pid_of(p + 1), KLV_TS_SYNC, pid);
		else if (p[0] == TYPE_PRIVATE && is_registered(info, next))
			follow(e, pid_of(p + 1), KLV_TS_ASYNC, pid);
		p = next;
	}
	forget_unlisted(e, pid);
}

static void read_section(struct errand *e, struct klv_ts_pid *p, size_t size)
{
	const uint8_t *first = p->bytes + SECTION_HEADER, *end = p->bytes + size - CRC_SIZE;
	bool pat = p->role == KLV_TS_PAT;

	if (p->bytes[0] != (pat ? TABLE_PAT : TABLE_PMT))
		return; /* another table may share a PMT's PID */
	if (size < SECTION_HEADER + CRC_SIZE || klv_ts_crc(p->bytes, size))
		fault(e, KLV_TS_FAULT_SECTION, 1);
	else if (p->bytes[5] & 1) /* in force now */
		(pat ? read_pat : read_pmt)(e, p->pid, first, end);
}

/* --- KLV in PES packets --- */

static void give(struct errand *e, const uint8_t *data, size_t size)
{
	klv_decode(data, size, e->stats, e->sink, e->user);
}

/* One cell of an access unit. */
static void take_cell(struct errand *e, struct klv_ts_pid *p, unsigned fragment, const uint8_t *data, size_t size)
{
	if (fragment & CELL_FIRST)
		p->unit_have = 0;
	if (size > sizeof(p->unit) - p->unit_have) {
		fault(e, KLV_TS_FAULT_PES, 1);
		p->unit_have = 0;
		return;
	}
	memcpy(p->unit + p->unit_have, data, size);
	p->unit_have += size;
	if (fragment & CELL_LAST) {
		give(e, p->unit, p->unit_have);
		p->unit_have = 0;
	}
}

static void read_cells(struct errand *e, struct klv_ts_pid *p, const uint8_t *at, const uint8_t *end)
{
	while (end - at >= CELL_HEADER) {
		size_t size = be16(at + 3);

		if (size > (size_t)(end - at - CELL_HEADER))
			break;
		take_cell(e, p, at[2] >> 6, at + CELL_HEADER, size);
		at += CELL_HEADER + size;
	}
	if (at < end)
		fault(e, KLV_TS_FAULT_PES, 1);
}

static void read_pes(struct errand *e, struct klv_ts_pid *p, size_t size)
{
	const uint8_t *b = p->bytes, *end = b + size;
	size_t header = size > 8 ? (size_t)9 + b[8] : 0;

	if (!header || header > size || b[0] || b[1] || b[2] != 1 || (b[6] & 0xc0) != 0x80) {
		fault(e, KLV_TS_FAULT_PES, 1);
		return;
	}
	if (p->role == KLV_TS_SYNC)
		read_cells(e, p, b + header, end);
	else
		give(e, b + header, (size_t)(end - b - header));
}

/* --- units: sections and PES packets --- */

/* Octets of the unit that has begun; 0 = not known yet, or not said. */
static size_t unit_size(const struct klv_ts_pid *p)
{
	if (is_table(p))
		return p->have < 3 ? 0 : 3 + (be16(p->bytes + 1) & 0xfff);
	if (p->have < PES_HEADER || !be16(p->bytes + 4))
		return 0;
	return PES_HEADER + be16(p->bytes + 4);
}

static void finish(struct errand *e, struct klv_ts_pid *p, size_t size)
{
	p->begun = false;
	(is_table(p) ? read_section : read_pes)(e, p, size);
}

/* What was half together is gone. */
static void drop(struct errand *e, struct klv_ts_pid *p)
{
	if (p->begun || p->unit_have)
		fault(e, is_table(p) ? KLV_TS_FAULT_SECTION : KLV_TS_FAULT_PES, 1);
	p->begun = false;
	p->unit_have = 0;
}

static void append(struct errand *e, struct klv_ts_pid *p, const uint8_t *data, size_t n)
{
	size_t size;

	if (!p->begun)
		return;
	if (n > sizeof(p->bytes) - p->have) {
		drop(e, p);
		return;
	}
	memcpy(p->bytes + p->have, data, n);
	p->have += n;
	size = unit_size(p);
	if (is_table(p) && size > SECTION_MAX)
		drop(e, p);
	else if (size && p->have >= size)
		finish(e, p, size);
}

/* Behind a payload's start: for tables the end of the section before, then sections until the stuffing. */
static void begin_sections(struct errand *e, struct klv_ts_pid *p, const uint8_t *data, size_t n)
{
	size_t at = 1 + (size_t)data[0];

	if (at > n) {
		drop(e, p);
		fault(e, KLV_TS_FAULT_SECTION, 1);
		return;
	}
	append(e, p, data + 1, at - 1);
	while (at < n && data[at] != 0xff) {
		drop(e, p);
		p->begun = true;
		p->have = 0;
		append(e, p, data + at, n - at);
		if (p->begun)
			return;
		at += 3 + (be16(data + at + 1) & 0xfff);
	}
}

static void begin_pes(struct errand *e, struct klv_ts_pid *p, const uint8_t *data, size_t n)
{
	/* Without a length a PES packet ends where the next begins. */
	if (p->begun && p->have >= PES_HEADER && !unit_size(p))
		finish(e, p, p->have);
	else if (p->begun)
		fault(e, KLV_TS_FAULT_PES, 1);
	p->begun = true;
	p->have = 0;
	append(e, p, data, n);
}

/* --- packets --- */

/* Is this payload the next one? Counts what was lost and what came twice. */
static bool is_next(struct errand *e, struct klv_ts_pid *p, unsigned counter, bool announced)
{
	unsigned lost = (counter - p->counter - 1) & 15;
	bool first = !p->counted || announced, again = !first && lost == 15 && !p->duplicate;

	p->counted = true;
	p->counter = (uint8_t)counter;
	p->duplicate = again;
	if (again) {
		e->ts->stats.duplicates++;
		return false;
	}
	if (announced || (!first && lost)) {
		drop(e, p);
		fault(e, KLV_TS_FAULT_LOST, announced ? 0 : lost);
	}
	return true;
}

/* Where the payload begins; KLV_TS_PACKET without one, 0 when the adaptation field is impossible. @ret: discontinuity. */
static size_t payload_of(const uint8_t *b, bool *ret_announced)
{
	size_t at = 4;

	*ret_announced = false;
	if (b[3] & 0x20) {
		at += 1 + (size_t)b[4];
		*ret_announced = b[4] && b[5] & 0x80;
	}
	if (!(b[3] & 0x30) || at > KLV_TS_PACKET)
		return 0;
	return b[3] & 0x10 ? at : KLV_TS_PACKET;
}

static void take_packet(struct errand *e, const uint8_t *b)
{
	struct klv_ts_pid *p = find_pid(e, pid_of(b + 1));
	bool announced;
	size_t at = payload_of(b, &announced);

	e->ts->stats.packets++;
	if (!p)
		return;
	p->at = e->ts->stats.packets;
	if (b[1] & 0x80 || !at) {
		fault(e, KLV_TS_FAULT_PACKET, 1);
		return;
	}
	if (at == KLV_TS_PACKET || !is_next(e, p, b[3] & 15, announced))
		return;
	if (b[3] & 0xc0) {
		drop(e, p);
		fault(e, KLV_TS_FAULT_SCRAMBLED, 1);
	} else if (b[1] & 0x40) {
		(is_table(p) ? begin_sections : begin_pes)(e, p, b + at, KLV_TS_PACKET - at);
	} else {
		append(e, p, b + at, KLV_TS_PACKET - at);
	}
}

static bool is_packet_at(const uint8_t *data, size_t size, size_t at)
{
	return at + KLV_TS_PACKET <= size && data[at] == KLV_TS_SYNC_BYTE &&
		(at + KLV_TS_PACKET == size || data[at + KLV_TS_PACKET] == KLV_TS_SYNC_BYTE);
}

/* All of the first three packets from @at on, or of those that there are when @at is where one is expected. */
static bool is_stream_at(const uint8_t *data, size_t size, size_t at)
{
	size_t whole = (size - at) / KLV_TS_PACKET, need = at == 0 || at == RTP_HEADER ? 1 : SYNCS;

	if (whole < need)
		return false;
	for (size_t i = 0; i < whole && i < SYNCS; i++)
		if (data[at + i * KLV_TS_PACKET] != KLV_TS_SYNC_BYTE)
			return false;
	return true;
}

bool klv_ts_is(const uint8_t *data, size_t size, size_t *ret_at)
{
	for (size_t at = 0; at < KLV_TS_PACKET && at < size; at++)
		if (is_stream_at(data, size, at)) {
			*ret_at = at;
			return true;
		}
	return false;
}
void klv_ts_decode(struct klv_ts *t, const uint8_t *data, size_t size, uint32_t source, struct klv_stats *stats, klv_sink sink,
	void *user)
{
	struct errand e = { t, source, stats, sink, user };
	bool in_sync = true;
	size_t at = 0;

	if (!find_pid(&e, PID_PAT))
		follow(&e, PID_PAT, KLV_TS_PAT, PID_PAT);
	while (at + KLV_TS_PACKET <= size) {
		/* Behind octets that were none, two in a row. */
		if (data[at] == KLV_TS_SYNC_BYTE && (in_sync || is_packet_at(data, size, at))) {
			take_packet(&e, data + at);
			at += KLV_TS_PACKET;
			in_sync = true;
			continue;
		}
		fault(&e, KLV_TS_FAULT_SYNC, in_sync);
		in_sync = false;
		stats->skipped_bytes++;
		at++;
	}
	stats->skipped_bytes += size - at;
}

void klv_ts_reset(struct klv_ts *t)
{
	for (unsigned i = 0; i < KLV_TS_PIDS_MAX; i++)
		t->pids[i].used = false;
}
