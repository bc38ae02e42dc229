#include "sensor/decode/ais/ais_armour.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "sensor/decode/ais/ais_cpu.h"

/* --- eight characters a step --- */

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

static int decode8(const char *text, size_t n, uint8_t *out)
{
	uint64_t bad = 0, x, zeros = EACH('0');

	for (size_t i = 0; i < AIS_ARMOUR_TEXT(n); i += 8, out += 6) {
		memcpy(&x, text + i, sizeof(x));
		x = be64toh(x);
		if (i >= n)
			x = zeros;
		else if (n - i < 8) /* '0' is six zero bits */
			x = (x & ~(UINT64_MAX >> 8 * (n - i))) | zeros >> 8 * (n - i);
		x = htobe64(dearmour8(x, &bad) << 16);
		memcpy(out, &x, sizeof(x));
	}
	memset(out, 0, AIS_ARMOUR_STEP);
	return bad ? -EBADMSG : 0;
}

/* --- 32 characters a step --- */

#if AIS_CPU_HAS_AVX2_CODE

#include <immintrin.h>

#define EACH32(v) { [0 ... 31] = v }
#define TWICE(...) { __VA_ARGS__, __VA_ARGS__ }

static const int8_t zero_char[32] = EACH32('0'), k27[32] = EACH32(0x27), k2f[32] = EACH32(0x2f), k47[32] = EACH32(0x47),
		    eight[32] = EACH32(8), window[64] = { [0 ... 31] = -1 };
static const int8_t by_64_1[32] = TWICE(64, 1, 64, 1, 64, 1, 64, 1, 64, 1, 64, 1, 64, 1, 64, 1);
static const int16_t by_4096_1[16] = TWICE(4096, 1, 4096, 1, 4096, 1, 4096, 1);
static const int8_t big_endian[32] = TWICE(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
static const int32_t joined[8] = { 0, 1, 2, 4, 5, 6, 3, 7 };

static inline AIS_CPU_AVX2 __m256i load32(const void *p)
{
	return _mm256_loadu_si256(p);
}

/* Each byte's value; the high bit of @bad is set where the byte is illegal. Bytes above 0x7f are negative here. */
static inline AIS_CPU_AVX2 __m256i values32(__m256i x, __m256i *bad)
{
	__m256i v = _mm256_sub_epi8(x, load32(zero_char));
	__m256i ge58 = _mm256_cmpgt_epi8(v, load32(k27)), ge60 = _mm256_cmpgt_epi8(v, load32(k2f));

	*bad |= v | (ge58 ^ ge60) | _mm256_cmpgt_epi8(v, load32(k47));
	return _mm256_sub_epi8(v, ge60 & load32(eight));
}

/* 32 values of six bits to 24 bytes, zeros behind them. */
static inline AIS_CPU_AVX2 __m256i pack32(__m256i v)
{
	__m256i pairs = _mm256_maddubs_epi16(v, load32(by_64_1)), fours = _mm256_madd_epi16(pairs, load32(by_4096_1));

	return _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(fours, load32(big_endian)), load32(joined));
}

static AIS_CPU_AVX2 int decode32(const char *text, size_t n, uint8_t *out)
{
	__m256i bad = _mm256_setzero_si256();
	size_t i = 0;

	for (; i + 32 <= n; i += 32, out += 24)
		_mm256_storeu_si256((__m256i *)out, pack32(values32(load32(text + i), &bad)));
	if (i < n) {
		__m256i x = _mm256_blendv_epi8(load32(zero_char), load32(text + i), load32(window + 32 - (n - i)));

		_mm256_storeu_si256((__m256i *)out, pack32(values32(x, &bad)));
		out += 24;
	}
	_mm256_storeu_si256((__m256i *)out, _mm256_setzero_si256());
	return _mm256_movemask_epi8(bad) ? -EBADMSG : 0;
}

#endif

int ais_armour_decode(const char *text, size_t n, uint8_t *out)
{
	return AIS_CPU_CHOOSE(decode32, decode8)(text, n, out);
}
