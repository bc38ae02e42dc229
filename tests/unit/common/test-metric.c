#include "common/metric.h"
#include "tests/assert_near.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct metric *m;

static int set_up(void **state)
{
	return metric_new(&m);
}

static int tear_down(void **state)
{
	metric_free(m);
	return 0;
}

static void written(const char *want)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_int_equal(metric_write(m, f), 0);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, want);
	free(text);
}

static void each_family_has_its_head_once(void **state)
{
	const struct metric_label a[] = { { "host", "a" }, { NULL } }, b[] = { { "host", "b" }, { NULL } };

	metric_add(m, "vedette_uplink_link_up", b, 1);
	metric_add(m, "vedette_fusion_records_total", a, 7);
	metric_add(m, "vedette_uplink_link_up", a, 0);
	written("# HELP vedette_fusion_records_total Records taken from hosts\n"
		"# TYPE vedette_fusion_records_total counter\n"
		"vedette_fusion_records_total{host=\"a\"} 7\n"
		"# HELP vedette_uplink_link_up 1 while connected to the centre\n"
		"# TYPE vedette_uplink_link_up gauge\n"
		"vedette_uplink_link_up{host=\"a\"} 0\n"
		"vedette_uplink_link_up{host=\"b\"} 1\n");
}

static void a_series_is_written_once(void **state)
{
	metric_add(m, "vedette_fusion_hosts", NULL, 3);
	metric_add(m, "vedette_fusion_hosts", (const struct metric_label[]){ { "host", "" }, { NULL } }, 4);
	written("# HELP vedette_fusion_hosts Hosts connected\n# TYPE vedette_fusion_hosts gauge\nvedette_fusion_hosts 3\n");
}

static void label_values_are_escaped(void **state)
{
	const struct metric_label l[] = { { "host", "a\"b\\c\nd\x01" "e\xc3\xa9" }, { NULL } };

	metric_add(m, "vedette_fusion_hosts", l, NAN);
	written("# HELP vedette_fusion_hosts Hosts connected\n# TYPE vedette_fusion_hosts gauge\n"
		"vedette_fusion_hosts{host=\"a\\\"b\\\\c\\nd_e\xc3\xa9\"} NaN\n");
}

static void a_name_may_carry_one_label(void **state)
{
	metric_add(m, "vedette_filter_mode{mode=\"native\"}", NULL, 1);
	/* From the wire, and no name: left out. */
	metric_add(m, "vedette_filter_mode{mode=\"native\"} 5\nx", NULL, 1);
	metric_add(m, "vedette_filter_mode{mode=\"a\\\"}", NULL, 1);
	metric_add(m, "vedette_filter_mode{Mode=\"a\"}", NULL, 1);
	metric_add(m, "vedette_filter_mode{mode=\"a\",x=\"b\"}", NULL, 1);
	metric_add(m, "vedette_filter_mode{mode=\"a\"", NULL, 1);
	metric_add(m, "{mode=\"a\"}", NULL, 1);
	metric_add(m, "9lives", NULL, 1);
	metric_add(m, "a-b", NULL, 1);
	metric_add(m, "", NULL, 1);
	written("# HELP vedette_filter_mode 1, of the mode it runs in: native, generic or unavailable\n"
		"# TYPE vedette_filter_mode gauge\nvedette_filter_mode{mode=\"native\"} 1\n");
}

static void values_are_in_base_units(void **state)
{
	metric_add(m, "vedette_process_cpu_ms_total", NULL, 12345);
	metric_add(m, "vedette_sensor_records_per_s", NULL, 4);
	metric_add(m, "vedette_sensor_source_behind_ms", NULL, 590);
	metric_add(m, "vedette_shadow_error_p50_mm", NULL, 12500);
	written("# HELP vedette_process_cpu_seconds_total Processor time, user and system\n"
		"# TYPE vedette_process_cpu_seconds_total counter\nvedette_process_cpu_seconds_total 12.345\n"
		"# HELP vedette_sensor_records_per_second Whole messages decoded, over the last seconds\n"
		"# TYPE vedette_sensor_records_per_second gauge\nvedette_sensor_records_per_second 4\n"
		"# HELP vedette_sensor_source_behind_seconds Median of receive time minus the messages' own, where positive\n"
		"# TYPE vedette_sensor_source_behind_seconds gauge\nvedette_sensor_source_behind_seconds 0.59\n"
		"# HELP vedette_shadow_error_p50_metres Median distance of a report from its track with radar, before it is used; 0 = none yet\n"
		"# TYPE vedette_shadow_error_p50_metres gauge\nvedette_shadow_error_p50_metres 12.5\n");
}

