/*
 * klv_st0903 - Video Moving Target Indicator Local Set, MISB ST 0903.6 (and what 0903.3 to .5 had beside it): what moves in
 * the picture.
 *
 * Targets carry their centroid and bounding box in pixels (numbered from 1 along the rows) and on the ground: as offsets from
 * the frame centre of the ST 0601 set around them, or as a location of their own. Masks, features, chips and ontologies are
 * kept as octets.
 */
#pragma once

#include "sensor/decode/klv/klv_table.h"

#define KLV_ST0903_TIME 2 /* of the set itself */

/* Of a target: those that plots are made of. */
enum klv_st0903 {
	KLV_ST0903_LAT_OFFSET = 10,
	KLV_ST0903_LON_OFFSET = 11,
	KLV_ST0903_HAE = 12,
	KLV_ST0903_LOCATION = 17,
	KLV_ST0903_TRACKER = 104,
};

/* Rows of a location. */
enum klv_st0903_location {
	KLV_ST0903_LAT,
	KLV_ST0903_LON,
	KLV_ST0903_LOCATION_HAE,
	KLV_ST0903_SIGMA_EAST,
	KLV_ST0903_SIGMA_NORTH,
	KLV_ST0903_SIGMA_UP,
	KLV_ST0903_RHO_EAST_NORTH,
};

/* Of a tracker. */
#define KLV_ST0903_STATUS 2
enum klv_st0903_status { KLV_ST0903_INACTIVE, KLV_ST0903_MOVING, KLV_ST0903_DROPPED, KLV_ST0903_STOPPED, KLV_ST0903_COASTING };

extern const struct klv_table klv_st0903;
extern const struct klv_table klv_st0903_target;
extern const struct klv_table klv_st0903_location;
extern const struct klv_table klv_st0903_tracker;
