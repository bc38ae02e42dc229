/*
 * canon - the encoder is libcbor's; the decoder is ours, because libcbor's accepts what is not canonical.
 *
 * Source: RFC 8949, 3 (heads) and 4.2.1 (core deterministic encoding).
 */
#include "common/canon.h"

#include <assert.h>
#include <cbor.h>
#include <errno.h>
#include <string.h>

enum major { UINT, NINT, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };

/* Simple values of major type 7. */
#define SIMPLE_FALSE 20
#define SIMPLE_TRUE 21
#define SIMPLE_NULL 22

/* --- encoder --- */

void canon_out_init(struct canon_out *o, void *buf, size_t cap)
{
	*o = (struct canon_out){ .buf = buf, .cap = cap };
}

/* libcbor's encoders write the shortest head and return 0 when it does not fit. */
static void advance(struct canon_out *o, size_t written)
{
	if (written == 0)
		o->failed = true;
	else
		o->len += written;
}

#define PUT(o, call)                                                                                           \
	do {                                                                                                   \
		if (!(o)->failed)                                                                              \
			advance(o, call);                                                                      \
	} while (0)

void canon_put_uint(struct canon_out *o, uint64_t v)
{
	PUT(o, cbor_encode_uint(v, o->buf + o->len, o->cap - o->len));
}

void canon_put_int(struct canon_out *o, int64_t v)
{
	if (v >= 0)
		canon_put_uint(o, (uint64_t)v);
	else
		PUT(o, cbor_encode_negint((uint64_t)(-1 - v), o->buf + o->len, o->cap - o->len));
}

void canon_put_bool(struct canon_out *o, bool v)
{
	PUT(o, cbor_encode_bool(v, o->buf + o->len, o->cap - o->len));
}

void canon_put_null(struct canon_out *o)
{
	PUT(o, cbor_encode_null(o->buf + o->len, o->cap - o->len));
}

static void put_raw(struct canon_out *o, const void *data, size_t size)
{
	if (o->failed)
		return;
	if (size > o->cap - o->len) {
		o->failed = true;
		return;
	}
	if (size)
		memcpy(o->buf + o->len, data, size);
	o->len += size;
}

void canon_put_bytes(struct canon_out *o, const void *data, size_t size)
{
	PUT(o, cbor_encode_bytestring_start(size, o->buf + o->len, o->cap - o->len));
	put_raw(o, data, size);
}

void canon_put_text(struct canon_out *o, const char *text)
{
	size_t size = strlen(text);
	PUT(o, cbor_encode_string_start(size, o->buf + o->len, o->cap - o->len));
	put_raw(o, text, size);
}

void canon_put_array(struct canon_out *o, size_t n)
{
	PUT(o, cbor_encode_array_start(n, o->buf + o->len, o->cap - o->len));
}

void canon_put_map(struct canon_out *o, size_t n)
{
	PUT(o, cbor_encode_map_start(n, o->buf + o->len, o->cap - o->len));
}

/* --- decoder --- */

void canon_in_init(struct canon_in *i, const void *data, size_t size)
{
	*i = (struct canon_in){ .p = data, .end = (const uint8_t *)data + size };
}

static void fail(struct canon_in *i, int error)
{
	if (!i->error)
		i->error = error;
}

/* Reads a head: the major type must be @want. Anything but the shortest form is refused. */
static uint64_t head(struct canon_in *i, enum major want)
{
	static const uint64_t least[] = { 24, UINT64_C(1) << 8, UINT64_C(1) << 16, UINT64_C(1) << 32 };

	if (i->error)
		return 0;
	if (i->p == i->end)
		return fail(i, -EMSGSIZE), 0;
	unsigned info = *i->p & 31;
	if ((enum major)(*i->p >> 5) != want || info > 27)
		return fail(i, -EBADMSG), 0;
	if (info < 24)
		return i->p++, info;
	size_t bytes = (size_t)1 << (info - 24);
	if ((size_t)(i->end - i->p) < 1 + bytes)
		return fail(i, -EMSGSIZE), 0;
	uint64_t v = 0;
	for (size_t k = 1; k <= bytes; k++)
		v = v << 8 | i->p[k];
	if (v < least[info - 24])
		return fail(i, -EBADMSG), 0;
	i->p += 1 + bytes;
	return v;
}

enum canon_type canon_peek(const struct canon_in *i)
{
	static const enum canon_type by_major[] = { CANON_UINT, CANON_NINT, CANON_BYTES, CANON_TEXT, CANON_ARRAY,
		CANON_MAP };
	if (i->error || i->p == i->end)
		return CANON_END;
	unsigned major = *i->p >> 5, info = *i->p & 31;
	if (major < TAG)
		return by_major[major];
	if (major == SIMPLE && (info == SIMPLE_FALSE || info == SIMPLE_TRUE))
		return CANON_BOOL;
	return major == SIMPLE && info == SIMPLE_NULL ? CANON_NULL : CANON_END;
}

uint64_t canon_get_uint(struct canon_in *i)
{
	return head(i, UINT);
}

int64_t canon_get_int(struct canon_in *i)
{
	bool negative = canon_peek(i) == CANON_NINT;
	uint64_t v = head(i, negative ? NINT : UINT);
	if (v > INT64_MAX)
		return fail(i, -ERANGE), 0;
	return negative ? -1 - (int64_t)v : (int64_t)v;
}

static unsigned simple(struct canon_in *i)
{
	if (!i->error && i->p == i->end)
		fail(i, -EMSGSIZE);
	if (i->error)
		return 0;
	if (*i->p >> 5 != SIMPLE)
		return fail(i, -EBADMSG), 0;
	return *i->p++ & 31;
}

