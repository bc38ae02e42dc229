#include "sensor/decode/asterix/asterix_plot.h"

#include <math.h>
#include <stdlib.h>

#include "common/geo.h"
#include "sensor/decode/asterix/asterix_profile.h"
#include "sensor/decode/asterix/asterix_report.h"
#include "sensor/decode/asterix/asterix_time.h"
#include "sensor/decode/asterix/cat010.h"
#include "sensor/decode/asterix/cat034.h"
#include "sensor/decode/asterix/cat048.h"

#define RHO_LSB_M (GEO_NM_M / 256)	       /* I048/040 */
#define THETA_LSB_RAD (2 * M_PI / 65536)       /* I048/040 */
#define UNIFORM 0.28867513459481287	       /* 1 / sqrt(12): sigma of a value known to one LSB */
#define DOPPLER_SIGMA_MPS 1.0		       /* I048/120 tells no accuracy: one step of CAL */
#define ALOFT_M 6000.0			       /* aircraft of unknown height: 0 to 12 km, uniform */
#define ALOFT_SIGMA_M (12000 * UNIFORM)
#define HEIGHT_LSB_M (25 * 0.3048)	       /* I048/110 */
#define TOD_SIGMA_NS INT64_C(2255274)	       /* I048/140, LSB 1/128 s, uniform */
/* Without a time of day: processing and sector buffering of a radar, a sector of 1/32 turn of 4-12 s */
#define RECV_SIGMA_NS INT64_C(500000000)

static void set_time(struct plot *plot, const struct asterix_record *r, const struct plotting *p, bool *ret_time_of_day_bad)
{
	int64_t sigma_ns = RECV_SIGMA_NS, t;

	plot->recv_ns = p->recv_ns;
	plot->time_ns = p->recv_ns;
	if (asterix_time_of(r, p->recv_ns, &t)) {
		if (llabs(t - p->recv_ns) <= ASTERIX_PLOT_TIME_MAX_NS) {
			plot->time_ns = t;
			sigma_ns = TOD_SIGMA_NS;
		} else {
			*ret_time_of_day_bad = true;
		}
	}
	plot->time_sigma_ns = (int64_t)hypot((double)sigma_ns, (double)p->clock_sigma_ns);
}

/* FRN 1 of every category is the source. */
static bool is_ours(const struct asterix_record *r, const struct plotting *p)
{
	if (!asterix_has(r, 0))
		return p->sac > 255 && p->sic > 255;

	const uint8_t *source = r->items[0];

	return (p->sac > 255 || p->sac == source[0]) && (p->sic > 255 || p->sic == source[1]);
}

/*
 * The 3D radar's height where there is one, else a valid, ungarbled Mode C level. Mean sea level and the standard
 * atmosphere are taken for the ellipsoid: wrong by up to some hundred metres, which moves a slant range of 20 km by metres.
 */
static double read_altitude(const struct asterix_record *r)
{
	if (asterix_has(r, CAT048_I110))
		return (double)bits_get_signed(r->items[CAT048_I110], 2, 14) * HEIGHT_LSB_M;
	return asterix_has(r, CAT048_I090) ? asterix_report_level_m(r->items[CAT048_I090]) : NAN;
}

/* I048/120 CAL: range rate, positive away from the radar as the standard recommends; none when doubtful. */
static double read_doppler(const struct asterix_record *r)
{
	if (!asterix_has(r, CAT048_I120))
		return NAN;

	const uint8_t *p = r->items[CAT048_I120];

	if (!(p[0] & 0x80) || p[1] & 0x80) /* no CAL; D: doubtful */
		return NAN;
	return (double)bits_get_signed(p + 1, 6, 10);
}

/* Polar noise as a covariance on east, north: notes/tracking.md 2.2, plain conversion. @height_m: what its height adds to the range. */
static void set_covariance(struct plot *plot, const struct site *site, double lsb_m, double height_m)
{
	double s = sin(plot->azimuth_rad), c = cos(plot->azimuth_rad);

	plot->range_sigma_m = hypot(hypot(site->range_sigma_m, lsb_m * UNIFORM), height_m);
	plot->azimuth_sigma_rad = hypot(site->azimuth_sigma_rad, THETA_LSB_RAD * UNIFORM);

	double r2 = plot->range_sigma_m * plot->range_sigma_m;
	double t = plot->range_m * plot->azimuth_sigma_rad, t2 = t * t;

	/* At the antenna itself the ellipse would have no width. */
	if (t2 < RHO_LSB_M * RHO_LSB_M)
		t2 = RHO_LSB_M * RHO_LSB_M;
	plot->cov = (struct plot_cov2){ r2 * s * s + t2 * c * c, (r2 - t2) * s * c, r2 * c * c + t2 * s * s };
}

