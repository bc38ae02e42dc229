/* Two vessels with one name, a place that radar contradicts, silence: told on the track, and no name that may be wrong. */
#include "tests/assert_near.h"

#include "fusion/standing.h"
#include "tests/unit/fusion/sea.h"

#define S INT64_C(1000000000)

/* --- the rules --- */

static bool hear(struct standing *s, double time_s, uint32_t taker, bool held, bool contradicts)
{
	struct standing_report r = { (int64_t)(time_s * 1e9) + 1000 * S, taker, held, contradicts, contradicts ? 5000 : 0 };

	return standing_hear(s, &r);
}

static void to_and_fro_is_two_vessels(void **state)
{
	struct standing s = { 0 };
	unsigned turns = 0;

	assert_false(hear(&s, 0, 11, true, false));
	for (int i = 1; s.kind == TRACK_STANDING_NONE && i < 20; i++, turns++)
		hear(&s, i * 10, i % 2 ? 22 : 11, true, true);
	assert_int_equal(s.kind, TRACK_STANDING_TWIN);
	assert_int_equal(turns, 4);
	assert_true(standing_concerns(&s, 11));
	assert_true(standing_concerns(&s, 22));
	assert_false(standing_concerns(&s, 33));
	assert_int_equal(s.count, 4);
	assert_near(s.distance_m, 5000, 0);
	assert_int_equal(s.since_ns, 1010 * S);
}

static void reports_from_nowhere_are_not_where_they_say(void **state)
{
	struct standing s = { 0 };

	hear(&s, 0, 11, true, false);
	assert_false(hear(&s, 10, 0, false, true));
	assert_true(hear(&s, 20, 0, false, true));
	assert_int_equal(s.kind, TRACK_STANDING_ELSEWHERE);
	assert_true(standing_concerns(&s, 11));
	/* Its reports become a track of their own, which only reports: radar's word stands. */
	for (int i = 3; i < 100; i++)
		hear(&s, i * 10, 44, false, true);
	assert_int_equal(s.kind, TRACK_STANDING_ELSEWHERE);
	assert_true(standing_concerns(&s, 11));
	assert_true(standing_concerns(&s, 44));
}

static void one_mistaken_track_is_neither(void **state)
{
	struct standing s = { 0 };

	hear(&s, 0, 11, true, false);
	hear(&s, 10, 22, true, true); /* the tracks had been mistaken for each other */
	for (int i = 2; i < 30; i++)
		hear(&s, i * 10, 22, true, false);
	assert_int_equal(s.kind, TRACK_STANDING_NONE);
	assert_int_equal(s.held, 22);
}

static void standing_is_cleared_by_three_good_minutes(void **state)
{
	struct standing s = { 0 };

	hear(&s, 0, 11, true, false);
	hear(&s, 10, 0, false, true);
	hear(&s, 20, 0, false, true);
	for (int i = 3; i < 20; i++)
		hear(&s, i * 10, 11, true, false);
	assert_int_equal(s.kind, TRACK_STANDING_ELSEWHERE);
	hear(&s, 201, 11, true, false);
	assert_int_equal(s.kind, TRACK_STANDING_NONE);
	assert_int_equal(s.count, 0);
}

/* --- at sea --- */

static void two_ships_with_one_mmsi_are_both_flagged_and_not_named(void **state)
{
	struct sea_vessel *a = sea_vessel(-3000, 0, 5, 0, 0, 400), *b = sea_vessel(4000, 3000, 0, 5, 0, 400);
	unsigned named = 0;

	a->mmsi = b->mmsi = 211000001;
	a->report_s = b->report_s = 6;
	a->next_s = 10;
	b->next_s = 13;
	sea_until(60);
	for (int i = 60; i < 380; i += 5) {
		sea_until(i);
		const struct track *x = sea_track(a), *y = sea_track(b);
		assert_non_null(x);
		assert_non_null(y);
		assert_int_not_equal(x->id.birth, y->id.birth);
		assert_int_equal(x->standing.kind, TRACK_STANDING_TWIN);
		assert_int_equal(y->standing.kind, TRACK_STANDING_TWIN);
		assert_int_equal(x->standing.value, 211000001);
		assert_near(x->standing.distance_m, hypot(7000 - 5 * i, 3000 + 5 * i), 300);
		named += x->n_ids + y->n_ids;
	}
	assert_int_equal(named, 0);
}

