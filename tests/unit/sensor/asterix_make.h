/*
 * asterix_make - records nobody sent: numbers for asterix_values_put(), by the tables, for every kind of item.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/decode/asterix/asterix_values.h"

enum asterix_make_pick {
	ASTERIX_MAKE_LOW, /* the ends of each field's range */
	ASTERIX_MAKE_HIGH,
	ASTERIX_MAKE_ZERO,
	ASTERIX_MAKE_RANDOM, /* anything, the ends more often than chance would */
};

enum asterix_make_shape {
	ASTERIX_MAKE_ANY,   /* some sub-items, octets and parts */
	ASTERIX_MAKE_FULL,  /* all of them; `repeat` parts */
	ASTERIX_MAKE_EMPTY, /* as few as can be */
};

struct asterix_make {
	uint64_t *v;
	size_t n, cap;
	uint64_t seed; /* not 0 */
	enum asterix_make_pick pick;
	enum asterix_make_shape shape;
	unsigned repeat;
};

static inline uint64_t asterix_make_dice(struct asterix_make *m)
{
	m->seed ^= m->seed << 13;
	m->seed ^= m->seed >> 7;
	m->seed ^= m->seed << 17;
	return m->seed;
}

static inline void asterix_make_put(struct asterix_make *m, uint64_t v)
{
	assert(m->n < m->cap);
	m->v[m->n++] = v;
}

static inline unsigned asterix_make_count(struct asterix_make *m)
{
	return (unsigned[]){ (unsigned)(asterix_make_dice(m) % 4), m->repeat, 0 }[m->shape];
}

static inline bool asterix_make_wants(struct asterix_make *m)
{
	return m->shape == ASTERIX_MAKE_FULL || (m->shape == ASTERIX_MAKE_ANY && asterix_make_dice(m) % 2);
}

/* A number of a field's @width bits. */
static inline void asterix_make_number(struct asterix_make *m, unsigned width, bool is_signed)
{
	bool end = m->pick == ASTERIX_MAKE_RANDOM && asterix_make_dice(m) % 4 == 0;
	unsigned pick = end ? (unsigned)(asterix_make_dice(m) % 3) : m->pick;
	uint64_t ones = UINT64_MAX >> (64 - width), low = is_signed ? ~(ones >> 1) : 0, high = is_signed ? ones >> 1 : ones;
	uint64_t any = asterix_make_dice(m) & ones;

	if (is_signed)
		any = (uint64_t)((int64_t)(any << (64 - width)) >> (64 - width));
	asterix_make_put(m, (uint64_t[]){ low, high, 0, any }[pick]);
}

static inline void asterix_make_fields(struct asterix_make *m, const struct asterix_item *item, unsigned octets)
{
	unsigned bit = 0;

	for (unsigned i = 0; i < item->n_fields && bit < 8 * octets; bit += item->fields[i++].width) {
		const struct asterix_field *f = &item->fields[i];
		unsigned left = f->width;

		if (f->kind >= ASTERIX_SPARE)
			continue;
		for (; left > ASTERIX_VALUES_WIDE; left -= ASTERIX_VALUES_PIECE)
			asterix_make_number(m, ASTERIX_VALUES_PIECE, false);
		asterix_make_number(m, left, f->kind == ASTERIX_INT || f->kind == ASTERIX_SIGNED);
	}
}

static inline void asterix_make_item(struct asterix_make *m, const struct asterix_item *item);

/* Octets up to one of the item's FX bits. */
static inline void asterix_make_extended(struct asterix_make *m, const struct asterix_item *item)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < item->n_fields; i++) {
		bits += item->fields[i].width;
		if (item->fields[i].kind == ASTERIX_FX && !asterix_make_wants(m))
			break;
	}
	asterix_make_put(m, bits / 8);
	asterix_make_fields(m, item, bits / 8);
}

static inline void asterix_make_repetition(struct asterix_make *m, const struct asterix_item *item)
{
	unsigned n = asterix_make_count(m);

	asterix_make_put(m, n);
	while (n--)
		asterix_make_fields(m, item, item->size);
}

static inline void asterix_make_chain(struct asterix_make *m, const struct asterix_item *item)
{
	for (unsigned n = asterix_make_count(m) + 1; n--;) {
		asterix_make_put(m, n > 0);
		asterix_make_fields(m, item, item->size);
	}
}

static inline void asterix_make_bytes(struct asterix_make *m, unsigned n)
{
	asterix_make_put(m, n);
	while (n--)
		asterix_make_put(m, asterix_make_dice(m) & 0xff);
}

static inline void asterix_make_present(struct asterix_make *m, const struct asterix_item *items, unsigned n)
{
	uint64_t present = 0;

	for (unsigned i = 0; i < n; i++)
		if (items[i].kind != ASTERIX_ITEM_UNUSED && asterix_make_wants(m))
			present |= UINT64_C(1) << i;
	asterix_make_put(m, present);
	for (; present; present &= present - 1)
		asterix_make_item(m, &items[__builtin_ctzll(present)]);
}

static inline void asterix_make_explicit(struct asterix_make *m, const struct asterix_item *item)
{
	asterix_make_put(m, item->n_subs > 0);
	if (item->n_subs)
		asterix_make_item(m, item->subs);
	else
		asterix_make_bytes(m, asterix_make_count(m) % 255);
}

static inline void asterix_make_sequence(struct asterix_make *m, const struct asterix_item *item)
{
	unsigned n = asterix_make_count(m) % 4;

	asterix_make_put(m, n);
	while (n) {
		unsigned frn = 1 + (unsigned)(asterix_make_dice(m) % item->n_subs), kind = item->subs[frn - 1].kind;

		if (kind == ASTERIX_ITEM_UNUSED || kind == ASTERIX_ITEM_SEQUENCE)
			continue;
		asterix_make_put(m, frn);
		asterix_make_item(m, &item->subs[frn - 1]);
		n--;
	}
}

static inline void asterix_make_item(struct asterix_make *m, const struct asterix_item *item)
{
	switch (item->kind) {
	case ASTERIX_ITEM_EXTENDED:
		return asterix_make_extended(m, item);
	case ASTERIX_ITEM_REPETITIVE:
		return asterix_make_repetition(m, item);
	case ASTERIX_ITEM_REPETITIVE_FX:
		return asterix_make_chain(m, item);
	case ASTERIX_ITEM_RUN:
		return asterix_make_bytes(m, asterix_make_count(m) * item->size);
	case ASTERIX_ITEM_COMPOUND:
		return asterix_make_present(m, item->subs, item->n_subs);
	case ASTERIX_ITEM_EXPLICIT:
		return asterix_make_explicit(m, item);
	case ASTERIX_ITEM_SEQUENCE:
		return asterix_make_sequence(m, item);
	default:
		return asterix_make_fields(m, item, item->size);
	}
}

/**
 * asterix_make_record() - one of @c: the item at @index alone, or with n_uap for it any or all of them together
 *
 * Return: whether there is something in it.
 */
static inline bool asterix_make_record(struct asterix_make *m, const struct asterix_category *c, unsigned index)
{
	m->n = 0;
	if (index == c->n_uap) {
		asterix_make_present(m, c->uap, c->n_uap);
	} else if (c->uap[index].kind != ASTERIX_ITEM_UNUSED) {
		asterix_make_put(m, UINT64_C(1) << index);
		asterix_make_item(m, &c->uap[index]);
	}
	return m->n && m->v[0];
}
