#include "sensor/decode/ais/ais_names.h"

#include <string.h>

/* Fibonacci hashing: the upper ten bits of mmsi x 2^32 / golden ratio. */
static struct ais_names_entry *place_of(struct ais_names *n, int32_t mmsi)
{
	return &n->entries[(uint32_t)mmsi * UINT32_C(2654435769) >> 22];
}

void ais_names_join(struct ais_names *n, struct ais_message *m)
{
	_Static_assert(AIS_NAMES_MAX == 1 << (32 - 22), "place_of() shifts for this many");

	if (m->type != 24)
		return;

	struct ais_names_entry *e = place_of(n, m->mmsi);
	char *name = m->static_b.shipname;

	if (m->static_b.partno == 0) {
		e->mmsi = m->mmsi;
		memcpy(e->name, name, strlen(name) + 1);
	} else if (m->static_b.partno == 1 && e->mmsi == m->mmsi) {
		memcpy(name, e->name, strlen(e->name) + 1);
	}
}
