/*
 * cat021 - CAT021, ADS-B target reports, edition 2.7, as const tables.
 *
 * Layout, LSB, ranges and names are facts of the EUROCONTROL specification, taken from asterix-specs
 * (zoranbosnjak/asterix-specs, BSD-3-Clause). Units stand behind the quantities; FRN is index + 1.
 */
#include "sensor/decode/asterix/asterix_table.h"
#include "sensor/decode/asterix/asterix_tables.h"

static const struct asterix_field i008[] = {
	UINT(1, "RA"),
	UINT(2, "TC"),
	UINT(1, "TS"),
	UINT(1, "ARV"),
	UINT(1, "CDTIA"),
	UINT(1, "NOTTCAS"),
	UINT(1, "SA"),
};

static const struct asterix_field i010[] = {
	UINT(8, "SAC"),
	UINT(8, "SIC"),
};

static const struct asterix_field uint8[] = {
	UINT(8, NULL),
};

static const struct asterix_field quantity8_1_2[] = {
	QUANTITY(8, NULL, 1, 2, 1), /* s */
};

static const struct asterix_field i040[] = {
	UINT(3, "ATP"),
	UINT(2, "ARC"),
	UINT(1, "RC"),
	UINT(1, "RAB"),
	FX,
	UINT(1, "DCR"),
	UINT(1, "GBS"),
	UINT(1, "SIM"),
	UINT(1, "TST"),
	UINT(1, "SAA"),
	UINT(2, "CL"),
	FX,
	SPARE(1),
	UINT(1, "LLC"),
	UINT(1, "IPC"),
	UINT(1, "NOGO"),
	UINT(1, "CPR"),
	UINT(1, "LDPJ"),
	UINT(1, "RCF"),
	FX,
	OPEN("TBC"),
	UINT(1, "EP"),
	UINT(6, "VAL"),
	CLOSE,
	FX,
	OPEN("MBC"),
	UINT(1, "EP"),
	UINT(6, "VAL"),
	CLOSE,
	FX,
};

static const struct asterix_field i070[] = {
	SPARE(4),
	OCTAL(12, "MODE3A"),
};

