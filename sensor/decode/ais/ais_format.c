#include "sensor/decode/ais/ais_format.h"

#include <string.h>

#include "sensor/decode/ais/ais.h"
#include "sensor/decode/ais/ais_json.h"
#include "sensor/decode/ais/ais_plot.h"

struct state {
	struct ais ais;
	uint64_t drops[_AIS_PLOT_DROP_MAX]; /* [NONE]: messages that became plots */
};

/* One pass over some bytes. */
struct pass {
	struct state *state;
	const struct format_lines *lines;
	const struct format_plots *plots;
	const struct plotting *plotting;
	uint64_t hash;
};

#define STAT(member) offsetof(struct state, ais.stats.member)
#define FAULT(which) offsetof(struct state, ais.stats.faults[AIS_FAULT_##which])
#define DROP(which) offsetof(struct state, drops[AIS_PLOT_DROP_##which])

static const struct format_count counts[] = {
	{ FORMAT_RECORDS, "records", "messages decoded", STAT(messages) },
	{ FORMAT_COUNT, "sentences", "AIS sentences", STAT(sentences) },
	{ FORMAT_COUNT, "other_sentences", "sentences that are not AIS, and comments", STAT(others) },
	{ FORMAT_PLOTTING, "ais_messages", "messages that became plots", DROP(NONE) },
	{ FORMAT_PLOTTING, "no_target", "messages that are about no target", DROP(KIND) },
	{ FORMAT_PLOTTING, "no_position", "reports without a position", DROP(POSITION) },
	{ FORMAT_PLOTTING, "virtual_aid", "virtual aids to navigation", DROP(VIRTUAL) },
	{ FORMAT_FAULT, "garbage", "lines that are no sentence", FAULT(GARBAGE) },
	{ FORMAT_FAULT, "truncated", "sentences without their end", FAULT(TRUNCATED) },
	{ FORMAT_FAULT, "bad_checksum", "sentences with a wrong checksum", FAULT(CHECKSUM) },
	{ FORMAT_FAULT, "bad_format", "sentences with missing fields", FAULT(FORMAT) },
	{ FORMAT_FAULT, "bad_armour", "payloads with illegal characters", FAULT(ARMOUR) },
	{ FORMAT_FAULT, "lost_fragment", "messages never completed", FAULT(FRAGMENT) },
	{ FORMAT_FAULT, "bad_length", "messages too short or long for their type", FAULT(LENGTH) },
	{ FORMAT_FAULT, "bad_type", "messages of type 0 or above 27", FAULT(TYPE) },
	{ FORMAT_FAULT, "bad_tag_checksum", "tag blocks dropped", FAULT(TAG) },
};

static int init(void *state, const struct format_options *options)
{
	struct state *s = state;

	(void)options;
	ais_init(&s->ais);
	return 0;
}

static void reset(void *state)
{
	struct state *s = state;
	struct ais_stats stats = s->ais.stats;

	ais_init(&s->ais);
	s->ais.stats = stats;
}

static void run(void *state, const struct format_bytes *b, ais_sink sink, struct pass *pass)
{
	pass->state = state;
	ais_decode(&pass->state->ais, (const char *)b->data, b->size, b->source, b->recv_ns, sink, pass);
}

static void take_json(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	const struct format_lines *out = ((struct pass *)user)->lines;
	struct jot j;

	(void)s;
	out->begin(out->user, &j);
	ais_json_put(&j, m);
	out->end(out->user, &j);
}

static void json(void *state, const struct format_bytes *b, const struct format_lines *out)
{
	run(state, b, take_json, &(struct pass){ .lines = out });
}

static void take_hash(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	struct pass *p = user;

	(void)s;
	p->hash = ais_message_hash(m, p->hash);
}

static uint64_t hash(void *state, const struct format_bytes *b, uint64_t seed)
{
	struct pass pass = { .hash = seed };

	run(state, b, take_hash, &pass);
	return pass.hash;
}

static void take_plots(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	struct pass *p = user;
	struct plot plots[AIS_PLOT_MAX];
	enum ais_plot_drop drop;
	unsigned n = ais_plot(m, p->plotting, plots, &drop);

	(void)s;
	for (unsigned i = 0; i < n; i++)
		p->plots->emit(p->plots->user, &plots[i]);
	if (n)
		drop = AIS_PLOT_DROP_NONE;
	p->state->drops[drop]++;
}

static void plots(void *state, const struct format_bytes *b, const struct plotting *plotting, const struct format_plots *out)
{
	run(state, b, take_plots, &(struct pass){ .plots = out, .plotting = plotting });
}

/* Text in any code: near the front is no control character but those of lines. */
static bool is(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size && i < 4096; i++)
		if (data[i] < 0x20 && !memchr("\t\r\n", data[i], 3))
			return false;
	return true;
}

const struct format ais_format = {
	.name = "ais",
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
