/*
 * Each message type is one const table: name (gpsd's, so that consumers of its JSON feel at home), first bit, width, place in
 * the structure, value for "not available", LSB. Bits are counted from 0 at the message's first bit. Source: ITU-R M.1371-5,
 * annex 8, section 3.1 (position reports) to 3.25 (long range). The two bits behind a destination in 25 and 26 are its
 * spare ("0/2") in the tables of 3.23 and 3.24.
 */
#include "sensor/decode/ais/ais_types.h"

#include "sensor/decode/ais/ais_table.h"

#define AIS_OF struct ais_message

#define DIMENSIONS(bit, of)                                                                        \
	UINT("to_bow", bit, 9, of.to_bow), UINT("to_stern", (bit) + 9, 9, of.to_stern),            \
		UINT("to_port", (bit) + 18, 6, of.to_port),                                        \
		UINT("to_starboard", (bit) + 24, 6, of.to_starboard)

static const struct ais_message_field position[] = {
	UINT("status", 38, 4, position.status),
	AIS_FIELD("turn", 42, 8, position.turn, TURN, AIS_TURN_NONE, AIS_TURN_NONE, 1, 0, 1, 4),
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
	SHOW("timestamp", base.year, TIMESTAMP),
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
	SHOW("eta", fixed.month, ETA),
	PART("month", 274, 4, fixed.month),
	PART("day", 278, 5, fixed.day),
	PART("hour", 283, 5, fixed.hour),
	PART("minute", 288, 6, fixed.minute),
	TENTHS("draught", 294, 8, fixed.draught, AIS_FIELD_ALWAYS),
	TEXT("destination", 302, 120, fixed.destination),
	UINT("dte", 422, 1, fixed.dte),
};

static const struct ais_message_field addressed[] = {
	UINT("seqno", 38, 2, binary.seqno),
	UINT("dest_mmsi", 40, 30, binary.dest_mmsi),
	FLAG("retransmit", 70, binary.retransmit),
	UINT("dac", 72, 10, binary.dac),
	UINT("fid", 82, 6, binary.fid),
	DATA("data", 88, 0, binary.data),
};

static const struct ais_message_field acknowledge[] = {
	UINT("mmsi1", 40, 30, acknowledge.mmsi1),
	UINT("mmsiseq1", 70, 2, acknowledge.seqno1),
	UINT("mmsi2", 72, 30, acknowledge.mmsi2),
	UINT("mmsiseq2", 102, 2, acknowledge.seqno2),
	UINT("mmsi3", 104, 30, acknowledge.mmsi3),
	UINT("mmsiseq3", 134, 2, acknowledge.seqno3),
	UINT("mmsi4", 136, 30, acknowledge.mmsi4),
	UINT("mmsiseq4", 166, 2, acknowledge.seqno4),
};

