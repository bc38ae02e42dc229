#include "tests/assert_near.h"

#include <string.h>

#include "sensor/decode/jot.h"

static char buf[256];
static struct jot j;

static const char *text(void)
{
	buf[j.len] = '\0';
	return buf;
}

static void start(size_t cap)
{
	memset(buf, 'x', sizeof(buf));
	jot_init(&j, buf, cap);
}

static const char *scaled(int64_t raw, int64_t num, int64_t den, unsigned decimals)
{
	start(sizeof(buf) - 1);
	jot_scaled(&j, raw, num, den, decimals);
	return text();
}

static void structure_gets_its_commas(void **state)
{
	(void)state;
	start(sizeof(buf) - 1);
	jot_open(&j, '{');
	jot_key(&j, "a");
	jot_int(&j, -5);
	jot_key(&j, "b");
	jot_open(&j, '[');
	jot_bool(&j, true);
	jot_null(&j);
	jot_open(&j, '{');
	jot_close(&j, '}');
	jot_close(&j, ']');
	jot_key(&j, "c");
	jot_hex(&j, (const uint8_t[]){ 0x0a, 0xff }, 2);
	jot_close(&j, '}');
	assert_string_equal(text(), "{\"a\":-5,\"b\":[true,null,{}],\"c\":\"0AFF\"}");
	assert_false(j.full);
}

static void text_is_escaped(void **state)
{
	(void)state;
	start(sizeof(buf) - 1);
	jot_text(&j, "a\"b\\c\n\xff", 7);
	assert_string_equal(text(), "\"a\\\"b\\\\c\\u000a?\"");
}

static void scaled_values_are_exact_and_rounded_half_away(void **state)
{
	(void)state;
	assert_string_equal(scaled(123, 1, 10, 1), "12.3");
	assert_string_equal(scaled(120, 1, 10, 1), "12");
	assert_string_equal(scaled(-1, 1, 256, 8), "-0.00390625");
	assert_string_equal(scaled(1, 1, 2, 0), "1");
	assert_string_equal(scaled(-1, 1, 2, 0), "-1");
	assert_string_equal(scaled(-1, 1, 1000, 2), "0"); /* no minus on nothing */
	assert_string_equal(scaled(0x6791AC0, 1, 600000, 7), "181");
	assert_string_equal(scaled(65535, 45, 8192, 10), "359.9945068359");
	/* Past 64 bits on the way. */
	assert_string_equal(scaled(INT64_C(1764072000123456789), 1, 1000000000, 7), "1764072000.1234568");
	assert_string_equal(scaled(INT64_MIN, 1, 1, 0), "-9223372036854775808");
}

static void full_buffer_is_sticky_and_never_overrun(void **state)
{
	(void)state;
	for (size_t cap = 0; cap < 40; cap++) {
		start(cap);
		jot_open(&j, '{');
		jot_key(&j, "key");
		jot_text(&j, "some text", 9);
		jot_key(&j, "n");
		jot_scaled(&j, 12345, 1, 100, 2);
		jot_close(&j, '}');
		assert_true(j.len <= cap);
		assert_int_equal(buf[cap], 'x');
		assert_int_equal(j.full, cap < strlen("{\"key\":\"some text\",\"n\":123.45}"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structure_gets_its_commas),
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(scaled_values_are_exact_and_rounded_half_away),
		cmocka_unit_test(full_buffer_is_sticky_and_never_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
