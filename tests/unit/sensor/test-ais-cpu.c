/* Every loop that has an AVX2 form gives the same, bit for bit, as its plain form: on any bytes, at any length, up to the last byte. */
#include "tests/assert_near.h"

#include <errno.h>
#include <stdlib.h>

#include "ais_make.h"
#include "sensor/decode/ais/ais.h"
#include "sensor/decode/ais/ais_armour.h"
#include "sensor/decode/ais/ais_cpu.h"
#include "sensor/decode/ais/ais_scan.h"

#define ROUNDS 20000
#define TEXT_MAX 200

static uint64_t seed;

/* xorshift64: Marsaglia, "Xorshift RNGs" (2003), 13/7/17 */
static unsigned any(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

static int begin(void **state)
{
	(void)state;
	seed = 42;
	return 0;
}

/* Skips, visibly, where there is only one form. */
static void need_both(void)
{
	ais_cpu_avx2 = false;
#if AIS_CPU_HAS_AVX2_CODE
	if (__builtin_cpu_supports("avx2"))
		return;
#endif
	skip();
}

/* @n bytes that end where the memory ends, so that a sanitizer sees one read too many. */
static char *make_bytes(const char *alphabet, size_t n)
{
	char *p = malloc(n ? n : 1);

	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = any(8) ? alphabet[any((unsigned)strlen(alphabet))] : (char)any(256);
	return p;
}

struct stops {
	ptrdiff_t line, body, field, talkers;
	uint64_t lines;
	uint8_t sum;
};

static struct stops scan(const char *p, size_t n, bool avx2)
{
	struct stops s = { 0 };

	ais_cpu_avx2 = avx2;
	s.line = ais_scan_line(p, p + n) - p;
	s.body = ais_scan_body(p, p + n).stop - p;
	s.sum = ais_scan_body(p, p + n).sum;
	s.field = ais_scan_field(p, p + n) - p;
	s.talkers = ais_scan_talkers(p, p + n, &s.lines) - p;
	return s;
}

static void scans_agree(void **state)
{
	static const char *const alphabets[] = { "abcdefghijklmnopqrstuvwxyz0123456789", "ab*!,$\\\r\n", "\n$\n\v\t !\"*+,-#$%\\]" };

	(void)state;
	need_both();
	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t n = any(TEXT_MAX);
		char *p = make_bytes(alphabets[round % 3], n);
		struct stops plain = scan(p, n, false), wide = scan(p, n, true);

		assert_memory_equal(&plain, &wide, sizeof(plain));
		free(p);
	}
}

static void scans_stop_where_they_say(void **state)
{
	static const char text[] = "0123456789012345678901234567890123456789,$\\*!\r\n";

	(void)state;
	for (int avx2 = 0; avx2 < 2; avx2++) {
		if (avx2)
			need_both();

		struct stops s = scan(text, strlen(text), avx2);

		assert_int_equal(s.field, 40);
		assert_int_equal(s.body, 43);
		assert_int_equal(s.line, 44);
		assert_int_equal(s.sum, ',' ^ '$' ^ '\\'); /* each digit four times */
	}
}

static void armour_agrees(void **state)
{
	static const char legal[] = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw";

	(void)state;
	need_both();
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint8_t plain[AIS_ARMOUR_BYTES(TEXT_MAX)] = { 0 }, wide[AIS_ARMOUR_BYTES(TEXT_MAX)] = { 0 };
		size_t n = any(TEXT_MAX);
		char *p = make_bytes(legal, AIS_ARMOUR_TEXT(n));

		/* make_bytes() puts bad ones everywhere: keep them at one place at most, and behind the end. */
		for (size_t i = 0, keep = any(2) ? any(TEXT_MAX) : TEXT_MAX; i < n; i++)
			if (i != keep)
				p[i] = legal[any(64)];
		ais_cpu_avx2 = false;
		int r = ais_armour_decode(p, n, plain);

		ais_cpu_avx2 = true;
		assert_int_equal(ais_armour_decode(p, n, wide), r);
		if (r == 0)
			assert_memory_equal(plain, wide, sizeof(plain));
		free(p);
	}
}

static void mix_hash(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	uint64_t *h = user;

	*h = ais_message_hash(m, *h ^ s->n ^ (uint64_t)s->time_ns ^ (uint64_t)s->station[0]);
}

static uint64_t decode(const char *text, size_t n, bool avx2, struct ais_stats *ret_stats)
{
	static struct ais a;
	uint64_t h = 0;

	ais_cpu_avx2 = avx2;
	ais_init(&a);
	ais_decode(&a, text, n, 0, 0, mix_hash, &h);
	*ret_stats = a.stats;
	return h;
}

/* A message of @type and random bits, as one or two sentences. */
static size_t make_message(unsigned type, char *out, size_t size)
{
	struct ais_make m = { .n = 0 };
	unsigned bits = 6 * (7 + any(70)), fill;
	char payload[256];

	ais_make_put(&m, type, 6);
	while (m.n < (any(2) ? bits : 168))
		ais_make_put(&m, any(2), 1);

	unsigned n = ais_make_payload(&m, payload, &fill);

	if (n < 60) {
		ais_make_part(payload, 0, n, 1, 1, "", "A", fill, out, size);
		return strlen(out);
	}
	ais_make_part(payload, 0, 56, 2, 1, "3", "B", 0, out, size);
	ais_make_part(payload, 56, n - 56, 2, 2, "3", "B", fill, out + strlen(out), size - strlen(out));
	return strlen(out);
}

static void messages_of_random_bits_agree(void **state)
{
	(void)state;
	need_both();
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct ais_stats plain, wide;
		char made[512];
		size_t n = make_message(1 + any(27), made, sizeof(made));
		char *text = make_bytes("a", n);

		memcpy(text, made, n);
		if (any(8) == 0)
			text[any((unsigned)n)] = (char)any(256);
		assert_true(decode(text, n, false, &plain) == decode(text, n, true, &wide));
		assert_memory_equal(&plain, &wide, sizeof(plain));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(scans_agree, begin),
		cmocka_unit_test_setup(scans_stop_where_they_say, begin),
		cmocka_unit_test_setup(armour_agrees, begin),
		cmocka_unit_test_setup(messages_of_random_bits_agree, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
