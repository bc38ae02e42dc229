/*
 * ais_encode - AIS messages from values: the bits of ITU-R M.1371-5 annex 8, the sentences of IEC 61162-1.
 *
 * Two levels: ais_encode_message() is the reverse of ais_message_decode(), from the same tables and in raw values, for all
 * types; ais_encode_typeN() are for who has values in SI units (the simulator). No I/O, no clock, no allocation.
 * In the latter unknown is NaN for doubles, 0 or "" for identities; encoded as the message's own "not available".
 */
#pragma once

#include "sensor/decode/ais/ais_message.h"

#define AIS_ENCODE_BITS_MAX AIS_MESSAGE_BITS_MAX
#define AIS_ENCODE_SENTENCE_MAX 84 /* IEC 61162-1: 82 with CR LF; NUL */
#define AIS_ENCODE_SENTENCES_MAX 3 /* 1080 bits are 180 characters, 60 a sentence */
#define AIS_ENCODE_TAG_MAX 81	   /* NMEA 0183 4.x: a tag block has 80 characters at most; NUL */

/* A message as it goes on air: most significant bit first. */
struct ais_encode_message {
	uint8_t bytes[AIS_ENCODE_BITS_MAX / 8 + BITS_SLACK];
	unsigned bits;
};

/**
 * ais_encode_message() - @m as it goes on air
 * @m: type, mmsi, layout, bits (its length) and the fields of its layout; types 6 and 8 are encoded from binary.data
 *
 * Spare bits are 0. Return: 0, or -EINVAL when there is no layout or the length is none of its.
 */
int ais_encode_message(const struct ais_message *m, struct ais_encode_message *ret_e);

/**
 * ais_encode_application() - makes binary.data of binary.app
 * @m:      type, application and the fields of its layout; binary.data, bits and layout are set
 * @n_bits: length of the data
 *
 * Return: 0, or -EINVAL when the length is none of its layout's.
 */
int ais_encode_application(struct ais_message *m, unsigned n_bits);

/**
 * ais_encode_is_canonical() - does @m, decoded from @bits, give the same bits again?
 *
 * Not when bits the standard calls spare, or that no field covers, are 1.
 */
bool ais_encode_is_canonical(const struct ais_message *m, const uint8_t *bits);

/* Types 1 and 18. */
struct ais_encode_position {
	uint32_t mmsi;
	unsigned status;   /* type 1: M.1371-5 table 45; 14 = distress, 15 = undefined */
	double rot_rad_s;  /* type 1: rate of turn, positive to starboard; NaN = not available */
	double sog_mps;	   /* 0..52.5; more is sent as 102.2 kt */
	bool accurate;	   /* better than 10 m */
	double lat_rad, lon_rad;
	double cog_rad, heading_rad;
	unsigned second; /* UTC second of the fix, 0..59; 60 = not available */
};

/* Type 4. */
struct ais_encode_base {
	uint32_t mmsi;
	int64_t time_ns; /* UTC */
	double lat_rad, lon_rad;
};

/* Types 5 and 24: the ship and her voyage. */
struct ais_encode_static {
	uint32_t mmsi, imo;
	const char *callsign, *name, *destination; /* borrowed; cut to 7, 20, 20 characters */
	unsigned ship_type;			   /* M.1371-5 table 53 */
	unsigned bow_m, stern_m, port_m, starboard_m; /* from the reference point; <= 511, 511, 63, 63 */
	unsigned eta_month, eta_day, eta_hour, eta_minute; /* 0 0 24 60 = not available */
	double draught_m;
};

/* Type 21. */
struct ais_encode_aton {
	uint32_t mmsi;
	unsigned kind; /* M.1371-5 table 74 */
	const char *name; /* borrowed, up to 34 characters */
	double lat_rad, lon_rad;
	unsigned second;
	bool off_position, is_virtual;
};

void ais_encode_type1(const struct ais_encode_position *p, struct ais_encode_message *ret_m);
void ais_encode_type4(const struct ais_encode_base *b, struct ais_encode_message *ret_m);
void ais_encode_type5(const struct ais_encode_static *s, struct ais_encode_message *ret_m);
/** ais_encode_type14() - a safety text of up to 156 characters, as a SART sends "SART ACTIVE". */
void ais_encode_type14(uint32_t mmsi, const char *text, struct ais_encode_message *ret_m);
void ais_encode_type18(const struct ais_encode_position *p, struct ais_encode_message *ret_m);
void ais_encode_type21(const struct ais_encode_aton *a, struct ais_encode_message *ret_m);
void ais_encode_type24a(uint32_t mmsi, const char *name, struct ais_encode_message *ret_m);
void ais_encode_type24b(const struct ais_encode_static *s, struct ais_encode_message *ret_m);

/* What a receiver puts before a sentence. Unknown: NULL or 0, left out. */
struct ais_encode_tag {
	const char *source; /* borrowed; 1..15 characters */
	int64_t time_ms;    /* Unix time */
	unsigned part, parts, group; /* "g:part-parts-group" */
};

/** ais_encode_tag() - `\g:1-2-7,s:STATION,c:1748779200123*hh\`. Return: its length, less than AIS_ENCODE_TAG_MAX. */
unsigned ais_encode_tag(const struct ais_encode_tag *t, char ret_text[AIS_ENCODE_TAG_MAX]);

/**
 * ais_encode_sentences() - the message as !AIVDM sentences, each ended by CR LF
 * @channel: 'A' or 'B'
 * @seq:     0..9, the group's number; shown only when there is more than one sentence
 *
 * Return: number of sentences, 1..AIS_ENCODE_SENTENCES_MAX.
 */
unsigned ais_encode_sentences(const struct ais_encode_message *m, char channel, unsigned seq,
	char ret_lines[AIS_ENCODE_SENTENCES_MAX][AIS_ENCODE_SENTENCE_MAX]);
