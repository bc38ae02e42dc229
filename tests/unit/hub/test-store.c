#include "hub/store.h"
#include "hub/db.h"
#include "tests/assert_near.h"
#include "tests/unit/hub/fixture.h"

#include <cmocka.h>
#include <errno.h>

#define DAY_NS (INT64_C(86400) * 1000000000)
#define STEP_NS INT64_C(2000000000)

struct world {
	char *dir, path[64];
	struct store *s;
};

static int start(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	w->dir = fixture_dir();
	snprintf(w->path, sizeof(w->path), "%s/picture.db", w->dir);
	assert_int_equal(store_open(w->path, &w->s), 0);
	*state = w;
	return 0;
}

static int stop(void **state)
{
	struct world *w = *state;
	store_close(w->s);
	fixture_remove(w->dir);
	free(w);
	return 0;
}

static void reopen(struct world *w)
{
	store_close(w->s);
	assert_int_equal(store_open(w->path, &w->s), 0);
}

static int put(struct world *w, uint32_t birth, uint64_t version, int64_t time_ns, enum track_state st)
{
	struct track t = fixture_track(birth, version, 54.5, 11);
	t.time_ns = time_ns;
	t.state = st;
	return store_put_track(w->s, &t, "bytes", 5, false, STEP_NS);
}

static int count(void *user, const void *data, size_t size, bool foreign)
{
	assert_int_equal(size, 5);
	++*(unsigned *)user;
	return 0;
}

static unsigned tracks(struct world *w)
{
	unsigned n = 0;
	assert_int_equal(store_each_track(w->s, count, &n), 0);
	return n;
}

static ssize_t trail(struct world *w, uint32_t birth, struct store_point *p, size_t max)
{
	return store_trail(w->s, &(struct track_id){ "xa", 1, birth }, 211000000 + birth, FIXTURE_NS - 3 * DAY_NS, FIXTURE_NS + DAY_NS, p, max);
}

static void data_and_cursor_come_and_go_together(void **state)
{
	struct world *w = *state;
	uint64_t epoch = 0, seq = 0;
	assert_int_equal(store_cursor(w->s, "fusion/tracks", &epoch, &seq), -ENOENT);
	assert_int_equal(put(w, 1, 1, FIXTURE_NS, TRACK_CONFIRMED), 0);
	assert_int_equal(store_put_cursor(w->s, "fusion/tracks", 7, 100), 0);
	assert_true(store_open_puts(w->s));
	assert_int_equal(store_commit(w->s), 0);
	assert_int_equal(put(w, 2, 1, FIXTURE_NS, TRACK_CONFIRMED), 0);
	assert_int_equal(store_put_cursor(w->s, "fusion/tracks", 7, 200), 0);
	store_rollback(w->s);
	assert_int_equal(store_cursor(w->s, "fusion/tracks", &epoch, &seq), 0);
	assert_int_equal(epoch, 7);
	assert_int_equal(seq, 100);
	assert_int_equal(tracks(w), 1);
	/* The day's table was made in the transaction that is gone. */
	assert_int_equal(put(w, 2, 1, FIXTURE_NS + DAY_NS, TRACK_CONFIRMED), 0);
	store_rollback(w->s);
	assert_int_equal(put(w, 2, 1, FIXTURE_NS + DAY_NS, TRACK_CONFIRMED), 0);
	reopen(w);
	assert_int_equal(tracks(w), 2);
}

static void an_older_version_never_comes_back(void **state)
{
	struct world *w = *state;
	assert_int_equal(put(w, 1, 5, FIXTURE_NS, TRACK_CONFIRMED), 0);
	assert_int_equal(put(w, 1, 5, FIXTURE_NS, TRACK_CONFIRMED), -ESTALE);
	assert_int_equal(put(w, 1, 4, FIXTURE_NS, TRACK_CONFIRMED), -ESTALE);
	assert_int_equal(put(w, 1, 6, FIXTURE_NS, TRACK_DROPPED), 0);
	assert_int_equal(tracks(w), 0);
	assert_int_equal(put(w, 1, 5, FIXTURE_NS, TRACK_CONFIRMED), -ESTALE);
	reopen(w);
	assert_int_equal(put(w, 1, 6, FIXTURE_NS, TRACK_CONFIRMED), -ESTALE);
	/* Its vessel has come back. */
	assert_int_equal(put(w, 1, 7, FIXTURE_NS, TRACK_CONFIRMED), 0);
	assert_int_equal(tracks(w), 1);
}

