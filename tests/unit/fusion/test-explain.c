#include "fusion/explain_ring.h"
#include "fusion/tracker.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define T0 INT64_C(1700000000000000000)
#define TICK INT64_C(100000000)
#define SCAN INT64_C(2500000000)
#define TICKS 1200 /* two minutes */
#define VESSELS 12
#define ROWS_MAX 20000
#define NOTES_MAX 100000
#define BIRTHS_MAX 20000

/* --- a sea: two radars, AIS through two receivers, a camera, clutter, things that cannot be --- */

struct run {
	struct tracker *t;
	struct explain_note *notes;
	size_t n;
	char (*feeds)[PLOT_FEED_MAX];
	uint32_t row;
	uint64_t published, digest, checked;
	uint32_t *fates; /* by birth: notes of plots that it took, those of absorbed tracks included */
	uint64_t seed;
};

/* xorshift64: Marsaglia, J. Statistical Software 8 (2003). */
static double uniform(struct run *r)
{
	r->seed ^= r->seed << 13;
	r->seed ^= r->seed >> 7;
	r->seed ^= r->seed << 17;
	return (double)(r->seed >> 11) * 0x1p-53;
}

static double noise(struct run *r)
{
	return uniform(r) + uniform(r) + uniform(r) + uniform(r) - 2; /* sigma 0.58 */
}

static void on_note(void *user, const struct explain_note *note)
{
	struct run *r = user;

	assert_true(r->n < NOTES_MAX && note->birth < BIRTHS_MAX && note->what < _EXPLAIN_WHAT_MAX);
	r->notes[r->n] = *note;
	memcpy(r->feeds[r->n], note->feed, strlen(note->feed) + 1);
	r->notes[r->n].feed = r->feeds[r->n];
	r->n++;
	if (explain_is_fate(note->what))
		r->fates[note->birth]++;
	if (note->what == EXPLAIN_ABSORBED)
		r->fates[note->birth] += r->fates[note->ref];
}

static void on_track(void *user, const struct track *k)
{
	struct run *r = user;
	uint32_t plots = 0;

	for (unsigned i = 0; i < k->n_sources; i++)
		plots += k->sources[i].plots;
	for (unsigned i = 0; i < 10; i++)
		r->digest = r->digest * 1099511628211u ^ (uint64_t)(k->cov[i] * 1e6);
	r->digest = r->digest * 1099511628211u ^ (uint64_t)(k->lat_rad * 1e12) ^ (uint64_t)(k->existence * 1e9);
	r->published++;
	if (!r->notes)
		return;
	/* Every plot that a published version has in it was said to be its. */
	assert_int_equal(plots, r->fates[k->id.birth]);
	r->checked++;
}

static void give(struct run *r, struct tracker_input *m)
{
	m->row = ++r->row;
	m->recv_ns = m->in.time_ns;
	tracker_input(r->t, m);
}

static void radar_scan(struct run *r, uint32_t station, int64_t now)
{
	double s = (double)(now - T0) * 1e-9;

	for (unsigned i = 0; i < VESSELS + 6; i++) {
		struct tracker_input m = { .in.time_ns = now, .station = station };
		bool vessel = i < VESSELS;
		if (vessel && uniform(r) > 0.85)
			continue;
		/* Two of them pass close by each other. */
		m.in.x_m = vessel ? -4000 + 600.0 * i + 8 * s + 25 * noise(r) : 8000 * (uniform(r) - 0.5);
		m.in.y_m = vessel ? (i == 1 ? 900 - 15 * s : 150.0 * (i % 3)) + 25 * noise(r) : 8000 * (uniform(r) - 0.5);
		m.in.cov = (struct filter_cov2){ 225, 0, 225 };
		give(r, &m);
		/* Now and then a second echo of a mast. */
		m.in.x_m += 40;
		if (i == 7 && uniform(r) < 0.2)
			give(r, &m);
	}
	tracker_sweep(r->t, station, now);
}

