#include "common/canon.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <string.h>

#define BYTES(...) ((const uint8_t[]){ __VA_ARGS__ }), sizeof((const uint8_t[]){ __VA_ARGS__ })

static int skip_all(const uint8_t *data, size_t size)
{
	struct canon_in in;

	canon_in_init(&in, data, size);
	canon_skip(&in);
	return canon_done(&in);
}

/* RFC 8949, appendix A. */
static void integers_have_their_published_bytes(void **state)
{
	static const struct {
		int64_t value;
		uint8_t bytes[9];
		size_t size;
	} known[] = {
		{ 0, { 0x00 }, 1 },
		{ 23, { 0x17 }, 1 },
		{ 24, { 0x18, 0x18 }, 2 },
		{ 255, { 0x18, 0xff }, 2 },
		{ 1000, { 0x19, 0x03, 0xe8 }, 3 },
		{ 1000000, { 0x1a, 0x00, 0x0f, 0x42, 0x40 }, 5 },
		{ 1000000000000, { 0x1b, 0x00, 0x00, 0x00, 0xe8, 0xd4, 0xa5, 0x10, 0x00 }, 9 },
		{ -1, { 0x20 }, 1 },
		{ -100, { 0x38, 0x63 }, 2 },
		{ -1000, { 0x39, 0x03, 0xe7 }, 3 },
		{ INT64_MIN, { 0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, 9 },
	};

	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
		uint8_t buf[16];
		struct canon_out out;
		struct canon_in in;

		canon_out_init(&out, buf, sizeof(buf));
		canon_put_int(&out, known[k].value);
		assert_false(out.failed);
		assert_int_equal(out.len, known[k].size);
		assert_memory_equal(buf, known[k].bytes, out.len);

		canon_in_init(&in, buf, out.len);
		assert_true(canon_get_int(&in) == known[k].value);
		assert_int_equal(canon_done(&in), 0);
	}
}

static void every_type_goes_there_and_back(void **state)
{
	uint8_t buf[128];
	char text[8];
	size_t size, n;
	int64_t prev = -1;
	uint64_t key;
	struct canon_out out;
	struct canon_in in;

	canon_out_init(&out, buf, sizeof(buf));
	canon_put_map(&out, 2);
	canon_put_uint(&out, 1);
	canon_put_array(&out, 5);
	canon_put_bool(&out, true);
	canon_put_bool(&out, false);
	canon_put_null(&out);
	canon_put_bytes(&out, "\0\1", 2);
	canon_put_text(&out, "K\xc3\xb8");
	canon_put_uint(&out, 300);
	canon_put_uint(&out, UINT64_MAX);
	assert_false(out.failed);

	canon_in_init(&in, buf, out.len);
	assert_int_equal(canon_peek(&in), CANON_MAP);
	n = canon_get_map(&in);
	assert_true(canon_next_key(&in, &n, &prev, &key));
	assert_int_equal(key, 1);
	assert_int_equal(canon_get_array(&in), 5);
	assert_true(canon_get_bool(&in));
	assert_false(canon_get_bool(&in));
	assert_int_equal(canon_peek(&in), CANON_NULL);
	canon_get_null(&in);
	assert_memory_equal(canon_get_bytes(&in, &size), "\0\1", 2);
	assert_int_equal(size, 2);
	canon_get_text(&in, text, sizeof(text));
	assert_string_equal(text, "K\xc3\xb8");
	assert_true(canon_next_key(&in, &n, &prev, &key));
	assert_int_equal(key, 300);
	assert_true(canon_get_uint(&in) == UINT64_MAX);
	assert_false(canon_next_key(&in, &n, &prev, &key));
	assert_int_equal(canon_peek(&in), CANON_END);
	assert_int_equal(canon_done(&in), 0);
	assert_int_equal(skip_all(buf, out.len), 0);
}

static void output_that_does_not_fit_fails_and_stays_failed(void **state)
{
	uint8_t buf[4] = { 9, 9, 9, 9 };
	struct canon_out out;

	canon_out_init(&out, buf, 3);
	canon_put_text(&out, "abc");
	assert_true(out.failed);
	canon_put_uint(&out, 1);
	assert_true(out.failed);
	assert_int_equal(buf[3], 9);
}

