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

int shiplog_open(const char *path, int64_t now_ns, struct shiplog **ret_log);
void shiplog_close(struct shiplog *log);
uint64_t shiplog_epoch(const struct shiplog *log);
uint64_t shiplog_head(const struct shiplog *log); /* last seq appended (committed or in this transaction); 0 = empty */
uint64_t shiplog_tail(const struct shiplog *log); /* first seq still kept */

int shiplog_begin(struct shiplog *log);
/** shiplog_append() - inside begin/commit. Return: 0 or -errno. *ret_seq may be NULL. */
int shiplog_append(struct shiplog *log, int64_t stored_ns, uint8_t kind, const void *data, size_t size, uint64_t *ret_seq);
int shiplog_commit(struct shiplog *log);
void shiplog_rollback(struct shiplog *log);

/** shiplog_read() - fits struct ship_source_ops.read; storage is the log's, valid until the next read. */
ssize_t shiplog_read(struct shiplog *log, uint64_t after, struct ship_record *records, size_t max_records, size_t max_bytes);

/** shiplog_trim() - forgets seq <= @upto. The epoch and head stay. */
int shiplog_trim(struct shiplog *log, uint64_t upto);
uint64_t shiplog_bytes(const struct shiplog *log); /* on disk */

/** Small named values in the same file and transaction: cursors (lane, epoch, seq) and the like. */
int shiplog_set(struct shiplog *log, const char *name, uint64_t a, uint64_t b);
int shiplog_get(struct shiplog *log, const char *name, uint64_t *ret_a, uint64_t *ret_b); /* -ENOENT */
