/*
 * cat048 - CAT048, monoradar target reports, edition 1.32, as const tables.
 *
 * Layout, LSB, ranges and names are facts of the EUROCONTROL specification, taken from asterix-specs
 * (zoranbosnjak/asterix-specs, BSD-3-Clause). Units stand behind the quantities; FRN is index + 1.
 */
#include "sensor/decode/asterix/cat048.h"

#include "sensor/decode/asterix/asterix_table.h"
#include "sensor/decode/asterix/asterix_tables.h"

static const struct asterix_field i010[] = {
	UINT(8, "SAC"),
	UINT(8, "SIC"),
};

static const struct asterix_field i020[] = {
	UINT(3, "TYP"),
	UINT(1, "SIM"),
	UINT(1, "RDP"),
	UINT(1, "SPI"),
	UINT(1, "RAB"),
	FX,
	UINT(1, "TST"),
	UINT(1, "ERR"),
	UINT(1, "XPP"),
	UINT(1, "ME"),
	UINT(1, "MI"),
	UINT(2, "FOEFRI"),
	FX,
	OPEN("ADSB"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	OPEN("SCN"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	OPEN("PAI"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	SPARE(1),
	FX,
	OPEN("ACASXV"),
	UINT(1, "EP"),
	UINT(4, "VAL"),
	CLOSE,
	OPEN("POXPR"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	FX,
	OPEN("POACT"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	OPEN("DTFXPR"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	OPEN("DTFACT"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	SPARE(1),
	FX,
	OPEN("IRMXPR"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	OPEN("IRMACT"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	SPARE(3),
	FX,
};

static const struct asterix_field i030[] = {
	UINT(7, NULL),
	FX,
};

static const struct asterix_field i040[] = {
	QUANTITY(16, "RHO", 1, 256, 8), /* NM */
	QUANTITY(16, "THETA", 45, 8192, 10), /* ° */
};

static const struct asterix_field i042[] = {
	SIGNED(16, "X", 1, 128, 7), /* NM */
	SIGNED(16, "Y", 1, 128, 7), /* NM */
};

static const struct asterix_field i050[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	UINT(1, "L"),
	SPARE(1),
	OCTAL(12, "MODE2"),
};

static const struct asterix_field i055[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	UINT(1, "L"),
	UINT(5, "MODE1"),
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

static const struct asterix_field i065[] = {
	SPARE(3),
	UINT(1, "QA4"),
	UINT(1, "QA2"),
	UINT(1, "QA1"),
	UINT(1, "QB2"),
	UINT(1, "QB1"),
};

static const struct asterix_field i070[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	UINT(1, "L"),
	SPARE(1),
	OCTAL(12, "MODE3A"),
};

static const struct asterix_field i080[] = {
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

static const struct asterix_field i090[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	SIGNED(14, "FL", 1, 4, 2), /* FL */
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

static const struct asterix_field i110[] = {
	SPARE(2),
	SIGNED(14, "3DH", 25, 1, 0), /* ft */
};

static const struct asterix_field i120_cal[] = {
	UINT(1, "D"),
	SPARE(5),
	INT(10, "CAL"), /* m/s */
};

static const struct asterix_field i120_rds[] = {
	UINT(16, "DOP"), /* m/s */
	UINT(16, "AMB"), /* m/s */
	UINT(16, "FRQ"), /* MHz */
};

static const struct asterix_item i120[] = {
	FIXED("CAL", 2, i120_cal),
	REPETITIVE("RDS", 6, i120_rds),
};

static const struct asterix_field i130_srl[] = {
	QUANTITY(8, NULL, 45, 1024, 10), /* ° */
};

static const struct asterix_field i130_srr[] = {
	UINT(8, NULL),
};

static const struct asterix_field i130_sam[] = {
	INT(8, NULL), /* dBm */
};

static const struct asterix_field i130_prl[] = {
	QUANTITY(8, NULL, 45, 1024, 10), /* ° */
};

static const struct asterix_field i130_pam[] = {
	INT(8, NULL), /* dBm */
};

static const struct asterix_field i130_rpd[] = {
	SIGNED(8, NULL, 1, 256, 8), /* NM */
};

static const struct asterix_field i130_apd[] = {
	SIGNED(8, NULL, 45, 2048, 10), /* ° */
};

static const struct asterix_item i130[] = {
	FIXED("SRL", 1, i130_srl),
	FIXED("SRR", 1, i130_srr),
	FIXED("SAM", 1, i130_sam),
	FIXED("PRL", 1, i130_prl),
	FIXED("PAM", 1, i130_pam),
	FIXED("RPD", 1, i130_rpd),
	FIXED("APD", 1, i130_apd),
};

static const struct asterix_field i140[] = {
	QUANTITY(24, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i161[] = {
	SPARE(4),
	UINT(12, "TRN"),
};

static const struct asterix_field i170[] = {
	UINT(1, "CNF"),
	UINT(2, "RAD"),
	UINT(1, "DOU"),
	UINT(1, "MAH"),
	UINT(2, "CDM"),
	FX,
	UINT(1, "TRE"),
	UINT(1, "GHO"),
	UINT(1, "SUP"),
	UINT(1, "TCC"),
	SPARE(3),
	FX,
};

static const struct asterix_field i200[] = {
	QUANTITY(16, "GSP", 1, 16384, 10), /* NM/s */
	QUANTITY(16, "HDG", 45, 8192, 10), /* ° */
};

static const struct asterix_field i210[] = {
	QUANTITY(8, "SIGX", 1, 128, 7), /* NM */
	QUANTITY(8, "SIGY", 1, 128, 7), /* NM */
	QUANTITY(8, "SIGV", 1, 16384, 10), /* NM/s */
	QUANTITY(8, "SIGH", 45, 512, 9), /* ° */
};

static const struct asterix_field i220[] = {
	HEX(24, NULL),
};

static const struct asterix_field i230[] = {
	UINT(3, "COM"),
	UINT(3, "STAT"),
	UINT(1, "SI"),
	SPARE(1),
	UINT(1, "MSSC"),
	UINT(1, "ARC"),
	UINT(1, "AIC"),
	UINT(1, "B1A"),
	UINT(4, "B1B"),
};

static const struct asterix_field i240[] = {
	ICAO(48, NULL),
};

static const struct asterix_field i250[] = {
	HEX(56, "MBDATA"),
	UINT(4, "BDS1"),
	UINT(4, "BDS2"),
};

static const struct asterix_field i260[] = {
	HEX(56, NULL),
};

static const struct asterix_item uap[] = {
	FIXED("010", 2, i010), /* data source identifier */
	FIXED("140", 3, i140), /* time of day */
	EXTENDED("020", i020), /* target report descriptor */
	FIXED("040", 4, i040), /* measured position in polar co-ordinates */
	FIXED("070", 2, i070), /* mode-3/a code in octal representation */
	FIXED("090", 2, i090), /* flight level in binary representation */
	COMPOUND("130", i130), /* radar plot characteristics */
	FIXED("220", 3, i220), /* aircraft address */
	FIXED("240", 6, i240), /* aircraft identification */
	REPETITIVE("250", 8, i250), /* bds register data */
	FIXED("161", 2, i161), /* track number */
	FIXED("042", 4, i042), /* calculated position in cartesian co-ordinates */
	FIXED("200", 4, i200), /* calculated track velocity in polar co-ordinates */
	EXTENDED("170", i170), /* track status */
	FIXED("210", 4, i210), /* track quality */
	REPETITIVE_FX("030", 1, i030), /* warning/error conditions and target classification */
	FIXED("080", 2, i080), /* mode-3/a code confidence indicator */
	FIXED("100", 4, i100), /* mode-c code and code confidence indicator */
	FIXED("110", 2, i110), /* height measured by a 3d radar */
	COMPOUND("120", i120), /* radial doppler speed */
	FIXED("230", 2, i230), /* communications/acas capability and flight status */
	FIXED("260", 7, i260), /* acas resolution advisory report */
	FIXED("055", 1, i055), /* mode-1 code in octal representation */
	FIXED("050", 2, i050), /* mode-2 code in octal representation */
	FIXED("065", 1, i065), /* mode-1 code confidence indicator */
	FIXED("060", 2, i060), /* mode-2 code confidence indicator */
	EXPLICIT("SP"), /* special purpose field */
	EXPLICIT_OF("RE", cat048_re), /* reserved expansion field */
};

const struct asterix_category cat048_category = {
	.cat = 48,
	.time_frn = { 2 }, /* I048/140 */
	.edition = "1.32",
	.since = "1.15",
	.n_uap = sizeof(uap) / sizeof(uap[0]),
	.uap = uap,
};
