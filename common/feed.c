#include "common/feed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const format_names[] = {
	[FEED_AIS] = "ais",
	[FEED_ASTERIX] = "asterix",
	[FEED_CAMERA] = "camera",
	[FEED_NMEA] = "nmea",
	[FEED_ADSB] = "adsb",
	[FEED_KLV] = "klv",
	[_FEED_FORMAT_MAX] = NULL,
};

static const char *const fragments_names[] = {
	[FEED_FRAGMENTS_DROP] = "drop",
	[FEED_FRAGMENTS_PASS] = "pass",
	[_FEED_FRAGMENTS_MAX] = NULL,
};

static const char *const targets_names[] = {
	[SITE_TARGETS_SURFACE] = "surface",
	[SITE_TARGETS_AIR] = "air",
	[SITE_TARGETS_BOTH] = "both",
	[_SITE_TARGETS_MAX] = NULL,
};

/* --- values that only feeds have --- */

/* Decimal digits alone, 0..@max. Return: the value, or -1. */
static long small_number(const char *text, long max)
{
	size_t digits = strspn(text, "0123456789");

	if (!digits || digits > 5 || text[digits])
		return -1;
	long v = strtol(text, NULL, 10);
	return v <= max ? v : -1;
}

static const char *parse_listen(const char *value, void *field)
{
	if (*value)
		return netaddr_endpoint(value, field);
	*(struct netaddr_endpoint *)field = (struct netaddr_endpoint){ 0 };
	return NULL;
}

