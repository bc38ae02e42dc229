/* Which targets of a picture's metadata become plots, where, and how accurate. */
#include "tests/assert_near.h"

#include "common/geo.h"
#include "klv_make.h"
#include "sensor/decode/klv/klv_plot.h"

#define NOW_S 1764000000.0
#define NOW_NS INT64_C(1764000000000000000)

static const struct site site = { .feed = "uav1", .sensor = PLOT_SENSOR_CAMERA, .version = 3 };
static struct klv_encode e;

struct got {
	unsigned n;
	struct plot plots[8];
	unsigned drops[_KLV_PLOT_DROP_MAX];
	bool time_bad;
};

static void take_plot(void *user, const struct plot *plot, enum klv_plot_drop drop)
{
	struct got *g = user;

	g->drops[drop]++;
	if (plot)
		g->plots[g->n++] = *plot;
	assert_int_equal(plot != NULL, drop == KLV_PLOT_DROP_NONE);
}

static void take(void *user, const struct klv_packet *k)
{
	const struct plotting p = { &site, 256, 256, NOW_NS, 3000000 };
	struct klv_stats stats = { 0 };
	struct got *g = user;

	g->time_bad = klv_plot(k, &p, &stats, take_plot, g);
}

static struct got finish(void)
{
	struct klv_stats stats = { 0 };
	struct got g = { 0 };
	ssize_t n = klv_encode_end(&e, e.set == klv_set_find("ST0601"));

	assert_true(n > 0);
	klv_decode(e.bytes, (size_t)n, &stats, take, &g);
	return g;
}

static void begin(double time_s)
{
	klv_encode_begin(&e, klv_set_find("ST0601"));
	klv_encode_number(&e, 2, time_s, 0);
}

/* 3 km above the sea, looking north at something 4 km away. */
static void put_sensor(void)
{
	klv_encode_number(&e, 13, 54, 0);
	klv_encode_number(&e, 14, 11, 0);
	klv_encode_number(&e, 15, 3000, 0);
}

static void put_crosshair(void)
{
	klv_encode_number(&e, 40, 54.0359356, 0);
	klv_encode_number(&e, 41, 11, 0);
	klv_encode_number(&e, 42, 0, 0);
}

static void the_frame_centre_is_no_target(void **state)
{
	begin(NOW_S);
	put_sensor();
	klv_encode_number(&e, 23, 54.01, 0);
	klv_encode_number(&e, 24, 11, 0);
	klv_encode_number(&e, 25, 0, 0);

	struct got g = finish();

	assert_int_equal(g.n, 0);
	assert_int_equal(g.drops[KLV_PLOT_DROP_KIND], 1);
	assert_false(g.time_bad);
}

static void a_crosshair_has_the_accuracy_of_ce90(void **state)
{
	begin(NOW_S - 1);
	put_crosshair();
	klv_encode_number(&e, 45, 42.919, 0);

	struct got g = finish();

	assert_int_equal(g.n, 1);
	assert_int_equal(g.plots[0].kind, PLOT_POSITION);
	assert_int_equal(g.plots[0].sensor, PLOT_SENSOR_CAMERA);
	assert_string_equal(g.plots[0].feed, "uav1");
	assert_int_equal(g.plots[0].site_version, 3);
	assert_near(g.plots[0].lat_rad, 54.0359356 * GEO_DEG, 1e-9);
	assert_near(g.plots[0].lon_rad, 11 * GEO_DEG, 1e-9);
	assert_true(isnan(g.plots[0].alt_m)); /* above the sea is not above the ellipsoid */
	assert_near(g.plots[0].cov.ee, 400, 1.5);
	assert_near(g.plots[0].cov.nn, 400, 1.5);
	assert_near(g.plots[0].cov.en, 0, 0);
	assert_near((double)(NOW_NS - g.plots[0].time_ns), 1e9, 1000);
	assert_near((double)g.plots[0].time_sigma_ns, hypot(20e6, 3e6), 1);
}

/* 5 km slant, 0.009 rad: 45 m across, 75 m along; 10 m of the platform's own. */
static void without_ce90_the_geometry_tells(void **state)
{
	begin(NOW_S);
	put_sensor();
	put_crosshair();

	struct got g = finish();

	assert_int_equal(g.n, 1);
	assert_near(sqrt(g.plots[0].cov.nn), hypot(75, 10), 0.2);
	assert_near(sqrt(g.plots[0].cov.ee), hypot(45, 10), 0.2);
	assert_near(g.plots[0].cov.en, 0, 1);
}

static void nothing_to_tell_the_accuracy_is_no_plot(void **state)
{
	begin(NOW_S);
	put_crosshair();
	assert_int_equal(finish().drops[KLV_PLOT_DROP_ACCURACY], 1);

	/* the sensor's height above the ellipsoid and the target's above the sea are not comparable */
	begin(NOW_S);
	klv_encode_number(&e, 13, 54, 0);
	klv_encode_number(&e, 14, 11, 0);
	klv_encode_number(&e, 75, 3000, 0);
	put_crosshair();
	assert_int_equal(finish().drops[KLV_PLOT_DROP_ACCURACY], 1);

	/* grazing: 100 m above the sea, 4 km away */
	begin(NOW_S);
	klv_encode_number(&e, 13, 54, 0);
	klv_encode_number(&e, 14, 11, 0);
	klv_encode_number(&e, 15, 100, 0);
	put_crosshair();
	assert_int_equal(finish().drops[KLV_PLOT_DROP_ACCURACY], 1);
}

