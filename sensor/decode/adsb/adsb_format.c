#include "sensor/decode/adsb/adsb_format.h"

#include "common/geo.h"
#include "sensor/decode/adsb/adsb.h"
#include "sensor/decode/adsb/adsb_json.h"
#include "sensor/decode/adsb/adsb_plot.h"

struct state {
	struct adsb adsb;
	uint64_t drops[_ADSB_PLOT_DROP_MAX]; /* [NONE]: messages that became plots */
};

/* One pass over some bytes. */
struct pass {
	struct state *state;
	const struct format_lines *lines;
	const struct format_plots *plots;
	const struct plotting *plotting;
	uint64_t hash;
};

#define STAT(member) offsetof(struct state, adsb.stats.member)
#define TABLE(member) offsetof(struct state, adsb.table.stats.member)
#define FAULT(which) offsetof(struct state, adsb.stats.faults[ADSB_FAULT_##which])
#define DROP(which) offsetof(struct state, drops[ADSB_PLOT_DROP_##which])

static const struct format_count counts[] = {
	{ FORMAT_RECORDS, "records", "messages decoded", STAT(messages) },
	{ FORMAT_COUNT, "positions", "positions believed", TABLE(positions) },
	{ FORMAT_COUNT, "half_positions", "positions without their other half or its reference", TABLE(unpaired) },
	{ FORMAT_COUNT, "implausible", "positions out of an aircraft's reach", TABLE(implausible) },
	{ FORMAT_COUNT, "unknown_address", "replies of addresses not heard lately", TABLE(unknown) },
	{ FORMAT_COUNT, "evicted", "aircraft forgotten to make room", TABLE(evicted) },
	{ FORMAT_COUNT, "unsupported_type", "squitters of a type we do not decode", STAT(unsupported) },
	{ FORMAT_COUNT, "mode_ac", "Mode A/C replies", STAT(modeac) },
	{ FORMAT_COUNT, "receiver_status", "receivers' own messages", STAT(others) },
	{ FORMAT_PLOTTING, "adsb_messages", "messages that became plots", DROP(NONE) },
	{ FORMAT_PLOTTING, "no_target", "messages that tell no place", DROP(KIND) },
	{ FORMAT_PLOTTING, "unknown_sender", "replies that became no plot", DROP(UNKNOWN) },
	{ FORMAT_PLOTTING, "no_position", "positions not complete or not believed", DROP(POSITION) },
	{ FORMAT_PLOTTING, "no_accuracy", "positions of unknown accuracy", DROP(ACCURACY) },
	{ FORMAT_FAULT, "garbage", "bytes that begin no message", FAULT(GARBAGE) },
	{ FORMAT_FAULT, "truncated", "messages without their end", FAULT(TRUNCATED) },
	{ FORMAT_FAULT, "bad_kind", "Beast messages of an unknown kind", FAULT(KIND) },
	{ FORMAT_FAULT, "bad_format", "text that is no frame", FAULT(TEXT) },
	{ FORMAT_FAULT, "bad_line", "BaseStation lines with impossible fields", FAULT(SBS) },
	{ FORMAT_FAULT, "bad_length", "frames too short or long for their format", FAULT(LENGTH) },
	{ FORMAT_FAULT, "bad_parity", "squitters with wrong parity", FAULT(PARITY) },
	{ FORMAT_FAULT, "bad_type", "frames of formats not assigned", FAULT(DF) },
};

static int init(void *state, const struct format_options *options)
{
	(void)state, (void)options;
	return 0;
}

static void reset(void *state)
{
	adsb_aircraft_forget_halves(&((struct state *)state)->adsb.table);
}

static void run(void *state, const struct format_bytes *b, const struct adsb_cpr_point *site, adsb_sink sink, struct pass *pass)
{
	pass->state = state;
	adsb_decode(&pass->state->adsb, b->data, b->size, b->recv_ns, site, sink, pass);
}

static void take_json(void *user, const struct adsb_message *m, const struct adsb_aircraft *a)
{
	const struct format_lines *out = ((struct pass *)user)->lines;
	struct jot j;

	(void)a;
	out->begin(out->user, &j);
	adsb_json_put(&j, m);
	out->end(out->user, &j);
}

static void json(void *state, const struct format_bytes *b, const struct format_lines *out)
{
	run(state, b, NULL, take_json, &(struct pass){ .lines = out });
}

static void take_hash(void *user, const struct adsb_message *m, const struct adsb_aircraft *a)
{
	struct pass *p = user;

	(void)a;
	p->hash = adsb_message_hash(m, p->hash);
}

static uint64_t hash(void *state, const struct format_bytes *b, uint64_t seed)
{
	struct pass pass = { .hash = seed };

	run(state, b, NULL, take_hash, &pass);
	return pass.hash;
}

static void take_plots(void *user, const struct adsb_message *m, const struct adsb_aircraft *a)
{
	struct pass *p = user;
	struct plot plots[ADSB_PLOT_MAX];
	enum adsb_plot_drop drop;
	unsigned n = adsb_plot(m, a, p->plotting, plots, &drop);

	for (unsigned i = 0; i < n; i++)
		p->plots->emit(p->plots->user, &plots[i]);
	p->state->drops[n ? ADSB_PLOT_DROP_NONE : drop]++;
}

static void plots(void *state, const struct format_bytes *b, const struct plotting *plotting, const struct format_plots *out)
{
	const struct site *s = plotting->site;
	const struct adsb_cpr_point site = { s->lat_rad / GEO_DEG, s->lon_rad / GEO_DEG };

	run(state, b, &site, take_plots, &(struct pass){ .plots = out, .plotting = plotting });
}

const struct format adsb_format = {
	.name = "adsb",
	.state_size = sizeof(struct state),
	.init = init,
	.reset = reset,
	.json = json,
	.hash = hash,
	.plots = plots,
	.cut = adsb_cut,
	.is = adsb_framing_begins,
	.counts = counts,
	.n_counts = sizeof(counts) / sizeof(counts[0]),
};
