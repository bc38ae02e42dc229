#include "cli/simulate/scene.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/simulate/value.h"
#include "common/clock.h"
#include "common/geo.h"

#define FILE_MAX (1 << 20)
#define LINE_MAX_BYTES 8192
#define WORDS_MAX 48

enum type {
	TYPE_STRING, /* char[size] */
	TYPE_ENUM,
	TYPE_BOOL,
	TYPE_UINT,
	TYPE_RATIO, /* double, plain */
	TYPE_LENGTH,
	TYPE_SPEED,
	TYPE_ANGLE,
	TYPE_DURATION, /* int64_t ns */
	TYPE_POINT,
	TYPE_ROUTE,  /* struct scene_point[SCENE_ROUTE_MAX] and an unsigned at `second` */
	TYPE_WINDOW, /* two doubles, the other at `second` */
	TYPE_TO,     /* address and port */
	TYPE_FROM,   /* address */
};

struct key {
	const char *name;
	enum type type;
	size_t offset, size, second;
	double min, max; /* SI; both 0 = no limit */
	const char *const *names;
	bool required;
};

static const char *const class_names[] = { "cargo", "tanker", "ferry", "fishing", "high-speed", "pleasure", "special",
	"small", "fast", "dinghy", "aton", NULL };
static const char *const ais_names[] = { "none", "A", "B", "aton", "sart", NULL };
static const char *const end_names[] = { "loop", "through", NULL };

#define AT(type, member) offsetof(struct type, member)
#define SIZE(type, member) sizeof(((struct type *)0)->member)

static const struct key vessel_keys[] = {
	{ "name", TYPE_STRING, AT(scene_vessel, name), SIZE(scene_vessel, name) },
	{ "callsign", TYPE_STRING, AT(scene_vessel, callsign), SIZE(scene_vessel, callsign) },
	{ "destination", TYPE_STRING, AT(scene_vessel, destination), SIZE(scene_vessel, destination) },
	{ "class", TYPE_ENUM, AT(scene_vessel, class), .names = class_names, .required = true },
	{ "ais", TYPE_ENUM, AT(scene_vessel, ais), .names = ais_names, .required = true },
	{ "end", TYPE_ENUM, AT(scene_vessel, end), .names = end_names },
	{ "mmsi", TYPE_UINT, AT(scene_vessel, mmsi), .min = 1, .max = 999999999 },
	{ "imo", TYPE_UINT, AT(scene_vessel, imo), .min = 1, .max = 9999999 },
	{ "type", TYPE_UINT, AT(scene_vessel, ship_type), .min = 0, .max = 255 },
	{ "status", TYPE_UINT, AT(scene_vessel, status), .min = 0, .max = 15 },
	{ "speed", TYPE_SPEED, AT(scene_vessel, speed_mps), .min = 0, .max = 40 },
	{ "route", TYPE_ROUTE, AT(scene_vessel, route), .second = AT(scene_vessel, n_route), .required = true },
	{ "start", TYPE_RATIO, AT(scene_vessel, start), .min = 0, .max = 1 },
	{ "after", TYPE_DURATION, AT(scene_vessel, after_ns), .min = 0, .max = 86400 },
	{ "ais-after", TYPE_DURATION, AT(scene_vessel, ais_after_ns), .min = 0, .max = 86400 },
	{ "gap", TYPE_DURATION, AT(scene_vessel, gap_ns), .min = 0, .max = 86400 },
	{ "turn", TYPE_LENGTH, AT(scene_vessel, turn_m), .min = 5, .max = 5000 },
	{ "length", TYPE_LENGTH, AT(scene_vessel, length_m), .min = 1, .max = 500 },
	{ "beam", TYPE_LENGTH, AT(scene_vessel, beam_m), .min = 1, .max = 100 },
	{ "draught", TYPE_LENGTH, AT(scene_vessel, draught_m), .min = 0, .max = 25 },
	{ "height", TYPE_LENGTH, AT(scene_vessel, height_m), .min = 0.3, .max = 100 },
	{ "pd", TYPE_RATIO, AT(scene_vessel, pd), .min = 0, .max = 1 },
	{ NULL },
};

