#include "sensor/decode/klv/klv_plot.h"

#include <math.h>
#include <string.h>

#include "common/geo.h"
#include "sensor/decode/klv/klv_st0601.h"
#include "sensor/decode/klv/klv_st0903.h"
#include "sensor/decode/klv/klv_value.h"

#define CE90_SIGMAS 2.1459660262893472 /* sqrt(2 ln 10): 90 % of a circular normal distribution lie within */
#define SIGMA_MIN_M 1.0		       /* nothing that flies measures better; sent zeros mean "not filled in" */
#define GRAZING 3.0		       /* sigma of depression */
#define STAMP_SIGMA_NS INT64_C(20000000) /* a frame's length: which part of it the metadata are of is not told */
#define RECV_SIGMA_NS INT64_C(500000000) /* encoding, multiplexing, transmission */

/* Where the numbers of the tables go. Those from TARGET on are one target's. */
enum slot {
	NONE,
	TIME, VMTI_TIME, LEAP, CORRECTION,
	SENSOR_LAT, SENSOR_LON, SENSOR_ALT, SENSOR_HAE, SENSOR_HAE_EXTENDED,
	CENTRE_LAT, CENTRE_LON, CENTRE_ALT, CENTRE_HAE,
	CROSS_LAT, CROSS_LON, CROSS_ALT, CE90,
	TARGET,
	LAT_OFFSET = TARGET, LON_OFFSET, HAE, LAT, LON, LOCATION_HAE, SIGMA_EAST, SIGMA_NORTH, RHO, STATUS,
	_SLOT_MAX,
};

static const uint8_t uas[] = {
	[KLV_ST0601_TIME] = TIME,
	[KLV_ST0601_LEAP_SECONDS] = LEAP,
	[KLV_ST0601_CORRECTION] = CORRECTION,
	[KLV_ST0601_SENSOR_LAT] = SENSOR_LAT,
	[KLV_ST0601_SENSOR_LON] = SENSOR_LON,
	[KLV_ST0601_SENSOR_ALT] = SENSOR_ALT,
	[KLV_ST0601_SENSOR_HAE] = SENSOR_HAE,
	[KLV_ST0601_SENSOR_HAE_EXTENDED] = SENSOR_HAE_EXTENDED,
	[KLV_ST0601_CENTRE_LAT] = CENTRE_LAT,
	[KLV_ST0601_CENTRE_LON] = CENTRE_LON,
	[KLV_ST0601_CENTRE_ALT] = CENTRE_ALT,
	[KLV_ST0601_CENTRE_HAE] = CENTRE_HAE,
	[KLV_ST0601_TARGET_LAT] = CROSS_LAT,
	[KLV_ST0601_TARGET_LON] = CROSS_LON,
	[KLV_ST0601_TARGET_ALT] = CROSS_ALT,
	[KLV_ST0601_CE90] = CE90,
};

static const uint8_t vmti[] = {
	[KLV_ST0903_TIME] = VMTI_TIME,
};

static const uint8_t target[] = {
	[KLV_ST0903_LAT_OFFSET] = LAT_OFFSET,
	[KLV_ST0903_LON_OFFSET] = LON_OFFSET,
	[KLV_ST0903_HAE] = HAE,
};

static const uint8_t location[] = {
	[KLV_ST0903_LAT] = LAT,
	[KLV_ST0903_LON] = LON,
	[KLV_ST0903_LOCATION_HAE] = LOCATION_HAE,
	[KLV_ST0903_SIGMA_EAST] = SIGMA_EAST,
	[KLV_ST0903_SIGMA_NORTH] = SIGMA_NORTH,
	[KLV_ST0903_RHO_EAST_NORTH] = RHO,
};

static const uint8_t tracker[] = {
	[KLV_ST0903_STATUS] = STATUS,
};

static const struct wanted {
	const struct klv_table *table;
	const uint8_t *slots; /* a row each */
	unsigned n;
} wanted[] = {
	{ &klv_st0601, uas, sizeof(uas) },
	{ &klv_st0903, vmti, sizeof(vmti) },
	{ &klv_st0903_target, target, sizeof(target) },
	{ &klv_st0903_location, location, sizeof(location) },
	{ &klv_st0903_tracker, tracker, sizeof(tracker) },
};
#define N_WANTED (sizeof(wanted) / sizeof(wanted[0]))

