#include "tests/assert_near.h"

#include <errno.h>

#include "sensor/decode/adsb/adsb_cpr.h"

#define STEP_DEG (6.0 / ADSB_CPR_STEPS) /* of latitude, even */

/* Published: 8D40621D58C382D690C8AC2863A7 and ...C386435CC412692AD6 are near 52.2572 N 3.9194 E (the even one newest). */
static void published_pair_gives_its_place(void **state)
{
	const struct adsb_cpr even = { 93000, 51372, false, false }, odd = { 74158, 50194, true, false };
	struct adsb_cpr_point p;

	assert_int_equal(adsb_cpr_global(&even, &odd, false, NULL, &p), 0);
	assert_near(p.lat_deg, 52.25720214843750, 1e-9);
	assert_near(p.lon_deg, 3.91937255859375, 1e-9);
	assert_int_equal(adsb_cpr_global(&even, &odd, true, NULL, &p), 0);
	assert_near(p.lat_deg, 52.26578017412606, 1e-9);
	assert_near(p.lon_deg, 3.938912527901786, 1e-9);
}

static void published_message_gives_its_place_from_a_reference(void **state)
{
	const struct adsb_cpr even = { 93000, 51372, false, false };
	struct adsb_cpr_point p;

	assert_int_equal(adsb_cpr_local(&even, &(struct adsb_cpr_point){ 52.258, 3.918 }, &p), 0);
	assert_near(p.lat_deg, 52.25720214843750, 1e-9);
	assert_near(p.lon_deg, 3.91937255859375, 1e-9);
}

/* DO-260B A.1.7.2: 59 at the equator, 2 beyond 86.535 deg, 1 at 87 deg and beyond. */
static void zones_of_longitude_are_the_standards(void **state)
{
	assert_int_equal(adsb_cpr_nl(0), 59);
	assert_int_equal(adsb_cpr_nl(10.47047129), 59);
	assert_int_equal(adsb_cpr_nl(10.47047131), 58);
	assert_int_equal(adsb_cpr_nl(-52.2), 36);
	assert_int_equal(adsb_cpr_nl(86.53), 3);
	assert_int_equal(adsb_cpr_nl(86.54), 2);
	assert_int_equal(adsb_cpr_nl(87), 1);
	assert_int_equal(adsb_cpr_nl(-90), 1);
	for (int nl = 59; nl >= 2; nl--) {
		double edge = acos(sqrt((1 - cos(M_PI / 30)) / (1 - cos(2 * M_PI / nl)))) * 180 / M_PI;

		assert_int_equal(adsb_cpr_nl(edge - 1e-9), nl);
		assert_int_equal(adsb_cpr_nl(edge + 1e-9), nl - 1);
	}
}

static double lon_difference(double a, double b)
{
	double d = fmod(fabs(a - b), 360);

	return d > 180 ? 360 - d : d;
}

/* Half a step, and what a step of latitude cannot tell of the zone's width near the poles. */
static void assert_place(const struct adsb_cpr_point *p, double lat, double lon, bool surface)
{
	double step = surface ? STEP_DEG / 4 : STEP_DEG;
	int zones = adsb_cpr_nl(p->lat_deg) - 1;

	assert_near(p->lat_deg, lat, step * 0.52);
	assert_true(p->lon_deg >= -180 && p->lon_deg < 180);
	if (fabs(lat) < 89.99)
		assert_near(lon_difference(p->lon_deg, lon), 0, (surface ? 90.0 : 360) / (zones > 1 ? zones : 1) / ADSB_CPR_STEPS * 0.52);
}

static void round_trip(double lat, double lon, bool surface)
{
	const struct adsb_cpr_point at = { lat, lon }, near = { lat > 0 ? lat - 0.3 : lat + 0.3, lon };
	struct adsb_cpr even, odd;
	struct adsb_cpr_point p;

	adsb_cpr_encode(&at, false, surface, &even);
	adsb_cpr_encode(&at, true, surface, &odd);
	for (int newest = 0; newest < 2; newest++) {
		int r = adsb_cpr_global(&even, &odd, newest, surface ? &near : NULL, &p);

		/* Only at an edge between zones may the two halves disagree. */
		if (r < 0)
			assert_true(adsb_cpr_nl(lat - STEP_DEG) != adsb_cpr_nl(lat + STEP_DEG));
		else
			assert_place(&p, lat, lon, surface);
		assert_int_equal(adsb_cpr_local(newest ? &odd : &even, &near, &p), 0);
		assert_place(&p, lat, lon, surface);
	}
}

static void every_place_survives(void **state)
{
	uint64_t x = 1;

	for (double lat = -89.9; lat < 90; lat += 0.61)
		for (double lon = -180; lon < 180; lon += 3.7) {
			x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
			double jitter = (double)(x >> 40) / (1 << 24);

			round_trip(lat + jitter * 0.09, lon + jitter, false);
			round_trip(lat + jitter * 0.09, lon + jitter, true);
		}
}

static void date_line_equator_and_poles_survive(void **state)
{
	static const double lats[] = { -90, -87, -86.9, -1e-6, 0, 1e-6, 10, 59.99999, 60, 87, 89.9999, 90 };
	static const double lons[] = { -180, -179.99999, -90, -1e-6, 0, 1e-6, 90, 179.99999 };

	for (unsigned i = 0; i < sizeof(lats) / sizeof(lats[0]); i++)
		for (unsigned k = 0; k < sizeof(lons) / sizeof(lons[0]); k++) {
			round_trip(lats[i], lons[k], false);
			round_trip(lats[i], lons[k], true);
		}
}

static void local_place_is_right_up_to_half_a_zone(void **state)
{
	const struct adsb_cpr_point at = { 10, 20 };
	struct adsb_cpr c;
	struct adsb_cpr_point p;

	adsb_cpr_encode(&at, false, false, &c);
	assert_int_equal(adsb_cpr_local(&c, &(struct adsb_cpr_point){ 12.9, 22.9 }, &p), 0);
	assert_place(&p, 10, 20, false);
	assert_int_equal(adsb_cpr_local(&c, &(struct adsb_cpr_point){ 13.1, 20 }, &p), 0);
	assert_near(p.lat_deg, 16, 1e-4); /* one zone too far: why callers keep a limit */
}

static void what_has_no_latitude_is_refused(void **state)
{
	const struct adsb_cpr even = { 93000, 0, false, false };
	struct adsb_cpr_point p = { 1, 2 };
	unsigned refused = 0;

	for (int32_t lat = 0; lat < 131072; lat += 997)
		refused += adsb_cpr_global(&even, &(struct adsb_cpr){ lat, 0, true, false }, true, NULL, &p) == -EDOM;
	assert_true(refused > 0);
	assert_int_equal(adsb_cpr_local(&(struct adsb_cpr){ 131071, 0, false, false }, &(struct adsb_cpr_point){ 90, 0 }, &p), 0);
	assert_int_equal(adsb_cpr_local(&(struct adsb_cpr){ 60000, 0, false, false }, &(struct adsb_cpr_point){ 90, 0 }, &p), -EDOM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_pair_gives_its_place),
		cmocka_unit_test(published_message_gives_its_place_from_a_reference),
		cmocka_unit_test(zones_of_longitude_are_the_standards),
		cmocka_unit_test(every_place_survives),
		cmocka_unit_test(date_line_equator_and_poles_survive),
		cmocka_unit_test(local_place_is_right_up_to_half_a_zone),
		cmocka_unit_test(what_has_no_latitude_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
