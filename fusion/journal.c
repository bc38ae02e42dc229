#include "fusion/journal.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/dberr.h"

#define APPLICATION_ID 0x76536a31 /* "vSj1", in the file's header; ours to choose */
#define SLICES_MAX 4096
#define NAME_FORMAT "%020" PRIu64 ".journal"
#define NAME_LENGTH 28

static const char schema[] =
	"CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE row (jseq INTEGER PRIMARY KEY, recv_ns INTEGER NOT NULL, origin TEXT NOT NULL,"
	" lane TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL,"
	" late INTEGER NOT NULL, data BLOB NOT NULL);"
	"CREATE TABLE cursor (origin TEXT NOT NULL, lane TEXT NOT NULL, epoch INTEGER NOT NULL,"
	" seq INTEGER NOT NULL, PRIMARY KEY (origin, lane)) WITHOUT ROWID;"
	"CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 0), data BLOB NOT NULL);";

struct cursor {
	char origin[SHIP_ORIGIN_MAX], lane[SHIP_LANE_NAME_MAX];
	uint64_t epoch, seq;
	uint64_t durable_epoch, durable_seq;
	bool changed;
};

/* A row of the group, its bytes in the arena. Origin and lane are small and interned with the
 * cursors. */
struct waiting {
	struct journal_row row;
	size_t offset;
	uint32_t cursor; /* for origin and lane; JOURNAL_CURSORS_MAX = our own */
};

struct journal {
	char *dir;
	int lock_fd;
	uint32_t epoch;
	bool fresh;
	uint64_t head, next; /* durable; to be given */
	uint64_t slices[SLICES_MAX];
	unsigned n_slices;

	sqlite3 *db;
	sqlite3_stmt *insert, *set_cursor;

	struct cursor cursors[JOURNAL_CURSORS_MAX];
	unsigned n_cursors;
	struct waiting *group;
	unsigned n_group;
	uint8_t *arena;
	size_t arena_used;
	bool cursors_changed;
};

