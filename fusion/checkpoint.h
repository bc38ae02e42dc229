/*
 * checkpoint - the engine's state in a file, so that a restart replays seconds and not days.
 *
 * Written beside and renamed: at any moment there is the old one or the new one, whole. Never
 * needed for truth: without it the journal is replayed from its oldest slice.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What the state is in step with. */
struct checkpoint_mark {
	uint64_t jseq;         /* last row in it */
	uint64_t tracks_epoch; /* of the track log */
	uint64_t tracks_seq;   /* last track record published from it */
};

/** checkpoint_write() - Return: 0 or -errno; then the old one is still there. */
int checkpoint_write(
	const char *path, const struct checkpoint_mark *mark, const void *state, size_t size);

/** checkpoint_read() - free() the state. Return: 0, -ENOENT, -EBADMSG, -errno. */
int checkpoint_read(
	const char *path, struct checkpoint_mark *ret_mark, void **ret_state, size_t *ret_size);
