#include "tests/assert_near.h"

#include <stdlib.h>

#include "adsb_make.h"
#include "sensor/decode/adsb/adsb_crc.h"

static struct adsb adsb;
static struct adsb_made made;

static int fresh(void **state)
{
	memset(&adsb, 0, sizeof(adsb));
	memset(&made, 0, sizeof(made));
	return 0;
}

static const char *json_of(const struct adsb_message *m)
{
	static char buf[ADSB_JSON_MAX];
	struct jot j;

	jot_init(&j, buf, sizeof(buf) - 1);
	adsb_json_put(&j, m);
	assert_false(j.full);
	buf[j.len] = 0;
	return buf;
}

static enum adsb_fault decode_hex(const char *hex, struct adsb_message *m)
{
	uint8_t frame[ADSB_MESSAGE_LONG];
	size_t n = adsb_made_hex(hex, frame);

	return adsb_message_decode(frame, n, m);
}

/* Published frames: The 1090 Megahertz Riddle (Sun), and dump1090's own examples. */
static const struct {
	const char *hex, *json;
} known[] = {
	{ "8D4840D6202CC371C32CE0576098",
		"{\"df\":17,\"icao\":\"4840d6\",\"ca\":5,\"tc\":4,\"callsign\":\"KLM1023\",\"category\":\"A0\",\"ground\":false}" },
	{ "8D40621D58C382D690C8AC2863A7",
		"{\"df\":17,\"icao\":\"40621d\",\"ca\":5,\"tc\":11,\"alt_ft\":38000,\"cpr_odd\":0,\"cpr_lat\":93000,"
		"\"cpr_lon\":51372,\"utc\":false,\"ss\":0,\"alert\":false,\"spi\":false,\"ground\":false,\"nic_b\":0}" },
	{ "8D485020994409940838175B284F",
		"{\"df\":17,\"icao\":\"485020\",\"ca\":5,\"tc\":19,\"subtype\":1,\"geo_minus_baro_ft\":550,\"ew_kt\":-8,"
		"\"ns_kt\":-159,\"gs_kt\":159.201,\"track_deg\":182.88,\"vrate_fpm\":-832,\"vrate_source\":\"gnss\","
		"\"intent_change\":false,\"ifr\":true,\"nac_v\":0,\"ground\":false}" },
	{ "8DA05F219B06B6AF189400CBC33F",
		"{\"df\":17,\"icao\":\"a05f21\",\"ca\":5,\"tc\":19,\"subtype\":3,\"heading_deg\":243.984,\"airspeed\":\"tas\","
		"\"airspeed_kt\":375,\"vrate_fpm\":-2304,\"vrate_source\":\"baro\",\"intent_change\":false,\"ifr\":false,\"nac_v\":0,"
		"\"ground\":false}" },
	{ "8C4841753A9A153237AEF0F275BE",
		"{\"df\":17,\"icao\":\"484175\",\"ca\":4,\"tc\":7,\"cpr_odd\":1,\"cpr_lat\":39195,\"cpr_lon\":110320,"
		"\"utc\":false,\"movement\":41,\"gs_kt\":17,\"track_deg\":92.813,\"ground\":true}" },
	{ "8DA05629EA21485CBF3F8CADAEEB",
		"{\"df\":17,\"icao\":\"a05629\",\"ca\":5,\"tc\":29,\"subtype\":1,\"ground\":false,\"sel_alt_source\":\"mcp\","
		"\"sel_alt_ft\":16992,\"qnh_mb\":1012.8,\"sel_heading_deg\":66.797,\"modes\":true,\"autopilot\":true,"
		"\"vnav\":true,\"alt_hold\":false,\"approach\":false,\"lnav\":true,\"nac_p\":9,\"sil\":3,\"sil_supp\":0,"
		"\"nic_baro\":1,\"tcas\":true}" },
};

static void published_frames_read_as_published(void **state)
{
	struct adsb_message m;

	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_int_equal(decode_hex(known[i].hex, &m), ADSB_FAULT_NONE);
		assert_string_equal(json_of(&m), known[i].json);
	}
}

