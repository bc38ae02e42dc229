#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/simulate/scene.h"
#include "cli/simulate/world.h"
#include "common/feed.h"
#include "tests/assert_near.h"

#define HEAD "scene s origin=54.5,11\n"

static void expect_error(const char *text, const char *error)
{
	struct scene *s = NULL;
	struct scene_error e = { "" };
	assert_int_equal(scene_parse("F", text, strlen(text), &s, &e), -EINVAL);
	assert_null(s); /* ret_ untouched on error */
	assert_string_equal(e.text, error);
}

static void scene_is_read(void **state)
{
	const char *text = HEAD "# a comment\n"
			   "radar r1 at=54.4955,11.238 height=40m period=2.5s range-sigma=20m azimuth-sigma=0.15deg \\\n"
			   "\tpd=0.9 max-range=35km blind=158deg..296deg sac=77 sic=1 to=239.77.0.1:8600 from=10.77.1.10 # its end\n"
			   "vessel a class=high-speed ais=A name=\"TWO WORDS\" mmsi=280100101 speed=17kt \\\n"
			   "route=54.5,11.2/8min;\\\n54.6,11.3\n";
	struct scene *s;
	struct scene_error e;
	assert_int_equal(scene_parse("F", text, strlen(text), &s, &e), 0);
	assert_int_equal(s->n_radars, 1);
	assert_near(s->radars[0].azimuth_sigma_rad, 0.15 * M_PI / 180, 1e-12);
	assert_int_equal(s->radars[0].period_ns, 2500000000);
	assert_near(s->radars[0].max_range_m, 35000, 0);
	assert_int_equal(ntohs(s->radars[0].to.sin_port), 8600);
	assert_int_equal(s->n_vessels, 1);
	assert_string_equal(s->vessels[0].name, "TWO WORDS");
	assert_int_equal(s->vessels[0].class, SCENE_HIGH_SPEED);
	assert_near(s->vessels[0].speed_mps, 17 * 1852.0 / 3600, 1e-9);
	assert_int_equal(s->vessels[0].n_route, 2);
	assert_int_equal(s->vessels[0].route[0].stop_ns, INT64_C(480000000000));
	assert_true(isnan(s->vessels[0].pd));
	scene_free(s);
}

static void every_mistake_names_its_line(void **state)
{
	expect_error("", "F:0: no line `scene NAME origin=LAT,LON`");
	expect_error(HEAD "boat x a=1\n", "F:2: boat x: unknown kind");
	expect_error(HEAD "vessel X class=cargo\n", "F:2: vessel: an id of a-z 0-9 - expected");
	expect_error(HEAD "\n\nvessel x class=cargo ais=none\n", "F:4: vessel x: route= is missing");
	expect_error(HEAD "vessel x klass=cargo\n", "F:2: vessel x klass=cargo: unknown key");
	expect_error(HEAD "vessel x class=boat\n", "F:2: vessel x class=boat: bad value");
	expect_error(HEAD "vessel x cargo\n", "F:2: vessel x cargo: key=value expected");
	expect_error(HEAD "vessel x class=cargo class=tanker\n", "F:2: vessel x class=tanker: given twice");
	expect_error(HEAD "vessel x class=cargo ais=A route=54,11\n", "F:2: vessel x: mmsi= is missing");
	expect_error(HEAD "vessel x class=cargo ais=none route=54,11;55,11\n", "F:2: vessel x: speed= is missing");
	expect_error(HEAD "vessel x speed=17\n", "F:2: vessel x speed=17: bad value");
	expect_error(HEAD "vessel x speed=nankt\n", "F:2: vessel x speed=nankt: bad value");
	expect_error(HEAD "vessel x speed=-3kt\n", "F:2: vessel x speed=-3kt: out of range");
	expect_error(HEAD "vessel x speed=900kt\n", "F:2: vessel x speed=900kt: out of range");
	expect_error(HEAD "vessel x route=91,11\n", "F:2: vessel x route=91,11: bad value");
	expect_error(HEAD "vessel x name=\"NO END\n", "F:2: a quote is not closed");
	expect_error(HEAD "vessel x name=\"A,B\"\n", "F:2: vessel x name=A,B: bad value");
	expect_error(HEAD "radar r to=1.2.3.4\n", "F:2: radar r to=1.2.3.4: bad value");
	expect_error(HEAD "radar r to=1.2.3.4:0\n", "F:2: radar r to=1.2.3.4:0: bad value");
	expect_error(HEAD "land l ring=54,11;54,12\n", "F:2: land l: a ring has at least three corners");
	expect_error(HEAD HEAD, "F:2: scene s: given twice");
	expect_error(HEAD "vessel x class=small ais=none route=54,11\nvessel x class=small ais=none route=54,11\n",
		"F:3: vessel x: given twice");
	/* A line in several parts is named by its first. */
	expect_error(HEAD "vessel x class=small \\\n ais=none \\\n route=54\n", "F:2: vessel x route=54: bad value");
}

static struct scene *strait(void)
{
	struct scene *s = NULL;
	struct scene_error e = { "" };
	if (scene_load(SCENES "/strait", &s, &e) < 0)
		fail_msg("%s", e.text);
	return s;
}

