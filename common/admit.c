#include "common/admit.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

#define ASTERIX_BLOCK_MIN 4 /* CAT, LEN (2 bytes), at least one byte of FSPEC */
#define RTP_HEADER_MIN 12   /* RFC 3550, 5.1 */
#define RTP_VERSION 2
#define UDP_HEADER 8

/* What a datagram of a format can begin with; NULL = its first byte alone says nothing. */
static const char *const firsts[_FEED_FORMAT_MAX] = {
	[FEED_AIS] = "!$\\",
	[FEED_NMEA] = "!$\\URN",      /* and UdPbC, RaUdP, RrUdP, NkPgN of IEC 61162-450 */
	[FEED_ADSB] = "\x1a*@%M",     /* Beast, AVR, SBS */
	[FEED_KLV] = "\x06\x47",      /* a universal label (SMPTE 336), an MPEG-TS packet */
};

/* --- in C --- */

static bool sane_asterix(const uint8_t *p, size_t size)
{
	for (unsigned i = 0; i < ADMIT_BLOCKS_MAX && size; i++) {
		size_t n = size < ASTERIX_BLOCK_MIN ? 0 : (size_t)p[1] << 8 | p[2];

		if (n < ASTERIX_BLOCK_MIN || n > size || p[0] == 0)
			return false;
		p += n;
		size -= n;
	}
	return true;
}

static bool sane(const struct feed *feed, const uint8_t *p, size_t size)
{
	const char *first = firsts[feed->format];

	if (size == 0 || size > ADMIT_PAYLOAD_MAX)
		return false;
	if (first)
		return memchr(first, p[0], strlen(first)) != NULL;
	if (feed->format == FEED_ASTERIX)
		return sane_asterix(p, size);
	return size >= RTP_HEADER_MIN && p[0] >> 6 == RTP_VERSION;
}

static bool listed(const struct feed *feed, const struct netaddr *source)
{
	for (unsigned i = 0; i < feed->n_sources; i++)
		if (netaddr_in(&feed->sources[i], source))
			return true;
	return false;
}

enum admit_verdict admit_datagram(const struct feed *feed, sa_family_t family, const struct netaddr *source,
	const uint8_t *payload, size_t size)
{
	if (family != feed->listen.family || !listed(feed, source))
		return ADMIT_SOURCE;
	return sane(feed, payload, size) ? ADMIT_PASS : ADMIT_PAYLOAD;
}

/* --- as classic BPF. A load beyond the packet ends the program with 0: refused --- */

#define REFUSE 0
#define ADMIT UINT32_MAX /* bytes to keep: all */

enum { AT_BASE, AT_LIMIT, AT_END }; /* scratch words: start of UDP, bytes behind the IP header, end of the payload */

struct program {
	struct sock_filter *code;
	unsigned n;
};

static void put(struct program *p, unsigned code, uint32_t k)
{
	assert(p->n < ADMIT_PROGRAM_MAX);
	p->code[p->n++] = (struct sock_filter){ (uint16_t)code, 0, 0, k };
}

static void jump(struct program *p, unsigned op, uint32_t k, uint8_t if_true, uint8_t if_false)
{
	put(p, BPF_JMP | op, k);
	p->code[p->n - 1].jt = if_true;
	p->code[p->n - 1].jf = if_false;
}

/* A jump has eight bits: each test carries its own refusal. */
static void require(struct program *p, unsigned op, uint32_t k)
{
	jump(p, op, k, 1, 0);
	put(p, BPF_RET | BPF_K, REFUSE);
}

static void refuse_if(struct program *p, unsigned op, uint32_t k)
{
	jump(p, op, k, 0, 1);
	put(p, BPF_RET | BPF_K, REFUSE);
}

static uint32_t net(unsigned offset)
{
	return (uint32_t)SKF_NET_OFF + offset;
}

/* A word that differs leads to the next network, the last one that agrees to the end of all. */
static void put_network(struct program *p, const struct netaddr_network *network, unsigned at, unsigned words)
{
	unsigned first = p->n;

	for (unsigned w = 0; w < words; w++) {
		uint32_t mask = ntohl(network->mask.word[w]);

		if (mask == 0)
			break;
		put(p, BPF_LD | BPF_W | BPF_ABS, net(at + 4 * w));
		if (mask != UINT32_MAX)
			put(p, BPF_ALU | BPF_AND | BPF_K, mask);
		jump(p, BPF_JEQ | BPF_K, ntohl(network->addr.word[w]), 0, 0);
	}
	put(p, BPF_JMP | BPF_JA, 0);
	for (unsigned i = first; i < p->n; i++)
		if (BPF_CLASS(p->code[i].code) == BPF_JMP && BPF_OP(p->code[i].code) == BPF_JEQ)
			p->code[i].jf = (uint8_t)(p->n - 1 - i);
}

static void put_sources(struct program *p, const struct feed *feed)
{
	bool six = feed->listen.family == AF_INET6;
	unsigned first = p->n;

	for (unsigned i = 0; i < feed->n_sources; i++)
		put_network(p, &feed->sources[i], six ? 8 : 12, six ? 4 : 1); /* offset of the source address */
	put(p, BPF_RET | BPF_K, REFUSE);
	for (unsigned i = first; i < p->n; i++)
		if (p->code[i].code == (BPF_JMP | BPF_JA))
			p->code[i].k = p->n - 1 - i;
}

