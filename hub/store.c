#include "hub/store.h"

#include "common/clock.h"
#include "common/geo.h"
#include "hub/db.h"
#include "hub/trackid.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define APPLICATION_ID 0x76506963 /* "vPic", ours to choose */
#define DAY_NS (INT64_C(86400) * CLOCK_NS_PER_S)
#define GONE_KEEP_NS (INT64_C(3600) * CLOCK_NS_PER_S) /* a dropped or withdrawn track's version is remembered */
#define DAYS_OPEN 4 /* days whose statements are kept ready: today, yesterday, and two of a backfill */

static const char *const schema[] = {
	"CREATE TABLE cursor (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;"
	/* data NULL: dropped or withdrawn; the version stays for a while, so that an older one cannot come back */
	"CREATE TABLE track (origin TEXT, epoch INTEGER, birth INTEGER, version INTEGER NOT NULL, time INTEGER NOT NULL,"
	" state INTEGER NOT NULL, foreign_ INTEGER NOT NULL, kept INTEGER NOT NULL, data BLOB,"
	" PRIMARY KEY (origin, epoch, birth)) WITHOUT ROWID;"
	"CREATE TABLE site (origin TEXT, feed TEXT, version INTEGER NOT NULL, data BLOB NOT NULL,"
	" PRIMARY KEY (origin, feed)) WITHOUT ROWID;"
	"CREATE TABLE health (host TEXT, process TEXT, feed TEXT, time INTEGER NOT NULL, data BLOB NOT NULL,"
	" PRIMARY KEY (host, process, feed)) WITHOUT ROWID;"
	"CREATE TABLE alarm (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, what TEXT NOT NULL,"
	" test INTEGER NOT NULL, track TEXT NOT NULL, name TEXT NOT NULL, raised INTEGER NOT NULL, ack INTEGER NOT NULL,"
	" ack_by TEXT NOT NULL, closed INTEGER NOT NULL, lat INTEGER NOT NULL, lon INTEGER NOT NULL, ended INTEGER NOT NULL);"
	"CREATE TABLE audit (n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL,"
	" action TEXT NOT NULL, object TEXT NOT NULL, detail TEXT NOT NULL);"
	"CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'audit is append only'); END;"
	"CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit is append only'); END;",
	NULL,
};

enum statement {
	STMT_CURSOR_PUT,
	STMT_CURSOR_GET,
	STMT_TRACK_GET,
	STMT_TRACK_PUT,
	STMT_TRACK_EPOCHS,
	STMT_TRACK_EACH,
	STMT_TRACK_PURGE,
	STMT_SITE_PUT,
	STMT_SITE_EACH,
	STMT_HEALTH_PUT,
	STMT_HEALTH_EACH,
	STMT_ALARM_ADD,
	STMT_ALARM_PUT,
	STMT_ALARM_EACH,
	STMT_AUDIT,
	_STMT_MAX,
};

static const char *const statement_sql[_STMT_MAX] = {
	[STMT_CURSOR_PUT] = "INSERT OR REPLACE INTO cursor VALUES (?1, ?2, ?3)",
	[STMT_CURSOR_GET] = "SELECT epoch, seq FROM cursor WHERE name = ?1",
	[STMT_TRACK_GET] = "SELECT version, state, kept, data IS NULL FROM track WHERE origin = ?1 AND epoch = ?2 AND birth = ?3",
	[STMT_TRACK_PUT] = "INSERT OR REPLACE INTO track VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[STMT_TRACK_EPOCHS] = "UPDATE track SET data = NULL WHERE origin = ?1 AND epoch < ?2 AND data IS NOT NULL",
	[STMT_TRACK_EACH] = "SELECT data, foreign_ FROM track WHERE data IS NOT NULL",
	[STMT_TRACK_PURGE] = "DELETE FROM track WHERE data IS NULL AND time < ?1",
	[STMT_SITE_PUT] = "INSERT INTO site VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE"
			  " SET version = ?3, data = ?4 WHERE version <= ?3",
	[STMT_SITE_EACH] = "SELECT origin, data FROM site ORDER BY origin, feed",
	[STMT_HEALTH_PUT] = "INSERT INTO health VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE"
			    " SET time = ?4, data = ?5 WHERE time <= ?4",
	[STMT_HEALTH_EACH] = "SELECT data FROM health",
	[STMT_ALARM_ADD] = "INSERT INTO alarm VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
	[STMT_ALARM_PUT] = "INSERT OR REPLACE INTO alarm"
			   " VALUES (?13, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
	[STMT_ALARM_EACH] = "SELECT id, kind, what, test, track, name, raised, ack, ack_by, closed, lat, lon, ended"
			    " FROM alarm"
			    " WHERE closed = 0 OR closed >= ?1 ORDER BY id",
	[STMT_AUDIT] = "INSERT INTO audit VALUES (NULL, ?1, ?2, ?3, ?4, ?5)",
};

