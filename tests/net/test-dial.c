/*
 * A live vedette-dial and vedette-sensor: a real TCP server on loopback that dies and comes back, a pseudo terminal as the
 * serial line, either program killed. The sink of the plots is played by us.
 */
#include "tests/assert_near.h"

#include "common/clock.h"
#include "common/ship.h"
#include "common/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define WAIT_MS 30000
#define LINE "!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\r\n" /* published: MMSI 477553000 */

static struct {
	char dir[64], url[128], socket[128], feed[128];
	sd_event *event;
	struct bus *bus;
	struct bus_conn *conn;
	struct ship_sink *sink;
	struct lane {
		uint64_t epoch, seq;
	} lanes[2];
	unsigned n_plots, n_health;
	struct wire_health dial_health; /* process "" = none came */
	struct plot plot;
	struct wire_health health;
	pid_t sensor, dial;
	int server, client, port; /* TCP; -1 = none */
	int line;		  /* the pseudo terminal's other end */
} t;

static const char *sensor_binary, *dial_binary;

/* --- the sink --- */

static struct lane *lane_of(const char *name)
{
	return &t.lanes[!strncmp(name, "feed/", 5)];
}

static bool on_cursor(void *user, const char *origin, const char *lane, uint64_t epoch, uint64_t *ret_epoch,
	uint64_t *ret_seq)
{
	struct lane *l = lane_of(lane);

	(void)user;
	(void)origin;
	if (l->epoch < epoch)
		*l = (struct lane){ epoch, 0 };
	*ret_epoch = l->epoch;
	*ret_seq = l->seq;
	return true;
}

/* The sensor's own, and dial's that it passes on. */
static void take_health(const void *data, size_t size)
{
	struct wire_health h;

	assert_int_equal(wire_get_health(data, size, &h), 0);
	assert_string_equal(h.feed, "test1");
	if (!strcmp(h.process, "dial")) {
		t.dial_health = h;
		return;
	}
	assert_string_equal(h.process, "sensor");
	t.health = h;
	t.n_health++;
}

static int on_commit(void *user, const char *origin, const struct ship_batch *b)
{
	(void)user;
	(void)origin;
	for (size_t i = 0; i < b->n; i++) {
		const struct ship_record *r = &b->records[i];

		if (r->kind == WIRE_PLOT && wire_get_plot(r->data, r->size, &t.plot) == 0)
			t.n_plots++;
		if (r->kind == WIRE_HEALTH)
			take_health(r->data, r->size);
	}
	*lane_of(b->lane) = (struct lane){ b->epoch, b->last };
	return 0;
}

static const struct ship_sink_ops sink_ops = { .cursor = on_cursor, .commit = on_commit };

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	(void)user;
	(void)peer;
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

/* @condition is not asked again once it holds. */
#define wait_for(condition)                                                                        \
	do {                                                                                       \
		int64_t end_ = clock_mono_ns() + WAIT_MS * CLOCK_NS_PER_MS;                        \
		bool holds_;                                                                       \
		while (!(holds_ = (condition)) && clock_mono_ns() < end_)                          \
			assert_true(sd_event_run(t.event, 20000) >= 0);                            \
		if (!holds_)                                                                       \
			fail_msg("waited in vain for %s", #condition);                             \
	} while (0)

/* --- the two programs --- */

static pid_t start(const char *const *argv)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	return pid;
}

static void start_sensor(void)
{
	const char *argv[] = { sensor_binary, "--feeds", t.dir, "--uplink", t.url, "--handover", t.socket, "test1", NULL };

	t.sensor = start(argv);
}

static void start_dial(void)
{
	const char *argv[] = { dial_binary, "--feeds", t.dir, "--socket", t.socket, "test1", NULL };

	t.dial = start(argv);
}

static void stop(pid_t *pid, int sig)
{
	int status;

	if (*pid > 0) {
		kill(*pid, sig);
		assert_int_equal(waitpid(*pid, &status, 0), *pid);
	}
	*pid = 0;
}

