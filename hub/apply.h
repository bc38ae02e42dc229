/*
 * apply - what one received record does to the store, the picture and the alarms.
 */
#pragma once

#include "common/ship.h"
#include "hub/hub.h"

struct apply_sender {
	const char *origin; /* only this origin's objects are taken from it */
	bool foreign;
};

/** apply_record() - Return: 0 (a bad record is counted and dropped), -errno when the store failed. */
int apply_record(struct hub *hub, const struct apply_sender *from, uint64_t epoch, const struct ship_record *record,
	int64_t now_ns, int64_t mono_ns);

/** apply_restore() - reads picture, sites and health back from the store. */
int apply_restore(struct hub *hub);
