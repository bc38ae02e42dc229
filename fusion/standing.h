/*
 * standing - does an identity stand where it says? Two vessels with one name, a place that radar contradicts, silence.
 *
 * One standing an identity, fed with each of its reports: which track took it, and whether the track that took the last one,
 * and that radar holds, could have sent it. From one place to another and back, twice within two minutes: two vessels. Two
 * reports in a row from where no track is, while radar holds the vessel: it is not where it says. A report that fits another
 * vessel that radar holds, once, is neither: the tracks were mistaken for each other. No I/O, no clock; times in ns, metres.
 * Source: notes 2.6 (spoof check); ITU-R M.1371-5 annex 1, table 1 for the intervals silence is measured by.
 */
#pragma once

#include "common/track.h"

#include <stdbool.h>
#include <stdint.h>

struct standing {
	uint8_t kind;      /* enum track_standing_kind: TWIN, ELSEWHERE or NONE */
	bool silent, away; /* not heard for longer than it should; the last report was not from @held */
	uint8_t changes;   /* of place, within the window */
	uint8_t run;       /* reports in a row from where no track is */
	uint32_t count;    /* reports that speak for @kind */
	uint32_t held;     /* birth of the track that radar holds; 0 = none */
	uint32_t other;    /* birth of the track elsewhere; 0 = none */
	uint32_t where;    /* birth of the track that took the last report; 0 = none */
	float distance_m;  /* of the last such report from @held */
	int64_t since_ns, last_ns, change_ns; /* first and last such report; last change of place */
};

/* One report, as seen from the track that was @held. */
struct standing_report {
	int64_t time_ns;
	uint32_t taker;   /* birth of the track that takes it; 0 = none */
	bool taker_held;  /* radar holds that one */
	bool contradicts; /* radar holds @held, and it cannot have sent this */
	double distance_m; /* from @held */
};

/** standing_hear() - a report came. Return: true when @kind has changed. */
bool standing_hear(struct standing *s, const struct standing_report *r);

/** standing_concerns() - is the track of this birth one of those it is about? */
bool standing_concerns(const struct standing *s, uint32_t birth);
