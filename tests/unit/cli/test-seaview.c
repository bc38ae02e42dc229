#include "cli/simulate/seaview.h"

#include <string.h>

#include "tests/assert_near.h"

/* A pixel of a known ray: u = 120, v = 60, f = 2000 px, yaw .5, tilt .03, roll .01 rad, h = 30 m, k = .13 gives azimuth
 * 32.069 deg and 495.69 m (computed twice, by the forward formulas and by central differences). */
static void projection_is_the_inverse_of_the_pixel_ray(void **state)
{
	struct scene_camera c = { .height_m = 30, .yaw_rad = 0.5, .tilt_rad = 0.03, .roll_rad = 0.01, .width_px = 1000,
		.height_px = 800 };
	double x, y;
	assert_true(seaview_project(&c, 2000, 32.069 * GEO_DEG, 495.69, 0, &x, &y));
	assert_near(x - 500, 120, 0.05);
	assert_near(y - 400, 60, 0.05);
}

static void what_is_behind_is_not_projected(void **state)
{
	struct scene_camera c = { .height_m = 30, .width_px = 640, .height_px = 360 };
	double x = -1, y = -1;
	assert_false(seaview_project(&c, 700, M_PI, 1000, 0, &x, &y));
	assert_near(x, -1, 0);
}

static void a_hull_is_drawn_where_the_vessel_is(void **state)
{
	const char *text = "scene s origin=54.5,11\n"
			   "camera c at=54.5,11 height=38m yaw=30deg tilt=2deg width=50deg to=127.0.0.1:5004\n"
			   "vessel v class=ferry ais=none route=54.5156,11.0155 length=142m beam=25m height=30m\n";
	struct scene *scene;
	struct scene_error e;
	struct world w;
	struct seaview v;
	struct voyage_state s;
	const char *bad;
	double d, az, x, y;
	assert_int_equal(scene_parse("F", text, strlen(text), &scene, &e), 0);
	assert_int_equal(world_init(&w, scene, 0, 1, &bad), 0);
	assert_int_equal(seaview_init(&v, &w, &scene->cameras[0]), 0);
	seaview_render(&v);
	world_vessel(&w, 0, 0, &s);
	assert_true(seaview_sees(&scene->cameras[0], &s, 30));
	struct geo_point at = { 54.5 * GEO_DEG, 11 * GEO_DEG, 0 }, to = { s.lat_rad, s.lon_rad, 0 };
	geo_inverse(&at, &to, &d, &az);
	assert_true(seaview_project(&scene->cameras[0], v.focal_px, az, d, 3, &x, &y));
	assert_in_range(v.frame[(size_t)y * v.columns + (size_t)x], 30, 50);  /* hull */
	assert_true(v.frame[(size_t)y * v.columns + (size_t)x + 60] > 80);	/* sea beside it */
	assert_true(v.frame[20 * v.columns + 20] > 150);			/* sky */
	assert_true(v.horizon_px[320] > 100 && v.horizon_px[320] < 180);
	seaview_done(&v);
	world_done(&w);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(projection_is_the_inverse_of_the_pixel_ray),
		cmocka_unit_test(what_is_behind_is_not_projected),
		cmocka_unit_test(a_hull_is_drawn_where_the_vessel_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