static int exec(sqlite3 *db, const char *sql)
{
	return dberr_of(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static int number(sqlite3 *db, const char *sql, int64_t *ret_v)
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

/* --- slices on disk --- */

static int by_start(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int list_slices(const char *dir, uint64_t *ret_starts, unsigned *ret_n)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	if (!d)
		return -errno;
	for (struct dirent *e; (e = readdir(d));) {
		uint64_t start;
		char want[64];
		if (sscanf(e->d_name, "%20" SCNu64 ".journal", &start) != 1)
			continue;
		snprintf(want, sizeof(want), NAME_FORMAT, start);
		if (!strcmp(want, e->d_name) && n < SLICES_MAX)
			ret_starts[n++] = start;
	}
	closedir(d);
	qsort(ret_starts, n, sizeof(*ret_starts), by_start);
	*ret_n = n;
	return 0;
}

static void slice_path(const char *dir, uint64_t start, char *buf, size_t size)
{
	snprintf(buf, size, "%s/" NAME_FORMAT, dir, start);
}

static int open_db(const char *path, int flags, sqlite3 **ret_db)
{
	sqlite3 *db = NULL;
	int r = dberr_of(db, sqlite3_open_v2(path, &db,
				     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL));

	if (r == 0)
		r = dberr_of(db, sqlite3_busy_timeout(db, 2000));
	if (r == 0 && !(flags & SQLITE_OPEN_READONLY))
		r = exec(db,
			"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF");
	if (r < 0) {
		sqlite3_close(db);
		return r;
	}
	*ret_db = db;
	return 0;
}

static int prepare(struct journal *j)
{
	int r = sqlite3_prepare_v2(j->db,
		"INSERT INTO row (jseq, recv_ns, origin, lane, epoch, seq, kind, late, data)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		-1, &j->insert, NULL);
	if (r == SQLITE_OK)
		r = sqlite3_prepare_v2(j->db,
			"INSERT OR REPLACE INTO cursor VALUES (?1, ?2, ?3, ?4)", -1, &j->set_cursor,
			NULL);
	return dberr_of(j->db, r);
}

static void close_slice(struct journal *j)
{
	sqlite3_finalize(j->insert);
	sqlite3_finalize(j->set_cursor);
	j->insert = j->set_cursor = NULL;
	sqlite3_close(j->db);
	j->db = NULL;
}

static int put_state(sqlite3 *db, const void *state, size_t size)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db, "INSERT INTO state VALUES (0, ?1)", -1, &s, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_bind_blob64(s, 1, state, size, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	sqlite3_finalize(s);
	return dberr_of(db, code);
}

static int write_cursor(struct journal *j, const struct cursor *c)
{
	sqlite3_stmt *s = j->set_cursor;

	sqlite3_bind_text(s, 1, c->origin, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 2, c->lane, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 3, (int64_t)c->epoch);
	sqlite3_bind_int64(s, 4, (int64_t)c->seq);
	int r = dberr_of(j->db, sqlite3_step(s));
	sqlite3_reset(s);
	return r;
}

static int sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	int r = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return r;
}

/* A new slice is made under another name and renamed when whole: what is listed is complete. */
static int create_slice(struct journal *j, uint64_t start, const void *state, size_t size)
{
	char path[4096], made[4160], sql[256];
	int r;

	slice_path(j->dir, start, path, sizeof(path));
	snprintf(made, sizeof(made), "%s.new", path);
	(void)unlink(made);
	r = open_db(made, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &j->db);
	if (r < 0)
		return r;
	snprintf(sql, sizeof(sql),
		"PRAGMA application_id=%d; PRAGMA user_version=1; INSERT INTO mark VALUES ('epoch', %u), ('start', %" PRIu64
		")",
		APPLICATION_ID, j->epoch, start);
	r = exec(j->db, "BEGIN IMMEDIATE");
	if (r == 0)
		r = exec(j->db, schema);
	if (r == 0)
		r = exec(j->db, sql);
	if (r == 0 && size)
		r = put_state(j->db, state, size);
	if (r == 0)
		r = prepare(j);
	for (unsigned i = 0; r == 0 && i < j->n_cursors; i++)
		r = write_cursor(j, &j->cursors[i]);
	if (r == 0)
		r = exec(j->db, "COMMIT");
	close_slice(j);
	if (r == 0 && rename(made, path) < 0)
		r = -errno;
	if (r == 0)
		r = sync_dir(j->dir);
	if (r == 0 && j->n_slices < SLICES_MAX)
		j->slices[j->n_slices++] = start;
	return r;
}

static int load_cursors(struct journal *j)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(
		j->db, "SELECT origin, lane, epoch, seq FROM cursor", -1, &s, NULL);

	j->n_cursors = 0;
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(s);
		if (code != SQLITE_ROW || j->n_cursors == JOURNAL_CURSORS_MAX)
			break;
		struct cursor *c = &j->cursors[j->n_cursors++];
		*c = (struct cursor){ 0 };
		snprintf(c->origin, sizeof(c->origin), "%s",
			(const char *)sqlite3_column_text(s, 0));
		snprintf(c->lane, sizeof(c->lane), "%s", (const char *)sqlite3_column_text(s, 1));
		c->epoch = c->durable_epoch = (uint64_t)sqlite3_column_int64(s, 2);
		c->seq = c->durable_seq = (uint64_t)sqlite3_column_int64(s, 3);
	}
	sqlite3_finalize(s);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : dberr_of(j->db, code);
}

static int check_slice(sqlite3 *db)
{
	int64_t id = 0, version = 0;
	int r = number(db, "PRAGMA application_id", &id);

	if (r == 0)
		r = number(db, "PRAGMA user_version", &version);
	if (r < 0)
		return r;
	return id != APPLICATION_ID ? -EBADMSG : version != 1 ? -EPROTONOSUPPORT : 0;
}

