/*
 * cat010 - CAT010, surface movement data: where the items that plots are made of stand in its table.
 */
#pragma once

/* Profile index = FRN - 1 */
enum {
	CAT010_I000 = 1,
	CAT010_I020 = 2,
	CAT010_I041 = 4,
	CAT010_I040 = 5,
	CAT010_I042 = 6,
	CAT010_I170 = 10,
	CAT010_I220 = 12,
	CAT010_I245 = 13,
	CAT010_I500 = 21,
};

#define CAT010_TARGET_REPORT 1 /* I010/000 */
