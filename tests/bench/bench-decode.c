/*
 * bench-decode - full decode to structures, a hash over every field included, on one core: sentences and records a second.
 *
 * Input: real captures beside the source tree where they are, else our own encoders' output; repeated to at least 20 MB.
 * Three rounds, the best counts: the host is shared.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "sensor/decode/ais/ais.h"
#include "sensor/decode/ais/ais_encode.h"
#include "sensor/decode/asterix/asterix_encode.h"
#include "sensor/decode/asterix/asterix_json.h"
#include "sensor/decode/container.h"

#define SIZE_MIN (20u << 20)
#define ROUNDS 3

struct input {
	uint8_t *data;
	size_t size, cap;
	const char *origin;
};

static volatile uint64_t keep_hash; /* so that nothing is optimised away */

static void reserve(struct input *in, size_t size)
{
	if (in->size + size + BITS_SLACK <= in->cap)
		return;
	in->cap = 2 * (in->size + size + BITS_SLACK);
	in->data = realloc(in->data, in->cap);
	if (!in->data)
		exit(1);
}

static void append(struct input *in, const void *data, size_t size)
{
	reserve(in, size);
	memcpy(in->data + in->size, data, size);
	in->size += size;
}

static void repeat(struct input *in)
{
	size_t unit = in->size;

	while (unit && in->size < SIZE_MIN) {
		reserve(in, unit);
		memcpy(in->data + in->size, in->data, unit);
		in->size += unit;
	}
	reserve(in, 0);
}

static bool read_file(const char *path, struct input *in)
{
	FILE *f = fopen(path, "re");
	char buf[1 << 16];

	if (!f)
		return false;
	for (size_t n; (n = fread(buf, 1, sizeof(buf), f)) > 0;)
		append(in, buf, n);
	fclose(f);
	return true;
}

/* --- AIS --- */

static void append_message(struct input *in, const struct ais_encode_message *m, unsigned seq)
{
	char lines[AIS_ENCODE_SENTENCES_MAX][AIS_ENCODE_SENTENCE_MAX];
	unsigned n = ais_encode_sentences(m, seq & 1 ? 'B' : 'A', seq % 10, lines);

	for (unsigned i = 0; i < n; i++)
		append(in, lines[i], strlen(lines[i]));
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

	if (!read_file("../shared/data/ais/noaadata-uscg-test.ais", &in)) {
		in.origin = "generated";
		make_ais(&in);
	}
	repeat(&in);
	for (int round = 0; round < ROUNDS; round++) {
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

/* --- ASTERIX --- */

static void make_asterix(struct input *in)
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
		append(in, b.bytes, b.n);
	}
}

/* The CAT048 blocks of a capture, one behind the other. */
static bool extract(const char *path, struct input *out)
{
	struct container_datagram d;
	struct container c;
	struct input in = { 0 };
	bool ok = read_file(path, &in) && container_init(&c, in.data, in.size) == 0;

	while (ok && container_next(&c, &d)) {
		size_t length = d.size > 3 ? (size_t)d.data[1] << 8 | d.data[2] : 0;

		if (length && length <= d.size && d.data[0] == 48)
			append(out, d.data, length);
	}
	free(in.data);
	return ok;
}

static void take_asterix(void *user, const struct asterix_record *r)
{
	*(uint64_t *)user = asterix_json_hash(r, *(uint64_t *)user);
}

static void bench_asterix(void)
{
	struct input in = { .origin = "real" };
	double best = 0;

	if (!extract("../shared/data/asterix/cat034-048-mtr-padded-260429.pcap", &in)) {
		in.origin = "generated";
		make_asterix(&in);
	}
	repeat(&in);
	for (int round = 0; round < ROUNDS; round++) {
		struct asterix_stats stats = { 0 };
		uint64_t hash = 0;
		int64_t begin_ns = clock_mono_ns();

		asterix_decode(in.data, in.size, &stats, take_asterix, &hash);

		double rate = (double)stats.records * 1e9 / (double)(clock_mono_ns() - begin_ns);

		keep_hash = hash;
		best = rate > best ? rate : best;
	}
	printf("bench decode.cat048_records %.0f records/s (%s, %zu MB)\n", best, in.origin, in.size >> 20);
	free(in.data);
}

int main(void)
{
	bench_ais();
	bench_asterix();
	return 0;
}
