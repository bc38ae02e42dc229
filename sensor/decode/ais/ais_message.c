/*
 * Each message type is one const table: name (gpsd's, so that consumers of its JSON feel at home), first bit, width, place in
 * the structure, value for "not available", LSB. Bits are counted from 0 at the message's first bit. Source: ITU-R M.1371-5,
 * annex 8, tables 45-87 (position reports 48-50, base station 51, static 52, SAR 57, text 62, class B 67 and 70, aid
 * to navigation 73, 24A/B 79-81, long range 84).
 */
#include "sensor/decode/ais/ais_message.h"

#include "sensor/decode/ais/ais_fields.h"

#define AT(member) offsetof(struct ais_message, member)
#define UINT(name, bit, width, member) { name, bit, width, AT(member), AIS_FIELD_UINT, AIS_FIELD_ALWAYS, 1, 0 }
#define UINT_NONE(name, bit, width, member, none) { name, bit, width, AT(member), AIS_FIELD_UINT, none, 1, 0 }
#define TENTHS(name, bit, width, member, none) { name, bit, width, AT(member), AIS_FIELD_UINT, none, 10, 1 }
#define FLAG(name, bit, member) { name, bit, 1, AT(member), AIS_FIELD_BOOL, AIS_FIELD_ALWAYS, 1, 0 }
/* 1/10000 min: 600,000 a degree; 1/10 min: 600 a degree */
#define DEGREES(name, bit, width, member, none) { name, bit, width, AT(member), AIS_FIELD_INT, none, 600000, 7 }
#define DEGREES27(name, bit, width, member, none) { name, bit, width, AT(member), AIS_FIELD_INT, none, 600, 7 }
#define TEXT(name, bit, width, member) { name, bit, width, AT(member), AIS_FIELD_TEXT, AIS_FIELD_ALWAYS, 1, 0 }
#define PART(name, bit, width, member) { name, bit, width, AT(member), AIS_FIELD_PART, AIS_FIELD_ALWAYS, 1, 0 }
#define DIMENSIONS(bit, of)                                                                        \
	UINT("to_bow", bit, 9, of.to_bow), UINT("to_stern", (bit) + 9, 9, of.to_stern),            \
		UINT("to_port", (bit) + 18, 6, of.to_port),                                        \
		UINT("to_starboard", (bit) + 24, 6, of.to_starboard)

static const struct ais_message_field position[] = {
	UINT("status", 38, 4, position.status),
	{ "turn", 42, 8, AT(position.turn), AIS_FIELD_TURN, AIS_TURN_NONE, 1, 4 },
	TENTHS("speed", 50, 10, position.speed, AIS_SPEED_NONE),
	FLAG("accuracy", 60, position.accuracy),
	DEGREES("lon", 61, 28, position.lon, AIS_LON_NONE),
	DEGREES("lat", 89, 27, position.lat, AIS_LAT_NONE),
	TENTHS("course", 116, 12, position.course, AIS_COURSE_NONE),
	UINT_NONE("heading", 128, 9, position.heading, AIS_HEADING_NONE),
	UINT_NONE("second", 137, 6, position.second, AIS_SECOND_NONE),
	UINT("maneuver", 143, 2, position.maneuver),
	FLAG("raim", 148, position.raim),
	UINT("radio", 149, 19, position.radio),
};

static const struct ais_message_field base[] = {
	{ "timestamp", 0, 0, AT(base.year), AIS_FIELD_TIMESTAMP, AIS_FIELD_ALWAYS, 1, 0 },
	PART("year", 38, 14, base.year),
	PART("month", 52, 4, base.month),
	PART("day", 56, 5, base.day),
	PART("hour", 61, 5, base.hour),
	PART("minute", 66, 6, base.minute),
	PART("second", 72, 6, base.second),
	FLAG("accuracy", 78, base.accuracy),
	DEGREES("lon", 79, 28, base.lon, AIS_LON_NONE),
	DEGREES("lat", 107, 27, base.lat, AIS_LAT_NONE),
	UINT("epfd", 134, 4, base.epfd),
	FLAG("transmission_control", 138, base.transmission_control),
	FLAG("raim", 148, base.raim),
	UINT("radio", 149, 19, base.radio),
};

static const struct ais_message_field fixed[] = {
	UINT("ais_version", 38, 2, fixed.ais_version),
	UINT("imo", 40, 30, fixed.imo),
	TEXT("callsign", 70, 42, fixed.callsign),
	TEXT("shipname", 112, 120, fixed.shipname),
	UINT("shiptype", 232, 8, fixed.shiptype),
	DIMENSIONS(240, fixed),
	UINT("epfd", 270, 4, fixed.epfd),
	{ "eta", 0, 0, AT(fixed.month), AIS_FIELD_ETA, AIS_FIELD_ALWAYS, 1, 0 },
	PART("month", 274, 4, fixed.month),
	PART("day", 278, 5, fixed.day),
	PART("hour", 283, 5, fixed.hour),
	PART("minute", 288, 6, fixed.minute),
	TENTHS("draught", 294, 8, fixed.draught, AIS_FIELD_ALWAYS),
	TEXT("destination", 302, 120, fixed.destination),
	UINT("dte", 422, 1, fixed.dte),
};

