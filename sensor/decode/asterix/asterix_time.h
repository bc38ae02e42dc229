/*
 * asterix_time - times of day as UTC.
 *
 * A record says how long ago midnight was, in 1/128 s; which midnight, the receive time says: the nearest. CAT001's is
 * truncated to 16 bits (it turns over every 512 s); the full one comes with the same radar's CAT002 messages.
 * Source: I048/140, I034/030 and the like; I001/141 with its note, I002/030.
 */
#pragma once

#include "sensor/decode/asterix/asterix.h"

#define ASTERIX_TIME_SOURCES_MAX 8

/* How far each radar's clock, as its CAT002 messages tell, is from the receive time. Zero = nothing known yet. */
struct asterix_time {
	unsigned n, next;
	struct asterix_time_source {
		uint16_t source; /* SAC, SIC */
		int64_t ahead_ns;
	} of[ASTERIX_TIME_SOURCES_MAX];
};

/**
 * asterix_time_ns() - a time of day near midnight or not, as UTC
 * @tod_128: 1/128 s since midnight UTC
 * @near_ns: receive time; the result is the nearest within 12 hours
 */
int64_t asterix_time_ns(uint32_t tod_128, int64_t near_ns);

/** asterix_time_of() - the record's own time, nearest to @near_ns. Return: false when it has none. */
bool asterix_time_of(const struct asterix_record *r, int64_t near_ns, int64_t *ret_ns);

/**
 * asterix_time_near() - what to take the record's time near to: the receive time, for CAT001 by its radar's clock
 *
 * Notes the clock of CAT002 records on the way. @recv_ns 0 = unknown; then so is the result.
 */
int64_t asterix_time_near(struct asterix_time *t, const struct asterix_record *r, int64_t recv_ns);
