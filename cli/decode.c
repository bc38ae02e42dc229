/* decode - AIS and ASTERIX, from text, bytes or captures, as one JSON object a line or as one summary. */
#include "cli/verbs.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <fcntl.h>

#include "common/clock.h"
#include "sensor/decode/ais.h"
#include "sensor/decode/ais_json.h"
#include "sensor/decode/asterix_json.h"
#include "sensor/decode/container.h"

#define OUT_SIZE (4u << 20) /* written when half full; a line is at most ASTERIX_JSON_MAX */
#define FILE_MAX (UINT64_C(8) << 30)

enum format { FORMAT_UNKNOWN, FORMAT_AIS, FORMAT_ASTERIX };

struct work {
	enum format format;
	bool stats_only;
	int64_t recv_ns; /* of the datagram in hand; 0 = unknown */
	uint64_t hash, cut_lines, datagrams, skipped;
	struct ais ais;
	struct asterix_stats asterix;
	char *out;
	size_t out_len;
	bool failed; /* stdout is gone */
};

static void flush(struct work *w)
{
	w->failed = w->failed || fwrite(w->out, 1, w->out_len, stdout) != w->out_len;
	w->out_len = 0;
}

/* Room for one line; it is kept when it fits. */
static struct jot begin_line(struct work *w)
{
	struct jot j;

	if (w->out_len > OUT_SIZE / 2)
		flush(w);
	jot_init(&j, w->out + w->out_len, OUT_SIZE - w->out_len);
	return j;
}

static void end_line(struct work *w, struct jot *j)
{
	jot_raw(j, "\n", 1);
	if (j->full)
		w->cut_lines++;
	else
		w->out_len += j->len;
}

static void take_ais(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	struct work *w = user;

	if (w->stats_only) {
		w->hash = ais_message_hash(m, w->hash);
		return;
	}

	struct jot j = begin_line(w);

	ais_json_put(&j, m);
	end_line(w, &j);
}

static void take_asterix(void *user, const struct asterix_record *r)
{
	struct work *w = user;

	if (w->stats_only) {
		w->hash = asterix_json_hash(r, w->hash);
		return;
	}

	struct jot j = begin_line(w);

	asterix_json_put(&j, r, w->recv_ns);
	end_line(w, &j);
}

/* Text that holds an AIS sentence, or a block of a category somebody has defined. */
static enum format guess(const uint8_t *data, size_t size)
{
	if (size >= 3 && data[0] >= 1 && !strchr("!$\\#\r\n", data[0]) && asterix_category_find(data[0]))
		return FORMAT_ASTERIX;
	for (size_t i = 0; i < size && i < 4096; i++)
		if (data[i] >= 0x80 || (data[i] < 0x20 && !strchr("\t\r\n", data[i])))
			return FORMAT_ASTERIX;
	return FORMAT_AIS;
}

static void decode_bytes(struct work *w, const uint8_t *data, size_t size, uint32_t source)
{
	if (w->format == FORMAT_UNKNOWN)
		w->format = guess(data, size);
	if (w->format == FORMAT_AIS)
		ais_decode(&w->ais, (const char *)data, size, source, w->recv_ns, take_ais, w);
	else
		asterix_decode(data, size, &w->asterix, take_asterix, w);
}

static void decode_capture(struct work *w, const uint8_t *data, size_t size)
{
	struct container c;
	struct container_datagram d;

	if (container_init(&c, data, size) < 0)
		return;
	while (container_next(&c, &d) && !w->failed) {
		w->recv_ns = d.time_ns;
		decode_bytes(w, d.data, d.size, d.source);
	}
	w->datagrams = c.datagrams;
	w->skipped = c.skipped + c.truncated;
}

static void put_count(struct jot *j, const char *key, uint64_t v)
{
	jot_key(j, key);
	jot_int(j, (int64_t)v);
}

static void put_errors(struct jot *j, const struct work *w)
{
	jot_key(j, "errors");
	jot_open(j, '{');
	for (unsigned i = 1; i < _AIS_FAULT_MAX; i++)
		if (w->ais.stats.faults[i])
			put_count(j, ais_sentence_fault_name(i), w->ais.stats.faults[i]);
	for (unsigned i = 1; i < _ASTERIX_FAULT_MAX; i++)
		if (w->asterix.faults[i])
			put_count(j, asterix_fault_name(i), w->asterix.faults[i]);
	jot_close(j, '}');
}

