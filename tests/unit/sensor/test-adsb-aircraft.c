#include "tests/assert_near.h"

#include <stdlib.h>

#include "adsb_make.h"
#include "common/geo.h"

#define S INT64_C(1000000000)
#define T0 (1000 * S)
#define A 0x4ca123

static struct adsb adsb;
static struct adsb_made made;

static int fresh(void **state)
{
	memset(&adsb, 0, sizeof(adsb));
	memset(&made, 0, sizeof(made));
	return 0;
}


static const struct adsb_message *send(uint32_t address, unsigned tc, bool odd, double lat, double lon, int64_t t_ns)
{
	const struct adsb_encode_position p = { .address = address, .tc = tc, .odd = odd, .lat_rad = lat * GEO_DEG,
		.lon_rad = lon * GEO_DEG, .alt_ft = 30000, .sog_mps = NAN, .cog_rad = NAN };
	const struct adsb_cpr_point site = { 52, 4 };
	struct adsb_message m;

	adsb_encode_position(&p, &m);
	adsb_made_message(&adsb, &m, t_ns, tc <= 8 ? &site : NULL, &made);
	return adsb_made_last(&made);
}

static const struct adsb_message *reply(uint32_t address, int64_t t_ns)
{
	struct adsb_message m;

	adsb_message_init(&m);
	m.df = 4;
	m.address = address;
	m.v[ADSB_ALT_FT] = 12000;
	m.v[ADSB_FS] = m.v[ADSB_DR] = m.v[ADSB_UM] = 0;
	adsb_made_message(&adsb, &m, t_ns, NULL, &made);
	return adsb_made_last(&made);
}

static bool has_place(const struct adsb_message *m)
{
	return m->v[ADSB_LAT_E7] != ADSB_NONE;
}

static void assert_place(const struct adsb_message *m, double lat, double lon)
{
	assert_true(has_place(m));
	assert_near(m->v[ADSB_LAT_E7] / 1e7, lat, 3e-5);
	assert_near(m->v[ADSB_LON_E7] / 1e7, lon, 5e-5);
}

static void place_is_believed_at_its_second_fix(void **state)
{
	assert_false(has_place(send(A, 11, false, 52, 4, T0)));
	assert_false(has_place(send(A, 11, true, 52, 4, T0 + S))); /* a candidate */
	assert_place(send(A, 11, false, 52.001, 4, T0 + 2 * S), 52.001, 4);
	assert_place(send(A, 11, false, 52.002, 4, T0 + 3 * S), 52.002, 4);
	assert_int_equal(adsb.table.stats.positions, 2);
	assert_int_equal(adsb.table.stats.unpaired, 1);
}

static void halves_too_far_apart_are_no_pair(void **state)
{
	send(A, 11, false, 52, 4, T0);
	send(A, 11, true, 52, 4, T0 + 10 * S + 1);
	assert_int_equal(adsb.table.stats.unpaired, 2);
	send(A, 11, false, 52, 4, T0 + 20 * S);
	assert_int_equal(adsb.table.stats.unpaired, 2);
}

static void halves_of_other_aircraft_or_forms_are_no_pair(void **state)
{
	send(A, 11, false, 52, 4, T0);
	send(A + 1, 11, true, 52, 4, T0);
	send(A, 7, true, 52, 4, T0);
	assert_int_equal(adsb.table.stats.unpaired, 3);
}

/* The even half alone suffices while the last place is not older than 60 s. */
static void single_half_suffices_for_a_minute(void **state)
{
	send(A, 11, false, 52, 4, T0);
	send(A, 11, true, 52, 4, T0);
	send(A, 11, false, 52, 4, T0);
	assert_place(send(A, 11, false, 52.1, 4.1, T0 + 59 * S), 52.1, 4.1);
	assert_false(has_place(send(A, 11, false, 52.1, 4.1, T0 + 120 * S)));
}

static void jump_is_refused_and_only_persistence_is_believed(void **state)
{
	send(A, 11, false, 52, 4, T0);
	send(A, 11, true, 52, 4, T0);
	assert_place(send(A, 11, false, 52, 4, T0 + S), 52, 4);
	assert_false(has_place(send(A, 11, false, 52.5, 4, T0 + 2 * S)));
	assert_int_equal(adsb.table.stats.implausible, 1);
	assert_place(send(A, 11, false, 52.01, 4, T0 + 3 * S), 52.01, 4);
	for (int i = 0; i < 4; i++)
		assert_false(has_place(send(A, 11, i & 1, 52.5, 4, T0 + (4 + i) * S)));
	assert_place(send(A, 11, false, 52.5, 4, T0 + 8 * S), 52.5, 4);
}

