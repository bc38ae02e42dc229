/*
 * explain_ring - the newest notes of the tracker in a file of fixed size, to be read while it is written.
 *
 * The daemon maps the file once and never grows it; `vedette explain` reads it with pread(2), without a protocol and whether the
 * daemon lives or not. An entry is 16 bytes: track, row, time to 1 ms, feed, reason, weight to 1/511 (rounded down, so that sums
 * stay below 1), distance to 1/32 sigma up to 7.9. What is torn by a kill is not committed, and written again by the replay that
 * follows it: rows up to the last commit are passed over. The memory is taken at the start, so that a full file system is an
 * error then and no signal later.
 *
 * Layout, all numbers in the machine's own order (the file does not leave it):
 *   head      one page: magic, sizes, origin, epoch, two commits of which @which is valid, @ahead
 *   feeds     EXPLAIN_RING_FEEDS names
 *   cards     the last word on each published track, found by birth modulo their number
 *   blocks    for each EXPLAIN_RING_BLOCK entries: what their 32-bit times and rows count from
 *   entries
 *
 * Everything a reader takes from the file is checked: it may be anybody's.
 */
#pragma once

#include "common/track.h"
#include "fusion/explain.h"

#include <stddef.h>

#define EXPLAIN_RING_ENTRY 16 /* bytes */
#define EXPLAIN_RING_BLOCK 4096
#define EXPLAIN_RING_FEEDS 1024
#define EXPLAIN_RING_MAX (UINT64_C(64) << 30)

struct explain_ring;

/**
 * explain_ring_open() - for writing, of @bytes in all; goes on with what is in the file when it is this track log's
 * Return: 0, -EINVAL: too small or too large a size, -ENOSPC, -errno.
 */
int explain_ring_open(const char *path, uint64_t bytes, const char *origin, uint32_t epoch, struct explain_ring **ret_r);
void explain_ring_close(struct explain_ring *r);

/** explain_ring_note() - of row @jseq. What a commit has already is passed over. */
void explain_ring_note(struct explain_ring *r, uint64_t jseq, const struct explain_note *note);

/** explain_ring_track() - a published version: the track's card. */
void explain_ring_track(struct explain_ring *r, uint64_t jseq, const struct track *track);

/** explain_ring_commit() - all notes of rows up to @jseq have been given. */
void explain_ring_commit(struct explain_ring *r, uint64_t jseq);

/** explain_ring_round() - the note as it would be read from a ring: for what does not come from one. */
void explain_ring_round(struct explain_note *note);

/* The last word on one track. */
struct explain_card {
	uint32_t turn;	/* odd while it is written */
	uint32_t birth; /* 0 = free */
	uint32_t id;
	uint8_t id_kind; /* enum plot_id_kind */
	uint8_t state;	 /* enum track_state */
	uint8_t spare[2];
	float probability; /* of the identity */
	float existence;
	int64_t time_ns;
};

/** explain_ring_card() - what @track says on its card. */
void explain_ring_card(const struct track *track, struct explain_card *ret_card);

struct explain_ring_info {
	char origin[TRACK_ORIGIN_MAX];
	uint32_t epoch;
	uint64_t capacity, head; /* entries: room, ever written */
	uint64_t jseq;		 /* of the last commit */
	int64_t newest_ns;	 /* of the newest note */
	int64_t oldest_ns;	 /* from here on it is whole; INT64_MAX = it is empty */
	uint64_t counts[_EXPLAIN_WHAT_MAX]; /* since the file was made, entries or not */
};

struct explain_reader;

/** explain_ring_read() - @fd stays the caller's and open. Return: 0, -EBADMSG: not a ring of this version, -errno. */
int explain_ring_read(int fd, struct explain_reader **ret_r);
void explain_ring_done(struct explain_reader *r);
void explain_ring_about(const struct explain_reader *r, struct explain_ring_info *ret_info);

/** explain_ring_each() - every note that is still there, as written: almost in the order of time. Return: 0 or -errno. */
int explain_ring_each(struct explain_reader *r, explain_fn *fn, void *user);

/** explain_ring_cards() - Return: 0 or -errno. */
int explain_ring_cards(struct explain_reader *r, void (*fn)(void *user, const struct explain_card *card), void *user);
