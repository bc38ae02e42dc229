/* A live vedette-sensor: real datagrams on loopback, a real ship sink over ipc, a service manager's fd store played by us. */
#include "tests/assert_near.h"

#include "common/clock.h"
#include "common/ship.h"
#include "common/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLOTS_MAX 20000
#define WAIT_MS 8000

#define SENTENCE "!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n" /* published: MMSI 477553000 */

static struct {
	char dir[64], url[128];
	sd_event *event;
	struct bus *bus;
	struct bus_conn *conn;
	struct ship_sink *sink;
	bool refuse_acks; /* takes batches, but never commits */
	struct {
		uint64_t epoch, seq;
	} state, feed;
	unsigned n_plots, n_sites, n_health;
	bool plot_before_site;
	uint64_t seqs[PLOTS_MAX];
	struct plot last_plot;
	struct site last_site;
	struct wire_health health;
	pid_t pid;
	int port;
	int udp;	/* sends */
	int feed_fd;	/* passed */
	int ring_fd;	/* what the sensor stored */
	int notify_fd;
} t;

static const char *binary;

/* --- the sink --- */

static bool on_cursor(void *user, const char *origin, const char *lane, uint64_t epoch, uint64_t *ret_epoch,
	uint64_t *ret_seq)
{
	bool feed = !strncmp(lane, "feed/", 5);

	(void)user;
	assert_string_equal(origin, "test1");
	*ret_epoch = feed ? t.feed.epoch : t.state.epoch;
	*ret_seq = feed ? t.feed.seq : t.state.seq;
	if (*ret_epoch < epoch) {
		*ret_epoch = epoch;
		*ret_seq = 0;
	}
	return true;
}

static void take_record(const struct ship_record *r)
{
	if (r->kind == WIRE_PLOT) {
		assert_int_equal(wire_get_plot(r->data, r->size, &t.last_plot), 0);
		assert_true(t.n_plots < PLOTS_MAX);
		t.seqs[t.n_plots++] = r->seq;
		t.plot_before_site = t.plot_before_site || !t.n_sites;
	} else if (r->kind == WIRE_SITE) {
		assert_int_equal(wire_get_site(r->data, r->size, &t.last_site), 0);
		t.n_sites++;
	} else {
		assert_int_equal(r->kind, WIRE_HEALTH);
		assert_int_equal(wire_get_health(r->data, r->size, &t.health), 0);
		t.n_health++;
	}
}

static int on_commit(void *user, const char *origin, const struct ship_batch *b)
{
	bool feed = !strncmp(b->lane, "feed/", 5);

	(void)user;
	(void)origin;
	if (feed && t.refuse_acks)
		return SHIP_LATER;
	for (size_t i = 0; i < b->n; i++)
		take_record(&b->records[i]);
	if (feed) {
		t.feed.epoch = b->epoch;
		t.feed.seq = b->last;
	} else {
		t.state.epoch = b->epoch;
		t.state.seq = b->last;
	}
	return 0;
}

static const struct ship_sink_ops sink_ops = { .cursor = on_cursor, .commit = on_commit };

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	(void)user;
	assert_true(peer->local);
	assert_int_equal(peer->uid, getuid());
	t.conn = conn;
	assert_int_equal(ship_sink_new(t.event, conn, &sink_ops, NULL, &t.sink), 0);
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	(void)user;
	if (conn == t.conn)
		assert_int_equal(ship_sink_frame(t.sink, data, size), 0);
}

static void on_closed(void *user, struct bus_conn *conn, const char *reason)
{
	(void)user;
	(void)reason;
	if (conn != t.conn)
		return;
	ship_sink_free(t.sink);
	t.sink = NULL;
	t.conn = NULL;
}

static const struct bus_ops bus_ops = { .opened = on_opened, .frame = on_frame, .closed = on_closed };

static void listen_again(void)
{
	assert_int_equal(bus_listen(t.event, t.url, NULL, 0660, &bus_ops, NULL, &t.bus), 0);
}

static void stop_listening(void)
{
	bus_free(t.bus);
	t.bus = NULL;
}

