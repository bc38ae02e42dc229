#include "sensor/decode/plotter.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "sensor/decode/ais.h"
#include "sensor/decode/ais_plot.h"
#include "sensor/decode/asterix_plot.h"

enum {
	RECORDS,
	PLOTS_POSITION,
	PLOTS_POLAR,
	PLOTS_IDENTITY,
	PLOTS_NORTH,
	PLOTS_DISTRESS,
	UNSUPPORTED,
	OTHERS,
	TRAILING,
	TIME_OF_DAY,
	OVER_LIMIT,
	FAULTS, /* the format's faults, then its drops */
};

#define COMMON_COUNTERS                                                                            \
	[RECORDS] = { "vedette_sensor_records_total", "messages or records decoded" },             \
	[PLOTS_POSITION] = { "vedette_sensor_plots_position_total", "position plots" },            \
	[PLOTS_POLAR] = { "vedette_sensor_plots_polar_total", "radar plots" },                     \
	[PLOTS_IDENTITY] = { "vedette_sensor_plots_identity_total", "static and voyage data" },    \
	[PLOTS_NORTH] = { "vedette_sensor_plots_north_total", "north markers" },                   \
	[PLOTS_DISTRESS] = { "vedette_sensor_plots_distress_total", "plots of distress devices" }, \
	[UNSUPPORTED] = { "vedette_sensor_unsupported_type_total", "whole messages of a type we do not decode" }, \
	[OTHERS] = { "vedette_sensor_other_sentences_total", "sentences that are not AIS" },       \
	[TRAILING] = { "vedette_sensor_trailing_bytes_total", "bytes behind the last block" },     \
	[TIME_OF_DAY] = { "vedette_sensor_time_of_day_total", "times of day too far from the receive time" }, \
	[OVER_LIMIT] = { "vedette_sensor_over_limit_total", "plots beyond 255 of one datagram" }

enum { AIS_DROPS = FAULTS + _AIS_FAULT_MAX, AIS_COUNTERS = AIS_DROPS + _AIS_PLOT_DROP_MAX };
enum { ASTERIX_DROPS = FAULTS + _ASTERIX_FAULT_MAX, ASTERIX_COUNTERS = ASTERIX_DROPS + _ASTERIX_PLOT_DROP_MAX };

static struct counter ais_counters[AIS_COUNTERS] = {
	COMMON_COUNTERS,
	[FAULTS + AIS_FAULT_NONE] = { "vedette_sensor_sentences_total", "AIS sentences" },
	[FAULTS + AIS_FAULT_GARBAGE] = { "vedette_sensor_garbage_total", "lines that are no sentence" },
	[FAULTS + AIS_FAULT_TRUNCATED] = { "vedette_sensor_truncated_total", "sentences without their end" },
	[FAULTS + AIS_FAULT_CHECKSUM] = { "vedette_sensor_bad_checksum_total", "sentences with a wrong checksum" },
	[FAULTS + AIS_FAULT_FORMAT] = { "vedette_sensor_bad_format_total", "sentences with missing fields" },
	[FAULTS + AIS_FAULT_ARMOUR] = { "vedette_sensor_bad_armour_total", "payloads with illegal characters" },
	[FAULTS + AIS_FAULT_FRAGMENT] = { "vedette_sensor_lost_fragment_total", "messages never completed" },
	[FAULTS + AIS_FAULT_LENGTH] = { "vedette_sensor_bad_length_total", "messages too short or long for their type" },
	[FAULTS + AIS_FAULT_TYPE] = { "vedette_sensor_bad_type_total", "messages of type 0 or above 27" },
	[FAULTS + AIS_FAULT_TAG] = { "vedette_sensor_bad_tag_checksum_total", "tag blocks dropped" },
	[AIS_DROPS + AIS_PLOT_DROP_NONE] = { "vedette_sensor_ais_messages_total", "messages that became plots" },
	[AIS_DROPS + AIS_PLOT_DROP_KIND] = { "vedette_sensor_no_target_total", "messages that are about no target" },
	[AIS_DROPS + AIS_PLOT_DROP_POSITION] = { "vedette_sensor_no_position_total", "reports without a position" },
	[AIS_DROPS + AIS_PLOT_DROP_VIRTUAL] = { "vedette_sensor_virtual_aid_total", "virtual aids to navigation" },
};

