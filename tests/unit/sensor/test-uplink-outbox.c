#include "common/clock.h"
#include "common/wire.h"
#include "sensor/uplink/outbox.h"
#include "sensor/uplink/sites.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define T0 (INT64_C(1700000000) * CLOCK_NS_PER_S)
#define EPOCH 5

static char dir[64], live_dir[80];
static uint8_t bytes[512][512];
static struct ship_record records[512];
static struct ship_batch batch;

static struct outbox *open_outbox(uint64_t max_bytes)
{
	struct outbox *o = NULL;
	char path[4096];
	assert_int_equal(outbox_open(dir, live_dir, "mast1", max_bytes, T0, &o, path), 0);
	return o;
}

static void begin_batch(uint64_t prev)
{
	batch = (struct ship_batch){
		.epoch = EPOCH, .prev = prev, .last = prev, .records = records
	};
}

static void add(uint8_t kind, ssize_t size)
{
	assert_true(size > 0);
	records[batch.n] = (struct ship_record){ .seq = ++batch.last,
		.stored_ns = T0,
		.kind = kind,
		.data = bytes[batch.n],
		.size = (size_t)size };
	batch.n++;
}

static void add_plot(const char *feed, enum plot_sensor sensor, enum plot_distress distress)
{
	struct plot p;
	plot_init(&p, PLOT_POSITION, sensor);
	snprintf(p.feed, sizeof(p.feed), "%s", feed);
	p.time_ns = p.recv_ns = T0;
	p.lat_rad = p.lon_rad = 0.5;
	p.cov = (struct plot_cov2){ 1, 0, 1 };
	p.id_kind = PLOT_ID_MMSI;
	p.id = (uint32_t)batch.last + 1;
	p.distress = distress;
	add(WIRE_PLOT, wire_put_plot(bytes[batch.n], sizeof(bytes[0]), &p));
}

static void add_site(const char *feed, uint32_t version)
{
	struct site s = { .version = version, .max_range_m = 1000 };
	snprintf(s.feed, sizeof(s.feed), "%s", feed);
	add(WIRE_SITE, wire_put_site(bytes[batch.n], sizeof(bytes[0]), &s));
}

static void take(struct outbox *o, const char *feed, enum outbox_lane bulk)
{
	snprintf(batch.lane, sizeof(batch.lane), "feed/%s", feed);
	assert_int_equal(outbox_take(o, feed, &batch, bulk, T0), 0);
}

/* The kinds of a lane's records, as "spph": site, plot, health. */
static const char *kinds_in(struct outbox *o, enum outbox_lane lane)
{
	static const char letters[] = "?psh";
	static char text[600];
	struct ship_record rec[512];
	uint64_t last;
	ssize_t n = outbox_read(o, lane, 0, rec, 512, SHIP_BATCH_BYTES_MAX, &last);
	assert_true(n >= 0);
	for (ssize_t i = 0; i < n; i++)
		text[i] = letters[rec[i].kind];
	text[n] = 0;
	return text;
}

static void bulk_and_distress_go_their_ways_behind_the_site(void **state)
{
	struct outbox *o = open_outbox(0);
	begin_batch(0);
	add_site("ais1", 1);
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	add_plot("ais1", PLOT_SENSOR_AIS, PLOT_DISTRESS_SART);
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	take(o, "ais1", OUTBOX_BACKFILL);
	assert_true(outbox_dirty(o));
	assert_string_equal(kinds_in(o, OUTBOX_BACKFILL), ""); /* not durable yet */
	assert_int_equal(outbox_commit(o), 0);
	assert_false(outbox_dirty(o));
	assert_string_equal(kinds_in(o, OUTBOX_BACKFILL), "spp");
	assert_string_equal(kinds_in(o, OUTBOX_DISTRESS), "sp");
	/* The link is up: the live lane has not had the site. */
	begin_batch(4);
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	take(o, "ais1", OUTBOX_LIVE);
	assert_int_equal(outbox_commit(o), 0);
	assert_string_equal(kinds_in(o, OUTBOX_LIVE), "spp");
	assert_int_equal(outbox_cursor(o, "feed/ais1", EPOCH), 6);
	assert_int_equal(outbox_cursor(o, "feed/ais1", EPOCH + 1), 0);
	assert_int_equal(outbox_cursor(o, "feed/ais2", EPOCH), 0);
	outbox_close(o);
}