/* Runs the loop until @done or the time is up. */
#define wait_for(condition)                                                                        \
	do {                                                                                       \
		int64_t end_ = clock_mono_ns() + WAIT_MS * CLOCK_NS_PER_MS;                        \
		while (!(condition) && clock_mono_ns() < end_)                                     \
			assert_true(sd_event_run(t.event, 20000) >= 0);                            \
		if (!(condition))                                                                  \
			fail_msg("waited in vain for %s", #condition);                             \
	} while (0)

/* --- the sensor --- */

static void write_feed(const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/test1.conf", t.dir);

	FILE *f = fopen(path, "we");

	assert_non_null(f);
	/* PORT stands where the port belongs. */
	const char *mark = strstr(text, "PORT");

	fprintf(f, "%.*s%d%s", (int)(mark - text), text, t.port, mark + 4);
	fclose(f);
}

#define AIS_FEED "[Feed]\nFormat=ais\nListen=127.0.0.1:PORT\nSource=127.0.0.1\n[Site]\nLatitude=54.495 deg\nLongitude=11.238 deg\nHeight=60 m\n"
#define RADAR_FEED "[Feed]\nFormat=asterix\nListen=127.0.0.1:PORT\nSource=127.0.0.1\n[Site]\nLatitude=54.495 deg\nLongitude=11.238 deg\nHeight=60 m\n[Radar]\nRangeSigma=20 m\nAzimuthSigma=0.3 deg\nScanPeriod=3 s\n"
#define NMEA_FEED "[Feed]\nFormat=nmea\nListen=127.0.0.1:PORT\nSource=127.0.0.1\n[Site]\nLatitude=54.495 deg\nLongitude=11.238 deg\nHeight=60 m\n[Radar]\nRangeSigma=40 m\nAzimuthSigma=0.5 deg\nScanPeriod=3 s\n"
#define BOTH_FEED "[Feed]\nFormat=ais\nListen=127.0.0.1:PORT\nSource=127.0.0.1 127.0.0.2\n[Site]\nLatitude=54.495 deg\nLongitude=11.238 deg\nHeight=60 m\n"
#define IPV6_FEED "[Feed]\nFormat=ais\nListen=[::1]:PORT\nSource=::/64\n[Site]\nLatitude=54.495 deg\nLongitude=11.238 deg\n"
#define GROUP_FEED "[Feed]\nFormat=ais\nListen=239.192.0.77:PORT\nInterface=lo\nSource=127.0.0.0/8\n[Site]\nLatitude=54.495 deg\nLongitude=11.238 deg\n"

static void fill_address(struct sockaddr_in *sin, const char *address, int port)
{
	*sin = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	assert_int_equal(inet_pton(AF_INET, address, &sin->sin_addr), 1);
}

/* A port nobody has. */
static int free_port(void)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	fill_address(&sin, "127.0.0.1", 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	close(fd);
	return ntohs(sin.sin_port);
}

/* As the service manager does: LISTEN_FDS from 3 on, named. */
static void child(void)
{
	char pid[16], n[16];
	int fds[2] = { t.feed_fd, t.ring_fd }, count = 0;
	char names[32] = "";

	for (int i = 0; i < 2; i++) {
		if (fds[i] < 0)
			continue;
		/* Away from 3 and 4 first, so that neither overwrites the other. */
		fds[count] = fcntl(fds[i], F_DUPFD, 20);
		strcat(names, count ? ":" : "");
		strcat(names, i ? "ring" : "feed");
		count++;
	}
	for (int i = 0; i < count; i++)
		dup2(fds[i], 3 + i);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	snprintf(n, sizeof(n), "%d", count);
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", n, 1);
	setenv("LISTEN_FDNAMES", names, 1);
	execl(binary, binary, "--feeds", t.dir, "--uplink", t.url, "test1", (char *)NULL);
	_exit(127);
}

static void start_sensor(void)
{
	t.pid = fork();
	assert_true(t.pid >= 0);
	if (t.pid == 0)
		child();
}

static void kill_sensor(int sig)
{
	int status;

	if (t.pid <= 0)
		return;
	kill(t.pid, sig);
	assert_int_equal(waitpid(t.pid, &status, 0), t.pid);
	if (sig == SIGTERM)
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	t.pid = 0;
}

/* What the sensor told its manager: the descriptor of FDNAME=ring is kept. */
static void read_notifications(void)
{
	char text[512], control[CMSG_SPACE(sizeof(int))];

	for (;;) {
		struct iovec iov = { text, sizeof(text) - 1 };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			.msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(t.notify_fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

		if (n < 0)
			return;
		text[n] = '\0';

		struct cmsghdr *c = CMSG_FIRSTHDR(&m);

		if (!c || c->cmsg_type != SCM_RIGHTS)
			continue;
		assert_non_null(strstr(text, "FDNAME=ring"));
		if (t.ring_fd >= 0)
			close(t.ring_fd);
		memcpy(&t.ring_fd, CMSG_DATA(c), sizeof(int));
	}
}

static void send_bytes(const void *data, size_t size)
{
	struct sockaddr_in to;

	fill_address(&to, "127.0.0.1", t.port);
	assert_int_equal(sendto(t.udp, data, size, 0, (struct sockaddr *)&to, sizeof(to)), size);
}

static void send_text(const char *text)
{
	send_bytes(text, strlen(text));
}

/* SIGHUP makes the sensor send its health at once. */
static void ask_health(void)
{
	unsigned before = t.n_health;

	kill(t.pid, SIGHUP);
	wait_for(t.n_health > before);
}

static uint64_t counter(const char *name)
{
	char full[WIRE_COUNTER_NAME_MAX];

	snprintf(full, sizeof(full), "vedette_sensor_%s", name);
	for (unsigned i = 0; i < t.health.n_counters; i++)
		if (!strcmp(t.health.counters[i].name, full))
			return t.health.counters[i].value;
	fail_msg("no counter %s", full);
	return 0;
}

static void wait_counter(const char *name, uint64_t at_least)
{
	int64_t end = clock_mono_ns() + WAIT_MS * CLOCK_NS_PER_MS;

	do
		ask_health();
	while (counter(name) < at_least && clock_mono_ns() < end);
	if (counter(name) < at_least)
		fail_msg("%s stays at %llu", name, (unsigned long long)counter(name));
}

/* Everything received is acknowledged. */
static void settle(void)
{
	for (int i = 0; i < 100; i++) {
		ask_health();
		if (!counter("ring_used"))
			return;
	}
	fail_msg("ring_used stays at %llu", (unsigned long long)counter("ring_used"));
}

static void begin(const char *feed)
{
	write_feed(feed);
	listen_again();
	start_sensor();
	wait_for(t.n_sites && t.n_health);
}

static int setup(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	(void)state;
	memset(&t, 0, sizeof(t));
	strcpy(t.dir, "/tmp/vedette-sensor-XXXXXX");
	assert_non_null(mkdtemp(t.dir));
	snprintf(t.url, sizeof(t.url), "ipc://%s/uplink.sock", t.dir);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/notify", t.dir);
	t.notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(t.notify_fd, (struct sockaddr *)&un, sizeof(un)), 0);
	setenv("NOTIFY_SOCKET", un.sun_path, 1);
	t.feed_fd = t.ring_fd = -1;
	t.port = free_port();
	t.udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return sd_event_new(&t.event) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "uplink.sock", "notify", "test1.conf" };
	char path[128];

	(void)state;
	kill_sensor(SIGKILL);
	bus_free(t.bus);
	sd_event_unref(t.event);
	close(t.udp);
	close(t.notify_fd);
	if (t.feed_fd >= 0)
		close(t.feed_fd);
	if (t.ring_fd >= 0)
		close(t.ring_fd);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", t.dir, names[i]);
		unlink(path);
	}
	rmdir(t.dir);
	return 0;
}

