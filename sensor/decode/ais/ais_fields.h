/*
 * ais_fields - what walks a table: bits into the structure, the structure into bits and into a checksum.
 *
 * Knows the kinds of fields, not the types. Source of the six-bit characters: ITU-R M.1371-5, table 47.
 *
 * A text of n characters takes n + 1 bytes: what it says, a NUL, and the characters it was padded with (a '@' and whatever
 * follows it, or spaces), so that it can be sent again as it came. A NUL in the padding is sent as '@'.
 */
#pragma once

#include "sensor/decode/ais/ais_message.h"

/**
 * ais_fields_get() - every field of @l, and the items of its group
 * @bits:   AIS_MESSAGE_SLACK zero bytes behind the message, or behind the data of an application message BITS_SLACK
 * @n_bits: its length, which @l allows
 * @ret_to: the structure that the offsets of @l are in; the fields of @l are written, nothing else
 */
void ais_fields_get(const struct ais_message_layout *l, const uint8_t *bits, unsigned n_bits, void *ret_to);

/**
 * ais_fields_put() - the reverse
 * @n_bits:   what lies behind is not written
 * @ret_bits: zero where the fields go, @n_bits and BITS_SLACK long
 */
void ais_fields_put(const struct ais_message_layout *l, const void *from, unsigned n_bits, uint8_t *ret_bits);

/** ais_fields_group() - item @i of a group: the item itself, and the table it is laid out by. */
const struct ais_message_layout *ais_fields_group(const struct ais_message_group *g, const void *from, unsigned i,
	const void **ret_item);
