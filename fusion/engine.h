/*
 * engine - journal rows in, published objects out: the tracker with the bytes around it.
 *
 * The daemon and `vedette replay` run the same engine, so what is verified is what ran. No clock,
 * no I/O.
 */
#pragma once

#include "fusion/journal.h"
#include "fusion/tracker.h"

/* Counts up when the same rows would give other tracks or the state's layout changes. */
#define ENGINE_REVISION 9

struct engine_ops {
	/** A track's new version, encoded, due to the row @jseq. */
	void (*track)(void *user, uint64_t jseq, const void *data, size_t size);
	/** A site, health record or late plot for the hub, as it came. May be NULL. */
	void (*feed)(void *user, uint64_t jseq, int64_t recv_ns, uint8_t kind, const void *data,
		size_t size);
	/** Why: what the tracker decided at the row @jseq; and the track's new version as it is. Either may be NULL. */
	void (*explain)(void *user, uint64_t jseq, const struct explain_note *note);
	void (*version)(void *user, uint64_t jseq, const struct track *track);
};

enum engine_counter {
	ENGINE_ROWS,
	ENGINE_BAD,  /* rows that cannot be read */
	ENGINE_LATE, /* plots for history only */
	ENGINE_TICKS,
	ENGINE_TRACKS,  /* versions published */
	ENGINE_FOREIGN, /* configurations of another build: rows after them are skipped */
	ENGINE_SKIPPED, /* rows without a tracker to take them */
	_ENGINE_COUNTER_MAX,
};

struct engine;
int engine_new(const struct engine_ops *ops, void *user, struct engine **ret_e);
void engine_free(struct engine *e);

/** engine_threads() - that trackers made from now on share their work among; 1 until told. Changes no track, so it is in no
 * configuration row. */
void engine_threads(struct engine *e, unsigned threads);

/** engine_apply() - the next row. Rows that cannot be read are counted. Return: 0, or -errno: no
 * tracker could be made. */
int engine_apply(struct engine *e, const struct journal_row *row);

/** engine_config() - a configuration row's bytes; with it a tracker starts anew and births go on
 * from @next_birth. */
ssize_t engine_config(
	void *buf, size_t cap, const struct tracker_config *config, uint32_t next_birth);

/** engine_is() - runs with exactly this configuration. */
bool engine_is(const struct engine *e, const struct tracker_config *config);

/** engine_save() - the state after the last row, as bytes. NULL and 0 when there is no tracker yet.
 * free() it. */
int engine_save(const struct engine *e, void **ret_data, size_t *ret_size);

/** engine_load() - Return: 0, -ESTALE when another build or revision made it, -EBADMSG. On error
 * the engine is as new. */
int engine_load(struct engine *e, const void *data, size_t size);

uint64_t engine_jseq(const struct engine *e);     /* of the last row applied */
struct tracker *engine_tracker(struct engine *e); /* NULL before the first configuration */
uint64_t engine_count(const struct engine *e, enum engine_counter which);
const char *engine_build(void); /* version, revision and layout: what a state can be read by */
