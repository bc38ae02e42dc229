/* fuzz-asterix - any bytes as an ASTERIX datagram: blocks, records, JSON, plots, their encoding, the records' encoding. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "sensor/decode/asterix/asterix_hash.h"
#include "sensor/decode/asterix/asterix_json.h"
#include "sensor/decode/asterix/asterix_plot.h"
#include "sensor/decode/asterix/asterix_profile.h"
#include "sensor/decode/asterix/asterix_time.h"
#include "sensor/decode/asterix/asterix_values.h"

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

#define BLOCK_HEADER 3

struct said {
	uint64_t v[ASTERIX_VALUES_MAX(UINT16_MAX)];
	ssize_t n;
};

static void listen(void *user, const struct asterix_record *r)
{
	struct said *s = user;

	s->n = asterix_values_get(r, s->v, sizeof(s->v) / sizeof(s->v[0]));
}

/*
 * What a record holds can be said again in its canonical form, which is no longer and holds the same; said once more it is the
 * same. Only octets of an extended item that no table knows cannot.
 */
static void say_again(const struct asterix_profile *profile, const struct asterix_record *r)
{
	static uint8_t block[UINT16_MAX + BITS_SLACK], once_more[UINT16_MAX];
	static struct said first, second;
	struct asterix_stats stats = { 0 };

	listen(&first, r);
	if (first.n <= 0)
		abort();

	ssize_t size = asterix_values_put(r->category, first.v, (size_t)first.n, block + BLOCK_HEADER, UINT16_MAX - BLOCK_HEADER);

	if (size == -EINVAL || size == -ERANGE)
		return;
	if (size <= 0 || size > (ssize_t)r->size)
		abort();
	block[0] = r->category->cat;
	block[1] = (uint8_t)((size + BLOCK_HEADER) >> 8);
	block[2] = (uint8_t)(size + BLOCK_HEADER);
	asterix_decode_as(profile, block, (size_t)size + BLOCK_HEADER, &stats, listen, &second);
	if (stats.records != 1 || second.n != first.n || memcmp(first.v, second.v, (size_t)first.n * sizeof(first.v[0])))
		abort();
	if (asterix_values_put(r->category, second.v, (size_t)second.n, once_more, sizeof(once_more)) != size ||
		memcmp(once_more, block + BLOCK_HEADER, (size_t)size))
		abort();
}

struct run {
	const struct asterix_profile *profile;
	uint64_t hash;
};

static void take(void *user, const struct asterix_record *r)
{
	struct run *run = user;
	static struct asterix_time clock;
	static char buf[ASTERIX_JSON_MAX];
	struct jot j;

	jot_init(&j, buf, sizeof(buf));
	asterix_json_put(&j, r, asterix_time_near(&clock, r, INT64_C(1764000000000000000)));
	plot(r);
	say_again(run->profile, r);
	run->hash = asterix_hash(r, run->hash);
}

/* The newest editions, or one of the two older CAT021: the input's size says which. */
static struct asterix_profile profile_of(size_t size)
{
	static const char *const old[] = { "0.26", "0.23" };
	struct asterix_profile p = asterix_profile_newest;
	char why[ASTERIX_PROFILE_TEXT_MAX];

	if (size % 3 && asterix_profile_set(&p, 21, old[size % 3 - 1], why) < 0)
		abort();
	return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct asterix_profile profile = profile_of(size);
	struct asterix_stats stats = { 0 };
	struct run run = { &profile, 0 };
	uint8_t *copy = malloc(size + BITS_SLACK);

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	/* The slack's value must not matter. */
	memset(copy + size, 0xa5, BITS_SLACK);
	asterix_decode_as(&profile, copy, size, &stats, take, &run);

	uint64_t first = run.hash;

	run.hash = 0;
	memset(copy + size, 0x5a, BITS_SLACK);
	asterix_decode_as(&profile, copy, size, &stats, take, &run);
	if (run.hash != first)
		abort();
	free(copy);
	return 0;
}
