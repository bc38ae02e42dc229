#include "fusion/pairing.h"

#include "fusion/pinned.h"
#include "fusion/state.h"

#include <math.h>

#define CELL_M 16000.0
#define AGE_MAX_NS INT64_C(10000000000) /* as old as a plot may be */
#define NEAR_M 500.0       /* nearer, the vessel's own size and the report's error are wide angles */
#define FAR_M 60000.0      /* farther, the window would hold a whole strait */
#define CAMERA_M 20000.0   /* bearing.c: when the camera's file states none */
#define SPEED_MAX_MPS 40.0 /* no vessel */
#define GOES_M 400.0       /* within AGE_MAX_NS, at SPEED_MAX_MPS */
#define TRIES 16           /* reports held against the plots of one tick */
#define WALK_SIGMA_MPS 0.3 /* dead reckoning (notes 2.7) */

uint32_t pairing_cells(uint64_t max_tracks)
{
	uint32_t n = PAIRING_CELLS_MIN;

	while (n < max_tracks / PAIRING_TRACKS_CELL && n < 1u << 24)
		n *= 2;
	return n;
}

static uint32_t cell_at(const struct tracker *t, int32_t cx, int32_t cy)
{
	uint32_t h = (uint32_t)cx * 0x9e3779b1u ^ (uint32_t)cy * 0x85ebca77u;

	return (h ^ h >> 15) & (t->n_report_cells - 1);
}

static int32_t coordinate(double m)
{
	return (int32_t)floor(m / CELL_M);
}

void pairing_report(struct tracker *t, const struct tracker_input *m)
{
	const struct filter_input *in = &m->in;
	double speed2 = in->u_mps * in->u_mps + in->v_mps * in->v_mps;

	if (m->id_kind != PLOT_ID_MMSI || !m->id || m->airborne || m->distress ||
		!in->has_velocity || !(speed2 < SPEED_MAX_MPS * SPEED_MAX_MPS))
		return;
	struct pairing_cell *c =
		&t->report_cells[cell_at(t, coordinate(in->x_m), coordinate(in->y_m))];
	if (!++t->head->report_serial)
		t->head->report_serial = 1;
	c->reports[c->next] = (struct pairing_report){ in->time_ns, in->x_m, in->y_m, in->u_mps,
		in->v_mps, (float)sqrt((in->cov.xx + in->cov.yy) / 2), m->id,
		t->head->report_serial };
	c->next = (c->next + 1) % PAIRING_REPORTS;
}

/* The plots of one tick, and what they span. */
struct look {
	struct station *station;
	struct tracker_input *pending;
	const uint32_t *order; /* its plots, of @pending */
	size_t n;
	double west, south, east, north; /* m, the window included */
	unsigned tries;
};

static struct tracker_input *plot_of(const struct look *l, size_t i)
{
	return &l->pending[l->order[i]];
}

static bool was_used(const struct pairing_memory *m, uint32_t serial)
{
	for (unsigned i = 0; i < PAIRING_USED; i++)
		if (m->used[i] == serial)
			return true;
	return false;
}

static double window_m(double range_m)
{
	return REGISTRATION_RANGE_MAX_M + range_m * REGISTRATION_AZIMUTH_MAX_RAD;
}

/* Where the plot is, less where the report says: false when outside the window. */
static bool residual(const struct look *l, const struct tracker_input *plot,
	const struct pairing_report *p, struct registration_vote *ret_v)
{
	const struct station *s = l->station;
	const struct filter_input *in = &plot->in;
	double h = (double)(in->time_ns - p->time_ns) * STATE_NS;
	double dx = p->x_m + h * p->u_mps - s->x_m, dy = p->y_m + h * p->v_mps - s->y_m;
	bool bearing = in->kind == FILTER_BEARING;
	double x = in->x_m - s->x_m, y = in->y_m - s->y_m, wide = window_m(sqrt(dx * dx + dy * dy));

	if (!bearing && !(fabs(x - dx) < wide && fabs(y - dy) < wide))
		return false;
	double r = sqrt(dx * dx + dy * dy), sigma = p->sigma_m + WALK_SIGMA_MPS * fabs(h);
	double azimuth = bearing ? in->azimuth_rad : pinned_atan2(x, y);
	double off = pinned_wrap(azimuth - pinned_atan2(dx, dy));
	double plot_r = sqrt(x * x + y * y), range_off = bearing ? 0 : plot_r - r;
	if (!(fabs(off) < REGISTRATION_AZIMUTH_MAX_RAD) ||
		!(fabs(range_off) < REGISTRATION_RANGE_MAX_M) || !(plot_r > 0 || bearing))
		return false;
	/* The plot's noise along its beam and across. */
	double ex = x / plot_r, ey = y / plot_r;
	double along = bearing ? 1 : ex * ex * in->cov.xx + 2 * ex * ey * in->cov.xy + ey * ey * in->cov.yy;
	double across = bearing ? in->azimuth_sigma_rad * in->azimuth_sigma_rad :
		(ey * ey * in->cov.xx - 2 * ex * ey * in->cov.xy + ex * ex * in->cov.yy) / (plot_r * plot_r);
	*ret_v = (struct registration_vote){ .vessel = p->vessel,
		.z = { (float)range_off, (float)off },
		.var = { (float)(along + sigma * sigma), (float)(across + sigma * sigma / (r * r)) } };
	if (!bearing) {
		ret_v->rate[0] = (float)((dx * p->u_mps + dy * p->v_mps) / r);
		ret_v->rate[1] = (float)((dy * p->u_mps - dx * p->v_mps) / (r * r));
	}
	return true;
}

