#include "sensor/decode/asterix/asterix_hash.h"

#include "sensor/decode/asterix/asterix_walk.h"

static void mix(uint64_t *h, uint64_t v)
{
	*h = (*h ^ v) * UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / golden ratio: spreads every bit upwards */
	*h ^= *h >> 29;
}

static void hash_value(void *user, const char *name, const struct asterix_field *f, const uint8_t *p, unsigned bit)
{
	double v;
	uint64_t bits;

	switch (f->kind) {
	case ASTERIX_QUANTITY:
		v = (double)bits_get(p, bit, f->width) * f->num / f->den;
		memcpy(&bits, &v, sizeof(bits));
		break;
	case ASTERIX_SIGNED:
		v = (double)bits_get_signed(p, bit, f->width) * f->num / f->den;
		memcpy(&bits, &v, sizeof(bits));
		break;
	case ASTERIX_INT:
		bits = (uint64_t)bits_get_signed(p, bit, f->width);
		break;
	default: /* strings and registers in pieces that one load can give */
		bits = 0;
		for (unsigned at = 0; at < f->width; at += 48) {
			unsigned w = f->width - at < 48 ? f->width - at : 48;

			mix(&bits, bits_get(p, bit + at, w));
		}
	}
	mix(user, bits);
}

static void hash_open(void *user, const char *name, char bracket)
{
	mix(user, (uint8_t)bracket);
}

static void hash_close(void *user, char bracket)
{
	mix(user, (uint8_t)bracket);
}

static void hash_bytes(void *user, const struct asterix_item *item, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mix(user, p[i]);
}

static const struct asterix_visitor hash_visitor = { hash_open, hash_close, hash_value, hash_bytes };

uint64_t asterix_hash(const struct asterix_record *r, uint64_t seed)
{
	mix(&seed, r->present);
	asterix_walk_record(r, &hash_visitor, &seed);
	return seed;
}
