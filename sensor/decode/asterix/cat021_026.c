/*
 * cat021_026 - CAT021, ADS-B target reports, editions 0.23 to 0.26, as const tables.
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

static const struct asterix_field i040[] = {
	UINT(1, "DCR"),
	UINT(1, "GBS"),
	UINT(1, "SIM"),
	UINT(1, "TST"),
	UINT(1, "RAB"),
	UINT(1, "SAA"),
	UINT(1, "SPI"),
	SPARE(1),
	UINT(3, "ATP"),
	UINT(2, "ARC"),
	SPARE(3),
};

static const struct asterix_field i030[] = {
	QUANTITY(24, NULL, 1, 128, 7), /* s */
};

static const struct asterix_field i130[] = {
	SIGNED(32, "LAT", 45, 8388608, 10), /* ° */
	SIGNED(32, "LON", 45, 8388608, 10), /* ° */
};

static const struct asterix_field i130_023[] = {
	SIGNED(24, "LAT", 45, 2097152, 10), /* ° */
	SIGNED(24, "LON", 45, 2097152, 10), /* ° */
};

static const struct asterix_field i080[] = {
	HEX(24, NULL),
};

static const struct asterix_field i140[] = {
	SIGNED(16, NULL, 25, 4, 2), /* ft */
};

static const struct asterix_field i090[] = {
	UINT(2, "AC"),
	UINT(2, "MN"),
	UINT(2, "DC"),
	SPARE(6),
	UINT(4, "PA"),
};

static const struct asterix_field i210[] = {
	SPARE(3),
	UINT(1, "DTI"),
	UINT(1, "MDS"),
	UINT(1, "UAT"),
	UINT(1, "VDL"),
	UINT(1, "OTR"),
};

static const struct asterix_field i230[] = {
	SIGNED(16, NULL, 1, 100, 2), /* ° */
};

static const struct asterix_field i145[] = {
	SIGNED(16, NULL, 1, 4, 2), /* FL */
};

static const struct asterix_field i150[] = {
	UINT(1, "IM"),
	SPEED(15, "AS"),
};

static const struct asterix_field i151[] = {
	UINT(16, NULL), /* kt */
};

static const struct asterix_field i152[] = {
	QUANTITY(16, NULL, 45, 8192, 10), /* ° */
};

static const struct asterix_field i155[] = {
	SIGNED(16, NULL, 25, 4, 2), /* ft/min */
};

static const struct asterix_field i160[] = {
	SIGNED(16, "GS", 1, 16384, 10), /* NM/s */
	QUANTITY(16, "TA", 45, 8192, 10), /* ° */
};

static const struct asterix_field i165[] = {
	UINT(2, "TI"),
	SPARE(5),
	FX,
	SIGNED(7, "ROT", 1, 4, 2), /* °/s */
	FX,
};

static const struct asterix_field i170[] = {
	ICAO(48, NULL),
};

static const struct asterix_field uint8[] = {
	UINT(8, NULL),
};

static const struct asterix_field i032[] = {
	QUANTITY(8, NULL, 1, 256, 8), /* s */
};

static const struct asterix_field i220_ws[] = {
	UINT(16, NULL), /* kt; the wind direction in degrees */
};

static const struct asterix_field i220_tmp[] = {
	SIGNED(16, NULL, 1, 4, 2), /* °C */
};

static const struct asterix_item i220[] = {
	FIXED("WS", 2, i220_ws),
	FIXED("WD", 2, i220_ws),
	FIXED("TMP", 2, i220_tmp),
	FIXED("TRB", 1, uint8),
};

static const struct asterix_field i146[] = {
	UINT(1, "SAS"),
	UINT(2, "SRC"),
	SIGNED(13, "ALT", 25, 1, 0), /* ft */
};

static const struct asterix_field i148[] = {
	UINT(1, "MV"),
	UINT(1, "AH"),
	UINT(1, "AM"),
	SIGNED(13, "ALT", 25, 1, 0), /* ft */
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

static const struct asterix_field i070[] = {
	UINT(1, "V"),
	UINT(1, "G"),
	UINT(1, "L"),
	SPARE(1),
	OCTAL(12, "MODE3A"),
};

/* Edition 0.23 has the position in three octets each. */
#define UAP(octets, position) { \
	FIXED("010", 2, i010), /* data source identification */ \
	FIXED("040", 2, i040), /* target report descriptor */ \
	FIXED("030", 3, i030), /* time of day */ \
	FIXED("130", octets, position), /* position in wgs-84 co-ordinates */ \
	FIXED("080", 3, i080), /* target address */ \
	FIXED("140", 2, i140), /* geometric altitude */ \
	FIXED("090", 2, i090), /* figure of merit */ \
	FIXED("210", 1, i210), /* link technology indicator */ \
	FIXED("230", 2, i230), /* roll angle */ \
	FIXED("145", 2, i145), /* flight level */ \
	FIXED("150", 2, i150), /* air speed */ \
	FIXED("151", 2, i151), /* true airspeed */ \
	FIXED("152", 2, i152), /* magnetic heading */ \
	FIXED("155", 2, i155), /* barometric vertical rate */ \
	FIXED("157", 2, i155), /* geometric vertical rate */ \
	FIXED("160", 4, i160), /* ground vector */ \
	EXTENDED("165", i165), /* rate of turn */ \
	FIXED("170", 6, i170), /* target identification */ \
	FIXED("095", 1, uint8), /* velocity accuracy */ \
	FIXED("032", 1, i032), /* time of day accuracy */ \
	FIXED("200", 1, uint8), /* target status */ \
	FIXED("020", 1, uint8), /* emitter category */ \
	COMPOUND("220", i220), /* met information */ \
	FIXED("146", 2, i146), /* intermediate state selected altitude */ \
	FIXED("148", 2, i148), /* final state selected altitude */ \
	COMPOUND("110", i110), /* trajectory intent */ \
	FIXED("070", 2, i070), /* mode 3/a code in octal representation */ \
	FIXED("131", 1, uint8), /* signal amplitude */ \
	UNUSED, /* 29 */ \
	UNUSED, /* 30 */ \
	UNUSED, /* 31 */ \
	UNUSED, /* 32 */ \
	UNUSED, /* 33 */ \
	EXPLICIT("RE"), /* reserved expansion field */ \
	EXPLICIT("SP"), /* special purpose field */ \
}

static const struct asterix_item uap[] = UAP(8, i130);
static const struct asterix_item uap_023[] = UAP(6, i130_023);

const struct asterix_category cat021_026_category = {
	.cat = 21,
	.edition = "0.26",
	.since = "0.24",
	.time_frn = { 3 }, /* I021/030 */
	.n_uap = COUNT_OF(uap),
	.uap = uap,
};

const struct asterix_category cat021_023_category = {
	.cat = 21,
	.edition = "0.23",
	.time_frn = { 3 }, /* I021/030 */
	.n_uap = COUNT_OF(uap_023),
	.uap = uap_023,
};
