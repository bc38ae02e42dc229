/* adsb_format - Mode S receivers' output as one of the formats. */
#pragma once

#include "sensor/decode/format.h"

extern const struct format adsb_format;
