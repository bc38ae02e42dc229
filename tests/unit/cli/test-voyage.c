#include "cli/simulate/voyage.h"

#include <string.h>

#include "tests/assert_near.h"

#define S INT64_C(1000000000)

static struct geo_plane *plane;

static int make_plane(void **state)
{
	struct geo_point origin = { 54.5 * GEO_DEG, 11 * GEO_DEG, 0 };
	return geo_plane_new(&origin, &plane);
}

static int drop_plane(void **state)
{
	geo_plane_free(plane);
	return 0;
}

static struct scene_vessel square(int end, int64_t stop_ns)
{
	struct scene_vessel v = { .id = "v", .end = end, .speed_mps = 8, .turn_m = 200, .n_route = 4,
		.route = { { 54.50 * GEO_DEG, 11.00 * GEO_DEG, stop_ns },
			{ 54.53 * GEO_DEG, 11.00 * GEO_DEG, 0 },
			{ 54.53 * GEO_DEG, 11.05 * GEO_DEG, stop_ns },
			{ 54.50 * GEO_DEG, 11.05 * GEO_DEG, 0 } } };
	return v;
}

/* Ground covered in each second is what speed says, and course is where it leads. */
static void velocity_is_the_derivative_of_position(void **state)
{
	struct scene_vessel v = square(SCENE_LOOP, 60 * S);
	struct voyage y;
	struct voyage_state a, b;
	assert_int_equal(voyage_init(&y, &v, plane), 0);
	for (int64_t t = 0; t < y.round_ns / S + 10; t++) {
		assert_true(voyage_at(&y, t * S, &a));
		assert_true(voyage_at(&y, t * S + S / 10, &b));
		struct geo_point p = { a.lat_rad, a.lon_rad, 0 }, q = { b.lat_rad, b.lon_rad, 0 };
		double d, az;
		geo_inverse(&p, &q, &d, &az);
		assert_near(d * 10, a.sog_mps, 0.05);
		if (d > 0.2)
			assert_near(geo_wrap_pi(az - a.course_rad), 0, 0.01);
		assert_near(hypot(a.east_mps, a.north_mps), a.sog_mps, 1e-9);
	}
}

static void speed_is_kept_between_stops_and_nothing_at_them(void **state)
{
	struct scene_vessel v = square(SCENE_LOOP, 60 * S);
	struct voyage y;
	struct voyage_state s;
	assert_int_equal(voyage_init(&y, &v, plane), 0);
	assert_int_equal(y.n_legs, 2);
	voyage_at(&y, y.legs[0].sail_ns / 2, &s);
	assert_near(s.sog_mps, 8, 1e-9);
	voyage_at(&y, y.legs[0].sail_ns + 30 * S, &s);
	assert_near(s.sog_mps, 0, 0);
	assert_near(s.lat_rad, 54.53 * GEO_DEG, 1e-8);
	assert_near(s.lon_rad, 11.05 * GEO_DEG, 1e-8);
}

static void a_loop_closes(void **state)
{
	struct scene_vessel v = square(SCENE_LOOP, 0);
	struct voyage y;
	struct voyage_state a, b;
	assert_int_equal(voyage_init(&y, &v, plane), 0);
	voyage_at(&y, 0, &a);
	voyage_at(&y, y.round_ns, &b);
	assert_near(a.lat_rad, b.lat_rad, 1e-12);
	voyage_at(&y, y.round_ns - 1, &b);
	assert_near(a.lat_rad, b.lat_rad, 1e-10);
	assert_near(a.lon_rad, b.lon_rad, 1e-10);
}

static void who_passes_through_is_away_and_comes_again(void **state)
{
	struct scene_vessel v = square(SCENE_THROUGH, 0);
	struct voyage y;
	struct voyage_state s;
	v.gap_ns = 100 * S;
	v.after_ns = 10 * S;
	assert_int_equal(voyage_init(&y, &v, plane), 0);
	assert_false(voyage_at(&y, 9 * S, &s));
	assert_true(voyage_at(&y, 10 * S, &s));
	assert_near(s.lat_rad, 54.50 * GEO_DEG, 1e-9);
	assert_false(voyage_at(&y, 10 * S + y.round_ns + 50 * S, &s));
	assert_true(voyage_at(&y, 10 * S + y.round_ns + 100 * S, &s));
	assert_near(s.sog_mps, 8, 1e-9);
}

static void corners_are_arcs_of_the_turning_radius(void **state)
{
	struct scene_vessel v = square(SCENE_LOOP, 0);
	struct voyage y;
	struct voyage_state s;
	double most = 0;
	assert_int_equal(voyage_init(&y, &v, plane), 0);
	for (int64_t t = 0; t < y.round_ns; t += S) {
		voyage_at(&y, t, &s);
		most = fmax(most, s.turn_rad_s);
		assert_true(s.turn_rad_s >= 0); /* every corner of the square is to starboard */
	}
	assert_near(most, 8.0 / 200, 1e-9);
}

static void there_and_back_needs_no_arc(void **state)
{
	struct scene_vessel v = square(SCENE_LOOP, 0);
	struct voyage y;
	struct voyage_state s;
	v.n_route = 2;
	assert_int_equal(voyage_init(&y, &v, plane), 0);
	for (int64_t t = 0; t < y.round_ns; t += S) {
		assert_true(voyage_at(&y, t, &s));
		assert_true(isfinite(s.lat_rad) && s.lat_rad < 54.5301 * GEO_DEG && s.lat_rad > 54.4999 * GEO_DEG);
	}
}

static void one_point_is_a_vessel_at_anchor(void **state)
{
	struct scene_vessel v = square(SCENE_LOOP, 0);
	struct voyage y;
	struct voyage_state s;
	v.n_route = 1;
	assert_int_equal(voyage_init(&y, &v, plane), 0);
	assert_true(voyage_at(&y, 12345 * S, &s));
	assert_near(s.lat_rad, 54.5 * GEO_DEG, 1e-10);
	assert_near(s.sog_mps, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(velocity_is_the_derivative_of_position),
		cmocka_unit_test(speed_is_kept_between_stops_and_nothing_at_them),
		cmocka_unit_test(a_loop_closes),
		cmocka_unit_test(who_passes_through_is_away_and_comes_again),
		cmocka_unit_test(corners_are_arcs_of_the_turning_radius),
		cmocka_unit_test(there_and_back_needs_no_arc),
		cmocka_unit_test(one_point_is_a_vessel_at_anchor),
	};
	return cmocka_run_group_tests(tests, make_plane, drop_plane);
}
