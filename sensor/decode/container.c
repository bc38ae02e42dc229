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

/* --- framed ASTERIX --- */

enum { FINAL_HEADER = 8, FINAL_TRAILER = 4, GPS_HEADER = 2200, GPS_TRAILER = 10, BLOCK_MIN = 4 };
#define DAY_NS (86400 * (int64_t)NS_PER_S)
static const uint8_t final_trailer[FINAL_TRAILER] = { 0xa5, 0xa5, 0xa5, 0xa5 };

/* A block's length at @p, or 0 when no whole block of a category is there. */
static size_t block_size(const uint8_t *p, size_t n)
{
	size_t length = n >= BLOCK_MIN && p[0] ? be16(p + 1) : 0;

	return length >= BLOCK_MIN && length <= n ? length : 0;
}

/* The length of a whole frame at @p, or 0. Its ends and the first block in it must fit each other. */
static size_t final_size(const uint8_t *p, size_t n)
{
	size_t length = n >= FINAL_HEADER ? be16(p) : 0;

	if (length < FINAL_HEADER + BLOCK_MIN + FINAL_TRAILER || length > n)
		return 0;
	if (memcmp(p + length - FINAL_TRAILER, final_trailer, FINAL_TRAILER) != 0)
		return 0;
	return block_size(p + FINAL_HEADER, length - FINAL_HEADER - FINAL_TRAILER) ? length : 0;
}

/* @ticks since midnight, @per_s a second. Back by half a day is the next day. */
static int64_t time_of_day(struct container *c, uint32_t ticks, uint32_t per_s)
{
	int64_t ns = c->day_ns + to_ns(ticks, per_s);

	if (ns < c->last_ns - DAY_NS / 2) {
		c->day_ns += DAY_NS;
		ns += DAY_NS;
	}
	c->last_ns = ns;
	return ns;
}

static uint32_t be24(const uint8_t *p)
{
	return (uint32_t)be16(p) << 8 | p[2];
}

/* To the frame that begins again behind broken bytes: behind some frame's trailer. */
static bool find_final(struct container *c)
{
	for (const uint8_t *p; (p = memmem(c->data + c->at, c->size - c->at, final_trailer, FINAL_TRAILER));) {
		c->at = (size_t)(p - c->data) + 1;
		if (final_size(p + FINAL_TRAILER, c->size - c->at - FINAL_TRAILER + 1)) {
			c->at += FINAL_TRAILER - 1;
			c->skipped++;
			return true;
		}
	}
	c->truncated++;
	c->at = c->size;
	return false;
}

static bool next_final(struct container *c, struct container_datagram *ret_d)
{
	size_t length = final_size(c->data + c->at, c->size - c->at);

	if (c->at == c->size)
		return false;
	if (!length && !find_final(c))
		return false;

	const uint8_t *p = c->data + c->at;

	length = be16(p);
	c->at += length;
	c->datagrams++;
	*ret_d = (struct container_datagram){
		.data = p + FINAL_HEADER,
		.size = length - FINAL_HEADER - FINAL_TRAILER,
		.time_ns = time_of_day(c, be24(p + 5), 100),
	};
	return true;
}

static bool next_gps(struct container *c, struct container_datagram *ret_d)
{
	const uint8_t *p = c->data + c->at;
	size_t left = c->size - c->at, length = block_size(p, left);

	if (!length || left - length < GPS_TRAILER) {
		c->truncated += left > 0;
		c->at = c->size;
		return false;
	}
	c->at += length + GPS_TRAILER;
	c->datagrams++;
	*ret_d = (struct container_datagram){
		.data = p,
		.size = length,
		.time_ns = time_of_day(c, be24(p + length + 6), 128),
	};
	return true;
}

/* --- which it is --- */

static uint32_t magic(const uint8_t *data, size_t size)
{
	uint32_t v = 0;

	if (size >= PCAP_HEADER)
		memcpy(&v, data, sizeof(v));
	return v;
}

static bool is_pcap(const uint8_t *data, size_t size)
{
	uint32_t m = magic(data, size);

	return m == PCAP_US || m == PCAP_NS || m == __builtin_bswap32(PCAP_US) || m == __builtin_bswap32(PCAP_NS);
}

static bool is_pcapng(const uint8_t *data, size_t size)
{
	return magic(data, size) == PCAPNG_SECTION;
}

static bool is_final(const uint8_t *data, size_t size)
{
	return final_size(data, size) > 0;
}

/* Its header says nothing, so two blocks must stand where they should. */
static bool is_gps(const uint8_t *data, size_t size)
{
	if (size < GPS_HEADER || memcmp(data, data + 1, GPS_HEADER - 1) != 0)
		return false;

	const uint8_t *p = data + GPS_HEADER;
	size_t left = size - GPS_HEADER, first = block_size(p, left);

	if (!first || left - first < GPS_TRAILER)
		return false;
	left -= first + GPS_TRAILER;
	return left == 0 || block_size(p + first + GPS_TRAILER, left);
}

static void begin_pcap(struct container *c)
{
	uint32_t m = magic(c->data, c->size);

	c->swapped = m != PCAP_US && m != PCAP_NS;
	c->at = PCAP_HEADER;
	c->n_interfaces = 1;
	c->interfaces[0].link = (uint16_t)get32(c, c->data + 20);
	c->interfaces[0].ticks = m == PCAP_NS || m == __builtin_bswap32(PCAP_NS) ? NS_PER_S : 1000000;
}

static void begin_final(struct container *c)
{
	c->undated = true;
}

static void begin_gps(struct container *c)
{
	c->undated = true;
	c->at = GPS_HEADER;
}

static const struct {
	bool (*is)(const uint8_t *data, size_t size);
	void (*begin)(struct container *c); /* NULL = nothing to read first */
	bool (*next)(struct container *c, struct container_datagram *ret_d);
} kinds[_CONTAINER_KIND_MAX] = {
	[CONTAINER_PCAP] = { is_pcap, begin_pcap, next_pcap },
	[CONTAINER_PCAPNG] = { is_pcapng, NULL, next_pcapng },
	[CONTAINER_FINAL] = { is_final, begin_final, next_final },
	[CONTAINER_GPS] = { is_gps, begin_gps, next_gps },
};

static enum container_kind kind_of(const uint8_t *data, size_t size)
{
	enum container_kind k = 0;

	while (k < _CONTAINER_KIND_MAX && !kinds[k].is(data, size))
		k++;
	return k;
}

bool container_is(const uint8_t *data, size_t size)
{
	return kind_of(data, size) < _CONTAINER_KIND_MAX;
}

int container_init(struct container *c, const uint8_t *data, size_t size)
{
	enum container_kind k = kind_of(data, size);

	if (k == _CONTAINER_KIND_MAX)
		return -EBADMSG;
	*c = (struct container){ .data = data, .size = size, .kind = k };
	if (kinds[k].begin)
		kinds[k].begin(c);
	return 0;
}

bool container_next(struct container *c, struct container_datagram *ret_d)
{
	return kinds[c->kind].next(c, ret_d);
}
