#include "cli/glance.h"
#include "cli/scrape.h"
#include "tests/assert_near.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void samples_are_read_with_their_labels(void **state)
{
	json_t *samples = scrape_parse("# HELP a b\n# TYPE a gauge\na 1\nb_total{x=\"1\",y=\"q\\\"\\\\\\n\"} 2.5e3\n"
				       "c{} NaN\nd 1 1700000000000\n");
	const json_t *b = json_array_get(samples, 1);

	assert_int_equal(json_array_size(samples), 4);
	assert_string_equal(glance_text(b, "name"), "b_total");
	assert_near(glance_number(b, "value", 0), 2500, 0);
	assert_string_equal(glance_text(json_object_get(b, "labels"), "x"), "1");
	assert_string_equal(glance_text(json_object_get(b, "labels"), "y"), "q\"\\\n");
	assert_true(json_is_null(json_object_get(json_array_get(samples, 2), "value")));
	json_decref(samples);
}

static void what_is_no_sample_is_passed_over(void **state)
{
	json_t *samples = scrape_parse("\n \na\na b\na{ 1\na{x} 1\na{x=1} 1\na{x=\"1} 1\na{x=\"1\" 1\n{x=\"1\"} 1\na{x=\"1\"}1\n"
				       "a{x=\"1\\");

	assert_int_equal(json_array_size(samples), 0);
	json_decref(samples);
}

static void hub_metrics_without_labels_are_kept(void **state)
{
	json_t *samples = scrape_parse("vedette_hub_latency_p99_seconds 0.25\nvedette_hub_peer_served{peer=\"xb\"} 1\nother 3\n"
				       "vedette_hub_picture_age_seconds NaN\nvedette_hub_streams 2");
	json_t *metrics = scrape_hub(samples);

	assert_near(glance_number(metrics, "vedette_hub_latency_p99_seconds", 0), 0.25, 0);
	assert_near(glance_number(metrics, "vedette_hub_streams", 0), 2, 0);
	assert_true(json_is_null(json_object_get(metrics, "vedette_hub_picture_age_seconds")));
	assert_int_equal(json_object_size(metrics), 3);
	json_decref(metrics);
	json_decref(samples);
}

static void samples_are_sorted_by_process(void **state)
{
	json_t *near = scrape_parse("vedette_uplink_link_up{host=\"m\",process=\"uplink\"} 1\n"
				    "vedette_filter_packets_total{host=\"m\",process=\"filter\",interface=\"e\",feed=\"r\",verdict=\"v\"} 5\n"
				    "vedette_host_clock_synchronised{host=\"m\"} 1\nvedette_feed_state{host=\"m\",feed=\"r\"} 0\n");
	json_t *far = scrape_parse("vedette_uplink_link_up{host=\"m\",process=\"uplink\"} 0\n"
				   "vedette_uplink_link_up{host=\"n\",process=\"uplink\"} 0\n"
				   "vedette_host_clock_synchronised{host=\"m\"} 0\n");
	json_t *root = json_pack("{s:[], s:[]}", "processes", "hosts");
	json_t *processes = json_object_get(root, "processes"), *hosts = json_object_get(root, "hosts");

	scrape_processes(near, processes, hosts);
	scrape_processes(far, processes, hosts);
	assert_int_equal(json_array_size(processes), 3);
	assert_int_equal(json_array_size(hosts), 1);
	/* What came first stays. */
	assert_near(glance_metric(glance_process(root, "m", "uplink"), "vedette_uplink_link_up"), 1, 0);
	assert_near(glance_metric(glance_process(root, "n", "uplink"), "vedette_uplink_link_up"), 0, 0);
	assert_near(glance_metric(json_array_get(hosts, 0), "vedette_host_clock_synchronised"), 1, 0);
	const json_t *filter = json_array_get(processes, 1);
	assert_string_equal(glance_text(filter, "interface"), "e");
	assert_near(glance_metric(filter, "vedette_filter_packets_total{verdict=\"v\"}"), 5, 0);
	assert_true(isnan(glance_metric(filter, "vedette_uplink_link_up")));
	scrape_processes(NULL, processes, hosts);
	json_decref(root);
	json_decref(near);
	json_decref(far);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_read_with_their_labels),
		cmocka_unit_test(what_is_no_sample_is_passed_over),
		cmocka_unit_test(hub_metrics_without_labels_are_kept),
		cmocka_unit_test(samples_are_sorted_by_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
