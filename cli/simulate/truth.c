#include "cli/simulate/truth.h"

#include <errno.h>
#include <string.h>

#include "cli/simulate/seaview.h"
#include "cli/simulate/transponder.h"
#include "common/clock.h"

int truth_open(struct truth *t, const char *path, const struct world *world)
{
	*t = (struct truth){ .world = world };
	for (unsigned i = 0; i < world->scene->n_radars; i++) {
		const struct scene_radar *r = &world->scene->radars[i];
		struct geo_point at = { r->at.lat_rad, r->at.lon_rad, r->height_m };
		int rc = geo_plane_new(&at, &t->planes[i]);
		if (rc < 0) {
			truth_close(t);
			return rc;
		}
	}
	t->file = fopen(path, "we");
	if (!t->file) {
		int r = -errno;
		truth_close(t);
		return r;
	}
	setvbuf(t->file, NULL, _IOLBF, 0);
	fputs("time_ns,id,name,class,mmsi,lat,lon,ve,vn,flags\n", t->file);
	return 0;
}

int truth_close(struct truth *t)
{
	int r = t->file && (ferror(t->file) || fflush(t->file) != 0) ? -EIO : 0;
	if (t->file && fclose(t->file) != 0)
		r = -EIO;
	for (unsigned i = 0; i < SCENE_SENSORS_MAX; i++)
		geo_plane_free(t->planes[i]);
	*t = (struct truth){ 0 };
	return r;
}

int64_t truth_next_ns(const struct truth *t)
{
	return t->world->start_ns + (int64_t)t->step * CLOCK_NS_PER_S;
}

static void add_flag(char *flags, size_t size, const char *feed)
{
	size_t n = strlen(flags);
	snprintf(flags + n, size - n, "%s%s", n ? "+" : "", feed);
}

static void flags_of(const struct truth *t, unsigned i, const struct voyage_state *s, int64_t now, char *flags, size_t size)
{
	const struct scene *scene = t->world->scene;
	const struct scene_vessel *v = &scene->vessels[i];
	struct world_sight sight;
	flags[0] = '\0';
	for (unsigned k = 0; k < scene->n_ais; k++)
		if (transponder_heard(t->world, &scene->ais[k], i, s, now))
			add_flag(flags, size, scene->ais[k].id);
	for (unsigned k = 0; k < scene->n_radars; k++)
		if (world_in_radar(&scene->radars[k], t->planes[k], v, s, &sight))
			add_flag(flags, size, scene->radars[k].id);
	for (unsigned k = 0; k < scene->n_cameras; k++)
		if (seaview_sees(&scene->cameras[k], s, v->height_m))
			add_flag(flags, size, scene->cameras[k].id);
	if (!flags[0])
		snprintf(flags, size, "-");
}

void truth_step(struct truth *t)
{
	int64_t now = truth_next_ns(t);
	struct voyage_state s;
	char flags[3 * SCENE_SENSORS_MAX * SCENE_ID_MAX];
	for (unsigned i = 0; i < t->world->scene->n_vessels; i++) {
		const struct scene_vessel *v = &t->world->scene->vessels[i];
		if (!world_vessel(t->world, i, now, &s))
			continue;
		flags_of(t, i, &s, now, flags, sizeof(flags));
		fprintf(t->file, "%lld,%s,%s,%s,%lu,%.7f,%.7f,%.3f,%.3f,%s\n", (long long)now, v->id, v->name,
			scene_class_name(v->class), (unsigned long)v->mmsi, s.lat_rad / GEO_DEG, s.lon_rad / GEO_DEG,
			s.east_mps + 0.0, s.north_mps + 0.0, flags);
		t->rows++;
	}
	t->step++;
}
