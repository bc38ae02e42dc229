#include "sensor/decode/adsb/adsb_framing.h"

#include <string.h>

#define ESCAPE 0x1a
#define HEAD 7	     /* bytes of clock and signal level */
#define LINE_MAX 256 /* a BaseStation line with every field at its longest is below 150 */
#define CLOCK_DIGITS 12
#define LEVEL_DIGITS 2
#define MODEAC_BYTES 2
#define DIGITS_MAX (CLOCK_DIGITS + LEVEL_DIGITS + 2 * ADSB_MESSAGE_LONG)

static void fail(struct adsb_framing *f, enum adsb_fault fault, size_t used)
{
	f->kind = ADSB_FRAMING_FAULT;
	f->fault = fault;
	f->used = used;
}

/* Level 0 is what tools send that know none. */
static int32_t level(uint8_t byte)
{
	return byte ? byte : ADSB_NONE;
}

static uint64_t clock_of(const uint8_t *p)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 6; i++)
		v = v << 8 | p[i];
	return v;
}

static void take_frame(struct adsb_framing *f, const uint8_t *frame, size_t size)
{
	f->kind = size == MODEAC_BYTES ? ADSB_FRAMING_MODEAC : ADSB_FRAMING_FRAME;
	f->size = size;
	memcpy(f->frame, frame, size);
}

/* --- Beast --- */

/* Bytes of a kind's frame; 0 = not known. */
static size_t beast_size(uint8_t kind)
{
	static const uint8_t sizes[] = { MODEAC_BYTES, ADSB_MESSAGE_SHORT, ADSB_MESSAGE_LONG, ADSB_MESSAGE_LONG };

	return kind >= '1' && kind <= '4' ? sizes[kind - '1'] : 0;
}

enum unescaped { WHOLE, SHORT, BROKEN };

/* @want bytes out of @data. @ret_used: what they took; of BROKEN, what is before the next message. */
static enum unescaped unescape(const uint8_t *data, size_t size, size_t want, uint8_t *ret_raw, size_t *ret_used)
{
	size_t at = 0;

	*ret_used = want;
	if (size >= want && !memchr(data, ESCAPE, want)) {
		memcpy(ret_raw, data, want);
		return WHOLE;
	}
	for (size_t n = 0; n < want; n++) {
		*ret_used = at;
		if (at == size || (data[at] == ESCAPE && at + 1 == size))
			return SHORT;
		if (data[at] == ESCAPE && data[++at] != ESCAPE)
			return BROKEN;
		ret_raw[n] = data[at++];
	}
	*ret_used = at;
	return WHOLE;
}

static void next_beast(const uint8_t *data, size_t size, struct adsb_framing *f)
{
	uint8_t raw[HEAD + ADSB_MESSAGE_LONG];
	size_t frame = size < 2 ? 0 : beast_size(data[1]), used;

	if (size < 2)
		return;
	if (!frame) {
		fail(f, ADSB_FAULT_KIND, data[1] == ESCAPE ? 2 : 1);
		return;
	}
	switch (unescape(data + 2, size - 2, HEAD + frame, raw, &used)) {
	case BROKEN:
		fail(f, ADSB_FAULT_TRUNCATED, 2 + used);
		return;
	case SHORT:
		return;
	case WHOLE:
		f->used = 2 + used;
		f->kind = ADSB_FRAMING_STATUS;
		f->ticks = clock_of(raw);
		f->rssi = level(raw[6]);
		if (data[1] != '4')
			take_frame(f, raw + HEAD, frame);
	}
}

/* --- AVR --- */

