#include "tests/assert_near.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/container.h"

/* "hi" from 192.0.2.1:4000 to 239.1.1.1:8600 as UDP in IPv4: RFC 768, RFC 791 */
static const uint8_t ip[] = { 0x45, 0, 0, 30, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 239, 1, 1, 1, 0x0f, 0xa0, 0x21, 0x98, 0, 10, 0, 0,
	'h', 'i' };
static const uint8_t ether[] = { 1, 0, 0x5e, 1, 1, 1, 2, 0, 0, 0, 0, 1, 0x08, 0x00 };

static uint8_t file[4096];
static size_t size;
static struct container c;
static struct container_datagram d;

static void put(const void *data, size_t n)
{
	if (n)
		memcpy(file + size, data, n);
	size += n;
}

static void put32(uint32_t v, bool big)
{
	v = big ? __builtin_bswap32(v) : v;
	put(&v, 4);
}

static void put16(uint16_t v, bool big)
{
	v = big ? __builtin_bswap16(v) : v;
	put(&v, 2);
}

static void pcap_header(uint32_t magic, uint32_t link, bool big)
{
	size = 0;
	put32(magic, big);
	put16(2, big);
	put16(4, big);
	put32(0, big);
	put32(0, big);
	put32(65535, big);
	put32(link, big);
}

static void pcap_packet(const void *head, size_t head_size, const void *body, size_t body_size, size_t original, bool big)
{
	put32(1764072000, big);
	put32(250, big);
	put32((uint32_t)(head_size + body_size), big);
	put32((uint32_t)original, big);
	put(head, head_size);
	put(body, body_size);
}

/* One datagram comes out, and it is the one that went in. */
static void expect_hi(int64_t time_ns)
{
	assert_int_equal(container_init(&c, file, size), 0);
	assert_true(container_next(&c, &d));
	assert_int_equal(d.size, 2);
	assert_memory_equal(d.data, "hi", 2);
	assert_int_equal(d.port, 8600);
	assert_int_equal(d.source_port, 4000);
	assert_true(d.time_ns == time_ns);
	assert_false(container_next(&c, &d));
	assert_int_equal(c.datagrams, 1);
	assert_int_equal(c.truncated, 0);
}

static void pcap_is_read_in_both_byte_orders_and_resolutions(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		pcap_header(0xa1b2c3d4, 1, big);
		pcap_packet(ether, sizeof(ether), ip, sizeof(ip), 44, big);
		expect_hi(INT64_C(1764072000000250000));
		assert_int_equal(d.source, 0xc0000201);
		pcap_header(0xa1b23c4d, 1, big);
		pcap_packet(ether, sizeof(ether), ip, sizeof(ip), 44, big);
		expect_hi(INT64_C(1764072000000000250));
	}
}

static void ethernet_padding_is_not_payload(void **state)
{
	uint8_t padded[sizeof(ip) + 16] = { 0 };

	(void)state;
	memcpy(padded, ip, sizeof(ip));
	pcap_header(0xa1b2c3d4, 1, false);
	pcap_packet(ether, sizeof(ether), padded, sizeof(padded), 60, false);
	expect_hi(INT64_C(1764072000000250000));
}

static void other_link_layers_are_read(void **state)
{
	static const struct {
		uint32_t link;
		uint8_t head[24];
		size_t n;
	} cases[] = {
		{ 101, { 0 }, 0 },
		{ 12, { 0 }, 0 },
		{ 228, { 0 }, 0 },
		{ 0, { 2 }, 4 },
		{ 113, { [14] = 0x08 }, 16 },
		{ 276, { 0x08 }, 20 },
		{ 1, { [12] = 0x81, [16] = 0x08 }, 18 }, /* 802.1Q */
		{ 1, { [12] = 0x88, [13] = 0xa8, [16] = 0x81, [20] = 0x08 }, 22 }, /* QinQ */
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		pcap_header(0xa1b2c3d4, cases[i].link, false);
		pcap_packet(cases[i].head, cases[i].n, ip, sizeof(ip), cases[i].n + sizeof(ip), false);
		expect_hi(INT64_C(1764072000000250000));
	}
}

