#include "common/shipring.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct slot {
	int64_t stored_ns;
	uint8_t kind;
	size_t size;
};

struct shipring {
	size_t capacity, record_max;
	uint64_t epoch, head, acked, lost;
	struct slot *slots;
	uint8_t *bytes; /* capacity x record_max */
};

int shipring_new(size_t capacity, size_t record_max, int64_t now_ns, struct shipring **ret_ring)
{
	assert(capacity > 0 && record_max > 0 && ret_ring);

	struct shipring *ring = calloc(1, sizeof(*ring));
	if (!ring)
		return -ENOMEM;
	*ring = (struct shipring){ .capacity = capacity, .record_max = record_max, .epoch = (uint64_t)now_ns };
	ring->slots = calloc(capacity, sizeof(*ring->slots));
	ring->bytes = calloc(capacity, record_max);
	if (!ring->slots || !ring->bytes) {
		shipring_free(ring);
		return -ENOMEM;
	}
	*ret_ring = ring;
	return 0;
}

void shipring_free(struct shipring *ring)
{
	if (!ring)
		return;
	free(ring->slots);
	free(ring->bytes);
	free(ring);
}

int shipring_push(struct shipring *ring, int64_t now_ns, uint8_t kind, const void *data, size_t size)
{
	if (size > ring->record_max)
		return -EMSGSIZE;
	uint64_t seq = ++ring->head;
	size_t i = seq % ring->capacity;
	if (seq > ring->capacity && seq - ring->capacity > ring->acked)
		ring->lost++;
	ring->slots[i] = (struct slot){ now_ns, kind, size };
	memcpy(ring->bytes + i * ring->record_max, data, size);
	return 0;
}

static uint64_t oldest(const struct shipring *ring)
{
	return ring->head > ring->capacity ? ring->head - ring->capacity + 1 : 1;
}

ssize_t shipring_read(struct shipring *ring, uint64_t after, struct ship_record *records, size_t max_records,
	size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	uint64_t seq = after + 1 > oldest(ring) ? after + 1 : oldest(ring);
	size_t n = 0, bytes = 0;
	/* What was overwritten is withheld: the receiver learns that it will not come. */
	uint64_t skipped = after < ring->head ? seq - after - 1 : 0;

	*ret_last = after < ring->head ? seq - 1 : after;
	for (; seq <= ring->head && n < max_records; seq++, n++) {
		size_t i = seq % ring->capacity;
		if (bytes + ring->slots[i].size > max_bytes)
			break;
		records[n] = (struct ship_record){
			.seq = seq,
			.stored_ns = ring->slots[i].stored_ns,
			.kind = ring->slots[i].kind,
			.data = ring->bytes + i * ring->record_max,
			.size = ring->slots[i].size,
		};
		bytes += ring->slots[i].size;
		*ret_last = seq;
	}
	*ret_withheld = skipped;
	return (ssize_t)n;
}

void shipring_acked(struct shipring *ring, uint64_t epoch, uint64_t seq)
{
	if (epoch == ring->epoch && seq > ring->acked && seq <= ring->head)
		ring->acked = seq;
}

void shipring_head(const struct shipring *ring, uint64_t *ret_epoch, uint64_t *ret_head)
{
	*ret_epoch = ring->epoch;
	*ret_head = ring->head;
}

uint64_t shipring_lost(const struct shipring *ring)
{
	return ring->lost;
}
