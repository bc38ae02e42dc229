#include "sensor/decode/asterix/asterix.h"

#include "sensor/decode/asterix/asterix_presence.h"
#include "sensor/decode/asterix/asterix_profile.h"

#define HEADER_SIZE 3 /* category, 16-bit length */

/* @first octets, then @size more at a time, up to where the last bit is 0. */
static int chain_size(const uint8_t *p, size_t room, unsigned first, unsigned size)
{
	for (size_t n = first; n <= room; n += size)
		if (!(p[n - 1] & 1))
			return (int)n;
	return -ASTERIX_FAULT_TRUNCATED;
}

/* Most items are fixed. */
static inline int quick_size(const struct asterix_item *item, const uint8_t *p, size_t room)
{
	return item->kind == ASTERIX_ITEM_FIXED && item->size <= room ? item->size : asterix_item_size(item, p, room);
}

static int compound_size(const struct asterix_item *item, const uint8_t *p, size_t room)
{
	uint64_t left;
	int primary = asterix_presence(p, room, item->size, &left);

	if (primary < 0)
		return primary;
	if (left >> item->n_subs)
		return -ASTERIX_FAULT_ITEM;

	size_t at = (size_t)primary;

	for (; left; left &= left - 1) {
		int size = quick_size(&item->subs[__builtin_ctzll(left)], p + at, room - at);

		if (size < 0)
			return size;
		at += (size_t)size;
	}
	return (int)at;
}

/* Any item may stand in a sequence but another sequence: the depth is bounded by the tables'. */
static int sequence_size(const struct asterix_item *item, const uint8_t *p, size_t room)
{
	size_t at = 1;

	for (unsigned i = 0; i < p[0]; i++) {
		if (at + 1 >= room)
			return -ASTERIX_FAULT_TRUNCATED;

		unsigned frn = p[at++];

		if (frn == 0 || frn > item->n_subs || item->subs[frn - 1].kind == ASTERIX_ITEM_SEQUENCE)
			return -ASTERIX_FAULT_ITEM;

		int size = asterix_item_size(&item->subs[frn - 1], p + at, room - at);

		if (size < 0)
			return size;
		at += (size_t)size;
	}
	return (int)at;
}

int asterix_item_size(const struct asterix_item *item, const uint8_t *p, size_t room)
{
	size_t size = item->size;

	if (room == 0)
		return -ASTERIX_FAULT_TRUNCATED;
	switch (item->kind) {
	case ASTERIX_ITEM_FIXED:
		break;
	case ASTERIX_ITEM_EXTENDED:
		return chain_size(p, room, item->size, 1);
	case ASTERIX_ITEM_REPETITIVE_FX:
		return chain_size(p, room, item->size, item->size);
	case ASTERIX_ITEM_REPETITIVE:
	case ASTERIX_ITEM_RUN:
		size = 1 + (size_t)p[0] * item->size;
		break;
	case ASTERIX_ITEM_COMPOUND:
		return compound_size(item, p, room);
	case ASTERIX_ITEM_SEQUENCE:
		return sequence_size(item, p, room);
	case ASTERIX_ITEM_EXPLICIT:
		size = p[0];
		if (size == 0)
			return -ASTERIX_FAULT_LENGTH;
		break;
	default:
		return -ASTERIX_FAULT_ITEM;
	}
	return size > room ? -ASTERIX_FAULT_TRUNCATED : (int)size;
}

const struct asterix_item *asterix_item_content(const struct asterix_item *item, const uint8_t *p)
{
	size_t room = p[0] - 1u;

	if (!item->n_subs || asterix_item_size(item->subs, p + 1, room) != (int)room)
		return NULL;
	return item->subs;
}

/* One record. An FSPEC octet with nothing in it beyond the profile is allowed: some systems send it. */
static enum asterix_fault read_record(const struct asterix_category *c, const uint8_t *p, size_t room,
	struct asterix_record *ret_r)
{
	int n = asterix_presence(p, room, 0, &ret_r->present);

	if (n < 0 || !ret_r->present)
		return ASTERIX_FAULT_FSPEC;

	/* What the loop asks of the table is read once: for all the compiler knows, noting items might change it. */
	unsigned split = c->split_frn - 1u, n_uap = c->n_uap;
	const struct asterix_item *uap = c->uap;
	const uint8_t *begin = p, *end = p + room;

	p += n;
	for (uint64_t left = ret_r->present; left; left &= left - 1) {
		unsigned index = (unsigned)__builtin_ctzll(left);

		if (index == split && p < end && *p & 0x80) {
			c = c->other;
			uap = c->uap;
			n_uap = c->n_uap;
		}
		if (index >= n_uap)
			return ASTERIX_FAULT_ITEM;

		int size = quick_size(&uap[index], p, (size_t)(end - p));

		if (size < 0)
			return (enum asterix_fault)-size;
		ret_r->items[index] = p;
		p += size;
	}
	ret_r->category = c;
	ret_r->start = begin;
	ret_r->size = (unsigned)(p - begin);
	return ASTERIX_FAULT_NONE;
}

static void read_block(const struct asterix_category *c, const uint8_t *p, size_t size,
	struct asterix_stats *stats, asterix_sink sink, void *user)
{
	struct asterix_record r;

	while (size) {
		enum asterix_fault fault = read_record(c, p, size, &r);

		if (fault != ASTERIX_FAULT_NONE) {
			stats->faults[fault]++;
			return;
		}
		stats->records++;
		sink(user, &r);
		p += r.size;
		size -= r.size;
	}
}

size_t asterix_decode_as(const struct asterix_profile *profile, const uint8_t *data, size_t size,
	struct asterix_stats *stats, asterix_sink sink, void *user)
{
	size_t at = 0;

	stats->bytes += size;
	while (size - at > HEADER_SIZE) {
		const uint8_t *p = data + at;
		size_t length = (size_t)p[1] << 8 | p[2];

		if (p[0] == 0 || length <= HEADER_SIZE || length > size - at)
			break;
		stats->blocks++;
		if (profile->of[p[0]])
			read_block(profile->of[p[0]], p + HEADER_SIZE, length - HEADER_SIZE, stats, sink, user);
		else
			stats->faults[ASTERIX_FAULT_CATEGORY]++;
		at += length;
	}
	/* Behind a good block it is padding or a trailer; without one it was no ASTERIX at all. */
	if (at)
		stats->trailing_bytes += size - at;
	else
		stats->faults[ASTERIX_FAULT_BLOCK]++;
	return at;
}

size_t asterix_decode(const uint8_t *data, size_t size, struct asterix_stats *stats, asterix_sink sink, void *user)
{
	return asterix_decode_as(&asterix_profile_newest, data, size, stats, sink, user);
}
