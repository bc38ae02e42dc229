/*
 * nmea_encode - sentences from their structures, and the datagrams of IEC 61162-450 from sentences.
 *
 * For the simulator and for tests. What nmea_decode() read from a canonical sentence is written again byte for byte. Not canonical,
 * and written as it should have been: numbers with a plus sign, "-0" or a point behind the last digit; lower-case hexadecimal; a
 * field that is not what its sentence says (written as null); fields beyond the sentence's; a tag block's unknown letters;
 * a TTD payload that is not whole targets. No I/O, no clock, no allocation.
 */
#pragma once

#include "sensor/decode/nmea/nmea_message.h"

#define NMEA_ENCODE_FRAME_MAX 1472 /* IEC 61162-450, 7.2.1: one Ethernet frame */

/**
 * nmea_encode_sentence() - tag block, when @m has one, sentence, CR LF
 * @out: its `full` says that there was no room
 */
void nmea_encode_sentence(const struct nmea_message *m, struct jot *out);

/* Who sends: `s:` and `n:` of the tag blocks. */
struct nmea_encode_source {
	const char *function; /* "ccxxxx", e.g. "RA0001"; borrowed */
	unsigned line;	      /* last one used; 0 at first */
};

struct nmea_encode_frame {
	size_t size;
	char bytes[NMEA_ENCODE_FRAME_MAX];
};

void nmea_encode_begin(struct nmea_encode_frame *f);

/**
 * nmea_encode_add() - one more line, with the source's tag block instead of @m's own
 *
 * Return: false when there is no room; frame and line counter are as before.
 */
bool nmea_encode_add(struct nmea_encode_frame *f, struct nmea_encode_source *source, const struct nmea_message *m);
