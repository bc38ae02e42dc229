/*
 * ais - AIS text (a datagram, a log) to messages.
 *
 * Finds the sentences wherever they stand: several in a datagram, with or without line ends, behind tag blocks, numeric
 * prefixes or other wrappers. Every byte is looked at a bounded number of times; nothing is allocated; bad input is counted.
 *
 * Time: linear in the bytes, whatever they are. The dearest 64 KiB known take below 4,000,000 instructions, 1 ms on a core that does
 * four a nanosecond; tests/unit/sensor/test-ais-bounds.py counts them. Not for two threads at once: see ais_program.h.
 */
#pragma once

#include "sensor/decode/ais/ais_assembly.h"
#include "sensor/decode/ais/ais_names.h"

struct ais_stats {
	uint64_t bytes, sentences, fragments, messages;
	uint64_t others; /* sentences that are not AIS, comments */
	uint64_t faults[_AIS_FAULT_MAX];
};

struct ais {
	struct ais_assembly assembly;
	struct ais_names names;
	struct ais_stats stats;
};

/** A message; @s is its last sentence (channel, station, time). All borrowed during the call. */
typedef void (*ais_sink)(void *user, const struct ais_message *m, const struct ais_sentence *s);

void ais_init(struct ais *a);

/**
 * ais_decode() - all sentences in @data
 * @source: tells senders apart for reassembly; 0 for a file
 * @now_ns: receive time, for the reassembly's timeout; a file without times passes 0
 */
void ais_decode(struct ais *a, const char *data, size_t size, uint32_t source, int64_t now_ns, ais_sink sink,
	void *user);
