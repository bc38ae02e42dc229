/*
 * cat062 - CAT062, system tracks: where the items that plots are made of stand in its table.
 */
#pragma once

/* Profile index = FRN - 1 */
enum {
	CAT062_I105 = 4,
	CAT062_I185 = 6,
	CAT062_I245 = 9,
	CAT062_I380 = 10,
	CAT062_I040 = 11,
	CAT062_I080 = 12,
	CAT062_I136 = 16,
	CAT062_I130 = 17,
	CAT062_I500 = 26,
};
