/*
 * explain_source - where explanations come from: the running tracker's ring, a journal replayed, a scenario run.
 *
 * All three give the same notes for the same plots: they are rounded as a ring rounds them (fusion/explain_ring.h).
 */
#pragma once

#include "fusion/explain_ring.h"

struct explain_source {
	const char *ring, *state, *scenario; /* paths; only one is read at a time */
};

struct explain_listener {
	explain_fn *note;
	void (*card)(void *user, const struct explain_card *card); /* what a track is; later ones replace earlier ones */
	void *user;
};

struct explain_found {
	char origin[TRACK_ORIGIN_MAX];
	uint32_t epoch;
	int64_t oldest_ns, newest_ns; /* notes are whole between */
	uint64_t other_build;	      /* journal: parts that another build must explain */
};

/** explain_source_ring() - Return: 0, -ENOENT, -EBADMSG, -errno. */
int explain_source_ring(const char *path, const struct explain_listener *l, struct explain_found *ret_f);

/** explain_source_journal() - fusion's state directory, replayed from the slice before @from_ns until past @to_ns. */
int explain_source_journal(
	const char *dir, int64_t from_ns, int64_t to_ns, const struct explain_listener *l, struct explain_found *ret_f);

/** explain_source_scenario() - a folder as `vedette track` reads it. With a line in @ret_error on error. */
int explain_source_scenario(
	const char *dir, const struct explain_listener *l, struct explain_found *ret_f, char *ret_error, size_t error_size);
