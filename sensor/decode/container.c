#include "sensor/decode/container.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define NS_PER_S UINT64_C(1000000000)

/* Magic numbers as read on a little-endian machine */
#define PCAP_US 0xa1b2c3d4u
#define PCAP_NS 0xa1b23c4du
#define PCAPNG_SECTION 0x0a0d0d0au
#define PCAPNG_ORDER 0x1a2b3c4du

enum { PCAP_HEADER = 24, PCAP_RECORD = 16, PCAPNG_BLOCK_MIN = 12 };
enum { BLOCK_INTERFACE = 1, BLOCK_PACKET_OBSOLETE = 2, BLOCK_SIMPLE = 3, BLOCK_ENHANCED = 6 };
enum { LINK_NULL = 0, LINK_ETHERNET = 1, LINK_RAW_BSD = 12, LINK_RAW = 101, LINK_LOOP = 108,
	LINK_COOKED = 113, LINK_IPV4 = 228, LINK_IPV6 = 229, LINK_COOKED2 = 276 };
enum { ETHER_IPV4 = 0x0800, ETHER_IPV6 = 0x86dd, ETHER_VLAN = 0x8100, ETHER_QINQ = 0x88a8 };

struct span {
	const uint8_t *p;
	size_t n;
};

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static uint32_t get32(const struct container *c, const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return c->swapped ? __builtin_bswap32(v) : v;
}

static uint16_t get16(const struct container *c, const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return c->swapped ? __builtin_bswap16(v) : v;
}

static bool skip(struct span *s, size_t n)
{
	if (s->n < n)
		return false;
	s->p += n;
	s->n -= n;
	return true;
}

/* UDP header at @s. The payload is what both UDP and IP say is there. */
static bool take_udp(struct span s, struct container_datagram *d)
{
	if (s.n < 8)
		return false;

	size_t length = be16(s.p + 4);

	if (length < 8 || length > s.n)
		return false;
	d->source_port = be16(s.p);
	d->port = be16(s.p + 2);
	d->data = s.p + 8;
	d->size = length - 8;
	return true;
}

static bool take_ipv4(struct span s, struct container_datagram *d)
{
	if (s.n < 20 || s.p[0] >> 4 != 4)
		return false;

	size_t header = (size_t)(s.p[0] & 15) * 4, total = be16(s.p + 2);
	bool fragment = be16(s.p + 6) & 0x3fff; /* offset or more-fragments */

	if (header < 20 || total < header || total > s.n || fragment || s.p[9] != 17)
		return false;
	d->source = be32(s.p + 12);
	s.n = total;
	return skip(&s, header) && take_udp(s, d);
}

static bool take_ipv6(struct span s, struct container_datagram *d)
{
	if (s.n < 40 || s.p[0] >> 4 != 6 || s.p[6] != 17)
		return false;

	size_t length = be16(s.p + 4);

	d->source = be32(s.p + 20);
	if (length > s.n - 40)
		return false;
	s.n = 40 + length;
	return skip(&s, 40) && take_udp(s, d);
}

static bool take_ip(struct span s, struct container_datagram *d)
{
	return take_ipv4(s, d) || take_ipv6(s, d);
}

static bool take_ether(struct span s, uint16_t type, struct container_datagram *d)
{
	while (type == ETHER_VLAN || type == ETHER_QINQ) {
		if (s.n < 4)
			return false;
		type = be16(s.p + 2);
		skip(&s, 4);
	}
	return (type == ETHER_IPV4 && take_ipv4(s, d)) || (type == ETHER_IPV6 && take_ipv6(s, d));
}

static bool take_link(uint16_t link, struct span s, struct container_datagram *d)
{
	const uint8_t *p = s.p;

	switch (link) {
	case LINK_ETHERNET:
		return skip(&s, 14) && take_ether(s, be16(p + 12), d);
	case LINK_COOKED:
		return skip(&s, 16) && take_ether(s, be16(p + 14), d);
	case LINK_COOKED2:
		return skip(&s, 20) && take_ether(s, be16(p), d);
	case LINK_NULL:
	case LINK_LOOP:
		return skip(&s, 4) && take_ip(s, d);
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_IPV4:
	case LINK_IPV6:
		return take_ip(s, d);
	default:
		return false;
	}
}

static int64_t to_ns(uint64_t t, uint64_t ticks)
{
	uint64_t ns = t % ticks <= UINT64_MAX / NS_PER_S ? t % ticks * NS_PER_S / ticks : 0;

	return t / ticks > INT64_MAX / NS_PER_S - 1 ? 0 : (int64_t)(t / ticks * NS_PER_S + ns);
}

/* Counts a packet as a datagram, skipped, or cut. */
static bool take_packet(struct container *c, unsigned interface, struct span s, size_t original,
	uint64_t ticks, struct container_datagram *ret_d)
{
	struct container_datagram d = { 0 };

	if (interface < c->n_interfaces && take_link(c->interfaces[interface].link, s, &d)) {
		d.time_ns = ticks ? to_ns(ticks, c->interfaces[interface].ticks) : 0;
		c->datagrams++;
		*ret_d = d;
		return true;
	}
	if (s.n < original)
		c->truncated++;
	else
		c->skipped++;
	return false;
}

