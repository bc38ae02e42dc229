/*
 * adsb_aircraft - who has been heard lately, and what single frames do not tell: whose address a reply's parity hides, where an
 * aircraft is from two halves of a position, what it said of its accuracy.
 *
 * A fixed table of sets of WAYS places by a hash of the address; in a full set the least recently heard makes room. Nothing is
 * allocated; a frame costs one set. Times are the caller's, ns; 0 = unknown, as in a log without times: then nothing expires, and a
 * position message is taken to come within 10 s of the one before.
 *
 * Positions (RTCA DO-260B 2.2.10, appendix A.1.7): globally from an even and an odd message within 10 s; on the surface within 50 s
 * below 25 kt and 25 s above or when the speed is unknown, with the site or the last place as reference. Otherwise locally, from
 * the last place, when that is not older than 60 s. A first position is believed when a second one could have been
 * reached from it; then each must be reachable from the last. Four in a row that are not begin anew.
 */
#pragma once

#include "sensor/decode/adsb/adsb_cpr.h"
#include "sensor/decode/adsb/adsb_message.h"
#include "sensor/decode/adsb/adsb_quality.h"

#define ADSB_AIRCRAFT_SETS 512 /* a power of two */
#define ADSB_AIRCRAFT_WAYS 8
#define ADSB_AIRCRAFT_KNOWN_NS INT64_C(60000000000)   /* an address is believed in replies so long after a good squitter */
#define ADSB_AIRCRAFT_FORGET_NS INT64_C(300000000000) /* then everything about it is forgotten */

struct adsb_aircraft {
	uint32_t key;	 /* 0 = free */
	uint64_t heard;	 /* the table's clock: least = least recently */
	int64_t seen_ns; /* any frame */
	int64_t sure_ns; /* a frame whose address has parity of its own */

	struct adsb_half {
		struct adsb_cpr cpr;
		int64_t time_ns;
		bool valid;
	} halves[2];
	struct adsb_cpr_point place; /* believed, or a candidate for it */
	int64_t place_ns;
	enum { ADSB_PLACE_NONE, ADSB_PLACE_CANDIDATE, ADSB_PLACE_BELIEVED } belief;
	uint8_t refused; /* in a row */

	int32_t gs_millikt, track_millideg; /* of the last velocity; ADSB_NONE = unknown */
	int64_t velocity_ns;
	int32_t geo_minus_baro_ft;
	int64_t geo_minus_baro_ns;
	struct adsb_quality quality;
	char callsign[ADSB_CODE_CALLSIGN + 1];
};

struct adsb_aircraft_stats {
	uint64_t positions;   /* put into messages */
	uint64_t unpaired;    /* position messages without their other half, or its reference */
	uint64_t implausible; /* positions that could not have been reached */
	uint64_t unknown;     /* replies of addresses not heard lately */
	uint64_t evicted;     /* aircraft that had to make room */
};

struct adsb_aircraft_table {
	uint64_t clock;
	struct adsb_aircraft_stats stats;
	struct adsb_aircraft aircraft[ADSB_AIRCRAFT_SETS][ADSB_AIRCRAFT_WAYS];
};

/**
 * adsb_aircraft_take() - a message into the table, and what the table knows into the message
 * @time_ns: receive time; 0 = unknown
 * @site:    reference of surface positions; NULL when there is none
 *
 * Sets is_verified, the position, NIC and its radius. Return: the aircraft, borrowed until the next call; NULL for a
 * reply whose address is not believed.
 */
const struct adsb_aircraft *adsb_aircraft_take(struct adsb_aircraft_table *t, struct adsb_message *m, int64_t time_ns,
	const struct adsb_cpr_point *site);

/** adsb_aircraft_forget_halves() - the next frames do not follow the last ones. */
void adsb_aircraft_forget_halves(struct adsb_aircraft_table *t);

/** adsb_aircraft_elapsed() - ns from @then to @now, whichever is first; -1 when either is unknown. */
int64_t adsb_aircraft_elapsed(int64_t now_ns, int64_t then_ns);
