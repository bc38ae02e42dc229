#include "sensor/decode/asterix/asterix_report.h"

#include <math.h>
#include <string.h>

#include "common/geo.h"
#include "sensor/decode/asterix/asterix_json.h"
#include "sensor/decode/asterix/cat010.h"
#include "sensor/decode/asterix/cat062.h"

#define FL_M (100 * 0.3048)	  /* I021/145 and the like: LSB 1/4 FL */
#define GEOMETRIC_M (6.25 * 0.3048) /* I021/140, I062/130 */
#define SPEED_LSB_MPS (GEO_NM_M / 16384) /* I021/160 */
#define ANGLE_LSB_RAD (2 * M_PI / 65536) /* I021/160 */
#define R95 2.4477		  /* radius of 95 % over sigma of one axis, for a circular normal: sqrt(-2 ln 0.05) */
#define SIGMA_MIN_M 1.0		  /* no accuracy item is believed below this */
#define SPEED_SIGMA_MIN_MPS 0.25  /* I062/500 ATV: its LSB */
/* EUROCONTROL-SPEC-147 (ESASSP), 5 NM separation: horizontal position error 500 m RMS; of two axes */
#define TRACK_SIGMA_M (500 / M_SQRT2)
#define TRACK_SIGMA_MPS 10.0 /* what a filter is behind in a turn of 3 deg/s at 200 m/s, one second of it (10.5 m/s) */

void asterix_report_begin(struct plot *plot, enum plot_kind kind, enum plot_sensor sensor, const struct plotting *p)
{
	plot_init(plot, kind, sensor);
	memcpy(plot->feed, p->site->feed, sizeof(plot->feed));
	plot->site_version = p->site->version;
}

void asterix_report_address(struct plot *plot, const uint8_t *address)
{
	plot->id = (uint32_t)bits_get(address, 0, 24);
	plot->id_kind = plot->id ? PLOT_ID_ICAO24 : PLOT_ID_NONE;
}

void asterix_report_callsign(struct plot *plot, const uint8_t *p, unsigned bit)
{
	asterix_json_icao(p, bit, PLOT_CALLSIGN_MAX - 1, plot->identity.callsign);
}

double asterix_report_level_m(const uint8_t *p)
{
	return p[0] & 0xc0 ? NAN : (double)bits_get_signed(p, 2, 14) / 4 * FL_M;
}

uint8_t asterix_report_octet(const uint8_t *p, unsigned octet)
{
	while (octet--)
		if (!(*p++ & 1))
			return 0;
	return *p;
}

/* Latitude and longitude of @width bits each, LSB 180 / 2^@lsb degrees. False beyond the poles or 180 degrees. */
static bool set_place(struct plot *plot, const uint8_t *p, unsigned width, unsigned lsb)
{
	double unit_rad = ldexp(M_PI, -(int)lsb);

	plot->lat_rad = (double)bits_get_signed(p, 0, width) * unit_rad;
	plot->lon_rad = (double)bits_get_signed(p + width / 8, 0, width) * unit_rad;
	return fabs(plot->lat_rad) <= M_PI / 2 && fabs(plot->lon_rad) <= M_PI;
}

/* A correlation of 1 would be no ellipse, and none that was measured. */
static void set_covariance(struct plot *plot, double east_m, double north_m, double en_m2)
{
	east_m = fmax(east_m, SIGMA_MIN_M);
	north_m = fmax(north_m, SIGMA_MIN_M);

	double most = 0.99 * east_m * north_m;

	plot->cov = (struct plot_cov2){ east_m * east_m, fmin(fmax(en_m2, -most), most), north_m * north_m };
}

/* --- CAT010 --- */

/* The site's noise at the place of the plot. */
static void surface_noise(struct plot *plot, const struct site *site)
{
	const struct geo_point at = { site->lat_rad, site->lon_rad, site->height_m }, to = { plot->lat_rad, plot->lon_rad, 0 };
	double range_m, azimuth_rad;

	geo_inverse(&at, &to, &range_m, &azimuth_rad);

	double s = sin(azimuth_rad), c = cos(azimuth_rad);
	double along = site->range_sigma_m, across = fmax(range_m * site->azimuth_sigma_rad, SIGMA_MIN_M);
	double along2 = along * along, across2 = across * across;

	set_covariance(plot, sqrt(along2 * s * s + across2 * c * c), sqrt(along2 * c * c + across2 * s * s),
		(along2 - across2) * s * c);
}

