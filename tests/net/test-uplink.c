/*
 * vedette-uplink as it is run: feeds of this process over ipc, the centre a program that may be
 * killed, over TLS.
 *
 * A feed's plot number N has identity N, so that what arrived can be told apart from what should
 * have.
 */
#include "common/bus.h"
#include "common/clock.h"
#include "common/ship.h"
#include "common/shiplog.h"
#include "common/wire.h"
#include "tests/assert_near.h"
#include "tests/util/certs.h"
#include "tests/util/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define FEEDS 3
#define DISTRESS_EVERY 40 /* plots of a feed */
#define WAIT_NS (60 * CLOCK_NS_PER_S)
#define NOTES_MAX 200000

static sd_event *event;
static char dir[64], ipc_url[128], centre_url[64];
static pid_t uplink_pid, centre_pid;
static int notes_fd = -1;
static struct recorder_note notes[NOTES_MAX];
static unsigned n_notes;
static size_t half_note;

/* --- feeds: record 1 is the site, every other one a plot --- */

struct feed {
	char name[PLOT_FEED_MAX];
	enum plot_sensor sensor;
	uint64_t epoch, head, acked;
	struct bus *bus;
	struct ship_source *source;
	uint8_t bytes[256][WIRE_OBJECT_MAX / 8];
};

static struct feed feeds[FEEDS];

static ssize_t put_record(const struct feed *f, uint64_t seq, uint8_t *buf, size_t cap)
{
	if (seq == 1) {
		struct site site = { .sensor = f->sensor,
			.version = 1,
			.lat_rad = 0.95,
			.lon_rad = 0.19,
			.max_range_m = 40000 };
		memcpy(site.feed, f->name, sizeof(site.feed));
		return wire_put_site(buf, cap, &site);
	}
	struct plot p;
	plot_init(&p, PLOT_POSITION, f->sensor);
	memcpy(p.feed, f->name, sizeof(p.feed));
	p.time_ns = p.recv_ns = (int64_t)seq * CLOCK_NS_PER_MS;
	p.site_version = 1;
	p.lat_rad = 0.95;
	p.lon_rad = 0.19;
	p.cov = (struct plot_cov2){ 100, 0, 100 };
	p.id_kind = PLOT_ID_MMSI;
	p.id = (uint32_t)seq;
	if (seq % DISTRESS_EVERY == 0)
		p.distress = PLOT_DISTRESS_SART;
	return wire_put_plot(buf, cap, &p);
}

static ssize_t on_read(void *user, unsigned lane, uint64_t after, struct ship_record *records,
	size_t max_records, size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	struct feed *f = user;
	size_t n = 0;

	/* What was acknowledged is forgotten: asking for it again would be a loss. */
	assert_true(after >= f->acked);
	for (uint64_t seq = after + 1; seq <= f->head && n < max_records && n < 256; seq++, n++) {
		ssize_t size = put_record(f, seq, f->bytes[n], sizeof(f->bytes[n]));
		assert_true(size > 0);
		records[n] = (struct ship_record){ .seq = seq,
			.stored_ns = 1,
			.kind = seq == 1 ? WIRE_SITE : WIRE_PLOT,
			.data = f->bytes[n],
			.size = (size_t)size };
		*ret_last = seq;
	}
	return (ssize_t)n;
}

static void on_acked(void *user, unsigned lane, uint64_t epoch, uint64_t seq)
{
	struct feed *f = user;
	if (seq > f->acked)
		f->acked = seq;
}

static void on_head(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	struct feed *f = user;
	*ret_epoch = f->epoch;
	*ret_head = f->head;
}

static const struct ship_source_ops source_ops = {
	.read = on_read, .acked = on_acked, .head = on_head
};

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	struct feed *f = user;
	char lane[SHIP_LANE_NAME_MAX];
	const char *lanes[] = { lane };
	snprintf(lane, sizeof(lane), "feed/%s", f->name);
	assert_int_equal(
		ship_source_new(event, conn, f->name, lanes, 1, &source_ops, f, &f->source), 0);
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	assert_int_equal(ship_source_frame(((struct feed *)user)->source, data, size), 0);
}

