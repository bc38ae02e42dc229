#include "tests/assert_near.h"

#include "ais_make.h"
#include "sensor/decode/ais/ais.h"
#include "sensor/decode/ais/ais_armour.h"
#include "sensor/decode/ais/ais_json.h"
#include "sensor/decode/ais/ais_mmsi.h"

static struct ais a;
static struct ais_message got[64];
static struct ais_sentence got_sentence;
static unsigned n_got;

static void keep(void *user, const struct ais_message *m, const struct ais_sentence *s)
{
	(void)user;
	if (n_got < 64)
		got[n_got++] = *m;
	got_sentence = *s;
}

static void start(void)
{
	ais_init(&a);
	n_got = 0;
}

static void feed_at(const char *text, uint32_t source, int64_t now_ns)
{
	ais_decode(&a, text, strlen(text), source, now_ns, keep, NULL);
}

static void decode(const char *text)
{
	start();
	feed_at(text, 0, 0);
}

static uint64_t faults(void)
{
	uint64_t sum = 0;

	for (unsigned i = 1; i < _AIS_FAULT_MAX; i++)
		sum += a.stats.faults[i];
	return sum;
}

static void decode_made(const struct ais_make *m)
{
	char text[512];

	ais_make_one(m, text, sizeof(text));
	decode(text);
}

static const char *json(const struct ais_message *m)
{
	static char buf[4096];
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

/* The worked example of gpsd's AIVDM description (E. S. Raymond, "AIVDM/AIVDO protocol decoding", 2021) */
static void published_position_report_is_decoded(void **state)
{
	(void)state;
	decode("!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n");
	assert_int_equal(n_got, 1);
	assert_int_equal(got[0].type, 1);
	assert_int_equal(got[0].mmsi, 477553000);
	assert_int_equal(got[0].position.status, 5);
	assert_int_equal(got[0].position.turn, 0);
	assert_int_equal(got[0].position.speed, 0);
	assert_near(got[0].position.lon / 600000.0, -122.345832, 2e-6);
	assert_near(got[0].position.lat / 600000.0, 47.582833, 2e-6);
	assert_int_equal(got[0].position.course, 510);
	assert_int_equal(got[0].position.heading, 181);
	assert_int_equal(got[0].position.second, 15);
	assert_int_equal(got_sentence.channel, 'B');
	assert_int_equal(faults(), 0);
}

static void every_field_at_both_ends_of_its_range(void **state)
{
	static const int32_t lons[] = { -108000000, 108000000 }, lats[] = { -54000000, 54000000 };

	(void)state;
	for (int k = 0; k < 2; k++) {
		struct ais_make m;

		ais_make_position(&m, k ? 0x3fffffff : 1, k ? 15 : 0, k ? 126 : -126, k ? 1022 : 0, k, lons[k], lats[k],
			k ? 3599 : 0, k ? 359 : 0, k ? 63 : 0);
		decode_made(&m);
		assert_int_equal(n_got, 1);
		assert_int_equal(got[0].mmsi, k ? 0x3fffffff : 1);
		assert_int_equal(got[0].position.status, k ? 15 : 0);
		assert_int_equal(got[0].position.turn, k ? 126 : -126);
		assert_int_equal(got[0].position.speed, k ? 1022 : 0);
		assert_int_equal(got[0].position.accuracy, k);
		assert_int_equal(got[0].position.lon, lons[k]);
		assert_int_equal(got[0].position.lat, lats[k]);
		assert_int_equal(got[0].position.course, k ? 3599 : 0);
		assert_int_equal(got[0].position.heading, k ? 359 : 0);
		assert_int_equal(got[0].position.second, k ? 63 : 0);
		assert_contains(json(&got[0]), k ? "\"lon\":180,\"lat\":90," : "\"lon\":-180,\"lat\":-90,");
		/* (126 / 4.733)^2 deg/min */
		assert_contains(json(&got[0]), k ? "\"turn\":708.7092" : "\"turn\":-708.7092");
	}
}

static void not_available_is_null_in_json(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_position(&m, 211000001, 15, -128, 1023, 0, 0x6791AC0, 0x3412140, 3600, 511, 60);
	decode_made(&m);
	assert_int_equal(n_got, 1);

	const char *text = json(&got[0]);

	assert_contains(text, "\"turn\":null,\"speed\":null,");
	assert_contains(text, "\"lon\":null,\"lat\":null,\"course\":null,\"heading\":null,\"second\":null");
}

static void class_b_is_decoded(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 18, 211000002);
	ais_make_put(&m, 0, 8);
	ais_make_put(&m, 55, 10);
	ais_make_put(&m, 1, 1);
	ais_make_put(&m, 6743000, 28);
	ais_make_put(&m, 32700000, 27);
	ais_make_put(&m, 3599, 12);
	ais_make_put(&m, 511, 9);
	ais_make_put(&m, 59, 6);
	ais_make_put(&m, 0, 2);
	ais_make_put(&m, 0x13, 5); /* cs, not display, not dsc, band, msg22 */
	ais_make_put(&m, 1, 1);
	ais_make_put(&m, 0, 1);
	ais_make_put(&m, 917510, 20);
	decode_made(&m);
	assert_int_equal(n_got, 1);
	assert_int_equal(got[0].class_b.speed, 55);
	assert_int_equal(got[0].class_b.lon, 6743000);
	assert_int_equal(got[0].class_b.lat, 32700000);
	assert_int_equal(got[0].class_b.course, 3599);
	assert_int_equal(got[0].class_b.second, 59);
	assert_int_equal(got[0].class_b.cs, 1);
	assert_int_equal(got[0].class_b.display, 0);
	assert_int_equal(got[0].class_b.dsc, 0);
	assert_int_equal(got[0].class_b.band, 1);
	assert_int_equal(got[0].class_b.msg22, 1);
	assert_int_equal(got[0].class_b.assigned, 1);
	assert_int_equal(got[0].class_b.radio, 917510);
}