enum day_statement { DAY_TRACK, DAY_LATE, _DAY_MAX };

struct day {
	int64_t number; /* days since the epoch; 0 = free */
	sqlite3_stmt *stmts[_DAY_MAX];
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *stmts[_STMT_MAX];
	struct day days[DAYS_OPEN];
	unsigned next_day; /* the one closed next when another is wanted */
	bool open;
};

int store_open(const char *path, struct store **ret_s)
{
	assert(path && ret_s);

	struct store *s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	int r = db_open(path, APPLICATION_ID, schema, &s->db);
	for (unsigned i = 0; r >= 0 && i < _STMT_MAX; i++)
		r = db_prepare(s->db, statement_sql[i], &s->stmts[i]);
	if (r < 0) {
		store_close(s);
		return r;
	}
	*ret_s = s;
	return 0;
}

static void close_day(struct day *d)
{
	for (unsigned i = 0; i < _DAY_MAX; i++)
		sqlite3_finalize(d->stmts[i]);
	*d = (struct day){ 0 };
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->db)
		(void)store_commit(s);
	for (unsigned i = 0; i < DAYS_OPEN; i++)
		close_day(&s->days[i]);
	for (unsigned i = 0; i < _STMT_MAX; i++)
		sqlite3_finalize(s->stmts[i]);
	db_close(s->db);
	free(s);
}

bool store_open_puts(const struct store *s)
{
	return s->open;
}

static int begin(struct store *s)
{
	if (s->open)
		return 0;
	int r = db_exec(s->db, "BEGIN IMMEDIATE");
	if (r >= 0)
		s->open = true;
	return r;
}

void store_rollback(struct store *s)
{
	if (!s->open)
		return;
	(void)db_exec(s->db, "ROLLBACK");
	/* A day's table made in this transaction went with it. */
	for (unsigned i = 0; i < DAYS_OPEN; i++)
		close_day(&s->days[i]);
	s->open = false;
}

int store_commit(struct store *s)
{
	if (!s->open)
		return 0;
	int r = db_exec(s->db, "COMMIT");
	if (r < 0)
		store_rollback(s);
	s->open = false;
	return r;
}

/* Binds nothing: the caller has. Opens the transaction first. */
static int run(struct store *s, sqlite3_stmt *stmt)
{
	int r = begin(s);
	return r < 0 ? r : db_run(stmt);
}

int store_put_cursor(struct store *s, const char *name, uint64_t epoch, uint64_t seq)
{
	db_bind(s->stmts[STMT_CURSOR_PUT], "tii", name, (int64_t)epoch, (int64_t)seq);
	int r = run(s, s->stmts[STMT_CURSOR_PUT]);
	return r < 0 ? r : 0;
}

