#include "hub/health.h"
#include "tests/assert_near.h"
#include "tests/unit/hub/fixture.h"

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define S INT64_C(1000000000)

static int start(void **state)
{
	struct health *h;
	assert_int_equal(health_new(&h), 0);
	*state = h;
	return 0;
}

static int stop(void **state)
{
	health_free(*state);
	return 0;
}

static void report(struct health *h, const char *process, const char *feed, enum wire_health_state st, int64_t mono_ns)
{
	struct wire_health r = { .host = "mast1", .state = st, .time_ns = FIXTURE_NS, .n_counters = 3, .counters = { { "x_plots_polar_total", 40 },
		{ "x_plots_north_total", 2 }, { "x_plots_distress_total", 1 } } };
	snprintf(r.process, sizeof(r.process), "%s", process);
	snprintf(r.feed, sizeof(r.feed), "%s", feed);
	assert_int_equal(health_report(h, &r, mono_ns), 0);
}

static void assert_feeds(struct health *h, int64_t mono_ns, const char *want)
{
	struct jout j = { 0 };
	jout_array(&j, NULL);
	health_json_feeds(h, mono_ns, &j);
	jout_array_end(&j);
	char *text = jout_take(&j, NULL);
	assert_string_equal(text, want);
	free(text);
}

static void a_silent_feed_is_down_whatever_it_said_last(void **state)
{
	struct health *h = *state;
	struct site s = { .feed = "radar1", .sensor = PLOT_SENSOR_RADAR };
	assert_int_equal(health_site(h, &s), 0);
	assert_feeds(h, 10 * S, "[{\"feed\":\"radar1\",\"sensor\":\"radar\",\"host\":null,\"state\":\"down\",\"reason\":\"no report\","
				"\"age_ms\":null,\"plots\":0}]");
	report(h, "sensor", "radar1", WIRE_UP, 10 * S);
	uint64_t revision = health_revision(h);
	health_tick(h, 15 * S);
	assert_int_equal(health_revision(h), revision);
	assert_feeds(h, 15 * S, "[{\"feed\":\"radar1\",\"sensor\":\"radar\",\"host\":\"mast1\",\"state\":\"up\",\"reason\":\"\","
				"\"age_ms\":5000,\"plots\":42}]");
	health_tick(h, 23 * S);
	assert_int_equal(health_revision(h), revision + 1);
	assert_feeds(h, 23 * S, "[{\"feed\":\"radar1\",\"sensor\":\"radar\",\"host\":\"mast1\",\"state\":\"down\","
				"\"reason\":\"no report for 13 s\",\"age_ms\":13000,\"plots\":42}]");
}

static void report_link(struct health *h, const char *host, enum wire_health_state state, const char *reason, int64_t mono_ns)
{
	struct wire_health r = { .process = "link", .state = state, .time_ns = FIXTURE_NS };
	snprintf(r.host, sizeof(r.host), "%s", host);
	snprintf(r.reason, sizeof(r.reason), "%s", reason);
	assert_int_equal(health_report(h, &r, mono_ns), 0);
}

/* Fusion misses the heartbeat long before the reports are missed. A feed without targets says that it is up. */
static void a_dead_host_and_a_silent_sea_look_different(void **state)
{
	struct health *h = *state;
	report(h, "sensor", "radar1", WIRE_UP, 10 * S);
	report_link(h, "mast1", WIRE_UP, "", 10 * S);
	uint64_t revision = health_revision(h);
	const char *up = "[{\"feed\":\"radar1\",\"sensor\":null,\"host\":\"mast1\",\"state\":\"up\",\"reason\":\"\","
			 "\"age_ms\":3000,\"plots\":42}]";
	assert_feeds(h, 13 * S, up);
	report_link(h, "mast2", WIRE_DOWN, "no link for 9 s: closed by the peer", 13 * S);
	assert_feeds(h, 13 * S, up);
	report_link(h, "mast1", WIRE_DOWN, "no link for 0 s: no heartbeat for 3 s", 13 * S);
	assert_true(health_revision(h) > revision);
	assert_feeds(h, 13 * S, "[{\"feed\":\"radar1\",\"sensor\":null,\"host\":\"mast1\",\"state\":\"down\","
				"\"reason\":\"no link for 0 s: no heartbeat for 3 s\",\"age_ms\":3000,\"plots\":42}]");
	report_link(h, "mast1", WIRE_UP, "", 14 * S);
	report(h, "sensor", "radar1", WIRE_UP, 14 * S);
	assert_feeds(h, 17 * S, up);
}

