/*
 * tracklog - what fusion has published, for the hub to pull: tracks.db (tracks) and feeds.db
 * (sites, health, late plots).
 *
 * Two ship logs. With each commit the journal's position goes into the same transaction, so that
 * after a restart outputs that are there already are compared with what replay gives and not
 * appended again.
 */
#pragma once

#include "common/shiplog.h"

#include <stdbool.h>

struct tracklog;

int tracklog_open(const char *dir, int64_t now_ns, struct tracklog **ret_l);
void tracklog_close(struct tracklog *l);

struct shiplog *tracklog_tracks(struct tracklog *l);
struct shiplog *tracklog_feeds(struct tracklog *l);

/** tracklog_published() - jseq up to which tracks are in the log; 0 = nothing. @ret_next_birth: 1
 * when not known. */
uint64_t tracklog_published(const struct tracklog *l, uint32_t *ret_next_birth);

/** tracklog_rewind() - the engine is at @seq of the track log (from a checkpoint): outputs up to
 * published() are compared. */
void tracklog_rewind(struct tracklog *l, uint64_t seq);

/** tracklog_track() - an output of row @jseq. Return: 0; 1 when it was there and equal or trimmed;
 * -EILSEQ when it was there and differs (counted, the log stays as it is); -errno. */
int tracklog_track(
	struct tracklog *l, uint64_t jseq, int64_t now_ns, const void *data, size_t size);
int tracklog_feed(struct tracklog *l, uint64_t jseq, int64_t now_ns, uint8_t kind, const void *data,
	size_t size);

/** tracklog_note() - a record of fusion's own for the hub, not due to a row. */
int tracklog_note(struct tracklog *l, int64_t now_ns, uint8_t kind, const void *data, size_t size);

/** tracklog_commit() - what was appended, with the positions of rows up to @jseq. Nothing appended:
 * nothing is written. */
int tracklog_commit(struct tracklog *l, uint64_t jseq, uint32_t next_birth);

/** tracklog_renew() - both logs begin an epoch greater than @above; what is in them stays. Nothing may be open: commit
 * first. Return: 0 or -errno. */
int tracklog_renew(struct tracklog *l, uint64_t above, int64_t now_ns);

/** tracklog_position() - seq of the last track record of rows applied so far (appended or
 * compared). */
uint64_t tracklog_position(const struct tracklog *l);
uint64_t tracklog_differences(const struct tracklog *l);
