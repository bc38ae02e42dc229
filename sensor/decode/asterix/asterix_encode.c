#include "sensor/decode/asterix/asterix_encode.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/clock.h"
#include "common/geo.h"
#include "sensor/decode/asterix/asterix_tables.h"
#include "sensor/decode/asterix/asterix_values.h"

#define VALUES_MAX 64 /* numbers: all the items below together have fewer */
/* Presence bits of sub-items, the first one lowest. */
#define I120_CAL 0x01
#define I130_PRL 0x08
#define I130_PAM 0x10
#define I050_COM 0x01 /* I034/050, I034/060 */
#define I050_PSR 0x08
#define DAY_TICKS (86400 * 128) /* I048/140, I034/030: LSB 1/128 s */

/* One record being built, as asterix_values_put() takes it. */
struct record {
	uint64_t v[VALUES_MAX]; /* [0]: the items that it has */
	size_t n;
};

static void add(struct record *r, unsigned frn, const int64_t *v, size_t n)
{
	uint64_t bit = UINT64_C(1) << (frn - 1);

	assert(r->v[0] < bit); /* items come in order */
	assert(n < VALUES_MAX - r->n);
	r->v[0] |= bit;
	for (size_t i = 0; i < n; i++)
		r->v[++r->n] = (uint64_t)v[i];
}

/* The item's numbers in the table's order. */
#define ADD(r, frn, ...) add(r, frn, (const int64_t[]){ __VA_ARGS__ }, sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

/* The nearest integer, 0 when that is no number, between what @bits bits can say. */
static int64_t limited(double v, unsigned bits, bool is_signed)
{
	double ones = (double)((UINT64_C(1) << (bits - is_signed)) - 1);

	return isnan(v) ? 0 : llround(fmin(fmax(v, is_signed ? -ones - 1 : 0), ones));
}

static int64_t time_of_day(int64_t time_ns)
{
	int64_t day_ns = time_ns % (86400 * CLOCK_NS_PER_S);
	return (day_ns * 128 + CLOCK_NS_PER_S / 2) / CLOCK_NS_PER_S % DAY_TICKS;
}

/* LSB 360/65536 degrees. */
static unsigned angle16(double rad)
{
	return (unsigned)lround(geo_wrap_2pi(rad) / (2 * M_PI) * 65536) & 0xffff;
}

static int append(struct asterix_encode_buffer *b, const struct asterix_category *c, const struct record *r)
{
	ssize_t size = asterix_values_put(c, r->v, r->n + 1, b->bytes + b->n, sizeof(b->bytes) - b->n);

	if (size < 0)
		return (int)size;
	b->n += (size_t)size;
	return 0;
}

void asterix_encode_plot_init(struct asterix_encode_plot *p)
{
	*p = (struct asterix_encode_plot){ .mode3a = -1, .track = -1, .flight_level = NAN, .runlength_rad = NAN,
		.amplitude_dbm = NAN, .sog_mps = NAN, .cog_rad = NAN, .doppler_mps = NAN };
}

void asterix_encode_begin(struct asterix_encode_buffer *b, uint8_t category)
{
	assert(b->n + 3 <= sizeof(b->bytes));
	b->block = b->n;
	b->bytes[b->n] = category;
	b->n += 3;
}

void asterix_encode_end(struct asterix_encode_buffer *b)
{
	size_t length = b->n - b->block;
	if (length == 3)
		b->n = b->block;
	b->bytes[b->block + 1] = (uint8_t)(length >> 8);
	b->bytes[b->block + 2] = (uint8_t)length;
}

