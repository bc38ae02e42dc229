#include "common/clock.h"
#include "common/shiplog.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define T0 (INT64_C(1700000000) * CLOCK_NS_PER_S)

static char dir[] = "/tmp/shiplog-XXXXXX";
static char path[64];

static int remove_entry(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(name);
}

static int make_dir(void **state)
{
	strcpy(dir, "/tmp/shiplog-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/log.db", dir);
	return 0;
}

static int drop_dir(void **state)
{
	return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static struct shiplog *open_at(int64_t now_ns)
{
	struct shiplog *log = NULL;
	assert_int_equal(shiplog_open(path, now_ns, &log), 0);
	return log;
}

static void append(struct shiplog *log, const char *text)
{
	assert_int_equal(shiplog_append(log, T0, 1, text, strlen(text), NULL), 0);
}

static void fill(struct shiplog *log, int n)
{
	char text[16];
	assert_int_equal(shiplog_begin(log), 0);
	for (int i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%d", i);
		append(log, text);
	}
	assert_int_equal(shiplog_commit(log), 0);
}

static void records_come_back_in_order_after_reopening(void **state)
{
	struct shiplog *log = open_at(T0);
	uint64_t seq = 0;
	assert_int_equal(shiplog_head(log), 0);
	assert_int_equal(shiplog_tail(log), 1);
	assert_int_equal(shiplog_begin(log), 0);
	assert_int_equal(shiplog_begin(log), -EALREADY);
	assert_int_equal(shiplog_append(log, T0 + 5, 3, "first", 5, &seq), 0);
	assert_int_equal(seq, 1);
	assert_int_equal(shiplog_append(log, T0 + 6, 2, "", 0, &seq), 0);
	assert_int_equal(shiplog_commit(log), 0);
	shiplog_close(log);

	log = open_at(T0 + 100 * CLOCK_NS_PER_S);
	assert_int_equal(shiplog_epoch(log), T0 / CLOCK_NS_PER_S);
	struct ship_record rec[4];
	assert_int_equal(shiplog_read(log, 0, rec, 4, 1000), 2);
	assert_int_equal(rec[0].seq, 1);
	assert_int_equal(rec[0].stored_ns, T0 + 5);
	assert_int_equal(rec[0].kind, 3);
	assert_int_equal(rec[0].size, 5);
	assert_memory_equal(rec[0].data, "first", 5);
	assert_int_equal(rec[1].seq, 2);
	assert_int_equal(rec[1].size, 0);
	assert_int_equal(shiplog_read(log, 2, rec, 4, 1000), 0);
	assert_true(shiplog_bytes(log) >= 4096);
	shiplog_close(log);
}

static void limits_end_a_read_but_one_record_always_comes(void **state)
{
	struct shiplog *log = open_at(T0);
	static uint8_t big[200000];
	struct ship_record rec[8];
	assert_int_equal(shiplog_begin(log), 0);
	for (int i = 0; i < 5; i++) {
		memset(big, 'a' + i, sizeof(big));
		assert_int_equal(shiplog_append(log, T0, 1, big, sizeof(big), NULL), 0);
	}
	assert_int_equal(
		shiplog_append(log, T0, 1, big, SHIP_BATCH_BYTES_MAX + 1, NULL), -EMSGSIZE);
	assert_int_equal(shiplog_commit(log), 0);

	assert_int_equal(shiplog_read(log, 0, rec, 8, SHIP_BATCH_BYTES_MAX), 2);
	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < sizeof(big); k += 999)
			assert_int_equal(((const uint8_t *)rec[i].data)[k], 'a' + i);
	assert_int_equal(shiplog_read(log, 0, rec, 8, 10), 1);
	assert_int_equal(shiplog_read(log, 0, rec, 3, 10 * sizeof(big)), 3);
	assert_int_equal(shiplog_read(log, 0, rec, 0, 10), 0);
	shiplog_close(log);
}

