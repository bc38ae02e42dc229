/*
 * picture - the present state of every live track, own and foreign, in memory.
 *
 * A table of fixed capacity with stable slots: a track keeps its slot while it lives. Every change gets the next
 * revision and moves its slot to the young end of one list, so that a reader that has seen revision R walks only
 * what is newer. A slot that fell free keeps its last track until it is taken again, oldest first.
 */
#pragma once

#include "common/track.h"

#include <stddef.h>

#define PICTURE_CAPACITY_MAX 1000000

struct picture_entry {
	struct track track;
	bool used;    /* false: track is what was here last (dropped or withdrawn) */
	bool foreign; /* received from a neighbour */
	uint32_t slot;
	uint64_t revision;	 /* of the last change */
	uint64_t ident_revision; /* of the last change of id, identity, class or origin */
	uint32_t newer, older, chain; /* private: the list of changes, the hash chain */
};

struct picture;

int picture_new(size_t capacity, struct picture **ret_p);
void picture_free(struct picture *p);

/**
 * picture_apply() - a track's next version; a DROPPED one frees the slot
 * @ret_entry: borrowed, valid until the slot is taken again; may be NULL
 *
 * Return: 0; -ESTALE when this or a later version is here already; -ENOSPC; -ENOENT for the end of an unknown track.
 */
int picture_apply(struct picture *p, const struct track *t, bool foreign, struct picture_entry **ret_entry);

/** picture_remove() - withdrawn: the entry's track is marked DROPPED with version @version. Return: 0 or -ENOENT. */
int picture_remove(struct picture *p, const struct track_id *id, uint64_t version);

/** picture_forget_epochs() - removes @origin's tracks of epochs before @epoch. Return: how many. */
size_t picture_forget_epochs(struct picture *p, const char *origin, uint32_t epoch);

const struct picture_entry *picture_find(const struct picture *p, const struct track_id *id);
const struct picture_entry *picture_slot(const struct picture *p, uint32_t slot); /* NULL outside or never used */
uint64_t picture_revision(const struct picture *p);
size_t picture_count(const struct picture *p);
size_t picture_capacity(const struct picture *p);

/* Walk from the youngest change: for (e = picture_youngest(p); e && e->revision > seen; e = picture_older(p, e)) */
const struct picture_entry *picture_youngest(const struct picture *p);
const struct picture_entry *picture_older(const struct picture *p, const struct picture_entry *e);
const struct picture_entry *picture_newer(const struct picture *p, const struct picture_entry *e);

/** picture_newest_plot_ns() - time of the newest plot in @t; its own time where no source is named. */
int64_t picture_newest_plot_ns(const struct track *t);