static void published_parity_is_zero(void **state)
{
	uint8_t frame[ADSB_MESSAGE_LONG];

	assert_int_equal(adsb_crc_residual(frame, adsb_made_hex("8D406B902015A678D4D220AA4BDA", frame)), 0);
	/* A DF20 reply's parity hides its address. */
	assert_int_equal(adsb_crc_residual(frame, adsb_made_hex("A0001838CA380031440000F24177", frame)), 0x3c6dd0);
}

static void every_bit_flip_of_a_squitter_is_seen(void **state)
{
	uint8_t frame[ADSB_MESSAGE_LONG];
	size_t size = adsb_made_hex("8D4840D6202CC371C32CE0576098", frame);
	struct adsb_message m;

	for (unsigned i = 0; i < 8 * size; i++)
		for (unsigned k = i; k < 8 * size; k++) {
			frame[i / 8] ^= (uint8_t)(0x80 >> i % 8);
			if (k != i)
				frame[k / 8] ^= (uint8_t)(0x80 >> k % 8);
			if ((frame[0] >> 3) == 17)
				assert_int_equal(adsb_message_decode(frame, size, &m), ADSB_FAULT_PARITY);
			frame[i / 8] ^= (uint8_t)(0x80 >> i % 8);
			if (k != i)
				frame[k / 8] ^= (uint8_t)(0x80 >> k % 8);
		}
}

static void altitudes_of_both_codes_survive(void **state)
{
	for (int32_t ft = -1000; ft <= 50175; ft += 25)
		assert_int_equal(adsb_code_altitude12(adsb_code_to_altitude12(ft)), ft);
	for (int32_t ft = 50200; ft <= 126700; ft += 100)
		assert_int_equal(adsb_code_altitude13(adsb_code_to_altitude13(ft)), ft);
	assert_int_equal(adsb_code_to_altitude12(ADSB_NONE), 0);
	assert_int_equal(adsb_code_altitude12(adsb_code_to_altitude12(-1100)), -1100);
	assert_int_equal(adsb_code_to_altitude12(-1225), 0);
	assert_int_equal(adsb_code_to_altitude12(126725), 0);
	assert_int_equal(adsb_code_altitude12(0), ADSB_NONE);
	/* Every legal code is somebody's altitude, and the illegal ones nobody's. */
	for (uint32_t code = 1; code < 4096; code++) {
		int32_t ft = adsb_code_altitude12(code);

		if (ft != ADSB_NONE && (code & 0x10 || ft > 50175 || ft < -1000))
			assert_int_equal(adsb_code_to_altitude12(ft), code);
	}
}

/* Annex 10 volume IV, appendix to chapter 3: codes in the order A B C D. */
static void mode_c_codes_are_the_tables(void **state)
{
	static const struct {
		int32_t squawk, ft;
	} rows[] = { { 0040, -1200 }, { 0060, -1100 }, { 0020, -1000 }, { 0620, 0 } };

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(adsb_code_altitude13(adsb_code_to_squawk(rows[i].squawk)), rows[i].ft);
}

static void metric_altitude_is_recognised_and_left_alone(void **state)
{
	struct adsb_message m, back;
	uint8_t frame[ADSB_MESSAGE_LONG];

	adsb_message_init(&m);
	m.df = 4;
	m.address = 0x123456;
	m.v[ADSB_FS] = m.v[ADSB_DR] = m.v[ADSB_UM] = 0;
	int n = adsb_message_encode(&m, frame);
	frame[3] |= 0x40; /* M */
	(void)adsb_message_decode(frame, (size_t)n, &back);
	assert_int_equal(back.v[ADSB_ALT_FT], ADSB_NONE);
	assert_int_equal(back.v[ADSB_ALT_METRIC], 1);
}

static void squawks_survive(void **state)
{
	for (int32_t squawk = 0; squawk < 010000; squawk++)
		assert_int_equal(adsb_code_squawk(adsb_code_to_squawk(squawk)), squawk);
	assert_int_equal(adsb_code_squawk(0x0808), 01200); /* published: 0x0808 is 1200 */
}

