/*
 * The application messages' tables. Bits count from the first one behind DAC and FI. Values above a field's range are "not
 * available", too, where the circular reserves them. In Circ.236 (1/11) all ones mean "not available".
 */
#include "sensor/decode/ais/ais_application.h"

#include "sensor/decode/ais/ais_environment.h"
#include "sensor/decode/ais/ais_table.h"

#define AIS_OF struct ais_message
#define APP(member) binary.app.member

static const struct ais_message_field telegram[] = {
	FLAG("ack_required", 0, APP(telegram.ack_required)),
	UINT("sequence", 1, 11, APP(telegram.sequence)),
	TEXT("text", 12, 978, APP(telegram.text)),
};

static const struct ais_message_field question[] = {
	UINT("requested_dac", 0, 10, APP(question.requested_dac)),
	UINT("requested_fid", 10, 6, APP(question.requested_fid)),
};

static const struct ais_message_field question_dac[] = {
	UINT("requested_dac", 0, 10, APP(question.requested_dac)),
};

#define W(member) APP(weather.member)

static const struct ais_message_field weather11[] = {
	DEGREES3("lat", 0, 24, W(lat), 0x7fffff),
	DEGREES3("lon", 24, 25, W(lon), 0xffffff),
	SHOW("timestamp", W(day), DAYTIME),
	PART("day", 49, 5, W(day)),
	PART("hour", 54, 5, W(hour)),
	PART("minute", 59, 6, W(minute)),
	UINT_NONE("wspeed", 65, 7, W(wspeed), 127),
	UINT_NONE("wgust", 72, 7, W(wgust), 127),
	UINT_FROM("wdir", 79, 9, W(wdir), 360),
	UINT_FROM("wgustdir", 88, 9, W(wgustdir), 360),
	TENTHS_PLUS("airtemp", 97, 11, W(airtemp), 2047, -600),
	UINT_FROM("humidity", 108, 7, W(humidity), 127),
	TENTHS_PLUS("dewpoint", 115, 10, W(dewpoint), 1023, -200),
	UINT_PLUS("pressure", 125, 9, W(pressure), 511, 800),
	UINT_NONE("pressuretend", 134, 2, W(pressuretend), 3),
	TENTHS("visibility", 136, 8, W(visibility), 255),
	TENTHS_PLUS("waterlevel", 144, 9, W(waterlevel), 511, -100),
	UINT_NONE("leveltrend", 153, 2, W(leveltrend), 3),
	TENTHS("cspeed", 155, 8, W(cspeed), 255),
	UINT_FROM("cdir", 163, 9, W(cdir), 360),
	TENTHS("cspeed2", 172, 8, W(cspeed2), 255),
	UINT_FROM("cdir2", 180, 9, W(cdir2), 360),
	UINT_NONE("cdepth2", 189, 5, W(cdepth2), 31),
	TENTHS("cspeed3", 194, 8, W(cspeed3), 255),
	UINT_FROM("cdir3", 202, 9, W(cdir3), 360),
	UINT_NONE("cdepth3", 211, 5, W(cdepth3), 31),
	TENTHS("waveheight", 216, 8, W(waveheight), 255),
	UINT_NONE("waveperiod", 224, 6, W(waveperiod), 63),
	UINT_FROM("wavedir", 230, 9, W(wavedir), 360),
	TENTHS("swellheight", 239, 8, W(swellheight), 255),
	UINT_NONE("swellperiod", 247, 6, W(swellperiod), 63),
	UINT_FROM("swelldir", 253, 9, W(swelldir), 360),
	UINT_FROM("seastate", 262, 4, W(seastate), 13),
	TENTHS_PLUS("watertemp", 266, 10, W(watertemp), 1023, -100),
	UINT_NONE("preciptype", 276, 3, W(preciptype), 7),
	TENTHS("salinity", 279, 9, W(salinity), 511),
	UINT_NONE("ice", 288, 2, W(ice), 3),
};