static void a_withdrawal_outlives_what_is_older_and_not_what_is_newer(void **state)
{
	struct world *w = *state;
	struct wire_withdraw wd = { .id = { "xa", 1, 1 }, .version = 9, .time_ns = FIXTURE_NS };
	assert_int_equal(put(w, 1, 5, FIXTURE_NS, TRACK_CONFIRMED), 0);
	assert_int_equal(store_withdraw(w->s, &wd), 0);
	assert_int_equal(tracks(w), 0);
	assert_int_equal(put(w, 1, 9, FIXTURE_NS, TRACK_CONFIRMED), -ESTALE);
	assert_int_equal(put(w, 1, 10, FIXTURE_NS, TRACK_CONFIRMED), 0);
	assert_int_equal(store_withdraw(w->s, &wd), -ESTALE);
	assert_int_equal(tracks(w), 1);
}

static void history_keeps_one_version_a_step_and_every_change_of_state(void **state)
{
	struct world *w = *state;
	struct store_point p[64];
	for (uint64_t v = 1; v <= 11; v++)
		assert_int_equal(put(w, 1, v, FIXTURE_NS + (int64_t)v * 500000000, TRACK_CONFIRMED), 0);
	assert_int_equal(trail(w, 1, p, 64), 3); /* at 0.5, 2.5 and 4.5 s */
	assert_int_equal(put(w, 1, 12, FIXTURE_NS + INT64_C(5600000000), TRACK_COASTING), 0);
	assert_int_equal(trail(w, 1, p, 64), 4);
	assert_near(p[3].lat_e7, 545000000, 0);
	assert_near(p[3].sog_mps, 5, 1e-9);
	assert_near(p[3].cog_deg, 36.8699, 1e-3);
}

static void a_trail_crosses_days_holds_late_plots_and_keeps_the_youngest(void **state)
{
	struct world *w = *state;
	struct store_point p[8];
	struct plot late;
	for (uint64_t v = 1; v <= 5; v++)
		assert_int_equal(put(w, 1, v, FIXTURE_NS - (5 - (int64_t)v) * DAY_NS / 4, TRACK_CONFIRMED), 0);
	plot_init(&late, PLOT_POSITION, PLOT_SENSOR_AIS);
	late.id_kind = PLOT_ID_MMSI;
	late.id = 211000001;
	late.time_ns = FIXTURE_NS - DAY_NS / 8;
	late.lat_rad = 54.4 * GEO_DEG;
	late.lon_rad = 11 * GEO_DEG;
	assert_int_equal(store_put_late(w->s, &late, "p", 1, 3, 9), 0);
	assert_int_equal(store_put_late(w->s, &late, "p", 1, 3, 9), 0); /* repeated after a kill: once in effect */
	late.time_ns = 0;
	assert_int_equal(store_put_late(w->s, &late, "p", 1, 3, 10), -ERANGE);
	assert_int_equal(store_late_count(w->s), 1);
	assert_int_equal(trail(w, 1, p, 8), 6);
	assert_true(p[4].late);
	for (int i = 1; i < 6; i++)
		assert_true(p[i].time_ns > p[i - 1].time_ns);
	assert_int_equal(trail(w, 1, p, 2), 2);
	assert_true(p[0].late);
	assert_int_equal(p[1].time_ns, FIXTURE_NS);
}

static void old_days_are_dropped_whole_and_only_they(void **state)
{
	struct world *w = *state;
	struct store_point p[64];
	for (uint64_t v = 1; v <= 40; v++)
		assert_int_equal(put(w, 1, v, FIXTURE_NS - (40 - (int64_t)v) * DAY_NS, TRACK_CONFIRMED), 0);
	assert_int_equal(store_retain(w->s, FIXTURE_NS, 30 * DAY_NS), 18); /* 9 days, history and late */
	ssize_t n = store_trail(w->s, &(struct track_id){ "xa", 1, 1 }, 0, FIXTURE_NS - 100 * DAY_NS, FIXTURE_NS, p, 64);
	assert_int_equal(n, 31);
	assert_int_equal(p[0].time_ns, FIXTURE_NS - 30 * DAY_NS);
	assert_int_equal(store_retain(w->s, FIXTURE_NS, 30 * DAY_NS), 0);
	assert_int_equal(put(w, 1, 41, FIXTURE_NS - 35 * DAY_NS, TRACK_COASTING), 0); /* its day is made again */
	assert_int_equal(tracks(w), 1);
}

