#include "common/clock.h"
#include "common/wire.h"
#include "fusion/store.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define T0 INT64_C(1700000000000000000)
#define TICK INT64_C(100000000)
#define ROWS 4    /* plots a tick */
#define TICKS 150 /* 15 s */
#define HOUR INT64_C(3600000000000)

static char base[64];

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

static int setup(void **state)
{
	/* A kill loses nothing of the page cache: memory will do, and does not wait for a disk. */
	strcpy(base, access("/dev/shm", W_OK) == 0 ? "/dev/shm/test-store-XXXXXX"
						   : "/tmp/test-store-XXXXXX");
	return mkdtemp(base) ? 0 : -1;
}

static int teardown(void **state)
{
	return nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *dir_named(const char *name)
{
	static char path[2][128];
	static int which;

	which = !which;
	snprintf(path[which], sizeof(path[which]), "%s/%s", base, name);
	return path[which];
}

/* Another number each life: it must not matter. */
static unsigned threads = 1;

static void config_for_test(struct tracker_config *c)
{
	tracker_defaults(c);
	c->threads = threads;
	strcpy(c->origin, "xt");
	c->lat_rad = 0.95;
	c->lon_rad = 0.2;
	c->max_tracks = 256;
	c->max_identities = 256;
	c->max_batch = 256;
}

/* Four vessels reporting in turn, one of them a beacon; every 50th plot is a minute late. */
static size_t make_plot(unsigned i, void *buf, size_t cap)
{
	struct plot p;
	unsigned k = i % 4;

	plot_init(&p, PLOT_POSITION, PLOT_SENSOR_AIS);
	strcpy(p.feed, "ais1");
	p.time_ns = T0 + (int64_t)(i / ROWS) * TICK - (i % 50 == 49 ? INT64_C(60000000000) : 0);
	p.recv_ns = p.time_ns + 1000;
	p.lat_rad = 0.95 + k * 1e-3 + (i % 7) * 1e-7;
	p.lon_rad = 0.2 + (double)(i / ROWS) * 1e-7 + (i % 5) * 1e-7;
	p.cov = (struct plot_cov2){ 100, 0, 100 };
	p.sog_mps = 5;
	p.cog_rad = 1.5;
	p.id_kind = PLOT_ID_MMSI;
	p.id = k == 3 ? 970012345 : 211000000 + k;
	p.distress = k == 3 ? PLOT_DISTRESS_SART : PLOT_DISTRESS_NONE;
	ssize_t n = wire_put_plot(buf, cap, &p);
	assert_true(n > 0);
	return (size_t)n;
}

/* Goes on from the cursor to the end: what a host and the service do together. */
static void work(const char *dir, struct store_report *ret_report)
{
	struct tracker_config c;
	struct store *s;
	uint64_t epoch, seq;

	config_for_test(&c);
	assert_int_equal(store_open(dir, &c, HOUR, 10 * HOUR, T0, &s, ret_report), 0);
	(void)journal_cursor(store_journal(s), "mast1", "live", &epoch, &seq);
	for (; seq < TICKS * ROWS; seq += ROWS) {
		int64_t now = T0 + (int64_t)(seq / ROWS + 1) * TICK;
		for (unsigned i = 0; i < ROWS; i++) {
			uint8_t buf[WIRE_OBJECT_MAX];
			size_t n = make_plot((unsigned)seq + i, buf, sizeof(buf));
			struct journal_row row = { .recv_ns = now,
				.origin = "mast1",
				.lane = "live",
				.epoch = 7,
				.seq = seq + i + 1,
				.kind = WIRE_PLOT,
				.data = buf,
				.size = n };
			struct plot p;
			assert_int_equal(wire_get_plot(buf, n, &p), 0);
			row.late = store_late(s, p.time_ns);
			assert_int_equal(store_row(s, &row, now), 0);
		}
		assert_int_equal(
			journal_cursor_set(store_journal(s), "mast1", "live", 7, seq + ROWS), 0);
		assert_int_equal(store_tick(s, now), 0);
	}
	store_close(s, false);
}

/* Kills until it has got through, which takes @calm_us when nobody kills. Return: how many lives it took. */
static int work_under_fire(const char *dir, unsigned seed, int64_t calm_us)
{
	for (int lives = 1;; lives++) {
		threads = 1 + (unsigned)lives % 3;
		pid_t pid = fork();
		if (pid == 0) {
			struct store_report report;
			work(dir, &report);
			_exit(report.differences ? 3 : 0);
		}
		seed = seed * 1103515245u + 12345u;
		/* A fifth of the work at most; later lives get longer, so that it ends. */
		usleep((useconds_t)((seed >> 16) % 1000 * calm_us / 5000 + lives * calm_us / 40));
		kill(pid, SIGKILL);
		int status;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status)) {
			assert_int_equal(WEXITSTATUS(status), 0);
			return lives;
		}
	}
}

