/*
 * asterix_report - positions that others computed, as plots: surface movement (CAT010), ADS-B (CAT021), system tracks (CAT062).
 *
 * Each fills all of a plot but its time. What says nothing of its accuracy gets the worst that its standard allows, so that nothing is
 * believed more than it deserves.
 */
#pragma once

#include "sensor/decode/asterix/asterix_plot.h"

/** asterix_report_begin() - an empty plot of this feed. */
void asterix_report_begin(struct plot *plot, enum plot_kind kind, enum plot_sensor sensor, const struct plotting *p);

/** asterix_report_address() - identity by the 24 bits at @address; 0 is none. */
void asterix_report_address(struct plot *plot, const uint8_t *address);

/** asterix_report_callsign() - eight six-bit characters from bit @bit on. */
void asterix_report_callsign(struct plot *plot, const uint8_t *p, unsigned bit);

/** asterix_report_level_m() - V, G and 14 bits of 1/4 FL as metres; NaN when not validated or garbled. */
double asterix_report_level_m(const uint8_t *p);

/** asterix_report_octet() - octet @octet of an extended item; 0 when it does not reach so far. */
uint8_t asterix_report_octet(const uint8_t *p, unsigned octet);

/**
 * asterix_report_surface() - CAT010: WGS 84 or else Cartesian about the feed's site, covariance of I010/500 or of the site's sigmas
 * asterix_report_ads_b() - CAT021 of any edition: NACp, NIC or NUCp
 * asterix_report_track() - CAT062: a track, not a measurement, by SAC, SIC and I062/040. Covariance of I062/500, or 500 m RMS
 *
 * Return: why there is no plot, or ASTERIX_PLOT_DROP_NONE.
 */
enum asterix_plot_drop asterix_report_surface(const struct asterix_record *r, const struct plotting *p, struct plot *plot);
enum asterix_plot_drop asterix_report_ads_b(const struct asterix_record *r, const struct plotting *p, struct plot *plot);
enum asterix_plot_drop asterix_report_track(const struct asterix_record *r, const struct plotting *p, struct plot *plot);
