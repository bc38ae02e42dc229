#include "common/loop.h"

#include "common/clock.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#define STATUS_MAX 256

static struct {
	void (*fn)(void *user);
	void *user;
} on_reload;

static int on_exit_signal(sd_event_source *s, const struct signalfd_siginfo *si, void *user)
{
	(void)si;
	(void)user;
	(void)sd_notify(0, "STOPPING=1");
	return sd_event_exit(sd_event_source_get_event(s), 0);
}

static int on_hangup(sd_event_source *s, const struct signalfd_siginfo *si, void *user)
{
	(void)s;
	(void)si;
	(void)user;
	if (on_reload.fn)
		on_reload.fn(on_reload.user);
	return 0;
}

static int add_signals(sd_event *event)
{
	sigset_t set;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	/* A peer that went away is an error of the write, not a death. */
	(void)signal(SIGPIPE, SIG_IGN);

	int r = sd_event_add_signal(event, NULL, SIGTERM, on_exit_signal, NULL);
	if (r >= 0)
		r = sd_event_add_signal(event, NULL, SIGINT, on_exit_signal, NULL);
	if (r >= 0)
		r = sd_event_add_signal(event, NULL, SIGHUP, on_hangup, NULL);
	return r < 0 ? r : 0;
}

int loop_new(void (*reload)(void *user), void *user, sd_event **ret_event)
{
	assert(ret_event);

	sd_event *event = NULL;
	int r = sd_event_default(&event);
	if (r < 0)
		return r;
	on_reload.fn = reload;
	on_reload.user = user;
	r = add_signals(event);
	if (r >= 0)
		r = sd_event_set_watchdog(event, true);
	if (r < 0) {
		sd_event_unref(event);
		return r;
	}
	*ret_event = event;
	return 0;
}

__attribute__((format(printf, 2, 0))) static void notify_status(
	const char *prefix, const char *fmt, va_list ap)
{
	char status[STATUS_MAX], message[STATUS_MAX + 32];
	vsnprintf(status, sizeof(status), fmt, ap);
	snprintf(message, sizeof(message), "%sSTATUS=%s", prefix, status);
	(void)sd_notify(0, message);
}

void loop_ready(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	notify_status("READY=1\n", fmt, ap);
	va_end(ap);
}

void loop_status(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	notify_status("", fmt, ap);
	va_end(ap);
}

int loop_run(sd_event *event)
{
	return sd_event_loop(event);
}

struct every {
	int64_t period_ns;
	int (*fn)(void *user, int64_t now_ns);
	void *user;
};

static int on_tick(sd_event_source *s, uint64_t due_us, void *data)
{
	struct every *e = data;
	uint64_t now_us, period_us = (uint64_t)(e->period_ns / 1000);

	int r = e->fn(e->user, clock_now_ns());
	if (r < 0)
		return r;
	(void)sd_event_now(sd_event_source_get_event(s), CLOCK_MONOTONIC, &now_us);
	/* On the grid while we keep up; ticks missed while stopped are not made up for. */
	uint64_t next = due_us + period_us;
	if (next <= now_us)
		next = now_us + period_us;
	return sd_event_source_set_time(s, next);
}

int loop_every(sd_event *event, int64_t period_ns, int (*fn)(void *user, int64_t now_ns), void *user,
	sd_event_source **ret_source)
{
	assert(period_ns >= 1000);

	struct every *e = malloc(sizeof(*e));
	if (!e)
		return -ENOMEM;
	*e = (struct every){ period_ns, fn, user };

	sd_event_source *s = NULL;
	int r = sd_event_add_time_relative(event, &s, CLOCK_MONOTONIC, (uint64_t)(period_ns / 1000), 1000, on_tick, e);
	if (r < 0) {
		free(e);
		return r;
	}
	(void)sd_event_source_set_destroy_callback(s, free);
	(void)sd_event_source_set_enabled(s, SD_EVENT_ON);
	if (ret_source)
		*ret_source = s;
	else {
		(void)sd_event_source_set_floating(s, true);
		sd_event_source_unref(s);
	}
	return 0;
}

int loop_listen_fd(const char *name)
{
	char **names = NULL;
	int found = -ENOENT;
	int n = sd_listen_fds_with_names(/* unset_environment= */ 0, &names);
	for (int i = 0; i < n; i++) {
		if (found < 0 && !strcmp(names[i], name))
			found = SD_LISTEN_FDS_START + i;
		free(names[i]);
	}
	free(names);
	return found;
}

int loop_store_fd(const char *name, int fd)
{
	char message[128];
	snprintf(message, sizeof(message), "FDSTORE=1\nFDNAME=%s", name);
	int r = sd_pid_notify_with_fds(0, 0, message, &fd, 1);
	return r < 0 ? r : 0;
}
