/* fuzz-nmea - any bytes as text or an IEC 61162-450 datagram: sentences, JSON, plots and their encoding, and all of it again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "sensor/decode/nmea/nmea.h"
#include "sensor/decode/nmea/nmea_encode.h"
#include "sensor/decode/nmea/nmea_json.h"
#include "sensor/decode/nmea/nmea_plot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX (1 << 16)
#define RECV_NS INT64_C(1764000000123456789)

static const struct site site = {
	.feed = "radar1",
	.sensor = PLOT_SENSOR_RADAR,
	.version = 1,
	.lat_rad = 0.951,
	.lon_rad = 0.196,
	.height_m = 60,
	.range_sigma_m = 20,
	.azimuth_sigma_rad = 0.005,
	.scan_period_ns = 2500000000,
};

struct text {
	struct jot j;
	char buf[TEXT_MAX];
};

/* Every plot we make can be encoded and is accepted by the other side. */
static void plot(const struct nmea_message *m, struct nmea_own *own, bool moving)
{
	const struct plotting p = { .site = &site, .recv_ns = RECV_NS, .clock_sigma_ns = 1000, .moving = moving };
	struct plot plots[NMEA_PLOT_MAX], back;
	uint64_t drops[_NMEA_PLOT_DROP_MAX] = { 0 }, times_bad = 0;
	uint8_t buf[WIRE_OBJECT_MAX];
	unsigned n = nmea_plot(m, own, &p, plots, drops, &times_bad);

	if (n != drops[NMEA_PLOT_DROP_NONE])
		abort();
	for (unsigned i = 0; i < n; i++) {
		ssize_t size = wire_put_plot(buf, sizeof(buf), &plots[i]);

		if (size <= 0 || size > 512 || wire_get_plot(buf, (size_t)size, &back) < 0)
			abort();
	}
}

static void show(void *user, const struct nmea_message *m)
{
	struct text *t = user;

	jot_init(&t->j, t->buf, sizeof(t->buf));
	nmea_json_put(&t->j, m);
}

/* What we write is read as the same. */
static void again(const struct nmea_message *m)
{
	static struct text sentence, ours, theirs;
	struct nmea n = { 0 };

	show(&ours, m);
	jot_init(&sentence.j, sentence.buf, sizeof(sentence.buf));
	nmea_encode_sentence(m, &sentence.j);
	if (sentence.j.full || ours.j.full)
		return;
	nmea_decode(&n, sentence.buf, sentence.j.len, 0, show, &theirs);
	if (n.stats.messages != 1 || ours.j.len != theirs.j.len || memcmp(ours.buf, theirs.buf, ours.j.len))
		abort();
	for (unsigned i = 0; i < _NMEA_FAULT_MAX; i++)
		if (n.stats.faults[i])
			abort();
}

static void take(void *user, const struct nmea_message *m)
{
	static struct nmea_own own;

	*(uint64_t *)user = nmea_message_hash(m, *(uint64_t *)user);
	nmea_own_take(&own, m, RECV_NS);
	plot(m, &own, false);
	plot(m, &own, true);
	again(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nmea n = { 0 };
	uint64_t hash = 0;

	nmea_decode(&n, (const char *)data, size, 1, take, &hash);
	(void)nmea_is((const char *)data, size);
	/* Comments are others, too. */
	if (n.stats.sentences > n.stats.messages + n.stats.ais + n.stats.others || n.stats.frames > 1)
		abort();
	return 0;
}
