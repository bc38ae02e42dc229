/*
 * cat065 - CAT065, SDPS service status reports, edition 1.6, as const tables.
 *
 * Layout, LSB, ranges and names are facts of the EUROCONTROL specification, taken from asterix-specs
 * (zoranbosnjak/asterix-specs, BSD-3-Clause). Units stand behind the quantities; FRN is index + 1.
 */
#include "sensor/decode/asterix/asterix_table.h"
#include "sensor/decode/asterix/asterix_tables.h"

static const struct asterix_field uint8[] = {
	UINT(8, NULL),
};

static const struct asterix_field i010[] = {
	UINT(8, "SAC"),
	UINT(8, "SIC"),
};

static const struct asterix_field quantity24_1_128[] = {
	QUANTITY(24, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i040[] = {
	UINT(2, "NOGO"),
	UINT(1, "OVL"),
	UINT(1, "TSV"),
	UINT(2, "PSS"),
	UINT(1, "STTN"),
	SPARE(1),
};

static const struct asterix_item uap[] = {
	FIXED("010", 2, i010), /* data source identifier */
	FIXED("000", 1, uint8), /* message type */
	FIXED("015", 1, uint8), /* service identification */
	FIXED("030", 3, quantity24_1_128), /* time of message */
	FIXED("020", 1, uint8), /* batch number */
	FIXED("040", 1, i040), /* sdps configuration and status */
	FIXED("050", 1, uint8), /* service status report */
	UNUSED, /* 8 */
	UNUSED, /* 9 */
	UNUSED, /* 10 */
	UNUSED, /* 11 */
	UNUSED, /* 12 */
	EXPLICIT("RE"), /* reserved expansion field */
	EXPLICIT("SP"), /* special purpose field */
};

const struct asterix_category cat065_category = {
	.cat = 65,
	.edition = "1.6",
	.since = "1.3",
	.time_frn = { 4 }, /* I065/030 */
	.n_uap = COUNT_OF(uap),
	.uap = uap,
};
