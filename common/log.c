#include "common/log.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024
#define FIELDS_MAX 4	  /* set by log_set_field() */
#define EVENT_FIELDS_MAX 16 /* given to log_event() */

static const char *program = "vedette";
static enum log_level threshold = LOG_LEVEL_INFO;
static bool to_journal; /* stderr is the journal's own stream */
static char fields[FIELDS_MAX][128];
static unsigned n_fields;

/* systemd.exec(5): JOURNAL_STREAM holds device:inode of the stream it connected to stderr. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;
	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 && fstat(STDERR_FILENO, &st) == 0 &&
		st.st_dev == dev && st.st_ino == ino;
}

static enum log_level threshold_from_env(void)
{
	static const struct {
		const char *name;
		enum log_level level;
	} names[] = {
		{ "error", LOG_LEVEL_ERROR }, { "warning", LOG_LEVEL_WARNING }, { "notice", LOG_LEVEL_NOTICE },
		{ "info", LOG_LEVEL_INFO },   { "debug", LOG_LEVEL_DEBUG },
	};
	const char *want = getenv("VEDETTE_LOG");
	for (size_t i = 0; want && i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(want, names[i].name))
			return names[i].level;
	return LOG_LEVEL_INFO;
}

void log_open(const char *name)
{
	assert(name);
	program = name;
	threshold = threshold_from_env();
	to_journal = stderr_is_journal();
}

void log_set_field(const char *field, const char *value)
{
	assert(n_fields < FIELDS_MAX);
	snprintf(fields[n_fields++], sizeof(fields[0]), "%s=%s", field, value);
}

static void emit(enum log_level level, const char *line)
{
	if (to_journal)
		fprintf(stderr, "<%d>%s\n", level, line);
	else
		fprintf(stderr, "%s: %s\n", program, line);
}

/* Structured lines go to the journal by its own protocol; the stream cannot carry fields. */
static bool send_fields(enum log_level level, const sd_id128_t *id, const char *const *extra, const char *line)
{
	char message[LINE_MAX_BYTES + 16], priority[16], ident[64], message_id[64];
	struct iovec iov[4 + FIELDS_MAX + EVENT_FIELDS_MAX];
	int n = 0;

#define ADD(s) (iov[n++] = (struct iovec){ (char *)(s), strlen(s) })
	snprintf(message, sizeof(message), "MESSAGE=%s", line);
	snprintf(priority, sizeof(priority), "PRIORITY=%d", level);
	snprintf(ident, sizeof(ident), "SYSLOG_IDENTIFIER=%s", program);
	ADD(message);
	ADD(priority);
	ADD(ident);
	if (id) {
		snprintf(message_id, sizeof(message_id), "MESSAGE_ID=" SD_ID128_FORMAT_STR, SD_ID128_FORMAT_VAL(*id));
		ADD(message_id);
	}
	for (unsigned i = 0; i < n_fields; i++)
		ADD(fields[i]);
	for (unsigned i = 0; extra && extra[i] && i < EVENT_FIELDS_MAX; i++)
		ADD(extra[i]);
#undef ADD
	return sd_journal_sendv(iov, n) >= 0;
}

static void write_line(enum log_level level, const sd_id128_t *id, const char *const *extra, const char *line)
{
	bool structured = to_journal && (id || n_fields || extra);
	if (structured && send_fields(level, id, extra, line))
		return;
	emit(level, line);
}

void log_write(enum log_level level, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	if (level > threshold)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	write_line(level, NULL, NULL, line);
}

void log_event(enum log_level level, sd_id128_t id, const char *const *extra, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	if (level > threshold)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	write_line(level, &id, extra, line);
}

int log_errno(enum log_level level, int err, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES], text[128];
	va_list ap;

	if (level > threshold)
		return err;
	va_start(ap, fmt);
	int n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(line))
		snprintf(line + n, sizeof(line) - (size_t)n, ": %s",
			strerror_r(err < 0 ? -err : err, text, sizeof(text)));
	write_line(level, NULL, NULL, line);
	return err;
}
