/*
 * bench-decode-nmea - NMEA to structures, a hash over every field included, on one core: sentences a second; and the dearest
 * 64 KiB datagrams that we know of.
 *
 * A real voyage where it is beside the source tree; a radar's datagrams of IEC 61162-450 by our own encoder. Three rounds,
 * the best counts: the host is shared.
 */
#include <math.h>

#include "sensor/decode/nmea/nmea.h"
#include "sensor/decode/nmea/nmea_encode.h"
#include "tests/bench/input.h"
#include "tests/nmea_worst.h"

static volatile uint64_t keep_hash; /* so that nothing is optimised away */

static void take(void *user, const struct nmea_message *m)
{
	*(uint64_t *)user = nmea_message_hash(m, *(uint64_t *)user);
}

/* Sentences a second through datagrams of @step bytes; 0: all at once. */
static double measure(const struct input *in, size_t step)
{
	double best = 0;

	for (int round = 0; round < INPUT_ROUNDS; round++) {
		struct nmea n = { 0 };
		uint64_t hash = 0;
		int64_t begin_ns = clock_mono_ns();

		for (size_t at = 0, size = step ? step : in->size; at < in->size; at += size)
			nmea_decode(&n, (const char *)in->data + at, size, 0, take, &hash);

		double rate = (double)n.stats.sentences * 1e9 / (double)(clock_mono_ns() - begin_ns);

		keep_hash = hash;
		best = rate > best ? rate : best;
	}
	return best;
}

static void bench_voyage(void)
{
	struct input in = { 0 };

	if (!input_read(&in, "../shared/data/nmea/opencpn-Go_to_Guernesey.txt"))
		return;
	input_repeat(&in);
	printf("bench decode.nmea_sentences %.0f sentences/s (real, %zu MB)\n", measure(&in, 0), in.size >> 20);
	free(in.data);
}

/* A tracked target, with all its fields. */
static void set_target(struct nmea_message *m, unsigned i)
{
	if (!nmea_message_init(m, "RA", "TTM"))
		exit(1);
	m->ttm = (struct nmea_ttm){
		.number = nmea_value_number(i % 100, 2, 0), .distance = nmea_value_number(i % 2400 / 100.0, 1, 2),
		.bearing = nmea_value_number(i % 3600 / 10.0, 1, 1), .bearing_reference = 'T',
		.speed = nmea_value_number(i % 300 / 10.0, 1, 1), .course = nmea_value_number(i % 3600 / 10.0, 1, 1),
		.course_reference = 'T', .cpa = nmea_value_number(1.25, 1, 2), .tcpa = nmea_value_number(-12.5, 1, 1), .units = 'N',
		.status = 'T', .utc = nmea_value_number(120000 + i % 60, 6, 2), .acquisition = 'A',
	};
}

static void bench_radar(void)
{
	struct nmea_encode_source source = { "RA0001", 0 };
	struct nmea_encode_frame f;
	struct nmea_message m;
	struct input in = { 0 };

	for (unsigned i = 0; i < 30000; i++) {
		nmea_encode_begin(&f);
		set_target(&m, i);
		if (!nmea_encode_add(&f, &source, &m))
			exit(1);
		input_append(&in, f.bytes + 6, f.size - 6); /* one text of lines: datagrams would differ in length */
	}
	input_repeat(&in);
	printf("bench decode.nmea_tagged_ttm %.0f sentences/s (generated, %zu MB)\n", measure(&in, 0), in.size >> 20);
	free(in.data);
}

static void bench_worst(void)
{
	static char data[NMEA_WORST_SIZE];
	double worst_us = 0;
	const char *name = "";

	for (unsigned i = 0; i < NMEA_WORST_N; i++) {
		double best_us = 1e9;

		nmea_worst_make(i, data);
		for (unsigned k = 0; k < 20; k++) {
			struct nmea n = { 0 };
			uint64_t hash = 0;
			int64_t begin_ns = clock_mono_ns();

			nmea_decode(&n, data, sizeof(data), 0, take, &hash);
			keep_hash = hash;
			best_us = fmin(best_us, (double)(clock_mono_ns() - begin_ns) / 1e3);
		}
		if (best_us > worst_us) {
			worst_us = best_us;
			name = nmea_worst[i].name;
		}
	}
	printf("bench decode.nmea_worst_64k %.0f us (%s)\n", worst_us, name);
}

int main(void)
{
	bench_voyage();
	bench_radar();
	bench_worst();
	return 0;
}
