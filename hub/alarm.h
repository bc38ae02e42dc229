/*
 * alarm - what an officer must see and answer: raised from tracks in distress, acknowledged by a person, closed when
 * it is acknowledged and its track has ended.
 *
 * One per track, and a second one where a test turned into the real thing. Every change is in the store (and the
 * acknowledgement in the audit trail) before it shows.
 */
#pragma once

#include "hub/jout.h"
#include "hub/picture.h"
#include "hub/store.h"

#define ALARM_OPEN_MAX 1000 /* open at once; more are counted and not raised: nobody could answer them */

struct alarm_list;

/** alarm_load() - the open ones of the store. @store is borrowed. */
int alarm_load(struct store *store, struct alarm_list **ret_list);
void alarm_free(struct alarm_list *list);

/** alarm_track() - after each applied version of a track, the last one included. */
void alarm_track(struct alarm_list *list, const struct track *t, int64_t now_ns);

/**
 * alarm_ack() - durable when it returns
 * @who: printable, 1 to STORE_WHO_MAX - 1 bytes
 *
 * Return: 0; -ENOENT; -EALREADY when somebody did before; -EINVAL for @who; -errno of the store.
 */
int alarm_ack(struct alarm_list *list, uint64_t id, const char *who, int64_t now_ns);

uint64_t alarm_revision(const struct alarm_list *list); /* counts up with every change */
size_t alarm_open(const struct alarm_list *list);
uint64_t alarm_refused(const struct alarm_list *list);

/** alarm_json_all() - the open ones as a JSON array's elements. */
void alarm_json_all(const struct alarm_list *list, const struct picture *p, struct jout *j);
/** alarm_json_recent() - with those closed since @since_ns. */
void alarm_json_recent(const struct alarm_list *list, const struct picture *p, int64_t since_ns, struct jout *j);
/** alarm_json_one() - an open or a closed one. Return: 0 or -ENOENT. */
int alarm_json_one(const struct alarm_list *list, const struct picture *p, uint64_t id, struct jout *j);
