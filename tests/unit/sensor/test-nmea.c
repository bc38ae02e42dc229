#include "tests/assert_near.h"

#include "nmea_make.h"
#include "tests/nmea_worst.h"

static struct nmea_made d;
static char line[NMEA_MAKE_MAX], line2[NMEA_MAKE_MAX];

static void decode(const char *text)
{
	nmea_made_decode(&d, text, strlen(text));
}

static int tear_down(void **state)
{
	(void)state;
	free(d.bytes);
	memset(&d, 0, sizeof(d));
	return 0;
}

/* --- each sentence, by the JSON it gives: body, JSON behind "talker" --- */

static const struct {
	char start;
	const char *body, *json;
} sentences[] = {
	{ '$', "RATTM,02,1.430,170.5,T,8.6,264.4,T,1.42,-36.9,N,BUOY ^2C 7,T,R,175550.24,A",
		"{\"class\":\"TTM\",\"talker\":\"RA\",\"target_number\":2,\"target_distance\":1.43,\"bearing\":170.5,"
		"\"bearing_reference\":\"T\",\"target_speed\":8.6,\"target_course\":264.4,\"course_reference\":\"T\","
		"\"cpa_distance\":1.42,\"cpa_time\":-36.9,\"units\":\"N\",\"target_name\":\"BUOY , 7\",\"target_status\":\"T\","
		"\"reference_target\":\"R\",\"utc\":\"17:55:50.24\",\"acquisition\":\"A\"}" },
	{ '$', "RATLL,01,3731.51205,N,02436.00000,E,ANDROS,163700.86,T,",
		"{\"class\":\"TLL\",\"talker\":\"RA\",\"target_number\":1,\"lat\":37.525200833,\"lon\":24.6,\"target_name\":\"ANDROS\","
		"\"utc\":\"16:37:00.86\",\"target_status\":\"T\",\"reference_target\":null}" },
	{ '$', "RATLL,,9000.0,S,18000.00,W,,,Q,R",
		"{\"class\":\"TLL\",\"talker\":\"RA\",\"target_number\":null,\"lat\":-90,\"lon\":-180,\"target_name\":null,"
		"\"utc\":null,\"target_status\":\"Q\",\"reference_target\":\"R\"}" },
	/* 00 0000000111 010011010010 000001010101 001110000100 111111111111 100 0 00001000000000 0 0 00 00000000 */
	{ '!', "RATTD,1A,0B,1,007Cd1E>4wwh2000,0", NULL },
	{ '!', "RATTD,02,01,,01lBDj0SE,0", NULL },
	{ '$', "RATLB,1,ALPHA,22,",
		"{\"class\":\"TLB\",\"talker\":\"RA\",\"labels\":[{\"target_number\":1,\"label\":\"ALPHA\"},"
		"{\"target_number\":22,\"label\":null}]}" },
	{ '$', "RARSD,12,90,24,45,6,270,12,315,6.5,118,96,N,N",
		"{\"class\":\"RSD\",\"talker\":\"RA\",\"origin1_range\":12,\"origin1_bearing\":90,\"vrm1\":24,\"ebl1\":45,"
		"\"origin2_range\":6,\"origin2_bearing\":270,\"vrm2\":12,\"ebl2\":315,\"cursor_range\":6.5,\"cursor_bearing\":118,"
		"\"range_scale\":96,\"units\":\"N\",\"display_rotation\":\"N\"}" },
	{ '$', "RAOSD,35.1,A,36.0,P,10.2,B,15.3,0.1,K",
		"{\"class\":\"OSD\",\"talker\":\"RA\",\"heading\":35.1,\"heading_status\":\"A\",\"vessel_course\":36,"
		"\"course_reference\":\"P\",\"vessel_speed\":10.2,\"speed_reference\":\"B\",\"vessel_set\":15.3,\"vessel_drift\":0.1,"
		"\"units\":\"K\"}" },
	{ '$', "GPHDT,123.456,T", "{\"class\":\"HDT\",\"talker\":\"GP\",\"heading\":123.456,\"reference\":\"T\"}" },
	{ '$', "INTHS,,V", "{\"class\":\"THS\",\"talker\":\"IN\",\"heading\":null,\"mode\":\"V\"}" },
	{ '$', "VMVBW,-7.1,0.1,A,7,-.2,A,1.25,V,0.0,A",
		"{\"class\":\"VBW\",\"talker\":\"VM\",\"longitudinal_water_speed\":-7.1,\"transverse_water_speed\":0.1,"
		"\"water_speed_status\":\"A\",\"longitudinal_ground_speed\":7,\"transverse_ground_speed\":-0.2,"
		"\"ground_speed_status\":\"A\",\"stern_transverse_water_speed\":1.25,\"stern_water_speed_status\":\"V\","
		"\"stern_transverse_ground_speed\":0,\"stern_ground_speed_status\":\"A\"}" },
	{ '$', "GPZDA,160012.71,11,03,2004,-1,00",
		"{\"class\":\"ZDA\",\"talker\":\"GP\",\"utc\":\"16:00:12.71\",\"day\":11,\"month\":3,\"year\":2004,\"zone_hours\":-1,"
		"\"zone_minutes\":0}" },
	{ '$', "GPGGA,235960,5430.1234,N,01114.5678,W,2,09,0.9,45.1,M,-3.2,M,1.5,0120",
		"{\"class\":\"GGA\",\"talker\":\"GP\",\"utc\":\"23:59:60\",\"lat\":54.502056667,\"lon\":-11.242796667,\"quality\":2,"
		"\"satellites\":9,\"hdop\":0.9,\"altitude\":45.1,\"altitude_units\":\"M\",\"geoidal_separation\":-3.2,"
		"\"separation_units\":\"M\",\"differential_age\":1.5,\"reference_station\":\"0120\"}" },
	{ '$', "GNRMC,035258,A,5013.4693,S,00346.6503,W,4.0,183.2,260711,3.8,W,A,S",
		"{\"class\":\"RMC\",\"talker\":\"GN\",\"utc\":\"03:52:58\",\"status\":\"A\",\"lat\":-50.224488333,\"lon\":-3.777505,"
		"\"speed\":4,\"course\":183.2,\"date\":\"2011-07-26\",\"variation\":3.8,\"variation_direction\":\"W\",\"mode\":\"A\","
		"\"navigational_status\":\"S\"}" },
	{ '$', "GPGLL,5013.4693,N,00346.6503,W,035258,V,N",
		"{\"class\":\"GLL\",\"talker\":\"GP\",\"lat\":50.224488333,\"lon\":-3.777505,\"utc\":\"03:52:58\",\"status\":\"V\","
		"\"mode\":\"N\"}" },
	{ '$', "IIVDR,10.1,T,12.3,M,1.2,N",
		"{\"class\":\"VDR\",\"talker\":\"II\",\"set_true\":10.1,\"set_true_reference\":\"T\",\"set_magnetic\":12.3,"
		"\"set_magnetic_reference\":\"M\",\"drift\":1.2,\"drift_units\":\"N\"}" },
	{ '$', "IIRSA,-10.5,A,,V",
		"{\"class\":\"RSA\",\"talker\":\"II\",\"starboard_rudder\":-10.5,\"starboard_status\":\"A\",\"port_rudder\":null,"
		"\"port_status\":\"V\"}" },
};
#define N_SENTENCES (sizeof(sentences) / sizeof(sentences[0]))

