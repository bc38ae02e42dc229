#include "sensor/decode/asterix/asterix_plot.h"

#include <math.h>
#include <stdlib.h>

#include "common/geo.h"
#include "sensor/decode/asterix/asterix_json.h"
#include "sensor/decode/asterix/asterix_time.h"
#include "sensor/decode/asterix/cat034.h"
#include "sensor/decode/asterix/cat048.h"

#define RHO_LSB_M (GEO_NM_M / 256)	       /* I048/040 */
#define THETA_LSB_RAD (2 * M_PI / 65536)       /* I048/040 */
#define UNIFORM 0.28867513459481287	       /* 1 / sqrt(12): sigma of a value known to one LSB */
#define FL_M (100 * 0.3048)		       /* I048/090, LSB 1/4 FL */
#define HEIGHT_LSB_M (25 * 0.3048)	       /* I048/110 */
#define TOD_SIGMA_NS INT64_C(2255274)	       /* I048/140, LSB 1/128 s, uniform */
/* Without a time of day: processing and sector buffering of a radar, a sector of 1/32 turn of 4-12 s */
#define RECV_SIGMA_NS INT64_C(500000000)

/* The bits of octet @octet of the extended item at @p; 0 when it does not reach so far. */
static uint8_t extension(const uint8_t *p, unsigned octet)
{
	while (octet--)
		if (!(*p++ & 1))
			return 0;
	return *p;
}

static void set_time(struct plot *plot, const struct asterix_record *r, unsigned index,
	const struct plotting *p, bool *ret_time_of_day_bad)
{
	int64_t sigma_ns = RECV_SIGMA_NS;

	plot->recv_ns = p->recv_ns;
	plot->time_ns = p->recv_ns;
	if (asterix_has(r, index)) {
		int64_t t = asterix_time_ns((uint32_t)bits_get(r->items[index], 0, 24), p->recv_ns);

		if (llabs(t - p->recv_ns) <= ASTERIX_PLOT_TIME_MAX_NS) {
			plot->time_ns = t;
			sigma_ns = TOD_SIGMA_NS;
		} else {
			*ret_time_of_day_bad = true;
		}
	}
	plot->time_sigma_ns = (int64_t)hypot((double)sigma_ns, (double)p->clock_sigma_ns);
}

static void begin(struct plot *plot, enum plot_kind kind, const struct plotting *p)
{
	plot_init(plot, kind, PLOT_SENSOR_RADAR);
	memcpy(plot->feed, p->site->feed, sizeof(plot->feed));
	plot->site_version = p->site->version;
}