/* With its own velocity known the reach is smaller. */
static void own_velocity_bounds_the_reach(void **state)
{
	struct adsb_message m;

	adsb_encode_velocity(&(struct adsb_encode_velocity){ .address = A, .sog_mps = 60, .cog_rad = 0 }, &m);
	send(A, 11, false, 52, 4, T0);
	send(A, 11, true, 52, 4, T0);
	send(A, 11, false, 52, 4, T0);
	adsb_made_message(&adsb, &m, T0, NULL, &made);
	/* 5.6 km in 5 s: an airliner's nearly, not this one's */
	assert_false(has_place(send(A, 11, false, 52.05, 4, T0 + 5 * S)));
	assert_place(send(A, 11, false, 52.003, 4, T0 + 5 * S), 52.003, 4);
}

/* Published: 8C4841753A9A153237AEF0F275BE, seen from 51.990 N 4.375 E, is at 52.32056 N 4.73574 E. */
static void surface_needs_a_reference(void **state)
{
	static const char text[] = "*8C4841753AAB238733C8CD4020B1;*8C4841753A9A153237AEF0F275BE;*8C4841753A9A153237AEF0F275BE;";
	const struct adsb_cpr_point site = { 51.990, 4.375 };

	adsb_made_decode(&adsb, text, sizeof(text) - 1, T0, NULL, &made);
	assert_false(has_place(adsb_made_last(&made)));
	fresh(NULL);
	adsb_made_decode(&adsb, text, sizeof(text) - 1, T0, &site, &made);
	assert_near(adsb_made_last(&made)->v[ADSB_LAT_E7] / 1e7, 52.32056, 2e-5);
	assert_near(adsb_made_last(&made)->v[ADSB_LON_E7] / 1e7, 4.73574, 2e-5);
}

static void surface_pairs_live_longer_when_slow(void **state)
{
	send(A, 7, false, 52.1, 4.1, T0);
	send(A, 7, true, 52.1, 4.1, T0 + 25 * S); /* speed unknown */
	assert_int_equal(adsb.table.stats.unpaired, 1);
	send(A + 1, 7, false, 52.1, 4.1, T0);
	send(A + 1, 7, true, 52.1, 4.1, T0 + 26 * S);
	assert_int_equal(adsb.table.stats.unpaired, 3);

	struct adsb_encode_position p = { .address = A + 2, .tc = 7, .lat_rad = 0.9, .lon_rad = 0.07, .sog_mps = 10, .cog_rad = 1 };
	const struct adsb_cpr_point site = { 52, 4 };
	struct adsb_message m;

	for (int i = 0; i < 2; i++) {
		p.odd = i;
		adsb_encode_position(&p, &m);
		adsb_made_message(&adsb, &m, T0 + i * 50 * S, &site, &made);
	}
	assert_int_equal(adsb.table.stats.unpaired, 4);
}

static void reply_is_believed_of_who_was_heard_lately(void **state)
{
	assert_false(reply(A, T0)->is_verified);
	assert_int_equal(adsb.table.stats.unknown, 1);
	send(A, 11, false, 52, 4, T0 + S);
	assert_true(reply(A, T0 + 61 * S)->is_verified);
	/* A reply is no proof of its own. */
	assert_false(reply(A, T0 + 62 * S)->is_verified);
	assert_false(reply(A ^ 1, T0 + 2 * S)->is_verified);
}

static void other_addresses_do_not_vouch_for_icaos(void **state)
{
	struct adsb_message m;

	adsb_encode_identification(A, "A1", "GROUND1", &m);
	m.df = 18;
	m.v[ADSB_CF] = 1;
	adsb_made_message(&adsb, &m, T0, NULL, &made);
	assert_false(adsb_made_last(&made)->is_icao);
	assert_false(reply(A, T0 + S)->is_verified);
}

static void long_silence_forgets_everything(void **state)
{
	send(A, 11, false, 52, 4, T0);
	send(A, 11, true, 52, 4, T0);
	send(A, 11, false, 52, 4, T0);
	assert_int_equal(made.aircraft[2].belief, ADSB_PLACE_BELIEVED);
	send(A, 11, false, 52, 4, T0 + 301 * S);
	assert_int_equal(made.aircraft[3].belief, ADSB_PLACE_NONE);
}

