#include "sensor/decode/ais/ais_fields.h"

#include <string.h>

#include "sensor/decode/ais/ais_program.h"

#define TEXT_MAX 176 /* characters of the longest text; its last eight may be no characters */
/* An item of a group, and what bits_get() may touch behind it. */
#define ITEM_BYTES (128 / 8 + BITS_SLACK)

static unsigned min(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Six bits to a byte each, first ones most significant. */
static inline uint64_t spread8(uint64_t v)
{
	v = (v & UINT64_C(0xffffff000000)) << 8 | (v & UINT64_C(0xffffff));
	v = (v & UINT64_C(0x00fff00000fff000)) << 4 | (v & UINT64_C(0x00000fff00000fff));
	return (v & UINT64_C(0x0fc00fc00fc00fc0)) << 2 | (v & UINT64_C(0x003f003f003f003f));
}

/* The high bit of each byte below 0x80 that is not 0. */
static inline uint64_t not_zero8(uint64_t v)
{
	return (v + EACH(0x7f)) & EACH(0x80);
}

/*
 * Six-bit ASCII: 0..31 are '@'..'_', 32..63 are themselves. @n characters, of which the text is what lies before the first '@',
 * without the spaces it ends in. Returns its end. Up to 7 bytes behind are written to @out.
 */
static unsigned get_characters(const uint8_t *bits, unsigned bit, unsigned n, char *out)
{
	unsigned end = 0;
	bool ended = false;

	for (unsigned i = 0; i < n; i += 8, bit += 48) {
		uint64_t v = spread8(bits_get(bits, bit, 48));
		uint64_t kept = n - i < 8 ? ~(UINT64_MAX >> 8 * (n - i)) : UINT64_MAX;
		uint64_t ends = ~not_zero8(v) & EACH(0x80) & kept, letters = not_zero8(v ^ EACH(' ')) & kept;
		uint64_t c = htobe64(v | (~v & EACH(0x20)) << 1);

		memcpy(out + i, &c, sizeof(c));
		if (ended)
			continue;
		if (ends)
			letters &= ~(UINT64_MAX >> __builtin_clzll(ends));
		if (letters)
			end = i + 8 - (unsigned)__builtin_ctzll(letters) / 8;
		ended = ends;
	}
	return end;
}

/* The @n characters at @text with a NUL put in at @end, and NULs up to the @all characters that the field may have. */
static void put_text(const char *text, unsigned end, unsigned n, unsigned all, char *out)
{
	memcpy(out, text, end);
	out[end] = '\0';
	memcpy(out + end + 1, text + end, n - end);
	if (n < all)
		memset(out + n + 1, 0, all - n);
}

static void get_text(const struct ais_message_field *f, const uint8_t *bits, unsigned n_bits, char *out)
{
	unsigned all = f->width / 6, n = n_bits > f->bit ? min(n_bits - f->bit, f->width) / 6 : 0;
	char text[TEXT_MAX];

	put_text(text, get_characters(bits, f->bit, n, text), n, all, out);
}

/* A name and its extension are one text: the NUL goes out, the characters come in, and it is cut again. */
static void get_text_more(const struct ais_message_field *f, const uint8_t *bits, unsigned n_bits, char *out)
{
	unsigned n = n_bits > f->bit ? min(n_bits - f->bit, f->width) / 6 : 0, first = (unsigned)f->add;
	unsigned end = (unsigned)strlen(out), more;
	char text[TEXT_MAX];

	memcpy(text, out, end);
	memcpy(text + end, out + end + 1, first - end);
	more = get_characters(bits, f->bit, n, text + first);
	if (more && !memchr(text + end, '@', first - end))
		end = first + more;
	put_text(text, end, first + n, first + f->width / 6, out);
}

/* @n bits from @bit on to the front of @out, zero to the end of their last byte; three bytes more are written. */
static void get_bits(const uint8_t *bits, unsigned bit, unsigned n, uint8_t *out)
{
	for (unsigned i = 0; i < n; i += 32) {
		uint32_t v = htobe32((uint32_t)bits_get(bits, bit + i, 32));

		memcpy(out + i / 8, &v, sizeof(v));
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

/* What is not a plain number. Apart, as all that follows of that attribute: most messages have no such thing. */
static __attribute__((noinline)) void get_rest(const struct ais_message_layout *l, const uint8_t *bits, unsigned n_bits, char *to)
{
	const struct ais_program *p = l->program;

	for (unsigned i = 0; i < p->n_rest; i++) {
		const struct ais_message_field *f = &l->fields[p->rest[i]];

		get_field(f, bits, n_bits, to + f->offset);
	}
	if (l->group)
		get_group(l->group, bits, n_bits, to);
}

void ais_fields_get(const struct ais_message_layout *l, const uint8_t *bits, unsigned n_bits, void *ret_to)
{
	const struct ais_program *p = ais_program(l);

	ais_program_run(p, bits, ret_to);
	if (p->n_rest || l->group)
		get_rest(l, bits, n_bits, ret_to);
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

/* 2^64 / golden ratio spreads every bit upwards; the swap brings the best ones down again. */
static inline uint64_t mix(uint64_t h, uint64_t v)
{
	return __builtin_bswap64((h ^ v) * UINT64_C(0x9e3779b97f4a7c15));
}

static inline uint64_t load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static __attribute__((noinline)) uint64_t mix_few(uint64_t h, const char *p, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p, n);
	return mix(h, le64toh(v));
}

/* The last eight bytes may count some bytes twice. */
static inline uint64_t mix_bytes(uint64_t h, const void *from, size_t n)
{
	const char *p = from, *last = p + n - sizeof(h);

	if (n < sizeof(h))
		return mix_few(h, p, n);
	for (; p < last; p += sizeof(h))
		h = mix(h, load8(p));
	return mix(h, load8(last));
}

static uint64_t mix_fields(uint64_t h, const struct ais_message_layout *l, const void *from);

static __attribute__((noinline)) uint64_t mix_group(uint64_t h, const struct ais_message_group *g, const void *from)
{
	unsigned n = *(const unsigned *)((const char *)from + g->count);

	for (unsigned i = 0; i < n; i++) {
		const void *item;
		const struct ais_message_layout *kind = ais_fields_group(g, from, i, &item);

		h = mix_fields(h, kind, item);
	}
	return h;
}

static __attribute__((noinline)) uint64_t mix_data(uint64_t h, const struct ais_data *d)
{
	return mix_bytes(mix(h, d->bits), d->bytes, (d->bits + 7) / 8);
}

static uint64_t mix_fields(uint64_t h, const struct ais_message_layout *l, const void *from)
{
	const struct ais_program *p = ais_program(l);
	const char *at = from;

	for (unsigned i = 0; i < p->n_spans; i++)
		h = mix_bytes(h, at + p->spans[i].offset, p->spans[i].size);
	if (p->data)
		h = mix_data(h, (const struct ais_data *)(at + p->data));
	return l->group ? mix_group(h, l->group, from) : h;
}

uint64_t ais_message_hash(const struct ais_message *m, uint64_t seed)
{
	uint64_t h = mix_bytes(seed, m, offsetof(struct ais_message, position));

	h = mix_fields(h, ais_message_layout(m), m);
	return m->application ? mix_fields(h, ais_application_layout(m->application), m) : h;
}