static void uncommitted_records_are_not_read_and_rolled_back_ones_are_gone(void **state)
{
	struct shiplog *log = open_at(T0);
	struct ship_record rec[4];
	fill(log, 1);
	assert_int_equal(shiplog_begin(log), 0);
	append(log, "no");
	assert_int_equal(shiplog_head(log), 2);
	assert_int_equal(shiplog_committed(log), 1);
	assert_int_equal(shiplog_read(log, 0, rec, 4, 1000), 1);
	shiplog_rollback(log);
	assert_int_equal(shiplog_head(log), 1);
	assert_int_equal(shiplog_commit(log), -EINVAL);
	assert_int_equal(shiplog_append(log, T0, 1, "x", 1, NULL), -EINVAL);
	fill(log, 1);
	assert_int_equal(shiplog_head(log), 2);
	assert_int_equal(shiplog_read(log, 1, rec, 4, 1000), 1);
	assert_memory_equal(rec[0].data, "0", 1);
	shiplog_close(log);
}

static void trim_keeps_head_and_epoch(void **state)
{
	struct shiplog *log = open_at(T0);
	struct ship_record rec[4];
	fill(log, 10);
	assert_int_equal(shiplog_trim(log, 4), 0);
	assert_int_equal(shiplog_tail(log), 5);
	assert_int_equal(shiplog_trim(log, UINT64_MAX), 0);
	assert_int_equal(shiplog_tail(log), 11);
	shiplog_close(log);

	log = open_at(T0 + 99 * CLOCK_NS_PER_S);
	assert_int_equal(shiplog_head(log), 10);
	assert_int_equal(shiplog_epoch(log), T0 / CLOCK_NS_PER_S);
	fill(log, 1);
	assert_int_equal(shiplog_read(log, 0, rec, 4, 1000), 1);
	assert_int_equal(rec[0].seq, 11);
	shiplog_close(log);
}

static void a_dropped_record_leaves_a_hole(void **state)
{
	struct shiplog *log = open_at(T0);
	struct ship_record rec[4];
	fill(log, 3);
	assert_int_equal(shiplog_drop(log, 2), 0);
	assert_int_equal(shiplog_read(log, 0, rec, 4, 1000), 2);
	assert_int_equal(rec[1].seq, 3);
	shiplog_close(log);
}

static void a_lost_file_gets_a_new_epoch(void **state)
{
	struct shiplog *log = open_at(T0);
	fill(log, 3);
	shiplog_close(log);
	assert_int_equal(unlink(path), 0);
	log = open_at(T0 + 7 * CLOCK_NS_PER_S);
	assert_int_equal(shiplog_epoch(log), T0 / CLOCK_NS_PER_S + 7);
	assert_int_equal(shiplog_head(log), 0);
	shiplog_close(log);
}

static void a_renewed_log_keeps_its_records_under_a_greater_epoch(void **state)
{
	struct shiplog *log = open_at(T0);
	struct ship_record rec[4];
	uint64_t epoch = shiplog_epoch(log);
	fill(log, 3);
	assert_int_equal(shiplog_renew(log, epoch - 5, T0), 0);
	assert_int_equal(shiplog_epoch(log), epoch + 1);
	assert_int_equal(shiplog_renew(log, epoch + 100, T0), 0);
	shiplog_close(log);
	log = open_at(T0 + 1);
	assert_int_equal(shiplog_epoch(log), epoch + 101);
	assert_int_equal(shiplog_head(log), 3);
	assert_int_equal(shiplog_read(log, 0, rec, 4, 1000), 3);
	shiplog_close(log);
}

static void marks_commit_and_roll_back_with_the_records(void **state)
{
	struct shiplog *log = open_at(T0);
	uint64_t a = 9, b = 9;
	assert_int_equal(shiplog_get(log, "feed/radar1", &a, &b), -ENOENT);
	assert_int_equal(a, 9);
	assert_int_equal(shiplog_set(log, "feed/radar1", 1, UINT64_MAX), 0);
	assert_int_equal(shiplog_begin(log), 0);
	assert_int_equal(shiplog_set(log, "feed/radar1", 2, 3), 0);
	shiplog_rollback(log);
	assert_int_equal(shiplog_get(log, "feed/radar1", &a, &b), 0);
	assert_int_equal(a, 1);
	assert_true(b == UINT64_MAX);
	shiplog_close(log);
}

