/* test-ais-types - messages made bit by bit as the standards lay them out: the types and applications beyond test-ais. */
#include "tests/assert_near.h"

#include <stdlib.h>

#include "ais_make.h"
#include "sensor/decode/ais/ais.h"
#include "sensor/decode/ais/ais_json.h"

static struct ais a;
static struct ais_message got[8];
static unsigned n_got;

static void keep(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	(void)user;
	(void)s;
	if (n_got < 8)
		got[n_got++] = *m;
}

static void start(void)
{
	ais_init(&a);
	n_got = 0;
}

static void feed_made(const struct ais_make *m)
{
	char payload[256], text[512];
	unsigned fill, n = ais_make_payload(m, payload, &fill);

	ais_make_part(payload, 0, n, 1, 1, "", "A", fill, text, sizeof(text));
	ais_decode(&a, text, strlen(text), 0, 0, keep, NULL);
}

/* The only message in @m. */
static const struct ais_message *decode_made(const struct ais_make *m)
{
	start();
	feed_made(m);
	assert_int_equal(n_got, 1);
	return &got[0];
}

static const char *json(const struct ais_message *m)
{
	static char buf[8192];
	struct jot j;

	jot_init(&j, buf, sizeof(buf) - 1);
	ais_json_put(&j, m);
	assert_false(j.full);
	buf[j.len] = '\0';
	return buf;
}

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in %s", part, text ? text : "nothing");
}

static void put_part_a(struct ais_make *m, uint32_t mmsi, const char *name)
{
	ais_make_begin(m, 24, mmsi);
	ais_make_put(m, 0, 2);
	ais_make_text(m, name, 20);
}

static void part_b_says_the_name_of_its_part_a(void **state)
{
	struct ais_make a_part, b_part;

	(void)state;
	put_part_a(&a_part, 211000002, "SMALL");
	ais_make_part_b(&b_part, 211000002);
	ais_make_put(&b_part, 0, 36);
	start();
	feed_made(&b_part);
	assert_string_equal(got[0].static_b.shipname, "");
	assert_null(strstr(json(&got[0]), "shipname"));
	feed_made(&a_part);
	feed_made(&b_part);
	assert_int_equal(n_got, 3);
	assert_string_equal(got[2].static_b.shipname, "SMALL");
	assert_contains(json(&got[2]), "\"shipname\":\"SMALL\"");
	ais_make_part_b(&b_part, 211000003);
	ais_make_put(&b_part, 0, 36);
	feed_made(&b_part);
	assert_string_equal(got[3].static_b.shipname, "");
}

/* However many stations come: what is shown is a station's own name or none. */
static void names_are_bounded_and_never_anothers(void **state)
{
	static struct ais_names names;
	unsigned known = 0;

	(void)state;
	for (int32_t i = 0; i < 5000; i++) {
		struct ais_message m = { .type = 24, .mmsi = 211000000 + i };

		snprintf(m.static_b.shipname, sizeof(m.static_b.shipname), "%d", (int)i);
		ais_names_join(&names, &m);
	}
	for (int32_t i = 0; i < 5000; i++) {
		struct ais_message m = { .type = 24, .mmsi = 211000000 + i, .static_b.partno = 1 };

		ais_names_join(&names, &m);
		if (m.static_b.shipname[0])
			assert_int_equal(atoi(m.static_b.shipname), i);
		known += m.static_b.shipname[0] != 0;
	}
	assert_in_range(known, AIS_NAMES_MAX / 2, AIS_NAMES_MAX);
}

static void json_flags_what_is_no_ship(void **state)
{
	struct ais_message m = { .type = 10, .layout = 10 };

	(void)state;
	m.mmsi = 123456789;
	assert_contains(json(&m), "\"mmsi\":123456789,\"mmsi_class\":\"bad\"");
	m.mmsi = 970211001;
	assert_contains(json(&m), "\"mmsi_class\":\"sart\"");
	m.mmsi = 211000001;
	assert_null(strstr(json(&m), "mmsi_class"));
}

static void begin_addressed(struct ais_make *m, unsigned dac, unsigned fid)
{
	ais_make_begin(m, 6, 2110001);
	ais_make_put(m, 2, 2); /* sequence */
	ais_make_put(m, 211000001, 30);
	ais_make_put(m, 1, 1); /* retransmitted */
	ais_make_put(m, 0, 1);
	ais_make_put(m, dac, 10);
	ais_make_put(m, fid, 6);
}

