#include "sensor/decode/adsb/adsb_layout.h"

#include <math.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define BITS(a) .n_bits = N(a), .bits = (a)

/* --- coding --- */

static int32_t get_plain(uint32_t raw, unsigned width, int32_t lsb)
{
	(void)width;
	return (int32_t)raw * lsb;
}

static uint32_t put_plain(int32_t v, unsigned width, int32_t lsb)
{
	(void)width;
	return (uint32_t)(v / lsb);
}

static int32_t get_step(uint32_t raw, unsigned width, int32_t lsb)
{
	(void)width;
	return raw ? (int32_t)(raw - 1) * lsb : ADSB_NONE;
}

static uint32_t put_step(int32_t v, unsigned width, int32_t lsb)
{
	(void)width;
	return (uint32_t)(v / lsb) + 1;
}

static int32_t get_signed_step(uint32_t raw, unsigned width, int32_t lsb)
{
	uint32_t sign = 1u << (width - 1);
	int32_t v = get_step(raw & (sign - 1), width, lsb);

	return raw & sign && v != ADSB_NONE ? -v : v;
}

static uint32_t put_signed_step(int32_t v, unsigned width, int32_t lsb)
{
	return v < 0 ? 1u << (width - 1) | put_step(-v, width, lsb) : put_step(v, width, lsb);
}

static int32_t get_altitude12(uint32_t raw, unsigned width, int32_t lsb)
{
	(void)width, (void)lsb;
	return adsb_code_altitude12(raw);
}

static uint32_t put_altitude12(int32_t v, unsigned width, int32_t lsb)
{
	(void)width, (void)lsb;
	return adsb_code_to_altitude12(v);
}

static int32_t get_altitude13(uint32_t raw, unsigned width, int32_t lsb)
{
	(void)width, (void)lsb;
	return adsb_code_altitude13(raw);
}

static uint32_t put_altitude13(int32_t v, unsigned width, int32_t lsb)
{
	(void)width, (void)lsb;
	return adsb_code_to_altitude13(v);
}

static int32_t get_squawk(uint32_t raw, unsigned width, int32_t lsb)
{
	(void)width, (void)lsb;
	return adsb_code_squawk(raw);
}

static uint32_t put_squawk(int32_t v, unsigned width, int32_t lsb)
{
	(void)width, (void)lsb;
	return adsb_code_to_squawk(v);
}

static int32_t get_angle(uint32_t raw, unsigned width, int32_t lsb)
{
	(void)lsb;
	return (int32_t)((raw * UINT64_C(360000) + (UINT64_C(1) << width) / 2) >> width);
}

static uint32_t put_angle(int32_t v, unsigned width, int32_t lsb)
{
	(void)lsb;
	return (uint32_t)((((uint64_t)(uint32_t)v << width) + 180000) / 360000) & ((1u << width) - 1);
}

static int32_t get_status_angle(uint32_t raw, unsigned width, int32_t lsb)
{
	uint32_t status = 1u << (width - 1);

	return raw & status ? get_angle(raw & (status - 1), width - 1, lsb) : ADSB_NONE;
}

static uint32_t put_status_angle(int32_t v, unsigned width, int32_t lsb)
{
	return 1u << (width - 1) | put_angle(v, width - 1, lsb);
}

static int32_t get_qnh(uint32_t raw, unsigned width, int32_t lsb)
{
	return raw ? 8000 + get_step(raw, width, lsb) : ADSB_NONE;
}

static uint32_t put_qnh(int32_t v, unsigned width, int32_t lsb)
{
	return put_step(v - 8000, width, lsb);
}

static const struct {
	int32_t (*get)(uint32_t raw, unsigned width, int32_t lsb);
	uint32_t (*put)(int32_t v, unsigned width, int32_t lsb);
} codings[_ADSB_CODING_MAX] = {
	[ADSB_PLAIN] = { get_plain, put_plain },
	[ADSB_STEP] = { get_step, put_step },
	[ADSB_SIGNED_STEP] = { get_signed_step, put_signed_step },
	[ADSB_ALTITUDE12] = { get_altitude12, put_altitude12 },
	[ADSB_ALTITUDE13] = { get_altitude13, put_altitude13 },
	[ADSB_SQUAWK13] = { get_squawk, put_squawk },
	[ADSB_ANGLE] = { get_angle, put_angle },
	[ADSB_STATUS_ANGLE] = { get_status_angle, put_status_angle },
	[ADSB_QNH] = { get_qnh, put_qnh },
};

