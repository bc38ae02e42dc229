#include "fusion/store.h"

#include "common/wire.h"
#include "fusion/checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECKPOINT_NS INT64_C(30000000000)
#define REPLAY_COMMIT_ROWS 4096
#define SLICES_KEPT 2 /* whatever the budget */

struct store {
	char dir[4000];
	struct tracker_config config;
	int64_t slice_ns, keep_ns;
	uint64_t max_bytes, dropped;
	struct journal *journal;
	struct engine *engine;
	struct tracklog *log;
	struct explain_ring *ring; /* NULL: nobody asks why */
	int64_t now_ns;  /* of the work going on: stored times */
	int64_t tick_ns; /* last tick */
	int64_t checkpoint_ns, slice_start_ns;
	uint64_t replayed;
	int failed; /* first error of an output */
};

static void note_failure(struct store *s, int r)
{
	if (r < 0 && r != -EILSEQ && !s->failed)
		s->failed = r;
}

static void on_track(void *user, uint64_t jseq, const void *data, size_t size)
{
	struct store *s = user;

	note_failure(s, tracklog_track(s->log, jseq, s->now_ns, data, size));
}

static void on_feed(
	void *user, uint64_t jseq, int64_t recv_ns, uint8_t kind, const void *data, size_t size)
{
	struct store *s = user;

	note_failure(s, tracklog_feed(s->log, jseq, s->now_ns, kind, data, size));
}

static void on_explain(void *user, uint64_t jseq, const struct explain_note *note)
{
	explain_ring_note(((struct store *)user)->ring, jseq, note);
}

static void on_version(void *user, uint64_t jseq, const struct track *track)
{
	explain_ring_track(((struct store *)user)->ring, jseq, track);
}

static const struct engine_ops engine_ops = { .track = on_track, .feed = on_feed };
static const struct engine_ops explained_ops = {
	.track = on_track, .feed = on_feed, .explain = on_explain, .version = on_version
};

static uint32_t next_birth(const struct store *s)
{
	struct tracker *t = engine_tracker(s->engine);
	uint32_t published;

	tracklog_published(s->log, &published);
	if (!t || tracker_next_birth(t) < published)
		return published;
	return tracker_next_birth(t);
}

static int commit_log(struct store *s)
{
	if (!s->failed)
		note_failure(s, tracklog_commit(s->log, engine_jseq(s->engine), next_birth(s)));
	return s->failed;
}

static void mark_name(char *buf, size_t size, const char *what, uint64_t jseq)
{
	snprintf(buf, size, "%s.%llu", what, (unsigned long long)jseq);
}

/* Where in the track log the outputs of rows from @jseq on begin. */
static uint64_t position_at(const struct store *s, const char *what, uint64_t jseq)
{
	char name[48];
	uint64_t a, b;

	mark_name(name, sizeof(name), what, jseq);
	return shiplog_get(tracklog_tracks(s->log), name, &a, &b) == 0 ? a : 0;
}

static int mark_position(struct store *s, const char *what, uint64_t jseq)
{
	char name[48];

	mark_name(name, sizeof(name), what, jseq);
	return shiplog_set(tracklog_tracks(s->log), name, tracklog_position(s->log), 0);
}

static void apply(void *user, const struct journal_row *row)
{
	struct store *s = user;
	uint32_t birth;

	/* The rows before were another build's: its outputs are passed over. */
	if (row->kind == WIRE_CONFIG && !engine_tracker(s->engine) &&
		row->jseq <= tracklog_published(s->log, &birth))
		tracklog_rewind(s->log, position_at(s, "config", row->jseq));
	note_failure(s, engine_apply(s->engine, row));
	if (row->kind == WIRE_TICK) {
		s->tick_ns = row->recv_ns;
		if (s->ring)
			explain_ring_commit(s->ring, row->jseq);
	}
}

int store_commit(struct store *s, int64_t now_ns)
{
	s->now_ns = now_ns;
	if (journal_commit(s->journal, apply, s) < 0)
		return 1;
	return commit_log(s);
}

/* --- opening --- */

static int replay_row(void *user, const struct journal_row *row)
{
	struct store *s = user;

	apply(s, row);
	s->replayed++;
	if (s->replayed % REPLAY_COMMIT_ROWS == 0)
		(void)commit_log(s);
	return s->failed;
}

static void path_of(const struct store *s, const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "%s/%s", s->dir, name);
}

/* A new journal is a new history: the old outputs must not be taken for its own. */
static void forget_outputs(const struct store *s)
{
	static const char *const names[] = { "tracks.db", "tracks.db-wal", "tracks.db-shm",
		"feeds.db", "feeds.db-wal", "feeds.db-shm", "checkpoint" };
	char path[4096];

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_of(s, names[i], path, sizeof(path));
		(void)unlink(path);
	}
}

