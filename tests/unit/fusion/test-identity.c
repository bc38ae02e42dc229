#include "fusion/identity.h"
#include "tests/assert_near.h"

#include <string.h>

static struct identity_entry entries[64];
static struct identity_table table;

static int fresh(void **state)
{
	memset(entries, 0, sizeof(entries));
	table = (struct identity_table){ entries, 64, 0 };
	return 0;
}

static void one_identity_has_one_carrier(void **state)
{
	struct identity_labels a = { 0 }, b = { 0 };
	uint32_t k = identity_get(&table, PLOT_ID_MMSI, 211000001);

	identity_evidence(&table, k, 10, &a, 5);
	identity_evidence(&table, k, 20, &b, 5);
	/* e^5 against e^5 and 1. */
	assert_near(identity_probability(&entries[k], 10), exp(5) / (1 + 2 * exp(5)), 1e-12);
	identity_evidence(&table, k, 10, &a, 5);
	identity_evidence(&table, k, 20, &b, -6);
	assert_true(identity_probability(&entries[k], 10) > 0.9999);
	struct track_identity ids[TRACK_IDS_MAX];
	uint32_t entry;
	assert_int_equal(identity_publish(&table, 10, &a, ids, &entry), 1);
	assert_int_equal(ids[0].value, 211000001);
	assert_int_equal(identity_publish(&table, 20, &b, ids, &entry), 0);
}

static void two_names_on_one_track_are_not_published(void **state)
{
	struct identity_labels a = { 0 };
	struct track_identity ids[TRACK_IDS_MAX];
	uint32_t entry;

	identity_evidence(&table, identity_get(&table, PLOT_ID_MMSI, 1), 3, &a, 9);
	identity_evidence(&table, identity_get(&table, PLOT_ID_MMSI, 2), 3, &a, 8);
	assert_int_equal(identity_publish(&table, 3, &a, ids, &entry), 0);
	assert_int_equal(entry, IDENTITY_NONE);
}

static void wrong_label_is_unlearned(void **state)
{
	struct identity_labels a = { 0 };
	uint32_t k = identity_get(&table, PLOT_ID_MMSI, 7);

	for (int i = 0; i < 1000; i++) {
		identity_evidence(&table, k, 1, &a, 10);
		identity_settle(&entries[k]);
	}
	for (int i = 0; i < 4; i++)
		identity_evidence(&table, k, 1, &a, -6);
	assert_true(identity_probability(&entries[k], 1) < 0.01);
}

/* Reports that fit two tracks alike say nothing about which of them it is: the one that was sure stays so. */
static void lead_is_not_lost_to_reports_that_fit_both(void **state)
{
	struct identity_labels a = { 0 }, b = { 0 };
	uint32_t k = identity_get(&table, PLOT_ID_MMSI, 7);

	for (int i = 0; i < 3; i++) {
		identity_evidence(&table, k, 1, &a, 10);
		identity_settle(&entries[k]);
	}
	for (int i = 0; i < 50; i++) {
		identity_evidence(&table, k, 1, &a, 10);
		identity_evidence(&table, k, 2, &b, 10);
		identity_settle(&entries[k]);
	}
	assert_int_equal(identity_leading(&table, 1, &a), k);
	assert_int_equal(identity_leading(&table, 2, &b), IDENTITY_NONE);
	for (int i = 0; i < 4; i++) {
		identity_evidence(&table, k, 1, &a, -6);
		identity_evidence(&table, k, 2, &b, 10);
		identity_settle(&entries[k]);
	}
	assert_int_equal(identity_leading(&table, 2, &b), k);
}

static void name_in_doubt_is_told_when_heard_again(void **state)
{
	struct identity_labels a = { 0 };
	struct track_identity ids[TRACK_IDS_MAX];
	uint32_t k = identity_get(&table, PLOT_ID_MMSI, 7), entry;

	identity_heard(&entries[k], 1000);
	identity_evidence(&table, k, 1, &a, 10);
	assert_int_equal(identity_publish(&table, 1, &a, ids, &entry), 1);
	identity_doubt(&table, &a, 2000);
	assert_int_equal(identity_publish(&table, 1, &a, ids, &entry), 0);
	assert_int_equal(entry, IDENTITY_NONE);
	assert_int_equal(identity_leading(&table, 1, &a), k);
	identity_heard(&entries[k], 3000);
	assert_int_equal(identity_publish(&table, 1, &a, ids, &entry), 1);
	identity_forget(&table, k, 1, &a);
	assert_int_equal(identity_leading(&table, 1, &a), IDENTITY_NONE);
	assert_int_equal(a.n, 0);
}

