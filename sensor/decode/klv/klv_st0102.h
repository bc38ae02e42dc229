/* klv_st0102 - Security Metadata Local Set, MISB ST 0102.12: how a picture is classified. Names as in the standard. */
#pragma once

#include "sensor/decode/klv/klv_table.h"

extern const struct klv_table klv_st0102;