static void movements_survive(void **state)
{
	for (int32_t code = 1; code <= 124; code++)
		assert_int_equal(adsb_code_to_movement(adsb_code_movement(code)), code);
	assert_int_equal(adsb_code_movement(0), ADSB_NONE);
	assert_int_equal(adsb_code_movement(125), ADSB_NONE);
	assert_int_equal(adsb_code_to_movement(ADSB_NONE), 0);
	assert_int_equal(adsb_code_movement(8), 875);
	assert_int_equal(adsb_code_movement(93), 69000);
	assert_int_equal(adsb_code_to_movement(1000000), 124);
}

static void callsigns_keep_to_their_alphabet(void **state)
{
	char text[ADSB_CODE_CALLSIGN + 1];

	assert_true(adsb_code_callsign(adsb_code_to_callsign("AZ09"), text));
	assert_string_equal(text, "AZ09");
	assert_true(adsb_code_callsign(adsb_code_to_callsign("AB CD678"), text));
	assert_string_equal(text, "AB CD678");
	assert_false(adsb_code_callsign(0, text));
	assert_string_equal(text, "########");
}

static void all_three_forms_are_found_together(void **state)
{
	static const char text[] = "*8D4840D6202CC371C32CE0576098;\r\n"
				   "@00000000abcd8D4840D6202CC371C32CE0576098;\n"
				   "<00000000ABCD808D4840D6202CC371C32CE0576098;"
				   "MSG,3,1,1,4840D6,1,2026/01/01,00:00:00.000,2026/01/01,00:00:00.000,,38000,,,52.1,-3.5,,,0,,0,0\r\n"
				   "STA,,5,179,400AE7,10103,2008/11/28,14:58:51.153,2008/11/28,14:58:51.153,RM\r\n"
				   "*7700;"
				   "MSG,1,1,1,~4840D7,1,,,,,KLM1023 ,,,,,,,,,,,";

	adsb_made_text(&adsb, text, 0, &made);
	assert_int_equal(made.n, 5);
	assert_int_equal(made.m[1].ticks, 0xabcd);
	assert_int_equal(made.m[2].rssi, 128);
	assert_string_equal(made.m[4].callsign, "KLM1023");
	assert_false(made.m[4].is_icao);
	assert_int_equal(adsb.stats.messages, 5);
	assert_int_equal(adsb.stats.others, 1);
	assert_int_equal(adsb.stats.modeac, 1);
	for (unsigned i = 0; i < _ADSB_FAULT_MAX; i++)
		assert_int_equal(adsb.stats.faults[i], 0);
}

static void line_of_basestation_reads(void **state)
{
	adsb_made_text(&adsb, "MSG,4,1,1,4d2023,1,2026/11/23,19:06:08.462,2026/11/23,19:06:08.462,,-25,390.6,158.25,,,-1920,7700,-1,1,0,-1\n", 0,
		&made);
	assert_int_equal(made.n, 1);
	assert_string_equal(json_of(&made.m[0]),
		"{\"icao\":\"4d2023\",\"sbs\":4,\"alt_ft\":-25,\"gs_kt\":390.6,\"track_deg\":158.25,\"vrate_fpm\":-1920,"
		"\"squawk\":\"7700\",\"emergency_flag\":true,\"alert\":true,\"spi\":false,\"ground\":true}");
}

