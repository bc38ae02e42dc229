/*
 * adsb_code - the altitude and identity codes of Mode S and the characters of a callsign.
 *
 * Source: ICAO Annex 10 volume IV, 3.1.2.6.5.4 (AC), 3.1.2.6.7.1 (ID), appendix to chapter 3 (Mode C code, Gillham);
 * table 3-9 (characters); RTCA DO-260B table 2-16 (movement).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define ADSB_NONE INT32_MIN /* of every int32_t here: not available */
#define ADSB_CODE_CALLSIGN 8

/** adsb_code_altitude12() - a squitter's 12 bits as feet; ADSB_NONE when 0 or illegal. */
int32_t adsb_code_altitude12(uint32_t code);
/** adsb_code_altitude13() - a reply's 13 bits. Metric codes (M set) have no encoding yet: ADSB_NONE. */
int32_t adsb_code_altitude13(uint32_t code);
/** adsb_code_is_metric() - M of a reply's 13 bits. */
bool adsb_code_is_metric(uint32_t code13);

/**
 * adsb_code_to_altitude12() - feet as they are sent: 25 ft steps from -1000 to 50175, Gillham's 100 ft outside
 *
 * What lies between two steps is rounded, what is out of range (-1200..126700) or ADSB_NONE is sent as 0.
 */
uint32_t adsb_code_to_altitude12(int32_t ft);
uint32_t adsb_code_to_altitude13(int32_t ft);

/** adsb_code_squawk() - 13 bits as four octal digits, 3 bits each. */
int32_t adsb_code_squawk(uint32_t code);
uint32_t adsb_code_to_squawk(int32_t squawk);

/** adsb_code_movement() - 1..124 as the lower edge of its range of speeds, 1/1000 kt; ADSB_NONE for those that tell none. */
int32_t adsb_code_movement(int32_t code);
/** adsb_code_to_movement() - the code whose range holds a speed; 0 for ADSB_NONE. */
int32_t adsb_code_to_movement(int32_t millikt);

/** adsb_code_callsign() - 48 bits as text: '#' for illegal characters, trailing spaces cut. Return: true when all are legal. */
bool adsb_code_callsign(uint64_t bits, char ret_text[static ADSB_CODE_CALLSIGN + 1]);
/** adsb_code_to_callsign() - capitals, digits and spaces; padded with spaces; others become spaces. */
uint64_t adsb_code_to_callsign(const char *text);
