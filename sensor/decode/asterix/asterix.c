#include "sensor/decode/asterix/asterix.h"

#include "sensor/decode/asterix/cat034.h"
#include "sensor/decode/asterix/cat048.h"

#define HEADER_SIZE 3 /* category, 16-bit length */
#define NS_PER_S INT64_C(1000000000)
#define DAY_NS (86400 * NS_PER_S)

static const struct asterix_category *const categories[256] = {
	[34] = &cat034_category,
	[48] = &cat048_category,
};

const struct asterix_category *asterix_category_find(uint8_t cat)
{
	return categories[cat];
}

/* Octets from @p on, @size each, up to the one whose last bit is 0. */
static int chain_size(const uint8_t *p, size_t room, unsigned size)
{
	for (size_t n = size; n <= room; n += size)
		if (!(p[n - 1] & 1))
			return (int)n;
	return -ASTERIX_FAULT_TRUNCATED;
}

static int compound_size(const struct asterix_item *item, const uint8_t *p, size_t room)
{
	int primary = chain_size(p, room, 1);

	if (primary < 0)
		return primary;

	size_t at = (size_t)primary;

	for (int i = 0; i < primary; i++) {
		for (unsigned bit = 0; bit < 7; bit++) {
			unsigned sub = 7 * (unsigned)i + bit;

			if (!(p[i] & 0x80 >> bit))
				continue;
			if (sub >= item->n_subs || item->subs[sub].kind == ASTERIX_ITEM_UNUSED)
				return -ASTERIX_FAULT_ITEM;

			int size = asterix_item_size(&item->subs[sub], p + at, room - at);

			if (size < 0)
				return size;
			at += (size_t)size;
		}
	}
	return (int)at;
}

int asterix_item_size(const struct asterix_item *item, const uint8_t *p, size_t room)
{
	if (item->size > room || room == 0)
		return -ASTERIX_FAULT_TRUNCATED;

	size_t size = item->size;

	switch (item->kind) {
	case ASTERIX_ITEM_FIXED:
		return (int)size;
	case ASTERIX_ITEM_EXTENDED:
	case ASTERIX_ITEM_REPETITIVE_FX:
		return chain_size(p, room, item->size);
	case ASTERIX_ITEM_REPETITIVE:
		size = 1 + (size_t)p[0] * item->size;
		break;
	case ASTERIX_ITEM_COMPOUND:
		return compound_size(item, p, room);
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

/* Octets of the FSPEC at @p; its bits, FRN 1 lowest, in @ret_present. */
static int read_fspec(const uint8_t *p, size_t room, uint64_t *ret_present)
{
	int n = chain_size(p, room, 1);
	uint64_t present = 0;

	if (n < 0 || n > ASTERIX_UAP_MAX / 7)
		return -ASTERIX_FAULT_FSPEC;
	for (int i = 0; i < n; i++)
		for (unsigned bit = 0; bit < 7; bit++)
			present |= (uint64_t)(p[i] >> (7 - bit) & 1) << (7 * i + (int)bit);
	if (!present)
		return -ASTERIX_FAULT_FSPEC;
	*ret_present = present;
	return n;
}

/* One record. An FSPEC octet with nothing in it beyond the profile is allowed: some systems send it. */
static enum asterix_fault read_record(const struct asterix_category *c, const uint8_t *p, size_t room,
	struct asterix_record *ret_r)
{
	int n = read_fspec(p, room, &ret_r->present);

	if (n < 0)
		return (enum asterix_fault)-n;
	if (ret_r->present >> c->n_uap)
		return ASTERIX_FAULT_ITEM;

	size_t at = (size_t)n;

	for (uint64_t left = ret_r->present; left; left &= left - 1) {
		unsigned index = (unsigned)__builtin_ctzll(left);
		const struct asterix_item *item = &c->uap[index];
		int size = item->kind == ASTERIX_ITEM_FIXED && item->size <= room - at ?
			item->size : asterix_item_size(item, p + at, room - at);

		if (size < 0)
			return (enum asterix_fault)-size;
		ret_r->items[index] = p + at;
		at += (size_t)size;
	}
	ret_r->category = c;
	ret_r->start = p;
	ret_r->size = (unsigned)at;
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

size_t asterix_decode(const uint8_t *data, size_t size, struct asterix_stats *stats, asterix_sink sink, void *user)
{
	size_t at = 0;

	stats->bytes += size;
	while (size - at > HEADER_SIZE) {
		const uint8_t *p = data + at;
		size_t length = (size_t)p[1] << 8 | p[2];

		if (p[0] == 0 || length <= HEADER_SIZE || length > size - at)
			break;
		stats->blocks++;
		if (categories[p[0]])
			read_block(categories[p[0]], p + HEADER_SIZE, length - HEADER_SIZE, stats, sink, user);
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

int64_t asterix_time_ns(uint32_t tod_128, int64_t near_ns)
{
	int64_t midnight = near_ns - (near_ns % DAY_NS + DAY_NS) % DAY_NS;
	int64_t t = midnight + (int64_t)tod_128 * (NS_PER_S / 128);

	if (t - near_ns > DAY_NS / 2)
		t -= DAY_NS;
	else if (near_ns - t > DAY_NS / 2)
		t += DAY_NS;
	return t;
}
