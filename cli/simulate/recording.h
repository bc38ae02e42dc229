/*
 * recording - a capture or a log as datagrams in order: what was sent, and when.
 *
 * A pcap or pcapng gives its UDP payloads; anything else is taken as text, a line a datagram. A line's time is that of its
 * NMEA tag block (c:), or a trailing ",STATION,SECONDS" as the US coast guard's logs have. The file is held in memory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/decode/container.h"

struct recording {
	uint8_t *data;
	size_t size, at;
	bool capture;
	struct container container;
	uint16_t port; /* captures: only datagrams to this port; 0 = all */
};

struct recording_datagram {
	const uint8_t *data; /* borrowed from the recording */
	size_t size;
	int64_t time_ns; /* 0 = unknown */
};

/** recording_open() - Return: 0; -errno, -EFBIG past 1 GiB, -EBADMSG for a broken capture. */
int recording_open(struct recording *r, const char *path, uint16_t port);
void recording_done(struct recording *r);
/** recording_rewind() - to the first datagram again. */
void recording_rewind(struct recording *r);
/** recording_next() - Return: true with the next datagram, false at the end. Empty lines and comments are passed over. */
bool recording_next(struct recording *r, struct recording_datagram *ret_d);

/** recording_line_time() - the time a line of text carries, 0 = none. */
int64_t recording_line_time(const char *line, size_t n);
/** recording_untagged() - the line without its tag block. */
size_t recording_untagged(const char *line, size_t n);
