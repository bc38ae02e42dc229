/*
 * ais_assembly - puts the sentences of one message together, whatever lies between them.
 *
 * A message under way is known by (source, talker, sequence number, channel, count, tag block group). Bounded: AIS_ASSEMBLY_MAX at
 * a time, the oldest gives way; one that is not whole after AIS_ASSEMBLY_TIMEOUT_NS is dropped. Fragments may come in any order.
 */
#pragma once

#include "sensor/decode/ais/ais_armour.h"
#include "sensor/decode/ais/ais_message.h"

#define AIS_ASSEMBLY_MAX 64
#define AIS_ASSEMBLY_TIMEOUT_NS INT64_C(4000000000) /* sentences of a message follow within a second; 2-5 s is common practice */

struct ais_assembly_entry {
	int64_t first_ns;
	unsigned n, have; /* bit i: sentence i is here */
	uint8_t fill;
	uint16_t start[9], len[9], used;
	bool in_order;
	int64_t time_ns; /* the first that a sentence had, as its station */
	char station[AIS_SENTENCE_STATION_MAX];
	char text[AIS_ARMOUR_TEXT(AIS_MESSAGE_CHARS_MAX)];
};

struct ais_assembly {
	unsigned clock;
	uint64_t lost;	     /* messages given up */
	int64_t swept_ns;    /* when the timeouts were looked at last */
	uint64_t in_use;     /* bit i: entry i holds a message under way */
	unsigned order[AIS_ASSEMBLY_MAX];  /* age, for eviction */
	uint64_t senders[AIS_ASSEMBLY_MAX]; /* source, talker, sequence number, channel */
	uint64_t groups[AIS_ASSEMBLY_MAX];  /* tag block group, number of sentences */
	struct ais_assembly_entry entries[AIS_ASSEMBLY_MAX];
	char joined[AIS_ARMOUR_TEXT(AIS_MESSAGE_CHARS_MAX)];
};

/**
 * ais_assembly_add() - one fragment
 * @s:        of a whole message's last fragment time and station are set to the first that a fragment had, when it has none
 * @source:   who sent it (an address; any number that tells senders apart)
 * @ret_text: when it returns > 0 the whole message's armoured characters, AIS_ARMOUR_TEXT readable; borrowed until the next call
 * @ret_fill: its fill bits
 *
 * Return: > 0 the number of characters, 0 when more is needed, -EMSGSIZE when the message is too long or empty (dropped).
 */
int ais_assembly_add(struct ais_assembly *a, struct ais_sentence *s, uint32_t source, int64_t now_ns,
	const char **ret_text, uint8_t *ret_fill);
