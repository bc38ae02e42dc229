/*
 * admit - what a feed's socket lets in: said to the kernel as a classic BPF program, and once more in C.
 *
 * The source is listed and the payload can be of the feed's format, as the interface's XDP program has it
 * (bpf/ingest.bpf.c, sane()). Neither form needs a privilege. What a socket cannot know is left to the interface: the rate
 * (classic BPF keeps no state, and behind the queue of a socket a limit would drop what had only waited), fragments (the
 * kernel has joined them) and VLAN tags (the device took them off). Ports and destinations are the socket's own address.
 */
#pragma once

#include <linux/filter.h>

#include "common/feed.h"

#define ADMIT_BLOCKS_MAX 8	   /* ASTERIX data blocks walked; deeper ones are the decoder's. As INGEST_BLOCKS_MAX */
#define ADMIT_PAYLOAD_MAX 0x3fff   /* bytes, as INGEST_PAYLOAD_MAX */
#define ADMIT_PROGRAM_MAX 256	   /* instructions: 8 IPv6 sources and 8 blocks come to 213 */

enum admit_verdict {
	ADMIT_PASS,
	ADMIT_SOURCE,  /* sender not listed */
	ADMIT_PAYLOAD, /* cannot be of the feed's format */
};

/** admit_datagram() - @source: of @family, as it lies in a packet. @payload of @size may be empty. */
enum admit_verdict admit_datagram(const struct feed *feed, sa_family_t family, const struct netaddr *source,
	const uint8_t *payload, size_t size);

/* Where the packets of a socket begin, that is, what a program's offset 0 is. */
enum admit_hook {
	ADMIT_AT_UDP,	  /* UDP sockets: at the UDP header, behind IP options and extension headers */
	ADMIT_AT_NETWORK, /* AF_PACKET, SOCK_DGRAM: at the IP header. IPv6 without extension headers */
};

/**
 * admit_program() - for SO_ATTACH_FILTER: all of a packet, or nothing
 *
 * Headers are read relative to the network header. The payload is not: before Linux 6.16 such loads fail beyond a packet's
 * linear part, and many drivers keep no payload there.
 *
 * Return: number of instructions in @ret_program.
 */
unsigned admit_program(
	const struct feed *feed, enum admit_hook hook, struct sock_filter ret_program[static ADMIT_PROGRAM_MAX]);