int store_cursor(struct store *s, const char *name, uint64_t *ret_epoch, uint64_t *ret_seq)
{
	sqlite3_stmt *q = s->stmts[STMT_CURSOR_GET];
	db_bind(q, "t", name);
	int r = db_row(q);
	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	*ret_epoch = (uint64_t)sqlite3_column_int64(q, 0);
	*ret_seq = (uint64_t)sqlite3_column_int64(q, 1);
	(void)sqlite3_reset(q);
	return 0;
}

/* "20261124" of the UTC day. */
static void day_name(int64_t number, char ret_name[16])
{
	time_t t = (time_t)(number * 86400);
	struct tm tm;
	gmtime_r(&t, &tm);
	strftime(ret_name, 16, "%Y%m%d", &tm);
}

static int prepare_day(struct store *s, struct day *d, int64_t number)
{
	char name[16], sql[512];
	day_name(number, name);
	snprintf(sql, sizeof(sql),
		"CREATE TABLE IF NOT EXISTS history_%s (origin TEXT, epoch INTEGER, birth INTEGER, time INTEGER,"
		" version INTEGER, lat INTEGER, lon INTEGER, sog REAL, cog REAL, data BLOB,"
		" PRIMARY KEY (origin, epoch, birth, time, version)) WITHOUT ROWID;"
		"CREATE TABLE IF NOT EXISTS late_%s (id INTEGER, time INTEGER, epoch INTEGER, seq INTEGER, feed TEXT,"
		" lat INTEGER, lon INTEGER, data BLOB, PRIMARY KEY (id, time, epoch, seq)) WITHOUT ROWID",
		name, name);
	int r = db_exec(s->db, sql);
	if (r < 0)
		return r;
	snprintf(sql, sizeof(sql), "INSERT OR IGNORE INTO history_%s VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
		name);
	r = db_prepare(s->db, sql, &d->stmts[DAY_TRACK]);
	if (r < 0)
		return r;
	snprintf(sql, sizeof(sql), "INSERT OR IGNORE INTO late_%s VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", name);
	r = db_prepare(s->db, sql, &d->stmts[DAY_LATE]);
	if (r >= 0)
		d->number = number;
	return r;
}

/* The day @time_ns falls in, its tables made where they are not; inside the transaction. */
static int open_day(struct store *s, int64_t time_ns, struct day **ret_day)
{
	int64_t number = time_ns / DAY_NS;
	if (time_ns <= 0)
		return -ERANGE;
	for (unsigned i = 0; i < DAYS_OPEN; i++)
		if (s->days[i].number == number) {
			*ret_day = &s->days[i];
			return 0;
		}
	int r = begin(s);
	if (r < 0)
		return r;
	struct day *d = &s->days[s->next_day++ % DAYS_OPEN];
	close_day(d);
	r = prepare_day(s, d, number);
	if (r < 0) {
		close_day(d);
		return r;
	}
	*ret_day = d;
	return 0;
}

static double cog_deg(const struct track *t)
{
	double sog = hypot(t->ve_mps, t->vn_mps);
	return sog >= 0.1 ? geo_wrap_2pi(atan2(t->ve_mps, t->vn_mps)) / GEO_DEG : NAN;
}

static int put_history(struct store *s, const struct track *t, const void *data, size_t size)
{
	struct day *d;
	int r = open_day(s, t->time_ns, &d);
	if (r < 0)
		return r;
	db_bind(d->stmts[DAY_TRACK], "tiiiiiiddb", t->id.origin, (int64_t)t->id.epoch, (int64_t)t->id.birth, t->time_ns,
		(int64_t)t->version, (int64_t)geo_e7(t->lat_rad), (int64_t)geo_e7(t->lon_rad),
		hypot(t->ve_mps, t->vn_mps), cog_deg(t), data, size);
	return run(s, d->stmts[DAY_TRACK]);
}

/* What is known of a track before this version. */
struct known {
	bool there, gone;
	uint64_t version;
	int64_t state, kept_ns;
};

