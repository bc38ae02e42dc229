#include "sensor/decode/adsb/adsb_sbs.h"

#include <string.h>

#define FIELDS 22
#define KIND 1
#define ADDRESS 4
#define CALLSIGN 10

/* One field that is a number: value = text x scale, within +-max. */
struct number {
	uint8_t field, value;
	int32_t scale;
	int64_t max;
};

static const struct number numbers[] = {
	{ 11, ADSB_ALT_FT, 1, 200000 },
	{ 12, ADSB_GS_MILLIKT, 1000, 10000000 },
	{ 13, ADSB_TRACK_MILLIDEG, 1000, 360000 },
	{ 14, ADSB_LAT_E7, 10000000, 900000000 },
	{ 15, ADSB_LON_E7, 10000000, 1800000000 },
	{ 16, ADSB_VRATE_FPM, 1, 100000 },
	{ 18, ADSB_ALERT, 1, 1 },
	{ 19, ADSB_EMERGENCY_FLAG, 1, 1 },
	{ 20, ADSB_SPI, 1, 1 },
	{ 21, ADSB_GROUND, 1, 1 },
};

struct field {
	const char *at;
	size_t len;
};

static unsigned split(const char *line, size_t len, struct field fields[static FIELDS])
{
	const char *end = line + len;

	for (unsigned n = 0; n < FIELDS; n++) {
		const char *comma = memchr(line, ',', (size_t)(end - line));

		fields[n] = (struct field){ line, (size_t)((comma ? comma : end) - line) };
		if (!comma)
			return n + 1;
		line = comma + 1;
	}
	return FIELDS + 1;
}

/* [-]digits[.digits] x @scale, rounded half away from zero. False when it is none or out of range. */
static bool to_number(const struct field *f, const struct number *n, int32_t *ret)
{
	const char *p = f->at, *end = p + f->len;
	bool negative = p < end && *p == '-';
	int64_t v = 0, fraction = 0, unit = n->scale * INT64_C(10);

	for (p += negative; p < end && *p >= '0' && *p <= '9' && v < INT32_MAX; p++)
		v = v * 10 + (*p - '0');
	if (p == f->at + negative)
		return false;
	v *= n->scale;
	if (p < end && *p == '.')
		for (p++; p < end && *p >= '0' && *p <= '9'; p++, unit /= 10)
			fraction += (*p - '0') * unit / 10;
	v += (fraction + 5) / 10;
	if (p != end || v > n->max)
		return false;
	*ret = (int32_t)(negative ? -v : v);
	return true;
}

static bool take_number(struct adsb_message *m, const struct field *f, const struct number *n)
{
	int32_t *v = &m->v[n->value];

	if (!f->len)
		return true;
	if (!to_number(f, n, v))
		return false;
	/* Flags are -1 or 1 when set. */
	if (n->max == 1)
		*v = *v != 0;
	return n->value != ADSB_TRACK_MILLIDEG || *v >= 0;
}

/* @n digits of @base 8 or 16. */
static bool take_digits(const struct field *f, size_t n, unsigned base, uint32_t *ret)
{
	uint32_t v = 0;

	if (f->len != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		static const char all[] = "0123456789ABCDEF";
		const char *at = memchr(all, f->at[i] >= 'a' ? f->at[i] - 0x20 : f->at[i], base);

		if (!at)
			return false;
		v = v * base + (uint32_t)(at - all);
	}
	*ret = v;
	return true;
}

/* readsb puts '~' before what is not ICAO's. */
static bool take_address(struct adsb_message *m, struct field f)
{
	m->is_icao = !f.len || *f.at != '~';
	if (!m->is_icao)
		f.at++, f.len--;
	return take_digits(&f, 6, 16, &m->address);
}

static bool take_squawk(struct adsb_message *m, const struct field *f)
{
	uint32_t v;

	if (!f->len)
		return true;
	if (!take_digits(f, 4, 8, &v))
		return false;
	m->v[ADSB_SQUAWK] = (int32_t)v;
	return true;
}

/* As it would have come on air: legal characters only, no spaces behind. */
static bool take_callsign(struct adsb_message *m, const struct field *f)
{
	size_t n = f->len;

	while (n && (f->at[n - 1] == ' ' || f->at[n - 1] == '@'))
		n--;
	if (n > ADSB_CODE_CALLSIGN)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 #", f->at[i]) || !f->at[i])
			return false;
	memcpy(m->callsign, f->at, n);
	return true;
}

enum adsb_fault adsb_sbs_decode(const char *line, size_t len, struct adsb_message *ret_m)
{
	struct field fields[FIELDS];
	unsigned n = split(line, len, fields);
	uint32_t kind = 0;

	if (n != FIELDS || !take_digits(&fields[KIND], 1, 8 + 1, &kind) || !kind)
		return ADSB_FAULT_SBS;
	adsb_message_init(ret_m);
	if (!take_address(ret_m, fields[ADDRESS]))
		return ADSB_FAULT_SBS;
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!take_number(ret_m, &fields[numbers[i].field], &numbers[i]))
			return ADSB_FAULT_SBS;
	if (!take_squawk(ret_m, &fields[17]) || !take_callsign(ret_m, &fields[CALLSIGN]))
		return ADSB_FAULT_SBS;
	if ((ret_m->v[ADSB_LAT_E7] == ADSB_NONE) != (ret_m->v[ADSB_LON_E7] == ADSB_NONE))
		return ADSB_FAULT_SBS;
	ret_m->v[ADSB_SBS] = (int32_t)kind;
	ret_m->is_verified = ret_m->has_address = true;
	return ADSB_FAULT_NONE;
}