struct scene {
	const struct plotting *plotting;
	klv_plot_sink sink;
	void *user;
	double v[_SLOT_MAX]; /* degrees, metres, seconds; NaN = not there */
	struct plot common;  /* feed, times */
	unsigned targets;
	bool detections; /* there are VMTI targets */
};

static void forget(struct scene *s, unsigned from)
{
	for (unsigned i = from; i < _SLOT_MAX; i++)
		s->v[i] = NAN;
}

/* --- accuracy --- */

/* Is it a target's accuracy, or what a field holds that nobody filled in? */
static bool set_sigmas(struct plot *plot, double east_m, double north_m, double rho)
{
	if (isnan(rho))
		rho = 0;
	if (!(east_m > 0 && north_m > 0 && fabs(rho) < 1))
		return false;
	east_m = fmax(east_m, SIGMA_MIN_M);
	north_m = fmax(north_m, SIGMA_MIN_M);
	plot->cov = (struct plot_cov2){ east_m * east_m, rho * east_m * north_m, north_m * north_m };
	return true;
}

/* @below_m: the sensor's height above the target. */
static bool set_geometry(struct plot *plot, const struct scene *s, double below_m)
{
	struct geo_point from = { s->v[SENSOR_LAT] * GEO_DEG, s->v[SENSOR_LON] * GEO_DEG, 0 };
	struct geo_point to = { plot->lat_rad, plot->lon_rad, 0 };
	double ground_m, azimuth_rad;

	if (isnan(from.lat_rad) || isnan(from.lon_rad) || !(below_m > 0))
		return false;
	geo_inverse(&from, &to, &ground_m, &azimuth_rad);
	if (atan2(below_m, ground_m) < GRAZING * KLV_PLOT_ATTITUDE_SIGMA_RAD)
		return false;

	double slant_m = hypot(ground_m, below_m), across_m = slant_m * KLV_PLOT_ATTITUDE_SIGMA_RAD;
	double along_m = hypot(across_m * slant_m / below_m, KLV_PLOT_PLATFORM_SIGMA_M);
	double e = sin(azimuth_rad), n = cos(azimuth_rad), a2 = along_m * along_m, c2;

	across_m = hypot(across_m, KLV_PLOT_PLATFORM_SIGMA_M);
	c2 = across_m * across_m;
	plot->cov = (struct plot_cov2){ a2 * e * e + c2 * n * n, (a2 - c2) * e * n, a2 * n * n + c2 * e * e };
	return true;
}

static double either(double a, double b)
{
	return isnan(a) ? b : a;
}

/* How far below the sensor a point is whose heights are these; NaN = not known. */
static double below(const struct scene *s, double hae_m, double alt_m)
{
	return either(either(s->v[SENSOR_HAE_EXTENDED], s->v[SENSOR_HAE]) - hae_m, s->v[SENSOR_ALT] - alt_m);
}

/* --- targets --- */

static bool set_position(struct plot *plot, double lat_deg, double lon_deg)
{
	if (!(fabs(lat_deg) <= 90) || isnan(lon_deg))
		return false;
	plot->lat_rad = lat_deg * GEO_DEG;
	plot->lon_rad = geo_wrap_pi(lon_deg * GEO_DEG);
	return true;
}

static enum klv_plot_drop make_crosshair(const struct scene *s, struct plot *plot)
{
	double ce90 = s->v[CE90] / CE90_SIGMAS;

	if (!set_position(plot, s->v[CROSS_LAT], s->v[CROSS_LON]))
		return KLV_PLOT_DROP_POSITION;
	if (!set_sigmas(plot, ce90, ce90, 0) && !set_geometry(plot, s, below(s, NAN, s->v[CROSS_ALT])))
		return KLV_PLOT_DROP_ACCURACY;
	return KLV_PLOT_DROP_NONE;
}

static enum klv_plot_drop make_vmti(const struct scene *s, struct plot *plot)
{
	const double *v = s->v;

