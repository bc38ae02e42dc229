#include "common/dberr.h"

#include <errno.h>
#include <string.h>

int dberr_of(sqlite3 *db, int code)
{
	int sys = db ? sqlite3_system_errno(db) : 0;

	switch (code & 0xff) { /* the primary code; the rest is SQLite's detail */
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EBADMSG;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_CONSTRAINT:
		return -EEXIST;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return -EROFS;
	case SQLITE_CANTOPEN:
		return sys > 0 ? -sys : -ENOENT;
	default:
		return sys > 0 ? -sys : -EIO;
	}
}

const char *dberr_text(int err)
{
	if (err == -EPROTONOSUPPORT)
		return "written by a newer vedette; install that one, or restore a copy from before it";
	if (err == -EBADMSG)
		return "damaged, or not a file of vedette's";
	return strerror(-err);
}
