/*
 * nmea_target - one target of a TTD sentence: 90 bits, fifteen armoured characters.
 *
 * Integers as sent; LSB beside the member. Source: IEC 61162-1 ed. 4, TTD. The length of a target is confirmed by recordings of a
 * radar display; the order of what follows the target number and the codes are the standard's as known to us, not yet confirmed
 * by a recording.
 */
#pragma once

#include "sensor/decode/jot.h"

#include <stddef.h>
#include <stdint.h>

#define NMEA_TARGET_CHARS 15

/* "Not available", and what lies above the last value that means something. */
#define NMEA_TARGET_ANGLE_MAX 3599
#define NMEA_TARGET_SPEED_MAX 4094
#define NMEA_TARGET_DISTANCE_MAX 16382

enum nmea_target_status {
	NMEA_TARGET_NONE,      /* not tracked */
	NMEA_TARGET_ACQUIRING,
	NMEA_TARGET_LOST,
	NMEA_TARGET_TRACKED = 4, /* established, no alarm */
	NMEA_TARGET_ALARM = 6,	 /* established, CPA or TCPA alarm */
	NMEA_TARGET_ACKNOWLEDGED, /* the same, acknowledged */
};

struct nmea_target {
	int32_t version;
	int32_t number;	 /* 0..1023 */
	int32_t bearing; /* 0.1 deg true */
	int32_t speed;	 /* 0.1 kn */
	int32_t course;	 /* 0.1 deg true */
	int32_t heading; /* 0.1 deg, what an AIS target reports */
	int32_t status;	 /* enum nmea_target_status */
	int32_t test;	 /* 1: a test target */
	int32_t distance; /* 0.01 NM */
	int32_t relative; /* 1: speed and course are relative to own ship */
	int32_t water;	  /* 1: stabilised through the water, 0: over the ground */
	int32_t reserved;
	int32_t association; /* targets with the same number are one; 0 = none */
};

/**
 * nmea_target_decode() - the whole targets of @n armoured characters
 *
 * Return: their number, at most @max; -1 when a character is illegal.
 */
int nmea_target_decode(const char *text, size_t n, struct nmea_target *ret_targets, unsigned max);

/** nmea_target_encode() - NMEA_TARGET_CHARS characters; values are cut to their widths. */
void nmea_target_encode(const struct nmea_target *t, char ret_text[static NMEA_TARGET_CHARS]);

/** nmea_target_json() - one object: degrees, knots, nautical miles. */
void nmea_target_json(const struct nmea_target *t, struct jot *j);

uint64_t nmea_target_hash(const struct nmea_target *t, uint64_t seed);
