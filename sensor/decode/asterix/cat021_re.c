/*
 * cat021_re - the reserved expansion field of CAT021, edition 1.5, as const tables.
 *
 * Layout, LSB, ranges and names are facts of the EUROCONTROL specification, taken from asterix-specs
 * (zoranbosnjak/asterix-specs, BSD-3-Clause). Units stand behind the quantities.
 */
#include "sensor/decode/asterix/asterix_table.h"
#include "sensor/decode/asterix/asterix_tables.h"

static const struct asterix_field bps[] = {
	SPARE(4),
	QUANTITY(12, "BPS", 1, 10, 1), /* hPa above 800 */
};

static const struct asterix_field sh[] = {
	SPARE(4),
	UINT(1, "HDR"),
	UINT(1, "STAT"),
	QUANTITY(10, "SH", 45, 128, 7), /* ° */
};

static const struct asterix_field nav[] = {
	UINT(1, "AP"),
	UINT(1, "VN"),
	UINT(1, "AH"),
	UINT(1, "AM"),
	OPEN("MFM"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	SPARE(2),
};

static const struct asterix_field gao[] = {
	UINT(8, NULL),
};

static const struct asterix_field sgv[] = {
	UINT(1, "STP"),
	UINT(1, "HTS"),
	UINT(1, "HTT"),
	UINT(1, "HRD"),
	QUANTITY(11, "GSS", 1, 8, 3), /* kt */
	FX,
	QUANTITY(7, "HGT", 45, 16, 4), /* ° */
	FX,
};

static const struct asterix_field sta[] = {
	UINT(1, "ES"),
	UINT(1, "UAT"),
	OPEN("RCE"),
	UINT(1, "EP"),
	UINT(2, "VAL"),
	CLOSE,
	OPEN("RRL"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	FX,
	OPEN("PS3"),
	UINT(1, "EP"),
	UINT(3, "VAL"),
	CLOSE,
	OPEN("TPW"),
	UINT(1, "EP"),
	UINT(2, "VAL"),
	CLOSE,
	FX,
	OPEN("TSI"),
	UINT(1, "EP"),
	UINT(2, "VAL"),
	CLOSE,
	OPEN("MUO"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	OPEN("RWC"),
	UINT(1, "EP"),
	UINT(1, "VAL"),
	CLOSE,
	FX,
	OPEN("DAA"),
	UINT(1, "EP"),
	UINT(2, "VAL"),
	CLOSE,
	OPEN("DF17CA"),
	UINT(1, "EP"),
	UINT(3, "VAL"),
	CLOSE,
	FX,
	OPEN("SVH"),
	UINT(1, "EP"),
	UINT(2, "VAL"),
	CLOSE,
	OPEN("CATC"),
	UINT(1, "EP"),
	UINT(3, "VAL"),
	CLOSE,
	FX,
	OPEN("TAO"),
	UINT(1, "EP"),
	UINT(5, "VAL"),
	CLOSE,
	SPARE(1),
	FX,
};

static const struct asterix_field tnh[] = {
	QUANTITY(16, NULL, 45, 8192, 10), /* ° */
};

static const struct asterix_field mes_sum[] = {
	UINT(1, "M5"),
	UINT(1, "ID"),
	UINT(1, "DA"),
	UINT(1, "M1"),
	UINT(1, "M2"),
	UINT(1, "M3"),
	UINT(1, "MC"),
	UINT(1, "PO"),
};

static const struct asterix_field mes_pno[] = {
	SPARE(2),
	UINT(14, "PIN"),
	SPARE(5),
	UINT(11, "NO"),
};

static const struct asterix_field mes_em1[] = {
	UINT(1, "V"),
	SPARE(1),
	UINT(1, "L"),
	SPARE(1),
	OCTAL(12, "EM1"),
};

static const struct asterix_field mes_xp[] = {
	SPARE(2),
	UINT(1, "XP"),
	UINT(1, "X5"),
	UINT(1, "XC"),
	UINT(1, "X3"),
	UINT(1, "X2"),
	UINT(1, "X1"),
};

static const struct asterix_field mes_fom[] = {
	SPARE(3),
	UINT(5, "FOM"),
};

static const struct asterix_field mes_m2[] = {
	UINT(1, "V"),
	SPARE(1),
	UINT(1, "L"),
	SPARE(1),
	OCTAL(12, "MODE2"),
};

static const struct asterix_item mes[] = {
	FIXED("SUM", 1, mes_sum),
	FIXED("PNO", 4, mes_pno),
	FIXED("EM1", 2, mes_em1),
	FIXED("XP", 1, mes_xp),
	FIXED("FOM", 1, mes_fom),
	FIXED("M2", 2, mes_m2),
};

static const struct asterix_item re[] = {
	FIXED("BPS", 2, bps), /* barometric pressure setting */
	FIXED("SH", 2, sh), /* selected heading */
	FIXED("NAV", 1, nav), /* navigation mode */
	FIXED("GAO", 1, gao), /* GPS antenna offset */
	EXTENDED_FROM("SGV", 2, sgv), /* surface ground vector */
	EXTENDED("STA", sta), /* aircraft status */
	FIXED("TNH", 2, tnh), /* true north heading */
	COMPOUND("MES", mes), /* military extended squitter */
};

const struct asterix_item cat021_re[1] = { COMPOUND_OF("RE", 1, re) };
