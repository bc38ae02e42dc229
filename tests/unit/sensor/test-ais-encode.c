/* decode(encode(x)) == x: what the simulator says, the decoder understands. */
#include <stdio.h>
#include <string.h>

#include "common/geo.h"
#include "sensor/decode/ais/ais.h"
#include "sensor/decode/ais/ais_encode.h"
#include "tests/assert_near.h"

#define E4_MIN (GEO_DEG / 600000) /* the LSB of a position, radians */

struct heard {
	struct ais_message m;
	unsigned n;
	char channel, station[AIS_SENTENCE_STATION_MAX];
	int64_t time_ns;
};

static void sink(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	struct heard *h = user;
	h->m = *m;
	h->channel = s->channel;
	h->time_ns = s->time_ns;
	memcpy(h->station, s->station, sizeof(h->station));
	h->n++;
}

static struct ais_message through_air(const struct ais_encode_message *m, unsigned sentences)
{
	char lines[AIS_ENCODE_SENTENCES_MAX][AIS_ENCODE_SENTENCE_MAX];
	struct heard h = { 0 };
	static struct ais a;
	unsigned n = ais_encode_sentences(m, 'B', 7, lines);
	assert_int_equal(n, sentences);
	ais_init(&a);
	for (unsigned i = 0; i < n; i++) {
		assert_true(strlen(lines[i]) <= 82); /* IEC 61162-1 */
		ais_decode(&a, lines[i], strlen(lines[i]), 1, 0, sink, &h);
	}
	assert_int_equal(h.n, 1);
	assert_int_equal(h.channel, 'B');
	for (unsigned f = 0; f < _AIS_FAULT_MAX; f++)
		assert_int_equal(a.stats.faults[f], 0);
	return h.m;
}

static struct ais_encode_position somewhere(void)
{
	return (struct ais_encode_position){ .mmsi = 280100101, .status = 0, .rot_rad_s = -0.01, .sog_mps = 8.7,
		.accurate = true, .lat_rad = 54.5 * GEO_DEG, .lon_rad = -11.25 * GEO_DEG, .cog_rad = 359.96 * GEO_DEG,
		.heading_rad = 90.4 * GEO_DEG, .second = 59 };
}

static void position_report_survives(void **state)
{
	struct ais_encode_message m;
	struct ais_encode_position p = somewhere();
	ais_encode_type1(&p, &m);
	assert_int_equal(m.bits, 168);
	struct ais_message d = through_air(&m, 1);
	assert_int_equal(d.type, 1);
	assert_int_equal(d.mmsi, 280100101);
	assert_int_equal(d.position.status, 0);
	assert_int_equal(d.position.speed, 169); /* 16.91 kt */
	assert_int_equal(d.position.lat, 54.5 * 600000);
	assert_int_equal(d.position.lon, (int32_t)(-11.25 * 600000));
	assert_int_equal(d.position.course, 0); /* 360.0 wraps */
	assert_int_equal(d.position.heading, 90);
	assert_int_equal(d.position.second, 59);
	/* 0.01 rad/s = 34.4 degrees a minute; 4.733 sqrt of it = 27.7 */
	assert_int_equal(d.position.turn, (int32_t)-28);
}

static void unknown_is_the_messages_own_not_available(void **state)
{
	struct ais_encode_message m;
	struct ais_encode_position p = { .mmsi = 1, .status = 15, .rot_rad_s = NAN, .sog_mps = NAN, .lat_rad = NAN,
		.lon_rad = NAN, .cog_rad = NAN, .heading_rad = NAN, .second = 60 };
	ais_encode_type1(&p, &m);
	struct ais_message d = through_air(&m, 1);
	assert_int_equal(d.position.turn, AIS_TURN_NONE);
	assert_int_equal(d.position.speed, AIS_SPEED_NONE);
	assert_int_equal(d.position.lat, AIS_LAT_NONE);
	assert_int_equal(d.position.lon, AIS_LON_NONE);
	assert_int_equal(d.position.course, AIS_COURSE_NONE);
	assert_int_equal(d.position.heading, AIS_HEADING_NONE);
	assert_int_equal(d.position.second, AIS_SECOND_NONE);
}

