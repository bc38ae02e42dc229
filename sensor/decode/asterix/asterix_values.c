#include "sensor/decode/asterix/asterix_values.h"

#include <errno.h>

#include "sensor/decode/asterix/asterix_walk.h"

/* --- a record's numbers --- */

struct list {
	uint64_t *v;
	size_t n, cap; /* n > cap: it was too small */
};

static void add(void *user, uint64_t v)
{
	struct list *l = user;

	if (l->n < l->cap)
		l->v[l->n] = v;
	l->n++;
}

static void add_nothing(void *user, const char *name, char bracket)
{
}

static void add_end(void *user, char bracket)
{
}

static void add_field(struct list *l, const struct asterix_field *f, const uint8_t *p, unsigned bit)
{
	unsigned left = f->width;

	for (; left > ASTERIX_VALUES_WIDE; left -= ASTERIX_VALUES_PIECE, bit += ASTERIX_VALUES_PIECE)
		add(l, bits_get(p, bit, ASTERIX_VALUES_PIECE));
	if (f->kind == ASTERIX_INT || f->kind == ASTERIX_SIGNED)
		add(l, (uint64_t)bits_get_signed(p, bit, left));
	else
		add(l, bits_get(p, bit, left));
}

static unsigned extended_octets(const struct asterix_item *item, const uint8_t *p)
{
	return (unsigned)(asterix_walk_part_end(item, p, 8u * item->size) - p);
}

static const uint8_t *add_part(void *user, const char *name, const struct asterix_item *item, const uint8_t *p)
{
	unsigned octets = item->kind == ASTERIX_ITEM_EXTENDED ? extended_octets(item, p) : item->size;
	unsigned bit = 0;

	if (item->kind == ASTERIX_ITEM_EXTENDED)
		add(user, octets);
	for (unsigned i = 0; i < item->n_fields && bit < 8 * octets; bit += item->fields[i++].width)
		if (item->fields[i].kind < ASTERIX_SPARE)
			add_field(user, &item->fields[i], p, bit);
	return p + octets;
}

static void add_bytes(void *user, const struct asterix_item *item, const uint8_t *p, size_t n)
{
	add(user, n);
	while (n--)
		add(user, *p++);
}

static const struct asterix_visitor list_visitor = { add, add_nothing, add_end, add_part, add_bytes };

ssize_t asterix_values_get(const struct asterix_record *r, uint64_t *ret_v, size_t cap)
{
	struct list l = { ret_v, 0, cap };

	asterix_walk_record(r, &list_visitor, &l);
	return l.n > cap ? -ENOSPC : (ssize_t)l.n;
}

/* --- and back --- */

struct output {
	const uint64_t *v, *end;
	uint8_t *p;
	size_t at, cap;
	int error; /* the first one; after it nothing is written */
};

static void put_item(struct output *o, const struct asterix_item *item);

static void fail(struct output *o, int error)
{
	if (!o->error)
		o->error = error;
}

static uint64_t next(struct output *o)
{
	if (o->v < o->end)
		return *o->v++;
	fail(o, -EINVAL);
	return 0;
}

/* The next number, 0..@max. */
static unsigned next_count(struct output *o, unsigned max)
{
	uint64_t v = next(o);

	if (v > max)
		fail(o, -ERANGE);
	return o->error ? 0 : (unsigned)v;
}

/* @n octets of 0, or NULL. */
static uint8_t *claim(struct output *o, size_t n)
{
	uint8_t *p = o->p + o->at;

	if (n > o->cap - o->at)
		fail(o, -ENOSPC);
	if (o->error)
		return NULL;
	memset(p, 0, n);
	o->at += n;
	return p;
}

static void put_octet(struct output *o, unsigned v)
{
	uint8_t *p = claim(o, 1);

	if (p)
		*p = (uint8_t)v;
}

/* @width (1..57) bits from bit @bit on, which are 0. */
static void set_bits(uint8_t *p, unsigned bit, unsigned width, uint64_t v)
{
	v <<= 64 - width;
	v >>= bit & 7;
	for (p += bit >> 3; v; v <<= 8)
		*p++ |= (uint8_t)(v >> 56);
}

static bool fits(uint64_t v, unsigned width, bool is_signed)
{
	if (is_signed)
		return (uint64_t)((int64_t)(v << (64 - width)) >> (64 - width)) == v;
	return v >> width == 0;
}

static void put_field(struct output *o, const struct asterix_field *f, uint8_t *p, unsigned bit)
{
	bool is_signed = f->kind == ASTERIX_INT || f->kind == ASTERIX_SIGNED;

	for (unsigned left = f->width, width; left; left -= width, bit += width) {
		uint64_t v = next(o);

		width = left > ASTERIX_VALUES_WIDE ? ASTERIX_VALUES_PIECE : left;
		if (!fits(v, width, is_signed))
			fail(o, -ERANGE);
		if (!o->error)
			set_bits(p, bit, width, v & UINT64_MAX >> (64 - width));
	}
}

