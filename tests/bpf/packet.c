#include "tests/bpf/packet.h"

#include <arpa/inet.h>
#include <assert.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#define IP_HEADER 20
#define IPV6_HEADER 40
#define UDP_HEADER 8

void packet_put16(struct packet *p, size_t at, uint16_t v)
{
	p->data[at] = (uint8_t)(v >> 8);
	p->data[at + 1] = (uint8_t)v;
}

static bool is_ipv6(const struct packet_spec *s)
{
	return strchr(s->to, ':') != NULL;
}

static size_t put_ethernet(const struct packet_spec *s, struct packet *p)
{
	size_t at = 2 * ETH_ALEN;

	memset(p->data, 0x02, at);
	for (unsigned i = 0; i < PACKET_TAGS_MAX && s->tags[i]; i++) {
		packet_put16(p, at, s->tags[i]);
		packet_put16(p, at + 2, (uint16_t)(100 + i));
		at += 4;
	}
	packet_put16(p, at, s->ether_type ? s->ether_type : is_ipv6(s) ? ETH_P_IPV6 : ETH_P_IP);
	return at + 2;
}

static size_t put_ip(const struct packet_spec *s, struct packet *p, size_t at)
{
	size_t header = IP_HEADER + 4u * s->options;
	uint8_t *ip = p->data + at;

	memset(ip, 0, header);
	ip[0] = (uint8_t)(0x40 | header / 4);
	packet_put16(p, at + 2, (uint16_t)(header + UDP_HEADER + s->payload_size));
	packet_put16(p, at + 6, s->frag_off);
	ip[8] = 64;
	ip[9] = s->protocol ? s->protocol : IPPROTO_UDP;
	assert(inet_pton(AF_INET, s->from, ip + 12) == 1);
	assert(inet_pton(AF_INET, s->to, ip + 16) == 1);
	memset(ip + IP_HEADER, 1 /* no operation */, header - IP_HEADER);
	return at + header;
}

static uint8_t type_after(const struct packet_spec *s, unsigned i)
{
	if (i < s->n_extensions)
		return s->extensions[i].type;
	return s->protocol ? s->protocol : IPPROTO_UDP;
}

static size_t put_extension(const struct packet_spec *s, struct packet *p, size_t at, unsigned i)
{
	const struct packet_extension *e = &s->extensions[i];
	size_t size = e->type == IPPROTO_FRAGMENT ? 8 : e->type == IPPROTO_AH ? 4u * (e->length + 2) : 8u * (e->length + 1);

	assert(at + size <= PACKET_MAX);
	p->data[at] = type_after(s, i + 1);
	p->data[at + 1] = e->length;
	if (e->type == IPPROTO_FRAGMENT)
		packet_put16(p, at + 2, e->field);
	return at + size;
}

static size_t put_ipv6(const struct packet_spec *s, struct packet *p, size_t at)
{
	uint8_t *ip = p->data + at;

	ip[0] = 0x60;
	ip[6] = type_after(s, 0);
	ip[7] = 64;
	assert(inet_pton(AF_INET6, s->from, ip + 8) == 1);
	assert(inet_pton(AF_INET6, s->to, ip + 24) == 1);

	size_t behind = at + IPV6_HEADER;
	for (unsigned i = 0; i < s->n_extensions; i++)
		behind = put_extension(s, p, behind, i);
	packet_put16(p, at + 4, (uint16_t)(behind - at - IPV6_HEADER + UDP_HEADER + s->payload_size));
	return behind;
}

void packet_build(const struct packet_spec *s, struct packet *ret_packet)
{
	struct packet *p = ret_packet;

	memset(p, 0, sizeof(*p));
	p->ip = put_ethernet(s, p);
	p->udp = is_ipv6(s) ? put_ipv6(s, p, p->ip) : put_ip(s, p, p->ip);
	packet_put16(p, p->udp, s->from_port ? s->from_port : 40000);
	packet_put16(p, p->udp + 2, s->port);
	packet_put16(p, p->udp + 4, (uint16_t)(UDP_HEADER + s->payload_size));
	p->size = p->udp + UDP_HEADER + s->payload_size;
	assert(p->size <= PACKET_MAX);
	if (s->payload_size)
		memcpy(p->data + p->udp + UDP_HEADER, s->payload, s->payload_size);
}
