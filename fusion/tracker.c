#include "fusion/tracker.h"

#include "fusion/explain_desk.h"
#include "fusion/foreign.h"
#include "fusion/pinned.h"
#include "fusion/state.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_BYTES ((size_t)2 << 20)
#define HUGE_FROM_BYTES ((size_t)4 << 20)
#define AHEAD_NS INT64_C(10000000000)
#define IN_DOUBT_NS INT64_C(2500000000)
#define UNKNOWN_SPEED_MPS 10.0 /* 20 kn: faster than nearly all merchant ships go */
#define AIRBORNE_M 300.0    /* no ship's antenna is so high; terrain is not asked */
#define HEIGHT_MAX_M 1e5     /* nothing that we see is higher */
#define RATE_MAX_MPS 1000.0 /* as of velocities */
#define PLANE_MAX_M 1e6    /* of the earth, the plane is of no use beyond */
#define INPUT_MAX_M 4e6    /* of what is a plane by itself, the grid is none */
#define SIGMA_MAX_M 2000.0 /* a position worse than this is none */
#define RANGE_DEFAULT_M 100000.0
#define REPORT_SIGMA_M 15.0 /* AIS without stated accuracy: class B (notes 2.2) */
#define SLOW_MPS 0.5        /* below it a course over ground is noise (notes 2.2) */
#define COG_SIGMA_RAD 0.035 /* 2 degrees (notes 2.2) */
#define SOG_SIGMA_MPS 0.2
#define BENT_RATIO                                                                                 \
	0.4 /* range * sigma_a^2 / sigma_r from which the ellipse is a banana (notes 2.2) */
#define SLACK_TURNS 8 /* live: a plot may come an eighth of a turn after its look */

static const char *const counter_names[_TRACKER_COUNTER_MAX] = {
	[TRACKER_PLOTS] = "plots",
	[TRACKER_PLOTS_LATE] = "plots_late",
	[TRACKER_PLOTS_AHEAD] = "plots_ahead",
	[TRACKER_PLOTS_BAD] = "plots_bad",
	[TRACKER_PLOTS_TWICE] = "plots_twice",
	[TRACKER_PLOTS_USED] = "plots_used",
	[TRACKER_BIRTHS] = "births",
	[TRACKER_CONFIRMED] = "confirmed",
	[TRACKER_DROPPED] = "dropped",
	[TRACKER_MERGED] = "merged",
	[TRACKER_RESUMED] = "resumed",
	[TRACKER_STANDINGS] = "standings",
	[TRACKER_CONFLICTS] = "conflicts",
	[TRACKER_FULL] = "full",
	[TRACKER_PAIRED] = "paired",
	[TRACKER_PARTED] = "parted",
	[TRACKER_BOUNDED] = "bounded",
};

void tracker_defaults(struct tracker_config *ret_c)
{
	*ret_c = (struct tracker_config){
		.max_tracks = 20000,
		.max_stations = 64,
		.max_batch = 4096,
		.max_identities = 16384,
		.model = { .q = { 0.02, 2 }, .switch_time_s = 60 },
		.speed_sigma_mps = 10,
		.detection = 0.9,
		.birth_density = 1e-8,
		.report_density = 1e-8,
		.confirm = 0.99,
		.window_ns = INT64_C(10000000000),
		.life_ns = INT64_C(2500000000000),
	};
}

static uint32_t power_of_two(uint64_t at_least)
{
	uint32_t n = 64;

	while (n < at_least && n < 1u << 30)
		n *= 2;
	return n;
}

/* Radars' scans come all at once in the worst case: a quarter of the tracks at a time is enough for the threads. */
static size_t pending_room(const struct tracker_config *c)
{
	return c->max_tracks / 4 > c->max_batch ? c->max_tracks / 4 : c->max_batch;
}