static const struct ais_message_field sar[] = {
	UINT_NONE("alt", 38, 12, sar.alt, AIS_ALT_NONE),
	UINT_NONE("speed", 50, 10, sar.speed, AIS_SPEED_NONE),
	FLAG("accuracy", 60, sar.accuracy),
	DEGREES("lon", 61, 28, sar.lon, AIS_LON_NONE),
	DEGREES("lat", 89, 27, sar.lat, AIS_LAT_NONE),
	TENTHS("course", 116, 12, sar.course, AIS_COURSE_NONE),
	UINT_NONE("second", 128, 6, sar.second, AIS_SECOND_NONE),
	UINT("regional", 134, 8, sar.regional),
	UINT("dte", 142, 1, sar.dte),
	FLAG("assigned", 146, sar.assigned),
	FLAG("raim", 147, sar.raim),
	UINT("radio", 148, 20, sar.radio),
};

static const struct ais_message_field text[] = {
	TEXT("text", 40, 966, text.text),
};

static const struct ais_message_field class_b[] = {
	UINT("reserved", 38, 8, class_b.reserved),
	TENTHS("speed", 46, 10, class_b.speed, AIS_SPEED_NONE),
	FLAG("accuracy", 56, class_b.accuracy),
	DEGREES("lon", 57, 28, class_b.lon, AIS_LON_NONE),
	DEGREES("lat", 85, 27, class_b.lat, AIS_LAT_NONE),
	TENTHS("course", 112, 12, class_b.course, AIS_COURSE_NONE),
	UINT_NONE("heading", 124, 9, class_b.heading, AIS_HEADING_NONE),
	UINT_NONE("second", 133, 6, class_b.second, AIS_SECOND_NONE),
	UINT("regional", 139, 2, class_b.regional),
	FLAG("cs", 141, class_b.cs),
	FLAG("display", 142, class_b.display),
	FLAG("dsc", 143, class_b.dsc),
	FLAG("band", 144, class_b.band),
	FLAG("msg22", 145, class_b.msg22),
	FLAG("assigned", 146, class_b.assigned),
	FLAG("raim", 147, class_b.raim),
	UINT("radio", 148, 20, class_b.radio),
};

static const struct ais_message_field class_b_ext[] = {
	UINT("reserved", 38, 8, class_b_ext.reserved),
	TENTHS("speed", 46, 10, class_b_ext.speed, AIS_SPEED_NONE),
	FLAG("accuracy", 56, class_b_ext.accuracy),
	DEGREES("lon", 57, 28, class_b_ext.lon, AIS_LON_NONE),
	DEGREES("lat", 85, 27, class_b_ext.lat, AIS_LAT_NONE),
	TENTHS("course", 112, 12, class_b_ext.course, AIS_COURSE_NONE),
	UINT_NONE("heading", 124, 9, class_b_ext.heading, AIS_HEADING_NONE),
	UINT_NONE("second", 133, 6, class_b_ext.second, AIS_SECOND_NONE),
	UINT("regional", 139, 4, class_b_ext.regional),
	TEXT("shipname", 143, 120, class_b_ext.shipname),
	UINT("shiptype", 263, 8, class_b_ext.shiptype),
	DIMENSIONS(271, class_b_ext),
	UINT("epfd", 301, 4, class_b_ext.epfd),
	FLAG("raim", 305, class_b_ext.raim),
	UINT("dte", 306, 1, class_b_ext.dte),
	FLAG("assigned", 307, class_b_ext.assigned),
};

static const struct ais_message_field aton[] = {
	UINT("aid_type", 38, 5, aton.aid_type),
	TEXT("name", 43, 120, aton.name),
	{ "name", 272, 84, AT(aton.name), AIS_FIELD_TEXT_MORE, AIS_FIELD_ALWAYS, 1, 0 },
	FLAG("accuracy", 163, aton.accuracy),
	DEGREES("lon", 164, 28, aton.lon, AIS_LON_NONE),
	DEGREES("lat", 192, 27, aton.lat, AIS_LAT_NONE),
	DIMENSIONS(219, aton),
	UINT("epfd", 249, 4, aton.epfd),
	UINT_NONE("second", 253, 6, aton.second, AIS_SECOND_NONE),
	FLAG("off_position", 259, aton.off_position),
	UINT("regional", 260, 8, aton.regional),
	FLAG("raim", 268, aton.raim),
	FLAG("virtual_aid", 269, aton.virtual_aid),
	FLAG("assigned", 270, aton.assigned),
};

