#include "tests/assert_near.h"

#include <stdlib.h>

#include "adsb_make.h"
#include "common/geo.h"
#include "common/wire.h"
#include "sensor/decode/adsb/adsb_format.h"
#include "sensor/decode/adsb/adsb_plot.h"

#define S INT64_C(1000000000)
#define T0 (1764000000 * S)
#define A 0x4ca123

static const struct site site = { .feed = "adsb1", .sensor = PLOT_SENSOR_ADSB, .version = 7, .lat_rad = 52 * GEO_DEG,
	.lon_rad = 4 * GEO_DEG };
static void *state_of_format;
static struct plot got[64];
static unsigned n_got;

static int fresh(void **state)
{
	free(state_of_format);
	state_of_format = calloc(1, adsb_format.state_size);
	n_got = 0;
	return state_of_format ? adsb_format.init(state_of_format, &(struct format_options){ 0 }) : -1;
}

static int done(void **state)
{
	free(state_of_format);
	state_of_format = NULL;
	return 0;
}

static void emit(void *user, const struct plot *plot)
{
	uint8_t buf[WIRE_OBJECT_MAX];
	struct plot back;
	ssize_t size = wire_put_plot(buf, sizeof(buf), plot);

	assert_true(size > 0);
	assert_int_equal(wire_get_plot(buf, (size_t)size, &back), 0);
	got[n_got++ % 64] = *plot;
}

static void give(const void *data, size_t size, int64_t t_ns)
{
	const struct plotting p = { .site = &site, .recv_ns = t_ns, .clock_sigma_ns = 400000000 };

	adsb_format.plots(state_of_format, &(struct format_bytes){ data, size, 1, t_ns }, &p, &(struct format_plots){ emit, NULL });
}

static void send(const struct adsb_message *m, int64_t t_ns)
{
	uint8_t frame[ADSB_MESSAGE_LONG], bytes[ADSB_ENCODE_BEAST_MAX];
	int size = adsb_message_encode(m, frame);

	give(bytes, adsb_encode_beast(frame, (size_t)size, 99, 50, bytes), t_ns);
}

static void send_place(unsigned tc, bool odd, double lat, int64_t t_ns)
{
	const struct adsb_encode_position p = { .address = A, .tc = tc, .odd = odd, .lat_rad = lat * GEO_DEG, .lon_rad = 4 * GEO_DEG,
		.alt_ft = 10000, .sog_mps = 8, .cog_rad = M_PI / 2 };
	struct adsb_message m;

	adsb_encode_position(&p, &m);
	send(&m, t_ns);
}

/* The third one is the first plot. */
static const struct plot *believe(unsigned tc)
{
	send_place(tc, false, 52, T0);
	send_place(tc, true, 52, T0);
	send_place(tc, false, 52, T0 + S);
	assert_int_equal(n_got, 1);
	return &got[0];
}

static void send_velocity(int32_t geo_minus_baro_ft, int64_t t_ns)
{
	const struct adsb_encode_velocity v = { .address = A, .sog_mps = 100 * GEO_KNOT_MPS, .cog_rad = M_PI / 2, .climb_mps = 0,
		.geo_minus_baro_ft = geo_minus_baro_ft, .nac_v = 2 };
	struct adsb_message m;

	adsb_encode_velocity(&v, &m);
	send(&m, t_ns);
}

static uint64_t count(const char *key)
{
	for (unsigned i = 0; i < adsb_format.n_counts; i++)
		if (!strcmp(adsb_format.counts[i].key, key))
			return *(uint64_t *)((char *)state_of_format + adsb_format.counts[i].offset);
	fail_msg("no count %s", key);
	return 0;
}

static void position_carries_what_is_known(void **state)
{
	const struct plot *p = believe(11);

	assert_int_equal(p->kind, PLOT_POSITION);
	assert_int_equal(p->sensor, PLOT_SENSOR_ADSB);
	assert_string_equal(p->feed, "adsb1");
	assert_int_equal(p->site_version, 7);
	assert_int_equal(p->id_kind, PLOT_ID_ICAO24);
	assert_int_equal(p->id, A);
	assert_int_equal(p->time_ns, T0 + S);
	assert_int_equal(p->time_sigma_ns, 500000000); /* 0.3 s of latency and 0.4 s of clock */
	assert_near(p->lat_rad, 52 * GEO_DEG, 5e-7);
	assert_near(p->lon_rad, 4 * GEO_DEG, 1e-6);
	/* NUCp 7: 95 % within 92.6 m */
	assert_near(sqrt(p->cov.ee), hypot(92.6 / 2.4477, 1.5), 1e-6);
	assert_near(p->cov.en, 0, 0);
	assert_near(p->cov.nn, p->cov.ee, 0);
	assert_true(isnan(p->sog_mps) && isnan(p->cog_rad) && isnan(p->heading_rad));
	assert_int_equal(count("adsb_messages"), 1);
	assert_int_equal(count("no_position"), 2);
}