static const struct ais_message_field weather31[] = {
	DEGREES3("lon", 0, 25, W(lon), AIS_LON3_NONE),
	DEGREES3("lat", 25, 24, W(lat), AIS_LAT3_NONE),
	FLAG("accuracy", 49, W(accuracy)),
	SHOW("timestamp", W(day), DAYTIME),
	PART("day", 50, 5, W(day)),
	PART("hour", 55, 5, W(hour)),
	PART("minute", 60, 6, W(minute)),
	UINT_NONE("wspeed", 66, 7, W(wspeed), 127),
	UINT_NONE("wgust", 73, 7, W(wgust), 127),
	UINT_FROM("wdir", 80, 9, W(wdir), 360),
	UINT_FROM("wgustdir", 89, 9, W(wgustdir), 360),
	TENTHS_SIGNED("airtemp", 98, 11, W(airtemp), -1024),
	UINT_FROM("humidity", 109, 7, W(humidity), 101),
	TENTHS_SIGNED("dewpoint", 116, 10, W(dewpoint), 501),
	UINT_PLUS("pressure", 126, 9, W(pressure), 403, 799),
	UINT_NONE("pressuretend", 135, 2, W(pressuretend), 3),
	FLAG("visgreater", 137, W(visgreater)),
	TENTHS("visibility", 138, 7, W(visibility), 127),
	AIS_FIELD("waterlevel", 145, 12, W(waterlevel), UINT, 4001, INT32_MAX, 1, -1000, 100, 2),
	UINT_NONE("leveltrend", 157, 2, W(leveltrend), 3),
	TENTHS("cspeed", 159, 8, W(cspeed), 255),
	UINT_FROM("cdir", 167, 9, W(cdir), 360),
	TENTHS("cspeed2", 176, 8, W(cspeed2), 255),
	UINT_FROM("cdir2", 184, 9, W(cdir2), 360),
	UINT_NONE("cdepth2", 193, 5, W(cdepth2), 31),
	TENTHS("cspeed3", 198, 8, W(cspeed3), 255),
	UINT_FROM("cdir3", 206, 9, W(cdir3), 360),
	UINT_NONE("cdepth3", 215, 5, W(cdepth3), 31),
	TENTHS("waveheight", 220, 8, W(waveheight), 255),
	UINT_NONE("waveperiod", 228, 6, W(waveperiod), 63),
	UINT_FROM("wavedir", 234, 9, W(wavedir), 360),
	TENTHS("swellheight", 243, 8, W(swellheight), 255),
	UINT_NONE("swellperiod", 251, 6, W(swellperiod), 63),
	UINT_FROM("swelldir", 257, 9, W(swelldir), 360),
	UINT_FROM("seastate", 266, 4, W(seastate), 13),
	TENTHS_SIGNED("watertemp", 270, 10, W(watertemp), 501),
	UINT_NONE("preciptype", 280, 3, W(preciptype), 7),
	TENTHS_FROM("salinity", 283, 9, W(salinity), 510),
	UINT_NONE("ice", 292, 2, W(ice), 3),
};

static const struct ais_message_field cargo[] = {
	TEXT("lastport", 0, 30, APP(cargo.lastport)),
	SHOW("departure", APP(cargo.lmonth), ETA),
	PART("lmonth", 30, 4, APP(cargo.lmonth)),
	PART("lday", 34, 5, APP(cargo.lday)),
	PART("lhour", 39, 5, APP(cargo.lhour)),
	PART("lminute", 44, 6, APP(cargo.lminute)),
	TEXT("nextport", 50, 30, APP(cargo.nextport)),
	SHOW("eta", APP(cargo.nmonth), ETA),
	PART("nmonth", 80, 4, APP(cargo.nmonth)),
	PART("nday", 84, 5, APP(cargo.nday)),
	PART("nhour", 89, 5, APP(cargo.nhour)),
	PART("nminute", 94, 6, APP(cargo.nminute)),
	TEXT("dangerous", 100, 120, APP(cargo.dangerous)),
	TEXT("imdcat", 220, 24, APP(cargo.imdcat)),
	UINT("unid", 244, 13, APP(cargo.unid)),
	UINT("amount", 257, 10, APP(cargo.amount)),
	UINT("unit", 267, 2, APP(cargo.unit)),
};