/* X = the header's size, M[AT_LIMIT] = what the header says lies behind it. */
static void put_header4(struct program *p)
{
	put(p, BPF_LD | BPF_B | BPF_ABS, net(0));
	require(p, BPF_JGE | BPF_K, 0x45); /* version 4, five words and more */
	refuse_if(p, BPF_JGT | BPF_K, 0x4f);
	put(p, BPF_LDX | BPF_B | BPF_MSH, net(0));
	put(p, BPF_LD | BPF_H | BPF_ABS, net(2)); /* total length */
	require(p, BPF_JGE | BPF_X, 0);
	put(p, BPF_ALU | BPF_SUB | BPF_X, 0);
	put(p, BPF_ST, AT_LIMIT);
}

static void put_header6(struct program *p)
{
	put(p, BPF_LD | BPF_B | BPF_ABS, net(0));
	put(p, BPF_ALU | BPF_AND | BPF_K, 0xf0);
	require(p, BPF_JEQ | BPF_K, 0x60);
	put(p, BPF_LDX | BPF_W | BPF_IMM, 40);
	put(p, BPF_LD | BPF_H | BPF_ABS, net(4)); /* payload length */
	put(p, BPF_ST, AT_LIMIT);
}

/* Of the UDP header: within the format's bounds, the IP header's length and the packet. X = M[AT_BASE] behind it. */
static void put_length(struct program *p, const struct feed *feed)
{
	put(p, BPF_STX, AT_BASE);
	put(p, BPF_LD | BPF_H | BPF_IND, 4);
	require(p, BPF_JGE | BPF_K, UDP_HEADER + (feed->format == FEED_CAMERA ? RTP_HEADER_MIN : 1));
	refuse_if(p, BPF_JGT | BPF_K, UDP_HEADER + ADMIT_PAYLOAD_MAX);
	put(p, BPF_LDX | BPF_W | BPF_MEM, AT_LIMIT);
	refuse_if(p, BPF_JGT | BPF_X, 0);
	put(p, BPF_LDX | BPF_W | BPF_MEM, AT_BASE);
	put(p, BPF_ALU | BPF_ADD | BPF_X, 0);
	put(p, BPF_ST, AT_END);
	put(p, BPF_LDX | BPF_W | BPF_LEN, 0);
	refuse_if(p, BPF_JGT | BPF_X, 0);
	put(p, BPF_LDX | BPF_W | BPF_MEM, AT_BASE);
}

/* X walks from block to block; A = where the next one begins. */
static void put_asterix(struct program *p)
{
	put(p, BPF_MISC | BPF_TXA, 0);
	put(p, BPF_ALU | BPF_ADD | BPF_K, UDP_HEADER);
	put(p, BPF_MISC | BPF_TAX, 0);
	for (unsigned i = 0; i < ADMIT_BLOCKS_MAX; i++) {
		put(p, BPF_LD | BPF_B | BPF_IND, 0); /* CAT */
		refuse_if(p, BPF_JEQ | BPF_K, 0);
		put(p, BPF_LD | BPF_H | BPF_IND, 1); /* LEN */
		require(p, BPF_JGE | BPF_K, ASTERIX_BLOCK_MIN);
		put(p, BPF_ALU | BPF_ADD | BPF_X, 0);
		put(p, BPF_LDX | BPF_W | BPF_MEM, AT_END);
		refuse_if(p, BPF_JGT | BPF_X, 0);
		jump(p, BPF_JEQ | BPF_X, 0, 0, 1);
		put(p, BPF_RET | BPF_K, ADMIT);
		put(p, BPF_MISC | BPF_TAX, 0);
	}
	put(p, BPF_RET | BPF_K, ADMIT);
}

static void put_firsts(struct program *p, const char *first)
{
	put(p, BPF_LD | BPF_B | BPF_IND, UDP_HEADER);
	for (; *first; first++) {
		jump(p, BPF_JEQ | BPF_K, (uint8_t)*first, 0, 1);
		put(p, BPF_RET | BPF_K, ADMIT);
	}
	put(p, BPF_RET | BPF_K, REFUSE);
}

static void put_rtp(struct program *p)
{
	put(p, BPF_LD | BPF_B | BPF_IND, UDP_HEADER);
	put(p, BPF_ALU | BPF_RSH | BPF_K, 6);
	require(p, BPF_JEQ | BPF_K, RTP_VERSION);
	put(p, BPF_RET | BPF_K, ADMIT);
}

unsigned admit_program(
	const struct feed *feed, enum admit_hook hook, struct sock_filter ret_program[static ADMIT_PROGRAM_MAX])
{
	struct program p = { .code = ret_program };

	if (feed->listen.family == AF_INET6)
		put_header6(&p);
	else
		put_header4(&p);
	put_sources(&p, feed);
	if (hook == ADMIT_AT_UDP)
		put(&p, BPF_LDX | BPF_W | BPF_IMM, 0);
	put_length(&p, feed);
	if (firsts[feed->format])
		put_firsts(&p, firsts[feed->format]);
	else if (feed->format == FEED_ASTERIX)
		put_asterix(&p);
	else
		put_rtp(&p);
	return p.n;
}