static void a_family_of_another_version_has_its_type_from_its_name(void **state)
{
	metric_describe(m, "vedette_hub_x", true, "Of the hub");
	metric_add(m, "vedette_hub_x", NULL, 1);
	metric_add(m, "vedette_new_total", NULL, 18446744073709551615.0);
	metric_add(m, "vedette_sensor_bad_luck_total", NULL, 2);
	metric_add(m, "vedette_sensor_mood", NULL, 0);
	written("# HELP vedette_hub_x Of the hub\n# TYPE vedette_hub_x gauge\nvedette_hub_x 1\n"
		"# HELP vedette_new_total of a version that this one does not know\n# TYPE vedette_new_total counter\n"
		"vedette_new_total 1.84467440737096e+19\n"
		"# HELP vedette_sensor_bad_luck_total Of the feed's format, by that name in vedette decode --stats\n"
		"# TYPE vedette_sensor_bad_luck_total counter\nvedette_sensor_bad_luck_total 2\n"
		"# HELP vedette_sensor_mood of a version that this one does not know\n# TYPE vedette_sensor_mood gauge\n"
		"vedette_sensor_mood 0\n");
}

static void a_report_is_shown_with_whose_it_is(void **state)
{
	struct wire_health h = { .host = "mast1", .process = "filter@eth0", .feed = "radar1", .n_counters = 1 };

	snprintf(h.counters[0].name, sizeof(h.counters[0].name), "vedette_filter_packets_total{verdict=\"pass_feed\"}");
	h.counters[0].value = 5;
	metric_report(m, &h, WIRE_DOWN, 13500000000, 2);
	h.feed[0] = 0;
	h.n_counters = 0;
	metric_report(m, &h, WIRE_DOWN, 13500000000, 2);
#define OF "{host=\"mast1\",process=\"filter\",interface=\"eth0\""
	written("# HELP vedette_filter_packets_total Packets by verdict; without a feed: what is no feed's\n"
		"# TYPE vedette_filter_packets_total counter\n"
		"vedette_filter_packets_total" OF ",feed=\"radar1\",verdict=\"pass_feed\"} 5\n"
		"# HELP vedette_process_report_age_seconds Since the process last reported\n"
		"# TYPE vedette_process_report_age_seconds gauge\nvedette_process_report_age_seconds" OF "} 13.5\n"
		"# HELP vedette_process_restarts_total Times it began anew, as seen by who answers here\n"
		"# TYPE vedette_process_restarts_total counter\nvedette_process_restarts_total" OF "} 2\n"
		"# HELP vedette_process_state 0 up, 1 degraded, 2 blind, 3 down or silent\n"
		"# TYPE vedette_process_state gauge\nvedette_process_state" OF "} 3\n");
#undef OF
}

static void a_hosts_clock_is_told_once(void **state)
{
	struct wire_health h = { .host = "mast1", .process = "uplink", .clock_max_error_ns = 2500000,
		.clock_synchronised = true };
	char *text = NULL;
	size_t size;

	metric_report(m, &h, WIRE_UP, 0, 0);
	snprintf(h.process, sizeof(h.process), "sensor");
	metric_report(m, &h, WIRE_UP, 0, 0);
	FILE *f = open_memstream(&text, &size);
	assert_int_equal(metric_write(m, f), 0);
	fclose(f);
	assert_non_null(strstr(text, "\nvedette_host_clock_max_error_seconds{host=\"mast1\"} 0.0025\n# HELP"));
	assert_non_null(strstr(text, "\nvedette_host_clock_synchronised{host=\"mast1\"} 1\n# HELP"));
	free(text);
}

static void uptime_that_went_back_is_a_restart(void **state)
{
	struct wire_health a = { .n_counters = 1, .counters = { { "vedette_process_uptime_seconds", 50 } } }, b = a,
			   none = { 0 };

	assert_false(metric_restarted(&a, &b));
	b.counters[0].value = 3;
	assert_true(metric_restarted(&a, &b));
	assert_false(metric_restarted(&b, &a));
	assert_false(metric_restarted(&none, &a));
	assert_false(metric_restarted(&a, &none));
}

/* Prometheus's rules: a counter ends in _total, a gauge does not; base units; a help; no name twice. */
static void the_catalogue_follows_the_naming_rules(void **state)
{
	for (const struct metric_family *f = metric_families(); f->name; f++) {
		size_t n = strlen(f->name);
		assert_int_equal(strncmp(f->name, "vedette_", 8), 0);
		assert_true(f->help[0]);
		assert_ptr_equal(strpbrk(f->help, "\n\\"), NULL);
		if (f->name[n - 1] == '*')
			continue;
		assert_int_equal(f->gauge, n < 6 || strcmp(f->name + n - 6, "_total") != 0);
		assert_ptr_equal(metric_family(f->name), f);
		const char *unit = strrchr(f->name, '_');
		for (size_t i = 0; i < 5; i++)
			assert_string_not_equal(unit, ((const char *[]){ "_ms", "_ns", "_s", "_kb", "_mm" })[i]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_family_has_its_head_once),
		TEST(a_series_is_written_once),
		TEST(label_values_are_escaped),
		TEST(a_name_may_carry_one_label),
		TEST(values_are_in_base_units),
		TEST(a_family_of_another_version_has_its_type_from_its_name),
		TEST(a_report_is_shown_with_whose_it_is),
		TEST(a_hosts_clock_is_told_once),
		TEST(uptime_that_went_back_is_a_restart),
		TEST(the_catalogue_follows_the_naming_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