int32_t adsb_layout_get(const struct adsb_layout_bits *bits, const uint8_t *p)
{
	return codings[bits->coding].get((uint32_t)bits_get(p, bits->bit, bits->width), bits->width, bits->lsb);
}

void adsb_layout_put(const struct adsb_layout_bits *bits, int32_t value, uint8_t *p)
{
	uint32_t raw = value == ADSB_NONE ? 0 : codings[bits->coding].put(value, bits->width, bits->lsb);

	for (unsigned i = 0; i < bits->width; i++)
		if (raw >> (bits->width - 1 - i) & 1)
			p[(bits->bit + i) / 8] |= (uint8_t)(0x80 >> (bits->bit + i) % 8);
}

/* --- derived values --- */

/* Ground speed and track of their components: DO-260B 2.2.3.2.6.1. */
static void derive_velocity(struct adsb_message *m)
{
	double east = m->v[ADSB_EW_KT], north = m->v[ADSB_NS_KT];

	if (m->v[ADSB_EW_KT] == ADSB_NONE || m->v[ADSB_NS_KT] == ADSB_NONE)
		return;
	m->v[ADSB_GS_MILLIKT] = (int32_t)lround(hypot(east, north) * 1000);
	if (!m->v[ADSB_GS_MILLIKT])
		return; /* standing still has no direction */

	int32_t track = (int32_t)lround(atan2(east, north) * (180000 / M_PI));

	m->v[ADSB_TRACK_MILLIDEG] = track < 0 ? track + 360000 : track;
}

static void derive_movement(struct adsb_message *m)
{
	m->v[ADSB_GROUND] = 1;
	m->v[ADSB_GS_MILLIKT] = adsb_code_movement(m->v[ADSB_MOVEMENT]);
}

static void derive_surveillance(struct adsb_message *m)
{
	m->v[ADSB_ALERT] = m->v[ADSB_SS] == 1 || m->v[ADSB_SS] == 2;
	m->v[ADSB_SPI] = m->v[ADSB_SS] == 3;
}

/* Version 0 has other bits in its place; version 1 says "no TCAS" where 2 says "TCAS". */
static void derive_status(struct adsb_message *m)
{
	int32_t version = m->v[ADSB_VERSION], subtype = m->v[ADSB_SUBTYPE], tc = m->v[ADSB_TC];

	m->is_laid_out = version == 1 || version == 2;
	if (version == 1)
		m->v[ADSB_TCAS] = ADSB_NONE;
	if (m->is_laid_out)
		return;
	for (unsigned i = ADSB_TC; i < _ADSB_VALUE_MAX; i++)
		m->v[i] = ADSB_NONE;
	m->v[ADSB_TC] = tc;
	m->v[ADSB_SUBTYPE] = subtype;
	m->v[ADSB_VERSION] = version;
}

/* Mode bits hold only when the bit before them says so: DO-260B 2.2.3.2.7.1.3.12. */
static void derive_target(struct adsb_message *m)
{
	static const uint8_t modes[] = { ADSB_AUTOPILOT, ADSB_VNAV, ADSB_ALT_HOLD, ADSB_APPROACH, ADSB_LNAV };

	for (unsigned i = 0; i < N(modes) && !m->v[ADSB_MODES]; i++)
		m->v[modes[i]] = ADSB_NONE;
	if (m->v[ADSB_SEL_ALT_FT] == ADSB_NONE)
		m->v[ADSB_SEL_ALT_FMS] = ADSB_NONE;
}

/* --- the message field of extended squitters; first bit of each is 0 --- */

static const struct adsb_layout_bits identification[] = {
	{ ADSB_CATEGORY, 5, 3, ADSB_PLAIN, 1 },
};

/* DO-260B 2.2.3.2.4 */
static const struct adsb_layout_bits surface[] = {
	{ ADSB_MOVEMENT, 5, 7, ADSB_PLAIN, 1 },
	{ ADSB_TRACK_MILLIDEG, 12, 8, ADSB_STATUS_ANGLE, 1 },
	{ ADSB_UTC, 20, 1, ADSB_PLAIN, 1 },
	{ ADSB_CPR_ODD, 21, 1, ADSB_PLAIN, 1 },
	{ ADSB_CPR_LAT, 22, 17, ADSB_PLAIN, 1 },
	{ ADSB_CPR_LON, 39, 17, ADSB_PLAIN, 1 },
};

