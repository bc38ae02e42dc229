/* test-admit - which datagrams a feed admits, said in C; what the kernel makes of the program is tests/bpf/test-admit.c. */
#include "tests/assert_near.h"

#include <string.h>

#include "common/admit.h"

static struct feed feed_of(enum feed_format format, const char *listen, const char *source)
{
	struct feed f = { .format = format, .n_sources = 1 };

	assert_null(netaddr_endpoint(listen, &f.listen));
	assert_null(netaddr_network(source, strlen(source), &f.sources[0]));
	return f;
}

static enum admit_verdict admit(const struct feed *feed, const char *from, const void *payload, size_t size)
{
	struct netaddr_network source;

	assert_null(netaddr_network(from, strlen(from), &source));
	return admit_datagram(feed, source.family, &source.addr, payload, size);
}

static void sources_are_those_listed(void **state)
{
	struct feed four = feed_of(FEED_AIS, "239.1.1.1:8600", "192.0.2.0/25");
	struct feed six = feed_of(FEED_AIS, "[ff15::1]:8600", "2001:db8:1::/48");

	(void)state;
	assert_int_equal(admit(&four, "192.0.2.127", "!", 1), ADMIT_PASS);
	assert_int_equal(admit(&four, "192.0.2.128", "!", 1), ADMIT_SOURCE);
	assert_int_equal(admit(&six, "2001:db8:1:ffff::1", "!", 1), ADMIT_PASS);
	assert_int_equal(admit(&six, "2001:db8:2::1", "!", 1), ADMIT_SOURCE);
	assert_null(netaddr_network("0.0.0.0/0", 9, &four.sources[0]));
	assert_int_equal(admit(&four, "203.0.113.1", "!", 1), ADMIT_PASS);
	assert_int_equal(admit(&four, "::", "!", 1), ADMIT_SOURCE); /* the other family */
	four.n_sources = 0;
	assert_int_equal(admit(&four, "192.0.2.1", "!", 1), ADMIT_SOURCE);
}

static void payloads_are_of_the_feeds_format(void **state)
{
	static const struct {
		enum feed_format format;
		const char *payload;
		size_t size;
		enum admit_verdict verdict;
	} rows[] = {
		{ FEED_AIS, "", 0, ADMIT_PAYLOAD },
		{ FEED_AIS, "!", 1, ADMIT_PASS },
		{ FEED_AIS, "$", 1, ADMIT_PASS },
		{ FEED_AIS, "\\", 1, ADMIT_PASS },
		{ FEED_AIS, "U", 1, ADMIT_PAYLOAD },
		{ FEED_AIS, "\0", 1, ADMIT_PAYLOAD },
		{ FEED_NMEA, "UdPbC", 5, ADMIT_PASS },
		{ FEED_NMEA, "?", 1, ADMIT_PAYLOAD },
		{ FEED_ADSB, "\x1a", 1, ADMIT_PASS },
		{ FEED_ADSB, "\0", 1, ADMIT_PAYLOAD },
		{ FEED_KLV, "\x47", 1, ADMIT_PASS },
		{ FEED_KLV, "\x48", 1, ADMIT_PAYLOAD },
		{ FEED_CAMERA, "\x80\0\0\0\0\0\0\0\0\0\0\0", 12, ADMIT_PASS },
		{ FEED_CAMERA, "\x80\0\0\0\0\0\0\0\0\0\0", 11, ADMIT_PAYLOAD },
		{ FEED_CAMERA, "\xc0\0\0\0\0\0\0\0\0\0\0\0", 12, ADMIT_PAYLOAD },
		{ FEED_ASTERIX, "\x30\0\x04\x01", 4, ADMIT_PASS },
		{ FEED_ASTERIX, "\x30\0\x04", 3, ADMIT_PAYLOAD },
		{ FEED_ASTERIX, "\x30\0\x05\x01", 4, ADMIT_PAYLOAD },
		{ FEED_ASTERIX, "\x30\0\x03\x01", 4, ADMIT_PAYLOAD },
		{ FEED_ASTERIX, "\0\0\x04\x01", 4, ADMIT_PAYLOAD },
		{ FEED_ASTERIX, "\x30\0\x04\x01\x22\0\x05\x01\x02", 9, ADMIT_PASS },
		{ FEED_ASTERIX, "\x30\0\x04\x01\x22\0\x05\x01", 8, ADMIT_PAYLOAD },
		{ FEED_ASTERIX, "\x30\0\x04\x01\x22", 5, ADMIT_PAYLOAD },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct feed f = feed_of(rows[i].format, "10.0.0.1:8600", "10.0.0.2");

		if (admit(&f, "10.0.0.2", rows[i].payload, rows[i].size) != rows[i].verdict)
			fail_msg("row %u", i);
	}
}

static void blocks_are_walked_as_far_as_eight_and_bytes_as_far_as_16383(void **state)
{
	static uint8_t payload[ADMIT_PAYLOAD_MAX + 1];
	struct feed f = feed_of(FEED_ASTERIX, "10.0.0.1:8600", "10.0.0.2"), ais = f;

	(void)state;
	for (unsigned i = 0; i < 9; i++)
		memcpy(payload + 4 * i, "\x30\0\x04\x01", 4);
	assert_int_equal(admit(&f, "10.0.0.2", payload, 36), ADMIT_PASS);
	assert_int_equal(admit(&f, "10.0.0.2", payload, 33), ADMIT_PASS); /* the ninth is the decoder's */
	assert_int_equal(admit(&f, "10.0.0.2", payload, 31), ADMIT_PAYLOAD);
	ais.format = FEED_AIS;
	payload[0] = '!';
	assert_int_equal(admit(&ais, "10.0.0.2", payload, ADMIT_PAYLOAD_MAX), ADMIT_PASS);
	assert_int_equal(admit(&ais, "10.0.0.2", payload, ADMIT_PAYLOAD_MAX + 1), ADMIT_PAYLOAD);
}

static void the_longest_program_has_room(void **state)
{
	struct sock_filter program[ADMIT_PROGRAM_MAX];
	struct feed f = feed_of(FEED_ASTERIX, "[::1]:8600", "2001:db8:1:2:3:4:5:0/127");

	(void)state;
	for (; f.n_sources < FEED_SOURCES_MAX; f.n_sources++)
		f.sources[f.n_sources] = f.sources[0];
	assert_int_equal(admit_program(&f, ADMIT_AT_UDP, program), 213);
	assert_int_equal(admit_program(&f, ADMIT_AT_NETWORK, program), 212);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_are_those_listed),
		cmocka_unit_test(payloads_are_of_the_feeds_format),
		cmocka_unit_test(blocks_are_walked_as_far_as_eight_and_bytes_as_far_as_16383),
		cmocka_unit_test(the_longest_program_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