static const struct key radar_keys[] = {
	{ "at", TYPE_POINT, AT(scene_radar, at), .required = true },
	{ "height", TYPE_LENGTH, AT(scene_radar, height_m), .min = 1, .max = 5000, .required = true },
	{ "period", TYPE_DURATION, AT(scene_radar, period_ns), .min = 0.5, .max = 60, .required = true },
	{ "range-sigma", TYPE_LENGTH, AT(scene_radar, range_sigma_m), .min = 0, .max = 1000, .required = true },
	{ "azimuth-sigma", TYPE_ANGLE, AT(scene_radar, azimuth_sigma_rad), .min = 0, .max = 0.2, .required = true },
	{ "pd", TYPE_RATIO, AT(scene_radar, pd), .min = 0, .max = 1, .required = true },
	{ "clutter", TYPE_RATIO, AT(scene_radar, clutter), .min = 0, .max = 1000 },
	{ "min-range", TYPE_LENGTH, AT(scene_radar, min_range_m), .min = 0, .max = 10000 },
	{ "max-range", TYPE_LENGTH, AT(scene_radar, max_range_m), .min = 100, .max = 450000, .required = true },
	{ "blind", TYPE_WINDOW, AT(scene_radar, blind_from_rad), .second = AT(scene_radar, blind_to_rad) },
	{ "sac", TYPE_UINT, AT(scene_radar, sac), .min = 0, .max = 255 },
	{ "sic", TYPE_UINT, AT(scene_radar, sic), .min = 0, .max = 255 },
	{ "to", TYPE_TO, AT(scene_radar, to), .required = true },
	{ "from", TYPE_FROM, AT(scene_radar, from) },
	{ NULL },
};

static const struct key ais_keys[] = {
	{ "at", TYPE_POINT, AT(scene_ais_station, at), .required = true },
	{ "mmsi", TYPE_UINT, AT(scene_ais_station, mmsi), .min = 1, .max = 999999999 },
	{ "range", TYPE_LENGTH, AT(scene_ais_station, range_m), .min = 100, .max = 500000, .required = true },
	{ "loss", TYPE_RATIO, AT(scene_ais_station, loss), .min = 0, .max = 1 },
	{ "sigma-a", TYPE_LENGTH, AT(scene_ais_station, sigma_a_m), .min = 0, .max = 1000, .required = true },
	{ "sigma-b", TYPE_LENGTH, AT(scene_ais_station, sigma_b_m), .min = 0, .max = 1000, .required = true },
	{ "tags", TYPE_BOOL, AT(scene_ais_station, tags) },
	{ "to", TYPE_TO, AT(scene_ais_station, to), .required = true },
	{ "from", TYPE_FROM, AT(scene_ais_station, from) },
	{ NULL },
};

static const struct key camera_keys[] = {
	{ "at", TYPE_POINT, AT(scene_camera, at), .required = true },
	{ "height", TYPE_LENGTH, AT(scene_camera, height_m), .min = 1, .max = 1000, .required = true },
	{ "yaw", TYPE_ANGLE, AT(scene_camera, yaw_rad), .min = 0, .max = 2 * M_PI, .required = true },
	{ "tilt", TYPE_ANGLE, AT(scene_camera, tilt_rad), .min = -0.8, .max = 0.8 },
	{ "roll", TYPE_ANGLE, AT(scene_camera, roll_rad), .min = -0.8, .max = 0.8 },
	{ "width", TYPE_ANGLE, AT(scene_camera, width_rad), .min = 0.01, .max = 2.5, .required = true },
	{ "columns", TYPE_UINT, AT(scene_camera, width_px), .min = 64, .max = 1920 },
	{ "rows", TYPE_UINT, AT(scene_camera, height_px), .min = 64, .max = 1080 },
	{ "fps", TYPE_RATIO, AT(scene_camera, fps), .min = 0.2, .max = 30 },
	{ "to", TYPE_TO, AT(scene_camera, to), .required = true },
	{ "from", TYPE_FROM, AT(scene_camera, from) },
	{ NULL },
};

