/*
 * wire - the objects of docs/wire.md as bytes: plot, site, health, track, withdrawal, tick.
 *
 * Deterministic CBOR maps with integer keys; integers only (1e-7 deg, mm, mm/s, 1e-6 rad, ns). Unknown keys
 * are skipped on decode (additive evolution); a missing optional key leaves NaN or 0. Enumerations out of range and
 * values outside their documented range are -ERANGE. Encoders return the size or -ENOBUFS.
 */
#pragma once

#include "common/plot.h"
#include "common/track.h"

#include <stddef.h>
#include <sys/types.h>

/* What a record in a ship log is. Numbers are on the wire: never reused. */
enum wire_kind {
	WIRE_PLOT = 1,
	WIRE_SITE = 2,
	WIRE_HEALTH = 3,
	WIRE_TRACK = 4,
	WIRE_WITHDRAW = 5, /* the peer must forget this track */
	WIRE_TICK = 6,	   /* fusion's journal only: time advanced */
	WIRE_CONFIG = 7,   /* fusion's journal only: tracker settings and build */
	WIRE_LATE_PLOT = 8, /* fusion to hub: a plot that came too late for the tracker */
};

#define WIRE_OBJECT_MAX 4096 /* bytes of any one object; larger is refused */

ssize_t wire_put_plot(void *buf, size_t cap, const struct plot *p);
int wire_get_plot(const void *data, size_t size, struct plot *ret_p);

ssize_t wire_put_site(void *buf, size_t cap, const struct site *s);
int wire_get_site(const void *data, size_t size, struct site *ret_s);

ssize_t wire_put_track(void *buf, size_t cap, const struct track *t);
int wire_get_track(const void *data, size_t size, struct track *ret_t);

struct wire_withdraw {
	struct track_id id;
	uint64_t version; /* of the track when it was withdrawn */
	int64_t time_ns;
};
ssize_t wire_put_withdraw(void *buf, size_t cap, const struct wire_withdraw *w);
int wire_get_withdraw(const void *data, size_t size, struct wire_withdraw *ret_w);

/* How far a sensor is off, by one component; fusion's word on a feed, process "registration". */
enum wire_bias_component { WIRE_BIAS_RANGE, WIRE_BIAS_AZIMUTH, WIRE_BIAS_TIME, _WIRE_BIAS_MAX }; /* m, rad, s */
enum wire_bias_state {
	WIRE_BIAS_UNKNOWN,   /* not observed: too few vessels that report */
	WIRE_BIAS_ROUGH,     /* estimated, not well enough to apply */
	WIRE_BIAS_NONE_SEEN, /* known well, and not to be told from 0 */
	WIRE_BIAS_APPLIED,   /* taken out of the feed's plots */
	_WIRE_BIAS_STATE_MAX,
};
struct wire_bias {
	enum wire_bias_state state;
	double value, sigma; /* what the sensor says too much; NaN while UNKNOWN */
};
struct wire_biases {
	bool given;
	struct wire_bias of[_WIRE_BIAS_MAX];
};

/* Health of one process on a host, sent by it (through the uplink) every 5 s. */
#define WIRE_COUNTERS_MAX 80 /* of 63 bytes at most, some 37 on average: they have room in an object */
#define WIRE_COUNTER_NAME_MAX 64
enum wire_health_state { WIRE_UP, WIRE_DEGRADED, WIRE_BLIND, WIRE_DOWN, _WIRE_HEALTH_MAX };
struct wire_health {
	char host[PLOT_FEED_MAX];    /* set by the uplink */
	char process[PLOT_FEED_MAX]; /* "sensor", "dial", "camera", "uplink", "filter@INTERFACE", "fusion", "hub",
				      "link", "registration" */
	char feed[PLOT_FEED_MAX];    /* "" = the host itself */
	int64_t time_ns;
	enum wire_health_state state;
	char reason[128]; /* "" when UP */
	int64_t clock_max_error_ns;
	bool clock_synchronised;
	unsigned n_counters;
	struct {
		char name[WIRE_COUNTER_NAME_MAX];
		uint64_t value;
	} counters[WIRE_COUNTERS_MAX];
	struct wire_biases bias;
};
ssize_t wire_put_health(void *buf, size_t cap, const struct wire_health *h);
int wire_get_health(const void *data, size_t size, struct wire_health *ret_h);

/** wire_health_counters() - fills h->counters from the registered counter tables, counted off at the limit. */
void wire_health_counters(struct wire_health *h);