static void the_decoder_speaks_for_its_feed(void **state)
{
	struct health *h = *state;
	report(h, "sensor", "ais1", WIRE_DEGRADED, S);
	report(h, "filter", "ais1", WIRE_UP, S);
	report(h, "uplink", "", WIRE_UP, S);
	health_tick(h, S);
	assert_feeds(h, S, "[{\"feed\":\"ais1\",\"sensor\":null,\"host\":\"mast1\",\"state\":\"degraded\",\"reason\":\"\",\"age_ms\":0,"
			   "\"plots\":42}]");
}

static void quality_of_a_feed_is_shown(void **state)
{
	struct health *h = *state;
	struct wire_health r = { .host = "mast1", .process = "sensor", .feed = "ais1", .time_ns = FIXTURE_NS, .n_counters = 4, .counters = {
		{ "vedette_sensor_records_per_s", 12 }, { "vedette_sensor_source_behind_ms", 0 },
		{ "vedette_sensor_source_ahead_ms", 340 }, { "vedette_sensor_late_total", 3 } } };
	assert_int_equal(health_report(h, &r, S), 0);
	assert_feeds(h, S, "[{\"feed\":\"ais1\",\"sensor\":null,\"host\":\"mast1\",\"state\":\"up\",\"reason\":\"\",\"age_ms\":0,"
			   "\"plots\":0,\"quality\":{\"rate\":12,\"late\":3,\"offset_ms\":-340}}]");
}

static void what_was_read_back_counts_as_silent(void **state)
{
	struct health *h = *state;
	report(h, "sensor", "ais1", WIRE_UP, 0);
	assert_feeds(h, 99 * S, "[{\"feed\":\"ais1\",\"sensor\":null,\"host\":\"mast1\",\"state\":\"down\",\"reason\":\"no report\","
				"\"age_ms\":null,\"plots\":42}]");
}

static void feeds_have_a_limit(void **state)
{
	struct health *h = *state;
	struct site s = { .version = 1 };
	for (int i = 0; i < HEALTH_FEEDS_MAX; i++) {
		snprintf(s.feed, sizeof(s.feed), "f%d", i);
		assert_int_equal(health_site(h, &s), 0);
	}
	snprintf(s.feed, sizeof(s.feed), "one-more");
	assert_int_equal(health_site(h, &s), -ENOSPC);
}

static void coverage_is_a_closed_ring_and_a_camera_s_a_wedge(void **state)
{
	struct health *h = *state;
	struct site radar = { .feed = "r", .lat_rad = 54.5 * GEO_DEG, .lon_rad = 11 * GEO_DEG, .max_range_m = 30000, .view_rad = NAN };
	struct site camera = { .feed = "c", .sensor = PLOT_SENSOR_CAMERA, .lat_rad = 54.5 * GEO_DEG, .lon_rad = 11 * GEO_DEG,
		.max_range_m = 8000, .view_rad = 90 * GEO_DEG, .view_width_rad = 40 * GEO_DEG };
	assert_int_equal(health_site(h, &radar), 0);
	assert_int_equal(health_site(h, &camera), 0);
	struct jout j = { 0 };
	jout_array(&j, NULL);
	health_json_sites(h, 0, &j);
	jout_array_end(&j);
	char *text = jout_take(&j, NULL), *ring = strstr(text, "[[[");
	assert_non_null(ring);
	assert_non_null(strstr(ring + 3, "[11.000000,54.76")); /* 30 km north */
	char *wedge = strstr(ring + 3, "[[[11.000000,54.500000]");
	assert_non_null(wedge);
	assert_non_null(strstr(wedge + 4, "[11.000000,54.500000]]]"));
	assert_non_null(strstr(text, "\"view\":90.0,\"view_width\":40.0"));
	free(text);
}

