#include "hub/trackid.h"
#include "tests/assert_near.h"

#include <cmocka.h>
#include <errno.h>
#include <string.h>

static void an_id_reads_back_as_written(void **state)
{
	struct track_id id = { .origin = "xa", .epoch = 4294967295u, .birth = 17 }, back;
	char text[TRACKID_TEXT_MAX];
	assert_string_equal(trackid_format(&id, text), "xa-4294967295-17");
	assert_int_equal(trackid_parse(text, &back), 0);
	assert_true(trackid_equal(&id, &back));
	assert_int_equal(trackid_hash(&id), trackid_hash(&back));
}

static void anything_else_is_refused(void **state)
{
	static const char *const bad[] = { "", "xa", "xa-1", "xa-1-", "xa--1", "-1-1", "xa-1-1-1", "xa-1-1x", "xa-1- 1", "xa-+1-1",
		"xa-01-1", "xa-1-4294967296", "xa-1-99999999999999999999", "XA-1-1", "x_a-1-1", "1a-1-1", "abcdefghijklmnop-1-1",
		"xa-1-1/trail" };
	struct track_id id = { .birth = 7 };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(trackid_parse(bad[i], &id), -EINVAL);
	assert_int_equal(id.birth, 7); /* ret_ untouched on error */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_reads_back_as_written),
		cmocka_unit_test(anything_else_is_refused),
	};
	return cmocka_run_group_tests_name("hub-trackid", tests, NULL, NULL);
}