static void every_field_is_shown(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_SENTENCES; i++) {
		if (!sentences[i].json)
			continue;
		decode(nmea_make(sentences[i].start, sentences[i].body, line));
		assert_int_equal(d.messages, 1);
		assert_int_equal(nmea_made_faults(&d), 0);
		assert_string_equal(d.json, sentences[i].json);
	}
}

static void every_table_has_a_sentence_here(void **state)
{
	(void)state;
	for (unsigned i = 0; nmea_message_layout_at(i); i++) {
		bool any = false;

		for (unsigned k = 0; k < N_SENTENCES; k++)
			any = any || !memcmp(sentences[k].body + 2, nmea_message_layout_at(i)->id, 3);
		if (!any)
			fail_msg("no %s", nmea_message_layout_at(i)->id);
	}
}

/* --- TTD: bits put together by hand --- */

/* Each value with its width, most significant bit first; six bits a character. */
static void armour(const unsigned (*values)[2], unsigned n, char *out)
{
	unsigned bits = 0, have = 0, at = 0;

	for (unsigned i = 0; i < n; i++)
		for (unsigned b = values[i][1]; b-- > 0;) {
			bits = bits << 1 | (values[i][0] >> b & 1);
			if (++have == 6) {
				out[at++] = (char)(bits < 40 ? bits + 48 : bits + 56);
				bits = have = 0;
			}
		}
	out[at] = '\0';
}

