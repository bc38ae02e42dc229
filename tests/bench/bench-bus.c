/* bench-bus - records a second through the ship protocol, source and sink each a process, 200 bytes
 * a record. */
#include "common/bus.h"
#include "common/clock.h"
#include "common/ship.h"
#include "tests/util/certs.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RECORD_BYTES 200
#define RECORDS 1000000

static sd_event *event;
static char dir[] = "/tmp/bench-bus-XXXXXX";
static uint8_t record[RECORD_BYTES];

/* --- source: a log of RECORDS equal records --- */

static struct ship_source *source;
static uint64_t acked;

static ssize_t on_read(void *user, unsigned lane, uint64_t after, struct ship_record *records,
	size_t max_records, size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	size_t n = 0;
	while (n < max_records && (n + 1) * RECORD_BYTES <= max_bytes && after + n < RECORDS) {
		records[n] = (struct ship_record){ .seq = after + n + 1,
			.stored_ns = 1,
			.kind = 1,
			.data = record,
			.size = RECORD_BYTES };
		n++;
	}
	*ret_last = after + n;
	return (ssize_t)n;
}

static void on_acked(void *user, unsigned lane, uint64_t epoch, uint64_t seq)
{
	acked = seq;
	if (seq == RECORDS)
		(void)sd_event_exit(event, 0);
}

static void on_head(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	*ret_epoch = 1;
	*ret_head = RECORDS;
}

static const struct ship_source_ops source_ops = {
	.read = on_read, .acked = on_acked, .head = on_head
};

static int64_t began_ns;

static void on_source_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	static const char *const lanes[] = { "bench" };
	began_ns = clock_mono_ns();
	if (ship_source_new(event, conn, "bench", lanes, 1, &source_ops, NULL, &source))
		abort();
}

static void on_source_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	if (ship_source_frame(source, data, size))
		abort();
}

static void on_source_writable(void *user, struct bus_conn *conn)
{
	ship_source_push(source);
}

static const struct bus_ops source_bus = {
	.opened = on_source_opened,
	.frame = on_source_frame,
	.writable = on_source_writable,
};

/* --- sink: looks at every record and has it "durable" at once --- */

static bool on_cursor(void *user, const char *origin, const char *lane, uint64_t epoch,
	uint64_t *ret_epoch, uint64_t *ret_seq)
{
	return true;
}

static int on_commit(void *user, const char *origin, const struct ship_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++)
		if (batch->records[i].size != RECORD_BYTES)
			return -1;
	return 0;
}

static const struct ship_sink_ops sink_ops = { .cursor = on_cursor, .commit = on_commit };

static void on_sink_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	struct ship_sink *sink = NULL;
	if (ship_sink_new(event, conn, &sink_ops, NULL, &sink))
		abort();
	bus_conn_set_user(conn, sink);
}

static void on_sink_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	if (ship_sink_frame(bus_conn_user(conn), data, size))
		abort();
}

static const struct bus_ops sink_bus = { .opened = on_sink_opened, .frame = on_sink_frame };

static void run_sink(const char *url, const struct bus_tls *tls)
{
	struct bus *bus = NULL;
	if (sd_event_default(&event) < 0 || bus_listen(event, url, tls, 0, &sink_bus, NULL, &bus))
		_exit(1);
	(void)sd_event_loop(event);
	_exit(0);
}

static int run_source(const char *url, const struct bus_tls *tls, const char *name)
{
	struct bus *bus = NULL;
	acked = 0;
	if (sd_event_default(&event) < 0 || bus_dial(event, url, tls, &source_bus, NULL, &bus)) {
		fprintf(stderr, "bench-bus: %s\n", bus_error());
		return 1;
	}
	(void)sd_event_loop(event);
	double s = (double)(clock_mono_ns() - began_ns) / 1e9;
	printf("bench bus.records_%s %.0f records/s\n", name, RECORDS / s);
	return 0;
}

/* Both ends are forked before any of them touches nng: its threads do not survive a fork. */
static int bench(const char *name, const char *url, const struct bus_tls *sink_tls,
	const struct bus_tls *source_tls)
{
	int status = 1;
	(void)fflush(stdout);
	pid_t sink = fork();
	if (sink == 0)
		run_sink(url, sink_tls);
	pid_t src = fork();
	if (src == 0) {
		int r = run_source(url, source_tls, name);
		(void)fflush(stdout);
		_exit(r);
	}
	(void)waitpid(src, &status, 0);
	(void)kill(sink, SIGKILL);
	(void)waitpid(sink, NULL, 0);
	return status;
}

static int remove_entry(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(name);
}

int main(void)
{
	char ca[64], cert[2][64], key[2][64], ipc[64], tls[64];

	if (!mkdtemp(dir))
		return 1;
	certs_ca(dir, "ca");
	certs_issue(dir, "ca", "sink", &(struct certs_spec){ .uri = "vedette:centre/xa" });
	certs_issue(dir, "ca", "source", &(struct certs_spec){ .uri = "vedette:host/mast1" });
	snprintf(ca, sizeof(ca), "%s/ca.pem", dir);
	for (int i = 0; i < 2; i++) {
		snprintf(cert[i], sizeof(cert[i]), "%s/%s.pem", dir, i ? "source" : "sink");
		snprintf(key[i], sizeof(key[i]), "%s/%s.key", dir, i ? "source" : "sink");
	}
	struct bus_tls sink_tls = { ca, cert[0], key[0], NULL, NULL };
	struct bus_tls source_tls = { ca, cert[1], key[1], NULL, "vedette:centre/xa" };
	snprintf(ipc, sizeof(ipc), "ipc://%s/sock", dir);
	snprintf(tls, sizeof(tls), "tls+tcp://127.0.0.1:%d", 20000 + getpid() % 20000);
	int r = bench("ipc", ipc, NULL, NULL) | bench("tls", tls, &sink_tls, &source_tls);
	(void)nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	return r ? 1 : 0;
}
