/*
 * line - a host's line for tests of the gate: a veth pair in namespaces of the test's own, frames in at the far end, a UDP
 * socket behind the near one.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "tests/bpf/packet.h"

#define LINE_NEAR "vd-near" /* guarded */
#define LINE_FAR "vd-far"
#define LINE_HOST "10.99.1.1" /* of the near end */
#define LINE_LISTED "10.99.1.10"
#define LINE_UNLISTED "10.99.1.66"
#define LINE_PORT 8600

struct line {
	char pin[64];	   /* a bpf file system; gone with the process's mount namespace */
	unsigned near, far; /* interface indices */
	int raw_fd;	   /* AF_PACKET at the far end, to send */
	int udp_fd;	   /* LINE_HOST:LINE_PORT, blocking for at most 100 ms */
};

/** line_open() - moves the process into new namespaces. Return: 0, or -errno with one TAP line "1..0 # SKIP why" printed. */
int line_open(struct line *ret_line);
void line_close(struct line *line);

/** line_send() - @n frames at once. Return: how many the link took. */
unsigned line_send(const struct line *line, const struct packet *frames, unsigned n);

/** line_lost() - frames that the near end's own ring had no room for, since it was made. */
uint64_t line_lost(const struct line *line);

/** line_frame() - an ASTERIX data block of 48 octets from @from, with @number in its last eight octets. */
void line_frame(const char *from, uint64_t number, struct packet *ret_frame);

/** line_number() - of a received datagram of @size octets; -1 = it is none of line_frame()'s. */
int64_t line_number(const uint8_t *payload, size_t size);
