/*
 * hub-fusion - stands in for vedette-fusion towards a hub: a ship source over ipc whose records a test dictates.
 *
 * usage: hub-fusion URL LOGDIR ORIGIN. Reads lines on stdin, answers each with "ok" or "error: why":
 *   track BIRTH VERSION LAT LON STATE NAME MMSI [DISTRESS [TEST]]   a track; time now, seen by radar1 and ais1 just now
 *   site FEED SENSOR LAT LON RANGE_KM     health FEED STATE PLOTS     late FEED MMSI LAT LON AGE_S
 *   acked                                  prints the acknowledged and last seq of each lane
 * The log survives a kill, as fusion's does.
 */
#include "common/bus.h"
#include "common/clock.h"
#include "common/geo.h"
#include "common/loop.h"
#include "common/shiplog.h"
#include "common/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 512

static const char *const lanes[] = { "tracks", "feeds" };

static struct {
	sd_event *event;
	struct shiplog *logs[2];
	struct ship_source *source;
	const char *origin;
	uint64_t acked[2];
} f;

static ssize_t on_read(void *user, unsigned lane, uint64_t after, struct ship_record *records, size_t max_records,
	size_t max_bytes, uint64_t *ret_last, uint64_t *ret_withheld)
{
	ssize_t n = shiplog_read(f.logs[lane], after, records, max_records, max_bytes);
	*ret_last = n > 0 ? records[n - 1].seq : after;
	*ret_withheld = 0;
	return n;
}

static void on_acked(void *user, unsigned lane, uint64_t epoch, uint64_t seq)
{
	f.acked[lane] = seq;
}

static void on_head(void *user, unsigned lane, uint64_t *ret_epoch, uint64_t *ret_head)
{
	*ret_epoch = shiplog_epoch(f.logs[lane]);
	*ret_head = shiplog_committed(f.logs[lane]);
}

static const struct ship_source_ops source_ops = { on_read, on_acked, on_head, NULL };

static void on_opened(void *user, struct bus_conn *conn, const struct bus_peer *peer)
{
	if (f.source || ship_source_new(f.event, conn, f.origin, lanes, 2, &source_ops, NULL, &f.source) < 0)
		bus_close(conn, "one hub only");
	else
		bus_conn_set_user(conn, f.source);
}

static void on_frame(void *user, struct bus_conn *conn, const void *data, size_t size)
{
	if (bus_conn_user(conn) && ship_source_frame(bus_conn_user(conn), data, size) < 0)
		bus_close(conn, "protocol");
}

static void on_closed(void *user, struct bus_conn *conn, const char *reason)
{
	if (bus_conn_user(conn) != f.source)
		return;
	ship_source_free(f.source);
	f.source = NULL;
}

static void on_writable(void *user, struct bus_conn *conn)
{
	if (f.source)
		ship_source_push(f.source);
}

static const struct bus_ops bus_ops = { NULL, on_opened, on_frame, on_closed, on_writable, NULL };

static int append(unsigned lane, uint8_t kind, const void *data, ssize_t size)
{
	if (size < 0)
		return (int)size;
	int r = shiplog_begin(f.logs[lane]);
	if (r >= 0)
		r = shiplog_append(f.logs[lane], clock_now_ns(), kind, data, (size_t)size, NULL);
	if (r >= 0)
		r = shiplog_commit(f.logs[lane]);
	if (r >= 0 && f.source)
		ship_source_push(f.source);
	return r;
}

static int do_track(const char *line)
{
	struct track t = { .time_ns = clock_now_ns(), .recv_ns = clock_now_ns(), .alt_m = NAN, .existence = 0.99 };
	double lat, lon;
	unsigned long long version;
	unsigned state, mmsi, distress = 0, test = 0;
	uint8_t buf[WIRE_OBJECT_MAX];
	if (sscanf(line, "track %u %llu %lf %lf %u %20s %u %u %u", &t.id.birth, &version, &lat, &lon, &state,
		    t.identity.name, &mmsi, &distress, &test) < 7)
		return -EINVAL;
	snprintf(t.id.origin, sizeof(t.id.origin), "%s", f.origin);
	t.id.epoch = 1;
	t.version = version;
	t.lat_rad = lat * GEO_DEG;
	t.lon_rad = lon * GEO_DEG;
	t.ve_mps = 3;
	t.vn_mps = 4;
	t.cov[0] = t.cov[4] = 100;
	t.cov[7] = t.cov[9] = 0.25;
	t.state = state;
	t.class = distress ? TRACK_CLASS_BEACON : TRACK_CLASS_CARGO;
	t.distress = distress;
	t.distress_test = test;
	if (mmsi) {
		t.n_ids = 1;
		t.ids[0] = (struct track_identity){ PLOT_ID_MMSI, mmsi, 0.97 };
	}
	snprintf(t.identity.callsign, sizeof(t.identity.callsign), "TEST1");
	t.n_sources = 3;
	t.sources[0] = (struct track_source){ "radar1", PLOT_SENSOR_RADAR, t.time_ns, 10 };
	t.sources[1] = (struct track_source){ "ais1", PLOT_SENSOR_AIS, t.time_ns, 5 };
	t.sources[2] = (struct track_source){ "camera1", PLOT_SENSOR_CAMERA, t.time_ns, 5 };
	return append(0, WIRE_TRACK, buf, wire_put_track(buf, sizeof(buf), &t));
}

