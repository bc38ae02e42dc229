/*
 * explain - what the tracker decided about each plot and each track, as notes.
 *
 * A note says one thing of one track: it took this plot, it did not take that one and why, a radar looked and saw nothing. Notes
 * are an output: the tracker never reads them, so that tracks are the same whether anybody listens or not, and the same rows
 * give the same notes. Times: ns since the Unix epoch, UTC.
 *
 *   explain.c       the words for them               explain_desk.c  where the tracker writes them
 *   explain_ring.c  the last hour of them in a file
 */
#pragma once

#include "common/plot.h"

enum explain_what {
	/* What became of a plot: at most one of these a plot and track. */
	EXPLAIN_USED,        /* the filter took it */
	EXPLAIN_BORN,        /* it started the track */
	EXPLAIN_RESTARTED,   /* the track goes on from here, what it did before is no guide */
	EXPLAIN_OTHER_TRACK, /* another track has it */
	EXPLAIN_OTHER_PLOT,  /* the track has another plot of this look */
	EXPLAIN_UNLIKELY,    /* inside the gate, but nothing was rather it than it was something else */
	EXPLAIN_LOOKED,      /* this radar had seen the track in this turn already */
	EXPLAIN_OUTSIDE,     /* near, but outside the gate: 4 to 6 sigma */
	EXPLAIN_AMBIGUOUS,   /* a bearing on which several tracks lie */
	EXPLAIN_CROWDED,     /* a bearing so soon after the last that it shares its errors */
	EXPLAIN_CONFLICT,    /* the identity is the track's, but the track cannot have sent it */
	EXPLAIN_TWICE,       /* the same report through a second receiver */
	/* What became of a track. */
	EXPLAIN_MISSED,    /* a radar looked and did not see it: the first of a series */
	EXPLAIN_CONFIRMED, /* probable enough to be published */
	EXPLAIN_COASTING,  /* unseen for too long, or hardly probable any more */
	EXPLAIN_RESUMED,   /* no longer so */
	EXPLAIN_DROPPED,   /* its end */
	EXPLAIN_MERGED,    /* its end: it is the track @ref */
	EXPLAIN_ABSORBED,  /* the track @ref was this one */
	/* Plots that no track has anything to do with: birth is 0, they are counted and not kept. */
	EXPLAIN_UNUSED, /* neither updated nor started a track, whoever was near */
	EXPLAIN_STALE,  /* older than the tracker's window when it came */
	EXPLAIN_AHEAD,  /* more than 10 s in the future */
	EXPLAIN_BAD,    /* NaN, absurd or without what its kind needs */
	_EXPLAIN_WHAT_MAX,
};

#define EXPLAIN_OUTSIDE_D2 36.0 /* as far as a plot outside the gate counts as near */

struct explain_note {
	int64_t time_ns; /* of the plot; of the look; of the tick for what became of a track */
	uint32_t birth;  /* the track; 0 = none */
	uint32_t ref;    /* of a plot: its row in the journal, the lower 32 bits. MERGED, ABSORBED: the other track's birth */
	uint8_t what;    /* enum explain_what */
	uint8_t sensor;  /* enum plot_sensor */
	char const *feed; /* borrowed during the call; "" = no feed's doing */
	/*
	 * 0..1: how probable it was that this track and nothing else, clutter included, gave the plot; BORN: existence at
	 * first. Over all tracks they sum to 1 at most. What became of a track: its existence.
	 */
	float weight;
	float d2; /* squared distance from the prediction, sigma^2; NaN = not known */
};

/* The row of a plot, or a track's birth, from a note's @ref. */
enum explain_ref { EXPLAIN_REF_NONE, EXPLAIN_REF_PLOT, EXPLAIN_REF_TRACK };

typedef void explain_fn(void *user, const struct explain_note *note);

/** explain_name() - one word, as programs read it: "used". */
const char *explain_name(enum explain_what what);

/** explain_words() - why, for people. */
const char *explain_words(enum explain_what what);

enum explain_ref explain_refers(enum explain_what what);

/** explain_is_fate() - the plot updated or started a track. */
bool explain_is_fate(enum explain_what what);