static void a_picture_without_any_sensor_s_word_is_told(void **state)
{
	struct health *h = *state;
	int64_t silent_ns = -1;
	health_tick(h, 10 * S);
	assert_false(health_hosts_silent(h, 100 * S, &silent_ns)); /* a centre without feeds */
	report(h, "sensor", "radar1", WIRE_UP, 20 * S);
	report(h, "sensor", "ais1", WIRE_UP, 30 * S);
	report(h, "fusion", "", WIRE_UP, 60 * S); /* the centre's own word is no sensor's */
	assert_false(health_hosts_silent(h, 39 * S, &silent_ns));
	assert_true(health_hosts_silent(h, 40 * S, &silent_ns));
	assert_int_equal(silent_ns, 10 * S);
	report(h, "sensor", "radar1", WIRE_UP, 61 * S);
	assert_false(health_hosts_silent(h, 62 * S, &silent_ns));
}

static void what_was_read_back_is_not_held_against_the_hosts_at_once(void **state)
{
	struct health *h = *state;
	int64_t silent_ns;
	report(h, "sensor", "radar1", WIRE_UP, 0);
	health_tick(h, 10 * S);
	assert_false(health_hosts_silent(h, 19 * S, &silent_ns));
	assert_true(health_hosts_silent(h, 20 * S, &silent_ns));
}

static void a_filter_is_no_word_of_the_feeds_it_passes(void **state)
{
	struct health *h = *state;
	struct site s = { .feed = "radar1", .sensor = PLOT_SENSOR_RADAR };
	int64_t silent_ns;

	assert_int_equal(health_site(h, &s), 0);
	health_tick(h, 10 * S);
	report(h, "filter@eth0", "radar1", WIRE_UP, 40 * S);
	report(h, "filter@eth0", "gone", WIRE_UP, 40 * S);
	health_tick(h, 41 * S);
	assert_feeds(h, 41 * S, "[{\"feed\":\"radar1\",\"sensor\":\"radar\",\"host\":null,\"state\":\"down\","
				"\"reason\":\"no report\",\"age_ms\":null,\"plots\":0}]");
	assert_true(health_hosts_silent(h, 41 * S, &silent_ns));
}

static void metrics_say_what_the_picture_shows(void **state)
{
	struct health *h = *state;
	struct site s = { .feed = "radar1", .sensor = PLOT_SENSOR_RADAR };
	struct wire_health r = { .host = "mast1", .process = "sensor", .feed = "radar1", .n_counters = 1,
		.counters = { { "vedette_process_uptime_seconds", 100 } } };
	struct metric *m;
	char *text = NULL;
	size_t size;

	assert_int_equal(health_site(h, &s), 0);
	assert_int_equal(health_report(h, &r, 10 * S), 0);
	r.counters[0].value = 3;
	assert_int_equal(health_report(h, &r, 15 * S), 0);
	health_tick(h, 40 * S);
	assert_int_equal(metric_new(&m), 0);
	health_metrics(h, 40 * S, m);
	FILE *f = open_memstream(&text, &size);
	assert_int_equal(metric_write(m, f), 0);
	fclose(f);
	metric_free(m);
	assert_non_null(strstr(text, "\nvedette_feed_state{host=\"mast1\",feed=\"radar1\",sensor=\"radar\"} 3\n"));
	assert_non_null(strstr(text, "\nvedette_process_restarts_total{host=\"mast1\",process=\"sensor\",feed=\"radar1\"} 1\n"));
	assert_non_null(strstr(text, "\nvedette_process_report_age_seconds{host=\"mast1\",process=\"sensor\",feed=\"radar1\"} 25\n"));
	free(text);
}

