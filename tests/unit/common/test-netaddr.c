#include "common/netaddr.h"
#include "tests/assert_near.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static void endpoints_are_read_and_written_alike(void **state)
{
	static const char *const texts[] = { "192.0.2.1:8600", "0.0.0.0:1", "[::]:65535", "[2001:db8::1]:8600", "[ff12::5]:5004" };
	char buf[NETADDR_TEXT_MAX];
	struct netaddr_endpoint e;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_null(netaddr_endpoint(texts[i], &e));
		assert_string_equal(netaddr_endpoint_text(&e, buf), texts[i]);
	}
}

static void what_is_no_endpoint_is_refused(void **state)
{
	static const char *const texts[] = { "", ":1", "192.0.2.1", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:+1", "192.0.2.256:1",
		"[::1:1", "[::1]1", "[]:1", "[192.0.2.1]:1", "::1:1", "[::1]:", "[", "]:1", "[:1", "[0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0]:1" };
	struct netaddr_endpoint e = { .family = 99 };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_non_null(netaddr_endpoint(texts[i], &e));
	assert_int_equal(e.family, 99);
}

static void is_in(const char *network, const char *address, bool expected)
{
	struct netaddr_network net;
	struct netaddr addr = { 0 };

	assert_null(netaddr_network(network, strlen(network), &net));
	assert_int_equal(inet_pton(net.family, address, addr.word), 1);
	assert_int_equal(netaddr_in(&net, &addr), expected);
}

static void networks_hold_what_their_prefix_says(void **state)
{
	is_in("0.0.0.0/0", "255.255.255.255", true);
	is_in("192.0.2.0/25", "192.0.2.127", true);
	is_in("192.0.2.0/25", "192.0.2.128", false);
	is_in("192.0.2.1", "192.0.2.1", true);
	is_in("::/0", "ffff::1", true);
	is_in("2001:db8::/33", "2001:db8:7fff::1", true);
	is_in("2001:db8::/33", "2001:db8:8000::1", false);
	is_in("2001:db8::/65", "2001:db8:0:0:8000::", false);
	is_in("::1", "::2", false);
}

static void what_is_no_network_is_refused(void **state)
{
	static const char *const texts[] = { "", "/", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/08x", "::1/129", "1.2.3.4/24", "::1/64",
		"mast", "1.2.3.4/999999" };
	struct netaddr_network net = { .family = 99 };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_non_null(netaddr_network(texts[i], strlen(texts[i]), &net));
	assert_int_equal(net.family, 99);
}

static void every_prefix_counts_its_bits(void **state)
{
	char text[32];
	struct netaddr_network net;

	for (unsigned i = 0; i <= 128; i++) {
		int n = snprintf(text, sizeof(text), "::/%u", i);
		assert_null(netaddr_network(text, (size_t)n, &net));
		assert_int_equal(netaddr_prefix(&net), i);
	}
}

static void groups_are_known(void **state)
{
	struct netaddr_endpoint e;

	assert_null(netaddr_endpoint("239.1.1.1:1", &e));
	assert_true(netaddr_is_group(e.family, &e.addr));
	assert_null(netaddr_endpoint("240.0.0.1:1", &e));
	assert_false(netaddr_is_group(e.family, &e.addr));
	assert_null(netaddr_endpoint("[ff02::1]:1", &e));
	assert_true(netaddr_is_group(e.family, &e.addr));
	assert_null(netaddr_endpoint("[fe80::1]:1", &e));
	assert_false(netaddr_is_group(e.family, &e.addr));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoints_are_read_and_written_alike),
		cmocka_unit_test(what_is_no_endpoint_is_refused),
		cmocka_unit_test(networks_hold_what_their_prefix_says),
		cmocka_unit_test(what_is_no_network_is_refused),
		cmocka_unit_test(every_prefix_counts_its_bits),
		cmocka_unit_test(groups_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