static void begin_broadcast(struct ais_make *m, unsigned dac, unsigned fid)
{
	ais_make_begin(m, 8, 2110001);
	ais_make_put(m, 0, 2);
	ais_make_put(m, dac, 10);
	ais_make_put(m, fid, 6);
}

static void unknown_application_keeps_its_bits(void **state)
{
	struct ais_make m;

	(void)state;
	begin_addressed(&m, 669, 11);
	ais_make_put(&m, 0xabc, 12);
	ais_make_put(&m, 1, 1);
	assert_contains(json(decode_made(&m)), "\"seqno\":2,\"dest_mmsi\":211000001,\"retransmit\":true,\"dac\":669,\"fid\":11,"
		"\"data\":\"13:abc8\"");
	assert_int_equal(got[0].application, 0);
}

static void acknowledgements_that_are_not_there_are_zero(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 13, 211000001);
	ais_make_put(&m, 0, 2);
	ais_make_put(&m, 211000002, 30);
	ais_make_put(&m, 3, 2);
	assert_contains(json(decode_made(&m)), "\"mmsi1\":211000002,\"mmsiseq1\":3,\"mmsi2\":0,\"mmsiseq2\":0");
	ais_make_put(&m, 0x3fffffff, 20); /* half a station */
	assert_int_equal(decode_made(&m)->acknowledge.mmsi2, 0);
	ais_make_put(&m, 0, 10);
	ais_make_put(&m, 1, 2);
	assert_int_equal(decode_made(&m)->acknowledge.mmsi2, 0x3ffffc00);
	assert_int_equal(got[0].acknowledge.seqno2, 1);
}

static void safety_text_names_whom_it_is_for(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 12, 2110001);
	ais_make_put(&m, 1, 2);
	ais_make_put(&m, 211000001, 30);
	ais_make_put(&m, 0, 2);
	ais_make_text(&m, "GOOD", 4);
	assert_contains(json(decode_made(&m)),
		"\"seqno\":1,\"dest_mmsi\":211000001,\"retransmit\":false,\"text\":\"GOOD\"}");
}

static void interrogation_of_two_stations_is_decoded(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 15, 2110001);
	ais_make_put(&m, 0, 2);
	ais_make_put(&m, 211000001, 30);
	ais_make_put(&m, 5, 6);
	ais_make_put(&m, 100, 12);
	ais_make_put(&m, 0, 2);
	assert_int_equal(decode_made(&m)->interrogation.type1_2, 0); /* 90 bits: one question */
	ais_make_put(&m, 3, 6);
	ais_make_put(&m, 200, 12);
	ais_make_put(&m, 0, 2);
	ais_make_put(&m, 211000002, 30);
	ais_make_put(&m, 24, 6);
	ais_make_put(&m, 4095, 12);
	ais_make_put(&m, 0, 2);
	assert_contains(json(decode_made(&m)), "\"mmsi1\":211000001,\"type1_1\":5,\"offset1_1\":100,\"type1_2\":3,"
		"\"offset1_2\":200,\"mmsi2\":211000002,\"type2_1\":24,\"offset2_1\":4095}");
}

static void assignment_and_slots_are_decoded(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 16, 2110001);
	ais_make_put(&m, 0, 2);
	ais_make_put(&m, 211000001, 30);
	ais_make_put(&m, 200, 12);
	ais_make_put(&m, 1023, 10);
	ais_make_put(&m, 0, 4);
	assert_contains(json(decode_made(&m)), "\"offset1\":200,\"increment1\":1023,\"mmsi2\":0,\"offset2\":0");

	ais_make_begin(&m, 20, 2110001);
	ais_make_put(&m, 0, 2);
	for (unsigned i = 1; i <= 2; i++) {
		ais_make_put(&m, 1000 + i, 12);
		ais_make_put(&m, i, 4);
		ais_make_put(&m, 7, 3);
		ais_make_put(&m, 1125, 11);
	}
	ais_make_put(&m, 0, 4);
	assert_contains(json(decode_made(&m)), "\"offset2\":1002,\"number2\":2,\"timeout2\":7,\"increment2\":1125,\"offset3\":0");
}