struct digest {
	uint64_t rows, sum;
};

static uint64_t mix(uint64_t h, const void *data, size_t size)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < size; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return h;
}

static struct digest log_digest(const char *dir)
{
	struct tracklog *l;
	struct digest d = { 0, 1 };
	struct ship_record r[64];
	uint64_t at = 0;
	ssize_t n;

	assert_int_equal(tracklog_open(dir, T0, &l), 0);
	while ((n = shiplog_read(tracklog_tracks(l), at, r, 64, 1 << 20)) > 0)
		for (ssize_t i = 0; i < n; i++) {
			assert_int_equal(r[i].seq, at + 1); /* no gap */
			at = r[i].seq;
			d.rows++;
			d.sum = mix(d.sum, r[i].data, r[i].size);
		}
	tracklog_close(l);
	return d;
}

static int digest_row(void *user, const struct journal_row *row)
{
	struct digest *d = user;

	assert_int_equal(row->jseq, d->rows + 1);
	d->rows++;
	d->sum = mix(d->sum, row->data, row->size);
	d->sum = mix(d->sum, &row->seq, sizeof(row->seq));
	return 0;
}

static struct digest journal_digest(const char *dir)
{
	struct digest d = { 0, 1 };
	char path[160];

	snprintf(path, sizeof(path), "%s/journal", dir);
	assert_int_equal(journal_read(path, 0, NULL, digest_row, &d), 0);
	return d;
}

static void killed_anywhere_it_loses_and_doubles_nothing(void **state)
{
	const char *calm = dir_named("calm"), *fire = dir_named("fire");
	struct store_report report;

	assert_int_equal(mkdir(calm, 0700) | mkdir(fire, 0700), 0);
	int64_t begin_ns = clock_mono_ns();
	work(calm, &report);
	assert_true(report.fresh);
	int lives = work_under_fire(fire, 4711, (clock_mono_ns() - begin_ns) / 1000);
	assert_true(lives > 3);

	struct digest a = journal_digest(calm), b = journal_digest(fire);
	assert_int_equal(a.rows, TICKS * (ROWS + 1) + 1);
	assert_int_equal(a.rows, b.rows);
	assert_int_equal(a.sum, b.sum);
	a = log_digest(calm);
	b = log_digest(fire);
	assert_true(a.rows > 100);
	assert_int_equal(a.rows, b.rows);
	assert_int_equal(a.sum, b.sum);
}

static void restart_continues_from_the_checkpoint(void **state)
{
	const char *dir = dir_named("calm");
	struct tracker_config c;
	struct store_report report;
	struct store *s;
	struct digest before = log_digest(dir);

	/* The first opening replays all, the second what followed the checkpoint of the first. */
	config_for_test(&c);
	assert_int_equal(store_open(dir, &c, HOUR, HOUR, T0, &s, &report), 0);
	assert_false(report.fresh);
	assert_int_equal(report.differences, 0);
	store_close(s, true);
	assert_int_equal(store_open(dir, &c, HOUR, HOUR, T0, &s, &report), 0);
	assert_true(report.from_checkpoint);
	assert_int_equal(report.rows, 0);
	assert_int_equal(report.differences, 0);
	assert_int_equal(tracker_tracks(engine_tracker(store_engine(s))), 4);
	store_close(s, false);
	assert_int_equal(log_digest(dir).sum, before.sum);
}

static void restored_copy_begins_a_new_epoch_and_keeps_its_rows(void **state)
{
	const char *dir = dir_named("restored");
	struct tracker_config c;
	struct store_report report;
	struct store *s;

	assert_int_equal(mkdir(dir, 0700), 0);
	work(dir, &report);
	config_for_test(&c);
	assert_int_equal(store_open(dir, &c, HOUR, HOUR, T0, &s, &report), 0);
	uint32_t epoch = journal_epoch(store_journal(s));
	uint64_t log_epoch = shiplog_epoch(tracklog_tracks(store_log(s)));
	uint64_t head = journal_head(store_journal(s)), tracks = shiplog_head(tracklog_tracks(store_log(s)));
	uint32_t births = tracker_next_birth(engine_tracker(store_engine(s)));
	assert_int_equal(store_renew(s, log_epoch + 500, T0), 0);
	store_close(s, false);

	assert_int_equal(store_open(dir, &c, HOUR, HOUR, T0, &s, &report), 0);
	assert_true(report.restarted);
	assert_int_equal(report.differences, 0);
	assert_int_equal(journal_epoch(store_journal(s)), epoch + 1); /* the test's clock stands still */
	assert_int_equal(journal_head(store_journal(s)), head + 1);   /* the new configuration row */
	assert_int_equal(shiplog_epoch(tracklog_tracks(store_log(s))), log_epoch + 501);
	assert_int_equal(shiplog_epoch(tracklog_feeds(store_log(s))), log_epoch + 501);
	assert_int_equal(shiplog_head(tracklog_tracks(store_log(s))), tracks + 4); /* the ends of the old ones */
	assert_int_equal(tracker_tracks(engine_tracker(store_engine(s))), 0);
	assert_true(tracker_next_birth(engine_tracker(store_engine(s))) >= births);
	store_close(s, false);
	/* For good: the next start is none. */
	assert_int_equal(store_open(dir, &c, HOUR, HOUR, T0, &s, &report), 0);
	assert_false(report.restarted);
	assert_int_equal(report.differences, 0);
	store_close(s, false);
}