static bool is_ours(const struct asterix_record *r, unsigned index, const struct plotting *p)
{
	if (!asterix_has(r, index))
		return p->sac > 255 && p->sic > 255;

	const uint8_t *source = r->items[index];

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
	if (asterix_has(r, CAT048_I090) && !(r->items[CAT048_I090][0] & 0xc0))
		return (double)bits_get_signed(r->items[CAT048_I090], 2, 14) / 4 * FL_M;
	return NAN;
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

static void read_identity(struct plot *plot, const struct asterix_record *r)
{
	if (asterix_has(r, CAT048_I220)) {
		uint32_t address = (uint32_t)bits_get(r->items[CAT048_I220], 0, 24);

		plot->id_kind = address ? PLOT_ID_ICAO24 : PLOT_ID_NONE;
		plot->id = address;
	}
	if (asterix_has(r, CAT048_I240))
		asterix_json_icao(r->items[CAT048_I240], 0, PLOT_CALLSIGN_MAX - 1, plot->identity.callsign);
}

/* Polar noise as a covariance on east, north: notes/tracking.md 2.2, plain conversion. */
static void set_covariance(struct plot *plot, const struct site *site)
{
	double s = sin(plot->azimuth_rad), c = cos(plot->azimuth_rad);

	plot->range_sigma_m = hypot(site->range_sigma_m, RHO_LSB_M * UNIFORM);
	plot->azimuth_sigma_rad = hypot(site->azimuth_sigma_rad, THETA_LSB_RAD * UNIFORM);

	double r2 = plot->range_sigma_m * plot->range_sigma_m;
	double t = plot->range_m * plot->azimuth_sigma_rad, t2 = t * t;

	/* At the antenna itself the ellipse would have no width. */
	if (t2 < RHO_LSB_M * RHO_LSB_M)
		t2 = RHO_LSB_M * RHO_LSB_M;
	plot->cov = (struct plot_cov2){ r2 * s * s + t2 * c * c, (r2 - t2) * s * c, r2 * c * c + t2 * s * s };
}

/* Range and azimuth, and the position they give. False when that is impossible. */
static bool set_polar(struct plot *plot, const struct asterix_record *r, const struct site *site)
{
	const struct geo_point at = { site->lat_rad, site->lon_rad, site->height_m };
	unsigned rho = (unsigned)bits_get(r->items[CAT048_I040], 0, 16);
	struct geo_point to;

	plot->range_m = rho * RHO_LSB_M;
	plot->azimuth_rad = (double)bits_get(r->items[CAT048_I040], 16, 16) * THETA_LSB_RAD;
	plot->alt_m = read_altitude(r);
	if (rho == 0)
		return false;
	if (geo_slant(&at, plot->range_m, plot->azimuth_rad, plot->alt_m, &to) < 0)
		return false;
	plot->lat_rad = to.lat_rad;
	plot->lon_rad = to.lon_rad;
	set_covariance(plot, site);
	return true;
}

/* What I048/020 says against the plot. */
static enum asterix_plot_drop judge(const struct asterix_record *r)
{
	if (!asterix_has(r, CAT048_I040))
		return ASTERIX_PLOT_DROP_POSITION;
	if (!asterix_has(r, CAT048_I020))
		return ASTERIX_PLOT_DROP_NONE;

	uint8_t first = r->items[CAT048_I020][0], second = extension(r->items[CAT048_I020], 1);

	if (first >> 5 == 0) /* TYP 0 */
		return ASTERIX_PLOT_DROP_COAST;
	if (first & 0x12 || second & 0x80) /* SIM, RAB, TST */
		return ASTERIX_PLOT_DROP_TEST;
	if (second & 0x40) /* ERR: the range is in the reserved expansion field */
		return ASTERIX_PLOT_DROP_POSITION;
	return ASTERIX_PLOT_DROP_NONE;
}

static enum asterix_plot_drop target(const struct asterix_record *r, const struct plotting *p, struct plot *plot,
	bool *ret_time_of_day_bad)
{
	enum asterix_plot_drop drop = judge(r);

	if (!is_ours(r, CAT048_I010, p))
		return ASTERIX_PLOT_DROP_SOURCE;
	if (drop != ASTERIX_PLOT_DROP_NONE)
		return drop;
	begin(plot, PLOT_POLAR, p);
	if (!set_polar(plot, r, p->site))
		return ASTERIX_PLOT_DROP_POSITION;
	set_time(plot, r, CAT048_I140, p, ret_time_of_day_bad);
	plot->doppler_mps = read_doppler(r);
	read_identity(plot, r);
	return ASTERIX_PLOT_DROP_NONE;
}

static enum asterix_plot_drop service(const struct asterix_record *r, const struct plotting *p, struct plot *plot,
	bool *ret_time_of_day_bad)
{
	if (!is_ours(r, CAT034_I010, p))
		return ASTERIX_PLOT_DROP_SOURCE;
	if (!asterix_has(r, CAT034_I000) || r->items[CAT034_I000][0] != CAT034_NORTH_MARKER)
		return ASTERIX_PLOT_DROP_KIND;
	begin(plot, PLOT_NORTH, p);
	set_time(plot, r, CAT034_I030, p, ret_time_of_day_bad);
	return ASTERIX_PLOT_DROP_NONE;
}

bool asterix_plot(const struct asterix_record *r, const struct plotting *p, struct plot *ret_plot,
	enum asterix_plot_drop *ret_drop, bool *ret_time_of_day_bad)
{
	enum asterix_plot_drop drop = ASTERIX_PLOT_DROP_KIND;

	if (r->category->cat == 48)
		drop = target(r, p, ret_plot, ret_time_of_day_bad);
	else if (r->category->cat == 34)
		drop = service(r, p, ret_plot, ret_time_of_day_bad);
	*ret_drop = drop;
	return drop == ASTERIX_PLOT_DROP_NONE;
}
