#include "common/clock.h"
#include "sensor/uplink/filterstat.h"
#include "sensor/uplink/health.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64];

static void write_status(const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* The reports of one file: the filter's, then its feeds'. */
static struct wire_health got[FILTERSTAT_FEEDS_MAX + 2];
static unsigned n_got;

static void keep(void *user, const struct wire_health *h)
{
	assert_true(n_got < sizeof(got) / sizeof(got[0]));
	got[n_got++] = *h;
}

static int read_status(const char *text, int64_t later_ns)
{
	char path[128];
	write_status("eth0.json", text);
	snprintf(path, sizeof(path), "%s/eth0.json", dir);
	n_got = 0;
	return health_filter("mast1", path, clock_now_ns() + later_ns, keep, NULL);
}

static uint64_t counter(const struct wire_health *h, const char *name)
{
	for (unsigned i = 0; i < h->n_counters; i++)
		if (!strcmp(h->counters[i].name, name))
			return h->counters[i].value;
	fail_msg("no counter %s", name);
	return 0;
}

static void a_filter_and_each_of_its_feeds_report(void **state)
{
	assert_int_equal(
		read_status("{\"mode\":\"native\",\"reason\":\"\",\"generation\":3,\"policy_feeds\":2,"
			    "\"link\":{\"packets\":9,\"dropped\":1,\"ring_overruns\":0},"
			    "\"process\":{\"version\":\"1.2\",\"uptime_s\":8,\"cpu_ms\":70,\"resident_bytes\":4096},"
			    "\"other\":{\"pass_other\":{\"packets\":4,\"bytes\":400}},\"feeds\":[{\"feed\":\"radar1\","
			    "\"pass_feed\":{\"packets\":5,\"bytes\":600},\"drop_rate\":{\"packets\":7,\"bytes\":0},"
			    "\"drop_sanity\":{\"packets\":0,\"bytes\":0}},{\"feed\":\"ais1\",\"pass_feed\":{\"packets\":0}}]}",
			0),
		0);
	assert_int_equal(n_got, 3);
	assert_string_equal(got[0].host, "mast1");
	assert_string_equal(got[0].process, "filter@eth0");
	assert_string_equal(got[0].feed, "");
	assert_int_equal(got[0].state, WIRE_UP);
	assert_string_equal(got[0].reason, "");
	assert_int_equal(counter(&got[0], "vedette_filter_mode{mode=\"native\"}"), 1);
	assert_int_equal(counter(&got[0], "vedette_filter_policy_generation"), 3);
	assert_int_equal(counter(&got[0], "vedette_filter_link_dropped_total"), 1);
	assert_int_equal(counter(&got[0], "vedette_filter_packets_total{verdict=\"pass_other\"}"), 4);
	assert_int_equal(counter(&got[0], "vedette_build_info{version=\"1.2\"}"), 1);
	assert_int_equal(counter(&got[0], "vedette_process_cpu_ms_total"), 70);
	assert_string_equal(got[1].process, "filter@eth0");
	assert_string_equal(got[1].feed, "radar1");
	assert_int_equal(counter(&got[1], "vedette_filter_packets_total{verdict=\"pass_feed\"}"), 5);
	assert_int_equal(counter(&got[1], "vedette_filter_bytes_total{verdict=\"pass_feed\"}"), 600);
	assert_int_equal(counter(&got[1], "vedette_filter_packets_total{verdict=\"drop_rate\"}"), 7);
	assert_int_equal(got[1].n_counters, 4); /* what never happened is left out */
	assert_string_equal(got[2].feed, "ais1");
	assert_int_equal(counter(&got[2], "vedette_filter_packets_total{verdict=\"pass_feed\"}"), 0);
}

static void a_filter_that_is_not_there_is_degraded_with_its_reason(void **state)
{
	assert_int_equal(read_status("{\"mode\":\"unavailable\",\"reason\":\"no CAP_BPF\"}", 0), 0);
	assert_int_equal(got[0].state, WIRE_DEGRADED);
	assert_string_equal(got[0].reason, "eth0: unavailable: no CAP_BPF");
	assert_int_equal(read_status("{\"mode\":\"generic\",\"policy_error\":\"a.conf:3: bad\"}", 0), 0);
	assert_int_equal(got[0].state, WIRE_DEGRADED);
	assert_string_equal(got[0].reason, "eth0: old policy kept: a.conf:3: bad");
}

static void a_bad_or_old_status_file_is_down(void **state)
{
	assert_int_equal(read_status("{\"mode\":", 0), -EBADMSG);
	assert_int_equal(got[0].state, WIRE_DOWN);
	assert_int_equal(read_status("[1,2]", 0), -EBADMSG);
	assert_string_equal(got[0].reason, "status file: no object");
	assert_int_equal(read_status("{}", 60 * CLOCK_NS_PER_S), -ESTALE);
	assert_string_equal(got[0].reason, "status file: not written for 10 s");
	n_got = 0;
	assert_int_equal(health_filter("mast1", "/nowhere/eth0.json", 1, keep, NULL), -ENOENT);
	assert_int_equal(n_got, 1);
}

static void a_hostile_status_file_stays_within_bounds(void **state)
{
	static char big[65536];
	int n = sprintf(big, "{\"mode\":\"x\\\"} 1\",\"generation\":-5,\"link\":[1],\"other\":{");
	for (int i = 0; i < 200; i++)
		n += sprintf(big + n, "\"pass_%d\":{\"packets\":%d},", i, i);
	n += sprintf(big + n, "\"no word\":{\"packets\":1},\"pass\":7},\"feeds\":[");
	for (int i = 0; i < 200; i++)
		n += sprintf(big + n, "{\"feed\":\"f%d\"},", i);
	sprintf(big + n, "{\"feed\":7},[[[]]]]}");
	assert_int_equal(read_status(big, 0), 0);
	assert_int_equal(got[0].n_counters, WIRE_COUNTERS_MAX);
	assert_string_equal(got[0].counters[0].name, "vedette_filter_policy_error");
	assert_int_equal(counter(&got[0], "vedette_filter_policy_generation"), 0);
	assert_int_equal(n_got, FILTERSTAT_FEEDS_MAX + 1);
}

static void count(void *user, const struct wire_health *h)
{
	(*(int *)user)++;
}

static void only_json_files_of_the_directory_are_read(void **state)
{
	int n = 0;
	write_status("eth0.json", "{}");
	write_status("eth1.json", "{}");
	write_status("eth1.json.tmp", "{");
	write_status(".hidden.json", "{");
	health_filters("mast1", dir, clock_now_ns(), count, &n);
	assert_int_equal(n, 2);
	health_filters("mast1", "/nowhere", clock_now_ns(), count, &n);
	assert_int_equal(n, 2);
}

static void the_uplink_is_degraded_while_the_link_is_down(void **state)
{
	struct wire_health h;
	health_uplink("mast1", "", 77, &h);
	assert_int_equal(h.state, WIRE_UP);
	assert_int_equal(h.time_ns, 77);
	health_uplink("mast1", "cannot connect: Connection refused", 77, &h);
	assert_int_equal(h.state, WIRE_DEGRADED);
	assert_string_equal(h.reason, "cannot connect: Connection refused");
	assert_true(h.clock_max_error_ns >= 0);
}

static int setup(void **state)
{
	strcpy(dir, "/tmp/health-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_entry(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(name);
}

static int teardown(void **state)
{
	return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_filter_and_each_of_its_feeds_report),
		TEST(a_filter_that_is_not_there_is_degraded_with_its_reason),
		TEST(a_bad_or_old_status_file_is_down),
		TEST(a_hostile_status_file_stays_within_bounds),
		TEST(only_json_files_of_the_directory_are_read),
		TEST(the_uplink_is_degraded_while_the_link_is_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
