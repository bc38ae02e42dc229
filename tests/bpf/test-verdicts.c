/*
 * verdicts - single frames through the real program: what it says and whose counter moves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <netinet/in.h>

#include "bpf/attach.h"
#include "tests/bpf/gate.h"
#include "tests/bpf/packet.h"

#define DONT_FRAGMENT 0x4000
#define MORE_FRAGMENTS 0x2000

static struct gate gate;

/* One CAT048 block of 8 bytes; two blocks, CAT048 and CAT034. */
static const uint8_t one_block[] = { 48, 0, 8, 0xfd, 1, 2, 3, 4 };
static const uint8_t two_blocks[] = { 48, 0, 6, 0x80, 1, 2, 34, 0, 5, 0x80, 9 };
static const uint8_t short_block[] = { 48, 0, 3, 34, 0, 4, 0x80 };
static const uint8_t long_block[] = { 48, 0, 9, 0xfd, 1, 2, 3, 4 };
static const uint8_t trailing_byte[] = { 48, 0, 7, 0xfd, 1, 2, 3, 4 };
static const uint8_t category_0[] = { 0, 0, 8, 0xfd, 1, 2, 3, 4 };
static const uint8_t nine_blocks[36] = { 48, 0, 4, 0, 48, 0, 4, 0, 48, 0, 4, 0, 48, 0, 4, 0, 48, 0, 4, 0, 48, 0, 4, 0, 48,
	0, 4, 0, 48, 0, 4, 0, 48, 0, 9, 0 };
static const char sentence[] = "!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*23\r\n";
static const char tag_block[] = "\\s:base1*5F\\!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*23\r\n";
static const uint8_t rtp[] = { 0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0x65 };
static const uint8_t rtp_short[] = { 0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0 };
static const uint8_t rtp_version_1[] = { 0x40, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9 };

#define PAYLOAD(x) .payload = (x), .payload_size = sizeof(x)

/* radar1 and radar2 share a port in different groups; radar2 and radar3 share the group, too. */
enum { n_feeds = 13 };
static struct feed usual[n_feeds];

static void set_feeds(void)
{
	struct feed all[] = {
		gate_feed("radar1", FEED_ASTERIX, "239.1.1.1", 8600),
		gate_feed("radar2", FEED_ASTERIX, "239.1.1.2", 8600),
		gate_feed("radar3", FEED_ASTERIX, "239.1.1.2", 8600),
		gate_feed("any", FEED_ASTERIX, "0.0.0.0", 8600),
		gate_feed("ais1", FEED_AIS, "10.0.0.1", 10110),
		gate_feed("camera1", FEED_CAMERA, "10.0.0.1", 5004),
		gate_feed("radar4", FEED_NMEA, "10.0.0.1", 60002),
		gate_feed("adsb1", FEED_ADSB, "10.0.0.1", 30005),
		gate_feed("klv1", FEED_KLV, "10.0.0.1", 5005),
		gate_feed("large", FEED_ASTERIX, "239.1.1.5", 8600),
		gate_feed("six1", FEED_ASTERIX, "ff15::1", 8600),
		gate_feed("six2", FEED_AIS, "2001:db8::1", 10110),
		gate_feed("six3", FEED_ASTERIX, "ff15::3", 8600),
	};
	gate_source(&all[0], "192.0.2.0", 24);
	gate_source(&all[1], "192.0.2.2", 32);
	gate_source(&all[2], "192.0.2.3", 32);
	gate_source(&all[3], "192.0.2.4", 32);
	for (unsigned i = 1; i <= 8; i++) {
		char address[16];
		(void)snprintf(address, sizeof(address), "198.51.100.%u", i);
		gate_source(&all[4], address, 32);
	}
	for (unsigned i = 5; i < 9; i++)
		gate_source(&all[i], "0.0.0.0", 0);
	gate_source(&all[9], "192.0.2.0", 24);
	gate_source(&all[10], "2001:db8:0:1::", 64);
	gate_source(&all[11], "2001:db8::7", 128);
	gate_source(&all[12], "2001:db8:0:1::", 64);
	all[9].fragments = all[12].fragments = FEED_FRAGMENTS_PASS;
	memcpy(usual, all, sizeof(usual));
	gate_set(&gate, usual, n_feeds);
}

static void count_all(struct ingest_counts all[INGEST_SLOTS])
{
	for (unsigned i = 0; i < INGEST_SLOTS; i++)
		assert_int_equal(attach_counts(gate.attach, i, &all[i]), 0);
}