/*
 * Where a slant range ends that is an aircraft's at no known height: halfway up, and 1 sigma of the way that it moves on the ground
 * with the height. 400 km off that is 160 m, 50 km off 430 m. Return: false nearer than it may be high.
 */
static bool place_aloft(const struct geo_point *at, const struct plot *plot, struct geo_point *ret_to, double *ret_sigma_m)
{
	struct geo_point low, high;
	double apart_m, azimuth_rad;

	if (geo_slant(at, plot->range_m, plot->azimuth_rad, ALOFT_M, ret_to) < 0 ||
		geo_slant(at, plot->range_m, plot->azimuth_rad, ALOFT_M - ALOFT_SIGMA_M, &low) < 0 ||
		geo_slant(at, plot->range_m, plot->azimuth_rad, ALOFT_M + ALOFT_SIGMA_M, &high) < 0)
		return false;
	geo_inverse(&low, &high, &apart_m, &azimuth_rad);
	*ret_sigma_m = apart_m / 2;
	return true;
}

/* Range and azimuth of 16 bits each, and the position they give. False when that is impossible. alt_m is known. */
static bool set_polar(struct plot *plot, const uint8_t *p, double lsb_m, const struct site *site)
{
	const struct geo_point at = { site->lat_rad, site->lon_rad, site->height_m };
	unsigned rho = (unsigned)bits_get(p, 0, 16);
	struct geo_point to;
	double height_m = 0;

	plot->range_m = rho * lsb_m;
	plot->azimuth_rad = (double)bits_get(p, 16, 16) * THETA_LSB_RAD;
	if (rho == 0)
		return false;
	if (!(site->targets == SITE_TARGETS_AIR && isnan(plot->alt_m) && place_aloft(&at, plot, &to, &height_m)) &&
		geo_slant(&at, plot->range_m, plot->azimuth_rad, plot->alt_m, &to) < 0)
		return false;
	plot->lat_rad = to.lat_rad;
	plot->lon_rad = to.lon_rad;
	set_covariance(plot, site, lsb_m, height_m);
	return true;
}

/* What I048/020 says against the plot. */
static enum asterix_plot_drop judge_048(const struct asterix_record *r)
{
	if (!asterix_has(r, CAT048_I040))
		return ASTERIX_PLOT_DROP_POSITION;
	if (!asterix_has(r, CAT048_I020))
		return ASTERIX_PLOT_DROP_NONE;

	uint8_t first = r->items[CAT048_I020][0], second = asterix_report_octet(r->items[CAT048_I020], 1);

	if (first >> 5 == 0) /* TYP 0 */
		return ASTERIX_PLOT_DROP_COAST;
	if (first & 0x12 || second & 0x80) /* SIM, RAB, TST */
		return ASTERIX_PLOT_DROP_TEST;
	if (second & 0x40) /* ERR: the range is in the reserved expansion field */
		return ASTERIX_PLOT_DROP_POSITION;
	return ASTERIX_PLOT_DROP_NONE;
}

static enum asterix_plot_drop target_048(const struct asterix_record *r, const struct plotting *p, struct plot *plot)
{
	enum asterix_plot_drop drop = judge_048(r);

	if (drop != ASTERIX_PLOT_DROP_NONE)
		return drop;
	asterix_report_begin(plot, PLOT_POLAR, PLOT_SENSOR_RADAR, p);
	plot->alt_m = read_altitude(r);
	if (!set_polar(plot, r->items[CAT048_I040], RHO_LSB_M, p->site))
		return ASTERIX_PLOT_DROP_POSITION;
	plot->doppler_mps = read_doppler(r);
	plot->doppler_sigma_mps = isnan(plot->doppler_mps) ? NAN : DOPPLER_SIGMA_MPS;
	if (asterix_has(r, CAT048_I220))
		asterix_report_address(plot, r->items[CAT048_I220]);
	if (asterix_has(r, CAT048_I240))
		asterix_report_callsign(plot, r->items[CAT048_I240], 0);
	return ASTERIX_PLOT_DROP_NONE;
}

/* I001/020 stands at FRN 2: SIM, SSR/PSR 0 (no detection), RAB; TST in the first extension. */
static enum asterix_plot_drop judge_001(const struct asterix_record *r)
{
	if (!asterix_has(r, 1))
		return ASTERIX_PLOT_DROP_NONE;

	uint8_t first = r->items[1][0];

	if (first & 0x42 || asterix_report_octet(r->items[1], 1) & 0x80)
		return ASTERIX_PLOT_DROP_TEST;
	return first & 0x30 ? ASTERIX_PLOT_DROP_NONE : ASTERIX_PLOT_DROP_COAST;
}