static const unsigned near_target[][2] = { { 0, 2 }, { 7, 10 }, { 1234, 12 }, { 85, 12 }, { 900, 12 }, { 4095, 12 }, { 4, 3 },
	{ 0, 1 }, { 512, 14 }, { 0, 1 }, { 0, 1 }, { 0, 2 }, { 0, 8 } };
static const unsigned no_target[][2] = { { 3, 2 }, { 1023, 10 }, { 3600, 12 }, { 4095, 12 }, { 4095, 12 }, { 3599, 12 }, { 1, 3 },
	{ 1, 1 }, { 16383, 14 }, { 1, 1 }, { 1, 1 }, { 3, 2 }, { 255, 8 } };

static void targets_are_unpacked(void **state)
{
	char a[16], b[16], body[128];

	(void)state;
	armour(near_target, 13, a);
	armour(no_target, 13, b);
	snprintf(body, sizeof(body), "RATTD,1A,0B,1,%s%s,0", a, b);
	decode(nmea_make('!', body, line));
	assert_int_equal(nmea_made_faults(&d), 0);
	assert_string_equal(d.json,
		"{\"class\":\"TTD\",\"talker\":\"RA\",\"total_sentences\":26,\"sentence_number\":11,\"sequence\":1,\"fill_bits\":0,"
		"\"targets\":[{\"version\":0,\"number\":7,\"bearing\":123.4,\"speed\":8.5,\"course\":90,\"heading\":null,\"status\":4,"
		"\"test\":0,\"distance\":5.12,\"relative\":0,\"water\":0,\"reserved\":0,\"association\":0},"
		"{\"version\":3,\"number\":1023,\"bearing\":null,\"speed\":null,\"course\":null,\"heading\":359.9,\"status\":1,"
		"\"test\":1,\"distance\":null,\"relative\":1,\"water\":1,\"reserved\":3,\"association\":255}]}");
}

static void whole_targets_are_kept_before_a_broken_one(void **state)
{
	char a[16], body[128];

	(void)state;
	armour(near_target, 13, a);
	snprintf(body, sizeof(body), "RATTD,01,01,1,%s%.14s,0", a, a);
	decode(nmea_make('!', body, line));
	assert_int_equal(d.last.ttd.n_targets, 1);
	assert_int_equal(d.n.stats.faults[NMEA_FAULT_LENGTH], 1);
	assert_int_equal(nmea_made_faults(&d), 1);
	decode(nmea_make('!', "RATTD,01,01,1,1 1,0", line));
	assert_int_equal(d.last.ttd.n_targets, 0);
	assert_int_equal(d.n.stats.faults[NMEA_FAULT_ARMOUR], 1);
	assert_int_equal(nmea_made_faults(&d), 1);
	snprintf(body, sizeof(body), "RATTD,01,01,1,%s,6", a); /* fill bits change nothing */
	decode(nmea_make('!', body, line));
	assert_int_equal(d.last.ttd.n_targets, 1);
	assert_int_equal(nmea_made_faults(&d), 0);
}

static void more_targets_than_fit_are_counted(void **state)
{
	char a[16], body[1024] = "RATTD,01,01,1,";

	(void)state;
	armour(near_target, 13, a);
	for (unsigned i = 0; i < NMEA_MESSAGE_TTD_MAX + 1; i++)
		strncat(body, a, sizeof(body) - strlen(body) - 1);
	strncat(body, ",0", sizeof(body) - strlen(body) - 1);
	decode(nmea_make('!', body, line));
	assert_int_equal(d.last.ttd.n_targets, NMEA_MESSAGE_TTD_MAX);
	assert_int_equal(d.n.stats.faults[NMEA_FAULT_LENGTH], 1);
}