static void judge_as(const void *frame, size_t size, const char *feed, enum ingest_verdict verdict)
{
	static struct ingest_counts before[INGEST_SLOTS], after[INGEST_SLOTS];

	count_all(before);
	int action = gate_run(&gate, frame, size, 1, NULL);
	count_all(after);

	before[gate_slot(&gate, feed)].verdict[verdict].packets++;
	before[gate_slot(&gate, feed)].verdict[verdict].bytes += size;
	for (unsigned i = 0; i < INGEST_SLOTS; i++)
		for (unsigned v = 0; v < _INGEST_VERDICT_MAX; v++) {
			assert_int_equal(after[i].verdict[v].packets, before[i].verdict[v].packets);
			assert_int_equal(after[i].verdict[v].bytes, before[i].verdict[v].bytes);
		}
	assert_int_equal(action, verdict >= INGEST_DROP_SOURCE ? XDP_DROP : XDP_PASS);
}

static void spec_as(struct packet_spec spec, const char *feed, enum ingest_verdict verdict)
{
	struct packet p;

	spec.from = spec.from ? spec.from : "192.0.2.1";
	spec.to = spec.to ? spec.to : "239.1.1.1";
	spec.port = spec.port ? spec.port : 8600;
	packet_build(&spec, &p);
	judge_as(p.data, p.size, feed, verdict);
}

#define SPEC(...) ((struct packet_spec){ __VA_ARGS__ })
#define SPEC6(...) from_six(SPEC(__VA_ARGS__))

static struct packet_spec from_six(struct packet_spec s)
{
	s.from = s.from ? s.from : "2001:db8:0:1::5";
	s.to = s.to ? s.to : "ff15::1";
	return s;
}

static void listed_source_passes(void **state)
{
	spec_as(SPEC(PAYLOAD(one_block)), "radar1", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(two_blocks), .from = "192.0.2.255"), "radar1", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(sentence), .from = "198.51.100.1", .to = "10.0.0.1", .port = 10110), "ais1", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(tag_block), .from = "198.51.100.8", .to = "10.0.0.1", .port = 10110), "ais1", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(rtp), .from = "203.0.113.9", .to = "10.0.0.1", .port = 5004), "camera1", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(one_block), .frag_off = DONT_FRAGMENT), "radar1", INGEST_PASS_FEED);
}

static void unlisted_source_is_dropped(void **state)
{
	spec_as(SPEC(PAYLOAD(one_block), .from = "192.0.3.1"), "radar1", INGEST_DROP_SOURCE);
	spec_as(SPEC(PAYLOAD(sentence), .from = "198.51.100.9", .to = "10.0.0.1", .port = 10110), "ais1",
		INGEST_DROP_SOURCE);
}

static void other_traffic_is_left_alone(void **state)
{
	spec_as(SPEC(PAYLOAD(one_block), .port = 8601), "", INGEST_PASS_OTHER);
	spec_as(SPEC(PAYLOAD(one_block), .to = "10.0.0.2", .port = 10110), "", INGEST_PASS_OTHER);
	spec_as(SPEC(PAYLOAD(one_block), .protocol = IPPROTO_TCP), "", INGEST_PASS_OTHER);
	spec_as(SPEC(PAYLOAD(one_block), .protocol = IPPROTO_ICMP), "", INGEST_PASS_OTHER);
	spec_as(SPEC(PAYLOAD(one_block), .ether_type = ETH_P_ARP), "", INGEST_PASS_OTHER);
	spec_as(SPEC(PAYLOAD(one_block), .ether_type = ETH_P_LLDP), "", INGEST_PASS_OTHER);
}

static void udp_lite_is_not_udp(void **state)
{
	spec_as(SPEC(PAYLOAD(one_block), .protocol = IPPROTO_UDPLITE), "", INGEST_PASS_OTHER);
	spec_as(SPEC6(PAYLOAD(one_block), .protocol = IPPROTO_UDPLITE), "", INGEST_PASS_OTHER);
}

static void listed_ipv6_source_passes(void **state)
{
	spec_as(SPEC6(PAYLOAD(one_block)), "six1", INGEST_PASS_FEED);
	spec_as(SPEC6(PAYLOAD(one_block), .from = "2001:db8:0:1:ffff::1"), "six1", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(sentence), .from = "2001:db8::7", .to = "2001:db8::1", .port = 10110), "six2", INGEST_PASS_FEED);
	spec_as(SPEC6(PAYLOAD(one_block), .tags = { ETH_P_8021AD, ETH_P_8021Q }), "six1", INGEST_PASS_FEED);
}

