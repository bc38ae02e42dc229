/*
 * adsb - Mode S and ADS-B receivers' output (a datagram, a slice of a stream, a log) to messages.
 *
 * Frames are found wherever they stand; what is bad beside them is counted. Every byte is looked at a bounded number of times;
 * nothing is allocated. No bit is ever repaired: a frame is good or it is not.
 */
#pragma once

#include "sensor/decode/adsb/adsb_aircraft.h"
#include "sensor/decode/adsb/adsb_framing.h"

struct adsb_stats {
	uint64_t messages;    /* decoded: frames and BaseStation lines */
	uint64_t unsupported; /* of them: squitters of which only address and type are known */
	uint64_t modeac;      /* Mode A/C replies: nobody's */
	uint64_t others;      /* receivers' status, BaseStation lines that are no messages */
	uint64_t faults[_ADSB_FAULT_MAX];
};

struct adsb {
	struct adsb_stats stats;
	struct adsb_aircraft_table table;
};

/** A message and its aircraft (NULL: its address is not believed). Borrowed during the call. */
typedef void (*adsb_sink)(void *user, const struct adsb_message *m, const struct adsb_aircraft *a);

/**
 * adsb_decode() - all messages in @data
 * @recv_ns: receive time; 0 = unknown: the receiver's own clock then tells how much later one frame is than another
 * @site:    reference for surface positions; NULL when there is none
 */
void adsb_decode(struct adsb *a, const uint8_t *data, size_t size, int64_t recv_ns, const struct adsb_cpr_point *site,
	adsb_sink sink, void *user);

/** adsb_cut() - how many bytes at the front are whole messages. */
size_t adsb_cut(const uint8_t *data, size_t size);