/* --- what radars do otherwise --- */

static void ttm_of_eleven_fields_is_whole(void **state)
{
	(void)state;
	decode(nmea_make('$', "RATTM,2,1.4,170,T,,,,,,N,", line));
	assert_int_equal(d.messages, 1);
	assert_int_equal(d.last.n_fields, 11);
	assert_int_equal(d.n.stats.missing_fields, 4);
	assert_int_equal(nmea_made_faults(&d), 0);
	assert_true(isnan(nmea_value_real(&d.last.ttm.speed)));
	assert_int_equal(d.last.ttm.status, 0);
}

static void fields_behind_the_last_are_counted(void **state)
{
	(void)state;
	decode(nmea_make('$', "RARSD,,,,,,,,,,,6,N,C,S", line));
	assert_int_equal(d.last.n_extra, 1);
	assert_int_equal(d.last.n_fields, 13);
	assert_int_equal(d.last.rsd.rotation, 'C');
	assert_int_equal(d.n.stats.extra_fields, 1);
	assert_int_equal(nmea_made_faults(&d), 0);
}

static void letter_of_another_alphabet_is_a_null_field(void **state)
{
	(void)state;
	decode(nmea_make('$', "RATTM,2,1.4,170,T,5,90,T,1,2,N,\xd0\xca,T,,,\xc0", line));
	assert_int_equal(d.messages, 1);
	assert_int_equal(d.n.stats.faults[NMEA_FAULT_FIELD], 1);
	assert_int_equal(d.last.ttm.acquisition, 0);
	assert_int_equal(d.last.ttm.status, 'T');
	assert_non_null(strstr(d.json, "\"target_name\":\"?""?\""));
}

static void what_no_field_can_hold_is_null(void **state)
{
	static const char *const bad[] = {
		"GPHDT,x,T", "GPHDT,1.2.3,T", "GPHDT,-,T", "GPHDT,.,T", "GPHDT,1e5,T", "GPHDT,1234567890123456789,T",
		"GPHDT,.1234567890123,T", "GPHDT,1,t", "GPHDT,1,TT", "GPZDA,240000,,,,,", "GPZDA,126000,,,,,", "GPZDA,120061,,,,,",
		"GPZDA,12000,,,,,", "GPZDA,-120000,,,,,", "GPRMC,,,,,,,,,320111", "GPRMC,,,,,,,,,000111", "GPRMC,,,,,,,,,011311",
		"GPRMC,,,,,,,,,0101111", "GPGLL,9000.1,N", "GPGLL,4560,N", "GPGLL,-4500,N", "GPGLL,,,18000.1,E", "GPGLL,4500,E",
		"RATTD,G,1,1,,0", "RATTD,123456789,1,1,,0",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		decode(nmea_make('$', bad[i], line));
		assert_int_equal(d.messages, 1);
		if (d.n.stats.faults[NMEA_FAULT_FIELD] != 1 || nmea_made_faults(&d) != 1)
			fail_msg("%s", bad[i]);
	}
}

static void text_longer_than_any_sentence_is_null(void **state)
{
	char body[700] = "RATLB,1,";

	(void)state;
	memset(body + 8, 'A', NMEA_VALUE_TEXT_MAX);
	decode(nmea_make('$', body, line));
	assert_int_equal(nmea_made_faults(&d), 0);
	body[8 + NMEA_VALUE_TEXT_MAX] = 'A';
	decode(nmea_make('$', body, line));
	assert_int_equal(d.n.stats.faults[NMEA_FAULT_FIELD], 1);
}

