#include "sensor/decode/stream.h"

#include <errno.h>
#include <string.h>

uint8_t *stream_space(struct stream *s, size_t *ret_size)
{
	*ret_size = STREAM_WINDOW - s->size;
	return s->window + s->size;
}

void stream_added(struct stream *s, size_t n)
{
	s->size += n;
	s->stats.bytes += n;
}

/* The end of the first message in @n bytes that hold at least one: cut() only grows with its input. */
static size_t first_end(const struct stream *s, const uint8_t *p, size_t n)
{
	size_t none = RING_DATA_MAX, some = n;

	while (some - none > 1) {
		size_t middle = none + (some - none) / 2;

		if (s->format->cut(p, middle))
			some = middle;
		else
			none = middle;
	}
	return s->format->cut(p, some);
}

/* Whole messages at @p that fit a slot, or one that does not. Return: their bytes, 0 = the rest is no whole message. */
static size_t slice(const struct stream *s, const uint8_t *p, size_t n)
{
	size_t fits = s->format->cut(p, n < RING_DATA_MAX ? n : RING_DATA_MAX);

	if (fits || n <= RING_DATA_MAX || !s->format->cut(p, n))
		return fits;
	return first_end(s, p, n);
}

static void fill_slot(struct stream *s, struct ring_slot *slot, const uint8_t *p, size_t n)
{
	bool oversized = n > RING_DATA_MAX;

	slot->oversized = oversized;
	slot->size = oversized ? 0 : (uint16_t)n;
	memcpy(slot->data, p, slot->size);
	s->stats.slots++;
	s->stats.oversized += oversized;
}

static void forget(struct stream *s)
{
	s->stats.lost_bytes += s->size;
	s->size = 0;
}

int stream_move(struct stream *s, struct ring *ring, uint32_t source, int64_t now_ns)
{
	unsigned room = ring_room(ring), moved = 0;
	size_t at = 0, n = 0;

	for (; moved < room && (n = slice(s, s->window + at, s->size - at)) > 0; moved++) {
		struct ring_slot *slot = ring_ahead(ring, moved);

		slot->recv_ns = now_ns;
		slot->source = source;
		fill_slot(s, slot, s->window + at, n);
		at += n;
	}
	ring_publish(ring, moved);
	s->size -= at;
	memmove(s->window, s->window + at, s->size);
	if (moved < room && s->size == STREAM_WINDOW) {
		forget(s);
		s->stats.overruns++;
		return -EBADMSG;
	}
	return (int)moved;
}

void stream_end(struct stream *s)
{
	forget(s);
}
