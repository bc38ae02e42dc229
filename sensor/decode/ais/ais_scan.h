/*
 * ais_scan - where the next byte that matters is.
 *
 * The only loops that look at every byte of the input: 32 bytes a step, eight without AVX2. Nothing at or behind @end is read.
 */
#pragma once

#include <stdint.h>

/** ais_scan_line_far() - the first '!' or line feed from @p on; @end when there is none. */
const char *ais_scan_line_far(const char *p, const char *end);

/** ais_scan_line() - the same; nearly always that is the first byte, or the second behind a carriage return. */
static inline const char *ais_scan_line(const char *p, const char *end)
{
	p += p < end && *p == '\r';
	return p < end && (*p == '!' || *p == '\n') ? p : ais_scan_line_far(p, end);
}

/** ais_scan_talkers() - behind the whole lines from @line on that begin with '$' and have no '!'; *n grows by their number. */
const char *ais_scan_talkers(const char *line, const char *end, uint64_t *n);

struct ais_scan_body {
	const char *stop;
	uint8_t sum;
};

/** ais_scan_body() - the first '*', '!' or line feed, or @end; and the XOR of the bytes before it, the checksum. */
struct ais_scan_body ais_scan_body(const char *p, const char *end);

/** ais_scan_field() - the first comma, or what ends the last field: '!', '$', '\', carriage return, line feed. */
const char *ais_scan_field(const char *p, const char *end);
