#include "fusion/explain.h"

#include <stddef.h>

static const struct {
	const char *name, *words;
	enum explain_ref ref;
	bool fate;
} whats[_EXPLAIN_WHAT_MAX] = {
	[EXPLAIN_USED] = { "used", "the track took it", EXPLAIN_REF_PLOT, true },
	[EXPLAIN_BORN] = { "born", "the track began with it", EXPLAIN_REF_PLOT, true },
	[EXPLAIN_RESTARTED] = { "restarted", "too far to be a movement; the track went on from here", EXPLAIN_REF_PLOT, true },
	[EXPLAIN_OTHER_TRACK] = { "other_track", "another track took it", EXPLAIN_REF_PLOT, false },
	[EXPLAIN_OTHER_PLOT] = { "other_plot", "the track took another plot of this look", EXPLAIN_REF_PLOT, false },
	[EXPLAIN_UNLIKELY] = { "unlikely", "in the gate, but more probably something else", EXPLAIN_REF_PLOT, false },
	[EXPLAIN_LOOKED] = { "looked", "this radar had seen the track in this turn", EXPLAIN_REF_PLOT, false },
	[EXPLAIN_OUTSIDE] = { "outside", "near, but outside the gate", EXPLAIN_REF_PLOT, false },
	[EXPLAIN_AMBIGUOUS] = { "ambiguous", "several tracks lie on this bearing", EXPLAIN_REF_PLOT, false },
	[EXPLAIN_CROWDED] = { "crowded", "too soon after the last bearing to tell anything new", EXPLAIN_REF_PLOT, false },
	[EXPLAIN_CONFLICT] = { "conflict", "it names the track's vessel, but from where that cannot be", EXPLAIN_REF_PLOT, false },
	[EXPLAIN_TWICE] = { "twice", "the same report through a second receiver", EXPLAIN_REF_PLOT, false },
	[EXPLAIN_MISSED] = { "missed", "looked and did not see it, once or more in a row", EXPLAIN_REF_NONE, false },
	[EXPLAIN_CONFIRMED] = { "confirmed", "probable enough to be published", EXPLAIN_REF_NONE, false },
	[EXPLAIN_COASTING] = { "coasting", "not seen when it should have been", EXPLAIN_REF_NONE, false },
	[EXPLAIN_RESUMED] = { "resumed", "seen again", EXPLAIN_REF_NONE, false },
	[EXPLAIN_DROPPED] = { "dropped", "the track ended", EXPLAIN_REF_NONE, false },
	[EXPLAIN_MERGED] = { "merged", "the track ended: it was the same vessel as", EXPLAIN_REF_TRACK, false },
	[EXPLAIN_ABSORBED] = { "absorbed", "took over a track of the same vessel,", EXPLAIN_REF_TRACK, false },
	[EXPLAIN_UNUSED] = { "unused", "neither updated nor started a track", EXPLAIN_REF_PLOT, false },
	[EXPLAIN_STALE] = { "stale", "older than the tracker's window when it came", EXPLAIN_REF_PLOT, false },
	[EXPLAIN_AHEAD] = { "ahead", "more than 10 s in the future", EXPLAIN_REF_PLOT, false },
	[EXPLAIN_BAD] = { "bad", "absurd, or without what its kind needs", EXPLAIN_REF_PLOT, false },
};

const char *explain_name(enum explain_what what)
{
	return what < _EXPLAIN_WHAT_MAX ? whats[what].name : "unknown";
}

const char *explain_words(enum explain_what what)
{
	return what < _EXPLAIN_WHAT_MAX ? whats[what].words : "a reason of a newer version";
}

enum explain_ref explain_refers(enum explain_what what)
{
	return what < _EXPLAIN_WHAT_MAX ? whats[what].ref : EXPLAIN_REF_NONE;
}

bool explain_is_fate(enum explain_what what)
{
	return what < _EXPLAIN_WHAT_MAX && whats[what].fate;
}
