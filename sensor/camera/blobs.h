/*
 * blobs - follows moving blobs from frame to frame, so that only what lasts and moves becomes a plot.
 *
 * Pure. Alpha-beta on the foot point (bottom centre), nearest neighbour within a gate that grows with the frame gap.
 */
#pragma once

#include "sensor/camera/motion.h"

#define BLOBS_TRACKS_MAX 64

struct blobs_track {
	uint32_t id; /* from 1, never reused */
	double foot_x, foot_y;	 /* px */
	double vx, vy;		 /* px/s */
	double first_x, first_y; /* where it was first seen */
	int width, height;	 /* px, of the last blob */
	unsigned hits, misses;
};

struct blobs {
	struct blobs_track tracks[BLOBS_TRACKS_MAX];
	int n;
	uint32_t next_id;
	int64_t last_ns;
};

/** blobs_update() - one frame's blobs at @now_ns; frames must come in order of time. */
void blobs_update(struct blobs *b, int64_t now_ns, const struct motion_blob *found, int n_found);

/** blobs_published() - true for a track that was hit now, lasted, and left the place where it was first seen. */
bool blobs_published(const struct blobs_track *t);