static void report(struct run *r, unsigned i, int64_t now)
{
	double s = (double)(now - T0) * 1e-9;
	struct tracker_input m = { .in.time_ns = now, .station = 2, .id_kind = PLOT_ID_MMSI, .id = 211000001 + i };

	m.in.x_m = -4000 + 600.0 * i + 8 * s + 10 * noise(r);
	m.in.y_m = (i == 1 ? 900 - 15 * s : 150.0 * (i % 3)) + 10 * noise(r);
	m.in.cov = (struct filter_cov2){ 100, 0, 100 };
	/* A liar, now and then. */
	if (i == 5 && uniform(r) < 0.3)
		m.in.x_m += 30000;
	give(r, &m);
	/* Through the other receiver as well. */
	m.station = 3;
	if (i == 4)
		give(r, &m);
}

static void camera(struct run *r, int64_t now)
{
	double s = (double)(now - T0) * 1e-9;
	struct tracker_input m = { .in.time_ns = now, .station = 4 };

	m.in.kind = FILTER_BEARING;
	m.in.sx_m = 0;
	m.in.sy_m = -5000;
	m.in.azimuth_rad = atan2(-4000 + 8 * s, 5000);
	/* Every other time too wide to tell one vessel from the next. */
	m.in.azimuth_sigma_rad = now / SCAN % 2 ? 0.1 : 0.005;
	give(r, &m);
}

static void bad_ones(struct run *r, int64_t now)
{
	struct tracker_input m = { .in.time_ns = now - 30 * SCAN, .in.cov = { 100, 0, 100 } };

	give(r, &m);
	m.in.time_ns = now + 30 * SCAN;
	give(r, &m);
	m.in.time_ns = now;
	m.in.x_m = NAN;
	give(r, &m);
	m.station = 99;
	give(r, &m);
}

static void place(struct run *r)
{
	static const char *const names[] = { "radar1", "radar2", "ais1", "ais2", "eye1" };
	static const enum plot_sensor sensors[] = { PLOT_SENSOR_RADAR, PLOT_SENSOR_RADAR, PLOT_SENSOR_AIS, PLOT_SENSOR_AIS,
		PLOT_SENSOR_CAMERA };
	struct site site = { .scan_period_ns = SCAN, .max_range_m = 20000, .range_sigma_m = 15, .azimuth_sigma_rad = 0.003 };

	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(tracker_station(r->t, names[i], sensors[i]), i);
		if (sensors[i] != PLOT_SENSOR_AIS)
			tracker_station_place(r->t, i, 0, -5000, 0, &site);
	}
}

static void sail(struct run *r, bool explained)
{
	struct tracker_config c;

	*r = (struct run){ .seed = 88172645463325252u, .digest = 14695981039346656037u };
	tracker_defaults(&c);
	memcpy(c.origin, "xt", 3);
	c.lat_rad = 0.95;
	c.lon_rad = 0.2;
	c.max_tracks = 512;
	c.max_batch = 256;
	assert_int_equal(tracker_new(&c, on_track, r, &r->t), 0);
	if (explained) {
		r->notes = calloc(NOTES_MAX, sizeof(*r->notes));
		r->feeds = calloc(NOTES_MAX, sizeof(*r->feeds));
		r->fates = calloc(BIRTHS_MAX, sizeof(*r->fates));
		assert_true(r->notes && r->feeds && r->fates);
		assert_int_equal(tracker_explain(r->t, on_note, r), 0);
	}
	place(r);
	for (unsigned k = 0; k < TICKS; k++) {
		int64_t now = T0 + k * TICK;
		if (k % 25 == 3 || k % 25 == 14)
			radar_scan(r, k % 25 == 14, now);
		report(r, k % 60 % VESSELS, now);
		if (k % 3 == 0)
			camera(r, now);
		if (k % 200 == 199)
			bad_ones(r, now);
		tracker_tick(r->t, now);
	}
}

