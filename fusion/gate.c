#include "fusion/gate.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

/* A coastal radar's plot has a 4 sigma of 0.1 to 0.5 km, a track held by one 50 to 150 m, a track of one plot 300 m. */
static const double cell_m[GATE_LEVELS] = { 1500, 3000, 8000, 32000 };
static const double cells_per_m[GATE_LEVELS] = { 1. / 1500, 1. / 3000, 1. / 8000, 1. / 32000 };
#define CELLS_AN_EXTENT 4

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

static inline uint32_t bucket_of(const struct gate_grid *g, unsigned level, int32_t cx, int32_t cy)
{
	/* Teschner et al., "Optimized Spatial Hashing" (2003): primes for the two coordinates. */
	uint32_t h = (uint32_t)cx * 73856093u ^ (uint32_t)cy * 19349663u ^ level * 83492791u;
	h ^= h >> 15;
	return h & (g->n_buckets - 1);
}

static inline int32_t cell_of(double m, unsigned level)
{
	if (!(m > -PLANE_LIMIT_M))
		m = -PLANE_LIMIT_M;
	if (m > PLANE_LIMIT_M)
		m = PLANE_LIMIT_M;
	/* Above 0, a cast rounds down. */
	return (int32_t)((m + PLANE_LIMIT_M) * cells_per_m[level]);
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

	g->links[slot] = (struct gate_link){ .next = *head,
		.prev = GATE_NONE,
		.cx = (int16_t)cx,
		.cy = (int16_t)cy,
		.level = (uint8_t)level,
		.filed = 1 };
	if (*head != GATE_NONE)
		g->links[*head].prev = slot;
	*head = slot;
	g->level_count[level]++;
}

double gate_grid_reach(void)
{
	return cell_m[GATE_LEVELS - 1] / CELLS_AN_EXTENT;
}

void gate_grid_file(struct gate_grid *g, uint32_t slot, double x_m, double y_m, double extent_m)
{
	struct gate_link *l = &g->links[slot];
	unsigned level = 0;

	while (level < GATE_LEVELS - 1 && !(extent_m <= cell_m[level] / CELLS_AN_EXTENT))
		level++;
	int32_t cx = cell_of(x_m, level), cy = cell_of(y_m, level);
	if (!l->filed || l->level != level || l->cx != cx || l->cy != cy) {
		gate_grid_unfile(g, slot);
		chain(g, slot, level, cx, cy);
	}
	l->x_m = (float)x_m;
	l->y_m = (float)y_m;
	l->extent_m = extent_m <= gate_grid_reach() ? (float)extent_m : (float)gate_grid_reach();
}

struct search {
	float x_m, y_m, reach_x_m, reach_y_m;
	uint32_t *slots;
	size_t n, max;
};

/* The tracks of one cell that reach the point. Return: false when there was one more than there is room for. */
static inline bool find_in_cell(const struct gate_grid *g, unsigned level, int32_t cx, int32_t cy, struct search *s)
{
	for (uint32_t slot = g->heads[bucket_of(g, level, cx, cy)]; slot != GATE_NONE;) {
		const struct gate_link *l = &g->links[slot];
		uint32_t next = l->next;
		/* One jump for all: which of them fails is anybody's guess. */
		bool reaches = (fabsf(l->x_m - s->x_m) <= l->extent_m + s->reach_x_m) &
			       (fabsf(l->y_m - s->y_m) <= l->extent_m + s->reach_y_m) & (l->level == level) & (l->cx == cx) &
			       (l->cy == cy);
		if (reaches) {
			if (s->n == s->max)
				return false;
			s->slots[s->n++] = slot;
		}
		slot = next;
	}
	return true;
}

size_t gate_grid_find(const struct gate_grid *g, double x_m, double y_m, double reach_x_m, double reach_y_m,
	uint32_t *ret_slots, size_t max, uint64_t *ret_overflow)
{
	/* A metre for what float leaves out at the plane's edge. */
	struct search s = { (float)x_m, (float)y_m, (float)reach_x_m + 1, (float)reach_y_m + 1, ret_slots, 0, max };

	for (unsigned level = 0; level < GATE_LEVELS; level++) {
		if (!g->level_count[level])
			continue;
		/* The coarsest level holds all that is wider: their extent is bounded where they
		 * are dropped. */
		double own = cell_m[level] / CELLS_AN_EXTENT + 1;
		int32_t x0 = cell_of(x_m - own - reach_x_m, level), x1 = cell_of(x_m + own + reach_x_m, level);
		int32_t y0 = cell_of(y_m - own - reach_y_m, level), y1 = cell_of(y_m + own + reach_y_m, level);
		for (int32_t cy = y0; cy <= y1; cy++)
			for (int32_t cx = x0; cx <= x1; cx++)
				if (!find_in_cell(g, level, cx, cy, &s)) {
					(*ret_overflow)++;
					return s.n;
				}
	}
	return s.n;
}
