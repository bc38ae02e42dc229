/* vedette-sensor - one feed: its datagrams, or its stream cut into such, to plots; plots to the uplink. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/drift.h"
#include "common/log.h"
#include "common/loop.h"
#include "sensor/decode/deliver.h"
#include "sensor/decode/format.h"
#include "sensor/decode/handover.h"
#include "sensor/decode/inlet.h"
#include "sensor/decode/plotter.h"
#include "sensor/decode/ring.h"
#include "sensor/decode/socket.h"

#define HEALTH_NS (5 * CLOCK_NS_PER_S)
#define SILENCE_NS (10 * CLOCK_NS_PER_S) /* no datagram for so long, or three turns: the feed is blind */

enum { DATAGRAMS, BYTES, OVERSIZED, UNLISTED, WRONG_FORMAT, DROPS, STALLS, RING_USED, CONNECTIONS, LOST_BYTES, SILENCE_MS, _COUNTERS };
static struct counter counters[_COUNTERS] = {
	[DATAGRAMS] = { "vedette_sensor_datagrams_total", "datagrams received, or slices of a stream" },
	[BYTES] = { "vedette_sensor_bytes_total", "bytes received" },
	[OVERSIZED] = { "vedette_sensor_oversized_total", "datagrams, or messages of a stream, above 2,048 bytes, dropped" },
	[UNLISTED] = { "vedette_sensor_unlisted_total", "datagrams of sources not listed, dropped by us" },
	[WRONG_FORMAT] = { "vedette_sensor_wrong_format_total", "datagrams that cannot be of the feed's format, dropped by us" },
	[DROPS] = { "vedette_sensor_socket_drops_total", "dropped by the kernel: refused by the socket's filter, or buffer full" },
	[STALLS] = { "vedette_sensor_ring_stalls_total", "times the ring was full and the socket had to wait" },
	[RING_USED] = { "vedette_sensor_ring_used", "datagrams not acknowledged yet", true },
	[CONNECTIONS] = { "vedette_sensor_connections_total", "streams taken over from vedette-dial" },
	[LOST_BYTES] = { "vedette_sensor_lost_bytes_total", "half messages at a stream's end, and windows without a boundary" },
	[SILENCE_MS] = { "vedette_sensor_silence_ms", "since the last datagram, or the start where none came", true },
};

struct sensor {
	const char *feeds_dir, *uplink_url, *config_path, *feed_name, *handover_path;
	struct feed feed;
	sd_event *event;
	struct inlet *inlet; /* of a dialled feed; others have a socket */
	sd_event_source *socket_source;
	int fd;
	bool stalled;
	int filter_error; /* 0, or -errno: the socket has not our filter */
	int join_error;	  /* likewise: its group */
	uint32_t drops;	  /* as the kernel counted them last */
	int64_t last_datagram_ns, started_ns;
	struct clock_quality clock;
	struct ring *ring;
	struct plotter *plotter;
	struct deliver *deliver;
};

static void feed_path(const struct sensor *s, char *buf, size_t size)
{
	if (s->config_path)
		snprintf(buf, size, "%s", s->config_path);
	else
		snprintf(buf, size, "%s/%s.conf", s->feeds_dir, s->feed_name);
}

static int load_feed(const struct sensor *s, struct feed *ret_feed, struct conf_error *ret_error)
{
	char path[4096];

	feed_path(s, path, sizeof(path));

	int r = feed_load(path, ret_feed, ret_error);

	if (r == -ENOENT)
		snprintf(ret_error->text, sizeof(ret_error->text), "%.400s: no such file", path);
	if (r < 0)
		return r;
	if (!format_find(feed_format_name(ret_feed->format))) {
		snprintf(ret_error->text, sizeof(ret_error->text), "%.400s: Format=%s is not vedette-sensor's", path,
			feed_format_name(ret_feed->format));
		return -EINVAL;
	}
	return 0;
}

