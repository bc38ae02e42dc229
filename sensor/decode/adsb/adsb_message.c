#include "sensor/decode/adsb/adsb_message.h"

#include <errno.h>
#include <string.h>

#include "sensor/decode/adsb/adsb_crc.h"
#include "sensor/decode/adsb/adsb_layout.h"

#define DF_LONG_ELM 24	     /* DF24..31: two bits of format, the rest is the segment */
#define INTERROGATOR_MAX 79  /* Annex 10 volume IV, 3.1.2.3.3.2: code label and 4 bits; 16..79 are SI codes */
#define CA_GROUND 4    /* CA, Annex 10 volume IV, 3.1.2.5.2.2.1 */
#define CA_AIR 5
#define BDS_20 0x20
#define ADDRESS_BIT 8

/* CF of DF18: DO-260B 2.2.3.2.1.5, 2.2.17, 2.2.18. */
enum { CF_ADSB, CF_ADSB_OTHER, CF_TISB_FINE, CF_TISB_COARSE, CF_MANAGEMENT, CF_TISB_OTHER, CF_ADSR, CF_RESERVED };

#define INT(k) { k, ADSB_SHOW_INT, 1, 0, NULL }
#define BOOL(k) { k, ADSB_SHOW_BOOL, 1, 0, NULL }
#define SCALED(k, den, decimals) { k, ADSB_SHOW_SCALED, den, decimals, NULL }
#define NAME(k, names) { k, ADSB_SHOW_NAME, 1, 0, names }

/* DO-260B table 2-97. */
static const char *const emergencies[8] = { "none", "general", "medical", "fuel", "nordo", "unlawful", "downed", "reserved" };
static const char *const vrate_sources[2] = { "gnss", "baro" };
static const char *const airspeeds[2] = { "ias", "tas" };
static const char *const selectors[2] = { "mcp", "fms" };