static double reach_m(const struct station *s)
{
	double most = s->sensor == PLOT_SENSOR_CAMERA ? CAMERA_M : FAR_M;

	return s->max_range_m < most ? s->max_range_m : most;
}

/* One report against all plots of the tick. */
static void try_report(struct look *l, const struct pairing_report *p)
{
	struct registration_vote votes[REGISTRATION_CANDIDATES];
	struct station *s = l->station;
	unsigned n = 0;

	/* No plot farther from where the report was made is in the window of where the vessel is by then. */
	double dx = p->x_m - s->x_m, dy = p->y_m - s->y_m;
	double far = window_m(sqrt(dx * dx + dy * dy) + GOES_M) + GOES_M;
	l->tries++;
	for (size_t i = 0; i < l->n; i++) {
		const struct filter_input *in = &plot_of(l, i)->in;
		struct registration_vote v;
		if (in->kind != FILTER_BEARING && !(fabs(in->x_m - p->x_m) < far && fabs(in->y_m - p->y_m) < far))
			continue;
		int64_t apart = plot_of(l, i)->in.time_ns - p->time_ns;
		if (apart > AGE_MAX_NS || apart < -AGE_MAX_NS || !residual(l, plot_of(l, i), p, &v))
			continue;
		if (n == REGISTRATION_CANDIDATES)
			return;
		votes[n++] = v;
	}
	if (!n)
		return;
	s->pairing.used[s->pairing.next] = p->serial;
	s->pairing.next = (s->pairing.next + 1) % PAIRING_USED;
	registration_learn(&s->registration, votes, n, s->clock_ns);
}

static void try_cell(struct tracker *t, struct look *l, const struct pairing_cell *c)
{
	const struct station *s = l->station;
	double reach = reach_m(s);

	for (unsigned k = 1; k <= PAIRING_REPORTS && l->tries < TRIES; k++) {
		const struct pairing_report *p =
			&c->reports[(c->next + PAIRING_REPORTS - k) % PAIRING_REPORTS];
		double dx = p->x_m - s->x_m, dy = p->y_m - s->y_m, r2 = dx * dx + dy * dy;
		if (!p->serial || t->head->now_ns - p->time_ns > 2 * AGE_MAX_NS)
			return;
		if (p->x_m < l->west || p->x_m > l->east || p->y_m < l->south || p->y_m > l->north ||
			r2 < NEAR_M * NEAR_M || r2 > reach * reach)
			continue;
		if (!was_used(&s->pairing, p->serial))
			try_report(l, p);
	}
}

static void span(struct look *l)
{
	const struct station *s = l->station;
	double reach = reach_m(s);

	if (s->sensor == PLOT_SENSOR_CAMERA) {
		l->west = s->x_m - reach;
		l->east = s->x_m + reach;
		l->south = s->y_m - reach;
		l->north = s->y_m + reach;
		return;
	}
	l->west = l->south = INFINITY;
	l->east = l->north = -INFINITY;
	for (size_t i = 0; i < l->n; i++) {
		const struct filter_input *in = &plot_of(l, i)->in;
		l->west = in->x_m < l->west ? in->x_m : l->west;
		l->east = in->x_m > l->east ? in->x_m : l->east;
		l->south = in->y_m < l->south ? in->y_m : l->south;
		l->north = in->y_m > l->north ? in->y_m : l->north;
	}
	double wide = window_m(reach);
	l->west = fmax(l->west - wide, s->x_m - reach);
	l->south = fmax(l->south - wide, s->y_m - reach);
	l->east = fmin(l->east + wide, s->x_m + reach);
	l->north = fmin(l->north + wide, s->y_m + reach);
}

/* The cells that the plots lie in, another first each time: there may be more reports than tries. */
static void look_around(struct tracker *t, struct look *l)
{
	if (!(l->west <= l->east && l->south <= l->north))
		return;
	int32_t cx = coordinate(l->west), cy = coordinate(l->south);
	uint32_t nx = (uint32_t)(coordinate(l->east) - cx) + 1,
		 ny = (uint32_t)(coordinate(l->north) - cy) + 1, n = nx * ny;

	for (uint32_t k = 0; k < n && l->tries < TRIES; k++) {
		uint32_t at = (k + l->station->pairing.turn) % n;
		try_cell(t, l, &t->report_cells[cell_at(t, cx + (int32_t)(at % nx),
			cy + (int32_t)(at / nx))]);
	}
	l->station->pairing.turn++;
}

/* Who gave how much of an estimate is not kept: the most that it may be. */
struct filter_cov2 pairing_share(const struct tracker *t, const struct record *r, double x_m, double y_m)
{
	struct filter_cov2 most = { 0 };

	for (uint32_t i = 0; i < r->n_sources; i++) {
		const struct station *s = &t->stations[r->sources[i].station];
		if (s->sensor != PLOT_SENSOR_RADAR || !r->sources[i].plots || t->head->now_ns - r->radar_ns > AGE_MAX_NS)
			continue;
		struct filter_cov2 c = registration_share(&s->registration, x_m - s->x_m, y_m - s->y_m);
		if (c.xx + c.yy > most.xx + most.yy)
			most = c;
	}
	return most;
}

void pairing_station(struct tracker *t, uint32_t station)
{
	struct station *s = &t->stations[station];
	struct look l = { .station = s, .pending = t->pending, .order = t->order + t->group[station], .n = t->left[station] };

	if (!l.n || !s->placed || (s->sensor != PLOT_SENSOR_RADAR && s->sensor != PLOT_SENSOR_CAMERA))
		return;
	span(&l);
	look_around(t, &l);
	for (size_t i = 0; i < l.n; i++)
		registration_correct(&s->registration, s->x_m, s->y_m, &plot_of(&l, i)->in);
}