/* FNV-1a over what fusion would see, so that a restart does not make a new version of the same site. */
static uint64_t hash_site(const struct site *site)
{
	struct site s = *site;
	uint8_t buf[WIRE_OBJECT_MAX];
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	s.version = 1;

	ssize_t n = wire_put_site(buf, sizeof(buf), &s);

	for (ssize_t i = 0; i < n; i++)
		h = (h ^ buf[i]) * UINT64_C(0x100000001b3);
	return h;
}

static void set_site_version(struct sensor *s)
{
	static const enum plot_sensor sensors[_FEED_FORMAT_MAX] = {
		[FEED_AIS] = PLOT_SENSOR_AIS,
		[FEED_ASTERIX] = PLOT_SENSOR_RADAR,
		[FEED_NMEA] = PLOT_SENSOR_RADAR,
		[FEED_ADSB] = PLOT_SENSOR_ADSB,
		[FEED_KLV] = PLOT_SENSOR_CAMERA,
	};

	memcpy(s->feed.site.feed, s->feed.name, sizeof(s->feed.site.feed));
	s->feed.site.sensor = sensors[s->feed.format];
	s->feed.site.version = ring_site_version(s->ring, hash_site(&s->feed.site), clock_now_ns());
}

static void read_clock_quality(struct sensor *s)
{
	/* Nothing is known: as of a clock that nobody disciplines. Its error grows, and so does the plots' sigma. */
	if (clock_quality(&s->clock) < 0)
		s->clock = (struct clock_quality){ .state = CLOCK_FREE, .max_error_ns = drift_free_ns(clock_mono_ns()) };
	/* A bound that holds nearly always: about three sigma. */
	plotter_set_clock(s->plotter, s->clock.max_error_ns / 3);
}

static void count_stream(const struct inlet *i)
{
	const struct stream_stats *stats = inlet_stats(i);

	counters[DATAGRAMS].value = stats->slots;
	counters[BYTES].value = stats->bytes;
	counters[OVERSIZED].value = stats->oversized;
	counters[LOST_BYTES].value = stats->lost_bytes;
	counters[CONNECTIONS].value = inlet_connections(i);
}

static void count_socket(struct sensor *s)
{
	const struct socket_stats *stats = socket_stats(s->ring);
	uint32_t drops = socket_drops(s->fd);

	counters[DATAGRAMS].value = stats->datagrams;
	counters[BYTES].value = stats->bytes;
	counters[OVERSIZED].value = stats->oversized;
	counters[UNLISTED].value = stats->unlisted;
	counters[WRONG_FORMAT].value = stats->wrong_format;
	counters[DROPS].value += drops - s->drops; /* the kernel's counter wraps */
	s->drops = drops;
}

static void update_counters(struct sensor *s)
{
	if (s->inlet)
		count_stream(s->inlet);
	else
		count_socket(s);
	plotter_gauge(s->plotter, clock_now_ns());
	counters[RING_USED].value = ring_head(s->ring) - ring_acked(s->ring);
	counters[SILENCE_MS].value = (uint64_t)((clock_mono_ns() -
		(s->last_datagram_ns ? s->last_datagram_ns : s->started_ns)) / CLOCK_NS_PER_MS);
}

static void judge_health(const struct sensor *s, int64_t now_ns, struct wire_health *h)
{
	int64_t turn3_ns = 3 * s->feed.site.scan_period_ns;
	int64_t limit_ns = turn3_ns > SILENCE_NS ? turn3_ns : SILENCE_NS;
	int64_t since_ns = s->last_datagram_ns ? s->last_datagram_ns : s->started_ns;

	h->state = WIRE_UP;
	if (s->join_error) {
		h->state = WIRE_BLIND;
		snprintf(h->reason, sizeof(h->reason), "multicast group not joined: %s", strerror(-s->join_error));
	} else if (now_ns - since_ns > limit_ns) {
		h->state = WIRE_BLIND;
		snprintf(h->reason, sizeof(h->reason), "%s for %lld s",
			s->inlet && !inlet_connected(s->inlet) ? "not connected, nothing" : "no datagram",
			(long long)((now_ns - since_ns) / CLOCK_NS_PER_S));
	} else if (s->filter_error) {
		h->state = WIRE_DEGRADED;
		snprintf(h->reason, sizeof(h->reason), "no filter on the socket: %s", strerror(-s->filter_error));
	} else if (!s->clock.synchronised) {
		h->state = WIRE_DEGRADED;
		snprintf(h->reason, sizeof(h->reason), "host clock is not synchronised%s, up to %.1f s off",
			s->clock.state == CLOCK_HOLDOVER ? " any more" : "", (double)s->clock.max_error_ns / CLOCK_NS_PER_S);
	}
}

