/* filterconf - the packet filter's file: what it may say and what it may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/filterconf.h"

static struct filterconf conf;
static struct conf_error error;

static int load(const char *text)
{
	char path[] = "/tmp/vedette-filterconf-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	filterconf_done(&conf);
	conf = (struct filterconf){ 0 };
	int r = filterconf_load(path, &conf, &error);
	(void)unlink(path);
	return r;
}

static void interfaces_alone_are_enough(void **state)
{
	assert_int_equal(load("[Filter]\nInterface=eth0 eth1\n"), 0);
	assert_int_equal(conf.interfaces.n, 2);
	assert_false(conf.strict);
	assert_int_equal(conf.open.n, 0);
	assert_int_equal(load("[Filter]\nStrict=yes\n"), -EINVAL);
}

static void open_ports_add_up(void **state)
{
	assert_int_equal(load("[Filter]\nInterface=eth0\nStrict=yes\nOpen=51820 1\nOpen=65535\n"), 0);
	assert_true(conf.strict);
	assert_int_equal(conf.open.n, 3);
	assert_int_equal(conf.open.port[0], 51820);
	assert_int_equal(conf.open.port[2], 65535);
	assert_int_equal(load("[Filter]\nInterface=eth0\nOpen=51820\nOpen=\nOpen=9\n"), 0);
	assert_int_equal(conf.open.n, 1);
}

static void what_is_no_port_is_refused(void **state)
{
	static const char *const bad[] = { "0", "65536", "100000", "-1", "dns", "53x", "53,54" };
	char text[128];

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "[Filter]\nInterface=eth0\nOpen=%s\n", bad[i]);
		assert_int_equal(load(text), -EINVAL);
		assert_non_null(strstr(error.text, ":3: [Filter] Open="));
	}
}

static void more_ports_than_there_is_room_for_are_refused(void **state)
{
	char text[512] = "[Filter]\nInterface=eth0\nOpen=";
	size_t n = strlen(text);

	for (unsigned i = 0; i <= FILTERCONF_OPEN_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%u ", 1000 + i);
	assert_int_equal(load(text), -EINVAL);
	assert_non_null(strstr(error.text, "more than 32 ports"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces_alone_are_enough),
		cmocka_unit_test(open_ports_add_up),
		cmocka_unit_test(what_is_no_port_is_refused),
		cmocka_unit_test(more_ports_than_there_is_room_for_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