static bool next_pcap(struct container *c, struct container_datagram *ret_d)
{
	while (c->size - c->at >= PCAP_RECORD) {
		const uint8_t *p = c->data + c->at;
		size_t caught = get32(c, p + 8), original = get32(c, p + 12);
		uint64_t ticks = get32(c, p) * c->interfaces[0].ticks + get32(c, p + 4);

		if (caught > c->size - c->at - PCAP_RECORD)
			break;
		c->at += PCAP_RECORD + caught;
		if (take_packet(c, 0, (struct span){ p + PCAP_RECORD, caught }, original, ticks, ret_d))
			return true;
	}
	c->truncated += c->at < c->size;
	c->at = c->size;
	return false;
}

/* if_tsresol (option 9): a power of 10, or of 2 when its high bit is set. Default microseconds. */
static uint64_t read_resolution(const struct container *c, const uint8_t *p, size_t n)
{
	uint64_t ticks = 1000000;

	while (n >= 4) {
		uint16_t code = get16(c, p), length = get16(c, p + 2);
		size_t padded = 4 + ((length + 3u) & ~3u);

		if (code == 0 || padded > n)
			break;
		if (code == 9 && length == 1) {
			unsigned e = p[4] & 0x7f;

			ticks = 1;
			if (p[4] & 0x80)
				ticks = e < 40 ? UINT64_C(1) << e : 1;
			else
				for (; e && ticks < NS_PER_S * 1000; e--)
					ticks *= 10;
		}
		p += padded;
		n -= padded;
	}
	return ticks;
}

static void take_interface(struct container *c, const uint8_t *p, size_t n)
{
	if (n < 8 || c->n_interfaces == CONTAINER_INTERFACES_MAX)
		return;
	c->interfaces[c->n_interfaces++] = (struct container_interface){
		.link = get16(c, p),
		.ticks = read_resolution(c, p + 8, n - 8),
	};
}

/* The body of a packet block: interface, time, lengths, bytes. False when it holds no datagram. */
static bool take_packet_block(struct container *c, uint32_t type, const uint8_t *p, size_t n,
	struct container_datagram *ret_d)
{
	size_t head = type == BLOCK_SIMPLE ? 4 : 20;

	if (n < head)
		return false;

	size_t original = get32(c, p + head - 4);
	size_t caught = type == BLOCK_SIMPLE ? (original < n - 4 ? original : n - 4) : get32(c, p + 12);
	unsigned interface = type == BLOCK_ENHANCED ? get32(c, p) : type == BLOCK_SIMPLE ? 0 : get16(c, p);
	uint64_t ticks = type == BLOCK_SIMPLE ? 0 : (uint64_t)get32(c, p + 4) << 32 | get32(c, p + 8);

	if (caught > n - head) {
		c->truncated++;
		return false;
	}
	return take_packet(c, interface, (struct span){ p + head, caught }, original, ticks, ret_d);
}

/* A section header says which byte order its blocks have. */
static bool read_order(struct container *c, const uint8_t *p)
{
	uint32_t order;

	memcpy(&order, p + 8, sizeof(order));
	if (order != PCAPNG_ORDER && order != __builtin_bswap32(PCAPNG_ORDER))
		return false;
	c->swapped = order != PCAPNG_ORDER;
	c->n_interfaces = 0;
	return true;
}

static bool next_pcapng(struct container *c, struct container_datagram *ret_d)
{
	while (c->size - c->at >= PCAPNG_BLOCK_MIN) {
		const uint8_t *p = c->data + c->at;
		uint32_t type = get32(c, p);

		if (type == PCAPNG_SECTION && !read_order(c, p))
			break;

		size_t length = get32(c, p + 4);

		if (length < PCAPNG_BLOCK_MIN || length % 4 || length > c->size - c->at)
			break;
		c->at += length;
		if (type == BLOCK_INTERFACE)
			take_interface(c, p + 8, length - PCAPNG_BLOCK_MIN);
		else if ((type == BLOCK_ENHANCED || type == BLOCK_SIMPLE || type == BLOCK_PACKET_OBSOLETE) &&
			take_packet_block(c, type, p + 8, length - PCAPNG_BLOCK_MIN, ret_d))
			return true;
	}
	c->truncated += c->at < c->size;
	c->at = c->size;
	return false;
}

static uint32_t magic(const uint8_t *data, size_t size)
{
	uint32_t v = 0;

	if (size >= PCAP_HEADER)
		memcpy(&v, data, sizeof(v));
	return v;
}

static bool is_pcap(uint32_t m)
{
	return m == PCAP_US || m == PCAP_NS || m == __builtin_bswap32(PCAP_US) || m == __builtin_bswap32(PCAP_NS);
}

bool container_is(const uint8_t *data, size_t size)
{
	uint32_t m = magic(data, size);

	return is_pcap(m) || m == PCAPNG_SECTION;
}

int container_init(struct container *c, const uint8_t *data, size_t size)
{
	uint32_t m = magic(data, size);

	if (!container_is(data, size))
		return -EBADMSG;
	*c = (struct container){ .data = data, .size = size, .next_generation = m == PCAPNG_SECTION };
	if (c->next_generation)
		return 0;
	c->swapped = m != PCAP_US && m != PCAP_NS;
	c->at = PCAP_HEADER;
	c->n_interfaces = 1;
	c->interfaces[0].link = (uint16_t)get32(c, data + 20);
	c->interfaces[0].ticks = m == PCAP_NS || m == __builtin_bswap32(PCAP_NS) ? NS_PER_S : 1000000;
	return 0;
}

bool container_next(struct container *c, struct container_datagram *ret_d)
{
	return c->next_generation ? next_pcapng(c, ret_d) : next_pcap(c, ret_d);
}
