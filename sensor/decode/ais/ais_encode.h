/*
 * ais_encode - AIS messages from values: the bits of ITU-R M.1371-5 annex 8, the sentences of IEC 61162-1.
 *
 * For the simulator and for tests (decode(encode(x)) == x). No I/O, no clock, no allocation.
 * Unknown: NaN for doubles, 0 or "" for identities; encoded as the message's own "not available".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AIS_ENCODE_BITS_MAX 1008	 /* M.1371-5: five slots */
#define AIS_ENCODE_SENTENCE_MAX 84 /* IEC 61162-1: 82 with CR LF; NUL */
#define AIS_ENCODE_SENTENCES_MAX 3 /* 1008 bits are 168 characters, 60 a sentence */

/* A message as it goes on air: most significant bit first. */
struct ais_encode_message {
	uint8_t bytes[AIS_ENCODE_BITS_MAX / 8];
	unsigned bits;
};

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

/**
 * ais_encode_sentences() - the message as !AIVDM sentences, each ended by CR LF
 * @channel: 'A' or 'B'
 * @seq:     0..9, the group's number; shown only when there is more than one sentence
 *
 * Return: number of sentences, 1..AIS_ENCODE_SENTENCES_MAX.
 */
unsigned ais_encode_sentences(const struct ais_encode_message *m, char channel, unsigned seq,
	char ret_lines[AIS_ENCODE_SENTENCES_MAX][AIS_ENCODE_SENTENCE_MAX]);
