/*
 * cat062 - CAT062, SDPS track messages, edition 1.21, as const tables.
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

static const struct asterix_field uint16[] = {
	UINT(16, NULL),
};

static const struct asterix_field i060[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	UINT(1, "CH"),
	SPARE(1),
	OCTAL(12, "MODE3A"),
};

static const struct asterix_field quantity24_1_128[] = {
	QUANTITY(24, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i080[] = {
	UINT(1, "MON"),
	UINT(1, "SPI"),
	UINT(1, "MRH"),
	UINT(3, "SRC"),
	UINT(1, "CNF"),
	FX,
	UINT(1, "SIM"),
	UINT(1, "TSE"),
	UINT(1, "TSB"),
	UINT(1, "FPC"),
	UINT(1, "AFF"),
	UINT(1, "STP"),
	UINT(1, "KOS"),
	FX,
	UINT(1, "AMA"),
	UINT(2, "MD4"),
	UINT(1, "ME"),
	UINT(1, "MI"),
	UINT(2, "MD5"),
	FX,
	UINT(1, "CST"),
	UINT(1, "PSR"),
	UINT(1, "SSR"),
	UINT(1, "MDS"),
	UINT(1, "ADS"),
	UINT(1, "SUC"),
	UINT(1, "AAC"),
	FX,
	UINT(2, "SDS"),
	UINT(3, "EMS"),
	UINT(1, "PFT"),
	UINT(1, "FPLT"),
	FX,
	UINT(1, "DUPT"),
	UINT(1, "DUPF"),
	UINT(1, "DUPM"),
	UINT(1, "SFC"),
	UINT(1, "IDD"),
	UINT(1, "IEC"),
	UINT(1, "MLAT"),
	FX,
	UINT(1, "M5I"),
	SPARE(6),
	FX,
};

static const struct asterix_field i100[] = {
	SIGNED(24, "X", 1, 2, 1), /* m */
	SIGNED(24, "Y", 1, 2, 1), /* m */
};

static const struct asterix_field i105[] = {
	SIGNED(32, "LAT", 45, 8388608, 10), /* ° */
	SIGNED(32, "LON", 45, 8388608, 10), /* ° */
};

static const struct asterix_field i110_sum[] = {
	UINT(1, "M5"),
	UINT(1, "ID"),
	UINT(1, "DA"),
	UINT(1, "M1"),
	UINT(1, "M2"),
	UINT(1, "M3"),
	UINT(1, "MC"),
	UINT(1, "X"),
};

static const struct asterix_field i110_pmn[] = {
	SPARE(2),
	UINT(14, "PIN"),
	SPARE(3),
	UINT(5, "NAT"),
	SPARE(2),
	UINT(6, "MIS"),
};

static const struct asterix_field i110_pos[] = {
	SIGNED(24, "LAT", 45, 2097152, 10), /* ° */
	SIGNED(24, "LON", 45, 2097152, 10), /* ° */
};

static const struct asterix_field i110_ga[] = {
	SPARE(1),
	UINT(1, "RES"),
	SIGNED(14, "GA", 25, 1, 0), /* ft */
};

static const struct asterix_field i110_em1[] = {
	SPARE(4),
	OCTAL(12, "EM1"),
};