/* I001/040 and 090 stand at FRN 3 and 5 of a plot, 4 and 8 of a track. */
static enum asterix_plot_drop target_001(const struct asterix_record *r, const struct plotting *p, struct plot *plot)
{
	bool track = r->category != asterix_profile_newest.of[1];
	unsigned position = track ? 3 : 2, level = track ? 7 : 4;
	enum asterix_plot_drop drop = judge_001(r);

	if (drop != ASTERIX_PLOT_DROP_NONE)
		return drop;
	if (!asterix_has(r, position))
		return ASTERIX_PLOT_DROP_POSITION;
	asterix_report_begin(plot, PLOT_POLAR, PLOT_SENSOR_RADAR, p);
	plot->alt_m = asterix_has(r, level) ? asterix_report_level_m(r->items[level]) : NAN;
	return set_polar(plot, r->items[position], 2 * RHO_LSB_M, p->site) ? ASTERIX_PLOT_DROP_NONE :
		ASTERIX_PLOT_DROP_POSITION;
}

/* I010/020: SIM, TST, RAB; I010/170 CST: extrapolated. */
static enum asterix_plot_drop judge_010(const struct asterix_record *r)
{
	if (asterix_has(r, CAT010_I000) && r->items[CAT010_I000][0] != CAT010_TARGET_REPORT)
		return ASTERIX_PLOT_DROP_KIND;
	if (asterix_has(r, CAT010_I020) && asterix_report_octet(r->items[CAT010_I020], 1) & 0xe0)
		return ASTERIX_PLOT_DROP_TEST;
	if (asterix_has(r, CAT010_I170) && r->items[CAT010_I170][0] & 0x30)
		return ASTERIX_PLOT_DROP_COAST;
	return ASTERIX_PLOT_DROP_NONE;
}

/* What the radar measured where it says so, else what was computed. */
static enum asterix_plot_drop target_010(const struct asterix_record *r, const struct plotting *p, struct plot *plot)
{
	enum asterix_plot_drop drop = judge_010(r);

	if (drop != ASTERIX_PLOT_DROP_NONE)
		return drop;
	if (asterix_has(r, CAT010_I040)) {
		asterix_report_begin(plot, PLOT_POLAR, PLOT_SENSOR_RADAR, p);
		if (!set_polar(plot, r->items[CAT010_I040], 1, p->site))
			return ASTERIX_PLOT_DROP_POSITION;
	} else {
		drop = asterix_report_surface(r, p, plot);
		if (drop != ASTERIX_PLOT_DROP_NONE)
			return drop;
	}
	if (asterix_has(r, CAT010_I220))
		asterix_report_address(plot, r->items[CAT010_I220]);
	if (asterix_has(r, CAT010_I245))
		asterix_report_callsign(plot, r->items[CAT010_I245], 8);
	return ASTERIX_PLOT_DROP_NONE;
}

static enum asterix_plot_drop service_034(const struct asterix_record *r, const struct plotting *p, struct plot *plot)
{
	if (!asterix_has(r, CAT034_I000) || r->items[CAT034_I000][0] != CAT034_NORTH_MARKER)
		return ASTERIX_PLOT_DROP_KIND;
	asterix_report_begin(plot, PLOT_NORTH, PLOT_SENSOR_RADAR, p);
	return ASTERIX_PLOT_DROP_NONE;
}

/* I002/000 at FRN 2: 1 is the north marker, as in CAT034. */
static enum asterix_plot_drop service_002(const struct asterix_record *r, const struct plotting *p, struct plot *plot)
{
	if (!asterix_has(r, 1) || r->items[1][0] != CAT034_NORTH_MARKER)
		return ASTERIX_PLOT_DROP_KIND;
	asterix_report_begin(plot, PLOT_NORTH, PLOT_SENSOR_RADAR, p);
	return ASTERIX_PLOT_DROP_NONE;
}

static const struct {
	uint8_t cat;
	enum asterix_plot_drop (*make)(const struct asterix_record *r, const struct plotting *p, struct plot *plot);
} makers[] = {
	{ 48, target_048 },
	{ 34, service_034 },
	{ 62, asterix_report_track },
	{ 21, asterix_report_ads_b },
	{ 10, target_010 },
	{ 1, target_001 },
	{ 2, service_002 },
};

bool asterix_plot(const struct asterix_record *r, const struct plotting *p, struct plot *ret_plot,
	enum asterix_plot_drop *ret_drop, bool *ret_time_of_day_bad)
{
	enum asterix_plot_drop drop = ASTERIX_PLOT_DROP_KIND;

	for (unsigned i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		if (makers[i].cat == r->category->cat)
			drop = is_ours(r, p) ? makers[i].make(r, p, ret_plot) : ASTERIX_PLOT_DROP_SOURCE;
	if (drop == ASTERIX_PLOT_DROP_NONE)
		set_time(ret_plot, r, p, ret_time_of_day_bad);
	*ret_drop = drop;
	return drop == ASTERIX_PLOT_DROP_NONE;
}
