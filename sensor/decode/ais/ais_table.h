/*
 * ais_table - the words in which the AIS tables are written; for the files of tables only.
 *
 * AIS_OF is the structure the offsets are in: a table's file defines it before each group of tables.
 * Columns: name, first bit, width, kind, not available from .. to, value = (raw x num + add) / den, decimals.
 */
#pragma once

#include "sensor/decode/ais/ais_message.h"
#include "sensor/decode/ais/ais_program.h"

#define AIS_AT(member) offsetof(AIS_OF, member)
#define AIS_FIELD(name, bit, width, member, kind, none, none_to, num, add, den, decimals)                              \
	{ name, bit, width, AIS_AT(member), AIS_FIELD_##kind, none, none_to, num, add, den, decimals }

#define UINT(name, bit, width, member) AIS_FIELD(name, bit, width, member, UINT, INT32_MIN, INT32_MIN, 1, 0, 1, 0)
#define UINT_NONE(name, bit, width, member, none) AIS_FIELD(name, bit, width, member, UINT, none, none, 1, 0, 1, 0)
/* Everything from @none on is no value, be it "not available" or reserved. */
#define UINT_FROM(name, bit, width, member, none) AIS_FIELD(name, bit, width, member, UINT, none, INT32_MAX, 1, 0, 1, 0)
#define UINT_PLUS(name, bit, width, member, none, add) AIS_FIELD(name, bit, width, member, UINT, none, INT32_MAX, 1, add, 1, 0)
#define FLAG(name, bit, member) AIS_FIELD(name, bit, 1, member, BOOL, INT32_MIN, INT32_MIN, 1, 0, 1, 0)
#define TENTHS(name, bit, width, member, none) AIS_FIELD(name, bit, width, member, UINT, none, none, 1, 0, 10, 1)
#define TENTHS_FROM(name, bit, width, member, none) AIS_FIELD(name, bit, width, member, UINT, none, INT32_MAX, 1, 0, 10, 1)
/* Tenths above a value of @add tenths. */
#define TENTHS_PLUS(name, bit, width, member, none, add)                                                              \
	AIS_FIELD(name, bit, width, member, UINT, none, INT32_MAX, 1, add, 10, 1)
#define TENTHS_SIGNED(name, bit, width, member, none) AIS_FIELD(name, bit, width, member, INT, none, none, 1, 0, 10, 1)
#define HUNDREDTHS(name, bit, width, member, none) AIS_FIELD(name, bit, width, member, UINT, none, none, 1, 0, 100, 2)
/* 1/10000 min: 600,000 a degree; 1/1000 min: 60,000; 1/10 min: 600. Not available: 181 and 91 degrees. */
#define DEGREES(name, bit, width, member, none) AIS_FIELD(name, bit, width, member, INT, none, none, 1, 0, 600000, 7)
#define DEGREES3(name, bit, width, member, none) AIS_FIELD(name, bit, width, member, INT, none, none, 1, 0, 60000, 7)
#define DEGREES1(name, bit, width, member, none) AIS_FIELD(name, bit, width, member, INT, none, none, 1, 0, 600, 7)
#define TEXT(name, bit, width, member) AIS_FIELD(name, bit, width, member, TEXT, INT32_MIN, INT32_MIN, 1, 0, 1, 0)
#define PART(name, bit, width, member) AIS_FIELD(name, bit, width, member, PART, INT32_MIN, INT32_MIN, 1, 0, 1, 0)
/* Shown only: made of the members from @member on. */
#define SHOW(name, member, kind) AIS_FIELD(name, 0, 0, member, kind, INT32_MIN, INT32_MIN, 1, 0, 1, 0)
/* All to the message's end but the last @tail bits. */
#define DATA(name, bit, tail, member) AIS_FIELD(name, bit, tail, member, DATA, INT32_MIN, INT32_MIN, 1, 0, 1, 0)

#define AIS_LON3_NONE 10860000
#define AIS_LAT3_NONE 5460000

#define AIS_LAYOUT(table, min, max, open, group)                                                                       \
	{ table, sizeof(table) / sizeof(table[0]), min, max, open, group, &(struct ais_program){ .made = false } }
/* Nothing but the items of @group. */
#define LAYOUT_ITEMS(min, max, group) { NULL, 0, min, max, false, group, &(struct ais_program){ .made = false } }
#define LAYOUT(table, min, max) AIS_LAYOUT(table, min, max, false, NULL)
#define LAYOUT_OPEN(table, min, max) AIS_LAYOUT(table, min, max, true, NULL)
#define LAYOUT_GROUP(table, min, max, group) AIS_LAYOUT(table, min, max, false, group)
