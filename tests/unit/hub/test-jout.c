#include "hub/jout.h"
#include "tests/assert_near.h"

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void assert_json(struct jout *j, const char *want)
{
	size_t size = 0;
	char *text = jout_take(j, &size);
	assert_non_null(text);
	assert_string_equal(text, want);
	assert_int_equal(size, strlen(want));
	free(text);
}

static void commas_stand_between_and_nowhere_else(void **state)
{
	struct jout j = { 0 };
	jout_object(&j, NULL);
	jout_array(&j, "a");
	jout_uint(&j, NULL, 1);
	jout_object(&j, NULL);
	jout_object_end(&j);
	jout_array(&j, NULL);
	jout_array_end(&j);
	jout_array_end(&j);
	jout_bool(&j, "b", true);
	jout_null(&j, "c");
	jout_object_end(&j);
	assert_json(&j, "{\"a\":[1,{},[]],\"b\":true,\"c\":null}");
}

static void text_is_escaped_and_bad_utf8_replaced(void **state)
{
	struct jout j = { 0 };
	jout_array(&j, NULL);
	jout_string(&j, NULL, "a\"\\\n\x7f");
	jout_string(&j, NULL, "\xc3\xa6\xf0\x9f\x9a\xa2");
	jout_string(&j, NULL, "\xff-\xc0\xaf-\xed\xa0\x80-\xe2\x82");
	jout_text(&j, NULL, "");
	jout_string(&j, NULL, NULL);
	jout_array_end(&j);
	assert_json(&j, "[\"a\\\"\\\\\\u000a\\u007f\",\"\xc3\xa6\xf0\x9f\x9a\xa2\",\"\xef\xbf\xbd-\xef\xbf\xbd\xef\xbf\xbd-"
			"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd-\xef\xbf\xbd\xef\xbf\xbd\",null,null]");
}

static void numbers_are_json_or_null(void **state)
{
	struct jout j = { 0 };
	jout_array(&j, NULL);
	jout_double(&j, NULL, 54.1234567, 7);
	jout_double(&j, NULL, -0.0001, 2);
	jout_double(&j, NULL, NAN, 2);
	jout_double(&j, NULL, -INFINITY, 2);
	jout_double(&j, NULL, 1e300, 2);
	jout_int(&j, NULL, INT64_MIN);
	jout_uint(&j, NULL, UINT64_MAX);
	jout_array_end(&j);
	assert_json(&j, "[54.1234567,0.00,null,null,null,-9223372036854775808,18446744073709551615]");
}

static void a_document_over_the_limit_is_no_document(void **state)
{
	static char big[1 << 20];
	struct jout j = { 0 };
	memset(big, 'x', sizeof(big) - 1);
	for (int i = 0; i < 70; i++)
		jout_string(&j, NULL, big);
	assert_null(jout_take(&j, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_stand_between_and_nowhere_else),
		cmocka_unit_test(text_is_escaped_and_bad_utf8_replaced),
		cmocka_unit_test(numbers_are_json_or_null),
		cmocka_unit_test(a_document_over_the_limit_is_no_document),
	};
	return cmocka_run_group_tests_name("hub-jout", tests, NULL, NULL);
}