static const struct ais_message_field closure[] = {
	TEXT("reason", 0, 120, APP(closure.reason)),
	TEXT("closefrom", 120, 120, APP(closure.closefrom)),
	TEXT("closeto", 240, 120, APP(closure.closeto)),
	UINT("radius", 360, 10, APP(closure.radius)),
	UINT("extunit", 370, 2, APP(closure.extunit)),
	SHOW("from", APP(closure.fmonth), ETA),
	PART("fday", 372, 5, APP(closure.fday)),
	PART("fmonth", 377, 4, APP(closure.fmonth)),
	PART("fhour", 381, 5, APP(closure.fhour)),
	PART("fminute", 386, 6, APP(closure.fminute)),
	SHOW("to", APP(closure.tmonth), ETA),
	PART("tday", 392, 5, APP(closure.tday)),
	PART("tmonth", 397, 4, APP(closure.tmonth)),
	PART("thour", 401, 5, APP(closure.thour)),
	PART("tminute", 406, 6, APP(closure.tminute)),
};

static const struct ais_message_field height[] = {
	TENTHS("airdraught", 0, 11, APP(height.airdraught), 0),
};

static const struct ais_message_field lights[] = {
	UINT("linkage", 0, 10, APP(lights.linkage)),
	TEXT("station", 10, 120, APP(lights.station)),
	DEGREES3("lon", 130, 25, APP(lights.lon), AIS_LON3_NONE),
	DEGREES3("lat", 155, 24, APP(lights.lat), AIS_LAT3_NONE),
	UINT("status", 179, 2, APP(lights.status)),
	UINT("signal", 181, 5, APP(lights.signal)),
	UINT("hour", 186, 5, APP(lights.hour)),
	UINT("minute", 191, 6, APP(lights.minute)),
	UINT("nextsignal", 197, 5, APP(lights.nextsignal)),
};

static const struct ais_message_field tides[] = {
	UINT("month", 0, 4, APP(tides.month)),
	UINT("day", 4, 5, APP(tides.day)),
};

static const struct ais_message_field persons[] = {
	UINT("persons", 0, 13, APP(persons.persons)),
};

static const struct ais_message_field clearance[] = {
	UINT("linkage", 0, 10, APP(clearance.linkage)),
	SHOW("arrival", APP(clearance.month), ETA),
	PART("month", 10, 4, APP(clearance.month)),
	PART("day", 14, 5, APP(clearance.day)),
	PART("hour", 19, 5, APP(clearance.hour)),
	PART("minute", 24, 6, APP(clearance.minute)),
	TEXT("portname", 30, 120, APP(clearance.portname)),
	TEXT("destination", 150, 30, APP(clearance.destination)),
	DEGREES3("lon", 180, 25, APP(clearance.lon), AIS_LON3_NONE),
	DEGREES3("lat", 205, 24, APP(clearance.lat), AIS_LAT3_NONE),
};

#define O(member) APP(observation.member)

static const struct ais_message_field observation[] = {
	FLAG("wmo", 0, O(wmo)),
	TEXT("location", 1, 120, O(location)),
	DEGREES3("lon", 121, 25, O(lon), AIS_LON3_NONE),
	DEGREES3("lat", 146, 24, O(lat), AIS_LAT3_NONE),
	SHOW("timestamp", O(day), DAYTIME),
	PART("day", 170, 5, O(day)),
	PART("hour", 175, 5, O(hour)),
	PART("minute", 180, 6, O(minute)),
	UINT_FROM("weather", 186, 4, O(weather), 8),
	FLAG("vislimit", 190, O(vislimit)),
	TENTHS("visibility", 191, 7, O(visibility), 127),
	UINT_FROM("humidity", 198, 7, O(humidity), 101),
	UINT_NONE("wspeed", 205, 7, O(wspeed), 127),
	UINT_FROM("wdir", 212, 9, O(wdir), 360),
	UINT_PLUS("pressure", 221, 9, O(pressure), 403, 799),
	UINT("pressuretend", 230, 4, O(pressuretend)),
	TENTHS_SIGNED("airtemp", 234, 11, O(airtemp), -1024),
	TENTHS_PLUS("watertemp", 245, 10, O(watertemp), 601, -100),
	UINT_NONE("waveperiod", 255, 6, O(waveperiod), 63),
	TENTHS("waveheight", 261, 8, O(waveheight), 255),
	UINT_FROM("wavedir", 269, 9, O(wavedir), 360),
	TENTHS("swellheight", 278, 8, O(swellheight), 255),
	UINT_FROM("swelldir", 286, 9, O(swelldir), 360),
	UINT_NONE("swellperiod", 295, 6, O(swellperiod), 63),
};