static void unlisted_ipv6_source_is_dropped(void **state)
{
	/* One bit beyond the prefix; one bit in the last octet; the last octets alike. */
	spec_as(SPEC6(PAYLOAD(one_block), .from = "2001:db8:0:2::5"), "six1", INGEST_DROP_SOURCE);
	spec_as(SPEC(PAYLOAD(sentence), .from = "2001:db8::6", .to = "2001:db8::1", .port = 10110), "six2",
		INGEST_DROP_SOURCE);
	spec_as(SPEC(PAYLOAD(sentence), .from = "2001:db9::7", .to = "2001:db8::1", .port = 10110), "six2",
		INGEST_DROP_SOURCE);
	spec_as(SPEC6(PAYLOAD(sentence)), "six1", INGEST_DROP_SANITY);
}

static void families_do_not_mix(void **state)
{
	/* "any" is on 0.0.0.0:8600 and no feed is on [::]. */
	spec_as(SPEC6(PAYLOAD(one_block), .to = "2001:db8::9"), "", INGEST_PASS_OTHER);
	spec_as(SPEC(PAYLOAD(sentence), .to = "10.0.0.9", .port = 10110), "", INGEST_PASS_OTHER);
	spec_as(SPEC(PAYLOAD(one_block), .ether_type = ETH_P_IPV6), "", INGEST_MALFORMED);
	spec_as(SPEC6(PAYLOAD(one_block), .ether_type = ETH_P_IP), "", INGEST_MALFORMED);
}

#define EXTENSIONS(...)                                                                                                   \
	.extensions = (const struct packet_extension[]){ __VA_ARGS__ },                                                   \
	.n_extensions = sizeof((const struct packet_extension[]){ __VA_ARGS__ }) / sizeof(struct packet_extension)

static void extension_headers_do_not_hide_a_datagram(void **state)
{
	static const struct packet_extension each[] = { { IPPROTO_HOPOPTS, 0, 0 }, { IPPROTO_ROUTING, 3, 0 },
		{ IPPROTO_DSTOPTS, 255, 0 }, { IPPROTO_AH, 4, 0 }, { IPPROTO_AH, 1, 0 } };

	for (unsigned i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		spec_as(SPEC6(PAYLOAD(one_block), .extensions = &each[i], .n_extensions = 1), "six1", INGEST_PASS_FEED);
		spec_as(SPEC6(PAYLOAD(one_block), .extensions = &each[i], .n_extensions = 1, .from = "2001:db9::1"), "six1",
			INGEST_DROP_SOURCE);
	}
	spec_as(SPEC6(PAYLOAD(one_block), .extensions = each, .n_extensions = 5), "six1", INGEST_PASS_FEED);
	spec_as(SPEC6(PAYLOAD(one_block), .extensions = each, .n_extensions = 5, .protocol = IPPROTO_TCP), "",
		INGEST_PASS_OTHER);
	/* Behind encryption nobody sees, and Linux delivers nothing behind "no next header". */
	spec_as(SPEC6(PAYLOAD(one_block), EXTENSIONS({ IPPROTO_HOPOPTS, 0, 0 }), .protocol = IPPROTO_ESP), "",
		INGEST_PASS_OTHER);
	spec_as(SPEC6(PAYLOAD(one_block), .protocol = IPPROTO_NONE), "", INGEST_PASS_OTHER);
}

static void headers_without_end_are_malformed_at_a_feed(void **state)
{
	struct packet_extension many[INGEST_HEADERS_MAX + 1];

	for (unsigned i = 0; i <= INGEST_HEADERS_MAX; i++)
		many[i] = (struct packet_extension){ IPPROTO_DSTOPTS, 0, 0 };
	spec_as(SPEC6(PAYLOAD(one_block), .extensions = many, .n_extensions = INGEST_HEADERS_MAX), "six1",
		INGEST_PASS_FEED);
	spec_as(SPEC6(PAYLOAD(one_block), .extensions = many, .n_extensions = INGEST_HEADERS_MAX + 1), "six1",
		INGEST_MALFORMED);
	spec_as(SPEC6(PAYLOAD(one_block), .extensions = many, .n_extensions = INGEST_HEADERS_MAX + 1,
			.to = "2001:db8::9"),
		"", INGEST_PASS_OTHER);
}

