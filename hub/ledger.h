/*
 * ledger - what left this centre, to whom, under which rule: hash-chained, so that nobody can change it unseen.
 *
 * One entry per released batch, canonical CBOR: {1 n, 2 hash of entry n-1, 3 time ns, 4 peer, 5 lane, 6 lane epoch,
 * 7 first seq, 8 last seq, 9 policy version, 10 policy digest, 11 tracks, 12 withdrawals, 13 withheld, 14 Merkle root,
 * 15 reports on the centre's own health (absent = none)}. The root
 * stands over salted commitments SHA-256(0 | salt | [object, version, kind, rule]), nodes SHA-256(1 | left | right) as in
 * RFC 6962. Commitments lie in a table of their own: erasing one destroys salt and content, the chain still verifies.
 *
 * An entry is durable before its batch can be read for sending. The same file and transaction hold what the peer has
 * now and the batch itself until the peer's log has it, so that a kill at any moment loses and doubles nothing.
 */
#pragma once

#include "common/track.h"
#include "hub/trackid.h"

#include <stddef.h>

#define LEDGER_HASH 32
#define LEDGER_NAME_MAX 32
#define LEDGER_WITHHELD 0 /* kind of a record that only takes a number; never sent */

struct ledger;

struct ledger_object {
	struct track_id id;
	uint64_t version;
	uint8_t kind;	  /* enum wire_kind: WIRE_TRACK, WIRE_WITHDRAW; WIRE_HEALTH: the centre's own, id {origin, 0, 0} */
	bool ended;	  /* the track's last version: the peer has it no more */
	const char *rule; /* id of the rule, or why it was withdrawn */
	const void *data; /* what goes on the wire, borrowed */
	size_t size;
};

struct ledger_batch {
	const char *peer, *lane;
	uint64_t epoch, first; /* of the peer's log; objects take first, first + 1, ... */
	uint64_t policy_version;
	const char *policy_digest;
	uint64_t withheld; /* > 0: one more number after the objects, that stands for all of them */
	size_t n;
	const struct ledger_object *objects;
};

int ledger_open(const char *path, struct ledger **ret_l);
void ledger_close(struct ledger *l);

int ledger_begin(struct ledger *l); /* idempotent until the commit */
/** ledger_append() - inside begin/commit. *ret_last is the batch's last seq. Any error: ledger_rollback(). */
int ledger_append(struct ledger *l, int64_t now_ns, const struct ledger_batch *batch, uint64_t *ret_last);
int ledger_commit(struct ledger *l);
void ledger_rollback(struct ledger *l);
uint64_t ledger_entries(const struct ledger *l);

/* What a peer has now. */
struct ledger_released {
	struct track_id id;
	uint64_t version;
	bool again; /* the log that carried it was lost: it must be sent again */
	char lane[LEDGER_NAME_MAX], rule[LEDGER_NAME_MAX];
};
int ledger_each_released(struct ledger *l, const char *peer,
	void (*fn)(void *user, const struct ledger_released *r), void *user);

/** ledger_each_pending() - batches committed here that the peer's log may not have: those after @after, in order. */
int ledger_each_pending(struct ledger *l, const char *peer, const char *lane, uint64_t epoch, uint64_t after,
	int (*fn)(void *user, uint64_t seq, int64_t stored_ns, uint8_t kind, const void *data, size_t size), void *user);
/** ledger_settle() - the peer's log has @upto durably; inside begin/commit. */
int ledger_settle(struct ledger *l, const char *peer, const char *lane, uint64_t upto);
/** ledger_reset_lane() - the lane's log is a new one: forgets pending, marks all it carried as to be sent again. */
int ledger_reset_lane(struct ledger *l, const char *peer, const char *lane, uint64_t epoch);
/** ledger_lane_epoch() - Return: 0 or -ENOENT when nothing was ever released on the lane. */
int ledger_lane_epoch(struct ledger *l, const char *peer, const char *lane, uint64_t *ret_epoch);

/** ledger_erase() - destroys salt and content of every commitment on @id. Return: how many or -errno. */
int ledger_erase(struct ledger *l, const struct track_id *id);

struct ledger_entry {
	uint64_t n;
	int64_t time_ns;
	char peer[LEDGER_NAME_MAX], lane[LEDGER_NAME_MAX];
	uint64_t epoch, first, last, policy_version, tracks, withdrawals, withheld, reports;
	char policy_digest[65];
	uint8_t prev[LEDGER_HASH], root[LEDGER_HASH], hash[LEDGER_HASH];
};

struct ledger_report {
	uint64_t entries, objects, erased;
	uint64_t broken;  /* the first broken entry; 0 = none */
	char reason[128]; /* why it is broken */
	uint8_t head[LEDGER_HASH];
};
/** ledger_verify() - reads the file at @path. Return: 0 whole, 1 broken (see the report), -errno unreadable. */
int ledger_verify(const char *path, struct ledger_report *ret_report);
/** ledger_each() - entries from @from on. @fn returns < 0 to stop. */
int ledger_each(const char *path, uint64_t from, int (*fn)(void *user, const struct ledger_entry *e), void *user);
/** ledger_each_object() - the commitments of entry @n that were not erased; @track is "" for an erased one. */
int ledger_each_object(const char *path, uint64_t n,
	void (*fn)(void *user, unsigned i, const char *track, uint64_t version, uint8_t kind, const char *rule), void *user);
