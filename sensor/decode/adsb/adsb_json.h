/*
 * adsb_json - a message as one JSON object; names and units: docs/decoders.md.
 */
#pragma once

#include "sensor/decode/adsb/adsb_message.h"
#include "sensor/decode/jot.h"

#define ADSB_JSON_MAX 4096

void adsb_json_put(struct jot *j, const struct adsb_message *m);
