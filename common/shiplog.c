#include "common/shiplog.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/dberr.h"

/*
 * Tables: log holds the records, mark holds named pairs of numbers. Two marks are ours, ".epoch"
 * and ".head": the head outlives the records, so that a trimmed log goes on counting. Names of
 * callers must not start with a dot.
 *
 * A read never shows what is not committed: a record that a peer acknowledged must not vanish with
 * a rolled back transaction and come back as another one under the same number.
 */
#define APPLICATION_ID 0x76536c31 /* "vSl1", in the file's header; ours to choose */
#define ARENA_FIRST (64u << 10)
#define VACUUM_MIN_PAGES 1024 /* with less than 4 MiB of free pages the file is left as it is */
#define VACUUM_STEP_PAGES 256 /* given back at a time: some ms of work */
#define MARK_EPOCH ".epoch"
#define MARK_HEAD ".head"

enum statement {
	STMT_APPEND,
	STMT_READ,
	STMT_TRIM,
	STMT_THIN,
	STMT_DROP,
	STMT_SET,
	STMT_GET,
	STMT_TAIL,
	_STMT_MAX
};

static const char *const statement_sql[_STMT_MAX] = {
	[STMT_APPEND] = "INSERT INTO log (seq, stored, kind, data) VALUES (?1, ?2, ?3, ?4)",
	[STMT_READ] =
		"SELECT seq, stored, kind, data FROM log WHERE seq > ?1 AND seq <= ?2 ORDER BY seq",
	[STMT_TRIM] = "DELETE FROM log WHERE seq <= ?1",
	[STMT_THIN] = "DELETE FROM log WHERE seq <= ?1 AND kind <> ?2",
	[STMT_DROP] = "DELETE FROM log WHERE seq = ?1",
	[STMT_SET] = "INSERT OR REPLACE INTO mark (name, a, b) VALUES (?1, ?2, ?3)",
	[STMT_GET] = "SELECT a, b FROM mark WHERE name = ?1",
	[STMT_TAIL] = "SELECT min(seq) FROM log",
};

struct shiplog {
	sqlite3 *db;
	int lock_fd; /* holds the flock that makes us the one writer; closed after the database */
	sqlite3_stmt *stmts[_STMT_MAX];
	uint64_t epoch;
	uint64_t head, committed; /* the latter is what readers may see */
	bool open;                /* a transaction */
	uint8_t *arena;           /* data of the last read */
	size_t arena_size;
};