static void land(struct run *r)
{
	tracker_free(r->t);
	free(r->notes);
	free(r->feeds);
	free(r->fates);
}

static uint64_t noted(const struct run *r, enum explain_what what)
{
	uint64_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->notes[i].what == what;
	return n;
}

static void tracks_are_the_same_whether_anybody_asks_or_not(void **state)
{
	struct run asked, not;

	sail(&asked, true);
	sail(&not, false);
	assert_int_equal(asked.digest, not.digest);
	assert_int_equal(asked.published, not.published);
	land(&asked);
	land(&not);
}

static void notes_are_the_same_twice(void **state)
{
	struct run a, b;

	sail(&a, true);
	sail(&b, true);
	assert_int_equal(a.n, b.n);
	for (size_t i = 0; i < a.n; i++) {
		assert_string_equal(a.notes[i].feed, b.notes[i].feed);
		assert_int_equal(a.notes[i].time_ns, b.notes[i].time_ns);
		assert_int_equal(a.notes[i].birth, b.notes[i].birth);
		assert_int_equal(a.notes[i].ref, b.notes[i].ref);
		assert_int_equal(a.notes[i].what, b.notes[i].what);
		assert_memory_equal(&a.notes[i].weight, &b.notes[i].weight, sizeof(float));
		assert_memory_equal(&a.notes[i].d2, &b.notes[i].d2, sizeof(float));
	}
	land(&a);
	land(&b);
}

static void every_published_plot_was_said_to_be_used(void **state)
{
	struct run r;

	sail(&r, true);
	assert_true(r.checked > 1000);
	assert_int_equal(noted(&r, EXPLAIN_USED) + noted(&r, EXPLAIN_RESTARTED), tracker_count(r.t, TRACKER_PLOTS_USED));
	assert_int_equal(noted(&r, EXPLAIN_BORN), tracker_count(r.t, TRACKER_BIRTHS));
	assert_int_equal(noted(&r, EXPLAIN_CONFIRMED), tracker_count(r.t, TRACKER_CONFIRMED));
	assert_int_equal(noted(&r, EXPLAIN_CONFLICT), tracker_count(r.t, TRACKER_CONFLICTS));
	assert_int_equal(noted(&r, EXPLAIN_TWICE), tracker_count(r.t, TRACKER_PLOTS_TWICE));
	assert_int_equal(noted(&r, EXPLAIN_DROPPED) + noted(&r, EXPLAIN_MERGED), tracker_count(r.t, TRACKER_DROPPED));
	/* What the sea was made for has happened. */
	static const enum explain_what seen[] = { EXPLAIN_OTHER_TRACK, EXPLAIN_OTHER_PLOT, EXPLAIN_OUTSIDE, EXPLAIN_MISSED,
		EXPLAIN_CONFLICT, EXPLAIN_TWICE, EXPLAIN_AMBIGUOUS, EXPLAIN_UNUSED };
	for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
		if (noted(&r, seen[i]) == 0)
			fail_msg("%s did not happen", explain_name(seen[i]));
	land(&r);
}

static void every_plot_has_one_fate_or_is_counted_as_without(void **state)
{
	struct run r;
	unsigned *ends = calloc(ROWS_MAX, sizeof(*ends));

	sail(&r, true);
	for (size_t i = 0; i < r.n; i++) {
		const struct explain_note *n = &r.notes[i];
		bool none = n->what == EXPLAIN_UNUSED || n->what == EXPLAIN_STALE || n->what == EXPLAIN_AHEAD ||
			    n->what == EXPLAIN_BAD;
		assert_true(n->ref < ROWS_MAX);
		assert_true(none == !n->birth);
		if (none || explain_is_fate(n->what))
			ends[n->ref]++;
	}
	for (uint32_t row = 1; row <= r.row; row++)
		assert_int_equal(ends[row], 1);
	assert_int_equal(r.row, tracker_count(r.t, TRACKER_PLOTS));
	land(&r);
	free(ends);
}

