/*
 * klv_plot - what a picture's metadata say about targets, as positions seen by a camera.
 *
 * Two things are targets: what the VMTI detected (ST 0903) with a location of its own or an offset from the frame centre, and the
 * location that the operator's crosshair calculated (ST 0601 items 40 and 41). The frame centre itself is only where the
 * camera looks.
 *
 * Accuracy, in this order: a VMTI location's own sigmas; for the crosshair CE90 (item 45), of which a circular normal
 * distribution has its sigma at 1 / 2.146; else the geometry, as below. Where neither is given there is no plot.
 *
 * Geometry: needs the sensor's position and height and the target's or frame centre's height, both above mean sea level or both
 * above the ellipsoid. Slant range times KLV_PLOT_ATTITUDE_SIGMA_RAD across the line of sight; along it the same, stretched by
 * the depression; the platform's own position beside. Nothing in a packet tells how well its attitude is known: the constant is
 * what a small tactical INS and its gimbal reach together. Below three sigma of depression the line of sight grazes: no plot.
 *
 * Time: item 2, corrected by items 137 and 136, when it is within KLV_PLOT_TIME_MAX_NS of the receive time, else that. A
 * packet with a wrong checksum gives plots as any other: see klv.h. Altitudes above mean sea level are not a plot's.
 */
#pragma once

#include "sensor/decode/klv/klv.h"
#include "sensor/decode/plotting.h"

#define KLV_PLOT_ATTITUDE_SIGMA_RAD 0.009 /* 0.5 deg */
#define KLV_PLOT_PLATFORM_SIGMA_M 10.0	  /* GNSS without corrections, and its lever arms */
#define KLV_PLOT_TIME_MAX_NS INT64_C(10000000000)

/* Why there was no plot. Each is one counter. */
enum klv_plot_drop {
	KLV_PLOT_DROP_NONE,
	KLV_PLOT_DROP_KIND,	/* the packet is about no target */
	KLV_PLOT_DROP_POSITION, /* a target in the picture only */
	KLV_PLOT_DROP_ACCURACY, /* nothing tells how far off it may be */
	KLV_PLOT_DROP_COAST,	/* inactive, dropped or extrapolated by the VMTI's tracker */
	_KLV_PLOT_DROP_MAX,
};

/* @plot is NULL unless @drop is NONE, and borrowed. */
typedef void (*klv_plot_sink)(void *user, const struct plot *plot, enum klv_plot_drop drop);

/**
 * klv_plot() - every target of a packet to @sink, or once KIND
 *
 * Return: true when the packet's time stamp was not believed.
 */
bool klv_plot(const struct klv_packet *k, const struct plotting *p, struct klv_stats *stats, klv_plot_sink sink, void *user);
