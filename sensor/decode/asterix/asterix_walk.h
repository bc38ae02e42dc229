/*
 * asterix_walk - visits every part of a record in table order. Compiled into each user (JSON, checksum), so that the
 * visitor's calls are direct.
 *
 * A part is a run of fields: a fixed or extended item, an element of a repetition. Sizes were checked by the record's
 * reader; each octet is passed once.
 */
#pragma once

#include "sensor/decode/asterix/asterix_presence.h"

struct asterix_visitor {
	/* Tells apart what has the same values in other places: presence bits, counts, FRNs. NULL: not asked for */
	void (*note)(void *user, uint64_t v);
	void (*open)(void *user, const char *name, char bracket); /* '{' compound, '[' repetition; name may be NULL */
	void (*close)(void *user, char bracket);
	/* The fields of @item at @p; @name NULL: an element of a repetition. Returns the octet behind them */
	const uint8_t *(*part)(void *user, const char *name, const struct asterix_item *item, const uint8_t *p);
	/* An explicit item's content that no table describes; a run's, text when its field is ASTERIX_ASCII */
	void (*bytes)(void *user, const struct asterix_item *item, const uint8_t *p, size_t n);
};

#define ASTERIX_WALK_INLINE static inline __attribute__((always_inline))

/* Behind the part at @p, of whose fields @bits were there: an extended item ends at an FX bit of 0, wherever that is. */
ASTERIX_WALK_INLINE const uint8_t *asterix_walk_part_end(const struct asterix_item *item, const uint8_t *p, unsigned bits)
{
	if (item->kind != ASTERIX_ITEM_EXTENDED)
		return p + item->size;
	for (p += bits >> 3; p[-1] & 1; p++)
		;
	return p;
}

static const uint8_t *asterix_walk_item(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user);

/* Most items are one part. */
ASTERIX_WALK_INLINE const uint8_t *asterix_walk_quick(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user)
{
	return item->kind <= ASTERIX_ITEM_EXTENDED ? v->part(user, item->name, item, p) : asterix_walk_item(item, p, v, user);
}

ASTERIX_WALK_INLINE void asterix_walk_note(const struct asterix_visitor *v, void *user, uint64_t value)
{
	if (v->note)
		v->note(user, value);
}

ASTERIX_WALK_INLINE const uint8_t *asterix_walk_repetition(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user)
{
	unsigned n = *p++;

	v->open(user, item->name, '[');
	asterix_walk_note(v, user, n);
	while (n--)
		p = v->part(user, NULL, item, p);
	v->close(user, ']');
	return p;
}

/* As far as the parts' last bits say. */
ASTERIX_WALK_INLINE const uint8_t *asterix_walk_chain(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user)
{
	bool more = true;

	v->open(user, item->name, '[');
	while (more) {
		more = p[item->size - 1] & 1;
		asterix_walk_note(v, user, more);
		p = v->part(user, NULL, item, p);
	}
	v->close(user, ']');
	return p;
}

ASTERIX_WALK_INLINE const uint8_t *asterix_walk_compound(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user)
{
	uint64_t left = 0;

	p += asterix_presence(p, SIZE_MAX, item->size, &left);
	v->open(user, item->name, '{');
	asterix_walk_note(v, user, left);
	for (; left; left &= left - 1)
		p = asterix_walk_quick(&item->subs[__builtin_ctzll(left)], p, v, user);
	v->close(user, '}');
	return p;
}

ASTERIX_WALK_INLINE const uint8_t *asterix_walk_explicit(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user)
{
	const struct asterix_item *content = asterix_item_content(item, p);

	asterix_walk_note(v, user, content != NULL);
	if (content)
		asterix_walk_item(content, p + 1, v, user);
	else
		v->bytes(user, item, p + 1, p[0] - 1u);
	return p + p[0];
}

/* Items behind their FRN, in the order in which they were sent. */
ASTERIX_WALK_INLINE const uint8_t *asterix_walk_sequence(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user)
{
	unsigned n = *p++;

	v->open(user, item->name, '[');
	asterix_walk_note(v, user, n);
	while (n--) {
		unsigned frn = *p++;

		v->open(user, NULL, '{');
		asterix_walk_note(v, user, frn);
		p = asterix_walk_item(&item->subs[frn - 1], p, v, user);
		v->close(user, '}');
	}
	v->close(user, ']');
	return p;
}

ASTERIX_WALK_INLINE const uint8_t *asterix_walk_run(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user)
{
	size_t n = (size_t)p[0] * item->size;

	v->bytes(user, item, p + 1, n);
	return p + 1 + n;
}

/* Returns the octet behind the item. */
static const uint8_t *asterix_walk_item(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user)
{
	switch (item->kind) {
	case ASTERIX_ITEM_COMPOUND:
		return asterix_walk_compound(item, p, v, user);
	case ASTERIX_ITEM_REPETITIVE:
		return asterix_walk_repetition(item, p, v, user);
	case ASTERIX_ITEM_REPETITIVE_FX:
		return asterix_walk_chain(item, p, v, user);
	case ASTERIX_ITEM_RUN:
		return asterix_walk_run(item, p, v, user);
	case ASTERIX_ITEM_EXPLICIT:
		return asterix_walk_explicit(item, p, v, user);
	case ASTERIX_ITEM_SEQUENCE:
		return asterix_walk_sequence(item, p, v, user);
	default:
		return v->part(user, item->name, item, p);
	}
}

ASTERIX_WALK_INLINE void asterix_walk_record(const struct asterix_record *r,
	const struct asterix_visitor *v, void *user)
{
	asterix_walk_note(v, user, r->present);
	for (uint64_t left = r->present; left; left &= left - 1) {
		unsigned index = (unsigned)__builtin_ctzll(left);

		asterix_walk_quick(&r->category->uap[index], r->items[index], v, user);
	}
}
