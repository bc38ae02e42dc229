/*
 * cat240 - CAT240, radar video transmission, edition 1.3, as const tables.
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

static const struct asterix_field uint32[] = {
	UINT(32, NULL),
};

static const struct asterix_field ascii8[] = {
	ASCII(8, NULL),
};

static const struct asterix_field i040[] = {
	QUANTITY(16, "STARTAZ", 45, 8192, 10), /* ° */
	QUANTITY(16, "ENDAZ", 45, 8192, 10), /* ° */
	UINT(32, "STARTRG"),
	UINT(32, "CELLDUR"), /* ns */
};

static const struct asterix_field i041[] = {
	QUANTITY(16, "STARTAZ", 45, 8192, 10), /* ° */
	QUANTITY(16, "ENDAZ", 45, 8192, 10), /* ° */
	UINT(32, "STARTRG"),
	UINT(32, "CELLDUR"), /* fs */
};

static const struct asterix_field i048[] = {
	UINT(1, "C"),
	SPARE(7),
	UINT(8, "RES"),
};

static const struct asterix_field i049[] = {
	UINT(16, "NBVB"),
	UINT(24, "NBCELLS"),
};

static const struct asterix_field quantity24_1_128[] = {
	QUANTITY(24, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field hex8[] = {
	HEX(8, NULL),
};

static const struct asterix_item uap[] = {
	FIXED("010", 2, i010), /* data source identifier */
	FIXED("000", 1, uint8), /* message type */
	FIXED("020", 4, uint32), /* video record header */
	RUN("030", 1, ascii8), /* video summary */
	FIXED("040", 12, i040), /* video header nano */
	FIXED("041", 12, i041), /* video header femto */
	FIXED("048", 2, i048), /* video cells resolution & data compression indicator */
	FIXED("049", 5, i049), /* video octets & video cells counters */
	RUN("050", 4, hex8), /* video block low data volume */
	RUN("051", 64, hex8), /* video block medium data volume */
	RUN("052", 256, hex8), /* video block high data volume */
	FIXED("140", 3, quantity24_1_128), /* time of day */
	EXPLICIT("RE"), /* reserved expansion field */
	EXPLICIT("SP"), /* special purpose field */
};

const struct asterix_category cat240_category = {
	.cat = 240,
	.edition = "1.3",
	.time_frn = { 12 }, /* I240/140 */
	.n_uap = COUNT_OF(uap),
	.uap = uap,
};
