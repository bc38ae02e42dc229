/*
 * socket - a feed's UDP socket: options, source and payload filter, and datagrams straight into the ring.
 *
 * The filter (common/admit) is classic BPF and needs no privilege. It stands behind the interface's XDP program and takes
 * its place where that cannot run. It is not locked: the socket outlives its reader, and a reload replaces the filter in
 * one step, between two packets. Whoever took over the reader could at most open its own socket to others. Every datagram
 * that comes through is judged once more by the same rules, so one that was queued before a reload obeys the new ones.
 */
#pragma once

#include "common/feed.h"
#include "sensor/decode/ring.h"

#include <stdint.h>

#define SOCKET_RECEIVE_BUFFER (8 << 20) /* bytes: seconds of a busy feed while we restart. As ReceiveBuffer= of the socket unit */

/* Of every datagram published in the ring, whichever process did it: a kill neither loses nor doubles a count. */
struct socket_stats {
	uint64_t datagrams, bytes;
	uint64_t oversized;    /* above RING_DATA_MAX */
	uint64_t unlisted;     /* of a source not listed */
	uint64_t wrong_format; /* cannot be of the feed's format */
};

/** socket_open() - a bound socket for @feed where the service manager passed none. Return: fd or -errno. */
int socket_open(const struct feed *feed);

/**
 * socket_prepare() - what a passed or own socket needs: non-blocking, receive times, filter; also after a reload
 *
 * A passed socket's buffer is left alone: its unit set it with a privilege that we lack, and asking for the same would
 * shrink it to net.core.rmem_max.
 *
 * @ret_filter: 0, or -errno why the kernel did not take the filter: then only our own judgement stands
 */
int socket_prepare(int fd, const struct feed *feed, int *ret_filter);

/**
 * socket_join() - the feed's multicast group, where it has one; again and again, as an interface can go and come back
 *
 * Return: 0, also when it was joined already; -ENODEV while there is no such interface; -errno.
 */
int socket_join(int fd, const struct feed *feed);

/**
 * socket_receive() - one recvmmsg into the ring's free slots; published, those that are refused as empty slots
 * @now_ns: taken as receive time where the kernel gave none
 *
 * Return: number of datagrams, 0 when there is nothing or no room, -errno.
 */
int socket_receive(int fd, const struct feed *feed, struct ring *ring, int64_t now_ns);

/**
 * socket_recover() - publishes what a process that was killed had received, but not yet published; before the first receive
 *
 * Return: number of datagrams.
 */
unsigned socket_recover(const struct feed *feed, struct ring *ring, int64_t now_ns);

/** socket_stats() - borrowed, until the next receive. */
const struct socket_stats *socket_stats(struct ring *ring);

/**
 * socket_drops() - by the kernel, since the socket was made: refused by the filter, or buffer full. It counts both in one,
 * and in 32 bits.
 */
uint32_t socket_drops(int fd);