static const struct ais_message_field broadcast[] = {
	UINT("dac", 40, 10, binary.dac),
	UINT("fid", 50, 6, binary.fid),
	DATA("data", 56, 0, binary.data),
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

static const struct ais_message_field inquiry[] = {
	UINT("dest_mmsi", 40, 30, inquiry.dest_mmsi),
};

static const struct ais_message_field text_addressed[] = {
	UINT("seqno", 38, 2, text.seqno),
	UINT("dest_mmsi", 40, 30, text.dest_mmsi),
	FLAG("retransmit", 70, text.retransmit),
	TEXT("text", 72, 1008, text.text),
};

static const struct ais_message_field text[] = {
	TEXT("text", 40, 1038, text.text),
};

static const struct ais_message_field interrogation[] = {
	UINT("mmsi1", 40, 30, interrogation.mmsi1),
	UINT("type1_1", 70, 6, interrogation.type1_1),
	UINT("offset1_1", 76, 12, interrogation.offset1_1),
	UINT("type1_2", 90, 6, interrogation.type1_2),
	UINT("offset1_2", 96, 12, interrogation.offset1_2),
	UINT("mmsi2", 110, 30, interrogation.mmsi2),
	UINT("type2_1", 140, 6, interrogation.type2_1),
	UINT("offset2_1", 146, 12, interrogation.offset2_1),
};

static const struct ais_message_field assignment[] = {
	UINT("mmsi1", 40, 30, assignment.mmsi1),
	UINT("offset1", 70, 12, assignment.offset1),
	UINT("increment1", 82, 10, assignment.increment1),
	UINT("mmsi2", 92, 30, assignment.mmsi2),
	UINT("offset2", 122, 12, assignment.offset2),
	UINT("increment2", 134, 10, assignment.increment2),
};

static const struct ais_message_field dgnss[] = {
	DEGREES1("lon", 40, 18, dgnss.lon, AIS_LON27_NONE),
	DEGREES1("lat", 58, 17, dgnss.lat, AIS_LAT27_NONE),
	DATA("data", 80, 0, dgnss.data),
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

#define RESERVATION(n, bit)                                                                        \
	UINT("offset" #n, bit, 12, slots.offset##n), UINT("number" #n, (bit) + 12, 4, slots.number##n), \
		UINT("timeout" #n, (bit) + 16, 3, slots.timeout##n),                               \
		UINT("increment" #n, (bit) + 19, 11, slots.increment##n)

static const struct ais_message_field slots[] = {
	RESERVATION(1, 40),
	RESERVATION(2, 70),
	RESERVATION(3, 100),
	RESERVATION(4, 130),
};

static const struct ais_message_field aton[] = {
	UINT("aid_type", 38, 5, aton.aid_type),
	TEXT("name", 43, 120, aton.name),
	AIS_FIELD("name", 272, 84, aton.name, TEXT_MORE, INT32_MIN, INT32_MIN, 1, 20, 1, 0),
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

#define CHANNELS_HEAD                                                                              \
	UINT("channel_a", 40, 12, channels.channel_a), UINT("channel_b", 52, 12, channels.channel_b), \
		UINT("txrx", 64, 4, channels.txrx), FLAG("power", 68, channels.power)
#define CHANNELS_TAIL                                                                              \
	FLAG("addressed", 139, channels.addressed), FLAG("band_a", 140, channels.band_a),          \
		FLAG("band_b", 141, channels.band_b), UINT("zonesize", 142, 3, channels.zonesize)

static const struct ais_message_field channels[] = {
	CHANNELS_HEAD,
	DEGREES1("ne_lon", 69, 18, channels.ne_lon, AIS_LON27_NONE),
	DEGREES1("ne_lat", 87, 17, channels.ne_lat, AIS_LAT27_NONE),
	DEGREES1("sw_lon", 104, 18, channels.sw_lon, AIS_LON27_NONE),
	DEGREES1("sw_lat", 122, 17, channels.sw_lat, AIS_LAT27_NONE),
	CHANNELS_TAIL,
};

static const struct ais_message_field channels_addressed[] = {
	CHANNELS_HEAD,
	UINT("dest1", 69, 30, channels.dest1),
	UINT("dest2", 104, 30, channels.dest2),
	CHANNELS_TAIL,
};

static const struct ais_message_field command[] = {
	DEGREES1("ne_lon", 40, 18, command.ne_lon, AIS_LON27_NONE),
	DEGREES1("ne_lat", 58, 17, command.ne_lat, AIS_LAT27_NONE),
	DEGREES1("sw_lon", 75, 18, command.sw_lon, AIS_LON27_NONE),
	DEGREES1("sw_lat", 93, 17, command.sw_lat, AIS_LAT27_NONE),
	UINT("stationtype", 110, 4, command.stationtype),
	UINT("shiptype", 114, 8, command.shiptype),
	UINT("txrx", 144, 2, command.txrx),
	UINT("interval", 146, 4, command.interval),
	UINT("quiet", 150, 4, command.quiet),
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
	SHOW("shipname", static_b.shipname, TEXT_SAID),
	DIMENSIONS(132, static_b),
	UINT("epfd", 162, 4, static_b.epfd),
};

/* The dimensions' place of an auxiliary craft (98MIDxxxx) names its mother ship. */
static const struct ais_message_field part_b_auxiliary[] = {
	PART_B_HEAD,
	SHOW("shipname", static_b.shipname, TEXT_SAID),
	UINT("mothership_mmsi", 132, 30, static_b.mothership_mmsi),
	UINT("epfd", 162, 4, static_b.epfd),
};

/* Part numbers 2 and 3 are not defined. */
static const struct ais_message_field part_other[] = {
	UINT("partno", 38, 2, static_b.partno),
	DATA("data", 40, 0, static_b.data),
};

#define SLOT_HEAD                                                                                  \
	FLAG("addressed", 38, slot_binary.addressed), FLAG("structured", 39, slot_binary.structured)
#define SLOT_FIELDS(name, tail, ...)                                                               \
	static const struct ais_message_field name##_plain[] = {                                   \
		SLOT_HEAD, DATA("data", 40, tail, slot_binary.data), __VA_ARGS__                   \
	};                                                                                         \
	static const struct ais_message_field name##_structured[] = {                              \
		SLOT_HEAD, UINT("app_id", 40, 16, slot_binary.app_id),                             \
		DATA("data", 56, tail, slot_binary.data), __VA_ARGS__                              \
	};                                                                                         \
	static const struct ais_message_field name##_addressed[] = {                               \
		SLOT_HEAD, UINT("dest_mmsi", 40, 30, slot_binary.dest_mmsi),                       \
		DATA("data", 72, tail, slot_binary.data), __VA_ARGS__                              \
	};                                                                                         \
	static const struct ais_message_field name##_both[] = {                                    \
		SLOT_HEAD, UINT("dest_mmsi", 40, 30, slot_binary.dest_mmsi),                       \
		UINT("app_id", 72, 16, slot_binary.app_id),                                        \
		DATA("data", 88, tail, slot_binary.data), __VA_ARGS__                              \
	}

SLOT_FIELDS(slot, 0);
/* The communication state with its selector are the last 20 bits. */
SLOT_FIELDS(slots26, 20, AIS_FIELD("radio", 20, 20, slot_binary.radio, TAIL, INT32_MIN, INT32_MIN, 1, 0, 1, 0));

static const struct ais_message_field long_range[] = {
	FLAG("accuracy", 38, long_range.accuracy),
	FLAG("raim", 39, long_range.raim),
	UINT("status", 40, 4, long_range.status),
	DEGREES1("lon", 44, 18, long_range.lon, AIS_LON27_NONE),
	DEGREES1("lat", 62, 17, long_range.lat, AIS_LAT27_NONE),
	UINT_NONE("speed", 79, 6, long_range.speed, AIS_SPEED27_NONE),
	UINT_NONE("course", 85, 9, long_range.course, AIS_COURSE27_NONE),
	FLAG("gnss", 94, long_range.gnss),
};

/*
 * Lengths: the standard's, with what transponders and receivers are known to add: fill bits counted wrong (5: 420-426, 24A: 160
 * or 168), 27 padded to 168, 21 without its spare bit, short ones padded to a slot; a
 * 20 of 186 bits has been heard.
 */
const struct ais_message_layout ais_types_layouts[_AIS_LAYOUT_MAX] = {
	[1] = LAYOUT(position, 168, 174),
	[2] = LAYOUT(position, 168, 174),
	[3] = LAYOUT(position, 168, 174),
	[4] = LAYOUT(base, 168, 174),
	[5] = LAYOUT(fixed, 420, 430),
	[6] = LAYOUT(addressed, 88, AIS_MESSAGE_BITS_MAX),
	[7] = LAYOUT_OPEN(acknowledge, 70, 174),
	[8] = LAYOUT(broadcast, 56, AIS_MESSAGE_BITS_MAX),
	[9] = LAYOUT(sar, 168, 174),
	[10] = LAYOUT(inquiry, 70, 174),
	[11] = LAYOUT(base, 168, 174),
	[12] = LAYOUT(text_addressed, 72, AIS_MESSAGE_BITS_MAX),
	[13] = LAYOUT_OPEN(acknowledge, 70, 174),
	[14] = LAYOUT(text, 40, AIS_MESSAGE_BITS_MAX),
	[15] = LAYOUT_OPEN(interrogation, 88, 174),
	[16] = LAYOUT_OPEN(assignment, 92, 174),
	[17] = LAYOUT(dgnss, 80, AIS_MESSAGE_BITS_MAX),
	[18] = LAYOUT(class_b, 168, 174),
	[19] = LAYOUT(class_b_ext, 308, 318),
	[20] = LAYOUT_OPEN(slots, 70, 192),
	[21] = LAYOUT(aton, 271, 400),
	[22] = LAYOUT(channels, 145, 174),
	[23] = LAYOUT(command, 154, 174),
	[24] = LAYOUT(part_a, 160, 174),
	[25] = LAYOUT(slot_plain, 40, 174),
	[26] = LAYOUT(slots26_plain, 60, AIS_MESSAGE_BITS_MAX),
	[27] = LAYOUT(long_range, 95, 168),
	[AIS_LAYOUT_CHANNELS_ADDRESSED] = LAYOUT(channels_addressed, 145, 174),
	[AIS_LAYOUT_PART_B] = LAYOUT(part_b, 162, 174),
	[AIS_LAYOUT_PART_B_AUXILIARY] = LAYOUT(part_b_auxiliary, 162, 174),
	[AIS_LAYOUT_PART_OTHER] = LAYOUT(part_other, 40, 174),
	[AIS_LAYOUT_SLOT_STRUCTURED] = LAYOUT(slot_structured, 56, 174),
	[AIS_LAYOUT_SLOT_ADDRESSED] = LAYOUT(slot_addressed, 72, 174),
	[AIS_LAYOUT_SLOT_BOTH] = LAYOUT(slot_both, 88, 174),
	[AIS_LAYOUT_SLOTS_STRUCTURED] = LAYOUT(slots26_structured, 76, AIS_MESSAGE_BITS_MAX),
	[AIS_LAYOUT_SLOTS_ADDRESSED] = LAYOUT(slots26_addressed, 92, AIS_MESSAGE_BITS_MAX),
	[AIS_LAYOUT_SLOTS_BOTH] = LAYOUT(slots26_both, 108, AIS_MESSAGE_BITS_MAX),
};
