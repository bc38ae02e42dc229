#include "cli/explain_source.h"

#include "cli/scenario.h"
#include "common/wire.h"
#include "fusion/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A plot's time may be so much ahead of the row's, and a decision so much behind the plot's: the widest Window= and a tick. */
#define AHEAD_NS INT64_C(10000000000)
#define BEHIND_NS INT64_C(70000000000)

int explain_source_ring(const char *path, const struct explain_listener *l, struct explain_found *ret_f)
{
	struct explain_reader *reader = NULL;
	struct explain_ring_info info;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	int r = explain_ring_read(fd, &reader);
	if (r == 0)
		r = explain_ring_each(reader, l->note, l->user);
	if (r == 0)
		r = explain_ring_cards(reader, l->card, l->user);
	if (r == 0) {
		explain_ring_about(reader, &info);
		*ret_f = (struct explain_found){
			.epoch = info.epoch, .oldest_ns = info.oldest_ns, .newest_ns = info.newest_ns
		};
		memcpy(ret_f->origin, info.origin, sizeof(ret_f->origin));
	}
	explain_ring_done(reader);
	(void)close(fd);
	return r;
}

/* --- what is worked out anew --- */

struct again {
	struct explain_listener l;
	struct explain_found found;
	struct engine *engine;
	int64_t to_ns;
};

static void on_note(void *user, const struct explain_note *note)
{
	struct again *a = user;
	struct explain_note rounded = *note;

	if (note->time_ns < a->found.oldest_ns)
		a->found.oldest_ns = note->time_ns;
	if (note->time_ns > a->found.newest_ns)
		a->found.newest_ns = note->time_ns;
	if (!note->birth)
		return;
	explain_ring_round(&rounded);
	a->l.note(a->l.user, &rounded);
}

static void on_version(struct again *a, const struct track *track)
{
	struct explain_card card;

	memcpy(a->found.origin, track->id.origin, sizeof(a->found.origin));
	a->found.epoch = track->id.epoch;
	explain_ring_card(track, &card);
	a->l.card(a->l.user, &card);
}

static void engine_note(void *user, uint64_t jseq, const struct explain_note *note)
{
	(void)jseq;
	on_note(user, note);
}

static void engine_version(void *user, uint64_t jseq, const struct track *track)
{
	(void)jseq;
	on_version(user, track);
}

static void engine_track(void *user, uint64_t jseq, const void *data, size_t size)
{
	(void)user;
	(void)jseq;
	(void)data;
	(void)size;
}

static int on_state(void *user, const void *data, size_t size)
{
	struct again *a = user;
	int r = engine_load(a->engine, data, size);

	a->found.other_build += r == -ESTALE;
	return r == -ESTALE ? 0 : r;
}

static int on_row(void *user, const struct journal_row *row)
{
	struct again *a = user;

	if (row->recv_ns > a->to_ns)
		return 1;
	return engine_apply(a->engine, row);
}

int explain_source_journal(
	const char *dir, int64_t from_ns, int64_t to_ns, const struct explain_listener *l, struct explain_found *ret_f)
{
	static const struct engine_ops ops = { .track = engine_track, .explain = engine_note, .version = engine_version };
	struct again a = { .l = *l, .found = { .oldest_ns = INT64_MAX }, .to_ns = INT64_MAX };
	char path[4128];
	struct stat st;

	if (to_ns < INT64_MAX - BEHIND_NS)
		a.to_ns = to_ns + BEHIND_NS;
	if (from_ns > INT64_MIN + AHEAD_NS)
		from_ns -= AHEAD_NS;
	snprintf(path, sizeof(path), "%s/journal", dir);
	int r = engine_new(&ops, &a, &a.engine);
	if (r == 0)
		r = journal_read_since(stat(path, &st) == 0 ? path : dir, from_ns, on_state, on_row, &a);
	if (a.engine)
		a.found.other_build += engine_count(a.engine, ENGINE_FOREIGN);
	engine_free(a.engine);
	if (r < 0)
		return r;
	*ret_f = a.found;
	return 0;
}

static void tracker_version(void *user, const struct track *track)
{
	on_version(user, track);
}

int explain_source_scenario(
	const char *dir, const struct explain_listener *l, struct explain_found *ret_f, char *ret_error, size_t error_size)
{
	struct again a = { .l = *l, .found = { .oldest_ns = INT64_MAX } };
	struct tracker_config config;
	struct scenario_stats stats;
	struct tracker *t = NULL;
	struct scenario s;
	int r = scenario_load(dir, &s, ret_error, error_size);

	if (r < 0)
		return r;
	for (size_t i = 0; i < s.n_rows; i++)
		s.rows[i].input.row = (uint32_t)i + 1;
	scenario_config(&s, &config);
	r = tracker_new(&config, tracker_version, &a, &t);
	if (r == 0)
		r = tracker_explain(t, on_note, &a);
	if (r == 0)
		r = scenario_run(&s, t, NULL, NULL, NULL, &stats);
	if (r < 0)
		snprintf(ret_error, error_size, "%s: %s", dir, strerror(-r));
	tracker_free(t);
	scenario_done(&s);
	*ret_f = a.found;
	return r;
}
