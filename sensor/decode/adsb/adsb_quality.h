/*
 * adsb_quality - how good a position or a velocity is, from what its sender says of it.
 *
 * Radii in metres; NaN = the sender says nothing that bounds it. Source: RTCA DO-260B tables 2-14 (NIC), 2-71 (NACp), 2-22
 * (NACv), appendix N (versions 0 and 1, NUCp and NUCr).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What is known of a sender, beside the message itself. ADSB_NONE = not heard. */
struct adsb_quality {
	int32_t version; /* 0, 1, 2 */
	int32_t nac_p, nac_v;
	int32_t nic_a, nic_c; /* NIC supplements of the last operational status */
};

/**
 * adsb_quality_nic() - navigation integrity category of a position; version 0: NUCp
 * @tc:       type code of the position: 5..8, 9..18, 20..22
 * @nic_b:    the message's own supplement; ADSB_NONE on the surface
 * @ret_rc_m: containment radius, NaN when there is none
 */
int32_t adsb_quality_nic(const struct adsb_quality *q, unsigned tc, int32_t nic_b, double *ret_rc_m);

/**
 * adsb_quality_position_m() - 1 sigma on each axis
 *
 * From NACp (versions 1, 2) or NUCp (version 0): their radius holds 95 %, which is 2.4477 sigma of a circular normal
 * distribution. With neither, the containment radius serves as that radius; with none, NaN.
 */
double adsb_quality_position_m(const struct adsb_quality *q, unsigned tc, int32_t nic_b);

/** adsb_quality_velocity_mps() - 1 sigma on each axis; for an unknown accuracy that of the worst category. */
double adsb_quality_velocity_mps(int32_t nac_v);
