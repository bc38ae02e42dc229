#include "fusion/doppler.h"
#include "fusion/tracker.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Knuth's MMIX generator: the same states on every run. */
static double uniform(uint64_t *seed, double low, double high)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return low + (high - low) * (double)(*seed >> 11) / 9007199254740992.0;
}

static struct filter_mode some_state(uint64_t *seed)
{
	struct filter_mode m = { .x = { uniform(seed, -4e4, 4e4), uniform(seed, -4e4, 4e4), uniform(seed, -250, 250),
		uniform(seed, -250, 250) } };

	m.p[FILTER_XX] = uniform(seed, 1, 1e4);
	m.p[FILTER_YY] = uniform(seed, 1, 1e4);
	m.p[FILTER_XU] = 0.3 * sqrt(m.p[FILTER_XX]);
	m.p[FILTER_UU] = m.p[FILTER_VV] = 1;
	return m;
}

static double rate(const double x[4], double sx, double sy)
{
	double dx = x[0] - sx, dy = x[1] - sy;

	return (dx * x[2] + dy * x[3]) / hypot(dx, dy);
}

static void row_is_the_derivative_of_the_rate(void **state)
{
	static const double step[4] = { 1, 1, 1e-3, 1e-3 };
	uint64_t seed = 1;

	(void)state;
	for (int n = 0; n < 1000; n++) {
		struct filter_mode m = some_state(&seed);
		double sx = uniform(&seed, -1e3, 1e3), sy = uniform(&seed, -1e3, 1e3), total = 0.25;
		struct doppler_row row;

		if (doppler_row(&m, sx, sy, 3, 0.5, &row) < 0)
			continue;
		assert_near(row.innovation_mps, 3 - rate(m.x, sx, sy), 1e-9);
		for (int i = 0; i < 4; i++) {
			double low[4], high[4];

			for (int k = 0; k < 4; k++)
				low[k] = high[k] = m.x[k];
			low[i] -= step[i];
			high[i] += step[i];
			assert_near(row.h[i], (rate(high, sx, sy) - rate(low, sx, sy)) / (2 * step[i]), 1e-6);
		}
		total += row.h[0] * row.h[0] * m.p[FILTER_XX] + row.h[1] * row.h[1] * m.p[FILTER_YY] +
			2 * row.h[0] * row.h[2] * m.p[FILTER_XU] + row.h[2] * row.h[2] + row.h[3] * row.h[3];
		assert_near(row.variance, 0.25, 1e-12);
		assert_near(row.total, total, 1e-9 * total);
	}
}

static void what_says_nothing_is_refused(void **state)
{
	struct filter_mode m = { .x = { 1000, 0, 5, 0 }, .p = { [FILTER_XX] = 100, [FILTER_YY] = 100, [FILTER_UU] = 1, [FILTER_VV] = 1 } };
	struct doppler_row row = { .total = -1 };

	(void)state;
	assert_int_equal(doppler_row(&m, 0, 0, NAN, 1, &row), -EDOM);
	assert_int_equal(doppler_row(&m, 0, 0, 1, NAN, &row), -EDOM);
	assert_int_equal(doppler_row(&m, 0, 0, 1, 0, &row), -EDOM);
	assert_int_equal(doppler_row(&m, 0, 0, 1e300, 1, &row), -EDOM);
	assert_int_equal(doppler_row(&m, 1000, 0, 1, 1, &row), -EDOM);
	m.p[FILTER_UU] = -1e9;
	assert_int_equal(doppler_row(&m, 0, 0, 1, 1, &row), -EDOM);
	m.p[FILTER_UU] = 1;
	m.p[FILTER_YY] = 1e6; /* the sigma of its place is its range */
	assert_int_equal(doppler_row(&m, 0, 0, 1, 1, &row), -EDOM);
	assert_near(row.total, -1, 0);
	m.p[FILTER_YY] = 100;
	assert_int_equal(doppler_row(&m, 0, 0, 1, 1, &row), 0);
	assert_near(row.innovation_mps, -4, 1e-12);
}

/* Along the line of sight the velocity is known to the rate's sigma; across it nothing is. */
static void velocity_is_told_along_the_line_of_sight(void **state)
{
	struct filter_input in = { .kind = FILTER_POSITION, .x_m = 6000, .y_m = 8000, .cov = { 400, 0, 400 } };
	struct filter_mode e;
	struct filter f;

	(void)state;
	filter_init(&f, &in, 10);
	assert_int_equal(doppler_update(&f, 0, 0, 7, 0.5), 0);
	filter_estimate(&f, &e);

	double along = 0.6 * e.x[2] + 0.8 * e.x[3], across = 0.8 * e.x[2] - 0.6 * e.x[3];
	double var_along = 0.36 * e.p[FILTER_UU] + 2 * 0.48 * e.p[FILTER_UV] + 0.64 * e.p[FILTER_VV];
	double var_across = 0.64 * e.p[FILTER_UU] - 2 * 0.48 * e.p[FILTER_UV] + 0.36 * e.p[FILTER_VV];

	/* two independent estimates, 0 +- 10 and 7 +- 0.5 */
	assert_near(along, 7 * 100 / 100.25, 1e-9);
	assert_near(var_along, 1 / (1 / 100.0 + 1 / 0.25), 1e-9);
	assert_near(across, 0, 1e-9);
	assert_near(var_across, 100, 1e-9);
	assert_near(f.mu[0] + f.mu[1], 1, 1e-12);
}

