/*
 * wire_field - objects as tables: which key holds which member, in which unit, in which range.
 *
 * One const table drives both directions. A member that is unknown (NaN, 0, empty, false) is left out unless the field
 * is required. For common/wire*.c only.
 */
#pragma once

#include "common/canon.h"

#include <stddef.h>

enum wire_type {
	WIRE_T_ENUM,  /* int, 0 .. max - 1 */
	WIRE_T_TEXT,  /* char[size] */
	WIRE_T_U8,    /* unsigned integers up to max */
	WIRE_T_U16,
	WIRE_T_U32,
	WIRE_T_U64,
	WIRE_T_I64,   /* int64_t >= 0: a time or duration, ns */
	WIRE_T_BOOL,
	WIRE_T_REAL,  /* double <-> integer: value x scale, |integer| <= max */
	WIRE_T_NEST,  /* a member with its own put and get */
};

struct wire_field {
	uint8_t key;
	enum wire_type type;
	size_t offset, size;
	bool required;
	bool is_signed;	 /* REAL */
	double scale;	 /* REAL: wire units per SI unit */
	double max;	 /* largest integer on the wire; 0 = the type's own */
	bool (*has)(const void *member);
	void (*put)(struct canon_out *o, const void *member);
	void (*get)(struct canon_in *i, void *member);
};

/** wire_field_put() - @object as a map by @fields (ascending keys, ended by key 0). */
void wire_field_put(struct canon_out *o, const struct wire_field *fields, const void *object);

/** wire_field_get() - one map into @object (already holding the "unknown" values). Errors stick in @i. */
void wire_field_get(struct canon_in *i, const struct wire_field *fields, void *object);

/** wire_field_fail() - makes @i fail with @error, if it has not failed yet. */
void wire_field_fail(struct canon_in *i, int error);
