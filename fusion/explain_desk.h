/*
 * explain_desk - where the tracker writes down what it decides, until it is told to whoever listens.
 *
 * One page a plot of the batch at work: which tracks it could belong to, then what was decided. Pages are told in the order of
 * plots by explain_desk_tell(), so that notes do not depend on the order in which batches were worked on; a page is touched by
 * whoever works on its plot and by nobody else. A page holds EXPLAIN_DESK_MARKS tracks; beyond, the least probable go (their
 * share still counts). Tentative tracks keep no record of what they did not get: nobody has ever seen them.
 *
 * Only fusion/ files named in tracker.h include this. With nobody listening (t->desk is NULL) each call costs a branch.
 */
#pragma once

#include "fusion/explain.h"
#include "fusion/state.h"

#define EXPLAIN_DESK_MARKS 8
#define EXPLAIN_DESK_OPEN 0xff /* not decided yet */

struct explain_desk_mark {
	uint32_t slot, birth;
	float weight, d2;
	uint8_t what; /* enum explain_what, or OPEN */
	bool tentative;
};

struct explain_desk_page {
	const struct tracker_input *plot; /* borrowed until told */
	double rest;			  /* share of those there was no room for */
	uint32_t n;
	struct explain_desk_mark marks[EXPLAIN_DESK_MARKS];
};

struct explain_desk {
	explain_fn *fn;
	void *user;
	struct explain_desk_page *pages; /* max_pending: a radar's plot has its place in t->order, all others the first */
};

/** explain_desk_new() - a desk in @t. Return: 0 or -ENOMEM. */
int explain_desk_new(struct tracker *t, explain_fn *fn, void *user);
void explain_desk_free(struct tracker *t);

void explain_desk_write(struct tracker *t, size_t page, uint8_t what, uint32_t slot, double weight, double d2);
void explain_desk_look(struct tracker *t, size_t page, uint32_t slot);

/** explain_desk_open() - @plot is the page's from here on. */
static inline void explain_desk_open(struct tracker *t, size_t page, const struct tracker_input *plot)
{
	if (t->desk)
		t->desk->pages[page] = (struct explain_desk_page){ .plot = plot };
}

/** explain_desk_pair() - the plot is in the track's gate. @share: any measure of how probable the track gave the plot; only
 * its ratio to others' counts. */
static inline void explain_desk_pair(struct tracker *t, size_t page, uint32_t slot, double share, double d2)
{
	if (t->desk)
		explain_desk_write(t, page, EXPLAIN_DESK_OPEN, slot, share, d2);
}

/** explain_desk_note() - the track and the plot, decided already. GATE_NONE: no track. */
static inline void explain_desk_note(
	struct tracker *t, size_t page, enum explain_what what, uint32_t slot, double weight, double d2)
{
	if (t->desk)
		explain_desk_write(t, page, (uint8_t)what, slot, weight, d2);
}

/** explain_desk_outside() - the plot is not in the track's gate; it may have been near. */
static inline void explain_desk_outside(struct tracker *t, size_t page, uint32_t slot)
{
	if (t->desk)
		explain_desk_look(t, page, slot);
}

/**
 * explain_desk_decide() - @taker takes the plot, GATE_NONE = no track does
 * @others:    the share of all that is not a track, in the measure of explain_desk_pair()
 * @column_of: by row (t->row_of): the plot a track took, ASSIGN_NONE = none; NULL where a track may take any number
 */
void explain_desk_decide(struct tracker *t, size_t page, uint32_t taker, double others, const uint32_t *column_of);

/** explain_desk_amend() - what was decided as @from was @to after all. */
void explain_desk_amend(struct tracker *t, size_t page, enum explain_what from, enum explain_what to);

/** explain_desk_tell() - @n pages from @first on, in order. */
void explain_desk_tell(struct tracker *t, size_t first, size_t n);

/** explain_desk_lost() - a plot that reaches no track: STALE, AHEAD, BAD. */
void explain_desk_lost(struct tracker *t, enum explain_what what, const struct tracker_input *plot);

/** explain_desk_event() - what became of a track, told at once. @station: UINT32_MAX = no sensor's doing. */
void explain_desk_event(struct tracker *t, enum explain_what what, const struct record *r, uint32_t station,
	uint32_t ref, int64_t time_ns);