/* Zeroes. A large table is looked into at random: in large pages, where the machine has them, the way there is short. */
static void *zeroes(size_t n, size_t size)
{
	size_t all = (n * size + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;

	if (n * size < HUGE_FROM_BYTES)
		return calloc(n, size);
	void *p = aligned_alloc(HUGE_BYTES, all);
	if (!p)
		return NULL;
	madvise(p, all, MADV_HUGEPAGE);
	return memset(p, 0, all);
}

struct table {
	void *at; /* the pointer to it, whatever it points to */
	size_t n, size;
};

#define TABLE(field, count) { &t->field, count, sizeof(*t->field) }
#define TABLES 22

/* All that grows with the configuration. */
static void list_tables(struct tracker *t, struct table ret_tables[static TABLES])
{
	const struct tracker_config *c = &t->config;
	const size_t n = c->max_tracks, s = c->max_stations, m = t->max_pending, squares = SWEEP_SQUARES(s);
	const struct table tables[TABLES] = {
		TABLE(head, 1),
		TABLE(records, n),
		TABLE(stations, s),
		TABLE(entries, power_of_two(c->max_identities)),
		TABLE(dormants, DORMANT_MAX),
		TABLE(edge, 1),
		TABLE(report_cells, t->n_report_cells),
		TABLE(free_slots, n),
		TABLE(links, n),
		TABLE(grid.heads, power_of_two(n)),
		TABLE(pending, m),
		TABLE(order, m),
		TABLE(group, s + 2),
		TABLE(left, s),
		TABLE(outcomes, m),
		TABLE(batches, s + m / c->max_batch + 1),
		TABLE(row_of, n),
		TABLE(suspects, n),
		TABLE(reach_heads, squares + 2),
		TABLE(reach_list, 9 * s),
		TABLE(queue, n),
		TABLE(queued, n),
	};

	memcpy(ret_tables, tables, sizeof(tables));
}

static int allocate(struct tracker *t)
{
	struct table tables[TABLES];

	t->max_pending = pending_room(&t->config);
	t->n_report_cells = pairing_cells(t->config.max_tracks);
	list_tables(t, tables);
	for (unsigned i = 0; i < TABLES; i++) {
		void *p = zeroes(tables[i].n, tables[i].size);
		if (!p)
			return -ENOMEM;
		memcpy(tables[i].at, &p, sizeof(p));
	}
	return associate_new(t);
}

int tracker_new(const struct tracker_config *config,
	void (*publish)(void *user, const struct track *track), void *user, struct tracker **ret_t)
{
	if (!config->max_tracks || !config->max_stations || !config->max_batch ||
		config->max_tracks > 1u << 24 || config->max_batch > 1u << 20 || config->max_stations > UINT16_MAX)
		return -EINVAL;

	struct tracker *t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->config = *config;
	t->publish = publish;
	t->user = user;
	int error = frame_init(&t->frame, config->lat_rad, config->lon_rad);
	if (error == 0)
		error = allocate(t);
	if (error == 0)
		error = shadow_new(&t->shadow);
	if (error == 0 && !(t->foreign = foreign_new()))
		error = -ENOMEM;
	if (error < 0) {
		tracker_free(t);
		return error;
	}
	t->head->next_birth = 1;
	t->head->identities =
		(struct identity_table){ t->entries, power_of_two(config->max_identities), 0 };
	gate_grid_init(&t->grid, t->grid.heads, power_of_two(config->max_tracks), t->links,
		(uint32_t)config->max_tracks);
	*ret_t = t;
	return 0;
}

void tracker_free(struct tracker *t)
{
	if (!t)
		return;
	associate_free(t);
	explain_desk_free(t);
	shadow_free(t->shadow);
	free(t->foreign);
	struct table tables[TABLES];
	list_tables(t, tables);
	for (unsigned i = 0; i < TABLES; i++) {
		void *p;
		memcpy(&p, tables[i].at, sizeof(p));
		free(p);
	}
	free(t);
}

int tracker_explain(struct tracker *t, explain_fn *fn, void *user)
{
	return explain_desk_new(t, fn, user);
}

void tracker_row(struct tracker *t, uint32_t row)
{
	t->row = row;
}

/* --- stations --- */

int tracker_station(struct tracker *t, const char *feed, enum plot_sensor sensor)
{
	struct state_head *h = t->head;

	for (uint32_t i = 0; i < h->n_stations; i++)
		if (t->stations[i].sensor == sensor &&
			!strncmp(t->stations[i].feed, feed, PLOT_FEED_MAX))
			return (int)i;
	if (h->n_stations == t->config.max_stations) {
		state_count(t, TRACKER_FULL);
		return -ENOSPC;
	}
	struct station *s = &t->stations[h->n_stations];
	*s = (struct station){ .sensor = sensor, .max_range_m = RANGE_DEFAULT_M };
	strncpy(s->feed, feed, PLOT_FEED_MAX - 1);
	clutter_init(&s->clutter, 0, 0, RANGE_DEFAULT_M);
	coverage_init(&s->coverage, 0, 0, RANGE_DEFAULT_M, t->config.detection);
	registration_init(&s->registration, sensor == PLOT_SENSOR_CAMERA);
	return (int)h->n_stations++;
}

void tracker_station_place(struct tracker *t, uint32_t station, double x_m, double y_m,
	double north_rad, const struct site *site)
{
	struct station *s = &t->stations[station];
	bool moved = !s->placed || s->x_m != x_m || s->y_m != y_m;
	double range = site->max_range_m > 0 ? site->max_range_m : RANGE_DEFAULT_M;

	if (moved || range != s->max_range_m) {
		clutter_init(&s->clutter, x_m, y_m, range);
		coverage_init(&s->coverage, x_m, y_m, range, t->config.detection);
	}
	if (moved)
		registration_init(&s->registration, s->sensor == PLOT_SENSOR_CAMERA);
	s->placed = true;
	sweep_forget(t);
	s->x_m = x_m;
	s->y_m = y_m;
	s->north_rad = north_rad;
	s->version = site->version;
	s->targets = (uint8_t)site->targets;
	s->period_ns = site->scan_period_ns > 0 ? site->scan_period_ns : 0;
	s->max_range_m = range;
	s->view_rad = site->view_rad;
	s->view_width_rad = site->view_width_rad;
	s->range_sigma_m = site->range_sigma_m;
	s->azimuth_sigma_rad = site->azimuth_sigma_rad;
}

void tracker_site(struct tracker *t, const struct site *site)
{
	double x, y;
	int station = tracker_station(t, site->feed, site->sensor);

	if (station < 0)
		return;
	if (!(fabs(site->lat_rad) <= M_PI_2) || !(fabs(site->lon_rad) <= M_PI))
		return;
	frame_forward(&t->frame, site->lat_rad, site->lon_rad, &x, &y);
	if (!(fabs(x) <= PLANE_MAX_M) || !(fabs(y) <= PLANE_MAX_M))
		return;
	tracker_station_place(t, (uint32_t)station, x, y,
		frame_north(&t->frame, site->lat_rad, site->lon_rad), site);
}

void tracker_sweep(struct tracker *t, uint32_t station, int64_t time_ns)
{
	struct station *s = &t->stations[station];

	s->sweep_given = true;
	if (time_ns > s->clock_ns)
		s->clock_ns = time_ns;
	if (time_ns > s->swept_ns)
		s->swept_ns = time_ns;
}

/* --- plots --- */

static bool usable_cov(const struct filter_cov2 *c)
{
	return c->xx > 0 && c->yy > 0 && c->xx * c->yy - c->xy * c->xy > 0 &&
	       c->xx < SIGMA_MAX_M * SIGMA_MAX_M && c->yy < SIGMA_MAX_M * SIGMA_MAX_M;
}

static bool usable(const struct filter_input *in)
{
	if (in->kind == FILTER_BEARING)
		return in->azimuth_sigma_rad > 1e-5 && in->azimuth_sigma_rad < 1 &&
		       fabs(in->azimuth_rad) < 100;
	return fabs(in->x_m) <= INPUT_MAX_M && fabs(in->y_m) <= INPUT_MAX_M &&
	       usable_cov(&in->cov) &&
	       (!in->has_velocity || (usable_cov(&in->velocity_cov) && fabs(in->u_mps) < 1000 &&
					     fabs(in->v_mps) < 1000));
}

/* A stable counting sort: t->order lists the plots by station, t->group says where each begins. */
static void group_pending(struct tracker *t)
{
	uint32_t *group = t->group;

	memset(group, 0, (t->head->n_stations + 2) * sizeof(*group));
	for (size_t i = 0; i < t->n_pending; i++)
		group[t->pending[i].station + 2]++;
	for (uint32_t s = 2; s < t->head->n_stations + 2; s++)
		group[s] += group[s - 1];
	for (uint32_t i = 0; i < t->n_pending; i++)
		t->order[group[t->pending[i].station + 1]++] = i;
}

/* Other trackers' tracks are taken now; measurements stay in order. Return: how many. */
static uint32_t set_aside_foreign(struct tracker *t, uint32_t station)
{
	const uint32_t first = t->group[station], n = t->group[station + 1] - first;
	struct station *s = &t->stations[station];
	uint32_t left = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct tracker_input *m = &t->pending[t->order[first + i]];
		if (!m->sender_track || m->in.kind == FILTER_BEARING) {
			t->order[first + left++] = t->order[first + i];
			continue;
		}
		explain_desk_open(t, 0, m);
		foreign_take(t, m);
		explain_desk_tell(t, 0, 1);
	}
	if ((left < n && !s->tells_tracks) || (left && !s->tells_plots))
		sweep_forget(t);
	s->tells_tracks |= left < n;
	s->tells_plots |= left > 0;
	return left;
}

