/*
 * asterix_presence - which items are there: a record's FSPEC, the first part of a compound item.
 *
 * Seven bits an octet and FX, which says whether another octet follows; in some reserved expansion fields a known number
 * of octets with eight bits each.
 * Source: EUROCONTROL-SPEC-0149 part 1, FSPEC and compound data items.
 */
#pragma once

#include "sensor/decode/asterix/asterix.h"

#define ASTERIX_PRESENCE_MAX 8 /* octets: no profile and no compound item is longer */

/* The bits of an octet in the other order: the first is the lowest. */
static inline uint64_t asterix_presence_reversed(uint8_t octet)
{
	uint64_t spread = (octet * UINT64_C(0x80200802)) & UINT64_C(0x0884422110); /* each bit alone in its column */

	return (spread * UINT64_C(0x0101010101)) >> 32 & 0xff;
}

/**
 * asterix_presence() - the bits at @p, the first one lowest
 * @octets: how many of eight bits; 0 = seven and FX each
 *
 * Return: octets read, or -ASTERIX_FAULT_TRUNCATED when there is no @room, -ASTERIX_FAULT_ITEM when there are too many.
 */
static inline int asterix_presence(const uint8_t *p, size_t room, unsigned octets, uint64_t *ret_bits)
{
	unsigned per_octet = octets ? 8 : 7, mask = octets ? 0xff : 0x7f, n = 0;
	uint64_t bits = 0;

	do {
		if (n == room)
			return -ASTERIX_FAULT_TRUNCATED;
		if (n == ASTERIX_PRESENCE_MAX)
			return -ASTERIX_FAULT_ITEM;
		bits |= (asterix_presence_reversed(p[n]) & mask) << per_octet * n;
		n++;
	} while (octets ? n < octets : p[n - 1] & 1);
	*ret_bits = bits;
	return (int)n;
}