static void channel_management_is_an_area_or_two_stations(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 22, 2110001);
	ais_make_put(&m, 0, 2);
	ais_make_put(&m, 2087, 12);
	ais_make_put(&m, 2088, 12);
	ais_make_put(&m, 2, 4);
	ais_make_put(&m, 1, 1);

	struct ais_make two = m;

	ais_make_put(&m, 6600, 18);
	ais_make_put(&m, 32700, 17);
	ais_make_put(&m, -6000, 18);
	ais_make_put(&m, 0xd548, 17); /* 91 degrees */
	ais_make_put(&m, 0, 1);
	ais_make_put(&m, 1, 2); /* band of B */
	ais_make_put(&m, 4, 3);
	ais_make_put(&m, 0, 23);
	assert_contains(json(decode_made(&m)), "\"txrx\":2,\"power\":true,\"ne_lon\":11,\"ne_lat\":54.5,\"sw_lon\":-10,"
		"\"sw_lat\":null,\"addressed\":false,\"band_a\":false,\"band_b\":true,\"zonesize\":4}");
	ais_make_put(&two, 211000001, 30);
	ais_make_put(&two, 0, 5);
	ais_make_put(&two, 211000002, 30);
	ais_make_put(&two, 0, 5);
	ais_make_put(&two, 1, 1);
	ais_make_put(&two, 0, 2 + 3 + 23);
	assert_contains(json(decode_made(&two)), "\"dest1\":211000001,\"dest2\":211000002,\"addressed\":true");
}

static void group_command_is_decoded(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 23, 2110001);
	ais_make_put(&m, 0, 2);
	ais_make_put(&m, 6600, 18);
	ais_make_put(&m, 32700, 17);
	ais_make_put(&m, 6000, 18);
	ais_make_put(&m, 32400, 17);
	ais_make_put(&m, 6, 4);
	ais_make_put(&m, 70, 8);
	ais_make_put(&m, 0, 22);
	ais_make_put(&m, 3, 2);
	ais_make_put(&m, 9, 4);
	ais_make_put(&m, 15, 4);
	ais_make_put(&m, 0, 6);
	assert_contains(json(decode_made(&m)), "\"ne_lon\":11,\"ne_lat\":54.5,\"sw_lon\":10,\"sw_lat\":54,\"stationtype\":6,"
		"\"shiptype\":70,\"txrx\":3,\"interval\":9,\"quiet\":15}");
}

/* M.1371-5 3.24: two spare bits behind the destination, 20 bits of communication state at the end. */
static void slot_messages_are_decoded_by_their_flags(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 26, 2110001);
	ais_make_put(&m, 3, 2);
	ais_make_put(&m, 211000001, 30);
	ais_make_put(&m, 0, 2);
	ais_make_put(&m, 1 << 6 | 31, 16); /* DAC 1, FI 31 */
	ais_make_put(&m, 0xbeef, 16);
	ais_make_put(&m, 0x80001, 20);
	assert_contains(json(decode_made(&m)), "\"addressed\":true,\"structured\":true,\"dest_mmsi\":211000001,\"app_id\":95,"
		"\"data\":\"16:beef\",\"radio\":524289}");
	ais_make_begin(&m, 25, 2110001);
	ais_make_put(&m, 0, 2);
	ais_make_put(&m, 0xbeef, 16);
	assert_contains(json(decode_made(&m)), "\"addressed\":false,\"structured\":false,\"data\":\"16:beef\"}");
}

static void part_that_is_not_defined_is_kept_raw(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 24, 211000001);
	ais_make_put(&m, 2, 2);
	ais_make_put(&m, 0xff, 8);
	assert_contains(json(decode_made(&m)), "\"partno\":2,\"data\":\"8:ff\"}");
}

static void put_area_head(struct ais_make *m)
{
	ais_make_put(m, 5, 10); /* linkage */
	ais_make_put(m, 75, 7); /* SAR area */
	ais_make_put(m, 11, 4);
	ais_make_put(m, 24, 5);
	ais_make_put(m, 12, 5);
	ais_make_put(m, 30, 6);
	ais_make_put(m, 120, 18);
}

