#include "fusion/coverage.h"

#include "fusion/pinned.h"

#include <math.h>

#define MEMORY_S 900.0 /* of the cells (design: rain comes and goes in that) */
#define STEP_S 30.0    /* forgets in such steps: small enough against MEMORY_S */
#define PRIOR_LOOKS                                                                                \
	100.0 /* the prior counts, while looks agree with it: less, and chance costs tracks */
#define DISAGREE 9.0   /* squared sigmas of disagreement that halve that (design) */
#define UNPROVEN_MAX 8 /* a turn of these later nobody knows where the misses were */
#define LOOKS_MAX 256  /* of one cell: halved there. Standard error of 0.9 at half that: 0.027 */
#define CELL_NONE UINT32_MAX
#define TINY_M 1e-9 /* on top of the radar every sector is right */

static double within(double v, double low, double high)
{
	/* NaN: the low end. */
	if (!(v > low))
		return low;
	return v < high ? v : high;
}

void coverage_init(struct coverage *c, double x_m, double y_m, double range_m, double prior)
{
	*c = (struct coverage){ .x_m = x_m,
		.y_m = y_m,
		.range_m = range_m,
		.prior = within(prior, COVERAGE_MIN, COVERAGE_MAX) };
}

/* Borders of rings, squared shares of the reach: (k / 8)^4, for rings that grow with the square of
 * their number. */
static const double borders[COVERAGE_RINGS - 1] = { 1 / 4096.0, 16 / 4096.0, 81 / 4096.0,
	256 / 4096.0, 625 / 4096.0, 1296 / 4096.0, 2401 / 4096.0 };

/*
 * Sectors need no angle: |dx| + |dy| = 1 is a square round the radar, and its edge is divided
 * evenly: sectors are 3.6 degrees wide along the axes and 7.2 between them.
 */
static uint32_t cell_at(const struct coverage *c, double x_m, double y_m)
{
	double dx = x_m - c->x_m, dy = y_m - c->y_m, around = fabs(dx) + fabs(dy);
	double far2 = dx * dx + dy * dy, reach2 = c->range_m * c->range_m;
	uint32_t ring = 0;

	/* Negated: NaN is no place either. */
	if (!(around < 1e9))
		return CELL_NONE;
	for (int i = 0; i < COVERAGE_RINGS - 1; i++)
		ring += far2 >= borders[i] * reach2;
	/* In units of a quarter clockwise from north, and a whole turn: no branches, they would be
	 * guessed wrongly half the time. */
	double side = copysign(1, dy), edge = 3 + side + side * dx / (around + TINY_M);
	uint32_t sector = (uint32_t)(edge * (COVERAGE_SECTORS / 4)) % COVERAGE_SECTORS;

	return ring * COVERAGE_SECTORS + sector;
}

void coverage_forget(struct coverage *c, double h_s)
{
	if (!(h_s > 0))
		return;
	c->unforgotten_s += h_s;
	if (c->unforgotten_s < STEP_S)
		return;
	double keep = pinned_exp(-c->unforgotten_s / MEMORY_S);
	c->unforgotten_s = 0;
	for (uint32_t i = 0; i < COVERAGE_SECTORS * COVERAGE_RINGS; i++) {
		c->cells[i].looks = (uint16_t)(c->cells[i].looks * keep);
		c->cells[i].hits = (uint16_t)(c->cells[i].hits * keep);
	}
}

static void look(struct coverage *c, double x_m, double y_m, double hits)
{
	double dx = x_m - c->x_m, dy = y_m - c->y_m;
	uint32_t i = cell_at(c, x_m, y_m);

	if (i == CELL_NONE || !(dx * dx + dy * dy <= c->range_m * c->range_m))
		return;
	struct coverage_cell *cell = &c->cells[i];
	cell->looks += COVERAGE_UNIT;
	cell->hits += (uint16_t)(within(hits, 0, 1) * COVERAGE_UNIT + 0.5);
	if (cell->looks < LOOKS_MAX * COVERAGE_UNIT)
		return;
	cell->looks /= 2;
	cell->hits /= 2;
}

static void prove(struct coverage *c, double x_m, double y_m, uint8_t *unproven)
{
	for (; *unproven; --*unproven)
		look(c, x_m, y_m, 0);
}

void coverage_hit(struct coverage *c, double x_m, double y_m, double weight, uint8_t *unproven)
{
	prove(c, x_m, y_m, unproven);
	look(c, x_m, y_m, weight);
}

void coverage_miss(struct coverage *c, double x_m, double y_m, bool proven, uint8_t *unproven)
{
	if (*unproven < UNPROVEN_MAX)
		++*unproven;
	if (proven)
		prove(c, x_m, y_m, unproven);
}

double coverage_pd(const struct coverage *c, double x_m, double y_m)
{
	uint32_t i = cell_at(c, x_m, y_m);

	if (i == CELL_NONE)
		return c->prior;
	double looks = c->cells[i].looks * (1.0 / COVERAGE_UNIT);
	double hits = c->cells[i].hits * (1.0 / COVERAGE_UNIT);
	double p = c->prior, off = hits - looks * p, var = (looks + 1) * p * (1 - p);
	/* The prior counts PRIOR_LOOKS / (1 + off^2 / var / DISAGREE), over one denominator. */
	double own = var + off * off / DISAGREE, prior = PRIOR_LOOKS * var;

	return within((hits * own + prior * p) / (looks * own + prior), COVERAGE_MIN, COVERAGE_MAX);
}
