/*
 * adsb_crc - the parity of Mode S frames: 24 bits, generator 1FFF409.
 *
 * Source: ICAO Annex 10 volume IV, 3.1.2.3.3. The last 24 bits of a frame are the parity of those before it, xored with
 * zero or an interrogator's code (DF11, 17, 18) or with the aircraft's address (all others).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** adsb_crc() - parity of @size bytes, in the low 24 bits. */
uint32_t adsb_crc(const uint8_t *data, size_t size);

/** adsb_crc_residual() - what a frame's parity was xored with: @size is the whole frame's, 7 or 14. */
uint32_t adsb_crc_residual(const uint8_t *frame, size_t size);
