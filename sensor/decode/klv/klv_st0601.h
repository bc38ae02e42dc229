/*
 * klv_st0601 - UAS Datalink Local Set, MISB ST 0601.19: every tag up to 143.
 *
 * Tags, names, lengths and ranges are the standard's. Lists and packs that say nothing about where the sensor, the picture or a
 * target is, and sets of other standards than ST 0102 and ST 0903, are kept as octets. Altitudes are above mean sea level,
 * heights above the ellipsoid ("hae").
 */
#pragma once

#include "sensor/decode/klv/klv_table.h"

/* Those that plots are made of. */
enum klv_st0601 {
	KLV_ST0601_CHECKSUM = 1,
	KLV_ST0601_TIME = 2,
	KLV_ST0601_SENSOR_LAT = 13,
	KLV_ST0601_SENSOR_LON = 14,
	KLV_ST0601_SENSOR_ALT = 15,
	KLV_ST0601_CENTRE_LAT = 23,
	KLV_ST0601_CENTRE_LON = 24,
	KLV_ST0601_CENTRE_ALT = 25,
	KLV_ST0601_TARGET_LAT = 40,
	KLV_ST0601_TARGET_LON = 41,
	KLV_ST0601_TARGET_ALT = 42,
	KLV_ST0601_CE90 = 45,
	KLV_ST0601_LE90 = 46,
	KLV_ST0601_SENSOR_HAE = 75,
	KLV_ST0601_CENTRE_HAE = 78,
	KLV_ST0601_SENSOR_HAE_EXTENDED = 104,
	KLV_ST0601_LEAP_SECONDS = 136,
	KLV_ST0601_CORRECTION = 137,
};

extern const struct klv_table klv_st0601;