static void a_budget_takes_the_oldest_days_and_leaves_the_last_two(void **state)
{
	struct world *w = *state;
	struct store_point p[64];
	for (uint64_t v = 1; v <= 40; v++)
		assert_int_equal(put(w, 1, v, FIXTURE_NS - (40 - (int64_t)v) * DAY_NS, TRACK_CONFIRMED), 0);
	assert_int_equal(store_shrink(w->s, FIXTURE_NS, 0), 0);
	uint64_t all = store_bytes(w->s);
	assert_int_equal(store_shrink(w->s, FIXTURE_NS, all), 0);
	assert_true(store_shrink(w->s, FIXTURE_NS, all - all / 4) > 0);
	assert_true(store_bytes(w->s) <= all - all / 4);
	ssize_t n = store_trail(w->s, &(struct track_id){ "xa", 1, 1 }, 0, FIXTURE_NS - 100 * DAY_NS, FIXTURE_NS, p, 64);
	assert_in_range(n, 2, 39);
	assert_int_equal(p[n - 1].time_ns, FIXTURE_NS);
	for (ssize_t i = 1; i < n; i++) /* the oldest went, nothing in between */
		assert_int_equal(p[i].time_ns - p[i - 1].time_ns, DAY_NS);
	/* A budget that cannot be kept takes all but yesterday and today. */
	assert_true(store_shrink(w->s, FIXTURE_NS, 1) > 0);
	assert_int_equal(store_trail(w->s, &(struct track_id){ "xa", 1, 1 }, 0, FIXTURE_NS - 100 * DAY_NS, FIXTURE_NS, p, 64), 2);
	assert_int_equal(tracks(w), 1);
}

static void an_older_epoch_is_gone_from_the_present(void **state)
{
	struct world *w = *state;
	assert_int_equal(put(w, 1, 1, FIXTURE_NS, TRACK_CONFIRMED), 0);
	assert_int_equal(store_forget_epochs(w->s, "xa", 2), 1);
	assert_int_equal(tracks(w), 0);
}

static int take_site(void *user, const char *origin, const void *data, size_t size)
{
	assert_string_equal(origin, "xa");
	snprintf(user, 16, "%.*s", (int)size, (const char *)data);
	return 0;
}

static void a_site_is_its_newest_version(void **state)
{
	struct world *w = *state;
	struct site s = { .feed = "radar1", .version = 2 };
	char text[16];
	assert_int_equal(store_put_site(w->s, "xa", &s, "two", 3), 0);
	s.version = 1;
	assert_int_equal(store_put_site(w->s, "xa", &s, "one", 3), 0);
	assert_int_equal(store_each_site(w->s, take_site, text), 0);
	assert_string_equal(text, "two");
}

static void the_audit_trail_cannot_be_changed(void **state)
{
	struct world *w = *state;
	assert_int_equal(store_audit(w->s, FIXTURE_NS, "officer", "acknowledge", "alarm/1", ""), 0);
	assert_int_equal(store_commit(w->s), 0);
	sqlite3 *db;
	assert_int_equal(sqlite3_open(w->path, &db), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "UPDATE audit SET who = 'nobody'", NULL, NULL, NULL), SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(db, "DELETE FROM audit", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(data_and_cursor_come_and_go_together, start, stop),
		cmocka_unit_test_setup_teardown(an_older_version_never_comes_back, start, stop),
		cmocka_unit_test_setup_teardown(a_withdrawal_outlives_what_is_older_and_not_what_is_newer, start, stop),
		cmocka_unit_test_setup_teardown(history_keeps_one_version_a_step_and_every_change_of_state, start, stop),
		cmocka_unit_test_setup_teardown(a_trail_crosses_days_holds_late_plots_and_keeps_the_youngest, start, stop),
		cmocka_unit_test_setup_teardown(old_days_are_dropped_whole_and_only_they, start, stop),
		cmocka_unit_test_setup_teardown(a_budget_takes_the_oldest_days_and_leaves_the_last_two, start, stop),
		cmocka_unit_test_setup_teardown(an_older_epoch_is_gone_from_the_present, start, stop),
		cmocka_unit_test_setup_teardown(a_site_is_its_newest_version, start, stop),
		cmocka_unit_test_setup_teardown(the_audit_trail_cannot_be_changed, start, stop),
	};
	return cmocka_run_group_tests_name("hub-store", tests, NULL, NULL);
}