/* SN.1/Circ.289: a circle, where a line begins, the line, and a text. */
static void area_notice_has_each_of_its_shapes(void **state)
{
	struct ais_make m;
	const char *text;

	(void)state;
	begin_broadcast(&m, 1, 22);
	put_area_head(&m);
	ais_make_put(&m, 0, 3); /* circle */
	ais_make_put(&m, 2, 2);
	ais_make_put(&m, 11 * 60000, 25);
	ais_make_put(&m, -30000, 24);
	ais_make_put(&m, 4, 3);
	ais_make_put(&m, 4095, 12);
	ais_make_put(&m, 0, 18);
	ais_make_put(&m, 3, 3); /* polyline */
	ais_make_put(&m, 0, 2);
	ais_make_put(&m, 181, 10);
	ais_make_put(&m, 1023, 10);
	for (unsigned i = 0; i < 3; i++) {
		ais_make_put(&m, 720, 10);
		ais_make_put(&m, 0, 10);
	}
	ais_make_put(&m, 0, 2);
	ais_make_put(&m, 5, 3); /* text */
	ais_make_text(&m, "STAY CLEAR", 14);
	text = json(decode_made(&m));
	assert_int_equal(got[0].binary.app.area.count, 3);
	assert_contains(text, "\"linkage\":5,\"notice\":75,\"start\":\"11-24T12:30Z\",\"duration\":120,\"subareas\":[{\"shape\":0,"
		"\"scale\":2,\"lon\":11,\"lat\":-0.5,\"precision\":4,\"radius\":4095},");
	assert_contains(text, "{\"shape\":3,\"scale\":0,\"bearing1\":90.5,\"distance1\":1023,\"bearing2\":null,\"distance2\":0");
	assert_contains(text, "{\"shape\":5,\"text\":\"STAY CLEAR\"}]}");
}

static void put_report_head(struct ais_make *m, unsigned kind)
{
	ais_make_put(m, kind, 4);
	ais_make_put(m, 24, 5);
	ais_make_put(m, 12, 5);
	ais_make_put(m, 30, 6);
	ais_make_put(m, 101, 7);
}

static void put_forecast(struct ais_make *m)
{
	ais_make_put(m, 25, 5);
	ais_make_put(m, 6, 5);
	ais_make_put(m, 0, 6);
	ais_make_put(m, 255, 8);
}

static void environmental_reports_are_decoded_by_their_sensor(void **state)
{
	struct ais_make m;
	const char *text;

	(void)state;
	begin_broadcast(&m, 1, 26);
	put_report_head(&m, 2); /* wind */
	ais_make_put(&m, 20, 7);
	ais_make_put(&m, 122, 7);
	ais_make_put(&m, 359, 9);
	ais_make_put(&m, 360, 9);
	ais_make_put(&m, 1, 3);
	ais_make_put(&m, 30, 7);
	ais_make_put(&m, 40, 7);
	ais_make_put(&m, 90, 9);
	put_forecast(&m);
	ais_make_put(&m, 0, 3);
	put_report_head(&m, 3); /* water level */
	ais_make_put(&m, 1, 1);
	ais_make_put(&m, -1234, 16);
	ais_make_put(&m, 1, 2);
	ais_make_put(&m, 6, 5);
	ais_make_put(&m, 2, 3);
	ais_make_put(&m, 0, 1);
	ais_make_put(&m, -32768, 16);
	put_forecast(&m);
	ais_make_put(&m, 0, 17);
	text = json(decode_made(&m));
	assert_contains(text, "\"reports\":[{\"sensor\":2,\"timestamp\":\"24T12:30Z\",\"site\":101,\"wspeed\":20,\"wgust\":null,"
		"\"wdir\":359,\"wgustdir\":null,\"sensortype\":1,\"fwspeed\":30,\"fwgust\":40,\"fwdir\":90,"
		"\"ftimestamp\":\"25T06:00Z\",\"duration\":null}");
	assert_contains(text, "\"absolute\":true,\"level\":-12.34,\"leveltrend\":1,\"datum\":6,\"sensortype\":2,"
		"\"fabsolute\":false,\"flevel\":null,\"ftimestamp\":\"25T06:00Z\",\"duration\":null}]}");
}

static void route_has_its_waypoints(void **state)
{
	struct ais_make m;

	(void)state;
	begin_broadcast(&m, 1, 27);
	ais_make_put(&m, 9, 10);
	ais_make_put(&m, 1, 3);
	ais_make_put(&m, 2, 5);
	ais_make_put(&m, 11, 4);
	ais_make_put(&m, 24, 5);
	ais_make_put(&m, 12, 5);
	ais_make_put(&m, 30, 6);
	ais_make_put(&m, 262143, 18);
	ais_make_put(&m, 2, 5);
	ais_make_put(&m, 6600000, 28);
	ais_make_put(&m, 32700000, 27);
	ais_make_put(&m, 0x6791ac0, 28);
	ais_make_put(&m, 0x3412140, 27);
	assert_contains(json(decode_made(&m)), "\"linkage\":9,\"sender\":1,\"rtype\":2,\"start\":\"11-24T12:30Z\",\"duration\":null,"
		"\"waycount\":2,\"waypoints\":[{\"lon\":11,\"lat\":54.5},{\"lon\":null,\"lat\":null}]}");
}

