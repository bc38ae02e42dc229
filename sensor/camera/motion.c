/*
 * motion - a running Gaussian per pixel, in fixed point.
 *
 * Per sample x: mean M and mean absolute deviation D in 1/128 grey levels; foreground when |x - M| exceeds four
 * deviations and a floor T. Both follow with shift s, quickly in the first frames and slowly later; a foreground
 * sample is learned eight times slower so that a slow ship is not absorbed. Chroma votes for the 2x2 luma pixels above it.
 * Then a 3x3 majority, a closing 3 wide and 7 high (a hull and its superstructure are one), and connected components.
 *
 * Limits: a ship there in the first frame leaves a ghost where it was; blobs.c ignores what never moves.
 */
#include "sensor/camera/motion.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FRACTION 7	   /* bits after the point of M and D */
#define D_START (6 << FRACTION)
#define D_MIN (1 << (FRACTION - 1)) /* half a grey level */
#define D_MAX (40 << FRACTION)
#define LUMA_FLOOR 22	   /* grey levels; measured: F1 .586 at 14, .652 at 22 */
#define CHROMA_FLOOR 10
#define FOREGROUND_SLOWER 3 /* shift added for foreground */
#define SHIFT_MAX 15
#define MAJORITY 4	   /* of 9 */
#define CLOSE_X 1
#define CLOSE_Y 3
#define FILL_PERCENT 15	   /* of the bounding box */
#define MIN_PIXELS 20	   /* a 60 m hull at 3 km in a 50 degree view 640 wide */
#define RUNS_PER_ROW 64	   /* more in one row is noise: the rest of the row is left out */

struct plane {
	int width, height;
	uint16_t *mean, *dev;
	uint8_t *mask;
};

struct run {
	int y, x0, x1, parent;
};

struct motion {
	struct plane planes[3];
	uint64_t frames;
	uint8_t *scratch;
	struct run *runs;
	int n_runs;
	int *blob_of;		  /* by root run: index + 1 of its blob */
	struct motion_blob *all; /* every component of this frame */
};

static int plane_init(struct plane *p, int width, int height)
{
	size_t n = (size_t)width * (size_t)height;
	p->width = width;
	p->height = height;
	p->mean = calloc(n, sizeof(*p->mean));
	p->dev = calloc(n, sizeof(*p->dev));
	p->mask = calloc(n, 1);
	return p->mean && p->dev && p->mask ? 0 : -ENOMEM;
}

void motion_free(struct motion *m)
{
	if (!m)
		return;
	for (int i = 0; i < 3; i++) {
		free(m->planes[i].mean);
		free(m->planes[i].dev);
		free(m->planes[i].mask);
	}
	free(m->scratch);
	free(m->runs);
	free(m->blob_of);
	free(m->all);
	free(m);
}

int motion_new(int width, int height, struct motion **ret_m)
{
	assert(ret_m);
	if (width < 16 || height < 16 || width > 4096 || height > 4096 || width % 2 || height % 2)
		return -EINVAL;

	struct motion *m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	int r = plane_init(&m->planes[0], width, height);
	for (int i = 1; i < 3 && r == 0; i++)
		r = plane_init(&m->planes[i], width / 2, height / 2);
	m->scratch = calloc((size_t)width * (size_t)height, 1);
	size_t max_runs = (size_t)height * RUNS_PER_ROW;
	m->runs = calloc(max_runs, sizeof(*m->runs));
	m->blob_of = calloc(max_runs, sizeof(*m->blob_of));
	m->all = calloc(max_runs, sizeof(*m->all));
	if (r < 0 || !m->scratch || !m->runs || !m->blob_of || !m->all) {
		motion_free(m);
		return -ENOMEM;
	}
	*ret_m = m;
	return 0;
}

static int learning_shift(uint64_t frame)
{
	return frame < 8 ? 3 : frame < 64 ? 4 : frame < 256 ? 6 : 9;
}

