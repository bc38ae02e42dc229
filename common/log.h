/*
 * log - to journald when it is there, to stderr for people otherwise.
 *
 * Only daemons and verbs log, once, at the top; common/ and parsers return errors instead.
 * Under systemd stderr carries a `<N>` prefix; on a terminal it is plain text. Never positions, never per plot.
 */
#pragma once

#include <systemd/sd-id128.h>

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARNING = 4, LOG_LEVEL_NOTICE = 5, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

/** log_open() - @program is borrowed for ever, e.g. "vedette-sensor". Reads VEDETTE_LOG=debug|info|... */
void log_open(const char *program);

/** log_set_field() - a journal field on every later line, e.g. FEED=radar1. Values are copied; at most 4. */
void log_set_field(const char *field, const char *value);

void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** log_event() - a line operators search for: MESSAGE_ID @id, fields as FIELD=value strings, NULL-ended. */
void log_event(enum log_level level, sd_id128_t id, const char *const *fields, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

/** log_errno() - the line ends in ": strerror(-err)". Return: @err, so that `return log_errno(r, "...")` reads well. */
int log_errno(enum log_level level, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
