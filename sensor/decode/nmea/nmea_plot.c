#include "sensor/decode/nmea/nmea_plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_DAY (86400 * NS_PER_S)
#define UNIFORM 0.28867513459481287 /* 1 / sqrt(12): sigma of a value known to one step */
#define KM_M 1000.0
#define STATUTE_MILE_M 1609.344
#define RANGE_MAX_M 1000e3 /* as a feed's MaxRange= */
#define NUMBER_MAX 65535.0 /* of a target; two digits in the standard's examples, ten bits in TTD */
#define SPEED_MAX_MPS 150.0 /* nothing a ship's radar tracks is faster */
/* IMO MSC.192(79), 5.25.4.5: after 3 min within 0.5 kn and 5 deg with 95 %. These are one sigma: twice that. */
#define SPEED_SIGMA_MPS (0.5 * GEO_KNOT_MPS)
#define COURSE_SIGMA_RAD (5 * GEO_DEG)
/* IMO A.424(XI): a gyro's settling error is up to 0.75 deg x sec(latitude); uniform: / sqrt(3) */
#define HEADING_SIGMA_RAD (0.43 * GEO_DEG)
#define ACROSS_MIN_M 1.0 /* at the antenna itself the ellipse would have no width */

/* Where the radar is. */
struct origin {
	struct geo_point at;
	double sigma_m;
	bool known;
};

struct work {
	const struct nmea_message *m;
	const struct nmea_own *own;
	const struct plotting *p;
	struct origin origin;
	uint64_t *times_bad;
};

/* One target, in the units of a plot. */
struct contact {
	double range_m, azimuth_rad;		 /* from the radar; not used when the place is known */
	double lat_rad, lon_rad;		 /* NaN = to be found from range and azimuth */
	double range_sigma_m, azimuth_sigma_rad; /* what the sentence adds to the radar's own */
	double place_sigma_m;			 /* the same, in every direction */
	double sog_mps, cog_rad;		 /* NaN = unknown */
	double number;				 /* the radar's, NaN = unknown */
	bool acquiring;
	const struct nmea_number *utc;		 /* NULL: the sentence has none */
};

static struct origin find_origin(const struct nmea_own *own, const struct plotting *p)
{
	struct origin o = { { p->site->lat_rad, p->site->lon_rad, p->site->height_m }, 0, true };

	if (p->moving) {
		o.known = nmea_own_position(own, p->recv_ns, &o.at, &o.sigma_m);
		o.at.height_m = p->site->height_m;
	}
	return o;
}

/* Metres in a unit, or in an hour of a speed's; NaN when null. */
static double unit_m(char unit)
{
	return unit == 'N' ? GEO_NM_M : unit == 'K' ? KM_M : unit == 'S' ? STATUTE_MILE_M : NAN;
}

/* The instant nearest to @recv_ns at which it was that time of day. */
static int64_t resolve(const struct nmea_number *utc, int64_t recv_ns)
{
	double s = nmea_value_real(utc), whole = floor(s);
	int64_t hms = (int64_t)whole, tod_s = hms / 10000 * 3600 + hms / 100 % 100 * 60 + hms % 100;
	int64_t t = recv_ns - recv_ns % NS_PER_DAY + tod_s * NS_PER_S + llround((s - whole) * 1e9);

	if (t - recv_ns > NS_PER_DAY / 2)
		t -= NS_PER_DAY;
	else if (recv_ns - t > NS_PER_DAY / 2)
		t += NS_PER_DAY;
	return t;
}

static void set_time(struct plot *plot, const struct work *w, const struct nmea_number *utc)
{
	/* A target waits for the output's turn, up to one of the antenna's. */
	double sigma_ns = (double)w->p->site->scan_period_ns * UNIFORM;

	plot->recv_ns = w->p->recv_ns;
	plot->time_ns = w->p->recv_ns;
	if (utc && !isnan(nmea_value_real(utc))) {
		int64_t t = resolve(utc, w->p->recv_ns);

		if (llabs(t - w->p->recv_ns) <= NMEA_PLOT_TIME_MAX_NS) {
			plot->time_ns = t;
			sigma_ns = nmea_value_step(utc) * 1e9 * UNIFORM;
		} else {
			++*w->times_bad;
		}
	}
	plot->time_sigma_ns = (int64_t)hypot(sigma_ns, (double)w->p->clock_sigma_ns);
}

