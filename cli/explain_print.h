/*
 * explain_print - what is known of one track, for people and for programs.
 *
 * For people: who it is, what each feed gave it, then a line a decision. For programs: a line of JSON for the track, then one a
 * decision. Times are UTC.
 */
#pragma once

#include "cli/explain_source.h"

#include <stdio.h>

struct explain_line {
	int64_t time_ns;
	uint32_t birth, ref;
	uint32_t order; /* as it was given */
	uint8_t what, sensor;
	char feed[PLOT_FEED_MAX];
	float weight, d2;
};

struct explain_account {
	struct explain_found found;
	const char *source;	  /* "memory", "journal", "scenario" */
	int64_t from_ns, to_ns;	  /* asked for */
	struct explain_card card; /* birth 0: never published */
	struct explain_line *lines;
	size_t n;
	bool cut; /* there were more */
};

void explain_print_text(FILE *f, const struct explain_account *a, uint32_t birth);
void explain_print_json(FILE *f, const struct explain_account *a, uint32_t birth);

/** explain_print_whole() - the source reaches back to where the account begins. */
bool explain_print_whole(const struct explain_account *a);
