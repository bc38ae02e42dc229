/*
 * bench-flash - what a mast's disk is written: the real uplink, three feeds of 20 plots/s, a minute with the link up and a minute
 * with it down. usage: bench-flash BUILD [SECONDS]
 *
 * write_bytes of /proc/PID/io: pages the process made dirty on a block device, 4 KiB each, its WAL and checkpoints included;
 * the file system's own journal is not in it. On tmpfs it is zero: run where the disk is.
 */
#include "common/bus.h"
#include "common/clock.h"
#include "common/loop.h"
#include "common/shipring.h"
#include "common/wire.h"
#include "tests/util/certs.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FEEDS 3
#define PERIOD_NS (50 * CLOCK_NS_PER_MS) /* 20 plots/s a feed */
#define DAY_S 86400.0

static sd_event *event;
static char dir[256], url[300], centre[64];
static const char *build;
static uint64_t pushed;

struct feed {
	char name[16];
	struct bus *bus;
	struct ship_source *source;
	struct shipring *ring;
};
static struct feed feeds[FEEDS];

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench-flash: %s failed\n", what);
	exit(1);
}

static ssize_t on_read(void *user, unsigned lane, uint64_t after, struct ship_record *records, size_t max_records,
	size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	return shipring_read(((struct feed *)user)->ring, after, records, max_records, max_bytes, ret_last, ret_withheld);
}

static void on_acked(void *user, unsigned lane, uint64_t epoch, uint64_t seq)
{
	shipring_acked(((struct feed *)user)->ring, epoch, seq);
}

static void on_head(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	shipring_head(((struct feed *)user)->ring, ret_epoch, ret_head);
}

static const struct ship_source_ops source_ops = { .read = on_read, .acked = on_acked, .head = on_head };

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	struct feed *f = user;
	char lane[SHIP_LANE_NAME_MAX];
	const char *lanes[] = { lane };
	snprintf(lane, sizeof(lane), "feed/%s", f->name);
	must(ship_source_new(event, conn, f->name, lanes, 1, &source_ops, f, &f->source) == 0, "source");
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	(void)ship_source_frame(((struct feed *)user)->source, data, size);
}

static void on_closed(void *user, struct bus_conn *conn, const char *reason)
{
	struct feed *f = user;
	ship_source_free(f->source);
	f->source = NULL;
}

static const struct bus_ops feed_ops = { .opened = on_opened, .frame = on_frame, .closed = on_closed };

static int on_plot(void *user, int64_t now_ns)
{
	struct feed *f = user;
	uint8_t buf[WIRE_OBJECT_MAX];
	struct plot p;

	plot_init(&p, PLOT_POLAR, PLOT_SENSOR_RADAR);
	snprintf(p.feed, sizeof(p.feed), "%s", f->name);
	p.time_ns = p.recv_ns = now_ns;
	p.time_sigma_ns = 2000000;
	p.site_version = 1;
	p.lat_rad = 0.95;
	p.lon_rad = 0.19;
	p.cov = (struct plot_cov2){ 400, 10, 400 };
	p.range_m = 12345;
	p.range_sigma_m = 20;
	p.azimuth_rad = 1;
	p.azimuth_sigma_rad = 0.003;
	ssize_t n = wire_put_plot(buf, sizeof(buf), &p);
	must(n > 0 && shipring_push(f->ring, now_ns, WIRE_PLOT, buf, (size_t)n) == 0, "plot");
	pushed++;
	if (f->source)
		ship_source_push(f->source);
	return 0;
}

static void start_feeds(void)
{
	for (int i = 0; i < FEEDS; i++) {
		snprintf(feeds[i].name, sizeof(feeds[i].name), "radar%d", i + 1);
		must(shipring_new(65536, WIRE_OBJECT_MAX, clock_now_ns(), &feeds[i].ring) == 0, "ring");
		must(bus_dial(event, url, NULL, &feed_ops, &feeds[i], &feeds[i].bus) == 0, "feed");
		must(loop_every(event, PERIOD_NS, on_plot, &feeds[i], NULL) == 0, "timer");
	}
}

static pid_t start(const char *program, const char *const *arguments)
{
	char path[512];
	const char *argv[16] = { program };
	snprintf(path, sizeof(path), "%s/%s", build, program);
	for (int i = 0; arguments[i]; i++)
		argv[i + 1] = arguments[i];
	pid_t pid = fork();
	if (pid)
		return pid;
	int null = open("/dev/null", O_WRONLY);
	(void)dup2(null, 2);
	execv(path, (char *const *)argv);
	_exit(127);
}

