#include "hub/alarm.h"
#include "tests/assert_near.h"
#include "tests/unit/hub/fixture.h"

#include <cmocka.h>
#include <errno.h>

struct world {
	char *dir;
	struct store *store;
	struct picture *picture;
	struct alarm_list *list;
};

static int start(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char path[64];
	w->dir = fixture_dir();
	snprintf(path, sizeof(path), "%s/picture.db", w->dir);
	assert_int_equal(store_open(path, &w->store), 0);
	assert_int_equal(picture_new(16, &w->picture), 0);
	assert_int_equal(alarm_load(w->store, &w->list), 0);
	*state = w;
	return 0;
}

static int stop(void **state)
{
	struct world *w = *state;
	alarm_free(w->list);
	picture_free(w->picture);
	store_close(w->store);
	fixture_remove(w->dir);
	free(w);
	return 0;
}

static void see(struct world *w, uint64_t version, enum plot_distress distress, bool test, enum track_state st)
{
	struct track t = fixture_track(1, version, 54.5, 11);
	t.distress = distress;
	t.distress_test = test;
	t.state = st;
	(void)picture_apply(w->picture, &t, false, NULL);
	alarm_track(w->list, &t, FIXTURE_NS + (int64_t)version);
}

static void distress_raises_once_and_a_test_separately(void **state)
{
	struct world *w = *state;
	see(w, 1, PLOT_DISTRESS_NONE, false, TRACK_CONFIRMED);
	assert_int_equal(alarm_open(w->list), 0);
	see(w, 2, PLOT_DISTRESS_SART, true, TRACK_CONFIRMED);
	see(w, 3, PLOT_DISTRESS_SART, true, TRACK_CONFIRMED);
	assert_int_equal(alarm_open(w->list), 1);
	uint64_t revision = alarm_revision(w->list);
	see(w, 4, PLOT_DISTRESS_SART, false, TRACK_CONFIRMED);
	assert_int_equal(alarm_open(w->list), 2);
	assert_true(alarm_revision(w->list) > revision);
}

static void it_closes_when_it_is_answered_and_over_in_either_order(void **state)
{
	struct world *w = *state;
	see(w, 1, PLOT_DISTRESS_MOB, false, TRACK_CONFIRMED);
	assert_int_equal(alarm_ack(w->list, 1, "Ada", FIXTURE_NS), 0);
	assert_int_equal(alarm_open(w->list), 1); /* the craft is still there */
	see(w, 2, PLOT_DISTRESS_MOB, false, TRACK_DROPPED);
	assert_int_equal(alarm_open(w->list), 0);
}

static void the_end_of_a_track_does_not_silence_an_unanswered_alarm(void **state)
{
	struct world *w = *state;
	see(w, 1, PLOT_DISTRESS_MOB, false, TRACK_CONFIRMED);
	see(w, 2, PLOT_DISTRESS_MOB, false, TRACK_DROPPED);
	assert_int_equal(alarm_open(w->list), 1);
	struct jout j = { 0 };
	assert_int_equal(alarm_json_one(w->list, w->picture, 1, &j), 0);
	char *text = jout_take(&j, NULL);
	assert_non_null(strstr(text, "\"slot\":null"));
	assert_non_null(strstr(text, "\"lat\":54.5000000"));
	free(text);
	assert_int_equal(alarm_ack(w->list, 1, "Ada", FIXTURE_NS), 0);
	assert_int_equal(alarm_open(w->list), 0);
}

static void who_must_have_a_name_and_the_first_one_counts(void **state)
{
	struct world *w = *state;
	char longname[STORE_WHO_MAX + 1];
	see(w, 1, PLOT_DISTRESS_MOB, false, TRACK_CONFIRMED);
	memset(longname, 'x', sizeof(longname) - 1);
	longname[sizeof(longname) - 1] = 0;
	assert_int_equal(alarm_ack(w->list, 1, "", FIXTURE_NS), -EINVAL);
	assert_int_equal(alarm_ack(w->list, 1, " ", FIXTURE_NS), -EINVAL);
	assert_int_equal(alarm_ack(w->list, 1, "a\nb", FIXTURE_NS), -EINVAL);
	assert_int_equal(alarm_ack(w->list, 1, longname, FIXTURE_NS), -EINVAL);
	assert_int_equal(alarm_ack(w->list, 7, "Ada", FIXTURE_NS), -ENOENT);
	assert_int_equal(alarm_ack(w->list, 1, "Ada", FIXTURE_NS), 0);
	assert_int_equal(alarm_ack(w->list, 1, "Bob", FIXTURE_NS), -EALREADY);
}

static void open_alarms_survive_a_restart(void **state)
{
	struct world *w = *state;
	see(w, 1, PLOT_DISTRESS_EPIRB, false, TRACK_CONFIRMED);
	assert_int_equal(store_commit(w->store), 0);
	alarm_free(w->list);
	assert_int_equal(alarm_load(w->store, &w->list), 0);
	assert_int_equal(alarm_open(w->list), 1);
	see(w, 2, PLOT_DISTRESS_EPIRB, false, TRACK_CONFIRMED);
	assert_int_equal(alarm_open(w->list), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(distress_raises_once_and_a_test_separately, start, stop),
		cmocka_unit_test_setup_teardown(it_closes_when_it_is_answered_and_over_in_either_order, start, stop),
		cmocka_unit_test_setup_teardown(the_end_of_a_track_does_not_silence_an_unanswered_alarm, start, stop),
		cmocka_unit_test_setup_teardown(who_must_have_a_name_and_the_first_one_counts, start, stop),
		cmocka_unit_test_setup_teardown(open_alarms_survive_a_restart, start, stop),
	};
	return cmocka_run_group_tests_name("hub-alarm", tests, NULL, NULL);
}
