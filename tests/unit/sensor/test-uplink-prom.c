#include "sensor/uplink/prom.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define S INT64_C(1000000000)

static char dir[64], path[128];
static struct prom *p;

static int set_up(void **state)
{
	strcpy(dir, "/tmp/test-prom-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/vedette.prom", dir);
	return prom_new(path, "mast1", &p);
}

static int tear_down(void **state)
{
	prom_free(p);
	unlink(path);
	return rmdir(dir);
}

static const char *content(void)
{
	static char text[65536];
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = 0;
	fclose(f);
	return text;
}

static void assert_line(const char *line)
{
	if (!strstr(content(), line))
		fail_msg("no %s in\n%s", line, content());
}

static struct wire_health report(const char *process, const char *feed, uint64_t uptime_s)
{
	struct wire_health h = { .n_counters = 1, .counters = { { "vedette_process_uptime_seconds", uptime_s } } };

	snprintf(h.host, sizeof(h.host), "mast1");
	snprintf(h.process, sizeof(h.process), "%s", process);
	snprintf(h.feed, sizeof(h.feed), "%s", feed);
	return h;
}

/* As a feed sends it: whoever it says it is, host and feed are what the uplink knows. */
static void hear(const struct wire_health *h, const char *feed, int64_t mono_ns)
{
	static uint8_t buf[WIRE_OBJECT_MAX];
	ssize_t n = wire_put_health(buf, sizeof(buf), h);
	struct ship_record records[3] = { { .kind = WIRE_PLOT, .data = buf, .size = 3 },
		{ .kind = WIRE_HEALTH, .data = buf, .size = 2 }, { .kind = WIRE_HEALTH, .data = buf, .size = (size_t)n } };
	struct ship_batch batch = { .n = 3, .records = records };

	assert_true(n > 0);
	prom_heard(p, feed, &batch, mono_ns);
}

static void the_host_and_its_feeds_are_in_one_readable_file(void **state)
{
	struct wire_health uplink = report("uplink", "", 60), sensor = report("sensor", "another", 50);
	struct stat st;

	snprintf(sensor.host, sizeof(sensor.host), "evil");
	prom_note(p, &uplink, 100 * S);
	hear(&sensor, "radar1", 100 * S);
	assert_int_equal(prom_write(p, 104 * S), 0);
	assert_line("vedette_process_uptime_seconds{host=\"mast1\",process=\"uplink\"} 60\n");
	assert_line("vedette_process_uptime_seconds{host=\"mast1\",process=\"sensor\",feed=\"radar1\"} 50\n");
	assert_line("vedette_process_report_age_seconds{host=\"mast1\",process=\"sensor\",feed=\"radar1\"} 4\n");
	assert_null(strstr(content(), "evil"));
	assert_null(strstr(content(), "another"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
}

static void a_silent_process_is_down_and_a_new_one_was_restarted(void **state)
{
	struct wire_health a = report("sensor", "radar1", 50), b = report("sensor", "radar1", 2);

	hear(&a, "radar1", 100 * S);
	hear(&b, "radar1", 110 * S);
	assert_int_equal(prom_write(p, 111 * S), 0);
	assert_line("vedette_process_restarts_total{host=\"mast1\",process=\"sensor\",feed=\"radar1\"} 1\n");
	assert_line("vedette_process_state{host=\"mast1\",process=\"sensor\",feed=\"radar1\"} 0\n");
	assert_int_equal(prom_write(p, 123 * S), 0);
	assert_line("vedette_process_state{host=\"mast1\",process=\"sensor\",feed=\"radar1\"} 3\n");
}

static void reports_beyond_the_limit_are_left_out(void **state)
{
	for (int i = 0; i < PROM_REPORTS_MAX + 10; i++) {
		char feed[PLOT_FEED_MAX];
		snprintf(feed, sizeof(feed), "f%d", i);
		struct wire_health h = report("sensor", feed, 1);
		prom_note(p, &h, S);
	}
	assert_int_equal(prom_write(p, S), 0);
	assert_line("feed=\"f191\"");
	assert_null(strstr(content(), "feed=\"f192\""));
}

static void a_file_that_cannot_be_written_is_said_and_the_old_one_stays(void **state)
{
	struct wire_health h = report("uplink", "", 60);
	struct prom *q;

	assert_int_equal(prom_new("/nowhere/x.prom", "mast1", &q), 0);
	prom_note(q, &h, S);
	assert_int_equal(prom_write(q, S), -ENOENT);
	prom_free(q);
	assert_int_equal(prom_new("", "mast1", &q), 0);
	prom_note(q, &h, S);
	assert_int_equal(prom_write(q, S), 0);
	prom_free(q);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_host_and_its_feeds_are_in_one_readable_file),
		TEST(a_silent_process_is_down_and_a_new_one_was_restarted),
		TEST(reports_beyond_the_limit_are_left_out),
		TEST(a_file_that_cannot_be_written_is_said_and_the_old_one_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
