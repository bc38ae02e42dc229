#include "hub/query.h"
#include "tests/assert_near.h"

#include <cmocka.h>
#include <errno.h>
#include <string.h>

static void a_box_is_four_or_six_numbers(void **state)
{
	struct query_box b;
	assert_int_equal(query_box("10.75,54.35,11.75,54.80", &b), 0);
	assert_near(b.west, 10.75, 1e-12);
	assert_near(b.north, 54.8, 1e-12);
	assert_int_equal(query_box("-10,-5.5,-100,20,1.5,9000", &b), 0);
	assert_near(b.east, 20, 0);
	assert_near(b.north, 1.5, 0);
}

static void a_wrong_box_is_refused(void **state)
{
	static const char *const bad[] = { "", ",", "1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "1,2,3,4,", "1,,3,4", "a,2,3,4", "1e1,2,3,4",
		"nan,0,1,1", "inf,0,1,1", "0x1,2,3,4", " 1,2,3,4", "1,2,3,4 ", "181,0,1,1", "0,0,1,91", "0,50,1,40", "-,0,1,1", "1.2.3,0,1,1",
		"1111111111111111111111111,0,1,1", "--1,0,1,1", "+1,0,1,1" };
	struct query_box b = { .west = 7 };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(query_box(bad[i], &b), -EINVAL);
	assert_near(b.west, 7, 0);
}

static void a_box_may_cross_the_antimeridian(void **state)
{
	struct query_box b;
	assert_int_equal(query_box("170,-10,-170,10", &b), 0);
	assert_true(query_box_holds(&b, 0, 175));
	assert_true(query_box_holds(&b, 10, -170));
	assert_false(query_box_holds(&b, 0, 0));
	assert_false(query_box_holds(&b, NAN, 175));
}

static void numbers_have_digits_and_a_limit(void **state)
{
	uint64_t v = 7;
	assert_int_equal(query_uint("0", 10, &v), 0);
	assert_int_equal(query_uint("10", 10, &v), 0);
	assert_int_equal(v, 10);
	assert_int_equal(query_uint("11", 10, &v), -EINVAL);
	assert_int_equal(query_uint("", 10, &v), -EINVAL);
	assert_int_equal(query_uint("-1", 10, &v), -EINVAL);
	assert_int_equal(query_uint("1 ", 10, &v), -EINVAL);
	assert_int_equal(query_uint("99999999999999999999999", UINT64_MAX, &v), -EINVAL);
}

static void a_search_is_short_lower_case_and_printable(void **state)
{
	char buf[8];
	assert_int_equal(query_search("FeHmArn", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "fehmarn");
	assert_int_equal(query_search("12345678", buf, sizeof(buf)), -EINVAL);
	assert_int_equal(query_search("a\tb", buf, sizeof(buf)), -EINVAL);
}

static void paths_stay_below_the_folder(void **state)
{
	static const char *const bad[] = { "", "/", "a", "/..", "/../a", "/a/../b", "/.a", "/a/.b", "//a", "/a//b", "/a/", "/a b", "/a%2e",
		"/a\\b", "/\xc3\xa6", "/a?b" };
	assert_true(query_path_ok("/index.html"));
	assert_true(query_path_ok("/assets/app-1.2_3.js"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(query_path_ok(bad[i]));
	char path[400];
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = 0;
	assert_false(query_path_ok(path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_box_is_four_or_six_numbers),
		cmocka_unit_test(a_wrong_box_is_refused),
		cmocka_unit_test(a_box_may_cross_the_antimeridian),
		cmocka_unit_test(numbers_have_digits_and_a_limit),
		cmocka_unit_test(a_search_is_short_lower_case_and_printable),
		cmocka_unit_test(paths_stay_below_the_folder),
	};
	return cmocka_run_group_tests_name("hub-query", tests, NULL, NULL);
}