/* DO-260B 2.2.3.2.3 */
#define AIRBORNE(altitude) { \
	{ ADSB_SS, 5, 2, ADSB_PLAIN, 1 }, \
	{ ADSB_NIC_B, 7, 1, ADSB_PLAIN, 1 }, \
	{ altitude, 8, 12, ADSB_ALTITUDE12, 1 }, \
	{ ADSB_UTC, 20, 1, ADSB_PLAIN, 1 }, \
	{ ADSB_CPR_ODD, 21, 1, ADSB_PLAIN, 1 }, \
	{ ADSB_CPR_LAT, 22, 17, ADSB_PLAIN, 1 }, \
	{ ADSB_CPR_LON, 39, 17, ADSB_PLAIN, 1 }, \
}
static const struct adsb_layout_bits airborne[] = AIRBORNE(ADSB_ALT_FT);
static const struct adsb_layout_bits airborne_gnss[] = AIRBORNE(ADSB_ALT_GEO_FT);
static const struct adsb_layout_bits no_position[] = { { ADSB_ALT_FT, 8, 12, ADSB_ALTITUDE12, 1 } };

/* DO-260B 2.2.3.2.6. @lsb: 1 kt, or 4 kt of supersonic subtypes */
#define VELOCITY_HEAD \
	{ ADSB_INTENT, 8, 1, ADSB_PLAIN, 1 }, \
	{ ADSB_IFR, 9, 1, ADSB_PLAIN, 1 }, /* version 0; reserved later */ \
	{ ADSB_NAC_V, 10, 3, ADSB_PLAIN, 1 }
#define VELOCITY_TAIL \
	{ ADSB_VRATE_BARO, 35, 1, ADSB_PLAIN, 1 }, \
	{ ADSB_VRATE_FPM, 36, 10, ADSB_SIGNED_STEP, 64 }, \
	{ ADSB_GEO_MINUS_BARO_FT, 48, 8, ADSB_SIGNED_STEP, 25 }
#define GROUND_VELOCITY(lsb) { VELOCITY_HEAD, \
	{ ADSB_EW_KT, 13, 11, ADSB_SIGNED_STEP, lsb }, \
	{ ADSB_NS_KT, 24, 11, ADSB_SIGNED_STEP, lsb }, VELOCITY_TAIL }
#define AIR_VELOCITY(lsb) { VELOCITY_HEAD, \
	{ ADSB_HEADING_MILLIDEG, 13, 11, ADSB_STATUS_ANGLE, 1 }, \
	{ ADSB_IS_TAS, 24, 1, ADSB_PLAIN, 1 }, \
	{ ADSB_AIRSPEED_KT, 25, 10, ADSB_STEP, lsb }, VELOCITY_TAIL }
static const struct adsb_layout_bits ground_velocity[] = GROUND_VELOCITY(1);
static const struct adsb_layout_bits ground_velocity_fast[] = GROUND_VELOCITY(4);
static const struct adsb_layout_bits air_velocity[] = AIR_VELOCITY(1);
static const struct adsb_layout_bits air_velocity_fast[] = AIR_VELOCITY(4);

/* DO-260B 2.2.3.2.7.8.1 */
static const struct adsb_layout_bits emergency[] = {
	{ ADSB_EMERGENCY, 8, 3, ADSB_PLAIN, 1 },
	{ ADSB_SQUAWK, 11, 13, ADSB_SQUAWK13, 1 },
};

/* DO-260A 2.2.3.2.7.1 (subtype 0): what is common with later versions */
static const struct adsb_layout_bits target_v1[] = {
	{ ADSB_NAC_P, 39, 4, ADSB_PLAIN, 1 },
	{ ADSB_NIC_BARO, 43, 1, ADSB_PLAIN, 1 },
	{ ADSB_SIL, 44, 2, ADSB_PLAIN, 1 },
	{ ADSB_EMERGENCY, 53, 3, ADSB_PLAIN, 1 },
};