static void what_is_no_whole_udp_datagram_is_skipped_and_counted(void **state)
{
	uint8_t other[sizeof(ip)];

	(void)state;
	pcap_header(0xa1b2c3d4, 101, false);
	memcpy(other, ip, sizeof(ip));
	other[9] = 6; /* TCP */
	pcap_packet(NULL, 0, other, sizeof(other), sizeof(other), false);
	memcpy(other, ip, sizeof(ip));
	other[6] = 0x20; /* more fragments */
	pcap_packet(NULL, 0, other, sizeof(other), sizeof(other), false);
	memcpy(other, ip, sizeof(ip));
	other[25] = 200; /* UDP length beyond the packet */
	pcap_packet(NULL, 0, other, sizeof(other), sizeof(other), false);
	pcap_packet(NULL, 0, ip, 20, sizeof(ip), false); /* cut by the capture length */
	assert_int_equal(container_init(&c, file, size), 0);
	assert_false(container_next(&c, &d));
	assert_int_equal(c.skipped, 3);
	assert_int_equal(c.truncated, 1);
	assert_int_equal(c.datagrams, 0);
}

static void put_block(uint32_t type, const void *body, size_t n, bool big)
{
	static const uint8_t zero[4];
	size_t padding = -n & 3;

	put32(type, big);
	put32((uint32_t)(12 + n + padding), big);
	put(body, n);
	put(zero, padding);
	put32((uint32_t)(12 + n + padding), big);
}

static void make_pcapng(bool big, bool nanoseconds)
{
	size_t n = sizeof(ether) + sizeof(ip);
	uint64_t ticks = nanoseconds ? UINT64_C(1764072000000000250) : UINT64_C(1764072000000250);
	uint8_t body[256];
	size_t start;

	size = 0;
	put32(0x0a0d0d0a, big);
	put32(28, big);
	put32(0x1a2b3c4d, big);
	put16(1, big);
	put16(0, big);
	put32(UINT32_MAX, big);
	put32(UINT32_MAX, big);
	put32(28, big);

	start = size;
	put16(1, big);
	put16(0, big);
	put32(65535, big);
	if (nanoseconds) {
		put16(9, big);
		put16(1, big);
		put("\x09\0\0\0", 4);
		put32(0, big);
	}
	memcpy(body, file + start, size - start);
	n = size - start;
	size = start;
	put_block(1, body, n, big);

	start = size;
	put32(0, big);
	put32((uint32_t)(ticks >> 32), big);
	put32((uint32_t)ticks, big);
	put32(sizeof(ether) + sizeof(ip), big);
	put32(sizeof(ether) + sizeof(ip), big);
	put(ether, sizeof(ether));
	put(ip, sizeof(ip));
	memcpy(body, file + start, size - start);
	n = size - start;
	size = start;
	put_block(6, body, n, big);
}

static void pcapng_is_read_in_both_byte_orders_and_resolutions(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		make_pcapng(big, false);
		expect_hi(INT64_C(1764072000000250000));
		make_pcapng(big, true);
		expect_hi(INT64_C(1764072000000000250));
	}
}

static void every_truncation_is_harmless(void **state)
{
	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		if (kind)
			make_pcapng(false, true);
		else
			pcap_header(0xa1b2c3d4, 1, false), pcap_packet(ether, sizeof(ether), ip, sizeof(ip), 44, false);
		for (size_t n = 0; n < size; n++) {
			uint8_t *copy = malloc(n + 1);

			assert_non_null(copy);
			memcpy(copy, file, n);
			if (container_init(&c, copy, n) == 0)
				assert_false(container_next(&c, &d));
			free(copy);
		}
	}
}

/* The shortest block: CAT065, one octet of FSPEC */
static const uint8_t block[] = { 65, 0, 4, 0x80 };

static void put_final(uint32_t time, const void *body, size_t n)
{
	uint8_t head[8] = { 0, (uint8_t)(8 + n + 4), 0, 0, 0, (uint8_t)(time >> 16), (uint8_t)(time >> 8), (uint8_t)time };

	put(head, sizeof(head));
	put(body, n);
	put("\xa5\xa5\xa5\xa5", 4);
}

