/* dberr - what SQLite says, as -errno: one translation for every database of ours. */
#pragma once

#include <sqlite3.h>

/**
 * dberr_of() - @code of a call on @db (NULL = there is none)
 *
 * Return: 0 for OK, ROW and DONE; -EBADMSG damaged or not a database; -ENOSPC; -EBUSY; -ENOMEM; -EEXIST a constraint;
 * -EROFS; the system's own error where SQLite knows it; else -ENOENT for what cannot be opened and -EIO.
 */
int dberr_of(sqlite3 *db, int code);

/** dberr_text() - why a database of ours cannot be opened, for people. @err: -errno */
const char *dberr_text(int err);
