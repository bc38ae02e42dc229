#include "sensor/decode/nmea/nmea_format.h"

#include "sensor/decode/nmea/nmea.h"
#include "sensor/decode/nmea/nmea_json.h"
#include "sensor/decode/nmea/nmea_plot.h"

struct state {
	struct nmea nmea;
	struct nmea_own own;
	uint64_t drops[_NMEA_PLOT_DROP_MAX]; /* [NONE]: targets that became plots */
	uint64_t times_bad;
};

/* One pass over some bytes. */
struct pass {
	struct state *state;
	const struct format_lines *lines;
	const struct format_plots *plots;
	const struct plotting *plotting;
	uint64_t hash;
};

#define STAT(member) offsetof(struct state, nmea.stats.member)
#define LINES(member) offsetof(struct state, nmea.lines.member)
#define FAULT(which) offsetof(struct state, nmea.stats.faults[NMEA_FAULT_##which])
#define DROP(which) offsetof(struct state, drops[NMEA_PLOT_DROP_##which])

static const struct format_count counts[] = {
	{ FORMAT_RECORDS, "records", "sentences decoded", STAT(messages) },
	{ FORMAT_COUNT, "sentences", "whole sentences of any kind", STAT(sentences) },
	{ FORMAT_COUNT, "ais_sentences", "AIS sentences, left to a feed of that format", STAT(ais) },
	{ FORMAT_COUNT, "other_sentences", "sentences we do not decode, and comments", STAT(others) },
	{ FORMAT_COUNT, "frames", "datagrams of IEC 61162-450", STAT(frames) },
	{ FORMAT_COUNT, "other_frames", "datagrams of IEC 61162-450 that carry no sentences", STAT(other_frames) },
	{ FORMAT_COUNT, "extra_fields", "fields behind a sentence's last", STAT(extra_fields) },
	{ FORMAT_COUNT, "missing_fields", "fields at a sentence's end that were not sent", STAT(missing_fields) },
	{ FORMAT_COUNT, "lines_lost", "lines missing by their sources' counters", LINES(lost) },
	{ FORMAT_COUNT, "lines_late", "lines out of order or sent twice", LINES(late) },
	{ FORMAT_COUNT, "line_restarts", "line counters that started again", LINES(restarts) },
	{ FORMAT_PLOTTING, "time_of_day", "times of day too far from the receive time", offsetof(struct state, times_bad) },
	{ FORMAT_PLOTTING, "radar_targets", "targets that became plots", DROP(NONE) },
	{ FORMAT_PLOTTING, "no_target", "sentences that are about no target", DROP(KIND) },
	{ FORMAT_PLOTTING, "no_position", "targets without number, range or bearing", DROP(POSITION) },
	{ FORMAT_PLOTTING, "lost_target", "targets that the radar has lost", DROP(LOST) },
	{ FORMAT_PLOTTING, "test_target", "test targets", DROP(TEST) },
	{ FORMAT_PLOTTING, "no_heading", "relative bearings without a fresh heading", DROP(HEADING) },
	{ FORMAT_PLOTTING, "no_own_position", "targets of a ship without a fresh position", DROP(OWN) },
	{ FORMAT_FAULT, "garbage", "lines that are no sentence", FAULT(GARBAGE) },
	{ FORMAT_FAULT, "truncated", "sentences without their end", FAULT(TRUNCATED) },
	{ FORMAT_FAULT, "bad_checksum", "sentences with a wrong checksum", FAULT(CHECKSUM) },
	{ FORMAT_FAULT, "bad_field", "fields that are not what their sentence says", FAULT(FIELD) },
	{ FORMAT_FAULT, "bad_armour", "payloads with illegal characters", FAULT(ARMOUR) },
	{ FORMAT_FAULT, "bad_length", "payloads that do not end with a target", FAULT(LENGTH) },
	{ FORMAT_FAULT, "bad_tag_checksum", "tag blocks dropped", FAULT(TAG) },
};

static int init(void *state, const struct format_options *options)
{
	(void)state;
	(void)options;
	return 0;
}

static void reset(void *state)
{
	struct state *s = state;

	nmea_lines_reset(&s->nmea.lines);
	s->own = (struct nmea_own){ 0 };
}

static void run(void *state, const struct format_bytes *b, nmea_sink sink, struct pass *pass)
{
	pass->state = state;
	nmea_decode(&pass->state->nmea, (const char *)b->data, b->size, b->source, sink, pass);
}

static void take_json(void *user, const struct nmea_message *m)
{
	const struct format_lines *out = ((struct pass *)user)->lines;
	struct jot j;

	out->begin(out->user, &j);
	nmea_json_put(&j, m);
	out->end(out->user, &j);
}

static void json(void *state, const struct format_bytes *b, const struct format_lines *out)
{
	run(state, b, take_json, &(struct pass){ .lines = out });
}

static void take_hash(void *user, const struct nmea_message *m)
{
	struct pass *p = user;

	p->hash = nmea_message_hash(m, p->hash);
}

static uint64_t hash(void *state, const struct format_bytes *b, uint64_t seed)
{
	struct pass pass = { .hash = seed };

	run(state, b, take_hash, &pass);
	return pass.hash;
}

static void take_plots(void *user, const struct nmea_message *m)
{
	struct pass *p = user;
	struct plot plots[NMEA_PLOT_MAX];

	nmea_own_take(&p->state->own, m, p->plotting->recv_ns);

	unsigned n = nmea_plot(m, &p->state->own, p->plotting, plots, p->state->drops, &p->state->times_bad);

	for (unsigned i = 0; i < n; i++)
		p->plots->emit(p->plots->user, &plots[i]);
}

static void plots(void *state, const struct format_bytes *b, const struct plotting *plotting, const struct format_plots *out)
{
	run(state, b, take_plots, &(struct pass){ .plots = out, .plotting = plotting });
}

static bool is(const uint8_t *data, size_t size)
{
	return nmea_is((const char *)data, size);
}

const struct format nmea_format = {
	.name = "nmea",
	.state_size = sizeof(struct state),
	.init = init,
	.reset = reset,
	.json = json,
	.hash = hash,
	.plots = plots,
	.cut = format_cut_lines,
	.is = is,
	.counts = counts,
	.n_counts = sizeof(counts) / sizeof(counts[0]),
};