static const struct ais_message_field area[] = {
	UINT("linkage", 0, 10, APP(area.linkage)),
	UINT_NONE("notice", 10, 7, APP(area.notice), 127),
	SHOW("start", APP(area.month), ETA),
	PART("month", 17, 4, APP(area.month)),
	PART("day", 21, 5, APP(area.day)),
	PART("hour", 26, 5, APP(area.hour)),
	PART("minute", 31, 6, APP(area.minute)),
	UINT_NONE("duration", 37, 18, APP(area.duration), 262143),
};

static const struct ais_message_field route[] = {
	UINT("linkage", 0, 10, APP(route.linkage)),
	UINT("sender", 10, 3, APP(route.sender)),
	UINT("rtype", 13, 5, APP(route.rtype)),
	SHOW("start", APP(route.month), ETA),
	PART("month", 18, 4, APP(route.month)),
	PART("day", 22, 5, APP(route.day)),
	PART("hour", 27, 5, APP(route.hour)),
	PART("minute", 32, 6, APP(route.minute)),
	UINT_NONE("duration", 38, 18, APP(route.duration), 262143),
	UINT("waycount", 56, 5, APP(route.waycount)),
};

static const struct ais_message_field description[] = {
	UINT("linkage", 0, 10, APP(description.linkage)),
	TEXT("text", 10, 1038, APP(description.text)),
};

static const struct ais_message_field inland[] = {
	TEXT("vin", 0, 48, APP(inland.vin)),
	TENTHS("length", 48, 13, APP(inland.length), AIS_FIELD_ALWAYS),
	TENTHS("beam", 61, 10, APP(inland.beam), AIS_FIELD_ALWAYS),
	UINT("shiptype", 71, 14, APP(inland.shiptype)),
	UINT("hazard", 85, 3, APP(inland.hazard)),
	HUNDREDTHS("draught", 88, 11, APP(inland.draught), AIS_FIELD_ALWAYS),
	UINT("loaded", 99, 2, APP(inland.loaded)),
	FLAG("speed_q", 101, APP(inland.speed_q)),
	FLAG("course_q", 102, APP(inland.course_q)),
	FLAG("heading_q", 103, APP(inland.heading_q)),
};

#define ARRIVAL(time)                                                                              \
	TEXT("country", 0, 12, APP(arrival.country)), TEXT("locode", 12, 18, APP(arrival.locode)), \
		TEXT("section", 30, 30, APP(arrival.section)),                                     \
		TEXT("terminal", 60, 30, APP(arrival.terminal)),                                   \
		TEXT("hectometre", 90, 30, APP(arrival.hectometre)), SHOW(time, APP(arrival.month), ETA), \
		PART("month", 120, 4, APP(arrival.month)), PART("day", 124, 5, APP(arrival.day)),  \
		PART("hour", 129, 5, APP(arrival.hour)), PART("minute", 134, 6, APP(arrival.minute))

static const struct ais_message_field arrival_asked[] = {
	ARRIVAL("eta"),
	UINT_NONE("tugs", 140, 3, APP(arrival.tugs), 7),
	HUNDREDTHS("airdraught", 143, 12, APP(arrival.airdraught), 0),
};

static const struct ais_message_field arrival_granted[] = {
	ARRIVAL("rta"),
	UINT("status", 140, 2, APP(arrival.status)),
};

static const struct ais_message_field gauges[] = {
	TEXT("country", 0, 12, APP(gauges.country)),
};

static const struct ais_message_field signal[] = {
	DEGREES("lon", 0, 28, APP(signal.lon), AIS_LON_NONE),
	DEGREES("lat", 28, 27, APP(signal.lat), AIS_LAT_NONE),
	UINT("form", 55, 4, APP(signal.form)),
	UINT_FROM("facing", 59, 9, APP(signal.facing), 360),
	UINT("direction", 68, 3, APP(signal.direction)),
	UINT("status", 71, 30, APP(signal.status)),
};