static void on_closed(void *user, struct bus_conn *conn, const char *reason)
{
	struct feed *f = user;
	ship_source_free(f->source);
	f->source = NULL;
}

static const struct bus_ops feed_ops = {
	.opened = on_opened, .frame = on_frame, .closed = on_closed
};

static void start_feeds(void)
{
	static const struct {
		const char *name;
		enum plot_sensor sensor;
	} kinds[FEEDS] = { { "radar1", PLOT_SENSOR_RADAR }, { "ais1", PLOT_SENSOR_AIS },
		{ "camera1", PLOT_SENSOR_CAMERA } };
	for (int i = 0; i < FEEDS; i++) {
		feeds[i] =
			(struct feed){ .sensor = kinds[i].sensor, .epoch = 1700000000, .head = 1 };
		snprintf(feeds[i].name, sizeof(feeds[i].name), "%s", kinds[i].name);
		assert_int_equal(
			bus_dial(event, ipc_url, NULL, &feed_ops, &feeds[i], &feeds[i].bus), 0);
	}
}

static void produce(struct feed *f, uint64_t n)
{
	f->head += n;
	if (f->source)
		ship_source_push(f->source);
}

/* --- the programs --- */

static void write_config(const char *extra)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/uplink.conf", dir);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	fprintf(f,
		"[Uplink]\nOrigin=mast1\nListen=%s\nCentre=%s\nCentreIdentity=vedette:centre/xa\nStateDirectory=%s/state\n"
		"FilterStatus=%s/filter\nLiveDirectory=%s/live\n%s[TLS]\nCA=%s/ca.pem\nCertificate=%s/host.pem\nKey=%s/host.key\n",
		ipc_url, centre_url, dir, dir, dir, extra, dir, dir, dir);
	fclose(f);
}

/* @go_fd >= 0: in a network namespace of its own, after one byte came in. */
static void start_uplink(int go_fd)
{
	char path[128], c;
	snprintf(path, sizeof(path), "%s/uplink.conf", dir);
	uplink_pid = fork();
	assert_true(uplink_pid >= 0);
	if (uplink_pid)
		return;
	if (go_fd >= 0 &&
		(unshare(CLONE_NEWNET) < 0 || write(go_fd, "x", 1) != 1 || read(go_fd, &c, 1) != 1))
		_exit(126);
	int log = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (!getenv("UPLINK_LOG"))
		(void)dup2(log, 2);
	execl(getenv("UPLINK"), "vedette-uplink", "--config", path, (char *)NULL);
	_exit(127);
}

