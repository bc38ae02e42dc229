/*
 * vedette-generator - feed files into units, run by systemd at boot and at every daemon-reload.
 *
 * For each /etc/vedette/feeds/NAME.conf that has a UDP address: drop-ins that give vedette-sensor@NAME.socket the address
 * and the allowed senders, and both units wanted by the host's target; for a stream the local socket instead, and
 * vedette-dial@NAME with the address or the device that it may open; for a camera the address rules of
 * vedette-camera@NAME. For each interface of filter.conf, or of the feeds where there is no such file, a
 * vedette-filter@IF. A feed file that cannot be read is named in the kernel's log and as a failed
 * vedette-feed-error@NAME; the others go on.
 *
 * The units of uplink, fusion and hub may talk to nobody; their configuration opens them as far as it says: the uplink to
 * its centre's address, the others to this host, or to the network once they listen there or have neighbours.
 *
 * Generators run early and alone: no network, no journal, no other process. Files only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/conf.h"
#include "common/feed.h"
#include "common/filterconf.h"

#define TARGET "vedette-sensor-host.target"
#define INTERFACES_MAX 16

struct generator {
	const char *etc, *out;
	const char *units; /* where the templates are, for the wants links */
	bool filter_conf;  /* there is one: feeds' interfaces do not count */
	unsigned n_interfaces;
	char interfaces[INTERFACES_MAX][16];
	unsigned n_feeds;
	int failed;
};

/* To the kernel's log: the journal is not there yet when generators run first. */
static void tell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void tell(const char *fmt, ...)
{
	char line[1024];
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	int n = snprintf(line, sizeof(line), "<3>vedette-generator[%d]: ", getpid());
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "%s\n", line + n);
	/* One write is one record. Containers have no /dev/kmsg: the failed unit tells there. */
	if (fd >= 0) {
		ssize_t written = write(fd, line, strlen(line));
		(void)written;
		(void)close(fd);
	}
}