/* DO-260B 2.2.3.2.7.1 (subtype 1) */
static const struct adsb_layout_bits target_v2[] = {
	{ ADSB_SIL_SUPP, 7, 1, ADSB_PLAIN, 1 },
	{ ADSB_SEL_ALT_FMS, 8, 1, ADSB_PLAIN, 1 },
	{ ADSB_SEL_ALT_FT, 9, 11, ADSB_STEP, 32 },
	{ ADSB_QNH_DECIMB, 20, 9, ADSB_QNH, 8 },
	{ ADSB_SEL_HEADING_MILLIDEG, 29, 10, ADSB_STATUS_ANGLE, 1 },
	{ ADSB_NAC_P, 39, 4, ADSB_PLAIN, 1 },
	{ ADSB_NIC_BARO, 43, 1, ADSB_PLAIN, 1 },
	{ ADSB_SIL, 44, 2, ADSB_PLAIN, 1 },
	{ ADSB_MODES, 46, 1, ADSB_PLAIN, 1 },
	{ ADSB_AUTOPILOT, 47, 1, ADSB_PLAIN, 1 },
	{ ADSB_VNAV, 48, 1, ADSB_PLAIN, 1 },
	{ ADSB_ALT_HOLD, 49, 1, ADSB_PLAIN, 1 },
	{ ADSB_APPROACH, 51, 1, ADSB_PLAIN, 1 },
	{ ADSB_TCAS, 52, 1, ADSB_PLAIN, 1 },
	{ ADSB_LNAV, 53, 1, ADSB_PLAIN, 1 },
};

/* DO-260B 2.2.3.2.7.2 */
#define STATUS_TAIL \
	{ ADSB_RA, 26, 1, ADSB_PLAIN, 1 }, \
	{ ADSB_IDENT, 27, 1, ADSB_PLAIN, 1 }, \
	{ ADSB_ATC, 28, 1, ADSB_PLAIN, 1 }, \
	{ ADSB_SINGLE_ANTENNA, 29, 1, ADSB_PLAIN, 1 }, \
	{ ADSB_SDA, 30, 2, ADSB_PLAIN, 1 }, \
	{ ADSB_VERSION, 40, 3, ADSB_PLAIN, 1 }, \
	{ ADSB_NIC_A, 43, 1, ADSB_PLAIN, 1 }, \
	{ ADSB_NAC_P, 44, 4, ADSB_PLAIN, 1 }, \
	{ ADSB_SIL, 50, 2, ADSB_PLAIN, 1 }, \
	{ ADSB_HRD, 53, 1, ADSB_PLAIN, 1 }, \
	{ ADSB_SIL_SUPP, 54, 1, ADSB_PLAIN, 1 }
static const struct adsb_layout_bits status_airborne[] = {
	{ ADSB_TCAS, 10, 1, ADSB_PLAIN, 1 },
	{ ADSB_ES_IN, 11, 1, ADSB_PLAIN, 1 },
	{ ADSB_ARV, 14, 1, ADSB_PLAIN, 1 },
	{ ADSB_TS, 15, 1, ADSB_PLAIN, 1 },
	{ ADSB_TRAJECTORY, 16, 2, ADSB_PLAIN, 1 },
	{ ADSB_UAT_IN, 18, 1, ADSB_PLAIN, 1 },
	{ ADSB_GVA, 48, 2, ADSB_PLAIN, 1 },
	{ ADSB_NIC_BARO, 52, 1, ADSB_PLAIN, 1 },
	STATUS_TAIL,
};
static const struct adsb_layout_bits status_surface[] = {
	{ ADSB_POA, 10, 1, ADSB_PLAIN, 1 },
	{ ADSB_ES_IN, 11, 1, ADSB_PLAIN, 1 },
	{ ADSB_B2_LOW, 14, 1, ADSB_PLAIN, 1 },
	{ ADSB_UAT_IN, 15, 1, ADSB_PLAIN, 1 },
	{ ADSB_NAC_V, 16, 3, ADSB_PLAIN, 1 },
	{ ADSB_NIC_C, 19, 1, ADSB_PLAIN, 1 },
	{ ADSB_LENGTH_WIDTH, 20, 4, ADSB_PLAIN, 1 },
	{ ADSB_ANTENNA_OFFSET, 32, 8, ADSB_PLAIN, 1 },
	{ ADSB_TRK_HDG, 52, 1, ADSB_PLAIN, 1 },
	STATUS_TAIL,
};