static void add_characteristics(struct record *r, const struct asterix_encode_plot *p)
{
	double runlength = p->runlength_rad / (2 * M_PI) * 8192; /* I048/130 PRL: LSB 360/8192 degrees */
	bool has_runlength = !isnan(p->runlength_rad), has_amplitude = !isnan(p->amplitude_dbm);

	if (has_runlength && has_amplitude)
		ADD(r, 7, I130_PRL | I130_PAM, limited(runlength, 8, false), limited(p->amplitude_dbm, 8, true));
	else if (has_runlength)
		ADD(r, 7, I130_PRL, limited(runlength, 8, false));
	else if (has_amplitude)
		ADD(r, 7, I130_PAM, limited(p->amplitude_dbm, 8, true));
}

static void add_track(struct record *r, const struct asterix_encode_plot *p)
{
	if (p->track >= 0)
		ADD(r, 11, p->track & 0xfff);
	if (!isnan(p->sog_mps) && !isnan(p->cog_rad))
		ADD(r, 13, limited(p->sog_mps / GEO_NM_M * 16384, 16, false), angle16(p->cog_rad)); /* LSB 2^-14 NM/s */
	if (p->track >= 0)
		ADD(r, 14, 1, p->tentative, 1, 0, 0, 0); /* I048/170: one octet; CNF, RAD = PSR track */
}

int asterix_encode_048(struct asterix_encode_buffer *b, const struct asterix_encode_plot *p)
{
	struct record r = { .n = 0 };
	double rho = round(p->range_m / GEO_NM_M * 256); /* I048/040: LSB 1/256 NM */
	if (!(rho >= 0 && rho <= 65535))
		return -ERANGE;

	ADD(&r, 1, p->sac, p->sic);
	ADD(&r, 2, time_of_day(p->time_ns));
	ADD(&r, 3, 1, p->detection, p->simulated, 0, 0, 0); /* I048/020: one octet */
	ADD(&r, 4, (int64_t)rho, angle16(p->azimuth_rad));
	if (p->mode3a >= 0)
		ADD(&r, 5, 0, 0, 0, p->mode3a & 07777);
	if (!isnan(p->flight_level))
		ADD(&r, 6, 0, 0, limited(p->flight_level * 4, 14, true));
	add_characteristics(&r, p);
	add_track(&r, p);
	if (!isnan(p->doppler_mps))
		ADD(&r, 20, I120_CAL, 0, limited(p->doppler_mps, 10, true)); /* not doubtful; 1 m/s */
	return append(b, &cat048_category, &r);
}

static int64_t angle24(double rad)
{
	return limited(rad / M_PI * (1 << 23), 24, true); /* I034/120: LSB 180/2^23 degrees */
}

int asterix_encode_034_north(struct asterix_encode_buffer *b, const struct asterix_encode_service *s)
{
	struct record r = { .n = 0 };
	ADD(&r, 1, s->sac, s->sic);
	ADD(&r, 2, 1);
	ADD(&r, 3, time_of_day(s->time_ns));
	ADD(&r, 5, limited(s->period_s * 128, 16, false));
	/* Operational, nothing overloaded; antenna 1, channel A. I034/060 likewise, nothing reduced. */
	ADD(&r, 6, I050_COM | I050_PSR, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0);
	ADD(&r, 7, I050_COM | I050_PSR, 0, 0, 0, 0, 0);
	/* I034/070: one counter, type 1 = single PSR reports, 11 bits. */
	ADD(&r, 8, 1, 1, limited(s->plots, 11, false));
	ADD(&r, 11, limited(s->height_m, 16, true), angle24(s->lat_rad), angle24(s->lon_rad));
	return append(b, &cat034_category, &r);
}

int asterix_encode_034_sector(struct asterix_encode_buffer *b, const struct asterix_encode_service *s)
{
	struct record r = { .n = 0 };
	ADD(&r, 1, s->sac, s->sic);
	ADD(&r, 2, 2);
	ADD(&r, 3, time_of_day(s->time_ns));
	ADD(&r, 4, (unsigned)lround(geo_wrap_2pi(s->sector_rad) / (2 * M_PI) * 256) & 0xff);
	return append(b, &cat034_category, &r);
}