static void class_b_extended_is_decoded(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 19, 211000003);
	ais_make_put(&m, 0, 8);
	ais_make_put(&m, 87, 10);
	ais_make_put(&m, 0, 1);
	ais_make_put(&m, 6743000, 28);
	ais_make_put(&m, 32700000, 27);
	ais_make_put(&m, 100, 12);
	ais_make_put(&m, 90, 9);
	ais_make_put(&m, 5, 6);
	ais_make_put(&m, 4, 4);
	ais_make_text(&m, "LITTLE ONE", 20);
	ais_make_put(&m, 36, 8);
	ais_make_put(&m, 511, 9);
	ais_make_put(&m, 4, 9);
	ais_make_put(&m, 63, 6);
	ais_make_put(&m, 2, 6);
	ais_make_put(&m, 1, 4);
	ais_make_put(&m, 5, 3); /* raim, not dte, assigned */
	ais_make_put(&m, 0, 4);
	decode_made(&m);
	assert_int_equal(n_got, 1);
	assert_int_equal(got[0].class_b_ext.heading, 90);
	assert_int_equal(got[0].class_b_ext.regional, 4);
	assert_string_equal(got[0].class_b_ext.shipname, "LITTLE ONE");
	assert_int_equal(got[0].class_b_ext.shiptype, 36);
	assert_int_equal(got[0].class_b_ext.to_bow, 511);
	assert_int_equal(got[0].class_b_ext.to_port, 63);
	assert_int_equal(got[0].class_b_ext.raim, 1);
	assert_int_equal(got[0].class_b_ext.dte, 0);
	assert_int_equal(got[0].class_b_ext.assigned, 1);
}