static void write_feed(const char *text, const char *where)
{
	FILE *f = fopen(t.feed, "we");

	assert_non_null(f);
	fprintf(f, "[Site]\nLatitude=54.495 deg\nLongitude=11.238 deg\nHeight=60 m\n%s[Feed]\n%s\n", text, where);
	fclose(f);
}

static void write_dialled_feed(const char *text, const char *host)
{
	char where[64];

	snprintf(where, sizeof(where), "Connect=%s:%d", host, t.port);
	write_feed(text, where);
}

static uint64_t counter(const char *name)
{
	unsigned before = t.n_health;
	char full[WIRE_COUNTER_NAME_MAX];

	kill(t.sensor, SIGHUP); /* makes it send its health at once */
	wait_for(t.n_health > before);
	snprintf(full, sizeof(full), "vedette_sensor_%s", name);
	for (unsigned i = 0; i < t.health.n_counters; i++)
		if (!strcmp(t.health.counters[i].name, full))
			return t.health.counters[i].value;
	fail_msg("no counter %s", full);
	return 0;
}

static void wait_counter(const char *name, uint64_t value)
{
	int64_t end = clock_mono_ns() + WAIT_MS * CLOCK_NS_PER_MS;

	wait_for(t.n_health > 0);
	while (counter(name) != value && clock_mono_ns() < end)
		(void)poll(NULL, 0, 50);
	assert_int_equal(counter(name), value);
}

/* --- the server --- */

static void serve(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)t.port) };
	socklen_t len = sizeof(a);
	int one = 1;

	t.server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(setsockopt(t.server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), 0);
	assert_int_equal(bind(t.server, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(t.server, 4), 0);
	assert_int_equal(getsockname(t.server, (struct sockaddr *)&a, &len), 0);
	t.port = ntohs(a.sin_port);
}

static void hang_up(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void take_client(void)
{
	hang_up(&t.client);
	wait_for((t.client = accept4(t.server, NULL, NULL, SOCK_CLOEXEC)) >= 0);
}

static void say(int fd, const void *data, size_t size)
{
	assert_int_equal(write(fd, data, size), size);
}

static void say_line(int fd)
{
	say(fd, LINE, sizeof(LINE) - 1);
}

/* The sensor's end of the connection is gone. */
static bool hung_up(void)
{
	char byte;

	return recv(t.client, &byte, 1, MSG_DONTWAIT) == 0 || (errno != EAGAIN && errno != EINTR);
}

static void begin(const char *text, const char *host)
{
	serve();
	write_dialled_feed(text, host);
	start_sensor();
	start_dial();
	take_client();
}

#define AIS "[Feed]\nFormat=ais\n"
#define RADAR "[Feed]\nFormat=asterix\n[Radar]\nRangeSigma=20 m\nAzimuthSigma=0.3 deg\nScanPeriod=3 s\n"

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.server = t.client = t.line = -1;
	snprintf(t.dir, sizeof(t.dir), "/tmp/vedette-dial-XXXXXX");
	assert_non_null(mkdtemp(t.dir));
	snprintf(t.url, sizeof(t.url), "ipc://%s/uplink.sock", t.dir);
	snprintf(t.socket, sizeof(t.socket), "%s/test1.sock", t.dir);
	snprintf(t.feed, sizeof(t.feed), "%s/test1.conf", t.dir);
	return sd_event_new(&t.event) < 0 || bus_listen(t.event, t.url, NULL, 0660, &bus_ops, NULL, &t.bus) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	char uplink[128];

	(void)state;
	stop(&t.dial, SIGKILL);
	stop(&t.sensor, SIGKILL);
	bus_free(t.bus);
	sd_event_unref(t.event);
	hang_up(&t.server);
	hang_up(&t.client);
	hang_up(&t.line);
	snprintf(uplink, sizeof(uplink), "%s/uplink.sock", t.dir);
	unlink(uplink);
	unlink(t.socket);
	unlink(t.feed);
	rmdir(t.dir);
	return 0;
}

