#include "cli/scenario.h"

#include "common/geo.h"
#include "fusion/pinned.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_NS INT64_C(100000000)
#define ROWS_MAX 100000000u
#define REPORT_INFLATE 1.2 /* notes 2.2 */
#define SOG_SIGMA_MPS 0.2
#define COG_SIGMA_DEG 2.0
#define SLOW_MPS 0.5

static int say(char *error, size_t size, int code, const char *dir, const char *what)
{
	snprintf(error, size, "%s: %s", dir, what);
	return code;
}

static double number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

static int read_meta(const char *dir, struct scenario *s, char *error, size_t size)
{
	char path[4096];
	json_error_t je;

	snprintf(path, sizeof(path), "%s/meta.json", dir);
	json_t *m = json_load_file(path, 0, &je);
	if (!m)
		return say(error, size, -EINVAL, path, je.text);
	s->lat_rad = number(m, "lat0") * GEO_DEG;
	s->lon_rad = number(m, "lon0") * GEO_DEG;
	s->side_m = number(m, "side");
	s->duration_s = number(m, "duration");
	double scan_s = number(m, "scan");
	s->range_sigma_m = number(m, "sigma_r");
	s->azimuth_sigma_rad = number(m, "sigma_az") * GEO_DEG;
	s->report_sigma_m = number(m, "sigma_ais");
	const json_t *list = json_object_get(m, "radar_list"), *r;
	size_t i, n = json_array_size(list);
	s->radars = calloc(n + 1, sizeof(*s->radars));
	json_array_foreach(list, i, r)
	{
		const json_t *pos = json_object_get(r, "pos");
		s->radars[i] = (struct scenario_radar){ (int)number(r, "id"),
			json_number_value(json_array_get(pos, 0)),
			json_number_value(json_array_get(pos, 1)) };
	}
	s->n_radars = n;
	json_decref(m);
	if (!(scan_s > 0.01 && scan_s < 1000) || !(s->duration_s > 0 && s->duration_s < 1e6) ||
		!(s->side_m > 0) || !(s->range_sigma_m > 0) || !(s->azimuth_sigma_rad > 0) ||
		!(s->report_sigma_m > 0) || !(fabs(s->lat_rad) < 1.6) ||
		!(fabs(s->lon_rad) < 3.2) || !s->radars)
		return say(error, size, -EINVAL, path, "missing or absurd geometry");
	s->scan_ns = llround(scan_s * 1e9);
	return 0;
}

/* Scenario times carry milliseconds. */
static int64_t time_ns(double t_s)
{
	return SCENARIO_EPOCH_NS + llround(t_s * 1e3) * 1000000;
}

enum { C_TIME, C_ARRIVE, C_SENSOR, C_KIND, C_RANGE, C_AZ, C_X, C_Y, C_SOG, C_COG, C_MMSI, C_N };

/* Return: true and the columns that are numbers (NaN where empty); @kind the letter. Columns past
 * MMSI are not looked at. */
static bool parse_line(char *line, double ret_v[static C_N], char *ret_kind)
{
	char *p = line;

	for (int i = 0; i < C_N; i++) {
		char *end = p;
		ret_v[i] = NAN;
		if (i == C_KIND) {
			*ret_kind = *p;
			end = p + 1;
		} else if (*p != ',') {
			ret_v[i] = strtod(p, &end);
		}
		if (*end != ',')
			return false;
		p = end + 1;
	}
	return true;
}

static int radar_index(const struct scenario *s, int id)
{
	for (size_t i = 0; i < s->n_radars; i++)
		if (s->radars[i].id == id)
			return (int)i;
	return -1;
}

static void fill_report(const struct scenario *s, const double *v, struct tracker_input *m)
{
	double sigma = REPORT_INFLATE * s->report_sigma_m, sn, cs;
	struct filter_input *in = &m->in;

	in->cov = (struct filter_cov2){ sigma * sigma, 0, sigma * sigma };
	m->station = (uint32_t)s->n_radars;
	m->id_kind = PLOT_ID_MMSI;
	m->id = v[C_MMSI] > 0 && v[C_MMSI] < 1e9 ? (uint32_t)v[C_MMSI] : 0;
	if (!(v[C_SOG] >= SLOW_MPS) || !(fabs(v[C_COG]) <= 360))
		return;
	pinned_sincos(v[C_COG] * GEO_DEG, &sn, &cs);
	in->has_velocity = true;
	in->u_mps = v[C_SOG] * sn;
	in->v_mps = v[C_SOG] * cs;
	in->velocity_cov =
		filter_polar_cov(in->u_mps, in->v_mps, SOG_SIGMA_MPS, COG_SIGMA_DEG * GEO_DEG);
}