static const struct asterix_field quantity24_1_128[] = {
	QUANTITY(24, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i074[] = {
	UINT(2, "FSI"),
	QUANTITY(30, "TOMRP", 1, 1073741824, 10), /* s */
};

static const struct asterix_field hex24[] = {
	HEX(24, NULL),
};

static const struct asterix_field i090[] = {
	UINT(3, "NUCRNACV"),
	UINT(4, "NUCPNIC"),
	FX,
	UINT(1, "NICBARO"),
	UINT(2, "SIL"),
	UINT(4, "NACP"),
	FX,
	SPARE(2),
	UINT(1, "SILS"),
	UINT(2, "SDA"),
	UINT(2, "GVA"),
	FX,
	UINT(4, "PIC"),
	UINT(1, "SRC"),
	SPARE(2),
	FX,
	SPARE(2),
	OPEN("VALSTATE"),
	UINT(1, "EP"),
	UINT(2, "VAL"),
	CLOSE,
	UINT(1, "VD"),
	UINT(1, "VQ"),
	FX,
	QUANTITY(7, "VALDISTP1", 128, 1, 0), /* m */
	FX,
	UINT(7, "VALDISTP2"), /* m */
	FX,
	QUANTITY(7, "VALDISTQUALP1", 128, 1, 0), /* m */
	FX,
	UINT(7, "VALDISTQUALP2"), /* m */
	FX,
};

static const struct asterix_field i110_tis[] = {
	UINT(1, "NAV"),
	UINT(1, "NVB"),
	SPARE(5),
	FX,
};

static const struct asterix_field i110_tid[] = {
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

static const struct asterix_item i110[] = {
	EXTENDED("TIS", i110_tis),
	REPETITIVE("TID", 15, i110_tid),
};

static const struct asterix_field i130[] = {
	SIGNED(24, "LAT", 45, 2097152, 10), /* ° */
	SIGNED(24, "LON", 45, 2097152, 10), /* ° */
};

static const struct asterix_field i131[] = {
	SIGNED(32, "LAT", 45, 268435456, 10), /* ° */
	SIGNED(32, "LON", 45, 268435456, 10), /* ° */
};

static const struct asterix_field int8[] = {
	INT(8, NULL), /* dBm */
};

static const struct asterix_field signed16_25_4[] = {
	SIGNED(16, NULL, 25, 4, 2), /* ft */
};

static const struct asterix_field signed16_1_4[] = {
	SIGNED(16, NULL, 1, 4, 2), /* FL */
};

static const struct asterix_field i146[] = {
	UINT(1, "SAS"),
	UINT(2, "S"),
	SIGNED(13, "ALT", 25, 1, 0), /* ft */
};

static const struct asterix_field i148[] = {
	UINT(1, "MV"),
	UINT(1, "AH"),
	UINT(1, "AM"),
	SIGNED(13, "ALT", 25, 1, 0), /* ft */
};

static const struct asterix_field i150[] = {
	UINT(1, "IM"),
	SPEED(15, "AS"),
};

static const struct asterix_field i151[] = {
	UINT(1, "RE"),
	UINT(15, "TAS"), /* kt */
};

static const struct asterix_field quantity16_45_8192[] = {
	QUANTITY(16, NULL, 45, 8192, 10), /* ° */
};

static const struct asterix_field i155[] = {
	UINT(1, "RE"),
	SIGNED(15, "BVR", 25, 4, 2), /* ft/min */
};

static const struct asterix_field i157[] = {
	UINT(1, "RE"),
	SIGNED(15, "GVR", 25, 4, 2), /* ft/min */
};

static const struct asterix_field i160[] = {
	UINT(1, "RE"),
	QUANTITY(15, "GS", 1, 16384, 10), /* NM/s */
	QUANTITY(16, "TA", 45, 8192, 10), /* ° */
};

static const struct asterix_field i161[] = {
	SPARE(4),
	UINT(12, "TRNUM"),
};

static const struct asterix_field i165[] = {
	SPARE(6),
	SIGNED(10, "TAR", 1, 32, 5), /* °/s */
};

static const struct asterix_field icao48[] = {
	ICAO(48, NULL),
};

static const struct asterix_field i200[] = {
	UINT(1, "ICF"),
	UINT(1, "LNAV"),
	UINT(1, "ME"),
	UINT(3, "PS"),
	UINT(2, "SS"),
};

static const struct asterix_field i210[] = {
	SPARE(1),
	UINT(1, "VNS"),
	UINT(3, "VN"),
	UINT(3, "LTT"),
};

static const struct asterix_field uint16[] = {
	UINT(16, NULL), /* kt */
};

static const struct asterix_field uint16_[] = {
	UINT(16, NULL), /* ° */
};

static const struct asterix_field signed16_1_4_c[] = {
	SIGNED(16, NULL, 1, 4, 2), /* °C */
};

static const struct asterix_item i220[] = {
	FIXED("WS", 2, uint16),
	FIXED("WD", 2, uint16_),
	FIXED("TMP", 2, signed16_1_4_c),
	FIXED("TRB", 1, uint8),
};

static const struct asterix_field signed16_1_100[] = {
	SIGNED(16, NULL, 1, 100, 2), /* ° */
};

static const struct asterix_field hex64[] = {
	HEX(64, NULL),
};

static const struct asterix_field i260[] = {
	UINT(5, "TYP"),
	UINT(3, "STYP"),
	UINT(14, "ARA"),
	UINT(4, "RAC"),
	UINT(1, "RAT"),
	UINT(1, "MTE"),
	UINT(2, "TTI"),
	UINT(26, "TID"),
};

static const struct asterix_field i271[] = {
	SPARE(2),
	UINT(1, "POA"),
	UINT(1, "CDTIS"),
	UINT(1, "B2LOW"),
	UINT(1, "RAS"),
	UINT(1, "IDENT"),
	FX,
	UINT(4, "LW"),
	SPARE(3),
	FX,
};

static const struct asterix_field quantity8_1_10[] = {
	QUANTITY(8, NULL, 1, 10, 1), /* s */
};

static const struct asterix_item i295[] = {
	FIXED("AOS", 1, quantity8_1_10),
	FIXED("TRD", 1, quantity8_1_10),
	FIXED("M3A", 1, quantity8_1_10),
	FIXED("QI", 1, quantity8_1_10),
	FIXED("TI1", 1, quantity8_1_10),
	FIXED("MAM", 1, quantity8_1_10),
	FIXED("GH", 1, quantity8_1_10),
	FIXED("FL", 1, quantity8_1_10),
	FIXED("SAL", 1, quantity8_1_10),
	FIXED("FSA", 1, quantity8_1_10),
	FIXED("AS", 1, quantity8_1_10),
	FIXED("TAS", 1, quantity8_1_10),
	FIXED("MH", 1, quantity8_1_10),
	FIXED("BVR", 1, quantity8_1_10),
	FIXED("GVR", 1, quantity8_1_10),
	FIXED("GV", 1, quantity8_1_10),
	FIXED("TAR", 1, quantity8_1_10),
	FIXED("TI2", 1, quantity8_1_10),
	FIXED("TS", 1, quantity8_1_10),
	FIXED("MET", 1, quantity8_1_10),
	FIXED("ROA", 1, quantity8_1_10),
	FIXED("ARA", 1, quantity8_1_10),
	FIXED("SCC", 1, quantity8_1_10),
};

static const struct asterix_item uap[] = {
	FIXED("010", 2, i010), /* data source identification */
	EXTENDED("040", i040), /* target report descriptor */
	FIXED("161", 2, i161), /* track number */
	FIXED("015", 1, uint8), /* service identification */
	FIXED("071", 3, quantity24_1_128), /* time of applicability for position */
	FIXED("130", 6, i130), /* position in wgs-84 co-ordinates */
	FIXED("131", 8, i131), /* high-resolution position in wgs-84 co-ordinates */
	FIXED("072", 3, quantity24_1_128), /* time of applicability for velocity */
	FIXED("150", 2, i150), /* air speed */
	FIXED("151", 2, i151), /* true airspeed */
	FIXED("080", 3, hex24), /* target address */
	FIXED("073", 3, quantity24_1_128), /* time of message reception for position */
	FIXED("074", 4, i074), /* time of message reception of position-high precision */
	FIXED("075", 3, quantity24_1_128), /* time of message reception for velocity */
	FIXED("076", 4, i074), /* time of message reception of velocity-high precision */
	FIXED("140", 2, signed16_25_4), /* geometric height */
	EXTENDED("090", i090), /* quality indicators */
	FIXED("210", 1, i210), /* mops version */
	FIXED("070", 2, i070), /* mode 3/a code in octal representation */
	FIXED("230", 2, signed16_1_100), /* roll angle */
	FIXED("145", 2, signed16_1_4), /* flight level */
	FIXED("152", 2, quantity16_45_8192), /* magnetic heading */
	FIXED("200", 1, i200), /* target status */
	FIXED("155", 2, i155), /* barometric vertical rate */
	FIXED("157", 2, i157), /* geometric vertical rate */
	FIXED("160", 4, i160), /* airborne ground vector */
	FIXED("165", 2, i165), /* track angle rate */
	FIXED("077", 3, quantity24_1_128), /* time of asterix report transmission */
	FIXED("170", 6, icao48), /* target identification */
	FIXED("020", 1, uint8), /* emitter category */
	COMPOUND("220", i220), /* met information */
	FIXED("146", 2, i146), /* selected altitude */
	FIXED("148", 2, i148), /* final state selected altitude */
	COMPOUND("110", i110), /* trajectory intent */
	FIXED("016", 1, quantity8_1_2), /* service management */
	FIXED("008", 1, i008), /* aircraft operational status */
	EXTENDED("271", i271), /* surface capabilities and characteristics */
	FIXED("132", 1, int8), /* message amplitude */
	REPETITIVE("250", 8, hex64), /* mode s mb data */
	FIXED("260", 7, i260), /* acas resolution advisory report */
	FIXED("400", 1, uint8), /* receiver id */
	COMPOUND("295", i295), /* data ages */
	UNUSED, /* 43 */
	UNUSED, /* 44 */
	UNUSED, /* 45 */
	UNUSED, /* 46 */
	UNUSED, /* 47 */
	EXPLICIT_OF("RE", cat021_re), /* reserved expansion field */
	EXPLICIT("SP"), /* special purpose field */
};

const struct asterix_category cat021_category = {
	.cat = 21,
	.edition = "2.7",
	.since = "2.1",
	.time_frn = { 5, 12, 14, 28 }, /* I021/071, 073, 075, 077 */
	.n_uap = COUNT_OF(uap),
	.uap = uap,
};
