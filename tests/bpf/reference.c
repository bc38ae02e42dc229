#include "tests/bpf/reference.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

/* What the headers say of a frame. */
enum kind {
	KIND_OTHER,  /* nothing that could be UDP */
	KIND_LYING,  /* an IP header that is none */
	KIND_BROKEN, /* no end of its extension headers */
	KIND_WHOLE,
	KIND_FIRST, /* fragment */
	KIND_LATER,
};

struct view {
	enum kind kind;
	sa_family_t family;
	struct netaddr from, to;
	const uint8_t *udp;
	size_t left; /* octets of the frame from there on */
	long room;   /* octets that IP says are there from there on */
};

static unsigned u16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static bool lists(const struct feed *feed, const struct netaddr *from)
{
	for (unsigned i = 0; i < feed->n_sources; i++)
		if (netaddr_in(&feed->sources[i], from))
			return true;
	return false;
}

static bool is_at(const struct feed *feed, const struct view *v)
{
	return feed->listen.family == v->family && !memcmp(&feed->listen.addr, &v->to, sizeof(v->to));
}

static bool is_anywhere(const struct feed *feed, const struct view *v)
{
	return feed->listen.family == v->family && netaddr_is_any(&feed->listen.addr);
}

/* Feeds with an address come before those on any address; within each the first that lists the sender. */
static const struct feed *aimed_at(const struct feed *feeds, unsigned n, const struct view *v, bool *ret_listed)
{
	const struct feed *mine = NULL;

	*ret_listed = false;
	for (int any = 0; any <= 1; any++)
		for (unsigned i = 0; i < n; i++) {
			if (ntohs(feeds[i].listen.port) != u16(v->udp + 2))
				continue;
			if (any ? !is_anywhere(&feeds[i], v) : !is_at(&feeds[i], v) || is_anywhere(&feeds[i], v))
				continue;
			if (lists(&feeds[i], &v->from)) {
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

#define JUDGED(verdict, feed) ((struct reference_judgement){ verdict, feed, { { 0 } }, NULL, 0 })

static struct reference_judgement judge_later(const struct feed *feeds, unsigned n, const struct view *v)
{
	const struct feed *mine = NULL;

	for (unsigned i = 0; i < n && netaddr_is_group(v->family, &v->to); i++) {
		if (!is_at(&feeds[i], v))
			continue;
		if (feeds[i].fragments == FEED_FRAGMENTS_PASS && lists(&feeds[i], &v->from))
			return JUDGED(INGEST_PASS_FRAGMENT, &feeds[i]);
		mine = mine ? mine : &feeds[i];
	}
	return JUDGED(mine ? INGEST_DROP_FRAGMENT : INGEST_PASS_OTHER, mine);
}

static struct reference_judgement judge_broken(const struct feed *feeds, unsigned n, const struct view *v)
{
	for (unsigned i = 0; i < n; i++)
		if (is_at(&feeds[i], v) || is_anywhere(&feeds[i], v))
			return JUDGED(INGEST_MALFORMED, &feeds[i]);
	return JUDGED(INGEST_PASS_OTHER, NULL);
}

static bool is_open(const struct reference_strict *strict, const uint8_t *udp)
{
	for (unsigned i = 0; i < strict->n_open; i++)
		if (strict->open[i] == u16(udp + 2))
			return true;
	return u16(udp) == 53 || u16(udp) == 123;
}

static struct reference_judgement judge_udp(
	const struct feed *feeds, unsigned n, const struct reference_strict *strict, const struct view *v)
{
	if (v->left < 8)
		return JUDGED(INGEST_MALFORMED, NULL);

	bool listed;
	const struct feed *feed = aimed_at(feeds, n, v, &listed);
	bool nameless = v->kind == KIND_FIRST && v->room < 8; /* what was read as its port is not IP's */
	if (!feed && nameless)
		return JUDGED(INGEST_MALFORMED, NULL);
	if (!feed)
		return JUDGED(strict && !is_open(strict, v->udp) ? INGEST_DROP_STRICT : INGEST_PASS_OTHER, NULL);
	if (v->kind == KIND_FIRST) {
		if (feed->fragments != FEED_FRAGMENTS_PASS)
			return JUDGED(INGEST_DROP_FRAGMENT, feed);
		if (!listed)
			return JUDGED(INGEST_DROP_SOURCE, feed);
		return JUDGED(nameless ? INGEST_MALFORMED : INGEST_PASS_FRAGMENT, feed);
	}
	size_t length = u16(v->udp + 4);
	if (length < 8 || length > v->left || (long)length > v->room)
		return JUDGED(INGEST_MALFORMED, feed);

	struct reference_judgement j = { INGEST_DROP_SOURCE, feed, v->from, v->udp + 8, length - 8 };
	if (listed)
		j.verdict = sane(feed, j.payload, j.payload_size) ? INGEST_PASS_FEED : INGEST_DROP_SANITY;
	return j;
}

static void view_ipv4(const uint8_t *ip, size_t size, struct view *v)
{
	v->family = AF_INET;
	v->kind = KIND_LYING;
	if (size < 20 || ip[0] >> 4 != 4 || (ip[0] & 15) < 5)
		return;
	size_t header = (size_t)(ip[0] & 15) * 4;
	v->kind = u16(ip + 6) & 0x1fff ? KIND_LATER : u16(ip + 6) & 0x2000 ? KIND_FIRST : KIND_WHOLE;
	if (ip[9] != 17)
		v->kind = KIND_OTHER;
	memcpy(v->from.word, ip + 12, 4);
	memcpy(v->to.word, ip + 16, 4);
	v->udp = ip + header;
	v->left = size > header ? size - header : 0;
	v->room = (long)u16(ip + 2) - (long)header;
}

/* Octets of an extension header by RFC 8200, 4; AH counts in words of four (RFC 4302, 2.2). 0 = it is none. */
static size_t extension_size(unsigned type, unsigned length)
{
	switch (type) {
	case 0:	 /* hop-by-hop options */
	case 43: /* routing */
	case 60: /* destination options */
		return 8 * (length + 1);
	case 44: /* fragment */
		return 8;
	case 51:
		return 4 * (length + 2);
	default:
		return 0;
	}
}

static void view_ipv6(const uint8_t *ip, size_t size, struct view *v)
{
	size_t at = 40;

	v->family = AF_INET6;
	v->kind = KIND_LYING;
	if (size < at || ip[0] >> 4 != 6)
		return;
	memcpy(v->from.word, ip + 8, 16);
	memcpy(v->to.word, ip + 24, 16);
	v->kind = KIND_WHOLE;

	unsigned type = ip[6];
	for (int headers = 0; extension_size(type, 0); headers++) {
		if (headers == INGEST_HEADERS_MAX || at + 8 > size) {
			v->kind = KIND_BROKEN;
			return;
		}
		if (type == 44 && u16(ip + at + 2) >> 3) {
			v->kind = KIND_LATER;
			return;
		}
		if (type == 44 && ip[at + 3] & 1)
			v->kind = KIND_FIRST;
		unsigned next = ip[at];
		at += extension_size(type, ip[at + 1]);
		type = next;
	}
	if (type != 17)
		v->kind = KIND_OTHER;
	v->udp = ip + at;
	v->left = size > at ? size - at : 0;
	v->room = 40 + (long)u16(ip + 4) - (long)at;
}

static struct view view_frame(const uint8_t *frame, size_t size)
{
	struct view v = { .kind = KIND_OTHER };
	size_t at = 14;

	if (size < at)
		return v;
	for (int tags = 0; tags < 2 && (u16(frame + at - 2) == 0x8100 || u16(frame + at - 2) == 0x88a8); tags++) {
		at += 4;
		if (size < at)
			return v;
	}
	if (u16(frame + at - 2) == 0x0800)
		view_ipv4(frame + at, size - at, &v);
	else if (u16(frame + at - 2) == 0x86dd)
		view_ipv6(frame + at, size - at, &v);
	return v;
}

struct reference_judgement reference_judge_strict(const struct feed *feeds, unsigned n,
	const struct reference_strict *strict, const uint8_t *frame, size_t size)
{
	struct view v = view_frame(frame, size);

	switch (v.kind) {
	case KIND_WHOLE:
	case KIND_FIRST:
		return judge_udp(feeds, n, strict, &v);
	case KIND_LATER:
		return judge_later(feeds, n, &v);
	case KIND_BROKEN:
		return judge_broken(feeds, n, &v);
	case KIND_LYING:
		return JUDGED(INGEST_MALFORMED, NULL);
	default:
		return JUDGED(INGEST_PASS_OTHER, NULL);
	}
}

struct reference_judgement reference_judge(const struct feed *feeds, unsigned n, const uint8_t *frame, size_t size)
{
	return reference_judge_strict(feeds, n, NULL, frame, size);
}