static void strait_has_what_it_promises(void **state)
{
	struct scene *s = strait();
	unsigned of[_SCENE_CLASS_MAX] = { 0 }, sart = 0, class_b = 0;
	for (unsigned i = 0; i < s->n_vessels; i++) {
		of[s->vessels[i].class]++;
		sart += s->vessels[i].ais == SCENE_AIS_SART;
		class_b += s->vessels[i].ais == SCENE_AIS_B;
		if (s->vessels[i].ais == SCENE_AIS_A || s->vessels[i].ais == SCENE_AIS_B)
			assert_in_range(s->vessels[i].mmsi, 200000000, 799999999);
	}
	assert_true(s->n_vessels >= 60);
	for (unsigned i = 0; i < _SCENE_CLASS_MAX; i++)
		assert_true(of[i] > 0);
	assert_int_equal(of[SCENE_SMALL], 8);
	assert_int_equal(of[SCENE_FAST], 1);
	assert_int_equal(sart, 1);
	assert_true(class_b >= 10);
	assert_int_equal(s->n_radars, 2);
	assert_int_equal(s->n_ais, 1);
	assert_int_equal(s->n_cameras, 1);
	scene_free(s);
}

/* Two hours of everybody, every 20 s. */
static void nobody_in_the_strait_runs_aground(void **state)
{
	struct scene *s = strait();
	struct world w;
	const char *bad = "";
	assert_int_equal(world_init(&w, s, 0, 1, &bad), 0);
	for (unsigned i = 0; i < s->n_vessels; i++) {
		for (int64_t t = 0; t < 7200; t += 20) {
			struct voyage_state v;
			if (!world_vessel(&w, i, t * 1000000000, &v))
				continue;
			if (scene_on_land(s, v.lat_rad, v.lon_rad))
				fail_msg("%s is on land at %ld s: %.4f %.4f", s->vessels[i].id, (long)t,
					v.lat_rad * 180 / M_PI, v.lon_rad * 180 / M_PI);
		}
	}
	world_done(&w);
	scene_free(s);
}

/* The world and what the operator wrote down about it agree. */
static void feed_files_say_what_the_scene_says(void **state)
{
	struct scene *s = strait();
	struct conf_error e = { "" };
	struct feed f;
	for (unsigned i = 0; i < s->n_radars; i++) {
		const struct scene_radar *r = &s->radars[i];
		char path[4096];
		snprintf(path, sizeof(path), SCENES "/strait/feeds/%s.conf", r->id);
		if (feed_load(path, &f, &e) < 0)
			fail_msg("%s", e.text);
		assert_int_equal(f.format, FEED_ASTERIX);
		assert_near(f.site.lat_rad, r->at.lat_rad, 1e-9);
		assert_near(f.site.lon_rad, r->at.lon_rad, 1e-9);
		assert_near(f.site.height_m, r->height_m, 1e-9);
		assert_near(f.site.range_sigma_m, r->range_sigma_m, 1e-9);
		assert_near(f.site.azimuth_sigma_rad, r->azimuth_sigma_rad, 1e-9);
		assert_near(f.site.max_range_m, r->max_range_m, 1e-6);
		assert_int_equal(f.site.scan_period_ns, r->period_ns);
		assert_int_equal(f.sac, r->sac);
		assert_int_equal(f.sic, r->sic);
		assert_int_equal(f.listen.port, r->to.sin_port);
		assert_int_equal(f.listen.addr.word[0], r->to.sin_addr.s_addr);
		assert_int_equal(f.sources[0].addr.word[0], r->from.sin_addr.s_addr);
	}
	if (feed_load(SCENES "/strait/feeds/ais1.conf", &f, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(f.listen.port, s->ais[0].to.sin_port);
	assert_int_equal(f.sources[0].addr.word[0], s->ais[0].from.sin_addr.s_addr);
	if (feed_load(SCENES "/strait/feeds/camera1.conf", &f, &e) < 0)
		fail_msg("%s", e.text);
	assert_near(f.site.view_rad, s->cameras[0].yaw_rad, 1e-9);
	assert_near(f.site.view_width_rad, s->cameras[0].width_rad, 1e-9);
	assert_near(f.camera_tilt_rad, s->cameras[0].tilt_rad, 1e-9);
	assert_near(f.site.height_m, s->cameras[0].height_m, 1e-9);
	scene_free(s);
}

static void a_folder_without_a_scene_is_named(void **state)
{
	struct scene *s = NULL;
	struct scene_error e = { "" };
	assert_int_equal(scene_load("/nonexistent/x.scene", &s, &e), -ENOENT);
	assert_string_equal(e.text, "/nonexistent/x.scene: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scene_is_read),
		cmocka_unit_test(every_mistake_names_its_line),
		cmocka_unit_test(strait_has_what_it_promises),
		cmocka_unit_test(feed_files_say_what_the_scene_says),
		cmocka_unit_test(nobody_in_the_strait_runs_aground),
		cmocka_unit_test(a_folder_without_a_scene_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
