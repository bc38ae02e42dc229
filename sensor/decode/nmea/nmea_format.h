/* nmea_format - NMEA's row: see format.h. Records are sentences that have a table. */
#pragma once

#include "sensor/decode/format.h"

extern const struct format nmea_format;
