/* asterix_format - ASTERIX data blocks as one of the formats. */
#pragma once

#include "sensor/decode/format.h"

extern const struct format asterix_format;
