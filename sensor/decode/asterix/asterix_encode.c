#include "sensor/decode/asterix/asterix_encode.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/clock.h"
#include "common/geo.h"

#define RECORD_MAX 96 /* bytes: all the items below together are fewer */
#define FSPEC_MAX 4
#define DAY_TICKS (86400 * 128) /* I048/140, I034/030: LSB 1/128 s */

/* One record being built: which field reference numbers it has, and their bytes in order. */
struct record {
	uint8_t bytes[RECORD_MAX];
	size_t n;
	uint32_t fields; /* bit n = FRN n */
};

static void put(struct record *r, unsigned bytes, int64_t value)
{
	assert(r->n + bytes <= RECORD_MAX);
	for (unsigned i = bytes; i-- > 0;)
		r->bytes[r->n++] = (uint8_t)((uint64_t)value >> 8 * i);
}

static void field(struct record *r, unsigned frn, unsigned bytes, int64_t value)
{
	assert(r->fields >> frn == 0); /* items come in order */
	r->fields |= UINT32_C(1) << frn;
	put(r, bytes, value);
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

/* FSPEC: seven field bits an octet, the lowest says that another octet follows. */
static int append(struct asterix_encode_buffer *b, const struct record *r)
{
	uint8_t fspec[FSPEC_MAX] = { 0 };
	unsigned octets = 1;
	for (unsigned frn = 1; frn <= 7 * FSPEC_MAX; frn++) {
		if (!(r->fields >> frn & 1))
			continue;
		octets = (frn - 1) / 7 + 1;
		fspec[octets - 1] |= (uint8_t)(0x80 >> (frn - 1) % 7);
	}
	for (unsigned i = 0; i + 1 < octets; i++)
		fspec[i] |= 1;
	if (b->n + octets + r->n > sizeof(b->bytes))
		return -ENOSPC;
	memcpy(b->bytes + b->n, fspec, octets);
	memcpy(b->bytes + b->n + octets, r->bytes, r->n);
	b->n += octets + r->n;
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

static void put_characteristics(struct record *r, const struct asterix_encode_plot *p)
{
	if (isnan(p->runlength_rad) && isnan(p->amplitude_dbm))
		return;
	/* I048/130: PRL is bit 5, LSB 360/8192 degrees; PAM is bit 4, dBm. */
	field(r, 7, 1, (isnan(p->runlength_rad) ? 0 : 0x10) | (isnan(p->amplitude_dbm) ? 0 : 0x08));
	if (!isnan(p->runlength_rad))
		put(r, 1, lround(fmin(p->runlength_rad / (2 * M_PI) * 8192, 255)));
	if (!isnan(p->amplitude_dbm))
		put(r, 1, lround(fmax(fmin(p->amplitude_dbm, 127), -128)));
}

static void put_track(struct record *r, const struct asterix_encode_plot *p)
{
	if (p->track >= 0)
		field(r, 11, 2, p->track & 0xfff);
	if (!isnan(p->sog_mps) && !isnan(p->cog_rad)) {
		/* I048/200: LSB 2^-14 NM/s */
		field(r, 13, 2, lround(fmin(p->sog_mps / GEO_NM_M * 16384, 65535)));
		put(r, 2, angle16(p->cog_rad));
	}
	if (p->track >= 0)
		field(r, 14, 1, (p->tentative ? 0x80 : 0) | 0x20); /* I048/170: CNF, RAD = PSR track */
}

int asterix_encode_048(struct asterix_encode_buffer *b, const struct asterix_encode_plot *p)
{
	struct record r = { 0 };
	double rho = round(p->range_m / GEO_NM_M * 256); /* I048/040: LSB 1/256 NM */
	if (!(rho >= 0 && rho <= 65535))
		return -ERANGE;

	field(&r, 1, 2, p->sac << 8 | p->sic);
	field(&r, 2, 3, time_of_day(p->time_ns));
	field(&r, 3, 1, (unsigned)p->detection << 5 | (p->simulated ? 0x10 : 0));
	field(&r, 4, 2, (int64_t)rho);
	put(&r, 2, angle16(p->azimuth_rad));
	if (p->mode3a >= 0)
		field(&r, 5, 2, p->mode3a & 07777);
	if (!isnan(p->flight_level))
		field(&r, 6, 2, lround(p->flight_level * 4) & 0x3fff);
	put_characteristics(&r, p);
	put_track(&r, p);
	if (!isnan(p->doppler_mps)) {
		field(&r, 20, 1, 0x80); /* I048/120: CAL, 10 bits, 1 m/s */
		put(&r, 2, lround(fmax(fmin(p->doppler_mps, 511), -512)) & 0x3ff);
	}
	return append(b, &r);
}

static int64_t angle24(double rad)
{
	return llround(rad / M_PI * (1 << 23)); /* I034/120: LSB 180/2^23 degrees */
}

int asterix_encode_034_north(struct asterix_encode_buffer *b, const struct asterix_encode_service *s)
{
	struct record r = { 0 };
	field(&r, 1, 2, s->sac << 8 | s->sic);
	field(&r, 2, 1, 1);
	field(&r, 3, 3, time_of_day(s->time_ns));
	field(&r, 5, 2, lround(s->period_s * 128));
	/* I034/050: COM and PSR present; operational, antenna 1, channel A. I034/060 likewise, nothing reduced. */
	field(&r, 6, 1, 0x90);
	put(&r, 2, 0x0020);
	field(&r, 7, 1, 0x90);
	put(&r, 2, 0);
	/* I034/070: one counter, type 1 = single PSR reports, 11 bits. */
	field(&r, 8, 1, 1);
	put(&r, 2, 1 << 11 | (s->plots > 2047 ? 2047 : s->plots));
	field(&r, 11, 2, lround(s->height_m));
	put(&r, 3, angle24(s->lat_rad));
	put(&r, 3, angle24(s->lon_rad));
	return append(b, &r);
}

int asterix_encode_034_sector(struct asterix_encode_buffer *b, const struct asterix_encode_service *s)
{
	struct record r = { 0 };
	field(&r, 1, 2, s->sac << 8 | s->sic);
	field(&r, 2, 1, 2);
	field(&r, 3, 3, time_of_day(s->time_ns));
	field(&r, 4, 1, (unsigned)lround(geo_wrap_2pi(s->sector_rad) / (2 * M_PI) * 256) & 0xff);
	return append(b, &r);
}
