/*
 * container - UDP datagrams out of a capture file in memory: pcap and pcapng.
 *
 * Own and small instead of libpcap: a bounded reader over hostile bytes, fuzzed, without a file handle. Knows Ethernet with
 * VLAN tags, Linux cooked (1 and 2), raw IP and loopback; IPv4 and IPv6. What is no whole UDP datagram is skipped and counted.
 * Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, the link-layer types of tcpdump.org.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTAINER_INTERFACES_MAX 64 /* of one pcapng section; packets of further ones are skipped */

struct container_interface {
	uint16_t link;
	uint64_t ticks; /* timestamps a second */
};

struct container {
	const uint8_t *data; /* borrowed */
	size_t size, at;
	bool next_generation, swapped;
	unsigned n_interfaces;
	struct container_interface interfaces[CONTAINER_INTERFACES_MAX];
	uint64_t datagrams, skipped; /* packets that were no UDP or a fragment */
	uint64_t truncated;	     /* cut by the capture length, or the file's end */
};

struct container_datagram {
	const uint8_t *data; /* borrowed */
	size_t size;
	int64_t time_ns; /* 0 = unknown */
	uint32_t source; /* IPv4 address in host order; of IPv6 the last 32 bits */
	uint16_t source_port, port;
};

/** container_is() - does a capture file start here? */
bool container_is(const uint8_t *data, size_t size);

/** container_init() - Return: 0, or -EBADMSG when it is neither pcap nor pcapng. */
int container_init(struct container *c, const uint8_t *data, size_t size);

/** container_next() - Return: true with the next datagram, false at the end. */
bool container_next(struct container *c, struct container_datagram *ret_d);
