/*
 * nmea_value - one field of a sentence: read, written back, shown as JSON, hashed, each by the kind its table names.
 *
 * A number keeps its digits as sent, so that what was read can be written again byte for byte: "02", "1.430" and ".5" are
 * different texts of plain numbers. All bytes zero is the null field of every kind. Source: IEC 61162-1, 7.2 (field types).
 */
#pragma once

#include "sensor/decode/jot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NMEA_VALUE_TEXT_MAX 512 /* a sentence has 82 characters; longer ones exist, but not by so much */

/* value / 10^decimals; null when there is no digit at all. */
struct nmea_number {
	int64_t value;
	uint8_t digits, decimals; /* before and behind the point, leading and trailing zeros included; at most 18 together */
};

/* Latitude ddmm.mmm or longitude dddmm.mmm as a number, and N, S, E or W. Null when either is. */
struct nmea_place {
	struct nmea_number angle;
	char side;
};

/* As sent, `^hh` not resolved; bytes above 0x7e occur. Null when empty. Borrowed. */
struct nmea_text {
	const char *at;
	size_t size;
};

enum nmea_kind {
	NMEA_NUMBER, /* struct nmea_number */
	NMEA_HEX,    /* the same, hexadecimal, without decimals */
	NMEA_TIME,   /* the same, hhmmss.ss UTC; JSON: "hh:mm:ss.ss" */
	NMEA_DATE,   /* the same, ddmmyy; JSON: "yyyy-mm-dd", years 80 to 99 being the last century's */
	NMEA_LAT,    /* struct nmea_place, its angle; JSON: degrees, north positive */
	NMEA_LON,    /* the same, east positive */
	NMEA_CHAR,   /* char, one of the field's choices; 0 = null */
	NMEA_TEXT,   /* struct nmea_text */
	_NMEA_KIND_MAX,
};

struct nmea_field {
	const char *name; /* its JSON key; NULL: JSON shows it with the field before, or not at all */
	uint16_t kind, offset;
	const char *choices; /* of a NMEA_CHAR */
};

/**
 * nmea_value_get() - @n bytes between two commas into the value at @at
 *
 * Return: false when they are not what the field holds; then the value is null, as it is when @n is 0.
 */
bool nmea_value_get(const struct nmea_field *f, const char *p, size_t n, void *at);

/** nmea_value_put() - the value as a sentence has it; nothing when null. */
void nmea_value_put(const struct nmea_field *f, const void *at, struct jot *out);

/** nmea_value_json() - the value alone, without its key. */
void nmea_value_json(const struct nmea_field *f, const void *at, struct jot *j);

uint64_t nmea_value_hash(const struct nmea_field *f, const void *at, uint64_t seed);

/** nmea_value_mix() - one number into a hash. */
uint64_t nmea_value_mix(uint64_t h, uint64_t v);

/** nmea_value_real() - NaN when null. */
double nmea_value_real(const struct nmea_number *n);

/** nmea_value_step() - the value of its last digit, e.g. 0.01. */
double nmea_value_step(const struct nmea_number *n);

/** nmea_value_degrees() - north and east positive; NaN when null. */
double nmea_value_degrees(const struct nmea_place *p);

/** nmea_value_number() - @v rounded to @decimals, shown with at least @digits before the point. Null when @v is NaN. */
struct nmea_number nmea_value_number(double v, unsigned digits, unsigned decimals);

/** nmea_value_place() - @deg as degrees and minutes of @decimals; @sides is "NS" or "EW". Null when @deg is NaN. */
struct nmea_place nmea_value_place(double deg, const char *sides, unsigned decimals);
