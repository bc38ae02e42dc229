#include "sensor/decode/adsb/adsb_encode.h"

#include <math.h>
#include <string.h>

#include "common/geo.h"
#include "sensor/decode/adsb/adsb_cpr.h"

#define ESCAPE 0x1a
#define SUBSONIC_KT 1021 /* DO-260B table 2-20: the largest that 1 kt steps can tell */
#define FPM_MPS (0.3048 / 60)
#define FPM_STEP 64
#define FT_STEP 25

static void begin(uint8_t df, uint32_t address, unsigned ca, struct adsb_message *m)
{
	adsb_message_init(m);
	m->df = df;
	m->address = address;
	m->is_icao = m->has_address = m->is_verified = true;
	m->v[ADSB_CA] = (int32_t)ca;
}

static void begin_squitter(uint32_t address, unsigned tc, bool ground, struct adsb_message *m)
{
	begin(17, address, ground ? 4 : 5, m); /* Annex 10 volume IV, 3.1.2.5.2.2.1: on the ground, airborne */
	m->tc = (uint8_t)tc;
	m->v[ADSB_TC] = (int32_t)tc;
}

/* To the nearest multiple of @step. */
static int32_t round_to(double v, int32_t step)
{
	return (int32_t)lround(v / step) * step;
}

static int32_t millidegrees(double rad)
{
	return (int32_t)lround(geo_wrap_2pi(rad) / GEO_DEG * 1000);
}

void adsb_encode_all_call(uint32_t address, unsigned ca, struct adsb_message *ret_m)
{
	begin(11, address, ca, ret_m);
}

void adsb_encode_identification(uint32_t address, const char *category, const char *callsign, struct adsb_message *ret_m)
{
	begin_squitter(address, (unsigned)('E' - category[0]), false, ret_m);
	ret_m->v[ADSB_CATEGORY] = category[1] - '0';
	memcpy(ret_m->callsign, callsign, strnlen(callsign, ADSB_CODE_CALLSIGN));
}

static void set_surface(const struct adsb_encode_position *p, struct adsb_message *m)
{
	m->v[ADSB_MOVEMENT] = isnan(p->sog_mps) ? 0 : adsb_code_to_movement((int32_t)lround(p->sog_mps / GEO_KNOT_MPS * 1000));
	if (!isnan(p->cog_rad))
		m->v[ADSB_TRACK_MILLIDEG] = millidegrees(p->cog_rad);
}

void adsb_encode_position(const struct adsb_encode_position *p, struct adsb_message *ret_m)
{
	const struct adsb_cpr_point at = { p->lat_rad / GEO_DEG, p->lon_rad / GEO_DEG };
	bool surface = p->tc <= 8;
	struct adsb_cpr cpr;

	adsb_cpr_encode(&at, p->odd, surface, &cpr);
	begin_squitter(p->address, p->tc, surface, ret_m);
	ret_m->v[ADSB_CPR_ODD] = p->odd;
	ret_m->v[ADSB_CPR_LAT] = cpr.lat;
	ret_m->v[ADSB_CPR_LON] = cpr.lon;
	if (surface)
		set_surface(p, ret_m);
	else
		ret_m->v[p->tc >= 20 ? ADSB_ALT_GEO_FT : ADSB_ALT_FT] = p->alt_ft;
}

void adsb_encode_velocity(const struct adsb_encode_velocity *v, struct adsb_message *ret_m)
{
	double east = v->sog_mps * sin(v->cog_rad) / GEO_KNOT_MPS, north = v->sog_mps * cos(v->cog_rad) / GEO_KNOT_MPS;
	bool fast = fmax(fabs(east), fabs(north)) > SUBSONIC_KT;

	begin_squitter(v->address, 19, false, ret_m);
	ret_m->v[ADSB_SUBTYPE] = fast ? 2 : 1;
	ret_m->v[ADSB_NAC_V] = (int32_t)v->nac_v;
	if (!isnan(east) && !isnan(north)) {
		ret_m->v[ADSB_EW_KT] = round_to(east, fast ? 4 : 1);
		ret_m->v[ADSB_NS_KT] = round_to(north, fast ? 4 : 1);
	}
	if (!isnan(v->climb_mps))
		ret_m->v[ADSB_VRATE_FPM] = round_to(v->climb_mps / FPM_MPS, FPM_STEP);
	if (v->geo_minus_baro_ft != ADSB_NONE)
		ret_m->v[ADSB_GEO_MINUS_BARO_FT] = round_to(v->geo_minus_baro_ft, FT_STEP);
}

size_t adsb_encode_beast(const uint8_t *frame, size_t size, uint64_t ticks, uint8_t level,
	uint8_t ret_bytes[static ADSB_ENCODE_BEAST_MAX])
{
	uint8_t raw[7 + ADSB_MESSAGE_LONG];
	size_t n = 0;

	for (unsigned i = 0; i < 6; i++)
		raw[i] = (uint8_t)(ticks >> 8 * (5 - i));
	raw[6] = level;
	memcpy(raw + 7, frame, size);
	ret_bytes[n++] = ESCAPE;
	ret_bytes[n++] = size == ADSB_MESSAGE_SHORT ? '2' : '3';
	for (size_t i = 0; i < 7 + size; i++) {
		ret_bytes[n++] = raw[i];
		if (raw[i] == ESCAPE)
			ret_bytes[n++] = ESCAPE;
	}
	return n;
}

static size_t put_hex(char *text, uint64_t v, unsigned digits)
{
	static const char hex[] = "0123456789ABCDEF";

	for (unsigned i = 0; i < digits; i++)
		text[i] = hex[v >> 4 * (digits - 1 - i) & 15];
	return digits;
}

size_t adsb_encode_avr(const uint8_t *frame, size_t size, uint64_t ticks, char ret_text[static ADSB_ENCODE_AVR_MAX])
{
	size_t n = 0;

	ret_text[n++] = ticks == UINT64_MAX ? '*' : '@';
	if (ticks != UINT64_MAX)
		n += put_hex(ret_text + n, ticks, 12);
	for (size_t i = 0; i < size; i++)
		n += put_hex(ret_text + n, frame[i], 2);
	memcpy(ret_text + n, ";\n", 3);
	return n + 2;
}