static void velocity_joins_while_it_is_fresh(void **state)
{
	believe(11);
	send_velocity(ADSB_NONE, T0 + 2 * S);
	send_place(11, true, 52, T0 + 4 * S);
	assert_near(got[1].sog_mps, 100 * GEO_KNOT_MPS, 1e-9);
	assert_near(got[1].sog_sigma_mps, 3 / 2.4477, 1e-9);
	assert_near(got[1].cog_rad, M_PI / 2, 1e-6);
	assert_near(got[1].cog_sigma_rad, hypot(atan2(3 / 2.4477, got[1].sog_mps), 3 * GEO_DEG), 1e-9);
	send_place(11, false, 52, T0 + 6 * S);
	assert_true(isnan(got[2].sog_mps));
}

/* A pressure is no height; with the aircraft's own difference it becomes one. */
static void barometric_altitude_is_no_height(void **state)
{
	assert_true(isnan(believe(11)->alt_m));
	send_velocity(250, T0 + S);
	send_place(11, true, 52, T0 + 2 * S);
	assert_near(got[1].alt_m, 10250 * 0.3048, 1e-9);
	send_place(11, false, 52, T0 + 50 * S);
	send_place(11, true, 52, T0 + 62 * S);
	assert_true(isnan(got[3].alt_m));
}

static void gnss_height_is_one(void **state)
{
	assert_near(believe(20)->alt_m, 10000 * 0.3048, 1e-9);
	assert_near(sqrt(got[0].cov.ee), hypot(3 / 2.4477, 1.5), 1e-6); /* NUCp 9 */
}

static void surface_carries_its_own_speed(void **state)
{
	const struct plot *p = believe(7);

	assert_near(p->sog_mps, 15.5 * GEO_KNOT_MPS, 0.6 * GEO_KNOT_MPS);
	assert_near(p->cog_rad, M_PI / 2, 0.03);
	assert_true(isnan(p->alt_m));
}

static void unknown_accuracy_gives_no_position(void **state)
{
	send_place(18, false, 52, T0);
	send_place(18, true, 52, T0);
	send_place(18, false, 52, T0);
	assert_int_equal(n_got, 0);
	assert_int_equal(count("no_accuracy"), 1);
}

static void status_improves_the_covariance(void **state)
{
	struct adsb_message m;

	adsb_message_init(&m);
	m.df = 17;
	m.tc = 31;
	m.address = A;
	m.v[ADSB_SUBTYPE] = 0;
	m.v[ADSB_VERSION] = 2;
	m.v[ADSB_NAC_P] = 10;
	send(&m, T0);
	assert_near(sqrt(believe(11)->cov.ee), hypot(10 / 2.4477, 1.5), 1e-6);
}

static void callsign_is_identity(void **state)
{
	struct adsb_message m;

	adsb_encode_identification(A, "A3", "EIN123", &m);
	send(&m, T0);
	assert_int_equal(n_got, 1);
	assert_int_equal(got[0].kind, PLOT_IDENTITY);
	assert_int_equal(got[0].id, A);
	assert_string_equal(got[0].identity.callsign, "EIN123");
	n_got = 0;
	assert_string_equal(believe(11)->identity.callsign, "EIN123");
}

static void anonymous_is_a_position_without_identity(void **state)
{
	struct adsb_encode_position p = { .address = A, .tc = 11, .lat_rad = 0.9, .lon_rad = 0.1, .alt_ft = 100 };
	struct adsb_message m;

	for (unsigned i = 0; i < 3; i++) {
		p.odd = i & 1;
		adsb_encode_position(&p, &m);
		m.df = 18;
		m.v[ADSB_CF] = 5;
		send(&m, T0);
	}
	assert_int_equal(n_got, 1);
	assert_int_equal(got[0].id_kind, PLOT_ID_NONE);
	adsb_encode_identification(A, "C1", "CAR 1", &m);
	m.df = 18;
	m.v[ADSB_CF] = 1;
	send(&m, T0);
	assert_int_equal(n_got, 1);
	assert_int_equal(count("no_target"), 1);
}

