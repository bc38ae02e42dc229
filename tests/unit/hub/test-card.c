#include "hub/card.h"
#include "tests/assert_near.h"
#include "tests/unit/hub/fixture.h"

#include <cmocka.h>

static void an_ellipse_lies_as_its_covariance_does(void **state)
{
	static const struct {
		double ee, en, nn, major, minor, angle_deg; /* sigma of the axes */
	} cases[] = {
		{ 100, 0, 25, 10, 5, 90 },	  /* long to the east */
		{ 25, 0, 100, 10, 5, 0 },	  /* long to the north */
		{ 62.5, 37.5, 62.5, 10, 5, 45 },  /* to the north-east */
		{ 62.5, -37.5, 62.5, 10, 5, 135 }, /* to the south-east */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct track t = { .cov = { cases[i].ee, cases[i].en, 0, 0, cases[i].nn } };
		struct card_ellipse e;
		card_ellipse(&t, &e);
		assert_near(e.major_m, cases[i].major * 2.4477, 0.001); /* sqrt(5.9915) */
		assert_near(e.minor_m, cases[i].minor * 2.4477, 0.001);
		assert_near(e.angle_rad / GEO_DEG, cases[i].angle_deg, 1e-6);
	}
}

static void an_impossible_covariance_has_no_ellipse(void **state)
{
	struct track t = { .cov = { 1, 5, 0, 0, 1 } };
	struct card_ellipse e;
	card_ellipse(&t, &e);
	assert_true(isnan(e.major_m));
	t.cov[0] = NAN;
	card_ellipse(&t, &e);
	assert_true(isnan(e.major_m));
}

static void course_is_clockwise_from_north_and_needs_speed(void **state)
{
	struct track t = { .ve_mps = 5 };
	assert_near(card_cog_deg(&t), 90, 1e-9);
	t = (struct track){ .ve_mps = -1, .vn_mps = -1 };
	assert_near(card_cog_deg(&t), 225, 1e-9);
	t = (struct track){ .ve_mps = 0.05 };
	assert_true(isnan(card_cog_deg(&t)));
}

static void a_search_finds_name_number_and_id(void **state)
{
	struct track t = fixture_track(17, 1, 54.5, 11);
	static const char *const hits[] = { "fehm", "dabc", "211000017", "9074729", "xa-1-17", "abcdef", "" };
	for (size_t i = 0; i < sizeof(hits) / sizeof(hits[0]); i++)
		assert_true(card_matches(&t, hits[i]));
	assert_false(card_matches(&t, "puttgarden"));
	assert_false(card_matches(&t, "fehmarnx"));
}

static void a_row_says_unknown_as_null(void **state)
{
	struct picture_entry e = { .track = { .id = { "xa", 1, 2 }, .time_ns = FIXTURE_NS, .lat_rad = NAN, .identity.nav_status = 15 }, .slot = 3 };
	struct jout j = { 0 };
	jout_object(&j, NULL);
	card_row(&e, FIXTURE_NS + 1500000000, &j);
	jout_object_end(&j);
	char *text = jout_take(&j, NULL);
	assert_string_equal(text,
		"{\"id\":\"xa-1-2\",\"slot\":3,\"origin\":\"xa\",\"name\":null,\"mmsi\":null,\"imo\":null,\"callsign\":null,"
		"\"class\":\"unknown\",\"state\":\"tentative\",\"lat\":null,\"lon\":0.0000000,\"sog\":0.00,\"cog\":null,\"age_ms\":1500,"
		"\"distress\":null,\"test\":false,\"foreign\":false,\"sources\":[]}");
	free(text);
}

static void a_card_says_what_speaks_against_the_identity(void **state)
{
	struct picture_entry e = { .track = fixture_track(17, 1, 54.5, 11) };
	struct hub hub = { 0 };
	struct jout j = { 0 };
	e.track.standing = (struct track_standing){ TRACK_STANDING_ELSEWHERE, PLOT_ID_MMSI, 211000017, 12, FIXTURE_NS, 3605.6 };
	jout_object(&j, NULL);
	card_full(&hub, &e, FIXTURE_NS, &j);
	jout_object_end(&j);
	char *text = jout_take(&j, NULL);
	char want[160];
	snprintf(want, sizeof(want), "\"standing\":{\"kind\":\"elsewhere\",\"id_kind\":\"mmsi\",\"value\":211000017,\"count\":12,"
		"\"since_ms\":%lld,\"distance\":3606}", (long long)(FIXTURE_NS / 1000000));
	assert_non_null(strstr(text, want));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ellipse_lies_as_its_covariance_does),
		cmocka_unit_test(an_impossible_covariance_has_no_ellipse),
		cmocka_unit_test(course_is_clockwise_from_north_and_needs_speed),
		cmocka_unit_test(a_search_finds_name_number_and_id),
		cmocka_unit_test(a_row_says_unknown_as_null),
		cmocka_unit_test(a_card_says_what_speaks_against_the_identity),
	};
	return cmocka_run_group_tests_name("hub-card", tests, NULL, NULL);
}
