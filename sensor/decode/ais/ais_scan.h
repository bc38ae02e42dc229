/*
 * ais_scan - where the next byte that matters is.
 *
 * The only loops that look at every byte of the input: 32 bytes a step, eight without AVX2. Nothing at or behind @end is read.
 */
#pragma once

#include <stdint.h>

/** ais_scan_line() - the first '!' or line feed from @p on; @end when there is none. */
const char *ais_scan_line(const char *p, const char *end);

/** ais_scan_body() - the first '*', '!' or line feed; *ret_xor is the XOR of the bytes before it, the checksum. */
const char *ais_scan_body(const char *p, const char *end, uint8_t *ret_xor);

/** ais_scan_field() - the first comma, or what ends the last field: '!', '$', '\', carriage return, line feed. */
const char *ais_scan_field(const char *p, const char *end);
