/*
 * nmea_own - what a feed says of the ship it is on: where she is and how she heads, for as long as that is fresh.
 *
 * Position and motion from RMC, GLL and GGA, heading from THS, HDT and OSD; only what its sender calls a measurement, not
 * estimated, manual, simulated or invalid. Times are receive times: both come over the same wire.
 */
#pragma once

#include "common/geo.h"
#include "sensor/decode/nmea/nmea_message.h"

/* Position sentences come every second or two; older than that the receiver has failed. */
#define NMEA_OWN_POSITION_AGE_MAX_NS INT64_C(5000000000)
/* Headings come every second at least (IMO A.424: the gyro's repeaters, 10 a second and more); a ship turns some deg/s. */
#define NMEA_OWN_HEADING_AGE_MAX_NS INT64_C(2000000000)

struct nmea_own {
	struct geo_point at;
	double speed_mps, course_rad;			/* over ground */
	double heading_rad;				/* true */
	int64_t position_ns, motion_ns, heading_ns; /* when received; 0 = never */
};

/** nmea_own_take() - what @m says of own ship, if anything. @recv_ns must not be 0. */
void nmea_own_take(struct nmea_own *o, const struct nmea_message *m, int64_t recv_ns);

/** nmea_own_position() - at @now_ns, moved on by course and speed. False when not known freshly. */
bool nmea_own_position(const struct nmea_own *o, int64_t now_ns, struct geo_point *ret_at, double *ret_sigma_m);

/** nmea_own_heading() - false when not known freshly. */
bool nmea_own_heading(const struct nmea_own *o, int64_t now_ns, double *ret_rad);
