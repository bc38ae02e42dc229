/*
 * format - what a feed can speak, one row a format, so that nobody else has to know which one it is.
 *
 * A format finds the messages in whatever bytes come (a datagram, a file, whole messages cut from a stream) and turns them into
 * JSON, a checksum or plots. Its counts live in its state; the row says where they are and what they are called.
 * Time is linear in the bytes, hostile ones included, and nothing is allocated for a message: hash() takes at most 180 instructions a
 * byte (AIS: 61), counted in tests/unit/sensor. 64 KiB take 0.3 to 0.7 ms where that was measured (AMD Zen 5).
 * To add a format: write FOLDER/NAME_format.c, and name it in format.c and in common/feed.
 */
#pragma once

#include "sensor/decode/bits.h"
#include "sensor/decode/jot.h"
#include "sensor/decode/plotting.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORMAT_COUNTS_MAX 64
#define FORMAT_EDITIONS_MAX 16
#define FORMAT_LINE_MAX (1u << 19) /* room that a JSON line may need at most; a longer one is cut and counted */

struct format_bytes {
	const uint8_t *data; /* BITS_SLACK readable bytes behind it; their value does not matter */
	size_t size;
	uint32_t source; /* tells senders apart; 0 = a file */
	int64_t recv_ns; /* kernel receive time or the capture's; 0 = unknown */
};

/* What a category means differs by edition: CAT=EDITION pairs, e.g. 21 = "0.26". Others are the newest. */
struct format_options {
	unsigned n_editions;
	struct format_edition {
		uint8_t cat;
		char edition[8];
	} editions[FORMAT_EDITIONS_MAX];
};

/* Where JSON goes: begin() gives room for one line, end() takes it (and adds the line end). */
struct format_lines {
	void (*begin)(void *user, struct jot *ret_j);
	void (*end)(void *user, struct jot *j);
	void *user;
};

/* Where plots go. @plot is borrowed during the call. */
struct format_plots {
	void (*emit)(void *user, const struct plot *plot);
	void *user;
};

enum format_count_kind {
	FORMAT_RECORDS, /* whole messages decoded; exactly one count of a format is of this kind */
	FORMAT_COUNT,
	FORMAT_PLOTTING, /* what became plots and what did not: 0 where none are made */
	FORMAT_FAULT, /* something was wrong with the input */
};

/* One count: a uint64_t at @offset in the state. Metric vedette_sensor_KEY_total, JSON summary key KEY. */
struct format_count {
	enum format_count_kind kind;
	const char *key, *help;
	size_t offset;
};

struct format {
	const char *name; /* of Format= and --format */
	size_t state_size;

	/** init() - @state is state_size zero bytes. Return: 0, or -EINVAL for an edition that is not known. */
	int (*init)(void *state, const struct format_options *options);
	/** explain() - why init() gave -EINVAL, naming what is known; NULL when the format has no editions. */
	void (*explain)(const struct format_options *options, char *ret_why, size_t size);
	/** reset() - forgets half messages: the next bytes do not follow the last ones. NULL when it keeps none. */
	void (*reset)(void *state);
	/** json(), hash(), plots() - everything in @b. hash() mixes every decoded field into @seed. */
	void (*json)(void *state, const struct format_bytes *b, const struct format_lines *out);
	uint64_t (*hash)(void *state, const struct format_bytes *b, uint64_t seed);
	void (*plots)(void *state, const struct format_bytes *b, const struct plotting *p, const struct format_plots *out);
	/** cut() - of a stream's bytes, how many at the front are whole messages; the rest waits for more. */
	size_t (*cut)(const uint8_t *data, size_t size);
	/** is() - do these bytes look like it? For files whose format nobody said. */
	bool (*is)(const uint8_t *data, size_t size);

	const struct format_count *counts;
	unsigned n_counts;
};

/** format_find() - by name, or NULL. */
const struct format *format_find(const char *name);

/** format_guess() - what a file's first bytes look like; NULL when like nothing we know. */
const struct format *format_guess(const uint8_t *data, size_t size);

/** format_at() - each in turn; NULL behind the last. */
const struct format *format_at(unsigned i);

/** format_edition() - "CAT=EDITION" (e.g. "21=0.26") into @o. Return: 0, -EINVAL, or -E2BIG when there are too many. */
int format_edition(struct format_options *o, const char *text);

/** format_cut_lines() - cut() of text: up to the last line end. */
size_t format_cut_lines(const uint8_t *data, size_t size);