static void impossible_addresses_are_nobodys(void **state)
{
	static const uint32_t addresses[] = { 0, 0xffffff };
	struct adsb_message m;

	for (unsigned i = 0; i < 2; i++) {
		adsb_encode_identification(addresses[i], "A3", "NOBODY", &m);
		send(&m, T0);
	}
	assert_int_equal(n_got, 0);
}

static void replies_of_strangers_give_nothing(void **state)
{
	struct adsb_message m;

	adsb_message_init(&m);
	m.df = 20;
	m.address = A;
	memcpy(m.callsign, "EIN123", 6);
	send(&m, T0);
	assert_int_equal(n_got, 0);
	assert_int_equal(count("unknown_sender"), 1);
	adsb_encode_all_call(A, 5, &m);
	send(&m, T0);
	m.df = 20;
	memcpy(m.callsign, "EIN123", 6);
	send(&m, T0);
	assert_int_equal(n_got, 1);
	assert_string_equal(got[0].identity.callsign, "EIN123");
}

static void lines_give_the_same(void **state)
{
	static const char text[] = "MSG,4,1,1,4CA123,1,,,,,,,100,90,,,0,,,,,0\n"
				   "MSG,3,1,1,4CA123,1,,,,,,10000,,,52.0,4.0,,,0,,0,0\n"
				   "MSG,3,1,1,4CA123,1,,,,,,10000,,,52.0001,4.0,,,0,,0,0\n";

	give(text, sizeof(text) - 1, T0);
	assert_int_equal(n_got, 1);
	assert_near(got[0].lat_rad, 52.0001 * GEO_DEG, 1e-9);
	assert_near(got[0].sog_mps, 100 * GEO_KNOT_MPS, 1e-9);
	assert_near(sqrt(got[0].cov.ee), 92.6 / 2.4477, 1e-6);
	assert_true(isnan(got[0].alt_m));
}

static void begin(void *user, struct jot *j)
{
	static char buf[ADSB_JSON_MAX];

	jot_init(j, buf, sizeof(buf));
}

static void end(void *user, struct jot *j)
{
	assert_false(j->full);
	++*(unsigned *)user;
}

static void format_knows_its_own(void **state)
{
	static const char avr[] = "\r\n*8D4840D6202CC371C32CE0576098;", line[] = "MSG,8,1,1,4CA123,1,,,,,,,,,,,,,,,,0\n", ais[] = "!AIVDM,1,1,,A,x,0*00";
	unsigned lines = 0;

	assert_ptr_equal(format_find("adsb"), &adsb_format);
	assert_ptr_equal(format_guess((const uint8_t *)avr, sizeof(avr) - 1), &adsb_format);
	assert_ptr_equal(format_guess((const uint8_t *)line, sizeof(line) - 1), &adsb_format);
	assert_ptr_not_equal(format_guess((const uint8_t *)ais, sizeof(ais) - 1), &adsb_format);
	assert_false(adsb_format.is((const uint8_t *)"", 0));
	adsb_format.json(state_of_format, &(struct format_bytes){ (const uint8_t *)avr, sizeof(avr) - 1, 0, 0 },
		&(struct format_lines){ begin, end, &lines });
	assert_int_equal(lines, 1);
	assert_true(adsb_format.hash(state_of_format, &(struct format_bytes){ (const uint8_t *)avr, sizeof(avr) - 1, 0, 0 }, 1) != 1);
	adsb_format.reset(state_of_format);
	assert_int_equal(count("records"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(position_carries_what_is_known, fresh, done),
		cmocka_unit_test_setup_teardown(velocity_joins_while_it_is_fresh, fresh, done),
		cmocka_unit_test_setup_teardown(barometric_altitude_is_no_height, fresh, done),
		cmocka_unit_test_setup_teardown(gnss_height_is_one, fresh, done),
		cmocka_unit_test_setup_teardown(surface_carries_its_own_speed, fresh, done),
		cmocka_unit_test_setup_teardown(unknown_accuracy_gives_no_position, fresh, done),
		cmocka_unit_test_setup_teardown(status_improves_the_covariance, fresh, done),
		cmocka_unit_test_setup_teardown(callsign_is_identity, fresh, done),
		cmocka_unit_test_setup_teardown(anonymous_is_a_position_without_identity, fresh, done),
		cmocka_unit_test_setup_teardown(impossible_addresses_are_nobodys, fresh, done),
		cmocka_unit_test_setup_teardown(replies_of_strangers_give_nothing, fresh, done),
		cmocka_unit_test_setup_teardown(lines_give_the_same, fresh, done),
		cmocka_unit_test_setup_teardown(format_knows_its_own, fresh, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
