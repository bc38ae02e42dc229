#include "sensor/decode/asterix/asterix_oradis.h"

#define BLOCK_HEADER 3

static size_t block_size(const uint8_t *block)
{
	return (size_t)block[1] << 8 | block[2];
}

bool asterix_oradis_is(const uint8_t *data, size_t size)
{
	if (size == 0)
		return false;
	for (size_t at = 0, n; at < size; at += n) {
		if (size - at <= ASTERIX_ORADIS_HEADER + BLOCK_HEADER)
			return false;
		n = asterix_oradis_size(data + at);

		const uint8_t *block = data + at + ASTERIX_ORADIS_HEADER;

		if (n > size - at || n <= ASTERIX_ORADIS_HEADER + BLOCK_HEADER || block[0] == 0 ||
			block_size(block) != n - ASTERIX_ORADIS_HEADER)
			return false;
	}
	return true;
}
