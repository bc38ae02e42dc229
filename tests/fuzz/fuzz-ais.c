/* fuzz-ais - any bytes as an AIS datagram: sentences, reassembly, messages, JSON, plots, their encoding. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "sensor/decode/ais/ais.h"
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

static void take(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	char buf[8192];
	struct jot j;

	jot_init(&j, buf, sizeof(buf));
	ais_json_put(&j, m);
	if (j.full || s->end == NULL)
		abort(); /* the longest message's JSON is below 8 KiB */
	plot(m);
	*(uint64_t *)user ^= ais_message_hash(m, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ais a;
	uint64_t hash = 0;

	ais_init(&a);
	/* Twice: the second datagram meets the first one's fragments. */
	ais_decode(&a, (const char *)data, size, 1, 1000, take, &hash);
	ais_decode(&a, (const char *)data, size, 1, INT64_C(2000000000), take, &hash);
	return 0;
}
