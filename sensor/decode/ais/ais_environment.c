#include "sensor/decode/ais/ais_environment.h"

#include "sensor/decode/ais/ais_table.h"

/* --- the shapes of an area: 87 bits each --- */

#define AIS_OF struct ais_subarea

#define SHAPE UINT("shape", 0, 3, shape)
#define PLACE                                                                                      \
	SHAPE, UINT("scale", 3, 2, scale), DEGREES3("lon", 5, 25, lon, AIS_LON3_NONE),             \
		DEGREES3("lat", 30, 24, lat, AIS_LAT3_NONE), UINT("precision", 54, 3, precision)
#define HALVES(name, bit, width, member, none) AIS_FIELD(name, bit, width, member, UINT, none, INT32_MAX, 1, 0, 2, 1)
#define LEG(n, bit)                                                                                \
	HALVES("bearing" #n, bit, 10, bearing##n, 720), UINT("distance" #n, (bit) + 10, 10, distance##n)

static const struct ais_message_field circle[] = {
	PLACE,
	UINT("radius", 57, 12, radius),
};

static const struct ais_message_field rectangle[] = {
	PLACE,
	UINT("east", 57, 8, east),
	UINT("north", 65, 8, north),
	UINT_FROM("orientation", 73, 9, orientation, 360),
};

static const struct ais_message_field sector[] = {
	PLACE,
	UINT("radius", 57, 12, radius),
	UINT_FROM("left", 69, 9, left, 360),
	UINT_FROM("right", 78, 9, right, 360),
};

static const struct ais_message_field poly[] = {
	SHAPE, UINT("scale", 3, 2, scale), LEG(1, 5), LEG(2, 25), LEG(3, 45), LEG(4, 65),
};

static const struct ais_message_field words[] = {
	SHAPE,
	TEXT("text", 3, 84, text),
};

static const struct ais_message_field other_shape[] = { SHAPE };

#define SHAPE_LAYOUT(table) LAYOUT(table, 87, 87)

static const struct ais_message_layout shapes[] = {
	SHAPE_LAYOUT(circle), SHAPE_LAYOUT(rectangle), SHAPE_LAYOUT(sector), SHAPE_LAYOUT(poly),
	SHAPE_LAYOUT(poly), SHAPE_LAYOUT(words), SHAPE_LAYOUT(other_shape),
};

const struct ais_message_group ais_environment_areas = { "subareas", 55, 87, AIS_AREAS_MAX, 3, shapes,
	sizeof(shapes) / sizeof(shapes[0]), offsetof(struct ais_message, binary.app.area.count),
	offsetof(struct ais_message, binary.app.area.subareas), sizeof(struct ais_subarea) };

/* --- the reports of sensors: 112 bits each, 27 of them the head --- */

#undef AIS_OF
#define AIS_OF struct ais_report

#define HEAD                                                                                       \
	UINT("sensor", 0, 4, sensor), SHOW("timestamp", day, DAYTIME), PART("day", 4, 5, day),     \
		PART("hour", 9, 5, hour), PART("minute", 14, 6, minute), UINT("site", 20, 7, site)
/* "As forecast for": day, hour, minute and how many minutes it holds. */
#define FORECAST(bit, of)                                                                          \
	SHOW("ftimestamp", of.day, DAYTIME), PART("fday", bit, 5, of.day), PART("fhour", (bit) + 5, 5, of.hour), \
		PART("fminute", (bit) + 10, 6, of.minute)
#define DURATION(bit, member) UINT_NONE("duration", bit, 8, member, 255)
#define KNOTS10(name, bit, member) TENTHS_FROM(name, bit, 8, member, 247)
#define DIRECTION(name, bit, member) UINT_FROM(name, bit, 9, member, 360)
#define DEPTH(name, bit, member) UINT_FROM(name, bit, 9, member, 362)
#define CENTIMETRES(name, bit, width, member, none) HUNDREDTHS(name, bit, width, member, none)

static const struct ais_message_field place[] = {
	HEAD,
	DEGREES("lon", 27, 28, place.lon, AIS_LON_NONE),
	DEGREES("lat", 55, 27, place.lat, AIS_LAT_NONE),
	TENTHS_FROM("alt", 82, 11, place.alt, 2002),
	UINT("owner", 93, 4, place.owner),
	UINT("timeout", 97, 3, place.timeout),
};

static const struct ais_message_field station[] = {
	HEAD,
	TEXT("name", 27, 84, station.name),
};

static const struct ais_message_field wind[] = {
	HEAD,
	UINT_FROM("wspeed", 27, 7, wind.wspeed, 122),
	UINT_FROM("wgust", 34, 7, wind.wgust, 122),
	DIRECTION("wdir", 41, wind.wdir),
	DIRECTION("wgustdir", 50, wind.wgustdir),
	UINT("sensortype", 59, 3, wind.sensortype),
	UINT_FROM("fwspeed", 62, 7, wind.fwspeed, 122),
	UINT_FROM("fwgust", 69, 7, wind.fwgust, 122),
	DIRECTION("fwdir", 76, wind.fwdir),
	FORECAST(85, wind),
	DURATION(101, wind.duration),
};

static const struct ais_message_field level[] = {
	HEAD,
	FLAG("absolute", 27, level.absolute),
	AIS_FIELD("level", 28, 16, level.level, INT, -32768, -32768, 1, 0, 100, 2),
	UINT_NONE("leveltrend", 44, 2, level.leveltrend, 3),
	UINT_NONE("datum", 46, 5, level.datum, 14),
	UINT("sensortype", 51, 3, level.sensortype),
	FLAG("fabsolute", 54, level.fabsolute),
	AIS_FIELD("flevel", 55, 16, level.flevel, INT, -32768, -32768, 1, 0, 100, 2),
	FORECAST(71, level),
	DURATION(87, level.duration),
};

#define FLOW(n, bit)                                                                               \
	KNOTS10("cspeed" #n, bit, flow.cspeed##n), DIRECTION("cdir" #n, (bit) + 8, flow.cdir##n),  \
		DEPTH("cdepth" #n, (bit) + 17, flow.cdepth##n)

static const struct ais_message_field flow[] = {
	HEAD, FLOW(1, 27), FLOW(2, 53), FLOW(3, 79), UINT("sensortype", 105, 3, flow.sensortype),
};

#define FLOW3(n, bit)                                                                              \
	KNOTS10("cnorth" #n, bit, flow3.cnorth##n), KNOTS10("ceast" #n, (bit) + 8, flow3.ceast##n), \
		KNOTS10("cup" #n, (bit) + 16, flow3.cup##n), DEPTH("cdepth" #n, (bit) + 24, flow3.cdepth##n)

static const struct ais_message_field flow3[] = {
	HEAD, FLOW3(1, 27), FLOW3(2, 60), UINT("sensortype", 93, 3, flow3.sensortype),
};

#define ACROSS(n, bit)                                                                             \
	DIRECTION("bearing" #n, bit, across.bearing##n),                                           \
		UINT_FROM("distance" #n, (bit) + 9, 7, across.distance##n, 122),                   \
		KNOTS10("speed" #n, (bit) + 16, across.speed##n),                                  \
		DIRECTION("direction" #n, (bit) + 24, across.direction##n),                        \
		DEPTH("depth" #n, (bit) + 33, across.depth##n)

static const struct ais_message_field across[] = { HEAD, ACROSS(1, 27), ACROSS(2, 69) };

static const struct ais_message_field sea[] = {
	HEAD,
	TENTHS_FROM("swheight", 27, 8, sea.swheight, 247),
	UINT_FROM("swperiod", 35, 6, sea.swperiod, 61),
	DIRECTION("swelldir", 41, sea.swelldir),
	UINT_FROM("seastate", 50, 4, sea.seastate, 13),
	UINT("swelltype", 54, 3, sea.swelltype),
	TENTHS_PLUS("watertemp", 57, 10, sea.watertemp, 601, -100),
	TENTHS_FROM("distance1", 67, 7, sea.distance1, 122),
	UINT("depthtype", 74, 3, sea.depthtype),
	TENTHS_FROM("waveheight", 77, 8, sea.waveheight, 247),
	UINT_FROM("waveperiod", 85, 6, sea.waveperiod, 61),
	DIRECTION("wavedir", 91, sea.wavedir),
	UINT("wavetype", 100, 3, sea.wavetype),
	TENTHS_FROM("salinity", 103, 9, sea.salinity, 502),
};

static const struct ais_message_field water[] = {
	HEAD,
	TENTHS_PLUS("watertemp", 27, 10, water.watertemp, 601, -100),
	AIS_FIELD("conductivity", 37, 10, water.conductivity, UINT, 702, INT32_MAX, 1, 0, 100, 2),
	TENTHS_FROM("pressure", 47, 16, water.pressure, 60002),
	TENTHS_FROM("salinity", 63, 9, water.salinity, 502),
	UINT("salinitytype", 72, 2, water.salinitytype),
	UINT("sensortype", 74, 3, water.sensortype),
};

static const struct ais_message_field air[] = {
	HEAD,
	TENTHS_SIGNED("temperature", 27, 11, air.temperature, -1024),
	UINT("sensortype", 38, 3, air.sensortype),
	UINT("preciptype", 41, 2, air.preciptype),
	TENTHS_FROM("visibility", 43, 8, air.visibility, 242),
	TENTHS_SIGNED("dewpoint", 51, 10, air.dewpoint, 501),
	UINT("dewtype", 61, 3, air.dewtype),
	UINT_PLUS("pressure", 64, 9, air.pressure, 403, 799),
	UINT_NONE("pressuretend", 73, 2, air.pressuretend, 3),
	UINT("pressuretype", 75, 3, air.pressuretype),
	TENTHS_FROM("salinity", 78, 9, air.salinity, 502),
};

static const struct ais_message_field gap[] = {
	HEAD,
	CENTIMETRES("airdraught", 27, 13, gap.airdraught, 0),
	CENTIMETRES("airgap", 40, 13, gap.airgap, 0),
	UINT_NONE("gaptrend", 53, 2, gap.gaptrend, 3),
	CENTIMETRES("fairgap", 55, 13, gap.fairgap, 0),
	FORECAST(68, gap),
};

static const struct ais_message_field other_report[] = { HEAD };

#define REPORT(table) LAYOUT(table, 112, 112)

static const struct ais_message_layout reports[] = {
	REPORT(place), REPORT(station), REPORT(wind), REPORT(level), REPORT(flow), REPORT(flow3),
	REPORT(across), REPORT(sea), REPORT(water), REPORT(air), REPORT(gap), REPORT(other_report),
};

const struct ais_message_group ais_environment_reports = { "reports", 0, 112, AIS_REPORTS_MAX, 4, reports,
	sizeof(reports) / sizeof(reports[0]), offsetof(struct ais_message, binary.app.environment.count),
	offsetof(struct ais_message, binary.app.environment.reports), sizeof(struct ais_report) };
