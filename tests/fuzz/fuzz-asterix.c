/* fuzz-asterix - any bytes as an ASTERIX datagram: blocks, records, JSON, plots, their encoding. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "sensor/decode/asterix/asterix_hash.h"
#include "sensor/decode/asterix/asterix_json.h"
#include "sensor/decode/asterix/asterix_plot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct site site = {
	.feed = "radar1",
	.sensor = PLOT_SENSOR_RADAR,
	.version = 1,
	.lat_rad = 0.951,
	.lon_rad = 0.196,
	.height_m = 60,
	.range_sigma_m = 20,
	.azimuth_sigma_rad = 0.005,
};

/* Every plot we make can be encoded and is accepted by the other side. */
static void plot(const struct asterix_record *r)
{
	const struct plotting p = { &site, 256, 256, INT64_C(1764000000123456789), 1000 };
	struct plot plot, back;
	enum asterix_plot_drop drop;
	uint8_t buf[WIRE_OBJECT_MAX];
	bool bad;

	if (!asterix_plot(r, &p, &plot, &drop, &bad))
		return;

	ssize_t size = wire_put_plot(buf, sizeof(buf), &plot);

	if (size <= 0 || size > 512 || wire_get_plot(buf, (size_t)size, &back) < 0)
		abort();
}

static void take(void *user, const struct asterix_record *r)
{
	static char buf[ASTERIX_JSON_MAX];
	struct jot j;

	jot_init(&j, buf, sizeof(buf));
	asterix_json_put(&j, r, INT64_C(1764000000000000000));
	plot(r);
	*(uint64_t *)user = asterix_hash(r, *(uint64_t *)user);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct asterix_stats stats = { 0 };
	uint64_t hash = 0;
	uint8_t *copy = malloc(size + BITS_SLACK);

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	/* The slack's value must not matter. */
	memset(copy + size, 0xa5, BITS_SLACK);
	asterix_decode(copy, size, &stats, take, &hash);

	uint64_t first = hash;

	hash = 0;
	memset(copy + size, 0x5a, BITS_SLACK);
	asterix_decode(copy, size, &stats, take, &hash);
	if (hash != first)
		abort();
	free(copy);
	return 0;
}