static int exec(sqlite3 *db, const char *sql)
{
	return dberr_of(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

/* The one number a query gives. */
static int query(sqlite3 *db, const char *sql, int64_t *ret_v)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	if (code == SQLITE_ROW)
		*ret_v = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return code == SQLITE_ROW ? 0 : code == SQLITE_DONE ? -ENODATA : dberr_of(db, code);
}

/* Runs a statement that gives no rows and leaves it ready for the next time. */
static int step(struct shiplog *log, enum statement which)
{
	sqlite3_stmt *s = log->stmts[which];
	int r = dberr_of(log->db, sqlite3_step(s));
	(void)sqlite3_reset(s);
	(void)sqlite3_clear_bindings(s);
	return r;
}

static int create(sqlite3 *db, int64_t now_ns)
{
	char sql[512];

	/* The time of creation: greater than that of any file lost before, as long as the clock is
	 * sane. */
	snprintf(sql, sizeof(sql),
		"BEGIN IMMEDIATE; PRAGMA application_id = %d; PRAGMA user_version = 1;"
		"CREATE TABLE log (seq INTEGER PRIMARY KEY, stored INTEGER NOT NULL, kind INTEGER NOT NULL,"
		" data BLOB NOT NULL);"
		"CREATE TABLE mark (name TEXT PRIMARY KEY, a INTEGER NOT NULL, b INTEGER NOT NULL) WITHOUT ROWID;"
		"INSERT INTO mark VALUES ('" MARK_EPOCH "', %lld, 0), ('" MARK_HEAD
		"', 0, 0); COMMIT",
		APPLICATION_ID, (long long)(now_ns / CLOCK_NS_PER_S));
	return exec(db, sql);
}

/* Ours, or empty and so to be made; anything else is refused and left alone. */
static int adopt(sqlite3 *db, int64_t now_ns)
{
	int64_t id = 0, version = 0, tables = 0;
	int r = query(db, "PRAGMA application_id", &id);
	if (!r)
		r = query(db, "PRAGMA user_version", &version);
	if (!r)
		r = query(db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (r)
		return r;
	if (!id && !tables)
		return create(db, now_ns);
	if (id != APPLICATION_ID)
		return -EBADMSG;
	return version == 1 ? 0 : -EPROTONOSUPPORT;
}

static int prepare(struct shiplog *log)
{
	for (enum statement i = 0; i < _STMT_MAX; i++) {
		int code = sqlite3_prepare_v3(log->db, statement_sql[i], -1,
			SQLITE_PREPARE_PERSISTENT, &log->stmts[i], NULL);
		/* A table or column of ours is missing: not our file after all. */
		if (code == SQLITE_ERROR)
			return -EBADMSG;
		if (code != SQLITE_OK)
			return dberr_of(log->db, code);
	}
	return 0;
}

static int load_marks(struct shiplog *log)
{
	uint64_t unused, last = 0;
	int r = shiplog_get(log, MARK_EPOCH, &log->epoch, &unused);
	if (!r)
		r = shiplog_get(log, MARK_HEAD, &log->head, &unused);
	if (r)
		return r == -ENOENT ? -EBADMSG : r;
	r = query(log->db, "SELECT coalesce(max(seq), 0) FROM log", (int64_t *)&last);
	if (r)
		return r;
	/* Both are written in one transaction. */
	if (last > log->head)
		return -EBADMSG;
	log->committed = log->head;
	return 0;
}

static int configure(sqlite3 *db)
{
	/* A reader (vedette replay) may hold a lock for a moment at its start; no writer but us
	 * can. */
	(void)sqlite3_busy_timeout(db, 1000);
	int r = exec(db,
		"PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		"PRAGMA journal_size_limit = 4194304");
	int64_t mode = 0;
	if (!r)
		r = query(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &mode);
	if (!r && !mode)
		r = -EROFS;
	return r;
}

/*
 * One writer, any number of readers: SQLite's own exclusive mode would shut the readers out too.
 * flock() and the POSIX locks SQLite takes do not see each other.
 */
static int lock(struct shiplog *log, const char *path)
{
	log->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (log->lock_fd < 0)
		return -errno;
	if (flock(log->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return 0;
}

static int open_database(struct shiplog *log, const char *path)
{
	int code =
		sqlite3_open_v2(path, &log->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	return dberr_of(log->db, code);
}

int shiplog_open(const char *path, int64_t now_ns, struct shiplog **ret_log)
{
	assert(path);
	assert(ret_log);

	struct shiplog *log = calloc(1, sizeof(*log));
	if (!log)
		return -ENOMEM;
	int r = lock(log, path);
	if (!r)
		r = open_database(log, path);
	if (!r)
		r = configure(log->db);
	if (!r)
		r = adopt(log->db, now_ns);
	if (!r)
		r = prepare(log);
	if (!r)
		r = load_marks(log);
	if (r) {
		shiplog_close(log);
		return r;
	}
	*ret_log = log;
	return 0;
}

void shiplog_close(struct shiplog *log)
{
	if (!log)
		return;
	shiplog_rollback(log);
	for (enum statement i = 0; i < _STMT_MAX; i++)
		sqlite3_finalize(log->stmts[i]);
	(void)sqlite3_close(log->db);
	if (log->lock_fd >= 0)
		(void)close(log->lock_fd);
	free(log->arena);
	free(log);
}

uint64_t shiplog_epoch(const struct shiplog *log)
{
	return log->epoch;
}

uint64_t shiplog_head(const struct shiplog *log)
{
	return log->head;
}

uint64_t shiplog_committed(const struct shiplog *log)
{
	return log->committed;
}

uint64_t shiplog_tail(const struct shiplog *log)
{
	sqlite3_stmt *s = log->stmts[STMT_TAIL];
	uint64_t tail = log->head + 1;
	if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_type(s, 0) == SQLITE_INTEGER)
		tail = (uint64_t)sqlite3_column_int64(s, 0);
	(void)sqlite3_reset(s);
	return tail;
}

int shiplog_begin(struct shiplog *log)
{
	if (log->open)
		return -EALREADY;
	int r = exec(log->db, "BEGIN IMMEDIATE");
	if (r)
		return r;
	log->open = true;
	return 0;
}

int shiplog_append(struct shiplog *log, int64_t stored_ns, uint8_t kind, const void *data,
	size_t size, uint64_t *ret_seq)
{
	assert(data || !size);

	if (!log->open)
		return -EINVAL;
	if (size > SHIP_BATCH_BYTES_MAX)
		return -EMSGSIZE;
	sqlite3_stmt *s = log->stmts[STMT_APPEND];
	(void)sqlite3_bind_int64(s, 1, (int64_t)(log->head + 1));
	(void)sqlite3_bind_int64(s, 2, stored_ns);
	(void)sqlite3_bind_int(s, 3, kind);
	(void)sqlite3_bind_blob(s, 4, size ? data : "", (int)size, SQLITE_STATIC);
	int r = step(log, STMT_APPEND);
	if (r)
		return r;
	log->head++;
	if (ret_seq)
		*ret_seq = log->head;
	return 0;
}

int shiplog_commit(struct shiplog *log)
{
	if (!log->open)
		return -EINVAL;
	int r = log->head != log->committed ? shiplog_set(log, MARK_HEAD, log->head, 0) : 0;
	if (!r)
		r = exec(log->db, "COMMIT");
	if (r) {
		shiplog_rollback(log);
		return r;
	}
	log->open = false;
	log->committed = log->head;
	return 0;
}

void shiplog_rollback(struct shiplog *log)
{
	if (!log->open)
		return;
	/* After some errors SQLite has rolled back by itself; then this fails and is right to. */
	(void)exec(log->db, "ROLLBACK");
	log->open = false;
	log->head = log->committed;
}

static int arena_grow(struct shiplog *log, size_t need)
{
	size_t size = log->arena_size ? log->arena_size : ARENA_FIRST;
	while (size < need)
		size *= 2;
	if (size == log->arena_size)
		return 0;
	uint8_t *p = realloc(log->arena, size);
	if (!p)
		return -ENOMEM;
	log->arena = p;
	log->arena_size = size;
	return 0;
}

/* Copies one row's data behind what is there; its place is kept as an offset because the arena may
 * move. */
static int take_row(struct shiplog *log, sqlite3_stmt *s, struct ship_record *rec, size_t *used)
{
	size_t size = (size_t)sqlite3_column_bytes(s, 3);
	int r = arena_grow(log, *used + size);
	if (r)
		return r;
	*rec = (struct ship_record){
		.seq = (uint64_t)sqlite3_column_int64(s, 0),
		.stored_ns = sqlite3_column_int64(s, 1),
		.kind = (uint8_t)sqlite3_column_int(s, 2),
		.data = (void *)*used,
		.size = size,
	};
	if (size)
		memcpy(log->arena + *used, sqlite3_column_blob(s, 3), size);
	*used += size;
	return 0;
}

ssize_t shiplog_read(struct shiplog *log, uint64_t after, struct ship_record *records,
	size_t max_records, size_t max_bytes)
{
	assert(records || !max_records);

	if (after >= log->committed || !max_records)
		return 0;
	sqlite3_stmt *s = log->stmts[STMT_READ];
	(void)sqlite3_bind_int64(s, 1, (int64_t)after);
	(void)sqlite3_bind_int64(s, 2, (int64_t)log->committed);

	size_t n = 0, used = 0;
	int r = arena_grow(log, 1), code = SQLITE_DONE;
	while (!r && n < max_records && (code = sqlite3_step(s)) == SQLITE_ROW) {
		/* One record at least, or a large one would block the log for ever. */
		if (n && used + (size_t)sqlite3_column_bytes(s, 3) > max_bytes)
			break;
		r = take_row(log, s, &records[n], &used);
		n += !r;
	}
	if (!r)
		r = dberr_of(log->db, code);
	(void)sqlite3_reset(s);
	if (r)
		return r;
	for (size_t i = 0; i < n; i++)
		records[i].data = log->arena + (size_t)records[i].data;
	return (ssize_t)n;
}

int shiplog_renew(struct shiplog *log, uint64_t above, int64_t now_ns)
{
	uint64_t epoch = (uint64_t)(now_ns / CLOCK_NS_PER_S);

	if (log->open)
		return -EALREADY;
	if (epoch <= above)
		epoch = above + 1;
	if (epoch <= log->epoch)
		epoch = log->epoch + 1;
	int r = shiplog_set(log, MARK_EPOCH, epoch, 0);
	if (!r)
		log->epoch = epoch;
	return r;
}

/* Runs one delete, in the open transaction or in one of its own. @kind: of STMT_THIN. */
static int delete (struct shiplog *log, enum statement which, uint64_t seq, uint8_t kind)
{
	bool own = !log->open;
	int r = own ? shiplog_begin(log) : 0;
	if (r)
		return r;
	(void)sqlite3_bind_int64(log->stmts[which], 1, seq > INT64_MAX ? INT64_MAX : (int64_t)seq);
	if (which == STMT_THIN)
		(void)sqlite3_bind_int(log->stmts[which], 2, kind);
	r = step(log, which);
	if (own && !r)
		return shiplog_commit(log);
	if (own)
		shiplog_rollback(log);
	return r;
}

/* Gives pages back once most of the file is free: a long backlog was shipped. */
static void shrink(struct shiplog *log)
{
	int64_t pages = 0, unused = 0;
	char sql[64];
	if (query(log->db, "PRAGMA page_count", &pages) ||
		query(log->db, "PRAGMA freelist_count", &unused))
		return;
	if (unused < VACUUM_MIN_PAGES || unused < pages / 2)
		return;
	snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)", VACUUM_STEP_PAGES);
	(void)exec(log->db, sql);
}

int shiplog_trim(struct shiplog *log, uint64_t upto)
{
	bool own = !log->open;
	int r = delete (log, STMT_TRIM, upto, 0);
	if (!r && own)
		shrink(log);
	return r;
}

int shiplog_thin(struct shiplog *log, uint64_t upto, uint8_t kept_kind)
{
	bool own = !log->open;
	int r = delete (log, STMT_THIN, upto, kept_kind);
	if (!r && own)
		shrink(log);
	return r;
}

int shiplog_drop(struct shiplog *log, uint64_t seq)
{
	return delete (log, STMT_DROP, seq, 0);
}

uint64_t shiplog_bytes(const struct shiplog *log)
{
	int64_t pages = 0, unused = 0, size = 0;
	if (query(log->db, "PRAGMA page_count", &pages) ||
		query(log->db, "PRAGMA freelist_count", &unused) ||
		query(log->db, "PRAGMA page_size", &size))
		return 0;
	return (uint64_t)((pages - unused) * size);
}

int shiplog_set(struct shiplog *log, const char *name, uint64_t a, uint64_t b)
{
	assert(name);

	sqlite3_stmt *s = log->stmts[STMT_SET];
	(void)sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 2, (int64_t)a);
	(void)sqlite3_bind_int64(s, 3, (int64_t)b);
	return step(log, STMT_SET);
}

int shiplog_get(struct shiplog *log, const char *name, uint64_t *ret_a, uint64_t *ret_b)
{
	assert(name);

	sqlite3_stmt *s = log->stmts[STMT_GET];
	(void)sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
	int code = sqlite3_step(s), r = dberr_of(log->db, code);
	if (code == SQLITE_ROW) {
		*ret_a = (uint64_t)sqlite3_column_int64(s, 0);
		*ret_b = (uint64_t)sqlite3_column_int64(s, 1);
	} else if (!r) {
		r = -ENOENT;
	}
	(void)sqlite3_reset(s);
	(void)sqlite3_clear_bindings(s);
	return r;
}