/* A sentence known to every decoder (gpsd's AIVDM page): type 1 of MMSI 477553000. */
static void known_sentence_is_made_to_the_letter(void **state)
{
	char lines[AIS_ENCODE_SENTENCES_MAX][AIS_ENCODE_SENTENCE_MAX];
	struct ais_encode_message m;
	struct ais_encode_position p = { .mmsi = 477553000, .status = 5, .rot_rad_s = 0, .sog_mps = 0,
		.lat_rad = 47.58283333 * GEO_DEG, .lon_rad = -122.34583333 * GEO_DEG, .cog_rad = 51 * GEO_DEG,
		.heading_rad = 181 * GEO_DEG, .second = 15 };
	ais_encode_type1(&p, &m);
	assert_int_equal(ais_encode_sentences(&m, 'B', 0, lines), 1);
	/* Its last 19 bits are the slot state of that moment, ours are 0: "2J000" there. */
	assert_int_equal(strncmp(lines[0], "!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0", 39), 0);
}

static void ship_and_voyage_take_two_sentences(void **state)
{
	struct ais_encode_message m;
	struct ais_encode_static s = { .mmsi = 280100101, .imo = 9074729, .callsign = "QABC1", .name = "Belt Star",
		.destination = "PUTTGARDEN-RODBY", .ship_type = 60, .bow_m = 71, .stern_m = 71, .port_m = 12,
		.starboard_m = 13, .eta_hour = 24, .eta_minute = 60, .draught_m = 5.8 };
	ais_encode_type5(&s, &m);
	assert_int_equal(m.bits, 424);
	struct ais_message d = through_air(&m, 2);
	assert_int_equal(d.type, 5);
	assert_int_equal(d.fixed.imo, 9074729);
	assert_string_equal(d.fixed.callsign, "QABC1");
	assert_string_equal(d.fixed.shipname, "BELT STAR");
	assert_string_equal(d.fixed.destination, "PUTTGARDEN-RODBY");
	assert_int_equal(d.fixed.shiptype, 60);
	assert_int_equal(d.fixed.to_bow + d.fixed.to_stern, 142);
	assert_int_equal(d.fixed.to_port + d.fixed.to_starboard, 25);
	assert_int_equal(d.fixed.draught, 58);
	assert_int_equal(d.fixed.hour, 24);
}

static void class_b_survives(void **state)
{
	struct ais_encode_message m;
	struct ais_encode_position p = somewhere();
	struct ais_encode_static s = { .mmsi = 280100101, .callsign = "QXYZ9", .ship_type = 36, .bow_m = 6, .stern_m = 5,
		.port_m = 2, .starboard_m = 2 };
	ais_encode_type18(&p, &m);
	assert_int_equal(m.bits, 168);
	struct ais_message d = through_air(&m, 1);
	assert_int_equal(d.class_b.speed, 169);
	assert_int_equal(d.class_b.lat, 54.5 * 600000);
	assert_int_equal(d.class_b.second, 59);
	assert_int_equal(d.class_b.cs, 1);
	ais_encode_type24a(280100101, "WINDSBRAUT", &m);
	d = through_air(&m, 1);
	assert_int_equal(d.static_b.partno, 0);
	assert_string_equal(d.static_b.shipname, "WINDSBRAUT");
	ais_encode_type24b(&s, &m);
	d = through_air(&m, 1);
	assert_int_equal(m.bits, 168);
	assert_int_equal(d.static_b.partno, 1);
	assert_int_equal(d.static_b.shiptype, 36);
	assert_string_equal(d.static_b.callsign, "QXYZ9");
	assert_int_equal(d.static_b.to_bow, 6);
}

static void marks_and_stations_survive(void **state)
{
	struct ais_encode_message m;
	struct ais_encode_aton a = { .mmsi = 992801001, .kind = 31, .name = "A MARK WITH A NAME OF THIRTY-TWO", .second = 60,
		.lat_rad = 54.6 * GEO_DEG, .lon_rad = 11.15 * GEO_DEG };
	ais_encode_type21(&a, &m);
	assert_int_equal(m.bits % 8, 0);
	struct ais_message d = through_air(&m, 1);
	assert_int_equal(d.aton.aid_type, 31);
	assert_string_equal(d.aton.name, "A MARK WITH A NAME OF THIRTY-TWO");
	struct ais_encode_base b = { .mmsi = 2800001, .time_ns = INT64_C(1748779200123000000), .lat_rad = 54.4955 * GEO_DEG,
		.lon_rad = 11.238 * GEO_DEG };
	ais_encode_type4(&b, &m);
	d = through_air(&m, 1);
	assert_int_equal(d.base.year, 2025);
	assert_int_equal(d.base.month, 6);
	assert_int_equal(d.base.day, 1);
	assert_int_equal(d.base.hour, 12);
	assert_int_equal(d.base.minute + d.base.second, 0);
	assert_near(d.base.lat * E4_MIN, b.lat_rad, E4_MIN);
}

