/*
 * nmea_json - a sentence as JSON: the fields' names of IEC 61162-1 in snake case, values in the units they were sent in.
 *
 * A null field, one that was not sent and one that is not what it should be are null. docs/decoders.md lists the keys.
 */
#pragma once

#include "sensor/decode/nmea/nmea_message.h"

/** nmea_json_put() - one object, no line end. */
void nmea_json_put(struct jot *j, const struct nmea_message *m);
