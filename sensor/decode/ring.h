/*
 * ring - received datagrams in a memfd that the service manager keeps, so that what was read survives a kill.
 *
 * One writer, which is also the reader: the kernel writes datagrams into free slots, publishing makes them part of
 * the log, acknowledging frees them. Datagram numbers are dense from 1; the epoch is the time the ring was made. The
 * number and the epoch are those of the feed's ship lane. Nothing here trusts the descriptor it is given.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_DATA_MAX 2048 /* above an Ethernet MTU of 1,500; larger datagrams are counted and dropped */
#define RING_SLOTS 8192	   /* 17 MiB: two seconds at 4,000 datagrams/s, minutes of an ordinary feed */

struct ring_slot {
	int64_t recv_ns;
	uint32_t source; /* tells senders apart: an IPv4 address in host order, a hash of an IPv6 one */
	uint16_t size;
	uint16_t oversized; /* larger than RING_DATA_MAX: size is 0 */
	uint8_t data[RING_DATA_MAX];
	uint8_t slack[16]; /* for the decoders' bit reader */
};

#define RING_DESK_SIZE (64u << 10)
#define RING_TALLY_SIZE 1024

struct ring;

/**
 * ring_open() - takes up the ring in @fd, or makes a new one
 * @fd:     borrowed; -1, or one that holds no valid ring: a new one is made
 * @now_ns: the new ring's epoch
 * @ret_new: true when it is new and should be given to the fd store
 */
int ring_open(int fd, int64_t now_ns, struct ring **ret_ring, bool *ret_new);
void ring_free(struct ring *r);
int ring_fd(const struct ring *r);

uint64_t ring_epoch(const struct ring *r);
uint64_t ring_head(const struct ring *r);  /* newest published; 0 = none yet */
uint64_t ring_acked(const struct ring *r); /* newest acknowledged */
uint64_t ring_oldest(const struct ring *r); /* oldest that is still there, acknowledged or not; head + 1 when none */

unsigned ring_room(const struct ring *r);		  /* free slots */
struct ring_slot *ring_ahead(struct ring *r, unsigned i); /* the i-th slot behind the head, i < ring_room() */
void ring_publish(struct ring *r, unsigned n);
const struct ring_slot *ring_at(const struct ring *r, uint64_t n); /* NULL unless ring_oldest() <= n <= ring_head() */
void ring_ack(struct ring *r, uint64_t n); /* all up to @n; beyond the head is ignored */

/** ring_desk() - RING_DESK_SIZE bytes beside the slots: what their writer must find again after a kill. Zero in a new ring. */
void *ring_desk(struct ring *r);

/**
 * ring_tally() - keeps what was counted of the datagrams up to @upto: after a kill it is there whole, or as it was before
 * @size: at most RING_TALLY_SIZE
 */
void ring_tally(struct ring *r, uint64_t upto, const void *data, size_t size);

/** ring_tallied() - into @ret_data, as it was kept last; zeros in a new ring. Return: its @upto. */
uint64_t ring_tallied(const struct ring *r, void *ret_data, size_t size);

/** ring_renew() - a new epoch for what is in it. */
void ring_renew(struct ring *r, uint64_t epoch);

/** ring_site_version() - the version of a site with this @hash: the one stored, or a new, greater one. */
uint32_t ring_site_version(struct ring *r, uint64_t hash, int64_t now_ns);
