/*
 * conf - systemd-style configuration: sections, Key=value, drop-ins, a typed table, file:line errors.
 *
 * FILE is read, then FILE.d/ *.conf in byte order; a later assignment wins, an empty one resets a list.
 * An empty assignment also empties a text; other types refuse it. Comments start with # or ; in column one.
 * Units are part of the value: "120 km", "250 ms", "0.3 deg". Text is UTF-8, a line at most CONF_VALUE_MAX bytes.
 * Any mistake refuses the whole file: unknown section or key, bad value, out of range, missing required key.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONF_VALUE_MAX 4096
#define CONF_ERROR_MAX 512
#define CONF_LIST_MAX 64 /* items in one list */
#define CONF_KEYS_MAX 128 /* keys in one table */

struct conf_error {
	char text[CONF_ERROR_MAX]; /* "FILE:LINE: [Section] Key=value: reason"; "FILE: reason" when no line is to blame */
};

enum conf_type {
	CONF_STRING,   /* char[size], refused when longer */
	CONF_PATH,     /* char[size], absolute */
	CONF_BOOL,     /* bool: yes/no/true/false/on/off/1/0 */
	CONF_UINT,     /* uint64_t */
	CONF_DOUBLE,   /* double, no unit */
	CONF_LENGTH,   /* double, metres: m km NM ft */
	CONF_SPEED,    /* double, m/s: m/s kt km/h */
	CONF_DURATION, /* int64_t, ns: ns us ms s min h d */
	CONF_ANGLE,    /* double, radians: deg (required) or rad */
	CONF_SIZE,     /* uint64_t, bytes: B K M G T (1024) */
	CONF_ENUM,     /* int: index into names */
	CONF_LIST,     /* struct conf_list: whitespace separated, assignments add up */
	CONF_CUSTOM,   /* what the key's own parse makes of it */
};

struct conf_list {
	unsigned n;
	char *items[CONF_LIST_MAX]; /* owned; conf_list_done() */
};
void conf_list_done(struct conf_list *list);

struct conf_key {
	const char *section, *key;
	enum conf_type type;
	size_t offset, size;	  /* in the object; size matters for STRING, PATH */
	double min, max;	  /* numbers, in SI; both 0 = no limit */
	const char *const *names; /* ENUM, NULL-ended */
	bool required;
	const char *help; /* one line; the sample config's comment and `check-config --help` */
	/** CUSTOM: sets @field of @value, "" being an empty assignment. Return: NULL, or the reason why not (static). */
	const char *(*parse)(const char *value, void *field);
};

/**
 * conf_load() - fills @obj by @table (ended by section == NULL); what is not assigned keeps its value
 *
 * Return: 0; -ENOENT when @path does not exist; else -EINVAL. @ret_error is set either way. @obj may be partly
 * filled on error: its lists are the caller's to free.
 */
int conf_load(const char *path, const struct conf_key *table, void *obj, struct conf_error *ret_error);

/** conf_parse() - the same on bytes in memory, no drop-ins; @name is used in errors. For fuzzing and tests. */
int conf_parse(const char *name, const char *data, size_t size, const struct conf_key *table, void *obj,
	struct conf_error *ret_error);

/** conf_each_file() - calls @fn with every DIR/NAME.conf, not hidden, in byte order. Stops when it returns < 0. */
int conf_each_file(const char *dir, int (*fn)(void *user, const char *path), void *user);
