#include "sensor/decode/plotter.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "sensor/decode/format.h"
#include "sensor/decode/quality.h"

enum { PLOTS_POSITION, PLOTS_POLAR, PLOTS_IDENTITY, PLOTS_NORTH, PLOTS_BEARING, PLOTS_DISTRESS, OVER_LIMIT,
	RATE, BEHIND_MS, AHEAD_MS, QUALITY, OWN = QUALITY + _QUALITY_COUNT_MAX };

#define COUNTERS_MAX (OWN + FORMAT_COUNTS_MAX)

/* Metrics outlive any plotter: one table a format, made at its first. The format's counts follow our own. */
struct metrics {
	const struct format *format;
	char names[FORMAT_COUNTS_MAX][64];
	struct counter table[COUNTERS_MAX];
};

static const struct counter own[OWN] = {
	[PLOTS_POSITION] = { "vedette_sensor_plots_position_total", "position plots" },
	[PLOTS_POLAR] = { "vedette_sensor_plots_polar_total", "radar plots" },
	[PLOTS_IDENTITY] = { "vedette_sensor_plots_identity_total", "static and voyage data" },
	[PLOTS_NORTH] = { "vedette_sensor_plots_north_total", "north markers" },
	[PLOTS_BEARING] = { "vedette_sensor_plots_bearing_total", "bearings" },
	[PLOTS_DISTRESS] = { "vedette_sensor_plots_distress_total", "plots of distress devices" },
	[OVER_LIMIT] = { "vedette_sensor_over_limit_total", "plots beyond 255 of one datagram" },
	[RATE] = { "vedette_sensor_records_per_s", "whole messages decoded, over the last seconds", true },
	[BEHIND_MS] = { "vedette_sensor_source_behind_ms", "median of receive time minus the messages' own", true },
	[AHEAD_MS] = { "vedette_sensor_source_ahead_ms", "the same where it is negative", true },
	[QUALITY + QUALITY_DUPLICATES] = { "vedette_sensor_duplicates_total", "datagrams that came within 2 s before; passed on" },
	[QUALITY + QUALITY_SILENCES] = { "vedette_sensor_silences_total", "times nothing came for thrice the usual" },
	[QUALITY + QUALITY_MISSED_TURNS] = { "vedette_sensor_missed_turns_total", "turns of the antenna without a north mark" },
	[QUALITY + QUALITY_LATE] = { "vedette_sensor_late_total", "plots older than 10 s when they came" },
};

struct plotter {
	const struct format *format;
	struct counter *counters;
	struct plotting plotting;
	bool counting;
	struct plotter_out *out;
	uint64_t layout; /* of the counters */
	uint64_t records; /* whole messages, of all datagrams that were counted */
	struct quality quality;
	_Alignas(max_align_t) uint8_t state[]; /* the format's */
};

static struct counter *metrics_of(const struct format *f)
{
	static struct metrics all[_FEED_FORMAT_MAX];
	struct metrics *m = all;

	while (m->format && m->format != f)
		m++;
	assert(m < all + _FEED_FORMAT_MAX && f->n_counts <= FORMAT_COUNTS_MAX);
	if (m->format)
		return m->table;
	m->format = f;
	memcpy(m->table, own, sizeof(own));
	for (unsigned i = 0; i < f->n_counts; i++) {
		snprintf(m->names[i], sizeof(m->names[i]), "vedette_sensor_%s_total", f->counts[i].key);
		m->table[OWN + i] = (struct counter){ .name = m->names[i], .help = f->counts[i].help };
	}
	counter_register(m->table, OWN + f->n_counts);
	return m->table;
}

static void count(struct plotter *p, unsigned which, uint64_t n)
{
	if (p->counting)
		p->counters[which].value += n;
}

static void emit(void *user, const struct plot *plot)
{
	static const unsigned kinds[_PLOT_KIND_MAX] = {
		[PLOT_POSITION] = PLOTS_POSITION,
		[PLOT_POLAR] = PLOTS_POLAR,
		[PLOT_BEARING] = PLOTS_BEARING,
		[PLOT_IDENTITY] = PLOTS_IDENTITY,
		[PLOT_NORTH] = PLOTS_NORTH,
	};
	struct plotter *p = user;
	struct plotter_out *out = p->out;

	if (out->n == PLOTTER_RECORDS_MAX) {
		count(p, OVER_LIMIT, 1);
		return;
	}

	ssize_t size = wire_put_plot(out->bytes + out->used, PLOTTER_RECORD_BYTES, plot);

	assert(size > 0); /* our own plots fit and are in range: fuzzed */
	out->records[out->n++] = (struct plotter_record){ out->used, (uint32_t)size };
	out->used += (uint32_t)size;
	count(p, kinds[plot->kind], 1);
	count(p, PLOTS_DISTRESS, plot->distress != PLOT_DISTRESS_NONE);
	if (p->counting)
		quality_plot(&p->quality, plot, p->plotting.recv_ns, p->plotting.site->scan_period_ns);
}