static void truncated_ipv6_is_malformed(void **state)
{
	struct packet p;

	struct packet_spec spec = SPEC6(PAYLOAD(one_block), .port = 8600, EXTENSIONS({ IPPROTO_HOPOPTS, 1, 0 }));
	packet_build(&spec, &p);
	judge_as(p.data, p.ip + 39, "", INGEST_MALFORMED);
	judge_as(p.data, p.ip + 47, "six1", INGEST_MALFORMED); /* within the extension header */
	judge_as(p.data, p.udp + 7, "", INGEST_MALFORMED);
	judge_as(p.data, p.udp + 8, "six1", INGEST_MALFORMED);
	judge_as(p.data, p.size - 1, "six1", INGEST_MALFORMED);
	judge_as(p.data, p.size, "six1", INGEST_PASS_FEED);
	packet_put16(&p, p.ip + 4, 16 + 15); /* IP ends before UDP does */
	judge_as(p.data, p.size, "six1", INGEST_MALFORMED);
}

#define FIRST6 { IPPROTO_FRAGMENT, 0, 1 }
#define LATER6 { IPPROTO_FRAGMENT, 0, 1448 }

static void ipv6_fragments_are_dropped_or_passed_as_the_feed_says(void **state)
{
	spec_as(SPEC6(PAYLOAD(one_block), EXTENSIONS(FIRST6)), "six1", INGEST_DROP_FRAGMENT);
	spec_as(SPEC6(PAYLOAD(one_block), EXTENSIONS({ IPPROTO_HOPOPTS, 0, 0 }, LATER6)), "six1", INGEST_DROP_FRAGMENT);
	/* What a later fragment says comes next is what its first one says, so it may lie. */
	spec_as(SPEC6(PAYLOAD(one_block), EXTENSIONS(LATER6), .protocol = IPPROTO_TCP), "six1", INGEST_DROP_FRAGMENT);
	spec_as(SPEC6(PAYLOAD(one_block), EXTENSIONS(LATER6), .to = "2001:db8::1"), "", INGEST_PASS_OTHER);
	spec_as(SPEC6(PAYLOAD(one_block), EXTENSIONS(FIRST6), .port = 53), "", INGEST_PASS_OTHER);

	spec_as(SPEC6(PAYLOAD(one_block), EXTENSIONS(FIRST6), .to = "ff15::3"), "six3", INGEST_PASS_FRAGMENT);
	spec_as(SPEC6(PAYLOAD(one_block), EXTENSIONS(LATER6), .to = "ff15::3"), "six3", INGEST_PASS_FRAGMENT);
	spec_as(SPEC6(PAYLOAD(one_block), EXTENSIONS(FIRST6), .to = "ff15::3", .from = "2001:db9::1"), "six3",
		INGEST_DROP_SOURCE);
	spec_as(SPEC6(PAYLOAD(one_block), EXTENSIONS(LATER6), .to = "ff15::3", .from = "2001:db9::1"), "six3",
		INGEST_DROP_FRAGMENT);
}

static void first_fragment_must_hold_the_udp_header(void **state)
{
	struct packet p;

	/* IP ends before UDP begins: the port is in the frame's padding. */
	packet_build(&SPEC(PAYLOAD(one_block), .from = "192.0.2.1", .to = "10.0.0.1", .port = 53, .frag_off = MORE_FRAGMENTS), &p);
	packet_put16(&p, p.ip + 2, 20);
	judge_as(p.data, p.size, "", INGEST_MALFORMED);
	struct packet_spec spec = SPEC6(PAYLOAD(one_block), .to = "2001:db8::1", .port = 53,
		EXTENSIONS(FIRST6, { IPPROTO_DSTOPTS, 0, 0 }));
	packet_build(&spec, &p);
	judge_as(p.data, p.size, "", INGEST_PASS_OTHER);
	packet_put16(&p, p.ip + 4, 16);
	judge_as(p.data, p.size, "", INGEST_MALFORMED);
}

static void atomic_fragment_is_a_datagram(void **state)
{
	/* RFC 6946: offset 0, none follow. */
	spec_as(SPEC6(PAYLOAD(one_block), EXTENSIONS({ IPPROTO_FRAGMENT, 0, 0 })), "six1", INGEST_PASS_FEED);
	spec_as(SPEC6(PAYLOAD(sentence), EXTENSIONS({ IPPROTO_FRAGMENT, 0, 0 }), .to = "ff15::3"), "six3",
		INGEST_DROP_SANITY);
}

