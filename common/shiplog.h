/*
 * shiplog - an append-only log in one SQLite file: (seq, stored_ns, kind, data), an epoch, trimmed by seq.
 *
 * What a ship source reads from: the uplink's lanes, fusion's track log, the hub's per-peer logs. WAL,
 * synchronous=FULL: after shiplog_commit() returns it is on disk. One writer. A file that was lost or restored gets a
 * new epoch (the time of creation in s), so receivers start afresh.
 */
#pragma once

#include "common/ship.h"

struct shiplog;

/**
 * shiplog_open() - opens or creates; no other process can write it until closed, SQLite readers can
 *
 * Return: 0; -EBADMSG when the file is damaged or not a ship log (left untouched), -EBUSY when another process has
 * it open for writing, -EPROTONOSUPPORT when a newer version wrote it, or -errno of the disk.
 */
int shiplog_open(const char *path, int64_t now_ns, struct shiplog **ret_log);
void shiplog_close(struct shiplog *log);
uint64_t shiplog_epoch(const struct shiplog *log);
uint64_t shiplog_head(const struct shiplog *log); /* last seq appended (committed or in this transaction); 0 = empty */
uint64_t shiplog_tail(const struct shiplog *log); /* first seq still kept; head + 1 when none is */
uint64_t shiplog_committed(const struct shiplog *log); /* last seq on disk: what a source announces and reads */

/**
 * shiplog_renew() - begins an epoch greater than @above and than the present one; the records and their seqs stay
 *
 * For a receiver that knows more than this file: it was restored from a copy, or made under a wrong clock. The receiver
 * takes what is still here afresh, from seq 1 on. Return: 0, -EALREADY inside a transaction, or -errno.
 */
int shiplog_renew(struct shiplog *log, uint64_t above, int64_t now_ns);

int shiplog_begin(struct shiplog *log); /* -EALREADY inside a transaction */
/** shiplog_append() - inside begin/commit. Return: 0, -EMSGSIZE over SHIP_BATCH_BYTES_MAX, -errno. *ret_seq may be NULL. */
int shiplog_append(struct shiplog *log, int64_t stored_ns, uint8_t kind, const void *data, size_t size, uint64_t *ret_seq);
/** shiplog_commit() - on an error nothing of the transaction remains and the head is what it was before it. */
int shiplog_commit(struct shiplog *log);
void shiplog_rollback(struct shiplog *log);

/**
 * shiplog_read() - committed records after @after; storage is the log's, valid until the next read
 *
 * At least one record when there is one, whatever @max_bytes. Seqs are dense but for dropped records, so
 * records[n - 1].seq - after - n were dropped. Return: number of records >= 0, or -errno.
 */
ssize_t shiplog_read(struct shiplog *log, uint64_t after, struct ship_record *records, size_t max_records, size_t max_bytes);

/** shiplog_trim() - forgets seq <= @upto, in the open transaction or one of its own. The epoch and head stay. */
int shiplog_trim(struct shiplog *log, uint64_t upto);
/** shiplog_thin() - the same, but records of @kept_kind stay. */
int shiplog_thin(struct shiplog *log, uint64_t upto, uint8_t kept_kind);
/** shiplog_drop() - forgets one record and leaves a hole, for a disk budget; transaction as in trim. */
int shiplog_drop(struct shiplog *log, uint64_t seq);
/** shiplog_bytes() - in use in the file; pages free for reuse and the WAL (<= 4 MiB at rest) not counted. */
uint64_t shiplog_bytes(const struct shiplog *log);

/**
 * Small named values in the same file, in the open transaction or each its own: cursors (lane, epoch, seq) and the
 * like. Names must not start with a dot.
 */
int shiplog_set(struct shiplog *log, const char *name, uint64_t a, uint64_t b);
int shiplog_get(struct shiplog *log, const char *name, uint64_t *ret_a, uint64_t *ret_b); /* -ENOENT */
