#include "tests/assert_near.h"

#include "nmea_make.h"
#include "sensor/decode/nmea/nmea_encode.h"

static struct nmea_made d;
static char line[NMEA_MAKE_MAX], line2[NMEA_MAKE_MAX];

static int tear_down(void **state)
{
	(void)state;
	free(d.bytes);
	memset(&d, 0, sizeof(d));
	return 0;
}

static const char *encode(const struct nmea_message *m)
{
	static char out[NMEA_MAKE_MAX];
	struct jot j;

	jot_init(&j, out, sizeof(out) - 1);
	nmea_encode_sentence(m, &j);
	assert_false(j.full);
	out[j.len] = '\0';
	return out;
}

/* Good, and written again as it was. */
static void check_same(const char *text)
{
	nmea_made_decode(&d, text, strlen(text));
	if (d.messages != 1 || nmea_made_faults(&d))
		fail_msg("not taken: %s", text);
	assert_string_equal(encode(&d.last), text);
}

/* What each kind of field can hold: both ends, nothing, and the forms that keep their digits. */
static const char *const numbers[] = { "", "0", "00", "-1", "0.0", "-99.99", "99.99", ".5", "-.05", "007.10", "999999999999999999",
	"-999999999999999999", "123456.123456789012", NULL };
static const char *const hexes[] = { "", "0", "00", "01", "FF", "0A", "FFFFFFFF", NULL };
static const char *const times[] = { "", "000000", "000000.00", "235960", "235959.999999999999", NULL };
static const char *const dates[] = { "", "010100", "311299", "290224", NULL };
static const char *const lats[] = { "", "0000", "0000.000", "9000.0000", "8959.99999999999", "5430.1", NULL };
static const char *const lons[] = { "", "00000", "18000.00", "17959.9999999", "01114.5678", NULL };
static const char *const texts[] = { "", "A", "^2C^0d", "a b(c)/d", "\xc0\xff\x7f\x01", NULL };
static const char *const *const values[_NMEA_KIND_MAX] = {
	[NMEA_NUMBER] = numbers, [NMEA_HEX] = hexes, [NMEA_TIME] = times, [NMEA_DATE] = dates,
	[NMEA_LAT] = lats, [NMEA_LON] = lons, [NMEA_TEXT] = texts,
};

/* The sentence of @l in which only field @at is not null. */
static void check_value(const struct nmea_layout *l, unsigned n_fields, unsigned at, const char *value)
{
	char body[512];
	size_t n = (size_t)snprintf(body, sizeof(body), "RA%s", l->id);

	for (unsigned i = 0; i < n_fields; i++)
		n += (size_t)snprintf(body + n, sizeof(body) - n, ",%s", i == at ? value : "");
	check_same(nmea_make(l->start, body, line));
}

static void check_field(const struct nmea_layout *l, unsigned at)
{
	const struct nmea_field *f = &l->fields[at];

	for (unsigned i = 0; f->kind != NMEA_CHAR && values[f->kind][i]; i++)
		check_value(l, l->n_fields, at, values[f->kind][i]);
	for (const char *c = f->choices; c && *c; c++)
		check_value(l, l->n_fields, at, (const char[]){ *c, '\0' });
}

static void every_field_of_every_sentence_comes_back(void **state)
{
	(void)state;
	for (unsigned k = 0; nmea_message_layout_at(k); k++) {
		const struct nmea_layout *l = nmea_message_layout_at(k);

		for (unsigned i = 0; i < l->n_fields; i++)
			/* The payload and its fill bits are the targets': their own test. */
			if (strcmp(l->id, "TTD") || i < 3)
				check_field(l, i);
	}
}

/* As many fields as were sent, not more. */
static void every_number_of_fields_comes_back(void **state)
{
	(void)state;
	for (unsigned k = 0; nmea_message_layout_at(k); k++) {
		const struct nmea_layout *l = nmea_message_layout_at(k);

		for (unsigned n = 0; n <= l->n_fields; n++)
			check_value(l, n, 0, "");
	}
	for (unsigned n = 1; n <= 8; n++)
		check_value(nmea_message_layout("TLB"), n, n - 1, "7");
}