static bool surface_place(const struct asterix_record *r, const struct site *site, struct plot *plot)
{
	const struct geo_point at = { site->lat_rad, site->lon_rad, site->height_m };
	struct geo_point to;

	if (asterix_has(r, CAT010_I041))
		return set_place(plot, r->items[CAT010_I041], 32, 31);
	if (!asterix_has(r, CAT010_I042))
		return false;

	double x_m = (double)bits_get_signed(r->items[CAT010_I042], 0, 16), y_m = (double)bits_get_signed(r->items[CAT010_I042], 16, 16);

	geo_direct(&at, atan2(x_m, y_m), hypot(x_m, y_m), &to);
	plot->lat_rad = to.lat_rad;
	plot->lon_rad = to.lon_rad;
	return true;
}

enum asterix_plot_drop asterix_report_surface(const struct asterix_record *r, const struct plotting *p, struct plot *plot)
{
	asterix_report_begin(plot, PLOT_POSITION, PLOT_SENSOR_RADAR, p);
	if (!surface_place(r, p->site, plot))
		return ASTERIX_PLOT_DROP_POSITION;
	if (asterix_has(r, CAT010_I500)) { /* DEVX, DEVY, COVXY: LSB 1/4 m, 1/4 m, 1/4 m2 */
		const uint8_t *q = r->items[CAT010_I500];

		set_covariance(plot, q[0] / 4.0, q[1] / 4.0, (double)bits_get_signed(q, 16, 16) / 4);
	} else {
		surface_noise(plot, p->site);
	}
	return ASTERIX_PLOT_DROP_NONE;
}

/* --- CAT021 --- */

/* Where the items are and what they look like: editions 2.x, and those before 1.0 but for the position's octets. */
static const struct ads_b {
	uint8_t descriptor, address, geometric, level, vector, callsign, quality;
	uint8_t icao; /* ATP that says: a 24-bit address of ICAO */
	bool old;
} ads_b_now = { 1, 10, 15, 20, 25, 28, 16, 0, false }, ads_b_old = { 1, 4, 5, 9, 15, 17, 6, 1, true };

/* 95 % radius in metres by NACp (DO-260B table 2-71) and by NUCp (ED-102, HFOM); 0 says nothing, so 10 NM. */
static const double nac_p_m[16] = { 18520, 18520, 7408, 3704, 1852, 926, 555.6, 185.2, 92.6, 30, 10, 3, 18520, 18520, 18520, 18520 };
static const double nuc_p_m[16] = { 18520, 18520, 9260, 1852, 926, 463, 185.2, 92.6, 10, 3, 18520, 18520, 18520, 18520, 18520, 18520 };
/* Containment radius in metres by NIC (DO-260B table 2-70): no less than the 95 % radius */
static const double nic_m[16] = { 37040, 37040, 14816, 7408, 3704, 1852, 1111.2, 370.4, 185.2, 75, 25, 7.5, 37040, 37040, 37040, 37040 };

/* I021/210 VN 0 is ED-102, whose NUCp stands where later versions have NIC; NACp comes with the first extension. */
static double accuracy_m(const struct asterix_record *r, const struct ads_b *a)
{
	if (!asterix_has(r, a->quality))
		return nac_p_m[0];

	const uint8_t *q = r->items[a->quality];

	if (a->old)
		return nuc_p_m[q[1] & 0x0f];

	unsigned version = asterix_has(r, 17) ? r->items[17][0] >> 3 & 7 : 0;

	if (version == 0)
		return nuc_p_m[q[0] >> 1 & 0x0f];
	return q[0] & 1 ? nac_p_m[q[1] >> 1 & 0x0f] : nic_m[q[0] >> 1 & 0x0f];
}

/* Simulated, test, field monitor; a position that the ground station itself doubts (IPC, CPR, LDPJ, RCF). */
static enum asterix_plot_drop judge_ads_b(const uint8_t *d, bool old)
{
	if (old)
		return d[0] & 0x38 ? ASTERIX_PLOT_DROP_TEST : ASTERIX_PLOT_DROP_NONE;
	if (d[0] & 0x02 || asterix_report_octet(d, 1) & 0x30)
		return ASTERIX_PLOT_DROP_TEST;
	return asterix_report_octet(d, 2) & 0x2e ? ASTERIX_PLOT_DROP_POSITION : ASTERIX_PLOT_DROP_NONE;
}

static bool ads_b_place(const struct asterix_record *r, bool old, struct plot *plot)
{
	const struct asterix_item *uap = r->category->uap;

	if (old) /* four octets each, LSB 180/2^25, or in edition 0.23 three, 180/2^23 */
		return asterix_has(r, 3) && set_place(plot, r->items[3], 4u * uap[3].size, uap[3].size == 8 ? 25 : 23);
	if (asterix_has(r, 6))
		return set_place(plot, r->items[6], 32, 30);
	return asterix_has(r, 5) && set_place(plot, r->items[5], 24, 23);
}

