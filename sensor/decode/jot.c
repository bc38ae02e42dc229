#include "sensor/decode/jot.h"

#include <string.h>

#define ESCAPE_MAX 6 /* bytes a character may become */
#define NUMBER_SHORT 16
#define NUMBER_MAX 48 /* sign, 20 digits, point, 13 decimals */

static const int64_t power10[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000 };

/* Where @n bytes may be written; NULL when there is no room. The caller moves len. */
static inline char *room(struct jot *j, size_t n)
{
	if (j->full || j->cap - j->len < n) {
		j->full = true;
		return NULL;
	}
	return j->buf + j->len;
}

/* The same for a value of @n > 0 bytes: a comma first when one is due. */
static inline char *value_room(struct jot *j, size_t n)
{
	char *p = room(j, n + j->comma);

	if (!p)
		return NULL;
	*p = ',';
	p += j->comma;
	j->comma = true;
	return p;
}

static inline void wrote(struct jot *j, const char *end)
{
	j->len = (size_t)(end - j->buf);
}

static const char pairs[] = "0001020304050607080910111213141516171819"
			    "2021222324252627282930313233343536373839"
			    "4041424344454647484950515253545556575859"
			    "6061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";

/* Digits of @v before @end; returns their start. */
static inline char *digits(char *end, uint64_t v)
{
	for (; v >= 100; v /= 100)
		memcpy(end -= 2, pairs + v % 100 * 2, 2);
	if (v >= 10)
		memcpy(end -= 2, pairs + v * 2, 2);
	else
		*--end = (char)('0' + v);
	return end;
}

/*
 * The number in @buf (NUMBER_MAX bytes and NUMBER_SHORT behind it) from @from on. A short one is copied with what is behind it when
 * there is room: no loop, no call.
 */
static inline void put_number(struct jot *j, const char *buf, const char *from)
{
	size_t n = (size_t)(buf + NUMBER_MAX - from);
	char *p = value_room(j, n);

	if (!p)
		return;
	if (n <= NUMBER_SHORT && (size_t)(j->buf + j->cap - p) >= NUMBER_SHORT)
		memcpy(p, from, NUMBER_SHORT);
	else
		memcpy(p, from, n);
	wrote(j, p + n);
}

void jot_init(struct jot *j, char *buf, size_t cap)
{
	*j = (struct jot){ .buf = buf, .cap = cap };
}

void jot_raw(struct jot *j, const char *text, size_t len)
{
	char *p = room(j, len);

	if (!p)
		return;
	memcpy(p, text, len);
	j->len += len;
}

void jot_open(struct jot *j, char bracket)
{
	char *p = value_room(j, 1);

	if (!p)
		return;
	*p = bracket;
	wrote(j, p + 1);
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
	char *p = value_room(j, n + 3);

	if (!p)
		return;
	*p++ = '"';
	memcpy(p, key, n);
	p += n;
	*p++ = '"';
	*p++ = ':';
	wrote(j, p);
	j->comma = false;
}

static void put_word(struct jot *j, const char *word, size_t n)
{
	char *p = value_room(j, n);

	if (!p)
		return;
	memcpy(p, word, n);
	wrote(j, p + n);
}

void jot_null(struct jot *j)
{
	put_word(j, "null", 4);
}

void jot_bool(struct jot *j, bool v)
{
	put_word(j, v ? "true" : "false", v ? 4 : 5);
}

void jot_int(struct jot *j, int64_t v)
{
	char buf[NUMBER_MAX + NUMBER_SHORT], *p = digits(buf + NUMBER_MAX, v < 0 ? -(uint64_t)v : (uint64_t)v);

	if (v < 0)
		*--p = '-';
	put_number(j, buf, p);
}

/* What a character that cannot stand for itself becomes. */
static char *escape(char *p, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";

	if (c > 0x7e) {
		*p++ = '?';
	} else if (c < 0x20) {
		memcpy(p, "\\u00", 4);
		p[4] = hex[c >> 4];
		p[5] = hex[c & 15];
		p += 6;
	} else {
		*p++ = '\\';
		*p++ = (char)c;
	}
	return p;
}

static inline bool is_plain(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\';
}

/* What is reserved for a text: the most it can become while there is plenty of room, else what it becomes. */
static size_t text_size(const struct jot *j, const char *text, size_t len)
{
	size_t size = 0;
	char escaped[ESCAPE_MAX];

	if (j->cap - j->len > ESCAPE_MAX * (len + 1))
		return ESCAPE_MAX * len;
	for (size_t i = 0; i < len; i++)
		size += is_plain((unsigned char)text[i]) ? 1 : (size_t)(escape(escaped, (unsigned char)text[i]) - escaped);
	return size;
}

void jot_text(struct jot *j, const char *text, size_t len)
{
	char *p = value_room(j, text_size(j, text, len) + 2);

	if (!p)
		return;
	*p++ = '"';
	for (size_t i = 0; i < len; i++) {
		if (is_plain((unsigned char)text[i]))
			*p++ = text[i];
		else
			p = escape(p, (unsigned char)text[i]);
	}
	*p++ = '"';
	wrote(j, p);
}

void jot_hex(struct jot *j, const uint8_t *data, size_t size)
{
	static const char hex[] = "0123456789ABCDEF";

	char *p = value_room(j, 2 * size + 2);

	if (!p)
		return;
	*p++ = '"';
	for (size_t i = 0; i < size; i++) {
		*p++ = hex[data[i] >> 4];
		*p++ = hex[data[i] & 15];
	}
	*p++ = '"';
	wrote(j, p);
}

void jot_scaled(struct jot *j, int64_t raw, int64_t num, int64_t den, unsigned decimals)
{
	char buf[NUMBER_MAX + NUMBER_SHORT], *p = buf + NUMBER_MAX;
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
	for (unsigned i = 0; i < places; i++, v /= 10)
		*--p = (char)('0' + v % 10);
	if (places)
		*--p = '.';
	p = digits(p, v);
	if (negative)
		*--p = '-';
	put_number(j, buf, p);
}
