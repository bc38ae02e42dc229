/* test-emitter - datagrams of either family onto a real socket. */
#include "tests/assert_near.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/simulate/emitter.h"

static void datagram_arrives_from_the_address_asked_for(void **state)
{
	static const char *const listen[] = { "127.0.0.1:1", "[::1]:1" }, *const from[] = { "127.0.0.3:1", "[::1]:1" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct netaddr_endpoint to, own;
		struct sockaddr_storage at, sender, expected;
		struct emitter e;
		char text[8] = "";

		assert_null(netaddr_endpoint(listen[i], &to));
		assert_null(netaddr_endpoint(from[i], &own));
		to.port = 0;

		socklen_t size = netaddr_sockaddr(&to, &at), got = sizeof(sender);
		int fd = socket(to.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) < 0) { /* no IPv6 here */
			assert_int_equal(i, 1);
			continue;
		}
		assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
		to.port = ((struct sockaddr_in *)&at)->sin_port; /* sin6_port lies there, too */
		assert_int_equal(emitter_open_socket(&e, "test", &to, &own, ""), 0);
		emitter_send(&e, 0, "!AIVDM", 6);
		assert_int_equal(e.datagrams, 1);
		assert_int_equal(recvfrom(fd, text, sizeof(text), 0, (struct sockaddr *)&sender, &got), 6);
		assert_string_equal(text, "!AIVDM");
		own.port = ((struct sockaddr_in *)&sender)->sin_port;
		assert_int_equal(got, netaddr_sockaddr(&own, &expected));
		assert_memory_equal(&sender, &expected, got);
		assert_int_equal(emitter_close(&e), 0);
		close(fd);
	}
}

static void group_needs_an_interface_that_is_there(void **state)
{
	static const char *const groups[] = { "239.192.0.1:8600", "[ff15::1]:8600" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct netaddr_endpoint to, any = { 0 };
		struct emitter e;

		assert_null(netaddr_endpoint(groups[i], &to));

		int r = emitter_open_socket(&e, "test", &to, &any, "vd-none");

		if (r != -EAFNOSUPPORT)
			assert_int_equal(r, -ENODEV);
		r = emitter_open_socket(&e, "test", &to, &any, "lo");
		if (r == 0)
			assert_int_equal(emitter_close(&e), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagram_arrives_from_the_address_asked_for),
		cmocka_unit_test(group_needs_an_interface_that_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