/* I021/160: RE (the value is beyond the range), speed, track angle. */
static void ads_b_motion(struct plot *plot, const uint8_t *vector)
{
	if (vector[0] & 0x80)
		return;
	plot->sog_mps = (double)bits_get(vector, 1, 15) * SPEED_LSB_MPS;
	plot->sog_sigma_mps = 10 / R95; /* NACv 1: 10 m/s in 95 % */
	plot->cog_rad = (double)bits_get(vector, 16, 16) * ANGLE_LSB_RAD;
	plot->cog_sigma_rad = fmin(plot->sog_sigma_mps / fmax(plot->sog_mps, 1), M_PI);
}

enum asterix_plot_drop asterix_report_ads_b(const struct asterix_record *r, const struct plotting *p, struct plot *plot)
{
	bool old = r->category->edition[0] == '0';
	const struct ads_b *a = old ? &ads_b_old : &ads_b_now;
	const uint8_t *d = asterix_has(r, a->descriptor) ? r->items[a->descriptor] : (const uint8_t[BITS_SLACK]){ 0 };
	enum asterix_plot_drop drop = judge_ads_b(d, old);

	asterix_report_begin(plot, PLOT_POSITION, PLOT_SENSOR_ADSB, p);
	if (drop != ASTERIX_PLOT_DROP_NONE)
		return drop;
	if (!ads_b_place(r, old, plot))
		return ASTERIX_PLOT_DROP_POSITION;

	double sigma_m = accuracy_m(r, a) / R95;

	set_covariance(plot, sigma_m, sigma_m, 0);
	if (asterix_has(r, a->geometric))
		plot->alt_m = (double)bits_get_signed(r->items[a->geometric], 0, 16) * GEOMETRIC_M;
	else if (asterix_has(r, a->level))
		plot->alt_m = (double)bits_get_signed(r->items[a->level], 0, 16) / 4 * FL_M;
	if (asterix_has(r, a->vector))
		ads_b_motion(plot, r->items[a->vector]);
	if (asterix_has(r, a->address) && (old ? d[1] : d[0]) >> 5 == a->icao)
		asterix_report_address(plot, r->items[a->address]);
	if (asterix_has(r, a->callsign))
		asterix_report_callsign(plot, r->items[a->callsign], 0);
	return ASTERIX_PLOT_DROP_NONE;
}

/* --- CAT062 --- */

/* The first subfields of I062/500 and I062/380, which is all that is wanted of them. */
static const uint8_t *behind_primary(const uint8_t *p)
{
	while (*p++ & 1)
		;
	return p;
}

/* APC: x, y, LSB 1/2 m; COV: sign and root of the covariance, LSB 1/2 m; APW: latitude, longitude, LSB 180/2^25 degrees. */
static void track_covariance(struct plot *plot, const uint8_t *accuracies)
{
	const uint8_t *p = accuracies ? behind_primary(accuracies) : NULL;
	uint8_t has = accuracies ? accuracies[0] : 0;
	double east_m = TRACK_SIGMA_M, north_m = TRACK_SIGMA_M, root_m = 0;

	if (has & 0x80) {
		east_m = (double)bits_get(p, 0, 16) / 2;
		north_m = (double)bits_get(p, 16, 16) / 2;
		p += 4;
		if (has & 0x40)
			root_m = (double)bits_get_signed(p, 0, 16) / 2;
	} else if (has & 0x20) {
		double lsb_m = ldexp(M_PI, -25) * 6371000; /* of a sphere: its error is below the LSB's */

		p += has & 0x40 ? 2 : 0;
		north_m = (double)bits_get(p, 0, 16) * lsb_m;
		east_m = (double)bits_get(p, 16, 16) * lsb_m * cos(plot->lat_rad);
	}
	set_covariance(plot, east_m, north_m, copysign(root_m * root_m, root_m));
}

static void track_identity(struct plot *plot, const struct asterix_record *r)
{
	if (asterix_has(r, CAT062_I245))
		asterix_report_callsign(plot, r->items[CAT062_I245], 8);
	if (!asterix_has(r, CAT062_I380))
		return;

	uint8_t has = r->items[CAT062_I380][0];
	const uint8_t *p = behind_primary(r->items[CAT062_I380]);

	if (has & 0x80)
		asterix_report_address(plot, p);
	if (has & 0x40)
		asterix_report_callsign(plot, p + (has & 0x80 ? 3 : 0), 0);
}