/* Return: true when the engine stands at the checkpoint. */
static bool load_checkpoint(struct store *s)
{
	struct checkpoint_mark mark;
	char path[4096];
	void *state = NULL;
	size_t size;

	path_of(s, "checkpoint", path, sizeof(path));
	if (checkpoint_read(path, &mark, &state, &size) < 0)
		return false;
	bool ok = mark.jseq <= journal_head(s->journal) &&
		  mark.jseq + 1 >= journal_tail(s->journal) &&
		  engine_load(s->engine, state, size) == 0;
	free(state);
	if (!ok)
		return false;
	if (mark.tracks_epoch == shiplog_epoch(tracklog_tracks(s->log)))
		tracklog_rewind(s->log, mark.tracks_seq);
	else
		tracker_republish(engine_tracker(s->engine));
	return true;
}

static int load_slice_state(void *user, const void *data, size_t size)
{
	struct store *s = user;

	/* Of another build: rows before the next configuration row are passed over. */
	(void)engine_load(s->engine, data, size);
	return 0;
}

static int write_config(struct store *s, int64_t now_ns)
{
	uint8_t buf[1024];
	ssize_t n = engine_config(buf, sizeof(buf), &s->config, next_birth(s));

	if (n < 0)
		return (int)n;
	struct journal_row row = { .recv_ns = now_ns,
		.origin = "",
		.lane = "",
		.kind = WIRE_CONFIG,
		.data = buf,
		.size = (size_t)n };
	int r = mark_position(s, "config", journal_head(s->journal) + 1);
	if (r == 0)
		r = journal_append(s->journal, &row);
	if (r == 0)
		r = store_commit(s, now_ns);
	return r > 0 ? -EIO : r;
}

static int replay(struct store *s, struct store_report *report)
{
	char path[4096];

	path_of(s, "journal", path, sizeof(path));
	report->from_checkpoint = load_checkpoint(s);
	report->from = report->from_checkpoint ? engine_jseq(s->engine) + 1 : 0;
	if (!report->from_checkpoint)
		tracklog_rewind(s->log, position_at(s, "slice", journal_tail(s->journal)));
	int r = journal_read(path, report->from, load_slice_state, replay_row, s);
	if (r == 0)
		r = commit_log(s);
	struct tracker *t = engine_tracker(s->engine);
	if (t)
		s->tick_ns = tracker_now(t);
	else
		tracklog_rewind(s->log, shiplog_head(tracklog_tracks(s->log)));
	report->rows = s->replayed;
	report->differences = tracklog_differences(s->log);
	return r;
}

static int open_ring(struct store *s, const struct store_explain *e)
{
	if (!e || !e->bytes || !e->path[0])
		return 0;
	return explain_ring_open(e->path, e->bytes, s->config.origin, s->config.epoch, &s->ring);
}

int store_open(const char *dir, const struct tracker_config *config, int64_t slice_ns,
	int64_t keep_ns, int64_t now_ns, struct store **ret_s, struct store_report *ret_report)
{
	return store_open_explained(dir, config, slice_ns, keep_ns, NULL, now_ns, ret_s, ret_report);
}

int store_open_explained(const char *dir, const struct tracker_config *config, int64_t slice_ns, int64_t keep_ns,
	const struct store_explain *explain, int64_t now_ns, struct store **ret_s, struct store_report *ret_report)
{
	struct store *s = calloc(1, sizeof(*s));
	struct store_report report = { 0 };
	char path[4096];

	if (!s)
		return -ENOMEM;
	if (strlen(dir) >= sizeof(s->dir)) {
		free(s);
		return -ENAMETOOLONG;
	}
	snprintf(s->dir, sizeof(s->dir), "%s", dir);
	s->config = *config;
	s->slice_ns = slice_ns;
	s->keep_ns = keep_ns;
	s->now_ns = s->checkpoint_ns = s->slice_start_ns = now_ns;

	path_of(s, "journal", path, sizeof(path));
	int r = journal_open(path, now_ns, &s->journal);
	if (r == 0) {
		report.fresh = journal_head(s->journal) == 0;
		if (report.fresh)
			forget_outputs(s);
		s->config.epoch = journal_epoch(s->journal);
		report.explain_error = open_ring(s, explain);
		r = tracklog_open(dir, now_ns, &s->log);
	}
	if (r == 0)
		r = engine_new(s->ring ? &explained_ops : &engine_ops, s, &s->engine);
	if (r == 0) {
		engine_threads(s->engine, config->threads);
		r = replay(s, &report);
	}
	if (r == 0 && !engine_is(s->engine, &s->config)) {
		report.restarted = !report.fresh;
		r = write_config(s, now_ns);
	}
	if (r < 0) {
		store_close(s, false);
		return r;
	}
	*ret_s = s;
	*ret_report = report;
	return 0;
}

/* --- running --- */

static int write_checkpoint(struct store *s)
{
	struct checkpoint_mark mark = { engine_jseq(s->engine),
		shiplog_epoch(tracklog_tracks(s->log)), tracklog_position(s->log) };
	char path[4096];
	void *state;
	size_t size;
	int r = engine_save(s->engine, &state, &size);

	if (r < 0 || !state)
		return r;
	path_of(s, "checkpoint", path, sizeof(path));
	r = checkpoint_write(path, &mark, state, size);
	free(state);
	return r;
}

