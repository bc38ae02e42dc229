/*
 * ais_message - ITU-R M.1371-5 messages as structures of raw values, each type laid out by one const table.
 *
 * A field is its integer as transmitted; unit and LSB stand beside it and in the table, "not available" keeps its raw
 * value. The table of a type fills the structure, drives the JSON and encodes it again, so that the three cannot disagree.
 * What a message was padded with behind its texts is kept, too: encoding gives the same bits.
 */
#pragma once

#include "sensor/decode/ais/ais_application.h"
#include "sensor/decode/ais/ais_sentence.h"
#include "sensor/decode/bits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AIS_MESSAGE_CHARS_MAX 256 /* five slots carry 1,192 bits = 199 characters; receivers pad */
#define AIS_MESSAGE_SLACK 32 /* what the tables of the shortest messages may say behind their end */
#define AIS_MESSAGE_BYTES (AIS_MESSAGE_CHARS_MAX * 6 / 8 + AIS_MESSAGE_SLACK)
#define AIS_MESSAGE_BITS_MAX 1080 /* M.1371-5: type 26 may have 1064; three sentences of 60 characters */

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
struct ais_binary { /* 6 (addressed) and 8: seqno, dest_mmsi and retransmit are of 6 only */
	int32_t seqno, dest_mmsi, retransmit, dac, fid;
	struct ais_data data; /* behind dac and fid */
	union ais_application app; /* valid when the message's application is not 0 */
};
struct ais_acknowledge { /* 7, 13: who is thanked for which message; 0 = nobody */
	int32_t mmsi1, seqno1, mmsi2, seqno2, mmsi3, seqno3, mmsi4, seqno4;
};
struct ais_sar { /* 9: alt m, speed in whole knots */
	int32_t alt, speed, accuracy, lon, lat, course, second, regional, dte, assigned, raim, radio;
};
struct ais_inquiry { /* 10 */
	int32_t dest_mmsi;
};
struct ais_text { /* 12 (addressed) and 14: seqno, dest_mmsi and retransmit are of 12 only */
	char text[174]; /* 161 characters by the standard */
	int32_t seqno, dest_mmsi, retransmit;
};
struct ais_interrogation { /* 15: 0 = not asked */
	int32_t mmsi1, type1_1, offset1_1, type1_2, offset1_2, mmsi2, type2_1, offset2_1;
};
struct ais_assignment { /* 16: slots, or reports in 10 min when the increment is 0 */
	int32_t mmsi1, offset1, increment1, mmsi2, offset2, increment2;
};
struct ais_dgnss { /* 17: lon, lat 1/10 min; data: ITU-R M.823 header and words */
	int32_t lon, lat;
	struct ais_data data;
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
struct ais_slots { /* 20: slots, minutes (timeout), slots; all 0 = none */
	int32_t offset1, number1, timeout1, increment1, offset2, number2, timeout2, increment2;
	int32_t offset3, number3, timeout3, increment3, offset4, number4, timeout4, increment4;
};
struct ais_aton { /* 21 */
	int32_t aid_type, accuracy, lon, lat, to_bow, to_stern, to_port, to_starboard, epfd, second;
	int32_t off_position, regional, raim, virtual_aid, assigned;
	char name[35]; /* 20 characters and up to 14 of the extension */
};
struct ais_channels { /* 22: an area in 1/10 min, or two stations when addressed */
	int32_t channel_a, channel_b, txrx, power, ne_lon, ne_lat, sw_lon, sw_lat, dest1, dest2;
	int32_t addressed, band_a, band_b, zonesize; /* zonesize: 0 = 1 nautical mile */
};
struct ais_command { /* 23: corners in 1/10 min, quiet min */
	int32_t ne_lon, ne_lat, sw_lon, sw_lat, stationtype, shiptype, txrx, interval, quiet;
};
struct ais_static_b { /* 24 A and B */
	int32_t partno, shiptype, model, serial, to_bow, to_stern, to_port, to_starboard, mothership_mmsi, epfd;
	char shipname[21], vendorid[4], callsign[8]; /* shipname of a B: what its A said before; "" = unknown */
	struct ais_data data;			     /* of a part the standard does not know */
};
struct ais_slot_binary { /* 25 and 26: dest_mmsi when addressed, app_id (dac and fid) when structured, radio of 26 only */
	int32_t addressed, structured, dest_mmsi, app_id, radio;
	struct ais_data data;
};
struct ais_long_range { /* 27: lon, lat 1/10 min, speed kt, course deg */
	int32_t accuracy, raim, status, lon, lat, speed, course, gnss;
};

/* Which table fills a message: 1..27 the type's own, these where a type has several. */
enum ais_message_layouts {
	AIS_LAYOUT_CHANNELS_ADDRESSED = 28, /* 22 */
	AIS_LAYOUT_PART_B,		    /* 24 */
	AIS_LAYOUT_PART_B_AUXILIARY,
	AIS_LAYOUT_PART_OTHER,
	AIS_LAYOUT_SLOT_STRUCTURED, /* 25: neither flag is the type's own */
	AIS_LAYOUT_SLOT_ADDRESSED,
	AIS_LAYOUT_SLOT_BOTH,
	AIS_LAYOUT_SLOTS_STRUCTURED, /* 26 */
	AIS_LAYOUT_SLOTS_ADDRESSED,
	AIS_LAYOUT_SLOTS_BOTH,
	_AIS_LAYOUT_MAX,
};

struct ais_message {
	int32_t type, repeat, mmsi;
	unsigned bits;	      /* length as received */
	unsigned layout;      /* index of the table that filled it, > 0 */
	unsigned application; /* index of the table that filled binary.app; 0 = none: types 6 and 8 only */
	union {
		struct ais_position position;
		struct ais_base base;
		struct ais_static fixed;
		struct ais_binary binary;
		struct ais_acknowledge acknowledge;
		struct ais_sar sar;
		struct ais_inquiry inquiry;
		struct ais_text text;
		struct ais_interrogation interrogation;
		struct ais_assignment assignment;
		struct ais_dgnss dgnss;
		struct ais_class_b class_b;
		struct ais_class_b_ext class_b_ext;
		struct ais_slots slots;
		struct ais_aton aton;
		struct ais_channels channels;
		struct ais_command command;
		struct ais_static_b static_b;
		struct ais_slot_binary slot_binary;
		struct ais_long_range long_range;
	};
};

enum ais_message_kind {
	AIS_FIELD_UINT,
	AIS_FIELD_INT,
	AIS_FIELD_BOOL,
	AIS_FIELD_TEXT,	     /* six-bit ASCII, cut at the first '@', trailing spaces stripped; see ais_fields.h */
	AIS_FIELD_TEXT_MORE, /* continues the text of `add` characters in front of it, as far as the message goes */
	AIS_FIELD_TEXT_SAID, /* JSON only, when not empty: said by another message */
	AIS_FIELD_TURN,	     /* JSON: sign x (raw / 4.733)^2 deg/min */
	AIS_FIELD_LEVEL,     /* first bit: 1 = positive, 0 = negative; then the amount, 0 = not available */
	AIS_FIELD_PART,	     /* filled, but JSON shows it as part of a time */
	AIS_FIELD_ETA,	     /* JSON only: month, day, hour, minute at offset */
	AIS_FIELD_DAYTIME,   /* JSON only: day, hour, minute at offset */
	AIS_FIELD_TIMESTAMP, /* JSON only: year .. second at offset */
	AIS_FIELD_DATA,	     /* struct ais_data: from `bit` to `width` bits before the message's end */
	AIS_FIELD_TAIL,	     /* an unsigned number `bit` bits before the message's end */
};

#define AIS_FIELD_ALWAYS INT32_MIN /* `none`: every raw value means something */

struct ais_message_field {
	const char *name; /* gpsd's */
	uint16_t bit, width;
	uint16_t offset; /* in the structure: int32_t, char[] for texts, struct ais_data */
	uint16_t kind;
	int32_t none, none_to;	    /* raw values that mean "not available", both included */
	int32_t num, add, den, decimals; /* value = (raw x num + add) / den, printed with so many decimals at most */
};

struct ais_message_group;
struct ais_program;

struct ais_message_layout {
	const struct ais_message_field *fields;
	unsigned n_fields;
	unsigned min_bits, max_bits;
	bool open; /* may end before its last fields: those are 0 */
	const struct ais_message_group *group; /* what repeats behind the fields, or NULL */
	struct ais_program *program;	       /* see ais_program.h */
};

/* Items of the same length that repeat to the message's end, each laid out by what its first bits say it is. */
struct ais_message_group {
	const char *name; /* of the JSON array */
	unsigned bit, stride, max;
	unsigned kind_bits;				  /* 0 = all are kinds[0] */
	const struct ais_message_layout *kinds;		  /* bits from the item's first; offsets in the item */
	unsigned n_kinds;				  /* an item of a kind beyond is laid out by the last */
	size_t count, items, size; /* offsets in the message of the number (int32_t) and the items; size of one */
};

/** ais_message_layout() - the table @m was filled by. */
const struct ais_message_layout *ais_message_layout(const struct ais_message *m);

/** ais_message_layout_at() - each table: 1 .. _AIS_LAYOUT_MAX - 1; *ret_type is the type it is of. */
const struct ais_message_layout *ais_message_layout_at(unsigned layout, int32_t *ret_type);

/**
 * ais_message_decode() - the bits of one whole message
 * @bits:   AIS_MESSAGE_SLACK zero bytes behind the message
 * @n_bits: its length
 *
 * Return: AIS_FAULT_NONE, _LENGTH or _TYPE.
 */
enum ais_fault ais_message_decode(const uint8_t *bits, unsigned n_bits, struct ais_message *ret_m);

/** ais_message_hash() - mixes every field of @m into @seed, to prove that all were decoded. */
uint64_t ais_message_hash(const struct ais_message *m, uint64_t seed);