/* The fields of @octets octets; the last bit of them says whether there is @more. */
static void put_part(struct output *o, const struct asterix_item *item, unsigned octets, bool more)
{
	uint8_t *p = claim(o, octets);
	unsigned bit = 0;

	for (unsigned i = 0; p && i < item->n_fields && bit < 8 * octets; bit += item->fields[i++].width) {
		const struct asterix_field *f = &item->fields[i];

		if (f->kind < ASTERIX_SPARE)
			put_field(o, f, p, bit);
		else if (f->kind == ASTERIX_FX && (more || bit + 1 < 8 * octets))
			p[bit >> 3] |= 1;
	}
	if (bit != 8 * octets)
		fail(o, -EINVAL);
}

static void put_extended(struct output *o, const struct asterix_item *item)
{
	unsigned octets = next_count(o, UINT8_MAX);

	if (octets < item->size)
		fail(o, -EINVAL);
	put_part(o, item, octets, false);
}

static void put_repetition(struct output *o, const struct asterix_item *item)
{
	unsigned n = next_count(o, UINT8_MAX);

	put_octet(o, n);
	while (n-- && !o->error)
		put_part(o, item, item->size, false);
}

static void put_chain(struct output *o, const struct asterix_item *item)
{
	bool more = true;

	while (more && !o->error) {
		more = next_count(o, 1);
		put_part(o, item, item->size, more);
	}
}

static void put_bytes(struct output *o, size_t n)
{
	while (n-- && !o->error)
		put_octet(o, next_count(o, UINT8_MAX));
}

static void put_run(struct output *o, const struct asterix_item *item)
{
	unsigned octets = next_count(o, UINT8_MAX * item->size);

	if (octets % item->size)
		fail(o, -EINVAL);
	put_octet(o, octets / item->size);
	put_bytes(o, octets);
}

/* In as few octets as hold the last bit, or as many as the table says. */
static void put_presence(struct output *o, uint64_t bits, unsigned octets)
{
	unsigned per_octet = octets ? 8 : 7;
	bool fx = !octets;

	do {
		unsigned octet = (unsigned)asterix_presence_reversed((uint8_t)(bits & (0xff >> fx)));

		bits >>= per_octet;
		put_octet(o, octet | (fx && bits));
	} while ((fx ? bits != 0 : --octets != 0) && !o->error);
}

/* The items of a profile or of a compound item that the next number names. */
static void put_present(struct output *o, const struct asterix_item *items, unsigned n, unsigned octets)
{
	uint64_t present = next(o);

	if (present >> n)
		fail(o, -EINVAL);
	put_presence(o, present, octets);
	for (; present && !o->error; present &= present - 1)
		put_item(o, &items[__builtin_ctzll(present)]);
}

static void put_explicit(struct output *o, const struct asterix_item *item)
{
	size_t begin = o->at;

	put_octet(o, 0);
	if (!next_count(o, 1))
		put_bytes(o, next_count(o, UINT8_MAX - 1));
	else if (item->n_subs)
		put_item(o, item->subs);
	else
		fail(o, -EINVAL);
	if (o->at - begin > UINT8_MAX)
		fail(o, -ERANGE);
	if (!o->error)
		o->p[begin] = (uint8_t)(o->at - begin);
}

static void put_sequence(struct output *o, const struct asterix_item *item)
{
	unsigned n = next_count(o, UINT8_MAX);

	put_octet(o, n);
	while (n-- && !o->error) {
		unsigned frn = next_count(o, item->n_subs);

		if (!frn || item->subs[frn - 1].kind == ASTERIX_ITEM_SEQUENCE)
			fail(o, -EINVAL);
		put_octet(o, frn);
		if (!o->error)
			put_item(o, &item->subs[frn - 1]);
	}
}

static void put_fixed(struct output *o, const struct asterix_item *item)
{
	put_part(o, item, item->size, false);
}

static void put_compound(struct output *o, const struct asterix_item *item)
{
	put_present(o, item->subs, item->n_subs, item->size);
}

static void put_unused(struct output *o, const struct asterix_item *item)
{
	fail(o, -EINVAL);
}

static void put_item(struct output *o, const struct asterix_item *item)
{
	static void (*const puts[])(struct output *o, const struct asterix_item *item) = {
		[ASTERIX_ITEM_UNUSED] = put_unused,
		[ASTERIX_ITEM_FIXED] = put_fixed,
		[ASTERIX_ITEM_EXTENDED] = put_extended,
		[ASTERIX_ITEM_REPETITIVE] = put_repetition,
		[ASTERIX_ITEM_REPETITIVE_FX] = put_chain,
		[ASTERIX_ITEM_RUN] = put_run,
		[ASTERIX_ITEM_COMPOUND] = put_compound,
		[ASTERIX_ITEM_EXPLICIT] = put_explicit,
		[ASTERIX_ITEM_SEQUENCE] = put_sequence,
	};

	puts[item->kind](o, item);
}

ssize_t asterix_values_put(const struct asterix_category *c, const uint64_t *v, size_t n, uint8_t *ret_p, size_t cap)
{
	struct output o = { v, v + n, ret_p, 0, cap, 0 };

	if (n == 0 || v[0] == 0)
		return -EINVAL;
	put_present(&o, c->uap, c->n_uap, 0);
	if (o.v < o.end)
		fail(&o, -EINVAL);
	return o.error ? o.error : (ssize_t)o.at;
}