static void weights_of_a_plot_sum_to_one_at_most(void **state)
{
	struct run r;
	double *sums = calloc(ROWS_MAX, sizeof(*sums)), *rounded = calloc(ROWS_MAX, sizeof(*rounded));

	sail(&r, true);
	for (size_t i = 0; i < r.n; i++) {
		struct explain_note n = r.notes[i];
		assert_true(n.weight >= 0 && n.weight <= 1);
		assert_true(isnan(n.d2) || n.d2 >= 0);
		if (explain_refers(n.what) != EXPLAIN_REF_PLOT)
			continue;
		sums[n.ref] += (double)n.weight;
		explain_ring_round(&n);
		rounded[n.ref] += (double)n.weight;
	}
	for (uint32_t row = 1; row <= r.row; row++)
		assert_true(sums[row] <= 1 + 1e-6 && rounded[row] <= 1 + 1e-6);
	land(&r);
	free(sums);
	free(rounded);
}

/* --- the ring --- */

static char path[64];

static int setup(void **state)
{
	memcpy(path, "/tmp/test-explain-XXXXXX", 25);
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd) || unlink(path);
}

static int teardown(void **state)
{
	(void)unlink(path);
	return 0;
}

#define RING_BYTES (1u << 20)

static struct explain_note numbered(uint32_t i)
{
	return (struct explain_note){ .time_ns = T0 + i * INT64_C(1000000),
		.birth = 1 + i % 7,
		.ref = i,
		.what = (uint8_t)(i % EXPLAIN_UNUSED),
		.sensor = (uint8_t)(i % 2),
		.feed = i % 2 ? "ais-north" : "radar1",
		.weight = (float)(i % 512) / 511,
		.d2 = (float)((i % 128) / 32.0 * ((i % 128) / 32.0)) };
}

struct reading {
	uint32_t next, n;
	bool any;  /* the first number is taken as it is */
	bool gaps; /* any number greater than the last is */
};

static void expect_number(void *user, const struct explain_note *n)
{
	struct reading *e = user;

	assert_true(n->ref >= e->next);
	if (e->any || e->gaps)
		e->next = n->ref;
	e->any = false;
	struct explain_note want = numbered(e->next++);
	assert_int_equal(n->time_ns, want.time_ns);
	assert_int_equal(n->birth, want.birth);
	assert_int_equal(n->ref, want.ref);
	assert_int_equal(n->what, want.what);
	assert_int_equal(n->sensor, want.sensor);
	assert_string_equal(n->feed, want.feed);
	assert_near(n->weight, want.weight, 1.0 / 511);
	assert_true(n->weight <= want.weight);
	assert_near(sqrt((double)n->d2), sqrt((double)want.d2), 1.0 / 64 + 1e-6);
	e->n++;
}

static void read_ring(struct reading *e, struct explain_ring_info *ret_info)
{
	struct explain_reader *reader;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(explain_ring_read(fd, &reader), 0);
	assert_int_equal(explain_ring_each(reader, expect_number, e), 0);
	explain_ring_about(reader, ret_info);
	explain_ring_done(reader);
	close(fd);
}

static struct explain_ring *open_ring(uint32_t epoch)
{
	struct explain_ring *ring;

	assert_int_equal(explain_ring_open(path, RING_BYTES, "xt", epoch, &ring), 0);
	return ring;
}

static void write_numbers(struct explain_ring *ring, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		struct explain_note n = numbered(i);
		explain_ring_note(ring, i / 10 + 1, &n);
		if (i % 10 == 9)
			explain_ring_commit(ring, i / 10 + 1);
	}
}

