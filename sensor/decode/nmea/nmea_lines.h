/*
 * nmea_lines - how many lines a network lost, from the line counter that IEC 61162-450 puts before each (tag block `n:`).
 *
 * Every source, a sender's address with its system function (`s:`), counts its lines 1..999 and begins again. Up to
 * NMEA_LINES_SOURCES at a time, the one longest silent makes room. Source: IEC 61162-450, 7.2.3.4.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define NMEA_LINES_SOURCES 32
#define NMEA_LINES_MODULUS 999 /* 1..999 */
/* So far back a line is late, not the first after a restart: what networks reorder is next to each other. */
#define NMEA_LINES_LATE_MAX 16

struct nmea_lines {
	uint64_t seen; /* lines, to tell who is longest silent */
	uint64_t lost, late, restarts;
	struct nmea_lines_source {
		uint64_t seen; /* 0: free */
		uint64_t name;	/* a hash of the function's name */
		uint32_t address;
		uint16_t last;
	} sources[NMEA_LINES_SOURCES];
};

/**
 * nmea_lines_take() - one line's number
 * @address: tells senders apart
 * @name:    the source in its tag block, @size bytes; none is a name as well
 * @line:    as sent; outside 1..999 it is ignored
 *
 * Up to 499 missing numbers are lost lines; a number at most NMEA_LINES_LATE_MAX back is a late line (it has been counted as
 * lost) or one sent twice; any other step, and a 1 from afar, is a source that started again.
 */
void nmea_lines_take(struct nmea_lines *l, uint32_t address, const char *name, size_t size, int64_t line);

/** nmea_lines_reset() - forgets the sources, keeps the counts. */
void nmea_lines_reset(struct nmea_lines *l);