static void more_labels_than_fit_are_counted(void **state)
{
	char body[700] = "RATLB";

	(void)state;
	for (unsigned i = 0; i < NMEA_MESSAGE_TLB_MAX + 1; i++)
		strncat(body, ",7,X", sizeof(body) - strlen(body) - 1);
	decode(nmea_make('$', body, line));
	assert_int_equal(d.last.n_fields, 2 * NMEA_MESSAGE_TLB_MAX);
	assert_int_equal(d.last.n_extra, 2);
	decode(nmea_make('$', "RATLB,1,A,2", line)); /* nothing of the last one is left */
	assert_int_equal(d.last.n_fields, 3);
	assert_int_equal(d.last.tlb.labels[1].label.size, 0);
}

/* --- where sentences stand --- */

static void sentences_are_found_wherever_they_stand(void **state)
{
	char text[NMEA_MAKE_MAX];

	(void)state;
	nmea_make('$', "GPHDT,1,T", line);
	line[strlen(line) - 2] = '\0';
	snprintf(text, sizeof(text), "%s%s\n12:00:00 %s,trailer\r\n\r\n   \r\n%s", line, line, line, line);
	decode(text);
	assert_int_equal(d.messages, 4);
	assert_int_equal(nmea_made_faults(&d), 0);
}

static void bad_lines_are_counted_by_reason(void **state)
{
	static const struct {
		const char *text;
		enum nmea_fault fault;
	} bad[] = {
		{ "rubbish\r\n", NMEA_FAULT_GARBAGE },
		{ "rubbish", NMEA_FAULT_GARBAGE },
		{ "$GPHDT,1,T\r\n", NMEA_FAULT_TRUNCATED },
		{ "$GPHDT,1,T*\r\n", NMEA_FAULT_TRUNCATED },
		{ "$GPHDT,1,T*3\r\n", NMEA_FAULT_TRUNCATED },
		{ "$GPHDT,1,T*3", NMEA_FAULT_TRUNCATED },
		{ "$", NMEA_FAULT_TRUNCATED },
		{ "$GPHDT,1,T*00\r\n", NMEA_FAULT_CHECKSUM },
		{ "$GPHDT,1,T*ZZ\r\n", NMEA_FAULT_TRUNCATED },
		{ "\\s:X*00\\\r\n", NMEA_FAULT_TAG },
		{ "\\s:X", NMEA_FAULT_TAG },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		decode(bad[i].text);
		if (d.n.stats.faults[bad[i].fault] != 1 || nmea_made_faults(&d) != 1 || d.messages)
			fail_msg("%s", bad[i].text);
	}
}

static void sentence_cut_by_the_next_does_not_spoil_it(void **state)
{
	char text[NMEA_MAKE_MAX + 64];

	(void)state;
	snprintf(text, sizeof(text), "$RATTM,1,2%s", nmea_make('$', "GPHDT,1,T", line));
	decode(text);
	assert_int_equal(d.messages, 1);
	assert_int_equal(d.n.stats.faults[NMEA_FAULT_TRUNCATED], 1);
	/* Nor does one that loses its checksum swallow the line end. */
	snprintf(text, sizeof(text), "$RATTM,1,2*\nrubbish\n%s", line);
	decode(text);
	assert_int_equal(d.messages, 1);
	assert_int_equal(d.n.stats.faults[NMEA_FAULT_TRUNCATED], 1);
	assert_int_equal(d.n.stats.faults[NMEA_FAULT_GARBAGE], 1);
}

static void others_sentences_are_told_apart(void **state)
{
	(void)state;
	decode("!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5F\r\n!AIVDO,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5D\r\n");
	assert_int_equal(d.n.stats.ais, 2);
	assert_int_equal(d.n.stats.sentences, 2);
	decode(nmea_make('$', "PRATTM,1,2", line));
	assert_int_equal(d.n.stats.others, 1);
	decode(nmea_make('$', "GPXXX,1", line));
	assert_int_equal(d.n.stats.others, 1);
	decode("# a comment $GPHDT\r\n");
	assert_int_equal(d.n.stats.others, 1);
	assert_int_equal(nmea_made_faults(&d), 0);
	assert_int_equal(d.messages, 0);
}