/* A hex digit's value + 1; 0 = none. */
static const uint8_t digits[256] = { ['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8,
	['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16 };

/* Hex digits up to ';'. Return: how many, or -1. */
static int hex_digits(const uint8_t *data, size_t size, uint8_t *ret_bytes)
{
	unsigned n = 0, high = 0;

	for (; n < size && data[n] != ';'; n++) {
		unsigned v = digits[data[n]];

		if (!v || n == DIGITS_MAX)
			return -1;
		if (n % 2)
			ret_bytes[n / 2] = (uint8_t)(high << 4 | (v - 1));
		high = v - 1;
	}
	return (int)n;
}

static void next_avr(const uint8_t *data, size_t size, struct adsb_framing *f)
{
	uint8_t bytes[DIGITS_MAX / 2 + 1];
	int n = hex_digits(data + 1, size - 1, bytes);
	size_t head = data[0] == '*' ? 0 : data[0] == '<' ? CLOCK_DIGITS + LEVEL_DIGITS : CLOCK_DIGITS;
	size_t frame = n < 0 ? 0 : (size_t)n / 2 - head / 2;

	if (n >= 0 && (size_t)n + 1 == size)
		return;
	if (n < 0 || n % 2 || (size_t)n < head ||
		(frame != MODEAC_BYTES && frame != ADSB_MESSAGE_SHORT && frame != ADSB_MESSAGE_LONG)) {
		fail(f, ADSB_FAULT_TEXT, 1);
		return;
	}
	f->used = (size_t)n + 2;
	if (head)
		f->ticks = clock_of(bytes);
	if (data[0] == '<')
		f->rssi = level(bytes[6]);
	take_frame(f, bytes + head / 2, frame);
}

/* --- BaseStation --- */

static bool is_line(const uint8_t *data, size_t size)
{
	static const char kinds[][4] = { "MSG", "SEL", "ID,", "AIR", "STA", "CLK" };

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!memcmp(data, kinds[i], size < 3 ? size : 3))
			return size < 4 || data[2] == ',' || data[3] == ',';
	return false;
}

static void next_line(const uint8_t *data, size_t size, bool last, struct adsb_framing *f)
{
	const uint8_t *end = memchr(data, '\n', size < LINE_MAX ? size : LINE_MAX);

	if (!end && size >= LINE_MAX) {
		fail(f, ADSB_FAULT_SBS, LINE_MAX);
		return;
	}
	if (!end && !last)
		return;
	f->used = end ? (size_t)(end - data) + 1 : size;
	end = end ? end : data + size;
	f->line = (const char *)data;
	f->line_len = (size_t)(end - data);
	if (f->line_len && f->line[f->line_len - 1] == '\r')
		f->line_len--;
	f->kind = data[0] == 'M' ? ADSB_FRAMING_LINE : ADSB_FRAMING_STATUS;
}

/* --- all three --- */

enum begin { NOTHING, BEAST, AVR, LINE, BLANK };

static const uint8_t begins[256] = {
	[ESCAPE] = BEAST,
	['*'] = AVR, ['@'] = AVR, ['%'] = AVR, ['<'] = AVR,
	['M'] = LINE, ['S'] = LINE, ['I'] = LINE, ['A'] = LINE, ['C'] = LINE,
	['\r'] = BLANK, ['\n'] = BLANK, [' '] = BLANK, ['\t'] = BLANK, [0] = BLANK,
};

/* Bytes up to the next that could begin something. */
static void skip(const uint8_t *data, size_t size, struct adsb_framing *f)
{
	size_t n = 1;

	while (n < size && begins[data[n]] == NOTHING)
		n++;
	fail(f, ADSB_FAULT_GARBAGE, n);
}

void adsb_framing_next(const uint8_t *data, size_t size, bool last, struct adsb_framing *ret_f)
{
	struct adsb_framing *f = ret_f;
	enum begin begin = begins[data[0]];

	*f = (struct adsb_framing){ .kind = ADSB_FRAMING_MORE, .ticks = UINT64_MAX, .rssi = ADSB_NONE };
	if (begin == BEAST) {
		next_beast(data, size, f);
	} else if (begin == AVR) {
		next_avr(data, size, f);
	} else if (begin == LINE && is_line(data, size)) {
		next_line(data, size, last, f);
	} else if (begin == BLANK) {
		f->kind = ADSB_FRAMING_BLANK;
		f->used = 1;
	} else {
		skip(data, size, f);
	}
}

bool adsb_framing_begins(const uint8_t *data, size_t size)
{
	struct adsb_framing f;

	while (size && begins[data[0]] == BLANK)
		data++, size--;
	if (!size)
		return false;
	adsb_framing_next(data, size, false, &f);
	return f.kind != ADSB_FRAMING_MORE && f.kind != ADSB_FRAMING_FAULT;
}
