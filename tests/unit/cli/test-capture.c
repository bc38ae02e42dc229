#include "cli/capture.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char said[64];

static int shell(const char *script, int64_t timeout_ms)
{
	return capture_run((const char *const[]){ "sh", "-c", script, NULL }, timeout_ms, said, sizeof(said));
}

static void both_outputs_and_the_exit_code_are_kept(void **state)
{
	assert_int_equal(shell("echo out; echo err >&2; exit 3", 5000), 3);
	assert_string_equal(said, "out\nerr\n");
}

static void long_output_is_cut_and_read_to_its_end(void **state)
{
	assert_int_equal(shell("yes | head -c 200000", 5000), 0);
	assert_int_equal(strlen(said), sizeof(said) - 1);
}

static void what_hangs_is_killed(void **state)
{
	assert_int_equal(shell("echo begun; exec sleep 60", 200), -ETIMEDOUT);
	assert_string_equal(said, "begun\n");
}

static void what_is_not_there_says_so(void **state)
{
	assert_int_equal(capture_run((const char *const[]){ "/nonexistent", NULL }, 1000, said, sizeof(said)), -ENOENT);
	assert_int_equal(capture_find("vedette-nonesuch", "fusion", said, sizeof(said)), -ENOENT);
}

static void what_dies_of_a_signal_has_no_exit_code(void **state)
{
	assert_int_equal(shell("kill -9 $$", 5000), -EINTR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_outputs_and_the_exit_code_are_kept),
		cmocka_unit_test(long_output_is_cut_and_read_to_its_end),
		cmocka_unit_test(what_hangs_is_killed),
		cmocka_unit_test(what_is_not_there_says_so),
		cmocka_unit_test(what_dies_of_a_signal_has_no_exit_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
