#include "tests/assert_near.h"

#include <errno.h>
#include <stdlib.h>

#include "adsb_make.h"
#include "common/geo.h"
#include "sensor/decode/adsb/adsb_layout.h"

#define FPM_MPS (0.3048 / 60)

static void again(const struct adsb_message *m, struct adsb_message *ret_back)
{
	uint8_t frame[ADSB_MESSAGE_LONG];
	int n = adsb_message_encode(m, frame);

	assert_true(n > 0);
	assert_int_equal(adsb_message_decode(frame, (size_t)n, ret_back), ADSB_FAULT_NONE);
}

/* Published frames: The 1090 Megahertz Riddle. All canonical. */
static void published_frames_survive_bit_for_bit(void **state)
{
	static const char *const frames[] = { "8D4840D6202CC371C32CE0576098", "8D40621D58C382D690C8AC2863A7",
		"8D40621D58C386435CC412692AD6", "8D485020994409940838175B284F", "8DA05F219B06B6AF189400CBC33F",
		"8C4841753AAB238733C8CD4020B1", "8C4841753A9A153237AEF0F275BE", "8D406B902015A678D4D220AA4BDA",
		"8DA05629EA21485CBF3F8CADAEEB", "8DA2C1B6E112B600000000760759", "5D4D20237A55A6" };

	for (unsigned i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		uint8_t frame[ADSB_MESSAGE_LONG], back[ADSB_MESSAGE_LONG];
		size_t n = adsb_made_hex(frames[i], frame);
		struct adsb_message m;

		assert_int_equal(adsb_message_decode(frame, n, &m), ADSB_FAULT_NONE);
		assert_int_equal(adsb_message_encode(&m, back), (int)n);
		assert_memory_equal(frame, back, n);
	}
}

/* What @bits can hold, as values: both ends, everything between in small fields, and nothing. */
static void field_survives(struct adsb_message *m, const struct adsb_layout_bits *bits)
{
	unsigned n = 1u << bits->width, step = n > 4096 ? n / 4096 + 1 : 1;
	uint8_t raw[16 + BITS_SLACK];
	int32_t was = m->v[bits->value];

	for (unsigned i = 0; i <= n; i = i < n - 1 && i + step > n - 1 ? n - 1 : i + step) {
		struct adsb_message back;

		memset(raw, 0, sizeof(raw));
		for (unsigned k = 0; k < bits->width && i < n; k++)
			if (i >> (bits->width - 1 - k) & 1)
				raw[(bits->bit + k) / 8] |= (uint8_t)(0x80 >> (bits->bit + k) % 8);
		m->v[bits->value] = i < n ? adsb_layout_get(bits, raw) : ADSB_NONE;
		again(m, &back);
		/* Plain fields have no "not available": it is sent as 0. */
		if (m->v[bits->value] != ADSB_NONE || bits->coding != ADSB_PLAIN)
			if (m->v[bits->value] != ADSB_NONE || bits->coding != ADSB_SQUAWK13)
				assert_int_equal(back.v[bits->value], m->v[bits->value]);
		if (i >= n - 1)
			break;
	}
	m->v[bits->value] = was;
}

static void every_field_of_every_format_survives(void **state)
{
	for (unsigned df = 0; df <= 24; df++) {
		const struct adsb_layout_df *l = adsb_layout_df(df);
		struct adsb_message m;

		adsb_message_init(&m);
		m.df = (uint8_t)df;
		m.address = 0xabcdef;
		m.is_icao = true;
		for (unsigned i = 0; i < l->n_bits && l->size; i++)
			field_survives(&m, &l->bits[i]);
	}
}

static void every_field_of_every_type_survives(void **state)
{
	for (unsigned first = 0; first < 256; first++) {
		const struct adsb_layout_me *l = adsb_layout_me((uint8_t)first);
		struct adsb_message m;

		if (!l || (first & 7) >> (3 - l->subtype_width) << (3 - l->subtype_width) != (first & 7))
			continue;
		adsb_message_init(&m);
		m.df = 17;
		m.is_icao = true;
		m.tc = (uint8_t)(first >> 3);
		if (l->subtype_width)
			m.v[ADSB_SUBTYPE] = (int32_t)(first & 7) >> (3 - l->subtype_width);
		/* What others depend on: the version, modes being told, a selected altitude. */
		m.v[ADSB_VERSION] = 2;
		m.v[ADSB_MODES] = 1;
		m.v[ADSB_SEL_ALT_FT] = 320;
		for (unsigned i = 0; i < l->n_bits; i++)
			if (l->bits[i].value != ADSB_VERSION && l->bits[i].value != ADSB_MODES && l->bits[i].value != ADSB_SEL_ALT_FT)
				field_survives(&m, &l->bits[i]);
	}
}