static int get_known(struct store *s, const struct track_id *id, struct known *ret_k)
{
	sqlite3_stmt *q = s->stmts[STMT_TRACK_GET];
	struct known k = { 0 };
	db_bind(q, "tii", id->origin, (int64_t)id->epoch, (int64_t)id->birth);
	int r = db_row(q);
	if (r > 0) {
		k.there = true;
		k.version = (uint64_t)sqlite3_column_int64(q, 0);
		k.state = sqlite3_column_int64(q, 1);
		k.kept_ns = sqlite3_column_int64(q, 2);
		k.gone = sqlite3_column_int64(q, 3) != 0;
		(void)sqlite3_reset(q);
	}
	*ret_k = k;
	return r < 0 ? r : 0;
}

int store_put_track(struct store *s, const struct track *t, const void *data, size_t size, bool foreign,
	int64_t step_ns)
{
	struct known k;
	int r = get_known(s, &t->id, &k);
	if (r < 0)
		return r;
	if (k.there && t->version <= k.version)
		return -ESTALE;

	bool keep = !k.there || k.gone || k.state != (int64_t)t->state || t->time_ns - k.kept_ns >= step_ns;
	if (keep && (r = put_history(s, t, data, size)) < 0)
		return r;
	bool dropped = t->state == TRACK_DROPPED;
	db_bind(s->stmts[STMT_TRACK_PUT], "tiiiiiiib", t->id.origin, (int64_t)t->id.epoch, (int64_t)t->id.birth,
		(int64_t)t->version, t->time_ns, (int64_t)t->state, (int64_t)foreign, keep ? t->time_ns : k.kept_ns,
		dropped ? NULL : data, dropped ? (size_t)0 : size);
	r = run(s, s->stmts[STMT_TRACK_PUT]);
	return r < 0 ? r : 0;
}

int store_withdraw(struct store *s, const struct wire_withdraw *w)
{
	struct known k;
	int r = get_known(s, &w->id, &k);
	if (r < 0)
		return r;
	if (k.there && w->version < k.version)
		return -ESTALE;
	db_bind(s->stmts[STMT_TRACK_PUT], "tiiiiiiib", w->id.origin, (int64_t)w->id.epoch, (int64_t)w->id.birth,
		(int64_t)w->version, w->time_ns, (int64_t)TRACK_DROPPED, INT64_C(1), k.kept_ns, NULL, (size_t)0);
	r = run(s, s->stmts[STMT_TRACK_PUT]);
	return r < 0 ? r : 0;
}

int store_forget_epochs(struct store *s, const char *origin, uint32_t epoch)
{
	db_bind(s->stmts[STMT_TRACK_EPOCHS], "ti", origin, (int64_t)epoch);
	return run(s, s->stmts[STMT_TRACK_EPOCHS]);
}

int store_put_late(struct store *s, const struct plot *p, const void *data, size_t size, uint64_t epoch, uint64_t seq)
{
	struct day *d;
	int r = open_day(s, p->time_ns, &d);
	if (r < 0)
		return r;
	bool placed = isfinite(p->lat_rad) && isfinite(p->lon_rad);
	db_bind(d->stmts[DAY_LATE], "iiiitiib", p->id_kind == PLOT_ID_MMSI ? (int64_t)p->id : INT64_C(0), p->time_ns,
		(int64_t)epoch, (int64_t)seq, p->feed, placed ? (int64_t)geo_e7(p->lat_rad) : INT64_C(0),
		placed ? (int64_t)geo_e7(p->lon_rad) : INT64_C(0), data, size);
	r = run(s, d->stmts[DAY_LATE]);
	return r < 0 ? r : 0;
}

int store_put_site(struct store *s, const char *origin, const struct site *site, const void *data, size_t size)
{
	db_bind(s->stmts[STMT_SITE_PUT], "ttib", origin, site->feed, (int64_t)site->version, data, size);
	int r = run(s, s->stmts[STMT_SITE_PUT]);
	return r < 0 ? r : 0;
}

