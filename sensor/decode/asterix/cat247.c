/*
 * cat247 - CAT247, version number exchange, edition 1.3, as const tables.
 *
 * Layout, LSB, ranges and names are facts of the EUROCONTROL specification, taken from asterix-specs
 * (zoranbosnjak/asterix-specs, BSD-3-Clause). Units stand behind the quantities; FRN is index + 1.
 */
#include "sensor/decode/asterix/asterix_table.h"
#include "sensor/decode/asterix/asterix_tables.h"

static const struct asterix_field i010[] = {
	UINT(8, "SAC"),
	UINT(8, "SIC"),
};

static const struct asterix_field i015[] = {
	UINT(8, NULL),
};

static const struct asterix_field i140[] = {
	QUANTITY(24, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i550[] = {
	UINT(8, "CAT"),
	UINT(8, "MAIN"),
	UINT(8, "SUB"),
};

static const struct asterix_item uap[] = {
	FIXED("010", 2, i010), /* data source identifier */
	FIXED("015", 1, i015), /* service identification */
	FIXED("140", 3, i140), /* time of day */
	REPETITIVE("550", 3, i550), /* category version number report */
	UNUSED, /* 5 */
	EXPLICIT("SP"), /* special purpose field */
	EXPLICIT("RE"), /* reserved expansion field */
};

const struct asterix_category cat247_category = {
	.cat = 247,
	.edition = "1.3",
	.since = "1.2",
	.time_frn = { 3 }, /* I247/140 */
	.n_uap = COUNT_OF(uap),
	.uap = uap,
};
