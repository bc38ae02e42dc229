/*
 * emitter - where a feed's bytes go: a UDP socket, or a file in their place.
 *
 * A socket sends from the feed's own address. Files: AIS text with a tag block a line (NAME.aivdm), or the datagrams as a
 * pcap with the scene's times (NAME.pcap). What the network does not take is counted, never waited for.
 */
#pragma once

#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>

#include "common/netaddr.h"

enum emitter_kind { EMITTER_SOCKET, EMITTER_TEXT, EMITTER_PCAP, EMITTER_NULL };

struct emitter {
	enum emitter_kind kind;
	const char *name; /* borrowed */
	struct sockaddr_in to, from;	  /* of files */
	struct sockaddr_storage receiver; /* of a socket */
	socklen_t receiver_size;
	int fd;
	FILE *file;
	uint16_t packet_id;
	uint64_t datagrams, bytes, refused;
};

/**
 * emitter_open_socket() - UDP from @from to @to, of one family; multicast with TTL 1
 * @from:      all zero: the system's choice; its port is not looked at
 * @interface: where multicast goes out; "" = IPv4: @from's, IPv6: the system's choice
 *
 * Return: 0 or -errno.
 */
int emitter_open_socket(struct emitter *e, const char *name, const struct netaddr_endpoint *to, const struct netaddr_endpoint *from,
	const char *interface);

/** emitter_open_file() - @dir/NAME.aivdm or .pcap. Return: 0 or -errno. */
int emitter_open_file(struct emitter *e, enum emitter_kind kind, const char *dir, const char *name,
	const struct sockaddr_in *to, const struct sockaddr_in *from);

/** emitter_send() - one datagram of @n bytes, at scene time @time_ns. */
void emitter_send(struct emitter *e, int64_t time_ns, const void *data, size_t n);

/** emitter_close() - Return: 0, or -EIO when a file could not be written whole. */
int emitter_close(struct emitter *e);