static void a_new_site_goes_ahead_again_and_survives_a_restart(void **state)
{
	struct outbox *o = open_outbox(0);
	begin_batch(0);
	add_site("ais1", 1);
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	add_site("ais1", 1); /* the same once more: nothing to say */
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	add_site("ais1", 2);
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	take(o, "ais1", OUTBOX_LIVE);
	assert_int_equal(outbox_commit(o), 0);
	assert_string_equal(kinds_in(o, OUTBOX_LIVE), "sppsp");
	outbox_close(o);

	o = open_outbox(0);
	begin_batch(6);
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	take(o, "ais1", OUTBOX_LIVE);
	assert_int_equal(outbox_commit(o), 0);
	assert_string_equal(kinds_in(o, OUTBOX_LIVE), "sppspsp");
	outbox_close(o);
}

static void copy_file(const char *from, const char *to)
{
	char cmd[300];
	snprintf(cmd, sizeof(cmd), "cp %s/%s %s/%s && rm -f %s/%s-wal %s/%s-shm", dir, from, dir,
		to, dir, to, dir, to);
	assert_int_equal(system(cmd), 0);
}

/* Killed between the two commits of one batch: distress is durable, the bulk lane is not. */
static void a_distress_call_sent_again_after_a_crash_is_skipped(void **state)
{
	struct outbox *o = open_outbox(0);
	outbox_close(o);
	copy_file("live.db", "live.before");
	o = open_outbox(0);
	begin_batch(0);
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	add_plot("ais1", PLOT_SENSOR_AIS, PLOT_DISTRESS_MOB);
	take(o, "ais1", OUTBOX_LIVE);
	assert_int_equal(outbox_commit(o), 0);
	outbox_close(o);
	copy_file("live.before", "live.db");

	o = open_outbox(0);
	assert_int_equal(outbox_cursor(o, "feed/ais1", EPOCH), 0);
	take(o, "ais1", OUTBOX_BACKFILL); /* and the link has gone down meanwhile */
	assert_int_equal(outbox_commit(o), 0);
	assert_string_equal(kinds_in(o, OUTBOX_DISTRESS), "p");
	assert_string_equal(kinds_in(o, OUTBOX_LIVE), "");
	assert_string_equal(kinds_in(o, OUTBOX_BACKFILL), "p");
	outbox_close(o);
}

static void what_a_feed_may_not_send_is_left_out(void **state)
{
	struct outbox *o = open_outbox(0);
	begin_batch(0);
	add_plot("radar1", PLOT_SENSOR_RADAR, 0); /* another's name */
	memcpy(bytes[1], "\xff\x00", 2);
	add(WIRE_PLOT, 2);
	add(WIRE_SITE, 2);
	add(WIRE_HEALTH, 2);
	add(WIRE_TRACK, 2); /* not a feed's to send */
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	take(o, "ais1", OUTBOX_LIVE);
	assert_int_equal(outbox_commit(o), 0);
	assert_string_equal(kinds_in(o, OUTBOX_LIVE), "p");
	assert_int_equal(outbox_cursor(o, "feed/ais1", EPOCH), 6);
	outbox_close(o);
}

static void health_leaves_with_the_hosts_name(void **state)
{
	struct outbox *o = open_outbox(0);
	struct wire_health h = {
		.process = "sensor", .feed = "ais1", .host = "forged", .time_ns = T0
	};
	struct ship_record rec;
	uint64_t last;
	begin_batch(0);
	add(WIRE_HEALTH, wire_put_health(bytes[0], sizeof(bytes[0]), &h));
	take(o, "ais1", OUTBOX_LIVE);
	assert_int_equal(outbox_commit(o), 0);
	assert_int_equal(outbox_read(o, OUTBOX_LIVE, 0, &rec, 1, 1000, &last), 1);
	assert_int_equal(wire_get_health(rec.data, rec.size, &h), 0);
	assert_string_equal(h.host, "mast1");
	assert_string_equal(h.process, "sensor");
	outbox_close(o);
}