static void make_batches(struct tracker *t)
{
	const uint32_t most = (uint32_t)t->config.max_batch;

	t->n_batches = 0;
	for (uint32_t s = 0; s < t->head->n_stations; s++)
		for (uint32_t at = 0; t->stations[s].sensor == PLOT_SENSOR_RADAR && at < t->left[s]; at += most)
			t->batches[t->n_batches++] = (struct batch){ .station = s,
				.first = t->group[s] + at,
				.n = t->left[s] - at < most ? t->left[s] - at : most };
}

static void register_part(void *user, unsigned worker, size_t station)
{
	pairing_station(user, (uint32_t)station);
}

static void associate_pending(struct tracker *t)
{
	if (!t->n_pending)
		return;
	group_pending(t);
	for (uint32_t s = 0; s < t->head->n_stations; s++)
		t->left[s] = set_aside_foreign(t, s);
	crew_run(t->crew, t->head->n_stations, register_part, t);
	make_batches(t);
	associate_radars(t);
	for (uint32_t s = 0; s < t->head->n_stations; s++) {
		for (uint32_t i = 0; t->stations[s].sensor != PLOT_SENSOR_RADAR && i < t->left[s]; i++) {
			const struct tracker_input *m = &t->pending[t->order[t->group[s] + i]];
			explain_desk_open(t, 0, m);
			if (t->stations[s].sensor == PLOT_SENSOR_CAMERA)
				bearing_take(t, m);
			else
				report_take(t, m);
			explain_desk_tell(t, 0, 1);
		}
	}
	t->n_pending = 0;
}