/* The likelier mode gains by the ratio of the two normal densities. */
static void the_mode_that_expected_it_gains(void **state)
{
	struct filter_input in = { .kind = FILTER_POSITION, .x_m = 10000, .y_m = 0, .cov = { 400, 0, 400 }, .has_velocity = true,
		.velocity_cov = { 0.04, 0, 0.04 } };
	struct filter f;

	(void)state;
	filter_init(&f, &in, 10);
	f.p[FILTER_UU] = (filter_pair){ 0.75, 3.75 }; /* totals 1 and 4 with a sigma of 0.5 */
	f.mu = (filter_pair){ 0.5, 0.5 };
	assert_int_equal(doppler_update(&f, 0, 0, 3, 0.5), 0);
	assert_near(f.mu[0] / f.mu[1], exp(-4.5) / (exp(-9.0 / 8) / 2), 1e-9);
}

static void a_rate_that_nobody_expects_is_left(void **state)
{
	struct filter_input in = { .kind = FILTER_POSITION, .x_m = 10000, .y_m = 0, .cov = { 400, 0, 400 }, .has_velocity = true,
		.velocity_cov = { 1, 0, 1 } };
	struct filter f, before;

	(void)state;
	filter_init(&f, &in, 10);
	before = f;
	assert_int_equal(doppler_update(&f, 0, 0, 60, 1), -EDOM);
	assert_int_equal(doppler_update(&f, 0, 0, NAN, 1), -EDOM);
	assert_memory_equal(&f, &before, sizeof(f));
}

static struct tracker_view last;

static void look(void *user, const struct tracker_view *v)
{
	(void)user;
	last = *v;
}

/* Speed away from the radar after @plots plots of a vessel that opens at 9 m/s; its sigma where @ret_sigma_mps. */
static double speed_after(int plots, double sigma_mps, double *ret_sigma_mps)
{
	struct site site = { .feed = "radar1", .sensor = PLOT_SENSOR_RADAR, .version = 1, .lat_rad = 0.95, .lon_rad = 0.2,
		.range_sigma_m = 20, .azimuth_sigma_rad = 0.003, .scan_period_ns = 2500000000, .max_range_m = 50e3,
		.view_width_rad = 2 * M_PI };
	struct tracker_config c;
	struct tracker *t;

	tracker_defaults(&c);
	c.lat_rad = site.lat_rad;
	c.lon_rad = site.lon_rad;
	c.confirm = 0.1;
	assert_int_equal(tracker_new(&c, NULL, NULL, &t), 0);
	tracker_site(t, &site);
	for (int i = 0; i < plots; i++) {
		struct plot p;

		plot_init(&p, PLOT_POLAR, PLOT_SENSOR_RADAR);
		strcpy(p.feed, site.feed);
		p.recv_ns = p.time_ns = INT64_C(1764000000000000000) + i * INT64_C(2500000000);
		p.lat_rad = site.lat_rad + (10000 + 9 * 2.5 * i + (i & 1 ? 15 : -15)) / 6.37e6;
		p.lon_rad = site.lon_rad;
		p.cov = (struct plot_cov2){ 900, 0, 400 };
		p.range_m = 10000;
		p.azimuth_rad = 0;
		p.doppler_mps = 9;
		p.doppler_sigma_mps = sigma_mps;
		tracker_plot(t, &p);
		tracker_tick(t, p.time_ns + 100000000);
		tracker_each(t, p.time_ns, look, NULL);
	}
	tracker_free(t);
	*ret_sigma_mps = sqrt(last.estimate.p[FILTER_VV]);
	return last.estimate.x[3];
}

static void a_track_begins_with_its_speed(void **state)
{
	double sigma_mps;

	(void)state;
	assert_near(speed_after(3, 1, &sigma_mps), 9, 1);
	assert_true(sigma_mps < 1);
	/* a rate without its accuracy says nothing */
	(void)speed_after(3, NAN, &sigma_mps);
	assert_true(sigma_mps > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_is_the_derivative_of_the_rate),
		cmocka_unit_test(what_says_nothing_is_refused),
		cmocka_unit_test(velocity_is_told_along_the_line_of_sight),
		cmocka_unit_test(the_mode_that_expected_it_gains),
		cmocka_unit_test(a_rate_that_nobody_expects_is_left),
		cmocka_unit_test(a_track_begins_with_its_speed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
