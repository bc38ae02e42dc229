#include "sensor/decode/adsb/adsb_json.h"

#include <math.h>
#include <string.h>

static void put_digits(struct jot *j, uint32_t v, unsigned n, unsigned bits)
{
	static const char all[] = "0123456789abcdef";
	char text[8];

	for (unsigned i = 0; i < n; i++)
		text[i] = all[v >> bits * (n - 1 - i) & ((1u << bits) - 1)];
	jot_text(j, text, n);
}

/* Type code 4 is set A, 1 is set D: DO-260B table 2-19. */
static void put_category(struct jot *j, const struct adsb_message *m, int32_t v)
{
	const char text[2] = { (char)('A' + 4 - m->tc), (char)('0' + v) };

	jot_text(j, text, 2);
}

static void put_value(struct jot *j, const struct adsb_message *m, enum adsb_value which)
{
	const struct adsb_message_value *f = &adsb_message_values[which];
	int32_t v = m->v[which];

	jot_key(j, f->key);
	if (f->show == ADSB_SHOW_BOOL)
		jot_bool(j, v);
	else if (f->show == ADSB_SHOW_SCALED)
		jot_scaled(j, v, 1, f->den, f->decimals);
	else if (f->show == ADSB_SHOW_NAME)
		jot_text(j, f->names[v], strlen(f->names[v]));
	else if (f->show == ADSB_SHOW_SQUAWK)
		put_digits(j, (uint32_t)v, 4, 3);
	else if (f->show == ADSB_SHOW_CATEGORY)
		put_category(j, m, v);
	else
		jot_int(j, v);
}

static void put_address(struct jot *j, const struct adsb_message *m)
{
	jot_key(j, m->is_icao ? "icao" : "address");
	put_digits(j, m->address, 6, 4);
	if (!m->is_verified) {
		jot_key(j, "verified");
		jot_bool(j, false);
	}
}

/* What nobody here has a layout for, as it came. */
static void put_rest(struct jot *j, const struct adsb_message *m)
{
	if (m->size != ADSB_MESSAGE_LONG || m->is_laid_out)
		return;
	if (m->df == 24) {
		jot_key(j, "md");
		jot_hex(j, m->bytes, m->size - 3u);
		return;
	}
	jot_key(j, m->df == 16 ? "mv" : m->df >= 20 ? "mb" : "me");
	jot_hex(j, m->bytes + ADSB_MESSAGE_ME, ADSB_MESSAGE_ME_BYTES);
}

/* Amplitude of 255 in tenths of dB of full scale. */
static void put_level(struct jot *j, int32_t rssi)
{
	jot_key(j, "rssi_dbfs");
	jot_scaled(j, lround(200 * log10(rssi / 255.0)), 1, 10, 1);
}

void adsb_json_put(struct jot *j, const struct adsb_message *m)
{
	jot_open(j, '{');
	if (m->size) {
		jot_key(j, "df");
		jot_int(j, m->df);
	}
	put_address(j, m);
	for (unsigned i = 0; i < ADSB_CATEGORY; i++)
		if (m->v[i] != ADSB_NONE)
			put_value(j, m, i);
	if (*m->callsign) {
		jot_key(j, "callsign");
		jot_text(j, m->callsign, strlen(m->callsign));
	}
	for (unsigned i = ADSB_CATEGORY; i < _ADSB_VALUE_MAX; i++)
		if (m->v[i] != ADSB_NONE)
			put_value(j, m, i);
	put_rest(j, m);
	if (m->rssi != ADSB_NONE)
		put_level(j, m->rssi);
	if (m->ticks != UINT64_MAX) {
		jot_key(j, "ticks");
		jot_int(j, (int64_t)m->ticks);
	}
	jot_close(j, '}');
}