static struct counter asterix_counters[ASTERIX_COUNTERS] = {
	COMMON_COUNTERS,
	[FAULTS + ASTERIX_FAULT_NONE] = { "vedette_sensor_blocks_total", "ASTERIX blocks" },
	[FAULTS + ASTERIX_FAULT_BLOCK] = { "vedette_sensor_bad_block_total", "datagrams that begin with no block" },
	[FAULTS + ASTERIX_FAULT_CATEGORY] = { "vedette_sensor_unknown_category_total", "blocks of other categories" },
	[FAULTS + ASTERIX_FAULT_FSPEC] = { "vedette_sensor_bad_fspec_total", "records with a broken FSPEC" },
	[FAULTS + ASTERIX_FAULT_ITEM] = { "vedette_sensor_unknown_item_total", "records with items not in the profile" },
	[FAULTS + ASTERIX_FAULT_TRUNCATED] = { "vedette_sensor_truncated_total", "records that run past their block" },
	[FAULTS + ASTERIX_FAULT_LENGTH] = { "vedette_sensor_bad_length_total", "explicit items of length 0" },
	[ASTERIX_DROPS + ASTERIX_PLOT_DROP_NONE] = { "vedette_sensor_asterix_records_total", "records that became plots" },
	[ASTERIX_DROPS + ASTERIX_PLOT_DROP_KIND] = { "vedette_sensor_service_total", "other service messages" },
	[ASTERIX_DROPS + ASTERIX_PLOT_DROP_SOURCE] = { "vedette_sensor_other_source_total", "another SAC/SIC" },
	[ASTERIX_DROPS + ASTERIX_PLOT_DROP_POSITION] = { "vedette_sensor_no_position_total", "no measured position" },
	[ASTERIX_DROPS + ASTERIX_PLOT_DROP_COAST] = { "vedette_sensor_no_detection_total", "extrapolated, not measured" },
	[ASTERIX_DROPS + ASTERIX_PLOT_DROP_TEST] = { "vedette_sensor_test_target_total", "simulated or test targets" },
};

struct plotter {
	const struct feed *feed;
	struct counter *counters;
	unsigned n_counters;
	struct plotting plotting;
	bool counting;
	struct plotter_out *out;
	struct ais ais;
	struct asterix_stats asterix;
};

static void count(struct plotter *p, unsigned which, uint64_t n)
{
	if (p->counting)
		p->counters[which].value += n;
}

static void emit(struct plotter *p, const struct plot *plot)
{
	static const unsigned kinds[_PLOT_KIND_MAX] = {
		[PLOT_POSITION] = PLOTS_POSITION,
		[PLOT_POLAR] = PLOTS_POLAR,
		[PLOT_IDENTITY] = PLOTS_IDENTITY,
		[PLOT_NORTH] = PLOTS_NORTH,
	};
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
}

static void take_ais(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	struct plotter *p = user;
	struct plot plots[AIS_PLOT_MAX];
	enum ais_plot_drop drop;

	unsigned n = ais_plot(m, &p->plotting, plots, &drop);

	for (unsigned i = 0; i < n; i++)
		emit(p, &plots[i]);
	if (n)
		drop = AIS_PLOT_DROP_NONE;
	if (m->layout)
		count(p, AIS_DROPS + drop, 1);
}

static void take_asterix(void *user, const struct asterix_record *r)
{
	struct plotter *p = user;
	struct plot plot;
	enum asterix_plot_drop drop;
	bool time_of_day_bad = false;

	if (asterix_plot(r, &p->plotting, &plot, &drop, &time_of_day_bad)) {
		emit(p, &plot);
		drop = ASTERIX_PLOT_DROP_NONE;
	}
	count(p, ASTERIX_DROPS + drop, 1);
	count(p, TIME_OF_DAY, time_of_day_bad);
}

/* The decoder's counts since the last datagram; its statistics start again. */
static void collect_ais(struct plotter *p)
{
	struct ais_stats *s = &p->ais.stats;

	count(p, RECORDS, s->messages);
	count(p, UNSUPPORTED, s->unsupported);
	count(p, OTHERS, s->others);
	count(p, FAULTS, s->sentences);
	for (unsigned i = 1; i < _AIS_FAULT_MAX; i++)
		count(p, FAULTS + i, s->faults[i]);
	memset(s, 0, sizeof(*s));
	p->ais.assembly.lost = 0;
}

static void collect_asterix(struct plotter *p)
{
	struct asterix_stats *s = &p->asterix;

	count(p, RECORDS, s->records);
	count(p, FAULTS, s->blocks);
	count(p, TRAILING, s->trailing_bytes);
	for (unsigned i = 1; i < _ASTERIX_FAULT_MAX; i++)
		count(p, FAULTS + i, s->faults[i]);
	memset(s, 0, sizeof(*s));
}

int plotter_new(const struct feed *feed, struct plotter **ret_p)
{
	static const void *registered;
	struct plotter *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->feed = feed;
	p->counters = feed->format == FEED_AIS ? ais_counters : asterix_counters;
	p->n_counters = feed->format == FEED_AIS ? AIS_COUNTERS : ASTERIX_COUNTERS;
	p->plotting.site = &feed->site;
	p->plotting.sac = (unsigned)feed->sac;
	p->plotting.sic = (unsigned)feed->sic;
	ais_init(&p->ais);
	if (registered != p->counters)
		counter_register(p->counters, p->n_counters);
	registered = p->counters;
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

void plotter_reset(struct plotter *p)
{
	ais_init(&p->ais);
}

void plotter_take(struct plotter *p, const uint8_t *data, size_t size, uint32_t source, int64_t recv_ns, bool counting,
	struct plotter_out *ret_out)
{
	ret_out->n = 0;
	ret_out->used = 0;
	p->out = ret_out;
	p->counting = counting;
	p->plotting.recv_ns = recv_ns;
	if (p->feed->format == FEED_AIS) {
		ais_decode(&p->ais, (const char *)data, size, source, recv_ns, take_ais, p);
		collect_ais(p);
	} else {
		asterix_decode(data, size, &p->asterix, take_asterix, p);
		collect_asterix(p);
	}
}
