#include "fusion/gate.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

/* Cells of 1, 4 and 16 km: a radar plot at 20 km has a 4 sigma of 0.4 km; design values,
 * tests/bench measures them. */
static const double cell_m[GATE_LEVELS] = { 1000, 4000, 16000 };

/* Farther out than any plane reaches: keeps the cast to int32_t defined for absurd input. */
#define PLANE_LIMIT_M 5e6

int gate_distance2(double east_m, double north_m, const struct filter_cov2 *s, double *ret_d2)
{
	assert(s);
	assert(ret_d2);

	double det = s->xx * s->yy - s->xy * s->xy;

	/* Negated so that NaN is refused as well. */
	if (!(s->xx > 0 && det > 0))
		return -EDOM;

	double e = east_m, n = north_m;
	*ret_d2 = (s->yy * e * e - 2 * s->xy * e * n + s->xx * n * n) / det;
	return 0;
}

static uint32_t bucket_of(const struct gate_grid *g, unsigned level, int32_t cx, int32_t cy)
{
	/* Teschner et al., "Optimized Spatial Hashing" (2003): primes for the two coordinates. */
	uint32_t h = (uint32_t)cx * 73856093u ^ (uint32_t)cy * 19349663u ^ level * 83492791u;
	h ^= h >> 15;
	return h & (g->n_buckets - 1);
}

static int32_t cell_of(double m, unsigned level)
{
	if (!(m > -PLANE_LIMIT_M))
		m = -PLANE_LIMIT_M;
	if (m > PLANE_LIMIT_M)
		m = PLANE_LIMIT_M;
	return (int32_t)floor(m / cell_m[level]);
}

void gate_grid_init(struct gate_grid *g, uint32_t *heads, uint32_t n_buckets,
	struct gate_link *links, uint32_t n_slots)
{
	assert(n_buckets && !(n_buckets & (n_buckets - 1)));

	*g = (struct gate_grid){ .heads = heads, .n_buckets = n_buckets, .links = links };
	for (uint32_t i = 0; i < n_buckets; i++)
		heads[i] = GATE_NONE;
	for (uint32_t i = 0; i < n_slots; i++)
		links[i] = (struct gate_link){ .next = GATE_NONE, .prev = GATE_NONE };
}

void gate_grid_unfile(struct gate_grid *g, uint32_t slot)
{
	struct gate_link *l = &g->links[slot];

	if (!l->filed)
		return;
	if (l->prev != GATE_NONE)
		g->links[l->prev].next = l->next;
	else
		g->heads[bucket_of(g, l->level, l->cx, l->cy)] = l->next;
	if (l->next != GATE_NONE)
		g->links[l->next].prev = l->prev;
	g->level_count[l->level]--;
	l->filed = 0;
}

static void chain(struct gate_grid *g, uint32_t slot, unsigned level, int32_t cx, int32_t cy)
{
	uint32_t *head = &g->heads[bucket_of(g, level, cx, cy)];

	g->links[slot] = (struct gate_link){ .next = *head, .prev = GATE_NONE, .cx = cx, .cy = cy, .level = level, .filed = 1 };
	if (*head != GATE_NONE)
		g->links[*head].prev = slot;
	*head = slot;
	g->level_count[level]++;
}

void gate_grid_file(struct gate_grid *g, uint32_t slot, double x_m, double y_m, double extent_m)
{
	struct gate_link *l = &g->links[slot];
	unsigned level = 0;

	while (level < GATE_LEVELS - 1 && !(extent_m <= cell_m[level] / 4))
		level++;
	int32_t cx = cell_of(x_m, level), cy = cell_of(y_m, level);
	if (!l->filed || l->level != level || l->cx != cx || l->cy != cy) {
		gate_grid_unfile(g, slot);
		chain(g, slot, level, cx, cy);
	}
	l->x_m = (float)x_m;
	l->y_m = (float)y_m;
	l->extent_m = (float)extent_m;
}

bool gate_grid_near(const struct gate_grid *g, uint32_t slot, double x_m, double y_m, double reach_m)
{
	const struct gate_link *l = &g->links[slot];
	double dx = l->x_m - x_m, dy = l->y_m - y_m;

	return dx * dx + dy * dy <= reach_m * reach_m;
}

size_t gate_grid_find(const struct gate_grid *g, double x_m, double y_m, double reach_m,
	uint32_t *ret_slots, size_t max, uint64_t *ret_overflow)
{
	size_t n = 0;

	for (unsigned level = 0; level < GATE_LEVELS; level++) {
		if (!g->level_count[level])
			continue;
		/* The coarsest level holds all that is wider: their extent is bounded where they
		 * are dropped. */
		double half = cell_m[level] / 4 + reach_m;
		int32_t x0 = cell_of(x_m - half, level), x1 = cell_of(x_m + half, level);
		int32_t y0 = cell_of(y_m - half, level), y1 = cell_of(y_m + half, level);
		for (int32_t cy = y0; cy <= y1; cy++)
			for (int32_t cx = x0; cx <= x1; cx++)
				for (uint32_t s = g->heads[bucket_of(g, level, cx, cy)];
					s != GATE_NONE; s = g->links[s].next) {
					const struct gate_link *l = &g->links[s];
					if (l->level != level || l->cx != cx || l->cy != cy)
						continue;
					/* 1 m for what float leaves out at the plane's edge. */
					double far = (double)l->extent_m + reach_m + 1;
					if (fabs(l->x_m - x_m) > far || fabs(l->y_m - y_m) > far)
						continue;
					if (n == max) {
						(*ret_overflow)++;
						return n;
					}
					ret_slots[n++] = s;
				}
	}
	return n;
}
