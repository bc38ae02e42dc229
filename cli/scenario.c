#include "cli/scenario.h"

#include "common/geo.h"
#include "fusion/pinned.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for as many tracks as plots come in this time: two radars at 2.5 s and AIS see each vessel about once in it. */
#define TRACKS_S 1.5
#define TICK_NS INT64_C(100000000)
#define ROWS_MAX 100000000u
#define REPORT_INFLATE 1.2 /* notes 2.2 */
#define SOG_SIGMA_MPS 0.2
#define COG_SIGMA_DEG 2.0
#define SLOW_MPS 0.5
#define SENSORS_MAX 65000 /* of each kind: more stations than a tracker has */
#define FAR_M 1e7	 /* no place of a scenario is farther from its origin */

static double number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

static double item(const json_t *list, size_t i)
{
	const json_t *v = json_array_get(list, i);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

/* Of a sensor: its id and its place. */
static bool read_sensor(const json_t *o, int *ret_id, double *ret_x_m, double *ret_y_m)
{
	const json_t *pos = json_object_get(o, "pos");
	double id = number(o, "id"), x = item(pos, 0), y = item(pos, 1);

	if (!(fabs(id) < 1e6) || !(fabs(x) < FAR_M) || !(fabs(y) < FAR_M))
		return false;
	*ret_id = (int)id;
	*ret_x_m = x;
	*ret_y_m = y;
	return true;
}

static bool read_radars(const json_t *list, struct scenario *s)
{
	size_t n = json_array_size(list);

	s->radars = n <= SENSORS_MAX ? calloc(n + 1, sizeof(*s->radars)) : NULL;
	for (; s->radars && s->n_radars < n; s->n_radars++) {
		struct scenario_radar *r = &s->radars[s->n_radars];
		if (!read_sensor(json_array_get(list, s->n_radars), &r->id, &r->x_m, &r->y_m))
			return false;
	}
	return s->radars;
}

static bool read_cameras(const json_t *list, struct scenario *s)
{
	size_t n = json_array_size(list);

	s->cameras = n <= SENSORS_MAX ? calloc(n + 1, sizeof(*s->cameras)) : NULL;
	for (; s->cameras && s->n_cameras < n; s->n_cameras++) {
		struct scenario_camera *c = &s->cameras[s->n_cameras];
		const json_t *o = json_array_get(list, s->n_cameras), *view = json_object_get(o, "view_deg");
		c->azimuth_sigma_rad = number(o, "sigma_deg") * GEO_DEG;
		c->view_rad = view ? item(view, 0) * GEO_DEG : 0;
		c->view_width_rad = view ? item(view, 1) * GEO_DEG : 2 * M_PI;
		c->max_range_m = number(o, "range");
		if (!read_sensor(o, &c->id, &c->x_m, &c->y_m) || !(c->azimuth_sigma_rad > 0) || !(fabs(c->view_rad) < 10) ||
			!(c->view_width_rad > 0 && c->view_width_rad < 10))
			return false;
	}
	return s->cameras;
}

static int read_meta(FILE *f, struct scenario *s)
{
	json_t *m = json_loadf(f, 0, NULL);

	s->lat_rad = number(m, "lat0") * GEO_DEG;
	s->lon_rad = number(m, "lon0") * GEO_DEG;
	s->side_m = number(m, "side");
	s->duration_s = number(m, "duration");
	double scan_s = number(m, "scan");
	s->range_sigma_m = number(m, "sigma_r");
	s->azimuth_sigma_rad = number(m, "sigma_az") * GEO_DEG;
	s->report_sigma_m = number(m, "sigma_ais");
	bool sensors = read_radars(json_object_get(m, "radar_list"), s) && read_cameras(json_object_get(m, "camera_list"), s);
	json_decref(m);
	if (!sensors || !(scan_s > 0.01 && scan_s < 1000) || !(s->duration_s > 0 && s->duration_s < 1e6) ||
		!(s->side_m > 0 && s->side_m < FAR_M) || !(s->range_sigma_m > 0) || !(s->azimuth_sigma_rad > 0) ||
		!(s->report_sigma_m > 0) || !(fabs(s->lat_rad) < 1.6) || !(fabs(s->lon_rad) < 3.2))
		return -EINVAL;
	s->scan_ns = llround(scan_s * 1e9);
	return 0;
}

/* Scenario times carry milliseconds. */
static int64_t time_ns(double t_s)
{
	return SCENARIO_EPOCH_NS + llround(t_s * 1e3) * 1000000;
}

/* The first columns are at their places; those after C_MMSI are known by their names in the header. */
enum { C_TIME, C_ARRIVE, C_SENSOR, C_KIND, C_RANGE, C_AZ, C_X, C_Y, C_SOG, C_COG, C_MMSI, C_FIXED, C_SX = C_FIXED, C_SY, C_N };

/* Where sx and sy are: number of the column; 0 = there is none. */
struct columns {
	unsigned sx, sy;
};

static void read_header(char *line, struct columns *ret_c)
{
	char *rest = line;

	*ret_c = (struct columns){ 0 };
	line[strcspn(line, "\r\n")] = '\0';
	for (unsigned i = 0; rest; i++) {
		const char *name = strsep(&rest, ",");
		if (i >= C_FIXED && !strcmp(name, "sx"))
			ret_c->sx = i;
		if (i >= C_FIXED && !strcmp(name, "sy"))
			ret_c->sy = i;
	}
}

/* Return: true and the columns that are numbers (NaN where empty); @kind the letter. */
static bool parse_line(char *line, const struct columns *at, double ret_v[static C_N], char *ret_kind)
{
	char *p = line;

	for (int i = 0; i < C_FIXED; i++) {
		char *end = p;
		ret_v[i] = NAN;
		if (i == C_KIND) {
			*ret_kind = *p;
			end = *p ? p + 1 : p;
		} else if (*p != ',') {
			ret_v[i] = strtod(p, &end);
		}
		if (*end != ',')
			return false;
		p = end + 1;
	}
	ret_v[C_SX] = ret_v[C_SY] = NAN;
	for (unsigned i = C_FIXED; p; i++) {
		const char *field = strsep(&p, ",");
		if (i == at->sx)
			ret_v[C_SX] = *field ? strtod(field, NULL) : NAN;
		if (i == at->sy)
			ret_v[C_SY] = *field ? strtod(field, NULL) : NAN;
	}
	return true;
}

static int radar_index(const struct scenario *s, int id)
{
	/* Mostly they are numbered from 1. */
	if (id >= 1 && (size_t)id <= s->n_radars && s->radars[id - 1].id == id)
		return id - 1;
	for (size_t i = 0; i < s->n_radars; i++)
		if (s->radars[i].id == id)
			return (int)i;
	return -1;
}

static int camera_index(const struct scenario *s, int id)
{
	for (size_t i = 0; i < s->n_cameras; i++)
		if (s->cameras[i].id == id)
			return (int)i;
	return -1;
}

/* Where the sensor was: as the line says, else where it stands. */
static void fill_place(const double *v, double x_m, double y_m, struct filter_input *in)
{
	bool moves = fabs(v[C_SX]) < FAR_M && fabs(v[C_SY]) < FAR_M;

	in->sx_m = moves ? v[C_SX] : x_m;
	in->sy_m = moves ? v[C_SY] : y_m;
}

static bool fill_plot(const struct scenario *s, const double *v, struct tracker_input *m)
{
	struct filter_input *in = &m->in;
	int k = radar_index(s, (int)v[C_SENSOR]);

	if (k < 0 || !(fabs(v[C_X]) < FAR_M) || !(fabs(v[C_Y]) < FAR_M))
		return false;
	m->station = (uint32_t)k;
	fill_place(v, s->radars[k].x_m, s->radars[k].y_m, in);
	in->cov = filter_polar_cov(v[C_X] - in->sx_m, v[C_Y] - in->sy_m, s->range_sigma_m, s->azimuth_sigma_rad);
	return true;
}

static bool fill_bearing(const struct scenario *s, const double *v, struct tracker_input *m)
{
	struct filter_input *in = &m->in;
	int k = camera_index(s, (int)v[C_SENSOR]);

	if (k < 0 || !(fabs(v[C_AZ]) <= 360))
		return false;
	m->station = (uint32_t)(s->n_radars + 1 + (size_t)k);
	in->kind = FILTER_BEARING;
	in->azimuth_rad = v[C_AZ] * GEO_DEG;
	in->azimuth_sigma_rad = s->cameras[k].azimuth_sigma_rad;
	fill_place(v, s->cameras[k].x_m, s->cameras[k].y_m, in);
	return true;
}

static bool fill_report(const struct scenario *s, const double *v, struct tracker_input *m)
{
	double sigma = REPORT_INFLATE * s->report_sigma_m, sn, cs;
	struct filter_input *in = &m->in;

	in->cov = (struct filter_cov2){ sigma * sigma, 0, sigma * sigma };
	m->station = (uint32_t)s->n_radars;
	m->id_kind = PLOT_ID_MMSI;
	m->id = v[C_MMSI] > 0 && v[C_MMSI] < 1e9 ? (uint32_t)v[C_MMSI] : 0;
	if (!(v[C_SOG] >= SLOW_MPS) || !(fabs(v[C_COG]) <= 360))
		return true;
	pinned_sincos(v[C_COG] * GEO_DEG, &sn, &cs);
	in->has_velocity = true;
	in->u_mps = v[C_SOG] * sn;
	in->v_mps = v[C_SOG] * cs;
	in->velocity_cov =
		filter_polar_cov(in->u_mps, in->v_mps, SOG_SIGMA_MPS, COG_SIGMA_DEG * GEO_DEG);
	return true;
}

static bool fill_row(const struct scenario *s, const double *v, char kind, struct scenario_row *ret_row)
{
	struct scenario_row r = { .radar = kind == 'R' };
	struct tracker_input *m = &r.input;

	if (!(v[C_TIME] >= -1e6 && v[C_TIME] <= 1e7) || !(v[C_ARRIVE] >= -1e6 && v[C_ARRIVE] <= 1e7) || !(fabs(v[C_SENSOR]) < 1e6))
		return false;
	r.arrive_ns = time_ns(v[C_ARRIVE]);
	m->in.time_ns = time_ns(v[C_TIME]);
	m->recv_ns = r.arrive_ns;
	m->in.x_m = v[C_X];
	m->in.y_m = v[C_Y];
	bool known = kind == 'R' ? fill_plot(s, v, m) : kind == 'B' ? fill_bearing(s, v, m) : kind == 'A' && fill_report(s, v, m);
	if (known)
		*ret_row = r;
	return known;
}

static int grow(struct scenario *s, size_t *room)
{
	size_t more = *room ? *room * 2 : 65536;
	struct scenario_row *rows = more <= ROWS_MAX ? realloc(s->rows, more * sizeof(*rows)) : NULL;

	if (!rows)
		return more <= ROWS_MAX ? -ENOMEM : -EFBIG;
	s->rows = rows;
	*room = more;
	return 0;
}

static int read_plots(FILE *f, struct scenario *s)
{
	char line[512];
	size_t room = 0;
	struct columns columns;
	int result = 0;

	if (!fgets(line, sizeof(line), f))
		return 0;
	read_header(line, &columns);
	while (result == 0 && fgets(line, sizeof(line), f)) {
		double v[C_N];
		char kind = 0;
		if (s->n_rows == room)
			result = grow(s, &room);
		if (result == 0 && parse_line(line, &columns, v, &kind) && fill_row(s, v, kind, &s->rows[s->n_rows]))
			s->n_rows++;
		else
			s->n_bad++;
	}
	return result;
}

int scenario_read(FILE *meta, FILE *plots, struct scenario *ret_s)
{
	struct scenario s = { 0 };
	int error = read_meta(meta, &s);

	if (error == 0)
		error = read_plots(plots, &s);
	if (error < 0)
		scenario_done(&s);
	else
		*ret_s = s;
	return error;
}

static FILE *open_file(const char *dir, const char *name)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return fopen(path, "re");
}

