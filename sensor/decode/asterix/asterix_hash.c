#include "sensor/decode/asterix/asterix_hash.h"

#include <assert.h>

#include "sensor/decode/asterix/asterix_walk.h"

#define WIDE 57 /* bits that one load is sure to have */
#define PIECE 48

#define PIECES_MAX 256 /* an item has at most 255 fields */

/* Bits of a part that one load gives: a field, or some of a long one. */
struct piece {
	unsigned bit, width;
	bool is_signed, is_fx;
};

/*
 * What there is to do for a part, as octets: loads, each
 *	its octet + 1, how many unsigned and how many signed pieces, the octet of the FX bit behind them + 1 or 0,
 *	then each piece's shifts, up and down
 * and a 0. Spare bits are in none.
 */
enum { LOAD_OCTET, LOAD_UNSIGNED, LOAD_SIGNED, LOAD_FX, _LOAD_MAX };

static unsigned split(const struct asterix_item *item, struct piece *ret_pieces)
{
	unsigned n = 0, bit = 0;

	for (const struct asterix_field *f = item->fields; f < item->fields + item->n_fields; f++) {
		bool is_signed = f->kind == ASTERIX_INT || f->kind == ASTERIX_SIGNED, is_fx = f->kind == ASTERIX_FX;

		for (unsigned left = f->width, width; left; left -= width, bit += width) {
			width = left > WIDE ? PIECE : left;
			assert(n < PIECES_MAX);
			if (f->kind < ASTERIX_SPARE || is_fx)
				ret_pieces[n++] = (struct piece){ bit, width, is_signed, is_fx };
		}
	}
	return n;
}

/* The pieces from @p on that one load has, up to an FX bit. */
static unsigned load_size(const struct piece *p, unsigned n)
{
	unsigned k = 0, end = (p->bit & ~7u) + 64;

	while (k < n && p[k].bit + p[k].width <= end && (k == 0 || !p[k - 1].is_fx))
		k++;
	return k;
}

static uint8_t *put_load(uint8_t *out, const struct piece *p, unsigned n)
{
	uint8_t *load = out;

	out += _LOAD_MAX;
	load[LOAD_OCTET] = (uint8_t)(p->bit / 8 + 1);
	load[LOAD_FX] = p[n - 1].is_fx ? (uint8_t)(p[n - 1].bit / 8 + 1) : 0;
	for (unsigned is_signed = 0; is_signed < 2; is_signed++)
		for (unsigned i = 0; i < n; i++) {
			if (p[i].is_fx || p[i].is_signed != is_signed)
				continue;
			*out++ = (uint8_t)(p[i].bit - (p->bit & ~7u));
			*out++ = (uint8_t)(64 - p[i].width);
			load[LOAD_UNSIGNED + is_signed]++;
		}
	return out;
}

static __attribute__((noinline)) void work_out(const struct asterix_item *item)
{
	struct piece pieces[PIECES_MAX];
	unsigned n = split(item, pieces), size;
	uint8_t *out = item->steps;

	for (unsigned i = 0; i < n; i += size) {
		size = load_size(&pieces[i], n - i);
		out = put_load(out, &pieces[i], size);
	}
	assert(out < item->steps + ASTERIX_STEPS_MAX(item->n_fields));
}

/* Every bit of @v moves on to the whole sum within two steps; the constant is 2^64 / golden ratio. */
static inline uint64_t mix(uint64_t h, uint64_t v)
{
	return ((h << 23 | h >> 41) ^ v) * UINT64_C(0x9e3779b97f4a7c15);
}

static const uint8_t *hash_part(void *user, const char *name, const struct asterix_item *item, const uint8_t *p)
{
	const uint8_t *step = item->steps;
	uint64_t h = *(uint64_t *)user, bits;
	unsigned fx = 0;

	if (__builtin_expect(!*step, 0))
		work_out(item);
	while (*step) {
		unsigned n_unsigned = step[LOAD_UNSIGNED], n_signed = step[LOAD_SIGNED];

		memcpy(&bits, p + step[LOAD_OCTET] - 1, sizeof(bits));
		bits = be64toh(bits);
		fx = step[LOAD_FX];
		for (step += _LOAD_MAX; n_unsigned; n_unsigned--, step += 2)
			h = mix(h, bits << step[0] >> step[1]);
		for (; n_signed; n_signed--, step += 2)
			h = mix(h, (uint64_t)((int64_t)(bits << step[0]) >> step[1]));
		if (fx && !(p[fx - 1] & 1))
			break;
	}

	const uint8_t *behind = asterix_walk_part_end(item, p, 8 * fx);

	if (item->kind == ASTERIX_ITEM_EXTENDED)
		h = mix(h, (uint64_t)(behind - p));
	*(uint64_t *)user = h;
	return behind;
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