static void a_target_that_is_not_known_is_no_target(void **state)
{
	begin(NOW_S);
	klv_encode_number(&e, 40, NAN, 0);
	klv_encode_number(&e, 41, NAN, 0);
	klv_encode_number(&e, 45, 10, 0);

	struct got g = finish();

	assert_int_equal(g.n, 0);
	assert_int_equal(g.drops[KLV_PLOT_DROP_KIND], 1);
}

static void vmti_targets_have_their_own_location_and_sigmas(void **state)
{
	begin(NOW_S);
	klv_make_vmti(&e);

	struct got g = finish();

	assert_int_equal(g.n, 2);
	assert_near(g.plots[0].lat_rad, 54.5 * GEO_DEG, 1e-8);
	assert_near(g.plots[0].lon_rad, 11.25 * GEO_DEG, 1e-8);
	assert_near(g.plots[0].alt_m, 10, 0.6);
	assert_near(g.plots[0].cov.ee, 400, 2);
	assert_near(g.plots[0].cov.nn, 900, 3);
	assert_near(g.plots[0].cov.en, 300, 2);
	assert_near(g.plots[1].lon_rad, -70.5 * GEO_DEG, 1e-8);
}

/* Item 74 before the frame centre: the order of items says nothing. */
static void offsets_are_from_the_frame_centre_wherever_it_stands(void **state)
{
	begin(NOW_S);
	klv_encode_open(&e, 74);
	klv_encode_open(&e, 101);
	klv_encode_member(&e, 9);
	klv_encode_number(&e, 10, 0.01, 0);
	klv_encode_number(&e, 11, -0.02, 0);
	klv_encode_close(&e);
	klv_encode_close(&e);
	klv_encode_close(&e);
	klv_encode_number(&e, 23, 54.03, 0);
	klv_encode_number(&e, 24, 11, 0);
	klv_encode_number(&e, 25, 0, 0);
	put_sensor();

	struct got g = finish();

	assert_int_equal(g.n, 1);
	assert_near(g.plots[0].lat_rad, 54.04 * GEO_DEG, 1e-5 * GEO_DEG);
	assert_near(g.plots[0].lon_rad, 10.98 * GEO_DEG, 1e-5 * GEO_DEG);
	assert_true(g.plots[0].cov.nn > g.plots[0].cov.ee);
	assert_true(g.plots[0].cov.en < 0); /* along the line of sight, north-west */
}

static void targets_in_the_picture_only_and_lost_ones_give_nothing(void **state)
{
	static const double statuses[] = { 0, 2, 4 };

	begin(NOW_S);
	klv_encode_open(&e, 74);
	klv_encode_open(&e, 101);
	klv_encode_member(&e, 9);
	klv_encode_number(&e, 1, 409600, 3);
	klv_encode_close(&e);
	for (unsigned i = 0; i < 3; i++) {
		klv_encode_member(&e, 10 + i);
		klv_encode_open(&e, 104);
		klv_encode_number(&e, 2, statuses[i], 0);
		klv_encode_close(&e);
		klv_encode_close(&e);
	}
	klv_encode_close(&e);
	klv_encode_close(&e);

	struct got g = finish();

	assert_int_equal(g.n, 0);
	assert_int_equal(g.drops[KLV_PLOT_DROP_POSITION], 1);
	assert_int_equal(g.drops[KLV_PLOT_DROP_COAST], 3);
}

static void a_vmti_set_alone_has_its_own_time(void **state)
{
	klv_encode_begin(&e, klv_set_find("ST0903"));
	klv_encode_number(&e, 2, NOW_S - 2, 0);
	klv_encode_open(&e, 101);
	klv_make_target(&e, 1, 1, 2);
	klv_encode_close(&e);

	struct got g = finish();

	assert_int_equal(g.n, 1);
	assert_near((double)(NOW_NS - g.plots[0].time_ns), 2e9, 1000);
}

static void leap_seconds_and_corrections_lead_to_utc(void **state)
{
	begin(NOW_S + 29 - 5);
	put_crosshair();
	klv_encode_number(&e, 45, 10, 0);
	klv_encode_number(&e, 136, 29, 1);
	klv_encode_number(&e, 137, 2e6, 4);

	struct got g = finish();

	assert_false(g.time_bad);
	assert_near((double)(NOW_NS - g.plots[0].time_ns), 3e9, 1000);
}

static void a_time_that_cannot_be_is_not_believed(void **state)
{
	begin(NOW_S - 11);
	put_crosshair();
	klv_encode_number(&e, 45, 10, 0);

	struct got g = finish();

	assert_true(g.time_bad);
	assert_int_equal(g.plots[0].time_ns, NOW_NS);
	assert_near((double)g.plots[0].time_sigma_ns, hypot(500e6, 3e6), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_frame_centre_is_no_target),
		cmocka_unit_test(a_crosshair_has_the_accuracy_of_ce90),
		cmocka_unit_test(without_ce90_the_geometry_tells),
		cmocka_unit_test(nothing_to_tell_the_accuracy_is_no_plot),
		cmocka_unit_test(a_target_that_is_not_known_is_no_target),
		cmocka_unit_test(vmti_targets_have_their_own_location_and_sigmas),
		cmocka_unit_test(offsets_are_from_the_frame_centre_wherever_it_stands),
		cmocka_unit_test(targets_in_the_picture_only_and_lost_ones_give_nothing),
		cmocka_unit_test(a_vmti_set_alone_has_its_own_time),
		cmocka_unit_test(leap_seconds_and_corrections_lead_to_utc),
		cmocka_unit_test(a_time_that_cannot_be_is_not_believed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
