/*
 * cat034 - CAT034, monoradar service messages: its table, and where the items we read stand in it.
 */
#pragma once

#include "sensor/decode/asterix/asterix.h"

/* Profile index = FRN - 1 */
enum {
	CAT034_I010 = 0,
	CAT034_I000 = 1,
	CAT034_I030 = 2,
	CAT034_I020 = 3,
	CAT034_I041 = 4,
};

#define CAT034_NORTH_MARKER 1 /* I034/000 */

