#include "common/canon.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <string.h>

/* RFC 8949 appendix A: value and its encoding. */
static void integers_match_the_rfc(void **state)
{
	static const struct {
		int64_t v;
		const char *bytes;
		size_t size;
	} cases[] = {
		{ 0, "\x00", 1 }, { 23, "\x17", 1 }, { 24, "\x18\x18", 2 }, { 100, "\x18\x64", 2 }, { 1000, "\x19\x03\xe8", 3 },
		{ 1000000, "\x1a\x00\x0f\x42\x40", 5 }, { 1000000000000, "\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00", 9 },
		{ -1, "\x20", 1 }, { -10, "\x29", 1 }, { -100, "\x38\x63", 2 }, { -1000, "\x39\x03\xe7", 3 },
	};
	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		uint8_t buf[16];
		struct canon_out o;
		struct canon_in i;
		canon_out_init(&o, buf, sizeof(buf));
		canon_put_int(&o, cases[k].v);
		assert_int_equal(o.len, cases[k].size);
		assert_memory_equal(buf, cases[k].bytes, o.len);
		canon_in_init(&i, buf, o.len);
		assert_true(canon_get_int(&i) == cases[k].v);
		assert_int_equal(canon_done(&i), 0);
	}
}

static int skip_error(const char *bytes, size_t size)
{
	struct canon_in i;
	canon_in_init(&i, bytes, size);
	canon_skip(&i);
	return canon_done(&i);
}

static void what_is_not_canonical_is_refused(void **state)
{
	assert_int_equal(skip_error("\x18\x17", 2), -EBADMSG);		  /* 23 in two bytes */
	assert_int_equal(skip_error("\x19\x00\xff", 3), -EBADMSG);	  /* 255 in three */
	assert_int_equal(skip_error("\x1b\x00\x00\x00\x00\xff\xff\xff\xff", 9), -EBADMSG);
	assert_int_equal(skip_error("\x9f\x01\xff", 3), -EBADMSG);	  /* indefinite array */
	assert_int_equal(skip_error("\x5f\x41\x61\xff", 4), -EBADMSG);	  /* indefinite bytes */
	assert_int_equal(skip_error("\xa2\x02\x00\x01\x00", 5), -EBADMSG); /* keys not ascending */
	assert_int_equal(skip_error("\xa2\x01\x00\x01\x00", 5), -EBADMSG); /* duplicate key */
	assert_int_equal(skip_error("\xf9\x3c\x00", 3), -EBADMSG);	  /* a float */
	assert_int_equal(skip_error("\xc0\x00", 2), -EBADMSG);		  /* a tag */
	assert_int_equal(skip_error("\x61\xff", 2), -EBADMSG);		  /* not UTF-8 */
	assert_int_equal(skip_error("\x00\x00", 2), -EBADMSG);		  /* trailing byte */
}

static void what_is_cut_off_is_refused(void **state)
{
	assert_int_equal(skip_error("", 0), -EMSGSIZE);
	assert_int_equal(skip_error("\x19\x03", 2), -EMSGSIZE);
	assert_int_equal(skip_error("\x43\x01\x02", 3), -EMSGSIZE);
	assert_int_equal(skip_error("\x82\x01", 2), -EMSGSIZE);
	assert_int_equal(skip_error("\x9b\x00\x00\x00\x01\x00\x00\x00\x00", 9), -EMSGSIZE); /* 2^32 items in no bytes */
}

static void depth_is_bounded(void **state)
{
	char nest[CANON_DEPTH_MAX + 2];
	memset(nest, '\x81', sizeof(nest));
	nest[CANON_DEPTH_MAX] = 0;
	assert_int_equal(skip_error(nest, CANON_DEPTH_MAX + 1), 0);
	memset(nest, '\x81', sizeof(nest));
	nest[CANON_DEPTH_MAX + 1] = 0;
	assert_int_equal(skip_error(nest, sizeof(nest)), -ELOOP);
}

static void texts_fit_or_fail(void **state)
{
	char text[4] = "old";
	struct canon_in i;
	canon_in_init(&i, "\x63xyz", 4);
	canon_get_text(&i, text, sizeof(text));
	assert_int_equal(canon_done(&i), 0);
	assert_string_equal(text, "xyz");
	canon_in_init(&i, "\x64wxyz", 5);
	canon_get_text(&i, text, sizeof(text));
	assert_int_equal(canon_done(&i), -ERANGE);
	assert_string_equal(text, "xyz"); /* untouched on error */
	canon_in_init(&i, "\x62x\0", 3);
	canon_get_text(&i, text, sizeof(text));
	assert_int_equal(canon_done(&i), -ERANGE);
}

static void a_full_buffer_fails_once_and_for_all(void **state)
{
	uint8_t buf[3];
	struct canon_out o;
	canon_out_init(&o, buf, sizeof(buf));
	canon_put_text(&o, "abc");
	assert_true(o.failed);
	canon_put_uint(&o, 1);
	assert_true(o.failed);
	assert_true(o.len <= sizeof(buf));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_match_the_rfc),
		cmocka_unit_test(what_is_not_canonical_is_refused),
		cmocka_unit_test(what_is_cut_off_is_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(texts_fit_or_fail),
		cmocka_unit_test(a_full_buffer_fails_once_and_for_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
