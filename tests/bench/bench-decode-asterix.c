/*
 * bench-decode-asterix - ASTERIX on one core: records a second and instructions a record, decoded with a checksum over every
 * field and as JSON, beside tshark's JSON of the same capture in the same run.
 *
 * What `vedette decode` does with a recording in memory, container and datagrams included. Input: real captures beside the
 * source tree where they are, else our own encoder's output.
 * Seconds are processor time, for the host is shared. Instructions: callgrind's, of three passes less those of one. tshark: less what it takes to start.
 */
#include <sys/resource.h>
#include <unistd.h>

#include "sensor/decode/asterix/asterix_encode.h"
#include "sensor/decode/container.h"
#include "sensor/decode/format.h"
#include "tests/bench/input.h"

#define FOLDER "../shared/data/asterix/"
#define PCAP_HEADER 24
#define JSON_BUFFER (4u << 20)

/* All figures are of the whole capture: the first has four CAT034 records for each CAT048, as the radar sent them. */
static const struct capture {
	const char *name, *path;
} captures[] = {
	{ "cat034_048", FOLDER "cat034-048-mtr-padded-260429.pcap" },
	{ "cat062", FOLDER "cat062-fds.pcap" },
};

struct work {
	const struct format *format;
	void *state;
	struct format_lines lines;
	bool json;
	uint64_t hash;
	char *out;
	size_t out_len;
};

static volatile uint64_t keep_hash; /* so that nothing is optimised away */

static void begin_line(void *user, struct jot *ret_j)
{
	struct work *w = user;

	if (w->out_len > JSON_BUFFER / 2)
		w->out_len = 0;
	jot_init(ret_j, w->out + w->out_len, JSON_BUFFER - w->out_len);
}

static void end_line(void *user, struct jot *j)
{
	jot_raw(j, "\n", 1);
	((struct work *)user)->out_len += j->len;
}

static void work_init(struct work *w, bool json)
{
	*w = (struct work){ .format = format_find("asterix"), .json = json, .lines = { begin_line, end_line, w } };
	w->state = calloc(1, w->format->state_size);
	w->out = malloc(JSON_BUFFER);
	if (!w->state || !w->out || w->format->init(w->state, &(struct format_options){ 0 }) < 0)
		exit(1);
}

static void work_done(struct work *w)
{
	free(w->state);
	free(w->out);
}

static uint64_t records(const struct work *w)
{
	for (unsigned i = 0; i < w->format->n_counts; i++)
		if (w->format->counts[i].kind == FORMAT_RECORDS)
			return *(const uint64_t *)((const char *)w->state + w->format->counts[i].offset);
	return 0;
}

static void decode_bytes(struct work *w, const struct format_bytes *b)
{
	if (w->json)
		w->format->json(w->state, b, &w->lines);
	else
		w->hash = w->format->hash(w->state, b, w->hash);
}

static void decode(struct work *w, const struct input *in)
{
	struct container_datagram d;
	struct container c;

	if (container_init(&c, in->data, in->size) == 0)
		while (container_next(&c, &d))
			decode_bytes(w, &(struct format_bytes){ d.data, d.size, d.source, d.time_ns });
	else
		decode_bytes(w, &(struct format_bytes){ in->data, in->size, 0, 0 });
	keep_hash = w->hash;
}

/* --- input --- */

static void make_blocks(struct input *in)
{
	for (unsigned i = 0; i < 4000; i++) {
		struct asterix_encode_buffer b = { .n = 0 };

		asterix_encode_begin(&b, 48);
		for (unsigned k = 0; k < 10; k++) {
			struct asterix_encode_plot p;

			asterix_encode_plot_init(&p);
			p.sac = 34;
			p.sic = 1;
			p.time_ns = (int64_t)i * 100000000;
			p.detection = ASTERIX_ENCODE_PSR;
			p.range_m = 1000 + 100 * k + i;
			p.azimuth_rad = (i % 600) / 100.0;
			p.track = (int)k;
			p.amplitude_dbm = -60;
			p.sog_mps = 7;
			p.cog_rad = 1;
			(void)asterix_encode_048(&b, &p);
		}
		asterix_encode_end(&b);
		input_append(in, b.bytes, b.n);
	}
}

/* The capture's packets again and again behind its header. */
static bool read_repeated(struct input *in, const char *path, size_t size_min)
{
	struct input one = { 0 };

	if (!input_read(&one, path) || one.size <= PCAP_HEADER)
		return false;
	input_append(in, one.data, PCAP_HEADER);
	do
		input_append(in, one.data + PCAP_HEADER, one.size - PCAP_HEADER);
	while (in->size < size_min);
	input_reserve(in, 0);
	free(one.data);
	return true;
}

/* --- measuring --- */

