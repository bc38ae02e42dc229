/*
 * ais_names - what class B stations are called, from part A of their type 24, so that a part B can say it, too.
 *
 * Neither part waits for the other. Bounded: a place for AIS_NAMES_MAX stations, the newest of those that share one stays.
 */
#pragma once

#include "sensor/decode/ais/ais_message.h"

#define AIS_NAMES_MAX 1024

struct ais_names {
	struct ais_names_entry {
		int32_t mmsi; /* 0 = free */
		char name[21];
	} entries[AIS_NAMES_MAX];
};

/** ais_names_join() - keeps the name of a part A; gives a part B its own, when it is known, as shipname. */
void ais_names_join(struct ais_names *n, struct ais_message *m);