bool canon_get_bool(struct canon_in *i)
{
	unsigned v = simple(i);
	if (v != SIMPLE_FALSE && v != SIMPLE_TRUE)
		fail(i, -EBADMSG);
	return v == SIMPLE_TRUE && !i->error;
}

void canon_get_null(struct canon_in *i)
{
	if (simple(i) != SIMPLE_NULL)
		fail(i, -EBADMSG);
}

static const void *string(struct canon_in *i, enum major major, size_t *ret_size)
{
	uint64_t size = head(i, major);
	if (!i->error && size > (uint64_t)(i->end - i->p))
		fail(i, -EMSGSIZE);
	if (i->error) {
		*ret_size = 0;
		return NULL;
	}
	const void *data = i->p;
	i->p += size;
	*ret_size = size;
	return data;
}

const void *canon_get_bytes(struct canon_in *i, size_t *ret_size)
{
	return string(i, BYTES, ret_size);
}

/* Length of the well-formed UTF-8 sequence at s (Unicode 15, table 3-7); 0 when there is none. */
static size_t utf8_length(const uint8_t *s, size_t left)
{
	static const struct {
		uint8_t first_lo, first_hi, second_lo, second_hi, length;
	} forms[] = {
		{ 0x01, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		if (s[0] < forms[f].first_lo || s[0] > forms[f].first_hi)
			continue;
		if (forms[f].length > left)
			return 0;
		if (forms[f].length > 1 && (s[1] < forms[f].second_lo || s[1] > forms[f].second_hi))
			return 0;
		for (size_t k = 2; k < forms[f].length; k++)
			if (s[k] >> 6 != 2)
				return 0;
		return forms[f].length;
	}
	return 0; /* NUL included: our texts are C strings */
}

bool canon_is_text(const void *text, size_t size)
{
	const uint8_t *s = text;

	while (size) {
		size_t n = utf8_length(s, size);
		if (!n)
			return false;
		s += n;
		size -= n;
	}
	return true;
}

void canon_get_text(struct canon_in *i, char *buf, size_t cap)
{
	size_t size;
	const void *text = string(i, TEXT, &size);
	if (!i->error && (size >= cap || !canon_is_text(text, size)))
		fail(i, -ERANGE);
	if (i->error)
		return;
	if (size)
		memcpy(buf, text, size);
	buf[size] = 0;
}

/* An item is at least one byte: a count beyond what is left is refused before anyone loops over it. */
static size_t container(struct canon_in *i, enum major major, unsigned per_item)
{
	uint64_t n = head(i, major);
	if (!i->error && n > (uint64_t)(i->end - i->p) / per_item)
		fail(i, -EMSGSIZE);
	return i->error ? 0 : n;
}

size_t canon_get_array(struct canon_in *i)
{
	return container(i, ARRAY, 1);
}

size_t canon_get_map(struct canon_in *i)
{
	return container(i, MAP, 2);
}

bool canon_next_key(struct canon_in *i, size_t *n, int64_t *prev, uint64_t *ret_key)
{
	if (*n == 0 || i->error)
		return false;
	uint64_t key = canon_get_uint(i);
	if (!i->error && (key > INT64_MAX || (int64_t)key <= *prev))
		fail(i, -EBADMSG);
	if (i->error)
		return false;
	(*n)--;
	*prev = (int64_t)key;
	*ret_key = key;
	return true;
}

/* Map keys of any type: bytewise order of their encodings (RFC 8949 4.2.1). */
static void skip_map(struct canon_in *i)
{
	const uint8_t *before = NULL;
	size_t before_size = 0;
	for (size_t n = canon_get_map(i); n && !i->error; n--) {
		const uint8_t *key = i->p;
		canon_skip(i);
		size_t size = (size_t)(i->p - key), common = size < before_size ? size : before_size;
		int order = before && common ? memcmp(before, key, common) : -1;
		if (!i->error && before && (order > 0 || (order == 0 && before_size >= size)))
			fail(i, -EBADMSG);
		before = key;
		before_size = size;
		canon_skip(i);
	}
}

static void skip_text(struct canon_in *i)
{
	size_t size;
	const void *text = string(i, TEXT, &size);
	if (!i->error && size && memchr(text, 0, size) == NULL && !canon_is_text(text, size))
		fail(i, -EBADMSG);
}

static void skip_container(struct canon_in *i, enum canon_type type)
{
	if (++i->depth > CANON_DEPTH_MAX)
		return fail(i, -ELOOP);
	if (type == CANON_MAP)
		skip_map(i);
	else
		for (size_t n = canon_get_array(i); n && !i->error; n--)
			canon_skip(i);
	i->depth--;
}

void canon_skip(struct canon_in *i)
{
	size_t size;
	enum canon_type type = canon_peek(i);

	switch (type) {
	case CANON_UINT: (void)head(i, UINT); break;
	case CANON_NINT: (void)head(i, NINT); break;
	case CANON_BYTES: (void)canon_get_bytes(i, &size); break;
	case CANON_TEXT: skip_text(i); break;
	case CANON_ARRAY:
	case CANON_MAP: skip_container(i, type); break;
	case CANON_BOOL: (void)canon_get_bool(i); break;
	case CANON_NULL: canon_get_null(i); break;
	case CANON_END: fail(i, i->p == i->end ? -EMSGSIZE : -EBADMSG); break;
	}
}

const void *canon_raw(struct canon_in *i, size_t *ret_size)
{
	const uint8_t *start = i->p;
	canon_skip(i);
	*ret_size = i->error ? 0 : (size_t)(i->p - start);
	return i->error ? NULL : start;
}

int canon_done(const struct canon_in *i)
{
	if (i->error)
		return i->error;
	return i->p == i->end ? 0 : -EBADMSG;
}