	if (!isnan(v[STATUS]) && v[STATUS] != KLV_ST0903_MOVING && v[STATUS] != KLV_ST0903_STOPPED)
		return KLV_PLOT_DROP_COAST;
	if (!set_position(plot, v[LAT], v[LON]) &&
		!set_position(plot, v[CENTRE_LAT] + v[LAT_OFFSET], v[CENTRE_LON] + v[LON_OFFSET]))
		return KLV_PLOT_DROP_POSITION;
	plot->alt_m = either(v[LOCATION_HAE], v[HAE]);
	if (!set_sigmas(plot, v[SIGMA_EAST], v[SIGMA_NORTH], v[RHO]) &&
		!set_geometry(plot, s, below(s, either(plot->alt_m, v[CENTRE_HAE]), v[CENTRE_ALT])))
		return KLV_PLOT_DROP_ACCURACY;
	return KLV_PLOT_DROP_NONE;
}

static void emit(struct scene *s, enum klv_plot_drop (*make)(const struct scene *s, struct plot *plot))
{
	struct plot plot = s->common;
	enum klv_plot_drop drop = make(s, &plot);

	s->targets++;
	s->sink(s->user, drop == KLV_PLOT_DROP_NONE ? &plot : NULL, drop);
}

/* --- the walk, again when there are VMTI targets: their offsets are from a frame centre that may stand behind them --- */

static void take(void *user, const char *name, const struct klv_item *i)
{
	struct scene *s = user;

	(void)name;
	for (const struct wanted *w = wanted; w < wanted + N_WANTED; w++)
		if (i->number < w->n && w->slots[i->number] && i->tag == &w->table->tags[i->number])
			s->v[w->slots[i->number]] = klv_value_number(i);
}

static bool is_target(const struct klv_tag *tag, char bracket)
{
	return tag->kind == KLV_SERIES && tag->inner == &klv_st0903_target && strchr("{}", bracket);
}

static void note_target(void *user, const char *name, const struct klv_tag *tag, char bracket)
{
	struct scene *s = user;

	(void)name;
	s->detections |= is_target(tag, bracket);
}

static void pass_over(void *user, const struct klv_tag *tag, char bracket)
{
}

static void begin_target(void *user, const char *name, const struct klv_tag *tag, char bracket)
{
	(void)name;
	if (is_target(tag, bracket))
		forget(user, TARGET);
}

static void end_target(void *user, const struct klv_tag *tag, char bracket)
{
	if (is_target(tag, bracket))
		emit(user, make_vmti);
}

static const struct klv_visitor survey = { note_target, pass_over, take };
static const struct klv_visitor targets = { begin_target, end_target, take };

/* Return: false when the time stamp is not believed. None at all is no fault. */
static bool set_time(struct scene *s)
{
	struct plot *plot = &s->common;
	double t = either(s->v[TIME], s->v[VMTI_TIME]);
	int64_t sigma_ns = RECV_SIGMA_NS;
	bool believed = isnan(t);

	t += either(s->v[CORRECTION], 0) * 1e-6 - either(s->v[LEAP], 0);

	double off_ns = t * 1e9 - (double)s->plotting->recv_ns;

	plot->recv_ns = plot->time_ns = s->plotting->recv_ns;
	if (fabs(off_ns) <= (double)KLV_PLOT_TIME_MAX_NS) {
		plot->time_ns += (int64_t)off_ns;
		sigma_ns = STAMP_SIGMA_NS;
		believed = true;
	}
	plot->time_sigma_ns = (int64_t)hypot((double)sigma_ns, (double)s->plotting->clock_sigma_ns);
	return believed;
}

bool klv_plot(const struct klv_packet *k, const struct plotting *p, struct klv_stats *stats, klv_plot_sink sink, void *user)
{
	struct scene s = { .plotting = p, .sink = sink, .user = user };
	struct klv_stats counted = { 0 };

	forget(&s, 0);
	klv_walk(k, stats, &survey, &s);
	plot_init(&s.common, PLOT_POSITION, PLOT_SENSOR_CAMERA);
	memcpy(s.common.feed, p->site->feed, sizeof(s.common.feed));
	s.common.site_version = p->site->version;

	bool believed = set_time(&s);

	if (!isnan(s.v[CROSS_LAT]) && !isnan(s.v[CROSS_LON]))
		emit(&s, make_crosshair);
	if (s.detections)
		klv_walk(k, &counted, &targets, &s);
	if (!s.targets)
		sink(user, NULL, KLV_PLOT_DROP_KIND);
	return !believed;
}
