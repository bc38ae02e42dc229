#include "common/counter.h"
#include "common/geo.h"
#include "common/wire.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <string.h>

static struct plot polar(void)
{
	struct plot p;
	plot_init(&p, PLOT_POLAR, PLOT_SENSOR_RADAR);
	strcpy(p.feed, "radar1");
	p.time_ns = INT64_C(1790000000123456789);
	p.time_sigma_ns = 5000000;
	p.recv_ns = p.time_ns + 1;
	p.site_version = 3;
	p.lat_rad = 54.5 * GEO_DEG;
	p.lon_rad = -11.25 * GEO_DEG;
	p.cov = (struct plot_cov2){ 400.25, -12.5, 900 };
	p.range_m = 12345.678;
	p.range_sigma_m = 20;
	p.azimuth_rad = 6.283185;
	p.azimuth_sigma_rad = 0.0052;
	return p;
}

static void a_plot_comes_back_as_it_was(void **state)
{
	uint8_t buf[WIRE_OBJECT_MAX], again[WIRE_OBJECT_MAX];
	struct plot p = polar(), q;
	ssize_t n = wire_put_plot(buf, sizeof(buf), &p);
	assert_true(n > 0);
	assert_int_equal(wire_get_plot(buf, (size_t)n, &q), 0);
	assert_string_equal(q.feed, "radar1");
	assert_true(q.time_ns == p.time_ns && q.recv_ns == p.recv_ns);
	assert_near(q.lat_rad, p.lat_rad, 1e-12);
	assert_near(q.lon_rad, p.lon_rad, 1e-12);
	assert_near(q.cov.en, -12.5, 1e-9);
	assert_near(q.range_m, 12345.678, 1e-6);
	assert_near(q.azimuth_rad, 6.283185, 1e-9);
	assert_true(isnan(q.alt_m) && isnan(q.doppler_mps) && isnan(q.sog_mps));
	assert_int_equal(q.identity.nav_status, 15);
	/* What came from the wire goes back to the same bytes. */
	assert_int_equal(wire_put_plot(again, sizeof(again), &q), n);
	assert_memory_equal(buf, again, (size_t)n);
}

/* Keys of a later version than some reader's: behind all others, and absent where they say nothing. */
static void a_sender_s_track_and_doppler_come_back(void **state)
{
	uint8_t buf[WIRE_OBJECT_MAX], bare[WIRE_OBJECT_MAX];
	struct plot p = polar(), q;
	ssize_t without = wire_put_plot(bare, sizeof(bare), &p);

	p.sender_track = UINT64_C(1) << 32;
	p.sender_tentative = true;
	p.doppler_sigma_mps = 1.25;
	ssize_t n = wire_put_plot(buf, sizeof(buf), &p);
	assert_int_equal(n, without + 2 + 9 + 2 + 1 + 2 + 3);
	assert_memory_equal(buf + 1, bare + 1, (size_t)without - 1);
	assert_int_equal(wire_get_plot(buf, (size_t)n, &q), 0);
	assert_true(q.sender_track == UINT64_C(1) << 32 && q.sender_tentative);
	assert_near(q.doppler_sigma_mps, 1.25, 1e-9);
	assert_int_equal(wire_get_plot(bare, (size_t)without, &q), 0);
	assert_true(!q.sender_track && !q.sender_tentative && isnan(q.doppler_sigma_mps));
}

static void what_a_radar_sees_comes_back(void **state)
{
	uint8_t buf[WIRE_OBJECT_MAX];
	struct site s = { "radar1", PLOT_SENSOR_RADAR, 4, 0.9, 0.2, 31.5, 20, 0.002, 1000000000, NAN, NAN, NAN, SITE_TARGETS_BOTH }, q;
	ssize_t n = wire_put_site(buf, sizeof(buf), &s);

	assert_int_equal(wire_get_site(buf, (size_t)n, &q), 0);
	assert_int_equal(q.targets, SITE_TARGETS_BOTH);
	buf[n - 1] = _SITE_TARGETS_MAX;
	assert_int_equal(wire_get_site(buf, (size_t)n, &q), -ERANGE);
	s.targets = SITE_TARGETS_SURFACE;
	assert_int_equal(wire_put_site(buf, sizeof(buf), &s), n - 2);
}

static void a_plot_without_its_measurement_is_refused(void **state)
{
	uint8_t buf[WIRE_OBJECT_MAX];
	struct plot p = polar();
	p.azimuth_rad = NAN;
	assert_int_equal(wire_put_plot(buf, sizeof(buf), &p), -EINVAL);
	plot_init(&p, PLOT_IDENTITY, PLOT_SENSOR_AIS);
	assert_int_equal(wire_put_plot(buf, sizeof(buf), &p), -EINVAL);
}

static void every_truncation_is_refused(void **state)
{
	uint8_t buf[WIRE_OBJECT_MAX];
	struct plot p = polar(), q = { .time_ns = 7 };
	ssize_t n = wire_put_plot(buf, sizeof(buf), &p);
	for (ssize_t k = 0; k < n; k++)
		assert_true(wire_get_plot(buf, (size_t)k, &q) < 0);
	assert_int_equal(q.time_ns, 7);
	for (ssize_t k = 0; k < n; k++)
		assert_true(wire_put_plot(buf, (size_t)k, &p) < 0);
}