static void every_truncation_is_counted_and_gives_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_SENTENCES; i++) {
		size_t whole = strlen(nmea_make(sentences[i].start, sentences[i].body, line)) - 2;

		for (size_t n = 1; n < whole; n++) {
			nmea_made_decode(&d, line, n);
			assert_int_equal(d.messages, 0);
			assert_int_equal(nmea_made_faults(&d), 1);
		}
		nmea_made_decode(&d, line, whole);
		assert_int_equal(d.messages, 1);
	}
}

/* The checksum sees every single bit; the case of its own letters does not matter. */
static void every_flipped_bit_is_noticed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_SENTENCES; i++) {
		size_t n = strlen(nmea_make(sentences[i].start, sentences[i].body, line)) - 2;

		for (size_t bit = 0; bit < n * 8; bit++) {
			char *c = &line[bit / 8];
			bool other_case = bit / 8 >= n - 2 && bit % 8 == 5 && *c > '9';

			*c = (char)(*c ^ 1 << bit % 8);
			nmea_made_decode(&d, line, n);
			assert_int_equal(d.messages, other_case);
			assert_true(d.messages || nmea_made_faults(&d) || *line == '#');
			*c = (char)(*c ^ 1 << bit % 8);
		}
	}
}

/* --- tag blocks and IEC 61162-450 --- */

static void tag_block_is_read(void **state)
{
	(void)state;
	nmea_make('$', "GPHDT,1,T", line);
	decode(nmea_make_tagged("s:RA0001,d:VR0001,n:12,g:1-2-34,c:1764000000,r:17,t:hello,q:2,x:9", line, line2));
	assert_int_equal(nmea_made_faults(&d), 0);
	assert_string_equal(d.json,
		"{\"class\":\"HDT\",\"talker\":\"GP\",\"tag\":{\"source\":\"RA0001\",\"destination\":\"VR0001\",\"line\":12,"
		"\"group\":\"1-2-34\",\"time\":1764000000,\"relative_time\":17,\"text\":\"hello\",\"quality\":\"2\"},\"heading\":1,"
		"\"reference\":\"T\"}");
}

static void bad_tag_block_leaves_the_sentence(void **state)
{
	char text[NMEA_MAKE_MAX + 32];

	(void)state;
	snprintf(text, sizeof(text), "\\s:RA0001,n:5*00\\%s", nmea_make('$', "GPHDT,1,T", line));
	decode(text);
	assert_int_equal(d.n.stats.faults[NMEA_FAULT_TAG], 1);
	assert_int_equal(d.messages, 1);
	assert_int_equal(d.last.tag.letters[0], 0);
	snprintf(text, sizeof(text), "\\s:RA0001,n:5%s", line);
	decode(text);
	assert_int_equal(d.n.stats.faults[NMEA_FAULT_TAG], 1);
	assert_int_equal(d.messages, 1);
}

static void tag_block_belongs_to_what_follows_it(void **state)
{
	char text[2 * NMEA_MAKE_MAX];

	(void)state;
	nmea_make('$', "GPHDT,1,T", line);
	snprintf(text, sizeof(text), "%s%s", nmea_make_tagged("s:RA0001", line, line2), line);
	decode(text);
	assert_int_equal(d.messages, 2);
	assert_int_equal(d.last.tag.letters[0], 0);
	decode(nmea_make_tagged("s:RA0001", "\r\n", line2));
	assert_int_equal(nmea_made_faults(&d), 0);
}

static void send_450(const char *source, unsigned n)
{
	char tag[64], datagram[NMEA_MAKE_MAX + 8] = "UdPbC";

	snprintf(tag, sizeof(tag), "s:%s,n:%u", source, n);
	nmea_make('$', "GPHDT,1,T", line);
	nmea_make_tagged(tag, line, line2);
	memcpy(datagram + 6, line2, strlen(line2));
	nmea_made_decode(&d, datagram, strlen(line2) + 6);
	assert_int_equal(d.messages, 1);
	assert_int_equal(d.n.stats.frames, 1);
	assert_int_equal(nmea_made_faults(&d), 0);
}