static void what_is_not_canonical_is_refused(void **state)
{
	static const struct {
		const char *why;
		uint8_t bytes[16];
		size_t size;
		int error;
	} bad[] = {
		{ "23 in two bytes", { 0x18, 0x17 }, 2, -EBADMSG },
		{ "255 in three bytes", { 0x19, 0x00, 0xff }, 3, -EBADMSG },
		{ "65535 in five bytes", { 0x1a, 0, 0, 0xff, 0xff }, 5, -EBADMSG },
		{ "2^32-1 in nine bytes", { 0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff }, 9, -EBADMSG },
		{ "-1 in two bytes", { 0x38, 0x00 }, 2, -EBADMSG },
		{ "long length of a string", { 0x78, 0x01, 'a' }, 3, -EBADMSG },
		{ "long length of an array", { 0x98, 0x01, 0 }, 3, -EBADMSG },
		{ "indefinite bytes", { 0x5f, 0x41, 0, 0xff }, 4, -EBADMSG },
		{ "indefinite text", { 0x7f, 0xff }, 2, -EBADMSG },
		{ "indefinite array", { 0x9f, 0xff }, 2, -EBADMSG },
		{ "indefinite map", { 0xbf, 0xff }, 2, -EBADMSG },
		{ "break", { 0xff }, 1, -EBADMSG },
		{ "reserved information", { 0x1c }, 1, -EBADMSG },
		{ "half float", { 0xf9, 0x3c, 0x00 }, 3, -EBADMSG },
		{ "double", { 0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0 }, 9, -EBADMSG },
		{ "undefined", { 0xf7 }, 1, -EBADMSG },
		{ "simple value", { 0xe0 }, 1, -EBADMSG },
		{ "simple value in two bytes", { 0xf8, 0xf4 }, 2, -EBADMSG },
		{ "tag", { 0xc1, 0x00 }, 2, -EBADMSG },
		{ "keys out of order", { 0xa2, 2, 0, 1, 0 }, 5, -EBADMSG },
		{ "key twice", { 0xa2, 1, 0, 1, 0 }, 5, -EBADMSG },
		{ "text key out of order", { 0xa2, 0x61, 'b', 0, 0x61, 'a', 0 }, 7, -EBADMSG },
		{ "longer key first", { 0xa2, 0x18, 24, 0, 1, 0 }, 6, -EBADMSG },
		{ "trailing byte", { 0x00, 0x00 }, 2, -EBADMSG },
		{ "nothing", { 0 }, 0, -EMSGSIZE },
		{ "cut integer", { 0x19, 0x01 }, 2, -EMSGSIZE },
		{ "cut string", { 0x43, 1, 2 }, 3, -EMSGSIZE },
		{ "cut array", { 0x82, 1 }, 2, -EMSGSIZE },
		{ "cut map", { 0xa1, 1 }, 2, -EMSGSIZE },
		{ "array of 2^60", { 0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0 }, 9, -EMSGSIZE },
		{ "string of 2^64-1", { 0x5b, 255, 255, 255, 255, 255, 255, 255, 255 }, 9, -EMSGSIZE },
		{ "stray continuation byte", { 0x61, 0x80 }, 2, -EBADMSG },
		{ "overlong slash", { 0x62, 0xc0, 0xaf }, 3, -EBADMSG },
		{ "surrogate", { 0x63, 0xed, 0xa0, 0x80 }, 4, -EBADMSG },
		{ "past U+10FFFF", { 0x64, 0xf4, 0x90, 0x80, 0x80 }, 5, -EBADMSG },
		{ "cut character", { 0x62, 0xe2, 0x82 }, 3, -EBADMSG },
	};

	for (size_t b = 0; b < sizeof(bad) / sizeof(bad[0]); b++) {
		int r = skip_all(bad[b].bytes, bad[b].size);
		if (r != bad[b].error)
			fail_msg("%s: %d, expected %d", bad[b].why, r, bad[b].error);
	}
}