static void lone_static_parts_of_class_b_are_decoded(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 24, 211000002);
	ais_make_put(&m, 0, 2);
	ais_make_text(&m, "SMALL", 20);
	decode_made(&m); /* 160 bits */
	assert_int_equal(n_got, 1);
	assert_string_equal(got[0].static_b.shipname, "SMALL");
	ais_make_put(&m, 0, 8);
	decode_made(&m); /* 168 bits */
	assert_int_equal(n_got, 1);
	assert_string_equal(got[0].static_b.shipname, "SMALL");

	ais_make_part_b(&m, 211000002);
	ais_make_put(&m, 12, 9);
	ais_make_put(&m, 5, 9);
	ais_make_put(&m, 2, 6);
	ais_make_put(&m, 3, 6);
	ais_make_put(&m, 7, 4);
	ais_make_put(&m, 0, 2);
	decode_made(&m);
	assert_int_equal(n_got, 1);
	assert_int_equal(got[0].static_b.partno, 1);
	assert_string_equal(got[0].static_b.vendorid, "ABC");
	assert_int_equal(got[0].static_b.model, 9);
	assert_int_equal(got[0].static_b.serial, 1048575);
	assert_string_equal(got[0].static_b.callsign, "DXY12");
	assert_int_equal(got[0].static_b.to_bow, 12);
	assert_int_equal(got[0].static_b.epfd, 7);
}

static void auxiliary_craft_names_its_mother_ship(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_part_b(&m, 982110001);
	ais_make_put(&m, 211000001, 30);
	ais_make_put(&m, 0, 6);
	decode_made(&m);
	assert_int_equal(n_got, 1);
	assert_int_equal(got[0].static_b.mothership_mmsi, 211000001);
	assert_contains(json(&got[0]), "\"mothership_mmsi\":211000001");
}

static void put_aton(struct ais_make *m, const char *name)
{
	ais_make_begin(m, 21, 992110001);
	ais_make_put(m, 24, 5);
	ais_make_text(m, name, 20);
	ais_make_put(m, 1, 1);
	ais_make_put(m, 6743000, 28);
	ais_make_put(m, 32700000, 27);
	ais_make_put(m, 0, 9 + 9 + 6 + 6);
	ais_make_put(m, 7, 4);
	ais_make_put(m, 61, 6);
	ais_make_put(m, 1, 1); /* off position */
	ais_make_put(m, 0, 8);
	ais_make_put(m, 2, 3); /* not raim, virtual, not assigned */
	ais_make_put(m, 0, 1);
}

static void aid_to_navigation_joins_its_name_extension(void **state)
{
	struct ais_make m;

	(void)state;
	put_aton(&m, "CHINA ROSE MURPHY EX");
	ais_make_text(&m, "PRESS ALERT", 11);
	decode_made(&m);
	assert_int_equal(n_got, 1);
	assert_string_equal(got[0].aton.name, "CHINA ROSE MURPHY EXPRESS ALERT");
	assert_int_equal(got[0].aton.off_position, 1);
	assert_int_equal(got[0].aton.virtual_aid, 1);
	assert_int_equal(got[0].aton.second, 61);
	put_aton(&m, "SHORT");
	decode_made(&m);
	assert_string_equal(got[0].aton.name, "SHORT");
}

static void long_range_report_is_decoded(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 27, 211000001);
	ais_make_put(&m, 1, 1);
	ais_make_put(&m, 0, 1);
	ais_make_put(&m, 3, 4);
	ais_make_put(&m, -108000, 18);
	ais_make_put(&m, 54000, 17);
	ais_make_put(&m, 62, 6);
	ais_make_put(&m, 359, 9);
	ais_make_put(&m, 1, 1);
	ais_make_put(&m, 0, 1);
	decode_made(&m);
	assert_int_equal(n_got, 1);
	assert_int_equal(got[0].long_range.lon, -108000);
	assert_int_equal(got[0].long_range.lat, 54000);
	assert_int_equal(got[0].long_range.speed, 62);
	assert_int_equal(got[0].long_range.course, 359);
	assert_int_equal(got[0].long_range.gnss, 1);
	assert_contains(json(&got[0]), "\"lon\":-180,\"lat\":90,\"speed\":62,\"course\":359");
}

static void text_ends_at_the_first_at_sign(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 14, 970211001);
	ais_make_put(&m, 0, 2);
	ais_make_text(&m, "SART TEST  @X", 13);
	decode_made(&m);
	assert_int_equal(n_got, 1);
	assert_string_equal(got[0].text.text, "SART TEST");
}