static void lost_lines_are_counted(void **state)
{
	(void)state;
	send_450("RA0001", 995);
	send_450("RA0001", 996);
	assert_int_equal(d.n.lines.lost, 0);
	send_450("RA0001", 2); /* 997, 998, 999 and 1 are missing */
	assert_int_equal(d.n.lines.lost, 4);
	send_450("RA0002", 100); /* counts for itself */
	send_450("RA0001", 3);
	send_450("RA0002", 102);
	assert_int_equal(d.n.lines.lost, 5);
	assert_int_equal(d.n.lines.late, 0);
	assert_int_equal(d.n.lines.restarts, 0);
}

static void late_line_and_restart_are_no_loss(void **state)
{
	(void)state;
	send_450("RA0001", 500);
	send_450("RA0001", 502);
	send_450("RA0001", 501);
	send_450("RA0001", 502); /* sent twice */
	send_450("RA0001", 503);
	assert_int_equal(d.n.lines.lost, 1);
	assert_int_equal(d.n.lines.late, 2);
	send_450("RA0001", 1); /* a source begins with 1 */
	assert_int_equal(d.n.lines.restarts, 1);
	send_450("RA0001", 900); /* and a step back of 100 is no loss of 898 */
	assert_int_equal(d.n.lines.restarts, 2);
	send_450("RA0001", 901);
	assert_int_equal(d.n.lines.restarts, 2);
	assert_int_equal(d.n.lines.lost, 1);
}

static void line_numbers_out_of_range_are_ignored(void **state)
{
	(void)state;
	send_450("RA0001", 5);
	send_450("RA0001", 0);
	send_450("RA0001", 1000);
	send_450("RA0001", 6);
	assert_int_equal(d.n.lines.lost + d.n.lines.late + d.n.lines.restarts, 0);
}

static void source_longest_silent_makes_room(void **state)
{
	char name[16];

	(void)state;
	for (unsigned i = 0; i < NMEA_LINES_SOURCES + 1; i++) {
		snprintf(name, sizeof(name), "RA%04u", i);
		send_450(name, 1);
	}
	send_450("RA0000", 500); /* forgotten: a new source */
	assert_int_equal(d.n.lines.lost, 0);
	send_450("RA0032", 3);
	assert_int_equal(d.n.lines.lost, 1);
	nmea_lines_reset(&d.n.lines);
	send_450("RA0032", 400);
	assert_int_equal(d.n.lines.lost, 1);
}

static void other_datagrams_are_ignored_and_counted(void **state)
{
	static const char *const heads[] = { "RaUdP", "RrUdP", "NkPgN" };
	char datagram[256];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		memcpy(datagram, heads[i], 6);
		memcpy(datagram + 6, nmea_make('$', "GPHDT,1,T", line), strlen(line));
		nmea_made_decode(&d, datagram, 6 + strlen(line));
		assert_int_equal(d.messages, 0);
		assert_int_equal(d.n.stats.other_frames, 1);
		assert_int_equal(nmea_made_faults(&d), 0);
	}
}

/* --- the dearest (test-bounds.py counts what they cost) --- */

/* Those that are meant to be whole sentences are. */
static void long_datagrams_are_read_to_their_end(void **state)
{
	static const struct {
		const char *name;
		uint64_t messages, faults;
	} expected[] = { { "headings", 5040, 0 }, { "bare targets", 7281, 0 }, { "commas", 1, 0 }, { "labels", 1, 0 }, { "digits", 1, 1 },
		{ "payload", 1, 1 }, { "tags with many sources", 0, 0 }, { "members of a tag", 0, 0 }, { "a tag's text", 0, 1 } };
	static char data[NMEA_WORST_SIZE];

	(void)state;
	for (unsigned k = 0; k < sizeof(expected) / sizeof(expected[0]); k++) {
		unsigned i = 0;

		while (strcmp(expected[k].name, nmea_worst[i].name))
			i++;
		nmea_worst_make(i, data);
		nmea_made_decode(&d, data, sizeof(data));
		if (d.messages != expected[k].messages || nmea_made_faults(&d) != expected[k].faults)
			fail_msg("%s: %u messages, %u faults", nmea_worst[i].name, d.messages, (unsigned)nmea_made_faults(&d));
	}
}