static void send_health(struct sensor *s)
{
	struct wire_health h = { .process = "sensor", .time_ns = clock_now_ns() };

	read_clock_quality(s);
	update_counters(s);
	memcpy(h.feed, s->feed.name, sizeof(h.feed));
	h.clock_max_error_ns = s->clock.max_error_ns;
	h.clock_synchronised = s->clock.synchronised;
	judge_health(s, clock_mono_ns(), &h);
	wire_health_counters(&h);
	deliver_health(s->deliver, &h);
}

/* Told once a change. An interface can be late, or go and come back without our groups. */
static void join(struct sensor *s)
{
	int r = socket_join(s->fd, &s->feed);

	if (r < 0 && r != s->join_error)
		(void)log_errno(LOG_LEVEL_WARNING, r, "cannot join the feed's multicast group, trying again every 5 s");
	if (r == 0 && s->join_error)
		log_notice("joined the feed's multicast group");
	s->join_error = r;
}

/* Of the connection's process, which has no way to the uplink. Whose it is we know; the rest is its own word. */
static void pass_on_health(struct sensor *s)
{
	struct wire_health h;
	size_t size;
	const void *word = s->inlet ? inlet_word(s->inlet, &size) : NULL;

	if (!word || wire_get_health(word, size, &h) < 0)
		return;
	memcpy(h.feed, s->feed.name, sizeof(h.feed));
	snprintf(h.process, sizeof(h.process), "dial");
	deliver_health(s->deliver, &h);
}

static int on_health(void *user, int64_t now_ns)
{
	struct sensor *s = user;

	(void)now_ns;
	if (!s->inlet)
		join(s);
	send_health(s);
	pass_on_health(s);
	loop_status("%s: %llu datagrams, %llu waiting, uplink %s", s->feed.name,
		(unsigned long long)counters[DATAGRAMS].value, (unsigned long long)counters[RING_USED].value,
		deliver_connected(s->deliver) ? "connected" : "not connected");
	return 0;
}

static void on_connected(void *user)
{
	struct sensor *s = user;

	log_info("uplink connected, %llu datagrams waiting", (unsigned long long)(ring_head(s->ring) - ring_acked(s->ring)));
	deliver_site(s->deliver, &s->feed.site);
	send_health(s);
}

static void on_disconnected(void *user, const char *reason)
{
	(void)user;
	log_info("uplink gone (%s), dialling again", reason);
}

static void on_room(void *user)
{
	struct sensor *s = user;

	if (!s->stalled || !ring_room(s->ring))
		return;
	s->stalled = false;
	if (s->inlet)
		inlet_resume(s->inlet);
	else
		(void)sd_event_source_set_enabled(s->socket_source, SD_EVENT_ON);
}

static const struct deliver_ops deliver_ops = { on_room, on_connected, on_disconnected };

/* A full ring stops the reading: the socket's own buffer holds what it can. */
static void stall(struct sensor *s)
{
	s->stalled = true;
	counters[STALLS].value++;
	(void)sd_event_source_set_enabled(s->socket_source, SD_EVENT_OFF);
}