/* --- facts --- */

static void slices_of_a_stream_become_plots(void **state)
{
	(void)state;
	begin(AIS, "127.0.0.1");
	for (size_t i = 0; i < sizeof(LINE) - 1; i++) {
		say(t.client, &LINE[i], 1);
		(void)sd_event_run(t.event, 1000);
	}
	wait_for(t.n_plots == 1);
	assert_int_equal(t.plot.id, 477553000);
	assert_string_equal(t.plot.feed, "test1");
	assert_int_equal(counter("bytes_total"), sizeof(LINE) - 1);
	assert_int_equal(counter("connections_total"), 1);
	assert_int_equal(counter("lost_bytes_total"), 0);
}

static void ipv6_address_is_dialled(void **state)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	socklen_t len = sizeof(a);

	(void)state;
	t.server = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t.server < 0 || bind(t.server, (struct sockaddr *)&a, sizeof(a)) < 0)
		skip(); /* a host without IPv6 */
	assert_int_equal(listen(t.server, 4), 0);
	assert_int_equal(getsockname(t.server, (struct sockaddr *)&a, &len), 0);
	t.port = ntohs(a.sin6_port);
	write_dialled_feed(AIS, "[::1]");
	start_sensor();
	start_dial();
	take_client();
	say_line(t.client);
	wait_for(t.n_plots == 1);
}

static void binary_blocks_are_cut_where_they_end(void **state)
{
	/* CAT034 north marker: FSPEC 010, 000, 030; SAC 1, SIC 2; type 1; no time that would be believed */
	static const uint8_t north[] = { 34, 0, 10, 0xe0, 1, 2, 1, 0, 0, 0 };

	(void)state;
	begin(RADAR, "127.0.0.1");
	say(t.client, north, 3);
	assert_int_equal(counter("datagrams_total"), 0);
	say(t.client, north + 3, sizeof(north) - 3);
	say(t.client, north, sizeof(north));
	wait_for(t.n_plots == 2);
	assert_int_equal(t.plot.kind, PLOT_NORTH);
	assert_int_equal(counter("records_total"), 2);
}

static void server_that_dies_is_dialled_again(void **state)
{
	(void)state;
	begin(AIS, "localhost");
	say_line(t.client);
	wait_for(t.n_plots == 1);
	say(t.client, LINE, 20); /* half of one */
	hang_up(&t.client);
	hang_up(&t.server);
	(void)poll(NULL, 0, 300);
	serve(); /* the same port */
	take_client();
	say_line(t.client);
	wait_for(t.n_plots == 2);
	assert_int_equal(counter("connections_total"), 2);
	assert_int_equal(counter("lost_bytes_total"), 20);
	assert_int_equal(counter("bad_checksum_total"), 0);
}

static void server_that_comes_late_is_found(void **state)
{
	(void)state;
	serve();
	hang_up(&t.server); /* the port is known, nobody is there */
	write_dialled_feed(AIS, "127.0.0.1");
	start_dial(); /* before the sensor, too */
	(void)poll(NULL, 0, 300);
	start_sensor();
	wait_for(t.n_health > 0);
	(void)poll(NULL, 0, 700);
	serve();
	take_client();
	say_line(t.client);
	wait_for(t.n_plots == 1);
}

static uint64_t dial_counter(const char *name)
{
	for (unsigned i = 0; i < t.dial_health.n_counters; i++)
		if (!strcmp(t.dial_health.counters[i].name, name))
			return t.dial_health.counters[i].value;
	return 0;
}

static void dial_is_heard_of_through_the_sensor(void **state)
{
	(void)state;
	serve();
	hang_up(&t.server);
	write_dialled_feed(AIS, "127.0.0.1");
	start_sensor();
	start_dial();
	wait_for(t.dial_health.state == WIRE_BLIND && dial_counter("vedette_dial_failures_total") > 0);
	assert_non_null(strstr(t.dial_health.reason, "Connection refused"));
	assert_true(dial_counter("vedette_process_resident_memory_bytes") > 0);
	serve();
	take_client();
	wait_for(t.dial_health.state == WIRE_UP && dial_counter("vedette_dial_streams_total") == 1);
	assert_string_equal(t.dial_health.reason, "");
	assert_true(dial_counter("vedette_dial_attempts_total") > dial_counter("vedette_dial_failures_total"));
}