const struct adsb_message_value adsb_message_values[_ADSB_VALUE_MAX] = {
	[ADSB_CA] = INT("ca"),
	[ADSB_CF] = INT("cf"),
	[ADSB_FS] = INT("fs"),
	[ADSB_VS] = INT("vs"),
	[ADSB_CC] = INT("cc"),
	[ADSB_SL] = INT("sl"),
	[ADSB_RI] = INT("ri"),
	[ADSB_DR] = INT("dr"),
	[ADSB_UM] = INT("um"),
	[ADSB_IID] = INT("iid"),
	[ADSB_SBS] = INT("sbs"),
	[ADSB_TC] = INT("tc"),
	[ADSB_SUBTYPE] = INT("subtype"),
	[ADSB_CATEGORY] = { "category", ADSB_SHOW_CATEGORY, 1, 0, NULL },
	[ADSB_ALT_FT] = INT("alt_ft"),
	[ADSB_ALT_METRIC] = BOOL("alt_metric"),
	[ADSB_ALT_GEO_FT] = INT("alt_geo_ft"),
	[ADSB_GEO_MINUS_BARO_FT] = INT("geo_minus_baro_ft"),
	[ADSB_CPR_ODD] = INT("cpr_odd"),
	[ADSB_CPR_LAT] = INT("cpr_lat"),
	[ADSB_CPR_LON] = INT("cpr_lon"),
	[ADSB_UTC] = BOOL("utc"),
	[ADSB_LAT_E7] = SCALED("lat", 10000000, 7),
	[ADSB_LON_E7] = SCALED("lon", 10000000, 7),
	[ADSB_MOVEMENT] = INT("movement"),
	[ADSB_EW_KT] = INT("ew_kt"),
	[ADSB_NS_KT] = INT("ns_kt"),
	[ADSB_GS_MILLIKT] = SCALED("gs_kt", 1000, 3),
	[ADSB_TRACK_MILLIDEG] = SCALED("track_deg", 1000, 3),
	[ADSB_HEADING_MILLIDEG] = SCALED("heading_deg", 1000, 3),
	[ADSB_IS_TAS] = NAME("airspeed", airspeeds),
	[ADSB_AIRSPEED_KT] = INT("airspeed_kt"),
	[ADSB_VRATE_FPM] = INT("vrate_fpm"),
	[ADSB_VRATE_BARO] = NAME("vrate_source", vrate_sources),
	[ADSB_INTENT] = BOOL("intent_change"),
	[ADSB_IFR] = BOOL("ifr"),
	[ADSB_NAC_V] = INT("nac_v"),
	[ADSB_SQUAWK] = { "squawk", ADSB_SHOW_SQUAWK, 1, 0, NULL },
	[ADSB_EMERGENCY] = NAME("emergency", emergencies),
	[ADSB_EMERGENCY_FLAG] = BOOL("emergency_flag"),
	[ADSB_SS] = INT("ss"),
	[ADSB_ALERT] = BOOL("alert"),
	[ADSB_SPI] = BOOL("spi"),
	[ADSB_GROUND] = BOOL("ground"),
	[ADSB_SEL_ALT_FMS] = NAME("sel_alt_source", selectors),
	[ADSB_SEL_ALT_FT] = INT("sel_alt_ft"),
	[ADSB_QNH_DECIMB] = SCALED("qnh_mb", 10, 1),
	[ADSB_SEL_HEADING_MILLIDEG] = SCALED("sel_heading_deg", 1000, 3),
	[ADSB_MODES] = BOOL("modes"),
	[ADSB_AUTOPILOT] = BOOL("autopilot"),
	[ADSB_VNAV] = BOOL("vnav"),
	[ADSB_ALT_HOLD] = BOOL("alt_hold"),
	[ADSB_APPROACH] = BOOL("approach"),
	[ADSB_LNAV] = BOOL("lnav"),
	[ADSB_VERSION] = INT("version"),
	[ADSB_NIC_A] = INT("nic_a"),
	[ADSB_NIC_B] = INT("nic_b"),
	[ADSB_NIC_C] = INT("nic_c"),
	[ADSB_NAC_P] = INT("nac_p"),
	[ADSB_GVA] = INT("gva"),
	[ADSB_SIL] = INT("sil"),
	[ADSB_SIL_SUPP] = INT("sil_supp"),
	[ADSB_NIC_BARO] = INT("nic_baro"),
	[ADSB_SDA] = INT("sda"),
	[ADSB_HRD] = INT("hrd"),
	[ADSB_TRK_HDG] = INT("trk_hdg"),
	[ADSB_TCAS] = BOOL("tcas"),
	[ADSB_ES_IN] = BOOL("es_in"),
	[ADSB_UAT_IN] = BOOL("uat_in"),
	[ADSB_ARV] = BOOL("arv"),
	[ADSB_TS] = BOOL("ts"),
	[ADSB_TRAJECTORY] = INT("trajectory"),
	[ADSB_POA] = BOOL("poa"),
	[ADSB_B2_LOW] = BOOL("b2_low"),
	[ADSB_LENGTH_WIDTH] = INT("length_width"),
	[ADSB_ANTENNA_OFFSET] = INT("antenna_offset"),
	[ADSB_RA] = BOOL("ra"),
	[ADSB_IDENT] = BOOL("ident"),
	[ADSB_ATC] = BOOL("atc"),
	[ADSB_SINGLE_ANTENNA] = BOOL("single_antenna"),
	[ADSB_NIC] = INT("nic"),
	[ADSB_RC_M] = INT("rc_m"),
};

void adsb_message_init(struct adsb_message *m)
{
	static const struct adsb_message unknown = {
		.v = { [0 ... _ADSB_VALUE_MAX - 1] = ADSB_NONE },
		.ticks = UINT64_MAX,
		.rssi = ADSB_NONE,
	};

	*m = unknown;
}

/* --- decoding --- */

static void get_all(struct adsb_message *m, const struct adsb_layout_bits *bits, unsigned n, const uint8_t *p)
{
	for (unsigned i = 0; i < n; i++)
		m->v[bits[i].value] = adsb_layout_get(&bits[i], p);
}

/* Messages that say by a bit (ICAO Mode Flag) whether the address is ICAO's. */
static bool has_imf(const struct adsb_message *m)
{
	return m->df == 18 && (m->v[ADSB_CF] == CF_TISB_FINE || m->v[ADSB_CF] == CF_ADSR);
}

/* Whose address it is when another than the aircraft itself may have sent it. */
static bool is_icao(const struct adsb_message *m, const struct adsb_layout_me *l, const uint8_t *me)
{
	if (m->df != 18)
		return true;

	int32_t cf = m->v[ADSB_CF];

	if (cf == CF_ADSB)
		return true;
	return has_imf(m) && !(l && l->imf_bit && bits_get(me, l->imf_bit, 1));
}

/* There the bit means what it means, not what it would mean in an aircraft's own squitter. */
static void forget_imf(struct adsb_message *m, const struct adsb_layout_me *l)
{
	for (unsigned i = 0; i < l->n_bits && l->imf_bit && has_imf(m); i++)
		if (l->bits[i].bit == l->imf_bit)
			m->v[l->bits[i].value] = ADSB_NONE;
}