static void start_centre(const char *delay_ms)
{
	char db[128], ca[128], cert[128], key[128], fd[16];
	int p[2];
	snprintf(db, sizeof(db), "%s/centre.db", dir);
	snprintf(ca, sizeof(ca), "%s/ca.pem", dir);
	snprintf(cert, sizeof(cert), "%s/centre.pem", dir);
	snprintf(key, sizeof(key), "%s/centre.key", dir);
	if (notes_fd >= 0)
		close(notes_fd);
	half_note = 0;
	assert_int_equal(pipe(p), 0);
	(void)fcntl(p[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(p[0], F_SETFL, O_NONBLOCK);
	(void)fcntl(p[0], F_SETPIPE_SZ, 1 << 20);
	snprintf(fd, sizeof(fd), "%d", p[1]);
	centre_pid = fork();
	assert_true(centre_pid >= 0);
	if (!centre_pid) {
		execl(getenv("RECORDER"), "recorder", centre_url, db, fd, delay_ms, ca, cert, key,
			(char *)NULL);
		_exit(127);
	}
	close(p[1]);
	notes_fd = p[0];
}

static void read_notes(void)
{
	for (;;) {
		uint8_t *at = (uint8_t *)&notes[n_notes] + half_note;
		assert_true(n_notes < NOTES_MAX - 1);
		ssize_t n = read(notes_fd, at, sizeof(notes[0]) - half_note);
		if (n <= 0)
			return;
		half_note += (size_t)n;
		if (half_note == sizeof(notes[0])) {
			half_note = 0;
			n_notes++;
		}
	}
}

static void run_for_ms(int64_t ms)
{
	int64_t end = clock_mono_ns() + ms * CLOCK_NS_PER_MS;
	while (clock_mono_ns() < end) {
		sd_event_run(event, 2000);
		read_notes();
	}
}

static void stop(pid_t *pid, int sig)
{
	int status = 0;
	if (*pid <= 0)
		return;
	kill(*pid, sig);
	waitpid(*pid, &status, 0);
	if (sig == SIGTERM && *pid == uplink_pid)
		assert_int_equal(status, 0);
	*pid = 0;
}

static void wait_until_feeds_are_acknowledged(void)
{
	for (int64_t end = clock_mono_ns() + WAIT_NS; clock_mono_ns() < end; run_for_ms(20)) {
		int done = 0;
		for (int i = 0; i < FEEDS; i++)
			done += feeds[i].acked == feeds[i].head;
		if (done == FEEDS)
			return;
	}
	fail_msg("the uplink did not acknowledge everything");
}

/* --- what the centre has --- */

struct tally {
	unsigned seen[FEEDS];      /* plots */
	uint32_t last[FEEDS][128]; /* by lane's letter */
	bool site[FEEDS];
	unsigned health, refused;
	uint8_t *once[FEEDS];
};

static int feed_index(const char *name)
{
	for (int i = 0; i < FEEDS; i++)
		if (!strcmp(feeds[i].name, name))
			return i;
	fail_msg("a feed nobody is: %s", name);
	return -1;
}

static void tally_plot(struct tally *t, const struct ship_record *rec)
{
	struct plot p;
	int lane = (int)rec->stored_ns;
	assert_int_equal(wire_get_plot(rec->data, rec->size, &p), 0);
	int i = feed_index(p.feed);
	assert_in_range(p.id, 2, feeds[i].head);
	assert_int_equal(t->once[i][p.id]++, 0);
	t->seen[i]++;
	assert_true(t->site[i]); /* its site came before it */
	assert_true(p.id > t->last[i][lane]);
	t->last[i][lane] = p.id;
	assert_int_equal(lane == 'd', p.distress != PLOT_DISTRESS_NONE);
}

static void tally_record(struct tally *t, const struct ship_record *rec)
{
	struct site site;
	static struct wire_health h;

	switch (rec->kind) {
	case WIRE_SITE:
		assert_int_equal(wire_get_site(rec->data, rec->size, &site), 0);
		t->site[feed_index(site.feed)] = true;
		break;
	case WIRE_PLOT:
		tally_plot(t, rec);
		break;
	case WIRE_HEALTH:
		assert_int_equal(wire_get_health(rec->data, rec->size, &h), 0);
		assert_string_equal(h.host, "mast1");
		t->health += !strcmp(h.process, "uplink");
		for (unsigned i = 0; i < h.n_counters; i++)
			if (!strcmp(h.counters[i].name, "vedette_uplink_feeds_refused_total"))
				t->refused = (unsigned)h.counters[i].value;
		break;
	default:
		fail_msg("a record of kind %d", rec->kind);
	}
}

/* Reads the dead centre's log and checks that everything is there, once, in order per lane, sites
 * first. */
static struct tally everything_arrived_once(void)
{
	struct shiplog *log = NULL;
	static struct tally t;
	struct ship_record rec[256];
	uint64_t after = 0;
	char path[128];
	ssize_t n;

	t = (struct tally){ 0 };
	for (int i = 0; i < FEEDS; i++)
		t.once[i] = calloc(feeds[i].head + 1, 1);
	snprintf(path, sizeof(path), "%s/centre.db", dir);
	assert_int_equal(shiplog_open(path, 1, &log), 0);
	while ((n = shiplog_read(log, after, rec, 256, SHIP_BATCH_BYTES_MAX)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			tally_record(&t, &rec[i]);
		after = rec[n - 1].seq;
	}
	shiplog_close(log);
	for (int i = 0; i < FEEDS; i++) {
		assert_int_equal(t.seen[i], feeds[i].head - 1);
		free(t.once[i]);
	}
	return t;
}

static unsigned plots_noted(void)
{
	unsigned n = 0;
	for (unsigned i = 0; i < n_notes; i++)
		n += notes[i].kind == WIRE_PLOT;
	return n;
}

static uint64_t plots_made(void)
{
	uint64_t n = 0;
	for (int i = 0; i < FEEDS; i++)
		n += feeds[i].head - 1;
	return n;
}

/* --- tests --- */

static void wait_until_the_centre_has_all(void)
{
	/*
	 * Notes of a killed centre are lost now and then: what counts is that nothing more comes, for longer than it may take
	 * a busy machine to start a centre and dial it again.
	 */
	unsigned before;
	int quiet = 0;
	for (int64_t end = clock_mono_ns() + WAIT_NS; clock_mono_ns() < end && quiet < 24;) {
		before = plots_noted();
		run_for_ms(250);
		quiet = plots_noted() == before ? quiet + 1 : 0;
	}
}

static void every_record_arrives_once_whatever_is_killed(void **state)
{
	start_centre("1");
	start_uplink(-1);
	start_feeds();
	for (int round = 0; round < 24; round++) {
		for (int i = 0; i < FEEDS; i++)
			produce(&feeds[i], 60);
		run_for_ms(30 + random() % 60);
		if (round % 4 == 1) {
			stop(&uplink_pid, SIGKILL);
			run_for_ms(random() % 100);
			start_uplink(-1);
		} else if (round % 4 == 3) {
			stop(&centre_pid, SIGKILL);
			run_for_ms(random() % 300);
			start_centre("1");
		}
	}
	wait_until_feeds_are_acknowledged();
	wait_until_the_centre_has_all();
	stop(&uplink_pid, SIGTERM);
	stop(&centre_pid, SIGKILL);
	(void)everything_arrived_once();
}

static unsigned first_note_of(char lane, const char *feed, uint32_t id)
{
	for (unsigned i = 0; i < n_notes; i++)
		if (notes[i].kind == WIRE_PLOT && notes[i].lane == lane && notes[i].id >= id &&
			!strcmp(notes[i].feed, feed))
			return i;
	return UINT32_MAX;
}

static unsigned last_note_of(char lane)
{
	for (unsigned i = n_notes; i-- > 0;)
		if (notes[i].kind == WIRE_PLOT && notes[i].lane == lane)
			return i;
	return 0;
}

/*
 * While @cut() holds the link is dead. What comes after its return is live and overtakes the
 * backlog. The order of the centre's commits is what is judged; the 2 s are the issue's.
 */
static void live_overtakes_the_backlog(void (*cut)(bool dead))
{
	start_feeds();
	produce(&feeds[0], 100);
	run_for_ms(1500);
	assert_true(plots_noted() >= 90);
	cut(true);
	for (int i = 0; i < 100; i++) {
		produce(&feeds[0], 300);
		produce(&feeds[1], 4);
		run_for_ms(100);
	}
	wait_until_feeds_are_acknowledged();
	uint32_t from = (uint32_t)feeds[1].head + 1;
	int64_t back_ns = clock_mono_ns();
	cut(false);
	while (first_note_of('l', "ais1", from) == UINT32_MAX &&
		clock_mono_ns() < back_ns + WAIT_NS) {
		produce(&feeds[1], 1);
		run_for_ms(50);
	}
	unsigned live = first_note_of('l', "ais1", from);
	assert_true(live != UINT32_MAX);
	int64_t took_ns = notes[live].mono_ns - back_ns;
	for (int64_t end = clock_mono_ns() + WAIT_NS;
		plots_noted() < plots_made() && clock_mono_ns() < end;)
		run_for_ms(100);
	assert_int_equal(plots_noted(), plots_made());
	assert_true(live < last_note_of('b'));
	print_message("# live again %lld ms after the link, %u backlog records behind it\n",
		(long long)(took_ns / CLOCK_NS_PER_MS), last_note_of('b') - live);
	assert_true(took_ns < 2 * CLOCK_NS_PER_S);
	stop(&uplink_pid, SIGTERM);
	stop(&centre_pid, SIGKILL);
	(void)everything_arrived_once();
}

static void stop_the_centre(bool dead)
{
	kill(centre_pid, dead ? SIGSTOP : SIGCONT);
}

static void live_goes_on_when_a_hung_centre_comes_back(void **state)
{
	start_centre("5");
	start_uplink(-1);
	live_overtakes_the_backlog(stop_the_centre);
}

static void pull_the_cable(bool dead)
{
	assert_int_equal(system(dead ? "ip link set vdt-up0 down" : "ip link set vdt-up0 up"), 0);
}

static bool netns_works(void)
{
	return getuid() == 0 &&
	       system("ip link add vdt-up0 type veth peer name vdt-up1 2>/dev/null && "
		      "ip link del vdt-up0 2>/dev/null") == 0;
}

/* The mast in a network namespace, a veth pair for the link. */
static void live_goes_on_when_a_dead_link_comes_back(void **state)
{
	int go[2];
	char cmd[512], c;
	if (!netns_works())
		skip();
	snprintf(centre_url, sizeof(centre_url), "tls+tcp://10.214.77.1:%d",
		20000 + getpid() % 20000);
	write_config("");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, go), 0);
	start_uplink(go[1]);
	assert_int_equal(read(go[0], &c, 1), 1);
	snprintf(cmd, sizeof(cmd),
		"ip link add vdt-up0 type veth peer name vdt-up1 netns %d && ip addr add 10.214.77.1/24 dev vdt-up0 && "
		"ip link set vdt-up0 up && nsenter -t %d -n sh -c 'ip addr add 10.214.77.2/24 dev vdt-up1; "
		"ip link set vdt-up1 up'",
		uplink_pid, uplink_pid);
	assert_int_equal(system(cmd), 0);
	start_centre("5");
	assert_int_equal(write(go[0], "x", 1), 1);
	close(go[0]);
	close(go[1]);
	live_overtakes_the_backlog(pull_the_cable);
	(void)system("ip link del vdt-up0 2>/dev/null");
}

static void another_uid_is_refused_and_counted(void **state)
{
	if (getuid() != 0)
		skip();
	(void)chmod(dir, 0755);
	start_centre("0");
	start_uplink(-1);
	start_feeds();
	produce(&feeds[0], 50);
	wait_until_feeds_are_acknowledged();
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct sockaddr_un to = { .sun_family = AF_UNIX };
		char c;
		snprintf(to.sun_path, sizeof(to.sun_path), "%.107s", ipc_url + 6);
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (setresuid(65534, 65534, 65534) ||
			connect(fd, (struct sockaddr *)&to, sizeof(to)))
			_exit(2);
		/* Closed without a byte: nothing said to it, nothing taken from it. */
		_exit(read(fd, &c, 1) == 0 ? 0 : 3);
	}
	int status = -1;
	for (int i = 0; i < 100 && waitpid(pid, &status, WNOHANG) == 0; i++)
		run_for_ms(50);
	assert_int_equal(status, 0);
	produce(&feeds[0], 50);
	wait_until_feeds_are_acknowledged();
	run_for_ms(5500); /* until the next health */
	stop(&uplink_pid, SIGTERM);
	stop(&centre_pid, SIGKILL);
	struct tally t = everything_arrived_once();
	assert_true(t.health >= 1);
	assert_int_equal(t.refused, 1);
}