static int on_readable(sd_event_source *source, int fd, uint32_t revents, void *user)
{
	struct sensor *s = user;
	int total = 0, n = 0;

	(void)source;
	(void)revents;
	while (total < LOOP_BUDGET && (n = socket_receive(fd, &s->feed, s->ring, clock_now_ns())) > 0)
		total += n;
	if (n < 0)
		return log_errno(LOG_LEVEL_ERROR, n, "cannot read the feed's socket");
	if (total)
		s->last_datagram_ns = clock_mono_ns();
	if (!ring_room(s->ring))
		stall(s);
	deliver_push(s->deliver);
	return 0;
}

static void on_arrived(void *user)
{
	struct sensor *s = user;

	s->last_datagram_ns = clock_mono_ns();
	deliver_push(s->deliver);
}

static void on_stalled(void *user)
{
	struct sensor *s = user;

	s->stalled = true;
	counters[STALLS].value++;
}

static const struct inlet_ops inlet_ops = { on_arrived, on_stalled };

/* Where it comes from and what it is: the socket, with its groups, or the program that dials, was made for that. */
static bool same_input(const struct feed *a, const struct feed *b)
{
	return netaddr_same(&a->listen, &b->listen) && a->format == b->format && !strcmp(a->interface, b->interface) &&
		!strcmp(a->connect_host, b->connect_host) && a->connect_port == b->connect_port &&
		!strcmp(a->device, b->device) && a->baud == b->baud;
}

/* The socket for the feed as it is now. The kernel's filter is replaced between two packets; none is lost. */
static int prepare_socket(struct sensor *s)
{
	int before = s->filter_error, r = socket_prepare(s->fd, &s->feed, &s->filter_error);

	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "cannot prepare the feed's socket");
	if (s->filter_error && s->filter_error != before)
		(void)log_errno(LOG_LEVEL_WARNING, s->filter_error, "no filter on the socket, judging datagrams ourselves");
	join(s);
	return 0;
}

static void on_reload(void *user)
{
	struct sensor *s = user;
	struct conf_error error;
	struct feed feed;

	if (load_feed(s, &feed, &error) < 0) {
		log_error("%s, keeping the old configuration", error.text);
	} else if (!same_input(&feed, &s->feed)) {
		log_error("%s: address, interface and format change only at a restart, keeping the old configuration", s->feed.name);
	} else {
		s->feed = feed;
		set_site_version(s);
		if (!s->inlet)
			(void)prepare_socket(s);
		log_notice("%s: configuration reloaded", s->feed.name);
	}
	deliver_site(s->deliver, &s->feed.site);
	send_health(s);
}

static int open_socket(struct sensor *s)
{
	s->fd = loop_listen_fd("feed");
	if (s->fd < 0)
		s->fd = socket_open(&s->feed);
	if (s->fd < 0)
		return log_errno(LOG_LEVEL_ERROR, s->fd, "cannot open the feed's socket");

	int r = prepare_socket(s);

	if (r < 0)
		return r;
	(void)socket_recover(&s->feed, s->ring, clock_now_ns());
	r = sd_event_add_io(s->event, &s->socket_source, s->fd, EPOLLIN, on_readable, s);
	return r < 0 ? log_errno(LOG_LEVEL_ERROR, r, "cannot watch the feed's socket") : 0;
}

static int open_inlet(struct sensor *s)
{
	char path[64];
	int fd = loop_listen_fd("feed");

	handover_path(s->feed_name, path, sizeof(path));
	if (fd < 0)
		fd = handover_listen(s->handover_path ? s->handover_path : path);
	if (fd < 0)
		return log_errno(LOG_LEVEL_ERROR, fd, "cannot make the socket for vedette-dial");

	int r = inlet_new(s->event, fd, format_find(feed_format_name(s->feed.format)), s->ring, &inlet_ops, s, &s->inlet);

	return r < 0 ? log_errno(LOG_LEVEL_ERROR, r, "cannot watch the socket for vedette-dial") : 0;
}