int store_put_health(struct store *s, const struct wire_health *h, const void *data, size_t size)
{
	db_bind(s->stmts[STMT_HEALTH_PUT], "tttib", h->host, h->process, h->feed, h->time_ns, data, size);
	int r = run(s, s->stmts[STMT_HEALTH_PUT]);
	return r < 0 ? r : 0;
}

int store_each_track(struct store *s, int (*fn)(void *user, const void *data, size_t size, bool foreign), void *user)
{
	sqlite3_stmt *q = s->stmts[STMT_TRACK_EACH];
	int r;
	db_bind(q, "");
	while ((r = db_row(q)) > 0) {
		r = fn(user, sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0), sqlite3_column_int(q, 1) != 0);
		if (r < 0)
			break;
	}
	(void)sqlite3_reset(q);
	return r;
}

int store_each_site(struct store *s, int (*fn)(void *user, const char *origin, const void *data, size_t size),
	void *user)
{
	sqlite3_stmt *q = s->stmts[STMT_SITE_EACH];
	int r;
	db_bind(q, "");
	while ((r = db_row(q)) > 0) {
		char origin[TRACK_ORIGIN_MAX];
		db_text(q, 0, origin, sizeof(origin));
		r = fn(user, origin, sqlite3_column_blob(q, 1), (size_t)sqlite3_column_bytes(q, 1));
		if (r < 0)
			break;
	}
	(void)sqlite3_reset(q);
	return r;
}

int store_each_health(struct store *s, int (*fn)(void *user, const void *data, size_t size), void *user)
{
	sqlite3_stmt *q = s->stmts[STMT_HEALTH_EACH];
	int r;
	db_bind(q, "");
	while ((r = db_row(q)) > 0) {
		r = fn(user, sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0));
		if (r < 0)
			break;
	}
	(void)sqlite3_reset(q);
	return r;
}

/* The youngest points of one day, young first. */
static ssize_t trail_of_day(struct store *s, const char *name, const struct track_id *id, uint32_t mmsi,
	int64_t since_ns, struct store_point *points, size_t max)
{
	char sql[512];
	snprintf(sql, sizeof(sql),
		"SELECT time, lat, lon, sog, cog, 0 FROM history_%s WHERE origin = ?1 AND epoch = ?2 AND birth = ?3 AND time >= ?4"
		" UNION ALL SELECT time, lat, lon, NULL, NULL, 1 FROM late_%s WHERE id = ?5 AND id > 0 AND time >= ?4 AND lat <> 0"
		" ORDER BY 1 DESC LIMIT ?6", name, name);
	sqlite3_stmt *q = NULL;
	int r = db_prepare(s->db, sql, &q);
	if (r < 0) {
		sqlite3_finalize(q);
		return r;
	}
	db_bind(q, "tiiiii", id->origin, (int64_t)id->epoch, (int64_t)id->birth, since_ns, (int64_t)mmsi, (int64_t)max);
	size_t n = 0;
	while (n < max && (r = db_row(q)) > 0) {
		bool sog = sqlite3_column_type(q, 3) != SQLITE_NULL, cog = sqlite3_column_type(q, 4) != SQLITE_NULL;
		points[n++] = (struct store_point){
			.time_ns = sqlite3_column_int64(q, 0),
			.lat_e7 = sqlite3_column_int(q, 1),
			.lon_e7 = sqlite3_column_int(q, 2),
			.sog_mps = sog ? sqlite3_column_double(q, 3) : NAN,
			.cog_deg = cog ? sqlite3_column_double(q, 4) : NAN,
			.late = sqlite3_column_int(q, 5) != 0,
		};
	}
	sqlite3_finalize(q);
	return r < 0 ? r : (ssize_t)n;
}