static void what_was_written_is_read(void **state)
{
	struct explain_ring *ring = open_ring(1);
	struct explain_ring_info info;
	struct reading e = { 0 };

	write_numbers(ring, 0, 1000);
	read_ring(&e, &info);
	assert_int_equal(e.n, 1000);
	assert_string_equal(info.origin, "xt");
	assert_int_equal(info.epoch, 1);
	assert_int_equal(info.jseq, 100);
	assert_int_equal(info.oldest_ns, T0);
	assert_int_equal(info.newest_ns, numbered(999).time_ns);
	uint64_t used = 0;
	for (uint32_t i = 0; i < 1000; i++)
		used += numbered(i).what == EXPLAIN_USED;
	assert_int_equal(info.counts[EXPLAIN_USED], used);
	explain_ring_close(ring);
}

static void a_full_ring_keeps_the_newest(void **state)
{
	struct explain_ring *ring = open_ring(1);
	struct explain_ring_info info;
	struct reading e = { .any = true };

	write_numbers(ring, 0, 200000);
	read_ring(&e, &info);
	assert_int_equal(e.next, 200000);
	assert_int_equal(info.head, 200000);
	assert_true(e.n <= info.capacity && e.n > info.capacity - EXPLAIN_RING_BLOCK);
	assert_true(info.capacity * EXPLAIN_RING_ENTRY > RING_BYTES * 8 / 10);
	explain_ring_close(ring);
}

static void what_is_not_committed_is_not_read_and_comes_again(void **state)
{
	struct explain_ring *ring = open_ring(1);
	struct explain_ring_info info;
	struct reading e = { 0 }, again = { 0 };

	write_numbers(ring, 0, 105);
	read_ring(&e, &info);
	assert_int_equal(e.n, 100);
	explain_ring_close(ring);
	/* Replay begins earlier than the end: nothing is there twice. */
	ring = open_ring(1);
	write_numbers(ring, 50, 300);
	read_ring(&again, &info);
	assert_int_equal(again.n, 300);
	explain_ring_close(ring);
}

static void another_epoch_or_size_begins_anew(void **state)
{
	struct explain_ring *ring = open_ring(1);
	struct explain_ring_info info;
	struct reading e = { 0 };

	write_numbers(ring, 0, 100);
	explain_ring_close(ring);
	ring = open_ring(2);
	read_ring(&e, &info);
	assert_int_equal(e.n, 0);
	assert_int_equal(info.oldest_ns, INT64_MAX);
	explain_ring_close(ring);
	assert_int_equal(explain_ring_open(path, 100, "xt", 1, &ring), -EINVAL);
}

/* Writers are killed at any point; whoever reads finds numbers without a gap, to within a commit of the end. */
static void a_kill_leaves_a_ring_that_can_be_read(void **state)
{
	struct explain_ring_info info;
	uint32_t seed = 12345;

	for (unsigned life = 0; life < 20; life++) {
		pid_t pid = fork();
		if (pid == 0) {
			struct explain_ring *ring = open_ring(1);
			write_numbers(ring, 0, UINT32_MAX);
			_exit(0);
		}
		seed = seed * 1103515245u + 12345u;
		usleep(2000 + (seed >> 16) % 8000);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		if (access(path, R_OK) < 0)
			continue;
		struct reading e = { .any = true };
		read_ring(&e, &info);
		assert_int_equal(info.head, info.jseq * 10);
		assert_true(info.head == 0 || e.next == info.head);
	}
	assert_true(info.head > 0);
}