static const struct asterix_field signed8_1_128[] = {
	SIGNED(8, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i110_xp[] = {
	SPARE(3),
	UINT(1, "X5"),
	UINT(1, "XC"),
	UINT(1, "X3"),
	UINT(1, "X2"),
	UINT(1, "X1"),
};

static const struct asterix_item i110[] = {
	FIXED("SUM", 1, i110_sum),
	FIXED("PMN", 4, i110_pmn),
	FIXED("POS", 6, i110_pos),
	FIXED("GA", 2, i110_ga),
	FIXED("EM1", 2, i110_em1),
	FIXED("TOS", 1, signed8_1_128),
	FIXED("XP", 1, i110_xp),
};

static const struct asterix_field i120[] = {
	SPARE(4),
	OCTAL(12, "MODE2"),
};

static const struct asterix_field signed16_25_4[] = {
	SIGNED(16, NULL, 25, 4, 2), /* ft */
};

static const struct asterix_field i135[] = {
	UINT(1, "QNH"),
	SIGNED(15, "CTB", 1, 4, 2), /* FL */
};

static const struct asterix_field signed16_1_4[] = {
	SIGNED(16, NULL, 1, 4, 2), /* FL */
};

static const struct asterix_field i185[] = {
	SIGNED(16, "VX", 1, 4, 2), /* m/s */
	SIGNED(16, "VY", 1, 4, 2), /* m/s */
};

static const struct asterix_field i200[] = {
	UINT(2, "TRANS"),
	UINT(2, "LONG"),
	UINT(2, "VERT"),
	UINT(1, "ADF"),
	SPARE(1),
};

static const struct asterix_field i210[] = {
	SIGNED(8, "AX", 1, 4, 2), /* m/s² */
	SIGNED(8, "AY", 1, 4, 2), /* m/s² */
};

static const struct asterix_field signed16_25_4_ftmin[] = {
	SIGNED(16, NULL, 25, 4, 2), /* ft/min */
};

static const struct asterix_field i245[] = {
	UINT(2, "STI"),
	SPARE(6),
	ICAO(48, "CHR"),
};

static const struct asterix_field i270[] = {
	UINT(7, "LENGTH"), /* m */
	FX,
	QUANTITY(7, "ORIENTATION", 45, 16, 4), /* ° */
	FX,
	UINT(7, "WIDTH"), /* m */
	FX,
};

static const struct asterix_field quantity8_1_4[] = {
	QUANTITY(8, NULL, 1, 4, 2), /* s */
};

static const struct asterix_field quantity16_1_4[] = {
	QUANTITY(16, NULL, 1, 4, 2), /* s */
};

static const struct asterix_item i290[] = {
	FIXED("TRK", 1, quantity8_1_4),
	FIXED("PSR", 1, quantity8_1_4),
	FIXED("SSR", 1, quantity8_1_4),
	FIXED("MDS", 1, quantity8_1_4),
	FIXED("ADS", 2, quantity16_1_4),
	FIXED("ES", 1, quantity8_1_4),
	FIXED("VDL", 1, quantity8_1_4),
	FIXED("UAT", 1, quantity8_1_4),
	FIXED("LOP", 1, quantity8_1_4),
	FIXED("MLT", 1, quantity8_1_4),
};

static const struct asterix_item i295[] = {
	FIXED("MFL", 1, quantity8_1_4),
	FIXED("MD1", 1, quantity8_1_4),
	FIXED("MD2", 1, quantity8_1_4),
	FIXED("MDA", 1, quantity8_1_4),
	FIXED("MD4", 1, quantity8_1_4),
	FIXED("MD5", 1, quantity8_1_4),
	FIXED("MHG", 1, quantity8_1_4),
	FIXED("IAS", 1, quantity8_1_4),
	FIXED("TAS", 1, quantity8_1_4),
	FIXED("SAL", 1, quantity8_1_4),
	FIXED("FSS", 1, quantity8_1_4),
	FIXED("TID", 1, quantity8_1_4),
	FIXED("COM", 1, quantity8_1_4),
	FIXED("SAB", 1, quantity8_1_4),
	FIXED("ACS", 1, quantity8_1_4),
	FIXED("BVR", 1, quantity8_1_4),
	FIXED("GVR", 1, quantity8_1_4),
	FIXED("RAN", 1, quantity8_1_4),
	FIXED("TAR", 1, quantity8_1_4),
	FIXED("TAN", 1, quantity8_1_4),
	FIXED("GSP", 1, quantity8_1_4),
	FIXED("VUN", 1, quantity8_1_4),
	FIXED("MET", 1, quantity8_1_4),
	FIXED("EMC", 1, quantity8_1_4),
	FIXED("POS", 1, quantity8_1_4),
	FIXED("GAL", 1, quantity8_1_4),
	FIXED("PUN", 1, quantity8_1_4),
	FIXED("MB", 1, quantity8_1_4),
	FIXED("IAR", 1, quantity8_1_4),
	FIXED("MAC", 1, quantity8_1_4),
	FIXED("BPS", 1, quantity8_1_4),
};

static const struct asterix_field i340_pos[] = {
	QUANTITY(16, "RHO", 1, 256, 8), /* NM */
	QUANTITY(16, "THETA", 45, 8192, 10), /* ° */
};

static const struct asterix_field signed16_25_1[] = {
	SIGNED(16, NULL, 25, 1, 0), /* ft */
};

static const struct asterix_field i340_mdc[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	SIGNED(14, "LMC", 1, 4, 2), /* FL */
};

static const struct asterix_field i340_mda[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	UINT(1, "L"),
	SPARE(1),
	OCTAL(12, "MODE3A"),
};

static const struct asterix_field i340_typ[] = {
	UINT(3, "TYP"),
	UINT(1, "SIM"),
	UINT(1, "RAB"),
	UINT(1, "TST"),
	SPARE(2),
};

static const struct asterix_item i340[] = {
	FIXED("SID", 2, i010),
	FIXED("POS", 4, i340_pos),
	FIXED("HEIGHT", 2, signed16_25_1),
	FIXED("MDC", 2, i340_mdc),
	FIXED("MDA", 2, i340_mda),
	FIXED("TYP", 1, i340_typ),
};

static const struct asterix_field hex24[] = {
	HEX(24, NULL),
};

static const struct asterix_field icao48[] = {
	ICAO(48, NULL),
};

static const struct asterix_field quantity16_45_8192[] = {
	QUANTITY(16, NULL, 45, 8192, 10), /* ° */
};

static const struct asterix_field i380_ias[] = {
	UINT(1, "IM"),
	SPEED(15, "IAS"),
};

static const struct asterix_field uint16_kt[] = {
	UINT(16, NULL), /* kt */
};

static const struct asterix_field i380_sal[] = {
	UINT(1, "SAS"),
	UINT(2, "SRC"),
	SIGNED(13, "ALT", 25, 1, 0), /* ft */
};

static const struct asterix_field i380_fss[] = {
	UINT(1, "MV"),
	UINT(1, "AH"),
	UINT(1, "AM"),
	SIGNED(13, "ALT", 25, 1, 0), /* ft */
};

static const struct asterix_field i380_tis[] = {
	UINT(1, "NAV"),
	UINT(1, "NVB"),
	SPARE(5),
	FX,
};

static const struct asterix_field i380_tid[] = {
	UINT(1, "TCA"),
	UINT(1, "NC"),
	UINT(6, "TCPN"),
	SIGNED(16, "ALT", 10, 1, 0), /* ft */
	SIGNED(24, "LAT", 45, 2097152, 10), /* ° */
	SIGNED(24, "LON", 45, 2097152, 10), /* ° */
	UINT(4, "PT"),
	UINT(2, "TD"),
	UINT(1, "TRA"),
	UINT(1, "TOA"),
	UINT(24, "TOV"), /* s */
	QUANTITY(16, "TTR", 1, 100, 2), /* NM */
};

static const struct asterix_field i380_com[] = {
	UINT(3, "COM"),
	UINT(3, "STAT"),
	SPARE(2),
	UINT(1, "SSC"),
	UINT(1, "ARC"),
	UINT(1, "AIC"),
	UINT(1, "B1A"),
	UINT(4, "B1B"),
};

static const struct asterix_field i380_sab[] = {
	UINT(2, "AC"),
	UINT(2, "MN"),
	UINT(2, "DC"),
	UINT(1, "GBS"),
	SPARE(6),
	UINT(3, "STAT"),
};

static const struct asterix_field hex56[] = {
	HEX(56, NULL),
};

static const struct asterix_field signed16_1_100[] = {
	SIGNED(16, NULL, 1, 100, 2), /* ° */
};

static const struct asterix_field i380_tar[] = {
	UINT(2, "TI"),
	SPARE(6),
	SIGNED(7, "ROT", 1, 4, 2), /* °/s */
	SPARE(1),
};

static const struct asterix_field signed16_1_16384[] = {
	SIGNED(16, NULL, 1, 16384, 10), /* NM/s */
};

static const struct asterix_field i380_met[] = {
	UINT(1, "WS"),
	UINT(1, "WD"),
	UINT(1, "TMP"),
	UINT(1, "TRB"),
	SPARE(4),
	UINT(16, "WSD"), /* kt */
	UINT(16, "WDD"), /* ° */
	SIGNED(16, "TMPD", 1, 4, 2), /* °C */
	UINT(8, "TRBD"),
};

static const struct asterix_field i380_pun[] = {
	SPARE(4),
	UINT(4, "PUN"),
};

static const struct asterix_field hex64[] = {
	HEX(64, NULL),
};

static const struct asterix_field quantity16_1_125[] = {
	QUANTITY(16, NULL, 1, 125, 3), /* Mach */
};

static const struct asterix_field i380_bps[] = {
	SPARE(4),
	QUANTITY(12, "BPS", 1, 10, 1), /* mb */
};

static const struct asterix_item i380[] = {
	FIXED("ADR", 3, hex24),
	FIXED("ID", 6, icao48),
	FIXED("MHG", 2, quantity16_45_8192),
	FIXED("IAS", 2, i380_ias),
	FIXED("TAS", 2, uint16_kt),
	FIXED("SAL", 2, i380_sal),
	FIXED("FSS", 2, i380_fss),
	EXTENDED("TIS", i380_tis),
	REPETITIVE("TID", 15, i380_tid),
	FIXED("COM", 2, i380_com),
	FIXED("SAB", 2, i380_sab),
	FIXED("ACS", 7, hex56),
	FIXED("BVR", 2, signed16_25_4_ftmin),
	FIXED("GVR", 2, signed16_25_4_ftmin),
	FIXED("RAN", 2, signed16_1_100),
	FIXED("TAR", 2, i380_tar),
	FIXED("TAN", 2, quantity16_45_8192),
	FIXED("GS", 2, signed16_1_16384),
	FIXED("VUN", 1, uint8),
	FIXED("MET", 8, i380_met),
	FIXED("EMC", 1, uint8),
	FIXED("POS", 6, i110_pos),
	FIXED("GAL", 2, signed16_25_4),
	FIXED("PUN", 1, i380_pun),
	REPETITIVE("BDSDATA", 8, hex64),
	FIXED("IAR", 2, uint16_kt),
	FIXED("MAC", 2, quantity16_1_125),
	FIXED("BPS", 2, i380_bps),
};

static const struct asterix_field ascii56[] = {
	ASCII(56, NULL),
};

static const struct asterix_field i390_ifi[] = {
	UINT(2, "TYP"),
	SPARE(3),
	UINT(27, "NBR"),
};

static const struct asterix_field i390_fct[] = {
	UINT(2, "GATOAT"),
	UINT(2, "FR1FR2"),
	UINT(2, "RVSM"),
	UINT(1, "HPR"),
	SPARE(1),
};

static const struct asterix_field ascii32[] = {
	ASCII(32, NULL),
};

static const struct asterix_field ascii8[] = {
	ASCII(8, NULL),
};

static const struct asterix_field i390_rds[] = {
	ASCII(8, "NU1"),
	ASCII(8, "NU2"),
	ASCII(8, "LTR"),
};

static const struct asterix_field quantity16_1_4_fl[] = {
	QUANTITY(16, NULL, 1, 4, 2), /* FL */
};

static const struct asterix_field i390_ctl[] = {
	UINT(8, "CENTRE"),
	UINT(8, "POSITION"),
};

static const struct asterix_field i390_tod[] = {
	UINT(5, "TYP"),
	UINT(2, "DAY"),
	SPARE(4),
	UINT(5, "HOR"),
	SPARE(2),
	UINT(6, "MIN"),
	UINT(1, "AVS"),
	SPARE(1),
	UINT(6, "SEC"),
};

static const struct asterix_field ascii48[] = {
	ASCII(48, NULL),
};

static const struct asterix_field i390_sts[] = {
	UINT(2, "EMP"),
	UINT(2, "AVL"),
	SPARE(4),
};

static const struct asterix_field i390_pem[] = {
	SPARE(3),
	UINT(1, "VA"),
	OCTAL(12, "MODE3A"),
};

static const struct asterix_item i390[] = {
	FIXED("TAG", 2, i010),
	FIXED("CS", 7, ascii56),
	FIXED("IFI", 4, i390_ifi),
	FIXED("FCT", 1, i390_fct),
	FIXED("TAC", 4, ascii32),
	FIXED("WTC", 1, ascii8),
	FIXED("DEP", 4, ascii32),
	FIXED("DST", 4, ascii32),
	FIXED("RDS", 3, i390_rds),
	FIXED("CFL", 2, quantity16_1_4_fl),
	FIXED("CTL", 2, i390_ctl),
	REPETITIVE("TOD", 4, i390_tod),
	FIXED("AST", 6, ascii48),
	FIXED("STS", 1, i390_sts),
	FIXED("STD", 7, ascii56),
	FIXED("STA", 7, ascii56),
	FIXED("PEM", 2, i390_pem),
	FIXED("PEC", 7, ascii56),
};

static const struct asterix_field i500_apc[] = {
	QUANTITY(16, "X", 1, 2, 1), /* m */
	QUANTITY(16, "Y", 1, 2, 1), /* m */
};

static const struct asterix_field signed16_1_2[] = {
	SIGNED(16, NULL, 1, 2, 1), /* m */
};

static const struct asterix_field i500_apw[] = {
	QUANTITY(16, "LAT", 45, 8388608, 10), /* ° */
	QUANTITY(16, "LON", 45, 8388608, 10), /* ° */
};

static const struct asterix_field quantity8_25_4[] = {
	QUANTITY(8, NULL, 25, 4, 2), /* ft */
};

static const struct asterix_field quantity8_1_4_fl[] = {
	QUANTITY(8, NULL, 1, 4, 2), /* FL */
};

static const struct asterix_field i500_atv[] = {
	QUANTITY(8, "X", 1, 4, 2), /* m/s */
	QUANTITY(8, "Y", 1, 4, 2), /* m/s */
};

static const struct asterix_field i500_aa[] = {
	QUANTITY(8, "X", 1, 4, 2), /* m/s² */
	QUANTITY(8, "Y", 1, 4, 2), /* m/s² */
};

static const struct asterix_field quantity8_25_4_ftmin[] = {
	QUANTITY(8, NULL, 25, 4, 2), /* ft/min */
};

static const struct asterix_item i500[] = {
	FIXED("APC", 4, i500_apc),
	FIXED("COV", 2, signed16_1_2),
	FIXED("APW", 4, i500_apw),
	FIXED("AGA", 1, quantity8_25_4),
	FIXED("ABA", 1, quantity8_1_4_fl),
	FIXED("ATV", 2, i500_atv),
	FIXED("AA", 2, i500_aa),
	FIXED("ARC", 1, quantity8_25_4_ftmin),
};

static const struct asterix_field i510[] = {
	UINT(8, "IDENT"),
	UINT(15, "TRACK"),
	FX,
};

static const struct asterix_item uap[] = {
	FIXED("010", 2, i010), /* data source identifier */
	UNUSED, /* 2 */
	FIXED("015", 1, uint8), /* service identification */
	FIXED("070", 3, quantity24_1_128), /* time of track information */
	FIXED("105", 8, i105), /* calculated position in wgs-84 co-ordinates */
	FIXED("100", 6, i100), /* calculated track position (cartesian) */
	FIXED("185", 4, i185), /* calculated track velocity (cartesian) */
	FIXED("210", 2, i210), /* calculated acceleration (cartesian) */
	FIXED("060", 2, i060), /* track mode 3/a code */
	FIXED("245", 7, i245), /* target identification */
	COMPOUND("380", i380), /* aircraft derived data */
	FIXED("040", 2, uint16), /* track number */
	EXTENDED("080", i080), /* track status */
	COMPOUND("290", i290), /* system track update ages */
	FIXED("200", 1, i200), /* mode of movement */
	COMPOUND("295", i295), /* track data ages */
	FIXED("136", 2, signed16_1_4), /* measured flight level */
	FIXED("130", 2, signed16_25_4), /* calculated track geometric altitude */
	FIXED("135", 2, i135), /* calculated track barometric altitude */
	FIXED("220", 2, signed16_25_4_ftmin), /* calculated rate of climb/descent */
	COMPOUND("390", i390), /* flight plan related data */
	EXTENDED("270", i270), /* target size and orientation */
	FIXED("300", 1, uint8), /* vehicle fleet identification */
	COMPOUND("110", i110), /* mode 5 data reports and extended mode 1 code */
	FIXED("120", 2, i120), /* track mode 2 code */
	REPETITIVE_FX("510", 3, i510), /* composed track number */
	COMPOUND("500", i500), /* estimated accuracies */
	COMPOUND("340", i340), /* measured information */
	UNUSED, /* 29 */
	UNUSED, /* 30 */
	UNUSED, /* 31 */
	UNUSED, /* 32 */
	UNUSED, /* 33 */
	EXPLICIT_OF("RE", cat062_re), /* reserved expansion field */
	EXPLICIT("SP"), /* special purpose field */
};

const struct asterix_category cat062_category = {
	.cat = 62,
	.edition = "1.21",
	.since = "1.12",
	.time_frn = { 4 }, /* I062/070 */
	.n_uap = COUNT_OF(uap),
	.uap = uap,
};
