/*
 * ais_make - AIS sentences for tests, made bit by bit by the standard's layout and independent of the decoder's tables.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct ais_make {
	char bits[1300];
	unsigned n;
};

static inline void ais_make_put(struct ais_make *m, int64_t v, unsigned width)
{
	while (width--)
		m->bits[m->n++] = (char)('0' + ((uint64_t)v >> width & 1));
}

static inline void ais_make_text(struct ais_make *m, const char *text, unsigned chars)
{
	for (unsigned i = 0, len = (unsigned)strlen(text); i < chars; i++)
		ais_make_put(m, i < len ? text[i] & 63 : 0, 6);
}

static inline void ais_make_begin(struct ais_make *m, unsigned type, uint32_t mmsi)
{
	m->n = 0;
	ais_make_put(m, type, 6);
	ais_make_put(m, 0, 2);
	ais_make_put(m, mmsi, 30);
}

static inline unsigned ais_make_checksum(const char *p)
{
	unsigned sum = 0;

	while (*p)
		sum ^= (unsigned char)*p++;
	return sum;
}

/* One sentence of characters [from, to) of the payload, `*hh` and CRLF included. */
static inline void ais_make_part(const char *payload, unsigned from, unsigned to, unsigned n, unsigned i, const char *seq,
	const char *channel, unsigned fill, char *out, size_t cap)
{
	char body[512];

	snprintf(body, sizeof(body), "AIVDM,%u,%u,%s,%s,%.*s,%u", n, i, seq, channel, (int)(to - from), payload + from,
		fill);
	snprintf(out, cap, "!%.230s*%02X\r\n", body, ais_make_checksum(body));
}

/* Armours the bits; returns the number of characters. */
static inline unsigned ais_make_payload(const struct ais_make *m, char *out, unsigned *ret_fill)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->n; i += 6) {
		unsigned v = 0;

		for (unsigned k = 0; k < 6; k++)
			v = v << 1 | (i + k < m->n && m->bits[i + k] == '1');
		out[n++] = (char)(v < 40 ? v + 48 : v + 56);
	}
	out[n] = '\0';
	*ret_fill = (6 - m->n % 6) % 6;
	return n;
}

/* The message in one sentence. */
static inline void ais_make_one(const struct ais_make *m, char *out, size_t cap)
{
	char payload[256];
	unsigned fill, n = ais_make_payload(m, payload, &fill);

	ais_make_part(payload, 0, n, 1, 1, "", "A", fill, out, cap);
}

/* Type 1 with everything chosen by the caller. */
static inline void ais_make_position(struct ais_make *m, uint32_t mmsi, int status, int turn, int speed, int accuracy,
	int32_t lon, int32_t lat, int course, int heading, int second)
{
	ais_make_begin(m, 1, mmsi);
	ais_make_put(m, status, 4);
	ais_make_put(m, turn, 8);
	ais_make_put(m, speed, 10);
	ais_make_put(m, accuracy, 1);
	ais_make_put(m, lon, 28);
	ais_make_put(m, lat, 27);
	ais_make_put(m, course, 12);
	ais_make_put(m, heading, 9);
	ais_make_put(m, second, 6);
	ais_make_put(m, 0, 2 + 3 + 1 + 19);
}

/* Type 5, 424 bits. */
static inline void ais_make_static(struct ais_make *m, uint32_t mmsi, const char *name)
{
	ais_make_begin(m, 5, mmsi);
	ais_make_put(m, 0, 2);
	ais_make_put(m, 9134270, 30);
	ais_make_text(m, "DABC", 7);
	ais_make_text(m, name, 20);
	ais_make_put(m, 70, 8);
	ais_make_put(m, 225, 9);
	ais_make_put(m, 70, 9);
	ais_make_put(m, 1, 6);
	ais_make_put(m, 31, 6);
	ais_make_put(m, 1, 4);
	ais_make_put(m, 5, 4);
	ais_make_put(m, 15, 5);
	ais_make_put(m, 14, 5);
	ais_make_put(m, 0, 6);
	ais_make_put(m, 122, 8);
	ais_make_text(m, "KIEL", 20);
	ais_make_put(m, 0, 2);
}

/* Type 24 part B up to its dimensions. */
static inline void ais_make_part_b(struct ais_make *m, uint32_t mmsi)
{
	ais_make_begin(m, 24, mmsi);
	ais_make_put(m, 1, 2);
	ais_make_put(m, 37, 8);
	ais_make_text(m, "ABC", 3);
	ais_make_put(m, 9, 4);
	ais_make_put(m, 1048575, 20);
	ais_make_text(m, "DXY12", 7);
}
