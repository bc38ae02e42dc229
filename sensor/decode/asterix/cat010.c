/*
 * cat010 - CAT010, transmission of monosensor surface movement data, edition 1.1, as const tables.
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

static const struct asterix_field i020[] = {
	UINT(3, "TYP"),
	UINT(1, "DCR"),
	UINT(1, "CHN"),
	UINT(1, "GBS"),
	UINT(1, "CRT"),
	FX,
	UINT(1, "SIM"),
	UINT(1, "TST"),
	UINT(1, "RAB"),
	UINT(2, "LOP"),
	UINT(2, "TOT"),
	FX,
	UINT(1, "SPI"),
	SPARE(6),
	FX,
};

static const struct asterix_field i040[] = {
	UINT(16, "RHO"), /* m */
	QUANTITY(16, "TH", 45, 8192, 10), /* ° */
};

static const struct asterix_field i041[] = {
	SIGNED(32, "LAT", 45, 536870912, 10), /* ° */
	SIGNED(32, "LON", 45, 536870912, 10), /* ° */
};

static const struct asterix_field i042[] = {
	INT(16, "X"), /* m */
	INT(16, "Y"), /* m */
};

static const struct asterix_field i060[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	UINT(1, "L"),
	SPARE(1),
	OCTAL(12, "MODE3A"),
};

static const struct asterix_field i090[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	SIGNED(14, "FL", 1, 4, 2), /* FL */
};

static const struct asterix_field signed16_25_4[] = {
	SIGNED(16, NULL, 25, 4, 2), /* ft */
};

static const struct asterix_field quantity24_1_128[] = {
	QUANTITY(24, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i161[] = {
	SPARE(4),
	UINT(12, "TRK"),
};

static const struct asterix_field i170[] = {
	UINT(1, "CNF"),
	UINT(1, "TRE"),
	UINT(2, "CST"),
	UINT(1, "MAH"),
	UINT(1, "TCC"),
	UINT(1, "STH"),
	FX,
	UINT(2, "TOM"),
	UINT(3, "DOU"),
	UINT(2, "MRS"),
	FX,
	UINT(1, "GHO"),
	SPARE(6),
	FX,
};

static const struct asterix_field i200[] = {
	QUANTITY(16, "GSP", 1, 16384, 10), /* NM/s */
	QUANTITY(16, "TRA", 45, 8192, 10), /* ° */
};

static const struct asterix_field i202[] = {
	SIGNED(16, "VX", 1, 16, 4), /* m/s */
	SIGNED(16, "VY", 1, 16, 4), /* m/s */
};

static const struct asterix_field i210[] = {
	SIGNED(8, "AX", 1, 16, 4), /* m/s² */
	SIGNED(8, "AY", 1, 16, 4), /* m/s² */
};

static const struct asterix_field hex24[] = {
	HEX(24, NULL),
};

static const struct asterix_field i245[] = {
	UINT(2, "STI"),
	SPARE(6),
	ICAO(48, "CHR"),
};

static const struct asterix_field i250[] = {
	HEX(56, "MBDATA"),
	UINT(4, "BDS1"),
	UINT(4, "BDS2"),
};

static const struct asterix_field i270[] = {
	UINT(7, "LENGTH"), /* m */
	FX,
	QUANTITY(7, "ORIENTATION", 45, 16, 4), /* ° */
	FX,
	UINT(7, "WIDTH"), /* m */
	FX,
};

static const struct asterix_field i280[] = {
	INT(8, "DRHO"), /* m */
	SIGNED(8, "DTHETA", 3, 20, 2), /* ° */
};

static const struct asterix_field i310[] = {
	UINT(1, "TRB"),
	UINT(7, "MSG"),
};

static const struct asterix_field i500[] = {
	QUANTITY(8, "DEVX", 1, 4, 2), /* m */
	QUANTITY(8, "DEVY", 1, 4, 2), /* m */
	SIGNED(16, "COVXY", 1, 4, 2), /* m */
};

static const struct asterix_field i550[] = {
	UINT(2, "NOGO"),
	UINT(1, "OVL"),
	UINT(1, "TSV"),
	UINT(1, "DIV"),
	UINT(1, "TTF"),
	SPARE(2),
};

static const struct asterix_item uap[] = {
	FIXED("010", 2, i010), /* data source identifier */
	FIXED("000", 1, uint8), /* message type */
	EXTENDED("020", i020), /* target report descriptor */
	FIXED("140", 3, quantity24_1_128), /* time of day */
	FIXED("041", 8, i041), /* position in wgs-84 co-ordinates */
	FIXED("040", 4, i040), /* measured position in polar co-ordinates */
	FIXED("042", 4, i042), /* position in cartesian co-ordinates */
	FIXED("200", 4, i200), /* calculated track velocity in polar co-ordinates */
	FIXED("202", 4, i202), /* calculated track velocity in cartesian co-ordinates */
	FIXED("161", 2, i161), /* track number */
	EXTENDED("170", i170), /* track status */
	FIXED("060", 2, i060), /* mode-3/a code in octal representation */
	FIXED("220", 3, hex24), /* target address */
	FIXED("245", 7, i245), /* target identification */
	REPETITIVE("250", 8, i250), /* mode s mb data */
	FIXED("300", 1, uint8), /* vehicle fleet identification */
	FIXED("090", 2, i090), /* flight level in binary representation */
	FIXED("091", 2, signed16_25_4), /* measured height */
	EXTENDED("270", i270), /* target size and orientation */
	FIXED("550", 1, i550), /* system status */
	FIXED("310", 1, i310), /* pre-programmed message */
	FIXED("500", 4, i500), /* standard deviation of position */
	REPETITIVE("280", 2, i280), /* presence */
	FIXED("131", 1, uint8), /* amplitude of primary plot */
	FIXED("210", 2, i210), /* calculated acceleration */
	UNUSED, /* 26 */
	EXPLICIT("SP"), /* special purpose field */
	EXPLICIT("RE"), /* reserved expansion field */
};

const struct asterix_category cat010_category = {
	.cat = 10,
	.edition = "1.1",
	.time_frn = { 4 }, /* I010/140 */
	.n_uap = COUNT_OF(uap),
	.uap = uap,
};
