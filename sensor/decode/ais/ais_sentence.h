/*
 * ais_sentence - one `!ttVDM,n,i,seq,ch,payload,fill*hh` and the tag block before it.
 *
 * Pure parsing of borrowed bytes; the payload is not copied. Lenient where receivers differ: any talker, any or no channel, any
 * sequence number, n = 0, long payloads. Sources: IEC 61162-1 (VDM, VDO), NMEA 0183 4.x TAG blocks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Why a sentence or message was dropped (or, TAG, a part of it). Each is one counter. */
enum ais_fault {
	AIS_FAULT_NONE,
	AIS_FAULT_GARBAGE,   /* a line that is no sentence of any kind */
	AIS_FAULT_TRUNCATED, /* no checksum before the line's end */
	AIS_FAULT_CHECKSUM,
	AIS_FAULT_FORMAT,   /* fields missing or not numbers */
	AIS_FAULT_ARMOUR,   /* an illegal payload character */
	AIS_FAULT_FRAGMENT, /* a fragment without the rest: timed out, superseded or evicted */
	AIS_FAULT_LENGTH,   /* the message's bits do not fit its type */
	AIS_FAULT_TYPE,	    /* type 0 or above 27 */
	AIS_FAULT_TAG,	    /* tag block with a bad checksum: the sentence is kept */
	_AIS_FAULT_MAX,
};

#define AIS_SENTENCE_STATION_MAX 16

struct ais_sentence {
	uint16_t talker; /* two characters, first one in the high byte */
	bool own;	 /* VDO: of our own ship */
	uint8_t n, i;	 /* 1 <= i <= n <= 9 */
	uint8_t seq;	 /* 255: none */
	char channel;	 /* 0: none */
	uint8_t fill;	 /* 0..5 */
	const char *payload;
	unsigned payload_len;
	/* From a tag block or what receiver networks append (`,station,unixtime`). 0 = none */
	uint32_t group; /* of sentences that belong together: the third number of `g:` */
	int64_t time_ns;
	char station[AIS_SENTENCE_STATION_MAX];
	const char *end; /* the first byte behind it */
};

/**
 * ais_sentence_parse() - @p points at '!', the input ends at @end; the sentence ends with its line
 *
 * On AIS_FAULT_CHECKSUM and _FORMAT ret_s->end is set, too, so that the caller can go on behind the sentence.
 * Return: AIS_FAULT_NONE or the reason.
 */
enum ais_fault ais_sentence_parse(const char *p, const char *end, struct ais_sentence *ret_s);

/** ais_sentence_is_vdm() - true when an AIS sentence starts at @p. */
bool ais_sentence_is_vdm(const char *p, const char *end);

/**
 * ais_sentence_tag() - the tag block `\...*hh\` between @p and @end (both backslashes included)
 *
 * Sets time (c), station (s) and group (g) of @s; what else a block may hold (d, i, n, q, r, t) has no place there.
 * Return: AIS_FAULT_NONE, or AIS_FAULT_TAG with @s untouched.
 */
enum ais_fault ais_sentence_tag(const char *p, const char *end, struct ais_sentence *s);