/* --- facts --- */

static void sentence_arrives_as_a_plot_behind_its_site(void **state)
{
	(void)state;
	begin(AIS_FEED);

	int64_t sent_ns = clock_mono_ns();

	send_text(SENTENCE);
	wait_for(t.n_plots == 1);
	assert_true(clock_mono_ns() - sent_ns < 200 * CLOCK_NS_PER_MS);
	assert_false(t.plot_before_site);
	assert_int_equal(t.last_plot.id, 477553000);
	assert_string_equal(t.last_plot.feed, "test1");
	assert_int_equal(t.last_plot.site_version, t.last_site.version);
	assert_int_equal(t.seqs[0], 256);
	assert_string_equal(t.health.process, "sensor");
	assert_string_equal(t.health.feed, "test1");
	kill_sensor(SIGTERM);
}

static void multicast_is_joined(void **state)
{
	struct sockaddr_in to;
	struct in_addr lo = { htonl(INADDR_LOOPBACK) };

	(void)state;
	begin(GROUP_FEED);
	fill_address(&to, "239.192.0.77", t.port);
	assert_int_equal(setsockopt(t.udp, IPPROTO_IP, IP_MULTICAST_IF, &lo, sizeof(lo)), 0);
	assert_int_equal(sendto(t.udp, SENTENCE, strlen(SENTENCE), 0, (struct sockaddr *)&to, sizeof(to)), strlen(SENTENCE));
	wait_for(t.n_plots == 1);
}