/* The format's counts since the last datagram; they start again. */
static void collect(struct plotter *p)
{
	for (unsigned i = 0; i < p->format->n_counts; i++) {
		uint64_t *v = (uint64_t *)(p->state + p->format->counts[i].offset);

		count(p, OWN + i, *v);
		if (p->counting && p->format->counts[i].kind == FORMAT_RECORDS)
			p->records += *v;
		*v = 0;
	}
	for (unsigned i = 0; i < _QUALITY_COUNT_MAX; i++) {
		count(p, QUALITY + i, p->quality.counts[i]);
		p->quality.counts[i] = 0;
	}
}

/* FNV-1a over the names: another version's counters are others. */
static uint64_t layout_of(const struct plotter *p)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (unsigned i = 0; i < OWN + p->format->n_counts; i++)
		for (const char *c = p->counters[i].name; *c; c++)
			h = (h ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
	return h;
}

static void options_of(const struct feed *feed, struct format_options *ret_o)
{
	_Static_assert(FEED_EDITIONS_MAX <= FORMAT_EDITIONS_MAX, "all of a feed's editions");
	_Static_assert(sizeof(ret_o->editions[0].edition) >= FEED_EDITION_MAX, "and each of them");

	*ret_o = (struct format_options){ .n_editions = feed->n_editions };
	for (unsigned i = 0; i < feed->n_editions; i++) {
		ret_o->editions[i].cat = feed->editions[i].cat;
		memcpy(ret_o->editions[i].edition, feed->editions[i].edition, FEED_EDITION_MAX);
	}
}

void plotter_explain(const struct feed *feed, char *ret_why, size_t size)
{
	const struct format *f = format_find(feed_format_name(feed->format));
	struct format_options options;

	snprintf(ret_why, size, "no such edition");
	options_of(feed, &options);
	if (f && f->explain)
		f->explain(&options, ret_why, size);
}

int plotter_new(const struct feed *feed, struct plotter **ret_p)
{
	const struct format *f = format_find(feed_format_name(feed->format));
	struct format_options options;
	struct plotter *p;

	if (!f)
		return -EOPNOTSUPP;
	p = calloc(1, sizeof(*p) + f->state_size);
	if (!p)
		return -ENOMEM;
	p->format = f;
	p->plotting.site = &feed->site;
	p->plotting.sac = (unsigned)feed->sac;
	p->plotting.sic = (unsigned)feed->sic;
	p->plotting.moving = feed->moving;

	options_of(feed, &options);

	int r = f->init(p->state, &options);

	if (r < 0) {
		free(p);
		return r;
	}
	p->counters = metrics_of(f);
	p->layout = layout_of(p);
	*ret_p = p;
	return 0;
}

void plotter_free(struct plotter *p)
{
	free(p);
}

void plotter_set_clock(struct plotter *p, int64_t sigma_ns)
{
	p->plotting.clock_sigma_ns = sigma_ns;
}

void plotter_counts(const struct plotter *p, struct plotter_counts *ret_counts)
{
	_Static_assert(COUNTERS_MAX <= PLOTTER_COUNTS_MAX, "room for every counter");

	*ret_counts = (struct plotter_counts){ .layout = p->layout };
	for (unsigned i = 0; i < OWN + p->format->n_counts; i++)
		ret_counts->value[i] = p->counters[i].value;
}

bool plotter_resume(struct plotter *p, const struct plotter_counts *counts)
{
	if (counts->layout != p->layout)
		return false;
	for (unsigned i = 0; i < OWN + p->format->n_counts; i++)
		p->counters[i].value = counts->value[i];
	return true;
}

void plotter_gauge(struct plotter *p, int64_t now_ns)
{
	int32_t offset_ms = quality_offset_ms(&p->quality);

	p->counters[RATE].value = quality_rate(&p->quality, p->records, now_ns);
	p->counters[BEHIND_MS].value = offset_ms > 0 ? (uint64_t)offset_ms : 0;
	p->counters[AHEAD_MS].value = offset_ms < 0 ? (uint64_t)-(int64_t)offset_ms : 0;
}

void plotter_reset(struct plotter *p)
{
	if (p->format->reset)
		p->format->reset(p->state);
}

void plotter_take(struct plotter *p, const uint8_t *data, size_t size, uint32_t source, int64_t recv_ns, bool counting,
	struct plotter_out *ret_out)
{
	const struct format_bytes bytes = { data, size, source, recv_ns };
	const struct format_plots sink = { emit, p };

	ret_out->n = 0;
	ret_out->used = 0;
	p->out = ret_out;
	p->counting = counting;
	if (counting)
		quality_datagram(&p->quality, data, size, recv_ns);
	p->plotting.recv_ns = recv_ns;
	p->format->plots(p->state, &bytes, &p->plotting, &sink);
	collect(p);
}
