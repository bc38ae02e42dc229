#include "tests/bpf/reference.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

static unsigned u16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t u32(const uint8_t *p)
{
	return (uint32_t)u16(p) << 16 | u16(p + 2);
}

static bool lists(const struct feed *feed, uint32_t from)
{
	for (unsigned i = 0; i < feed->n_sources; i++) {
		uint32_t mask = ntohl(feed->sources[i].mask.word[0]);
		if ((from & mask) == ntohl(feed->sources[i].addr.word[0]))
			return true;
	}
	return false;
}

/* Feeds with an address come before those on any address; within each the first that lists the sender. */
static const struct feed *aimed_at(
	const struct feed *feeds, unsigned n, uint32_t from, uint32_t to, unsigned port, bool *ret_listed)
{
	const struct feed *mine = NULL;

	*ret_listed = false;
	for (int any = 0; any <= 1; any++)
		for (unsigned i = 0; i < n; i++) {
			if (feeds[i].listen.family == 0 || ntohs(feeds[i].listen.port) != port)
				continue;
			uint32_t address = ntohl(feeds[i].listen.addr.word[0]);
			if (any ? address != 0 : address != to || address == 0)
				continue;
			if (lists(&feeds[i], from)) {
				*ret_listed = true;
				return &feeds[i];
			}
			mine = mine ? mine : &feeds[i];
		}
	return mine;
}

static bool sane_asterix(const uint8_t *p, size_t size)
{
	size_t at = 0;
	for (int block = 0; block < INGEST_BLOCKS_MAX && at < size; block++) {
		if (size - at < 4 || p[at] == 0 || u16(p + at + 1) < 4)
			return false;
		at += u16(p + at + 1);
		if (at > size)
			return false;
	}
	return true;
}

/* The first octets that each format's datagrams have; NULL = the first octet alone says nothing. */
static const char *const firsts[_FEED_FORMAT_MAX] = {
	[FEED_AIS] = "!$\\",
	[FEED_NMEA] = "!$\\URN",
	[FEED_ADSB] = "\x1a*@%M",
	[FEED_KLV] = "\x06\x47",
};

static bool sane(const struct feed *feed, const uint8_t *p, size_t size)
{
	if (size == 0 || size > INGEST_PAYLOAD_MAX)
		return false;
	if (feed->format == FEED_ASTERIX)
		return sane_asterix(p, size);
	if (firsts[feed->format])
		return p[0] != '\0' && strchr(firsts[feed->format], p[0]) != NULL;
	return size >= 12 && p[0] >= 0x80 && p[0] < 0xc0;
}

static struct reference_judgement fragment(
	const struct feed *feeds, unsigned n, const uint8_t *ip, const uint8_t *udp, size_t udp_size)
{
	uint32_t from = u32(ip + 12), to = u32(ip + 16);
	bool listed;

	if ((u16(ip + 6) & 0x1fff) == 0) {
		if (udp_size < 8)
			return (struct reference_judgement){ INGEST_MALFORMED, NULL };
		const struct feed *feed = aimed_at(feeds, n, from, to, u16(udp + 2), &listed);
		return (struct reference_judgement){ feed ? INGEST_DROP_FRAGMENT : INGEST_PASS_OTHER, feed };
	}
	for (unsigned i = 0; i < n; i++) {
		uint32_t address = ntohl(feeds[i].listen.addr.word[0]);
		if (feeds[i].listen.family != 0 && IN_MULTICAST(address) && address == to)
			return (struct reference_judgement){ INGEST_DROP_FRAGMENT, &feeds[i] };
	}
	return (struct reference_judgement){ INGEST_PASS_OTHER, NULL };
}

static struct reference_judgement datagram(
	const struct feed *feeds, unsigned n, const uint8_t *ip, const uint8_t *udp, size_t udp_size)
{
	if (udp_size < 8)
		return (struct reference_judgement){ INGEST_MALFORMED, NULL };

	bool listed;
	const struct feed *feed = aimed_at(feeds, n, u32(ip + 12), u32(ip + 16), u16(udp + 2), &listed);
	if (!feed)
		return (struct reference_judgement){ INGEST_PASS_OTHER, NULL };

	size_t length = u16(udp + 4), ip_length = u16(ip + 2), ip_header = (size_t)(ip[0] & 15) * 4;
	if (length < 8 || length > udp_size || ip_header + length > ip_length)
		return (struct reference_judgement){ INGEST_MALFORMED, feed };
	if (!listed)
		return (struct reference_judgement){ INGEST_DROP_SOURCE, feed };
	if (!sane(feed, udp + 8, length - 8))
		return (struct reference_judgement){ INGEST_DROP_SANITY, feed };
	return (struct reference_judgement){ INGEST_PASS_FEED, feed };
}

struct reference_judgement reference_judge(const struct feed *feeds, unsigned n, const uint8_t *frame, size_t size)
{
	const struct reference_judgement other = { INGEST_PASS_OTHER, NULL }, malformed = { INGEST_MALFORMED, NULL };
	size_t at = 14;

	if (size < at)
		return other;
	for (int tags = 0; tags < 2 && (u16(frame + at - 2) == 0x8100 || u16(frame + at - 2) == 0x88a8); tags++) {
		at += 4;
		if (size < at)
			return other;
	}
	if (u16(frame + at - 2) != 0x0800)
		return other;

	const uint8_t *ip = frame + at;
	size_t left = size - at, header;
	if (left < 20 || ip[0] >> 4 != 4 || (header = (size_t)(ip[0] & 15) * 4) < 20)
		return malformed;
	if (ip[9] != 17)
		return other;
	size_t udp_size = left > header ? left - header : 0;
	return u16(ip + 6) & 0x3fff ? fragment(feeds, n, ip, ip + header, udp_size) :
				      datagram(feeds, n, ip, ip + header, udp_size);
}
