/*
 * ais_types - the tables of the 27 message types: data only.
 */
#pragma once

#include "sensor/decode/ais/ais_message.h"

/* By enum ais_message_layouts; 0 is none. */
extern const struct ais_message_layout ais_types_layouts[_AIS_LAYOUT_MAX];
