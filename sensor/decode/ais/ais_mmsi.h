/*
 * ais_mmsi - what kind of station an MMSI names. Source: ITU-R M.585-9, annex 1; M.1371-5 for 970, 972, 974.
 */
#pragma once

#include "common/plot.h"

#include <stdbool.h>
#include <stdint.h>

enum ais_mmsi_class {
	AIS_MMSI_SHIP,	     /* MIDxxxxxx, MID 201-775 */
	AIS_MMSI_GROUP,	     /* 0MIDxxxxx */
	AIS_MMSI_COAST,	     /* 00MIDxxxx */
	AIS_MMSI_SAR_AIRCRAFT, /* 111MIDxxx */
	AIS_MMSI_HANDHELD,   /* 8MIDxxxxx */
	AIS_MMSI_AUXILIARY,  /* 98MIDxxxx: a craft of a mother ship */
	AIS_MMSI_ATON,	     /* 99MIDxxxx */
	AIS_MMSI_SART,	     /* 970xxxxxx */
	AIS_MMSI_MOB,	     /* 972xxxxxx */
	AIS_MMSI_EPIRB,	     /* 974xxxxxx */
	AIS_MMSI_AMRD,	     /* 979xxxxxx: autonomous maritime radio device, group B */
	AIS_MMSI_BAD,	     /* none of these, or a well-known default of unconfigured transponders */
	_AIS_MMSI_CLASS_MAX,
};

/** ais_mmsi_name() - the class in a word, for JSON. */
const char *ais_mmsi_name(enum ais_mmsi_class class);

enum ais_mmsi_class ais_mmsi_classify(uint32_t mmsi);
enum plot_distress ais_mmsi_distress(uint32_t mmsi);