static void damaged_checkpoint_is_passed_over(void **state)
{
	const char *dir = dir_named("calm");
	struct tracker_config c;
	struct store_report report;
	struct store *s;
	char path[160];

	snprintf(path, sizeof(path), "%s/checkpoint", dir);
	FILE *f = fopen(path, "r+");
	assert_non_null(f);
	fseek(f, 5000, SEEK_SET);
	fputs("garbage", f);
	fclose(f);
	config_for_test(&c);
	assert_int_equal(store_open(dir, &c, HOUR, HOUR, T0, &s, &report), 0);
	assert_false(report.from_checkpoint);
	assert_int_equal(report.differences, 0);
	assert_int_equal(tracker_tracks(engine_tracker(store_engine(s))), 4);
	store_close(s, false);
}

static void lost_track_log_is_filled_again(void **state)
{
	const char *dir = dir_named("calm");
	struct tracker_config c;
	struct store_report report;
	struct store *s;
	char path[160];

	config_for_test(&c);
	assert_int_equal(store_open(dir, &c, HOUR, HOUR, T0, &s, &report), 0);
	store_close(s, true);
	snprintf(path, sizeof(path), "%s/tracks.db", dir);
	unlink(path);
	assert_int_equal(store_open(dir, &c, HOUR, HOUR, T0 + HOUR, &s, &report), 0);
	assert_true(report.from_checkpoint);
	assert_int_equal(store_tick(s, T0 + (TICKS + 1) * TICK), 0);
	assert_int_equal(shiplog_head(tracklog_tracks(store_log(s))), 4);
	store_close(s, false);
}

static void new_settings_start_a_tracker_whose_births_go_on(void **state)
{
	const char *dir = dir_named("fire");
	struct tracker_config c;
	struct store_report report;
	struct store *s;

	config_for_test(&c);
	c.detection = 0.8;
	assert_int_equal(store_open(dir, &c, HOUR, HOUR, T0, &s, &report), 0);
	assert_true(report.restarted);
	assert_int_equal(report.differences, 0);
	struct tracker *t = engine_tracker(store_engine(s));
	assert_int_equal(tracker_tracks(t), 0);
	assert_int_equal(tracker_next_birth(t), 5);
	store_close(s, false);

	/* The last versions of the old tracks say that they are dropped, and replay agrees. */
	assert_int_equal(store_open(dir, &c, HOUR, HOUR, T0, &s, &report), 0);
	assert_false(report.restarted);
	assert_int_equal(report.differences, 0);
	struct ship_record r;
	struct shiplog *log = tracklog_tracks(store_log(s));
	assert_int_equal(shiplog_read(log, shiplog_head(log) - 1, &r, 1, 1 << 20), 1);
	struct track k;
	assert_int_equal(wire_get_track(r.data, r.size, &k), 0);
	assert_int_equal(k.state, TRACK_DROPPED);
	store_close(s, false);
}

