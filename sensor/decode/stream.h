/*
 * stream - a stream's bytes into the ring as if they were datagrams: whole messages, cut where the format says.
 *
 * Bytes wait in a window until a message is whole. Messages that fit together share a slot, up to RING_DATA_MAX bytes; one
 * that is larger is dropped and counted, as a larger datagram is. No I/O, no clock.
 */
#pragma once

#include "sensor/decode/format.h"
#include "sensor/decode/ring.h"

#define STREAM_WINDOW 65536 /* bytes; ASTERIX's largest block is one less */

struct stream {
	const struct format *format; /* borrowed */
	size_t size;		     /* bytes waiting */
	struct stream_stats {
		uint64_t slots, bytes;
		uint64_t oversized;  /* messages above RING_DATA_MAX */
		uint64_t lost_bytes; /* of half messages at an end, and of full windows without a boundary */
		uint64_t overruns;   /* such windows */
	} stats;
	uint8_t window[STREAM_WINDOW + BITS_SLACK];
};

/** stream_space() - where the next bytes go; *ret_size is 0 only when the ring had no room for the last ones. */
uint8_t *stream_space(struct stream *s, size_t *ret_size);

/** stream_added() - @n bytes are there. */
void stream_added(struct stream *s, size_t n);

/**
 * stream_move() - whole messages into free slots of @ring; published
 * @source: of the slots, as in struct ring_slot
 *
 * Return: slots published; -EBADMSG when the window was full without a boundary: it is empty now, and where a message begins
 * in what follows nobody knows.
 */
int stream_move(struct stream *s, struct ring *ring, uint32_t source, int64_t now_ns);

/** stream_end() - nothing follows: a half message is dropped. */
void stream_end(struct stream *s);