static void bad_lines_are_counted_beside_good_ones(void **state)
{
	static const char *const bad[] = {
		"MSG,3,1,1,4D2023,1,,,,,,1,,,,,,,,,,,\n",	     /* a field too many */
		"MSG,3,1,1,4D2023,1,,,,,,,,,,,,,,,\n",		     /* one too few */
		"MSG,9,1,1,4D2023,1,,,,,,,,,,,,,,,,\n",	     /* no such kind */
		"MSG,3,1,1,4D202,1,,,,,,,,,,,,,,,,\n",		     /* address */
		"MSG,3,1,1,4D202G,1,,,,,,,,,,,,,,,,\n",	     /* address */
		"MSG,3,1,1,4D2023,1,,,,,,,,,91,1,,,,,,\n",	     /* latitude */
		"MSG,3,1,1,4D2023,1,,,,,,,,,9,181,,,,,,\n",	     /* longitude */
		"MSG,3,1,1,4D2023,1,,,,,,,,,9,,,,,,,\n",	     /* half a position */
		"MSG,3,1,1,4D2023,1,,,,,,1e3,,,,,,,,,,\n",	     /* no number */
		"MSG,3,1,1,4D2023,1,,,,,,99999999999999999999,,,,,,,,,,\n",
		"MSG,3,1,1,4D2023,1,,,,,ABCDEFGHI,,,,,,,,,,,\n", /* callsign */
		"MSG,3,1,1,4D2023,1,,,,,ab,,,,,,,,,,,\n",
		"MSG,6,1,1,4D2023,1,,,,,,,,,,,,7800,,,,\n", /* squawk */
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		adsb_made_text(&adsb, bad[i], 0, &made);
		assert_int_equal(made.n, i);
		assert_int_equal(adsb.stats.faults[ADSB_FAULT_SBS], i + 1);
		adsb_made_text(&adsb, "*8D4840D6202CC371C32CE0576098;", 0, &made);
		assert_int_equal(made.n, i + 1);
	}
}

static void wrong_text_is_counted(void **state)
{
	static const char *const bad[] = { "*8D4840D6202CC371C32CE05760;", "*8D4840D6202CC371C32CE0576098998877665544332211;",
		"*8D4840D6202CC371C32CE05760G8;", "*8D4840D6202CC371C32CE057609;", "@1234;", "*;" };

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		adsb_made_text(&adsb, bad[i], 0, &made);
		assert_int_equal(made.n, 0);
		assert_int_equal(adsb.stats.faults[ADSB_FAULT_TEXT], i + 1);
	}
}

static size_t beast_of(const char *hex, uint64_t ticks, uint8_t *ret_bytes)
{
	uint8_t frame[ADSB_MESSAGE_LONG];
	size_t size = adsb_made_hex(hex, frame);

	return adsb_encode_beast(frame, size, ticks, 0x1a, ret_bytes);
}

/* A frame, a clock and a level full of escapes. */
static void escapes_survive(void **state)
{
	struct adsb_message m;
	uint8_t bytes[ADSB_ENCODE_BEAST_MAX];

	adsb_encode_identification(0x1a1a1a, "A1", "HHHHHHHH", &m);
	m.v[ADSB_CA] = 2;
	adsb_made_message(&adsb, &m, 0, NULL, &made);
	assert_int_equal(made.n, 1);
	assert_int_equal(made.m[0].address, 0x1a1a1a);

	size_t n = beast_of("8D4840D6202CC371C32CE0576098", UINT64_C(0x1a1a1a1a1a1a), bytes);

	assert_int_equal(n, 2 + 7 + 14 + 7);
	adsb_made_decode(&adsb, bytes, n, 0, NULL, &made);
	assert_int_equal(made.n, 2);
	assert_int_equal(made.m[1].ticks, UINT64_C(0x1a1a1a1a1a1a));
	assert_int_equal(made.m[1].rssi, 0x1a);
}

/* Every beginning of a frame is counted once as truncated and costs nothing behind it; cut() waits for the rest. */
static void every_truncation_is_told(void **state)
{
	uint8_t bytes[2 * ADSB_ENCODE_BEAST_MAX];
	size_t n = beast_of("8D4840D6202CC371C32CE0576098", UINT64_C(0x1a00ff1a), bytes);

	for (size_t cut = 1; cut < n; cut++) {
		fresh(NULL);
		assert_int_equal(adsb_cut(bytes, cut), 0);
		adsb_made_decode(&adsb, bytes, cut, 0, NULL, &made);
		assert_int_equal(made.n, 0);
		assert_true(adsb.stats.faults[ADSB_FAULT_TRUNCATED] >= 1);
		/* The next frame cuts it short and is read. */
		uint8_t both[2 * ADSB_ENCODE_BEAST_MAX];
		if (bytes[cut - 1] == 0x1a)
			continue; /* half an escape takes the next one's first byte */
		memcpy(both, bytes, cut);
		size_t m = beast_of("8D4840D6202CC371C32CE0576098", 5, both + cut);
		adsb_made_decode(&adsb, both, cut + m, 0, NULL, &made);
		assert_int_equal(made.n, 1);
	}
	assert_int_equal(adsb_cut(bytes, n), n);
}

