/*
 * cat023 - CAT023, CNS/ATM ground station and service status reports, edition 1.3, as const tables.
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

static const struct asterix_field i000[] = {
	UINT(8, NULL),
};

static const struct asterix_field i015[] = {
	UINT(4, "SID"),
	UINT(4, "STYP"),
};

static const struct asterix_field i070[] = {
	QUANTITY(24, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i100[] = {
	UINT(1, "NOGO"),
	UINT(1, "ODP"),
	UINT(1, "OXT"),
	UINT(1, "MSC"),
	UINT(1, "TSV"),
	UINT(1, "SPO"),
	UINT(1, "RN"),
	FX,
	UINT(7, "GSSP"), /* s */
	FX,
};

static const struct asterix_field i101[] = {
	QUANTITY(8, "RP", 1, 2, 1), /* s */
	UINT(3, "SC"),
	SPARE(4),
	FX,
	UINT(7, "SSRP"), /* s */
	FX,
};

static const struct asterix_field i200[] = {
	UINT(8, NULL), /* NM */
};

static const struct asterix_field i110[] = {
	SPARE(4),
	UINT(3, "STAT"),
	FX,
};

static const struct asterix_field i120[] = {
	UINT(8, "TYPE"),
	UINT(1, "REF"),
	SPARE(7),
	UINT(32, "CV"),
};

static const struct asterix_item uap[] = {
	FIXED("010", 2, i010), /* data source identifier */
	FIXED("000", 1, i000), /* report type */
	FIXED("015", 1, i015), /* service type and identification */
	FIXED("070", 3, i070), /* time of day */
	EXTENDED("100", i100), /* ground station status */
	EXTENDED_FROM("101", 2, i101), /* service configuration */
	FIXED("200", 1, i200), /* operational range */
	EXTENDED("110", i110), /* service status */
	REPETITIVE("120", 6, i120), /* service statistics */
	UNUSED, /* 10 */
	UNUSED, /* 11 */
	UNUSED, /* 12 */
	EXPLICIT("RE"), /* reserved expansion field */
	EXPLICIT("SP"), /* special purpose field */
};

const struct asterix_category cat023_category = {
	.cat = 23,
	.edition = "1.3",
	.since = "1.2",
	.time_frn = { 4 }, /* I023/070 */
	.n_uap = COUNT_OF(uap),
	.uap = uap,
};
