#include "hub/section.h"

#include "common/geo.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EARTH_RADIUS_M 6371008.8 /* mean radius, IUGG */

static const char *const kind_names[] = { "sea", "land", "air" };

/* What a parse is about: where to say what is wrong, and how much has been read. */
struct reader {
	const char *name;
	size_t feature, points;
	char *error;
};

__attribute__((format(printf, 2, 3))) static int refuse(struct reader *r, const char *fmt, ...)
{
	char why[SECTION_ERROR_MAX / 2];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	snprintf(r->error, SECTION_ERROR_MAX, "%.80s: feature %zu: %s", r->name, r->feature, why);
	return -EINVAL;
}

static int read_text(struct reader *r, const json_t *props, const char *key, char *buf, size_t cap)
{
	const char *v = json_string_value(json_object_get(props, key));
	if (!v || !v[0])
		return refuse(r, "property '%s' is missing or not a text", key);
	if (strlen(v) >= cap)
		return refuse(r, "property '%s' is longer than %zu bytes", key, cap - 1);
	memcpy(buf, v, strlen(v) + 1);
	return 0;
}

static int read_neighbours(struct reader *r, const json_t *props, struct section *s)
{
	const json_t *list = json_object_get(props, "neighbours");
	if (!json_is_array(list) || json_array_size(list) > SECTION_NEIGHBOURS_MAX)
		return refuse(r, "property 'neighbours' is not a list of at most %d centres", SECTION_NEIGHBOURS_MAX);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *v = json_string_value(json_array_get(list, i));
		if (!v || !v[0] || strlen(v) >= SECTION_CENTRE_MAX)
			return refuse(r, "neighbour %zu is not a centre's id", i);
		snprintf(s->neighbours[s->n_neighbours++], SECTION_CENTRE_MAX, "%s", v);
	}
	return 0;
}

static int read_properties(struct reader *r, const json_t *props, struct section *s)
{
	int err;
	if (!json_is_object(props))
		return refuse(r, "has no properties");
	if ((err = read_text(r, props, "id", s->id, sizeof(s->id))) < 0 ||
		(err = read_text(r, props, "name", s->name, sizeof(s->name))) < 0 ||
		(err = read_text(r, props, "centre", s->centre, sizeof(s->centre))) < 0)
		return err;
	const json_t *version = json_object_get(props, "version");
	if (!json_is_integer(version) || json_integer_value(version) < 1 || json_integer_value(version) > UINT32_MAX)
		return refuse(r, "property 'version' is not a whole number from 1");
	s->version = (uint32_t)json_integer_value(version);
	const char *kind = json_string_value(json_object_get(props, "kind"));
	for (s->kind = 0; s->kind < _SECTION_KIND_MAX; s->kind++)
		if (kind && !strcmp(kind, kind_names[s->kind]))
			return read_neighbours(r, props, s);
	return refuse(r, "property 'kind' is not sea, land or air");
}

static int read_point(struct reader *r, const json_t *point, double ret_p[2])
{
	if (!json_is_array(point) || json_array_size(point) < 2 || !json_is_number(json_array_get(point, 0)) ||
		!json_is_number(json_array_get(point, 1)))
		return refuse(r, "a position is not [longitude, latitude]");
	double lon = json_number_value(json_array_get(point, 0)), lat = json_number_value(json_array_get(point, 1));
	if (!(fabs(lon) <= 180 && fabs(lat) <= 90))
		return refuse(r, "position %g, %g is not on Earth", lon, lat);
	ret_p[0] = lon;
	ret_p[1] = lat;
	return 0;
}

static void widen(struct section *s, const double p[2])
{
	s->west = fmin(s->west, p[0]);
	s->east = fmax(s->east, p[0]);
	s->south = fmin(s->south, p[1]);
	s->north = fmax(s->north, p[1]);
}