/* Numbers grow, one plot a datagram, none twice, none missing. */
static void assert_dense(unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		if (t.seqs[i] != t.seqs[i - 1] + 256)
			fail_msg("plot %u: %llu follows %llu", i, (unsigned long long)t.seqs[i],
				(unsigned long long)t.seqs[i - 1]);
}

static void ipv6_is_heard(void **state)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)t.port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		skip();
	begin(IPV6_FEED);
	assert_int_equal(send(fd, SENTENCE, strlen(SENTENCE), 0), strlen(SENTENCE));
	wait_for(t.n_plots == 1);
	close(fd);
}

/* As an administrator does it, under traffic: who is listed changes, and nothing of the one who stays is lost. */
static void reload_changes_who_is_listed_and_loses_nothing(void **state)
{
	struct sockaddr_in from, to;
	unsigned sent = 0;

	(void)state;
	begin(AIS_FEED);
	fill_address(&from, "127.0.0.2", 0);
	fill_address(&to, "127.0.0.1", t.port);

	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	for (unsigned i = 0; i < 40; i++) {
		unsigned before = t.n_sites;

		write_feed(i & 1 ? AIS_FEED : BOTH_FEED);
		kill(t.pid, SIGHUP);
		while (t.n_sites == before) {
			send_text(SENTENCE);
			sent++;
			assert_true(sd_event_run(t.event, 1000) >= 0);
		}
		/* The site is told again when the new rules hold. */
		assert_int_equal(sendto(fd, SENTENCE, strlen(SENTENCE), 0, (struct sockaddr *)&to, sizeof(to)), strlen(SENTENCE));
		/* What is still queued when the rules change is judged by the new ones. */
		if (!(i & 1))
			wait_for(t.n_plots == sent + i / 2 + 1);
	}
	close(fd);
	wait_for(t.n_plots == sent + 20);
	assert_dense(sent + 20);
	settle();
	assert_int_equal(t.n_plots, sent + 20);
	assert_int_equal(counter("socket_drops_total"), 20);
	assert_int_equal(t.health.state, t.health.clock_synchronised ? WIRE_UP : WIRE_DEGRADED);
}

static void other_source_never_gets_past_the_socket(void **state)
{
	struct sockaddr_in from, to;

	(void)state;
	begin(AIS_FEED);
	fill_address(&from, "127.0.0.2", 0);
	fill_address(&to, "127.0.0.1", t.port);

	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	for (int i = 0; i < 10; i++)
		(void)sendto(fd, SENTENCE, strlen(SENTENCE), 0, (struct sockaddr *)&to, sizeof(to));
	close(fd);
	send_text(SENTENCE);
	wait_for(t.n_plots == 1);
	wait_counter("socket_drops_total", 10);
	assert_int_equal(counter("datagrams_total"), 1);
	assert_int_equal(t.n_plots, 1);
}

/* Counters that good input raises as well. */
static bool is_ordinary(const char *name)
{
	static const char *const names[] = { "datagrams_total", "bytes_total", "ring_used", "silence_ms", "sentences_total", "blocks_total" };

	if (!strncmp(name, "vedette_process_", strlen("vedette_process_"))) /* time passes, memory is used */
		return true;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name + strlen("vedette_sensor_"), names[i]))
			return true;
	return false;
}

/* One datagram raises @name by one and nothing else that is out of the ordinary. */
static void check_bad(const void *data, size_t size, const char *name)
{
	ask_health();

	struct wire_health before = t.health;
	uint64_t datagrams = counter("datagrams_total");

	send_bytes(data, size);
	wait_counter("datagrams_total", datagrams + 1);
	settle();
	for (unsigned i = 0; i < t.health.n_counters; i++) {
		const char *n = t.health.counters[i].name;
		bool expected = !strcmp(n + strlen("vedette_sensor_"), name);

		if (!is_ordinary(n) && t.health.counters[i].value != before.counters[i].value + expected)
			fail_msg("%s: %s went from %llu to %llu", name, n, (unsigned long long)before.counters[i].value,
				(unsigned long long)t.health.counters[i].value);
	}
}

