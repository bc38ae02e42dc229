/* fuzz-ais - any bytes as an AIS datagram: sentences, reassembly, messages, JSON, plots, their encoding. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "sensor/decode/ais/ais.h"
#include "sensor/decode/ais/ais_cpu.h"
#include "sensor/decode/ais/ais_encode.h"
#include "sensor/decode/ais/ais_json.h"
#include "sensor/decode/ais/ais_plot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct site site = { .feed = "ais1", .sensor = PLOT_SENSOR_AIS, .version = 1 };

/* Every plot we make can be encoded and is accepted by the other side. */
static void plot(const struct ais_message *m)
{
	const struct plotting p = { .site = &site, .recv_ns = INT64_C(1764000000123456789), .clock_sigma_ns = 1000 };
	struct plot plots[AIS_PLOT_MAX], back;
	enum ais_plot_drop drop;
	uint8_t buf[WIRE_OBJECT_MAX];
	unsigned n = ais_plot(m, &p, plots, &drop);

	for (unsigned i = 0; i < n; i++) {
		ssize_t size = wire_put_plot(buf, sizeof(buf), &plots[i]);

		if (size <= 0 || size > 512 || wire_get_plot(buf, (size_t)size, &back) < 0)
			abort();
	}
}

static void decode(const struct ais_encode_message *e, struct ais_message *ret_m)
{
	uint8_t bits[AIS_MESSAGE_BYTES] = { 0 };

	memcpy(bits, e->bytes, (e->bits + 7) / 8);
	if (ais_message_decode(bits, e->bits, ret_m) != AIS_FAULT_NONE)
		abort();
}

/* What was decoded can be encoded; that is decoded to the same, and is canonical. */
static void encode(const struct ais_message *m)
{
	struct ais_encode_message e, data;
	struct ais_message back;

	if (ais_encode_message(m, &e) < 0)
		abort();
	decode(&e, &back);
	if (ais_message_hash(&back, 1) != ais_message_hash(m, 1) || !ais_encode_is_canonical(&back, e.bytes))
		abort();
	if (!m->application)
		return;
	/* The same for the data of an application. */
	if (ais_encode_application(&back, m->binary.data.bits) < 0 || ais_encode_message(&back, &data) < 0)
		abort();
	decode(&data, &back);
	if (back.application != m->application)
		abort();
}

static void take(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	char buf[8192];
	struct jot j;

	jot_init(&j, buf, sizeof(buf));
	ais_json_put(&j, m);
	if (j.full || s->end == NULL)
		abort(); /* the longest message's JSON is below 8 KiB */
	plot(m);
	encode(m);
	*(uint64_t *)user ^= ais_message_hash(m, 1);
}

/* The second datagram meets the fragments of the first. */
static uint64_t decode_twice(const uint8_t *data, size_t size)
{
	static struct ais a;
	uint64_t hash = 0;

	ais_init(&a);
	ais_decode(&a, (const char *)data, size, 1, 1000, take, &hash);
	ais_decode(&a, (const char *)data, size, 1, INT64_C(2000000000), take, &hash);
	for (unsigned i = 0; i < _AIS_FAULT_MAX; i++)
		hash = hash * 31 + a.stats.faults[i];
	return hash * 31 + a.stats.others;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool avx2 = ais_cpu_avx2;
	uint64_t hash = decode_twice(data, size);

	/* The plain form of every loop says the same. */
	ais_cpu_avx2 = false;
	if (decode_twice(data, size) != hash)
		abort();
	ais_cpu_avx2 = avx2;
	return 0;
}
