/*
 * bench-decode - full decode to structures, a hash over every field included, on one core: sentences a second.
 *
 * Input: real captures beside the source tree where they are, else our own encoders' output; repeated.
 * Three rounds, the best counts: the host is shared.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/ais/ais.h"
#include "sensor/decode/ais/ais_encode.h"
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

static void take_ais(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	(void)s;
	*(uint64_t *)user = ais_message_hash(m, *(uint64_t *)user);
}

static void bench_ais(void)
{
	static struct ais a;
	struct input in = { .origin = "real" };
	double best = 0;

	if (!input_read(&in, "../shared/data/ais/noaadata-uscg-test.ais")) {
		in.origin = "generated";
		make_ais(&in);
	}
	input_repeat(&in);
	for (int round = 0; round < INPUT_ROUNDS; round++) {
		uint64_t hash = 0;
		int64_t begin_ns = clock_mono_ns();

		ais_init(&a);
		ais_decode(&a, (const char *)in.data, in.size, 0, 0, take_ais, &hash);

		double rate = (double)a.stats.sentences * 1e9 / (double)(clock_mono_ns() - begin_ns);

		keep_hash = hash;
		best = rate > best ? rate : best;
	}
	printf("bench decode.ais_sentences %.0f sentences/s (%s, %zu MB)\n", best, in.origin, in.size >> 20);
	free(in.data);
}

int main(void)
{
	printf("bench decode.memory %.0f MB/s\n", input_memory_mb_s());
	bench_ais();
	return 0;
}