/* Commits 1, then says so, begins 2 and is killed. */
static void child_dies_in_a_transaction(int ready)
{
	struct shiplog *log = NULL;
	if (shiplog_open(path, T0, &log))
		_exit(1);
	for (int i = 0; i < 2; i++) {
		(void)shiplog_begin(log);
		for (int k = 0; k < 500; k++)
			(void)shiplog_append(log, T0, 1, "0123456789", 10, NULL);
		(void)shiplog_set(log, "cursor", 1, (uint64_t)(i + 1));
		if (!i)
			(void)shiplog_commit(log);
	}
	if (write(ready, "x", 1) != 1)
		_exit(1);
	pause();
}

static void kill_in_a_transaction_leaves_the_last_commit(void **state)
{
	int p[2];
	char c;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		child_dies_in_a_transaction(p[1]);
	assert_int_equal(read(p[0], &c, 1), 1);

	struct shiplog *log = NULL;
	assert_int_equal(shiplog_open(path, T0, &log), -EBUSY);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(p[0]);
	close(p[1]);

	log = open_at(T0 + 1);
	uint64_t a, b;
	assert_int_equal(shiplog_head(log), 500);
	assert_int_equal(shiplog_get(log, "cursor", &a, &b), 0);
	assert_int_equal(b, 1);
	shiplog_close(log);
}

static void write_file(const char *text, size_t size)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), (ssize_t)size);
	close(fd);
}

static void garbage_is_refused_and_left_untouched(void **state)
{
	static char junk[5000];
	struct shiplog *log = NULL;
	struct stat st;
	memset(junk, 'j', sizeof(junk));
	write_file(junk, sizeof(junk));
	assert_int_equal(shiplog_open(path, T0, &log), -EBADMSG);
	assert_null(log);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, sizeof(junk));
}

static void a_torn_file_is_refused(void **state)
{
	struct shiplog *log = open_at(T0);
	struct stat st;
	fill(log, 5000);
	shiplog_close(log);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size / 2), 0);
	log = NULL;
	assert_int_equal(shiplog_open(path, T0, &log), -EBADMSG);
	assert_null(log);
}

static void another_programs_database_is_refused(void **state)
{
	struct shiplog *log = NULL;
	char cmd[160];
	snprintf(cmd, sizeof(cmd), "%s/nowhere/log.db", dir);
	assert_int_equal(shiplog_open(cmd, T0, &log), -ENOENT);

	log = open_at(T0);
	shiplog_close(log);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	/* The application id: bytes 68 to 71 of the header (sqlite.org/fileformat2.html 1.3). */
	assert_int_equal(pwrite(fd, "abcd", 4, 68), 4);
	close(fd);
	log = NULL;
	assert_int_equal(shiplog_open(path, T0, &log), -EBADMSG);
}

static void a_newer_versions_log_is_refused_as_such(void **state)
{
	struct shiplog *log = open_at(T0);

	shiplog_close(log);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	/* The user version: bytes 60 to 63 of the header (sqlite.org/fileformat2.html 1.3). */
	assert_int_equal(pwrite(fd, "\0\0\0\2", 4, 60), 4);
	close(fd);
	log = NULL;
	assert_int_equal(shiplog_open(path, T0, &log), -EPROTONOSUPPORT);
}

#define IN_DIR(f) cmocka_unit_test_setup_teardown(f, make_dir, drop_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(records_come_back_in_order_after_reopening),
		IN_DIR(limits_end_a_read_but_one_record_always_comes),
		IN_DIR(uncommitted_records_are_not_read_and_rolled_back_ones_are_gone),
		IN_DIR(trim_keeps_head_and_epoch),
		IN_DIR(a_dropped_record_leaves_a_hole),
		IN_DIR(a_lost_file_gets_a_new_epoch),
		IN_DIR(a_renewed_log_keeps_its_records_under_a_greater_epoch),
		IN_DIR(marks_commit_and_roll_back_with_the_records),
		IN_DIR(kill_in_a_transaction_leaves_the_last_commit),
		IN_DIR(garbage_is_refused_and_left_untouched),
		IN_DIR(a_torn_file_is_refused),
		IN_DIR(another_programs_database_is_refused),
		IN_DIR(a_newer_versions_log_is_refused_as_such),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