static void every_value_of_a_target_comes_back(void **state)
{
	static const size_t offsets[] = { offsetof(struct nmea_target, version), offsetof(struct nmea_target, number),
		offsetof(struct nmea_target, bearing), offsetof(struct nmea_target, speed), offsetof(struct nmea_target, course),
		offsetof(struct nmea_target, heading), offsetof(struct nmea_target, status), offsetof(struct nmea_target, test),
		offsetof(struct nmea_target, distance), offsetof(struct nmea_target, relative), offsetof(struct nmea_target, water),
		offsetof(struct nmea_target, reserved), offsetof(struct nmea_target, association) };
	static const unsigned widths[] = { 2, 10, 12, 12, 12, 12, 3, 1, 14, 1, 1, 2, 8 };
	struct nmea_message m;

	(void)state;
	for (unsigned i = 0; i < 13; i++)
		for (unsigned v = 0; v < 1u << widths[i]; v++) {
			assert_true(nmea_message_init(&m, "RA", "TTD"));
			m.ttd.n_targets = 2;
			*(int32_t *)((char *)&m.ttd.targets[1] + offsets[i]) = (int32_t)v;

			const char *text = encode(&m);

			nmea_made_decode(&d, text, strlen(text));
			assert_int_equal(d.messages, 1);
			assert_int_equal(nmea_made_faults(&d), 0);
			assert_int_equal(d.last.ttd.n_targets, 2);
			assert_memory_equal(d.last.ttd.targets, m.ttd.targets, 2 * sizeof(struct nmea_target));
		}
}

static void ttd_comes_back(void **state)
{
	(void)state;
	check_same(nmea_make('!', "RATTD,01,01,3,w0123456789:;<=`abcdefghijklmn,0", line));
	check_same(nmea_make('!', "RATTD,FF,0A,,,5", line));
	check_same(nmea_make('$', "RATTD,01,01,3,,", line)); /* some manuals write it so */
}

static void tag_block_comes_back_in_its_order(void **state)
{
	(void)state;
	nmea_make('$', "GPHDT,1,T", line);
	check_same(nmea_make_tagged("s:RA0001,d:VR0001,n:999,g:1-2-34,c:1764000000123,r:17,t:a*b$c!,q:2", line, line2));
	check_same(nmea_make_tagged("n:001,s:,c:0", line, line2));
}

static void what_is_not_canonical_is_written_as_it_should_be(void **state)
{
	static const char *const pairs[][2] = {
		{ "GPHDT,+1,T", "GPHDT,1,T" }, { "GPHDT,-0,T", "GPHDT,0,T" }, { "GPHDT,5.,T", "GPHDT,5,T" },
		{ "RATTD,0a,01,,,0", "RATTD,0A,01,,,0" }, { "GPHDT,x,T", "GPHDT,,T" }, { "GPHDT,1,T,X", "GPHDT,1,T" },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		nmea_make('$', pairs[i][0], line);
		nmea_made_decode(&d, line, strlen(line));
		assert_string_equal(encode(&d.last), nmea_make('$', pairs[i][1], line2));
	}
	nmea_made_decode(&d, "$GPHDT,1,T*2a\r\n", 15);
	assert_string_equal(encode(&d.last), nmea_make('$', "GPHDT,1,T", line2));
}

