/*
 * container - datagrams out of a recording in memory: pcap, pcapng, and two framings of ASTERIX, FINAL and GPS.
 *
 * Own and small instead of libpcap: a bounded reader over hostile bytes, fuzzed, without a file handle. Knows Ethernet with
 * VLAN tags, Linux cooked (1 and 2), raw IP and loopback; IPv4 and IPv6. What is no whole UDP datagram is skipped and counted,
 * TCP too: its streams are not put together again.
 *	FINAL: LEN16 of the whole frame, board, line, day, TIME24 (1/100 s of the day), blocks, A5 A5 A5 A5
 *	GPS:   2,200 octets of one value, then block + 10 octets, of which 6 to 8 are the time (1/128 s of the day)
 * Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, the link-layer types of tcpdump.org; FINAL as Luciad describes it,
 * GPS as Croatia Control's asterix reads it; both agree with recordings to their last octet.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTAINER_INTERFACES_MAX 64 /* of one pcapng section; packets of further ones are skipped */

enum container_kind { CONTAINER_PCAP, CONTAINER_PCAPNG, CONTAINER_FINAL, CONTAINER_GPS, _CONTAINER_KIND_MAX };

struct container_interface {
	uint16_t link;
	uint64_t ticks; /* timestamps a second */
};

struct container {
	const uint8_t *data; /* borrowed */
	size_t size, at;
	enum container_kind kind;
	bool swapped;
	bool undated; /* times are of a day nobody wrote down: they count from 1970-01-01 and go on over midnight */
	int64_t day_ns, last_ns; /* of undated times: the day's start, the last time */
	unsigned n_interfaces;
	struct container_interface interfaces[CONTAINER_INTERFACES_MAX];
	uint64_t datagrams, skipped; /* packets that were no UDP or a fragment; gaps between frames */
	uint64_t truncated;	     /* cut by the capture length, or the file's end */
};

struct container_datagram {
	const uint8_t *data; /* borrowed */
	size_t size;
	int64_t time_ns; /* 0 = unknown */
	uint32_t source; /* IPv4 address in host order; of IPv6 the last 32 bits; 0 = the recording does not say */
	uint16_t source_port, port; /* 0 = the recording does not say */
};

/** container_is() - does a recording of a kind we know start here? Its first frame must be there whole. */
bool container_is(const uint8_t *data, size_t size);

/** container_init() - Return: 0, or -EBADMSG when container_is() says no. */
int container_init(struct container *c, const uint8_t *data, size_t size);

/** container_next() - Return: true with the next datagram, false at the end. */
bool container_next(struct container *c, struct container_datagram *ret_d);