/* Both what was measured and the position, whichever the sentence has. */
static bool set_place(struct plot *plot, const struct contact *c, const struct origin *o)
{
	struct geo_point to = { c->lat_rad, c->lon_rad, 0 };
	double ground_m;

	plot->range_m = c->range_m;
	plot->azimuth_rad = c->azimuth_rad;
	if (isnan(c->lat_rad)) {
		if (!(c->range_m > 0 && c->range_m <= RANGE_MAX_M) || geo_slant(&o->at, c->range_m, c->azimuth_rad, NAN, &to) < 0)
			return false;
	} else {
		geo_inverse(&o->at, &to, &ground_m, &plot->azimuth_rad);
		plot->range_m = hypot(ground_m, o->at.height_m);
	}
	plot->lat_rad = to.lat_rad;
	plot->lon_rad = to.lon_rad;
	return plot->range_m <= RANGE_MAX_M;
}

/* Polar noise as a covariance on east, north, and what is uncertain in every direction. */
static void set_covariance(struct plot *plot, const struct contact *c, const struct work *w)
{
	double s = sin(plot->azimuth_rad), k = cos(plot->azimuth_rad);
	double place2 = c->place_sigma_m * c->place_sigma_m + w->origin.sigma_m * w->origin.sigma_m;

	plot->range_sigma_m = hypot(w->p->site->range_sigma_m, c->range_sigma_m);
	plot->azimuth_sigma_rad = hypot(w->p->site->azimuth_sigma_rad, c->azimuth_sigma_rad);

	double along2 = plot->range_sigma_m * plot->range_sigma_m;
	double across = fmax(plot->range_m * plot->azimuth_sigma_rad, ACROSS_MIN_M), across2 = across * across;

	plot->cov = (struct plot_cov2){ along2 * s * s + across2 * k * k + place2, (along2 - across2) * s * k,
		along2 * k * k + across2 * s * s + place2 };
}

static void set_motion(struct plot *plot, const struct contact *c)
{
	if (!(c->sog_mps >= 0 && c->sog_mps <= SPEED_MAX_MPS) || !(c->cog_rad >= 0))
		return;
	plot->sog_mps = c->sog_mps;
	plot->sog_sigma_mps = SPEED_SIGMA_MPS;
	plot->cog_rad = geo_wrap_2pi(c->cog_rad);
	plot->cog_sigma_rad = COURSE_SIGMA_RAD;
}

static enum nmea_plot_drop make(const struct work *w, const struct contact *c, struct plot *plot)
{
	if (!(c->number >= 0 && c->number <= NUMBER_MAX))
		return NMEA_PLOT_DROP_POSITION;
	if (!w->origin.known)
		return NMEA_PLOT_DROP_OWN;
	/* Fusion takes a polar plot's origin from the feed's site, so a ship's is a position. */
	plot_init(plot, w->p->moving ? PLOT_POSITION : PLOT_POLAR, PLOT_SENSOR_RADAR);
	memcpy(plot->feed, w->p->site->feed, sizeof(plot->feed));
	plot->site_version = w->p->site->version;
	plot->sender_track = 1 + (uint64_t)c->number;
	plot->sender_tentative = c->acquiring;
	if (!set_place(plot, c, &w->origin))
		return NMEA_PLOT_DROP_POSITION;
	set_covariance(plot, c, w);
	set_time(plot, w, c->utc);
	set_motion(plot, c);
	return NMEA_PLOT_DROP_NONE;
}

static struct contact no_contact(void)
{
	return (struct contact){ .range_m = NAN, .azimuth_rad = NAN, .lat_rad = NAN, .lon_rad = NAN, .sog_mps = NAN, .cog_rad = NAN,
		.number = NAN };
}

/* The bearing, turned to true; false when it cannot be. */
static enum nmea_plot_drop set_bearing(const struct work *w, const struct nmea_ttm *t, struct contact *c)
{
	double deg = nmea_value_real(&t->bearing), heading_rad = 0;

	if (!(deg >= 0 && deg <= 360) || !t->bearing_reference)
		return NMEA_PLOT_DROP_POSITION;
	c->azimuth_sigma_rad = nmea_value_step(&t->bearing) * UNIFORM * GEO_DEG;
	if (t->bearing_reference == 'R') {
		if (!nmea_own_heading(w->own, w->p->recv_ns, &heading_rad))
			return NMEA_PLOT_DROP_HEADING;
		c->azimuth_sigma_rad = hypot(c->azimuth_sigma_rad, HEADING_SIGMA_RAD);
	}
	c->azimuth_rad = geo_wrap_2pi(deg * GEO_DEG + heading_rad);
	return NMEA_PLOT_DROP_NONE;
}

static enum nmea_plot_drop take_ttm(const struct work *w, unsigned i, struct plot *plot)
{
	const struct nmea_ttm *t = &w->m->ttm;
	struct contact c = no_contact();
	double unit = unit_m(t->units);