static void unknown_application_is_kept_raw(void **state)
{
	struct ais_make m;

	(void)state;
	ais_make_begin(&m, 8, 211000001);
	ais_make_put(&m, 0, 60);
	decode_made(&m);
	assert_int_equal(n_got, 1);
	assert_int_equal(got[0].binary.data.bits, 42);
	assert_int_equal(faults(), 0);
}

static void wrong_fill_count_is_tolerated(void **state)
{
	const char *body = "AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,5";
	char text[128];

	(void)state;
	snprintf(text, sizeof(text), "!%s*%02X\r\n", body, ais_make_checksum(body));
	decode(text);
	assert_int_equal(n_got, 1);
	assert_int_equal(got[0].position.radio, 149208);
	assert_int_equal(faults(), 0);
}

static void make_two(const char *name, uint32_t mmsi, const char *seq, const char *channel, char *one, char *two)
{
	struct ais_make m;
	char payload[256];
	unsigned fill, n;

	ais_make_static(&m, mmsi, name);
	n = ais_make_payload(&m, payload, &fill);
	ais_make_part(payload, 0, 56, 2, 1, seq, channel, 0, one, 256);
	ais_make_part(payload, 56, n, 2, 2, seq, channel, fill, two, 256);
}

static void fragments_are_joined_whatever_lies_between(void **state)
{
	char a1[256], a2[256], b1[256], b2[256];

	(void)state;
	make_two("NORTH WIND", 211000001, "3", "A", a1, a2);
	make_two("SOUTH WIND", 211000009, "3", "B", b1, b2);
	start();
	feed_at(a1, 0, 0);
	feed_at(b1, 0, 0);
	feed_at("!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n$GPGGA,1*00\r\n", 0, 0);
	feed_at(b2, 0, 0);
	feed_at(a2, 0, 0);
	assert_int_equal(n_got, 3);
	assert_string_equal(got[1].fixed.shipname, "SOUTH WIND");
	assert_string_equal(got[2].fixed.shipname, "NORTH WIND");
	assert_int_equal(got[2].fixed.imo, 9134270);
	assert_string_equal(got[2].fixed.callsign, "DABC");
	assert_int_equal(got[2].fixed.to_bow, 225);
	assert_int_equal(got[2].fixed.draught, 122);
	assert_string_equal(got[2].fixed.destination, "KIEL");
	assert_contains(json(&got[2]), "\"eta\":\"05-15T14:00Z\",\"draught\":12.2");
}

static void fragments_in_reverse_order_are_joined(void **state)
{
	char one[256], two[256];

	(void)state;
	make_two("NORTH WIND", 211000001, "3", "A", one, two);
	start();
	feed_at(two, 0, 0);
	feed_at(one, 0, 0);
	assert_int_equal(n_got, 1);
	assert_string_equal(got[0].fixed.shipname, "NORTH WIND");
}

static void fragments_of_different_senders_are_kept_apart(void **state)
{
	char one[256], two[256];

	(void)state;
	make_two("NORTH WIND", 211000001, "3", "A", one, two);
	start();
	feed_at(one, 1, 0);
	feed_at(two, 2, 0);
	assert_int_equal(n_got, 0);
}

static void half_message_times_out(void **state)
{
	char one[256], two[256];

	(void)state;
	make_two("NORTH WIND", 211000001, "3", "A", one, two);
	start();
	feed_at(one, 0, 1);
	feed_at(two, 0, 2 + AIS_ASSEMBLY_TIMEOUT_NS);
	assert_int_equal(n_got, 0);
	assert_int_equal(a.stats.faults[AIS_FAULT_FRAGMENT], 1);
}

static void assembly_is_bounded(void **state)
{
	char one[256], two[256], seq[8];

	(void)state;
	start();
	for (unsigned i = 0; i < 3 * AIS_ASSEMBLY_MAX; i++) {
		snprintf(seq, sizeof(seq), "%u", i % 200);
		make_two("NORTH WIND", 211000001, seq, "A", one, two);
		feed_at(one, i, 0);
	}
	assert_int_equal(a.stats.faults[AIS_FAULT_FRAGMENT], 2 * AIS_ASSEMBLY_MAX);
	feed_at(two, 3 * AIS_ASSEMBLY_MAX - 1, 0);
	assert_int_equal(n_got, 1);
}

