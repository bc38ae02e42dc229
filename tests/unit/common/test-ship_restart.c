/* The source is here, the sink is a program that is killed at random: over real connections nothing
 * is lost or doubled. */
#include "common/bus.h"
#include "common/clock.h"
#include "common/ship.h"
#include "common/shiplog.h"
#include "tests/assert_near.h"
#include "tests/util/certs.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLS 20
#define RECORDS 20000
#define WAIT_NS (60 * CLOCK_NS_PER_S)

static sd_event *event;
static char dir[64];

struct sender {
	struct shiplog *log;
	struct ship_source *source;
	uint64_t acked;
};

static ssize_t on_read(void *user, unsigned lane, uint64_t after, struct ship_record *records,
	size_t max_records, size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	struct sender *s = user;
	ssize_t n = shiplog_read(s->log, after, records, max_records, max_bytes);
	if (n > 0)
		*ret_last = records[n - 1].seq;
	return n;
}

static void on_acked(void *user, unsigned lane, uint64_t epoch, uint64_t seq)
{
	struct sender *s = user;
	if (seq <= s->acked)
		return;
	s->acked = seq;
	/* What was acknowledged is really gone: nobody could send it again. */
	assert_int_equal(shiplog_trim(s->log, seq), 0);
}

static void on_head(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	struct sender *s = user;
	*ret_epoch = shiplog_epoch(s->log);
	*ret_head = shiplog_committed(s->log);
}

static const struct ship_source_ops source_ops = {
	.read = on_read, .acked = on_acked, .head = on_head
};

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	static const char *const lanes[] = { "lane" };
	struct sender *s = user;
	assert_int_equal(
		ship_source_new(event, conn, "here", lanes, 1, &source_ops, s, &s->source), 0);
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	struct sender *s = user;
	assert_int_equal(ship_source_frame(s->source, data, size), 0);
}

static void on_closed(void *user, struct bus_conn *conn, const char *reason)
{
	struct sender *s = user;
	ship_source_free(s->source);
	s->source = NULL;
}

static void on_writable(void *user, struct bus_conn *conn)
{
	ship_source_push(((struct sender *)user)->source);
}

static const struct bus_ops bus_ops = {
	.opened = on_opened, .frame = on_frame, .closed = on_closed, .writable = on_writable
};

static pid_t start_recorder(const char *url, bool tls)
{
	char db[128], ca[128], cert[128], key[128];
	snprintf(db, sizeof(db), "%s/received.db", dir);
	snprintf(ca, sizeof(ca), "%s/ca.pem", dir);
	snprintf(cert, sizeof(cert), "%s/sink.pem", dir);
	snprintf(key, sizeof(key), "%s/sink.key", dir);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		execl(getenv("RECORDER"), "recorder", url, db, "-1", "1", tls ? ca : (char *)NULL,
			cert, key, (char *)NULL);
		_exit(127);
	}
	return pid;
}

static void append_some(struct sender *s, uint64_t n)
{
	char text[200];
	assert_int_equal(shiplog_begin(s->log), 0);
	for (; n && shiplog_head(s->log) < RECORDS; n--) {
		memset(text, '.', sizeof(text));
		snprintf(text, sizeof(text), "%llu", (unsigned long long)shiplog_head(s->log) + 1);
		assert_int_equal(shiplog_append(s->log, 1, 1, text, sizeof(text), NULL), 0);
	}
	assert_int_equal(shiplog_commit(s->log), 0);
	if (s->source)
		ship_source_push(s->source);
}

static void run_for_ns(int64_t ns)
{
	int64_t end = clock_mono_ns() + ns;
	while (clock_mono_ns() < end)
		sd_event_run(event, 2000);
}

static void every_record_was_received_once_in_order(void)
{
	struct shiplog *got = NULL;
	struct ship_record rec[512];
	uint64_t seq = 0;
	ssize_t n;
	char path[128];
	snprintf(path, sizeof(path), "%s/received.db", dir);
	assert_int_equal(shiplog_open(path, 1, &got), 0);
	assert_int_equal(shiplog_head(got), RECORDS);
	while ((n = shiplog_read(got, seq, rec, 512, SHIP_BATCH_BYTES_MAX)) > 0)
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(strtoull(rec[i].data, NULL, 10), ++seq);
	assert_int_equal(seq, RECORDS);
	shiplog_close(got);
}

static void kill_the_sink_again_and_again(const char *url, const struct bus_tls *tls)
{
	struct sender s = { 0 };
	struct bus *bus = NULL;
	char path[128];
	snprintf(path, sizeof(path), "%s/sent.db", dir);
	assert_int_equal(shiplog_open(path, clock_now_ns(), &s.log), 0);
	assert_int_equal(bus_dial(event, url, tls, &bus_ops, &s, &bus), 0);
	srandom(4711);
	for (int i = 0; i < KILLS; i++) {
		pid_t pid = start_recorder(url, tls);
		for (int k = 0; k < 10; k++) {
			append_some(&s, RECORDS / KILLS / 10);
			run_for_ns((random() % 20) * CLOCK_NS_PER_MS);
		}
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	pid_t pid = start_recorder(url, tls);
	for (int64_t end = clock_mono_ns() + WAIT_NS; s.acked < RECORDS && clock_mono_ns() < end;)
		run_for_ns(10 * CLOCK_NS_PER_MS);
	assert_int_equal(s.acked, RECORDS);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	bus_free(bus);
	shiplog_close(s.log);
	every_record_was_received_once_in_order();
}

static void nothing_is_lost_or_doubled_over_ipc(void **state)
{
	char url[128];
	snprintf(url, sizeof(url), "ipc://%s/sock", dir);
	kill_the_sink_again_and_again(url, NULL);
}

static void nothing_is_lost_or_doubled_over_tls(void **state)
{
	char ca[128], cert[128], key[128], url[64];
	struct bus_tls tls = { ca, cert, key, NULL, "vedette:centre/xa" };
	snprintf(ca, sizeof(ca), "%s/ca.pem", dir);
	snprintf(cert, sizeof(cert), "%s/source.pem", dir);
	snprintf(key, sizeof(key), "%s/source.key", dir);
	snprintf(url, sizeof(url), "tls+tcp://127.0.0.1:%d", 20000 + getpid() % 20000);
	certs_ca(dir, "ca");
	certs_issue(dir, "ca", "sink", &(struct certs_spec){ .uri = "vedette:centre/xa" });
	certs_issue(dir, "ca", "source", &(struct certs_spec){ .uri = "vedette:host/mast1" });
	kill_the_sink_again_and_again(url, &tls);
}

static int setup(void **state)
{
	strcpy(dir, "/tmp/ship-XXXXXX");
	return mkdtemp(dir) && sd_event_default(&event) >= 0 ? 0 : -1;
}

static int remove_entry(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(name);
}

static int teardown(void **state)
{
	sd_event_unref(event);
	return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			nothing_is_lost_or_doubled_over_ipc, setup, teardown),
		cmocka_unit_test_setup_teardown(
			nothing_is_lost_or_doubled_over_tls, setup, teardown),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