/* The host of HOST:PORT or [IPV6]:PORT into @ret; colons stand in literal addresses alone. */
static const char *take_host(const char *text, const char *colon, char *ret, size_t cap)
{
	struct in6_addr in6;
	bool six = *text == '[' && colon > text + 1 && colon[-1] == ']';
	size_t n = colon - text - 2 * six;

	if (!n || n >= cap)
		return "must be HOST:PORT, e.g. 192.0.2.1:10110, or [IPV6]:PORT";
	memcpy(ret, text + six, n);
	ret[n] = 0;
	if (six)
		return inet_pton(AF_INET6, ret, &in6) == 1 ? NULL : "not an IPv6 address";
	/* RFC 952 and 1123, and the underscore that is there in practice. */
	if (strspn(ret, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != n || *ret == '-')
		return "not the name or the address of a host; an IPv6 address stands in [ ]";
	return NULL;
}

static const char *parse_connect(const char *value, void *field)
{
	struct feed *feed = field;
	const char *colon = strrchr(value, ':');
	char host[sizeof(feed->connect_host)] = "";
	long port = colon ? small_number(colon + 1, 65535) : 0;

	if (*value && !colon)
		return "must be HOST:PORT, e.g. 192.0.2.1:10110, or [IPV6]:PORT";
	if (colon && port <= 0)
		return "port must be 1 to 65535";

	const char *why = colon ? take_host(value, colon, host, sizeof(host)) : NULL;

	if (why)
		return why;
	memcpy(feed->connect_host, host, sizeof(host));
	feed->connect_port = (uint16_t)port;
	return NULL;
}

/* It becomes a rule of a unit as well: nothing that would need quoting there. */
static const char *parse_device(const char *value, void *field)
{
	if (strlen(value) >= sizeof(((struct feed *)NULL)->device))
		return "longer than 127 bytes";
	if (*value && (strncmp(value, "/dev/", 5) || !value[5] || strstr(value, "..") ||
			      strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._:-") < strlen(value)))
		return "must be a serial line, e.g. /dev/ttyUSB0 or /dev/serial/by-id/...";
	memcpy(field, value, strlen(value) + 1);
	return NULL;
}

static const char *parse_baud(const char *value, void *field)
{
	static const char *const rates[] = { "1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200", "230400",
		"460800", "921600" };

	for (unsigned i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		if (!strcmp(value, rates[i])) {
			*(uint64_t *)field = strtoul(value, NULL, 10);
			return NULL;
		}
	return "must be one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600";
}

/* Linux IFNAMSIZ is 16 with its NUL; dev_valid_name() refuses '/', ':', white space, "." and "..". */
static const char *parse_interface(const char *value, void *field)
{
	if (strlen(value) >= sizeof(((struct feed *)NULL)->interface) || strpbrk(value, "/: \t") ||
		!strcmp(value, ".") || !strcmp(value, ".."))
		return "not the name of a network interface";
	memcpy(field, value, strlen(value) + 1);
	return NULL;
}

static const char *add_source(struct feed *feed, const char *text, size_t n)
{
	struct netaddr_network net;
	const char *why = netaddr_network(text, n, &net);

	if (why)
		return why;
	if (feed->n_sources == FEED_SOURCES_MAX)
		return "more than 8 sources";
	feed->sources[feed->n_sources++] = net;
	return NULL;
}

static const char *parse_source(const char *value, void *field)
{
	struct feed *feed = field;
	const char *why = NULL;

	_Static_assert(FEED_SOURCES_MAX == 8, "the message says 8");
	if (!*value)
		feed->n_sources = 0;
	while (*value && !why) {
		size_t n = strcspn(value, " \t");
		why = add_source(feed, value, n);
		value += n;
		value += strspn(value, " \t");
	}
	return why;
}

/* "21=0.26". Which editions there are, the decoder knows. */
static const char *add_edition(struct feed *feed, const char *text, size_t n)
{
	struct feed_edition *e = &feed->editions[feed->n_editions];
	size_t cat = strspn(text, "0123456789"), major = 0, minor = 0;
	long number = 0;

	for (size_t i = 0; i < cat && number < 256; i++)
		number = 10 * number + text[i] - '0';
	if (cat && text[cat] == '=') {
		major = strspn(text + cat + 1, "0123456789");
		if (major && text[cat + 1 + major] == '.')
			minor = strspn(text + cat + major + 2, "0123456789");
	}
	if (number < 1 || number > 255 || !minor || cat + major + minor + 2 != n || major + 1 + minor >= FEED_EDITION_MAX)
		return "must be CATEGORY=EDITION, e.g. 21=0.26";
	if (feed->n_editions == FEED_EDITIONS_MAX)
		return "more than 16 editions";
	*e = (struct feed_edition){ .cat = (uint8_t)number };
	memcpy(e->edition, text + cat + 1, major + 1 + minor);
	feed->n_editions++;
	return NULL;
}

static const char *parse_edition(const char *value, void *field)
{
	struct feed *feed = field;
	const char *why = NULL;

	_Static_assert(FEED_EDITIONS_MAX == 16, "the message says 16");
	if (!*value)
		feed->n_editions = 0;
	while (*value && !why) {
		size_t n = strcspn(value, " \t");

		why = add_edition(feed, value, n);
		value += n;
		value += strspn(value, " \t");
	}
	return why;
}

static const char *parse_url(const char *value, void *field)
{
	struct feed *feed = field;
	struct netaddr_endpoint listen = { 0 };
	const char *why = NULL;

	if (strlen(value) >= sizeof(feed->url))
		return "longer than 511 bytes";
	_Static_assert(sizeof(feed->url) == 512, "the message says 511");
	if (!strncmp(value, "rtp://", 6))
		why = value[6] ? parse_listen(value + 6, &listen) : "must be rtp://ADDRESS:PORT";
	else if (*value && strncmp(value, "rtsp://", 7) && strncmp(value, "file:///", 8))
		why = "must be rtsp://..., rtp://ADDRESS:PORT or file:///...";
	else if (!strncmp(value, "rtsp://", 7) && memchr(value + 7, '@', strcspn(value + 7, "/")))
		why = "holds a login; put it in the file of Credential=";
	if (why)
		return why;
	memcpy(feed->url, value, strlen(value) + 1);
	feed->listen = listen;
	return NULL;
}

/* --- the table: order and help are those of the sample files --- */

#define DEG (M_PI / 180)
#define AT(member) offsetof(struct feed, member)
#define SIZE(member) sizeof(((struct feed *)NULL)->member)

/* Angles, lengths and times in SI, as conf.h wants them. */
const struct conf_key feed_keys[] = {
	{ "Feed", "Format", CONF_ENUM, AT(format), .names = format_names, .required = true,
		.help = "What it speaks: ais (AIVDM sentences), asterix, nmea (a radar's IEC 61162), adsb (Mode S), klv (MISB ST 0601) "
			"or camera" },
	{ "Feed", "Listen", CONF_CUSTOM, AT(listen), .parse = parse_listen,
		.help = "UDP address and port of its datagrams, IPv4 or [IPV6], unicast or multicast (not camera)" },
	{ "Feed", "Connect", CONF_CUSTOM, 0, .parse = parse_connect,
		.help = "Instead of Listen=: a TCP server that is dialled, HOST:PORT or [IPV6]:PORT (not camera)" },
	{ "Feed", "Device", CONF_CUSTOM, AT(device), .parse = parse_device,
		.help = "Instead of Listen=: a serial line, 8 bits, no parity, 1 stop bit (not camera)" },
	{ "Feed", "Baud", CONF_CUSTOM, AT(baud), .parse = parse_baud,
		.help = "Speed of the serial line in bits per second; 38400 without it" },
	{ "Feed", "Interface", CONF_CUSTOM, AT(interface), .parse = parse_interface,
		.help = "Network interface where multicast is joined; the kernel's choice without it" },
	{ "Feed", "Source", CONF_CUSTOM, 0, .parse = parse_source,
		.help = "Who may send: up to 8 addresses or networks of the family of Listen=. Everybody else is dropped and counted" },
	{ "Feed", "Rate", CONF_UINT, AT(rate_pps), .min = 0, .max = 10e6,
		.help = "Datagrams per second let through in the long run; 0 = no limit" },
	{ "Feed", "Burst", CONF_UINT, AT(burst_packets), .min = 0, .max = 10e6,
		.help = "Datagrams let through at once above the rate; one second's worth without it" },
	{ "Feed", "Fragments", CONF_ENUM, AT(fragments), .names = fragments_names,
		.help = "Datagrams that come in fragments: drop, or pass those of listed senders. Default: drop" },

	{ "Site", "Latitude", CONF_ANGLE, AT(site.lat_rad), .min = -90 * DEG, .max = 90 * DEG, .required = true,
		.help = "Where the sensor stands, WGS 84, north positive" },
	{ "Site", "Longitude", CONF_ANGLE, AT(site.lon_rad), .min = -180 * DEG, .max = 180 * DEG, .required = true,
		.help = "Where the sensor stands, WGS 84, east positive" },
	{ "Site", "Height", CONF_LENGTH, AT(site.height_m), .min = -500, .max = 9000,
		.help = "Of the antenna or lens above the WGS 84 ellipsoid (sea level plus geoid height)" },

	{ "Radar", "RangeSigma", CONF_LENGTH, AT(site.range_sigma_m), .min = 0.01, .max = 10e3,
		.help = "Standard deviation of a plot's range (asterix, nmea: required)" },
	{ "Radar", "AzimuthSigma", CONF_ANGLE, AT(site.azimuth_sigma_rad), .min = 1e-6, .max = 45 * DEG,
		.help = "Standard deviation of a plot's azimuth (asterix, nmea: required)" },
	{ "Radar", "ScanPeriod", CONF_DURATION, AT(site.scan_period_ns), .min = 0.1, .max = 60,
		.help = "Time of one turn of the antenna (asterix, nmea: required)" },
	{ "Radar", "MaxRange", CONF_LENGTH, AT(site.max_range_m), .min = 1, .max = 1000e3,
		.help = "Radius of the coverage; unknown without it" },
	{ "Radar", "Moving", CONF_BOOL, AT(moving),
		.help = "It is on a ship: targets count from where her RMC, GLL or GGA say she is, not from [Site] (nmea)" },

	{ "Radar", "Targets", CONF_ENUM, AT(site.targets), .names = targets_names,
		.help = "What it sees: surface, air or both. How fast a plot without a height may be; one above 300 m flies anyway. Default: "
			"surface" },

	{ "Asterix", "SAC", CONF_UINT, AT(sac), .min = 0, .max = 255,
		.help = "System area code of the radar; others' records are counted and dropped. Any without it" },
	{ "Asterix", "SIC", CONF_UINT, AT(sic), .min = 0, .max = 255,
		.help = "System identification code of the radar; as SAC" },
	{ "Asterix", "Edition", CONF_CUSTOM, 0, .parse = parse_edition,
		.help = "What a category means here, CATEGORY=EDITION, e.g. 21=0.26; up to 16. The newest known without it" },

	{ "Camera", "Url", CONF_CUSTOM, 0, .parse = parse_url,
		.help = "rtsp://HOST/PATH, rtp://ADDRESS:PORT (H.264) or file:///PATH (camera: required)" },
	{ "Camera", "Credential", CONF_PATH, AT(credential), SIZE(credential),
		.help = "File that holds USER:PASSWORD for rtsp" },
	{ "Camera", "Yaw", CONF_ANGLE, AT(site.view_rad), .min = 0, .max = 360 * DEG,
		.help = "Azimuth of the view axis, clockwise from true north (camera: required)" },
	{ "Camera", "FieldOfView", CONF_ANGLE, AT(site.view_width_rad), .min = 0.1 * DEG, .max = 180 * DEG,
		.help = "Full horizontal width of the view (camera: required)" },
	{ "Camera", "Tilt", CONF_ANGLE, AT(camera_tilt_rad), .min = -90 * DEG, .max = 90 * DEG,
		.help = "Of the view axis below the horizon, down positive" },
	{ "Camera", "Roll", CONF_ANGLE, AT(camera_roll_rad), .min = -90 * DEG, .max = 90 * DEG,
		.help = "About the view axis, right side lower positive" },
	{ "Camera", "YawSigma", CONF_ANGLE, AT(camera_yaw_sigma_rad), .min = 0, .max = 45 * DEG,
		.help = "Standard deviation of the yaw as surveyed" },
	{ "Camera", "BearingSigma", CONF_ANGLE, AT(site.azimuth_sigma_rad), .min = 1e-6, .max = 45 * DEG,
		.help = "Standard deviation of one bearing within the picture (camera: required)" },
	{ "Camera", "Interval", CONF_DURATION, AT(site.scan_period_ns), .min = 0.02, .max = 60,
		.help = "Time between two looks for what moves; 1 s without it" },
	{ "Camera", "MaxRange", CONF_LENGTH, AT(site.max_range_m), .min = 1, .max = 100e3,
		.help = "Distance to which things are seen; unknown without it" },
	{ 0 }
};

#define BAUD_DEFAULT 38400 /* as the help of Baud= says: IEC 61162-2, and AIS receivers */
#define INTERVAL_DEFAULT_NS INT64_C(1000000000) /* as the help of Interval= says */

void feed_init(struct feed *feed)
{
	*feed = (struct feed){
		.sac = 256,
		.sic = 256,
		.site = {
			.lat_rad = NAN,
			.lon_rad = NAN,
			.range_sigma_m = NAN,
			.azimuth_sigma_rad = NAN,
			.max_range_m = NAN,
			.view_rad = NAN,
			.view_width_rad = NAN,
		},
	};
}

/* --- what one key cannot tell --- */

bool feed_is_dialled(const struct feed *feed)
{
	return *feed->connect_host || *feed->device;
}

static const char *complete_dialled(struct feed *feed)
{
	if (*feed->connect_host && *feed->device)
		return "[Feed] Connect= and Device=: only one of them";
	if (feed->n_sources || *feed->interface || feed->rate_pps || feed->burst_packets || feed->fragments)
		return "[Feed] Source=, Interface=, Rate=, Burst= and Fragments=: only with Listen=";
	if (!feed->baud && *feed->device)
		feed->baud = BAUD_DEFAULT;
	return NULL;
}

/* A socket hears one family; IPv6 groups are joined on an interface, the kernel's choice would be any. */
static const char *complete_listen(const struct feed *feed)
{
	for (unsigned i = 0; i < feed->n_sources; i++)
		if (feed->sources[i].family != feed->listen.family)
			return feed->listen.family == AF_INET6 ? "[Feed] Source=: must be IPv6, as Listen= is" :
								 "[Feed] Source=: must be IPv4, as Listen= is";
	if (feed->listen.family == AF_INET6 && netaddr_is_group(AF_INET6, &feed->listen.addr) && !*feed->interface)
		return "[Feed] Interface=: required for an IPv6 group, but missing";
	return NULL;
}

static const char *complete_network(struct feed *feed)
{
	bool dialled = feed_is_dialled(feed);

	if (!feed->listen.family && !dialled)
		return "[Feed] Listen=, Connect= or Device=: one is required for this format";
	if (feed->listen.family && dialled)
		return "[Feed] Listen=: not with Connect= or Device=";
	if (feed->baud && !*feed->device)
		return "[Feed] Baud=: only with Device=";
	if (!dialled && !feed->n_sources)
		return "[Feed] Source=: required, but missing: nobody could send";
	return dialled ? complete_dialled(feed) : complete_listen(feed);
}

static const char *complete_ais(struct feed *feed)
{
	feed->site.sensor = PLOT_SENSOR_AIS;
	feed->site.view_rad = 0;
	feed->site.view_width_rad = 2 * M_PI;
	return *feed->url ? "[Camera] Url=: only for Format=camera" : complete_network(feed);
}

static const char *complete_adsb(struct feed *feed)
{
	const char *why = complete_ais(feed);

	feed->site.sensor = PLOT_SENSOR_ADSB;
	return why;
}

#define RADAR_NEEDS(format)                                                                        \
	(const char *const[]){ "[Radar] RangeSigma=: required for Format=" format ", but missing", \
		"[Radar] AzimuthSigma=: required for Format=" format ", but missing",              \
		"[Radar] ScanPeriod=: required for Format=" format ", but missing" }

static const char *complete_radar(struct feed *feed, const char *const *needs)
{
	const char *why = complete_ais(feed);

	feed->site.sensor = PLOT_SENSOR_RADAR;
	if (why)
		return why;
	if (isnan(feed->site.range_sigma_m))
		return needs[0];
	if (isnan(feed->site.azimuth_sigma_rad))
		return needs[1];
	return feed->site.scan_period_ns ? NULL : needs[2];
}

static const char *complete_asterix(struct feed *feed)
{
	const char *why = complete_radar(feed, RADAR_NEEDS("asterix"));

	return why || !feed->moving ? why : "[Radar] Moving=: only for Format=nmea";
}

static const char *complete_nmea(struct feed *feed)
{
	return complete_radar(feed, RADAR_NEEDS("nmea"));
}

static const char *complete_camera(struct feed *feed)
{
	feed->site.sensor = PLOT_SENSOR_CAMERA;
	if (feed_is_dialled(feed) || feed->baud)
		return "[Feed] Connect=, Device= and Baud=: not for Format=camera";
	if (!*feed->url)
		return "[Camera] Url=: required for Format=camera, but missing";
	if (isnan(feed->site.view_rad))
		return "[Camera] Yaw=: required for Format=camera, but missing";
	if (isnan(feed->site.view_width_rad))
		return "[Camera] FieldOfView=: required for Format=camera, but missing";
	if (isnan(feed->site.azimuth_sigma_rad))
		return "[Camera] BearingSigma=: required for Format=camera, but missing";
	if (!feed->site.scan_period_ns)
		feed->site.scan_period_ns = INTERVAL_DEFAULT_NS;
	return !strncmp(feed->url, "rtp://", 6) ? complete_network(feed) : NULL;
}

/* Where a KLV feed's sensor is, its packets say: [Site] is where they arrive. */
static const char *complete_klv(struct feed *feed)
{
	const char *why = complete_ais(feed);

	feed->site.sensor = PLOT_SENSOR_CAMERA;
	return why;
}

static const char *(*const complete[])(struct feed *feed) = {
	[FEED_AIS] = complete_ais,
	[FEED_ASTERIX] = complete_asterix,
	[FEED_CAMERA] = complete_camera,
	[FEED_NMEA] = complete_nmea,
	[FEED_ADSB] = complete_adsb,
	[FEED_KLV] = complete_klv,
};

/* NAME of DIR/NAME.conf: it becomes a unit's instance, a lane and a metric's label. */
static const char *take_name(const char *path, char name[static PLOT_FEED_MAX])
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t n = strlen(base);

	if (n > 5 && !strcmp(base + n - 5, ".conf"))
		n -= 5;
	if (!n || n >= PLOT_FEED_MAX || strspn(base, "abcdefghijklmnopqrstuvwxyz0123456789-") < n)
		return "a feed's file must be named NAME.conf, NAME of at most 31 of a-z, 0-9 and -";
	_Static_assert(PLOT_FEED_MAX == 32, "the message says 31");
	memcpy(name, base, n);
	name[n] = 0;
	return NULL;
}

int feed_load(const char *path, struct feed *ret_feed, struct conf_error *ret_error)
{
	struct feed feed;

	feed_init(&feed);
	int r = conf_load(path, feed_keys, &feed, ret_error);
	if (r < 0)
		return r;

	const char *why = take_name(path, feed.name);
	if (!why)
		why = complete[feed.format](&feed);
	if (why) {
		snprintf(ret_error->text, sizeof(ret_error->text), "%s: %s", path, why);
		return -EINVAL;
	}
	if (!feed.burst_packets)
		feed.burst_packets = feed.rate_pps;
	memcpy(feed.site.feed, feed.name, sizeof(feed.site.feed));
	*ret_feed = feed;
	return 0;
}

struct each {
	int (*fn)(void *user, const struct feed *feed);
	void *user;
	struct conf_error *error;
	bool begun;
};

static int load_one(void *user, const char *path)
{
	struct each *each = user;
	struct feed feed;

	each->begun = true;
	int r = feed_load(path, &feed, each->error);

	return r < 0 ? r : each->fn(each->user, &feed);
}

int feed_each(const char *dir, int (*fn)(void *user, const struct feed *feed), void *user, struct conf_error *ret_error)
{
	struct each each = { fn, user, ret_error, false };
	int r = conf_each_file(dir, load_one, &each);
	if (r < 0 && !each.begun)
		snprintf(ret_error->text, sizeof(ret_error->text), "%s: %s", dir, strerror(-r));
	return r;
}

const char *feed_format_name(enum feed_format format)
{
	return format_names[format];
}
