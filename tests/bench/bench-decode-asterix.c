/*
 * bench-decode-asterix - ASTERIX records a second on one core, full decode with a hash over every field.
 *
 * Input: real captures beside the source tree where they are, else our own encoder's output.
 */
#include "sensor/decode/asterix/asterix_encode.h"
#include "sensor/decode/asterix/asterix_hash.h"
#include "sensor/decode/container.h"
#include "tests/bench/input.h"

static volatile uint64_t keep_hash; /* so that nothing is optimised away */

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
		input_append(in, b.bytes, b.n);
	}
}

/* The CAT048 blocks of a capture, one behind the other. */
static bool extract(const char *path, struct input *out)
{
	struct container_datagram d;
	struct container c;
	struct input in = { 0 };
	bool ok = input_read(&in, path) && container_init(&c, in.data, in.size) == 0;

	while (ok && container_next(&c, &d)) {
		size_t length = d.size > 3 ? (size_t)d.data[1] << 8 | d.data[2] : 0;

		if (length && length <= d.size && d.data[0] == 48)
			input_append(out, d.data, length);
	}
	free(in.data);
	return ok;
}

static void take_asterix(void *user, const struct asterix_record *r)
{
	*(uint64_t *)user = asterix_hash(r, *(uint64_t *)user);
}

static void bench_asterix(void)
{
	struct input in = { .origin = "real" };
	double best = 0;

	if (!extract("../shared/data/asterix/cat034-048-mtr-padded-260429.pcap", &in)) {
		in.origin = "generated";
		make_asterix(&in);
	}
	input_repeat(&in);
	for (int round = 0; round < INPUT_ROUNDS; round++) {
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
	bench_asterix();
	return 0;
}
