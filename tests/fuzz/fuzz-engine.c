/*
 * Rows of a journal, one after the other, through the engine: whatever they hold, the state stays
 * finite, every published track can be read and every explanation is in range. A step is one byte: below 16 a row of that wire
 * kind, a length byte and so many bytes; else a plot whose doubles are any eight bytes, which the
 * wire would never let through.
 */
#include "common/wire.h"
#include "fusion/engine.h"
#include "fusion/explain_ring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS_MAX 512

static const uint8_t *at, *end;

static void bytes(void *ret, size_t n)
{
	size_t have = (size_t)(end - at) < n ? (size_t)(end - at) : n;

	memset(ret, 0, n);
	if (have)
		memcpy(ret, at, have);
	at += have;
}

static double any_double(void)
{
	double d;

	bytes(&d, sizeof(d));
	return d;
}

static void on_track(void *user, uint64_t jseq, const void *p, size_t n)
{
	struct track k;

	if (wire_get_track(p, n, &k) < 0)
		abort();
	(void)user;
	(void)jseq;
}

static void on_explain(void *user, uint64_t jseq, const struct explain_note *n)
{
	struct explain_note rounded = *n;

	if (n->what >= _EXPLAIN_WHAT_MAX || !(n->weight >= 0 && n->weight <= 1) || n->d2 < 0 || !n->feed)
		abort();
	explain_ring_round(&rounded);
	if (rounded.what != n->what)
		abort();
	(void)user;
	(void)jseq;
}

static void check_view(void *user, const struct tracker_view *v)
{
	for (int i = 0; i < 4; i++)
		if (!isfinite(v->estimate.x[i]))
			abort();
	if (!(v->existence >= 0 && v->existence <= 1))
		abort();
	(void)user;
}

static void any_plot(struct tracker *t, uint8_t what, int64_t now_ns)
{
	struct plot p;
	uint8_t b[4];

	bytes(b, sizeof(b));
	plot_init(&p, (enum plot_kind)(what % _PLOT_KIND_MAX),
		(enum plot_sensor)(b[0] % _PLOT_SENSOR_MAX));
	p.feed[0] = 'a' + b[1] % 3;
	p.time_ns = now_ns + ((int8_t)b[2]) * INT64_C(200000000);
	p.recv_ns = now_ns;
	p.lat_rad = b[3] & 1 ? any_double() : 0.95 + b[2] * 1e-6;
	p.lon_rad = b[3] & 2 ? any_double() : 0.2 + b[1] * 1e-6;
	p.cov = (struct plot_cov2){ b[3] & 4 ? any_double() : 100, b[3] & 8 ? any_double() : 0,
		100 };
	p.range_m = any_double();
	p.range_sigma_m = b[3] & 16 ? any_double() : 20;
	p.azimuth_rad = b[3] & 32 ? any_double() : b[2] * 0.02;
	p.azimuth_sigma_rad = b[3] & 64 ? any_double() : 0.005;
	p.sog_mps = b[3] & 128 ? any_double() : b[1];
	p.cog_rad = b[3] & 128 ? any_double() : b[2] * 0.02;
	p.id_kind = p.sensor == PLOT_SENSOR_AIS ? PLOT_ID_MMSI : PLOT_ID_NONE;
	p.id = b[1] % 8;
	p.alt_m = what & 32 ? any_double() : NAN;
	p.sender_track = what & 64 ? 1 + b[0] % 8 : 0;
	p.sender_tentative = b[0] & 128;
	p.distress = (enum plot_distress)(b[0] / 64);
	tracker_plot(t, &p);
}

static struct engine *start(void)
{
	static const struct engine_ops ops = { .track = on_track, .explain = on_explain };
	struct tracker_config c;
	struct engine *e;
	uint8_t buf[1024];

	tracker_defaults(&c);
	c.origin[0] = 'x';
	c.lat_rad = 0.95;
	c.lon_rad = 0.2;
	c.max_tracks = 64;
	c.max_stations = 4;
	c.max_batch = 64;
	c.max_identities = 64;
	struct journal_row row = { .jseq = 1, .kind = WIRE_CONFIG, .data = buf };
	row.size = (size_t)engine_config(buf, sizeof(buf), &c, 1);
	if (engine_new(&ops, NULL, &e) < 0 || engine_apply(e, &row) < 0)
		abort();
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct engine *e = start();
	int64_t now = INT64_C(1700000000000000000);

	at = data;
	end = data + size;
	for (int i = 0; at < end && i < STEPS_MAX; i++) {
		uint8_t what = *at++, n = 0;
		struct journal_row row = { .jseq = (uint64_t)i + 2,
			.recv_ns = now,
			.origin = "m",
			.lane = "live",
			.kind = what };
		if (what >= 16) {
			any_plot(engine_tracker(e), what, now);
		} else if (what != WIRE_CONFIG) {
			bytes(&n, 1);
			row.size = (size_t)(end - at) < n ? (size_t)(end - at) : n;
			row.data = at;
			at += row.size;
			(void)engine_apply(e, &row);
		}
		if (i % 4 == 3) {
			now += INT64_C(100000000) << (what % 7);
			row = (struct journal_row){ .jseq = row.jseq,
				.recv_ns = now,
				.origin = "",
				.lane = "",
				.kind = WIRE_TICK };
			(void)engine_apply(e, &row);
			tracker_each(engine_tracker(e), now, check_view, NULL);
		}
	}
	engine_free(e);
	return 0;
}
