/*
 * cat048_re - the reserved expansion field of CAT048, edition 1.13, as const tables.
 *
 * Layout, LSB, ranges and names are facts of the EUROCONTROL specification, taken from asterix-specs
 * (zoranbosnjak/asterix-specs, BSD-3-Clause). Units stand behind the quantities.
 */
#include "sensor/decode/asterix/asterix_table.h"
#include "sensor/decode/asterix/asterix_tables.h"

static const struct asterix_field md5_sum[] = {
	UINT(1, "M5"),
	UINT(1, "ID"),
	UINT(1, "DA"),
	UINT(1, "M1"),
	UINT(1, "M2"),
	UINT(1, "M3"),
	UINT(1, "MC"),
	SPARE(1),
};

static const struct asterix_field md5_pmn[] = {
	SPARE(2),
	UINT(14, "PIN"),
	SPARE(2),
	UINT(1, "NAV"),
	UINT(5, "NAT"),
	SPARE(2),
	UINT(6, "MIS"),
};

static const struct asterix_field m5n_pmn[] = {
	SPARE(2),
	UINT(14, "PIN"),
	SPARE(4),
	UINT(1, "NOV"),
	UINT(11, "NO"),
};

static const struct asterix_field position[] = {
	SIGNED(24, "LAT", 45, 2097152, 10), /* ° */
	SIGNED(24, "LON", 45, 2097152, 10), /* ° */
};

static const struct asterix_field altitude[] = {
	SPARE(1),
	UINT(1, "RES"),
	SIGNED(14, "GA", 25, 1, 0), /* ft */
};

static const struct asterix_field em1[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	UINT(1, "L"),
	SPARE(1),
	OCTAL(12, "EM1"),
};