static void a_full_disk_budget_drops_radar_plots_and_keeps_distress(void **state)
{
	write_config("MaxSize=1M\n");
	start_uplink(-1); /* no centre */
	start_feeds();
	for (int i = 0; i < 60; i++) {
		produce(&feeds[0], 400);
		produce(&feeds[1], 10);
		run_for_ms(50);
	}
	wait_until_feeds_are_acknowledged();
	run_for_ms(3000);
	start_centre("0");
	run_for_ms(2500);
	wait_until_the_centre_has_all();
	unsigned seen[FEEDS] = { 0 }, distress = 0;
	for (unsigned i = 0; i < n_notes; i++) {
		if (notes[i].kind != WIRE_PLOT)
			continue;
		seen[feed_index(notes[i].feed)]++;
		distress += notes[i].lane == 'd';
	}
	assert_true(seen[0] < feeds[0].head - 1);
	assert_true(seen[0] > 1000);
	assert_int_equal(seen[1], feeds[1].head - 1); /* radar goes first */
	assert_int_equal(distress, feeds[0].head / DISTRESS_EVERY + feeds[1].head / DISTRESS_EVERY);
}

static int run_check(const char *extra)
{
	char cmd[300];
	write_config(extra);
	snprintf(cmd, sizeof(cmd), "%s --check-config --config %s/uplink.conf >/dev/null 2>&1",
		getenv("UPLINK"), dir);
	return WEXITSTATUS(system(cmd));
}

