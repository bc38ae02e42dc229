/*
 * nmea - text of IEC 61162-1 (a datagram, a log) or datagrams of IEC 61162-450 to sentences.
 *
 * Finds the sentences wherever they stand: several on a line, behind tag blocks or other prefixes, with and without line ends.
 * AIS sentences (VDM, VDO) are counted and left to the decoder of that format. Every byte is looked at a bounded number of times;
 * nothing is allocated; bad input is counted. Source: IEC 61162-1, 7.1; IEC 61162-450, 7.2 and 7.3.
 */
#pragma once

#include "sensor/decode/nmea/nmea_lines.h"
#include "sensor/decode/nmea/nmea_message.h"

struct nmea_stats {
	uint64_t bytes;
	uint64_t sentences; /* whole ones of any kind */
	uint64_t messages;  /* of those, decoded */
	uint64_t ais;
	uint64_t others;       /* sentences we have no table for, comments */
	uint64_t frames;       /* datagrams that say UdPbC */
	uint64_t other_frames; /* and those that carry something else: files, images, other versions */
	uint64_t extra_fields, missing_fields;
	uint64_t faults[_NMEA_FAULT_MAX];
};

struct nmea {
	struct nmea_lines lines;
	struct nmea_stats stats;
};

/** A sentence, borrowed during the call like the bytes its texts point into. */
typedef void (*nmea_sink)(void *user, const struct nmea_message *m);

/**
 * nmea_decode() - all sentences in @data
 * @source: tells senders apart for the line counters; 0 for a file
 */
void nmea_decode(struct nmea *n, const char *data, size_t size, uint32_t source, nmea_sink sink, void *user);

/** nmea_is() - is there a sentence that we decode, or a datagram's header, and no AIS: that is for the other decoder? */
bool nmea_is(const char *data, size_t size);
