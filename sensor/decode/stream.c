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

/* The end of the first message, which ends behind @none bytes and within @some: cut() only grows with its input. */
static size_t first_end(const struct stream *s, const uint8_t *p, size_t none, size_t some)
{
	while (some - none > 1) {
		size_t middle = none + (some - none) / 2;

		if (s->format->cut(p, middle))
			some = middle;
		else
			none = middle;
	}
	return s->format->cut(p, some);
}

/* A message at @p that does not fit a slot; doubling, so that the work is by its size and not by the window's. */
static size_t oversized(const struct stream *s, const uint8_t *p, size_t n)
{
	for (size_t none = RING_DATA_MAX, some; none < n; none = some) {
		some = 2 * none < n ? 2 * none : n;
		if (s->format->cut(p, some))
			return first_end(s, p, none, some);
	}
	return 0;
}

/* Whole messages at @p that fit a slot, or one that does not. Return: their bytes, 0 = the rest is no whole message. */
static size_t slice(const struct stream *s, const uint8_t *p, size_t n)
{
	size_t fits = s->format->cut(p, n < RING_DATA_MAX ? n : RING_DATA_MAX);

	return fits ? fits : oversized(s, p, n);
}

static void fill_slot(struct stream *s, struct ring_slot *slot, const uint8_t *p, size_t n)
{
	bool fits = n <= RING_DATA_MAX;

	slot->oversized = !fits;
	slot->size = fits ? (uint16_t)n : 0;
	memcpy(slot->data, p, slot->size);
	s->stats.slots++;
	s->stats.oversized += !fits;
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