static const struct ais_message_field part_a[] = {
	UINT("partno", 38, 2, static_b.partno),
	TEXT("shipname", 40, 120, static_b.shipname),
};

#define PART_B_HEAD                                                                                \
	UINT("partno", 38, 2, static_b.partno), UINT("shiptype", 40, 8, static_b.shiptype),        \
		TEXT("vendorid", 48, 18, static_b.vendorid), UINT("model", 66, 4, static_b.model), \
		UINT("serial", 70, 20, static_b.serial), TEXT("callsign", 90, 42, static_b.callsign)

static const struct ais_message_field part_b[] = {
	PART_B_HEAD,
	DIMENSIONS(132, static_b),
	UINT("epfd", 162, 4, static_b.epfd),
};

/* The dimensions' place of an auxiliary craft (98MIDxxxx) names its mother ship. */
static const struct ais_message_field part_b_auxiliary[] = {
	PART_B_HEAD,
	UINT("mothership_mmsi", 132, 30, static_b.mothership_mmsi),
};

static const struct ais_message_field long_range[] = {
	FLAG("accuracy", 38, long_range.accuracy),
	FLAG("raim", 39, long_range.raim),
	UINT("status", 40, 4, long_range.status),
	DEGREES27("lon", 44, 18, long_range.lon, AIS_LON27_NONE),
	DEGREES27("lat", 62, 17, long_range.lat, AIS_LAT27_NONE),
	UINT_NONE("speed", 79, 6, long_range.speed, AIS_SPEED27_NONE),
	UINT_NONE("course", 85, 9, long_range.course, AIS_COURSE27_NONE),
	FLAG("gnss", 94, long_range.gnss),
};

enum {
	LAYOUT_PART_B = 28,
	LAYOUT_PART_B_AUXILIARY,
	_LAYOUT_MAX,
};

/*
 * Lengths: the standard's, with what transponders and receivers are known to add: fill bits counted wrong (5: 420-426, 24A: 160
 * or 168), 27 padded to 168, 21 without its spare bit.
 */
#define LAYOUT(table, min, max) { table, sizeof(table) / sizeof(table[0]), min, max }
static const struct ais_message_layout layouts[_LAYOUT_MAX] = {
	[1] = LAYOUT(position, 168, 174),
	[2] = LAYOUT(position, 168, 174),
	[3] = LAYOUT(position, 168, 174),
	[4] = LAYOUT(base, 168, 174),
	[5] = LAYOUT(fixed, 420, 430),
	[9] = LAYOUT(sar, 168, 174),
	[11] = LAYOUT(base, 168, 174),
	[14] = LAYOUT(text, 40, 1040),
	[18] = LAYOUT(class_b, 168, 174),
	[19] = LAYOUT(class_b_ext, 308, 318),
	[21] = LAYOUT(aton, 271, 400),
	[24] = LAYOUT(part_a, 160, 174),
	[27] = LAYOUT(long_range, 95, 168),
	[LAYOUT_PART_B] = LAYOUT(part_b, 162, 174),
	[LAYOUT_PART_B_AUXILIARY] = LAYOUT(part_b_auxiliary, 162, 174),
};

const struct ais_message_layout *ais_message_layout(const struct ais_message *m)
{
	return m->layout ? &layouts[m->layout] : NULL;
}

/* Part numbers 2 and 3 are not defined: decoded as nothing. */
static unsigned choose_layout(const struct ais_message *m, const uint8_t *bits)
{
	if (m->type != 24)
		return (unsigned)m->type;

	switch (bits_get(bits, 38, 2)) {
	case 0:
		return 24;
	case 1:
		return m->mmsi / 10000000 == 98 ? LAYOUT_PART_B_AUXILIARY : LAYOUT_PART_B;
	default:
		return 0;
	}
}

enum ais_fault ais_message_decode(const uint8_t *bits, unsigned n_bits, struct ais_message *ret_m)
{
	if (n_bits < 38)
		return AIS_FAULT_LENGTH;

	int32_t type = (int32_t)bits_get(bits, 0, 6);

	if (type < 1 || type > 27)
		return AIS_FAULT_TYPE;

	ret_m->type = type;
	ret_m->repeat = (int32_t)bits_get(bits, 6, 2);
	ret_m->mmsi = (int32_t)bits_get(bits, 8, 30);
	ret_m->bits = n_bits;
	ret_m->layout = choose_layout(ret_m, bits);

	const struct ais_message_layout *l = &layouts[ret_m->layout];

	if (!l->fields) {
		ret_m->layout = 0;
		return AIS_FAULT_NONE;
	}
	if (n_bits < l->min_bits || n_bits > l->max_bits)
		return AIS_FAULT_LENGTH;
	ais_fields_get(l, bits, n_bits, ret_m);
	return AIS_FAULT_NONE;
}
