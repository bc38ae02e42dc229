/*
 * adsb_encode - squitters from values, and frames as receivers send them on: Beast binary and AVR text.
 *
 * For the simulator and for tests. No I/O, no clock, no allocation. The messages made here are encoded by
 * adsb_message_encode(). Unknown: NaN for doubles, ADSB_NONE for integers.
 * Sources: as in adsb_message.h, adsb_cpr.h and adsb_framing.h.
 */
#pragma once

#include "sensor/decode/adsb/adsb_message.h"

#define ADSB_ENCODE_BEAST_MAX (2 + 2 * (7 + ADSB_MESSAGE_LONG))
#define ADSB_ENCODE_AVR_MAX (1 + 12 + 2 * ADSB_MESSAGE_LONG + 2 + 1) /* ';', line end, NUL */

/* Airborne (type codes 9..18: barometric, 20..22: GNSS height) or on the surface (5..8). */
struct adsb_encode_position {
	uint32_t address;
	unsigned tc;
	bool odd;
	double lat_rad, lon_rad;
	int32_t alt_ft;		 /* airborne; -1200..126700 */
	double sog_mps, cog_rad; /* surface */
};

struct adsb_encode_velocity {
	uint32_t address;
	double sog_mps, cog_rad;   /* up to 4084 kt on each axis: above 1021 kt it is sent in steps of 4 kt */
	double climb_mps;	   /* +-32,576 ft/min */
	int32_t geo_minus_baro_ft; /* +-3150 */
	unsigned nac_v;		   /* 0..4 */
};

/** adsb_encode_all_call() - DF11: "here I am". @ca: capability, 0..7. */
void adsb_encode_all_call(uint32_t address, unsigned ca, struct adsb_message *ret_m);
/** adsb_encode_identification() - DF17. @category: "A0".."D7". @callsign: up to 8 capitals, digits, spaces. */
void adsb_encode_identification(uint32_t address, const char *category, const char *callsign, struct adsb_message *ret_m);
/** adsb_encode_position() - DF17. */
void adsb_encode_position(const struct adsb_encode_position *p, struct adsb_message *ret_m);
/** adsb_encode_velocity() - DF17, type code 19, subtype 1 or 2. */
void adsb_encode_velocity(const struct adsb_encode_velocity *v, struct adsb_message *ret_m);

/** adsb_encode_beast() - @frame as Beast binary. @ticks: 12 MHz, 48 bits. Return: bytes. */
size_t adsb_encode_beast(const uint8_t *frame, size_t size, uint64_t ticks, uint8_t level,
	uint8_t ret_bytes[static ADSB_ENCODE_BEAST_MAX]);
/** adsb_encode_avr() - @frame as a line of AVR text; @ticks UINT64_MAX: without. Return: characters. */
size_t adsb_encode_avr(const uint8_t *frame, size_t size, uint64_t ticks, char ret_text[static ADSB_ENCODE_AVR_MAX]);