/* The last slice: where to go on. */
static int resume(struct journal *j)
{
	char path[4096];
	uint64_t start = j->slices[j->n_slices - 1];
	int64_t epoch = 0, head = 0;

	slice_path(j->dir, start, path, sizeof(path));
	int r = open_db(path, SQLITE_OPEN_READWRITE, &j->db);
	if (r == 0)
		r = check_slice(j->db);
	if (r == 0)
		r = number(j->db, "SELECT value FROM mark WHERE name = 'epoch'", &epoch);
	if (r == 0)
		r = number(j->db, "SELECT coalesce(max(jseq), 0) FROM row", &head);
	if (r == 0)
		r = prepare(j);
	if (r == 0)
		r = load_cursors(j);
	j->epoch = (uint32_t)epoch;
	j->head = head > 0 ? (uint64_t)head : start - 1;
	j->next = j->head + 1;
	return r;
}

static int lock(struct journal *j)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/lock", j->dir);
	j->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->lock_fd < 0)
		return -errno;
	return flock(j->lock_fd, LOCK_EX | LOCK_NB) < 0 ? -EBUSY : 0;
}

int journal_open(const char *dir, int64_t now_ns, struct journal **ret_j)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (!j)
		return -ENOMEM;
	j->lock_fd = -1;
	j->dir = strdup(dir);
	j->group = calloc(JOURNAL_GROUP_ROWS, sizeof(*j->group));
	j->arena = malloc(JOURNAL_GROUP_BYTES);
	int r = !j->dir || !j->group || !j->arena ? -ENOMEM : 0;
	if (r == 0 && mkdir(dir, 0700) < 0 && errno != EEXIST)
		r = -errno;
	if (r == 0)
		r = lock(j);
	if (r == 0)
		r = list_slices(dir, j->slices, &j->n_slices);
	if (r == 0 && !j->n_slices) {
		j->fresh = true;
		j->epoch = (uint32_t)(now_ns / 1000000000);
		r = create_slice(j, 1, NULL, 0);
	}
	if (r == 0)
		r = resume(j);
	if (r < 0) {
		journal_close(j);
		return r;
	}
	*ret_j = j;
	return 0;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	close_slice(j);
	if (j->lock_fd >= 0)
		close(j->lock_fd);
	free(j->dir);
	free(j->group);
	free(j->arena);
	free(j);
}

uint32_t journal_epoch(const struct journal *j)
{
	return j->epoch;
}

int journal_renew(struct journal *j, int64_t now_ns)
{
	uint32_t epoch = (uint32_t)(now_ns / 1000000000);
	char sql[96];

	assert(!journal_waiting(j));
	if (epoch <= j->epoch)
		epoch = j->epoch + 1;
	snprintf(sql, sizeof(sql), "UPDATE mark SET value = %u WHERE name = 'epoch'", epoch);
	int r = exec(j->db, sql);
	if (r == 0)
		j->epoch = epoch;
	return r;
}

bool journal_fresh(const struct journal *j)
{
	return j->fresh;
}

uint64_t journal_head(const struct journal *j)
{
	return j->head;
}

uint64_t journal_tail(const struct journal *j)
{
	return j->slices[0];
}

/* --- the group --- */

static struct cursor *find_cursor(const struct journal *j, const char *origin, const char *lane)
{
	for (unsigned i = 0; i < j->n_cursors; i++)
		if (!strcmp(j->cursors[i].origin, origin) && !strcmp(j->cursors[i].lane, lane))
			return (struct cursor *)&j->cursors[i];
	return NULL;
}

static struct cursor *get_cursor(struct journal *j, const char *origin, const char *lane)
{
	struct cursor *c = find_cursor(j, origin, lane);

	if (c || j->n_cursors == JOURNAL_CURSORS_MAX || strlen(origin) >= SHIP_ORIGIN_MAX ||
		strlen(lane) >= SHIP_LANE_NAME_MAX)
		return c;
	c = &j->cursors[j->n_cursors++];
	*c = (struct cursor){ 0 };
	snprintf(c->origin, sizeof(c->origin), "%s", origin);
	snprintf(c->lane, sizeof(c->lane), "%s", lane);
	return c;
}