static void what_was_acknowledged_is_trimmed_and_the_rest_stays(void **state)
{
	struct outbox *o = open_outbox(0);
	struct ship_record rec[8];
	uint64_t last, epoch, head;
	begin_batch(0);
	for (int i = 0; i < 5; i++)
		add_plot("ais1", PLOT_SENSOR_AIS, 0);
	take(o, "ais1", OUTBOX_LIVE);
	assert_int_equal(outbox_commit(o), 0);
	outbox_acked(o, OUTBOX_LIVE, 3);
	assert_int_equal(outbox_tick(o), 0);
	assert_int_equal(outbox_read(o, OUTBOX_LIVE, 0, rec, 8, 10000, &last), 2);
	assert_int_equal(rec[0].seq, 4);
	outbox_head(o, OUTBOX_LIVE, &epoch, &head);
	assert_int_equal(head, 5);
	assert_int_equal(outbox_renew(o, OUTBOX_LIVE, epoch + 7, T0), 0);
	outbox_head(o, OUTBOX_LIVE, &epoch, &head);
	assert_int_equal(epoch, T0 / CLOCK_NS_PER_S + 8);
	outbox_close(o);
}

static void the_budget_takes_radar_first_and_tells_the_reader_of_holes(void **state)
{
	struct outbox *o = open_outbox(1 << 20);
	struct ship_record rec[512];
	uint64_t prev = 0, after = 0, last, epoch, head, ais = 0, radar = 0, n_holes = 0;
	for (int i = 0; i < 60; i++) {
		begin_batch(prev);
		for (int k = 0; k < 300; k++)
			add_plot("radar1", PLOT_SENSOR_RADAR, k == 0 ? PLOT_DISTRESS_SART : 0);
		take(o, "radar1", OUTBOX_BACKFILL);
		prev = batch.last;
		begin_batch((uint64_t)i);
		add_plot("ais1", PLOT_SENSOR_AIS, 0);
		take(o, "ais1", OUTBOX_BACKFILL);
		assert_int_equal(outbox_commit(o), 0);
		assert_int_equal(outbox_tick(o), 0);
	}
	for (int i = 0; i < 5; i++)
		assert_int_equal(outbox_tick(o), 0);
	outbox_head(o, OUTBOX_BACKFILL, &epoch, &head);
	for (ssize_t n; after < head; after = last) {
		n = outbox_read(o, OUTBOX_BACKFILL, after, rec, 512, SHIP_BATCH_BYTES_MAX, &last);
		assert_true(n >= 0 && last > after);
		n_holes += last - after - (uint64_t)n;
		for (ssize_t i = 0; i < n; i++) {
			struct plot p;
			assert_int_equal(wire_get_plot(rec[i].data, rec[i].size, &p), 0);
			ais += p.sensor == PLOT_SENSOR_AIS;
			radar += p.sensor == PLOT_SENSOR_RADAR;
		}
	}
	assert_int_equal(ais, 60);
	assert_in_range(radar, 1000, 60 * 299 - 1);
	assert_int_equal(n_holes, 60 * 299 - radar);
	assert_int_equal(
		outbox_read(o, OUTBOX_DISTRESS, 0, rec, 512, SHIP_BATCH_BYTES_MAX, &last), 60);
	outbox_close(o);
}

static void a_damaged_lane_is_refused_by_its_path(void **state)
{
	struct outbox *o = NULL;
	char path[4096], want[128];
	snprintf(want, sizeof(want), "%s/live.db", dir);
	FILE *f = fopen(want, "we");
	assert_non_null(f);
	for (int i = 0; i < 300; i++)
		fputs("not a database ", f);
	fclose(f);
	assert_int_equal(outbox_open(dir, live_dir, "mast1", 0, T0, &o, path), -EBADMSG);
	assert_string_equal(path, want);
	assert_null(o);
}

static void sites_have_their_limits(void **state)
{
	static const uint8_t big[SITES_RECORD_MAX + 1];
	struct sites *s = NULL;
	char feed[16];
	size_t size;
	assert_int_equal(sites_open(dir, T0, &s), 0);
	assert_int_equal(sites_update(s, "a", big, sizeof(big), T0), -EMSGSIZE);
	for (int i = 0; i < SITES_FEEDS_MAX; i++) {
		snprintf(feed, sizeof(feed), "f%d", i);
		assert_int_equal(sites_update(s, feed, "x", 1, T0), 0);
	}
	assert_int_equal(sites_update(s, "one-more", "x", 1, T0), -ENOSPC);
	assert_non_null(sites_due(s, "f0", 1, &size));
	assert_null(sites_due(s, "f0", 1, &size));
	assert_null(sites_due(s, "nobody", 1, &size));
	sites_rollback(s);
	assert_non_null(sites_due(s, "f0", 1, &size));
	sites_close(s);
}