/* What can be read while it is written is either whole or not given. */
static void a_reader_beside_the_writer_sees_no_torn_entries(void **state)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct explain_ring *ring = open_ring(1);
		write_numbers(ring, 0, UINT32_MAX);
		_exit(0);
	}
	while (access(path, R_OK) < 0)
		usleep(1000);
	usleep(50000);
	for (unsigned i = 0; i < 50; i++) {
		struct explain_reader *reader;
		struct reading e = { .gaps = true };
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		assert_int_equal(explain_ring_read(fd, &reader), 0);
		/* The writer may lap the reader: numbers may be left out. */
		assert_int_equal(explain_ring_each(reader, expect_number, &e), 0);
		explain_ring_done(reader);
		close(fd);
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void count_card(void *user, const struct explain_card *c)
{
	unsigned *n = user;

	(*n)++;
	assert_int_equal(c->birth, 17);
	assert_int_equal(c->id, 211000001);
	assert_near(c->probability, 0.75, 1e-6);
}

static void a_card_says_who_a_track_is(void **state)
{
	struct explain_ring *ring = open_ring(1);
	struct track k = { .id = { "xt", 1, 17 }, .state = TRACK_CONFIRMED, .existence = 0.5, .time_ns = T0, .n_ids = 1 };
	struct explain_reader *reader;
	unsigned n = 0;

	k.ids[0] = (struct track_identity){ PLOT_ID_MMSI, 211000001, 0.75 };
	explain_ring_track(ring, 1, &k);
	explain_ring_commit(ring, 1);
	explain_ring_close(ring);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(explain_ring_read(fd, &reader), 0);
	assert_int_equal(explain_ring_cards(reader, count_card, &n), 0);
	assert_int_equal(n, 1);
	explain_ring_done(reader);
	close(fd);
}

static void what_is_no_ring_is_refused(void **state)
{
	static const char text[8192] = "something else";
	struct explain_reader *reader = NULL;
	int fd = memfd_create("not-a-ring", MFD_CLOEXEC);

	assert_int_equal(explain_ring_read(fd, &reader), -EBADMSG);
	assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
	assert_int_equal(explain_ring_read(fd, &reader), -EBADMSG);
	assert_null(reader);
	close(fd);
	/* Cut short. */
	struct explain_ring *ring = open_ring(1);
	write_numbers(ring, 0, 100);
	explain_ring_close(ring);
	assert_int_equal(truncate(path, RING_BYTES / 2), 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(explain_ring_read(fd, &reader), -EBADMSG);
	close(fd);
	/* The daemon makes a good one of it. */
	explain_ring_close(open_ring(1));
}

static void absurd_values_are_bounded(void **state)
{
	struct explain_note n = { .time_ns = -1, .weight = NAN, .d2 = 1e30f };

	explain_ring_round(&n);
	assert_int_equal(n.time_ns, -1000000);
	assert_near(n.weight, 0, 0);
	assert_near(sqrt((double)n.d2), 254.0 / 32, 1e-6);
	n = (struct explain_note){ .time_ns = INT64_MIN, .weight = INFINITY, .d2 = NAN };
	explain_ring_round(&n);
	assert_near(n.weight, 1, 0);
	assert_true(isnan(n.d2));
}

static void every_reason_has_a_name_and_words(void **state)
{
	for (int i = 0; i < _EXPLAIN_WHAT_MAX; i++) {
		assert_non_null(explain_name((enum explain_what)i));
		assert_non_null(explain_words((enum explain_what)i));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(explain_name((enum explain_what)i), explain_name((enum explain_what)k));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tracks_are_the_same_whether_anybody_asks_or_not),
		cmocka_unit_test(notes_are_the_same_twice),
		cmocka_unit_test(every_published_plot_was_said_to_be_used),
		cmocka_unit_test(every_plot_has_one_fate_or_is_counted_as_without),
		cmocka_unit_test(weights_of_a_plot_sum_to_one_at_most),
		cmocka_unit_test_setup_teardown(what_was_written_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_ring_keeps_the_newest, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_committed_is_not_read_and_comes_again, setup, teardown),
		cmocka_unit_test_setup_teardown(another_epoch_or_size_begins_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(a_kill_leaves_a_ring_that_can_be_read, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reader_beside_the_writer_sees_no_torn_entries, setup, teardown),
		cmocka_unit_test_setup_teardown(a_card_says_who_a_track_is, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_ring_is_refused, setup, teardown),
		cmocka_unit_test(absurd_values_are_bounded),
		cmocka_unit_test(every_reason_has_a_name_and_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
