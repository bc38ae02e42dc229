/*
 * adsb_cpr - Compact Position Reporting: 17 bits of latitude and longitude within zones, even and odd.
 *
 * Degrees, WGS 84; longitudes in [-180, 180). Pure functions: what may be paired, and for how long, is the caller's.
 * Source: RTCA DO-260B, appendix A.1.7; ICAO Annex 10 volume III / Doc 9871, C.2.6. Airborne LSB: 360/60/2^17 deg = 5.1 m;
 * surface a quarter of it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define ADSB_CPR_STEPS 131072.0 /* 2^17 */

struct adsb_cpr {
	int32_t lat, lon; /* 0..131071 */
	bool odd, surface;
};

struct adsb_cpr_point {
	double lat_deg, lon_deg;
};

/** adsb_cpr_nl() - longitude zones at a latitude: 1..59. */
int adsb_cpr_nl(double lat_deg);

/** adsb_cpr_encode() - @odd and @surface choose the form. */
void adsb_cpr_encode(const struct adsb_cpr_point *p, bool odd, bool surface, struct adsb_cpr *ret_cpr);

/**
 * adsb_cpr_global() - a position from an even and an odd message of one form
 * @newest_odd: which is newer; its position is returned
 * @near:       surface only: the solution nearest to it is taken. Right within 45 NM of the truth. NULL for airborne
 *
 * Return: 0, or -EDOM when the two are of different longitude zones or give no latitude.
 */
int adsb_cpr_global(const struct adsb_cpr *even, const struct adsb_cpr *odd, bool newest_odd,
	const struct adsb_cpr_point *near, struct adsb_cpr_point *ret_p);

/**
 * adsb_cpr_local() - the position nearest to one known before
 * @near: right within half a zone of the truth: 180 NM (surface: 45 NM)
 *
 * Return: 0, or -EDOM when that is beyond a pole.
 */
int adsb_cpr_local(const struct adsb_cpr *cpr, const struct adsb_cpr_point *near, struct adsb_cpr_point *ret_p);
