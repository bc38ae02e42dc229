#include "sensor/decode/asterix/asterix_format.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sensor/decode/asterix/asterix.h"
#include "sensor/decode/asterix/asterix_hash.h"
#include "sensor/decode/asterix/asterix_json.h"
#include "sensor/decode/asterix/asterix_oradis.h"
#include "sensor/decode/asterix/asterix_plot.h"
#include "sensor/decode/asterix/asterix_profile.h"
#include "sensor/decode/asterix/asterix_time.h"

struct state {
	struct asterix_profile profile;
	struct asterix_time time;
	struct asterix_stats stats;
	uint64_t drops[_ASTERIX_PLOT_DROP_MAX]; /* [NONE]: records that became plots */
	uint64_t time_of_day;
};

/* One pass over some bytes. */
struct pass {
	struct state *state;
	const struct format_bytes *bytes;
	const struct format_lines *lines;
	const struct format_plots *plots;
	const struct plotting *plotting;
	uint64_t hash;
};

#define STAT(member) offsetof(struct state, stats.member)
#define FAULT(which) offsetof(struct state, stats.faults[ASTERIX_FAULT_##which])
#define DROP(which) offsetof(struct state, drops[ASTERIX_PLOT_DROP_##which])

static const struct format_count counts[] = {
	{ FORMAT_RECORDS, "records", "records decoded", STAT(records) },
	{ FORMAT_COUNT, "blocks", "ASTERIX blocks", STAT(blocks) },
	{ FORMAT_COUNT, "trailing_bytes", "bytes behind the last block", STAT(trailing_bytes) },
	{ FORMAT_PLOTTING, "time_of_day", "times of day too far from the receive time", offsetof(struct state, time_of_day) },
	{ FORMAT_PLOTTING, "asterix_records", "records that became plots", DROP(NONE) },
	{ FORMAT_PLOTTING, "service", "other service messages", DROP(KIND) },
	{ FORMAT_PLOTTING, "other_source", "records of another SAC/SIC", DROP(SOURCE) },
	{ FORMAT_PLOTTING, "no_position", "records without a measured position", DROP(POSITION) },
	{ FORMAT_PLOTTING, "no_detection", "extrapolated, not measured", DROP(COAST) },
	{ FORMAT_PLOTTING, "test_target", "simulated or test targets", DROP(TEST) },
	{ FORMAT_FAULT, "bad_block", "datagrams that begin with no block", FAULT(BLOCK) },
	{ FORMAT_FAULT, "unknown_category", "blocks of other categories", FAULT(CATEGORY) },
	{ FORMAT_FAULT, "bad_fspec", "records with a broken FSPEC", FAULT(FSPEC) },
	{ FORMAT_FAULT, "unknown_item", "records with items not in the profile", FAULT(ITEM) },
	{ FORMAT_FAULT, "truncated", "records that run past their block", FAULT(TRUNCATED) },
	{ FORMAT_FAULT, "bad_length", "explicit items of length 0", FAULT(LENGTH) },
};

static int init(void *state, const struct format_options *options)
{
	char why[ASTERIX_PROFILE_TEXT_MAX];
	struct state *s = state;
	int r = 0;

	s->profile = asterix_profile_newest;
	for (unsigned i = 0; i < options->n_editions && r == 0; i++)
		r = asterix_profile_set(&s->profile, options->editions[i].cat, options->editions[i].edition, why);
	return r;
}

static void explain(const struct format_options *options, char *ret_why, size_t size)
{
	struct asterix_profile p = asterix_profile_newest;
	char why[ASTERIX_PROFILE_TEXT_MAX];

	for (unsigned i = 0; i < options->n_editions; i++)
		if (asterix_profile_set(&p, options->editions[i].cat, options->editions[i].edition, why) < 0) {
			snprintf(ret_why, size, "no such edition: %s", why);
			return;
		}
}

static void run(void *state, const struct format_bytes *b, asterix_sink sink, struct pass *pass)
{
	pass->state = state;
	pass->bytes = b;

	const struct asterix_profile *profile = &pass->state->profile;
	struct asterix_stats *stats = &pass->state->stats;

	if (!asterix_oradis_is(b->data, b->size)) {
		asterix_decode_as(profile, b->data, b->size, stats, sink, pass);
		return;
	}
	for (size_t at = 0; at < b->size; at += asterix_oradis_size(b->data + at))
		asterix_decode_as(profile, b->data + at + ASTERIX_ORADIS_HEADER,
			asterix_oradis_size(b->data + at) - ASTERIX_ORADIS_HEADER, stats, sink, pass);
}

static void take_json(void *user, const struct asterix_record *r)
{
	const struct pass *p = user;
	struct jot j;

	p->lines->begin(p->lines->user, &j);
	asterix_json_put(&j, r, asterix_time_near(&p->state->time, r, p->bytes->recv_ns));
	p->lines->end(p->lines->user, &j);
}

static void json(void *state, const struct format_bytes *b, const struct format_lines *out)
{
	run(state, b, take_json, &(struct pass){ .lines = out });
}

static void take_hash(void *user, const struct asterix_record *r)
{
	struct pass *p = user;

	p->hash = asterix_hash(r, p->hash);
}

static uint64_t hash(void *state, const struct format_bytes *b, uint64_t seed)
{
	struct pass pass = { .hash = seed };

	run(state, b, take_hash, &pass);
	return pass.hash;
}

static void take_plot(void *user, const struct asterix_record *r)
{
	struct pass *p = user;
	struct plot plot;
	enum asterix_plot_drop drop;
	bool time_of_day_bad = false;

	if (asterix_plot(r, p->plotting, &plot, &drop, &time_of_day_bad)) {
		p->plots->emit(p->plots->user, &plot);
		drop = ASTERIX_PLOT_DROP_NONE;
	}
	p->state->drops[drop]++;
	p->state->time_of_day += time_of_day_bad;
}

static void plots(void *state, const struct format_bytes *b, const struct plotting *plotting, const struct format_plots *out)
{
	run(state, b, take_plot, &(struct pass){ .plots = out, .plotting = plotting });
}

/* Whole blocks by their lengths. An impossible length waits for ever: the caller's buffer fills and it starts again. */
static size_t cut(const uint8_t *data, size_t size)
{
	size_t at = 0;

	while (size - at > 3) {
		size_t length = (size_t)data[at + 1] << 8 | data[at + 2];

		if (length <= 3 || length > size - at)
			break;
		at += length;
	}
	return at;
}

/* A block of a category that we know, or blocks in frames. */
static bool is(const uint8_t *data, size_t size)
{
	if (asterix_oradis_is(data, size))
		return true;
	return size > 3 && asterix_profile_newest.of[data[0]] && ((size_t)data[1] << 8 | data[2]) > 3 &&
		((size_t)data[1] << 8 | data[2]) <= size;
}

const struct format asterix_format = {
	.name = "asterix",
	.state_size = sizeof(struct state),
	.init = init,
	.explain = explain,
	.json = json,
	.hash = hash,
	.plots = plots,
	.cut = cut,
	.is = is,
	.counts = counts,
	.n_counts = sizeof(counts) / sizeof(counts[0]),
};