/* Type codes and subtypes, what they hold and what follows from it. IMF: DO-260B 2.2.17 and 2.2.18. */
static const struct adsb_layout_me me_layouts[] = {
	{ 0, 0, 0, 0, 0, 0, 0, BITS(no_position), NULL },
	{ 1, 4, 0, 0, 0, 8, 0, BITS(identification), NULL },
	{ 5, 8, 0, 0, 0, 0, 20, BITS(surface), derive_movement },
	{ 9, 18, 0, 0, 0, 0, 7, BITS(airborne), derive_surveillance },
	{ 19, 19, 3, 1, 1, 0, 8, BITS(ground_velocity), derive_velocity },
	{ 19, 19, 3, 2, 2, 0, 8, BITS(ground_velocity_fast), derive_velocity },
	{ 19, 19, 3, 3, 3, 0, 8, BITS(air_velocity), NULL },
	{ 19, 19, 3, 4, 4, 0, 8, BITS(air_velocity_fast), NULL },
	{ 20, 22, 0, 0, 0, 0, 7, BITS(airborne_gnss), derive_surveillance },
	{ 28, 28, 3, 1, 1, 0, 55, BITS(emergency), NULL },
	{ 29, 29, 2, 0, 0, 0, 0, BITS(target_v1), NULL },
	{ 29, 29, 2, 1, 1, 0, 50, BITS(target_v2), derive_target },
	{ 31, 31, 3, 0, 0, 0, 55, BITS(status_airborne), derive_status },
	{ 31, 31, 3, 1, 1, 0, 55, BITS(status_surface), derive_status },
};

const struct adsb_layout_me *adsb_layout_me(uint8_t first)
{
	unsigned tc = first >> 3;

	for (unsigned i = 0; i < N(me_layouts); i++) {
		const struct adsb_layout_me *l = &me_layouts[i];
		unsigned subtype = (first & 7u) >> (3 - l->subtype_width);

		if (tc < l->tc_first)
			break;
		if (tc <= l->tc_last && (!l->subtype_width || (subtype >= l->subtype_first && subtype <= l->subtype_last)))
			return l;
	}
	return NULL;
}

/* --- downlink formats: Annex 10 volume IV, figure 3-8 and 3.1.2.8 --- */

static const struct adsb_layout_bits acas[] = {
	{ ADSB_VS, 5, 1, ADSB_PLAIN, 1 },
	{ ADSB_CC, 6, 1, ADSB_PLAIN, 1 },
	{ ADSB_SL, 8, 3, ADSB_PLAIN, 1 },
	{ ADSB_RI, 13, 4, ADSB_PLAIN, 1 },
	{ ADSB_ALT_FT, 19, 13, ADSB_ALTITUDE13, 1 },
};
#define REPLY(value, coding) { \
	{ ADSB_FS, 5, 3, ADSB_PLAIN, 1 }, \
	{ ADSB_DR, 8, 5, ADSB_PLAIN, 1 }, \
	{ ADSB_UM, 13, 6, ADSB_PLAIN, 1 }, \
	{ value, 19, 13, coding, 1 }, \
}
static const struct adsb_layout_bits altitude_reply[] = REPLY(ADSB_ALT_FT, ADSB_ALTITUDE13);
static const struct adsb_layout_bits identity_reply[] = REPLY(ADSB_SQUAWK, ADSB_SQUAWK13);
static const struct adsb_layout_bits capability[] = { { ADSB_CA, 5, 3, ADSB_PLAIN, 1 } };
static const struct adsb_layout_bits control[] = { { ADSB_CF, 5, 3, ADSB_PLAIN, 1 } };

static const struct adsb_layout_df df_layouts[32] = {
	[0] = { ADSB_MESSAGE_SHORT, false, BITS(acas) },
	[4] = { ADSB_MESSAGE_SHORT, false, BITS(altitude_reply) },
	[5] = { ADSB_MESSAGE_SHORT, false, BITS(identity_reply) },
	[11] = { ADSB_MESSAGE_SHORT, true, BITS(capability) },
	[16] = { ADSB_MESSAGE_LONG, false, BITS(acas) },
	[17] = { ADSB_MESSAGE_LONG, true, BITS(capability) },
	[18] = { ADSB_MESSAGE_LONG, true, BITS(control) },
	[20] = { ADSB_MESSAGE_LONG, false, BITS(altitude_reply) },
	[21] = { ADSB_MESSAGE_LONG, false, BITS(identity_reply) },
	[24] = { ADSB_MESSAGE_LONG, false, 0, NULL },
};

const struct adsb_layout_df *adsb_layout_df(unsigned df)
{
	return &df_layouts[df];
}
