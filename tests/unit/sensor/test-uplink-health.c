#include "common/clock.h"
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

static int read_status(const char *text, int64_t later_ns, struct wire_health *h)
{
	char path[128];
	write_status("eth0.json", text);
	snprintf(path, sizeof(path), "%s/eth0.json", dir);
	return health_filter("mast1", path, clock_now_ns() + later_ns, h);
}

static uint64_t counter(const struct wire_health *h, const char *name)
{
	for (unsigned i = 0; i < h->n_counters; i++)
		if (!strcmp(h->counters[i].name, name))
			return h->counters[i].value;
	fail_msg("no counter %s", name);
	return 0;
}

static void a_filters_numbers_become_counters_named_by_their_path(void **state)
{
	struct wire_health h;
	assert_int_equal(
		read_status(
			"{\"mode\":\"native\",\"reason\":\"\",\"feeds\":[{\"feed\":\"radar1\","
			"\"pass\":{\"packets\":5,\"bytes\":600},\"rate\":{\"packets\":7,\"bytes\":0}}],"
			"\"other\":{\"pass-through\":9}}",
			0, &h),
		0);
	assert_string_equal(h.host, "mast1");
	assert_string_equal(h.process, "filter");
	assert_string_equal(h.feed, "");
	assert_int_equal(h.state, WIRE_UP);
	assert_string_equal(h.reason, "");
	assert_int_equal(counter(&h, "eth0_feeds_radar1_pass_packets"), 5);
	assert_int_equal(counter(&h, "eth0_feeds_radar1_rate_packets"), 7);
	assert_int_equal(counter(&h, "eth0_other_pass_through"), 9);
}

static void a_filter_that_is_not_there_is_degraded_with_its_reason(void **state)
{
	struct wire_health h;
	assert_int_equal(
		read_status("{\"mode\":\"unavailable\",\"reason\":\"no CAP_BPF\"}", 0, &h), 0);
	assert_int_equal(h.state, WIRE_DEGRADED);
	assert_string_equal(h.reason, "eth0: unavailable: no CAP_BPF");
	assert_int_equal(
		read_status("{\"mode\":\"generic\",\"policy_error\":\"a.conf:3: bad\"}", 0, &h), 0);
	assert_int_equal(h.state, WIRE_DEGRADED);
	assert_string_equal(h.reason, "eth0: old policy kept: a.conf:3: bad");
}

static void a_bad_or_old_status_file_is_down(void **state)
{
	struct wire_health h;
	assert_int_equal(read_status("{\"mode\":", 0, &h), -EBADMSG);
	assert_int_equal(h.state, WIRE_DOWN);
	assert_int_equal(read_status("[1,2]", 0, &h), -EBADMSG);
	assert_string_equal(h.reason, "status file: no object");
	assert_int_equal(read_status("{}", 60 * CLOCK_NS_PER_S, &h), -ESTALE);
	assert_string_equal(h.reason, "status file: not written for 10 s");
	assert_int_equal(health_filter("mast1", "/nowhere/eth0.json", 1, &h), -ENOENT);
	/* More numbers, and deeper, than there is room for. */
	static char big[8192];
	int n = sprintf(big, "{");
	for (int i = 0; i < 200; i++)
		n += sprintf(big + n, "\"n%d\":%d,", i, i);
	sprintf(big + n, "\"d\":[[[[[[[[[[1]]]]]]]]]],\"negative\":-1}");
	assert_int_equal(read_status(big, 0, &h), 0);
	assert_int_equal(h.n_counters, WIRE_COUNTERS_MAX);
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
		TEST(a_filters_numbers_become_counters_named_by_their_path),
		TEST(a_filter_that_is_not_there_is_degraded_with_its_reason),
		TEST(a_bad_or_old_status_file_is_down),
		TEST(only_json_files_of_the_directory_are_read),
		TEST(the_uplink_is_degraded_while_the_link_is_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
