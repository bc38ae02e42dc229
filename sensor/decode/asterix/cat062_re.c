/*
 * cat062_re - the reserved expansion field of CAT062, edition 1.3, as const tables.
 *
 * Layout, LSB, ranges and names are facts of the EUROCONTROL specification, taken from asterix-specs
 * (zoranbosnjak/asterix-specs, BSD-3-Clause). Units stand behind the quantities.
 */
#include "sensor/decode/asterix/asterix_table.h"
#include "sensor/decode/asterix/asterix_tables.h"

static const struct asterix_field cst[] = {
	UINT(8, "SAC"),
	UINT(8, "SIC"),
	SPARE(4),
	UINT(4, "TYP"),
	UINT(16, "LTN"),
};

static const struct asterix_field csn[] = {
	UINT(8, "SAC"),
	UINT(8, "SIC"),
	SPARE(4),
	UINT(4, "TYP"),
};

static const struct asterix_field tvs[] = {
	SIGNED(16, "VX", 1, 4, 2), /* m/s */
	SIGNED(16, "VY", 1, 4, 2), /* m/s */
};

static const struct asterix_field sts[] = {
	UINT(1, "FDR"),
	OPEN("LNAV"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	SPARE(4),
	FX,
};

static const struct asterix_field v3_ps3[] = {
	UINT(1, "EP"),
	UINT(3, "VAL"),
	SPARE(4),
};

static const struct asterix_field v3_as[] = {
	OPEN("RCE"),
	UINT(1, "EP"),
	UINT(2, "VAL"),
	CLOSE,
	OPEN("RRL"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	OPEN("TPW"),
	UINT(1, "EP"),
	UINT(2, "VAL"),
	CLOSE,
	OPEN("TSI"),
	UINT(1, "EP"),
	UINT(2, "VAL"),
	CLOSE,
	OPEN("TAO"),
	UINT(1, "EP"),
	UINT(1, "RE"),
	UINT(6, "VAL"),
	CLOSE,
	SPARE(5),
};

static const struct asterix_field v3_uas[] = {
	OPEN("MUO"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	OPEN("DAA"),
	UINT(1, "EP"),
	UINT(2, "VAL"),
	CLOSE,
	OPEN("RWC"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	SPARE(1),
};

static const struct asterix_field v3_cass[] = {
	OPEN("SVH"),
	UINT(1, "EP"),
	UINT(2, "VAL"),
	CLOSE,
	OPEN("CATC"),
	UINT(1, "EP"),
	UINT(3, "VAL"),
	CLOSE,
	SPARE(1),
};

static const struct asterix_item v3[] = {
	FIXED("PS3", 1, v3_ps3),
	FIXED("AS", 3, v3_as),
	FIXED("UAS", 1, v3_uas),
	FIXED("CASS", 1, v3_cass),
};

static const struct asterix_item re[] = {
	REPETITIVE("CST", 5, cst), /* contributing sensors with local track numbers */
	REPETITIVE("CSN", 3, csn), /* contributing sensors without */
	FIXED("TVS", 4, tvs), /* velocity relative to the system reference point */
	EXTENDED("STS", sts), /* supplementary track status */
	COMPOUND("V3", v3), /* ADS-B version 3 data */
};

const struct asterix_item cat062_re[1] = { COMPOUND_OF("RE", 1, re) };