int scenario_load(const char *dir, struct scenario *ret_s, char *ret_error, size_t error_size)
{
	FILE *meta = open_file(dir, "meta.json"), *plots = meta ? open_file(dir, "plots.csv") : NULL;
	int error = plots ? scenario_read(meta, plots, ret_s) : -errno;

	if (error < 0)
		(void)snprintf(ret_error, error_size, "%s: %s: %s", dir, plots ? "meta.json or plots.csv" : meta ? "plots.csv" : "meta.json",
			error == -EINVAL ? "missing or absurd geometry" : strerror(-error));
	if (meta)
		(void)fclose(meta);
	if (plots)
		(void)fclose(plots);
	return error;
}

void scenario_done(struct scenario *s)
{
	free(s->radars);
	free(s->cameras);
	free(s->rows);
	*s = (struct scenario){ 0 };
}

void scenario_config(const struct scenario *s, struct tracker_config *ret_c)
{
	double per_s = (double)s->n_rows / s->duration_s;

	tracker_defaults(ret_c);
	memcpy(ret_c->origin, "scenario", 9);
	ret_c->epoch = 1;
	ret_c->lat_rad = s->lat_rad;
	ret_c->lon_rad = s->lon_rad;
	ret_c->max_stations = s->n_radars + 1 + s->n_cameras;
	if (TRACKS_S * per_s > (double)ret_c->max_tracks)
		ret_c->max_tracks = (uint64_t)(TRACKS_S * per_s);
	if (ret_c->max_tracks > 1u << 22)
		ret_c->max_tracks = 1u << 22;
	ret_c->max_identities = ret_c->max_tracks;
}