void tracker_input(struct tracker *t, const struct tracker_input *input)
{
	state_count(t, TRACKER_PLOTS);
	if (input->station >= t->head->n_stations || !usable(&input->in)) {
		state_count(t, TRACKER_PLOTS_BAD);
		explain_desk_lost(t, EXPLAIN_BAD, input);
		return;
	}
	if (t->head->now_ns && input->in.time_ns < t->head->now_ns - t->config.window_ns) {
		state_count(t, TRACKER_PLOTS_LATE);
		explain_desk_lost(t, EXPLAIN_STALE, input);
		return;
	}
	if (t->head->now_ns && input->in.time_ns > t->head->now_ns + AHEAD_NS) {
		state_count(t, TRACKER_PLOTS_AHEAD);
		explain_desk_lost(t, EXPLAIN_AHEAD, input);
		return;
	}
	if (t->n_pending == t->max_pending)
		associate_pending(t);
	struct station *s = &t->stations[input->station];
	if (input->in.time_ns > s->clock_ns)
		s->clock_ns = input->in.time_ns;
	t->pending[t->n_pending++] = *input;
}

static void set_velocity(const struct plot *p, struct filter_input *in)
{
	double ss = p->sog_sigma_mps > 0 ? p->sog_sigma_mps : SOG_SIGMA_MPS;

	if (!(p->sog_mps >= 0))
		return;
	in->has_velocity = true;
	if (p->sog_mps < SLOW_MPS || !(fabs(p->cog_rad) < 100)) {
		/* At rest or nearly so: it moves no faster than that, whereto is not known. A speed
		 * without course says nothing. */
		in->has_velocity = p->sog_mps < SLOW_MPS;
		in->velocity_cov =
			(struct filter_cov2){ SLOW_MPS * SLOW_MPS, 0, SLOW_MPS * SLOW_MPS };
		return;
	}
	double sn, cs, sc = p->cog_sigma_rad > 0 ? p->cog_sigma_rad : COG_SIGMA_RAD;
	pinned_sincos(p->cog_rad, &sn, &cs);
	in->u_mps = p->sog_mps * sn;
	in->v_mps = p->sog_mps * cs;
	in->velocity_cov = filter_polar_cov(in->u_mps, in->v_mps, ss, sc);
}