static void fragments_of_listed_senders_pass_where_the_feed_takes_them(void **state)
{
	spec_as(SPEC(PAYLOAD(one_block), .frag_off = MORE_FRAGMENTS, .to = "239.1.1.5"), "large", INGEST_PASS_FRAGMENT);
	spec_as(SPEC(PAYLOAD(one_block), .frag_off = 185, .to = "239.1.1.5"), "large", INGEST_PASS_FRAGMENT);
	spec_as(SPEC(PAYLOAD(one_block), .frag_off = MORE_FRAGMENTS, .to = "239.1.1.5", .from = "192.0.3.1"), "large",
		INGEST_DROP_SOURCE);
	spec_as(SPEC(PAYLOAD(one_block), .frag_off = 185, .to = "239.1.1.5", .from = "192.0.3.1"), "large",
		INGEST_DROP_FRAGMENT);
	spec_as(SPEC(PAYLOAD(one_block), .to = "239.1.1.5"), "large", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(sentence), .to = "239.1.1.5"), "large", INGEST_DROP_SANITY);
}

static void strict_policy_refuses_udp_of_no_feed(void **state)
{
	gate_set_strict(&gate, usual, n_feeds, true);
	spec_as(SPEC(PAYLOAD(one_block), .port = 8601), "", INGEST_DROP_STRICT);
	spec_as(SPEC(PAYLOAD(one_block), .to = "10.0.0.2", .port = 10110), "", INGEST_DROP_STRICT);
	spec_as(SPEC(PAYLOAD(one_block), .frag_off = MORE_FRAGMENTS, .port = 9), "", INGEST_DROP_STRICT);
	spec_as(SPEC6(PAYLOAD(one_block), .port = 8601), "", INGEST_DROP_STRICT);
	spec_as(SPEC(PAYLOAD(one_block)), "radar1", INGEST_PASS_FEED);
	set_feeds();
}

static void strict_policy_leaves_the_rest_alone(void **state)
{
	static const uint16_t to[] = { 68, 546, 319, 320 }, answers[] = { 53, 123 };

	gate_set_strict(&gate, usual, n_feeds, true);
	for (unsigned i = 0; i < 4; i++) {
		spec_as(SPEC(PAYLOAD(one_block), .port = to[i]), "", INGEST_PASS_OTHER);
		spec_as(SPEC6(PAYLOAD(one_block), .port = to[i]), "", INGEST_PASS_OTHER);
	}
	for (unsigned i = 0; i < 2; i++)
		spec_as(SPEC(PAYLOAD(one_block), .from_port = answers[i], .port = 40001), "", INGEST_PASS_OTHER);
	spec_as(SPEC(PAYLOAD(one_block), .protocol = IPPROTO_TCP), "", INGEST_PASS_OTHER);
	spec_as(SPEC(PAYLOAD(one_block), .protocol = IPPROTO_ICMP), "", INGEST_PASS_OTHER);
	spec_as(SPEC6(PAYLOAD(one_block), .protocol = IPPROTO_ICMPV6), "", INGEST_PASS_OTHER);
	spec_as(SPEC6(PAYLOAD(one_block), EXTENSIONS({ IPPROTO_HOPOPTS, 0, 0 }), .protocol = IPPROTO_ICMPV6), "",
		INGEST_PASS_OTHER);
	spec_as(SPEC(PAYLOAD(one_block), .ether_type = ETH_P_ARP), "", INGEST_PASS_OTHER);
	set_feeds();
}

static void verifier_has_little_to_do(void **state)
{
	unsigned n = gate_instructions(&gate);

	assert_in_range(n, 1, 8000);
}

static void feeds_on_one_port_are_told_apart_by_group(void **state)
{
	spec_as(SPEC(PAYLOAD(one_block), .to = "239.1.1.2", .from = "192.0.2.2"), "radar2", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(one_block), .to = "239.1.1.1", .from = "192.0.2.2"), "radar1", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(one_block), .to = "239.1.1.2", .from = "192.0.2.1"), "radar2", INGEST_DROP_SOURCE);
}

static void feeds_on_one_group_are_told_apart_by_source(void **state)
{
	spec_as(SPEC(PAYLOAD(one_block), .to = "239.1.1.2", .from = "192.0.2.3"), "radar3", INGEST_PASS_FEED);
}

static void feed_on_any_address_takes_what_no_other_lists(void **state)
{
	spec_as(SPEC(PAYLOAD(one_block), .to = "10.9.9.9", .from = "192.0.2.4"), "any", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(one_block), .to = "239.1.1.2", .from = "192.0.2.4"), "any", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(one_block), .to = "10.9.9.9", .from = "192.0.2.5"), "any", INGEST_DROP_SOURCE);
}