static void sentence_is_made_from_values(void **state)
{
	struct nmea_message m;

	(void)state;
	assert_true(nmea_message_init(&m, "RA", "TTM"));
	m.ttm.number = nmea_value_number(7, 2, 0);
	m.ttm.distance = nmea_value_number(1.4349, 1, 2);
	m.ttm.bearing = nmea_value_number(70.5, 3, 1);
	m.ttm.bearing_reference = 'T';
	m.ttm.tcpa = nmea_value_number(-36.94, 1, 1);
	m.ttm.units = 'N';
	m.ttm.name = (struct nmea_text){ "BUOY", 4 };
	m.ttm.status = 'Q';
	m.ttm.utc = nmea_value_number(3, 6, 2);
	m.ttm.speed = nmea_value_number(NAN, 1, 1);
	assert_string_equal(encode(&m), nmea_make('$', "RATTM,07,1.43,070.5,T,,,,,-36.9,N,BUOY,Q,,000003.00,", line));
	assert_true(nmea_message_init(&m, "RA", "TLL"));
	m.tll.lat = nmea_value_place(-54.5, "NS", 4);
	m.tll.lon = nmea_value_place(11.99999999, "EW", 4); /* rounds up to the next degree */
	assert_string_equal(encode(&m), nmea_make('$', "RATLL,,5430.0000,S,01200.0000,E,,,,", line));
	assert_near(nmea_value_degrees(&m.tll.lat), -54.5, 1e-12);
	assert_false(nmea_message_init(&m, "RA", "XXX"));
}

static void values_of_every_size_keep_their_digits(void **state)
{
	(void)state;
	for (double v = 1; v < 1e12; v *= 9.7) {
		struct nmea_number n = nmea_value_number(v, 1, 3);

		assert_near(nmea_value_real(&n), v, 0.0005);
		assert_near(nmea_value_step(&n), 0.001, 1e-15);
		assert_int_equal(n.digits, (int)log10(v + 0.0005) + 1);
	}
	assert_true(isnan(nmea_value_real(&(struct nmea_number){ 0 })));
}

/* --- IEC 61162-450 --- */

static void frame_carries_sentences_with_their_line_numbers(void **state)
{
	struct nmea_encode_source source = { "RA0001", 997 };
	struct nmea_encode_frame frame;
	struct nmea_message m;

	(void)state;
	assert_true(nmea_message_init(&m, "HE", "HDT"));
	m.hdt.heading = nmea_value_number(1.5, 1, 1);
	m.hdt.reference = 'T';
	nmea_encode_begin(&frame);
	for (unsigned i = 0; i < 4; i++)
		assert_true(nmea_encode_add(&frame, &source, &m));
	nmea_made_decode(&d, frame.bytes, frame.size);
	assert_int_equal(d.messages, 4);
	assert_int_equal(d.n.stats.frames, 1);
	assert_int_equal(nmea_made_faults(&d), 0);
	assert_int_equal(d.last.tag.line.value, 2); /* 998, 999, 1, 2 */
	assert_memory_equal(d.last.tag.source.at, "RA0001", 6);
	assert_int_equal(d.n.lines.lost + d.n.lines.late + d.n.lines.restarts, 0);
}

static void full_frame_refuses_and_counts_nothing(void **state)
{
	struct nmea_encode_source source = { "RA0001", 0 };
	struct nmea_encode_frame frame;
	struct nmea_message m;
	unsigned n = 0;

	(void)state;
	assert_true(nmea_message_init(&m, "HE", "HDT"));
	nmea_encode_begin(&frame);
	while (nmea_encode_add(&frame, &source, &m))
		n++;
	assert_int_equal(source.line, n);
	assert_true(frame.size <= NMEA_ENCODE_FRAME_MAX && frame.size > NMEA_ENCODE_FRAME_MAX - 40);
	nmea_made_decode(&d, frame.bytes, frame.size);
	assert_int_equal(d.messages, n);
	assert_int_equal(nmea_made_faults(&d), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_field_of_every_sentence_comes_back, tear_down),
		cmocka_unit_test_teardown(every_number_of_fields_comes_back, tear_down),
		cmocka_unit_test_teardown(every_value_of_a_target_comes_back, tear_down),
		cmocka_unit_test_teardown(ttd_comes_back, tear_down),
		cmocka_unit_test_teardown(tag_block_comes_back_in_its_order, tear_down),
		cmocka_unit_test_teardown(what_is_not_canonical_is_written_as_it_should_be, tear_down),
		cmocka_unit_test_teardown(sentence_is_made_from_values, tear_down),
		cmocka_unit_test_teardown(values_of_every_size_keep_their_digits, tear_down),
		cmocka_unit_test_teardown(frame_carries_sentences_with_their_line_numbers, tear_down),
		cmocka_unit_test_teardown(full_frame_refuses_and_counts_nothing, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
