/*
 * cat034 - CAT034, transmission of monoradar service messages, edition 1.29, as const tables.
 *
 * Layout, LSB, ranges and names are facts of the EUROCONTROL specification, taken from asterix-specs
 * (zoranbosnjak/asterix-specs, BSD-3-Clause). Units stand behind the quantities; FRN is index + 1.
 */
#include "sensor/decode/asterix/cat034.h"

#include "sensor/decode/asterix/asterix_table.h"
#include "sensor/decode/asterix/asterix_tables.h"

static const struct asterix_field i000[] = {
	UINT(8, NULL),
};

static const struct asterix_field i010[] = {
	UINT(8, "SAC"),
	UINT(8, "SIC"),
};

static const struct asterix_field i020[] = {
	QUANTITY(8, NULL, 45, 32, 5), /* ° */
};

static const struct asterix_field i030[] = {
	QUANTITY(24, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i041[] = {
	QUANTITY(16, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i050_com[] = {
	UINT(1, "NOGO"),
	UINT(1, "RDPC"),
	UINT(1, "RDPR"),
	UINT(1, "OVLRDP"),
	UINT(1, "OVLXMT"),
	UINT(1, "MSC"),
	UINT(1, "TSV"),
	SPARE(1),
};

static const struct asterix_field i050_psr[] = {
	UINT(1, "ANT"),
	UINT(2, "CHAB"),
	UINT(1, "OVL"),
	UINT(1, "MSC"),
	SPARE(3),
};

static const struct asterix_field i050_ssr[] = {
	UINT(1, "ANT"),
	UINT(2, "CHAB"),
	UINT(1, "OVL"),
	UINT(1, "MSC"),
	SPARE(3),
};

static const struct asterix_field i050_mds[] = {
	UINT(1, "ANT"),
	UINT(2, "CHAB"),
	UINT(1, "OVLSUR"),
	UINT(1, "MSC"),
	UINT(1, "SCF"),
	UINT(1, "DLF"),
	UINT(1, "OVLSCF"),
	UINT(1, "OVLDLF"),
	SPARE(7),
};

static const struct asterix_item i050[] = {
	FIXED("COM", 1, i050_com),
	UNUSED,
	UNUSED,
	FIXED("PSR", 1, i050_psr),
	FIXED("SSR", 1, i050_ssr),
	FIXED("MDS", 2, i050_mds),
};

static const struct asterix_field i060_com[] = {
	SPARE(1),
	UINT(3, "REDRDP"),
	UINT(3, "REDXMT"),
	SPARE(1),
};

static const struct asterix_field i060_psr[] = {
	UINT(1, "POL"),
	UINT(3, "REDRAD"),
	UINT(2, "STC"),
	SPARE(2),
};

static const struct asterix_field i060_ssr[] = {
	UINT(3, "REDRAD"),
	SPARE(5),
};

static const struct asterix_field i060_mds[] = {
	UINT(3, "REDRAD"),
	UINT(1, "CLU"),
	SPARE(4),
};

static const struct asterix_item i060[] = {
	FIXED("COM", 1, i060_com),
	UNUSED,
	UNUSED,
	FIXED("PSR", 1, i060_psr),
	FIXED("SSR", 1, i060_ssr),
	FIXED("MDS", 1, i060_mds),
};

static const struct asterix_field i070[] = {
	UINT(5, "TYP"),
	UINT(11, "COUNT"),
};

static const struct asterix_field i090[] = {
	SIGNED(8, "RNG", 1, 128, 7), /* NM */
	SIGNED(8, "AZM", 45, 2048, 10), /* ° */
};

static const struct asterix_field i100[] = {
	QUANTITY(16, "RHOST", 1, 256, 8), /* NM */
	QUANTITY(16, "RHOEND", 1, 256, 8), /* NM */
	QUANTITY(16, "THETAST", 45, 8192, 10), /* ° */
	QUANTITY(16, "THETAEND", 45, 8192, 10), /* ° */
};

static const struct asterix_field i110[] = {
	UINT(8, NULL),
};

static const struct asterix_field i120[] = {
	INT(16, "HGT"), /* m */
	SIGNED(24, "LAT", 45, 2097152, 10), /* ° */
	SIGNED(24, "LON", 45, 2097152, 10), /* ° */
};

static const struct asterix_item uap[] = {
	FIXED("010", 2, i010), /* data source identifier */
	FIXED("000", 1, i000), /* message type */
	FIXED("030", 3, i030), /* time of day */
	FIXED("020", 1, i020), /* sector number */
	FIXED("041", 2, i041), /* antenna rotation speed */
	COMPOUND("050", i050), /* system configuration and status */
	COMPOUND("060", i060), /* system processing mode */
	REPETITIVE("070", 2, i070), /* message count values */
	FIXED("100", 8, i100), /* generic polar window */
	FIXED("110", 1, i110), /* data filter */
	FIXED("120", 8, i120), /* 3d-position of data source */
	FIXED("090", 2, i090), /* collimation error */
	EXPLICIT("RE"), /* reserved expansion field */
	EXPLICIT("SP"), /* special purpose field */
};

const struct asterix_category cat034_category = {
	.cat = 34,
	.time_frn = { 3 }, /* I034/030 */
	.edition = "1.29",
	.since = "1.26",
	.n_uap = sizeof(uap) / sizeof(uap[0]),
	.uap = uap,
};