static void vlan_and_qinq_are_seen_through(void **state)
{
	spec_as(SPEC(PAYLOAD(one_block), .tags = { ETH_P_8021Q }), "radar1", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(one_block), .tags = { ETH_P_8021AD, ETH_P_8021Q }), "radar1", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(one_block), .tags = { ETH_P_8021AD, ETH_P_8021Q }, .from = "192.0.3.1"), "radar1",
		INGEST_DROP_SOURCE);
	spec_as(SPEC(PAYLOAD(one_block), .tags = { ETH_P_8021AD, ETH_P_8021Q, ETH_P_8021Q }), "", INGEST_PASS_OTHER);
}

static void ip_options_do_not_hide_a_datagram(void **state)
{
	for (uint8_t words = 1; words <= 10; words++) {
		spec_as(SPEC(PAYLOAD(one_block), .options = words), "radar1", INGEST_PASS_FEED);
		spec_as(SPEC(PAYLOAD(one_block), .options = words, .from = "192.0.3.1"), "radar1", INGEST_DROP_SOURCE);
	}
}

static void insane_payload_is_dropped(void **state)
{
	spec_as(SPEC(.payload_size = 0), "radar1", INGEST_DROP_SANITY);
	spec_as(SPEC(PAYLOAD(short_block)), "radar1", INGEST_DROP_SANITY);
	spec_as(SPEC(PAYLOAD(long_block)), "radar1", INGEST_DROP_SANITY);
	spec_as(SPEC(PAYLOAD(trailing_byte)), "radar1", INGEST_DROP_SANITY);
	spec_as(SPEC(PAYLOAD(category_0)), "radar1", INGEST_DROP_SANITY);
	spec_as(SPEC(PAYLOAD(sentence)), "radar1", INGEST_DROP_SANITY);
	spec_as(SPEC(PAYLOAD(one_block), .from = "198.51.100.1", .to = "10.0.0.1", .port = 10110), "ais1",
		INGEST_DROP_SANITY);
	spec_as(SPEC(PAYLOAD(rtp_short), .to = "10.0.0.1", .port = 5004), "camera1", INGEST_DROP_SANITY);
	spec_as(SPEC(PAYLOAD(rtp_version_1), .to = "10.0.0.1", .port = 5004), "camera1", INGEST_DROP_SANITY);
}

/* Each first octet there is, at each format that looks at no more. */
static void first_octets_are_those_of_the_format(void **state)
{
	static const struct {
		const char *feed, *firsts;
		uint16_t port;
	} cases[] = {
		{ "radar4", "!$\\URN", 60002 },
		{ "adsb1", "\x1a*@%M", 30005 },
		{ "klv1", "\x06\x47", 5005 },
	};
	uint8_t payload[2] = { 0 };

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (unsigned first = 0; first < 256; first++) {
			bool mine = first && strchr(cases[i].firsts, (int)first);

			payload[0] = (uint8_t)first;
			spec_as(SPEC(PAYLOAD(payload), .to = "10.0.0.1", .port = cases[i].port), cases[i].feed,
				mine ? INGEST_PASS_FEED : INGEST_DROP_SANITY);
		}
}

static void ninth_asterix_block_is_the_decoders(void **state)
{
	spec_as(SPEC(PAYLOAD(nine_blocks)), "radar1", INGEST_PASS_FEED);
}

static void fragments_at_a_feed_are_dropped(void **state)
{
	spec_as(SPEC(PAYLOAD(one_block), .frag_off = MORE_FRAGMENTS), "radar1", INGEST_DROP_FRAGMENT);
	spec_as(SPEC(PAYLOAD(one_block), .frag_off = MORE_FRAGMENTS, .to = "10.0.0.1", .port = 10110), "ais1",
		INGEST_DROP_FRAGMENT);
	spec_as(SPEC(PAYLOAD(one_block), .frag_off = 185), "radar1", INGEST_DROP_FRAGMENT);
	spec_as(SPEC(PAYLOAD(one_block), .frag_off = MORE_FRAGMENTS | 185, .to = "239.1.1.2"), "radar2",
		INGEST_DROP_FRAGMENT);
}

