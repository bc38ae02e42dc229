/* decode - any of the formats, from text, bytes or captures, as one JSON object a line or as one summary. */
#include "cli/verbs.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/reader.h"
#include "common/clock.h"
#include "sensor/decode/container.h"
#include "sensor/decode/format.h"

#define OUT_SIZE (4u << 20) /* written when half full; a line is at most FORMAT_LINE_MAX */

struct work {
	const struct format *format;
	void *state; /* the format's */
	struct format_options options;
	struct format_lines lines;
	bool stats_only;
	uint64_t hash, bytes, cut_lines, datagrams, skipped;
	char *out;
	size_t out_len;
	int64_t begin_ns; /* monotonic: when the input, or its beginning, was there */
	bool failed; /* stdout is gone */
};

static void flush(struct work *w)
{
	w->failed = w->failed || fwrite(w->out, 1, w->out_len, stdout) != w->out_len;
	w->out_len = 0;
}

/* Room for one line; it is kept when it fits. */
static void begin_line(void *user, struct jot *ret_j)
{
	struct work *w = user;

	if (w->out_len > OUT_SIZE / 2)
		flush(w);
	jot_init(ret_j, w->out + w->out_len, OUT_SIZE - w->out_len);
}

static void end_line(void *user, struct jot *j)
{
	struct work *w = user;

	jot_raw(j, "\n", 1);
	if (j->full)
		w->cut_lines++;
	else
		w->out_len += j->len;
}

static int choose(struct work *w, const struct format *format)
{
	free(w->state);
	w->format = format;
	w->state = calloc(1, format->state_size);
	return w->state ? format->init(w->state, &w->options) : -ENOMEM;
}

static void guess(struct work *w, const uint8_t *data, size_t size)
{
	const struct format *format = w->format ? NULL : format_guess(data, size);

	if (format && choose(w, format) < 0)
		w->format = NULL;
}

static void decode_bytes(struct work *w, const struct format_bytes *b)
{
	guess(w, b->data, b->size);
	if (!w->format)
		return;
	w->bytes += b->size;
	if (w->stats_only)
		w->hash = w->format->hash(w->state, b, w->hash);
	else
		w->format->json(w->state, b, &w->lines);
}

static void decode_capture(struct work *w, const uint8_t *data, size_t size)
{
	struct container c;
	struct container_datagram d;

	if (container_init(&c, data, size) < 0)
		return;
	while (container_next(&c, &d) && !w->failed)
		decode_bytes(w, &(struct format_bytes){ d.data, d.size, d.source, c.undated ? 0 : d.time_ns });
	w->datagrams = c.datagrams;
	w->skipped = c.skipped + c.truncated;
	if (!w->datagrams && w->skipped)
		fprintf(stderr, "vedette decode: %llu packets, none of them a whole UDP datagram\n", (unsigned long long)w->skipped);
}

static void put_count(struct jot *j, const char *key, uint64_t v)
{
	jot_key(j, key);
	jot_int(j, (int64_t)v);
}

static uint64_t count_of(const struct work *w, unsigned i)
{
	return *(const uint64_t *)((const char *)w->state + w->format->counts[i].offset);
}

/* Faults are shown when there were any, the rest always. Returns the number of records. */
static uint64_t put_counts(struct jot *j, const struct work *w)
{
	uint64_t records = 0;

	for (unsigned i = 0; w->format && i < w->format->n_counts; i++) {
		if (w->format->counts[i].kind == FORMAT_FAULT || w->format->counts[i].kind == FORMAT_PLOTTING)
			continue;
		put_count(j, w->format->counts[i].key, count_of(w, i));
		if (w->format->counts[i].kind == FORMAT_RECORDS)
			records = count_of(w, i);
	}
	jot_key(j, "errors");
	jot_open(j, '{');
	for (unsigned i = 0; w->format && i < w->format->n_counts; i++)
		if (w->format->counts[i].kind == FORMAT_FAULT && count_of(w, i))
			put_count(j, w->format->counts[i].key, count_of(w, i));
	jot_close(j, '}');
	return records;
}

