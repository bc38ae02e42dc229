/*
 * cat063 - CAT063, sensor status reports, edition 1.7, as const tables.
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

static const struct asterix_field uint8[] = {
	UINT(8, NULL),
};

static const struct asterix_field quantity24_1_128[] = {
	QUANTITY(24, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i060[] = {
	UINT(2, "CON"),
	UINT(1, "PSR"),
	UINT(1, "SSR"),
	UINT(1, "MDS"),
	UINT(1, "ADS"),
	UINT(1, "MLT"),
	FX,
	UINT(1, "OPS"),
	UINT(1, "ODP"),
	UINT(1, "OXT"),
	UINT(1, "MSC"),
	UINT(1, "TSV"),
	UINT(1, "NPW"),
	SPARE(1),
	FX,
	OPEN("TTF"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	OPEN("SPO"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	SPARE(3),
	FX,
};

static const struct asterix_field int16[] = {
	INT(16, NULL), /* ms */
};

static const struct asterix_field i080[] = {
	SIGNED(16, "SRG", 1, 100000, 5), /* 1 */
	SIGNED(16, "SRB", 1, 128, 7), /* NM */
};

static const struct asterix_field signed16_45_8192[] = {
	SIGNED(16, NULL, 45, 8192, 10), /* ° */
};

static const struct asterix_field i090[] = {
	SIGNED(16, "PRG", 1, 100000, 5), /* 1 */
	SIGNED(16, "PRB", 1, 128, 7), /* NM */
};

static const struct asterix_item uap[] = {
	FIXED("010", 2, i010), /* data source identifier */
	FIXED("015", 1, uint8), /* service identification */
	FIXED("030", 3, quantity24_1_128), /* time of message */
	FIXED("050", 2, i010), /* sensor identifier */
	EXTENDED("060", i060), /* sensor configuration and status */
	FIXED("070", 2, int16), /* time stamping bias */
	FIXED("080", 4, i080), /* ssr / mode s range gain and bias */
	FIXED("081", 2, signed16_45_8192), /* ssr mode s azimuth bias */
	FIXED("090", 4, i090), /* psr range gain and bias */
	FIXED("091", 2, signed16_45_8192), /* psr azimuth bias */
	FIXED("092", 2, signed16_45_8192), /* psr elevation bias */
	UNUSED, /* 12 */
	EXPLICIT("RE"), /* reserved expansion field */
	EXPLICIT("SP"), /* special purpose field */
};

const struct asterix_category cat063_category = {
	.cat = 63,
	.edition = "1.7",
	.since = "1.0",
	.time_frn = { 3 }, /* I063/030 */
	.n_uap = COUNT_OF(uap),
	.uap = uap,
};