static void fragments_of_others_are_left_alone(void **state)
{
	spec_as(SPEC(PAYLOAD(one_block), .frag_off = MORE_FRAGMENTS, .port = 53), "", INGEST_PASS_OTHER);
	/* A later fragment to the host's own address may belong to anybody. */
	spec_as(SPEC(PAYLOAD(one_block), .frag_off = 185, .to = "10.0.0.1"), "", INGEST_PASS_OTHER);
	spec_as(SPEC(PAYLOAD(one_block), .frag_off = 185, .protocol = IPPROTO_TCP), "", INGEST_PASS_OTHER);
}

static void truncated_headers_are_malformed(void **state)
{
	struct packet p;
	packet_build(&SPEC(PAYLOAD(one_block), .from = "192.0.2.1", .to = "239.1.1.1", .port = 8600), &p);

	judge_as(p.data, p.ip, "", INGEST_MALFORMED);
	judge_as(p.data, p.ip + 19, "", INGEST_MALFORMED);
	judge_as(p.data, p.udp, "", INGEST_MALFORMED);
	judge_as(p.data, p.udp + 7, "", INGEST_MALFORMED);
	/* From here on the port says whose it is. */
	judge_as(p.data, p.udp + 8, "radar1", INGEST_MALFORMED);
	judge_as(p.data, p.size - 1, "radar1", INGEST_MALFORMED);
}

static void truncated_vlan_tag_is_left_alone(void **state)
{
	struct packet p;
	packet_build(&SPEC(PAYLOAD(one_block), .tags = { ETH_P_8021Q }, .from = "192.0.2.1", .to = "239.1.1.1", .port = 8600),
		&p);
	judge_as(p.data, 14, "", INGEST_PASS_OTHER);
	judge_as(p.data, 17, "", INGEST_PASS_OTHER);
}

static void lying_headers_are_malformed(void **state)
{
	struct packet p, good;
	packet_build(&SPEC(PAYLOAD(one_block), .from = "192.0.2.1", .to = "239.1.1.1", .port = 8600), &good);

	p = good;
	p.data[p.ip] = 0x44; /* header of 16 bytes */
	judge_as(p.data, p.size, "", INGEST_MALFORMED);
	p = good;
	p.data[p.ip] = 0x65; /* IPv6 in an IPv4 frame */
	judge_as(p.data, p.size, "", INGEST_MALFORMED);
	p = good;
	p.data[p.ip] = 0x4f; /* options past the end */
	judge_as(p.data, p.size, "", INGEST_MALFORMED);
	p = good;
	packet_put16(&p, p.udp + 4, 7);
	judge_as(p.data, p.size, "radar1", INGEST_MALFORMED);
	packet_put16(&p, p.udp + 4, 17);
	judge_as(p.data, p.size, "radar1", INGEST_MALFORMED);
	p = good;
	packet_put16(&p, p.ip + 2, 35); /* IP ends before UDP does */
	judge_as(p.data, p.size, "radar1", INGEST_MALFORMED);
}

static void padding_after_the_datagram_is_ignored(void **state)
{
	struct packet p;
	packet_build(&SPEC(PAYLOAD(one_block), .from = "192.0.2.1", .to = "239.1.1.1", .port = 8600), &p);
	p.size = 60; /* the shortest frame on an Ethernet */
	judge_as(p.data, p.size, "radar1", INGEST_PASS_FEED);
}

static void rate_is_limited_for_each_source(void **state)
{
	struct feed feed = gate_feed("slow", FEED_ASTERIX, "239.1.1.9", 8600);
	feed.rate_pps = 1;
	feed.burst_packets = 5;
	gate_source(&feed, "192.0.2.1", 32);
	gate_source(&feed, "192.0.2.2", 32);
	gate_set(&gate, &feed, 1);

	for (int source = 1; source <= 2; source++)
		for (int i = 0; i < 20; i++)
			spec_as(SPEC(PAYLOAD(one_block), .to = "239.1.1.9", .from = source == 1 ? "192.0.2.1" : "192.0.2.2"),
				"slow", i < 5 ? INGEST_PASS_FEED : INGEST_DROP_RATE);
	/* What is refused for its source or payload does not eat from the rate. */
	spec_as(SPEC(PAYLOAD(category_0), .to = "239.1.1.9"), "slow", INGEST_DROP_SANITY);
	set_feeds();
}