static void each_fault_has_its_own_counter(void **state)
{
	static const struct {
		const char *text, *body; /* a body gets its right checksum */
		enum ais_fault fault;
	} cases[] = {
		{ "hello\r\n", NULL, AIS_FAULT_GARBAGE },
		{ "\x01\x02\xff\xfe", NULL, AIS_FAULT_GARBAGE },
		{ "!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1w", NULL, AIS_FAULT_TRUNCATED },
		{ "!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5D\r\n", NULL, AIS_FAULT_CHECKSUM },
		{ "", "AIVDM,1,1,B", AIS_FAULT_FORMAT },
		{ "", "AIVDM,3,4,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0", AIS_FAULT_FORMAT },
		{ "", "AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,6", AIS_FAULT_FORMAT },
		{ "", "AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKZ,0", AIS_FAULT_ARMOUR },
		{ "", "AIVDM,1,1,,B,177KQJ5000,0", AIS_FAULT_LENGTH },
		{ "", "AIVDM,1,1,,B,,0", AIS_FAULT_LENGTH },
		{ "", "AIVDM,1,1,,B,077KQJ5000G?tO`K>RA1wUbN0TKH,0", AIS_FAULT_TYPE },
		{ "", "AIVDM,1,1,,B,w77KQJ5000G?tO`K>RA1wUbN0TKH,0", AIS_FAULT_TYPE },
		{ "\\s:x*00\\", "AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0", AIS_FAULT_TAG },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256];

		if (cases[i].body)
			snprintf(text, sizeof(text), "%s!%s*%02X\r\n", cases[i].text, cases[i].body,
				ais_make_checksum(cases[i].body));
		else
			snprintf(text, sizeof(text), "%s", cases[i].text);
		decode(text);
		if (a.stats.faults[cases[i].fault] != 1 || faults() != 1)
			fail_msg("case %u: %s", i, text);
	}
}

static void several_sentences_without_line_ends_are_found(void **state)
{
	(void)state;
	decode("!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C");
	assert_int_equal(n_got, 2);
	assert_int_equal(faults(), 0);
}

static void truncated_sentence_does_not_take_the_next_with_it(void **state)
{
	(void)state;
	decode("!AIVDM,1,1,,B,177KQJ5000G?t!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n");
	assert_int_equal(n_got, 1);
	assert_int_equal(a.stats.faults[AIS_FAULT_TRUNCATED], 1);
	assert_int_equal(faults(), 1);
}

static void wrappers_are_tolerated(void **state)
{
	(void)state;
	decode("1795461111 !AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C,r003669945,1241544035\r\n");
	assert_int_equal(n_got, 1);
	assert_string_equal(got_sentence.station, "r003669945");
	assert_true(got_sentence.time_ns == INT64_C(1241544035000000000));
	assert_int_equal(faults(), 0);
}

static void tag_block_gives_station_and_time(void **state)
{
	const char *body = "g:1-2-73,s:r003669945,c:1241544035";
	char text[256];

	(void)state;
	snprintf(text, sizeof(text), "\\%s*%02X\\!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n", body,
		ais_make_checksum(body));
	decode(text);
	assert_int_equal(n_got, 1);
	assert_string_equal(got_sentence.station, "r003669945");
	assert_true(got_sentence.time_ns == INT64_C(1241544035000000000));
	body = "c:1241544035123";
	snprintf(text, sizeof(text), "\\%s*%02X\\!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n", body,
		ais_make_checksum(body));
	decode(text);
	assert_true(got_sentence.time_ns == INT64_C(1241544035123000000));
}

