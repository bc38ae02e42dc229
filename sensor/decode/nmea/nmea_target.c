#include "sensor/decode/nmea/nmea_target.h"

#include <string.h>

#include "sensor/decode/bits.h"
#include "sensor/decode/nmea/nmea_value.h"

#define ALWAYS INT32_MAX /* every value means something */

#define BITS (6 * NMEA_TARGET_CHARS)

#define ROW(name, width, max, den) { #name, offsetof(struct nmea_target, name), width, max, den }

static const struct {
	const char *name;
	uint16_t offset, width;
	int32_t max, den; /* above max: not available; value = raw / den */
} rows[] = {
	ROW(version, 2, ALWAYS, 1),
	ROW(number, 10, ALWAYS, 1),
	ROW(bearing, 12, NMEA_TARGET_ANGLE_MAX, 10),
	ROW(speed, 12, NMEA_TARGET_SPEED_MAX, 10),
	ROW(course, 12, NMEA_TARGET_ANGLE_MAX, 10),
	ROW(heading, 12, NMEA_TARGET_ANGLE_MAX, 10),
	ROW(status, 3, ALWAYS, 1),
	ROW(test, 1, ALWAYS, 1),
	ROW(distance, 14, NMEA_TARGET_DISTANCE_MAX, 100),
	ROW(relative, 1, ALWAYS, 1),
	ROW(water, 1, ALWAYS, 1),
	ROW(reserved, 2, ALWAYS, 1),
	ROW(association, 8, ALWAYS, 1),
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* IEC 61162-1, 7.3.4: 0x30..0x57 are 0..39, 0x60..0x77 are 40..63. */
static int from_armour(char c)
{
	unsigned v = (unsigned char)c - 0x30u;

	if (v < 40)
		return (int)v;
	v = (unsigned char)c - 0x60u;
	return v < 24 ? (int)v + 40 : -1;
}

static char to_armour(unsigned v)
{
	return (char)(v < 40 ? v + 0x30 : v + 0x38);
}

/* False when a character is illegal. */
static bool get_bits(const char *text, uint8_t bits[static BITS / 8 + 1 + BITS_SLACK])
{
	memset(bits, 0, BITS / 8 + 1 + BITS_SLACK);
	for (unsigned i = 0; i < NMEA_TARGET_CHARS; i++) {
		int v = from_armour(text[i]);

		if (v < 0)
			return false;

		unsigned shifted = (unsigned)v << (10 - 6 * i % 8);

		bits[6 * i / 8] |= (uint8_t)(shifted >> 8);
		bits[6 * i / 8 + 1] |= (uint8_t)shifted;
	}
	return true;
}

static void fill(struct nmea_target *t, const uint8_t *bits)
{
	unsigned bit = 0;

	for (unsigned i = 0; i < N_ROWS; bit += rows[i++].width)
		*(int32_t *)((char *)t + rows[i].offset) = (int32_t)bits_get(bits, bit, rows[i].width);
}

int nmea_target_decode(const char *text, size_t n, struct nmea_target *ret_targets, unsigned max)
{
	uint8_t bits[BITS / 8 + 1 + BITS_SLACK];
	unsigned k = 0;

	for (; n >= NMEA_TARGET_CHARS && k < max; n -= NMEA_TARGET_CHARS, text += NMEA_TARGET_CHARS) {
		if (!get_bits(text, bits))
			return -1;
		fill(&ret_targets[k++], bits);
	}
	while (n)
		if (from_armour(text[--n]) < 0)
			return -1;
	return (int)k;
}

void nmea_target_encode(const struct nmea_target *t, char ret_text[static NMEA_TARGET_CHARS])
{
	unsigned __int128 bits = 0;

	for (unsigned i = 0; i < N_ROWS; i++) {
		uint32_t v = *(const uint32_t *)((const char *)t + rows[i].offset);

		bits = bits << rows[i].width | (v & ((1u << rows[i].width) - 1));
	}
	for (unsigned i = NMEA_TARGET_CHARS; i-- > 0; bits >>= 6)
		ret_text[i] = to_armour((unsigned)bits & 63);
}

void nmea_target_json(const struct nmea_target *t, struct jot *j)
{
	jot_open(j, '{');
	for (unsigned i = 0; i < N_ROWS; i++) {
		int32_t v = *(const int32_t *)((const char *)t + rows[i].offset);

		jot_key(j, rows[i].name);
		if (v > rows[i].max)
			jot_null(j);
		else
			jot_scaled(j, v, 1, rows[i].den, 2);
	}
	jot_close(j, '}');
}

uint64_t nmea_target_hash(const struct nmea_target *t, uint64_t seed)
{
	for (unsigned i = 0; i < N_ROWS; i++)
		seed = nmea_value_mix(seed, *(const uint32_t *)((const char *)t + rows[i].offset));
	return seed;
}