static void every_slice_of_a_stream_gives_the_same(void **state)
{
	static const char text[] = "*8D4840D6202CC371C32CE0576098;\r\n"
				   "MSG,1,1,1,4840D7,1,,,,,KLM1023 ,,,,,,,,,,,\r\n@00000000abcd5d4d20237a55a6;\n";
	uint8_t bytes[256];
	size_t size = sizeof(text) - 1;

	memcpy(bytes, text, size);
	size += beast_of("8D4840D6202CC371C32CE0576098", UINT64_C(0x1a1a), bytes + size);
	for (size_t cut = 0; cut <= size; cut++) {
		size_t first = adsb_cut(bytes, cut);

		fresh(NULL);
		assert_true(first <= cut);
		adsb_made_decode(&adsb, bytes, first, 0, NULL, &made);
		adsb_made_decode(&adsb, bytes + first, size - first, 0, NULL, &made);
		assert_int_equal(made.n, 4);
		for (unsigned i = 0; i < _ADSB_FAULT_MAX; i++)
			assert_int_equal(adsb.stats.faults[i], 0);
	}
}

static void unknown_kinds_and_garbage_are_skipped(void **state)
{
	uint8_t bytes[128] = { 0x1a, 'x', 1, 2, 3, 0xff, 0xfe, 'q' };
	size_t n = 8 + beast_of("8D4840D6202CC371C32CE0576098", 1, bytes + 8);

	adsb_made_decode(&adsb, bytes, n, 0, NULL, &made);
	assert_int_equal(made.n, 1);
	assert_int_equal(adsb.stats.faults[ADSB_FAULT_KIND], 1);
	assert_int_equal(adsb.stats.faults[ADSB_FAULT_GARBAGE], 1);
}

static void frames_of_wrong_length_or_format_are_refused(void **state)
{
	struct adsb_message m;

	assert_int_equal(decode_hex("8D4840D6202CC3", &m), ADSB_FAULT_LENGTH);
	assert_int_equal(decode_hex("5d4d20237a55a65d4d20237a55a6", &m), ADSB_FAULT_LENGTH);
	assert_int_equal(decode_hex("0800000000000000000000000000", &m), ADSB_FAULT_DF); /* DF1 */
	assert_int_equal(decode_hex("9800000000000000000000000000", &m), ADSB_FAULT_DF); /* DF19: military */
	assert_int_equal(decode_hex("5d4d20237a5500", &m), ADSB_FAULT_PARITY);
}

/* DF11: an interrogator's code is no error, and no proof of the address. */
static void all_call_with_interrogator_is_believed_of_who_is_known(void **state)
{
	struct adsb_message m;

	adsb_encode_all_call(0x4d2023, 5, &m);
	m.residual = 17;
	adsb_made_message(&adsb, &m, 1000000000, NULL, &made);
	assert_false(adsb_made_last(&made)->is_verified);
	assert_false(made.has_aircraft[0]);
	m.residual = 0;
	adsb_made_message(&adsb, &m, 2000000000, NULL, &made);
	m.residual = 79;
	adsb_made_message(&adsb, &m, 3000000000, NULL, &made);
	assert_true(adsb_made_last(&made)->is_verified);
	assert_int_equal(adsb_made_last(&made)->v[ADSB_IID], 79);
	m.residual = 80;
	adsb_made_message(&adsb, &m, 4000000000, NULL, &made);
	assert_int_equal(adsb.stats.faults[ADSB_FAULT_PARITY], 1);
}

