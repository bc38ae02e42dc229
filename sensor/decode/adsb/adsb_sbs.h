/*
 * adsb_sbs - a BaseStation line as a message: 22 comma-separated fields, decoded elsewhere and rounded there.
 *
 * Source: BaseStation socket data. MSG 1 identification, 2 surface position, 3 airborne position, 4 velocity, 5 altitude,
 * 6 squawk, 7 air to air, 8 all-call. Every field that is filled is taken, whatever the kind. Units: ft, kt, deg, ft/min.
 */
#pragma once

#include "sensor/decode/adsb/adsb_message.h"

/** adsb_sbs_decode() - @line without its end. Return: ADSB_FAULT_NONE, or ADSB_FAULT_SBS when a field cannot be. */
enum adsb_fault adsb_sbs_decode(const char *line, size_t len, struct adsb_message *ret_m);
