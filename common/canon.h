/*
 * canon - deterministic CBOR (RFC 8949 4.2.1): integers, strings, arrays, maps, booleans, null. No floats.
 *
 * Encoder over a caller's buffer, decoder that refuses what is not canonical: non-shortest integers,
 * unsorted or duplicate map keys, indefinite lengths, depth over CANON_DEPTH_MAX. Both are sticky: after the
 * first failure every call is a no-op, the caller checks once at the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CANON_DEPTH_MAX 16

struct canon_out {
	uint8_t *buf;
	size_t cap, len;
	bool failed; /* did not fit */
};

void canon_out_init(struct canon_out *o, void *buf, size_t cap);
void canon_put_uint(struct canon_out *o, uint64_t v);
void canon_put_int(struct canon_out *o, int64_t v);
void canon_put_bool(struct canon_out *o, bool v);
void canon_put_null(struct canon_out *o);
void canon_put_bytes(struct canon_out *o, const void *data, size_t size);
void canon_put_text(struct canon_out *o, const char *text);
void canon_put_array(struct canon_out *o, size_t n);
void canon_put_map(struct canon_out *o, size_t n); /* caller puts keys in ascending order */

struct canon_in {
	const uint8_t *p, *end;
	unsigned depth;
	int error; /* 0, -EBADMSG (not CBOR or not canonical), -EMSGSIZE (truncated), -ERANGE, -ELOOP (too deep) */
};

enum canon_type { CANON_UINT, CANON_NINT, CANON_BYTES, CANON_TEXT, CANON_ARRAY, CANON_MAP, CANON_BOOL, CANON_NULL, CANON_END };

void canon_in_init(struct canon_in *i, const void *data, size_t size);
enum canon_type canon_peek(const struct canon_in *i); /* CANON_END at the end or after an error */
uint64_t canon_get_uint(struct canon_in *i);
int64_t canon_get_int(struct canon_in *i); /* either sign */
bool canon_get_bool(struct canon_in *i);
void canon_get_null(struct canon_in *i);
const void *canon_get_bytes(struct canon_in *i, size_t *ret_size); /* borrowed from the input; NULL on error */
/** canon_get_text() - copies into @buf with NUL; -ERANGE when it does not fit or holds a NUL or bad UTF-8. */
void canon_get_text(struct canon_in *i, char *buf, size_t cap);
size_t canon_get_array(struct canon_in *i);
size_t canon_get_map(struct canon_in *i);

/* Walks an integer-keyed map; prev starts at -1:
 *   size_t n = canon_get_map(i); int64_t prev = -1; uint64_t key;
 *   while (canon_next_key(i, &n, &prev, &key)) switch (key) ... default: canon_skip(i); */
bool canon_next_key(struct canon_in *i, size_t *n, int64_t *prev, uint64_t *ret_key);
void canon_skip(struct canon_in *i); /* one item of any kind, checked for canonical form */
/** canon_raw() - one item, checked, borrowed as bytes: to keep unknown fields or nested objects byte-exact. */
const void *canon_raw(struct canon_in *i, size_t *ret_size);
/** canon_is_text() - what canon_get_text() takes: well-formed UTF-8 without NUL. */
bool canon_is_text(const void *text, size_t size);
/** canon_done() - Return: 0 when all was consumed without error, else the error (-EBADMSG for trailing bytes). */
int canon_done(const struct canon_in *i);