static int mark_feeds(struct store *s, uint64_t jseq)
{
	char name[48];

	mark_name(name, sizeof(name), "feeds", jseq);
	return shiplog_set(tracklog_tracks(s->log), name, shiplog_head(tracklog_feeds(s->log)), 0);
}

static int drop_slices(struct store *s, unsigned keep)
{
	uint64_t before = journal_tail(s->journal), tail;
	int r = journal_trim(s->journal, keep, &tail);

	if (r || tail == before)
		return r;
	r = shiplog_trim(tracklog_tracks(s->log), position_at(s, "slice", tail));
	/* A site is told once by a feed that runs for years: a hub that begins anew must find it. */
	return r ? r : shiplog_thin(tracklog_feeds(s->log), position_at(s, "feeds", tail), WIRE_SITE);
}

/* A new slice starts with the state; the oldest go when there are more than are to be kept, and
 * their outputs with them. */
static int turn_slice(struct store *s, int64_t now_ns)
{
	unsigned keep = (unsigned)(s->keep_ns / s->slice_ns) + 1;
	void *state;
	size_t size;
	int r = engine_save(s->engine, &state, &size);

	if (r < 0)
		return r;
	s->slice_start_ns = now_ns;
	r = mark_position(s, "slice", journal_head(s->journal) + 1);
	if (r == 0)
		r = mark_feeds(s, journal_head(s->journal) + 1);
	if (r == 0)
		r = journal_slice(s->journal, state, size);
	free(state);
	return r ? r : drop_slices(s, keep);
}

/* Keep= does not know how much comes in an hour. Slices of a busy sea may have to be shorter to be dropped at all. */
static void keep_budget(struct store *s, int64_t now_ns)
{
	if (!s->max_bytes || store_bytes(s) <= s->max_bytes)
		return;
	if (journal_slices(s->journal) < SLICES_KEPT + 1)
		(void)turn_slice(s, now_ns);
	while (journal_slices(s->journal) > SLICES_KEPT && store_bytes(s) > s->max_bytes) {
		if (drop_slices(s, journal_slices(s->journal) - 1) < 0)
			return;
		s->dropped++;
	}
}

void store_budget(struct store *s, uint64_t max_bytes)
{
	s->max_bytes = max_bytes;
}

uint64_t store_bytes(const struct store *s)
{
	return journal_bytes(s->journal) + shiplog_bytes(tracklog_tracks(s->log)) +
	       shiplog_bytes(tracklog_feeds(s->log));
}

uint64_t store_dropped(const struct store *s)
{
	return s->dropped;
}

int store_tick(struct store *s, int64_t now_ns)
{
	struct journal_row row = { .recv_ns = now_ns, .origin = "", .lane = "", .kind = WIRE_TICK };
	int r = journal_append(s->journal, &row);

	if (r == -ENOBUFS) {
		r = store_commit(s, now_ns);
		if (r == 0)
			r = journal_append(s->journal, &row);
	}
	if (r == 0)
		r = store_commit(s, now_ns);
	if (r)
		return r;
	if (now_ns - s->slice_start_ns >= s->slice_ns)
		(void)turn_slice(s, now_ns);
	if (now_ns - s->checkpoint_ns >= CHECKPOINT_NS) {
		s->checkpoint_ns = now_ns;
		(void)write_checkpoint(s);
		keep_budget(s, now_ns);
	}
	return 0;
}

int store_row(struct store *s, const struct journal_row *row, int64_t now_ns)
{
	int r = journal_append(s->journal, row);

	if (r != -ENOBUFS)
		return r;
	r = store_commit(s, now_ns);
	return r ? (r > 0 ? -ENOSPC : r) : journal_append(s->journal, row);
}

bool store_late(const struct store *s, int64_t time_ns)
{
	return s->tick_ns && time_ns < s->tick_ns - s->config.window_ns;
}

int store_renew(struct store *s, uint64_t above, int64_t now_ns)
{
	char path[4096];
	int r = store_commit(s, now_ns);

	/* It knows the track log by its epoch. Without it the slice is replayed. */
	path_of(s, "checkpoint", path, sizeof(path));
	(void)unlink(path);
	if (r == 0)
		r = tracklog_renew(s->log, above, now_ns);
	if (r == 0)
		r = journal_renew(s->journal, now_ns);
	return r > 0 ? -EIO : r;
}

void store_close(struct store *s, bool checkpoint)
{
	if (!s)
		return;
	if (checkpoint && !s->failed && !journal_waiting(s->journal))
		(void)write_checkpoint(s);
	engine_free(s->engine);
	explain_ring_close(s->ring);
	tracklog_close(s->log);
	journal_close(s->journal);
	free(s);
}

struct journal *store_journal(struct store *s)
{
	return s->journal;
}

struct engine *store_engine(struct store *s)
{
	return s->engine;
}

struct tracklog *store_log(struct store *s)
{
	return s->log;
}
