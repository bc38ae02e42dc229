/*
 * packet - frames for tests of the gate: Ethernet, VLAN tags, IPv4 with or without options or IPv6 with or without extension
 * headers, UDP, payload.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX 4096
#define PACKET_TAGS_MAX 3
#define PACKET_EXTENSIONS_MAX 10

/* An IPv6 extension header. */
struct packet_extension {
	uint8_t type;
	uint8_t length; /* as in the header: units of 8 octets after the first 8, of 4 where it authenticates (51) */
	uint16_t field; /* of a fragment header (44): offset << 3, 1 when more follow */
};

/* What to build. Zeroed members take the usual value, given on the right. */
struct packet_spec {
	uint16_t tags[PACKET_TAGS_MAX]; /* EtherTypes of VLAN tags, outermost first; 0 ends */
	uint16_t ether_type;		/* the family's */
	uint8_t options;		/* IPv4: 32-bit words of options, 0..10 */
	uint16_t frag_off;		/* IPv4: flags and offset, host byte order */
	const struct packet_extension *extensions; /* IPv6: n_extensions of them */
	unsigned n_extensions;
	uint8_t protocol;		/* UDP; what the last header says comes next */
	const char *from, *to;		/* of one family, which is the frame's */
	uint16_t port, from_port;	/* host byte order; 40000 */
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
