/*
 * asterix_walk - visits every value of a record in table order. Compiled into each user (JSON, hash), so that the
 * visitor's calls are direct.
 */
#pragma once

#include "sensor/decode/asterix/asterix.h"

struct asterix_visitor {
	void (*open)(void *user, const char *name, char bracket); /* '{' group or item, '[' repetition; name may be NULL */
	void (*close)(void *user, char bracket);
	/* @name NULL: an element of a repetition. The field begins @bit bits behind @p */
	void (*value)(void *user, const char *name, const struct asterix_field *f, const uint8_t *p, unsigned bit);
	/* an explicit item's content that no table describes; a run's, text when its field is ASTERIX_ASCII */
	void (*bytes)(void *user, const struct asterix_item *item, const uint8_t *p, size_t n);
};

#define ASTERIX_WALK_INLINE static inline __attribute__((always_inline))

/* A nameless field is the whole value; anything else makes an object. */
ASTERIX_WALK_INLINE bool asterix_walk_is_plain(const struct asterix_item *item)
{
	return !item->fields[0].name && item->fields[0].kind < ASTERIX_SPARE;
}

/* The fields of one part at @p. Stops at an FX bit of 0. */
ASTERIX_WALK_INLINE void asterix_walk_fields(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user)
{
	unsigned bit = 0;

	for (unsigned i = 0; i < item->n_fields; i++) {
		const struct asterix_field *f = &item->fields[i];

		if (f->kind < ASTERIX_SPARE)
			v->value(user, f->name, f, p, bit);
		else if (f->kind == ASTERIX_OPEN)
			v->open(user, f->name, '{');
		else if (f->kind == ASTERIX_CLOSE)
			v->close(user, '}');
		else if (f->kind == ASTERIX_FX && !(p[bit >> 3] & 1))
			return;
		bit += f->width;
	}
}

/* One part: a plain value or an object. */
ASTERIX_WALK_INLINE void asterix_walk_part(const struct asterix_item *item, const char *name,
	const uint8_t *p, const struct asterix_visitor *v, void *user)
{
	if (asterix_walk_is_plain(item)) {
		v->value(user, name, &item->fields[0], p, 0);
		return;
	}
	v->open(user, name, '{');
	asterix_walk_fields(item, p, v, user);
	v->close(user, '}');
}

ASTERIX_WALK_INLINE void asterix_walk_repetition(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user)
{
	unsigned n = item->kind == ASTERIX_ITEM_REPETITIVE ? *p++ : ~0u;

	v->open(user, item->name, '[');
	for (bool more = true; n-- && more; p += item->size) {
		asterix_walk_part(item, NULL, p, v, user);
		more = item->kind == ASTERIX_ITEM_REPETITIVE || p[item->size - 1] & 1;
	}
	v->close(user, ']');
}

static void asterix_walk_item(const struct asterix_item *item, const uint8_t *p, const struct asterix_visitor *v, void *user);

/* Sub-items whose sizes the record's reader has already checked. */
ASTERIX_WALK_INLINE void asterix_walk_compound(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user)
{
	unsigned per_octet = item->size ? 8 : 7;
	const uint8_t *primary = p;

	if (item->size)
		p += item->size;
	else
		while (*p++ & 1)
			;

	unsigned bits = per_octet * (unsigned)(p - primary);

	v->open(user, item->name, '{');
	for (unsigned sub = 0; sub < bits && sub < item->n_subs; sub++) {
		const struct asterix_item *s = &item->subs[sub];

		if (!(primary[sub / per_octet] & 0x80 >> sub % per_octet))
			continue;
		asterix_walk_item(s, p, v, user);
		p += asterix_item_size(s, p, UINT16_MAX);
	}
	v->close(user, '}');
}

ASTERIX_WALK_INLINE void asterix_walk_explicit(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user)
{
	const struct asterix_item *content = asterix_item_content(item, p);

	if (content)
		asterix_walk_item(content, p + 1, v, user);
	else
		v->bytes(user, item, p + 1, p[0] - 1u);
}

/* Items behind their FRN, in the order in which they were sent. */
ASTERIX_WALK_INLINE void asterix_walk_sequence(const struct asterix_item *item, const uint8_t *p,
	const struct asterix_visitor *v, void *user)
{
	unsigned n = *p++;

	v->open(user, item->name, '[');
	while (n--) {
		const struct asterix_item *s = &item->subs[*p++ - 1];

		v->open(user, NULL, '{');
		asterix_walk_item(s, p, v, user);
		v->close(user, '}');
		p += asterix_item_size(s, p, UINT16_MAX);
	}
	v->close(user, ']');
}

static void asterix_walk_item(const struct asterix_item *item, const uint8_t *p, const struct asterix_visitor *v, void *user)
{
	if (item->kind == ASTERIX_ITEM_REPETITIVE || item->kind == ASTERIX_ITEM_REPETITIVE_FX)
		asterix_walk_repetition(item, p, v, user);
	else if (item->kind == ASTERIX_ITEM_COMPOUND)
		asterix_walk_compound(item, p, v, user);
	else if (item->kind == ASTERIX_ITEM_RUN)
		v->bytes(user, item, p + 1, (size_t)p[0] * item->size);
	else if (item->kind == ASTERIX_ITEM_EXPLICIT)
		asterix_walk_explicit(item, p, v, user);
	else if (item->kind == ASTERIX_ITEM_SEQUENCE)
		asterix_walk_sequence(item, p, v, user);
	else
		asterix_walk_part(item, item->name, p, v, user);
}

ASTERIX_WALK_INLINE void asterix_walk_record(const struct asterix_record *r,
	const struct asterix_visitor *v, void *user)
{
	for (uint64_t left = r->present; left; left &= left - 1) {
		unsigned index = (unsigned)__builtin_ctzll(left);

		asterix_walk_item(&r->category->uap[index], r->items[index], v, user);
	}
}
