#include "common/geo.h"
#include "sensor/camera/pipeline.h"
#include "sensor/camera/ray.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <string.h>

/* f = 2000 px, pixel 120 right and 60 below the centre, yaw .5, tilt .03, roll .01 rad: azimuth 32.069, depression 3.465 deg. */
static void pixel_gives_the_published_ray(void **state)
{
	struct ray_camera c = { 2000, 1000, 2 * atan(0.5), 0.5, 0.03, 0.01, 0 };
	double depression;
	assert_near(ray_focal_px(&c), 2000, 1e-9);
	assert_near(ray_azimuth(&c, 1000 + 120, 500 + 60, &depression) / GEO_DEG, 32.069, 0.0005);
	assert_near(depression / GEO_DEG, 3.465, 0.0005);
}

static void error_holds_pixel_pointing_and_hull(void **state)
{
	struct ray_camera c = { 640, 360, 50 * GEO_DEG, 0, 0, 0, 0.003 };
	assert_near(ray_sigma(&c, 0.001, 0), hypot(0.003, 0.001), 1e-12);
	assert_true(ray_sigma(&c, 0.001, 40) > ray_sigma(&c, 0.001, 4));
}

static void only_three_kinds_of_url_become_pipelines(void **state)
{
	char buf[1024];
	assert_int_equal(pipeline_describe("rtp://10.77.1.2:5004", "", buf, sizeof(buf)), 0);
	assert_non_null(strstr(buf, "address=10.77.1.2 port=5004"));
	assert_null(strstr(buf, "multicast-iface"));
	assert_int_equal(pipeline_describe("rtp://[ff15::5]:5004", "eth0", buf, sizeof(buf)), 0);
	assert_non_null(strstr(buf, "address=ff15::5 port=5004 multicast-iface=\"eth0\" caps="));
	assert_int_equal(pipeline_describe("rtp://[ff15::5]:5004", "a\"b", buf, sizeof(buf)), -EINVAL);
	assert_int_equal(pipeline_describe("rtsp://cam.example/stream", "", buf, sizeof(buf)), 0);
	assert_int_equal(pipeline_describe("file:///srv/clip.mp4", "", buf, sizeof(buf)), 0);
	const char *bad[] = { "http://x", "rtp://10.0.0.1", "rtp://10.0.0.1:5004 ! filesink location=/x", "rtp://1.2.3.4:70000", "rtp://::1:5004",
		"file://relative", "rtsp://x\" ! filesink location=\"/x", "" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(pipeline_describe(bad[i], "", buf, sizeof(buf)), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pixel_gives_the_published_ray),
		cmocka_unit_test(error_holds_pixel_pointing_and_hull),
		cmocka_unit_test(only_three_kinds_of_url_become_pipelines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
