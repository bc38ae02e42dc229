/*
 * store - journal, engine, track log and checkpoint in step: what survives a kill at any point.
 *
 * Rows become durable in the journal, then the engine has them, then its outputs become durable in
 * the track log with the row's number. After a kill the engine continues from the checkpoint:
 * outputs already in the log are compared, the rest is appended. The caller acknowledges to hosts
 * after store_commit() has returned 0, and not before.
 */
#pragma once

#include "fusion/engine.h"
#include "fusion/explain_ring.h"
#include "fusion/tracklog.h"

struct store;

struct store_report {
	bool fresh; /* a new journal, a new epoch */
	bool from_checkpoint;
	uint64_t from, rows;  /* replayed: first row, how many */
	uint64_t differences; /* outputs that replay gave otherwise than published */
	bool restarted;       /* a configuration row was written: other settings or another build */
	int explain_error;    /* 0, or why there is no ring of explanations: -errno */
};

/**
 * store_open() - opens all in @dir and replays to the journal's head
 * @config: epoch is set from the journal
 * @slice_ns, @keep_ns: length of a slice; how long slices are kept
 */
int store_open(const char *dir, const struct tracker_config *config, int64_t slice_ns,
	int64_t keep_ns, int64_t now_ns, struct store **ret_s, struct store_report *ret_report);

/* Where the tracker's decisions are kept (fusion/explain_ring.h): a file and its size. An empty path or no bytes: nowhere. */
struct store_explain {
	const char *path;
	uint64_t bytes;
};

/** store_open_explained() - as store_open(). That the file cannot be had is no error: it is reported. */
int store_open_explained(const char *dir, const struct tracker_config *config, int64_t slice_ns, int64_t keep_ns,
	const struct store_explain *explain, int64_t now_ns, struct store **ret_s, struct store_report *ret_report);

/**
 * store_renew() - this state was restored from a copy: what came after it is known elsewhere and lost here
 * @above: the highest epoch that anybody knows of a log of ours; 0 = ours
 *
 * Track log and journal begin a new epoch, so that no track gets an id that another had, and receivers start afresh. Close
 * the store after it, without a checkpoint, and open it again: then the tracker begins anew. Return: 0 or -errno.
 */
int store_renew(struct store *s, uint64_t above, int64_t now_ns);

/**
 * store_budget() - disk that journal, track log and feed log may use together; 0 = any
 *
 * Looked at with each checkpoint. Beyond it the oldest slices of the journal go, with their outputs, before their time; the
 * present slice and the one before never, so that what is going on can always be replayed.
 */
void store_budget(struct store *s, uint64_t max_bytes);
uint64_t store_bytes(const struct store *s);   /* in use */
uint64_t store_dropped(const struct store *s); /* slices that went before their time */

/** store_close() - with a last checkpoint when @checkpoint. */
void store_close(struct store *s, bool checkpoint);

struct journal *store_journal(struct store *s);
struct engine *store_engine(struct store *s);
struct tracklog *store_log(struct store *s);

/** store_late() - would a measurement of this time be too late for the tracker? */
bool store_late(const struct store *s, int64_t time_ns);

/** store_row() - a row from a host into the group. Commits first when the group is full. Return: 0
 * or -errno. */
int store_row(struct store *s, const struct journal_row *row, int64_t now_ns);

/**
 * store_tick() - time is @now_ns: a tick, a commit, and what is due with them: checkpoint every 30
 * s, slice, retention Return: 0; -EIO class errors: outputs could not be written, the process must
 * end and start again.
 */
int store_tick(struct store *s, int64_t now_ns);

/**
 * store_commit() - the group durable, applied, its outputs durable
 *
 * Return: 0; 1: the journal refused the group (disk full?): nothing of it remains, hosts must send
 * it again; -errno: outputs could not be written, the process must end and start again.
 */
int store_commit(struct store *s, int64_t now_ns);