static void counters_follow_a_feed_over_reloads(void **state)
{
	struct ingest_counts before, after;
	unsigned slot = gate_slot(&gate, "radar2");
	assert_int_equal(attach_counts(gate.attach, slot, &before), 0);

	struct feed radar2 = gate_feed("radar2", FEED_ASTERIX, "239.1.1.7", 8700);
	gate_source(&radar2, "192.0.2.7", 32);
	gate_set(&gate, &radar2, 1);
	assert_int_equal(gate_slot(&gate, "radar2"), slot);
	assert_int_equal(attach_counts(gate.attach, slot, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	spec_as(SPEC(PAYLOAD(one_block), .to = "239.1.1.7", .from = "192.0.2.7", .port = 8700), "radar2", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(one_block)), "", INGEST_PASS_OTHER); /* radar1 is gone */
	set_feeds();
}

static void sixty_four_feeds_fit_and_share_a_port(void **state)
{
	static struct feed feeds[INGEST_FEEDS_MAX + 1];
	char name[32], group[32];

	for (unsigned i = 0; i <= INGEST_FEEDS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "many%u", i);
		(void)snprintf(group, sizeof(group), "239.2.0.%u", i);
		feeds[i] = gate_feed(name, FEED_ASTERIX, group, 8600);
		gate_source(&feeds[i], "192.0.2.1", 32);
	}
	gate_set(&gate, feeds, INGEST_FEEDS_MAX);
	spec_as(SPEC(PAYLOAD(one_block), .to = "239.2.0.0"), "many0", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(one_block), .to = "239.2.0.63"), "many63", INGEST_PASS_FEED);
	spec_as(SPEC(PAYLOAD(one_block), .to = "239.2.0.63", .from = "192.0.2.2"), "many63", INGEST_DROP_SOURCE);
	spec_as(SPEC(PAYLOAD(one_block), .to = "239.2.0.64"), "", INGEST_PASS_OTHER);

	struct conf_error error;
	assert_int_equal(policy_compile(feeds, INGEST_FEEDS_MAX + 1, NULL, gate.policy, &error), -EINVAL);
	assert_non_null(strstr(error.text, "many64"));
	set_feeds();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listed_source_passes),
		cmocka_unit_test(unlisted_source_is_dropped),
		cmocka_unit_test(other_traffic_is_left_alone),
		cmocka_unit_test(udp_lite_is_not_udp),
		cmocka_unit_test(listed_ipv6_source_passes),
		cmocka_unit_test(unlisted_ipv6_source_is_dropped),
		cmocka_unit_test(families_do_not_mix),
		cmocka_unit_test(extension_headers_do_not_hide_a_datagram),
		cmocka_unit_test(headers_without_end_are_malformed_at_a_feed),
		cmocka_unit_test(truncated_ipv6_is_malformed),
		cmocka_unit_test(ipv6_fragments_are_dropped_or_passed_as_the_feed_says),
		cmocka_unit_test(first_fragment_must_hold_the_udp_header),
		cmocka_unit_test(atomic_fragment_is_a_datagram),
		cmocka_unit_test(fragments_of_listed_senders_pass_where_the_feed_takes_them),
		cmocka_unit_test(strict_policy_refuses_udp_of_no_feed),
		cmocka_unit_test(strict_policy_leaves_the_rest_alone),
		cmocka_unit_test(verifier_has_little_to_do),
		cmocka_unit_test(feeds_on_one_port_are_told_apart_by_group),
		cmocka_unit_test(feeds_on_one_group_are_told_apart_by_source),
		cmocka_unit_test(feed_on_any_address_takes_what_no_other_lists),
		cmocka_unit_test(vlan_and_qinq_are_seen_through),
		cmocka_unit_test(ip_options_do_not_hide_a_datagram),
		cmocka_unit_test(insane_payload_is_dropped),
		cmocka_unit_test(first_octets_are_those_of_the_format),
		cmocka_unit_test(ninth_asterix_block_is_the_decoders),
		cmocka_unit_test(fragments_at_a_feed_are_dropped),
		cmocka_unit_test(fragments_of_others_are_left_alone),
		cmocka_unit_test(truncated_headers_are_malformed),
		cmocka_unit_test(truncated_vlan_tag_is_left_alone),
		cmocka_unit_test(lying_headers_are_malformed),
		cmocka_unit_test(padding_after_the_datagram_is_ignored),
		cmocka_unit_test(rate_is_limited_for_each_source),
		cmocka_unit_test(counters_follow_a_feed_over_reloads),
		cmocka_unit_test(sixty_four_feeds_fit_and_share_a_port),
	};

	if (gate_open(&gate) < 0)
		return 0; /* skipped, as the line says */
	set_feeds();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	gate_close(&gate);
	return failed;
}
