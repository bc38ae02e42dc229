#include "tests/bpf/frames.h"

#include <arpa/inet.h>
#include <assert.h>
#include <linux/if_ether.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PAYLOAD_MAX 512
#define PICK(list) ((list)[frames_below(sizeof(list) / sizeof((list)[0]))])

static uint64_t state = 1;

void frames_seed(uint64_t seed)
{
	state = seed ? seed : 1;
}

/* xorshift64* (Vigna, 2016). */
uint32_t frames_below(uint32_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)(state * UINT64_C(2685821657736338717) >> 32) % n;
}

static const char *const addresses4[] = { "239.1.1.1", "239.1.1.2", "10.0.0.1", "10.0.0.2", "192.0.2.1", "192.0.2.2",
	"192.0.2.130", "198.51.100.7", "0.0.0.0", "255.255.255.255" };
static const char *const addresses6[] = { "ff15::1:1", "ff15::1:2", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1",
	"2001:db8:8000::1", "2001:db8::1:0:0:1", "fe80::7", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" };
static const uint16_t ports[] = { 8600, 8601, 10110, 5004, 60002, 30005, 5005, 53, 68, 0 };

const uint16_t frames_open[2] = { 68, 546 };

/* Of IPv4 and, with its own addresses, once more of IPv6. */
static const struct {
	const char *name;
	enum feed_format format;
	const char *to[2];
	uint16_t port;
	enum feed_fragments fragments;
} shapes[FRAMES_FEEDS / 2] = {
	{ "radar1", FEED_ASTERIX, { "239.1.1.1", "ff15::1:1" }, 8600, FEED_FRAGMENTS_PASS },
	{ "radar2", FEED_ASTERIX, { "239.1.1.2", "ff15::1:2" }, 8600, FEED_FRAGMENTS_DROP },
	{ "radar3", FEED_ASTERIX, { "239.1.1.2", "ff15::1:2" }, 8600, FEED_FRAGMENTS_PASS },
	{ "radar4", FEED_ASTERIX, { "0.0.0.0", "2001:db8::2" }, 8600, FEED_FRAGMENTS_DROP },
	{ "radar5", FEED_ASTERIX, { "10.0.0.1", "2001:db8::1" }, 8601, FEED_FRAGMENTS_PASS },
	{ "ais1", FEED_AIS, { "0.0.0.0", "2001:db8::2" }, 10110, FEED_FRAGMENTS_DROP },
	{ "camera1", FEED_CAMERA, { "10.0.0.1", "2001:db8::1" }, 5004, FEED_FRAGMENTS_PASS },
	{ "radar6", FEED_NMEA, { "0.0.0.0", "2001:db8::1" }, 60002, FEED_FRAGMENTS_DROP },
	{ "adsb1", FEED_ADSB, { "10.0.0.2", "::" }, 30005, FEED_FRAGMENTS_DROP },
};

static struct netaddr_network pick_network(sa_family_t family)
{
	unsigned bits = family == AF_INET ? 32 : 128, prefix = frames_below(4) ? bits : frames_below(bits + 1);
	struct netaddr_network net = { .family = family };

	(void)inet_pton(family, family == AF_INET ? PICK(addresses4) : PICK(addresses6), net.addr.word);
	for (unsigned bit = 0; bit < 8 * sizeof(net.mask); bit++)
		if (bit < prefix)
			((uint8_t *)net.mask.word)[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	for (int w = 0; w < 4; w++)
		net.addr.word[w] &= net.mask.word[w];
	return net;
}

void frames_feeds(struct feed ret_feeds[FRAMES_FEEDS])
{
	bool anywhere = frames_below(2); /* a feed on all addresses takes what has no end: not always */

	for (unsigned i = 0; i < FRAMES_FEEDS; i++) {
		bool six = i >= FRAMES_FEEDS / 2;
		unsigned shape = i % (FRAMES_FEEDS / 2);
		const char *to = shapes[shape].to[six];
		struct feed *f = &ret_feeds[i];

		*f = (struct feed){ .format = frames_below(8) ? shapes[shape].format : FEED_KLV,
			.fragments = shapes[shape].fragments };
		(void)snprintf(f->name, sizeof(f->name), "%s%s", shapes[shape].name, six ? "-six" : "");
		f->listen.family = six ? AF_INET6 : AF_INET;
		f->listen.port = htons(shapes[shape].port);
		(void)inet_pton(f->listen.family, six && !anywhere && !strcmp(to, "::") ? "2001:db8::2" : to, f->listen.addr.word);
		for (unsigned n = 1 + frames_below(FEED_SOURCES_MAX); f->n_sources < n;)
			f->sources[f->n_sources++] = pick_network(f->listen.family);
	}
}

/* ASTERIX blocks, often right. */
static size_t make_blocks(uint8_t *p)
{
	size_t n = 0;

	for (uint32_t blocks = 1 + frames_below(12); blocks && n + 12 < PAYLOAD_MAX; blocks--) {
		uint8_t len = (uint8_t)(4 + frames_below(8));

		memset(p + n, 7, len);
		p[n] = frames_below(20) ? 48 : 0;
		p[n + 1] = 0;
		p[n + 2] = (uint8_t)(frames_below(20) ? len : frames_below(256));
		n += len;
	}
	return n;
}

static size_t make_payload(uint8_t *p)
{
	size_t n = 0;

	switch (frames_below(8)) {
	case 0:
		p[0] = (uint8_t)"!$\\?AURN*@%M\x1a\x06\x47"[frames_below(16)];
		return 1 + frames_below(80);
	case 1:
		p[0] = (uint8_t)frames_below(256);
		return frames_below(24);
	case 2:
		for (uint32_t size = frames_below(PAYLOAD_MAX); n < size; n++)
			p[n] = (uint8_t)frames_below(256);
		return n;
	default:
		return make_blocks(p);
	}
}

static unsigned make_extensions(struct packet_extension e[PACKET_EXTENSIONS_MAX])
{
	static const uint8_t types[] = { 0, 43, 44, 51, 60, 60, 135, 50, 59 }; /* the last three end the walk */
	unsigned n = frames_below(3) ? frames_below(3) : frames_below(PACKET_EXTENSIONS_MAX + 1);

	for (unsigned i = 0; i < n; i++) {
		e[i] = (struct packet_extension){ .type = types[frames_below(frames_below(8) ? 6 : 9)],
			.length = (uint8_t)(frames_below(10) ? frames_below(3) : frames_below(20)) };
		if (e[i].type == 44)
			e[i].field = (uint16_t)(frames_below(2) ? frames_below(2) : frames_below(3) ? frames_below(64) << 3 | frames_below(2) :
												      frames_below(65536));
	}
	return n;
}

static uint16_t fragment_field(void)
{
	if (frames_below(6))
		return 0;
	return (uint16_t)(frames_below(2) ? 0x2000u << frames_below(2) : frames_below(65536));
}

static void break_frame(struct packet *p)
{
	if (frames_below(6) == 0) /* a length that lies: of IPv4, of IPv6, of UDP */
		packet_put16(p, frames_below(2) ? p->ip + 2 + 2 * frames_below(2) : p->udp + 4,
			(uint16_t)frames_below(frames_below(2) ? 120 : 65536));
	for (uint32_t flips = frames_below(6) ? 0u : frames_below(8); flips; flips--)
		p->data[frames_below((uint32_t)p->size)] = (uint8_t)frames_below(256);
	if (frames_below(8) == 0)
		p->size = ETH_HLEN + frames_below((uint32_t)(p->size - ETH_HLEN) + 1);
}

/* Where it goes and where it comes from: to a feed, of one of its senders, or neither. */
struct parties {
	char from[NETADDR_TEXT_MAX], to[NETADDR_TEXT_MAX];
	uint16_t port;
};

static struct parties make_parties(const struct feed *f)
{
	bool six = f->listen.family == AF_INET6;
	const struct netaddr_network *source = &f->sources[frames_below(f->n_sources)];
	struct parties p;

	(void)snprintf(p.from, sizeof(p.from), "%s", six ? PICK(addresses6) : PICK(addresses4));
	(void)snprintf(p.to, sizeof(p.to), "%s", six ? PICK(addresses6) : PICK(addresses4));
	p.port = PICK(ports);
	if (frames_below(2))
		(void)netaddr_text(source->family, &source->addr, p.from);
	if (frames_below(4) && !netaddr_is_any(&f->listen.addr))
		(void)netaddr_text(f->listen.family, &f->listen.addr, p.to);
	if (frames_below(8))
		p.port = ntohs(f->listen.port);
	return p;
}

void frames_make(const struct feed feeds[FRAMES_FEEDS], struct packet *ret_packet)
{
	static const uint16_t types[] = { ETH_P_8021Q, ETH_P_8021AD };
	struct packet_extension extensions[PACKET_EXTENSIONS_MAX];
	uint8_t payload[PAYLOAD_MAX] = { 0 };
	const struct feed *feed = &feeds[frames_below(FRAMES_FEEDS)];
	struct parties parties = make_parties(feed);
	struct packet_spec s = {
		.options = (uint8_t)(frames_below(3) ? 0 : frames_below(11)),
		.protocol = frames_below(30) ? 17 : (uint8_t)frames_below(256),
		.frag_off = fragment_field(),
		.extensions = extensions,
		.from = parties.from,
		.to = parties.to,
		.port = parties.port,
		.from_port = frames_below(20) ? 0 : PICK(ports),
		.payload = payload,
	};
	s.payload_size = make_payload(payload);
	s.n_extensions = feed->listen.family == AF_INET6 ? make_extensions(extensions) : 0;
	for (uint32_t i = 0, n = frames_below(3) ? 0u : frames_below(4); i < n; i++)
		s.tags[i] = PICK(types);
	packet_build(&s, ret_packet);
	break_frame(ret_packet);
}