static void unknown_keys_are_skipped_and_ranges_hold(void **state)
{
	struct wire_withdraw w = { .version = 1 };
	/* {1: ["xa", 1, 2], 2: 3, 3: 4, 30: [1, {}]} */
	static const char more[] = "\xa4\x01\x83\x62xa\x01\x02\x02\x03\x03\x04\x18\x1e\x82\x01\xa0";
	assert_int_equal(wire_get_withdraw(more, sizeof(more) - 1, &w), 0);
	assert_string_equal(w.id.origin, "xa");
	assert_int_equal(w.id.birth, 2);
	assert_int_equal(w.version, 3);
	/* Epoch beyond 32 bits, a missing key, a plot kind that is not one. */
	static const char wide[] = "\xa3\x01\x83\x62xa\x1b\x00\x00\x00\x01\x00\x00\x00\x00\x02\x02\x03\x03\x04";
	assert_int_equal(wire_get_withdraw(wide, sizeof(wide) - 1, &w), -ERANGE);
	static const char missing[] = "\xa2\x01\x83\x62xa\x01\x02\x02\x03";
	assert_int_equal(wire_get_withdraw(missing, sizeof(missing) - 1, &w), -EBADMSG);
	struct plot p;
	assert_int_equal(wire_get_plot("\xa1\x01\x09", 3, &p), -ERANGE);
}

static struct track track(void)
{
	struct track t = {
		.id = { "xa", 2, 17 },
		.version = 99,
		.time_ns = 1000,
		.recv_ns = 2000,
		.lat_rad = 54.6 * GEO_DEG,
		.lon_rad = 11.3 * GEO_DEG,
		.ve_mps = -3.25,
		.vn_mps = 8,
		.cov = { 100, -1, 2, 3, 110, 5, 6, 0.5, -0.25, 0.75 },
		.alt_m = NAN,
		.state = TRACK_CONFIRMED,
		.class = TRACK_CLASS_FISHING,
		.existence = 0.998,
		.n_ids = 1,
		.ids = { { PLOT_ID_MMSI, 211000001, 0.97 } },
		.identity = { .name = "ANNA", .nav_status = 7, .length_m = 24 },
		.n_sources = 2,
		.sources = { { "radar1", PLOT_SENSOR_RADAR, 900, 12 }, { "ais1", PLOT_SENSOR_AIS, 950, 4 } },
	};
	return t;
}

static void a_track_comes_back_as_it_was(void **state)
{
	uint8_t buf[WIRE_OBJECT_MAX], again[WIRE_OBJECT_MAX];
	struct track t = track(), u;
	ssize_t n = wire_put_track(buf, sizeof(buf), &t);
	assert_true(n > 0);
	assert_int_equal(wire_get_track(buf, (size_t)n, &u), 0);
	assert_int_equal(u.id.birth, 17);
	assert_near(u.ve_mps, -3.25, 1e-9);
	assert_near(u.cov[1], -1, 1e-9);
	assert_int_equal(u.ids[0].value, 211000001);
	assert_near(u.ids[0].probability, 0.97, 1e-9);
	assert_string_equal(u.identity.name, "ANNA");
	assert_int_equal(u.n_sources, 2);
	assert_string_equal(u.sources[1].feed, "ais1");
	assert_int_equal(wire_put_track(again, sizeof(again), &u), n);
	assert_memory_equal(buf, again, (size_t)n);
	for (ssize_t k = 0; k < n; k++)
		assert_true(wire_get_track(buf, (size_t)k, &u) < 0);
}

static void a_standing_comes_back_and_an_unknown_one_is_none(void **state)
{
	uint8_t buf[WIRE_OBJECT_MAX];
	struct track t = track(), u;
	ssize_t plain = wire_put_track(buf, sizeof(buf), &t);

	t.standing = (struct track_standing){ TRACK_STANDING_TWIN, PLOT_ID_MMSI, 211000001, 12, 3000, 7071.068 };
	ssize_t n = wire_put_track(buf, sizeof(buf), &t);
	assert_true(n > plain);
	assert_int_equal(wire_get_track(buf, (size_t)n, &u), 0);
	assert_int_equal(u.standing.kind, TRACK_STANDING_TWIN);
	assert_int_equal(u.standing.id_kind, PLOT_ID_MMSI);
	assert_int_equal(u.standing.value, 211000001);
	assert_int_equal(u.standing.count, 12);
	assert_int_equal(u.standing.since_ns, 3000);
	assert_near(u.standing.distance_m, 7071.068, 1e-9);
	for (ssize_t k = 0; k < n; k++)
		assert_true(wire_get_track(buf, (size_t)k, &u) < 0);
	t.standing.kind = _TRACK_STANDING_MAX; /* of a version to come */
	n = wire_put_track(buf, sizeof(buf), &t);
	assert_int_equal(wire_get_track(buf, (size_t)n, &u), 0);
	assert_int_equal(u.standing.kind, TRACK_STANDING_NONE);
	assert_int_equal(u.standing.value, 0);
	/* Not a distance. */
	t.standing = (struct track_standing){ TRACK_STANDING_SILENT, PLOT_ID_MMSI, 1, 1, -5, NAN };
	n = wire_put_track(buf, sizeof(buf), &t);
	assert_int_equal(wire_get_track(buf, (size_t)n, &u), 0);
	assert_near(u.standing.distance_m, 0, 0);
	assert_int_equal(u.standing.since_ns, 0);
}

