#include "cli/simulate/recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/assert_near.h"

static int64_t time_of(const char *line)
{
	return recording_line_time(line, strlen(line));
}

static void lines_tell_their_time(void **state)
{
	assert_int_equal(time_of("!AIVDM,1,1,,A,x,0*00\r\n"), 0);
	assert_int_equal(time_of("\\s:a,c:1748779200*00\\!AIVDM,1,1,,A,x,0*00\r\n"), INT64_C(1748779200000000000));
	assert_int_equal(time_of("\\c:1748779200123*00\\!AIVDM,1,1,,A,x,0*00\n"), INT64_C(1748779200123000000));
	assert_int_equal(time_of("!AIVDM,1,1,,A,x,0*00,r003669945,1220230083\n"), INT64_C(1220230083000000000));
	assert_int_equal(time_of("!AIVDM,1,1,,A,x,0*00,1220230083x\n"), 0);
	assert_int_equal(time_of("\\c:17487719199000*00\\!A"), 0); /* overflowed once: found by fuzz-recording */
	assert_int_equal(time_of("\\c:99999999999*00\\!A"), 0);
	assert_int_equal(time_of("\\c:\\"), 0);
	assert_int_equal(time_of("\\"), 0);
	assert_int_equal(time_of(""), 0);
}

static void a_tag_block_can_be_left_out(void **state)
{
	const char *line = "\\c:1*00\\!AIVDM";
	assert_int_equal(recording_untagged(line, strlen(line)), 8);
	assert_int_equal(recording_untagged("!AIVDM", 6), 0);
	assert_int_equal(recording_untagged("\\open", 5), 0);
}

static void text_is_a_line_a_datagram_without_comments(void **state)
{
	char path[] = "/tmp/vedette-recording-XXXXXX";
	struct recording r;
	struct recording_datagram d;
	int fd = mkstemp(path);
	const char *text = "# comment\n\n!A,1\r\n!B,2";
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(recording_open(&r, path, 0), 0);
	for (unsigned round = 0; round < 2; round++) {
		assert_true(recording_next(&r, &d));
		assert_memory_equal(d.data, "!A,1\r\n", d.size);
		assert_true(recording_next(&r, &d));
		assert_int_equal(d.size, 4);
		assert_false(recording_next(&r, &d));
		recording_rewind(&r);
	}
	recording_done(&r);
	unlink(path);
}

static void what_cannot_be_read_is_an_error(void **state)
{
	struct recording r;
	assert_int_equal(recording_open(&r, "/nonexistent", 0), -ENOENT);
	assert_int_equal(recording_open(&r, "/", 0), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_tell_their_time),
		cmocka_unit_test(a_tag_block_can_be_left_out),
		cmocka_unit_test(text_is_a_line_a_datagram_without_comments),
		cmocka_unit_test(what_cannot_be_read_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
