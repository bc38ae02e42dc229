/*
 * socket - a feed's UDP socket: options, source filter, and datagrams straight into the ring.
 *
 * The filter is classic BPF and needs no privilege: it lets the feed's listed sources through and is locked. It stands
 * behind the interface's XDP program and takes its place where that cannot run.
 */
#pragma once

#include "common/feed.h"
#include "sensor/decode/ring.h"

#include <stdbool.h>
#include <stdint.h>

#define SOCKET_RECEIVE_BUFFER (8 << 20) /* bytes asked for: seconds of a busy feed while we restart */

struct socket_stats {
	uint64_t datagrams, bytes, oversized;
	uint64_t drops; /* by the kernel on this socket: source not listed, or buffer full (SO_RXQ_OVFL counts both) */
	uint32_t last_drops;
};

/** socket_open() - a bound socket for @feed where the service manager passed none. Return: fd or -errno. */
int socket_open(const struct feed *feed);

/**
 * socket_prepare() - what a passed or own socket needs: non-blocking, receive times, drop counter, buffer, multicast, filter
 * @ret_stale_filter: true when an older, different filter is locked on it: the socket unit must be restarted
 */
int socket_prepare(int fd, const struct feed *feed, bool *ret_stale_filter);

/**
 * socket_receive() - one recvmmsg into the ring's free slots; published
 * @now_ns: taken as receive time where the kernel gave none
 *
 * Return: number of datagrams, 0 when there is nothing or no room, -errno.
 */
int socket_receive(int fd, struct ring *ring, int64_t now_ns, struct socket_stats *stats);

/**
 * socket_recover() - publishes what a process that was killed had received, but not yet published; before the first receive
 *
 * Return: number of datagrams.
 */
unsigned socket_recover(struct ring *ring, int64_t now_ns, struct socket_stats *stats);

/** socket_listed() - is @source (host order) one of the feed's? The filter's judgement again, for a stale filter. */
bool socket_listed(const struct feed *feed, uint32_t source);
