/*
 * adsb_message - one Mode S frame as values: replies, squitters, extended squitters.
 *
 * Two tables drive decoding, encoding, JSON and checksum: adsb_message_values says what each value is, the layouts in
 * adsb_message.c where its bits stand (a row a downlink format, a row a type code and subtype). Every value is an int32_t in
 * the unit its name says; ADSB_NONE = not available or not in this frame.
 * Source: ICAO Annex 10 volume IV, 3.1.2 (Mode S); RTCA DO-260B 2.2.3.2 and Doc 9871 appendices A-C (extended squitter);
 * DO-260B 2.2.17/2.2.18 (TIS-B, ADS-R).
 */
#pragma once

#include "sensor/decode/adsb/adsb_code.h"
#include "sensor/decode/bits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADSB_MESSAGE_SHORT 7
#define ADSB_MESSAGE_LONG 14
#define ADSB_MESSAGE_ME 4 /* byte where a squitter's or a reply's 56-bit message begins */
#define ADSB_MESSAGE_ME_BYTES 7

/* In the order in which JSON shows them. */
enum adsb_value {
	ADSB_CA, ADSB_CF, ADSB_FS, ADSB_VS, ADSB_CC, ADSB_SL, ADSB_RI, ADSB_DR, ADSB_UM, ADSB_IID,
	ADSB_SBS, /* 1..8: a BaseStation line, and its kind */
	ADSB_TC, ADSB_SUBTYPE, ADSB_CATEGORY,
	ADSB_ALT_FT, ADSB_ALT_METRIC, ADSB_ALT_GEO_FT, ADSB_GEO_MINUS_BARO_FT,
	ADSB_CPR_ODD, ADSB_CPR_LAT, ADSB_CPR_LON, ADSB_UTC,
	ADSB_LAT_E7, ADSB_LON_E7, /* put there by adsb_aircraft */
	ADSB_MOVEMENT, ADSB_EW_KT, ADSB_NS_KT,
	ADSB_GS_MILLIKT, ADSB_TRACK_MILLIDEG, ADSB_HEADING_MILLIDEG, ADSB_IS_TAS, ADSB_AIRSPEED_KT,
	ADSB_VRATE_FPM, ADSB_VRATE_BARO, ADSB_INTENT, ADSB_IFR, ADSB_NAC_V,
	ADSB_SQUAWK, ADSB_EMERGENCY, ADSB_EMERGENCY_FLAG, ADSB_SS, ADSB_ALERT, ADSB_SPI, ADSB_GROUND,
	ADSB_SEL_ALT_FMS, ADSB_SEL_ALT_FT, ADSB_QNH_DECIMB, ADSB_SEL_HEADING_MILLIDEG,
	ADSB_MODES, ADSB_AUTOPILOT, ADSB_VNAV, ADSB_ALT_HOLD, ADSB_APPROACH, ADSB_LNAV,
	ADSB_VERSION, ADSB_NIC_A, ADSB_NIC_B, ADSB_NIC_C, ADSB_NAC_P, ADSB_GVA, ADSB_SIL, ADSB_SIL_SUPP, ADSB_NIC_BARO,
	ADSB_SDA, ADSB_HRD, ADSB_TRK_HDG, ADSB_TCAS, ADSB_ES_IN, ADSB_UAT_IN, ADSB_ARV, ADSB_TS, ADSB_TRAJECTORY,
	ADSB_POA, ADSB_B2_LOW, ADSB_LENGTH_WIDTH, ADSB_ANTENNA_OFFSET, ADSB_RA, ADSB_IDENT, ADSB_ATC, ADSB_SINGLE_ANTENNA,
	ADSB_NIC, ADSB_RC_M, /* put there by adsb_aircraft */
	_ADSB_VALUE_MAX,
};

/* How JSON shows a value. */
enum adsb_show { ADSB_SHOW_INT, ADSB_SHOW_BOOL, ADSB_SHOW_SCALED, ADSB_SHOW_NAME, ADSB_SHOW_SQUAWK, ADSB_SHOW_CATEGORY };

struct adsb_message_value {
	const char *key;
	enum adsb_show show;
	int32_t den;			/* SCALED: value / den ... */
	uint8_t decimals;		/* ... with so many decimals at most */
	const char *const *names;	/* NAME: one for each value */
};

extern const struct adsb_message_value adsb_message_values[_ADSB_VALUE_MAX];

enum adsb_fault {
	ADSB_FAULT_NONE,
	ADSB_FAULT_GARBAGE,   /* bytes that begin no frame */
	ADSB_FAULT_TRUNCATED, /* a frame without its end */
	ADSB_FAULT_KIND,      /* a Beast message of an unknown kind */
	ADSB_FAULT_TEXT,      /* AVR with wrong characters, or of no frame's length */
	ADSB_FAULT_SBS,	      /* a BaseStation line with missing or impossible fields */
	ADSB_FAULT_LENGTH,    /* a frame too short or long for its format */
	ADSB_FAULT_PARITY,    /* DF11, 17, 18 with wrong parity */
	ADSB_FAULT_DF,	      /* a downlink format that is not assigned, or military */
	_ADSB_FAULT_MAX,
};

struct adsb_message {
	uint8_t df;
	uint8_t tc;	   /* 0..31; of squitters only */
	bool is_squitter;  /* DF17, or DF18 with a message of ADS-B's layouts */
	bool is_laid_out;  /* its layout is known: everything in its message is in v[] */
	bool is_icao;	   /* @address was given by ICAO; otherwise it is anonymous, a ground vehicle's or a track number */
	bool has_address;  /* @address is protected by parity of its own; otherwise parity and address are one */
	bool is_verified;  /* @address is believed: adsb_aircraft sets it for the others */
	uint32_t address;  /* 24 bits */
	uint32_t residual; /* DF11: the interrogator's code */
	int32_t v[_ADSB_VALUE_MAX];
	char callsign[ADSB_CODE_CALLSIGN + 1]; /* "" = none */

	/* from the framing */
	uint64_t ticks; /* 12 MHz since whenever, 48 bits; UINT64_MAX = none */
	int32_t rssi;	/* 1..255, of 255; ADSB_NONE = unknown */
	uint8_t size;	/* of the frame in bytes; 0 = none: a BaseStation line */
	uint8_t bytes[ADSB_MESSAGE_LONG + BITS_SLACK];
};

/** adsb_message_init() - everything unknown. */
void adsb_message_init(struct adsb_message *m);

/**
 * adsb_message_decode() - a frame
 * @frame: borrowed; @size is 7 or 14 bytes
 *
 * Return: what is wrong with it; @ret_m is whole when nothing is.
 */
enum adsb_fault adsb_message_decode(const uint8_t *frame, size_t size, struct adsb_message *ret_m);

/**
 * adsb_message_encode() - the frame of a message's values; the inverse of adsb_message_decode()
 *
 * Takes df, tc, address, residual, callsign and v[]; values that are derived (speed from its components) are not looked at.
 * Formats or type codes without a layout have a message of zeros. Return: bytes, 7 or 14; -EINVAL for a format we have not.
 */
int adsb_message_encode(const struct adsb_message *m, uint8_t ret_frame[static ADSB_MESSAGE_LONG]);

/** adsb_message_hash() - mixes every value into @seed. */
uint64_t adsb_message_hash(const struct adsb_message *m, uint64_t seed);
