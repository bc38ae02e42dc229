#include "hub/jout.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void jout_init(struct jout *j)
{
	*j = (struct jout){ 0 };
}

void jout_done(struct jout *j)
{
	free(j->buf);
	*j = (struct jout){ 0 };
}

char *jout_take(struct jout *j, size_t *ret_size)
{
	if (j->failed || !j->buf) {
		jout_done(j);
		return NULL;
	}
	char *buf = j->buf;
	if (ret_size)
		*ret_size = j->len;
	*j = (struct jout){ 0 };
	return buf;
}

static bool reserve(struct jout *j, size_t more)
{
	if (j->failed)
		return false;
	if (j->len + more + 1 <= j->cap)
		return true;
	size_t cap = j->cap ? j->cap : 1024;
	while (cap < j->len + more + 1)
		cap *= 2;
	char *buf = cap <= JOUT_SIZE_MAX ? realloc(j->buf, cap) : NULL;
	if (!buf) {
		j->failed = true;
		return false;
	}
	j->buf = buf;
	j->cap = cap;
	return true;
}

static void put(struct jout *j, const char *data, size_t size)
{
	if (!reserve(j, size))
		return;
	memcpy(j->buf + j->len, data, size);
	j->len += size;
	j->buf[j->len] = 0;
}

/* Bytes of the UTF-8 sequence at @p (RFC 3629), 0 when it is not one. */
static size_t utf8_size(const unsigned char *p)
{
	if (p[0] < 0x80)
		return 1;
	size_t n = p[0] >= 0xc2 && p[0] <= 0xdf ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
		(p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

static void put_quoted(struct jout *j, const char *text)
{
	put(j, "\"", 1);
	for (const unsigned char *p = (const unsigned char *)text; *p;) {
		size_t n = utf8_size(p);
		char esc[8];
		if (n == 0)
			put(j, "\xef\xbf\xbd", 3);
		else if (*p == '"' || *p == '\\')
			put(j, esc, (size_t)snprintf(esc, sizeof(esc), "\\%c", *p));
		else if (*p < 0x20 || *p == 0x7f)
			put(j, esc, (size_t)snprintf(esc, sizeof(esc), "\\u%04x", *p));
		else
			put(j, (const char *)p, n);
		p += n ? n : 1;
	}
	put(j, "\"", 1);
}

static void start(struct jout *j, const char *key)
{
	if (j->comma)
		put(j, ",", 1);
	if (key) {
		put_quoted(j, key);
		put(j, ":", 1);
	}
	j->comma = true;
}

void jout_raw(struct jout *j, const char *key, const char *data, size_t size)
{
	start(j, key);
	put(j, data, size);
}

static void open_with(struct jout *j, const char *key, const char *bracket)
{
	jout_raw(j, key, bracket, 1);
	j->comma = false;
}

static void close_with(struct jout *j, const char *bracket)
{
	put(j, bracket, 1);
	j->comma = true;
}

void jout_object(struct jout *j, const char *key)
{
	open_with(j, key, "{");
}

void jout_object_end(struct jout *j)
{
	close_with(j, "}");
}

void jout_array(struct jout *j, const char *key)
{
	open_with(j, key, "[");
}

void jout_array_end(struct jout *j)
{
	close_with(j, "]");
}

void jout_null(struct jout *j, const char *key)
{
	jout_raw(j, key, "null", 4);
}

void jout_string(struct jout *j, const char *key, const char *value)
{
	if (!value) {
		jout_null(j, key);
		return;
	}
	start(j, key);
	put_quoted(j, value);
}

void jout_text(struct jout *j, const char *key, const char *value)
{
	jout_string(j, key, value && value[0] ? value : NULL);
}

void jout_uint(struct jout *j, const char *key, uint64_t value)
{
	char text[24];
	jout_raw(j, key, text, (size_t)snprintf(text, sizeof(text), "%" PRIu64, value));
}

void jout_int(struct jout *j, const char *key, int64_t value)
{
	char text[24];
	jout_raw(j, key, text, (size_t)snprintf(text, sizeof(text), "%" PRId64, value));
}

void jout_double(struct jout *j, const char *key, double value, int decimals)
{
	char text[64];
	int n = isfinite(value) && fabs(value) < 1e18 ? snprintf(text, sizeof(text), "%.*f", decimals, value) : -1;
	if (n < 0 || n >= (int)sizeof(text)) {
		jout_null(j, key);
		return;
	}
	/* "-0.00" reads as a mistake. */
	const char *p = text[0] == '-' && strspn(text + 1, "0.") == (size_t)n - 1 ? text + 1 : text;
	jout_raw(j, key, p, (size_t)n - (size_t)(p - text));
}

void jout_bool(struct jout *j, const char *key, bool value)
{
	jout_raw(j, key, value ? "true" : "false", value ? 4 : 5);
}