/*
 * How far the vessel may have gone in the time that is in doubt: 1 sigma, metres. Only of a plot whose clock is worse than
 * any decoder's own doubt with a sound one (2 s, AIS without a second): the models' noise is tuned with those in it.
 */
static double astray_m(const struct plot *p)
{
	if (p->time_sigma_ns <= IN_DOUBT_NS)
		return 0;
	return (double)p->time_sigma_ns * 1e-9 * (p->sog_mps >= 0 ? p->sog_mps : UNKNOWN_SPEED_MPS);
}

static bool set_place(
	struct tracker *t, const struct station *s, const struct plot *p, struct filter_input *in)
{
	if (!(fabs(p->lat_rad) <= M_PI_2) || !(fabs(p->lon_rad) <= M_PI))
		return false;
	frame_forward(&t->frame, p->lat_rad, p->lon_rad, &in->x_m, &in->y_m);
	if (!(fabs(in->x_m) <= PLANE_MAX_M) || !(fabs(in->y_m) <= PLANE_MAX_M))
		return false;
	in->cov = (struct filter_cov2){ p->cov.ee, p->cov.en, p->cov.nn };
	double astray = astray_m(p);
	if (p->kind == PLOT_POSITION) {
		if (!(p->cov.ee > 0))
			in->cov = (struct filter_cov2){ REPORT_SIGMA_M * REPORT_SIGMA_M, 0,
				REPORT_SIGMA_M * REPORT_SIGMA_M };
		in->cov.xx += astray * astray;
		in->cov.yy += astray * astray;
		return true;
	}
	double sr = p->range_sigma_m > 0 ? p->range_sigma_m : s->range_sigma_m;
	double sa = p->azimuth_sigma_rad > 0 ? p->azimuth_sigma_rad : s->azimuth_sigma_rad;
	if (!s->placed || !(sr > 0) || !(sa > 0))
		return true;
	/* From the place in the plane, so that slant range, convergence and the decoder's geodesy
	 * are all in it. */
	double dx = in->x_m - s->x_m, dy = in->y_m - s->y_m, r = sqrt(dx * dx + dy * dy);
	if (astray > 0) {
		sr = sqrt(sr * sr + astray * astray);
		sa = r > astray ? sqrt(sa * sa + astray * astray / (r * r)) : 1;
	}
	in->cov = filter_polar_cov(dx, dy, sr, sa);
	if (r * sa * sa <= BENT_RATIO * sr)
		return true;
	in->kind = FILTER_POLAR;
	in->sx_m = s->x_m;
	in->sy_m = s->y_m;
	in->range_m = r;
	in->range_sigma_m = sr;
	in->azimuth_rad = pinned_atan2(dx, dy);
	in->azimuth_sigma_rad = sa;
	return true;
}

/* May it fly? Who sends ADS-B may, whether its height is known or not; else its height says it, or what the sensor sees. */
static bool airborne(const struct station *s, const struct plot *p)
{
	return p->alt_m > AIRBORNE_M || p->sensor == PLOT_SENSOR_ADSB || s->targets == SITE_TARGETS_AIR ||
	       (s->targets == SITE_TARGETS_BOTH && isnan(p->alt_m));
}

/* A range rate is along the slant: of what flies that is not along the ground, and it is left. */
static void set_rate(const struct station *s, const struct plot *p, struct tracker_input *m)
{
	m->has_rate = s->placed && p->kind == PLOT_POLAR && !m->airborne && fabs(p->doppler_mps) < RATE_MAX_MPS &&
		      p->doppler_sigma_mps > 0 && p->doppler_sigma_mps < RATE_MAX_MPS;
	if (!m->has_rate)
		return;
	m->rate_mps = (float)p->doppler_mps;
	m->rate_sigma_mps = (float)p->doppler_sigma_mps;
}

static void describe(struct tracker *t, const struct plot *p)
{
	uint32_t entry =
		p->id ? identity_get(&t->head->identities, p->id_kind, p->id) : IDENTITY_NONE;

	if (entry == IDENTITY_NONE)
		return;
	identity_describe(&t->entries[entry], &p->identity);
}