static void positions_survive_within_a_step(void **state)
{
	for (double lat = -89; lat < 90; lat += 7.3)
		for (double lon = -180; lon < 180; lon += 11.1) {
			for (unsigned tc = 5; tc <= 22; tc++) {
				const struct adsb_encode_position p = { .address = 0x123456, .tc = tc, .odd = tc & 1,
					.lat_rad = lat * GEO_DEG, .lon_rad = lon * GEO_DEG, .alt_ft = 51000, .sog_mps = 5, .cog_rad = 3 };
				const struct adsb_cpr_point near = { lat + 0.1, lon };
				struct adsb_cpr_point at;
				struct adsb_message m, back;

				if (tc == 19)
					continue;
				adsb_encode_position(&p, &m);
				again(&m, &back);
				assert_int_equal(adsb_cpr_local(&(struct adsb_cpr){ back.v[ADSB_CPR_LAT], back.v[ADSB_CPR_LON], p.odd,
					tc <= 8 }, &near, &at), 0);
				assert_near(at.lat_deg, lat, 2.4e-5);
				assert_int_equal(tc <= 8, back.v[ADSB_GROUND]);
				if (tc >= 9)
					assert_int_equal(back.v[tc >= 20 ? ADSB_ALT_GEO_FT : ADSB_ALT_FT], 51000);
				else
					assert_near(back.v[ADSB_TRACK_MILLIDEG], 3 / GEO_DEG * 1000, 360000.0 / 128 / 2 + 1);
			}
		}
}

static void velocities_survive_within_a_step(void **state)
{
	for (double kt = 0; kt <= 4000; kt += 37)
		for (double track = 0; track < 360; track += 11) {
			const struct adsb_encode_velocity v = { .address = 1, .sog_mps = kt * GEO_KNOT_MPS, .cog_rad = track * GEO_DEG,
				.climb_mps = (kt - 2000) * FPM_MPS, .geo_minus_baro_ft = (int32_t)track * 8 - 1400, .nac_v = 2 };
			double step = fmax(fabs(kt * sin(track * GEO_DEG)), fabs(kt * cos(track * GEO_DEG))) > 1021 ? 4 : 1;
			struct adsb_message m, back;

			adsb_encode_velocity(&v, &m);
			again(&m, &back);
			assert_near(back.v[ADSB_EW_KT], kt * sin(track * GEO_DEG), step / 2 + 1e-9);
			assert_near(back.v[ADSB_NS_KT], kt * cos(track * GEO_DEG), step / 2 + 1e-9);
			assert_near(back.v[ADSB_GS_MILLIKT], kt * 1000, step * 710);
			assert_near(back.v[ADSB_VRATE_FPM], kt - 2000, 32.001);
			assert_near(back.v[ADSB_GEO_MINUS_BARO_FT], v.geo_minus_baro_ft, 12.5);
			assert_int_equal(back.v[ADSB_NAC_V], 2);
		}
}

static void unknown_velocity_is_sent_as_none(void **state)
{
	const struct adsb_encode_velocity v = { .address = 1, .sog_mps = NAN, .cog_rad = NAN, .climb_mps = NAN,
		.geo_minus_baro_ft = ADSB_NONE };
	struct adsb_message m, back;

	adsb_encode_velocity(&v, &m);
	again(&m, &back);
	assert_int_equal(back.v[ADSB_EW_KT], ADSB_NONE);
	assert_int_equal(back.v[ADSB_GS_MILLIKT], ADSB_NONE);
	assert_int_equal(back.v[ADSB_VRATE_FPM], ADSB_NONE);
	assert_int_equal(back.v[ADSB_GEO_MINUS_BARO_FT], ADSB_NONE);
}

static void identification_survives(void **state)
{
	static const char *const categories[] = { "A0", "A7", "B4", "C3", "D7" };
	struct adsb_message m, back;

	for (unsigned i = 0; i < sizeof(categories) / sizeof(categories[0]); i++) {
		adsb_encode_identification(0xffffff, categories[i], "AB 12", &m);
		again(&m, &back);
		assert_int_equal('A' + 4 - back.tc, categories[i][0]);
		assert_int_equal('0' + back.v[ADSB_CATEGORY], categories[i][1]);
		assert_string_equal(back.callsign, "AB 12");
	}
}

static void avr_is_what_receivers_send(void **state)
{
	uint8_t frame[ADSB_MESSAGE_LONG];
	char text[ADSB_ENCODE_AVR_MAX];
	size_t n = adsb_made_hex("5D4D20237A55A6", frame);

	assert_int_equal(adsb_encode_avr(frame, n, UINT64_MAX, text), 17);
	assert_string_equal(text, "*5D4D20237A55A6;\n");
	assert_int_equal(adsb_encode_avr(frame, n, UINT64_C(0x1234), text), 29);
	assert_string_equal(text, "@0000000012345D4D20237A55A6;\n");
}

static void what_has_no_format_is_not_encoded(void **state)
{
	struct adsb_message m;
	uint8_t frame[ADSB_MESSAGE_LONG];

	adsb_message_init(&m);
	m.df = 19;
	assert_int_equal(adsb_message_encode(&m, frame), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_frames_survive_bit_for_bit),
		cmocka_unit_test(every_field_of_every_format_survives),
		cmocka_unit_test(every_field_of_every_type_survives),
		cmocka_unit_test(positions_survive_within_a_step),
		cmocka_unit_test(velocities_survive_within_a_step),
		cmocka_unit_test(unknown_velocity_is_sent_as_none),
		cmocka_unit_test(identification_survives),
		cmocka_unit_test(avr_is_what_receivers_send),
		cmocka_unit_test(what_has_no_format_is_not_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
