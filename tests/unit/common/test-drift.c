/* How the bound on a clock's error falls, grows and is told to those who may not ask the kernel. */
#include "common/drift.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS CLOCK_NS_PER_MS
#define S CLOCK_NS_PER_S
#define HOUR (3600 * S)

static struct clock_quality kernel(bool synchronised, int64_t max_error_ns)
{
	return (struct clock_quality){ .synchronised = synchronised, .max_error_ns = max_error_ns };
}

static struct clock_quality see(struct drift *d, bool synchronised, int64_t max_error_ns, int64_t mono_ns)
{
	struct clock_quality raw = kernel(synchronised, max_error_ns), q;
	drift_update(d, &raw, mono_ns, &q);
	assert_int_equal(q.synchronised, synchronised);
	return q;
}

static void between_corrections_it_grows_by_15_ppm_not_by_the_kernels_500(void **state)
{
	struct drift d = { 0 };
	struct clock_quality q = see(&d, true, 4 * MS, 100 * S);
	assert_int_equal(q.state, CLOCK_SYNCHRONISED);
	assert_int_equal(q.max_error_ns, 4 * MS);
	/* 2,000 s later the kernel says 1.004 s; an oscillator of 15 ppm is 30 ms off. */
	q = see(&d, true, 1004 * MS, 2100 * S);
	assert_int_equal(q.max_error_ns, 34 * MS);
	/* Corrected: the bound falls. */
	q = see(&d, true, 2 * MS, 2148 * S);
	assert_int_equal(q.max_error_ns, 2 * MS);
}

static void a_daemon_that_states_no_error_is_not_believed_to_have_none(void **state)
{
	struct drift d = { 0 };
	assert_int_equal(see(&d, true, 0, 10 * S).max_error_ns, 50 * MS);
	/* The kernel's own growth from nought says nothing either. */
	assert_int_equal(see(&d, true, 5 * MS, 20 * S).max_error_ns, 50 * MS + 150000);
}

static void a_lost_reference_lets_it_grow_for_as_long_as_it_takes(void **state)
{
	struct drift d = { 0 };
	(void)see(&d, true, 4 * MS, 100 * S);
	struct clock_quality q = see(&d, false, 16 * S, 100 * S + 10 * HOUR);
	assert_int_equal(q.state, CLOCK_HOLDOVER);
	assert_int_equal(q.max_error_ns, 544 * MS); /* 4 ms + 36,000 s of 15 ppm */
	q = see(&d, false, 16 * S, 100 * S + 1000 * HOUR);
	assert_int_equal(q.max_error_ns, 54004 * MS);
	q = see(&d, true, 3 * MS, 100 * S + 1001 * HOUR);
	assert_int_equal(q.max_error_ns, 3 * MS);
}

static void a_clock_nobody_ever_set_is_the_worst(void **state)
{
	struct drift d = { 0 };
	struct clock_quality q = see(&d, false, 16 * S, 0);
	assert_int_equal(q.state, CLOCK_FREE);
	assert_int_equal(q.max_error_ns, 750 * MS);
	q = see(&d, false, 16 * S, 10 * HOUR);
	assert_int_equal(q.max_error_ns, 18750 * MS);
	assert_int_equal(drift_free_ns(10 * HOUR), 18750 * MS);
	assert_int_equal(drift_free_ns(INT64_MAX / 2), 3600 * S);
}

/* What vedette-clock writes and goes on from when it is started again, and what becomes of it when it is not. */
static void what_is_published_is_read_back_and_ages(void **state)
{
	char path[] = "/tmp/drift-XXXXXX", line[200];
	struct clock_quality q;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	int r = clock_publish(path);
	if (r == -EPERM || r == -ENOSYS)
		skip();
	assert_int_equal(r, 0);
	assert_int_equal(clock_quality(&q), 0);
	FILE *f = fopen(path, "re");
	int told = -1;
	long long max_error = -1;
	assert_int_equal(fscanf(f, "%d %*d %lld", &told, &max_error), 2);
	fclose(f);
	assert_int_equal(told, q.state);
	assert_in_range(llabs(max_error - q.max_error_ns), 0, S);
	/* Damaged or half written: made anew, no harm. */
	f = fopen(path, "we");
	snprintf(line, sizeof(line), "nonsense");
	fputs(line, f);
	fclose(f);
	assert_int_equal(clock_publish(path), 0);
	unlink(path);
}

static void forbid_asking(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_adjtimex, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clock_adjtime, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(100);
}

static void write_state(const char *path, int64_t at_ns)
{
	FILE *f = fopen(path, "we");
	fprintf(f, "1 0 7000000 0 at %lld drift 1 4000000 0 0\n", (long long)at_ns);
	fclose(f);
}

static int as_in_a_sandbox(const char *path)
{
	struct clock_quality q;
	forbid_asking();
	(void)setenv("VEDETTE_CLOCK", path, 1);
	if (clock_quality(&q) != -ENOENT)
		return 1;
	write_state(path, clock_mono_ns() - 16 * S);
	if (clock_quality(&q) != -ESTALE)
		return 2;
	write_state(path, clock_mono_ns() - 2 * S);
	if (clock_quality(&q) != 0 || q.state != CLOCK_HOLDOVER || q.max_error_ns != 7 * MS || q.synchronised)
		return 3;
	return 0;
}

/* ProtectClock= refuses adjtimex() to all of our daemons: then the published word is what they get. */
static void a_sandboxed_process_reads_what_is_published(void **state)
{
	char dir[] = "/tmp/drift-XXXXXX", path[64];
	int status = -1;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/state", dir);
	pid_t pid = fork();
	if (!pid)
		_exit(as_in_a_sandbox(path));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	unlink(path);
	rmdir(dir);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(between_corrections_it_grows_by_15_ppm_not_by_the_kernels_500),
		cmocka_unit_test(a_daemon_that_states_no_error_is_not_believed_to_have_none),
		cmocka_unit_test(a_lost_reference_lets_it_grow_for_as_long_as_it_takes),
		cmocka_unit_test(a_clock_nobody_ever_set_is_the_worst),
		cmocka_unit_test(what_is_published_is_read_back_and_ages),
		cmocka_unit_test(a_sandboxed_process_reads_what_is_published),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