/* 100,000 addresses: the table stays what it is, the newest are in it. */
static void flood_of_addresses_is_bounded(void **state)
{
	struct adsb_message m;
	unsigned free_places = 0;

	for (uint32_t i = 1; i <= 100000; i++) {
		adsb_encode_all_call(i * 97, 5, &m);
		(void)adsb_aircraft_take(&adsb.table, &m, T0 + i, NULL);
	}
	for (unsigned s = 0; s < ADSB_AIRCRAFT_SETS; s++)
		for (unsigned i = 0; i < ADSB_AIRCRAFT_WAYS; i++)
			free_places += adsb.table.aircraft[s][i].key == 0;
	assert_int_equal(free_places, 0);
	assert_int_equal(adsb.table.stats.evicted, 100000 - ADSB_AIRCRAFT_SETS * ADSB_AIRCRAFT_WAYS);
	assert_true(reply(100000 * 97, T0 + 100001)->is_verified);
	assert_false(reply(97, T0 + 100001)->is_verified);
}

/* A log without times: what would have to be timed is taken to be in time. */
static void log_without_times_gives_places(void **state)
{
	send(A, 11, false, 52, 4, 0);
	send(A, 11, true, 52, 4, 0);
	assert_place(send(A, 11, false, 52.02, 4, 0), 52.02, 4);
	assert_true(reply(A, 0)->is_verified);
}

static void halves_can_be_forgotten(void **state)
{
	send(A, 11, false, 52, 4, T0);
	adsb_aircraft_forget_halves(&adsb.table);
	send(A, 11, true, 52, 4, T0);
	assert_int_equal(adsb.table.stats.unpaired, 2);
}

/* DO-260B tables 2-14, 2-71; appendix N. */
static void accuracy_follows_the_version(void **state)
{
	struct adsb_quality q = { ADSB_NONE, ADSB_NONE, ADSB_NONE, ADSB_NONE, ADSB_NONE };
	double rc_m;

	assert_int_equal(adsb_quality_nic(&q, 11, 0, &rc_m), 7); /* NUCp */
	assert_near(rc_m, 185.2, 1e-9);
	assert_near(adsb_quality_position_m(&q, 11, 0), 92.6 / 2.4477, 1e-9);
	assert_true(isnan(adsb_quality_position_m(&q, 18, 0)));
	q = (struct adsb_quality){ .version = 2, .nac_p = 10, .nic_a = 1, .nic_c = 0 };
	assert_int_equal(adsb_quality_nic(&q, 11, 1, &rc_m), 9);
	assert_near(rc_m, 75, 0);
	assert_int_equal(adsb_quality_nic(&q, 11, 0, &rc_m), 8);
	assert_int_equal(adsb_quality_nic(&q, 13, 1, &rc_m), 6);
	assert_near(rc_m, 0.6 * 1852, 1e-9);
	assert_int_equal(adsb_quality_nic(&q, 16, 1, &rc_m), 3);
	assert_int_equal(adsb_quality_nic(&q, 7, ADSB_NONE, &rc_m), 9);
	assert_int_equal(adsb_quality_nic(&q, 8, ADSB_NONE, &rc_m), 6);
	assert_near(rc_m, 0.3 * 1852, 1e-9);
	assert_near(adsb_quality_position_m(&q, 11, 0), 10 / 2.4477, 1e-9);
	q.nac_p = 0; /* the containment radius is all there is */
	assert_near(adsb_quality_position_m(&q, 11, 0), 185.2 / 2.4477, 1e-9);
	assert_true(isnan(adsb_quality_position_m(&q, 18, 0)));
	assert_near(adsb_quality_velocity_mps(3), 1 / 2.4477, 1e-9);
	assert_near(adsb_quality_velocity_mps(ADSB_NONE), 10 / 2.4477, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(place_is_believed_at_its_second_fix, fresh),
		cmocka_unit_test_setup(halves_too_far_apart_are_no_pair, fresh),
		cmocka_unit_test_setup(halves_of_other_aircraft_or_forms_are_no_pair, fresh),
		cmocka_unit_test_setup(single_half_suffices_for_a_minute, fresh),
		cmocka_unit_test_setup(jump_is_refused_and_only_persistence_is_believed, fresh),
		cmocka_unit_test_setup(own_velocity_bounds_the_reach, fresh),
		cmocka_unit_test_setup(surface_needs_a_reference, fresh),
		cmocka_unit_test_setup(surface_pairs_live_longer_when_slow, fresh),
		cmocka_unit_test_setup(reply_is_believed_of_who_was_heard_lately, fresh),
		cmocka_unit_test_setup(other_addresses_do_not_vouch_for_icaos, fresh),
		cmocka_unit_test_setup(long_silence_forgets_everything, fresh),
		cmocka_unit_test_setup(flood_of_addresses_is_bounded, fresh),
		cmocka_unit_test_setup(log_without_times_gives_places, fresh),
		cmocka_unit_test_setup(halves_can_be_forgotten, fresh),
		cmocka_unit_test(accuracy_follows_the_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
