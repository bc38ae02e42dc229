#include "fusion/clutter.h"

#include "fusion/pinned.h"

#include <math.h>

#define MEMORY_S 600.0       /* notes 2.11: forgets over ten minutes */
#define PRIOR_DENSITY 2.5e-8 /* a calm sea */
#define PRIOR_PLOTS 1.0      /* what the map's average leans on at first */
#define POOL_SCANS 3.0       /* exposure at which a cell counts as much as the average */
#define DENSITY_MIN 1e-9

void clutter_init(struct clutter *c, double x_m, double y_m, double range_m)
{
	*c = (struct clutter){
		.x0_m = x_m - range_m, .y0_m = y_m - range_m, .cell_m = 2 * range_m / CLUTTER_SIDE
	};
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

void clutter_scan(struct clutter *c, double scans, double h_s)
{
	double keep = pinned_exp(-h_s / MEMORY_S);

	c->scans = c->scans * keep + scans;
	c->total *= keep;
	for (unsigned i = 0; i < CLUTTER_SIDE * CLUTTER_SIDE; i++)
		c->cells[i] *= keep;
}

void clutter_add(struct clutter *c, double x_m, double y_m, double mass)
{
	double *cell = &c->cells[cell_at(c, x_m, y_m)];

	if (*cell == 0)
		c->active++;
	c->total += mass;
	*cell += mass;
	/* Never back to 0: it has been active. */
	if (!(*cell > 1e-12))
		*cell = 1e-12;
}

double clutter_density(const struct clutter *c, double x_m, double y_m)
{
	double area = c->cell_m * c->cell_m, scans = c->scans > 1 ? c->scans : 1;
	double average =
		(c->total + PRIOR_PLOTS) / (c->active * area * scans + PRIOR_PLOTS / PRIOR_DENSITY);
	double density = (c->cells[cell_at(c, x_m, y_m)] + POOL_SCANS * area * average) /
			 ((scans + POOL_SCANS) * area);

	return density > DENSITY_MIN ? density : DENSITY_MIN;
}
