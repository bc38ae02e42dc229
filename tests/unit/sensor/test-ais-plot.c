#include "tests/assert_near.h"

#include <string.h>

#include "common/geo.h"
#include "sensor/decode/ais/ais_plot.h"

#define S INT64_C(1000000000)
#define MINUTE_NS (60 * S)
/* A whole minute */
#define NOON INT64_C(1764072000000000000)

static const struct site site = { .feed = "ais1", .sensor = PLOT_SENSOR_AIS, .version = 7 };
static struct plotting plotting = { .site = &site, .recv_ns = NOON + 31 * S };
static struct plot plots[AIS_PLOT_MAX];
static enum ais_plot_drop drop;

static struct ais_message position(uint32_t mmsi)
{
	return (struct ais_message){
		.type = 1,
		.mmsi = (int32_t)mmsi,
		.layout = 1,
		.position = { .status = 0, .speed = 100, .accuracy = 1, .lon = 6743000, .lat = 32700000, .course = 900,
			.heading = 88, .second = 30 },
	};
}

static unsigned plot(const struct ais_message *m)
{
	return ais_plot(m, &plotting, plots, &drop);
}

static void position_report_becomes_a_position(void **state)
{
	struct ais_message m = position(211000001);

	(void)state;
	assert_int_equal(plot(&m), 1);
	assert_int_equal(plots[0].kind, PLOT_POSITION);
	assert_int_equal(plots[0].sensor, PLOT_SENSOR_AIS);
	assert_string_equal(plots[0].feed, "ais1");
	assert_int_equal(plots[0].site_version, 7);
	assert_near(plots[0].lon_rad / GEO_DEG, 11.2383333333, 1e-9);
	assert_near(plots[0].lat_rad / GEO_DEG, 54.5, 1e-9);
	assert_near(plots[0].cov.ee, 144, 1e-9); /* (10 m x 1.2)^2 */
	assert_near(plots[0].cov.nn, 144, 1e-9);
	assert_near(plots[0].cov.en, 0, 0);
	assert_near(plots[0].sog_mps, 5.14444444, 1e-6); /* 10 kt */
	assert_near(plots[0].cog_rad, 1.5707963, 1e-6);
	assert_near(plots[0].heading_rad / GEO_DEG, 88, 1e-9);
	assert_int_equal(plots[0].id_kind, PLOT_ID_MMSI);
	assert_int_equal(plots[0].id, 211000001);
	assert_int_equal(plots[0].distress, PLOT_DISTRESS_NONE);
	assert_true(plots[0].time_ns == NOON + 30 * S);
	assert_true(plots[0].time_sigma_ns < S);
	assert_true(plots[0].recv_ns == NOON + 31 * S);
}

static void low_accuracy_and_class_b_are_less_certain(void **state)
{
	struct ais_message m = position(211000001);

	(void)state;
	m.position.accuracy = 0;
	assert_int_equal(plot(&m), 1);
	assert_near(plots[0].cov.ee, 18 * 18, 1e-9);
	m = (struct ais_message){ .type = 18, .mmsi = 211000002, .layout = 18,
		.class_b = { .accuracy = 1, .lon = 6743000, .lat = 32700000, .speed = 1023, .course = 3600, .heading = 511,
			.second = 60 } };
	assert_int_equal(plot(&m), 1);
	assert_near(plots[0].cov.nn, 18 * 18, 1e-9);
	assert_true(isnan(plots[0].sog_mps) && isnan(plots[0].cog_rad) && isnan(plots[0].heading_rad));
}

static void course_of_a_still_ship_is_noise(void **state)
{
	struct ais_message m = position(211000001);

	(void)state;
	m.position.speed = 9; /* 0.9 kt = 0.46 m/s */
	assert_int_equal(plot(&m), 1);
	assert_near(plots[0].sog_mps, 0.463, 1e-6);
	assert_true(isnan(plots[0].cog_rad));
}

static void second_is_resolved_over_the_minute(void **state)
{
	int64_t sigma;

	(void)state;
	assert_true(ais_plot_time(59, NOON + 1 * S, &sigma) == NOON - 1 * S);
	assert_true(sigma < S);
	assert_true(ais_plot_time(0, NOON + 59 * S, &sigma) == NOON + MINUTE_NS);
	assert_true(ais_plot_time(58, NOON + 59 * S, &sigma) == NOON + 58 * S);
}

static void second_of_another_time_is_not_believed(void **state)
{
	int64_t sigma;

	(void)state;
	assert_true(ais_plot_time(10, NOON + 40 * S, &sigma) == NOON + 40 * S);
	assert_true(sigma >= 2 * S);
	for (int second = 60; second < 64; second++)
		assert_true(ais_plot_time(second, NOON + 40 * S, &sigma) == NOON + 40 * S);
	assert_true(sigma >= 2 * S);
}

static void host_clock_adds_to_the_sigma(void **state)
{
	struct ais_message m = position(211000001);

	(void)state;
	plotting.clock_sigma_ns = 3 * S;
	assert_int_equal(plot(&m), 1);
	plotting.clock_sigma_ns = 0;
	assert_true(plots[0].time_sigma_ns > 3 * S);
}

static void position_not_available_is_counted(void **state)
{
	struct ais_message m = position(211000001);

	(void)state;
	m.position.lon = AIS_LON_NONE;
	m.position.lat = AIS_LAT_NONE;
	assert_int_equal(plot(&m), 0);
	assert_int_equal(drop, AIS_PLOT_DROP_POSITION);
}

