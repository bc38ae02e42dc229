/*
 * cat048 - CAT048, monoradar target reports: its table, and where the items that plots are made of stand in it.
 */
#pragma once

#include "sensor/decode/asterix/asterix.h"

/* Profile index = FRN - 1 */
enum {
	CAT048_I010 = 0,
	CAT048_I140 = 1,
	CAT048_I020 = 2,
	CAT048_I040 = 3,
	CAT048_I070 = 4,
	CAT048_I090 = 5,
	CAT048_I220 = 7,
	CAT048_I240 = 8,
	CAT048_I110 = 18,
	CAT048_I120 = 19,
};