static int place_cameras(const struct scenario *s, struct tracker *t)
{
	char name[PLOT_FEED_MAX];

	for (size_t i = 0; i < s->n_cameras; i++) {
		const struct scenario_camera *c = &s->cameras[i];
		struct site site = { .max_range_m = c->max_range_m,
			.view_rad = c->view_rad,
			.view_width_rad = c->view_width_rad,
			.azimuth_sigma_rad = c->azimuth_sigma_rad };
		(void)snprintf(name, sizeof(name), "camera%d", c->id);
		int k = tracker_station(t, name, PLOT_SENSOR_CAMERA);
		if (k != (int)(s->n_radars + 1 + i))
			return -EINVAL; /* two of one name */
		tracker_station_place(t, (uint32_t)k, c->x_m, c->y_m, 0, &site);
	}
	return 0;
}

static int place_stations(const struct scenario *s, struct tracker *t)
{
	struct site site = { .scan_period_ns = s->scan_ns,
		.range_sigma_m = s->range_sigma_m,
		.azimuth_sigma_rad = s->azimuth_sigma_rad };
	char name[PLOT_FEED_MAX];

	/* The farthest corner from a radar on the edge. */
	site.max_range_m = 1.4 * s->side_m;
	for (size_t i = 0; i < s->n_radars; i++) {
		snprintf(name, sizeof(name), "radar%d", s->radars[i].id);
		int k = tracker_station(t, name, PLOT_SENSOR_RADAR);
		if (k != (int)i)
			return -EINVAL;
		tracker_station_place(t, (uint32_t)k, s->radars[i].x_m, s->radars[i].y_m, 0, &site);
	}
	if (tracker_station(t, "ais", PLOT_SENSOR_AIS) != (int)s->n_radars)
		return -EINVAL;
	return place_cameras(s, t);
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* One tick: the rows that arrived, then the tracker's work, timed. */
static size_t run_tick(struct scenario *s, struct tracker *t, size_t at, int64_t tick_ns,
	int64_t (*work_ns)(void), int64_t *ret_busy)
{
	int64_t start = work_ns ? work_ns() : 0;

	for (; at < s->n_rows && s->rows[at].arrive_ns <= tick_ns; at++) {
		tracker_input(t, &s->rows[at].input);
		/* A scan's plots arrive together at its end. */
		if (s->rows[at].radar)
			tracker_sweep(t, s->rows[at].input.station, s->rows[at].arrive_ns);
	}
	tracker_tick(t, tick_ns);
	*ret_busy = work_ns ? work_ns() - start : 0;
	return at;
}

int scenario_run(struct scenario *s, struct tracker *t,
	void (*grid)(void *user, struct tracker *t, double time_s), void *user,
	int64_t (*work_ns)(void), struct scenario_stats *ret_stats)
{
	int64_t end = SCENARIO_EPOCH_NS + llround(s->duration_s * 1e9), grid_ns = SCENARIO_EPOCH_NS;
	struct scenario_stats st = { 0 };
	size_t at = 0, n = 0, room = (size_t)((end - SCENARIO_EPOCH_NS) / TICK_NS) + 2;
	int error = place_stations(s, t);

	if (error < 0)
		return error;
	int64_t *times = calloc(room, sizeof(*times));
	if (!times)
		return -ENOMEM;
	for (int64_t tick = SCENARIO_EPOCH_NS; tick <= end; tick += TICK_NS) {
		bool due = at < s->n_rows && s->rows[at].arrive_ns <= tick;
		if (due || tick >= grid_ns) {
			int64_t busy;
			at = run_tick(s, t, at, tick, work_ns, &busy);
			st.busy_ns += busy;
			if (due)
				times[n++] = busy;
			if (tracker_tracks(t) > st.peak_tracks)
				st.peak_tracks = tracker_tracks(t);
		}
		if (tick < grid_ns)
			continue;
		if (grid)
			grid(user, t, (double)(grid_ns - SCENARIO_EPOCH_NS) * 1e-9);
		grid_ns += s->scan_ns;
	}
	qsort(times, n, sizeof(*times), by_value);
	st.p99_ns = n ? times[n - 1 - n / 100] : 0;
	st.batches = n;
	free(times);
	*ret_stats = st;
	return 0;
}