static void north(struct tracker *t, struct station *s, int64_t time_ns)
{
	if (!s->period_ns && s->north_ns && time_ns > s->north_ns &&
		time_ns - s->north_ns < 20000000000) {
		s->period_ns = time_ns - s->north_ns;
		sweep_forget(t);
	}
	s->north_ns = time_ns;
	if (time_ns > s->clock_ns)
		s->clock_ns = time_ns;
}

void tracker_plot(struct tracker *t, const struct plot *p)
{
	int station = tracker_station(t, p->feed, p->sensor);

	if (station < 0)
		return;
	struct station *s = &t->stations[station];
	struct tracker_input m = { .in.time_ns = p->time_ns,
		.sender_track = p->sender_track,
		.sender_tentative = p->sender_tentative,
		.has_height = fabs(p->alt_m) < HEIGHT_MAX_M,
		.height_m = fabs(p->alt_m) < HEIGHT_MAX_M ? (float)p->alt_m : 0,
		.recv_ns = p->recv_ns,
		.station = (uint32_t)station,
		.row = t->row,
		.id_kind = (uint8_t)p->id_kind,
		.id = p->id_kind ? p->id : 0,
		.distress = (uint8_t)p->distress,
		.distress_test = p->distress_test,
		.airborne = airborne(s, p) };

	switch (p->kind) {
	case PLOT_IDENTITY:
		describe(t, p);
		return;
	case PLOT_NORTH:
		if (llabs(p->time_ns - t->head->now_ns) < AHEAD_NS)
			north(t, s, p->time_ns);
		return;
	case PLOT_BEARING:
		m.in.kind = FILTER_BEARING;
		m.in.sx_m = s->x_m;
		m.in.sy_m = s->y_m;
		m.in.azimuth_rad = p->azimuth_rad + s->north_rad;
		m.in.azimuth_sigma_rad = p->azimuth_sigma_rad;
		break;
	default:
		if (!set_place(t, s, p, &m.in)) {
			state_count(t, TRACKER_PLOTS);
			state_count(t, TRACKER_PLOTS_BAD);
			explain_desk_lost(t, EXPLAIN_BAD, &m);
			return;
		}
		set_velocity(p, &m.in);
		set_rate(s, p, &m);
		if (p->id_kind != PLOT_ID_NONE && p->identity.nav_status != 15)
			describe(t, p);
	}
	tracker_input(t, &m);
}

/* --- time --- */

static void publish_marked(struct tracker *t)
{
	for (uint32_t i = 0; i < t->n_queue; i++) {
		const struct record *r = &t->records[t->queue[i]];

		t->queued[t->queue[i]] = false;
		if (r->birth && r->dirty && r->state != TRACK_TENTATIVE)
			publish_track(t, t->queue[i], 0);
	}
	t->n_queue = 0;
}

void tracker_tick(struct tracker *t, int64_t now_ns)
{
	struct state_head *h = t->head;

	if (now_ns > h->now_ns)
		h->now_ns = now_ns;
	for (uint32_t i = 0; i < h->n_stations; i++) {
		struct station *s = &t->stations[i];
		if (s->sensor == PLOT_SENSOR_RADAR && !s->sweep_given && s->clock_ns)
			s->swept_ns = s->clock_ns - s->period_ns / SLACK_TURNS;
	}
	associate_pending(t);
	if (state_pass(t))
		merge_twins(t);
	publish_marked(t);
}

/* --- looking --- */

void tracker_each(struct tracker *t, int64_t time_ns,
	void (*fn)(void *user, const struct tracker_view *view), void *user)
{
	for (uint32_t slot = 0; slot < t->head->high_water; slot++) {
		const struct record *r = &t->records[slot];
		struct tracker_view v = { .birth = r->birth,
			.state = (enum track_state)r->state,
			.existence = r->existence };
		struct track_identity ids[TRACK_IDS_MAX];
		struct filter f;
		uint32_t entry;

		if (!r->birth || r->state == TRACK_TENTATIVE)
			continue;
		state_predict(t, r, time_ns, &f);
		filter_estimate(&f, &v.estimate);
		if (identity_publish(&t->head->identities, slot, &r->labels, ids, &entry) > 0)
			v.id = ids[0];
		fn(user, &v);
	}
}