/* Processor time so far. @who: RUSAGE_SELF or, of what has ended, RUSAGE_CHILDREN. */
static double used_s(int who)
{
	struct rusage r;

	(void)getrusage(who, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

/* Records a second, the best of some rounds. */
static double rate(const struct input *in, bool json, uint64_t *ret_records)
{
	double best = 0;

	for (int round = 0; round < INPUT_ROUNDS; round++) {
		struct work w;
		work_init(&w, json);

		double begin_s = used_s(RUSAGE_SELF);

		decode(&w, in);

		double now = (double)records(&w) / (used_s(RUSAGE_SELF) - begin_s);

		best = now > best ? now : best;
		*ret_records = records(&w);
		work_done(&w);
	}
	return best;
}

/* Counted instructions of @passes over @path in a run of this program; 0 when nobody can count. */
static double count(const char *path, const char *what, int passes)
{
	char command[512], line[256];
	unsigned long long n = 0;

	snprintf(command, sizeof(command), "valgrind --tool=callgrind --callgrind-out-file=/dev/null /proc/%d/exe %s %d %s 2>&1",
		(int)getpid(), what, passes, path);

	FILE *f = popen(command, "re");

	while (f && fgets(line, sizeof(line), f)) {
		const char *found = strstr(line, "Collected :");

		if (found)
			n = strtoull(found + strlen("Collected :"), NULL, 10);
	}
	if (f)
		pclose(f);
	return (double)n;
}

static void bench_instructions(const struct capture *c, const char *what, uint64_t n_records)
{
	double once = count(c->path, what, 1);

	if (once > 0)
		printf("bench decode.%s_%s_instructions %.0f instructions/record\n", c->name, what,
			(count(c->path, what, 3) - once) / 2 / (double)n_records);
}

static double seconds_of(const char *command)
{
	double begin_s = used_s(RUSAGE_CHILDREN);

	return system(command) == 0 ? used_s(RUSAGE_CHILDREN) - begin_s : 0;
}

static int port_of(const struct input *in)
{
	struct container_datagram d;
	struct container c;

	return container_init(&c, in->data, in->size) == 0 && container_next(&c, &d) ? d.port : 0;
}

/* tshark's JSON of the capture, records a second; 0 without tshark. */
static double tshark_rate(const struct capture *c, const struct input *in, uint64_t n_records)
{
	char all[512], one[512];
	double start;

	snprintf(all, sizeof(all), "tshark -r %s -d udp.port==%d,asterix -T json >/dev/null 2>&1", c->path, port_of(in));
	snprintf(one, sizeof(one), "tshark -r %s -c 1 -d udp.port==%d,asterix -T json >/dev/null 2>&1", c->path, port_of(in));
	start = seconds_of(one);
	return start > 0 ? (double)n_records / (seconds_of(all) - start) : 0;
}

static void bench_peer(const struct capture *c, const struct input *in, double ours, uint64_t n_records)
{
	double theirs = tshark_rate(c, in, n_records);

	if (theirs <= 0)
		return;
	printf("bench decode.%s_tshark %.0f records/s\n", c->name, theirs);
	printf("bench decode.%s_json_ratio %.0f times tshark\n", c->name, ours / theirs);
}

static void bench_capture(const struct capture *c, double memory_mb_s)
{
	struct input in = { 0 }, one = { 0 };
	uint64_t n_records;

	if (!read_repeated(&one, c->path, 0) || !read_repeated(&in, c->path, INPUT_SIZE_MIN))
		return;

	double plain = rate(&in, false, &n_records), mb_s = plain * (double)in.size / (double)n_records / 1e6;
	double json = rate(&in, true, &n_records);

	printf("bench decode.%s_records %.0f records/s (real, %zu MB)\n", c->name, plain, in.size >> 20);
	printf("bench decode.%s_bytes %.0f MB/s, %.1f %% of reading memory\n", c->name, mb_s, 100 * mb_s / memory_mb_s);
	printf("bench decode.%s_json %.0f records/s\n", c->name, json);
	(void)rate(&one, false, &n_records);
	bench_instructions(c, "records", n_records);
	bench_instructions(c, "json", n_records);
	bench_peer(c, &one, json, n_records);
	free(in.data);
	free(one.data);
}

static void bench_generated(void)
{
	struct input in = { 0 };
	uint64_t n_records;

	make_blocks(&in);
	input_repeat(&in);
	printf("bench decode.cat048_records %.0f records/s (generated, %zu MB)\n", rate(&in, false, &n_records), in.size >> 20);
	free(in.data);
}

/* What is counted: nothing but some passes over a capture. */
static int pass(const char *what, int passes, const char *path)
{
	struct input in = { 0 };
	struct work w;

	if (!read_repeated(&in, path, 0))
		return 1;
	work_init(&w, !strcmp(what, "json"));
	while (passes--)
		decode(&w, &in);
	work_done(&w);
	free(in.data);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4)
		return pass(argv[1], atoi(argv[2]), argv[3]);

	double memory_mb_s = input_memory_mb_s();

	if (access(captures[0].path, R_OK) != 0)
		bench_generated();
	for (unsigned i = 0; i < sizeof(captures) / sizeof(captures[0]); i++)
		bench_capture(&captures[i], memory_mb_s);
	return 0;
}
