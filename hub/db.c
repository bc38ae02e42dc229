#include "hub/db.h"

#include "common/dberr.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define BUSY_MS 2000 /* a reader of the command line may hold the file for a moment */

int db_errno(sqlite3 *db)
{
	/* Asked after a failure only: a code that is none of SQLite's errors is one all the same. */
	int r = dberr_of(db, sqlite3_errcode(db));
	return r ? r : -EIO;
}

int db_exec(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_errno(db);
}

static int64_t number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t v = -1;
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		v = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return v;
}

/* In one transaction: from @version on to the last. */
static int bring_forward(sqlite3 *db, int32_t application_id, const char *const *schema, int64_t version)
{
	char sql[96];
	int r = db_exec(db, "BEGIN IMMEDIATE");

	for (; r >= 0 && schema[version]; version++)
		r = db_exec(db, schema[version]);
	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %lld; COMMIT", application_id,
		(long long)version);
	return r < 0 ? r : db_exec(db, sql);
}

static int adopt(sqlite3 *db, int32_t application_id, const char *const *schema)
{
	int64_t id = number(db, "PRAGMA application_id"), version = number(db, "PRAGMA user_version"), known = 0;

	bool fixed = sqlite3_db_readonly(db, "main") == 1;

	if (id < 0 || version < 0)
		return db_errno(db);
	while (schema[known])
		known++;
	if (id == 0 && !fixed && number(db, "SELECT count(*) FROM sqlite_schema") == 0)
		version = 0;
	else if (id != application_id)
		return -EBADMSG;
	else if (version == 0)
		version = 1; /* made before versions were counted */
	if (version > known || (version < known && fixed))
		return -EPROTONOSUPPORT;
	return version == known ? 0 : bring_forward(db, application_id, schema, version);
}

static int open_with(const char *path, int flags, const char *pragmas, int32_t application_id,
	const char *const *schema, sqlite3 **ret_db)
{
	sqlite3 *db = NULL;
	int r = 0;
	if (sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		r = db ? db_errno(db) : -ENOMEM;
	if (r >= 0) {
		(void)sqlite3_busy_timeout(db, BUSY_MS);
		r = db_exec(db, pragmas);
	}
	if (r >= 0)
		r = adopt(db, application_id, schema);
	if (r < 0) {
		sqlite3_close(db);
		return r;
	}
	*ret_db = db;
	return 0;
}

int db_open(const char *path, int32_t application_id, const char *const *schema, sqlite3 **ret_db)
{
	return open_with(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16384",
		application_id, schema, ret_db);
}

int db_open_read(const char *path, int32_t application_id, const char *const *schema, sqlite3 **ret_db)
{
	return open_with(path, SQLITE_OPEN_READONLY, "PRAGMA query_only = ON", application_id, schema, ret_db);
}

void db_close(sqlite3 *db)
{
	(void)sqlite3_close(db);
}

int db_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_stmt)
{
	return sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_stmt, NULL) == SQLITE_OK ? 0 : db_errno(db);
}

void db_bind(sqlite3_stmt *stmt, const char *kinds, ...)
{
	va_list ap;
	va_start(ap, kinds);
	(void)sqlite3_reset(stmt);
	for (int i = 1; *kinds; i++, kinds++) {
		if (*kinds == 'i') {
			(void)sqlite3_bind_int64(stmt, i, va_arg(ap, int64_t));
		} else if (*kinds == 'd') {
			(void)sqlite3_bind_double(stmt, i, va_arg(ap, double)); /* SQLite stores NaN as NULL */
		} else if (*kinds == 't') {
			(void)sqlite3_bind_text(stmt, i, va_arg(ap, const char *), -1, SQLITE_STATIC);
		} else {
			const void *data = va_arg(ap, const void *);
			(void)sqlite3_bind_blob64(stmt, i, data, va_arg(ap, size_t), SQLITE_STATIC);
		}
	}
	va_end(ap);
}

int db_row(sqlite3_stmt *stmt)
{
	int code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		return 1;
	int r = code == SQLITE_DONE ? 0 : db_errno(sqlite3_db_handle(stmt));
	(void)sqlite3_reset(stmt);
	return r;
}

int db_run(sqlite3_stmt *stmt)
{
	sqlite3 *db = sqlite3_db_handle(stmt);
	int r = db_row(stmt);
	(void)sqlite3_reset(stmt);
	return r < 0 ? r : sqlite3_changes(db);
}

void db_text(sqlite3_stmt *stmt, int i, char *buf, size_t cap)
{
	const char *text = (const char *)sqlite3_column_text(stmt, i);
	snprintf(buf, cap, "%s", text ? text : "");
}
