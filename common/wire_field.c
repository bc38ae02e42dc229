#include "common/wire_field.h"

#include <errno.h>
#include <math.h>
#include <string.h>

void wire_field_fail(struct canon_in *i, int error)
{
	if (!i->error)
		i->error = error;
}

static uint64_t load(const struct wire_field *f, const void *m)
{
	switch (f->type) {
	case WIRE_T_ENUM: return (uint64_t) * (const int *)m;
	case WIRE_T_U8: return *(const uint8_t *)m;
	case WIRE_T_U16: return *(const uint16_t *)m;
	case WIRE_T_U32: return *(const uint32_t *)m;
	case WIRE_T_U64: return *(const uint64_t *)m;
	case WIRE_T_I64: return (uint64_t) * (const int64_t *)m;
	default: return 0;
	}
}

static void store(const struct wire_field *f, void *m, uint64_t v)
{
	switch (f->type) {
	case WIRE_T_ENUM: *(int *)m = (int)v; break;
	case WIRE_T_U8: *(uint8_t *)m = (uint8_t)v; break;
	case WIRE_T_U16: *(uint16_t *)m = (uint16_t)v; break;
	case WIRE_T_U32: *(uint32_t *)m = (uint32_t)v; break;
	case WIRE_T_U64: *(uint64_t *)m = v; break;
	case WIRE_T_I64: *(int64_t *)m = (int64_t)v; break;
	default: break;
	}
}

static double limit(const struct wire_field *f)
{
	static const double own[] = {
		[WIRE_T_U8] = UINT8_MAX,   [WIRE_T_U16] = UINT16_MAX,   [WIRE_T_U32] = UINT32_MAX,
		[WIRE_T_U64] = 0x1p63, [WIRE_T_I64] = 0x1p62, [WIRE_T_REAL] = 0x1p53,
	};
	return f->max > 0 || f->type == WIRE_T_ENUM ? f->max : own[f->type];
}

static bool present(const struct wire_field *f, const void *m)
{
	if (f->required)
		return true; /* an unknown REAL then fails in put_real() */
	if (f->type == WIRE_T_REAL)
		return !isnan(*(const double *)m);
	if (f->type == WIRE_T_TEXT)
		return *(const char *)m;
	if (f->type == WIRE_T_BOOL)
		return *(const bool *)m;
	if (f->type == WIRE_T_NEST)
		return f->has(m);
	return load(f, m) != 0;
}

static void put_real(struct canon_out *o, const struct wire_field *f, double value)
{
	double scaled = value * f->scale;
	if (!(fabs(scaled) <= limit(f)) || (!f->is_signed && scaled < -0.5)) {
		o->failed = true;
		return;
	}
	canon_put_int(o, llround(scaled < 0 && !f->is_signed ? 0 : scaled));
}

static void put_member(struct canon_out *o, const struct wire_field *f, const void *m)
{
	canon_put_uint(o, f->key);
	if (f->type == WIRE_T_TEXT)
		canon_put_text(o, m);
	else if (f->type == WIRE_T_BOOL)
		canon_put_bool(o, *(const bool *)m);
	else if (f->type == WIRE_T_REAL)
		put_real(o, f, *(const double *)m);
	else if (f->type == WIRE_T_NEST)
		f->put(o, m);
	else
		canon_put_uint(o, load(f, m));
}

void wire_field_put(struct canon_out *o, const struct wire_field *fields, const void *object)
{
	size_t n = 0;
	for (const struct wire_field *f = fields; f->key; f++)
		n += present(f, (const char *)object + f->offset);
	canon_put_map(o, n);
	for (const struct wire_field *f = fields; f->key; f++)
		if (present(f, (const char *)object + f->offset))
			put_member(o, f, (const char *)object + f->offset);
}

static void get_number(struct canon_in *i, const struct wire_field *f, void *m)
{
	uint64_t v = canon_get_uint(i);
	double max = f->type == WIRE_T_ENUM ? f->max - 1 : limit(f);
	if (i->error)
		return;
	if ((double)v > max)
		wire_field_fail(i, -ERANGE);
	else
		store(f, m, v);
}

static void get_real(struct canon_in *i, const struct wire_field *f, double *m)
{
	int64_t v = canon_get_int(i);
	if (i->error)
		return;
	if (fabs((double)v) > limit(f) || (v < 0 && !f->is_signed))
		wire_field_fail(i, -ERANGE);
	else
		*m = (double)v / f->scale;
}

static void get_member(struct canon_in *i, const struct wire_field *f, void *m)
{
	if (f->type == WIRE_T_TEXT)
		canon_get_text(i, m, f->size);
	else if (f->type == WIRE_T_BOOL)
		*(bool *)m = canon_get_bool(i);
	else if (f->type == WIRE_T_REAL)
		get_real(i, f, m);
	else if (f->type == WIRE_T_NEST)
		f->get(i, m);
	else
		get_number(i, f, m);
}

void wire_field_get(struct canon_in *i, const struct wire_field *fields, void *object)
{
	uint32_t seen = 0;
	int64_t prev = -1;
	uint64_t key;
	for (size_t n = canon_get_map(i); canon_next_key(i, &n, &prev, &key);) {
		const struct wire_field *f = fields;
		while (f->key && f->key != key)
			f++;
		if (!f->key) {
			canon_skip(i);
			continue;
		}
		get_member(i, f, (char *)object + f->offset);
		seen |= UINT32_C(1) << key; /* keys of ours are below 32 */
	}
	for (const struct wire_field *f = fields; f->key && !i->error; f++)
		if (f->required && !(seen >> f->key & 1))
			wire_field_fail(i, -EBADMSG);
}