	(void)i;
	if (t->status == 'L')
		return NMEA_PLOT_DROP_LOST;
	c.number = nmea_value_real(&t->number);
	c.acquiring = t->status == 'Q';
	c.range_m = nmea_value_real(&t->distance) * unit;
	if (isnan(c.range_m))
		return NMEA_PLOT_DROP_POSITION;
	c.range_sigma_m = nmea_value_step(&t->distance) * unit * UNIFORM;

	enum nmea_plot_drop drop = set_bearing(w, t, &c);

	if (drop != NMEA_PLOT_DROP_NONE)
		return drop;
	if (!c.acquiring && t->course_reference == 'T') {
		c.sog_mps = nmea_value_real(&t->speed) * unit / 3600;
		c.cog_rad = nmea_value_real(&t->course) * GEO_DEG;
	}
	c.utc = &t->utc;
	return make(w, &c, plot);
}

static enum nmea_plot_drop take_tll(const struct work *w, unsigned i, struct plot *plot)
{
	const struct nmea_tll *t = &w->m->tll;
	struct contact c = no_contact();

	(void)i;
	if (t->status == 'L')
		return NMEA_PLOT_DROP_LOST;
	c.number = nmea_value_real(&t->number);
	c.acquiring = t->status == 'Q';
	c.lat_rad = nmea_value_degrees(&t->lat) * GEO_DEG;
	c.lon_rad = nmea_value_degrees(&t->lon) * GEO_DEG;
	if (isnan(c.lat_rad) || isnan(c.lon_rad))
		return NMEA_PLOT_DROP_POSITION;
	c.place_sigma_m = nmea_value_step(&t->lat.angle) * GEO_NM_M * UNIFORM;
	c.utc = &t->utc;
	return make(w, &c, plot);
}

static enum nmea_plot_drop take_ttd(const struct work *w, unsigned i, struct plot *plot)
{
	const struct nmea_target *t = &w->m->ttd.targets[i];
	struct contact c = no_contact();

	if (t->test)
		return NMEA_PLOT_DROP_TEST;
	if (t->status != NMEA_TARGET_ACQUIRING && t->status != NMEA_TARGET_TRACKED && t->status < NMEA_TARGET_ALARM)
		return NMEA_PLOT_DROP_LOST;
	if (t->distance > NMEA_TARGET_DISTANCE_MAX || t->bearing > NMEA_TARGET_ANGLE_MAX)
		return NMEA_PLOT_DROP_POSITION;
	c.number = t->number;
	c.acquiring = t->status == NMEA_TARGET_ACQUIRING;
	c.range_m = t->distance * 0.01 * GEO_NM_M;
	c.range_sigma_m = 0.01 * GEO_NM_M * UNIFORM;
	c.azimuth_rad = t->bearing * 0.1 * GEO_DEG;
	c.azimuth_sigma_rad = 0.1 * GEO_DEG * UNIFORM;
	if (!c.acquiring && !t->relative && !t->water && t->speed < NMEA_TARGET_SPEED_MAX &&
		t->course <= NMEA_TARGET_ANGLE_MAX) {
		c.sog_mps = t->speed * 0.1 * GEO_KNOT_MPS;
		c.cog_rad = t->course * 0.1 * GEO_DEG;
	}
	return make(w, &c, plot);
}

static const struct {
	const char *id;
	enum nmea_plot_drop (*take)(const struct work *w, unsigned i, struct plot *plot);
} takers[] = { { "TTM", take_ttm }, { "TTD", take_ttd }, { "TLL", take_tll } };
#define N_TAKERS (sizeof(takers) / sizeof(takers[0]))

unsigned nmea_plot(const struct nmea_message *m, const struct nmea_own *own, const struct plotting *p, struct plot *ret_plots,
	uint64_t drops[_NMEA_PLOT_DROP_MAX], uint64_t *times_bad)
{
	struct work w = { .m = m, .own = own, .p = p, .times_bad = times_bad };
	unsigned k = 0, n = 0, targets = nmea_message_is(m, "TTD") ? m->ttd.n_targets : 1;

	while (k < N_TAKERS && !nmea_message_is(m, takers[k].id))
		k++;
	if (k == N_TAKERS) {
		drops[NMEA_PLOT_DROP_KIND]++;
		return 0;
	}
	w.origin = find_origin(own, p);
	for (unsigned i = 0; i < targets; i++) {
		enum nmea_plot_drop drop = takers[k].take(&w, i, &ret_plots[n]);

		n += drop == NMEA_PLOT_DROP_NONE;
		drops[drop]++;
	}
	return n;
}
