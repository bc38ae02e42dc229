/*
 * feed - one file a feed, /etc/vedette/feeds/NAME.conf: where it is, what it speaks, who may send it,
 * where its sensor stands. The filter, the systemd generator, the decoder and the camera read the same file.
 */
#pragma once

#include "common/conf.h"
#include "common/netaddr.h"
#include "common/plot.h"

#define FEED_SOURCES_MAX 8
#define FEED_EDITIONS_MAX 16
#define FEED_EDITION_MAX 8 /* "2.7" with its NUL, and room for "12.345" */

enum feed_format { FEED_AIS, FEED_ASTERIX, FEED_CAMERA, FEED_NMEA, FEED_ADSB, FEED_KLV, _FEED_FORMAT_MAX };

/* What happens to datagrams that come in fragments. */
enum feed_fragments {
	FEED_FRAGMENTS_DROP, /* all of them: no sensor needs them */
	FEED_FRAGMENTS_PASS, /* of listed senders; what the kernel makes whole is judged behind the filter */
	_FEED_FRAGMENTS_MAX,
};

/* What an ASTERIX category means on this feed. */
struct feed_edition {
	uint8_t cat;
	char edition[FEED_EDITION_MAX]; /* digits.digits */
};

struct feed {
	char name[PLOT_FEED_MAX]; /* from the file's name */
	enum feed_format format;

	/* [Feed] A UDP address, unicast or multicast. Listen=239.1.1.1:8600. Camera: of an rtp:// Url=. Else family == 0 */
	struct netaddr_endpoint listen;
	/* [Feed] Instead: a stream that vedette-dial opens, feed_is_dialled() */
	char connect_host[256];	 /* Connect=HOST:PORT or [IPV6]:PORT; a name or a literal address; "" = none */
	uint16_t connect_port;	 /* host order */
	char device[128];	 /* Device=/dev/ttyS0; "" = none */
	uint64_t baud;		 /* 8 bits, no parity, 1 stop bit */
	char interface[16]; /* multicast is joined here; "" = the kernel's choice */
	unsigned n_sources;
	struct netaddr_network sources[FEED_SOURCES_MAX]; /* Source=192.0.2.0/24 ..., of listen's family; at least one when it listens */
	uint64_t rate_pps, burst_packets; /* Rate=, Burst=: the filter's GCRA; rate 0 = no limit, no Burst= = one second's */
	int fragments;			  /* enum feed_fragments */

	/* [Camera] */
	char url[512];	    /* rtsp://, rtp://ADDR:PORT (H.264), file:/// */
	char credential[256]; /* file with user:password; "" = none */
	double camera_tilt_rad, camera_roll_rad; /* positive down, positive right side lower */
	double camera_yaw_sigma_rad;

	/* [Radar] */
	bool moving; /* on a ship: plots count from the position that the feed itself gives (nmea) */

	/* [Asterix] */
	uint64_t sac, sic; /* records from others are counted and dropped; 256 = any */
	unsigned n_editions;
	struct feed_edition editions[FEED_EDITIONS_MAX]; /* Edition=21=0.26 ...; categories not named: the newest */

	struct site site; /* [Site] and [Radar]/[Camera]; version 0: the sensor process counts it */
};

/**
 * feed_load() - @path is DIR/NAME.conf, with its drop-ins; NAME is [a-z0-9-], below PLOT_FEED_MAX
 *
 * Return: 0, -ENOENT, or -EINVAL; the reason is in @ret_error either way. @ret_feed is untouched on failure.
 */
int feed_load(const char *path, struct feed *ret_feed, struct conf_error *ret_error);

/**
 * feed_each() - calls @fn for every *.conf in @dir in byte order of names; @feed is borrowed during the call
 *
 * Return: 0; the first error of feed_load() with its reason; what @fn returned when < 0; -errno of the directory. Every
 * error but @fn's sets @ret_error.
 */
int feed_each(const char *dir, int (*fn)(void *user, const struct feed *feed), void *user,
	struct conf_error *ret_error);

/* Into a struct feed; for check-config, docs and the fuzzer. feed_load() also checks what one key cannot tell. */
extern const struct conf_key feed_keys[];

/** feed_is_dialled() - it is a stream: no datagrams come to a socket of ours. */
bool feed_is_dialled(const struct feed *feed);

/** feed_format_name() - as in Format=. */
const char *feed_format_name(enum feed_format format);

/** feed_init() - what a feed is before its file is read. */
void feed_init(struct feed *feed);
