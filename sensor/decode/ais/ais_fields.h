/*
 * ais_fields - what walks a message type's table: bits into the structure, the structure into a checksum.
 *
 * Knows the kinds of fields, not the types. Source of the six-bit characters: ITU-R M.1371-5, table 47.
 */
#pragma once

#include "sensor/decode/ais/ais_message.h"

/**
 * ais_fields_get() - every field of @l
 * @bits:   AIS_MESSAGE_BYTES, zero behind the message
 * @n_bits: its length, which @l allows
 * @m:      the fields of @l are written, nothing else
 */
void ais_fields_get(const struct ais_message_layout *l, const uint8_t *bits, unsigned n_bits, struct ais_message *m);