static int setup(void **state)
{
	strcpy(dir, "/tmp/outbox-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	strcpy(live_dir, dir);
	return 0;
}

static int remove_entry(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(name);
}

static int teardown(void **state)
{
	return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* Up to this version the live lane lay beside the others, on disk: nothing in it is lost by an upgrade. */
static void a_live_lane_on_disk_is_used_until_it_is_empty(void **state)
{
	char old[128], fresh[128];
	snprintf(old, sizeof(old), "%s/live.db", dir);
	struct outbox *o = open_outbox(0);
	begin_batch(0);
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	take(o, "ais1", OUTBOX_LIVE);
	assert_int_equal(outbox_commit(o), 0);
	outbox_close(o);
	snprintf(live_dir, sizeof(live_dir), "%s/run", dir);
	snprintf(fresh, sizeof(fresh), "%s/live.db", live_dir);
	assert_int_equal(mkdir(live_dir, 0700), 0);
	o = open_outbox(0);
	assert_string_equal(kinds_in(o, OUTBOX_LIVE), "pp");
	assert_int_equal(access(fresh, F_OK), -1);
	outbox_acked(o, OUTBOX_LIVE, 2);
	assert_int_equal(outbox_tick(o), 0);
	outbox_close(o);
	o = open_outbox(0);
	assert_int_equal(access(fresh, F_OK), 0);
	assert_int_equal(access(old, F_OK), -1);
	begin_batch(2);
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	take(o, "ais1", OUTBOX_LIVE);
	assert_int_equal(outbox_commit(o), 0);
	assert_string_equal(kinds_in(o, OUTBOX_LIVE), "p");
	outbox_close(o);
}

static void only_a_backlog_of_no_distress_may_wait(void **state)
{
	struct outbox *o = open_outbox(0);
	assert_false(outbox_urgent(o));
	begin_batch(0);
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	take(o, "ais1", OUTBOX_BACKFILL);
	assert_true(outbox_dirty(o));
	assert_false(outbox_urgent(o));
	/* A second's tick does not write what may wait. */
	assert_int_equal(outbox_tick(o), 0);
	assert_true(outbox_dirty(o));
	begin_batch(1);
	add_plot("ais1", PLOT_SENSOR_AIS, PLOT_DISTRESS_SART);
	take(o, "ais1", OUTBOX_BACKFILL);
	assert_true(outbox_urgent(o));
	assert_int_equal(outbox_commit(o), 0);
	assert_false(outbox_urgent(o));
	for (int i = 0; i < 1024; i += 256) {
		assert_false(outbox_urgent(o));
		begin_batch(2 + (uint64_t)i);
		for (int k = 0; k < 256; k++)
			add_plot("ais1", PLOT_SENSOR_AIS, 0);
		take(o, "ais1", OUTBOX_BACKFILL);
	}
	assert_true(outbox_urgent(o));
	assert_int_equal(outbox_commit(o), 0);
	begin_batch(2000);
	add_plot("ais1", PLOT_SENSOR_AIS, 0);
	take(o, "ais1", OUTBOX_LIVE);
	assert_true(outbox_urgent(o));
	outbox_close(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bulk_and_distress_go_their_ways_behind_the_site),
		TEST(a_new_site_goes_ahead_again_and_survives_a_restart),
		TEST(a_distress_call_sent_again_after_a_crash_is_skipped),
		TEST(what_a_feed_may_not_send_is_left_out),
		TEST(health_leaves_with_the_hosts_name),
		TEST(what_was_acknowledged_is_trimmed_and_the_rest_stays),
		TEST(the_budget_takes_radar_first_and_tells_the_reader_of_holes),
		TEST(a_damaged_lane_is_refused_by_its_path),
		TEST(a_live_lane_on_disk_is_used_until_it_is_empty),
		TEST(only_a_backlog_of_no_distress_may_wait),
		TEST(sites_have_their_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