/* NMEA 0183 4.x: only the first sentence of a group must say where and when it was heard. */
static void tag_block_group_keeps_messages_apart(void **state)
{
	static const struct {
		const char *tag;
		int part, message;
	} lines[] = {
		{ "g:1-2-73,s:north,c:1241544035", 0, 0 },
		{ "g:1-2-74,s:south,c:1241544036", 0, 1 },
		{ "g:2-2-73", 1, 0 },
		{ "g:2-2-74", 1, 1 },
	};
	char parts[2][2][256];

	(void)state;
	make_two("NORTH WIND", 211000001, "3", "A", parts[0][0], parts[0][1]);
	make_two("SOUTH WIND", 211000002, "3", "A", parts[1][0], parts[1][1]);
	start();
	for (unsigned i = 0; i < 4; i++) {
		char text[512];

		snprintf(text, sizeof(text), "\\%s*%02X\\%s", lines[i].tag, ais_make_checksum(lines[i].tag),
			parts[lines[i].message][lines[i].part]);
		feed_at(text, 0, 0);
		if (i == 2)
			assert_string_equal(got_sentence.station, "north");
	}
	assert_int_equal(n_got, 2);
	assert_string_equal(got[0].fixed.shipname, "NORTH WIND");
	assert_string_equal(got[1].fixed.shipname, "SOUTH WIND");
	assert_string_equal(got_sentence.station, "south");
	assert_true(got_sentence.time_ns == INT64_C(1241544036000000000));
	assert_int_equal(faults(), 0);
}

static void unusual_heads_are_accepted(void **state)
{
	static const char *const bodies[] = {
		"AIVDM,0,0,,,177KQJ5000G?tO`K>RA1wUbN0TKH,0", /* 0 of 0, no channel */
		"BSVDO,1,1,7,1,177KQJ5000G?tO`K>RA1wUbN0TKH,0", /* another talker, own ship, seq, channel 1 */
		"AIVDM,1,1,12,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0",
	};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char text[128];

		snprintf(text, sizeof(text), "!%s*%02X\n", bodies[i], ais_make_checksum(bodies[i]));
		decode(text);
		assert_int_equal(n_got, 1);
		assert_int_equal(faults(), 0);
	}
}

static void every_truncation_of_a_datagram_is_harmless(void **state)
{
	char one[256], two[256], all[1024];

	(void)state;
	make_two("NORTH WIND", 211000001, "3", "A", one, two);
	snprintf(all, sizeof(all), "\\s:x,c:1*2D\\%s%s!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C,rx,1\r\n", one, two);
	for (size_t n = 0; n <= strlen(all); n++) {
		start();
		ais_decode(&a, all, n, 0, 0, keep, NULL);
		assert_true(n_got <= 2);
	}
	assert_int_equal(n_got, 2);
}

static void every_bit_count_of_every_type_is_harmless(void **state)
{
	(void)state;
	for (unsigned type = 0; type < 64; type++) {
		for (unsigned bits = 1; bits < 1280; bits += 1 + bits / 50) {
			struct ais_make m = { .n = 0 };
			char payload[256], text[512];
			unsigned fill;

			ais_make_put(&m, type, 6);
			while (m.n < bits)
				ais_make_put(&m, 1, 1);

			unsigned n = ais_make_payload(&m, payload, &fill);

			ais_make_part(payload, 0, n, 1, 1, "", "A", fill, text, sizeof(text));
			decode(text);
			if (n_got)
				(void)json(&got[0]);
			assert_true(n_got + faults() == 1);
		}
	}
}

static void legal_armour_is_exactly_the_standards(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		for (unsigned at = 0; at < 11; at++) {
			char text[AIS_ARMOUR_TEXT(11)];
			uint8_t out[AIS_ARMOUR_BYTES(11)];
			bool legal = (c >= 0x30 && c <= 0x57) || (c >= 0x60 && c <= 0x77);

			memset(text, 'w', sizeof(text));
			text[at] = (char)c;
			assert_int_equal(ais_armour_decode(text, 11, out) == 0, legal);
			if (!legal)
				continue;
			assert_int_equal(bits_get(out, 6 * at, 6), c < 0x60 ? c - 48 : c - 56);
			if (at)
				assert_int_equal(bits_get(out, 6 * at - 6, 6), 63);
		}
	}
}