static const struct ais_message_field crew[] = {
	UINT_NONE("crew", 0, 8, APP(persons.crew), 255),
	UINT_NONE("passengers", 8, 13, APP(persons.passengers), 8191),
	UINT_NONE("personnel", 21, 8, APP(persons.personnel), 255),
};

#define VOLTS(name, bit, member) AIS_FIELD(name, bit, 10, member, UINT, INT32_MIN, INT32_MIN, 1, 0, 20, 2)

static const struct ais_message_field monitor[] = {
	VOLTS("ana_int", 0, APP(monitor.ana_int)),
	VOLTS("ana_ext1", 10, APP(monitor.ana_ext1)),
	VOLTS("ana_ext2", 20, APP(monitor.ana_ext2)),
	UINT("racon", 30, 2, APP(monitor.racon)),
	UINT("light", 32, 2, APP(monitor.light)),
	FLAG("alarm", 34, APP(monitor.alarm)),
	UINT("stat_ext", 35, 8, APP(monitor.stat_ext)),
	FLAG("off_pos", 43, APP(monitor.off_pos)),
};

#undef AIS_OF
#define AIS_OF struct ais_tide

static const struct ais_message_field tide14[] = {
	DEGREES("lat", 0, 27, lat, AIS_LAT_NONE),
	DEGREES("lon", 27, 28, lon, AIS_LON_NONE),
	UINT("from_hour", 55, 5, from_hour),
	UINT("from_min", 60, 6, from_min),
	UINT("to_hour", 66, 5, to_hour),
	UINT("to_min", 71, 6, to_min),
	UINT_FROM("cdir", 77, 9, cdir, 360),
	TENTHS("cspeed", 86, 7, cspeed, 127),
};

static const struct ais_message_field tide32[] = {
	DEGREES3("lon", 0, 25, lon, AIS_LON3_NONE),
	DEGREES3("lat", 25, 24, lat, AIS_LAT3_NONE),
	UINT("from_hour", 49, 5, from_hour),
	UINT("from_min", 54, 6, from_min),
	UINT("to_hour", 60, 5, to_hour),
	UINT("to_min", 65, 6, to_min),
	UINT_FROM("cdir", 71, 9, cdir, 360),
	TENTHS("cspeed", 80, 8, cspeed, 255),
};

#undef AIS_OF
#define AIS_OF struct ais_waypoint

static const struct ais_message_field waypoint[] = {
	DEGREES("lon", 0, 28, lon, AIS_LON_NONE),
	DEGREES("lat", 28, 27, lat, AIS_LAT_NONE),
};

#undef AIS_OF
#define AIS_OF struct ais_gauge

static const struct ais_message_field gauge[] = {
	UINT("id", 0, 11, id),
	AIS_FIELD("level", 11, 14, level, LEVEL, INT32_MIN, INT32_MIN, 1, 0, 1, 0),
};

#define ITEMS(of, array) offsetof(struct ais_message, binary.app.of.count),                        \
	offsetof(struct ais_message, binary.app.of.array), sizeof(((struct ais_message *)0)->binary.app.of.array[0])

static const struct ais_message_layout tide14_item = LAYOUT(tide14, 93, 93), tide32_item = LAYOUT(tide32, 88, 88),
	waypoint_item = LAYOUT(waypoint, 55, 55), gauge_item = LAYOUT(gauge, 25, 25);
static const struct ais_message_group tides14_group = { "tidals", 9, 93, AIS_TIDES_MAX, 0, &tide14_item, 1,
	ITEMS(tides, tidals) };
static const struct ais_message_group tides32_group = { "tidals", 9, 88, AIS_TIDES_MAX, 0, &tide32_item, 1,
	ITEMS(tides, tidals) };
static const struct ais_message_group route_group = { "waypoints", 61, 55, AIS_WAYPOINTS_MAX, 0, &waypoint_item, 1,
	ITEMS(route, waypoints) };
