/*
 * release - what leaves, on its way out: picture -> policy -> ledger -> the peer's logs.
 *
 * Every peer has two logs (shiplog) that its hub pulls: "distress" and "tracks". A flush takes the latest version of
 * every track that changed since the last one, asks the policy, writes the ledger's entry with the redacted batch in one
 * transaction, and only then appends to the log: what cannot be proved cannot be read. A kill between the two is
 * mended from the ledger at the next flush. What the peer may not have takes one number for all of a batch. When this
 * centre's own picture goes stale the peer is told, so that nobody down the chain shows it as live.
 */
#pragma once

#include "common/ship.h"
#include "hub/ledger.h"
#include "hub/picture.h"
#include "hub/policy.h"
#include "hub/settings.h"

#define RELEASE_BATCH_MAX 512 /* objects per peer and flush; the rest waits for the next */
#define RELEASE_PERIOD_NS INT64_C(100000000)
/* A batch that holds nothing but withheld numbers may wait: it says only "you miss nothing". */
#define RELEASE_WITHHELD_NS INT64_C(10000000000)

struct release; /* one peer's */

struct release_env {
	const struct settings *settings;
	const struct picture *picture;
	struct ledger *ledger;
	/* Replaced on reload: read through these. */
	struct policy *const *policy;
	struct section_set *const *sections;
};

/** release_new() - opens the peer's logs in @dir, mends what a kill left. @env, @peer borrowed for life. */
int release_new(const struct release_env *env, const struct settings_peer *peer, const char *dir, int64_t now_ns,
	struct release **ret_r);
void release_free(struct release *r);

/** release_flush() - Return: objects and withdrawals released, 0 when there is nothing, -errno (tried again later). */
int release_flush(struct release *r, int64_t now_ns);
/** release_say() - tells the peer that this centre's own picture is stale, or live again (@reason ""). */
void release_say(struct release *r, bool stale, const char *reason);
/** release_review() - policy or sections changed: every track is decided again at the next flush. */
void release_review(struct release *r);

/* For a ship source: lanes in order, records that may be sent. */
extern const char *const release_lanes[_POLICY_LANE_MAX];
ssize_t release_read(struct release *r, unsigned lane, uint64_t after, struct ship_record *records, size_t max_records,
	size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld);
void release_acked(struct release *r, unsigned lane, uint64_t epoch, uint64_t seq);
/** release_stale() - the peer knows @epoch or more than we have: the log starts a greater one, the picture follows. */
void release_stale(struct release *r, unsigned lane, uint64_t epoch, int64_t now_ns);
void release_head(const struct release *r, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head);

const struct settings_peer *release_peer(const struct release *r);
size_t release_count(const struct release *r); /* tracks the peer has now */
/** release_has() - whether the peer has @id now. */
bool release_has(const struct release *r, const struct track_id *id);