static void a_track_of_nan_does_not_leave(void **state)
{
	uint8_t buf[WIRE_OBJECT_MAX];
	struct track t = track();
	t.lat_rad = NAN;
	assert_int_equal(wire_put_track(buf, sizeof(buf), &t), -ENOBUFS);
	t = track();
	t.cov[3] = INFINITY;
	assert_int_equal(wire_put_track(buf, sizeof(buf), &t), -ENOBUFS);
}

static void site_and_health_come_back(void **state)
{
	static struct counter table[] = { { "vedette_test_things_total", "things", false, 12 } };
	uint8_t buf[WIRE_OBJECT_MAX];
	struct site s = { "camera1", PLOT_SENSOR_CAMERA, 4, 0.9, 0.2, 31.5, NAN, 0.002, 1000000000, NAN, 0.6, 0.87 }, s2;
	ssize_t n = wire_put_site(buf, sizeof(buf), &s);
	assert_int_equal(wire_get_site(buf, (size_t)n, &s2), 0);
	assert_near(s2.height_m, 31.5, 1e-6);
	assert_true(isnan(s2.range_sigma_m) && isnan(s2.max_range_m));
	assert_near(s2.view_width_rad, 0.87, 1e-6);

	counter_register(table, 1);
	struct wire_health h = { "mast1", "sensor", "radar1", 5, WIRE_DEGRADED, "slow", 1000, true, 0, { { "", 0 } }, { 0 } }, h2;
	wire_health_counters(&h);
	n = wire_put_health(buf, sizeof(buf), &h);
	assert_int_equal(wire_get_health(buf, (size_t)n, &h2), 0);
	assert_string_equal(h2.reason, "slow");
	assert_true(h2.clock_synchronised);
	/* Behind what every process has. */
	assert_int_equal(h2.n_counters, 5);
	assert_string_equal(h2.counters[1].name, "vedette_process_uptime_seconds");
	assert_true(h2.counters[3].value > 0); /* resident memory */
	assert_string_equal(h2.counters[4].name, "vedette_test_things_total");
	assert_int_equal(h2.counters[4].value, 12);
	assert_false(h2.bias.given);
}

static void a_sensors_bias_comes_back(void **state)
{
	struct wire_health h = { .host = "xa", .process = "registration", .feed = "radar1", .bias = { true, {
		{ WIRE_BIAS_APPLIED, -60.5, 0.63 }, { WIRE_BIAS_ROUGH, 0.010472, 0.00035 },
		{ WIRE_BIAS_UNKNOWN, NAN, NAN } } } }, h2;
	uint8_t buf[WIRE_OBJECT_MAX];
	ssize_t n = wire_put_health(buf, sizeof(buf), &h);

	assert_true(n > 0);
	assert_int_equal(wire_get_health(buf, (size_t)n, &h2), 0);
	assert_true(h2.bias.given);
	assert_int_equal(h2.bias.of[WIRE_BIAS_RANGE].state, WIRE_BIAS_APPLIED);
	assert_near(h2.bias.of[WIRE_BIAS_RANGE].value, -60.5, 5e-4);
	assert_near(h2.bias.of[WIRE_BIAS_RANGE].sigma, 0.63, 5e-4);
	assert_int_equal(h2.bias.of[WIRE_BIAS_AZIMUTH].state, WIRE_BIAS_ROUGH);
	assert_near(h2.bias.of[WIRE_BIAS_AZIMUTH].value, 0.010472, 5e-7);
	assert_int_equal(h2.bias.of[WIRE_BIAS_TIME].state, WIRE_BIAS_UNKNOWN);
	assert_true(isnan(h2.bias.of[WIRE_BIAS_TIME].value));
	for (ssize_t cut = 0; cut < n; cut++)
		assert_int_not_equal(wire_get_health(buf, (size_t)cut, &h2), 0);

	/* An estimate that is none does not leave. */
	h.bias.of[0].value = NAN;
	assert_int_equal(wire_put_health(buf, sizeof(buf), &h), -ENOBUFS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plot_comes_back_as_it_was),
		cmocka_unit_test(a_sender_s_track_and_doppler_come_back),
		cmocka_unit_test(what_a_radar_sees_comes_back),
		cmocka_unit_test(a_plot_without_its_measurement_is_refused),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(unknown_keys_are_skipped_and_ranges_hold),
		cmocka_unit_test(a_track_comes_back_as_it_was),
		cmocka_unit_test(a_standing_comes_back_and_an_unknown_one_is_none),
		cmocka_unit_test(a_track_of_nan_does_not_leave),
		cmocka_unit_test(site_and_health_come_back),
		cmocka_unit_test(a_sensors_bias_comes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
