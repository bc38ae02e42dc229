#include "fusion/clutter.h"

#include "fusion/pinned.h"

#include <math.h>

#define MEMORY_S 600.0       /* notes 2.11: forgets over ten minutes */
#define PRIOR_DENSITY 2.5e-8 /* a calm sea */
#define PRIOR_PLOTS 1.0      /* what the map's average leans on at first */
#define POOL_SCANS 3.0       /* exposure at which a cell counts as much as the average */
#define DENSITY_MIN 1e-9
#define UNIT_MAX 1e4     /* from there the cells are counted anew: once in 92 minutes */
#define CELL_MIN_M 250.0 /* notes 2.11; in a smaller one each plot would be a rough sea by itself */
#define ACTIVE_MIN 1e-12 /* plots: a cell that had one never is 0 again */

void clutter_init(struct clutter *c, double x_m, double y_m, double range_m)
{
	*c = (struct clutter){ .x0_m = x_m - range_m,
		.y0_m = y_m - range_m,
		.cell_m = fmax(2 * range_m / CLUTTER_SIDE, CELL_MIN_M),
		.unit = 1 };
}

static unsigned coordinate(double m, double cell_m)
{
	double k = m / cell_m;

	if (!(k >= 0))
		return 0;
	return k < CLUTTER_SIDE ? (unsigned)k : CLUTTER_SIDE - 1;
}

static unsigned cell_at(const struct clutter *c, double x_m, double y_m)
{
	return coordinate(y_m - c->y0_m, c->cell_m) * CLUTTER_SIDE +
	       coordinate(x_m - c->x0_m, c->cell_m);
}

static void recount(struct clutter *c)
{
	double scale = 1 / c->unit;

	c->unit = 1;
	for (unsigned i = 0; i < CLUTTER_SIDE * CLUTTER_SIDE; i++) {
		double plots = c->cells[i] * scale;
		if (c->cells[i] > 0)
			c->cells[i] = (float)(plots > ACTIVE_MIN ? plots : ACTIVE_MIN);
	}
}

void clutter_scan(struct clutter *c, double scans, double h_s)
{
	double keep = pinned_exp(-h_s / MEMORY_S);

	c->scans = c->scans * keep + scans;
	c->total *= keep;
	c->unit /= keep;
	/* Infinite after a long silence: nothing is remembered. */
	if (c->unit > UNIT_MAX)
		recount(c);
}

void clutter_add(struct clutter *c, double x_m, double y_m, double mass)
{
	float *cell = &c->cells[cell_at(c, x_m, y_m)];
	double plots = *cell + mass * c->unit, least = ACTIVE_MIN * c->unit;

	if (*cell == 0)
		c->active++;
	c->total += mass;
	*cell = (float)(plots > least ? plots : least);
}

double clutter_density(const struct clutter *c, double x_m, double y_m)
{
	double area = c->cell_m * c->cell_m, scans = c->scans > 1 ? c->scans : 1;
	double average =
		(c->total + PRIOR_PLOTS) / (c->active * area * scans + PRIOR_PLOTS / PRIOR_DENSITY);
	double density = (c->cells[cell_at(c, x_m, y_m)] + POOL_SCANS * area * average * c->unit) /
			 ((scans + POOL_SCANS) * area * c->unit);

	return density > DENSITY_MIN ? density : DENSITY_MIN;
}