static void put_summary(struct work *w, int64_t ns)
{
	const char *name = w->format ? w->format->name : "unknown";
	struct jot j;
	char hash[17];

	begin_line(w, &j);
	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)w->hash);
	jot_open(&j, '{');
	jot_key(&j, "format");
	jot_text(&j, name, strlen(name));
	put_count(&j, "datagrams", w->datagrams);
	put_count(&j, "skipped_packets", w->skipped);

	uint64_t records = put_counts(&j, w);

	put_count(&j, "bytes", w->bytes);
	jot_key(&j, "seconds");
	jot_scaled(&j, ns, 1, CLOCK_NS_PER_S, 6);
	jot_key(&j, "records_per_s");
	jot_int(&j, ns > 0 ? (int64_t)((double)records * 1e9 / (double)ns) : 0);
	jot_key(&j, "checksum");
	jot_text(&j, hash, 16);
	jot_close(&j, '}');
	end_line(w, &j);
}

/* Whole messages of @r; everything when it ended, or when it is full of something that never ends. */
static size_t cut(const struct work *w, const struct reader *r)
{
	size_t n = w->format && !r->end ? w->format->cut(r->data, r->size) : r->size;

	return n == 0 && r->size == r->cap ? r->size : n;
}

/* As the bytes come: lines are out when the input pauses. */
static int decode_stream(struct work *w, struct reader *r)
{
	int err = 0;

	while (err == 0 && !w->failed) {
		size_t n = cut(w, r);

		if (n)
			decode_bytes(w, &(struct format_bytes){ r->data, n, 0, 0 });
		reader_drop(r, n);
		if (r->end)
			break;
		if (reader_paused(r)) {
			flush(w);
			w->failed = w->failed || fflush(stdout) != 0;
		}
		err = reader_fill(r);
	}
	return err;
}

static int decode_input(struct work *w, struct reader *r)
{
	int err = r->whole ? reader_all(r) : reader_first(r);

	bool capture = err == 0 && container_is(r->data, r->size);

	if (capture)
		err = reader_all(r);
	w->begin_ns = clock_mono_ns();
	if (err < 0)
		return err;
	if (capture) {
		decode_capture(w, r->data, r->size);
		return 0;
	}
	guess(w, r->data, r->size);
	return decode_stream(w, r);
}

static int run(struct work *w, const char *path)
{
	struct reader reader;
	int err = reader_open(&reader, path);

	if (err == 0)
		err = decode_input(w, &reader);
	reader_close(&reader);
	if (err < 0) {
		flush(w);
		fprintf(stderr, "vedette decode: %s: %s\n", path, strerror(-err));
		return 1;
	}
	if (w->stats_only)
		put_summary(w, clock_mono_ns() - w->begin_ns);
	flush(w);
	if (fflush(stdout) != 0 || w->failed) {
		fprintf(stderr, "vedette decode: cannot write: %s\n", strerror(errno));
		return 1;
	}
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: vedette decode [--format ");
	for (unsigned i = 0; format_at(i); i++)
		fprintf(stderr, "%s%s", i ? "|" : "", format_at(i)->name);
	fprintf(stderr, "] [--edition CAT=E]... [--stats] FILE|-\n");
	return 2;
}

static int parse_options(int argc, char **argv, struct work *w, const struct format **ret_format)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "edition", required_argument, NULL, 'e' },
		{ "stats", no_argument, NULL, 's' },
		{ 0 },
	};

	optind = 1;
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 'f')
			*ret_format = format_find(optarg);
		else if (c == 's')
			w->stats_only = true;
		if (c == '?' || (c == 'f' && !*ret_format) || (c == 'e' && format_edition(&w->options, optarg) < 0))
			return -EINVAL;
	}
	return optind == argc - 1 ? 0 : -EINVAL;
}

static void refuse(const struct work *w, int r)
{
	char why[256] = "no such edition";

	if (r == -EINVAL && w->format->explain)
		w->format->explain(&w->options, why, sizeof(why));
	fprintf(stderr, "vedette decode: %s\n", r == -EINVAL ? why : strerror(-r));
}

int decode_run(int argc, char **argv)
{
	static struct work w;
	const struct format *format = NULL;

	if (parse_options(argc, argv, &w, &format) < 0)
		return usage();
	for (unsigned i = 0; w.options.n_editions && !format && format_at(i); i++)
		if (format_at(i)->explain) /* an edition says which format is meant */
			format = format_at(i);
	w.lines = (struct format_lines){ begin_line, end_line, &w };
	w.out = malloc(OUT_SIZE);

	int r = w.out ? format ? choose(&w, format) : 0 : -ENOMEM;

	if (r < 0)
		refuse(&w, r);
	r = r < 0 ? 1 : run(&w, argv[optind]);
	free(w.state);
	free(w.out);
	return r;
}