/* Fusion's word on a sensor is shown beside its feed, and no sign that its decoder lives. */
static void a_sensors_bias_is_shown(void **state)
{
	struct health *h = *state;
	struct wire_health r = { .host = "xa", .process = "registration", .feed = "radar1", .bias = { true, {
		{ WIRE_BIAS_APPLIED, 60.5, 0.63 }, { WIRE_BIAS_ROUGH, -0.01, 0.001 }, { WIRE_BIAS_UNKNOWN, NAN, NAN } } } };
	struct metric *m;
	char *text = NULL;
	int64_t silent_ns;
	size_t size;

	report(h, "sensor", "radar1", WIRE_UP, S);
	health_tick(h, S);
	assert_int_equal(health_report(h, &r, S), 0);
	assert_int_equal(health_report(h, &r, 20 * S), 0);
	health_tick(h, 20 * S);
	assert_true(health_hosts_silent(h, 20 * S, &silent_ns));
	assert_feeds(h, 20 * S, "[{\"feed\":\"radar1\",\"sensor\":null,\"host\":\"mast1\",\"state\":\"down\","
		"\"reason\":\"no report for 19 s\",\"age_ms\":19000,\"plots\":42,\"bias\":{"
		"\"range\":{\"state\":\"applied\",\"value\":60.50,\"sigma\":0.63},"
		"\"azimuth\":{\"state\":\"rough\",\"value\":-0.5730,\"sigma\":0.0573},"
		"\"time_ms\":{\"state\":\"unknown\",\"value\":null,\"sigma\":null}}}]");

	assert_int_equal(metric_new(&m), 0);
	health_metrics(h, 20 * S, m);
	FILE *f = open_memstream(&text, &size);
	assert_int_equal(metric_write(m, f), 0);
	fclose(f);
	metric_free(m);
	assert_non_null(strstr(text, "\nvedette_registration_range_meters{feed=\"radar1\"} 60.5\n"));
	assert_non_null(strstr(text, "\nvedette_registration_azimuth_sigma_radians{feed=\"radar1\"} 0.001\n"));
	assert_non_null(strstr(text, "\nvedette_registration_state{feed=\"radar1\",component=\"time\"} 0\n"));
	assert_null(strstr(text, "\nvedette_registration_time_seconds{"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_silent_feed_is_down_whatever_it_said_last, start, stop),
		cmocka_unit_test_setup_teardown(a_dead_host_and_a_silent_sea_look_different, start, stop),
		cmocka_unit_test_setup_teardown(the_decoder_speaks_for_its_feed, start, stop),
		cmocka_unit_test_setup_teardown(quality_of_a_feed_is_shown, start, stop),
		cmocka_unit_test_setup_teardown(what_was_read_back_counts_as_silent, start, stop),
		cmocka_unit_test_setup_teardown(a_picture_without_any_sensor_s_word_is_told, start, stop),
		cmocka_unit_test_setup_teardown(what_was_read_back_is_not_held_against_the_hosts_at_once, start, stop),
		cmocka_unit_test_setup_teardown(feeds_have_a_limit, start, stop),
		cmocka_unit_test_setup_teardown(coverage_is_a_closed_ring_and_a_camera_s_a_wedge, start, stop),
		cmocka_unit_test_setup_teardown(a_filter_is_no_word_of_the_feeds_it_passes, start, stop),
		cmocka_unit_test_setup_teardown(a_sensors_bias_is_shown, start, stop),
		cmocka_unit_test_setup_teardown(metrics_say_what_the_picture_shows, start, stop),
	};
	return cmocka_run_group_tests_name("hub-health", tests, NULL, NULL);
}