static void texts_of_applications_are_decoded(void **state)
{
	struct ais_make m;

	(void)state;
	begin_broadcast(&m, 1, 29);
	ais_make_put(&m, 1023, 10);
	ais_make_text(&m, "ICE AHEAD", 9);
	assert_contains(json(decode_made(&m)), "\"linkage\":1023,\"text\":\"ICE AHEAD\"}");
	begin_addressed(&m, 1, 0);
	ais_make_put(&m, 1, 1);
	ais_make_put(&m, 77, 11);
	ais_make_text(&m, "CALL ME", 7);
	assert_contains(json(decode_made(&m)), "\"ack_required\":true,\"sequence\":77,\"text\":\"CALL ME\"}");
}

static void inland_messages_are_decoded(void **state)
{
	struct ais_make m;

	(void)state;
	begin_broadcast(&m, 200, 24);
	ais_make_text(&m, "DE", 2);
	ais_make_put(&m, 17, 11);
	ais_make_put(&m, 1 << 13 | 420, 14); /* positive */
	ais_make_put(&m, 18, 11);
	ais_make_put(&m, 35, 14); /* negative */
	ais_make_put(&m, 0, 50);
	assert_contains(json(decode_made(&m)), "\"country\":\"DE\",\"gauges\":[{\"id\":17,\"level\":420},{\"id\":18,\"level\":-35},"
		"{\"id\":0,\"level\":null},{\"id\":0,\"level\":null}]}");
	begin_broadcast(&m, 200, 40);
	ais_make_put(&m, 6600000, 28);
	ais_make_put(&m, 32700000, 27);
	ais_make_put(&m, 3, 4);
	ais_make_put(&m, 511, 9);
	ais_make_put(&m, 2, 3);
	ais_make_put(&m, 450000000, 30);
	ais_make_put(&m, 0, 11);
	assert_contains(json(decode_made(&m)),
		"\"lon\":11,\"lat\":54.5,\"form\":3,\"facing\":null,\"direction\":2,\"status\":450000000}");
	begin_addressed(&m, 200, 55);
	ais_make_put(&m, 4, 8);
	ais_make_put(&m, 8191, 13);
	ais_make_put(&m, 255, 8);
	ais_make_put(&m, 0, 51);
	assert_contains(json(decode_made(&m)), "\"crew\":4,\"passengers\":null,\"personnel\":null}");
}

/* The number of persons has its own length; under the same number some stations send lists of targets. */
static void application_of_a_wrong_length_stays_raw(void **state)
{
	struct ais_make m;

	(void)state;
	begin_broadcast(&m, 1, 16);
	ais_make_put(&m, 42, 13);
	ais_make_put(&m, 0, 3);
	assert_int_equal(decode_made(&m)->binary.app.persons.persons, 42);
	ais_make_put(&m, 0, 57);
	ais_make_put(&m, 0, 57);
	assert_int_equal(decode_made(&m)->application, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(part_b_says_the_name_of_its_part_a),
		cmocka_unit_test(names_are_bounded_and_never_anothers),
		cmocka_unit_test(json_flags_what_is_no_ship),
		cmocka_unit_test(unknown_application_keeps_its_bits),
		cmocka_unit_test(acknowledgements_that_are_not_there_are_zero),
		cmocka_unit_test(safety_text_names_whom_it_is_for),
		cmocka_unit_test(interrogation_of_two_stations_is_decoded),
		cmocka_unit_test(assignment_and_slots_are_decoded),
		cmocka_unit_test(channel_management_is_an_area_or_two_stations),
		cmocka_unit_test(group_command_is_decoded),
		cmocka_unit_test(slot_messages_are_decoded_by_their_flags),
		cmocka_unit_test(part_that_is_not_defined_is_kept_raw),
		cmocka_unit_test(area_notice_has_each_of_its_shapes),
		cmocka_unit_test(environmental_reports_are_decoded_by_their_sensor),
		cmocka_unit_test(route_has_its_waypoints),
		cmocka_unit_test(texts_of_applications_are_decoded),
		cmocka_unit_test(inland_messages_are_decoded),
		cmocka_unit_test(application_of_a_wrong_length_stays_raw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
