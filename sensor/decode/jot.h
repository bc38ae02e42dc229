/*
 * jot - JSON written into a caller's buffer: no allocation, integer arithmetic only.
 *
 * Sticky: after the first write that does not fit every call is a no-op and `full` is set.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jot {
	char *buf;
	size_t cap, len;
	bool full;
	bool comma; /* a value precedes in the open object or array */
};

void jot_init(struct jot *j, char *buf, size_t cap);
void jot_open(struct jot *j, char bracket); /* '{' or '[' */
void jot_close(struct jot *j, char bracket);
void jot_key(struct jot *j, const char *key); /* plain ASCII without quotes */
void jot_null(struct jot *j);
void jot_bool(struct jot *j, bool v);
void jot_int(struct jot *j, int64_t v);
/** jot_text() - escapes quotes, backslashes and control characters; bytes above 0x7e become '?'. */
void jot_text(struct jot *j, const char *text, size_t len);
void jot_hex(struct jot *j, const uint8_t *data, size_t size); /* as a string of upper-case hex */
/** jot_scaled() - @raw x @num / @den, rounded half away from zero at @decimals (<= 13), no trailing zeros. */
void jot_scaled(struct jot *j, int64_t raw, int64_t num, int64_t den, unsigned decimals);
/** jot_raw() - bytes as they are, without any comma: line ends, parts made elsewhere. */
void jot_raw(struct jot *j, const char *text, size_t len);
