/* klv_format - MISB KLV as one of the formats: packets as they are, or within an MPEG-2 transport stream. */
#pragma once

#include "sensor/decode/format.h"

extern const struct format klv_format;
