/*
 * ais_assembly - puts the sentences of one message together, whatever lies between them.
 *
 * A message under way is known by (source, talker, sequence number, channel, count). Bounded: AIS_ASSEMBLY_MAX at a time, the
 * oldest gives way; one that is not whole after AIS_ASSEMBLY_TIMEOUT_NS is dropped. Fragments may come in any order.
 */
#pragma once

#include "sensor/decode/ais/ais_message.h"

#define AIS_ASSEMBLY_MAX 64
#define AIS_ASSEMBLY_TIMEOUT_NS INT64_C(4000000000) /* sentences of a message follow within a second; 2-5 s is common practice */

struct ais_assembly_entry {
	uint64_t key; /* 0 = free */
	int64_t first_ns;
	unsigned order; /* age, for eviction */
	unsigned n, have;
	uint8_t fill;
	uint16_t start[9], len[9], used;
	char text[AIS_MESSAGE_CHARS_MAX];
};

struct ais_assembly {
	unsigned clock, in_use;
	uint64_t lost; /* messages given up */
	struct ais_assembly_entry entries[AIS_ASSEMBLY_MAX];
};

/**
 * ais_assembly_add() - one fragment
 * @source:  who sent it (an address; any number that tells senders apart)
 * @ret_text: the whole message's armoured characters, AIS_MESSAGE_CHARS_MAX, when it returns > 0
 * @ret_fill: its fill bits
 *
 * Return: > 0 the number of characters, 0 when more is needed, -EMSGSIZE when the message is too long (dropped).
 */
int ais_assembly_add(struct ais_assembly *a, const struct ais_sentence *s, uint32_t source, int64_t now_ns,
	char *ret_text, uint8_t *ret_fill);