bool tracker_bias(const struct tracker *t, uint32_t station, struct tracker_bias *ret_bias)
{
	if (station >= t->head->n_stations)
		return false;
	const struct station *s = &t->stations[station];
	*ret_bias = (struct tracker_bias){ .feed = s->feed, .sensor = s->sensor,
		.pairs = s->registration.used };
	for (int i = 0; i < _REGISTRATION_COMPONENT_MAX; i++)
		ret_bias->of[i] = registration_look(&s->registration, (enum registration_component)i);
	return true;
}

uint64_t tracker_count(const struct tracker *t, enum tracker_counter which)
{
	return t->head->counters[which];
}

const char *tracker_counter_name(enum tracker_counter which)
{
	return counter_names[which];
}

uint64_t tracker_tracks(const struct tracker *t)
{
	return t->head->alive;
}

int64_t tracker_now(const struct tracker *t)
{
	return t->head->now_ns;
}

/* --- the state as bytes --- */

struct part {
	void *data;
	size_t size;
};

#define PARTS 10

/* All but the head. Their sizes follow from the head and the configuration. */
static void list_parts(const struct tracker *t, struct part ret_parts[static PARTS])
{
	const struct state_head *h = t->head;
	const struct part parts[PARTS] = {
		{ t->records, h->high_water * sizeof(*t->records) },
		{ t->stations, h->n_stations * sizeof(*t->stations) },
		{ t->entries, h->identities.size * sizeof(*t->entries) },
		{ t->dormants, h->n_dormant * sizeof(*t->dormants) },
		{ t->edge, sizeof(*t->edge) },
		{ t->free_slots, h->n_free * sizeof(*t->free_slots) },
		{ t->links, h->high_water * sizeof(*t->links) },
		{ t->report_cells, t->n_report_cells * sizeof(*t->report_cells) },
		{ t->grid.heads, t->grid.n_buckets * sizeof(*t->grid.heads) },
		{ t->foreign, h->n_foreign ? foreign_size() : 0 },
	};

	memcpy(ret_parts, parts, sizeof(parts));
}

int tracker_save(const struct tracker *t, tracker_put_fn *put, void *user)
{
	struct state_head head = *t->head;
	struct part parts[PARTS];

	if (t->n_pending)
		return -EAGAIN;
	head.identities.entries = NULL;
	memcpy(head.level_count, t->grid.level_count, sizeof(head.level_count));
	int r = put(user, &head, sizeof(head));
	list_parts(t, parts);
	for (unsigned i = 0; r == 0 && i < PARTS; i++)
		r = put(user, parts[i].data, parts[i].size);
	return r;
}

int tracker_load(struct tracker *t, tracker_get_fn *get, void *user)
{
	uint32_t size = t->head->identities.size;
	struct state_head head;
	struct part parts[PARTS];
	int r = get(user, &head, sizeof(head));

	if (r < 0)
		return r;
	if (head.high_water > t->config.max_tracks || head.n_stations > t->config.max_stations ||
		head.n_free > head.high_water || head.n_dormant > DORMANT_MAX || head.identities.size != size)
		return -EBADMSG;
	*t->head = head;
	t->head->identities.entries = t->entries;
	memcpy(t->grid.level_count, head.level_count, sizeof(head.level_count));
	list_parts(t, parts);
	for (unsigned i = 0; r == 0 && i < PARTS; i++)
		r = get(user, parts[i].data, parts[i].size);
	for (uint32_t slot = 0; r == 0 && slot < head.high_water; slot++)
		if (t->records[slot].birth && t->records[slot].dirty)
			state_mark(t, slot);
	return r;
}

void tracker_end(struct tracker *t)
{
	for (uint32_t slot = 0; slot < t->head->high_water; slot++)
		if (t->records[slot].birth)
			state_drop(t, slot, 0);
}

void tracker_republish(struct tracker *t)
{
	for (uint32_t slot = 0; slot < t->head->high_water; slot++)
		if (t->records[slot].birth)
			state_mark(t, slot);
}

uint32_t tracker_next_birth(const struct tracker *t)
{
	return t->head->next_birth;
}

void tracker_set_next_birth(struct tracker *t, uint32_t birth)
{
	t->head->next_birth = birth;
}
