/*
 * klv_table - the words in which local sets are written down: one row a tag, the tag is the row's index.
 *
 * A number is (raw, minimum, maximum) mapped linearly onto its octets, big-endian:
 *   MAPPED   0..2^n-1 onto min..max                       (MISB ST 0601, "KLV value to software value")
 *   SIGNED   +-(2^(n-1)-1) onto min..max, symmetric; 0x80.. is "out of range" or "error"  (ST 0601.13-27)
 *   IMAPB    scaled by a power of two, zero exact; special values when the two top bits are set     (ST 1201)
 * A value of length 0 says that it is not known (ST 0107). Names are JSON's: the unit is the last word; a name without one
 * is a code, a count or a text. Bounds are min / den and max / den in that unit.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum klv_kind {
	KLV_UINT,
	KLV_INT,
	KLV_TIME, /* us since 1970 (ST 0603), JSON: s */
	KLV_MAPPED,
	KLV_SIGNED,
	KLV_IMAPB,
	KLV_OID, /* an integer, seven bits an octet */
	_KLV_NUMBER_MAX,
	KLV_TEXT = _KLV_NUMBER_MAX, /* UTF-8 */
	KLV_UTF16,
	KLV_BYTES,
	KLV_SET,    /* a local set */
	KLV_PACK,   /* the inner table's rows one after the other without tags; the last ones may be missing */
	KLV_SERIES, /* each after its length: the inner table's row 0, then a local set */
	_KLV_KIND_MAX,
};

struct klv_tag {
	const char *name; /* NULL: there is no such tag */
	uint8_t kind;
	uint8_t length;	    /* octets that the encoder writes; 0 = as many as there are */
	uint8_t min_length; /* octets that are read, ends included; more or fewer are not */
	uint16_t max_length;
	bool repeats; /* may stand in a set several times */
	int32_t min, max, den;
	const struct klv_table *inner; /* of sets, packs and series */
};

struct klv_table {
	const struct klv_tag *tags;
	unsigned n;
};

#define KLV_LENGTH_MAX 65535
#define KLV_UTF16_MAX 512

/* name, octets */
#define KLV_U(name, len) { name, KLV_UINT, len, len, len, false, 0, 0, 1, NULL }
#define KLV_I(name, len) { name, KLV_INT, len, len, len, false, 0, 0, 1, NULL }
/* name, octets at most */
#define KLV_UV(name, max_len) { name, KLV_UINT, 0, 1, max_len, false, 0, 0, 1, NULL }
#define KLV_IV(name, max_len) { name, KLV_INT, 0, 1, max_len, false, 0, 0, 1, NULL }
#define KLV_T(name, min_len) { name, KLV_TIME, 8, min_len, 8, false, 0, 0, 1000000, NULL }
/* name, octets, min, max */
#define KLV_M(name, len, min, max) { name, KLV_MAPPED, len, len, len, false, min, max, 1, NULL }
/* name, octets, max, den */
#define KLV_S(name, len, max, den) { name, KLV_SIGNED, len, len, len, false, -(max), max, den, NULL }
/* name, usual octets, octets at least and at most, min, max, den */
#define KLV_F(name, len, lo, hi, min, max, den) { name, KLV_IMAPB, len, lo, hi, false, min, max, den, NULL }
#define KLV_TXT(name, max_len) { name, KLV_TEXT, 0, 1, max_len, false, 0, 0, 1, NULL }
#define KLV_B(name) { name, KLV_BYTES, 0, 1, KLV_LENGTH_MAX, false, 0, 0, 1, NULL }
#define KLV_BS(name) { name, KLV_BYTES, 0, 1, KLV_LENGTH_MAX, true, 0, 0, 1, NULL }
#define KLV_IN(name, kind, table) { name, kind, 0, 1, KLV_LENGTH_MAX, false, 0, 0, 1, table }

#define KLV_TABLE(rows) { rows, sizeof(rows) / sizeof((rows)[0]) }
