#include "hub/picture.h"
#include "tests/assert_near.h"
#include "tests/unit/hub/fixture.h"

#include <cmocka.h>
#include <errno.h>

static int start(void **state)
{
	struct picture *p;
	assert_int_equal(picture_new(4, &p), 0);
	*state = p;
	return 0;
}

static int stop(void **state)
{
	picture_free(*state);
	return 0;
}

static struct picture_entry *put(struct picture *p, uint32_t birth, uint64_t version)
{
	struct track t = fixture_track(birth, version, 54.5, 11);
	struct picture_entry *e = NULL;
	assert_int_equal(picture_apply(p, &t, false, &e), 0);
	return e;
}

static int end(struct picture *p, uint32_t birth, uint64_t version)
{
	struct track t = fixture_track(birth, version, 54.5, 11);
	t.state = TRACK_DROPPED;
	return picture_apply(p, &t, false, NULL);
}

static void a_track_keeps_its_slot_and_versions_only_grow(void **state)
{
	struct picture *p = *state;
	uint32_t slot = put(p, 1, 5)->slot;
	(void)put(p, 2, 1);
	struct track old = fixture_track(1, 5, 54.5, 11);
	assert_int_equal(picture_apply(p, &old, false, NULL), -ESTALE);
	assert_int_equal(put(p, 1, 6)->slot, slot);
	assert_int_equal(picture_count(p), 2);
	assert_int_equal(end(p, 1, 6), -ESTALE);
	assert_int_equal(end(p, 9, 1), -ENOENT);
}

static void an_ended_track_whose_vessel_comes_back_is_taken_up_again(void **state)
{
	struct picture *p = *state;
	(void)put(p, 1, 5);
	assert_int_equal(end(p, 1, 6), 0);
	assert_int_equal(picture_count(p), 0);
	assert_int_equal(put(p, 1, 7)->track.state, TRACK_CONFIRMED);
	assert_int_equal(picture_count(p), 1);
	assert_int_equal(end(p, 1, 6), -ESTALE);
}

static void changes_are_walked_youngest_first(void **state)
{
	struct picture *p = *state;
	(void)put(p, 1, 1);
	uint64_t seen = put(p, 2, 1)->revision;
	(void)put(p, 3, 1);
	(void)put(p, 1, 2);
	uint32_t births[4];
	size_t n = 0;
	for (const struct picture_entry *e = picture_youngest(p); e && e->revision > seen; e = picture_older(p, e))
		births[n++] = e->track.id.birth;
	assert_int_equal(n, 2);
	assert_int_equal(births[0], 1);
	assert_int_equal(births[1], 3);
}

static void an_ident_changes_only_when_the_identity_does(void **state)
{
	struct picture *p = *state;
	uint64_t first = put(p, 1, 1)->ident_revision;
	assert_int_equal(put(p, 1, 2)->ident_revision, first);
	struct track t = fixture_track(1, 3, 54.5, 11);
	snprintf(t.identity.name, sizeof(t.identity.name), "PUTTGARDEN");
	struct picture_entry *e;
	assert_int_equal(picture_apply(p, &t, false, &e), 0);
	assert_int_equal(e->ident_revision, e->revision);
}

static void a_full_picture_refuses_and_the_longest_free_slot_is_taken(void **state)
{
	struct picture *p = *state;
	for (uint32_t b = 1; b <= 4; b++)
		(void)put(p, b, 1);
	struct track t = fixture_track(5, 1, 54.5, 11);
	assert_int_equal(picture_apply(p, &t, false, NULL), -ENOSPC);
	uint32_t two = picture_find(p, &(struct track_id){ "xa", 1, 2 })->slot;
	assert_int_equal(end(p, 2, 2), 0);
	assert_int_equal(end(p, 1, 2), 0);
	assert_false(picture_slot(p, two)->used);
	assert_int_equal(picture_slot(p, two)->track.id.birth, 2); /* kept until it is taken again */
	assert_int_equal(put(p, 6, 1)->slot, two);
	assert_null(picture_find(p, &(struct track_id){ "xa", 1, 2 }));
}

static void an_older_epoch_is_forgotten_at_once(void **state)
{
	struct picture *p = *state;
	(void)put(p, 1, 1);
	struct track t = fixture_track(1, 1, 54.5, 11);
	t.id.epoch = 2;
	assert_int_equal(picture_apply(p, &t, false, NULL), 0);
	struct track other = fixture_track(1, 1, 54.5, 11);
	snprintf(other.id.origin, sizeof(other.id.origin), "xb");
	assert_int_equal(picture_apply(p, &other, true, NULL), 0);
	assert_int_equal(picture_forget_epochs(p, "xa", 2), 1);
	assert_int_equal(picture_count(p), 2);
}

static void a_withdrawn_track_is_gone_with_the_version_of_its_withdrawal(void **state)
{
	struct picture *p = *state;
	(void)put(p, 1, 3);
	struct track_id id = { "xa", 1, 1 };
	assert_int_equal(picture_remove(p, &id, 9), 0);
	assert_null(picture_find(p, &id));
	assert_int_equal(picture_youngest(p)->track.version, 9);
	assert_int_equal(picture_youngest(p)->track.state, TRACK_DROPPED);
	assert_int_equal(picture_remove(p, &id, 9), -ENOENT);
}

/* Against a plain array: whatever comes in whatever order, both know the same tracks. */
static void random_traffic_matches_a_plain_table(void **state)
{
	struct picture *p;
	uint64_t version[40] = { 0 };
	bool live[40] = { false };
	unsigned seed = 42, n = 0;
	assert_int_equal(picture_new(16, &p), 0);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t b = (uint32_t)(rand_r(&seed) % 40);
		bool drop = rand_r(&seed) % 3 == 0;
		struct track t = fixture_track(b + 1, ++version[b], 54.5, 11);
		t.state = drop ? TRACK_DROPPED : TRACK_CONFIRMED;
		int want = drop ? (live[b] ? 0 : -ENOENT) : (live[b] || n < 16) ? 0 : -ENOSPC;
		assert_int_equal(picture_apply(p, &t, false, NULL), want);
		if (want == 0) {
			n += !drop && !live[b];
			n -= drop && live[b];
			live[b] = !drop;
		}
		assert_int_equal(picture_count(p), n);
	}
	for (uint32_t b = 0; b < 40; b++)
		assert_int_equal(live[b], picture_find(p, &(struct track_id){ "xa", 1, b + 1 }) != NULL);
	picture_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_track_keeps_its_slot_and_versions_only_grow, start, stop),
		cmocka_unit_test_setup_teardown(an_ended_track_whose_vessel_comes_back_is_taken_up_again, start, stop),
		cmocka_unit_test_setup_teardown(changes_are_walked_youngest_first, start, stop),
		cmocka_unit_test_setup_teardown(an_ident_changes_only_when_the_identity_does, start, stop),
		cmocka_unit_test_setup_teardown(a_full_picture_refuses_and_the_longest_free_slot_is_taken, start, stop),
		cmocka_unit_test_setup_teardown(an_older_epoch_is_forgotten_at_once, start, stop),
		cmocka_unit_test_setup_teardown(a_withdrawn_track_is_gone_with_the_version_of_its_withdrawal, start, stop),
		cmocka_unit_test(random_traffic_matches_a_plain_table),
	};
	return cmocka_run_group_tests_name("hub-picture", tests, NULL, NULL);
}
