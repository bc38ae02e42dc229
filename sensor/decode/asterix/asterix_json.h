/*
 * asterix_json - a record as JSON: {"cat":48,"time":..,"items":{"010":{"SAC":..,"SIC":..},"040":{"RHO":..,"THETA":..},..}}
 *
 * Item and subfield names and units as EUROCONTROL writes them (NM, FL, degrees, seconds); spare and FX bits are left out;
 * codes are octal strings, addresses and registers hex strings, enumerations numbers. "time" is the UTC Unix time in
 * seconds, null when the record has no time of day or nothing says which day it was.
 */
#pragma once

#include "sensor/decode/asterix/asterix.h"
#include "sensor/decode/jot.h"

#define ASTERIX_JSON_MAX (1u << 18) /* a 64 KiB block of one-bit fields stays below; else the line is cut and counted */

/** asterix_json_put() - one object, no line end. @near_ns: receive time (asterix_time_near()), 0 = unknown. */
void asterix_json_put(struct jot *j, const struct asterix_record *r, int64_t near_ns);

/** asterix_json_icao() - @n six-bit characters from bit @bit on; trailing spaces cut; @out has n + 1. */
void asterix_json_icao(const uint8_t *p, unsigned bit, unsigned n, char *out);
