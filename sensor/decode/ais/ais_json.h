/*
 * ais_json - a message as JSON with the names of gpsd's documented AIS objects: degrees, knots, metres.
 *
 * What M.1371-5 gives a value of its own for "not available" (position, speed, course, heading, rate of turn, second,
 * altitude) is null, as are an application's values in a range that is reserved. Values whose default is 0 (IMO number, draught, dimensions, ship type) and texts stay as sent.
 * Not gpsd's: `mmsi_class` (ais_mmsi.h) of what is no ship, "bad" when the number names nobody; `shipname` of a type 24 B.
 */
#pragma once

#include "sensor/decode/ais/ais_message.h"
#include "sensor/decode/jot.h"

/** ais_json_put() - one object, no line end. Types 6 and 8 show their application's fields and always their raw data. */
void ais_json_put(struct jot *j, const struct ais_message *m);