static void distress_text_survives(void **state)
{
	struct ais_encode_message m;
	ais_encode_type14(970990017, "SART ACTIVE", &m);
	assert_int_equal(m.bits % 8, 0);
	struct ais_message d = through_air(&m, 1);
	assert_int_equal(d.type, 14);
	assert_int_equal(d.mmsi, 970990017);
	assert_string_equal(d.text.text, "SART ACTIVE");
}

static void tag_block_says_who_heard_it_when(void **state)
{
	char tag[AIS_ENCODE_TAG_MAX], lines[AIS_ENCODE_SENTENCES_MAX][AIS_ENCODE_SENTENCE_MAX], text[256];
	struct ais_encode_tag t = { .source = "rMAIN", .time_ms = 1748779200123, .part = 1, .parts = 2, .group = 7 };
	struct ais_encode_message m;
	struct heard h = { 0 };
	static struct ais a;

	unsigned length = ais_encode_tag(&t, tag);
	assert_int_equal(length, strlen(tag));
	assert_int_equal(strncmp(tag, "\\g:1-2-7,s:rMAIN,c:1748779200123*", 33), 0);
	ais_encode_type24a(1, "NAME", &m);
	ais_encode_sentences(&m, 'A', 0, lines);
	snprintf(text, sizeof(text), "%s%s", tag, lines[0]);
	ais_init(&a);
	ais_decode(&a, text, strlen(text), 1, 0, sink, &h);
	assert_int_equal(h.n, 1);
	assert_int_equal(a.stats.faults[AIS_FAULT_TAG], 0);
	assert_string_equal(h.station, "rMAIN");
	assert_int_equal(h.time_ns, INT64_C(1748779200123000000));
	/* However long the name. */
	t = (struct ais_encode_tag){ .source = "a station whose name is too long", .time_ms = INT64_MAX, .part = 9, .parts = 9,
		.group = 9999 };
	assert_true(ais_encode_tag(&t, tag) < AIS_ENCODE_TAG_MAX);
	assert_int_equal(tag[strlen(tag) - 1], '\\');
}

/* The longest message there is: 1,080 bits in three sentences, none above 82 characters. */
static void longest_message_takes_three_sentences(void **state)
{
	struct ais_encode_message e;
	struct ais_message m = { .type = 8, .mmsi = 2110001, .layout = 8, .bits = 1080 };

	m.binary.dac = 669;
	m.binary.data.bits = 1024;
	memset(m.binary.data.bytes, 0xa5, 128);
	assert_int_equal(ais_encode_message(&m, &e), 0);
	struct ais_message d = through_air(&e, 3);
	assert_int_equal(d.binary.data.bits, 1024);
	assert_memory_equal(d.binary.data.bytes, m.binary.data.bytes, 128);
}

static void texts_too_long_or_strange_are_cut_and_replaced(void **state)
{
	struct ais_encode_message m;
	ais_encode_type24a(1, "a name that is much too long~", &m);
	assert_string_equal(through_air(&m, 1).static_b.shipname, "A NAME THAT IS MUCH");
	ais_encode_type24a(1, "R\xc3\xb8" "dby", &m);
	assert_string_equal(through_air(&m, 1).static_b.shipname, "R??DBY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(position_report_survives),
		cmocka_unit_test(unknown_is_the_messages_own_not_available),
		cmocka_unit_test(known_sentence_is_made_to_the_letter),
		cmocka_unit_test(ship_and_voyage_take_two_sentences),
		cmocka_unit_test(class_b_survives),
		cmocka_unit_test(marks_and_stations_survive),
		cmocka_unit_test(distress_text_survives),
		cmocka_unit_test(tag_block_says_who_heard_it_when),
		cmocka_unit_test(longest_message_takes_three_sentences),
		cmocka_unit_test(texts_too_long_or_strange_are_cut_and_replaced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
