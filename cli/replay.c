/* replay - a journal through the tracker again; with --verify every published track is compared
 * byte for byte. */
#include "cli/verbs.h"
#include "common/wire.h"
#include "fusion/engine.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define USAGE "usage: vedette replay JOURNAL [--verify] [--threads N]\n"

struct replay {
	struct engine *engine;
	bool verify;
	sqlite3 *db; /* the track log, read beside its writer */
	sqlite3_stmt *next;
	uint64_t published; /* jseq up to which the log had outputs when it was opened */
	int64_t head;       /* and its last record then: its writer may go on */
	uint64_t rows, late, compared;
	uint64_t after; /* outputs of rows the log had not reached */
	uint64_t first_difference;
	bool from_state;
};

/* A named pair of the ship log; 0 when it is not there. */
static uint64_t log_mark(sqlite3 *db, const char *name)
{
	sqlite3_stmt *s = NULL;
	uint64_t v = 0;

	if (sqlite3_prepare_v2(db, "SELECT a FROM mark WHERE name = ?1", -1, &s, NULL) ==
			SQLITE_OK &&
		sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW)
		v = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return v;
}

static int64_t log_head(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	int64_t v = 0;

	if (sqlite3_prepare_v2(db, "SELECT max(seq) FROM log", -1, &s, NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW)
		v = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return v;
}

static int rewind_log(struct replay *r, const char *what, uint64_t jseq)
{
	char name[48];

	snprintf(name, sizeof(name), "%s.%" PRIu64, what, jseq);
	sqlite3_finalize(r->next);
	r->next = NULL;
	if (sqlite3_prepare_v2(r->db,
		    "SELECT data FROM log WHERE seq > ?1 AND seq <= ?2 ORDER BY seq", -1, &r->next,
		    NULL) != SQLITE_OK)
		return -EIO;
	sqlite3_bind_int64(r->next, 1, (int64_t)log_mark(r->db, name));
	sqlite3_bind_int64(r->next, 2, r->head);
	return 0;
}

static int open_log(struct replay *r, const char *dir, uint64_t tail)
{
	char path[4160];

	snprintf(path, sizeof(path), "%s/tracks.db", dir);
	if (sqlite3_open_v2(path, &r->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		return -ENOENT;
	sqlite3_busy_timeout(r->db, 2000);
	/* One look: the mark and the head belong together, whatever its writer does meanwhile. */
	if (sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return -EIO;
	r->published = log_mark(r->db, "jseq");
	r->head = log_head(r->db);
	sqlite3_exec(r->db, "END", NULL, NULL, NULL);
	return rewind_log(r, "slice", tail);
}

static void on_track(void *user, uint64_t jseq, const void *data, size_t size)
{
	struct replay *r = user;

	if (!r->verify || r->first_difference)
		return;
	if (jseq > r->published) {
		r->after++;
		return;
	}
	if (sqlite3_step(r->next) != SQLITE_ROW ||
		(size_t)sqlite3_column_bytes(r->next, 0) != size ||
		memcmp(sqlite3_column_blob(r->next, 0), data, size))
		r->first_difference = jseq;
	else
		r->compared++;
}

static int on_row(void *user, const struct journal_row *row)
{
	struct replay *r = user;

	r->rows++;
	r->late += row->late;
	if (r->verify && row->kind == WIRE_CONFIG && !engine_tracker(r->engine) && r->rows > 1) {
		int e = rewind_log(r, "config", row->jseq);
		if (e < 0)
			return e;
	}
	int e = engine_apply(r->engine, row);
	return r->first_difference ? 1 : e;
}

static int on_state(void *user, const void *data, size_t size)
{
	struct replay *r = user;
	int e = engine_load(r->engine, data, size);

	r->from_state = e == 0;
	return e == -ESTALE ? 0 : e;
}

/* The folder given is fusion's state directory, or the journal in it. */
static void find(const char *given, char *ret_state, char *ret_journal, size_t size)
{
	struct stat st;

	snprintf(ret_state, size, "%s", given);
	snprintf(ret_journal, size, "%s/journal", given);
	if (stat(ret_journal, &st) == 0)
		return;
	snprintf(ret_journal, size, "%s", given);
	snprintf(ret_state, size, "%s/..", given);
}

static int first_row(void *user, const struct journal_row *row)
{
	*(uint64_t *)user = row->jseq;
	return 1;
}

static int finish(struct replay *r, int e)
{
	uint64_t left = 0, foreign = engine_count(r->engine, ENGINE_FOREIGN);

	/* Published but never given by the replay. */
	while (e == 0 && r->verify && !foreign && sqlite3_step(r->next) == SQLITE_ROW)
		left++;
	printf("{\"rows\":%" PRIu64 ",\"late\":%" PRIu64 ",\"bad\":%" PRIu64 ",\"ticks\":%" PRIu64
	       ",\"tracks\":%" PRIu64 ",\"other_build\":%" PRIu64 ",\"skipped\":%" PRIu64
	       ",\"from_state\":%s",
		r->rows, r->late, engine_count(r->engine, ENGINE_BAD),
		engine_count(r->engine, ENGINE_TICKS), engine_count(r->engine, ENGINE_TRACKS),
		foreign, engine_count(r->engine, ENGINE_SKIPPED), r->from_state ? "true" : "false");
	if (r->verify)
		printf(",\"compared\":%" PRIu64 ",\"equal\":%s,\"not_yet_published\":%" PRIu64,
			r->compared, r->first_difference || left ? "false" : "true", r->after);
	printf("}\n");
	if (r->first_difference)
		fprintf(stderr,
			"vedette replay: row %" PRIu64 " gives another track than was published\n",
			r->first_difference);
	else if (left)
		fprintf(stderr,
			"vedette replay: %" PRIu64 " published versions that no row gives\n", left);
	else if (e < 0)
		fprintf(stderr, "vedette replay: %s\n", strerror(-e));
	else if (r->verify && foreign && !r->compared)
		fprintf(stderr,
			"vedette replay: this journal is another build's; verify it with that build\n");
	return e || left || (r->verify && foreign && !r->compared) ? 1 : 0;
}

static int run(const char *given, bool verify, unsigned threads)
{
	static const struct engine_ops ops = { .track = on_track };
	struct replay r = { .verify = verify };
	char state[4128], journal[4128];
	uint64_t tail = 0;

	find(given, state, journal, sizeof(state));
	int e = journal_read(journal, 0, NULL, first_row, &tail);
	if (e == 1 || e == 0)
		e = verify ? open_log(&r, state, tail) : 0;
	if (e < 0) {
		fprintf(stderr, "vedette replay: %s: %s\n", given, strerror(-e));
		sqlite3_close(r.db);
		return 1;
	}
	e = engine_new(&ops, &r, &r.engine);
	if (e == 0)
		engine_threads(r.engine, threads);
	if (e == 0)
		e = journal_read(journal, 0, on_state, on_row, &r);
	int code = r.engine ? finish(&r, e) : 1;
	engine_free(r.engine);
	sqlite3_finalize(r.next);
	sqlite3_close(r.db);
	return code;
}

int replay_run(int argc, char **argv)
{
	const char *dir = NULL;
	bool verify = false;
	unsigned threads = 1;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--verify"))
			verify = true;
		else if (!strcmp(argv[i], "--threads") && i + 1 < argc)
			threads = (unsigned)strtoul(argv[++i], NULL, 10);
		else if (argv[i][0] == '-' || dir)
			return fputs(USAGE, stderr), 2;
		else
			dir = argv[i];
	}
	if (!dir)
		return fputs(USAGE, stderr), 2;
	return run(dir, verify, threads);
}