/* One datagram that the socket's filter refuses: counted by the kernel, nothing of it comes to us. */
static void check_dropped(const void *data, size_t size)
{
	ask_health();

	uint64_t datagrams = counter("datagrams_total"), drops = counter("socket_drops_total");

	send_bytes(data, size);
	wait_counter("socket_drops_total", drops + 1);
	assert_int_equal(counter("datagrams_total"), datagrams);
}

static void bad_ais_datagrams_raise_one_counter_each(void **state)
{
	static char big[3000];

	(void)state;
	begin(AIS_FEED);
	check_dropped("\x01\x02\xff\xfe garbage", 12);
	check_dropped("", 0);
	check_bad(SENTENCE, 30, "truncated_total");
	check_bad("!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5D\r\n", 49, "bad_checksum_total");
	memset(big, '!', sizeof(big));
	check_bad(big, sizeof(big), "oversized_total");
	assert_int_equal(t.n_plots, 0);
	send_text(SENTENCE);
	wait_for(t.n_plots == 1);
}

static void bad_asterix_datagrams_raise_one_counter_each(void **state)
{
	static const uint8_t plot[] = { 48, 0, 11, 0xb0, 34, 1, 0x20, 0x0a, 0x00, 0x40, 0x00 };
	static uint8_t big[3000];

	(void)state;
	begin(RADAR_FEED);
	check_dropped("garbage", 7);
	check_dropped(plot, 6); /* cut off: the block's length says so */
	check_bad("\x30\0\x05\xb0\x22", 5, "truncated_total");
	check_bad("\xfe\0\x05\x01\x02", 5, "unknown_category_total");
	memcpy(big, "\x30\x0b\xb8", 3); /* one block of 3,000 bytes */
	check_bad(big, sizeof(big), "oversized_total");
	assert_int_equal(t.n_plots, 0);
	send_bytes(plot, sizeof(plot));
	wait_for(t.n_plots == 1);
	assert_int_equal(t.last_plot.kind, PLOT_POLAR);
	assert_near(t.last_plot.range_m, 18520, 0.01);
}

/* IEC 61162-450: two of a source's lines are missing between the datagrams. */
static void ship_networks_target_becomes_a_plot_and_its_loss_a_count(void **state)
{
	static const char first[] = "UdPbC\0\\s:RA0001,n:998*1B\\$RATTM,02,10.00,090.0,T,,,,,,N,,T,,,A*77\r\n";
	static const char second[] = "UdPbC\0\\s:RA0001,n:2*11\\$RATTM,02,10.00,090.0,T,,,,,,N,,L,,,A*6F\r\n";

	(void)state;
	begin(NMEA_FEED);
	send_bytes(first, sizeof(first) - 1);
	wait_for(t.n_plots == 1);
	assert_int_equal(t.last_plot.kind, PLOT_POLAR);
	assert_int_equal(t.last_plot.sensor, PLOT_SENSOR_RADAR);
	assert_near(t.last_plot.range_m, 18520, 0.01);
	send_bytes(second, sizeof(second) - 1);
	wait_counter("lost_target_total", 1);
	assert_int_equal(counter("lines_lost_total"), 2);
	assert_int_equal(counter("frames_total"), 2);
	assert_int_equal(counter("bad_tag_checksum_total") + counter("bad_checksum_total"), 0);
	assert_int_equal(t.n_plots, 1);
}

