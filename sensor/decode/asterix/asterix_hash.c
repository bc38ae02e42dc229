#include "sensor/decode/asterix/asterix_hash.h"

#include "sensor/decode/asterix/asterix_walk.h"

#define WIDE 57 /* bits that one load is sure to have */
#define PIECE 48

/* Up to 64 bits from bit `at` on, highest first. */
struct window {
	uint64_t bits;
	unsigned at, end; /* bits behind the part's first */
};

/* Every bit of @v moves on to the whole sum within two steps; the constant is 2^64 / golden ratio. */
static inline uint64_t mix(uint64_t h, uint64_t v)
{
	return ((h << 23 | h >> 41) ^ v) * UINT64_C(0x9e3779b97f4a7c15);
}

static inline void window_load(struct window *w, const uint8_t *p)
{
	memcpy(&w->bits, p + (w->at >> 3), sizeof(w->bits));
	w->bits = be64toh(w->bits) << (w->at & 7);
	w->end = (w->at & ~7u) + 64;
}

/* A text or register in pieces that one load can give. */
static uint64_t mix_wide(uint64_t h, const uint8_t *p, unsigned bit, unsigned width)
{
	for (unsigned n; width; bit += n, width -= n) {
		n = width < PIECE ? width : PIECE;
		h = mix(h, bits_get(p, bit, n));
	}
	return h;
}

/* The integer that the field is: with its sign, not yet in units. */
static inline uint64_t value(const struct window *w, const struct asterix_field *f)
{
	if (f->kind == ASTERIX_INT || f->kind == ASTERIX_SIGNED)
		return (uint64_t)((int64_t)w->bits >> (64 - f->width));
	return w->bits >> (64 - f->width);
}

/* Fields stand one behind the other, so that a load serves many: each takes its bits off the window's front. */
static const uint8_t *hash_part(void *user, const char *name, const struct asterix_item *item, const uint8_t *p)
{
	const struct asterix_field *end = item->fields + item->n_fields;
	uint64_t h = *(uint64_t *)user;
	struct window w = { 0 };

	for (const struct asterix_field *f = item->fields; f < end; f++) {
		if (w.at + f->width > w.end) {
			if (f->width > WIDE) {
				h = mix_wide(h, p, w.at, f->width);
				w = (struct window){ .at = w.at + f->width };
				continue;
			}
			window_load(&w, p);
		}
		w.at += f->width;
		if (f->kind < ASTERIX_SPARE || f->kind == ASTERIX_FX)
			h = mix(h, value(&w, f));
		if (f->kind == ASTERIX_FX && !(w.bits >> 63))
			break;
		w.bits <<= f->width & 63;
	}
	*(uint64_t *)user = h;
	return asterix_walk_part_end(item, p, w.at);
}

static inline void hash_note(void *user, uint64_t v)
{
	*(uint64_t *)user = mix(*(uint64_t *)user, v);
}

static inline void hash_open(void *user, const char *name, char bracket)
{
}

static inline void hash_close(void *user, char bracket)
{
}

static inline void hash_bytes(void *user, const struct asterix_item *item, const uint8_t *p, size_t n)
{
	uint64_t h = mix(*(uint64_t *)user, n);

	for (; n >= sizeof(uint64_t); n -= sizeof(uint64_t), p += sizeof(uint64_t))
		h = mix(h, bits_get(p, 0, 32) << 32 | bits_get(p, 32, 32));
	if (n)
		h = mix(h, bits_get(p, 0, 8 * (unsigned)n));
	*(uint64_t *)user = h;
}

static const struct asterix_visitor hash_visitor = { hash_note, hash_open, hash_close, hash_part, hash_bytes };

uint64_t asterix_hash(const struct asterix_record *r, uint64_t seed)
{
	asterix_walk_record(r, &hash_visitor, &seed);
	return seed;
}
