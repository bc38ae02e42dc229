/*
 * shipring - a ship lane kept in memory: a bounded ring of the newest records, for what is not worth a disk.
 *
 * Sites, health and a camera's plots on their way to the uplink: its epoch is the time the process started, so that a
 * restarted process begins a new log. When the ring is full the oldest unacknowledged record is overwritten and counted.
 */
#pragma once

#include "common/ship.h"

struct shipring;

/** shipring_new() - @capacity records of at most @record_max bytes each; @now_ns becomes the epoch. */
int shipring_new(size_t capacity, size_t record_max, int64_t now_ns, struct shipring **ret_ring);
void shipring_free(struct shipring *ring);

/** shipring_push() - Return: 0, or -EMSGSIZE when larger than record_max. */
int shipring_push(struct shipring *ring, int64_t now_ns, uint8_t kind, const void *data, size_t size);

/** shipring_read() - fits struct ship_source_ops.read: storage is the ring's, valid until the next push. */
ssize_t shipring_read(struct shipring *ring, uint64_t after, struct ship_record *records, size_t max_records,
	size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld);
void shipring_acked(struct shipring *ring, uint64_t epoch, uint64_t seq);
void shipring_head(const struct shipring *ring, uint64_t *ret_epoch, uint64_t *ret_head);

/** shipring_lost() - records overwritten before they were acknowledged. */
uint64_t shipring_lost(const struct shipring *ring);