static void active_sart_is_distress(void **state)
{
	static const struct {
		uint32_t mmsi;
		enum plot_distress distress;
	} cases[] = {
		{ 970211001, PLOT_DISTRESS_SART },
		{ 972211001, PLOT_DISTRESS_MOB },
		{ 974211001, PLOT_DISTRESS_EPIRB },
	};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct ais_message m = position(cases[i].mmsi);

		m.position.status = 14;
		assert_int_equal(plot(&m), 1);
		assert_int_equal(plots[0].distress, cases[i].distress);
		assert_false(plots[0].distress_test);
		assert_int_equal(plots[0].identity.nav_status, 14);
		m.position.status = 15;
		assert_int_equal(plot(&m), 1);
		assert_true(plots[0].distress_test);
	}
}

static void distress_without_a_fix_is_still_an_alarm(void **state)
{
	struct ais_message m = position(970211001);

	(void)state;
	m.position.status = 14;
	m.position.lon = AIS_LON_NONE;
	m.position.lat = AIS_LAT_NONE;
	assert_int_equal(plot(&m), 1);
	assert_int_equal(plots[0].kind, PLOT_IDENTITY);
	assert_int_equal(plots[0].distress, PLOT_DISTRESS_SART);
	assert_false(plots[0].distress_test);
}

static void safety_text_of_a_sart_tells_test_from_active(void **state)
{
	struct ais_message m = { .type = 14, .mmsi = 970211001, .layout = 14, .text = { "SART TEST" } };

	(void)state;
	assert_int_equal(plot(&m), 1);
	assert_true(plots[0].distress_test);
	strcpy(m.text.text, "SART ACTIVE");
	assert_int_equal(plot(&m), 1);
	assert_false(plots[0].distress_test);
	m.mmsi = 211000001;
	assert_int_equal(plot(&m), 0);
	assert_int_equal(drop, AIS_PLOT_DROP_KIND);
}

static void static_data_becomes_an_identity(void **state)
{
	struct ais_message m = { .type = 5, .mmsi = 211000001, .layout = 5,
		.fixed = { .imo = 9134270, .shiptype = 70, .to_bow = 225, .to_stern = 70, .to_port = 1, .to_starboard = 31,
			.callsign = "DABC", .shipname = "NORTH WIND" } };

	(void)state;
	assert_int_equal(plot(&m), 1);
	assert_int_equal(plots[0].kind, PLOT_IDENTITY);
	assert_string_equal(plots[0].identity.name, "NORTH WIND");
	assert_string_equal(plots[0].identity.callsign, "DABC");
	assert_int_equal(plots[0].identity.imo, 9134270);
	assert_int_equal(plots[0].identity.ship_type, 70);
	assert_int_equal(plots[0].identity.length_m, 295);
	assert_int_equal(plots[0].identity.beam_m, 32);
	assert_true(isnan(plots[0].lat_rad));
}

static void extended_class_b_gives_both(void **state)
{
	struct ais_message m = { .type = 19, .mmsi = 211000003, .layout = 19,
		.class_b_ext = { .lon = 6743000, .lat = 32700000, .speed = 50, .course = 0, .heading = 511, .second = 30,
			.shipname = "LITTLE ONE", .shiptype = 36 } };

	(void)state;
	assert_int_equal(plot(&m), 2);
	assert_int_equal(plots[0].kind, PLOT_POSITION);
	assert_int_equal(plots[1].kind, PLOT_IDENTITY);
	assert_string_equal(plots[1].identity.name, "LITTLE ONE");
}

static void number_that_names_nobody_is_not_an_identity(void **state)
{
	struct ais_message m = position(123456789);

	(void)state;
	assert_int_equal(plot(&m), 1);
	assert_int_equal(plots[0].id_kind, PLOT_ID_NONE);
}

static void virtual_aid_is_no_target(void **state)
{
	struct ais_message m = { .type = 21, .mmsi = 992110001, .layout = 21,
		.aton = { .lon = 6743000, .lat = 32700000, .virtual_aid = 1, .name = "WRECK" } };

	(void)state;
	assert_int_equal(plot(&m), 0);
	assert_int_equal(drop, AIS_PLOT_DROP_VIRTUAL);
	m.aton.virtual_aid = 0;
	assert_int_equal(plot(&m), 2);
}

static void long_range_report_is_coarse(void **state)
{
	struct ais_message m = { .type = 27, .mmsi = 211000001, .layout = 27,
		.long_range = { .lon = 6743, .lat = 32700, .speed = 12, .course = 90 } };

	(void)state;
	assert_int_equal(plot(&m), 1);
	assert_near(plots[0].lat_rad / GEO_DEG, 54.5, 1e-9);
	assert_true(plots[0].cov.ee > 50 * 50);
	assert_true(plots[0].time_sigma_ns >= 5 * S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(position_report_becomes_a_position),
		cmocka_unit_test(low_accuracy_and_class_b_are_less_certain),
		cmocka_unit_test(course_of_a_still_ship_is_noise),
		cmocka_unit_test(second_is_resolved_over_the_minute),
		cmocka_unit_test(second_of_another_time_is_not_believed),
		cmocka_unit_test(host_clock_adds_to_the_sigma),
		cmocka_unit_test(position_not_available_is_counted),
		cmocka_unit_test(active_sart_is_distress),
		cmocka_unit_test(distress_without_a_fix_is_still_an_alarm),
		cmocka_unit_test(safety_text_of_a_sart_tells_test_from_active),
		cmocka_unit_test(static_data_becomes_an_identity),
		cmocka_unit_test(extended_class_b_gives_both),
		cmocka_unit_test(number_that_names_nobody_is_not_an_identity),
		cmocka_unit_test(virtual_aid_is_no_target),
		cmocka_unit_test(long_range_report_is_coarse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