static const struct asterix_field time_offset[] = {
	QUANTITY(8, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field xp[] = {
	SPARE(2),
	UINT(1, "XP"),
	UINT(1, "X5"),
	UINT(1, "XC"),
	UINT(1, "X3"),
	UINT(1, "X2"),
	UINT(1, "X1"),
};

static const struct asterix_field fom[] = {
	SPARE(3),
	UINT(5, "FOM"),
};

static const struct asterix_item md5[] = {
	FIXED("SUM", 1, md5_sum),
	FIXED("PMN", 4, md5_pmn),
	FIXED("POS", 6, position),
	FIXED("GA", 2, altitude),
	FIXED("EM1", 2, em1),
	FIXED("TOS", 1, time_offset),
	FIXED("XP", 1, xp),
};

static const struct asterix_item m5n[] = {
	FIXED("SUM", 1, md5_sum),
	FIXED("PMN", 4, m5n_pmn),
	FIXED("POS", 6, position),
	FIXED("GA", 2, altitude),
	FIXED("EM1", 2, em1),
	FIXED("TOS", 1, time_offset),
	FIXED("XP", 1, xp),
	FIXED("FOM", 1, fom),
};

static const struct asterix_field m4e[] = {
	SPARE(5),
	UINT(2, "FOEFRI"),
	FX,
};

static const struct asterix_field uint8[] = {
	UINT(8, NULL),
};

static const struct asterix_field uint16[] = {
	UINT(16, NULL),
};

static const struct asterix_field decibel[] = {
	QUANTITY(16, NULL, 1, 10, 1), /* dB */
};

static const struct asterix_field range[] = {
	QUANTITY(16, NULL, 1, 256, 8), /* NM */
};

static const struct asterix_item rpc[] = {
	FIXED("SCO", 1, uint8),
	FIXED("SRC", 2, decibel),
	FIXED("RW", 2, range),
	FIXED("AR", 2, range),
};

static const struct asterix_field err[] = {
	QUANTITY(24, NULL, 1, 256, 8), /* NM */
};

static const struct asterix_field rtc_ptl[] = {
	SPARE(3),
	UINT(1, "SCN"),
	UINT(1, "RC"),
	UINT(1, "AC"),
	UINT(1, "SSR"),
	UINT(1, "PSR"),
	UINT(16, "PLOTNR"),
};

static const struct asterix_field rtc_npp[] = {
	QUANTITY(16, "PREDRHO", 1, 128, 7), /* NM */
	QUANTITY(16, "PREDTHETA", 45, 8192, 10), /* ° */
	QUANTITY(16, "EVOLRHOSTART", 1, 128, 7), /* NM */
	QUANTITY(16, "EVOLRHOEND", 1, 128, 7), /* NM */
	QUANTITY(16, "EVOLTHETASTART", 45, 8192, 10), /* ° */
	QUANTITY(16, "EVOLTHETAEND", 45, 8192, 10), /* ° */
	QUANTITY(16, "NOISERHOSTART", 1, 128, 7), /* NM */
	QUANTITY(16, "NOISERHOEND", 1, 128, 7), /* NM */
	QUANTITY(16, "NOISETHETASTART", 45, 8192, 10), /* ° */
	QUANTITY(16, "NOISETHETAEND", 45, 8192, 10), /* ° */
	QUANTITY(16, "PREDTIME", 1, 128, 7), /* s */
};

static const struct asterix_field rtc_dlk[] = {
	UINT(4, "TYPE"),
	UINT(2, "ORIGIN"),
	UINT(2, "STATE"),
};

static const struct asterix_field rtc_lck[] = {
	UINT(1, "LS"),
	UINT(15, "LOCTIM"), /* ms */
};

static const struct asterix_field rtc_tc[] = {
	SPARE(7),
	UINT(4, "TCOUNT1"),
	UINT(5, "TCODE1"),
	UINT(4, "TCOUNT2"),
	OCTAL(12, "TCODE2"),
	UINT(4, "TCOUNT3"),
	OCTAL(12, "TCODE3"),
};

static const struct asterix_field rtc_tlc[] = {
	UINT(2, "ACQI"),
	UINT(14, "TRKUPDCTR"),
	UINT(16, "LASTTRKUPD"), /* ms */
};

static const struct asterix_field rtc_asi[] = {
	UINT(8, "SACADJS"),
	UINT(8, "SICADJS"),
	QUANTITY(16, "TIMEOFDAYSCN", 1, 128, 7), /* s */
	UINT(7, "DATAUSE"),
	UINT(1, "DRNA"),
	UINT(16, "DRN"),
};

static const struct asterix_field rtc_ir[] = {
	UINT(1, "IR"),
	UINT(7, "M3A"), /* s */
};

static const struct asterix_item rtc[] = {
	FIXED("PTL", 3, rtc_ptl),
	REPETITIVE("ATL", 2, uint16),
	FIXED("TRN", 1, uint8), /* % */
	FIXED("NPP", 22, rtc_npp),
	REPETITIVE("DLK", 1, rtc_dlk),
	FIXED("LCK", 2, rtc_lck),
	FIXED("TC", 6, rtc_tc),
	FIXED("TLC", 4, rtc_tlc),
	REPETITIVE("ASI", 7, rtc_asi),
	FIXED("TES", 1, uint8),
	FIXED("IR", 1, rtc_ir),
};

static const struct asterix_field cpc_rpl[] = {
	UINT(8, "TYPE"),
	UINT(16, "REPLYNBR"),
};

static const struct asterix_field cpc_date[] = {
	HEX(32, NULL), /* decimal digits YYYYMMDD, four bits each */
};

static const struct asterix_item cpc[] = {
	FIXED("PNB", 2, uint16),
	REPETITIVE("RPL", 3, cpc_rpl),
	FIXED("SNB", 1, uint8),
	FIXED("DATE", 4, cpc_date),
};

static const struct asterix_field gen48_altm2[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	UINT(1, "L"),
	SPARE(1),
	OCTAL(12, "ALTM2"),
};

static const struct asterix_field gen48_altm3[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	UINT(1, "L"),
	SPARE(1),
	OCTAL(12, "ALTM3"),
};

static const struct asterix_field gen48_altfl[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	SIGNED(14, "ALTFL", 1, 4, 2), /* FL */
};

static const struct asterix_field gen48_rcsdb[] = {
	SPARE(2),
	SIGNED(14, "RCSDB", 1, 100, 2), /* dBm² */
};

static const struct asterix_field gen48_rcsm[] = {
	SPARE(2),
	QUANTITY(30, "RCSM", 1, 1000000, 6), /* m² */
};

static const struct asterix_item gen48[] = {
	FIXED("ALTM2", 2, gen48_altm2),
	FIXED("ALTM3", 2, gen48_altm3),
	FIXED("ALTFL", 2, gen48_altfl),
	FIXED("RCSDB", 2, gen48_rcsdb),
	FIXED("RCSM", 4, gen48_rcsm),
};

static const struct asterix_item re[] = {
	COMPOUND("MD5", md5), /* mode 5 reports */
	COMPOUND("M5N", m5n), /* mode 5 reports, new format */
	EXTENDED("M4E", m4e), /* extended mode 4 report */
	COMPOUND("RPC", rpc), /* radar plot characteristics */
	FIXED("ERR", 3, err), /* extended range report */
	COMPOUND("RTC", rtc), /* radar track characteristics */
	COMPOUND("CPC", cpc), /* common and plot characteristics */
	COMPOUND("GEN48", gen48), /* generic category 048 data */
};

const struct asterix_item cat048_re[1] = { COMPOUND_OF("RE", 1, re) };
