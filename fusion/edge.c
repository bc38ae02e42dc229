#include "fusion/edge.h"

#include <math.h>

#define CELL_M 250.0
#define NS_PER_MINUTE INT64_C(60000000000)
#define KEEP_MINUTES 30
#define NEAR_CELLS 2 /* skipped: plots of what is in sight stray that far, 0.3 degrees at 40 km (2 sigma) */
#define BLOCK_CELLS 5
#define INSIDE_MIN 5 /* cells with plots on the inner side of an edge: by chance the outer has none once in 150 */
#define INSIDE_PER_OUTSIDE 5
#define PLANE_LIMIT_M 5e6 /* as gate.c */

static uint32_t hash_of(int32_t cx, int32_t cy)
{
	/* Teschner et al., "Optimized Spatial Hashing" (2003): primes for the two coordinates. */
	uint32_t h = (uint32_t)cx * 73856093u ^ (uint32_t)cy * 19349663u;

	h *= 2654435761u;
	return h ^ h >> 15;
}

static uint16_t minute_of(int64_t now_ns)
{
	/* Never 0, which is never. */
	return (uint16_t)(now_ns / NS_PER_MINUTE % UINT16_MAX + 1);
}

static bool seen(const struct edge_map *e, int32_t cx, int32_t cy, uint16_t minute)
{
	uint32_t h = hash_of(cx, cy);
	const struct edge_cell *c = &e->cells[h % EDGE_CELLS];
	int ago = minute - c->minute;

	return c->minute && c->tag == (uint16_t)(h >> 16) && (ago < 0 ? ago + UINT16_MAX : ago) <= KEEP_MINUTES;
}

static bool cell_of(double x_m, double y_m, int32_t *ret_cx, int32_t *ret_cy)
{
	if (!(fabs(x_m) < PLANE_LIMIT_M) || !(fabs(y_m) < PLANE_LIMIT_M))
		return false;
	*ret_cx = (int32_t)floor(x_m / CELL_M);
	*ret_cy = (int32_t)floor(y_m / CELL_M);
	return true;
}

void edge_note(struct edge_map *e, double x_m, double y_m, int64_t now_ns)
{
	int32_t cx, cy;

	if (!cell_of(x_m, y_m, &cx, &cy))
		return;
	uint32_t h = hash_of(cx, cy);
	e->cells[h % EDGE_CELLS] = (struct edge_cell){ (uint16_t)(h >> 16), minute_of(now_ns) };
}

/* Cells with plots in the block that lies from (cx, cy) in direction (dx, dy). */
static int block(const struct edge_map *e, int32_t cx, int32_t cy, int dx, int dy, uint16_t minute)
{
	int n = 0;

	for (int along = NEAR_CELLS; along < NEAR_CELLS + BLOCK_CELLS; along++)
		for (int across = -(BLOCK_CELLS / 2); across <= BLOCK_CELLS / 2; across++)
			n += seen(e, cx + along * dx + across * dy, cy + along * dy + across * dx, minute);
	return n;
}

bool edge_here(const struct edge_map *e, double x_m, double y_m, int64_t now_ns)
{
	uint16_t minute = minute_of(now_ns);
	int32_t cx, cy;

	if (!cell_of(x_m, y_m, &cx, &cy))
		return false;
	int east = block(e, cx, cy, 1, 0, minute), west = block(e, cx, cy, -1, 0, minute);
	int north = block(e, cx, cy, 0, 1, minute), south = block(e, cx, cy, 0, -1, minute);
	int out_x = east < west ? east : west, in_x = east + west - out_x;
	int out_y = north < south ? north : south, in_y = north + south - out_y;

	return in_x >= INSIDE_MIN + INSIDE_PER_OUTSIDE * out_x || in_y >= INSIDE_MIN + INSIDE_PER_OUTSIDE * out_y;
}