static int read_ring(struct reader *r, const json_t *list, struct section *s)
{
	size_t n = json_array_size(list);
	if (!json_is_array(list) || n < 4)
		return refuse(r, "a ring has fewer than 4 positions");
	if ((r->points += n) > SECTION_POINTS_MAX)
		return refuse(r, "more than %d positions in the file", SECTION_POINTS_MAX);
	struct section_ring *ring = &s->rings[s->n_rings];
	ring->points = calloc(n, sizeof(*ring->points));
	if (!ring->points)
		return refuse(r, "out of memory");
	s->n_rings++;
	for (size_t i = 0; i < n; i++) {
		int err = read_point(r, json_array_get(list, i), ring->points[i]);
		if (err < 0)
			return err;
		widen(s, ring->points[i]);
	}
	if (memcmp(ring->points[0], ring->points[n - 1], sizeof(ring->points[0])))
		return refuse(r, "a ring's last position is not its first");
	ring->n = n - 1;
	return 0;
}

static int read_polygon(struct reader *r, const json_t *rings, struct section *s)
{
	size_t n = json_array_size(rings);
	if (!json_is_array(rings) || n == 0)
		return refuse(r, "a polygon without rings");
	if (n > SECTION_POINTS_MAX / 4)
		return refuse(r, "too many rings");
	struct section_ring *more = reallocarray(s->rings, s->n_rings + n, sizeof(*more));
	if (!more)
		return refuse(r, "out of memory");
	s->rings = more;
	memset(more + s->n_rings, 0, n * sizeof(*more));
	for (size_t i = 0; i < n; i++) {
		int err = read_ring(r, json_array_get(rings, i), s);
		if (err < 0)
			return err;
	}
	return 0;
}

static int read_geometry(struct reader *r, const json_t *geometry, struct section *s)
{
	const char *type = json_string_value(json_object_get(geometry, "type"));
	const json_t *c = json_object_get(geometry, "coordinates");
	s->west = s->south = INFINITY;
	s->east = s->north = -INFINITY;
	if (type && !strcmp(type, "Polygon"))
		return read_polygon(r, c, s);
	if (!type || strcmp(type, "MultiPolygon") || !json_is_array(c) || json_array_size(c) == 0)
		return refuse(r, "geometry is not a Polygon or MultiPolygon");
	for (size_t i = 0; i < json_array_size(c); i++) {
		int err = read_polygon(r, json_array_get(c, i), s);
		if (err < 0)
			return err;
	}
	return 0;
}

static int read_features(struct reader *r, const json_t *root, struct section_set *set)
{
	const char *type = json_string_value(json_object_get(root, "type"));
	const json_t *features = json_object_get(root, "features");
	if (!type || strcmp(type, "FeatureCollection") || !json_is_array(features))
		return refuse(r, "the file is not a FeatureCollection");
	size_t n = json_array_size(features);
	if (n > SECTION_COUNT_MAX)
		return refuse(r, "more than %d sections", SECTION_COUNT_MAX);
	set->sections = calloc(n ? n : 1, sizeof(*set->sections));
	if (!set->sections)
		return refuse(r, "out of memory");
	for (size_t i = 0; i < n; i++) {
		const json_t *f = json_array_get(features, i);
		struct section *s = &set->sections[set->n++];
		r->feature = i + 1;
		int err = read_properties(r, json_object_get(f, "properties"), s);
		if (err < 0 || (err = read_geometry(r, json_object_get(f, "geometry"), s)) < 0)
			return err;
		if (section_find(set, s->id) != s)
			return refuse(r, "the id '%s' is there twice", s->id);
	}
	return 0;
}

static void section_freep(struct section_set **set)
{
	section_free(*set);
}

int section_parse(const char *name, const char *data, size_t size, struct section_set **ret_set,
	char ret_error[SECTION_ERROR_MAX])
{
	assert(ret_set && ret_error);

	json_error_t je;
	json_auto_t *root = json_loadb(data, size, JSON_REJECT_DUPLICATES, &je);
	if (!root) {
		snprintf(ret_error, SECTION_ERROR_MAX, "%.80s:%d: %.140s", name, je.line, je.text);
		return -EINVAL;
	}
	__attribute__((cleanup(section_freep))) struct section_set *set = calloc(1, sizeof(*set));
	struct reader r = { .name = name, .error = ret_error };
	if (!set || !(set->geojson = malloc(size + 1)))
		return refuse(&r, "out of memory");
	memcpy(set->geojson, data, size);
	set->geojson[size] = 0;
	set->geojson_size = size;
	int err = read_features(&r, root, set);
	if (err < 0)
		return err;
	*ret_set = set;
	set = NULL;
	return 0;
}

