/*
 * klv_make - KLV for tests: bytes from hex, packets with everything in them, and a transport stream around them.
 *
 * The multiplexer writes what it is told, losses and faults included; it shares no code with the decoder but the CRC.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/klv/klv_encode.h"
#include "sensor/decode/klv/klv_ts.h"

#define KLV_MAKE_PMT 0x100
#define KLV_MAKE_PID 0x101
#define KLV_MAKE_TYPE_ASYNC 0x06
#define KLV_MAKE_TYPE_SYNC 0x15

static inline size_t klv_make_hex(const char *hex, uint8_t *out)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t n = 0;

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		out[n / 2] = (uint8_t)(out[n / 2] << 4 | (strchr(digits, *hex) - digits));
		n++;
	}
	return n / 2;
}

/* One target with everything that plots are made of, and more. */
static inline void klv_make_target(struct klv_encode *e, uint32_t id, double lat, double lon)
{
	klv_encode_member(e, id);
	klv_encode_number(e, 1, 409600, 3);
	klv_encode_number(e, 2, 409000, 3);
	klv_encode_number(e, 3, 410000, 3);
	klv_encode_number(e, 4, 27, 0);
	klv_encode_number(e, 8, 0xdaa520, 0);
	klv_encode_number(e, 10, 0.01, 0);
	klv_encode_number(e, 11, -0.02, 0);
	klv_encode_number(e, 12, 100, 0);
	klv_encode_open(e, 17);
	klv_encode_number(e, 0, lat, 0);
	klv_encode_number(e, 1, lon, 0);
	klv_encode_number(e, 2, 10, 0);
	klv_encode_number(e, 3, 20, 0);
	klv_encode_number(e, 4, 30, 0);
	klv_encode_number(e, 5, 40, 0);
	klv_encode_number(e, 6, 0.5, 0);
	klv_encode_number(e, 7, 0, 0);
	klv_encode_number(e, 8, -1, 0);
	klv_encode_close(e);
	klv_encode_open(e, 104);
	klv_encode_number(e, 2, 1, 0);
	klv_encode_open(e, 10);
	klv_encode_number(e, 0, 5, 0);
	klv_encode_number(e, 1, -5, 0);
	klv_encode_number(e, 2, 0, 0);
	klv_encode_close(e);
	klv_encode_close(e);
	klv_encode_close(e);
}

static inline void klv_make_vmti(struct klv_encode *e)
{
	klv_encode_open(e, 74);
	klv_encode_bytes(e, 3, "DSTO_ADSS_VMTI", 14);
	klv_encode_number(e, 4, 6, 1);
	klv_encode_number(e, 5, 28, 1);
	klv_encode_number(e, 6, 2, 1);
	klv_encode_number(e, 8, 1920, 2);
	klv_encode_number(e, 11, 12.5, 0);
	klv_encode_open(e, 101);
	klv_make_target(e, 1234, 54.5, 11.25);
	klv_make_target(e, 5, -33.25, -70.5);
	klv_encode_close(e);
	klv_encode_close(e);
}

static inline void klv_make_security(struct klv_encode *e)
{
	klv_encode_open(e, 48);
	klv_encode_number(e, 1, 1, 0);
	klv_encode_number(e, 2, 14, 0);
	klv_encode_bytes(e, 3, "//DEU", 5);
	klv_encode_bytes(e, 13, "\0D\0E\0U", 6);
	klv_encode_number(e, 22, 12, 0);
	klv_encode_close(e);
}

/* Every tag of ST 0601: numbers at @part of their range, three octets of everything else. The packet is in @e->bytes. */
static inline size_t klv_make_full(struct klv_encode *e, double part)
{
	const struct klv_set *set = klv_set_find("ST0601");

	klv_encode_begin(e, set);
	for (unsigned i = 2; i < set->table->n; i++) {
		const struct klv_tag *t = &set->table->tags[i];
		double span = (double)t->max - t->min;

		if (!t->name)
			continue;
		if (i == 48)
			klv_make_security(e);
		else if (i == 74)
			klv_make_vmti(e);
		else if (t->kind >= _KLV_NUMBER_MAX)
			klv_encode_bytes(e, i, "abc", 3);
		else
			klv_encode_number(e, i, span > 0 ? (t->min + part * span) / t->den : 100 * part,
				t->length ? t->length : 2);
	}

	ssize_t n = klv_encode_end(e, true);

	return n < 0 ? 0 : (size_t)n;
}

/* A packet of time, position and version. */
static inline size_t klv_make_small(struct klv_encode *e, double time_s)
{
	klv_encode_begin(e, klv_set_find("ST0601"));
	klv_encode_number(e, 2, time_s, 0);
	klv_encode_number(e, 13, 54.5, 0);
	klv_encode_number(e, 14, 11.25, 0);
	klv_encode_number(e, 65, 19, 0);
	return (size_t)klv_encode_end(e, true);
}