static void spoofed_ship_is_flagged_within_three_reports_and_kept(void **state)
{
	struct sea_vessel *a = sea_vessel(-3000, 0, 5, 0, 0, 600);

	a->mmsi = 211000001;
	a->report_s = 6;
	a->off_from_s = 100;
	a->off_x_m = 3000;
	a->off_y_m = 2000;
	sea_until(99);
	uint32_t birth = sea_track(a)->id.birth;
	assert_int_equal(sea_track(a)->n_ids, 1);
	assert_int_equal(sea_track(a)->standing.kind, TRACK_STANDING_NONE);
	sea_until(100 + 3 * 6 + 1);
	assert_int_equal(sea_track(a)->standing.kind, TRACK_STANDING_ELSEWHERE);
	for (int i = 125; i < 500; i += 5) {
		sea_until(i);
		const struct track *k = sea_track(a);
		assert_int_equal(k->id.birth, birth);
		assert_int_equal(k->state, TRACK_CONFIRMED);
		assert_int_equal(k->standing.kind, TRACK_STANDING_ELSEWHERE);
		assert_near(k->standing.distance_m, hypot(3000, 2000), 150);
		/* What is shown at the false place is flagged too, and named nowhere. */
		const struct track *ghost = sea_track_at(-3000 + 5 * sea.now_s + 3000, 2000);
		assert_int_equal(k->n_ids, 0);
		assert_true(!ghost || (ghost->n_ids == 0 && (i < 140 || ghost->standing.kind == TRACK_STANDING_ELSEWHERE)));
	}
}

static void silence_is_flagged_and_cleared_on_return(void **state)
{
	struct sea_vessel *a = sea_vessel(-3000, 0, 5, 0, 0, 600);

	a->mmsi = 211000001;
	a->report_s = 6;
	a->mute_from_s = 100;
	a->mute_to_s = 300;
	sea_until(150);
	assert_int_equal(sea_track(a)->standing.kind, TRACK_STANDING_NONE);
	uint32_t birth = sea_track(a)->id.birth;
	sea_until(165);
	const struct track *k = sea_track(a);
	assert_int_equal(k->standing.kind, TRACK_STANDING_SILENT);
	assert_int_equal(k->standing.value, 211000001);
	assert_true(k->standing.count >= 9 && k->standing.count <= 12);
	assert_near((double)(k->standing.since_ns - SEA_T0) * 1e-9, 97, 4);
	assert_near(k->standing.distance_m, 5 * 65, 60);
	assert_int_equal(k->id.birth, birth);
	sea_until(315);
	assert_int_equal(sea_track(a)->standing.kind, TRACK_STANDING_NONE);
	assert_int_equal(sea_track(a)->n_ids, 1);
}

static void moored_ship_is_not_silent_after_minutes(void **state)
{
	struct sea_vessel *a = sea_vessel(-3000, 0, 0, 0, 0, 900);

	a->mmsi = 211000001;
	a->report_s = 180;
	for (int i = 400; i < 900; i += 20) {
		sea_until(i);
		assert_int_equal(sea_track(a)->standing.kind, TRACK_STANDING_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_and_fro_is_two_vessels),
		cmocka_unit_test(reports_from_nowhere_are_not_where_they_say),
		cmocka_unit_test(one_mistaken_track_is_neither),
		cmocka_unit_test(standing_is_cleared_by_three_good_minutes),
		cmocka_unit_test_setup_teardown(two_ships_with_one_mmsi_are_both_flagged_and_not_named, sea_begin, sea_end),
		cmocka_unit_test_setup_teardown(spoofed_ship_is_flagged_within_three_reports_and_kept, sea_begin, sea_end),
		cmocka_unit_test_setup_teardown(silence_is_flagged_and_cleared_on_return, sea_begin, sea_end),
		cmocka_unit_test_setup_teardown(moored_ship_is_not_silent_after_minutes, sea_begin, sea_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