static bool fill_row(
	const struct scenario *s, const double *v, char kind, struct scenario_row *ret_row)
{
	struct scenario_row r = { .radar = kind == 'R' };
	struct tracker_input *m = &r.input;

	if (!(v[C_TIME] >= -1e6 && v[C_TIME] <= 1e7) ||
		!(v[C_ARRIVE] >= -1e6 && v[C_ARRIVE] <= 1e7))
		return false;
	r.arrive_ns = time_ns(v[C_ARRIVE]);
	m->in.time_ns = time_ns(v[C_TIME]);
	m->recv_ns = r.arrive_ns;
	m->in.x_m = v[C_X];
	m->in.y_m = v[C_Y];
	if (!r.radar) {
		fill_report(s, v, m);
	} else {
		int k = radar_index(s, (int)v[C_SENSOR]);
		if (k < 0)
			return false;
		m->station = (uint32_t)k;
		m->in.cov = filter_polar_cov(v[C_X] - s->radars[k].x_m, v[C_Y] - s->radars[k].y_m,
			s->range_sigma_m, s->azimuth_sigma_rad);
	}
	*ret_row = r;
	return true;
}

static int grow(struct scenario *s, size_t *room)
{
	size_t more = *room ? *room * 2 : 65536;
	struct scenario_row *rows = realloc(s->rows, more * sizeof(*rows));

	if (!rows || more > ROWS_MAX)
		return -ENOMEM;
	s->rows = rows;
	*room = more;
	return 0;
}

static int read_plots(const char *dir, struct scenario *s, char *error, size_t size)
{
	char path[4096], line[512];
	size_t room = 0;

	snprintf(path, sizeof(path), "%s/plots.csv", dir);
	FILE *f = fopen(path, "re");
	if (!f)
		return say(error, size, -errno, path, strerror(errno));
	int result = 0;
	bool header = true;
	while (result == 0 && fgets(line, sizeof(line), f)) {
		double v[C_N];
		char kind = 0;
		if (header) {
			header = false;
			continue;
		}
		if (s->n_rows == room)
			result = grow(s, &room);
		if (result == 0 && parse_line(line, v, &kind) && (kind == 'R' || kind == 'A') &&
			fill_row(s, v, kind, &s->rows[s->n_rows]))
			s->n_rows++;
		else
			s->n_bad++;
	}
	fclose(f);
	return result == 0 ? 0 : say(error, size, result, path, "too large");
}

int scenario_load(const char *dir, struct scenario *ret_s, char *ret_error, size_t error_size)
{
	struct scenario s = { 0 };
	int error = read_meta(dir, &s, ret_error, error_size);

	if (error == 0)
		error = read_plots(dir, &s, ret_error, error_size);
	if (error < 0) {
		scenario_done(&s);
		return error;
	}
	*ret_s = s;
	return 0;
}

void scenario_done(struct scenario *s)
{
	free(s->radars);
	free(s->rows);
	*s = (struct scenario){ 0 };
}

void scenario_config(const struct scenario *s, struct tracker_config *ret_c)
{
	/* Plots of three seconds could each be a track. */
	double per_s = (double)s->n_rows / s->duration_s;

	tracker_defaults(ret_c);
	memcpy(ret_c->origin, "scenario", 9);
	ret_c->epoch = 1;
	ret_c->lat_rad = s->lat_rad;
	ret_c->lon_rad = s->lon_rad;
	ret_c->max_stations = s->n_radars + 1;
	if (3 * per_s > (double)ret_c->max_tracks)
		ret_c->max_tracks = (uint64_t)(3 * per_s);
	if (ret_c->max_tracks > 1u << 22)
		ret_c->max_tracks = 1u << 22;
	ret_c->max_identities = 4 * ret_c->max_tracks;
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
	return tracker_station(t, "ais", PLOT_SENSOR_AIS) == (int)s->n_radars ? 0 : -EINVAL;
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
