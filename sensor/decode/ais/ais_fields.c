#include "sensor/decode/ais/ais_fields.h"

#include <string.h>

/* An item of a group, and what bits_get() may touch behind it. */
#define ITEM_BYTES (128 / 8 + BITS_SLACK)

static unsigned min(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Six-bit ASCII: 0..31 are '@'..'_', 32..63 are themselves. */
static void get_characters(const uint8_t *bits, unsigned bit, unsigned n, char *out)
{
	for (; n; n--, bit += 6) {
		unsigned v = (unsigned)bits_get(bits, bit, 6);

		*out++ = (char)(v < 32 ? v + 64 : v);
	}
}

/* Ends the text of @n characters at its first '@', less spaces in front of that; a NUL goes between it and the rest. */
static void cut_text(char *text, unsigned n)
{
	unsigned end = 0;

	for (unsigned i = 0; i < n && text[i] != '@'; i++)
		if (text[i] != ' ')
			end = i + 1;
	memmove(text + end + 1, text + end, n - end);
	text[end] = '\0';
}

static void get_text(const struct ais_message_field *f, const uint8_t *bits, unsigned n_bits, char *out)
{
	unsigned n = n_bits > f->bit ? min(n_bits - f->bit, f->width) / 6 : 0;

	get_characters(bits, f->bit, n, out);
	cut_text(out, n);
}

/* A name and its extension are one text: the NUL goes out, the characters come in, and it is cut again. */
static void get_text_more(const struct ais_message_field *f, const uint8_t *bits, unsigned n_bits, char *out)
{
	unsigned n = n_bits > f->bit ? min(n_bits - f->bit, f->width) / 6 : 0, first = (unsigned)f->add, len = (unsigned)strlen(out);

	if (!n)
		return;
	memmove(out + len, out + len + 1, first - len);
	get_characters(bits, f->bit, n, out + first);
	cut_text(out, first + n);
}

/* @n bits from @bit on to the front of @out, zero to the end of their last byte. */
static void get_bits(const uint8_t *bits, unsigned bit, unsigned n, uint8_t *out)
{
	unsigned i = 0;

	if (bit % 8 == 0) {
		memcpy(out, bits + bit / 8, (n + 7) / 8);
	} else {
		for (; i * 8 < n; i++)
			out[i] = (uint8_t)bits_get(bits, bit + i * 8, 8);
	}
	if (n % 8)
		out[n / 8] &= (uint8_t)(0xff00 >> n % 8);
}

static void get_data(const struct ais_message_field *f, const uint8_t *bits, unsigned n_bits, struct ais_data *d)
{
	d->bits = n_bits - f->width - f->bit;
	get_bits(bits, f->bit, d->bits, d->bytes);
	memset(d->bytes + (d->bits + 7) / 8, 0, BITS_SLACK);
}

static void get_field(const struct ais_message_field *f, const uint8_t *bits, unsigned n_bits, char *at)
{
	switch (f->kind) {
	case AIS_FIELD_INT:
	case AIS_FIELD_TURN:
		*(int32_t *)at = (int32_t)bits_get_signed(bits, f->bit, f->width);
		break;
	case AIS_FIELD_TEXT:
		get_text(f, bits, n_bits, at);
		break;
	case AIS_FIELD_TEXT_MORE:
		get_text_more(f, bits, n_bits, at);
		break;
	case AIS_FIELD_TEXT_SAID:
		*at = '\0';
		break;
	case AIS_FIELD_DATA:
		get_data(f, bits, n_bits, (struct ais_data *)at);
		break;
	case AIS_FIELD_TAIL:
		*(int32_t *)at = (int32_t)bits_get(bits, n_bits - f->bit, f->width);
		break;
	default:
		if (f->width)
			*(int32_t *)at = (int32_t)bits_get(bits, f->bit, f->width);
	}
}

/* An item's table. Its kind is its first bits and its first member. */
static const struct ais_message_layout *kind_of(const struct ais_message_group *g, unsigned kind)
{
	return &g->kinds[g->kind_bits ? min(kind, g->n_kinds - 1) : 0];
}

static void get_group(const struct ais_message_group *g, const uint8_t *bits, unsigned n_bits, char *to)
{
	unsigned n = n_bits > g->bit ? min((n_bits - g->bit) / g->stride, g->max) : 0;

	*(int32_t *)(to + g->count) = (int32_t)n;
	for (unsigned i = 0; i < n; i++) {
		uint8_t item[ITEM_BYTES] = { 0 };

		get_bits(bits, g->bit + i * g->stride, g->stride, item);

		unsigned kind = g->kind_bits ? (unsigned)bits_get(item, 0, g->kind_bits) : 0;

		ais_fields_get(kind_of(g, kind), item, g->stride, to + g->items + i * g->size);
	}
}

void ais_fields_get(const struct ais_message_layout *l, const uint8_t *bits, unsigned n_bits, void *ret_to)
{
	for (unsigned i = 0; i < l->n_fields; i++)
		get_field(&l->fields[i], bits, n_bits, (char *)ret_to + l->fields[i].offset);
	if (l->group)
		get_group(l->group, bits, n_bits, ret_to);
}

const struct ais_message_layout *ais_fields_group(const struct ais_message_group *g, const void *from, unsigned i,
	const void **ret_item)
{
	const char *item = (const char *)from + g->items + i * g->size;

	*ret_item = item;
	return kind_of(g, *(const unsigned *)item);
}

/* --- encoding --- */

static void put_bits(uint8_t *bits, unsigned bit, unsigned width, uint64_t v)
{
	uint8_t *p = bits + bit / 8;
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	x |= htobe64(v << (64 - width) >> bit % 8);
	memcpy(p, &x, sizeof(x));
}

/* Characters @first .. of the text at @text into the @n at @bit. A NUL, and what six bits cannot say, become '@' and '?'. */
static void put_characters(uint8_t *bits, unsigned bit, unsigned n, const char *text, unsigned first)
{
	unsigned len = (unsigned)strlen(text);

	for (unsigned i = first; i < first + n; i++, bit += 6) {
		unsigned char c = (unsigned char)text[i < len ? i : i + 1];

		if (c >= 'a' && c <= 'z')
			c = (unsigned char)(c - 'a' + 'A');
		if (c == 0)
			c = '@';
		else if (c < ' ' || c > '_')
			c = '?';
		put_bits(bits, bit, 6, c & 63u);
	}
}

/* No more than there is room for. */
static void put_data(uint8_t *bits, unsigned bit, unsigned room, const struct ais_data *d)
{
	unsigned n = min(d->bits, room);

	for (unsigned i = 0; i < n; i += 8)
		put_bits(bits, bit + i, 8, d->bytes[i / 8] & (n - i < 8 ? 0xff00u >> (n - i) : 0xffu));
}

static void put_number(uint8_t *bits, unsigned bit, unsigned width, const char *at)
{
	put_bits(bits, bit, width, *(const uint32_t *)at & UINT64_MAX >> (64 - width));
}

static void put_field(const struct ais_message_field *f, const char *at, unsigned n_bits, uint8_t *bits)
{
	unsigned left = n_bits > f->bit ? n_bits - f->bit : 0;

	switch (f->kind) {
	case AIS_FIELD_TEXT:
	case AIS_FIELD_TEXT_MORE:
		put_characters(bits, f->bit, min(left, f->width) / 6, at, (unsigned)f->add);
		break;
	case AIS_FIELD_DATA:
		put_data(bits, f->bit, left > f->width ? left - f->width : 0, (const struct ais_data *)at);
		break;
	case AIS_FIELD_TAIL:
		put_number(bits, n_bits - f->bit, f->width, at);
		break;
	default:
		if (f->width && f->width <= left)
			put_number(bits, f->bit, f->width, at);
	}
}

static void put_group(const struct ais_message_group *g, const char *from, unsigned n_bits, uint8_t *bits)
{
	unsigned n = min(*(const unsigned *)(from + g->count), g->max);

	for (unsigned i = 0; i < n && g->bit + (i + 1) * g->stride <= n_bits; i++) {
		uint8_t raw[ITEM_BYTES] = { 0 };
		const void *item;
		const struct ais_message_layout *l = ais_fields_group(g, from, i, &item);

		ais_fields_put(l, item, g->stride, raw);
		for (unsigned k = 0; k < g->stride; k += 8)
			put_bits(bits, g->bit + i * g->stride + k, 8, raw[k / 8]);
	}
}

void ais_fields_put(const struct ais_message_layout *l, const void *from, unsigned n_bits, uint8_t *ret_bits)
{
	for (unsigned i = 0; i < l->n_fields; i++)
		put_field(&l->fields[i], (const char *)from + l->fields[i].offset, n_bits, ret_bits);
	if (l->group)
		put_group(l->group, from, n_bits, ret_bits);
}

/* --- checksum --- */

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / golden ratio: spreads every bit upwards */
	return h ^ h >> 29;
}

