#include "sensor/decode/ais/ais_scan.h"

#include <endian.h>
#include <string.h>

#include "sensor/decode/ais/ais_cpu.h"

/* --- eight bytes a step --- */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (uint8_t)(byte))

/* The first eight bytes, the first one lowest; line feeds behind the end. */
static inline uint64_t load8(const char *p, const char *end)
{
	uint64_t x = EACH('\n');

	if (end - p >= 8)
		memcpy(&x, p, 8);
	else
		memcpy(&x, p, (size_t)(end - p));
	return le64toh(x);
}

/* The high bit of each byte that is @c; above the lowest such byte there may be false ones. */
static inline uint64_t is8(uint64_t x, char c)
{
	uint64_t v = x ^ EACH(c);

	return (v - EACH(1)) & ~v & EACH(0x80);
}

static inline unsigned first8(uint64_t hits)
{
	return (unsigned)__builtin_ctzll(hits) / 8;
}

static const char *line8(const char *p, const char *end)
{
	for (;; p += 8) {
		uint64_t x = load8(p, end), hits = is8(x, '!') | is8(x, '\n');

		if (hits)
			return p + first8(hits);
	}
}

static const char *talkers8(const char *line, const char *end, uint64_t *n)
{
	while (line < end && *line == '$') {
		const char *at = line8(line, end);

		if (at == end || *at != '\n')
			break;
		line = at + 1;
		++*n;
	}
	return line;
}

static uint8_t fold(uint64_t sum)
{
	sum ^= sum >> 32;
	sum ^= sum >> 16;
	return (uint8_t)(sum ^ sum >> 8);
}

static struct ais_scan_body body8(const char *p, const char *end)
{
	for (uint64_t sum = 0;; p += 8) {
		uint64_t x = load8(p, end), hits = is8(x, '*') | is8(x, '!') | is8(x, '\n');

		if (hits) {
			unsigned n = first8(hits);

			return (struct ais_scan_body){ p + n, fold(sum ^ (x & ((UINT64_C(1) << 8 * n) - 1))) };
		}
		sum ^= x;
	}
}

static const char *field8(const char *p, const char *end)
{
	for (;; p += 8) {
		uint64_t x = load8(p, end), hits = is8(x, ',') | is8(x, '!') | is8(x, '$') | is8(x, '\\') | is8(x, '\r') |
			is8(x, '\n');

		if (hits)
			return p + first8(hits);
	}
}

/* --- 32 bytes a step --- */

#if AIS_CPU_HAS_AVX2_CODE

#include <immintrin.h>

#define EACH32(c) { [0 ... 31] = c }

static const char star[32] = EACH32('*'), bang[32] = EACH32('!'), feed[32] = EACH32('\n'), cr[32] = EACH32('\r'),
		  comma[32] = EACH32(','), dollar[32] = EACH32('$'), backslash[32] = EACH32('\\');

/* The last few bytes, line feeds behind them. Apart, so that the loops need no stack. */
static AIS_CPU_AVX2 __attribute__((noinline, cold)) __m256i load_last(const char *p, const char *end)
{
	char last[32] = EACH32('\n');

	memcpy(last, p, (size_t)(end - p));
	return _mm256_loadu_si256((const __m256i *)last);
}

static inline AIS_CPU_AVX2 __m256i load32(const char *p, const char *end)
{
	return __builtin_expect(end - p >= 32, 1) ? _mm256_loadu_si256((const __m256i *)p) : load_last(p, end);
}

static inline AIS_CPU_AVX2 __m256i is32(__m256i x, const char *each)
{
	return _mm256_cmpeq_epi8(x, _mm256_loadu_si256((const __m256i *)each));
}

static inline AIS_CPU_AVX2 unsigned bits32(__m256i hits)
{
	return (unsigned)_mm256_movemask_epi8(hits);
}

static inline AIS_CPU_AVX2 unsigned line_hits32(__m256i x)
{
	return bits32(is32(x, bang) | is32(x, feed));
}

/* Most lines are between 32 and 64 bytes long: two loads a step while there are so many. */
static inline AIS_CPU_AVX2 const char *line32(const char *p, const char *end)
{
	for (; end - p >= 64; p += 64) {
		__m256i low = _mm256_loadu_si256((const __m256i *)p), high = _mm256_loadu_si256((const __m256i *)(p + 32));
		uint64_t hits = line_hits32(low) | (uint64_t)line_hits32(high) << 32;

		if (hits)
			return p + _tzcnt_u64(hits);
	}
	for (;; p += 32) {
		unsigned hits = line_hits32(load32(p, end));

		if (hits)
			return p + _tzcnt_u32(hits);
	}
}

static AIS_CPU_AVX2 const char *talkers32(const char *line, const char *end, uint64_t *n)
{
	while (line < end && *line == '$') {
		const char *at = line32(line, end);

		if (at == end || *at != '\n')
			break;
		line = at + 1;
		++*n;
	}
	return line;
}

/* The XOR of the bytes of @sum and of the first @n of @x. */
static inline AIS_CPU_AVX2 uint8_t xor32(__m256i sum, __m256i x, unsigned n)
{
	static const uint8_t window[64] = { [0 ... 31] = 0xff };

	sum ^= x & _mm256_loadu_si256((const __m256i *)(window + 32 - n));

	__m128i half = _mm256_castsi256_si128(sum) ^ _mm256_extracti128_si256(sum, 1);

	return fold((uint64_t)(_mm_cvtsi128_si64(half) ^ _mm_extract_epi64(half, 1)));
}

static AIS_CPU_AVX2 struct ais_scan_body body32(const char *p, const char *end)
{
	for (__m256i sum = _mm256_setzero_si256();; p += 32) {
		__m256i x = load32(p, end);
		unsigned hits = bits32(is32(x, star) | is32(x, bang) | is32(x, feed));

		if (hits) {
			unsigned n = _tzcnt_u32(hits);

			return (struct ais_scan_body){ p + n, xor32(sum, x, n) };
		}
		sum ^= x;
	}
}

static AIS_CPU_AVX2 const char *field32(const char *p, const char *end)
{
	for (;; p += 32) {
		__m256i x = load32(p, end);
		unsigned hits = bits32(is32(x, comma) | is32(x, bang) | is32(x, dollar) | is32(x, backslash) | is32(x, cr) |
			is32(x, feed));

		if (hits)
			return p + _tzcnt_u32(hits);
	}
}

#endif

const char *ais_scan_line_far(const char *p, const char *end)
{
	return AIS_CPU_CHOOSE(line32, line8)(p, end);
}

const char *ais_scan_talkers(const char *line, const char *end, uint64_t *n)
{
	return AIS_CPU_CHOOSE(talkers32, talkers8)(line, end, n);
}

struct ais_scan_body ais_scan_body(const char *p, const char *end)
{
	return AIS_CPU_CHOOSE(body32, body8)(p, end);
}

const char *ais_scan_field(const char *p, const char *end)
{
	return AIS_CPU_CHOOSE(field32, field8)(p, end);
}
