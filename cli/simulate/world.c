#include "cli/simulate/world.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

int world_init(struct world *w, const struct scene *scene, int64_t start_ns, uint64_t seed, const char **ret_bad)
{
	struct geo_point origin = { scene->origin.lat_rad, scene->origin.lon_rad, 0 };
	*w = (struct world){ .scene = scene, .start_ns = start_ns, .seed = seed };
	int r = geo_plane_new(&origin, &w->plane);
	if (r < 0)
		return r;
	w->voyages = calloc(scene->n_vessels ? scene->n_vessels : 1, sizeof(w->voyages[0]));
	if (!w->voyages)
		r = -ENOMEM;
	for (unsigned i = 0; r == 0 && i < scene->n_vessels; i++) {
		r = voyage_init(&w->voyages[i], &scene->vessels[i], w->plane);
		if (r < 0)
			*ret_bad = scene->vessels[i].id;
	}
	if (r < 0)
		world_done(w);
	return r;
}

void world_done(struct world *w)
{
	geo_plane_free(w->plane);
	free(w->voyages);
	*w = (struct world){ 0 };
}

bool world_vessel(const struct world *w, unsigned i, int64_t now_ns, struct voyage_state *ret_state)
{
	return voyage_at(&w->voyages[i], now_ns - w->start_ns, ret_state);
}

void world_look(const struct geo_plane *plane, double lat_rad, double lon_rad, struct world_sight *ret_sight)
{
	struct geo_point p = { lat_rad, lon_rad, 0 };
	double e, n, u;
	geo_plane_forward(plane, &p, &e, &n, &u);
	*ret_sight = (struct world_sight){ .slant_m = sqrt(e * e + n * n + u * u), .ground_m = hypot(e, n),
		.azimuth_rad = geo_wrap_2pi(atan2(e, n)) };
}

double world_horizon_m(double height_m, double other_m)
{
	const double effective_m = 6371008.8 * 4 / 3; /* radio: standard refraction, ITU-R P.834 */
	return sqrt(2 * effective_m * height_m) + sqrt(2 * effective_m * other_m);
}

static bool in_window(double azimuth_rad, double from_rad, double to_rad)
{
	return geo_wrap_2pi(azimuth_rad - from_rad) < geo_wrap_2pi(to_rad - from_rad);
}

bool world_in_radar(const struct scene_radar *r, const struct geo_plane *plane, const struct scene_vessel *v,
	const struct voyage_state *s, struct world_sight *ret_sight)
{
	world_look(plane, s->lat_rad, s->lon_rad, ret_sight);
	return ret_sight->slant_m >= r->min_range_m && ret_sight->slant_m <= r->max_range_m &&
		ret_sight->ground_m <= world_horizon_m(r->height_m, v->height_m) &&
		!in_window(ret_sight->azimuth_rad, r->blind_from_rad, r->blind_to_rad);
}