static const struct key land_keys[] = {
	{ "ring", TYPE_ROUTE, AT(scene_land, ring), .second = AT(scene_land, n_ring), .required = true },
	{ NULL },
};

static const struct key scene_keys[] = {
	{ "origin", TYPE_POINT, AT(scene, origin), .required = true },
	{ NULL },
};

struct parser {
	const char *file;
	unsigned line;
	struct scene *scene;
	bool named;
	struct scene_error *error;
};

__attribute__((format(printf, 2, 3))) static int fail(struct parser *p, const char *fmt, ...)
{
	size_t n = (size_t)snprintf(p->error->text, sizeof(p->error->text), "%.200s:%u: ", p->file, p->line);
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(p->error->text + n, sizeof(p->error->text) - n, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int in_limits(const struct key *k, double v)
{
	return (k->min == 0 && k->max == 0) || (v >= k->min && v <= k->max) ? 0 : -ERANGE;
}

static int set_string(const struct key *k, char *to, const char *text)
{
	/* What the six-bit alphabet of M.1371 can say; it is also safe in CSV. */
	if (strlen(text) >= k->size || strpbrk(text, ",\""))
		return -EINVAL;
	for (const char *c = text; *c; c++)
		if (*c < ' ' || *c > 'Z')
			return -EINVAL;
	snprintf(to, k->size, "%s", text);
	return 0;
}

static int set_name(const struct key *k, int *to, const char *text)
{
	for (int i = 0; k->names[i]; i++) {
		if (!strcmp(k->names[i], text)) {
			*to = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int set_number(const struct key *k, void *to, const char *text)
{
	static const enum value_unit unit[] = { [TYPE_RATIO] = VALUE_PLAIN, [TYPE_LENGTH] = VALUE_LENGTH,
		[TYPE_SPEED] = VALUE_SPEED, [TYPE_ANGLE] = VALUE_ANGLE, [TYPE_DURATION] = VALUE_DURATION };
	double v;
	int r = value_number(text, unit[k->type], &v);
	if (r < 0)
		return r;
	if (in_limits(k, v) < 0)
		return -ERANGE;
	if (k->type == TYPE_DURATION)
		*(int64_t *)to = llround(v * 1e9);
	else
		*(double *)to = v;
	return 0;
}

static int set_uint(const struct key *k, uint64_t *to, const char *text)
{
	uint64_t v;
	int r = value_uint(text, &v);
	if (r < 0)
		return r;
	if (in_limits(k, (double)v) < 0)
		return -ERANGE;
	*to = v;
	return 0;
}

static int set(const struct key *k, char *object, const char *text)
{
	void *to = object + k->offset, *second = object + k->second;
	switch (k->type) {
	case TYPE_STRING:
		return set_string(k, to, text);
	case TYPE_ENUM:
		return set_name(k, to, text);
	case TYPE_BOOL:
		if (strcmp(text, "yes") && strcmp(text, "no"))
			return -EINVAL;
		*(bool *)to = !strcmp(text, "yes");
		return 0;
	case TYPE_UINT:
		return set_uint(k, to, text);
	case TYPE_POINT:
		return value_point(text, to);
	case TYPE_ROUTE:
		return value_route(text, to, SCENE_ROUTE_MAX, second);
	case TYPE_WINDOW:
		return value_window(text, to, second);
	case TYPE_TO:
	case TYPE_FROM:
		return value_address(text, k->type == TYPE_TO, to);
	default:
		return set_number(k, to, text);
	}
}

/* words: KIND ID key=value ... */
static int fill(struct parser *p, const struct key *keys, void *object, char **words, unsigned n)
{
	bool seen[32] = { false };
	for (unsigned i = 2; i < n; i++) {
		char *value = strchr(words[i], '=');
		if (!value)
			return fail(p, "%s %s %.100s: key=value expected", words[0], words[1], words[i]);
		*value++ = '\0';
		unsigned k = 0;
		while (keys[k].name && strcmp(keys[k].name, words[i]))
			k++;
		if (!keys[k].name)
			return fail(p, "%s %s %.60s=%.60s: unknown key", words[0], words[1], words[i], value);
		if (seen[k])
			return fail(p, "%s %s %s=%.60s: given twice", words[0], words[1], words[i], value);
		seen[k] = true;
		int r = set(&keys[k], object, value);
		if (r < 0)
			return fail(p, "%s %s %s=%.100s: %s", words[0], words[1], words[i], value,
				r == -ERANGE ? "out of range" : "bad value");
	}
	for (unsigned k = 0; keys[k].name; k++)
		if (keys[k].required && !seen[k])
			return fail(p, "%s %s: %s= is missing", words[0], words[1], keys[k].name);
	return 0;
}

/* @text passed is_id() and fits. */
static void set_id(char *to, const char *text)
{
	snprintf(to, SCENE_ID_MAX, "%s", text);
}

static int check_vessel(struct parser *p, const struct scene_vessel *v)
{
	if (v->ais != SCENE_AIS_NONE && !v->mmsi)
		return fail(p, "vessel %s: mmsi= is missing", v->id);
	if (v->n_route > 1 && !(v->speed_mps > 0))
		return fail(p, "vessel %s: speed= is missing", v->id);
	for (unsigned i = 1; i < v->n_route; i++)
		if (v->route[i].lat_rad == v->route[i - 1].lat_rad && v->route[i].lon_rad == v->route[i - 1].lon_rad)
			return fail(p, "vessel %s: way point %u is the one before it", v->id, i + 1);
	for (const struct scene_vessel *o = p->scene->vessels; o < v; o++) {
		if (!strcmp(o->id, v->id))
			return fail(p, "vessel %s: given twice", v->id);
		if (v->mmsi && o->mmsi == v->mmsi)
			return fail(p, "vessel %s mmsi=%lu: %s has it", v->id, (unsigned long)v->mmsi, o->id);
	}
	return 0;
}

static int add_vessel(struct parser *p, char **words, unsigned n)
{
	struct scene *s = p->scene;
	if (s->n_vessels == SCENE_VESSELS_MAX)
		return fail(p, "more than %d vessels", SCENE_VESSELS_MAX);
	struct scene_vessel *v = &s->vessels[s->n_vessels];
	*v = (struct scene_vessel){ .turn_m = 300, .length_m = 8, .beam_m = 3, .draught_m = NAN, .height_m = 3, .pd = NAN };
	set_id(v->id, words[1]);
	int r = fill(p, vessel_keys, v, words, n);
	if (r < 0)
		return r;
	r = check_vessel(p, v);
	if (r < 0)
		return r;
	s->n_vessels++;
	return 0;
}

/* Sensors share one space of names: they are feeds. */
static int check_feed(struct parser *p, const char *id)
{
	const struct scene *s = p->scene;
	unsigned same = 0;
	for (unsigned i = 0; i < SCENE_SENSORS_MAX; i++)
		same += (i < s->n_radars && !strcmp(s->radars[i].id, id)) + (i < s->n_ais && !strcmp(s->ais[i].id, id)) +
			(i < s->n_cameras && !strcmp(s->cameras[i].id, id));
	return same ? fail(p, "%s: given twice", id) : 0;
}

static int add_radar(struct parser *p, char **words, unsigned n)
{
	struct scene *s = p->scene;
	if (s->n_radars == SCENE_SENSORS_MAX)
		return fail(p, "more than %d radars", SCENE_SENSORS_MAX);
	int r = check_feed(p, words[1]);
	if (r < 0)
		return r;
	struct scene_radar *radar = &s->radars[s->n_radars];
	set_id(radar->id, words[1]);
	r = fill(p, radar_keys, radar, words, n);
	s->n_radars += r == 0;
	return r;
}

static int add_ais(struct parser *p, char **words, unsigned n)
{
	struct scene *s = p->scene;
	if (s->n_ais == SCENE_SENSORS_MAX)
		return fail(p, "more than %d AIS receivers", SCENE_SENSORS_MAX);
	int r = check_feed(p, words[1]);
	if (r < 0)
		return r;
	struct scene_ais_station *a = &s->ais[s->n_ais];
	set_id(a->id, words[1]);
	r = fill(p, ais_keys, a, words, n);
	s->n_ais += r == 0;
	return r;
}

static int add_camera(struct parser *p, char **words, unsigned n)
{
	struct scene *s = p->scene;
	if (s->n_cameras == SCENE_SENSORS_MAX)
		return fail(p, "more than %d cameras", SCENE_SENSORS_MAX);
	int r = check_feed(p, words[1]);
	if (r < 0)
		return r;
	struct scene_camera *c = &s->cameras[s->n_cameras];
	*c = (struct scene_camera){ .width_px = 640, .height_px = 360, .fps = 5 };
	set_id(c->id, words[1]);
	r = fill(p, camera_keys, c, words, n);
	if (r == 0 && (c->width_px % 2 || c->height_px % 2))
		r = fail(p, "camera %s: columns= and rows= must be even", c->id);
	s->n_cameras += r == 0;
	return r;
}

static int add_land(struct parser *p, char **words, unsigned n)
{
	struct scene *s = p->scene;
	if (s->n_lands == SCENE_LANDS_MAX)
		return fail(p, "more than %d lands", SCENE_LANDS_MAX);
	struct scene_land *l = &s->lands[s->n_lands];
	set_id(l->id, words[1]);
	int r = fill(p, land_keys, l, words, n);
	if (r == 0 && l->n_ring < 3)
		r = fail(p, "land %s: a ring has at least three corners", l->id);
	s->n_lands += r == 0;
	return r;
}

static int add_scene(struct parser *p, char **words, unsigned n)
{
	if (p->named)
		return fail(p, "scene %s: given twice", words[1]);
	p->named = true;
	set_id(p->scene->name, words[1]);
	return fill(p, scene_keys, p->scene, words, n);
}

static const struct {
	const char *name;
	int (*add)(struct parser *p, char **words, unsigned n);
} kinds[] = {
	{ "scene", add_scene },
	{ "vessel", add_vessel },
	{ "radar", add_radar },
	{ "ais", add_ais },
	{ "camera", add_camera },
	{ "land", add_land },
};

/* Splits in place at blanks; quotes keep blanks and vanish; an unquoted # ends the line. */
static int split(struct parser *p, char *line, char **words, unsigned *ret_n)
{
	unsigned n = 0;
	for (char *c = line;;) {
		c += strspn(c, " \t\r");
		if (!*c || *c == '#')
			break;
		if (n == WORDS_MAX)
			return fail(p, "more than %d words", WORDS_MAX);
		char *out = words[n++] = c;
		bool quoted = false;
		for (; *c && (quoted || !strchr(" \t\r", *c)); c++) {
			if (*c == '"')
				quoted = !quoted;
			else
				*out++ = *c;
		}
		if (quoted)
			return fail(p, "a quote is not closed");
		bool more = *c;
		*out = '\0';
		if (!more)
			break;
		c++;
	}
	*ret_n = n;
	return 0;
}

static bool is_id(const char *text)
{
	size_t n = strlen(text);
	return n > 0 && n < SCENE_ID_MAX && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static int add_line(struct parser *p, char *line)
{
	char *words[WORDS_MAX];
	unsigned n = 0;
	int r = split(p, line, words, &n);
	if (r < 0 || n == 0)
		return r;
	if (n < 2 || !is_id(words[1]))
		return fail(p, "%.60s: an id of a-z 0-9 - expected", words[0]);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, words[0]))
			return kinds[i].add(p, words, n);
	return fail(p, "%.60s %s: unknown kind", words[0], words[1]);
}

/* Collects a line and its continuations, then adds it; errors name the first of them. */
static int add_lines(struct parser *p, const char *data, size_t size)
{
	char line[LINE_MAX_BYTES];
	size_t n = 0;
	unsigned number = 0;
	for (size_t at = 0; at < size;) {
		const char *end = memchr(data + at, '\n', size - at);
		size_t len = end ? (size_t)(end - data) - at : size - at;
		number++;
		if (n == 0)
			p->line = number;
		if (memchr(data + at, '\0', len))
			return fail(p, "a NUL byte");
		if (n + len + 2 > sizeof(line))
			return fail(p, "longer than %d bytes", LINE_MAX_BYTES);
		memcpy(line + n, data + at, len);
		n += len;
		at += len + 1;
		if (n > 0 && line[n - 1] == '\\' && at < size) {
			n--;
			continue;
		}
		line[n] = '\0';
		n = 0;
		int r = add_line(p, line);
		if (r < 0)
			return r;
	}
	return 0;
}

int scene_parse(const char *name, const char *data, size_t size, struct scene **ret_scene,
	struct scene_error *ret_error)
{
	struct parser p = { .file = name, .error = ret_error, .scene = calloc(1, sizeof(struct scene)) };
	if (!p.scene)
		return -ENOMEM;
	int r = add_lines(&p, data, size);
	if (r == 0 && !p.named)
		r = fail(&p, "no line `scene NAME origin=LAT,LON`");
	if (r < 0) {
		scene_free(p.scene);
		return r;
	}
	*ret_scene = p.scene;
	return 0;
}

static int read_file(const char *path, char **ret_data, size_t *ret_size)
{
	FILE *f = fopen(path, "re");
	if (!f)
		return -errno;
	char *data = malloc(FILE_MAX);
	size_t n = data ? fread(data, 1, FILE_MAX, f) : 0;
	int r = !data ? -ENOMEM : ferror(f) ? -EIO : n == FILE_MAX ? -EFBIG : 0;
	fclose(f);
	if (r < 0) {
		free(data);
		return r;
	}
	*ret_data = data;
	*ret_size = n;
	return 0;
}

int scene_load(const char *path, struct scene **ret_scene, struct scene_error *ret_error)
{
	char file[4096], *data = NULL;
	struct stat st;
	size_t size = 0;

	/* A scene's folder NAME holds NAME.scene, its feeds and its sections. */
	size_t n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	snprintf(file, sizeof(file), "%.*s", (int)n, path);
	if (stat(file, &st) == 0 && S_ISDIR(st.st_mode)) {
		const char *base = memrchr(path, '/', n);
		base = base ? base + 1 : path;
		snprintf(file, sizeof(file), "%.*s/%.*s.scene", (int)n, path, (int)(n - (size_t)(base - path)), base);
	}
	int r = read_file(file, &data, &size);
	if (r < 0) {
		snprintf(ret_error->text, sizeof(ret_error->text), "%.400s: %s", file, strerror(-r));
		return r;
	}
	r = scene_parse(file, data, size, ret_scene, ret_error);
	free(data);
	return r;
}

void scene_free(struct scene *scene)
{
	free(scene);
}

const char *scene_class_name(int class)
{
	return class_names[class];
}

/* Even-odd rule. */
static bool inside(const struct scene_land *l, double lat_rad, double lon_rad)
{
	bool in = false;
	for (unsigned i = 0, j = l->n_ring - 1; i < l->n_ring; j = i++) {
		const struct scene_point *a = &l->ring[i], *b = &l->ring[j];
		if ((a->lat_rad > lat_rad) == (b->lat_rad > lat_rad))
			continue;
		double at = a->lon_rad + (lat_rad - a->lat_rad) / (b->lat_rad - a->lat_rad) * (b->lon_rad - a->lon_rad);
		in ^= lon_rad < at;
	}
	return in;
}

bool scene_on_land(const struct scene *scene, double lat_rad, double lon_rad)
{
	for (unsigned i = 0; i < scene->n_lands; i++)
		if (inside(&scene->lands[i], lat_rad, lon_rad))
			return true;
	return false;
}