int journal_append(struct journal *j, const struct journal_row *row)
{
	struct cursor *c = NULL;

	if (row->size > JOURNAL_GROUP_BYTES)
		return -EMSGSIZE;
	if (j->n_group == JOURNAL_GROUP_ROWS || row->size > JOURNAL_GROUP_BYTES - j->arena_used)
		return -ENOBUFS;
	if (row->origin && row->origin[0]) {
		c = get_cursor(j, row->origin, row->lane);
		if (!c)
			return -ENOSPC;
	}
	struct waiting *w = &j->group[j->n_group++];
	w->row = *row;
	w->row.jseq = j->next++;
	w->cursor = c ? (uint32_t)(c - j->cursors) : JOURNAL_CURSORS_MAX;
	w->offset = j->arena_used;
	if (row->size)
		memcpy(j->arena + w->offset, row->data, row->size);
	j->arena_used += row->size;
	return 0;
}

int journal_cursor_set(
	struct journal *j, const char *origin, const char *lane, uint64_t epoch, uint64_t seq)
{
	struct cursor *c = get_cursor(j, origin, lane);

	if (!c)
		return -ENOSPC;
	c->epoch = epoch;
	c->seq = seq;
	c->changed = j->cursors_changed = true;
	return 0;
}

bool journal_cursor(const struct journal *j, const char *origin, const char *lane,
	uint64_t *ret_epoch, uint64_t *ret_seq)
{
	const struct cursor *c = find_cursor(j, origin, lane);

	*ret_epoch = c ? c->epoch : 0;
	*ret_seq = c ? c->seq : 0;
	return c;
}

bool journal_waiting(const struct journal *j)
{
	return j->n_group || j->cursors_changed;
}

static int write_row(struct journal *j, const struct waiting *w)
{
	const struct journal_row *r = &w->row;
	const struct cursor *c = w->cursor < JOURNAL_CURSORS_MAX ? &j->cursors[w->cursor] : NULL;
	sqlite3_stmt *s = j->insert;

	sqlite3_bind_int64(s, 1, (int64_t)r->jseq);
	sqlite3_bind_int64(s, 2, r->recv_ns);
	sqlite3_bind_text(s, 3, c ? c->origin : "", -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 4, c ? c->lane : "", -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 5, (int64_t)r->epoch);
	sqlite3_bind_int64(s, 6, (int64_t)r->seq);
	sqlite3_bind_int64(s, 7, r->kind);
	sqlite3_bind_int64(s, 8, r->late);
	sqlite3_bind_blob64(
		s, 9, r->size ? (const void *)(j->arena + w->offset) : "", r->size, SQLITE_STATIC);
	int e = dberr_of(j->db, sqlite3_step(s));
	sqlite3_reset(s);
	return e;
}

static int write_group(struct journal *j)
{
	int r = exec(j->db, "BEGIN IMMEDIATE");

	for (unsigned i = 0; r == 0 && i < j->n_group; i++)
		r = write_row(j, &j->group[i]);
	for (unsigned i = 0; r == 0 && i < j->n_cursors; i++)
		if (j->cursors[i].changed)
			r = write_cursor(j, &j->cursors[i]);
	if (r == 0)
		r = exec(j->db, "COMMIT");
	if (r < 0)
		(void)exec(j->db, "ROLLBACK");
	return r;
}

int journal_commit(
	struct journal *j, void (*apply)(void *user, const struct journal_row *row), void *user)
{
	if (!journal_waiting(j))
		return 0;

