#include "fusion/existence.h"

#include "fusion/pinned.h"

/*
 * Losing sight must be rarer than dying (1e-3 a scan), else every vessel that left would be taken
 * for hidden; regaining it is quicker, else one that comes out of a shadow would wait. Design
 * values.
 */
#define VISIBLE_LOSE 2e-4
#define VISIBLE_REGAIN 1e-2

/* Nothing is certain: a certainty could never be unlearned. */
#define PROBABILITY_MIN 1e-9

static double clamp(double p)
{
	if (!(p > PROBABILITY_MIN))
		return PROBABILITY_MIN;
	return p < 1 - PROBABILITY_MIN ? p : 1 - PROBABILITY_MIN;
}

double existence_survive(double r, double h_s, double life_s)
{
	double x = h_s / life_s;

	if (!(x > 0))
		return r;
	/* Between two looks it is next to nothing: the third term of the series is below 2e-7. */
	return x < 0.01 ? r * (1 - x + x * x / 2) : r * pinned_exp(-x);
}

void existence_look(double *r, double *visibility, double pd, double evidence)
{
	double v = *visibility, visible = 1 - pd + evidence;
	double exists = v * visible + (1 - v);

	*visibility = clamp(v * visible / exists);
	*r = clamp(*r * exists / (1 - *r + *r * exists));
}

double existence_visibility(double visibility)
{
	return visibility * (1 - VISIBLE_LOSE) + (1 - visibility) * VISIBLE_REGAIN;
}

double existence_unmiss(double visibility, double pd)
{
	double seen = visibility / (visibility + (1 - visibility) * (1 - pd));

	return clamp((seen - VISIBLE_REGAIN) / (1 - VISIBLE_LOSE - VISIBLE_REGAIN));
}

double existence_birth(double unexplained, double birth_density, double clutter_density)
{
	return unexplained * birth_density / (clutter_density + birth_density);
}
