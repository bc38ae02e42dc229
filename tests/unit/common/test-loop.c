#include "common/clock.h"
#include "common/loop.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void term_ends_the_loop_with_zero(void **state)
{
	sd_event *event;
	assert_int_equal(loop_new(NULL, NULL, &event), 0);
	kill(getpid(), SIGTERM);
	assert_int_equal(loop_run(event), 0);
	sd_event_unref(event);
}

struct beats {
	sd_event *event;
	int n, reloads;
};

static int beat(void *user, int64_t now_ns)
{
	struct beats *b = user;
	assert_true(now_ns > 0);
	if (++b->n == 2)
		kill(getpid(), SIGHUP);
	return b->n == 5 ? sd_event_exit(b->event, 7) : 0;
}

static void on_reload(void *user)
{
	((struct beats *)user)->reloads++;
}

static void ticks_come_until_exit_and_hangup_reloads(void **state)
{
	struct beats b = { 0 };
	assert_int_equal(loop_new(on_reload, &b, &b.event), 0);
	assert_int_equal(loop_every(b.event, 1000000, beat, &b, NULL), 0);
	assert_int_equal(loop_run(b.event), 7);
	assert_int_equal(b.n, 5);
	assert_int_equal(b.reloads, 1);
	sd_event_unref(b.event);
}

static void virtual_clock_stands_still(void **state)
{
	clock_set_virtual(42);
	assert_int_equal(clock_now_ns(), 42);
	assert_int_equal(clock_mono_ns(), 42);
	clock_set_real();
	assert_true(clock_now_ns() > INT64_C(1700000000) * CLOCK_NS_PER_S);
}

static void missing_descriptor_is_named_so(void **state)
{
	assert_int_equal(loop_listen_fd("feed"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(term_ends_the_loop_with_zero),
		cmocka_unit_test(ticks_come_until_exit_and_hangup_reloads),
		cmocka_unit_test(virtual_clock_stands_still),
		cmocka_unit_test(missing_descriptor_is_named_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