	int r = write_group(j);
	for (unsigned i = 0; i < j->n_cursors; i++) {
		struct cursor *c = &j->cursors[i];
		if (!c->changed)
			continue;
		if (r == 0) {
			c->durable_epoch = c->epoch;
			c->durable_seq = c->seq;
		} else {
			c->epoch = c->durable_epoch;
			c->seq = c->durable_seq;
		}
		c->changed = false;
	}
	unsigned n = j->n_group;
	j->n_group = 0;
	j->arena_used = 0;
	j->cursors_changed = false;
	if (r < 0) {
		j->next = j->head + 1;
		return r;
	}
	if (n)
		j->head = j->group[n - 1].row.jseq;
	for (unsigned i = 0; i < n; i++) {
		struct waiting *w = &j->group[i];
		bool ours = w->cursor == JOURNAL_CURSORS_MAX;
		w->row.origin = ours ? "" : j->cursors[w->cursor].origin;
		w->row.lane = ours ? "" : j->cursors[w->cursor].lane;
		w->row.data = j->arena + w->offset;
		apply(user, &w->row);
	}
	return 0;
}

/* --- slices --- */

int journal_slice(struct journal *j, const void *state, size_t size)
{
	assert(!journal_waiting(j));

	if (j->n_slices == SLICES_MAX)
		return -ENOSPC;
	close_slice(j);
	int r = create_slice(j, j->next, state, size);
	int back = resume(j);
	return r < 0 ? r : back;
}

uint64_t journal_slice_start(const struct journal *j)
{
	return j->slices[j->n_slices - 1];
}

unsigned journal_slices(const struct journal *j)
{
	return j->n_slices;
}

uint64_t journal_bytes(const struct journal *j)
{
	static const char *const tails[] = { "", "-wal" };
	uint64_t bytes = 0;

	for (unsigned i = 0; i < j->n_slices; i++)
		for (unsigned k = 0; k < 2; k++) {
			char path[4096], file[4160];
			struct stat st;
			slice_path(j->dir, j->slices[i], path, sizeof(path));
			snprintf(file, sizeof(file), "%s%s", path, tails[k]);
			bytes += stat(file, &st) == 0 ? (uint64_t)st.st_size : 0;
		}
	return bytes;
}

int journal_trim(struct journal *j, unsigned keep, uint64_t *ret_tail)
{
	int r = 0;

	while (r == 0 && j->n_slices > (keep ? keep : 1)) {
		char path[4096], side[4160];
		slice_path(j->dir, j->slices[0], path, sizeof(path));
		if (unlink(path) < 0 && errno != ENOENT)
			r = -errno;
		static const char *const tails[] = { "-wal", "-shm" };
		for (unsigned i = 0; i < 2; i++) {
			snprintf(side, sizeof(side), "%s%s", path, tails[i]);
			(void)unlink(side);
		}
		if (r == 0)
			memmove(&j->slices[0], &j->slices[1], --j->n_slices * sizeof(j->slices[0]));
	}
	*ret_tail = j->slices[0];
	return r;
}

/* --- reading --- */

static int read_state(
	sqlite3 *db, int (*state)(void *user, const void *data, size_t size), void *user)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db, "SELECT data FROM state WHERE id = 0", -1, &s, NULL);
	int r = 0;

	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	if (code == SQLITE_ROW)
		r = state(user, sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0));
	sqlite3_finalize(s);
	return r ? r : dberr_of(db, code);
}

static int read_rows(sqlite3 *db, uint64_t from,
	int (*row)(void *user, const struct journal_row *row), void *user)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db,
		"SELECT jseq, recv_ns, origin, lane, epoch, seq, kind, late, data FROM row WHERE jseq >= ?1 ORDER BY jseq",
		-1, &s, NULL);
	int r = dberr_of(db, code);

	if (r == 0)
		sqlite3_bind_int64(s, 1, (int64_t)from);
	while (r == 0 && (code = sqlite3_step(s)) == SQLITE_ROW) {
		struct journal_row x = {
			.jseq = (uint64_t)sqlite3_column_int64(s, 0),
			.recv_ns = sqlite3_column_int64(s, 1),
			.origin = (const char *)sqlite3_column_text(s, 2),
			.lane = (const char *)sqlite3_column_text(s, 3),
			.epoch = (uint64_t)sqlite3_column_int64(s, 4),
			.seq = (uint64_t)sqlite3_column_int64(s, 5),
			.kind = (uint8_t)sqlite3_column_int(s, 6),
			.late = sqlite3_column_int(s, 7) != 0,
			.data = sqlite3_column_blob(s, 8),
			.size = (size_t)sqlite3_column_bytes(s, 8),
		};
		r = row(user, &x);
	}
	if (r == 0)
		r = dberr_of(db, code);
	sqlite3_finalize(s);
	return r;
}