static void a_mistake_in_the_configuration_is_refused(void **state)
{
	assert_int_equal(run_check(""), 0);
	assert_int_equal(run_check("AllowUser=nobody 0\n"), 0);
	assert_int_equal(run_check("AllowUser=no-such-user-here\n"), 1);
	assert_int_equal(run_check("Nonsense=1\n"), 1);
	assert_int_equal(run_check("MaxSize=1\n"), 1);
	assert_int_equal(run_check("CommitEvery=2500 ms\n"), 1);
	assert_int_equal(run_check("Centre=tcp://host:1\n"), 1);
	assert_int_equal(run_check("CentreIdentity=xa\n"), 1);
	assert_int_equal(run_check("Listen=tls+tcp://0.0.0.0:1\n"), 1);
}

static int setup(void **state)
{
	strcpy(dir, "/tmp/uplink-XXXXXX");
	if (!mkdtemp(dir) || sd_event_default(&event) < 0)
		return -1;
	n_notes = 0;
	snprintf(ipc_url, sizeof(ipc_url), "ipc://%s/uplink.sock", dir);
	snprintf(
		centre_url, sizeof(centre_url), "tls+tcp://127.0.0.1:%d", 20000 + getpid() % 20000);
	certs_ca(dir, "ca");
	certs_issue(dir, "ca", "centre", &(struct certs_spec){ .uri = "vedette:centre/xa" });
	certs_issue(dir, "ca", "host", &(struct certs_spec){ .uri = "vedette:host/mast1" });
	write_config("");
	return 0;
}

static int remove_entry(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(name);
}

static int teardown(void **state)
{
	stop(&uplink_pid, SIGKILL);
	stop(&centre_pid, SIGKILL);
	for (int i = 0; i < FEEDS; i++) {
		bus_free(feeds[i].bus);
		feeds[i].bus = NULL;
	}
	sd_event_unref(event);
	return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mistake_in_the_configuration_is_refused),
		TEST(every_record_arrives_once_whatever_is_killed),
		TEST(another_uid_is_refused_and_counted),
		TEST(live_goes_on_when_a_hung_centre_comes_back),
		TEST(live_goes_on_when_a_dead_link_comes_back),
		TEST(a_full_disk_budget_drops_radar_plots_and_keeps_distress),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	srandom(4711);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
