/*
 * cat001 - CAT001, transmission of monoradar data target reports, edition 1.4, as const tables.
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

static const struct asterix_field i020[] = {
	UINT(1, "TYP"),
	UINT(1, "SIM"),
	UINT(2, "SSRPSR"),
	UINT(1, "ANT"),
	UINT(1, "SPI"),
	UINT(1, "RAB"),
	FX,
	UINT(1, "TST"),
	UINT(2, "DS1DS2"),
	UINT(1, "ME"),
	UINT(1, "MI"),
	SPARE(2),
	FX,
};

static const struct asterix_field i030[] = {
	UINT(7, NULL),
	FX,
};

static const struct asterix_field i040[] = {
	QUANTITY(16, "RHO", 1, 128, 7), /* NM */
	QUANTITY(16, "THETA", 45, 8192, 10), /* ° */
};

static const struct asterix_field i042[] = {
	SIGNED(16, "X", 1, 64, 6), /* NM */
	SIGNED(16, "Y", 1, 64, 6), /* NM */
};

static const struct asterix_field i050[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	UINT(1, "L"),
	SPARE(1),
	OCTAL(12, "MODE2"),
};

static const struct asterix_field i060[] = {
	SPARE(4),
	UINT(1, "QA4"),
	UINT(1, "QA2"),
	UINT(1, "QA1"),
	UINT(1, "QB4"),
	UINT(1, "QB2"),
	UINT(1, "QB1"),
	UINT(1, "QC4"),
	UINT(1, "QC2"),
	UINT(1, "QC1"),
	UINT(1, "QD4"),
	UINT(1, "QD2"),
	UINT(1, "QD1"),
};

static const struct asterix_field i070[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	UINT(1, "L"),
	SPARE(1),
	OCTAL(12, "MODE3A"),
};

static const struct asterix_field i090[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	SIGNED(14, "HGT", 1, 4, 2), /* FL */
};

static const struct asterix_field i100[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	SPARE(2),
	UINT(12, "MODEC"),
	SPARE(4),
	UINT(1, "QC1"),
	UINT(1, "QA1"),
	UINT(1, "QC2"),
	UINT(1, "QA2"),
	UINT(1, "QC4"),
	UINT(1, "QA4"),
	UINT(1, "QB1"),
	UINT(1, "QD1"),
	UINT(1, "QB2"),
	UINT(1, "QD2"),
	UINT(1, "QB4"),
	UINT(1, "QD4"),
};

static const struct asterix_field signed8_1_256[] = {
	SIGNED(8, NULL, 1, 256, 8), /* NM/s */
};

static const struct asterix_field int8[] = {
	INT(8, NULL), /* dBm */
};

static const struct asterix_field quantity16_1_128[] = {
	QUANTITY(16, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i150[] = {
	UINT(1, "XA"),
	SPARE(1),
	UINT(1, "XC"),
	SPARE(2),
	UINT(1, "X2"),
	SPARE(2),
};

static const struct asterix_field uint16[] = {
	UINT(16, NULL),
};

static const struct asterix_field i170[] = {
	UINT(1, "CON"),
	UINT(1, "RAD"),
	UINT(1, "MAN"),
	UINT(1, "DOU"),
	UINT(1, "RDPC"),
	SPARE(1),
	UINT(1, "GHO"),
	FX,
	UINT(1, "TRE"),
	SPARE(6),
	FX,
};

static const struct asterix_field i200[] = {
	QUANTITY(16, "GSP", 1, 16384, 10), /* NM/s */
	QUANTITY(16, "HDG", 45, 8192, 10), /* ° */
};

static const struct asterix_item plot[21] = {
	FIXED("010", 2, i010), /* data source identifier */
	EXTENDED("020", i020), /* target report descriptor */
	FIXED("040", 4, i040), /* measured position in polar co-ordinates */
	FIXED("070", 2, i070), /* mode-3/a code in octal representation */
	FIXED("090", 2, i090), /* mode-c code in binary representation */
	REPETITIVE_FX("130", 1, i030), /* radar plot characteristics */
	FIXED("141", 2, quantity16_1_128), /* truncated time of day */
	FIXED("050", 2, i050), /* mode-2 code in octal representation */
	FIXED("120", 1, signed8_1_256), /* measured radial doppler speed */
	FIXED("131", 1, int8), /* received power */
	FIXED("080", 2, i060), /* mode-3/a code confidence indicator */
	FIXED("100", 4, i100), /* mode-c code and code confidence indicator */
	FIXED("060", 2, i060), /* mode-2 code confidence indicator */
	REPETITIVE_FX("030", 1, i030), /* warning/error conditions */
	FIXED("150", 1, i150), /* presence of x-pulse */
	UNUSED, /* 16 */
	UNUSED, /* 17 */
	UNUSED, /* 18 */
	UNUSED, /* 19 */
	EXPLICIT("SP"), /* special purpose field */
	SEQUENCE("RFS", plot), /* random field sequencing */
};

static const struct asterix_item track[22] = {
	FIXED("010", 2, i010), /* data source identifier */
	EXTENDED("020", i020), /* target report descriptor */
	FIXED("161", 2, uint16), /* track plot number */
	FIXED("040", 4, i040), /* measured position in polar co-ordinates */
	FIXED("042", 4, i042), /* calculated position in cartesian co-ordinates */
	FIXED("200", 4, i200), /* calculated track velocity in polar co-ordinates */
	FIXED("070", 2, i070), /* mode-3/a code in octal representation */
	FIXED("090", 2, i090), /* mode-c code in binary representation */
	FIXED("141", 2, quantity16_1_128), /* truncated time of day */
	REPETITIVE_FX("130", 1, i030), /* radar plot characteristics */
	FIXED("131", 1, int8), /* received power */
	FIXED("120", 1, signed8_1_256), /* measured radial doppler speed */
	EXTENDED("170", i170), /* track status */
	REPETITIVE_FX("210", 1, i030), /* track quality */
	FIXED("050", 2, i050), /* mode-2 code in octal representation */
	FIXED("080", 2, i060), /* mode-3/a code confidence indicator */
	FIXED("100", 4, i100), /* mode-c code and code confidence indicator */
	FIXED("060", 2, i060), /* mode-2 code confidence indicator */
	REPETITIVE_FX("030", 1, i030), /* warning/error conditions */
	EXPLICIT("SP"), /* special purpose field */
	SEQUENCE("RFS", track), /* random field sequencing */
	FIXED("150", 1, i150), /* presence of x-pulse */
};

static const struct asterix_category cat001_track_category = {
	.cat = 1,
	.edition = "1.4",
	.since = "1.1",
	.time_frn = { 9 }, /* I001/141 */
	.n_uap = COUNT_OF(track),
	.uap = track,
};

const struct asterix_category cat001_category = {
	.cat = 1,
	.edition = "1.4",
	.since = "1.1",
	.time_frn = { 7 }, /* I001/141 */
	.n_uap = COUNT_OF(plot),
	.uap = plot,
	.split_frn = 2, /* I001/020 TYP */
	.other = &cat001_track_category,
};
