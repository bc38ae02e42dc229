/*
 * adsb_layout - where the bits of each downlink format and each type code stand: the tables behind adsb_message.
 */
#pragma once

#include "sensor/decode/adsb/adsb_message.h"

/* How bits become a value and back. */
enum adsb_coding {
	ADSB_PLAIN,
	ADSB_STEP,	   /* 0 = none, else (n - 1) x lsb */
	ADSB_SIGNED_STEP,  /* a sign bit (1 = negative), then as STEP */
	ADSB_ALTITUDE12,
	ADSB_ALTITUDE13,
	ADSB_SQUAWK13,
	ADSB_ANGLE,	   /* a full turn in 2^width steps, millidegrees */
	ADSB_STATUS_ANGLE, /* a bit "valid", then as ANGLE; none when it is 0 */
	ADSB_QNH,	   /* 0 = none, else 800 mb + (n - 1) x 0.8 mb, in tenths */
	_ADSB_CODING_MAX,
};

struct adsb_layout_bits {
	uint8_t value;	    /* enum adsb_value */
	uint8_t bit, width; /* from the frame's, or the message's, first bit */
	uint8_t coding;
	int32_t lsb;
};

/* Of one downlink format. */
struct adsb_layout_df {
	uint8_t size; /* bytes; 0 = not ours */
	bool has_address;
	unsigned n_bits;
	const struct adsb_layout_bits *bits;
};

/* Of one type code and subtype: bits from the message's first. */
struct adsb_layout_me {
	uint8_t tc_first, tc_last;
	uint8_t subtype_width; /* behind the type code; 0 = none */
	uint8_t subtype_first, subtype_last;
	uint8_t callsign_bit; /* 48 bits of text from there on; 0 = none */
	uint8_t imf_bit; /* TIS-B and ADS-R: set when the address is not ICAO's; 0 = there is none */
	unsigned n_bits;
	const struct adsb_layout_bits *bits;
	void (*derive)(struct adsb_message *m); /* values that follow from others; may be NULL */
};

/** adsb_layout_df() - of 0..31; its size is 0 when it is not ours. */
const struct adsb_layout_df *adsb_layout_df(unsigned df);

/** adsb_layout_me() - of a message, from its first byte (type code and subtype); NULL when we have none. */
const struct adsb_layout_me *adsb_layout_me(uint8_t first);

/** adsb_layout_get() - @bits of @p as a value; @p has BITS_SLACK readable bytes behind it. */
int32_t adsb_layout_get(const struct adsb_layout_bits *bits, const uint8_t *p);
/** adsb_layout_put() - ors @value into @p, whose bits are 0. What cannot be sent becomes 0. */
void adsb_layout_put(const struct adsb_layout_bits *bits, int32_t value, uint8_t *p);
