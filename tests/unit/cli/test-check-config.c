#include "cli/check_config.h"
#include "cli/verbs.h"
#include "tests/assert_near.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64], lines[4096];
static unsigned good, bad;

static int set_up(void **state)
{
	char path[128];

	snprintf(dir, sizeof(dir), "/tmp/test-check-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/feeds", dir);
	lines[0] = 0;
	good = bad = 0;
	return mkdir(path, 0700);
}

static int tear_down(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void put(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* Lines without the directory. */
static void note(void *user, bool ok, const char *line)
{
	size_t n = strlen(lines), d = strlen(dir) + 1;

	*(ok ? &good : &bad) += 1;
	snprintf(lines + n, sizeof(lines) - n, "%s\n", strncmp(line, dir, d - 1) ? line : line + d);
}

#define AIS(port) "[Feed]\nFormat=ais\nListen=10.0.0.1:" port "\nSource=10.0.0.2\n[Site]\nLatitude=54 deg\nLongitude=11 deg\n"

static void every_feed_is_judged(void **state)
{
	put("feeds/a.conf", AIS("8600"));
	put("feeds/b.conf", "[Feed]\nFormat=ais\nRate=x\n");
	put("feeds/c.conf", AIS("8601"));
	put("feeds/notes.txt", "nonsense");
	assert_int_equal(check_config_each(dir, note, NULL), 3);
	assert_string_equal(lines,
		"feeds/a.conf: ok\nfeeds/b.conf:3: [Feed] Rate=x: not a whole number\nfeeds/c.conf: ok\n");
	assert_int_equal(bad, 1);
}

static void two_feeds_on_one_address_are_a_mistake(void **state)
{
	put("feeds/a.conf", AIS("8600"));
	put("feeds/b.conf", AIS("8600"));
	assert_int_equal(check_config_each(dir, note, NULL), 2);
	assert_string_equal(lines,
		"feeds/a.conf: ok\nfeeds/b.conf: [Feed] Listen=10.0.0.1:8600: feed a listens there already\n");
}

#define SERIAL "[Feed]\nFormat=ais\nDevice=/dev/ttyS0\n[Site]\nLatitude=54 deg\nLongitude=11 deg\n"

static void two_feeds_on_one_line_are_a_mistake(void **state)
{
	put("feeds/a.conf", SERIAL);
	put("feeds/b.conf", SERIAL);
	assert_int_equal(check_config_each(dir, note, NULL), 2);
	assert_string_equal(lines, "feeds/a.conf: ok\nfeeds/b.conf: [Feed] Device=/dev/ttyS0: feed a reads it already\n");
}

static void filters_file_is_judged(void **state)
{
	put("filter.conf", "[Filter]\nInterface=eth0\nStrict=perhaps\n");
	assert_int_equal(check_config_each(dir, note, NULL), 1);
	assert_int_equal(bad, 1);
	assert_memory_equal(lines, "filter.conf:3: [Filter] Strict=perhaps: ", strlen("filter.conf:3: [Filter] Strict=perhaps: "));
	lines[0] = 0;
	put("filter.conf", "[Filter]\nInterface=eth0\nStrict=yes\n");
	assert_int_equal(check_config_each(dir, note, NULL), 1);
	assert_string_equal(lines, "filter.conf: ok\n");
}

static void daemon_judges_its_own_file(void **state)
{
	put("uplink.conf", "[Uplink]\nColour=red\n");
	assert_int_equal(check_config_each(dir, note, NULL), 1);
	assert_string_equal(lines, "uplink.conf:2: [Uplink] Colour=red: unknown key\n");
	assert_int_equal(bad, 1);

	lines[0] = 0;
	put("uplink.conf", "[Uplink]\nOrigin=mast1\nCentre=tls+tcp://127.0.0.1:1\nCentreIdentity=vedette:centre/xa\n"
			   "[TLS]\nCA=/a\nCertificate=/b\nKey=/c\n");
	assert_int_equal(check_config_each(dir, note, NULL), 1);
	assert_string_equal(lines, "uplink.conf: ok\n");
}

/* Output of the verb itself is not TAP: it goes nowhere. */
static int run(const char *a)
{
	char verb[] = "check-config", argument[128];

	snprintf(argument, sizeof(argument), "%s", a);
	fflush(stdout);
	int out = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	dup2(null, STDOUT_FILENO);
	int r = check_config_run(2, (char *[]){ verb, argument, NULL });
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	close(null);
	return r;
}

static void exit_code_tells_good_from_bad(void **state)
{
	assert_int_equal(run(dir), 1); /* nothing there */
	put("feeds/a.conf", AIS("8600"));
	assert_int_equal(run(dir), 0);
	put("feeds/b.conf", "x");
	assert_int_equal(run(dir), 1);
	assert_int_equal(run("--what"), 2);
	assert_int_equal(run("/nonexistent"), 1);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(every_feed_is_judged),
		FILE_TEST(two_feeds_on_one_address_are_a_mistake),
		FILE_TEST(two_feeds_on_one_line_are_a_mistake),
		FILE_TEST(filters_file_is_judged),
		FILE_TEST(daemon_judges_its_own_file),
		FILE_TEST(exit_code_tells_good_from_bad),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
