#include "tests/util/recorder.h"

#include "common/bus.h"
#include "common/clock.h"
#include "common/ship.h"
#include "common/shiplog.h"
#include "common/wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sd_event *event;
static struct shiplog *log_;
static int report_fd, delay_ms;

static bool on_cursor(void *user, const char *origin, const char *lane, uint64_t epoch,
	uint64_t *ret_epoch, uint64_t *ret_seq)
{
	(void)shiplog_get(log_, lane, ret_epoch, ret_seq);
	return true;
}

static void report(const struct ship_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct recorder_note note = { .lane = batch->lane[0],
			.kind = batch->records[i].kind,
			.mono_ns = clock_mono_ns() };
		struct plot p;
		if (note.kind == WIRE_PLOT &&
			!wire_get_plot(batch->records[i].data, batch->records[i].size, &p)) {
			note.id = p.id;
			memcpy(note.feed, p.feed, sizeof(note.feed));
		}
		if (write(report_fd, &note, sizeof(note)) < 0)
			return;
	}
}

static int on_commit(void *user, const char *origin, const struct ship_batch *batch)
{
	int r = shiplog_begin(log_);
	for (size_t i = 0; !r && i < batch->n; i++)
		r = shiplog_append(log_, batch->lane[0], batch->records[i].kind,
			batch->records[i].data, batch->records[i].size, NULL);
	if (!r)
		r = shiplog_set(log_, batch->lane, batch->epoch, batch->last);
	if (delay_ms)
		usleep((useconds_t)delay_ms * 1000);
	if (!r)
		r = shiplog_commit(log_);
	if (!r)
		report(batch);
	return r;
}

static const struct ship_sink_ops sink_ops = { .cursor = on_cursor, .commit = on_commit };

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	struct ship_sink *sink = NULL;
	if (ship_sink_new(event, conn, &sink_ops, NULL, &sink))
		abort();
	bus_conn_set_user(conn, sink);
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	int r = ship_sink_frame(bus_conn_user(conn), data, size);
	if (r)
		bus_close(conn, strerror(-r));
}

static void on_closed(void *user, struct bus_conn *conn, const char *reason)
{
	ship_sink_free(bus_conn_user(conn));
}

static void on_refused(void *user, const char *reason)
{
	fprintf(stderr, "recorder: refused: %s\n", reason);
}

static const struct bus_ops bus_ops = {
	.opened = on_opened,
	.frame = on_frame,
	.closed = on_closed,
	.refused = on_refused,
};

int main(int argc, char **argv)
{
	struct bus_tls tls = { 0 };
	struct bus *bus = NULL;

	if (argc != 5 && argc != 8)
		return 2;
	(void)signal(SIGPIPE, SIG_IGN);
	report_fd = atoi(argv[3]);
	delay_ms = atoi(argv[4]);
	if (argc == 8)
		tls = (struct bus_tls){
			.ca_file = argv[5], .cert_file = argv[6], .key_file = argv[7]
		};
	if (sd_event_default(&event) < 0 || shiplog_open(argv[2], clock_now_ns(), &log_))
		return 1;
	if (bus_listen(event, argv[1], argc == 8 ? &tls : NULL, 0, &bus_ops, NULL, &bus)) {
		fprintf(stderr, "recorder: %s\n", bus_error());
		return 1;
	}
	return sd_event_loop(event);
}
