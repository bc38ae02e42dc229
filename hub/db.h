/*
 * db - an SQLite file the way all of the hub's are: WAL, synchronous=FULL, one writer, errors as -errno.
 */
#pragma once

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

/**
 * db_open() - opens or makes @path
 * @application_id: in the file's header; another's file is -EBADMSG and left alone
 * @schema:         step n makes version n + 1 of version n, version 0 being an empty file; ends with NULL. What a file has not
 *                  seen yet is run in one transaction: an upgrade brings it forward, or leaves it as it was.
 *
 * Return: 0, -EPROTONOSUPPORT for a file of more steps than these, left alone; another -errno.
 */
int db_open(const char *path, int32_t application_id, const char *const *schema, sqlite3 **ret_db);
/** db_open_read() - an existing file of the last step's version, for reading only. -ENOENT, -EBADMSG, -EPROTONOSUPPORT. */
int db_open_read(const char *path, int32_t application_id, const char *const *schema, sqlite3 **ret_db);
void db_close(sqlite3 *db); /* NULL is fine; statements must be finalized */

/** db_errno() - what the last failed call on @db means as -errno. */
int db_errno(sqlite3 *db);
int db_exec(sqlite3 *db, const char *sql);
int db_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_stmt);

/**
 * db_bind() - resets @stmt and binds from index 1
 * @kinds: one character an argument: i int64_t, d double (NaN = NULL), t const char *, b const void * and size_t.
 *         Text and blobs are borrowed until the statement is bound again.
 */
void db_bind(sqlite3_stmt *stmt, const char *kinds, ...);
/** db_row() - the next row. Return: 1 when there is one, 0 at the end (the statement is reset), -errno. */
int db_row(sqlite3_stmt *stmt);
/** db_run() - a statement without rows; reset afterwards. Return: rows changed or -errno. */
int db_run(sqlite3_stmt *stmt);
/** db_text() - column @i copied into @buf, cut at @cap. */
void db_text(sqlite3_stmt *stmt, int i, char *buf, size_t cap);