static void slices_turn_and_old_ones_go(void **state)
{
	const char *dir = dir_named("slices");
	struct tracker_config c;
	struct store_report report;
	struct store *s;

	mkdir(dir, 0700);
	config_for_test(&c);
	int64_t slice = 2000000000;
	assert_int_equal(store_open(dir, &c, slice, 3 * slice, T0, &s, &report), 0);
	for (unsigned i = 0; i < TICKS; i++) {
		uint8_t buf[WIRE_OBJECT_MAX];
		size_t n = make_plot(i * 4, buf, sizeof(buf));
		int64_t now = T0 + (int64_t)(i + 1) * TICK;
		struct journal_row row = { .recv_ns = now,
			.origin = "mast1",
			.lane = "live",
			.epoch = 1,
			.seq = i + 1,
			.kind = WIRE_PLOT,
			.data = buf,
			.size = n };
		assert_int_equal(store_row(s, &row, now), 0);
		assert_int_equal(
			journal_cursor_set(store_journal(s), "mast1", "live", 1, i + 1), 0);
		assert_int_equal(store_tick(s, now), 0);
	}
	assert_int_equal(journal_slices(store_journal(s)), 4);
	assert_true(journal_tail(store_journal(s)) > 1);
	store_close(s, false);

	/* Without a checkpoint: from the oldest slice's own state. */
	char path[160];
	snprintf(path, sizeof(path), "%s/checkpoint", dir);
	unlink(path);
	assert_int_equal(store_open(dir, &c, slice, 3 * slice, T0, &s, &report), 0);
	assert_false(report.from_checkpoint);
	assert_int_equal(report.differences, 0);
	assert_true(report.rows > 0 && report.rows < TICKS * 2);
	uint64_t epoch, seq;
	assert_true(journal_cursor(store_journal(s), "mast1", "live", &epoch, &seq));
	assert_int_equal(seq, TICKS);
	store_close(s, false);
}

static unsigned sites_in_feed_log(struct store *s)
{
	struct ship_record r[256];
	struct shiplog *log = tracklog_feeds(store_log(s));
	unsigned sites = 0;
	uint64_t after = 0;
	ssize_t n;

	while ((n = shiplog_read(log, after, r, 256, 1 << 20)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			sites += r[i].kind == WIRE_SITE;
		after = r[n - 1].seq;
	}
	return sites;
}

/* An hour of Slice= is never over here; only the budget makes slices, and takes them. */
static void budget_takes_the_oldest_slices_and_no_site(void **state)
{
	const char *dir = dir_named("budget");
	struct tracker_config c;
	struct store_report report;
	struct store *s;
	static uint8_t ballast[WIRE_OBJECT_MAX];
	uint8_t buf[WIRE_OBJECT_MAX];
	struct site site = { .feed = "ais1", .sensor = PLOT_SENSOR_AIS, .version = 1, .lat_rad = 0.95, .lon_rad = 0.2,
		.max_range_m = 60000 };

	mkdir(dir, 0700);
	config_for_test(&c);
	assert_int_equal(store_open(dir, &c, 1000 * HOUR, 100000 * HOUR, T0, &s, &report), 0);
	store_budget(s, 4 << 20);
	for (unsigned i = 0; i < 40; i++) {
		int64_t now = T0 + (int64_t)(i + 1) * INT64_C(31000000000);
		for (unsigned k = 0; k < 128; k++) {
			struct journal_row row = { .recv_ns = now, .origin = "mast1", .lane = "live", .epoch = 1,
				.seq = i * 128 + k + 1, .kind = WIRE_HEALTH, .data = ballast, .size = sizeof(ballast) };
			if (!i && !k) {
				row.kind = WIRE_SITE;
				row.data = buf;
				row.size = (size_t)wire_put_site(buf, sizeof(buf), &site);
			}
			assert_int_equal(store_row(s, &row, now), 0);
		}
		assert_int_equal(store_tick(s, now), 0);
	}
	assert_true(store_dropped(s) > 0);
	/* Looked at every 30 s: what came since is on top. */
	assert_true(store_bytes(s) <= 6 << 20);
	assert_true(journal_tail(store_journal(s)) > 1);
	assert_in_range(journal_slices(store_journal(s)), 2, 8);
	assert_int_equal(sites_in_feed_log(s), 1);
	store_close(s, false);
}

static void second_writer_is_refused(void **state)
{
	struct tracker_config c;
	struct store_report report;
	struct store *s, *other;
	const char *dir = dir_named("calm");

	config_for_test(&c);
	assert_int_equal(store_open(dir, &c, HOUR, HOUR, T0, &s, &report), 0);
	assert_int_equal(store_open(dir, &c, HOUR, HOUR, T0, &other, &report), -EBUSY);
	store_close(s, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_anywhere_it_loses_and_doubles_nothing),
		cmocka_unit_test(restart_continues_from_the_checkpoint),
		cmocka_unit_test(damaged_checkpoint_is_passed_over),
		cmocka_unit_test(lost_track_log_is_filled_again),
		cmocka_unit_test(new_settings_start_a_tracker_whose_births_go_on),
		cmocka_unit_test(slices_turn_and_old_ones_go),
		cmocka_unit_test(budget_takes_the_oldest_slices_and_no_site),
		cmocka_unit_test(second_writer_is_refused),
		cmocka_unit_test(restored_copy_begins_a_new_epoch_and_keeps_its_rows),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
