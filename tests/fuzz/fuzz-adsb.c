/*
 * fuzz-adsb - any bytes as a receiver's output: framing, frames, the aircraft table, JSON, plots, their encoding; a stream cut
 * anywhere gives what the whole gives; what was decoded can be encoded and is the same again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/geo.h"
#include "common/wire.h"
#include "sensor/decode/adsb/adsb.h"
#include "sensor/decode/adsb/adsb_json.h"
#include "sensor/decode/adsb/adsb_plot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RECV_NS INT64_C(1764000000123456789)

static const struct site site = { .feed = "adsb1", .sensor = PLOT_SENSOR_ADSB, .version = 1, .lat_rad = 0.9, .lon_rad = 0.1 };

/* Every plot we make can be encoded and is accepted by the other side. */
static void plot(const struct adsb_message *m, const struct adsb_aircraft *a)
{
	const struct plotting p = { .site = &site, .recv_ns = RECV_NS, .clock_sigma_ns = 1000 };
	struct plot plots[ADSB_PLOT_MAX], back;
	enum adsb_plot_drop drop;
	uint8_t buf[WIRE_OBJECT_MAX];
	unsigned n = adsb_plot(m, a, &p, plots, &drop);

	for (unsigned i = 0; i < n; i++) {
		ssize_t size = wire_put_plot(buf, sizeof(buf), &plots[i]);

		if (size <= 0 || size > 512 || wire_get_plot(buf, (size_t)size, &back) < 0)
			abort();
	}
}

/* Encoding once makes a canonical frame; from there on nothing changes any more. */
static void encode(const struct adsb_message *m)
{
	uint8_t first[ADSB_MESSAGE_LONG], second[ADSB_MESSAGE_LONG];
	struct adsb_message back;
	int size = m->size ? adsb_message_encode(m, first) : 0;

	if (!size)
		return;
	if (adsb_message_decode(first, (size_t)size, &back) != ADSB_FAULT_NONE ||
		adsb_message_encode(&back, second) != size || memcmp(first, second, (size_t)size))
		abort();
}

static void take(void *user, const struct adsb_message *m, const struct adsb_aircraft *a)
{
	char buf[ADSB_JSON_MAX];
	struct jot j;

	jot_init(&j, buf, sizeof(buf));
	adsb_json_put(&j, m);
	if (j.full || (a && !m->is_verified))
		abort();
	plot(m, a);
	encode(m);
	*(uint64_t *)user = adsb_message_hash(m, *(uint64_t *)user);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct adsb whole, parts;
	const struct adsb_cpr_point at = { site.lat_rad / GEO_DEG, site.lon_rad / GEO_DEG };
	uint64_t a = 1, b = 1;
	size_t cut = adsb_cut(data, size);

	memset(&whole, 0, sizeof(whole));
	memset(&parts, 0, sizeof(parts));
	adsb_decode(&whole, data, size, RECV_NS, &at, take, &a);
	adsb_decode(&parts, data, cut, RECV_NS, &at, take, &b);
	adsb_decode(&parts, data + cut, size - cut, RECV_NS, &at, take, &b);
	if (a != b || whole.stats.messages != parts.stats.messages)
		abort();
	return 0;
}
