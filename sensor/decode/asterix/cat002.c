/*
 * cat002 - CAT002, transmission of monoradar service messages, edition 1.2, as const tables.
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

static const struct asterix_field quantity8_45_32[] = {
	QUANTITY(8, NULL, 45, 32, 5), /* ° */
};

static const struct asterix_field quantity24_1_128[] = {
	QUANTITY(24, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field quantity16_1_128[] = {
	QUANTITY(16, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i050[] = {
	UINT(7, NULL),
	FX,
};

static const struct asterix_field i070[] = {
	UINT(1, "A"),
	UINT(5, "IDENT"),
	UINT(10, "COUNTER"),
};

static const struct asterix_field i090[] = {
	SIGNED(8, "RE", 1, 128, 7), /* NM */
	SIGNED(8, "AE", 45, 2048, 10), /* ° */
};

static const struct asterix_field i100[] = {
	QUANTITY(16, "RS", 1, 128, 7), /* NM */
	QUANTITY(16, "RE", 1, 128, 7), /* NM */
	QUANTITY(16, "TS", 45, 8192, 10), /* ° */
	QUANTITY(16, "TE", 45, 8192, 10), /* ° */
};

static const struct asterix_item uap[14] = {
	FIXED("010", 2, i010), /* data source identifier */
	FIXED("000", 1, uint8), /* message type */
	FIXED("020", 1, quantity8_45_32), /* sector number */
	FIXED("030", 3, quantity24_1_128), /* time of day */
	FIXED("041", 2, quantity16_1_128), /* antenna rotation speed */
	REPETITIVE_FX("050", 1, i050), /* station configuration status */
	REPETITIVE_FX("060", 1, i050), /* station processing mode */
	REPETITIVE("070", 2, i070), /* plot count values */
	FIXED("100", 8, i100), /* dynamic window type 1 */
	FIXED("090", 2, i090), /* collimation error */
	REPETITIVE_FX("080", 1, i050), /* warning/error conditions */
	UNUSED, /* 12 */
	EXPLICIT("SP"), /* special purpose field */
	SEQUENCE("RFS", uap), /* random field sequencing */
};

const struct asterix_category cat002_category = {
	.cat = 2,
	.edition = "1.2",
	.since = "1.0",
	.time_frn = { 4 }, /* I002/030 */
	.n_uap = COUNT_OF(uap),
	.uap = uap,
};
