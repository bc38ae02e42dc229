/*
 * journal - what happened, in order, durable: plots, sites, health, ticks, configuration. The
 * picture is a function of it.
 *
 * A folder of SQLite files ("slices", WAL, synchronous=FULL), each from one jseq on and whole in
 * itself: it starts with the hosts' cursors and the tracker's state as they were. Retention deletes
 * whole slices. Rows and cursors are written in one transaction; many rows share one commit, then
 * each is handed back, in order, as durable.
 *
 * jseq counts from 1 without gaps for ever; the epoch is the time the journal was made (s) and
 * names its tracks.
 */
#pragma once

#include "common/ship.h"

#include <stdbool.h>
#include <stdint.h>

#define JOURNAL_GROUP_ROWS 8192 /* rows waiting for one commit; then commit first */
#define JOURNAL_GROUP_BYTES (8u << 20)
#define JOURNAL_CURSORS_MAX 256 /* hosts x lanes */

struct journal_row {
	uint64_t jseq;             /* given by the journal */
	int64_t recv_ns;           /* when fusion got it; a tick's own time */
	const char *origin, *lane; /* "" for our own rows */
	uint64_t epoch, seq;       /* of the host's lane */
	uint8_t kind;              /* enum wire_kind */
	bool late;                 /* too late for the tracker: history only */
	const void *data;
	size_t size;
};

struct journal;

/** journal_open() - opens or creates @dir. Return: 0, -EBADMSG when it is damaged, -EBUSY when
 * another has it, -errno. */
int journal_open(const char *dir, int64_t now_ns, struct journal **ret_j);
void journal_close(struct journal *j);

uint32_t journal_epoch(const struct journal *j);
/** journal_renew() - a new epoch, greater than the present one; rows and cursors stay. Nothing may wait for a commit.
 * Return: 0 or -errno. */
int journal_renew(struct journal *j, int64_t now_ns);
bool journal_fresh(const struct journal *j);    /* made by this open: nothing before it is known */
uint64_t journal_head(const struct journal *j); /* last durable jseq; 0 = none */
uint64_t journal_tail(const struct journal *j); /* first jseq kept */

/** journal_append() - takes a row into the group; copied. Return: 0, -ENOBUFS: commit first, or
 * -errno: the group is lost. */
int journal_append(struct journal *j, const struct journal_row *row);

/** journal_cursor_set() - in the group: the host's lane is now durable here up to @seq. */
int journal_cursor_set(
	struct journal *j, const char *origin, const char *lane, uint64_t epoch, uint64_t seq);

/** journal_cursor() - durable or in the group. Return: false and 0, 0 when the lane was never seen.
 */
bool journal_cursor(const struct journal *j, const char *origin, const char *lane,
	uint64_t *ret_epoch, uint64_t *ret_seq);

/** journal_waiting() - rows and cursors in the group that a commit would make durable. */
bool journal_waiting(const struct journal *j);

/**
 * journal_commit() - makes the group durable, then hands its rows to @apply in order (data borrowed
 * during the call)
 *
 * Return: 0; or -errno: nothing of the group remains, cursors are what they were before it.
 */
int journal_commit(
	struct journal *j, void (*apply)(void *user, const struct journal_row *row), void *user);

/**
 * journal_slice() - from the next row on in a new file that starts with @state; nothing may wait
 * for a commit
 * @state: the tracker's checkpoint after journal_head()
 */
int journal_slice(struct journal *j, const void *state, size_t size);
uint64_t journal_slice_start(const struct journal *j); /* first jseq of the present slice */
unsigned journal_slices(const struct journal *j);

uint64_t journal_bytes(const struct journal *j); /* of all slices on disk */

/** journal_trim() - deletes the oldest slices as long as more than @keep remain. *ret_tail: first
 * jseq kept. */
int journal_trim(struct journal *j, unsigned keep, uint64_t *ret_tail);

/**
 * journal_read() - every row from @from on in order, while the journal may be open elsewhere
 * @state: called first when the reading starts at a slice that begins with a state and @from is 0;
 * may be NULL
 * @row:   not 0 stops and is returned
 *
 * Return: 0, what @row returned, or -errno (-ENOENT: no journal, -EBADMSG: damaged).
 */
int journal_read(const char *dir, uint64_t from,
	int (*state)(void *user, const void *data, size_t size),
	int (*row)(void *user, const struct journal_row *row), void *user);

/** journal_read_since() - as journal_read(), from the beginning of the newest slice that begins at @time_ns or before; of the
 * oldest when none does. @state is called with that slice's. */
int journal_read_since(const char *dir, int64_t time_ns, int (*state)(void *user, const void *data, size_t size),
	int (*row)(void *user, const struct journal_row *row), void *user);
