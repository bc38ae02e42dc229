/*
 * adsb_framing - where frames stand in bytes: Beast binary, AVR text and BaseStation lines, mixed as they come.
 *
 * Beast: 1A, kind, 6 bytes of a 12 MHz clock, 1 byte of signal level (amplitude of 255), the frame; 1A within is doubled. Kinds
 * '1' Mode A/C (2 bytes), '2' short (7), '3' long (14), '4' the receiver's own status (14).
 * AVR: '*' hex ';', '@' or '%' 12 digits of the clock, hex ';', '<' clock, 2 digits of signal level, hex ';'.
 * BaseStation: lines of comma-separated fields; those of messages begin with "MSG,".
 * Source: the receivers' own descriptions (Mode-S Beast data output formats; BaseStation socket data). Forward only: each byte
 * is looked at a bounded number of times.
 */
#pragma once

#include "sensor/decode/adsb/adsb_message.h"

enum adsb_framing_kind {
	ADSB_FRAMING_MORE,   /* what begins here may go on: give it again with what follows, or it is truncated */
	ADSB_FRAMING_BLANK,  /* line ends, blanks */
	ADSB_FRAMING_FRAME,  /* a Mode S frame */
	ADSB_FRAMING_LINE,   /* a BaseStation line of a message */
	ADSB_FRAMING_MODEAC, /* a Mode A/C reply, which names nobody */
	ADSB_FRAMING_STATUS, /* a receiver's status, another kind of BaseStation line */
	ADSB_FRAMING_FAULT,  /* bytes to be skipped */
};

struct adsb_framing {
	enum adsb_framing_kind kind;
	enum adsb_fault fault;
	size_t used; /* bytes; 0 only with MORE */
	/* FRAME */
	uint8_t frame[ADSB_MESSAGE_LONG];
	size_t size;
	uint64_t ticks;
	int32_t rssi;
	/* LINE: without its line end */
	const char *line;
	size_t line_len;
};

/**
 * adsb_framing_next() - what stands at the front of @data; @size > 0
 * @last: nothing will follow: a line is whole without its end
 */
void adsb_framing_next(const uint8_t *data, size_t size, bool last, struct adsb_framing *ret_f);

/** adsb_framing_begins() - could a frame begin with these bytes? For files whose format nobody said. */
bool adsb_framing_begins(const uint8_t *data, size_t size);