static void kill_loses_nothing_that_was_read(void **state)
{
	struct sockaddr_in sin;

	(void)state;
	/* Our socket, as the socket unit's: it outlives the sensor. */
	t.feed_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	fill_address(&sin, "127.0.0.1", t.port);
	assert_int_equal(bind(t.feed_fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	begin(AIS_FEED);
	send_text(SENTENCE);
	wait_for(t.n_plots == 1);
	read_notifications();
	assert_true(t.ring_fd >= 0);
	settle();

	/* Read, delivered, never acknowledged; then killed, then more while nobody reads. */
	t.refuse_acks = true;
	for (int i = 0; i < 200; i++)
		send_text(SENTENCE);
	wait_counter("datagrams_total", 201);
	assert_true(counter("ring_used") == 200);
	kill_sensor(SIGKILL);
	for (int i = 0; i < 100; i++)
		send_text(SENTENCE);
	wait_for(!t.conn);
	t.refuse_acks = false;

	uint32_t version = t.last_site.version;

	start_sensor();
	wait_for(t.n_plots == 301);
	assert_dense(301);
	assert_int_equal(t.last_site.version, version);
}

static void dead_uplink_costs_nothing_but_time(void **state)
{
	(void)state;
	begin(AIS_FEED);
	stop_listening();
	for (int i = 0; i < 500; i++)
		send_text(SENTENCE);
	listen_again();
	wait_for(t.n_plots == 500);
	assert_dense(500);
}

static void full_ring_waits_and_goes_on(void **state)
{
	/* More than the ring's 8,192 slots; the rest stays in the socket's buffer as far as that goes. */
	const unsigned n = 8192 + 200;

	(void)state;
	begin(AIS_FEED);
	t.refuse_acks = true;
	for (unsigned i = 0; i < n; i++) {
		send_text(SENTENCE);
		if (i % 50 == 0)
			usleep(1000);
	}
	wait_counter("ring_stalls_total", 1);
	assert_int_equal(counter("ring_used"), 8192);
	t.refuse_acks = false;
	stop_listening();
	listen_again();
	wait_for(t.n_plots == n);
	assert_dense(n);
	wait_counter("datagrams_total", n);
}

static void fragments_around_a_kill_are_joined(void **state)
{
	(void)state;
	t.feed_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	struct sockaddr_in sin;

	fill_address(&sin, "127.0.0.1", t.port);
	assert_int_equal(bind(t.feed_fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	begin(AIS_FEED);
	/* Published, gpsd's AIVDM description: EVER DIADEM */
	send_text("!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C\r\n");
	wait_counter("datagrams_total", 1);
	settle(); /* acknowledged, although it is half a message */
	read_notifications();
	kill_sensor(SIGKILL);
	wait_for(!t.conn);
	start_sensor();
	send_text("!AIVDM,2,2,1,A,88888888880,2*25\r\n");
	wait_for(t.n_plots == 1);
	assert_string_equal(t.last_plot.identity.name, "EVER DIADEM");
}

static int run(const char *const *args, char *out, size_t cap)
{
	int fds[2], status;

	assert_int_equal(pipe(fds), 0);

	pid_t pid = fork();

	if (pid == 0) {
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		execv(binary, (char *const *)args);
		_exit(127);
	}
	close(fds[1]);

	size_t n = 0;

	for (ssize_t r; (r = read(fds[0], out + n, cap - 1 - n)) > 0;)
		n += (size_t)r;
	out[n] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void configuration_is_checked(void **state)
{
	const char *const check[] = { binary, "--feeds", t.dir, "--check-config", "test1", NULL };
	char out[1024];

	(void)state;
	write_feed(AIS_FEED);
	assert_int_equal(run(check, out, sizeof(out)), 0);
	assert_non_null(strstr(out, "test1.conf: ok"));
	write_feed("[Feed]\nFormat=ais\nListen=127.0.0.1:PORT\nColour=red\n");
	assert_int_equal(run(check, out, sizeof(out)), 1);
	assert_non_null(strstr(out, "test1.conf:4: "));
	assert_int_equal(run((const char *const[]){ binary, "--feeds", t.dir, "--check-config", "none", NULL }, out, sizeof(out)), 1);
	assert_int_equal(run((const char *const[]){ binary, NULL }, out, sizeof(out)), 2);
	assert_int_equal(run((const char *const[]){ binary, "--version", NULL }, out, sizeof(out)), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sentence_arrives_as_a_plot_behind_its_site, setup, teardown),
		cmocka_unit_test_setup_teardown(multicast_is_joined, setup, teardown),
		cmocka_unit_test_setup_teardown(ipv6_is_heard, setup, teardown),
		cmocka_unit_test_setup_teardown(reload_changes_who_is_listed_and_loses_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(other_source_never_gets_past_the_socket, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_ais_datagrams_raise_one_counter_each, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_asterix_datagrams_raise_one_counter_each, setup, teardown),
		cmocka_unit_test_setup_teardown(ship_networks_target_becomes_a_plot_and_its_loss_a_count, setup, teardown),
		cmocka_unit_test_setup_teardown(kill_loses_nothing_that_was_read, setup, teardown),
		cmocka_unit_test_setup_teardown(dead_uplink_costs_nothing_but_time, setup, teardown),
		cmocka_unit_test_setup_teardown(full_ring_waits_and_goes_on, setup, teardown),
		cmocka_unit_test_setup_teardown(fragments_around_a_kill_are_joined, setup, teardown),
		cmocka_unit_test_setup_teardown(configuration_is_checked, setup, teardown),
	};

	if (argc != 2)
		return 2;
	binary = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