/* --- transport stream --- */

struct klv_make_ts {
	uint8_t bytes[1 << 18];
	size_t n;
	uint8_t counters[8192];
	uint8_t flags; /* into the fourth octet of the next packets: 0x80 scrambled */
};

/* One packet: as much of @data as fits, the rest of the packet stuffed by an adaptation field. Returns what fitted. */
static inline size_t klv_make_packet(struct klv_make_ts *t, unsigned pid, bool start, const uint8_t *data, size_t size)
{
	uint8_t *p = t->bytes + t->n;
	size_t fits = size < KLV_TS_PACKET - 4 ? size : KLV_TS_PACKET - 4, stuff = KLV_TS_PACKET - 4 - fits;

	p[0] = 0x47;
	p[1] = (uint8_t)((start ? 0x40 : 0) | pid >> 8);
	p[2] = (uint8_t)pid;
	p[3] = (uint8_t)(t->flags | (stuff ? 0x30 : 0x10) | (t->counters[pid]++ & 15));
	if (stuff) {
		memset(p + 4, 0xff, stuff);
		p[4] = (uint8_t)(stuff - 1);
		if (stuff > 1)
			p[5] = 0;
	}
	memcpy(p + 4 + stuff, data, fits);
	t->n += KLV_TS_PACKET;
	return fits;
}

static inline void klv_make_unit(struct klv_make_ts *t, unsigned pid, const uint8_t *data, size_t size)
{
	for (size_t at = 0; at < size;)
		at += klv_make_packet(t, pid, at == 0, data + at, size - at);
}

/* A table of @body, which begins behind the section's length; padded to a packet. */
static inline void klv_make_section(struct klv_make_ts *t, unsigned pid, uint8_t table, const uint8_t *body, size_t size)
{
	uint8_t s[1100];
	size_t n = 1 + 3 + size;

	s[0] = 0; /* the pointer */
	s[1] = table;
	s[2] = (uint8_t)(0xb0 | (size + 4) >> 8);
	s[3] = (uint8_t)(size + 4);
	memcpy(s + 4, body, size);

	uint32_t crc = klv_ts_crc(s + 1, n - 1);

	for (unsigned i = 0; i < 4; i++)
		s[n++] = (uint8_t)(crc >> (24 - 8 * i));
	while (n % (KLV_TS_PACKET - 4))
		s[n++] = 0xff;
	klv_make_unit(t, pid, s, n);
}

static inline void klv_make_pat(struct klv_make_ts *t, unsigned pmt)
{
	const uint8_t body[] = { 0, 1, 0xc1, 0, 0, 0, 1, (uint8_t)(0xe0 | pmt >> 8), (uint8_t)pmt };

	klv_make_section(t, 0, 0, body, sizeof(body));
}

/* A program of a video stream and one of @type at @pid. */
static inline void klv_make_pmt(struct klv_make_ts *t, unsigned pmt, uint8_t type, unsigned pid)
{
	const uint8_t body[] = { 0, 1, 0xc1, 0, 0, 0xe1, 0xff, 0xf0, 0, /* no program descriptors */
		0x1b, 0xe1, 0xff, 0xf0, 0,				/* H.264 */
		type, (uint8_t)(0xe0 | pid >> 8), (uint8_t)pid, 0xf0, 6, 0x05, 4, 'K', 'L', 'V', 'A' };

	klv_make_section(t, pmt, 2, body, sizeof(body));
}

static inline void klv_make_tables(struct klv_make_ts *t, uint8_t type)
{
	klv_make_pat(t, KLV_MAKE_PMT);
	klv_make_pmt(t, KLV_MAKE_PMT, type, KLV_MAKE_PID);
}

/* A PES packet with a time stamp; @cell < 0: without a metadata access unit's header, else its fragment bits. */
static inline void klv_make_pes(struct klv_make_ts *t, unsigned pid, int cell, const uint8_t *data, size_t size)
{
	static uint8_t p[70000];
	size_t n = 0, content = size + 8 + (cell < 0 ? 0 : 5);
	const uint8_t header[] = { 0, 0, 1, cell < 0 ? 0xbd : 0xfc, (uint8_t)(content >> 8), (uint8_t)content, 0x84, 0x80, 5,
		0x21, 0, 1, 0, 1 };
	const uint8_t cell_header[] = { 0, 0, (uint8_t)((unsigned)cell << 6 | 0x1f), (uint8_t)(size >> 8), (uint8_t)size };

	if (size > KLV_PACKET_MAX)
		abort();
	memcpy(p, header, sizeof(header));
	n = sizeof(header);
	if (cell >= 0) {
		memcpy(p + n, cell_header, sizeof(cell_header));
		n += sizeof(cell_header);
	}
	memcpy(p + n, data, size);
	klv_make_unit(t, pid, p, n + size);
}