/* I062/500 ATV, LSB 1/4 m/s: behind APC, COV, APW, AGA and ABA. Return: false when it does not say. */
static bool velocity_sigmas(const uint8_t *accuracies, double *ret_east_mps, double *ret_north_mps)
{
	static const uint8_t sizes[] = { 4, 2, 4, 1, 1 };

	if (!accuracies || !(accuracies[0] & 0x04))
		return false;

	const uint8_t *p = behind_primary(accuracies);

	for (unsigned i = 0; i < sizeof(sizes); i++)
		p += accuracies[0] & 0x80 >> i ? sizes[i] : 0;
	*ret_east_mps = fmax(p[0] / 4.0, SPEED_SIGMA_MIN_MPS);
	*ret_north_mps = fmax(p[1] / 4.0, SPEED_SIGMA_MIN_MPS);
	return true;
}

static void track_motion(struct plot *plot, const uint8_t *velocity, const uint8_t *accuracies)
{
	double x = (double)bits_get_signed(velocity, 0, 16) / 4, y = (double)bits_get_signed(velocity, 16, 16) / 4;
	double east_mps = TRACK_SIGMA_MPS, north_mps = TRACK_SIGMA_MPS;

	velocity_sigmas(accuracies, &east_mps, &north_mps);
	plot->sog_mps = hypot(x, y);
	plot->cog_rad = geo_wrap_2pi(atan2(x, y));

	/* Along and across the course; at rest both are what they are along north. */
	double s = sin(plot->cog_rad), c = cos(plot->cog_rad);

	plot->sog_sigma_mps = hypot(east_mps * s, north_mps * c);
	plot->cog_sigma_rad = fmin(hypot(east_mps * c, north_mps * s) / fmax(plot->sog_mps, 1), M_PI);
}

/* I062/080: SIM; TSE, the track's last message; CST, coasting. Without its number nobody can follow it. */
static enum asterix_plot_drop judge_track(const struct asterix_record *r)
{
	static const uint8_t no_status[BITS_SLACK] = { 0 };
	const uint8_t *status = asterix_has(r, CAT062_I080) ? r->items[CAT062_I080] : no_status;
	uint8_t second = asterix_report_octet(status, 1);

	if (!asterix_has(r, CAT062_I105))
		return ASTERIX_PLOT_DROP_POSITION;
	if (second & 0x80)
		return ASTERIX_PLOT_DROP_TEST;
	if (second & 0x40 || asterix_report_octet(status, 3) & 0x80)
		return ASTERIX_PLOT_DROP_COAST;
	return asterix_has(r, CAT062_I040) ? ASTERIX_PLOT_DROP_NONE : ASTERIX_PLOT_DROP_POSITION;
}

/* Numbers are each sender's own: I062/010 before I062/040. I062/080 CNF: tentative. */
static void track_number(struct plot *plot, const struct asterix_record *r)
{
	uint64_t source = asterix_has(r, 0) ? bits_get(r->items[0], 0, 16) : 0;

	plot->sender_track = 1 + (source << 16 | bits_get(r->items[CAT062_I040], 0, 16));
	plot->sender_tentative = asterix_has(r, CAT062_I080) && r->items[CAT062_I080][0] & 0x02;
}

enum asterix_plot_drop asterix_report_track(const struct asterix_record *r, const struct plotting *p, struct plot *plot)
{
	const uint8_t *accuracies = asterix_has(r, CAT062_I500) ? r->items[CAT062_I500] : NULL;
	enum asterix_plot_drop drop = judge_track(r);

	asterix_report_begin(plot, PLOT_POSITION, PLOT_SENSOR_RADAR, p);
	if (drop != ASTERIX_PLOT_DROP_NONE)
		return drop;
	if (!set_place(plot, r->items[CAT062_I105], 32, 25))
		return ASTERIX_PLOT_DROP_POSITION;
	track_number(plot, r);
	track_covariance(plot, accuracies);
	if (asterix_has(r, CAT062_I130))
		plot->alt_m = (double)bits_get_signed(r->items[CAT062_I130], 0, 16) * GEOMETRIC_M;
	else if (asterix_has(r, CAT062_I136))
		plot->alt_m = (double)bits_get_signed(r->items[CAT062_I136], 0, 16) / 4 * FL_M;
	if (asterix_has(r, CAT062_I185))
		track_motion(plot, r->items[CAT062_I185], accuracies);
	track_identity(plot, r);
	return ASTERIX_PLOT_DROP_NONE;
}
