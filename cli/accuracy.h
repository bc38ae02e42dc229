/*
 * accuracy - how good tracks are, against the truth, on a grid of times.
 *
 * Sources: GOSPA with alpha = 2, p = 2 (Rahmathullah, Garcia-Fernandez, Svensson, FUSION 2017); OSPA with p = 2 (Schuhmacher,
 * Vo, Vo, IEEE TSP 56, 2008); completeness, ambiguity, spuriousness, positional accuracy and the longest segment in the manner
 * of SIAP (2001); identity switches as CLEAR MOT counts them (Bernardin, Stiefelhagen, 2008): a match is kept while it is
 * within the cut-off, the rest is assigned anew. Names are judged on the pairs of GOSPA's assignment. Pure: no I/O.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "cli/trackfile.h"

/* What there is to see at a grid time: a vessel that no track is near enough to, a track that is no vessel's, a vessel that
 * another track holds than did before. */
enum accuracy_note { ACCURACY_MISSED, ACCURACY_FALSE, ACCURACY_SWITCH };

struct accuracy_options {
	double step_s;	 /* the grid: multiples of it; a row counts within 0.3 of a step of one, the nearest of a track is kept */
	double cut_m;	 /* c: beyond it a track is none of the vessel's */
	double from_s, to_s; /* grid times looked at; to_s NaN = to the last of the truth */
	void (*note)(void *user, enum accuracy_note what, const struct trackfile_row *row); /* row of the vessel or track; or NULL */
	void *user;
};

struct accuracy_result {
	uint64_t scans, truths, tracks; /* grid times; rows of each at them */
	uint64_t n_targets, n_tracks;	/* different ones */
	double gospa_m, gospa_normed_m; /* mean; each divided by the root of the truths there */
	double ospa_m;
	double position_rms_m, velocity_rms_mps; /* of pairs; NaN = none with a velocity */
	double position_mean_m;			 /* SIAP's positional accuracy; NaN = no pairs */
	double nees;			 /* mean squared distance in units of the stated covariance; 2 when that is honest. NaN = none */
	double missed_per_scan, false_per_scan, truths_per_scan;
	double completeness, spurious, ambiguity;
	uint64_t switches, fragments;
	uint64_t switches_returned; /* of them, those of a vessel that the truth itself had lost in between */
	double switches_per_hour; /* of a target's life */
	double longest_segment;	  /* share of lives held by one track */
	uint64_t labels_right, labels_wrong; /* pairs whose track names a vessel: this one, another */
	uint64_t labels_beside;		     /* of the wrong: the one named is within the cut-off as well */
	uint64_t labels_alone;		     /* named by tracks that are no vessel's */
	double wrong_labels;		     /* share of the pairs that name one; NaN = none does */
	uint64_t bounded;	  /* clusters too large to assign exactly */
};

/** accuracy_score() - Return: 0, -ENODATA when no truth is at the times asked for, -ENOMEM. */
int accuracy_score(const struct trackfile *truth, const struct trackfile *tracks, const struct accuracy_options *options,
	struct accuracy_result *ret_result);
