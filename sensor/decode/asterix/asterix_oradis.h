/*
 * asterix_oradis - ASTERIX blocks, each behind a header of its own, as some distribution systems put them into a datagram.
 *
 * A frame: its length in 16 bits, itself included; 32 bits of milliseconds since midnight; one block. Seen in a
 * capture of such a system; nowhere published. Taken for that only when every frame fits to the datagram's last octet.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASTERIX_ORADIS_HEADER 6

/** asterix_oradis_is() - are these @size octets frames, all of them whole? */
bool asterix_oradis_is(const uint8_t *data, size_t size);

/** asterix_oradis_size() - octets of the frame at @data, where asterix_oradis_is() said yes. */
static inline size_t asterix_oradis_size(const uint8_t *data)
{
	return (size_t)data[0] << 8 | data[1];
}
