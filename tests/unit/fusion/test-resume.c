/* A vessel that comes back gets its old id, before it is published under a new one. */
#include "tests/assert_near.h"

#include "tests/unit/fusion/sea.h"

#include <stdlib.h>

static void named_vessel_comes_back_under_its_id(void **state)
{
	struct sea_vessel *v = sea_vessel(0, 0, 6, 0, 0, 100);
	v->mmsi = 211000001;
	v->report_s = 5;
	sea_until(60);
	uint32_t birth = sea_track(v)->id.birth;
	uint64_t version = sea_track(v)->version;
	sea_until(300);
	assert_null(sea_track(v));
	assert_int_equal(sea.tracks[birth].state, TRACK_DROPPED);
	/* From elsewhere, as far as it can have gone. */
	struct sea_vessel *back = sea_vessel(800, 1200, -6, 2, 400, 500);
	back->mmsi = 211000001;
	back->report_s = 5;
	sea_until(440);
	assert_non_null(sea_track(back));
	assert_int_equal(sea_track(back)->id.birth, birth);
	assert_int_equal(sea_track(back)->state, TRACK_CONFIRMED);
	assert_true(sea_track(back)->version > version);
	assert_int_equal(sea.went_back, 0);
	assert_int_equal(tracker_count(sea.tracker, TRACKER_RESUMED), 1);
}

static void name_from_beyond_its_reach_is_another_track(void **state)
{
	struct sea_vessel *v = sea_vessel(-9000, 0, 6, 0, 0, 60);
	v->mmsi = 211000001;
	v->report_s = 5;
	sea_until(50);
	uint32_t birth = sea_track(v)->id.birth;
	/* 18 km in two minutes and a half. */
	struct sea_vessel *other = sea_vessel(9000, 5000, 6, 0, 200, 300);
	other->mmsi = 211000001;
	other->report_s = 5;
	sea_until(260);
	assert_non_null(sea_track(other));
	assert_int_not_equal(sea_track(other)->id.birth, birth);
}

static void unnamed_vessel_on_its_course_is_the_same(void **state)
{
	struct sea_vessel *v = sea_vessel(0, 0, 8, 0, 0, 60), *again;

	sea_until(55);
	uint32_t birth = sea_track(v)->id.birth;
	sea_until(160);
	assert_null(sea_track(v));
	again = sea_vessel(160 * 8, 0, 8, 0, 160, 260);
	sea_until(185);
	assert_non_null(sea_track(again));
	assert_int_equal(sea_track(again)->id.birth, birth);
}

static void another_name_is_another_vessel(void **state)
{
	struct sea_vessel *v = sea_vessel(0, 0, 8, 0, 0, 60), *again;

	v->mmsi = 211000001;
	v->report_s = 2;
	sea_until(55);
	uint32_t birth = sea_track(v)->id.birth;
	sea_until(300);
	assert_null(sea_track(v));
	again = sea_vessel(300 * 8, 0, 8, 0, 300, 400);
	again->mmsi = 211000002;
	again->report_s = 2;
	again->next_s = 300;
	sea_until(340);
	assert_int_not_equal(sea_track(again)->id.birth, birth);
}

static void new_vessel_waits_for_nobody(void **state)
{
	struct sea_vessel *v = sea_vessel(0, 0, 6, 0, 0, 600), *new;

	v->mmsi = 211000001;
	v->report_s = 5;
	sea_until(60);
	new = sea_vessel(5000, 5000, 0, 6, 60, 600);
	sea_until(80);
	assert_non_null(sea_track(new));
	assert_int_equal(sea_track(new)->state, TRACK_CONFIRMED);
}

/* --- through a checkpoint --- */

static struct {
	uint8_t data[4 << 20];
	size_t size, at;
} checkpoint;

static int put(void *user, const void *data, size_t size)
{
	assert_true(checkpoint.size + size <= sizeof(checkpoint.data));
	memcpy(checkpoint.data + checkpoint.size, data, size);
	checkpoint.size += size;
	return 0;
}

static int get(void *user, void *data, size_t size)
{
	if (checkpoint.at + size > checkpoint.size)
		return -1;
	memcpy(data, checkpoint.data + checkpoint.at, size);
	checkpoint.at += size;
	return 0;
}

static void ids_are_kept_through_a_checkpoint(void **state)
{
	struct sea_vessel *v = sea_vessel(0, 0, 6, 0, 0, 60);
	v->mmsi = 211000001;
	v->report_s = 5;
	sea_until(50);
	uint32_t birth = sea_track(v)->id.birth;
	sea_until(300);
	checkpoint.size = checkpoint.at = 0;
	assert_int_equal(tracker_save(sea.tracker, put, NULL), 0);
	tracker_free(sea.tracker);
	sea.tracker = sea_tracker();
	assert_int_equal(tracker_load(sea.tracker, get, NULL), 0);
	struct sea_vessel *back = sea_vessel(800, 400, -6, 2, 310, 400);
	back->mmsi = 211000001;
	back->report_s = 5;
	sea_until(340);
	assert_int_equal(sea_track(back)->id.birth, birth);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(named_vessel_comes_back_under_its_id, sea_begin, sea_end),
		cmocka_unit_test_setup_teardown(name_from_beyond_its_reach_is_another_track, sea_begin, sea_end),
		cmocka_unit_test_setup_teardown(unnamed_vessel_on_its_course_is_the_same, sea_begin, sea_end),
		cmocka_unit_test_setup_teardown(another_name_is_another_vessel, sea_begin, sea_end),
		cmocka_unit_test_setup_teardown(new_vessel_waits_for_nobody, sea_begin, sea_end),
		cmocka_unit_test_setup_teardown(ids_are_kept_through_a_checkpoint, sea_begin, sea_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
