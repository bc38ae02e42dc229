#include "sensor/decode/klv/klv_format.h"

#include "sensor/decode/klv/klv.h"
#include "sensor/decode/klv/klv_json.h"
#include "sensor/decode/klv/klv_plot.h"
#include "sensor/decode/klv/klv_ts.h"

struct state {
	struct klv_stats stats;
	uint64_t drops[_KLV_PLOT_DROP_MAX]; /* [NONE]: targets that became plots */
	uint64_t time_bad;
	struct klv_ts ts;
};

/* One pass over some bytes. */
struct pass {
	struct state *state;
	const struct format_lines *lines;
	const struct format_plots *plots;
	const struct plotting *plotting;
	uint64_t hash;
};

#define STAT(member) offsetof(struct state, stats.member)
#define FAULT(which) offsetof(struct state, stats.faults[KLV_FAULT_##which])
#define TS(member) offsetof(struct state, ts.stats.member)
#define TS_FAULT(which) offsetof(struct state, ts.stats.faults[KLV_TS_FAULT_##which])
#define DROP(which) offsetof(struct state, drops[KLV_PLOT_DROP_##which])

static const struct format_count counts[] = {
	{ FORMAT_RECORDS, "records", "KLV packets decoded", STAT(packets) },
	{ FORMAT_COUNT, "items", "items within them", STAT(items) },
	{ FORMAT_COUNT, "skipped_bytes", "bytes between packets", STAT(skipped_bytes) },
	{ FORMAT_COUNT, "ts_packets", "transport stream packets", TS(packets) },
	{ FORMAT_COUNT, "ts_duplicates", "transport stream packets that came twice", TS(duplicates) },
	{ FORMAT_COUNT, "ts_evicted", "times that more streams came than are followed", TS(evicted) },
	{ FORMAT_PLOTTING, "klv_targets", "targets that became plots", DROP(NONE) },
	{ FORMAT_PLOTTING, "no_target", "packets that are about no target", DROP(KIND) },
	{ FORMAT_PLOTTING, "no_position", "targets without a position", DROP(POSITION) },
	{ FORMAT_PLOTTING, "no_accuracy", "targets whose accuracy nothing tells", DROP(ACCURACY) },
	{ FORMAT_PLOTTING, "no_detection", "targets lost, inactive or extrapolated", DROP(COAST) },
	{ FORMAT_PLOTTING, "time_stamp", "time stamps too far from the receive time", offsetof(struct state, time_bad) },
	{ FORMAT_FAULT, "truncated", "packets longer than what follows", FAULT(TRUNCATED) },
	{ FORMAT_FAULT, "bad_ber", "packets of an impossible length", FAULT(BER) },
	{ FORMAT_FAULT, "unknown_set", "packets of another label", FAULT(LABEL) },
	{ FORMAT_FAULT, "bad_checksum", "packets with a wrong checksum, kept", FAULT(CHECKSUM) },
	{ FORMAT_FAULT, "no_checksum", "packets without a checksum, kept", FAULT(NO_CHECKSUM) },
	{ FORMAT_FAULT, "unknown_tag", "items that the standard does not have", FAULT(TAG) },
	{ FORMAT_FAULT, "bad_length", "items of a length that they cannot have", FAULT(LENGTH) },
	{ FORMAT_FAULT, "repeated_item", "items a second time in a set", FAULT(REPEATED) },
	{ FORMAT_FAULT, "bad_item", "sets that end within an item", FAULT(ITEM) },
	{ FORMAT_FAULT, "too_many_targets", "packets of more than 1,024 targets, the rest left out", FAULT(MEMBERS) },
	{ FORMAT_FAULT, "ts_sync", "runs of bytes between transport stream packets", TS_FAULT(SYNC) },
	{ FORMAT_FAULT, "ts_bad_packet", "transport stream packets that are marked or malformed", TS_FAULT(PACKET) },
	{ FORMAT_FAULT, "ts_lost", "transport stream packets lost by their counter", TS_FAULT(LOST) },
	{ FORMAT_FAULT, "ts_scrambled", "scrambled packets of KLV streams", TS_FAULT(SCRAMBLED) },
	{ FORMAT_FAULT, "ts_bad_section", "broken tables", TS_FAULT(SECTION) },
	{ FORMAT_FAULT, "ts_bad_pes", "broken PES packets and access units", TS_FAULT(PES) },
};

static int init(void *state, const struct format_options *options)
{
	(void)state;
	(void)options;
	return 0;
}

static void reset(void *state)
{
	klv_ts_reset(&((struct state *)state)->ts);
}

static void run(void *state, const struct format_bytes *b, klv_sink sink, struct pass *pass)
{
	struct state *s = state;
	size_t at;

	pass->state = s;
	if (klv_is(b->data, b->size) || !klv_ts_is(b->data, b->size, &at)) {
		klv_decode(b->data, b->size, &s->stats, sink, pass);
		return;
	}
	s->stats.skipped_bytes += at;
	klv_ts_decode(&s->ts, b->data + at, b->size - at, b->source, &s->stats, sink, pass);
}

static void take_json(void *user, const struct klv_packet *k)
{
	const struct pass *p = user;
	struct jot j;

	p->lines->begin(p->lines->user, &j);
	klv_json_put(&j, k, &p->state->stats);
	p->lines->end(p->lines->user, &j);
}

static void json(void *state, const struct format_bytes *b, const struct format_lines *out)
{
	run(state, b, take_json, &(struct pass){ .lines = out });
}

static void take_hash(void *user, const struct klv_packet *k)
{
	struct pass *p = user;

	p->hash = klv_json_hash(k, &p->state->stats, p->hash);
}

static uint64_t hash(void *state, const struct format_bytes *b, uint64_t seed)
{
	struct pass pass = { .hash = seed };

	run(state, b, take_hash, &pass);
	return pass.hash;
}

static void take_plot(void *user, const struct plot *plot, enum klv_plot_drop drop)
{
	struct pass *p = user;

	p->state->drops[drop]++;
	if (drop == KLV_PLOT_DROP_NONE)
		p->plots->emit(p->plots->user, plot);
}

static void take_plots(void *user, const struct klv_packet *k)
{
	struct pass *p = user;

	p->state->time_bad += klv_plot(k, p->plotting, &p->state->stats, take_plot, p);
}

static void plots(void *state, const struct format_bytes *b, const struct plotting *plotting, const struct format_plots *out)
{
	run(state, b, take_plots, &(struct pass){ .plots = out, .plotting = plotting });
}

/* Whole transport stream packets, or whole KLV packets. */
static size_t cut(const uint8_t *data, size_t size)
{
	size_t at;

	if (klv_is(data, size))
		return klv_cut(data, size);
	if (klv_ts_is(data, size, &at))
		return at + (size - at) / KLV_TS_PACKET * KLV_TS_PACKET;
	return size && data[0] == KLV_TS_SYNC_BYTE && size < KLV_TS_PACKET ? 0 : klv_cut(data, size);
}

/* A known label, or two transport stream packets in a row at the very front. */
static bool is(const uint8_t *data, size_t size)
{
	size_t at;

	return klv_is(data, size) || (size >= 2 * KLV_TS_PACKET && klv_ts_is(data, size, &at) && at == 0);
}

const struct format klv_format = {
	.name = "klv",
	.state_size = sizeof(struct state),
	.init = init,
	.reset = reset,
	.json = json,
	.hash = hash,
	.plots = plots,
	.cut = cut,
	.is = is,
	.counts = counts,
	.n_counts = sizeof(counts) / sizeof(counts[0]),
};
