#include "sensor/decode/klv/klv_value.h"

#include <errno.h>
#include <math.h>

/* ST 1201 table 2 and 3, first octet of what has both top bits set: a quiet NaN, below the minimum, above the maximum. */
#define IMAPB_NAN 0xd0
#define IMAPB_BELOW 0xe0
#define IMAPB_ABOVE 0xe1

/* value = (raw x step + base) / den for first <= raw <= last. */
struct map {
	int64_t den, step, base, first, last;
};

static uint64_t max_of(size_t size)
{
	return UINT64_MAX >> (64 - 8 * size);
}

/* --- one map a kind --- */

static struct map map_uint(const struct klv_tag *t, size_t size)
{
	return (struct map){ t->den, 1, 0, 0, size < 8 ? (int64_t)max_of(size) : INT64_MAX };
}

static struct map map_int(const struct klv_tag *t, size_t size)
{
	int64_t last = (int64_t)(max_of(size) >> 1);

	return (struct map){ t->den, 1, 0, -last - 1, last };
}

static struct map map_mapped(const struct klv_tag *t, size_t size)
{
	int64_t last = (int64_t)max_of(size);

	return (struct map){ last * t->den, (int64_t)t->max - t->min, t->min * last, 0, last };
}

static struct map map_signed(const struct klv_tag *t, size_t size)
{
	int64_t last = (int64_t)(max_of(size) >> 1);

	return (struct map){ last * t->den, t->max, 0, -last, last };
}

/* @v / @den in steps of 2^-@scale, downwards. */
static int64_t whole_steps(int64_t v, int64_t den, int scale)
{
	__int128 a = scale > 0 ? v * ((__int128)1 << scale) : v, b = scale < 0 ? den * ((__int128)1 << -scale) : den;

	return (int64_t)(a / b - (a % b < 0));
}

/*
 * ST 1201: 2^scale steps a unit, so many that the range takes all octets but the top bit. A range with 0 within begins at the
 * whole number of steps below the minimum, so that 0 is exact.
 */
static struct map map_imapb(const struct klv_tag *t, size_t size)
{
	int range_log2 = 0, scale;

	while (((int64_t)t->den << range_log2) < (int64_t)t->max - t->min)
		range_log2++;
	scale = (int)(8 * size) - 1 - range_log2;

	int64_t den = scale > 0 ? INT64_C(1) << scale : 1, step = scale < 0 ? INT64_C(1) << -scale : 1;
	int64_t below = t->min < 0 ? whole_steps(t->min, t->den, scale) : 0;
	int64_t last = t->min < 0 ? whole_steps(t->max, t->den, scale) - below
		: whole_steps((int64_t)t->max - t->min, t->den, scale);

	return (struct map){ den, step, t->min < 0 ? below * step : t->min * den, 0, last };
}

static struct map map_oid(const struct klv_tag *t, size_t size)
{
	return (struct map){ t->den, 1, 0, 0, (INT64_C(1) << (7 * size)) - 1 };
}

static struct map (*const maps[_KLV_NUMBER_MAX])(const struct klv_tag *t, size_t size) = {
	[KLV_UINT] = map_uint,
	[KLV_INT] = map_int,
	[KLV_TIME] = map_uint,
	[KLV_MAPPED] = map_mapped,
	[KLV_SIGNED] = map_signed,
	[KLV_IMAPB] = map_imapb,
	[KLV_OID] = map_oid,
};

/* --- octets --- */

static int64_t load(const struct klv_item *i)
{
	unsigned width = i->tag->kind == KLV_OID ? 7 : 8;
	bool sign = i->tag->kind == KLV_INT || i->tag->kind == KLV_SIGNED;
	uint64_t v = sign && i->data[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t n = 0; n < i->size; n++)
		v = v << width | (i->data[n] & (0xff >> (8 - width)));
	return (int64_t)v;
}

static void store(const struct klv_tag *t, uint8_t *p, size_t size, uint64_t v)
{
	unsigned width = t->kind == KLV_OID ? 7 : 8;

	for (size_t n = size; n--; v >>= width)
		p[n] = (uint8_t)(width == 8 ? v : (v & 0x7f) | (n + 1 < size ? 0x80 : 0));
}

bool klv_value_read(const struct klv_item *item, struct klv_value *ret_v)
{
	if (!item->size)
		return false;

	struct map m = maps[item->tag->kind](item->tag, item->size);
	int64_t raw = load(item);

	/* Eight octets without a sign may look negative: they are above what an int64_t holds. */
	if (raw < m.first || raw > m.last)
		return false;
	*ret_v = (struct klv_value){ raw * m.step + m.base, m.den, m.step };
	return true;
}

double klv_value_number(const struct klv_item *item)
{
	struct klv_value v;

	return klv_value_read(item, &v) ? (double)v.num / (double)v.den : NAN;
}

static bool can_write(const struct klv_tag *t, size_t size)
{
	return t->kind < _KLV_NUMBER_MAX && size >= t->min_length && size <= t->max_length && size <= 8;
}

/* The kind's code for @v, which has no raw. */
static int store_special(const struct klv_tag *t, double v, uint8_t *p, size_t size)
{
	uint8_t code = isnan(v) ? IMAPB_NAN : v * t->den < t->min ? IMAPB_BELOW : IMAPB_ABOVE;

	if (t->kind != KLV_SIGNED && t->kind != KLV_IMAPB)
		return -ERANGE;
	store(t, p, size, (uint64_t)(t->kind == KLV_SIGNED ? 0x80 : code) << (8 * (size - 1)));
	return 0;
}

int klv_value_write(const struct klv_tag *tag, double v, uint8_t *ret_data, size_t size)
{
	if (!can_write(tag, size))
		return -EINVAL;

	struct map m = maps[tag->kind](tag, size);
	double steps = (v * (double)m.den - (double)m.base) / (double)m.step;
	double raw = tag->kind == KLV_IMAPB ? floor(steps) : nearbyint(steps); /* ST 1201 7.2.1 truncates */

	/* Of 2^63 - 1 the nearest double is 2^63. */
	if (!(raw >= (double)m.first && raw <= (double)m.last && raw < 0x1p63))
		return store_special(tag, v, ret_data, size);
	store(tag, ret_data, size, (uint64_t)(int64_t)raw);
	return 0;
}

int klv_value_write_exact(const struct klv_tag *tag, const struct klv_value *v, uint8_t *ret_data, size_t size)
{
	if (!can_write(tag, size))
		return -EINVAL;

	struct map m = maps[tag->kind](tag, size);
	int64_t raw = (v->num - m.base) / m.step;

	if (raw < m.first || raw > m.last)
		return -ERANGE;
	store(tag, ret_data, size, (uint64_t)raw);
	return 0;
}