static int make_parent(const char *path)
{
	char dir[PATH_MAX];

	(void)snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = '\0';
	return mkdir(dir, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static void fail(struct generator *g, const char *path, int err)
{
	tell("%s: %s", path, strerror(err));
	g->failed = -err;
}

/* OUT/UNIT.d/50-vedette.conf for writing; NULL = failed and told. */
static FILE *open_dropin(struct generator *g, const char *unit)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s.d/50-vedette.conf", g->out, unit);
	FILE *f = make_parent(path) < 0 ? NULL : fopen(path, "we");
	if (!f)
		fail(g, path, errno);
	return f;
}

static void close_dropin(struct generator *g, const char *unit, FILE *f)
{
	if (fclose(f) != 0)
		fail(g, unit, errno);
}

/* OUT/BY.wants/UNIT -> the template. */
static void want_by(struct generator *g, const char *by, const char *template, const char *unit)
{
	char path[PATH_MAX], to[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s.wants/%s", g->out, by, unit);
	(void)snprintf(to, sizeof(to), "%s/%s", g->units, template);
	if (access(to, F_OK) < 0) {
		tell("%s: not started, %s is not installed", unit, template);
		return;
	}
	if (make_parent(path) < 0 || (symlink(to, path) < 0 && errno != EEXIST))
		fail(g, path, errno);
}

static void want(struct generator *g, const char *template, const char *unit)
{
	want_by(g, TARGET, template, unit);
}

static void put_sources(FILE *f, const struct feed *feed)
{
	char text[NETADDR_TEXT_MAX];

	for (unsigned i = 0; i < feed->n_sources; i++)
		(void)fprintf(f, "IPAddressAllow=%s/%u\n", netaddr_text(feed->sources[i].family, &feed->sources[i].addr, text),
			netaddr_prefix(&feed->sources[i]));
}

/* The drop-in of @unit, made from the feed's file; NULL = failed and told. */
static FILE *open_feed_dropin(struct generator *g, const struct feed *feed, const char *unit, const char *section)
{
	FILE *f = open_dropin(g, unit);

	if (f)
		(void)fprintf(f, "# From %s/feeds/%s.conf\n[Unit]\nSourcePath=%s/feeds/%s.conf\n\n[%s]\n", g->etc, feed->name,
			g->etc, feed->name, section);
	return f;
}

static void put_datagrams(FILE *f, const struct feed *feed)
{
	char address[NETADDR_TEXT_MAX];

	/* Each family its own socket: [::] must not take what another feed's 0.0.0.0 is to get. */
	(void)fprintf(f, "ListenDatagram=%s\n%s", netaddr_endpoint_text(&feed->listen, address),
		feed->listen.family == AF_INET6 ? "BindIPv6Only=ipv6-only\n" : "");
	put_sources(f, feed);
}

/* As sensor/decode/handover.h has it. */
static void put_handover(FILE *f, const struct feed *feed)
{
	(void)fprintf(f, "ListenSequentialPacket=/run/vedette/feed/%s.sock\nSocketUser=vedette-dial\nSocketMode=0600\n"
			 "RemoveOnStop=yes\n",
		feed->name);
}

static bool is_literal(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static void make_dial(struct generator *g, const struct feed *feed)
{
	char service[64];

	(void)snprintf(service, sizeof(service), "vedette-dial@%s.service", feed->name);
	FILE *f = open_feed_dropin(g, feed, service, "Service");
	if (!f)
		return;
	if (feed->device[0])
		(void)fprintf(f, "PrivateNetwork=yes\nPrivateDevices=no\nDeviceAllow=%s rw\nSupplementaryGroups=dialout\n",
			feed->device);
	else if (is_literal(feed->connect_host))
		(void)fprintf(f, "IPAddressAllow=%s\n", feed->connect_host);
	else
		(void)fputs("# A name may become any address.\nIPAddressDeny=\n", f);
	close_dropin(g, service, f);
	want(g, "vedette-dial@.service", service);
}

static void make_sensor(struct generator *g, const struct feed *feed)
{
	char socket[64], service[64];

	(void)snprintf(socket, sizeof(socket), "vedette-sensor@%s.socket", feed->name);
	(void)snprintf(service, sizeof(service), "vedette-sensor@%s.service", feed->name);
	FILE *f = open_feed_dropin(g, feed, socket, "Socket");
	if (!f)
		return;
	if (feed_is_dialled(feed))
		put_handover(f, feed);
	else
		put_datagrams(f, feed);
	close_dropin(g, socket, f);
	want(g, "vedette-sensor@.socket", socket);
	want(g, "vedette-sensor@.service", service);
	if (feed_is_dialled(feed))
		make_dial(g, feed);
}

/* The host of SCHEME://HOST:PORT or HOST:PORT as a literal address. */
static bool literal_host(const char *url, char *buf, size_t size)
{
	const char *host = strstr(url, "://");
	unsigned char address[sizeof(struct in6_addr)];

	host = host ? host + 3 : url;
	bool six = *host == '[';
	size_t n = six ? strcspn(++host, "]") : strcspn(host, ":/");
	if (n >= size)
		return false;
	(void)snprintf(buf, size, "%.*s", (int)n, host);
	return inet_pton(six ? AF_INET6 : AF_INET, buf, address) == 1;
}

static void make_camera(struct generator *g, const struct feed *feed)
{
	char service[64], host[INET6_ADDRSTRLEN];

	(void)snprintf(service, sizeof(service), "vedette-camera@%s.service", feed->name);
	FILE *f = open_feed_dropin(g, feed, service, "Service");
	if (!f)
		return;
	put_sources(f, feed);
	if (strncmp(feed->url, "rtsp://", 7) == 0 && literal_host(feed->url, host, sizeof(host))) {
		(void)fprintf(f, "IPAddressAllow=%s\n", host);
	} else if (strncmp(feed->url, "rtsp://", 7) == 0) {
		(void)fputs("# A name may become any address.\nIPAddressDeny=\n", f);
	}
	close_dropin(g, service, f);
	want(g, "vedette-camera@.service", service);
}

static void add_interface(struct generator *g, const char *name)
{
	for (unsigned i = 0; i < g->n_interfaces; i++)
		if (strcmp(g->interfaces[i], name) == 0)
			return;
	if (g->n_interfaces == INTERFACES_MAX || strlen(name) >= sizeof(g->interfaces[0]) || strchr(name, '/')) {
		tell("interface %s: not a name, or more than %d of them; not guarded", name, INTERFACES_MAX);
		return;
	}
	(void)snprintf(g->interfaces[g->n_interfaces++], sizeof(g->interfaces[0]), "%s", name);
}

static bool is_feed_name(const char *name, size_t size)
{
	return size > 0 && size < PLOT_FEED_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") >= size;
}

static void make_error(struct generator *g, const char *path, const char *reason)
{
	const char *name = strrchr(path, '/') + 1;
	size_t size = strlen(name) - strlen(".conf");
	char unit[64];

	tell("%s; this feed is left out", reason);
	if (!is_feed_name(name, size))
		return;
	(void)snprintf(unit, sizeof(unit), "vedette-feed-error@%.*s.service", (int)size, name);
	want(g, "vedette-feed-error@.service", unit);
}

static int on_feed_file(void *user, const char *path)
{
	struct generator *g = user;
	struct conf_error error = { "" };
	struct feed feed;

	if (feed_load(path, &feed, &error) < 0) {
		make_error(g, path, error.text[0] ? error.text : path);
		return 0;
	}
	g->n_feeds++;
	if (!g->filter_conf && feed.interface[0])
		add_interface(g, feed.interface);
	if (feed.format == FEED_CAMERA)
		make_camera(g, &feed);
	else
		make_sensor(g, &feed);
	return 0;
}

static void read_filter_conf(struct generator *g)
{
	char path[PATH_MAX];
	struct filterconf conf = { 0 };
	struct conf_error error;

	(void)snprintf(path, sizeof(path), "%s/filter.conf", g->etc);
	int r = filterconf_load(path, &conf, &error);
	if (r == -EINVAL)
		tell("%s; guarding the interfaces that feeds name", error.text);
	g->filter_conf = r == 0;
	for (unsigned i = 0; g->filter_conf && i < conf.interfaces.n; i++)
		add_interface(g, conf.interfaces.items[i]);
	filterconf_done(&conf);
}

/* Names of interfaces may hold what unit names escape. Return: -ENAMETOOLONG, or 0. */
static int escape(const char *name, char *buf, size_t size)
{
	size_t at = 0;

	for (const unsigned char *p = (const unsigned char *)name; *p; p++) {
		bool plain = (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') ||
			*p == '_' || *p == ':' || (*p == '.' && at > 0);
		int n = snprintf(buf + at, size - at, plain ? "%c" : "\\x%02x", *p);
		if (n < 0 || (size_t)n >= size - at)
			return -ENAMETOOLONG;
		at += (size_t)n;
	}
	return 0;
}

static void make_filters(struct generator *g)
{
	/* Containers have no udev, so no device units to bind to: the daemon itself waits for its interface. */
	const char *virtual = getenv("SYSTEMD_VIRTUALIZATION");
	bool devices = !virtual || strncmp(virtual, "container:", 10) != 0;

	for (unsigned i = 0; i < g->n_interfaces; i++) {
		char escaped[80], unit[128], device[128];
		if (escape(g->interfaces[i], escaped, sizeof(escaped)) < 0)
			continue;
		(void)snprintf(unit, sizeof(unit), "vedette-filter@%s.service", escaped);
		want(g, "vedette-filter@.service", unit);
		FILE *f = devices ? open_dropin(g, unit) : NULL;
		if (!f)
			continue;
		(void)snprintf(device, sizeof(device), "sys-subsystem-net-devices-%s.device", escaped);
		(void)fprintf(f, "[Unit]\nBindsTo=%s\nAfter=%s\n", device, device);
		close_dropin(g, unit, f);
		/* Bound to it means that it ends with it; one that comes again starts it again. */
		want_by(g, device, "vedette-filter@.service", unit);
	}
	if (g->n_feeds > 0 && g->n_interfaces == 0)
		tell("neither %s/filter.conf nor a feed names an interface: no packet filter", g->etc);
}

struct value {
	const char *key;
	char text[256]; /* "" = not set */
};

/* The last `Key=value` of one file; what is wrong with the file its daemon says. */
static int scan_value(void *user, const char *path)
{
	struct value *v = user;
	size_t n = strlen(v->key);
	char line[512];
	FILE *f = fopen(path, "re");

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (strncmp(line, v->key, n) == 0 && line[n] == '=')
			(void)snprintf(v->text, sizeof(v->text), "%.255s", line + n + 1);
	}
	if (f)
		(void)fclose(f);
	return 0;
}

/* Of ETC/NAME.conf and its drop-ins. Return: false when it is not set. */
static bool read_value(const struct generator *g, const char *name, struct value *v)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s.conf", g->etc, name);
	(void)scan_value(v, path);
	(void)snprintf(path, sizeof(path), "%s/%s.conf.d", g->etc, name);
	(void)conf_each_file(path, scan_value, v);
	return v->text[0] != '\0';
}

static bool stays_here(const char *url)
{
	char host[INET6_ADDRSTRLEN];
	return strncmp(url, "unix:", 5) == 0 ||
		(literal_host(url, host, sizeof(host)) && (strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0));
}

/* @allow NULL = everybody */
static void open_unit(struct generator *g, const char *name, const char *allow)
{
	char unit[64];

	(void)snprintf(unit, sizeof(unit), "vedette-%s.service", name);
	FILE *f = open_dropin(g, unit);
	if (!f)
		return;
	(void)fprintf(f, "# From %s/%s.conf\n[Service]\n", g->etc, name);
	if (allow)
		(void)fprintf(f, "IPAddressAllow=%s\n", allow);
	else
		(void)fputs("IPAddressDeny=\n", f);
	close_dropin(g, unit, f);
}

static bool listens_outside(const struct generator *g, const char *name, const char *key)
{
	struct value v = { key, "" };
	return read_value(g, name, &v) && !stays_here(v.text);
}

static void open_units(struct generator *g)
{
	struct value centre = { "Centre", "" }, peers = { "Peers", "" }, origin = { "Origin", "" };
	struct value listen = { "Listen", "" };
	char host[INET6_ADDRSTRLEN];

	if (read_value(g, "uplink", &centre))
		open_unit(g, "uplink", literal_host(centre.text, host, sizeof(host)) ? host : NULL);
	/* Fusion listens to the world unless told otherwise, the hub's HTTP to this host. */
	if (read_value(g, "fusion", &origin))
		open_unit(g, "fusion", read_value(g, "fusion", &listen) && stays_here(listen.text) ? "localhost" : NULL);
	if (read_value(g, "hub", &origin))
		open_unit(g, "hub",
			listens_outside(g, "hub", "PeerListen") || listens_outside(g, "hub", "Http") ||
					read_value(g, "hub", &peers) ?
				NULL :
				"localhost");
}

static int check(const char *path)
{
	struct conf_error error = { "" };
	struct feed feed;

	if (feed_load(path, &feed, &error) == 0) {
		(void)printf("%s: ok now; systemctl daemon-reload starts the feed's units\n", path);
		return 0;
	}
	(void)fprintf(stderr, "%s; this feed is left out\n", error.text[0] ? error.text : path);
	return 1;
}

int main(int argc, char **argv)
{
	const char *etc = getenv("VEDETTE_ETC"), *units = getenv("VEDETTE_UNITS");
	char feeds[PATH_MAX];

	if (argc == 3 && strcmp(argv[1], "--check") == 0)
		return check(argv[2]);
	if (argc != 2 && argc != 4) {
		(void)fprintf(stderr, "usage: vedette-generator NORMAL-DIR [EARLY-DIR LATE-DIR]\n"
				      "       vedette-generator --check FEED-FILE\n");
		return 2;
	}
	struct generator g = { .etc = etc ? etc : "/etc/vedette", .units = units ? units : UNITS, .out = argv[1] };
	(void)umask(022);
	read_filter_conf(&g);
	(void)snprintf(feeds, sizeof(feeds), "%s/feeds", g.etc);
	int r = conf_each_file(feeds, on_feed_file, &g);
	if (r < 0 && r != -ENOENT)
		tell("%s: %s", feeds, strerror(-r));
	make_filters(&g);
	open_units(&g);
	return g.failed < 0 ? 1 : 0;
}