static void plane_start(struct plane *p, const uint8_t *src, int stride)
{
	for (int y = 0; y < p->height; y++)
		for (int x = 0; x < p->width; x++) {
			size_t i = (size_t)y * (size_t)p->width + (size_t)x;
			p->mean[i] = (uint16_t)(src[y * stride + x] << FRACTION);
			p->dev[i] = D_START;
			p->mask[i] = 0;
		}
}

static int clamp(int v, int lo, int hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

/* d >> s rounds towards minus infinity; half is added so that the mean does not drift down. */
static int shifted(int d, int s)
{
	return (d + (1 << (s - 1))) >> s;
}

static void plane_learn(struct plane *p, const uint8_t *src, int stride, int floor_grey, int s)
{
	int slow = s + FOREGROUND_SLOWER > SHIFT_MAX ? SHIFT_MAX : s + FOREGROUND_SLOWER;
	for (int y = 0; y < p->height; y++) {
		size_t row = (size_t)y * (size_t)p->width;
		for (int x = 0; x < p->width; x++) {
			int mean = p->mean[row + (size_t)x], dev = p->dev[row + (size_t)x];
			int d = (src[y * stride + x] << FRACTION) - mean, a = abs(d);
			int limit = 4 * dev > floor_grey << FRACTION ? 4 * dev : floor_grey << FRACTION;
			bool fore = a > limit;
			int shift = fore ? slow : s;
			p->mean[row + (size_t)x] = (uint16_t)clamp(mean + shifted(d, shift), 0, 255 << FRACTION);
			p->dev[row + (size_t)x] = (uint16_t)clamp(dev + shifted(a - dev, shift), D_MIN, D_MAX);
			p->mask[row + (size_t)x] = fore;
		}
	}
}

static void add_chroma(struct motion *m)
{
	struct plane *luma = &m->planes[0];
	for (int c = 1; c < 3; c++) {
		const struct plane *p = &m->planes[c];
		for (int y = 0; y < p->height; y++)
			for (int x = 0; x < p->width; x++) {
				if (!p->mask[y * p->width + x])
					continue;
				uint8_t *at = &luma->mask[2 * y * luma->width + 2 * x];
				at[0] = at[1] = at[luma->width] = at[luma->width + 1] = 1;
			}
	}
}

/* to = from where more than `needed` of the box around are set; the border is cleared. */
static void vote(const uint8_t *from, uint8_t *to, int width, int height, int needed)
{
	memset(to, 0, (size_t)width * (size_t)height);
	for (int y = 1; y < height - 1; y++)
		for (int x = 1; x < width - 1; x++) {
			const uint8_t *c = &from[y * width + x];
			int n = c[-width - 1] + c[-width] + c[-width + 1] + c[-1] + c[0] + c[1] + c[width - 1] +
				c[width] + c[width + 1];
			to[y * width + x] = n > needed;
		}
}

/* Dilate (any = true) or erode (any = false) by a box of half-sizes rx, ry. */
static void morph(const uint8_t *from, uint8_t *to, int width, int height, int rx, int ry, bool any)
{
	memset(to, 0, (size_t)width * (size_t)height);
	for (int y = ry; y < height - ry; y++)
		for (int x = rx; x < width - rx; x++) {
			bool hit = !any;
			for (int j = -ry; j <= ry && hit != any; j++)
				for (int i = -rx; i <= rx && hit != any; i++)
					hit = from[(y + j) * width + x + i] ? (any ? true : hit) : (any ? hit : false);
			to[y * width + x] = hit;
		}
}

static int root_of(struct run *runs, int i)
{
	while (runs[i].parent != i)
		i = runs[i].parent = runs[runs[i].parent].parent;
	return i;
}

static void find_runs(struct motion *m, const uint8_t *mask, int width, int height)
{
	m->n_runs = 0;
	int above = 0, above_end = 0;
	for (int y = 0; y < height; y++) {
		int first = m->n_runs;
		for (int x = 0; x < width && m->n_runs - first < RUNS_PER_ROW; x++) {
			if (!mask[y * width + x])
				continue;
			int x0 = x;
			while (x + 1 < width && mask[y * width + x + 1])
				x++;
			int me = m->n_runs++;
			m->runs[me] = (struct run){ y, x0, x, me };
			/* Eight-connected with the row above. */
			for (int k = above; k < above_end; k++)
				if (m->runs[k].x0 <= x + 1 && m->runs[k].x1 >= x0 - 1)
					m->runs[root_of(m->runs, k)].parent = root_of(m->runs, me);
		}
		above = first;
		above_end = m->n_runs;
	}
}

static int by_pixels(const void *a, const void *b)
{
	const struct motion_blob *p = a, *q = b;
	return q->pixels - p->pixels;
}

static bool is_target(const struct motion_blob *b)
{
	int box = (b->x1 - b->x0 + 1) * (b->y1 - b->y0 + 1);
	return b->pixels >= MIN_PIXELS && 100 * b->pixels > FILL_PERCENT * box;
}

static int gather_blobs(struct motion *m, struct motion_blob *blobs)
{
	int n_all = 0, n = 0;
	memset(m->blob_of, 0, (size_t)m->n_runs * sizeof(*m->blob_of));
	for (int i = 0; i < m->n_runs; i++) {
		const struct run *run = &m->runs[i];
		int *blob = &m->blob_of[root_of(m->runs, i)];
		if (!*blob) {
			m->all[n_all] = (struct motion_blob){ run->x0, run->y, run->x1, run->y, 0 };
			*blob = ++n_all;
		}
		struct motion_blob *b = &m->all[*blob - 1];
		b->x0 = run->x0 < b->x0 ? run->x0 : b->x0;
		b->x1 = run->x1 > b->x1 ? run->x1 : b->x1;
		b->y1 = run->y > b->y1 ? run->y : b->y1;
		b->pixels += run->x1 - run->x0 + 1;
	}
	qsort(m->all, (size_t)n_all, sizeof(*m->all), by_pixels);
	for (int i = 0; i < n_all && n < MOTION_BLOBS_MAX; i++)
		if (is_target(&m->all[i]))
			blobs[n++] = m->all[i];
	return n;
}

static bool more_than_half(const struct plane *p)
{
	size_t n = (size_t)p->width * (size_t)p->height, set = 0;
	for (size_t i = 0; i < n; i++)
		set += p->mask[i];
	return set > n / 2;
}

int motion_frame(struct motion *m, const uint8_t *y, int y_stride, const uint8_t *u, const uint8_t *v, int uv_stride,
	struct motion_blob blobs[MOTION_BLOBS_MAX], bool *ret_global)
{
	assert(m && y && u && v && blobs && ret_global);

	struct plane *luma = &m->planes[0];
	const uint8_t *src[3] = { y, u, v };
	int s = learning_shift(m->frames);

	*ret_global = false;
	for (int i = 0; i < 3; i++) {
		int stride = i ? uv_stride : y_stride;
		if (m->frames == 0)
			plane_start(&m->planes[i], src[i], stride);
		else
			plane_learn(&m->planes[i], src[i], stride, i ? CHROMA_FLOOR : LUMA_FLOOR, s);
	}
	if (m->frames++ == 0)
		return 0;
	add_chroma(m);
	if (more_than_half(luma)) {
		m->frames = 0;
		*ret_global = true;
		return 0;
	}
	vote(luma->mask, m->scratch, luma->width, luma->height, MAJORITY);
	morph(m->scratch, luma->mask, luma->width, luma->height, CLOSE_X, CLOSE_Y, true);
	morph(luma->mask, m->scratch, luma->width, luma->height, CLOSE_X, CLOSE_Y, false);
	find_runs(m, m->scratch, luma->width, luma->height);
	return gather_blobs(m, blobs);
}