static void decode_squitter(struct adsb_message *m)
{
	const uint8_t *me = m->bytes + ADSB_MESSAGE_ME;
	const struct adsb_layout_me *l;
	int32_t cf = m->v[ADSB_CF];

	m->is_icao = is_icao(m, NULL, me);
	if (m->df == 18 && (cf == CF_TISB_COARSE || cf == CF_MANAGEMENT || cf == CF_RESERVED))
		return; /* other layouts */
	m->is_squitter = true;
	m->tc = me[0] >> 3;
	m->v[ADSB_TC] = m->tc;
	l = adsb_layout_me(me[0]);
	if (!l)
		return;
	m->is_laid_out = true;
	m->is_icao = is_icao(m, l, me);
	if (l->subtype_width)
		m->v[ADSB_SUBTYPE] = (int32_t)bits_get(me, 5, l->subtype_width);
	get_all(m, l->bits, l->n_bits, me);
	forget_imf(m, l);
	if (l->callsign_bit)
		(void)adsb_code_callsign(bits_get(me, l->callsign_bit, 48), m->callsign);
	if (l->derive)
		l->derive(m);
}

/* Comm-B register 2,0 says so in its first byte; eight legal characters make it certain enough: no gap, not empty. */
static void decode_comm_b(struct adsb_message *m)
{
	const uint8_t *mb = m->bytes + ADSB_MESSAGE_ME;
	char text[ADSB_CODE_CALLSIGN + 1];

	if (mb[0] != BDS_20 || !adsb_code_callsign(bits_get(mb, 8, 48), text) || !*text || strchr(text, ' '))
		return;
	memcpy(m->callsign, text, sizeof(text));
}

/* Flight status: Annex 10 volume IV, 3.1.2.6.5.1. */
static void decode_flight_status(struct adsb_message *m)
{
	static const struct {
		int8_t ground, alert, spi; /* -1 = either */
	} meanings[8] = { { 0, 0, 0 }, { 1, 0, 0 }, { 0, 1, 0 }, { 1, 1, 0 }, { -1, 1, 1 }, { -1, 0, 1 }, { -1, -1, -1 },
		{ -1, -1, -1 } };
	int32_t fs = m->v[ADSB_FS];

	if (fs == ADSB_NONE || meanings[fs].alert < 0)
		return;
	m->v[ADSB_ALERT] = meanings[fs].alert;
	m->v[ADSB_SPI] = meanings[fs].spi;
	if (meanings[fs].ground >= 0)
		m->v[ADSB_GROUND] = meanings[fs].ground;
}

static void decode_ground(struct adsb_message *m)
{
	int32_t ca = m->v[ADSB_CA];

	decode_flight_status(m);
	if (m->v[ADSB_VS] != ADSB_NONE)
		m->v[ADSB_GROUND] = m->v[ADSB_VS];
	if (ca == CA_GROUND || ca == CA_AIR)
		m->v[ADSB_GROUND] = ca == CA_GROUND;
}

static enum adsb_fault check_parity(struct adsb_message *m)
{
	if (m->df == 11 && m->residual <= INTERROGATOR_MAX) {
		m->v[ADSB_IID] = (int32_t)m->residual;
		return ADSB_FAULT_NONE;
	}
	return m->residual ? ADSB_FAULT_PARITY : ADSB_FAULT_NONE;
}

static bool has_altitude_code(unsigned df)
{
	return df == 0 || df == 4 || df == 16 || df == 20;
}

static void decode_body(struct adsb_message *m, const struct adsb_layout_df *l)
{
	get_all(m, l->bits, l->n_bits, m->bytes);
	decode_ground(m);
	if (has_altitude_code(m->df) && adsb_code_is_metric((uint32_t)bits_get(m->bytes, 19, 13)))
		m->v[ADSB_ALT_METRIC] = 1;
	if (m->df == 17 || m->df == 18)
		decode_squitter(m);
	else if (m->df == 20 || m->df == 21)
		decode_comm_b(m);
}

enum adsb_fault adsb_message_decode(const uint8_t *frame, size_t size, struct adsb_message *ret_m)
{
	unsigned df = frame[0] >> 3 >= DF_LONG_ELM ? DF_LONG_ELM : frame[0] >> 3;
	const struct adsb_layout_df *l = adsb_layout_df(df);

