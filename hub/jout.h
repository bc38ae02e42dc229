/*
 * jout - writes JSON into a growing buffer; commas and escapes are its business.
 *
 * Sticky: after the first failure (no memory, JOUT_SIZE_MAX) every call is a no-op; jout_take() says so.
 * NaN and infinities are written as null. Text that is not UTF-8 is written with U+FFFD in place of each bad byte.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOUT_SIZE_MAX (64u << 20)

struct jout {
	char *buf;
	size_t len, cap;
	bool failed, comma;
};

void jout_init(struct jout *j);
void jout_done(struct jout *j); /* zeroed is fine */

/** jout_take() - the bytes, now the caller's (free()); NULL when anything failed. @j is reset. */
char *jout_take(struct jout *j, size_t *ret_size);

/* @key NULL: an array's element or the document. */
void jout_object(struct jout *j, const char *key);
void jout_object_end(struct jout *j);
void jout_array(struct jout *j, const char *key);
void jout_array_end(struct jout *j);
void jout_string(struct jout *j, const char *key, const char *value); /* NULL = null */
void jout_text(struct jout *j, const char *key, const char *value);   /* NULL or "" = null */
void jout_uint(struct jout *j, const char *key, uint64_t value);
void jout_int(struct jout *j, const char *key, int64_t value);
void jout_double(struct jout *j, const char *key, double value, int decimals);
void jout_bool(struct jout *j, const char *key, bool value);
void jout_null(struct jout *j, const char *key);
void jout_raw(struct jout *j, const char *key, const char *data, size_t size); /* trusted JSON, as it is */