static void sixteen_levels_are_taken_and_seventeen_refused(void **state)
{
	uint8_t deep[CANON_DEPTH_MAX + 2];

	memset(deep, 0x81, sizeof(deep));
	deep[CANON_DEPTH_MAX] = 0x00;
	assert_int_equal(skip_all(deep, CANON_DEPTH_MAX + 1), 0);
	deep[CANON_DEPTH_MAX] = 0x81;
	deep[CANON_DEPTH_MAX + 1] = 0x00;
	assert_int_equal(skip_all(deep, sizeof(deep)), -ELOOP);
}

static void wrong_type_is_an_error_of_the_getter(void **state)
{
	struct canon_in in;
	size_t size;
	char text[4] = "old";

	canon_in_init(&in, BYTES(0x61, 'a'));
	assert_int_equal(canon_get_uint(&in), 0);
	assert_int_equal(canon_done(&in), -EBADMSG);
	canon_in_init(&in, BYTES(0x20));
	canon_get_uint(&in);
	assert_int_equal(canon_done(&in), -EBADMSG);
	canon_in_init(&in, BYTES(0x01));
	assert_null(canon_get_bytes(&in, &size));
	canon_in_init(&in, BYTES(0x41, 'a'));
	canon_get_text(&in, text, sizeof(text));
	assert_string_equal(text, "old");
	assert_int_equal(canon_done(&in), -EBADMSG);
}

static void first_error_sticks(void **state)
{
	struct canon_in in;
	size_t size;

	canon_in_init(&in, BYTES(0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01));
	canon_get_int(&in);
	assert_int_equal(in.error, -ERANGE);
	assert_int_equal(canon_peek(&in), CANON_END);
	assert_int_equal(canon_get_uint(&in), 0);
	assert_null(canon_raw(&in, &size));
	assert_int_equal(canon_done(&in), -ERANGE);
}

static void text_must_fit_and_hold_no_nul(void **state)
{
	struct canon_in in;
	char text[4];

	canon_in_init(&in, BYTES(0x63, 'a', 'b', 'c'));
	canon_get_text(&in, text, sizeof(text));
	assert_int_equal(canon_done(&in), 0);
	canon_in_init(&in, BYTES(0x64, 'a', 'b', 'c', 'd'));
	canon_get_text(&in, text, sizeof(text));
	assert_int_equal(canon_done(&in), -ERANGE);
	canon_in_init(&in, BYTES(0x62, 'a', 0));
	canon_get_text(&in, text, sizeof(text));
	assert_int_equal(canon_done(&in), -ERANGE);
}

static void keys_must_be_unsigned_and_ascending(void **state)
{
	struct canon_in in;
	int64_t prev = -1;
	uint64_t key;

	canon_in_init(&in, BYTES(0xa2, 5, 0, 5, 0));
	size_t n = canon_get_map(&in);
	assert_true(canon_next_key(&in, &n, &prev, &key));
	canon_skip(&in);
	assert_false(canon_next_key(&in, &n, &prev, &key));
	assert_int_equal(in.error, -EBADMSG);

	canon_in_init(&in, BYTES(0xa1, 0x20, 0));
	n = canon_get_map(&in);
	prev = -1;
	assert_false(canon_next_key(&in, &n, &prev, &key));
	assert_int_equal(in.error, -EBADMSG);
}

static void raw_is_the_item_byte_for_byte(void **state)
{
	const uint8_t data[] = { 0x82, 0xa1, 1, 0x41, 7, 0xf6, 0x05 };
	struct canon_in in;
	size_t size;

	canon_in_init(&in, data, sizeof(data));
	assert_ptr_equal(canon_raw(&in, &size), data);
	assert_int_equal(size, 6);
	assert_int_equal(canon_get_uint(&in), 5);
	assert_int_equal(canon_done(&in), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_have_their_published_bytes),
		cmocka_unit_test(every_type_goes_there_and_back),
		cmocka_unit_test(output_that_does_not_fit_fails_and_stays_failed),
		cmocka_unit_test(what_is_not_canonical_is_refused),
		cmocka_unit_test(sixteen_levels_are_taken_and_seventeen_refused),
		cmocka_unit_test(wrong_type_is_an_error_of_the_getter),
		cmocka_unit_test(first_error_sticks),
		cmocka_unit_test(text_must_fit_and_hold_no_nul),
		cmocka_unit_test(keys_must_be_unsigned_and_ascending),
		cmocka_unit_test(raw_is_the_item_byte_for_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
