/*
 * packet - frames for tests of the gate: Ethernet, VLAN tags, IPv4 with or without options, UDP, payload.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX 2048
#define PACKET_TAGS_MAX 3

/* What to build. Zeroed members take the usual value, given on the right. */
struct packet_spec {
	uint16_t tags[PACKET_TAGS_MAX]; /* EtherTypes of VLAN tags, outermost first; 0 ends */
	uint16_t ether_type;		/* IPv4 */
	uint8_t options;		/* 32-bit words of IP options, 0..10 */
	uint8_t protocol;		/* UDP */
	uint16_t frag_off;		/* flags and offset, host byte order */
	const char *from, *to;		/* dotted quads */
	uint16_t port;			/* destination, host byte order */
	const void *payload;
	size_t payload_size;
};

struct packet {
	uint8_t data[PACKET_MAX];
	size_t size;
	size_t ip, udp; /* offsets of the headers, to break them */
};

void packet_build(const struct packet_spec *spec, struct packet *ret_packet);
void packet_put16(struct packet *p, size_t at, uint16_t v); /* network byte order */