static void register_20_is_read_when_it_is_certain(void **state)
{
	struct adsb_message m;

	/* Published: A000083E202CC371C31DE0AA1CCF is a DF20 reply with BDS 2,0 of KLM1017. */
	assert_int_equal(decode_hex("A000083E202CC371C31DE0AA1CCF", &m), ADSB_FAULT_NONE);
	assert_string_equal(m.callsign, "KLM1017");
	assert_int_equal(m.address, 0x400000 | (m.address & 0x3fffff));
	/* BDS 4,0 is not a name. */
	assert_int_equal(decode_hex("A000029C85E42F313000007047D3", &m), ADSB_FAULT_NONE);
	assert_string_equal(m.callsign, "");
	/* An illegal character, a gap. */
	assert_int_equal(decode_hex("A000083E202CC371C31DFFAA1CCF", &m), ADSB_FAULT_NONE);
	assert_string_equal(m.callsign, "");
	assert_int_equal(decode_hex("A000083E202CC820C31DE0AA1CCF", &m), ADSB_FAULT_NONE);
	assert_string_equal(m.callsign, "");
}

static void addresses_of_tisb_and_adsr_say_whose_they_are(void **state)
{
	static const struct {
		int32_t cf;
		bool imf, is_icao, is_squitter;
	} rows[] = { { 0, false, true, true }, { 1, false, false, true }, { 2, false, true, true }, { 2, true, false, true },
		{ 3, false, false, false }, { 4, false, false, false }, { 5, false, false, true }, { 6, false, true, true },
		{ 6, true, false, true }, { 7, false, false, false } };

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct adsb_encode_position p = { .address = 0x2b06e5, .tc = 13, .alt_ft = 1500 };
		struct adsb_message m, back;
		uint8_t frame[ADSB_MESSAGE_LONG];

		adsb_encode_position(&p, &m);
		m.df = 18;
		m.v[ADSB_CF] = rows[i].cf;
		m.is_icao = !rows[i].imf;
		assert_int_equal(adsb_message_encode(&m, frame), ADSB_MESSAGE_LONG);
		assert_int_equal(adsb_message_decode(frame, sizeof(frame), &back), ADSB_FAULT_NONE);
		assert_int_equal(back.is_icao, rows[i].is_icao);
		assert_int_equal(back.is_squitter, rows[i].is_squitter);
		if (rows[i].cf == 2)
			assert_int_equal(back.v[ADSB_NIC_B], ADSB_NONE);
	}
}

static void emergency_reads(void **state)
{
	struct adsb_message m;

	/* Published: 8DA2C1B6E112B600000000760759 is emergency status "none", squawk 6513. */
	assert_int_equal(decode_hex("8DA2C1B6E112B600000000760759", &m), ADSB_FAULT_NONE);
	assert_int_equal(m.v[ADSB_EMERGENCY], 0);
	assert_int_equal(m.v[ADSB_SQUAWK], 06513);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_frames_read_as_published),
		cmocka_unit_test(published_parity_is_zero),
		cmocka_unit_test(every_bit_flip_of_a_squitter_is_seen),
		cmocka_unit_test(altitudes_of_both_codes_survive),
		cmocka_unit_test(mode_c_codes_are_the_tables),
		cmocka_unit_test(metric_altitude_is_recognised_and_left_alone),
		cmocka_unit_test(squawks_survive),
		cmocka_unit_test(movements_survive),
		cmocka_unit_test(callsigns_keep_to_their_alphabet),
		cmocka_unit_test_setup(all_three_forms_are_found_together, fresh),
		cmocka_unit_test_setup(line_of_basestation_reads, fresh),
		cmocka_unit_test_setup(bad_lines_are_counted_beside_good_ones, fresh),
		cmocka_unit_test_setup(wrong_text_is_counted, fresh),
		cmocka_unit_test_setup(escapes_survive, fresh),
		cmocka_unit_test_setup(every_truncation_is_told, fresh),
		cmocka_unit_test_setup(every_slice_of_a_stream_gives_the_same, fresh),
		cmocka_unit_test_setup(unknown_kinds_and_garbage_are_skipped, fresh),
		cmocka_unit_test(frames_of_wrong_length_or_format_are_refused),
		cmocka_unit_test_setup(all_call_with_interrogator_is_believed_of_who_is_known, fresh),
		cmocka_unit_test(register_20_is_read_when_it_is_certain),
		cmocka_unit_test(addresses_of_tisb_and_adsr_say_whose_they_are),
		cmocka_unit_test(emergency_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