static void freep(char **p)
{
	free(*p);
}

static void fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

int section_load(const char *path, struct section_set **ret_set, char ret_error[SECTION_ERROR_MAX])
{
	struct stat st;
	__attribute__((cleanup(fclosep))) FILE *f = fopen(path, "re");
	if (!f || fstat(fileno(f), &st) < 0) {
		int err = -errno;
		snprintf(ret_error, SECTION_ERROR_MAX, "%.160s: %s", path, strerror(-err));
		return err;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > SECTION_FILE_MAX) {
		snprintf(ret_error, SECTION_ERROR_MAX, "%.160s: not a file of at most %u bytes", path, SECTION_FILE_MAX);
		return -EINVAL;
	}
	__attribute__((cleanup(freep))) char *data = malloc((size_t)st.st_size + 1);
	if (!data)
		return -ENOMEM;
	size_t n = fread(data, 1, (size_t)st.st_size, f);
	return section_parse(path, data, n, ret_set, ret_error);
}

void section_free(struct section_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->n; i++) {
		for (size_t k = 0; k < set->sections[i].n_rings; k++)
			free(set->sections[i].rings[k].points);
		free(set->sections[i].rings);
	}
	free(set->sections);
	free(set->geojson);
	free(set);
}

const struct section *section_find(const struct section_set *set, const char *id)
{
	for (size_t i = 0; set && i < set->n; i++)
		if (!strcmp(set->sections[i].id, id))
			return &set->sections[i];
	return NULL;
}

bool section_borders(const struct section *s, const char *centre)
{
	for (unsigned i = 0; i < s->n_neighbours; i++)
		if (!strcmp(s->neighbours[i], centre))
			return true;
	return false;
}

/* Even-odd rule: a ray to the east crosses the rings an odd number of times from inside. */
static bool ring_crosses(const struct section_ring *ring, double lat, double lon)
{
	bool odd = false;
	for (size_t i = 0, k = ring->n - 1; i < ring->n; k = i++) {
		const double *a = ring->points[i], *b = ring->points[k];
		if ((a[1] > lat) != (b[1] > lat) && lon < (b[0] - a[0]) * (lat - a[1]) / (b[1] - a[1]) + a[0])
			odd = !odd;
	}
	return odd;
}

bool section_holds(const struct section *s, double lat_rad, double lon_rad)
{
	double lat = lat_rad / GEO_DEG, lon = lon_rad / GEO_DEG;
	if (!(lat >= s->south && lat <= s->north && lon >= s->west && lon <= s->east))
		return false;
	bool inside = false;
	for (size_t i = 0; i < s->n_rings; i++)
		inside ^= ring_crosses(&s->rings[i], lat, lon);
	return inside;
}

/* From the origin to the segment a-b, all in metres. */
static double segment_distance(double ax, double ay, double bx, double by)
{
	double dx = bx - ax, dy = by - ay, len2 = dx * dx + dy * dy;
	double t = len2 > 0 ? -(ax * dx + ay * dy) / len2 : 0;
	t = fmin(1, fmax(0, t));
	return hypot(ax + t * dx, ay + t * dy);
}

double section_distance(const struct section *s, double lat_rad, double lon_rad)
{
	if (section_holds(s, lat_rad, lon_rad))
		return 0;
	double lat = lat_rad / GEO_DEG, lon = lon_rad / GEO_DEG, best = INFINITY;
	double ky = EARTH_RADIUS_M * GEO_DEG, kx = ky * cos(lat_rad);
	for (size_t r = 0; r < s->n_rings; r++)
		for (size_t i = 0, k = s->rings[r].n - 1; i < s->rings[r].n; k = i++) {
			const double *a = s->rings[r].points[i], *b = s->rings[r].points[k];
			best = fmin(best, segment_distance((a[0] - lon) * kx, (a[1] - lat) * ky, (b[0] - lon) * kx,
						  (b[1] - lat) * ky));
		}
	return best;
}