/* --- what it looks like --- */

static void text_is_recognised(void **state)
{
	(void)state;
	assert_true(nmea_is("$RATTM,1,2", 10));
	assert_true(nmea_is("UdPbC\0\\s:", 9));
	assert_true(nmea_is("\\s:RA0001*00\\$HEHDT,1,T", 23));
	assert_false(nmea_is("$GPRMC,1\r\n!AIVDM,1,1\r\n", 23));
	assert_false(nmea_is("$AIALR,1,2", 10)); /* what an AIS receiver says */
	assert_false(nmea_is("plain text, no more", 19));
	assert_false(nmea_is("", 0));
}

static void hash_sees_every_field(void **state)
{
	uint64_t seen[64];
	unsigned n = 0;
	static const char *const bodies[] = { "RATTM,1,2,3,T", "RATTM,2,2,3,T", "RATTM,1,3,3,T", "RATTM,1,2,4,T", "RATTM,1,2,3,R",
		"RATTM,1,2,3,", "RATTM,1,2,3", "RATTM,1,2.0,3,T", "RATTM,01,2,3,T", "SSTTM,1,2,3,T", "RATTM,1,,,,,,,,,,A", "RATTM,1,,,,,,,,,,B" };

	(void)state;
	for (; n < sizeof(bodies) / sizeof(bodies[0]); n++) {
		decode(nmea_make('$', bodies[n], line));
		seen[n] = nmea_message_hash(&d.last, 1);
		for (unsigned i = 0; i < n; i++)
			assert_true(seen[i] != seen[n]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_field_is_shown, tear_down),
		cmocka_unit_test_teardown(every_table_has_a_sentence_here, tear_down),
		cmocka_unit_test_teardown(targets_are_unpacked, tear_down),
		cmocka_unit_test_teardown(whole_targets_are_kept_before_a_broken_one, tear_down),
		cmocka_unit_test_teardown(more_targets_than_fit_are_counted, tear_down),
		cmocka_unit_test_teardown(ttm_of_eleven_fields_is_whole, tear_down),
		cmocka_unit_test_teardown(fields_behind_the_last_are_counted, tear_down),
		cmocka_unit_test_teardown(letter_of_another_alphabet_is_a_null_field, tear_down),
		cmocka_unit_test_teardown(what_no_field_can_hold_is_null, tear_down),
		cmocka_unit_test_teardown(text_longer_than_any_sentence_is_null, tear_down),
		cmocka_unit_test_teardown(more_labels_than_fit_are_counted, tear_down),
		cmocka_unit_test_teardown(sentences_are_found_wherever_they_stand, tear_down),
		cmocka_unit_test_teardown(bad_lines_are_counted_by_reason, tear_down),
		cmocka_unit_test_teardown(sentence_cut_by_the_next_does_not_spoil_it, tear_down),
		cmocka_unit_test_teardown(others_sentences_are_told_apart, tear_down),
		cmocka_unit_test_teardown(every_truncation_is_counted_and_gives_nothing, tear_down),
		cmocka_unit_test_teardown(every_flipped_bit_is_noticed, tear_down),
		cmocka_unit_test_teardown(tag_block_is_read, tear_down),
		cmocka_unit_test_teardown(bad_tag_block_leaves_the_sentence, tear_down),
		cmocka_unit_test_teardown(tag_block_belongs_to_what_follows_it, tear_down),
		cmocka_unit_test_teardown(lost_lines_are_counted, tear_down),
		cmocka_unit_test_teardown(late_line_and_restart_are_no_loss, tear_down),
		cmocka_unit_test_teardown(line_numbers_out_of_range_are_ignored, tear_down),
		cmocka_unit_test_teardown(source_longest_silent_makes_room, tear_down),
		cmocka_unit_test_teardown(other_datagrams_are_ignored_and_counted, tear_down),
		cmocka_unit_test_teardown(long_datagrams_are_read_to_their_end, tear_down),
		cmocka_unit_test_teardown(text_is_recognised, tear_down),
		cmocka_unit_test_teardown(hash_sees_every_field, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
