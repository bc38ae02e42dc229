/*
 * asterix_table - the words that category tables are written in. Included by cat*.c only.
 *
 * Fields: bits, name[, numerator, denominator of the LSB, decimals to print].
 */
#pragma once

#include "sensor/decode/asterix/asterix.h"

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

#define UINT(w, n) { n, ASTERIX_UINT, w, 0, 1, 1 }
#define INT(w, n) { n, ASTERIX_INT, w, 0, 1, 1 }
#define QUANTITY(w, n, num, den, decimals) { n, ASTERIX_QUANTITY, w, decimals, num, den }
#define SIGNED(w, n, num, den, decimals) { n, ASTERIX_SIGNED, w, decimals, num, den }
#define OCTAL(w, n) { n, ASTERIX_OCTAL, w, 0, 1, 1 }
#define HEX(w, n) { n, ASTERIX_HEX, w, 0, 1, 1 }
#define SPEED(w, n) { n, ASTERIX_SPEED, w, 10, 1, 16384 } /* NM/s, or Mach when the bit before is set */
#define ICAO(w, n) { n, ASTERIX_ICAO, w, 0, 1, 1 }
#define ASCII(w, n) { n, ASTERIX_ASCII, w, 0, 1, 1 }
#define SPARE(w) { NULL, ASTERIX_SPARE, w, 0, 1, 1 }
#define FX { NULL, ASTERIX_FX, 1, 0, 1, 1 }
#define OPEN(n) { n, ASTERIX_OPEN, 0, 0, 1, 1 }
#define CLOSE { NULL, ASTERIX_CLOSE, 0, 0, 1, 1 }

#define STEPS(f) (uint8_t[ASTERIX_STEPS_MAX(COUNT_OF(f))]){ 0 }

#define UNUSED { NULL, ASTERIX_ITEM_UNUSED, 0, 0, 0, NULL, NULL }
#define FIXED(n, octets, f) { n, ASTERIX_ITEM_FIXED, COUNT_OF(f), 0, octets, f, NULL, STEPS(f) }
#define EXTENDED(n, f) { n, ASTERIX_ITEM_EXTENDED, COUNT_OF(f), 0, 1, f, NULL, STEPS(f) }
#define EXTENDED_FROM(n, octets, f) { n, ASTERIX_ITEM_EXTENDED, COUNT_OF(f), 0, octets, f, NULL, STEPS(f) }
#define REPETITIVE(n, octets, f) { n, ASTERIX_ITEM_REPETITIVE, COUNT_OF(f), 0, octets, f, NULL, STEPS(f) }
#define REPETITIVE_FX(n, octets, f) { n, ASTERIX_ITEM_REPETITIVE_FX, COUNT_OF(f), 0, octets, f, NULL, STEPS(f) }
#define RUN(n, octets, f) { n, ASTERIX_ITEM_RUN, COUNT_OF(f), 0, octets, f, NULL }
#define COMPOUND(n, s) { n, ASTERIX_ITEM_COMPOUND, 0, COUNT_OF(s), 0, NULL, s }
#define COMPOUND_OF(n, octets, s) { n, ASTERIX_ITEM_COMPOUND, 0, COUNT_OF(s), octets, NULL, s }
#define EXPLICIT(n) { n, ASTERIX_ITEM_EXPLICIT, 0, 0, 1, NULL, NULL }
#define EXPLICIT_OF(n, s) { n, ASTERIX_ITEM_EXPLICIT, 0, 1, 1, NULL, s }
#define SEQUENCE(n, s) { n, ASTERIX_ITEM_SEQUENCE, 0, COUNT_OF(s), 1, NULL, s }
