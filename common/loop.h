/*
 * loop - the service loop every daemon runs: sd-event, SIGTERM/SIGINT, SIGHUP, READY, watchdog, listen fds.
 *
 * One thread owns all state and runs this loop. Handlers drain at most LOOP_BUDGET items, then yield.
 */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#define LOOP_BUDGET 256 /* items a handler takes per wake-up before it yields */

/**
 * loop_new() - the default sd_event with SIGTERM and SIGINT as clean exits and the watchdog on where asked for
 * @reload:   called on SIGHUP; NULL = SIGHUP is ignored
 * @user:     passed to @reload
 *
 * Return: 0 or -errno. Free with sd_event_unref().
 */
int loop_new(void (*reload)(void *user), void *user, sd_event **ret_event);

/** loop_ready() - tells the service manager READY=1 and the status line. */
void loop_ready(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** loop_status() - a new STATUS= line, for `systemctl status`. */
void loop_status(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** loop_run() - until a signal or sd_event_exit(). Return: exit code >= 0 or -errno. */
int loop_run(sd_event *event);

/** loop_every() - calls @fn each @period_ns (monotonic), first after one period. Source is floating when @ret is NULL. */
int loop_every(sd_event *event, int64_t period_ns, int (*fn)(void *user, int64_t now_ns), void *user,
	sd_event_source **ret_source);

/** loop_listen_fd() - a descriptor passed by the service manager under @name (LISTEN_FDNAMES). Return: fd or -ENOENT. */
int loop_listen_fd(const char *name);

/** loop_store_fd() - gives @fd (borrowed) to the manager's fd store under @name, so that it survives a kill. */
int loop_store_fd(const char *name, int fd);
