#include "sensor/decode/jot.h"

#include <string.h>

#define NUMBER_MAX 48 /* sign, 20 digits, point, 13 decimals */

static const int64_t power10[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000 };

static bool room(struct jot *j, size_t n)
{
	if (j->full || j->cap - j->len < n)
		j->full = true;
	return !j->full;
}

static void separate(struct jot *j)
{
	if (j->comma)
		jot_raw(j, ",", 1);
	j->comma = true;
}

/* Digits of @v before @end; returns their start. */
static char *digits(char *end, uint64_t v)
{
	do
		*--end = (char)('0' + v % 10);
	while (v /= 10);
	return end;
}

void jot_init(struct jot *j, char *buf, size_t cap)
{
	*j = (struct jot){ .buf = buf, .cap = cap };
}

void jot_raw(struct jot *j, const char *text, size_t len)
{
	if (!room(j, len))
		return;
	memcpy(j->buf + j->len, text, len);
	j->len += len;
}

void jot_open(struct jot *j, char bracket)
{
	separate(j);
	jot_raw(j, &bracket, 1);
	j->comma = false;
}

void jot_close(struct jot *j, char bracket)
{
	jot_raw(j, &bracket, 1);
	j->comma = true;
}

void jot_key(struct jot *j, const char *key)
{
	size_t n = strlen(key);

	separate(j);
	if (!room(j, n + 3))
		return;
	j->buf[j->len++] = '"';
	memcpy(j->buf + j->len, key, n);
	j->len += n;
	j->buf[j->len++] = '"';
	j->buf[j->len++] = ':';
	j->comma = false;
}

void jot_null(struct jot *j)
{
	separate(j);
	jot_raw(j, "null", 4);
}

void jot_bool(struct jot *j, bool v)
{
	separate(j);
	jot_raw(j, v ? "true" : "false", v ? 4 : 5);
}

void jot_int(struct jot *j, int64_t v)
{
	char buf[NUMBER_MAX], *end = buf + sizeof(buf);
	char *p = digits(end, v < 0 ? -(uint64_t)v : (uint64_t)v);

	if (v < 0)
		*--p = '-';
	separate(j);
	jot_raw(j, p, (size_t)(end - p));
}

void jot_text(struct jot *j, const char *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	separate(j);
	jot_raw(j, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			jot_raw(j, (char[]){ '\\', (char)c }, 2);
		else if (c < 0x20)
			jot_raw(j, (char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
		else
			jot_raw(j, c > 0x7e ? "?" : (const char *)&text[i], 1);
	}
	jot_raw(j, "\"", 1);
}

void jot_hex(struct jot *j, const uint8_t *data, size_t size)
{
	static const char hex[] = "0123456789ABCDEF";

	separate(j);
	if (!room(j, 2 * size + 2))
		return;
	j->buf[j->len++] = '"';
	for (size_t i = 0; i < size; i++) {
		j->buf[j->len++] = hex[data[i] >> 4];
		j->buf[j->len++] = hex[data[i] & 15];
	}
	j->buf[j->len++] = '"';
}

void jot_scaled(struct jot *j, int64_t raw, int64_t num, int64_t den, unsigned decimals)
{
	char buf[NUMBER_MAX], *end = buf + sizeof(buf), *p = end;
	unsigned __int128 wide = (unsigned __int128)(raw < 0 ? -(uint64_t)raw : (uint64_t)raw) *
		(uint64_t)num * (uint64_t)power10[decimals];
	uint64_t v;

	/* The 128-bit division is ten times dearer; nearly no field needs it. */
	if (wide >> 63)
		v = (uint64_t)((wide + (uint64_t)den / 2) / (uint64_t)den);
	else
		v = ((uint64_t)wide + (uint64_t)den / 2) / (uint64_t)den;

	bool negative = raw < 0 && v;
	unsigned places = decimals;

	for (; places && v % 10 == 0; places--)
		v /= 10;
	if (places) {
		uint64_t whole = v / (uint64_t)power10[places];

		p = digits(end, v % (uint64_t)power10[places]);
		while (end - p < (int)places)
			*--p = '0';
		*--p = '.';
		p = digits(p, whole);
	} else {
		p = digits(end, v);
	}
	if (negative)
		*--p = '-';
	separate(j);
	jot_raw(j, p, (size_t)(end - p));
}
