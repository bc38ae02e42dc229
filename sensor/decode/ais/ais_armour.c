#include "sensor/decode/ais/ais_armour.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * Eight armoured characters, first one most significant, to 48 bits. Collects the high bit of every illegal
 * byte in @bad instead of branching. Adding (0x80 - k) to a byte below 0x80 raises its high bit when it is >= k.
 */
static inline uint64_t dearmour8(uint64_t x, uint64_t *bad)
{
	uint64_t high = EACH(0x80);
	uint64_t seven = x & ~high;
	uint64_t ge30 = seven + EACH(0x80 - 0x30), ge58 = seven + EACH(0x80 - 0x58);
	uint64_t ge60 = seven + EACH(0x80 - 0x60), ge78 = seven + EACH(0x80 - 0x78);

	*bad |= (x | ~ge30 | (ge58 ^ ge60) | ge78) & high;

	/* 0x30.. -> 0..39, 0x60.. -> 40..63. Masked: an illegal byte must not borrow from its neighbour. */
	uint64_t v = (seven | high) - EACH(0x30) - ((ge60 & high) >> 4);

	v &= EACH(0x3f);
	v = ((v >> 2) & UINT64_C(0x0fc00fc00fc00fc0)) | (v & UINT64_C(0x003f003f003f003f));
	v = ((v >> 4) & UINT64_C(0x00fff00000fff000)) | (v & UINT64_C(0x00000fff00000fff));
	return ((v >> 8) & UINT64_C(0x0000ffffff000000)) | (v & UINT64_C(0x0000000000ffffff));
}

static inline void put48(uint8_t *out, uint64_t v)
{
	uint64_t be = htobe64(v << 16);

	memcpy(out, &be, sizeof(be));
}

int ais_armour_decode(const char *text, size_t n, uint8_t *out)
{
	uint64_t bad = 0, x;
	size_t i = 0;

	for (; i + 8 <= n; i += 8, out += 6) {
		memcpy(&x, text + i, sizeof(x));
		put48(out, dearmour8(be64toh(x), &bad));
	}

	char rest[8] = { '0', '0', '0', '0', '0', '0', '0', '0' };

	memcpy(rest, text + i, n - i);
	memcpy(&x, rest, sizeof(x));
	put48(out, dearmour8(be64toh(x), &bad));
	return bad ? -EBADMSG : 0;
}