static bool have_day(struct store *s, const char *name)
{
	char table[32];
	snprintf(table, sizeof(table), "history_%s", name);
	return sqlite3_table_column_metadata(s->db, NULL, table, NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

ssize_t store_trail(struct store *s, const struct track_id *id, uint32_t mmsi, int64_t since_ns, int64_t now_ns,
	struct store_point *points, size_t max)
{
	size_t n = 0;
	/* A track's time may lie a little ahead of ours. */
	for (int64_t day = now_ns / DAY_NS + 1; day >= since_ns / DAY_NS && day > 0 && n < max; day--) {
		char name[16];
		day_name(day, name);
		if (!have_day(s, name))
			continue;
		ssize_t k = trail_of_day(s, name, id, mmsi, since_ns, points + n, max - n);
		if (k < 0)
			return k;
		n += (size_t)k;
	}
	for (size_t i = 0; i < n / 2; i++) {
		struct store_point p = points[i];
		points[i] = points[n - 1 - i];
		points[n - 1 - i] = p;
	}
	return (ssize_t)n;
}

int store_put_alarm(struct store *s, struct store_alarm *a)
{
	char track[TRACKID_TEXT_MAX];
	trackid_format(&a->track, track);
	sqlite3_stmt *q = s->stmts[a->id ? STMT_ALARM_PUT : STMT_ALARM_ADD];
	db_bind(q, a->id ? "ttittiitiiiii" : "ttittiitiiii", a->kind, a->what, (int64_t)a->test, track, a->name, a->raised_ns,
		a->ack_ns, a->ack_by, a->closed_ns, (int64_t)a->lat_e7, (int64_t)a->lon_e7, (int64_t)a->ended,
		(int64_t)a->id);
	int r = run(s, q);
	if (r < 0)
		return r;
	if (!a->id)
		a->id = (uint64_t)sqlite3_last_insert_rowid(s->db);
	return 0;
}

int store_each_alarm(struct store *s, int64_t closed_since_ns, void (*fn)(void *user, const struct store_alarm *a),
	void *user)
{
	sqlite3_stmt *q = s->stmts[STMT_ALARM_EACH];
	int r;
	db_bind(q, "i", closed_since_ns);
	while ((r = db_row(q)) > 0) {
		struct store_alarm a = { .id = (uint64_t)sqlite3_column_int64(q, 0), .test = sqlite3_column_int(q, 3) != 0 };
		char track[TRACKID_TEXT_MAX];
		db_text(q, 1, a.kind, sizeof(a.kind));
		db_text(q, 2, a.what, sizeof(a.what));
		db_text(q, 4, track, sizeof(track));
		(void)trackid_parse(track, &a.track);
		db_text(q, 5, a.name, sizeof(a.name));
		a.raised_ns = sqlite3_column_int64(q, 6);
		a.ack_ns = sqlite3_column_int64(q, 7);
		db_text(q, 8, a.ack_by, sizeof(a.ack_by));
		a.closed_ns = sqlite3_column_int64(q, 9);
		a.lat_e7 = sqlite3_column_int(q, 10);
		a.lon_e7 = sqlite3_column_int(q, 11);
		a.ended = sqlite3_column_int(q, 12) != 0;
		fn(user, &a);
	}
	return r;
}

int store_audit(struct store *s, int64_t at_ns, const char *who, const char *action, const char *object,
	const char *detail)
{
	db_bind(s->stmts[STMT_AUDIT], "itttt", at_ns, who, action, object, detail);
	int r = run(s, s->stmts[STMT_AUDIT]);
	return r < 0 ? r : 0;
}

#define DROP_MAX 64 /* tables dropped at a time: the next round takes the rest */

/* Names of the history tables whose day is before @last ("20261124"), oldest first. */
static int old_tables(struct store *s, const char *last, char names[DROP_MAX][32])
{
	sqlite3_stmt *q = NULL;
	int n = 0, r = db_prepare(s->db,
			     "SELECT name FROM sqlite_schema WHERE type = 'table' AND (name GLOB 'history_[0-9]*'"
			     " OR name GLOB 'late_[0-9]*') AND substr(name, instr(name, '_') + 1) < ?1 ORDER BY name", &q);
	if (r >= 0) {
		db_bind(q, "t", last);
		while (n < DROP_MAX && (r = db_row(q)) > 0)
			db_text(q, 0, names[n++], 32);
	}
	sqlite3_finalize(q);
	return r < 0 ? r : n;
}

static int drop_tables(struct store *s, char names[][32], int n)
{
	int r = 0;
	for (unsigned i = 0; n > 0 && i < DAYS_OPEN; i++)
		close_day(&s->days[i]);
	for (int i = 0; i < n; i++) {
		char sql[64];
		snprintf(sql, sizeof(sql), "DROP TABLE %.31s", names[i]);
		if ((r = begin(s)) < 0 || (r = db_exec(s->db, sql)) < 0)
			return r;
	}
	return 0;
}

static int64_t pragma(struct store *s, const char *sql)
{
	sqlite3_stmt *q = NULL;
	int64_t v = 0;
	if (db_prepare(s->db, sql, &q) >= 0 && db_row(q) > 0)
		v = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return v;
}

uint64_t store_bytes(struct store *s)
{
	return (uint64_t)((pragma(s, "PRAGMA page_count") - pragma(s, "PRAGMA freelist_count")) *
			  pragma(s, "PRAGMA page_size"));
}

/* Both tables of the oldest day before @last. Return: how many, 0 when there is no such day, or -errno. */
static int drop_oldest_day(struct store *s, const char *last)
{
	char names[DROP_MAX][32], day[2][32];
	int n = old_tables(s, last, names), of_day = 0;
	const char *oldest = NULL;
	for (int i = 0; i < n; i++) {
		const char *name = strchr(names[i], '_') + 1;
		oldest = !oldest || strcmp(name, oldest) < 0 ? name : oldest;
	}
	for (int i = 0; i < n && of_day < 2; i++)
		if (!strcmp(strchr(names[i], '_') + 1, oldest))
			memcpy(day[of_day++], names[i], sizeof(day[0]));
	int r = n < 0 ? n : drop_tables(s, day, of_day);
	if (r >= 0)
		r = store_commit(s);
	return r < 0 ? r : of_day;
}

int store_shrink(struct store *s, int64_t now_ns, uint64_t max_bytes)
{
	char last[16];
	int r = store_commit(s), dropped = 0;
	day_name(now_ns / DAY_NS - 1, last);
	while (r >= 0 && max_bytes && store_bytes(s) > max_bytes && (r = drop_oldest_day(s, last)) > 0)
		dropped += r;
	return r < 0 ? r : dropped;
}

int store_retain(struct store *s, int64_t now_ns, int64_t keep_ns)
{
	char last[16], names[DROP_MAX][32];
	/* Before the commit: a DROP waits for nobody's half-done work. */
	int r = store_commit(s);
	if (r < 0)
		return r;
	day_name((now_ns - keep_ns) / DAY_NS, last);
	int n = old_tables(s, last, names);
	r = drop_tables(s, names, n);
	if (r < 0)
		return r;
	db_bind(s->stmts[STMT_TRACK_PURGE], "i", now_ns - GONE_KEEP_NS);
	r = run(s, s->stmts[STMT_TRACK_PURGE]);
	if (r >= 0)
		r = store_commit(s);
	return r < 0 ? r : n;
}

uint64_t store_late_count(struct store *s)
{
	sqlite3_stmt *q = NULL;
	uint64_t n = 0;
	char names[DROP_MAX][32];
	int tables = old_tables(s, "99999999", names);
	for (int i = 0; i < tables; i++) {
		char sql[80];
		if (strncmp(names[i], "late_", 5))
			continue;
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM %.31s", names[i]);
		if (db_prepare(s->db, sql, &q) >= 0 && db_row(q) > 0)
			n += (uint64_t)sqlite3_column_int64(q, 0);
		sqlite3_finalize(q);
		q = NULL;
	}
	return n;
}