static int do_site(const char *line)
{
	struct site s = { .version = 1, .range_sigma_m = 20, .azimuth_sigma_rad = 0.002, .scan_period_ns = 2500000000,
		.view_rad = NAN, .view_width_rad = 2 * M_PI };
	unsigned sensor;
	double lat, lon, km;
	uint8_t buf[WIRE_OBJECT_MAX];
	if (sscanf(line, "site %31s %u %lf %lf %lf", s.feed, &sensor, &lat, &lon, &km) != 5)
		return -EINVAL;
	s.sensor = sensor;
	s.lat_rad = lat * GEO_DEG;
	s.lon_rad = lon * GEO_DEG;
	s.max_range_m = km * 1000;
	return append(1, WIRE_SITE, buf, wire_put_site(buf, sizeof(buf), &s));
}

static int do_health(const char *line)
{
	struct wire_health h = { .time_ns = clock_now_ns(), .clock_synchronised = true, .n_counters = 1 };
	unsigned state;
	unsigned long long plots;
	uint8_t buf[WIRE_OBJECT_MAX];
	if (sscanf(line, "health %31s %u %llu", h.feed, &state, &plots) != 3)
		return -EINVAL;
	snprintf(h.host, sizeof(h.host), "mast1");
	snprintf(h.process, sizeof(h.process), "sensor");
	h.state = state;
	if (state)
		snprintf(h.reason, sizeof(h.reason), "as the test says");
	snprintf(h.counters[0].name, sizeof(h.counters[0].name), "vedette_sensor_plots_total");
	h.counters[0].value = plots;
	return append(1, WIRE_HEALTH, buf, wire_put_health(buf, sizeof(buf), &h));
}

static int do_late(const char *line)
{
	struct plot p;
	double lat, lon, age;
	uint8_t buf[WIRE_OBJECT_MAX];
	plot_init(&p, PLOT_POSITION, PLOT_SENSOR_AIS);
	if (sscanf(line, "late %31s %u %lf %lf %lf", p.feed, &p.id, &lat, &lon, &age) != 5)
		return -EINVAL;
	p.id_kind = PLOT_ID_MMSI;
	p.time_ns = clock_now_ns() - (int64_t)(age * 1e9);
	p.lat_rad = lat * GEO_DEG;
	p.lon_rad = lon * GEO_DEG;
	p.cov = (struct plot_cov2){ 100, 0, 100 };
	return append(1, WIRE_LATE_PLOT, buf, wire_put_plot(buf, sizeof(buf), &p));
}

static int do_line(const char *line)
{
	if (!strncmp(line, "track ", 6))
		return do_track(line);
	if (!strncmp(line, "site ", 5))
		return do_site(line);
	if (!strncmp(line, "health ", 7))
		return do_health(line);
	if (!strncmp(line, "late ", 5))
		return do_late(line);
	if (strcmp(line, "acked"))
		return -EINVAL;
	printf("%llu/%llu %llu/%llu\n", (unsigned long long)f.acked[0], (unsigned long long)shiplog_head(f.logs[0]),
		(unsigned long long)f.acked[1], (unsigned long long)shiplog_head(f.logs[1]));
	return 1;
}

static int on_stdin(sd_event_source *s, int fd, uint32_t events, void *user)
{
	char line[LINE_MAX_BYTES];
	/* stdin is line buffered by a pipe's writer; stdio would hide lines from poll. */
	size_t n = 0;
	while (n < sizeof(line) - 1) {
		ssize_t k = read(fd, line + n, 1);
		if (k <= 0)
			return sd_event_exit(f.event, 0);
		if (line[n] == '\n')
			break;
		n++;
	}
	line[n] = 0;
	int r = do_line(line);
	if (r < 0)
		printf("error: %s\n", strerror(-r));
	else if (r == 0)
		puts("ok");
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	struct bus *bus = NULL;
	if (argc != 4)
		return 2;
	f.origin = argv[3];
	int r = loop_new(NULL, NULL, &f.event);
	for (unsigned i = 0; r >= 0 && i < 2; i++) {
		char path[512];
		snprintf(path, sizeof(path), "%s/%s.db", argv[2], lanes[i]);
		r = shiplog_open(path, clock_now_ns(), &f.logs[i]);
	}
	if (r >= 0)
		r = bus_listen(f.event, argv[1], NULL, 0, &bus_ops, NULL, &bus);
	if (r >= 0)
		r = sd_event_add_io(f.event, NULL, 0, EPOLLIN, on_stdin, NULL);
	if (r < 0) {
		fprintf(stderr, "hub-fusion: %s\n", strerror(-r));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	r = loop_run(f.event);
	bus_free(bus);
	ship_source_free(f.source);
	for (unsigned i = 0; i < 2; i++)
		shiplog_close(f.logs[i]);
	sd_event_unref(f.event);
	return r < 0;
}
