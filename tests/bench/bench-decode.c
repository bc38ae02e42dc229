/*
 * bench-decode - AIS on one core: full decode to structures, a hash over every field included, and to JSON.
 *
 * Input: real captures beside the source tree where they are, else our own encoders' output; repeated.
 * Three rounds, the best counts: the host is shared. Instructions and peers are bench-decode-ais.sh's.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/ais/ais.h"
#include "sensor/decode/ais/ais_encode.h"
#include "sensor/decode/ais/ais_json.h"
#include "tests/bench/input.h"

static volatile uint64_t keep_hash; /* so that nothing is optimised away */

static void append_message(struct input *in, const struct ais_encode_message *m, unsigned seq)
{
	char lines[AIS_ENCODE_SENTENCES_MAX][AIS_ENCODE_SENTENCE_MAX];
	unsigned n = ais_encode_sentences(m, seq & 1 ? 'B' : 'A', seq % 10, lines);

	for (unsigned i = 0; i < n; i++)
		input_append(in, lines[i], strlen(lines[i]));
}

/* The traffic mix of notes on receiver logs: half position reports, a quarter class B, a few static. */
static void make_ais(struct input *in)
{
	struct ais_encode_message m;

	for (unsigned i = 0; i < 20000; i++) {
		struct ais_encode_position p = { .mmsi = 211000000 + i, .rot_rad_s = NAN, .sog_mps = i % 20, .lat_rad = 0.95 + i * 1e-7,
			.lon_rad = 0.19 + i * 1e-7, .cog_rad = i % 6, .heading_rad = i % 6, .second = i % 60 };
		struct ais_encode_static s = { .mmsi = 211000000 + i, .callsign = "DABC", .name = "NORTH WIND", .destination = "KIEL",
			.ship_type = 70, .bow_m = 100, .stern_m = 20, .port_m = 8, .starboard_m = 9, .eta_hour = 24, .eta_minute = 60,
			.draught_m = 5 };

		if (i % 20 == 0)
			ais_encode_type5(&s, &m);
		else if (i % 4 == 0)
			ais_encode_type18(&p, &m);
		else
			ais_encode_type1(&p, &m);
		append_message(in, &m, i);
	}
}

/* Receivers' logs, and sentences of every type: curated, and made of real messages. */
static const char *const captures[] = {
	"../shared/data/ais/noaadata-uscg-test.ais",
	"../shared/data/ais/pyais-nmea_data_sample.txt",
	"../shared/data/ais/libais-test.aivdm",
	"../shared/data/ais/libais-tagblock.nmea",
	"../shared/data/ais/gpsd-sample.aivdm",
	"../shared/data/ais/gpsd-ais-nmea.log",
	"../shared/data/ais/go-ais-alltypes.aivdm",
};

/* A ship's own log: two to three sentences of its own instruments for each of AIS. */
static const char voyage[] = "../shared/data/nmea/opencpn-Go_to_Guernesey.txt";

static void take_hash(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	(void)s;
	*(uint64_t *)user = ais_message_hash(m, *(uint64_t *)user);
}

static void take_json(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	static char line[1 << 16];
	struct jot j;

	(void)s;
	jot_init(&j, line, sizeof(line));
	ais_json_put(&j, m);
	*(uint64_t *)user += j.len;
}

/* The best of the rounds: seconds, and the number of sentences. */
static double measure(const struct input *in, ais_sink sink, uint64_t *ret_sentences)
{
	static struct ais a;
	double best = INFINITY;

	for (int round = 0; round < INPUT_ROUNDS; round++) {
		uint64_t sum = 0;
		int64_t begin_ns = clock_mono_ns();

		ais_init(&a);
		ais_decode(&a, (const char *)in->data, in->size, 0, 0, sink, &sum);
		best = fmin(best, (double)(clock_mono_ns() - begin_ns) / 1e9);
		keep_hash = sum;
	}
	*ret_sentences = a.stats.sentences;
	return best;
}

static void bench_input(const char *name, struct input *in, double memory_mb_s)
{
	uint64_t n;

	input_repeat(in);

	double mb = (double)in->size / 1e6, s = measure(in, take_hash, &n);

	printf("bench decode.%s_sentences %.0f sentences/s (%s, %.0f MB)\n", name, (double)n / s, in->origin, mb);
	printf("bench decode.%s_bytes %.0f MB/s (%.1f %% of memory)\n", name, mb / s, 100 * mb / s / memory_mb_s);
	s = measure(in, take_json, &n);
	printf("bench decode.%s_json %.0f sentences/s\n", name, (double)n / s);
	free(in->data);
}

int main(void)
{
	struct input ais = { .origin = "real" }, log = { .origin = "real" };
	double memory_mb_s = input_memory_mb_s();

	printf("bench decode.memory %.0f MB/s\n", memory_mb_s);
	for (unsigned i = 0; i < sizeof(captures) / sizeof(captures[0]); i++)
		(void)input_read(&ais, captures[i]);
	if (!ais.size) {
		ais.origin = "generated";
		make_ais(&ais);
	}
	bench_input("ais", &ais, memory_mb_s);
	if (input_read(&log, voyage))
		bench_input("voyage", &log, memory_mb_s);
	return 0;
}