/* ITU-R M.585-9, annex 1 */
static void mmsi_classes_are_the_standards(void **state)
{
	(void)state;
	assert_int_equal(ais_mmsi_classify(211000001), AIS_MMSI_SHIP);
	assert_int_equal(ais_mmsi_classify(21100000), AIS_MMSI_GROUP);
	assert_int_equal(ais_mmsi_classify(2111234), AIS_MMSI_COAST);
	assert_int_equal(ais_mmsi_classify(111211001), AIS_MMSI_SAR_AIRCRAFT);
	assert_int_equal(ais_mmsi_classify(821100001), AIS_MMSI_HANDHELD);
	assert_int_equal(ais_mmsi_classify(982110001), AIS_MMSI_AUXILIARY);
	assert_int_equal(ais_mmsi_classify(992110001), AIS_MMSI_ATON);
	assert_int_equal(ais_mmsi_classify(970211001), AIS_MMSI_SART);
	assert_int_equal(ais_mmsi_classify(972211001), AIS_MMSI_MOB);
	assert_int_equal(ais_mmsi_classify(974211001), AIS_MMSI_EPIRB);
	assert_int_equal(ais_mmsi_classify(979211001), AIS_MMSI_AMRD);
	assert_int_equal(ais_mmsi_classify(0), AIS_MMSI_BAD);
	assert_int_equal(ais_mmsi_classify(1193046), AIS_MMSI_BAD);
	assert_int_equal(ais_mmsi_classify(123456789), AIS_MMSI_BAD);
	assert_int_equal(ais_mmsi_classify(1000000000), AIS_MMSI_BAD);
}

static void adversarial_line_is_linear(void **state)
{
	static char text[65536];

	(void)state;
	/* 9,362 sentence heads without an end: a search to the line's end for each would take 300 M steps. */
	for (unsigned i = 0; i + 7 <= sizeof(text); i += 7)
		memcpy(text + i, "!AIVDM,", 7);
	start();
	ais_decode(&a, text, sizeof(text), 0, 0, keep, NULL);
	assert_int_equal(n_got, 0);
	assert_true(faults() > 9000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_position_report_is_decoded),
		cmocka_unit_test(every_field_at_both_ends_of_its_range),
		cmocka_unit_test(not_available_is_null_in_json),
		cmocka_unit_test(class_b_is_decoded),
		cmocka_unit_test(class_b_extended_is_decoded),
		cmocka_unit_test(lone_static_parts_of_class_b_are_decoded),
		cmocka_unit_test(auxiliary_craft_names_its_mother_ship),
		cmocka_unit_test(aid_to_navigation_joins_its_name_extension),
		cmocka_unit_test(long_range_report_is_decoded),
		cmocka_unit_test(text_ends_at_the_first_at_sign),
		cmocka_unit_test(unknown_application_is_kept_raw),
		cmocka_unit_test(wrong_fill_count_is_tolerated),
		cmocka_unit_test(fragments_are_joined_whatever_lies_between),
		cmocka_unit_test(fragments_in_reverse_order_are_joined),
		cmocka_unit_test(fragments_of_different_senders_are_kept_apart),
		cmocka_unit_test(half_message_times_out),
		cmocka_unit_test(assembly_is_bounded),
		cmocka_unit_test(each_fault_has_its_own_counter),
		cmocka_unit_test(several_sentences_without_line_ends_are_found),
		cmocka_unit_test(truncated_sentence_does_not_take_the_next_with_it),
		cmocka_unit_test(wrappers_are_tolerated),
		cmocka_unit_test(tag_block_gives_station_and_time),
		cmocka_unit_test(tag_block_group_keeps_messages_apart),
		cmocka_unit_test(unusual_heads_are_accepted),
		cmocka_unit_test(every_truncation_of_a_datagram_is_harmless),
		cmocka_unit_test(every_bit_count_of_every_type_is_harmless),
		cmocka_unit_test(legal_armour_is_exactly_the_standards),
		cmocka_unit_test(mmsi_classes_are_the_standards),
		cmocka_unit_test(adversarial_line_is_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
