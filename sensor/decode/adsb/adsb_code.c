#include "sensor/decode/adsb/adsb_code.h"

#include <string.h>

#define Q12 0x010 /* of the 12 bits: 25 ft steps */
#define Q13 0x010
#define M13 0x040
#define FT_MIN (-1200)
#define FT_Q_MIN (-1000)
#define FT_Q_MAX 50175
#define FT_MAX 126700

/* Pulse order in the 13 bits, most significant first: C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4. */
static const uint8_t squawk_bits[13] = { 3, 9, 4, 10, 5, 11, 255, 6, 0, 7, 1, 8, 2 };

/* Where each pulse stands in the 12 digit bits AAABBBCCCDDD: A4 A2 A1, so squawk_bits counts from the right of its digit. */
int32_t adsb_code_squawk(uint32_t code)
{
	int32_t squawk = 0;

	for (unsigned i = 0; i < 13; i++)
		if (code >> (12 - i) & 1 && squawk_bits[i] != 255)
			squawk |= 1 << squawk_bits[i];
	return squawk;
}

uint32_t adsb_code_to_squawk(int32_t squawk)
{
	uint32_t code = 0;

	for (unsigned i = 0; i < 13; i++)
		if (squawk_bits[i] != 255 && squawk >> squawk_bits[i] & 1)
			code |= 1u << (12 - i);
	return code;
}

/* A pulse of the 13 bits, by its digit and weight. */
static unsigned pulse(int32_t squawk, unsigned digit, unsigned weight)
{
	return (unsigned)squawk >> (9 - 3 * digit) & weight ? 1 : 0;
}

static unsigned from_gray(unsigned gray)
{
	for (unsigned shift = 8; shift; shift >>= 1)
		gray ^= gray >> shift;
	return gray;
}

/*
 * Gillham: D2 D4 A1 A2 A4 B1 B2 B4 count 500 ft in Gray code, C1 C2 C4 count 100 ft in a cycle of five that runs back at
 * every other step. The first step is -1200 ft.
 */
static int32_t from_gillham(uint32_t code13)
{
	int32_t s = adsb_code_squawk(code13);
	unsigned gray = 0;
	static const uint8_t order[8][2] = { { 3, 2 }, { 3, 4 }, { 0, 1 }, { 0, 2 }, { 0, 4 }, { 1, 1 }, { 1, 2 }, { 1, 4 } };

	for (unsigned i = 0; i < 8; i++)
		gray = gray << 1 | pulse(s, order[i][0], order[i][1]);

	unsigned fives = from_gray(gray), ones = from_gray(pulse(s, 2, 1) << 2 | pulse(s, 2, 2) << 1 | pulse(s, 2, 4));

	if (ones == 7)
		ones = 5;
	else if (ones == 0 || ones > 4)
		return ADSB_NONE;
	if (fives & 1)
		ones = 6 - ones;
	return (int32_t)(fives * 500 + ones * 100) - 1300;
}

static uint32_t to_gillham(int32_t ft)
{
	static const uint8_t gray_of[6] = { 0, 1, 3, 2, 6, 4 }; /* C1 C2 C4; Gray, but 4 where 5 would be 7 */
	static const uint8_t places[8] = { 1, 2, 9, 10, 11, 6, 7, 8 };
	unsigned hundreds = (unsigned)(ft + 1300 + 50) / 100, fives = (hundreds - 1) / 5, ones = hundreds - fives * 5;
	unsigned gray = fives ^ fives >> 1, c = gray_of[fives & 1 ? 6 - ones : ones];
	int32_t s = 0;

	for (unsigned i = 0; i < 8; i++)
		s |= (int32_t)(gray >> (7 - i) & 1) << places[i];
	for (unsigned i = 0; i < 3; i++)
		s |= (int32_t)(c >> (2 - i) & 1) << (3 + i);
	return adsb_code_to_squawk(s);
}

/* The 13 bits of 12: M, which is 0, left out. */
static uint32_t widen(uint32_t code12)
{
	return (code12 & 0xfc0) << 1 | (code12 & 0x3f);
}

static uint32_t narrow(uint32_t code13)
{
	return (code13 >> 1 & 0xfc0) | (code13 & 0x3f);
}

int32_t adsb_code_altitude12(uint32_t code)
{
	return adsb_code_altitude13(widen(code));
}

bool adsb_code_is_metric(uint32_t code13)
{
	return code13 & M13;
}

int32_t adsb_code_altitude13(uint32_t code)
{
	if (!code || code & M13)
		return ADSB_NONE;
	if (!(code & Q13))
		return from_gillham(code);

	uint32_t n = (code & 0x1f80) >> 2 | (code & 0x20) >> 1 | (code & 0x0f);

	return (int32_t)n * 25 - 1000;
}

uint32_t adsb_code_to_altitude12(int32_t ft)
{
	if (ft == ADSB_NONE || ft < FT_MIN || ft > FT_MAX)
		return 0;
	if (ft < FT_Q_MIN || ft > FT_Q_MAX)
		return narrow(to_gillham(ft));

	uint32_t n = (uint32_t)(ft + 1000 + 12) / 25;

	return (n & 0x7f0) << 1 | Q12 | (n & 0x0f);
}

uint32_t adsb_code_to_altitude13(int32_t ft)
{
	return widen(adsb_code_to_altitude12(ft));
}

/* The 6-bit alphabet; 0 = none. */
static char character(unsigned c)
{
	if (c >= 1 && c <= 26)
		return (char)('A' + c - 1);
	return c == 32 || (c >= 48 && c <= 57) ? (char)c : '#';
}

bool adsb_code_callsign(uint64_t bits, char ret_text[static ADSB_CODE_CALLSIGN + 1])
{
	bool legal = true;
	unsigned n = 0;

	for (unsigned i = 0; i < ADSB_CODE_CALLSIGN; i++) {
		ret_text[i] = character(bits >> (42 - 6 * i) & 0x3f);
		legal = legal && ret_text[i] != '#';
		if (ret_text[i] != ' ')
			n = i + 1;
	}
	memset(ret_text + n, 0, ADSB_CODE_CALLSIGN + 1 - n);
	return legal;
}

uint64_t adsb_code_to_callsign(const char *text)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < ADSB_CODE_CALLSIGN; i++) {
		char c = *text ? *text++ : ' ';
		unsigned v = 32;

		if (c >= 'A' && c <= 'Z')
			v = (unsigned)(c - 'A') + 1;
		else if (c >= '0' && c <= '9')
			v = (unsigned)c;
		bits = bits << 6 | v;
	}
	return bits;
}

/* Ranges of movement codes: DO-260B table 2-16. 0 and 125..127 tell no speed. */
static const struct {
	int32_t code, millikt, step;
} ranges[] = { { 124, 175000, 1 }, { 109, 100000, 5000 }, { 94, 70000, 2000 }, { 39, 15000, 1000 }, { 13, 2000, 500 },
	{ 9, 1000, 250 }, { 2, 125, 125 }, { 1, 0, 125 } };

int32_t adsb_code_movement(int32_t code)
{
	for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && code <= ranges[0].code; i++)
		if (code >= ranges[i].code)
			return ranges[i].millikt + (code - ranges[i].code) * ranges[i].step;
	return ADSB_NONE;
}

int32_t adsb_code_to_movement(int32_t millikt)
{
	if (millikt >= ranges[0].millikt)
		return ranges[0].code;
	for (unsigned i = 1; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (millikt >= ranges[i].millikt)
			return ranges[i].code + (millikt - ranges[i].millikt) / ranges[i].step;
	return 0;
}