static void expect_block(int64_t time_ns)
{
	assert_true(container_next(&c, &d));
	assert_int_equal(d.size, sizeof(block));
	assert_memory_equal(d.data, block, sizeof(block));
	assert_true(d.time_ns == time_ns);
}

static void final_frames_are_read_over_midnight(void **state)
{
	(void)state;
	size = 0;
	put_final(8639999, block, sizeof(block));
	put_final(1, block, sizeof(block));
	assert_int_equal(container_init(&c, file, size), 0);
	assert_true(c.undated);
	expect_block(INT64_C(86399990000000));
	expect_block(INT64_C(86400010000000));
	assert_false(container_next(&c, &d));
	assert_int_equal(c.datagrams, 2);
	assert_int_equal(c.skipped + c.truncated, 0);
}

static void frames_beside_broken_ones_are_kept(void **state)
{
	size_t broken;

	(void)state;
	size = 0;
	put_final(100, block, sizeof(block));
	broken = size;
	put_final(200, block, sizeof(block));
	put_final(300, block, sizeof(block));
	put("\0\x10tail", 6); /* cut by the file's end */
	file[broken + 1]++;
	assert_int_equal(container_init(&c, file, size), 0);
	expect_block(INT64_C(1000000000));
	expect_block(INT64_C(3000000000));
	assert_false(container_next(&c, &d));
	assert_int_equal(c.skipped, 1);
	assert_int_equal(c.truncated, 1);
}

static void raw_asterix_is_no_final(void **state)
{
	/* CAT001, then CAT048: lengths that FINAL's could be, were there a trailer and a block behind the header */
	static const uint8_t raw[] = { 1, 0, 8, 0x80, 0, 1, 0, 0, 48, 0, 4, 0x80 };

	(void)state;
	assert_false(container_is(raw, sizeof(raw)));
	size = 0;
	put_final(1, "\x41\0\x40\x80", 4); /* a block longer than its frame */
	assert_false(container_is(file, size));
	size = 0;
	put_final(1, block, sizeof(block));
	for (size_t n = 0; n < size; n++)
		assert_false(container_is(file, n));
}

static void put_gps(uint32_t time)
{
	uint8_t tail[10] = { [6] = (uint8_t)(time >> 16), [7] = (uint8_t)(time >> 8), [8] = (uint8_t)time };

	put(block, sizeof(block));
	put(tail, sizeof(tail));
}

static void gps_recordings_are_read(void **state)
{
	(void)state;
	memset(file, 0xcd, 2200);
	size = 2200;
	put_gps(128);
	put_gps(192);
	assert_int_equal(container_init(&c, file, size), 0);
	expect_block(INT64_C(1000000000));
	expect_block(INT64_C(1500000000));
	assert_false(container_next(&c, &d));
	assert_int_equal(c.truncated, 0);
	put(block, 3);
	assert_int_equal(container_init(&c, file, size), 0);
	while (container_next(&c, &d))
		;
	assert_int_equal(c.datagrams, 2);
	assert_int_equal(c.truncated, 1);
	file[17] = 0;
	assert_false(container_is(file, size));
}

static void other_files_are_refused(void **state)
{
	(void)state;
	assert_false(container_is((const uint8_t *)"!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C", 47));
	assert_int_equal(container_init(&c, (const uint8_t *)"", 0), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcap_is_read_in_both_byte_orders_and_resolutions),
		cmocka_unit_test(ethernet_padding_is_not_payload),
		cmocka_unit_test(other_link_layers_are_read),
		cmocka_unit_test(what_is_no_whole_udp_datagram_is_skipped_and_counted),
		cmocka_unit_test(pcapng_is_read_in_both_byte_orders_and_resolutions),
		cmocka_unit_test(every_truncation_is_harmless),
		cmocka_unit_test(final_frames_are_read_over_midnight),
		cmocka_unit_test(frames_beside_broken_ones_are_kept),
		cmocka_unit_test(raw_asterix_is_no_final),
		cmocka_unit_test(gps_recordings_are_read),
		cmocka_unit_test(other_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
