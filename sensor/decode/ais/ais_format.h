/* ais_format - AIS text as one of the formats. */
#pragma once

#include "sensor/decode/format.h"

extern const struct format ais_format;
