#include "sensor/decode/adsb/adsb_crc.h"

/* The remainder of one byte is the xor of its bits' remainders: x^(24 + bit) modulo the generator. */
#define BIT(b, n, remainder) ((b) >> (n) & 1 ? (remainder) : 0)
#define R1(b) \
	(BIT(b, 0, 0xfff409) ^ BIT(b, 1, 0x001c1b) ^ BIT(b, 2, 0x003836) ^ BIT(b, 3, 0x00706c) ^ \
		BIT(b, 4, 0x00e0d8) ^ BIT(b, 5, 0x01c1b0) ^ BIT(b, 6, 0x038360) ^ BIT(b, 7, 0x0706c0))
#define R4(b) R1(b), R1((b) + 1), R1((b) + 2), R1((b) + 3)
#define R16(b) R4(b), R4((b) + 4), R4((b) + 8), R4((b) + 12)
#define R64(b) R16(b), R16((b) + 16), R16((b) + 32), R16((b) + 48)

static const uint32_t remainders[256] = { R64(0), R64(64), R64(128), R64(192) };

uint32_t adsb_crc(const uint8_t *data, size_t size)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < size; i++)
		crc = (crc << 8 ^ remainders[(crc >> 16 ^ data[i]) & 0xff]) & 0xffffff;
	return crc;
}

uint32_t adsb_crc_residual(const uint8_t *frame, size_t size)
{
	const uint8_t *parity = frame + size - 3;

	return adsb_crc(frame, size - 3) ^ ((uint32_t)parity[0] << 16 | (uint32_t)parity[1] << 8 | parity[2]);
}
