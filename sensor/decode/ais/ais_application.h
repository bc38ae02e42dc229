/*
 * ais_application - what types 6 and 8 carry: the application messages (DAC and FI) of IMO and of the inland waters.
 *
 * Structures of raw values, as in ais_message.h, laid out by const tables. The bits they were read from are always kept beside
 * them. Sources: IMO SN.1/Circ.236 (1/11 to 1/15), SN.1/Circ.289 (other 1/x), ITU-R M.1371-5 annex 5 (1/0, 1/2, 1/3, 1/40), CCNR and
 * UNECE Vessel Tracking and Tracing Standard (200/x), IALA A-126 (235/10, 250/10).
 */
#pragma once

#include <stdint.h>

#define AIS_DATA_BYTES 160 /* of the longest message, and slack for reading */

/* Bits as they came, first one most significant; zero behind them. */
struct ais_data {
	unsigned bits;
	uint8_t bytes[AIS_DATA_BYTES];
};

/* Longitude and latitude in 1/1000 min, speeds in knots, directions in deg, periods in s, unless said otherwise. */
struct ais_telegram { /* 1/0 */
	int32_t ack_required, sequence;
	char text[164];
};
struct ais_question { /* 1/2 and 1/3: which application, or what of a DAC, is asked for */
	int32_t requested_dac, requested_fid;
};
struct ais_weather { /* 1/11 and 1/31, whose offsets differ: see the tables */
	int32_t lat, lon, accuracy, day, hour, minute, wspeed, wgust, wdir, wgustdir, airtemp, humidity, dewpoint;
	int32_t pressure, pressuretend, visgreater, visibility, waterlevel, leveltrend, cspeed, cdir, cspeed2, cdir2;
	int32_t cdepth2, cspeed3, cdir3, cdepth3, waveheight, waveperiod, wavedir, swellheight, swellperiod, swelldir;
	int32_t seastate, watertemp, preciptype, salinity, ice;
};
struct ais_cargo { /* 1/12 */
	int32_t lmonth, lday, lhour, lminute, nmonth, nday, nhour, nminute, unid, amount, unit;
	char lastport[6], nextport[6], dangerous[21], imdcat[5];
};
struct ais_closure { /* 1/13: radius in extunit: 0 m, 1 km, 2 nautical miles, 3 cables */
	int32_t radius, extunit, fmonth, fday, fhour, fminute, tmonth, tday, thour, tminute;
	char reason[21], closefrom[21], closeto[21];
};
struct ais_height { /* 1/15: 0.1 m */
	int32_t airdraught;
};
struct ais_lights { /* 1/19: a traffic signal, and the next one expected at hour, minute */
	int32_t linkage, lon, lat, status, signal, hour, minute, nextsignal;
	char station[21];
};
#define AIS_TIDES_MAX 3
struct ais_tide { /* 1/14: lon, lat 1/10000 min */
	int32_t lon, lat, from_hour, from_min, to_hour, to_min, cdir, cspeed;
};
struct ais_tides { /* 1/14, 1/32 */
	int32_t month, day, count;
	struct ais_tide tidals[AIS_TIDES_MAX];
};
struct ais_persons { /* 1/16, 1/40: persons; 200/55: the others */
	int32_t persons, crew, passengers, personnel;
};
struct ais_clearance { /* 1/18 */
	int32_t linkage, month, day, hour, minute, lon, lat;
	char portname[21], destination[6];
};
struct ais_observation { /* 1/21, without the WMO flag */
	int32_t wmo, lon, lat, day, hour, minute, weather, vislimit, visibility, humidity, wspeed, wdir, pressure;
	int32_t pressuretend, airtemp, watertemp, waveperiod, waveheight, wavedir, swellheight, swelldir, swellperiod;
	char location[21];
};
#define AIS_AREAS_MAX 10
struct ais_subarea { /* lengths x 10^scale m; bearings 0.5 deg */
	int32_t shape; /* 0 circle or point, 1 rectangle, 2 sector, 3 polyline, 4 polygon, 5 text */
	int32_t scale, lon, lat, precision, radius, east, north, orientation, left, right;
	int32_t bearing1, distance1, bearing2, distance2, bearing3, distance3, bearing4, distance4;
	char text[15];
};
struct ais_area { /* 1/22, 1/23: duration min */
	int32_t linkage, notice, month, day, hour, minute, duration, count;
	struct ais_subarea subareas[AIS_AREAS_MAX];
};
#define AIS_REPORTS_MAX 8
struct ais_report { /* one sensor's, of 1/26 */
	int32_t sensor, day, hour, minute, site;
	union {
		struct { /* 0: lon, lat 1/10000 min, alt 0.1 m */
			int32_t lon, lat, alt, owner, timeout;
		} place;
		struct { /* 1 */
			char name[15];
		} station;
		struct { /* 2 */
			int32_t wspeed, wgust, wdir, wgustdir, sensortype, fwspeed, fwgust, fwdir;
			int32_t day, hour, minute, duration;
		} wind;
		struct { /* 3: levels 0.01 m */
			int32_t absolute, level, leveltrend, datum, sensortype, fabsolute, flevel;
			int32_t day, hour, minute, duration;
		} level;
		struct { /* 4: speeds 0.1 kt, depths m */
			int32_t cspeed1, cdir1, cdepth1, cspeed2, cdir2, cdepth2, cspeed3, cdir3, cdepth3, sensortype;
		} flow;
		struct { /* 5 */
			int32_t cnorth1, ceast1, cup1, cdepth1, cnorth2, ceast2, cup2, cdepth2, sensortype;
		} flow3;
		struct { /* 6 */
			int32_t bearing1, distance1, speed1, direction1, depth1;
			int32_t bearing2, distance2, speed2, direction2, depth2;
		} across;
		struct { /* 7 */
			int32_t swheight, swperiod, swelldir, seastate, swelltype, watertemp, distance1, depthtype;
			int32_t waveheight, waveperiod, wavedir, wavetype, salinity;
		} sea;
		struct { /* 8 */
			int32_t watertemp, conductivity, pressure, salinity, salinitytype, sensortype;
		} water;
		struct { /* 9 */
			int32_t temperature, sensortype, preciptype, visibility, dewpoint, dewtype, pressure, pressuretend;
			int32_t pressuretype, salinity;
		} air;
		struct { /* 10: 0.01 m */
			int32_t airdraught, airgap, gaptrend, fairgap, day, hour, minute;
		} gap;
	};
};
struct ais_environment { /* 1/26 */
	int32_t count;
	struct ais_report reports[AIS_REPORTS_MAX];
};
#define AIS_WAYPOINTS_MAX 16
struct ais_waypoint { /* 1/10000 min */
	int32_t lon, lat;
};
struct ais_route { /* 1/27, 1/28: duration min */
	int32_t linkage, sender, rtype, month, day, hour, minute, duration, waycount, count;
	struct ais_waypoint waypoints[AIS_WAYPOINTS_MAX];
};
struct ais_description { /* 1/29, 1/30 */
	int32_t linkage;
	char text[174];
};
struct ais_inland { /* 200/10: length and beam 0.1 m, draught 0.01 m */
	int32_t length, beam, shiptype, hazard, draught, loaded, speed_q, course_q, heading_q;
	char vin[9];
};
struct ais_arrival { /* 200/21: asked for; 200/22: granted, status instead of tugs and airdraught (0.01 m) */
	int32_t month, day, hour, minute, tugs, airdraught, status;
	char country[3], locode[4], section[6], terminal[6], hectometre[6];
};
#define AIS_GAUGES_MAX 4
struct ais_gauge { /* level: cm, see AIS_FIELD_LEVEL */
	int32_t id, level;
};
struct ais_gauges { /* 200/24 */
	int32_t count;
	char country[3];
	struct ais_gauge gauges[AIS_GAUGES_MAX];
};
struct ais_signal { /* 200/40: lon, lat 1/10000 min; status: a decimal digit a light */
	int32_t lon, lat, form, facing, direction, status;
};
struct ais_monitor { /* 235/10, 250/10: an aid to navigation's supplies in 0.05 V */
	int32_t ana_int, ana_ext1, ana_ext2, racon, light, alarm, stat_ext, off_pos;
};

union ais_application {
	struct ais_telegram telegram;
	struct ais_question question;
	struct ais_weather weather;
	struct ais_cargo cargo;
	struct ais_closure closure;
	struct ais_height height;
	struct ais_lights lights;
	struct ais_tides tides;
	struct ais_persons persons;
	struct ais_clearance clearance;
	struct ais_observation observation;
	struct ais_area area;
	struct ais_environment environment;
	struct ais_route route;
	struct ais_description description;
	struct ais_inland inland;
	struct ais_arrival arrival;
	struct ais_gauges gauges;
	struct ais_signal signal;
	struct ais_monitor monitor;
};

struct ais_message;
struct ais_message_layout;

/** ais_application_find() - the table for @dac and @fid in a message of @type with @bits of data; 0 = none: it stays raw. */
unsigned ais_application_find(int32_t type, int32_t dac, int32_t fid, unsigned bits);

/** ais_application_layout() - the table found above (> 0); NULL for 0 and behind the last. Its bits count from the data's first. */
const struct ais_message_layout *ais_application_layout(unsigned application);

/** ais_application_key() - what it is for. */
void ais_application_key(unsigned application, int32_t *ret_type, int32_t *ret_dac, int32_t *ret_fid);