static uint64_t mix_data(uint64_t h, const struct ais_data *d)
{
	uint64_t v;

	h = mix(h, d->bits);
	for (unsigned i = 0; i * 8 < d->bits; i += sizeof(v)) {
		memcpy(&v, d->bytes + i, sizeof(v));
		h = mix(h, v);
	}
	return h;
}

static uint64_t mix_fields(uint64_t h, const struct ais_message_layout *l, const void *from)
{
	for (unsigned i = 0; i < l->n_fields; i++) {
		const struct ais_message_field *f = &l->fields[i];
		const char *at = (const char *)from + f->offset;

		if (f->kind == AIS_FIELD_TEXT)
			for (; *at; at++)
				h = mix(h, (uint8_t)*at);
		else if (f->kind == AIS_FIELD_DATA)
			h = mix_data(h, (const struct ais_data *)at);
		else if (f->width && f->kind != AIS_FIELD_TEXT_MORE)
			h = mix(h, *(const uint32_t *)at);
	}

	const struct ais_message_group *g = l->group;
	const void *item;

	for (unsigned i = 0; g && i < *(const unsigned *)((const char *)from + g->count); i++) {
		const struct ais_message_layout *kind = ais_fields_group(g, from, i, &item);

		h = mix_fields(h, kind, item);
	}
	return h;
}

uint64_t ais_message_hash(const struct ais_message *m, uint64_t seed)
{
	uint64_t h = mix(mix(seed, (uint64_t)m->type << 32 | (uint32_t)m->repeat), (uint32_t)m->mmsi);

	h = mix_fields(h, ais_message_layout(m), m);
	if (m->application)
		h = mix_fields(h, ais_application_layout(m->application), m);
	return h;
}
