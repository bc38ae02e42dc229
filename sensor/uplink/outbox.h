/*
 * outbox - what the host knows and the centre has not acknowledged: three lanes, each its own log file.
 *
 * A feed's record goes into exactly one lane: a distress call into distress, everything else into live while the link
 * is live and into backfill otherwise. Records and the feed's cursor become durable together, so a feed may forget what
 * was acknowledged, and what it sends again after a crash is recognised.
 *
 * A batch may touch two files, which cannot commit as one. Distress commits first, with the cursor, then the bulk lane
 * with the cursor: where a feed goes on is what live or backfill says; a distress call that came that far before a crash
 * is skipped when it comes again.
 *
 * The live lane may lie in memory (a tmpfs): what is in it is at the centre within moments, survives a kill there, and does not wear
 * out a flash disk. A power cut loses what of it was under way. Distress and backfill are on disk.
 *
 * Disk budget: beyond MaxSize the oldest radar plots of backfill go, then the oldest of anything else in backfill, then
 * the same in live. Distress is never dropped. Each dropped record is counted and leaves a hole the centre sees.
 */
#pragma once

#include "common/ship.h"

enum outbox_lane { OUTBOX_DISTRESS, OUTBOX_LIVE, OUTBOX_BACKFILL, _OUTBOX_LANE_MAX };
extern const char *const outbox_lane_names[_OUTBOX_LANE_MAX];

struct outbox;

/**
 * outbox_open() - @dir: existing directory; @live_dir: of the live lane; @host: set in every health record; @max_bytes: 0 = no
 * budget
 *
 * A live lane that an older version left in @dir is used until it is empty.
 * Return: 0, or -errno as shiplog_open() with the file's path in @ret_path.
 */
int outbox_open(const char *dir, const char *live_dir, const char *host, uint64_t max_bytes, int64_t now_ns, struct outbox **ret_o,
	char ret_path[static 4096]);
void outbox_close(struct outbox *o);

/** outbox_cursor() - the last seq of @log ("feed/NAME", "state/NAME") of that epoch that is durable here; 0 = none. */
uint64_t outbox_cursor(struct outbox *o, const char *log, uint64_t epoch);

/**
 * outbox_take() - a feed's batch, its bulk into @bulk (live or backfill); durable after outbox_commit()
 *
 * Records that cannot be decoded, name another feed or are of no kind that a feed may send are counted and left out.
 * Return: 0, or -errno of the disk: then nothing since the last commit remains, and every feed must start again from
 * outbox_cursor().
 */
int outbox_take(struct outbox *o, const char *feed, const struct ship_batch *b, enum outbox_lane bulk, int64_t now_ns);

/** outbox_put() - one record of our own, without a cursor. Return and durability as outbox_take(). */
int outbox_put(struct outbox *o, enum outbox_lane lane, uint8_t kind, const void *data, size_t size, int64_t now_ns);

bool outbox_dirty(const struct outbox *o);  /* something waits for outbox_commit() */
bool outbox_urgent(const struct outbox *o); /* and should not wait long: a distress call, something live, or much */
int outbox_commit(struct outbox *o);	   /* errors as outbox_take() */

/** outbox_tick() - once a second: trims what was acknowledged, keeps the budget, sets the gauges. */
int outbox_tick(struct outbox *o);

/* For the ship source to the centre. */
ssize_t outbox_read(struct outbox *o, unsigned lane, uint64_t after, struct ship_record *records, size_t max_records,
	size_t max_bytes, uint64_t *ret_last);
void outbox_acked(struct outbox *o, unsigned lane, uint64_t seq);
void outbox_head(struct outbox *o, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head);
int outbox_renew(struct outbox *o, unsigned lane, uint64_t above, int64_t now_ns);