	if (!l->size)
		return ADSB_FAULT_DF;
	if (l->size != size)
		return ADSB_FAULT_LENGTH;
	adsb_message_init(ret_m);
	memcpy(ret_m->bytes, frame, size);
	ret_m->size = (uint8_t)size;
	ret_m->df = (uint8_t)df;
	ret_m->residual = adsb_crc_residual(frame, size);
	ret_m->has_address = l->has_address;
	ret_m->is_icao = true;
	if (l->has_address) {
		enum adsb_fault f = check_parity(ret_m);

		if (f != ADSB_FAULT_NONE)
			return f;
		ret_m->address = (uint32_t)bits_get(ret_m->bytes, ADDRESS_BIT, 24);
		ret_m->is_verified = ret_m->residual == 0;
	} else {
		ret_m->address = ret_m->residual;
	}
	decode_body(ret_m, l);
	return ADSB_FAULT_NONE;
}

/* --- encoding --- */

static void put_all(const struct adsb_message *m, const struct adsb_layout_bits *bits, unsigned n, uint8_t *p)
{
	for (unsigned i = 0; i < n; i++)
		adsb_layout_put(&bits[i], m->v[bits[i].value], p);
}

static void put_number(uint8_t *p, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

static void encode_squitter(const struct adsb_message *m, uint8_t *me)
{
	const struct adsb_layout_me *l;
	int32_t subtype = m->v[ADSB_SUBTYPE];

	me[0] = (uint8_t)(m->tc << 3);
	if (subtype != ADSB_NONE)
		me[0] |= (uint8_t)(m->tc == 29 ? subtype << 1 : subtype);
	l = adsb_layout_me(me[0]);
	if (!l)
		return;
	if (l->callsign_bit)
		put_number(me + l->callsign_bit / 8, adsb_code_to_callsign(m->callsign), 6);
	if (l->imf_bit && has_imf(m) && !m->is_icao)
		me[l->imf_bit / 8] |= (uint8_t)(0x80 >> l->imf_bit % 8);
	put_all(m, l->bits, l->n_bits, me);
}

static void encode_comm_b(const struct adsb_message *m, uint8_t *mb)
{
	if (!*m->callsign)
		return;
	mb[0] = BDS_20;
	put_number(mb + 1, adsb_code_to_callsign(m->callsign), 6);
}

int adsb_message_encode(const struct adsb_message *m, uint8_t ret_frame[static ADSB_MESSAGE_LONG])
{
	const struct adsb_layout_df *l = adsb_layout_df(m->df & 31);
	uint8_t f[ADSB_MESSAGE_LONG] = { 0 };
	uint32_t parity;

	if (!l->size || m->df > 31)
		return -EINVAL;
	f[0] = (uint8_t)(m->df << 3);
	put_all(m, l->bits, l->n_bits, f);
	if (l->has_address)
		put_number(f + ADDRESS_BIT / 8, m->address, 3);
	if (m->df == 17 || m->df == 18)
		encode_squitter(m, f + ADSB_MESSAGE_ME);
	else if (m->df == 20 || m->df == 21)
		encode_comm_b(m, f + ADSB_MESSAGE_ME);
	parity = adsb_crc(f, l->size - 3u) ^ (l->has_address ? m->residual : m->address);
	put_number(f + l->size - 3, parity, 3);
	memcpy(ret_frame, f, sizeof(f));
	return l->size;
}

/* --- checksum --- */

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

#define LANES 4

/* Four chains at once: a multiplication is waited for in all of them together. */
static uint64_t mix_values(const int32_t *v, uint64_t h)
{
	uint64_t lanes[LANES] = { h, h + 1, h + 2, h + 3 }, word;
	unsigned i = 0;

	for (; i + 2 * LANES <= _ADSB_VALUE_MAX; i += 2 * LANES)
		for (unsigned k = 0; k < LANES; k++) {
			memcpy(&word, v + i + 2 * k, sizeof(word));
			lanes[k] = mix(lanes[k], word);
		}
	for (; i < _ADSB_VALUE_MAX; i++)
		lanes[0] = mix(lanes[0], (uint32_t)v[i]);
	return mix(mix(lanes[0], lanes[1]), mix(lanes[2], lanes[3]));
}

uint64_t adsb_message_hash(const struct adsb_message *m, uint64_t seed)
{
	uint64_t word, h;

	memcpy(&word, m->callsign, sizeof(word));
	h = mix(mix(seed, word), m->address | (uint64_t)m->df << 24 | (uint64_t)m->is_icao << 32 | (uint64_t)m->is_verified << 33);
	h = mix_values(m->v, mix(mix(h, m->ticks), (uint32_t)m->rssi));
	for (unsigned i = 0; i < ADSB_MESSAGE_LONG; i += sizeof(word)) { /* into the slack, which is 0 */
		memcpy(&word, m->bytes + i, sizeof(word));
		h = mix(h, word);
	}
	return h;
}
