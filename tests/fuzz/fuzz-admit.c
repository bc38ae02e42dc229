/*
 * fuzz-admit - any payload from any sender: the program, on a machine as the kernel's, says what admit_datagram() says, at
 * either hook. The kernel itself runs it in tests/bpf/test-admit.c.
 *
 * Input: format, family, 16 bytes of sender, payload.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/admit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define UDP 8
#define PAYLOAD_MAX 20000

/* A packet: the IP header at @net, the socket's offset 0 at @data. */
struct packet {
	const uint8_t *net, *data, *end;
};

struct machine {
	const struct packet *p;
	uint32_t a, x, m[BPF_MEMWORDS];
	bool beyond; /* a load was: the program ends */
};

static uint32_t load(struct machine *m, uint32_t at, unsigned n)
{
	const uint8_t *p = at >= (uint32_t)SKF_NET_OFF ? m->p->net + (at - (uint32_t)SKF_NET_OFF) : m->p->data + at;
	uint32_t v = 0;

	m->beyond = p + n > m->p->end;
	for (unsigned i = 0; !m->beyond && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static unsigned size_of(const struct sock_filter *i)
{
	return BPF_SIZE(i->code) == BPF_W ? 4 : BPF_SIZE(i->code) == BPF_H ? 2 : 1;
}

static void run_load(struct machine *m, const struct sock_filter *i)
{
	if (BPF_MODE(i->code) == BPF_ABS)
		m->a = load(m, i->k, size_of(i));
	else if (BPF_MODE(i->code) == BPF_IND)
		m->a = load(m, m->x + i->k, size_of(i));
	else
		abort();
}

static void run_load_x(struct machine *m, const struct sock_filter *i)
{
	if (BPF_MODE(i->code) == BPF_MSH)
		m->x = 4 * (load(m, i->k, 1) & 15);
	else if (BPF_MODE(i->code) == BPF_IMM)
		m->x = i->k;
	else if (BPF_MODE(i->code) == BPF_MEM)
		m->x = m->m[i->k];
	else if (BPF_MODE(i->code) == BPF_LEN)
		m->x = (uint32_t)(m->p->end - m->p->data);
	else
		abort();
}

static void run_alu(struct machine *m, const struct sock_filter *i)
{
	uint32_t v = BPF_SRC(i->code) == BPF_X ? m->x : i->k;

	if (BPF_OP(i->code) == BPF_ADD)
		m->a += v;
	else if (BPF_OP(i->code) == BPF_SUB)
		m->a -= v;
	else if (BPF_OP(i->code) == BPF_AND)
		m->a &= v;
	else if (BPF_OP(i->code) == BPF_RSH)
		m->a >>= v;
	else
		abort();
}

/* Return: instructions to skip. */
static uint32_t run_jump(const struct machine *m, const struct sock_filter *i)
{
	uint32_t v = BPF_SRC(i->code) == BPF_X ? m->x : i->k;

	if (BPF_OP(i->code) == BPF_JA)
		return i->k;
	if (BPF_OP(i->code) == BPF_JEQ)
		return m->a == v ? i->jt : i->jf;
	if (BPF_OP(i->code) == BPF_JGT)
		return m->a > v ? i->jt : i->jf;
	if (BPF_OP(i->code) == BPF_JGE)
		return m->a >= v ? i->jt : i->jf;
	abort();
}

static uint32_t run(const struct sock_filter *code, unsigned n, const struct packet *p)
{
	struct machine m = { .p = p };

	for (unsigned at = 0; at < n && !m.beyond; at++) {
		const struct sock_filter *i = &code[at];

		if (BPF_CLASS(i->code) == BPF_RET)
			return i->k;
		if (BPF_CLASS(i->code) == BPF_LD)
			run_load(&m, i);
		else if (BPF_CLASS(i->code) == BPF_LDX)
			run_load_x(&m, i);
		else if (BPF_CLASS(i->code) == BPF_ST || BPF_CLASS(i->code) == BPF_STX)
			m.m[i->k] = BPF_CLASS(i->code) == BPF_ST ? m.a : m.x;
		else if (BPF_CLASS(i->code) == BPF_ALU)
			run_alu(&m, i);
		else if (BPF_CLASS(i->code) == BPF_JMP)
			at += run_jump(&m, i);
		else
			*(BPF_MISCOP(i->code) == BPF_TAX ? &m.x : &m.a) = BPF_MISCOP(i->code) == BPF_TAX ? m.a : m.x;
	}
	if (!m.beyond)
		abort(); /* fell out at the end */
	return 0;
}

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void compare(const struct feed *feed, const uint8_t *sender, const uint8_t *payload, size_t size)
{
	struct sock_filter code[ADMIT_PROGRAM_MAX];
	bool six = feed->listen.family == AF_INET6;
	size_t header = six ? 40 : 20 + 4 * (sender[15] % 11u), total = header + UDP + size;
	uint8_t *ip = calloc(1, total);
	struct netaddr from = { 0 };

	if (!ip)
		return;
	ip[0] = (uint8_t)(six ? 0x60 : 0x40 | header / 4);
	put16(ip + (six ? 4 : 2), six ? UDP + size : total);
	memcpy(ip + (six ? 8 : 12), sender, six ? 16 : 4);
	memcpy(from.word, sender, six ? 16 : 4);
	put16(ip + header + 4, UDP + size);
	memcpy(ip + header + UDP, payload, size);

	bool pass = admit_datagram(feed, feed->listen.family, &from, payload, size) == ADMIT_PASS;
	const struct packet udp = { ip, ip + header, ip + total }, net = { ip, ip, ip + total };

	if ((run(code, admit_program(feed, ADMIT_AT_UDP, code), &udp) != 0) != pass ||
		(run(code, admit_program(feed, ADMIT_AT_NETWORK, code), &net) != 0) != pass)
		abort();
	free(ip);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const four[] = { "10.0.0.1", "192.0.2.0/25", "33.0.0.0/8" };
	static const char *const six[] = { "2001:db8::/33", "fe80::1", "3300::/8" };
	struct feed feed = { .n_sources = 3 };

	if (size < 18 || size > PAYLOAD_MAX)
		return 0;
	feed.format = data[0] % _FEED_FORMAT_MAX;
	feed.listen.family = data[1] & 1 ? AF_INET6 : AF_INET;
	for (unsigned i = 0; i < feed.n_sources; i++) {
		const char *text = data[1] & 1 ? six[i] : four[i];

		if (netaddr_network(text, strlen(text), &feed.sources[i]))
			abort();
	}
	compare(&feed, data + 2, data + 18, size - 18);
	return 0;
}
