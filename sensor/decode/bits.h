/*
 * bits - fields of a big-endian bit string by unaligned 64-bit loads.
 *
 * The caller guarantees 8 readable bytes from the field's first byte on: buffers end in BITS_SLACK zero bytes.
 */
#pragma once

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define BITS_SLACK 8

/** bits_get() - @width (1..57) bits from bit @bit on, most significant first. */
static inline uint64_t bits_get(const uint8_t *p, unsigned bit, unsigned width)
{
	uint64_t v;

	memcpy(&v, p + (bit >> 3), sizeof(v));
	return (be64toh(v) << (bit & 7)) >> (64 - width);
}

/** bits_get_signed() - the same in two's complement. */
static inline int64_t bits_get_signed(const uint8_t *p, unsigned bit, unsigned width)
{
	uint64_t v;

	memcpy(&v, p + (bit >> 3), sizeof(v));
	return (int64_t)(be64toh(v) << (bit & 7)) >> (64 - width);
}