static const struct ais_message_group gauges_group = { "gauges", 12, 25, AIS_GAUGES_MAX, 0, &gauge_item, 1,
	ITEMS(gauges, gauges) };

/*
 * By type, DAC and FI. Lengths are those of the data: from the last field to the standard's, spare included, padded to a
 * sentence's characters. A 1/16 that is longer is not the number of persons: some stations send targets under that number.
 */
static const struct application {
	int32_t type, dac, fid;
	struct ais_message_layout layout;
} applications[] = {
	{ 0 },
	{ 8, 1, 31, LAYOUT(weather31, 294, 312) },
	{ 8, 1, 11, LAYOUT(weather11, 290, 304) },
	{ 8, 200, 10, LAYOUT(inland, 104, 120) },
	{ 8, 1, 22, LAYOUT_GROUP(area, 55, 1024, &ais_environment_areas) },
	{ 6, 1, 23, LAYOUT_GROUP(area, 55, 1024, &ais_environment_areas) },
	{ 8, 1, 26, LAYOUT_ITEMS(112, 1024, &ais_environment_reports) },
	{ 6, 1, 0, LAYOUT(telegram, 12, 1024) },
	{ 6, 1, 2, LAYOUT(question, 16, 88) },
	{ 6, 1, 3, LAYOUT(question_dac, 10, 88) },
	{ 6, 1, 12, LAYOUT(cargo, 269, 280) },
	{ 8, 1, 13, LAYOUT(closure, 412, 424) },
	{ 8, 1, 15, LAYOUT(height, 11, 24) },
	{ 8, 1, 19, LAYOUT(lights, 202, 312) },
	{ 6, 200, 21, LAYOUT(arrival_asked, 155, 168) },
	{ 6, 200, 22, LAYOUT(arrival_granted, 142, 152) },
	{ 6, 1, 14, LAYOUT_GROUP(tides, 102, 296, &tides14_group) },
	{ 6, 1, 16, LAYOUT(persons, 13, 56) },
	{ 8, 1, 16, LAYOUT(persons, 13, 24) },
	{ 6, 1, 18, LAYOUT(clearance, 229, 280) },
	{ 8, 1, 21, LAYOUT(observation, 301, 312) },
	{ 8, 1, 27, LAYOUT_GROUP(route, 61, 1024, &route_group) },
	{ 6, 1, 28, LAYOUT_GROUP(route, 61, 1024, &route_group) },
	{ 8, 1, 29, LAYOUT(description, 10, 1024) },
	{ 6, 1, 30, LAYOUT(description, 10, 1024) },
	{ 6, 1, 32, LAYOUT_GROUP(tides, 97, 288, &tides32_group) },
	{ 8, 200, 24, LAYOUT_GROUP(gauges, 112, 120, &gauges_group) },
	{ 8, 200, 40, LAYOUT(signal, 101, 120) },
	{ 6, 200, 55, LAYOUT(crew, 29, 88) },
	{ 8, 200, 55, LAYOUT(crew, 29, 112) },
	{ 6, 1, 40, LAYOUT(persons, 13, 24) },
	{ 8, 1, 40, LAYOUT(persons, 13, 24) },
	{ 6, 235, 10, LAYOUT(monitor, 44, 56) },
	{ 6, 250, 10, LAYOUT(monitor, 44, 56) },
};

#define APPLICATIONS (sizeof(applications) / sizeof(applications[0]))

unsigned ais_application_find(int32_t type, int32_t dac, int32_t fid, unsigned bits)
{
	for (unsigned i = 1; i < APPLICATIONS; i++) {
		const struct application *a = &applications[i];

		if (a->fid == fid && a->dac == dac && a->type == type)
			return bits >= a->layout.min_bits && bits <= a->layout.max_bits ? i : 0;
	}
	return 0;
}

const struct ais_message_layout *ais_application_layout(unsigned application)
{
	return application && application < APPLICATIONS ? &applications[application].layout : NULL;
}

void ais_application_key(unsigned application, int32_t *ret_type, int32_t *ret_dac, int32_t *ret_fid)
{
	*ret_type = applications[application].type;
	*ret_dac = applications[application].dac;
	*ret_fid = applications[application].fid;
}
