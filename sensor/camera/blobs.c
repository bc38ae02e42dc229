#include "sensor/camera/blobs.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

#define PUBLISH_HITS 5
#define DROP_MISSES 10
#define MOVED_PX 3.0	  /* a ghost in the background never goes farther */
#define GATE_PX 12.0	  /* jitter of the foot between frames */
#define GATE_PX_PER_S 20.0 /* growth with the time since the last frame */
#define ALPHA_NEW 0.6
#define BETA_NEW 0.25
#define ALPHA 0.45
#define BETA 0.1
#define NEW_HITS 4 /* the quicker gains for so long */

static double foot_x_of(const struct motion_blob *b)
{
	return (b->x0 + b->x1) / 2.0;
}

static void predict(struct blobs *b, double dt_s)
{
	for (int i = 0; i < b->n; i++) {
		b->tracks[i].foot_x += b->tracks[i].vx * dt_s;
		b->tracks[i].foot_y += b->tracks[i].vy * dt_s;
		b->tracks[i].misses++;
	}
}

static void correct(struct blobs_track *t, const struct motion_blob *blob, double dt_s)
{
	double alpha = t->hits < NEW_HITS ? ALPHA_NEW : ALPHA, beta = t->hits < NEW_HITS ? BETA_NEW : BETA;
	double ex = foot_x_of(blob) - t->foot_x, ey = blob->y1 - t->foot_y;
	t->foot_x += alpha * ex;
	t->foot_y += alpha * ey;
	if (dt_s > 0) {
		t->vx += beta * ex / dt_s;
		t->vy += beta * ey / dt_s;
	}
	t->width = blob->x1 - blob->x0 + 1;
	t->height = blob->y1 - blob->y0 + 1;
	t->hits++;
	t->misses = 0;
}

static struct blobs_track *nearest_free(struct blobs *b, const struct motion_blob *blob, double gate_px)
{
	struct blobs_track *best = NULL;
	double best_px = gate_px + (blob->x1 - blob->x0) / 4.0; /* a long hull's middle wanders */
	for (int i = 0; i < b->n; i++) {
		struct blobs_track *t = &b->tracks[i];
		double d = hypot(foot_x_of(blob) - t->foot_x, blob->y1 - t->foot_y);
		if (t->misses > 0 && d < best_px) {
			best = t;
			best_px = d;
		}
	}
	return best;
}

static void start(struct blobs *b, const struct motion_blob *blob)
{
	if (b->n == BLOBS_TRACKS_MAX)
		return;
	b->tracks[b->n++] = (struct blobs_track){
		.id = ++b->next_id,
		.foot_x = foot_x_of(blob),
		.foot_y = blob->y1,
		.first_x = foot_x_of(blob),
		.first_y = blob->y1,
		.width = blob->x1 - blob->x0 + 1,
		.height = blob->y1 - blob->y0 + 1,
		.hits = 1,
	};
}

void blobs_update(struct blobs *b, int64_t now_ns, const struct motion_blob *found, int n_found)
{
	assert(b && (found || n_found == 0));

	double dt_s = b->last_ns ? (double)(now_ns - b->last_ns) * 1e-9 : 0;
	b->last_ns = now_ns;
	predict(b, dt_s);
	/* Largest blobs first: they are the surest. */
	for (int i = 0; i < n_found; i++) {
		struct blobs_track *t = nearest_free(b, &found[i], GATE_PX + GATE_PX_PER_S * dt_s);
		if (t)
			correct(t, &found[i], dt_s);
		else
			start(b, &found[i]);
	}
	int kept = 0;
	for (int i = 0; i < b->n; i++)
		if (b->tracks[i].misses <= DROP_MISSES)
			b->tracks[kept++] = b->tracks[i];
	b->n = kept;
}

bool blobs_published(const struct blobs_track *t)
{
	return t->misses == 0 && t->hits >= PUBLISH_HITS && hypot(t->foot_x - t->first_x, t->foot_y - t->first_y) > MOVED_PX;
}