static int open_ring(struct sensor *s)
{
	bool is_new;
	int r = ring_open(loop_listen_fd("ring"), clock_now_ns(), &s->ring, &is_new);

	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "cannot make the ring");
	if (is_new && loop_store_fd("ring", ring_fd(s->ring)) < 0)
		log_debug("no service manager keeps the ring; datagrams not acknowledged would not survive a kill");
	if (!is_new)
		log_info("took up the ring, %llu datagrams not acknowledged",
			(unsigned long long)(ring_head(s->ring) - ring_acked(s->ring)));
	return 0;
}

static int refuse_plotter(const struct sensor *s, int r)
{
	char why[256];

	if (r != -EINVAL)
		return log_errno(LOG_LEVEL_ERROR, r, "cannot make the plotter");
	plotter_explain(&s->feed, why, sizeof(why));
	log_error("%s", why);
	return r;
}

static int start(struct sensor *s)
{
	int r = loop_new(on_reload, s, &s->event);

	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "cannot make the event loop");
	s->started_ns = clock_mono_ns();
	counter_register(counters, _COUNTERS);
	r = open_ring(s);
	if (r < 0)
		return r;
	set_site_version(s);
	r = plotter_new(&s->feed, &s->plotter);
	if (r < 0)
		return refuse_plotter(s, r);
	read_clock_quality(s);
	r = deliver_new(s->event, s->uplink_url, &s->feed, s->ring, s->plotter, &deliver_ops, s, &s->deliver);
	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "cannot dial %s", s->uplink_url);
	r = feed_is_dialled(&s->feed) ? open_inlet(s) : open_socket(s);
	if (r < 0)
		return r;
	r = loop_every(s->event, HEALTH_NS, on_health, s, NULL);
	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "cannot set the timer");
	return 0;
}

static void stop(struct sensor *s)
{
	inlet_free(s->inlet);
	deliver_free(s->deliver);
	plotter_free(s->plotter);
	sd_event_source_unref(s->socket_source);
	sd_event_unref(s->event);
	ring_free(s->ring);
	if (s->fd >= 0)
		close(s->fd);
}

static int usage(FILE *f, int code)
{
	fprintf(f, "usage: vedette-sensor [--feeds DIR] [--config FILE] [--uplink URL] [--handover PATH] [--check-config] FEED\n");
	return code;
}

static int check_config(const struct sensor *s)
{
	struct conf_error error;
	struct feed feed;
	char path[4096];

	if (load_feed(s, &feed, &error) < 0) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	feed_path(s, path, sizeof(path));
	printf("%s: ok\n", path);
	return 0;
}

static int run(struct sensor *s)
{
	struct conf_error error;

	log_open("vedette-sensor");
	log_set_field("FEED", s->feed_name);
	if (load_feed(s, &s->feed, &error) < 0) {
		log_error("%s", error.text);
		return 1;
	}

	int r = start(s);

	if (r >= 0) {
		loop_ready("%s: waiting for datagrams", s->feed.name);
		r = loop_run(s->event);
	}
	stop(s);
	return r < 0 ? 1 : r;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "feeds", required_argument, NULL, 'f' },
		{ "config", required_argument, NULL, 'c' },
		{ "uplink", required_argument, NULL, 'u' },
		{ "handover", required_argument, NULL, 'o' },
		{ "check-config", no_argument, NULL, 'k' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	static struct sensor s = {
		.feeds_dir = "/etc/vedette/feeds",
		.uplink_url = "ipc:///run/vedette/uplink.sock",
		.fd = -1,
	};
	bool check = false;

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'f':
			s.feeds_dir = optarg;
			break;
		case 'c':
			s.config_path = optarg;
			break;
		case 'u':
			s.uplink_url = optarg;
			break;
		case 'o':
			s.handover_path = optarg;
			break;
		case 'k':
			check = true;
			break;
		case 'v':
			puts("vedette-sensor " VEDETTE_VERSION);
			return 0;
		case 'h':
			return usage(stdout, 0);
		default:
			return usage(stderr, 2);
		}
	}
	if (optind + 1 != argc && !(s.config_path && optind == argc))
		return usage(stderr, 2);
	s.feed_name = optind < argc ? argv[optind] : "feed";
	return check ? check_config(&s) : run(&s);
}
