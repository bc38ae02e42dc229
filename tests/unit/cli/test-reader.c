#include "tests/assert_near.h"

#include "cli/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct reader r;
static int writer;
static char path[64];

static int set_up(void **state)
{
	int fds[2];

	(void)state;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	writer = fds[1];
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	assert_int_equal(reader_open(&r, path), 0);
	close(fds[0]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	reader_close(&r);
	if (writer >= 0)
		close(writer);
	return 0;
}

static void say(const char *text)
{
	assert_int_equal(write(writer, text, strlen(text)), strlen(text));
}

static void stream_is_read_as_it_comes(void **state)
{
	(void)state;
	assert_false(r.whole);
	assert_true(reader_paused(&r));
	say("one\ntw");
	assert_false(reader_paused(&r));
	assert_int_equal(reader_fill(&r), 0);
	assert_int_equal(r.size, 6);
	reader_drop(&r, 4);
	say("o\n");
	assert_int_equal(reader_fill(&r), 0);
	assert_int_equal(r.size, 4);
	assert_memory_equal(r.data, "two\n", 4);
	close(writer);
	writer = -1;
	assert_int_equal(reader_fill(&r), 0);
	assert_true(r.end);
	assert_false(reader_paused(&r));
}

static void first_bytes_are_those_before_a_pause(void **state)
{
	(void)state;
	say("a");
	assert_int_equal(reader_first(&r), 0);
	assert_int_equal(r.size, 1);
	assert_false(r.end);
}

static void window_never_grows_by_itself(void **state)
{
	static char much[1 << 16];

	(void)state;
	assert_true(fcntl(writer, F_SETPIPE_SZ, 1 << 17) > 0);
	for (int i = 0; i < 16; i++) {
		assert_int_equal(write(writer, much, sizeof(much)), sizeof(much));
		while (!reader_paused(&r) && r.size < r.cap)
			assert_int_equal(reader_fill(&r), 0);
	}
	assert_int_equal(r.size, READER_WINDOW);
	assert_int_equal(r.cap, READER_WINDOW);
	say("x");
	close(writer);
	writer = -1;
	assert_int_equal(reader_all(&r), 0); /* but for who asks */
	assert_int_equal(r.size, READER_WINDOW + 1);
}

static void file_is_read_whole(void **state)
{
	struct reader f;
	char name[] = "/tmp/test-reader-XXXXXX";
	int fd = mkstemp(name);

	(void)state;
	assert_int_equal(write(fd, "bytes", 5), 5);
	close(fd);
	assert_int_equal(reader_open(&f, name), 0);
	assert_true(f.whole);
	assert_int_equal(reader_all(&f), 0);
	assert_int_equal(f.size, 5);
	assert_memory_equal(f.data, "bytes", 5);
	reader_close(&f);
	unlink(name);
	assert_int_equal(reader_open(&f, name), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(stream_is_read_as_it_comes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(first_bytes_are_those_before_a_pause, set_up, tear_down),
		cmocka_unit_test_setup_teardown(window_never_grows_by_itself, set_up, tear_down),
		cmocka_unit_test(file_is_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