static pid_t start_uplink(void)
{
	char path[300];
	snprintf(path, sizeof(path), "%s/uplink.conf", dir);
	FILE *f = fopen(path, "we");
	must(f, "uplink.conf");
	fprintf(f,
		"[Uplink]\nOrigin=mast1\nListen=%s\nCentre=%s\nCentreIdentity=vedette:centre/xa\nStateDirectory=%s/state\n"
		"FilterStatus=%s/filter\nLiveDirectory=/dev/shm/bench-flash-%d\n[TLS]\nCA=%s/ca.pem\nCertificate=%s/host.pem\nKey=%s/host.key\n",
		url, centre, dir, dir, getpid(), dir, dir, dir);
	fclose(f);
	snprintf(path, sizeof(path), "/dev/shm/bench-flash-%d", getpid());
	(void)mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/uplink.conf", dir);
	return start("sensor/uplink/vedette-uplink", (const char *[]){ "--config", path, NULL });
}

static pid_t start_centre(void)
{
	char db[300], ca[300], cert[300], key[300], fd[16];
	snprintf(db, sizeof(db), "/dev/shm/bench-flash-%d.db", getpid());
	snprintf(ca, sizeof(ca), "%s/ca.pem", dir);
	snprintf(cert, sizeof(cert), "%s/centre.pem", dir);
	snprintf(key, sizeof(key), "%s/centre.key", dir);
	snprintf(fd, sizeof(fd), "%d", open("/dev/null", O_WRONLY));
	return start("tests/util/recorder", (const char *[]){ centre, db, fd, "0", ca, cert, key, NULL });
}

static uint64_t written(pid_t pid)
{
	char path[64], line[128];
	uint64_t bytes = 0;
	snprintf(path, sizeof(path), "/proc/%d/io", pid);
	FILE *f = fopen(path, "re");
	must(f, path);
	while (fgets(line, sizeof(line), f))
		(void)sscanf(line, "write_bytes: %" SCNu64, &bytes);
	fclose(f);
	return bytes;
}

static void run_for(double seconds)
{
	int64_t end = clock_mono_ns() + (int64_t)(seconds * 1e9);
	while (clock_mono_ns() < end)
		must(sd_event_run(event, 10000) >= 0, "loop");
}

static void measure(pid_t uplink, const char *link, double seconds)
{
	run_for(5); /* until the link is what it is to be, and the first pages are made */
	uint64_t bytes = written(uplink), plots = pushed;
	int64_t from = clock_mono_ns();
	run_for(seconds);
	double took = (double)(clock_mono_ns() - from) * 1e-9;
	bytes = written(uplink) - bytes;
	plots = pushed - plots;
	printf("bench flash.%s_bytes_per_plot %.0f bytes\n", link, (double)bytes / (double)plots);
	printf("bench flash.%s_mb_per_day %.0f MB\n", link, (double)bytes / took * DAY_S / 1e6);
	fflush(stdout);
}

static int remove_entry(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(name);
}

int main(int argc, char **argv)
{
	double seconds = argc > 2 ? strtod(argv[2], NULL) : 60;
	char cwd[128], db[128];

	must(argc > 1 && seconds > 0, "usage: bench-flash BUILD [SECONDS]");
	build = argv[1];
	(void)signal(SIGPIPE, SIG_IGN);
	must(getcwd(cwd, sizeof(cwd)) != NULL, "getcwd");
	snprintf(dir, sizeof(dir), "%s/bench-flash-XXXXXX", cwd);
	must(mkdtemp(dir) && sd_event_default(&event) >= 0, "setup");
	snprintf(url, sizeof(url), "ipc:///tmp/bench-flash-%d.sock", getpid());
	snprintf(centre, sizeof(centre), "tls+tcp://127.0.0.1:%d", 20000 + getpid() % 20000);
	certs_ca(dir, "ca");
	certs_issue(dir, "ca", "centre", &(struct certs_spec){ .uri = "vedette:centre/xa" });
	certs_issue(dir, "ca", "host", &(struct certs_spec){ .uri = "vedette:host/mast1" });
	pid_t recorder = start_centre(), uplink = start_uplink();
	start_feeds();
	measure(uplink, "up", seconds);
	kill(recorder, SIGKILL);
	measure(uplink, "down", seconds);
	kill(uplink, SIGTERM);
	waitpid(uplink, NULL, 0);
	waitpid(recorder, NULL, 0);
	snprintf(db, sizeof(db), "rm -rf /dev/shm/bench-flash-%d*", getpid());
	(void)!system(db);
	return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}
