/*
 * fuzz-stream - any bytes as a stream of any format, in slices of any size: what comes out is a beginning of what went in.
 *
 * The first byte says which format, the second how the slices grow.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/decode/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned count_formats(void)
{
	unsigned n = 0;

	while (format_at(n))
		n++;
	return n;
}

/* Slots against the bytes that went in; messages that were too large are passed over. */
static void expect_same(const struct ring *ring, const uint8_t *data, size_t size)
{
	size_t at = 0;

	for (uint64_t i = 1; i <= ring_head(ring); i++) {
		const struct ring_slot *slot = ring_at(ring, i);

		if (slot->oversized)
			return;
		if (slot->size > size - at || memcmp(slot->data, data + at, slot->size))
			abort();
		at += slot->size;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct stream s;
	static struct ring *ring;
	size_t at = 2, slice, step;
	bool is_new;

	if (size < 2 || (!ring && ring_open(-1, 1, &ring, &is_new) < 0))
		return 0;
	s = (struct stream){ .format = format_at(data[0] % count_formats()) };
	step = slice = 1 + data[1];
	while (at < size) {
		size_t space;
		uint8_t *p = stream_space(&s, &space);
		size_t n = slice < size - at ? slice : size - at;

		n = n < space ? n : space;
		memcpy(p, data + at, n);
		stream_added(&s, n);
		at += n;
		slice = (slice + step) % 4096 + 1;
		if (stream_move(&s, ring, 0, 1) < 0 || ring_head(ring) > RING_SLOTS / 4)
			break;
	}
	expect_same(ring, data + 2, size - 2);
	ring_free(ring);
	ring = NULL;
	return 0;
}