static void full_table_forgets_only_who_is_on_no_track(void **state)
{
	struct identity_labels a[64] = { 0 };

	for (uint32_t i = 1; i <= 1000; i++) {
		uint32_t k = identity_get(&table, PLOT_ID_MMSI, i);
		if (k != IDENTITY_NONE && i <= 20)
			identity_evidence(&table, k, i, &a[i], 5);
	}
	for (uint32_t i = 1; i <= 20; i++)
		assert_int_not_equal(identity_find(&table, PLOT_ID_MMSI, i), IDENTITY_NONE);
}

static void silence_follows_the_reporting_interval(void **state)
{
	uint32_t k = identity_get(&table, PLOT_ID_MMSI, 9);

	/* A moored vessel: nothing known, or slow: three times three minutes. */
	assert_true(identity_silence_ns(&entries[k], 5) >= INT64_C(540000000000));
	for (int i = 1; i < 20; i++)
		identity_heard(&entries[k], i * INT64_C(30000000000));
	assert_near((double)identity_silence_ns(&entries[k], 5), 90e9, 1e9);
	assert_near((double)identity_silence_ns(&entries[k], 0.1), 540e9, 1e9);
}

static void what_is_known_is_not_overwritten_by_unknown(void **state)
{
	uint32_t k = identity_get(&table, PLOT_ID_MMSI, 9);
	struct plot_identity d = { .name = "ANNA", .imo = 9074729, .nav_status = 15 },
			     e = { .ship_type = 70, .nav_status = 5 };

	identity_describe(&entries[k], &d);
	identity_describe(&entries[k], &e);
	assert_string_equal(entries[k].data.name, "ANNA");
	assert_int_equal(entries[k].data.imo, 9074729);
	assert_int_equal(entries[k].data.ship_type, 70);
}

/* M.585-9 and M.1371-5 table 53. */
static void class_follows_mmsi_and_ship_type(void **state)
{
	assert_int_equal(identity_class(PLOT_ID_MMSI, 970123456, 0), TRACK_CLASS_BEACON);
	assert_int_equal(identity_class(PLOT_ID_MMSI, 972123456, 0), TRACK_CLASS_BEACON);
	assert_int_equal(identity_class(PLOT_ID_MMSI, 974123456, 70), TRACK_CLASS_BEACON);
	assert_int_equal(identity_class(PLOT_ID_MMSI, 992111001, 0), TRACK_CLASS_ATON);
	assert_int_equal(identity_class(PLOT_ID_MMSI, 111211001, 0), TRACK_CLASS_AIRCRAFT);
	assert_int_equal(identity_class(PLOT_ID_MMSI, 211000000, 30), TRACK_CLASS_FISHING);
	assert_int_equal(identity_class(PLOT_ID_MMSI, 211000000, 36), TRACK_CLASS_PLEASURE);
	assert_int_equal(identity_class(PLOT_ID_MMSI, 211000000, 52), TRACK_CLASS_SPECIAL);
	assert_int_equal(identity_class(PLOT_ID_MMSI, 211000000, 69), TRACK_CLASS_PASSENGER);
	assert_int_equal(identity_class(PLOT_ID_MMSI, 211000000, 71), TRACK_CLASS_CARGO);
	assert_int_equal(identity_class(PLOT_ID_MMSI, 211000000, 89), TRACK_CLASS_TANKER);
	assert_int_equal(identity_class(PLOT_ID_MMSI, 211000000, 0), TRACK_CLASS_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_identity_has_one_carrier, fresh),
		cmocka_unit_test_setup(two_names_on_one_track_are_not_published, fresh),
		cmocka_unit_test_setup(wrong_label_is_unlearned, fresh),
		cmocka_unit_test_setup(lead_is_not_lost_to_reports_that_fit_both, fresh),
		cmocka_unit_test_setup(name_in_doubt_is_told_when_heard_again, fresh),
		cmocka_unit_test_setup(full_table_forgets_only_who_is_on_no_track, fresh),
		cmocka_unit_test_setup(silence_follows_the_reporting_interval, fresh),
		cmocka_unit_test_setup(what_is_known_is_not_overwritten_by_unknown, fresh),
		cmocka_unit_test_setup(class_follows_mmsi_and_ship_type, fresh),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