static void killed_sensor_gets_a_new_connection(void **state)
{
	(void)state;
	begin(AIS, "127.0.0.1");
	say_line(t.client);
	wait_for(t.n_plots == 1);
	stop(&t.sensor, SIGKILL);
	wait_for(hung_up()); /* nobody else holds it */
	start_sensor();
	take_client();
	say_line(t.client);
	wait_for(t.n_plots >= 2);
}

static void killed_dial_takes_nothing_away(void **state)
{
	struct pollfd p;

	(void)state;
	begin(AIS, "127.0.0.1");
	say_line(t.client);
	wait_for(t.n_plots == 1);
	stop(&t.dial, SIGKILL);
	say_line(t.client);
	wait_for(t.n_plots == 2);
	start_dial();
	p = (struct pollfd){ .fd = t.server, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 1000), 0); /* there is a stream: it does not dial */
	say_line(t.client);
	wait_for(t.n_plots == 3);
	take_client(); /* hangs up the first */
	say_line(t.client);
	wait_for(t.n_plots == 4);
	assert_int_equal(counter("connections_total"), 2);
}

static void endless_rubbish_is_hung_up_on(void **state)
{
	static char rubbish[65536];

	(void)state;
	begin(AIS, "127.0.0.1");
	memset(rubbish, 'x', sizeof(rubbish));
	say(t.client, rubbish, sizeof(rubbish));
	wait_for(hung_up());
	take_client();
	say_line(t.client);
	wait_for(t.n_plots == 1);
	assert_int_equal(counter("lost_bytes_total"), sizeof(rubbish));
}

static void serial_line_is_read(void **state)
{
	struct termios line;
	char where[192], name[128];
	int slave;

	(void)state;
	assert_int_equal(openpty(&t.line, &slave, name, NULL, NULL), 0);
	snprintf(where, sizeof(where), "Device=%s\nBaud=4800", name);
	write_feed(AIS, where);
	start_sensor();
	start_dial();
	wait_counter("connections_total", 1);
	assert_int_equal(tcgetattr(slave, &line), 0);
	assert_int_equal(cfgetispeed(&line), B4800);
	assert_int_equal(line.c_lflag & (ICANON | ECHO), 0);
	assert_int_equal(line.c_cflag & (CSIZE | PARENB | CSTOPB | CRTSCTS), CS8);
	close(slave);
	say(t.line, LINE, 20);
	say(t.line, &LINE[20], sizeof(LINE) - 1 - 20);
	wait_for(t.n_plots == 1);
	assert_int_equal(t.plot.id, 477553000);
}

static void feed_of_datagrams_is_refused(void **state)
{
	int status;

	(void)state;
	write_feed(AIS, "Listen=127.0.0.1:1\nSource=127.0.0.1");
	start_dial();
	assert_int_equal(waitpid(t.dial, &status, 0), t.dial);
	t.dial = 0;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(slices_of_a_stream_become_plots),
		TEST(ipv6_address_is_dialled),
		TEST(binary_blocks_are_cut_where_they_end),
		TEST(server_that_dies_is_dialled_again),
		TEST(server_that_comes_late_is_found),
		TEST(dial_is_heard_of_through_the_sensor),
		TEST(killed_sensor_gets_a_new_connection),
		TEST(killed_dial_takes_nothing_away),
		TEST(endless_rubbish_is_hung_up_on),
		TEST(serial_line_is_read),
		TEST(feed_of_datagrams_is_refused),
	};

	if (argc != 3)
		return 2;
	sensor_binary = argv[1];
	dial_binary = argv[2];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
