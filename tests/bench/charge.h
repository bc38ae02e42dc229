/*
 * charge - what a piece of work costs: wall and processor time, and where the kernel lets a process count them, instructions,
 * cycles and misses of the last cache (perf_event_open(2), user space only, threads started later included).
 *
 * Under valgrind's callgrind only charged work is collected. All of it static: one a program.
 */
#pragma once

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT ((void)0)
#endif

enum { CHARGE_INSTRUCTIONS, CHARGE_CYCLES, CHARGE_MISSES, _CHARGE_MAX };

static struct {
	int fds[_CHARGE_MAX]; /* -1 = not counted here */
	bool opened, running;
	int64_t wall_ns, cpu_ns, wall_at_ns, cpu_at_ns;
} charge = { .fds = { -1, -1, -1 } };

static int64_t charge_clock(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int charge_open(uint64_t config)
{
	struct perf_event_attr a = { .size = sizeof(a), .type = PERF_TYPE_HARDWARE, .config = config, .disabled = 1, .inherit = 1,
		.exclude_kernel = 1, .exclude_hv = 1 };

	return (int)syscall(SYS_perf_event_open, &a, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* From nothing. */
static void charge_begin(void)
{
	const uint64_t configs[_CHARGE_MAX] = { PERF_COUNT_HW_INSTRUCTIONS, PERF_COUNT_HW_CPU_CYCLES, PERF_COUNT_HW_CACHE_MISSES };

	for (int i = 0; i < _CHARGE_MAX; i++) {
		if (!charge.opened)
			charge.fds[i] = charge_open(configs[i]);
		if (charge.fds[i] >= 0)
			(void)ioctl(charge.fds[i], PERF_EVENT_IOC_RESET, 0);
	}
	charge.opened = true;
	charge.wall_ns = charge.cpu_ns = 0;
}

/* Begins charging, or ends it. Return: a clock that goes on, ns. */
static int64_t charge_toggle(void)
{
	CALLGRIND_TOGGLE_COLLECT;
	charge.running = !charge.running;
	for (int i = 0; i < _CHARGE_MAX; i++)
		if (charge.fds[i] >= 0)
			(void)ioctl(charge.fds[i], charge.running ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
	int64_t wall = charge_clock(CLOCK_MONOTONIC), cpu = charge_clock(CLOCK_PROCESS_CPUTIME_ID);
	if (!charge.running) {
		charge.wall_ns += wall - charge.wall_at_ns;
		charge.cpu_ns += cpu - charge.cpu_at_ns;
	}
	charge.wall_at_ns = wall;
	charge.cpu_at_ns = cpu;
	return wall;
}

/* Return: false where it is not counted. */
static bool charge_read(int which, uint64_t *ret_n)
{
	return charge.fds[which] >= 0 && read(charge.fds[which], ret_n, sizeof(*ret_n)) == sizeof(*ret_n) && *ret_n > 0;
}