static void put_summary(struct work *w, int64_t ns)
{
	struct jot j = begin_line(w);
	uint64_t records = w->ais.stats.messages + w->asterix.records;
	char hash[17];

	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)w->hash);
	jot_open(&j, '{');
	jot_key(&j, "format");
	jot_text(&j, w->format == FORMAT_AIS ? "ais" : "asterix", w->format == FORMAT_AIS ? 3 : 7);
	put_count(&j, "records", records);
	put_count(&j, "sentences", w->ais.stats.sentences);
	put_count(&j, "unsupported_type", w->ais.stats.unsupported);
	put_count(&j, "other_sentences", w->ais.stats.others);
	put_count(&j, "datagrams", w->datagrams);
	put_count(&j, "skipped_packets", w->skipped);
	put_count(&j, "blocks", w->asterix.blocks);
	put_count(&j, "trailing_bytes", w->asterix.trailing_bytes);
	put_errors(&j, w);
	put_count(&j, "bytes", w->ais.stats.bytes + w->asterix.bytes);
	jot_key(&j, "seconds");
	jot_scaled(&j, ns, 1, CLOCK_NS_PER_S, 6);
	jot_key(&j, "records_per_s");
	jot_int(&j, ns > 0 ? (int64_t)((double)records * 1e9 / (double)ns) : 0);
	jot_key(&j, "checksum");
	jot_text(&j, hash, 16);
	jot_close(&j, '}');
	end_line(w, &j);
}

/* Everything up to the end, with slack behind it for the bit readers. */
static int read_all(int fd, uint8_t **ret_data, size_t *ret_size)
{
	size_t cap = 1 << 20, size = 0;
	struct stat st;
	uint8_t *data;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		cap = (size_t)st.st_size + 1;
	for (data = malloc(cap + BITS_SLACK); data;) {
		ssize_t n = read(fd, data + size, cap - size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || size > FILE_MAX)
			break;
		size += (size_t)n;
		if (n == 0) {
			memset(data + size, 0, BITS_SLACK);
			*ret_data = data;
			*ret_size = size;
			return 0;
		}
		if (size == cap) {
			uint8_t *more = realloc(data, 2 * cap + BITS_SLACK);

			if (!more)
				break;
			data = more;
			cap *= 2;
		}
	}
	free(data);
	return errno ? -errno : -EFBIG;
}

static int run(struct work *w, const char *path)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	uint8_t *data = NULL;
	size_t size = 0;
	int r = fd < 0 ? -errno : read_all(fd, &data, &size);

	if (fd > STDIN_FILENO)
		close(fd);
	if (r < 0) {
		fprintf(stderr, "vedette decode: %s: %s\n", path, strerror(-r));
		return 1;
	}

	int64_t begin_ns = clock_mono_ns();

	if (container_is(data, size))
		decode_capture(w, data, size);
	else
		decode_bytes(w, data, size, 0);
	if (w->stats_only)
		put_summary(w, clock_mono_ns() - begin_ns);
	flush(w);
	free(data);
	if (fflush(stdout) != 0 || w->failed) {
		fprintf(stderr, "vedette decode: cannot write: %s\n", strerror(errno));
		return 1;
	}
	return 0;
}

static int usage(void)
{
	fprintf(stderr, "usage: vedette decode [--format ais|asterix] [--stats] FILE|-\n");
	return 2;
}

int decode_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "stats", no_argument, NULL, 's' },
		{ 0 },
	};
	static struct work w;

	optind = 1;
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 'f' && !strcmp(optarg, "ais"))
			w.format = FORMAT_AIS;
		else if (c == 'f' && !strcmp(optarg, "asterix"))
			w.format = FORMAT_ASTERIX;
		else if (c == 's')
			w.stats_only = true;
		else
			return usage();
	}
	if (optind != argc - 1)
		return usage();

	w.out = malloc(OUT_SIZE);
	if (!w.out) {
		fprintf(stderr, "vedette decode: out of memory\n");
		return 1;
	}
	ais_init(&w.ais);

	int r = run(&w, argv[optind]);

	free(w.out);
	return r;
}
