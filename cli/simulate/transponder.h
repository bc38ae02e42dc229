/*
 * transponder - who speaks on the AIS channels when, as one receiving station hears it.
 *
 * Reporting intervals are those of ITU-R M.1371-5 tables 1 and 2, jittered by a tenth as SOTDMA does, and put on
 * its 2250 slots a minute. A position is that of the last whole UTC second, as GNSS receivers give it, and says so.
 * Static data comes every 6 min, the first within 30 s of the scene's start, as if the station had just polled.
 * A SART sends bursts of eight a minute (annex 9), with its text in the first and every fourth.
 */
#pragma once

#include "cli/simulate/dice.h"
#include "cli/simulate/emitter.h"
#include "cli/simulate/world.h"

/* One station on air: a vessel, or the base station itself. */
struct transponder {
	int vessel; /* index, or -1 = the base station */
	struct dice dice;
	int64_t position_ns, static_ns; /* when it sends next; INT64_MAX = never */
	bool channel_b;
	bool part_b; /* of type 24 is next */
	uint64_t burst; /* SART: messages sent */
	int64_t burst_ns; /* SART: when the burst began */
};

/* A receiving station and everybody it may hear. */
struct transponder_net {
	const struct world *world;		 /* borrowed */
	const struct scene_ais_station *station; /* borrowed */
	struct emitter *emitter;		 /* borrowed */
	struct dice dice;
	unsigned n;
	struct transponder *stations;
	unsigned group; /* of the last sentence of several */
	uint64_t messages;
};

int transponder_init(struct transponder_net *net, const struct world *world, const struct scene_ais_station *station,
	struct emitter *emitter);
void transponder_done(struct transponder_net *net);
int64_t transponder_next_ns(const struct transponder_net *net);
/** transponder_step() - whoever is next speaks. */
void transponder_step(struct transponder_net *net);

/** transponder_interval_ns() - time between position reports; 0 = none. */
int64_t transponder_interval_ns(const struct scene_vessel *v, const struct voyage_state *s);

/** transponder_heard() - within the station's range and switched on at @now_ns, chance aside? */
bool transponder_heard(const struct world *world, const struct scene_ais_station *station, unsigned vessel,
	const struct voyage_state *s, int64_t now_ns);
