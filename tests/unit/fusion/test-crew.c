/* Threads share the work and change nothing: every part is done once, and the tracker's state is the same to the last bit. */
#include "fusion/crew.h"
#include "fusion/tracker.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 500

struct tally {
	atomic_uint times[PARTS];
	atomic_uint busy[8];
	atomic_uint clashes;
};

static void count(void *user, unsigned worker, size_t i)
{
	struct tally *t = user;

	if (atomic_fetch_add(&t->busy[worker], 1) != 0)
		atomic_fetch_add(&t->clashes, 1);
	atomic_fetch_add(&t->times[i], 1);
	atomic_fetch_sub(&t->busy[worker], 1);
}

static void each_part_is_done_once(void **state)
{
	static const unsigned threads[] = { 1, 2, 7 };

	for (int k = 0; k < 3; k++) {
		struct crew *c = NULL;
		static struct tally t;
		memset(&t, 0, sizeof(t));
		assert_int_equal(crew_new(threads[k], &c), 0);
		for (unsigned pieces = 0; pieces < 50; pieces++)
			crew_run(c, PARTS, count, &t);
		crew_run(c, 0, count, &t);
		crew_run(c, 1, count, &t);
		for (int i = 0; i < PARTS; i++)
			assert_int_equal(t.times[i], i ? 50 : 51);
		assert_int_equal(t.clashes, 0);
		crew_free(c);
	}
}

static void absurd_sizes_are_refused(void **state)
{
	struct crew *c = NULL;

	assert_int_equal(crew_new(0, &c), -EINVAL);
	assert_int_equal(crew_new(1000, &c), -EINVAL);
	assert_null(c);
	crew_free(NULL);
}

/* --- the tracker --- */

#define TOWNS 6      /* side of a square of coasts too far apart to share a vessel, and of ones that overlap */
#define VESSELS 12   /* of each */
#define SPACING_M 9000.0
#define REACH_M 8000.0

static double uniform(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(*seed >> 11) / 9007199254740992.0;
}

static void site(struct tracker *t, int k)
{
	struct site s = { .scan_period_ns = 2500000000, .range_sigma_m = 20, .azimuth_sigma_rad = 0.005, .max_range_m = REACH_M };
	char name[16];

	snprintf(name, sizeof(name), "radar%d", k);
	int station = tracker_station(t, name, PLOT_SENSOR_RADAR);
	assert_int_equal(station, k);
	tracker_station_place(t, (uint32_t)station, k % TOWNS * SPACING_M, k / TOWNS * SPACING_M, 0, &s);
}

static void look(struct tracker *t, int k, int64_t now, double t_s, uint64_t *seed)
{
	double x0 = k % TOWNS * SPACING_M, y0 = k / TOWNS * SPACING_M;

	for (int v = 0; v < VESSELS + 4; v++) {
		bool clutter = v >= VESSELS;
		double x = clutter ? (uniform(seed) - 0.5) * 12000 : (v % 4 - 1.5) * 2500 + 6 * t_s;
		double y = clutter ? (uniform(seed) - 0.5) * 12000 : (v / 4 - 1) * 3000 + (v % 3 - 1) * 5 * t_s;
		struct tracker_input m = { .station = (uint32_t)k, .recv_ns = now, .in = { .time_ns = now - k % 3 * 100000000 } };
		if (uniform(seed) > 0.9)
			continue;
		m.in.x_m = x0 + x + (uniform(seed) - 0.5) * 40;
		m.in.y_m = y0 + y + (uniform(seed) - 0.5) * 40;
		m.in.cov = filter_polar_cov(x, y, 20, 0.005);
		tracker_input(t, &m);
	}
}

struct bytes {
	uint8_t *data;
	size_t n;
};

static int keep(void *user, const void *data, size_t size)
{
	struct bytes *b = user;

	b->data = realloc(b->data, b->n + size + 1);
	memcpy(b->data + b->n, data, size);
	b->n += size;
	return 0;
}

static struct bytes run(unsigned threads, uint64_t *ret_confirmed)
{
	const int64_t start = INT64_C(1764000000000000000);
	struct tracker_config c;
	struct tracker *t = NULL;
	struct bytes b = { 0 };
	uint64_t seed = 42;

	tracker_defaults(&c);
	strcpy(c.origin, "xa");
	c.epoch = 1;
	c.max_tracks = 8192;
	c.threads = threads;
	assert_int_equal(tracker_new(&c, NULL, NULL, &t), 0);
	for (int k = 0; k < TOWNS * TOWNS; k++)
		site(t, k);
	for (int scan = 0; scan < 24; scan++) {
		int64_t now = start + scan * INT64_C(2500000000);
		for (int k = 0; k < TOWNS * TOWNS; k++)
			look(t, k, now, scan * 2.5, &seed);
		tracker_tick(t, now);
		tracker_tick(t, now + 1200000000);
	}
	assert_int_equal(tracker_save(t, keep, &b), 0);
	*ret_confirmed = tracker_count(t, TRACKER_CONFIRMED);
	tracker_free(t);
	return b;
}

static void threads_change_no_bit(void **state)
{
	uint64_t confirmed, again;
	struct bytes one = run(1, &confirmed);

	assert_true(confirmed >= TOWNS * TOWNS * VESSELS / 2);
	for (unsigned threads = 2; threads <= 5; threads++) {
		struct bytes many = run(threads, &again);
		assert_int_equal(again, confirmed);
		assert_int_equal(many.n, one.n);
		assert_memory_equal(many.data, one.data, one.n);
		free(many.data);
	}
	free(one.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_is_done_once),
		cmocka_unit_test(absurd_sizes_are_refused),
		cmocka_unit_test(threads_change_no_bit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
