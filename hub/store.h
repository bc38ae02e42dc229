/*
 * store - what the hub must not forget: the present picture, its history, sites, feed health, alarms, the audit
 * trail, and how far it has read from whom. One SQLite file, picture.db.
 *
 * Group commit: every put opens a transaction where none is open; store_commit() makes all of it durable at once,
 * the cursors of what was received with it. History lies in one table a UTC day and is dropped by the day.
 */
#pragma once

#include "common/plot.h"
#include "common/track.h"
#include "common/wire.h"

#include <stddef.h>

struct store;

int store_open(const char *path, struct store **ret_s);
void store_close(struct store *s); /* commits what is open */

/** store_commit() - Return: 0; -errno: everything since the last commit is rolled back. */
int store_commit(struct store *s);
/** store_rollback() - forgets everything since the last commit: after a put that failed half way. */
void store_rollback(struct store *s);
bool store_open_puts(const struct store *s); /* there is something to commit */

int store_put_cursor(struct store *s, const char *name, uint64_t epoch, uint64_t seq);
int store_cursor(struct store *s, const char *name, uint64_t *ret_epoch, uint64_t *ret_seq); /* -ENOENT */

/**
 * store_put_track() - the present state, and history
 * @data:   the track as received (WIRE_TRACK), borrowed
 * @step_ns: history keeps at most one version per track in this time, and every change of state
 *
 * Return: 0, or -ESTALE when this or a later version (or its withdrawal) is here: nothing is stored.
 */
int store_put_track(struct store *s, const struct track *t, const void *data, size_t size, bool foreign,
	int64_t step_ns);
/** store_withdraw() - forgets the present state; its history stays until its time. Return: 0 or -ESTALE. */
int store_withdraw(struct store *s, const struct wire_withdraw *w);
/** store_forget_epochs() - the present tracks of @origin of epochs before @epoch. */
int store_forget_epochs(struct store *s, const char *origin, uint32_t epoch);
/** store_put_late() - a plot the tracker could not use any more: history only. @seq makes it unique per feed lane. */
int store_put_late(struct store *s, const struct plot *p, const void *data, size_t size, uint64_t epoch, uint64_t seq);
int store_put_site(struct store *s, const char *origin, const struct site *site, const void *data, size_t size);
int store_put_health(struct store *s, const struct wire_health *h, const void *data, size_t size);

/** Calls @fn for each; a negative return stops and is returned. */
int store_each_track(struct store *s, int (*fn)(void *user, const void *data, size_t size, bool foreign), void *user);
int store_each_site(struct store *s, int (*fn)(void *user, const char *origin, const void *data, size_t size),
	void *user);
int store_each_health(struct store *s, int (*fn)(void *user, const void *data, size_t size), void *user);

struct store_point {
	int64_t time_ns;
	int32_t lat_e7, lon_e7;
	double sog_mps, cog_deg; /* NaN = unknown */
	bool late;
};
/** store_trail() - the youngest @max points since @since_ns, oldest first; late plots of @mmsi (0 = none) with them. */
ssize_t store_trail(struct store *s, const struct track_id *id, uint32_t mmsi, int64_t since_ns, int64_t now_ns,
	struct store_point *points, size_t max);

#define STORE_WHO_MAX 64
struct store_alarm {
	uint64_t id;
	char kind[16]; /* "distress" */
	char what[16]; /* "sart", "mob", "epirb" */
	bool test;
	bool ended; /* its track is over */
	struct track_id track;
	char name[PLOT_NAME_MAX];
	int64_t raised_ns, ack_ns, closed_ns; /* 0 = not yet */
	char ack_by[STORE_WHO_MAX];
	int32_t lat_e7, lon_e7;
};
int store_put_alarm(struct store *s, struct store_alarm *a); /* id 0: sets it */
int store_each_alarm(struct store *s, int64_t closed_since_ns, void (*fn)(void *user, const struct store_alarm *a),
	void *user);

/** store_audit() - append only: the file itself refuses to change or delete it. */
int store_audit(struct store *s, int64_t at_ns, const char *who, const char *action, const char *object,
	const char *detail);

/** store_retain() - drops the days that ended before @now_ns - @keep_ns. Return: tables dropped or -errno. */
int store_retain(struct store *s, int64_t now_ns, int64_t keep_ns);
/**
 * store_shrink() - drops the oldest days of track history and late plots until no more than @max_bytes are in use; 0 = any
 *
 * Yesterday and today stay whatever they take, and so does all that is no history. Return: tables dropped or -errno.
 */
int store_shrink(struct store *s, int64_t now_ns, uint64_t max_bytes);
uint64_t store_bytes(struct store *s); /* in use in the file */

/** store_late_count() - late plots kept in history. */
uint64_t store_late_count(struct store *s);
