/*
 * ais_message - ITU-R M.1371-5 messages as structures of raw values, each type laid out by one const table.
 *
 * A field is its integer as transmitted; unit and LSB stand beside it and in the table, "not available" keeps its raw
 * value. The table of a type fills the structure and drives the JSON, so the two cannot disagree.
 */
#pragma once

#include "sensor/decode/ais/ais_sentence.h"
#include "sensor/decode/bits.h"

#include <stddef.h>
#include <stdint.h>

#define AIS_MESSAGE_CHARS_MAX 256 /* five slots carry 1,192 bits = 199 characters; receivers pad */
#define AIS_MESSAGE_BYTES (AIS_MESSAGE_CHARS_MAX * 6 / 8 + BITS_SLACK + 8)

/* "Not available" as transmitted. M.1371-5 tables 48, 63, 70, 81 */
#define AIS_TURN_NONE (-128)
#define AIS_SPEED_NONE 1023
#define AIS_LON_NONE 0x6791AC0 /* 181 deg in 1/10000 min */
#define AIS_LAT_NONE 0x3412140 /* 91 deg */
#define AIS_COURSE_NONE 3600
#define AIS_HEADING_NONE 511
#define AIS_SECOND_NONE 60
#define AIS_ALT_NONE 4095
#define AIS_LON27_NONE 0x1A838 /* 181 deg in 1/10 min */
#define AIS_LAT27_NONE 0xD548
#define AIS_SPEED27_NONE 63
#define AIS_COURSE27_NONE 511

/* Navigational status, M.1371-5 table 45 */
#define AIS_STATUS_DISTRESS 14 /* AIS-SART, MOB or EPIRB active */
#define AIS_STATUS_UNDEFINED 15 /* also AIS-SART under test */

/* Longitude and latitude in 1/10000 min, speed 0.1 kt, course 0.1 deg, heading deg, unless said otherwise. */
struct ais_position { /* 1, 2, 3 */
	int32_t status, turn, speed, accuracy, lon, lat, course, heading, second, maneuver, raim, radio;
};
struct ais_base { /* 4, 11 */
	int32_t year, month, day, hour, minute, second; /* 0, 0, 0, 24, 60, 60: not available */
	int32_t accuracy, lon, lat, epfd, transmission_control, raim, radio;
};
struct ais_static { /* 5 */
	int32_t ais_version, imo, shiptype, to_bow, to_stern, to_port, to_starboard, epfd; /* m */
	int32_t month, day, hour, minute, draught, dte; /* draught 0.1 m */
	char callsign[8], shipname[21], destination[21];
};
struct ais_sar { /* 9: alt m, speed in whole knots */
	int32_t alt, speed, accuracy, lon, lat, course, second, regional, dte, assigned, raim, radio;
};
struct ais_text { /* 14 */
	char text[162];
};
struct ais_class_b { /* 18 */
	int32_t reserved, speed, accuracy, lon, lat, course, heading, second, regional;
	int32_t cs, display, dsc, band, msg22, assigned, raim, radio;
};
struct ais_class_b_ext { /* 19 */
	int32_t reserved, speed, accuracy, lon, lat, course, heading, second, regional, shiptype;
	int32_t to_bow, to_stern, to_port, to_starboard, epfd, raim, dte, assigned;
	char shipname[21];
};
struct ais_aton { /* 21 */
	int32_t aid_type, accuracy, lon, lat, to_bow, to_stern, to_port, to_starboard, epfd, second;
	int32_t off_position, regional, raim, virtual_aid, assigned;
	char name[35]; /* 20 characters and up to 14 of the extension */
};
struct ais_static_b { /* 24 A and B */
	int32_t partno, shiptype, model, serial, to_bow, to_stern, to_port, to_starboard, mothership_mmsi, epfd;
	char shipname[21], vendorid[4], callsign[8];
};
struct ais_long_range { /* 27: lon, lat 1/10 min, speed kt, course deg */
	int32_t accuracy, raim, status, lon, lat, speed, course, gnss;
};

struct ais_message {
	int32_t type, repeat, mmsi;
	unsigned bits;	 /* length as received */
	unsigned layout; /* index of the table that filled it; 0 = type not supported */
	union {
		struct ais_position position;
		struct ais_base base;
		struct ais_static fixed;
		struct ais_sar sar;
		struct ais_text text;
		struct ais_class_b class_b;
		struct ais_class_b_ext class_b_ext;
		struct ais_aton aton;
		struct ais_static_b static_b;
		struct ais_long_range long_range;
	};
};

enum ais_message_kind {
	AIS_FIELD_UINT,
	AIS_FIELD_INT,
	AIS_FIELD_BOOL,
	AIS_FIELD_TEXT,	     /* six-bit ASCII, cut at the first '@', trailing spaces stripped */
	AIS_FIELD_TEXT_MORE, /* continues the text in front of it, as far as the message goes */
	AIS_FIELD_TURN,	     /* JSON: sign x (raw / 4.733)^2 deg/min */
	AIS_FIELD_PART,	     /* filled, but JSON shows it as part of a time */
	AIS_FIELD_ETA,	     /* JSON only: month, day, hour, minute at offset */
	AIS_FIELD_TIMESTAMP, /* JSON only: year .. second at offset */
};

#define AIS_FIELD_ALWAYS INT32_MIN /* `none`: every raw value means something */

struct ais_message_field {
	const char *name; /* gpsd's */
	uint16_t bit, width;
	uint16_t offset; /* in struct ais_message: int32_t, or char[] for texts */
	uint16_t kind;
	int32_t none;	       /* raw value that means "not available" */
	int32_t den, decimals; /* value = raw / den, printed with so many decimals at most */
};

struct ais_message_layout {
	const struct ais_message_field *fields;
	unsigned n_fields;
	unsigned min_bits, max_bits;
};

/** ais_message_layout() - the table @m was filled by; NULL when its type is not supported. */
const struct ais_message_layout *ais_message_layout(const struct ais_message *m);

/**
 * ais_message_decode() - the bits of one whole message
 * @bits:   AIS_MESSAGE_BYTES, zero behind the message
 * @n_bits: its length
 *
 * Return: AIS_FAULT_NONE, _LENGTH or _TYPE. A type that is not supported is no fault: layout is then 0.
 */
enum ais_fault ais_message_decode(const uint8_t *bits, unsigned n_bits, struct ais_message *ret_m);

/** ais_message_hash() - mixes every field of @m into @seed, to prove that all were decoded. */
uint64_t ais_message_hash(const struct ais_message *m, uint64_t seed);
