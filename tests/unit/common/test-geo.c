#include "common/geo.h"
#include "tests/assert_near.h"

#include <errno.h>

/* GeographicLib's worked example, Karney, "Algorithms for geodesics" (2013): JFK to LHR, 5551759.400 m. */
static void geodesic_matches_published_distance(void **state)
{
	struct geo_point jfk = { 40.6 * GEO_DEG, -73.8 * GEO_DEG, 0 }, lhr = { 51.6 * GEO_DEG, -0.5 * GEO_DEG, 0 };
	double distance_m, azimuth_rad;
	geo_inverse(&jfk, &lhr, &distance_m, &azimuth_rad);
	assert_near(distance_m, 5551759.400, 0.001);

	struct geo_point back;
	geo_direct(&jfk, azimuth_rad, distance_m, &back);
	assert_near(back.lat_rad, lhr.lat_rad, 1e-12);
	assert_near(back.lon_rad, lhr.lon_rad, 1e-12);
}

/* The independent way: straight-line distance between geocentric points by the plane's own transform. */
static void slant_range_is_the_straight_line(void **state)
{
	struct geo_point site = { 54.5 * GEO_DEG, 11.2 * GEO_DEG, 42 }, p;
	struct geo_plane *plane;
	assert_int_equal(geo_plane_new(&site, &plane), 0);
	for (double range = 500; range <= 80000; range *= 2)
		for (double az = 0.1; az < 6.3; az += 0.7) {
			double e, n, u;
			assert_int_equal(geo_slant(&site, range, az, NAN, &p), 0);
			geo_plane_forward(plane, &p, &e, &n, &u);
			assert_near(sqrt(e * e + n * n + u * u), range, 0.05);
			assert_near(geo_wrap_pi(atan2(e, n) - az), 0, 1e-5);
		}
	geo_plane_free(plane);
}

static void target_nearer_than_the_mast_is_high_is_refused(void **state)
{
	struct geo_point site = { 54.5 * GEO_DEG, 11.2 * GEO_DEG, 42 }, p = { 9, 9, 9 };
	assert_int_equal(geo_slant(&site, 41, 0, NAN, &p), -EDOM);
	assert_int_equal(geo_slant(&site, NAN, 0, NAN, &p), -EDOM);
	assert_near(p.lat_rad, 9, 0);
}

static void plane_goes_there_and_back(void **state)
{
	struct geo_point origin = { 54.58 * GEO_DEG, 11.25 * GEO_DEG, 0 }, back;
	struct geo_point p = { 54.7 * GEO_DEG, 10.9 * GEO_DEG, 0 };
	struct geo_plane *plane;
	double e, n, u;
	assert_int_equal(geo_plane_new(&origin, &plane), 0);
	geo_plane_forward(plane, &p, &e, &n, &u);
	assert_true(e < -20000 && n > 13000 && u < 0);
	geo_plane_inverse(plane, e, n, u, &back);
	assert_near(back.lat_rad, p.lat_rad, 1e-11);
	assert_near(back.lon_rad, p.lon_rad, 1e-11);
	assert_near(back.height_m, 0, 1e-4);
	geo_plane_free(plane);
}

static void wire_degrees_round_half_away(void **state)
{
	assert_int_equal(geo_e7(54.5 * GEO_DEG), 545000000);
	assert_int_equal(geo_e7(-0.00000006 * GEO_DEG), -1);
	assert_near(geo_from_e7(geo_e7(-1.2)), -1.2, 1e-9);
}

static void angles_wrap_into_their_interval(void **state)
{
	assert_near(geo_wrap_pi(3 * M_PI), M_PI, 1e-12);
	assert_near(geo_wrap_pi(-M_PI), M_PI, 1e-12);
	assert_near(geo_wrap_2pi(-0.5), 2 * M_PI - 0.5, 1e-12);
	assert_true(geo_wrap_2pi(-1e-17) < 2 * M_PI);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(geodesic_matches_published_distance),
		cmocka_unit_test(slant_range_is_the_straight_line),
		cmocka_unit_test(target_nearer_than_the_mast_is_high_is_refused),
		cmocka_unit_test(plane_goes_there_and_back),
		cmocka_unit_test(wire_degrees_round_half_away),
		cmocka_unit_test(angles_wrap_into_their_interval),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