/* Time of its first row; INT64_MAX when it has none. */
static int64_t first_time(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	int64_t time_ns = INT64_MAX;

	if (sqlite3_prepare_v2(db, "SELECT recv_ns FROM row ORDER BY jseq LIMIT 1", -1, &s, NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW)
		time_ns = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return time_ns;
}

static int open_slice(const char *dir, uint64_t start, sqlite3 **ret_db)
{
	char path[4096];
	sqlite3 *db = NULL;

	slice_path(dir, start, path, sizeof(path));
	int r = open_db(path, SQLITE_OPEN_READONLY, &db);
	if (r == 0)
		r = check_slice(db);
	if (r < 0) {
		sqlite3_close(db);
		return r;
	}
	*ret_db = db;
	return 0;
}

/* The newest slice that begins at @time_ns or before. */
static unsigned slice_before(const char *dir, const uint64_t *starts, unsigned n, int64_t time_ns)
{
	for (unsigned i = n; i-- > 1;) {
		sqlite3 *db = NULL;
		bool is_it = open_slice(dir, starts[i], &db) == 0 && first_time(db) <= time_ns;
		sqlite3_close(db);
		if (is_it)
			return i;
	}
	return 0;
}

/* Slices from @first on; the state is that one's. */
static int read_slices(const char *dir, const uint64_t *starts, unsigned first, unsigned n, uint64_t from,
	int (*state)(void *user, const void *data, size_t size),
	int (*row)(void *user, const struct journal_row *row), void *user)
{
	int r = 0;

	for (unsigned i = first; r == 0 && i < n; i++) {
		sqlite3 *db = NULL;
		if (i + 1 < n && starts[i + 1] <= from)
			continue;
		r = open_slice(dir, starts[i], &db);
		if (r == 0 && i == first && from == 0 && state)
			r = read_state(db, state, user);
		if (r == 0)
			r = read_rows(db, from, row, user);
		sqlite3_close(db);
	}
	return r;
}

static int list_or_none(const char *dir, uint64_t *ret_starts, unsigned *ret_n)
{
	int r = list_slices(dir, ret_starts, ret_n);

	return r == 0 && !*ret_n ? -ENOENT : r;
}

int journal_read(const char *dir, uint64_t from,
	int (*state)(void *user, const void *data, size_t size),
	int (*row)(void *user, const struct journal_row *row), void *user)
{
	uint64_t *starts = calloc(SLICES_MAX, sizeof(*starts));
	unsigned n = 0;

	if (!starts)
		return -ENOMEM;
	int r = list_or_none(dir, starts, &n);
	if (r == 0)
		r = read_slices(dir, starts, 0, n, from, state, row, user);
	free(starts);
	return r;
}

int journal_read_since(const char *dir, int64_t time_ns, int (*state)(void *user, const void *data, size_t size),
	int (*row)(void *user, const struct journal_row *row), void *user)
{
	uint64_t *starts = calloc(SLICES_MAX, sizeof(*starts));
	unsigned n = 0;

	if (!starts)
		return -ENOMEM;
	int r = list_or_none(dir, starts, &n);
	if (r == 0)
		r = read_slices(dir, starts, slice_before(dir, starts, n, time_ns), n, 0, state, row, user);
	free(starts);
	return r;
}
