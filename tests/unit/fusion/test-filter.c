#include "fusion/filter.h"
#include "fusion/history.h"
#include "tests/assert_near.h"

#include <errno.h>

static const struct filter_model model = { .q = { 0.02, 2 }, .switch_time_s = 60 };
/* Both modes alike: one plain Kalman filter. */
static const struct filter_model plain = { .q = { 0.5, 0.5 }, .switch_time_s = 60 };

static struct filter_input position(double t_s, double x, double y, double sigma)
{
	return (struct filter_input){ .time_ns = (int64_t)(t_s * 1e9),
		.x_m = x,
		.y_m = y,
		.cov = { sigma * sigma, 0, sigma * sigma } };
}

/* Bar-Shalom, Li & Kirubarajan (2001), 6.2.2-13: F P F' + Q for constant velocity, by hand for h =
 * 2, q = 0.5. */
static void prediction_is_the_textbook_matrix(void **state)
{
	struct filter f;
	struct filter_mode e;
	struct filter_input in = position(0, 100, 200, 10);

	in.has_velocity = true;
	in.u_mps = 3;
	in.v_mps = -4;
	in.velocity_cov = (struct filter_cov2){ 4, 0, 9 };
	filter_init(&f, &in, 10);
	filter_predict(&f, 2, &plain);
	filter_estimate(&f, &e);
	assert_near(e.x[0], 106, 1e-9);
	assert_near(e.x[1], 192, 1e-9);
	assert_near(e.p[FILTER_XX], 100 + 4 * 4 + 0.5 * 8 / 3, 1e-9);
	assert_near(e.p[FILTER_XU], 2 * 4 + 0.5 * 4 / 2, 1e-9);
	assert_near(e.p[FILTER_UU], 4 + 0.5 * 2, 1e-9);
	assert_near(e.p[FILTER_YY], 100 + 4 * 9 + 0.5 * 8 / 3, 1e-9);
	assert_near(e.p[FILTER_VV], 9 + 0.5 * 2, 1e-9);
	assert_near(e.p[FILTER_XY], 0, 1e-9);
}

/* Two equal measurements of one thing: half the variance, the mean. */
static void two_equal_looks_halve_the_variance(void **state)
{
	struct filter f;
	struct filter_mode e;
	struct filter_input a = position(0, 0, 0, 10), b = position(0, 10, 0, 10);

	filter_init(&f, &a, 10);
	double l = filter_update(&f, &b);
	filter_estimate(&f, &e);
	assert_near(e.x[0], 5, 1e-9);
	assert_near(e.p[FILTER_XX], 50, 1e-9);
	/* N(10; 0, 200) N(0; 0, 200) = exp(-0.25) / (2 pi 200) */
	assert_near(l, exp(-0.25) / (2 * M_PI * 200), 1e-15);
}

/* The stationary probabilities of notes 2.1's matrix are 2/3, 1/3 whatever the step. */
static void modes_at_rest_stay_two_to_one(void **state)
{
	struct filter f;
	struct filter_input in = position(0, 0, 0, 10);

	filter_init(&f, &in, 10);
	filter_predict(&f, 7, &model);
	assert_near(f.mu[0], 2. / 3, 1e-12);
	filter_predict(&f, 1e6, &model);
	assert_near(f.mu[0] + f.mu[1], 1, 1e-12);
	assert_near(f.mu[0], 2. / 3, 1e-9);
}

/* Polar and converted measurements agree where the arc is straight. */
static void polar_update_equals_cartesian_at_short_arc(void **state)
{
	struct filter a, b;
	struct filter_mode ea, eb;
	struct filter_input start = position(0, 3000, 4000, 50), cart, polar;
	double r = 5010, az = atan2(3, 4) + 0.002;

	polar = (struct filter_input){ .kind = FILTER_POLAR,
		.range_m = r,
		.range_sigma_m = 20,
		.azimuth_rad = az,
		.azimuth_sigma_rad = 0.005 };
	cart = position(0, r * sin(az), r * cos(az), 1);
	cart.cov = filter_polar_cov(cart.x_m, cart.y_m, 20, 0.005);
	filter_init(&a, &start, 10);
	b = a;
	filter_update(&a, &cart);
	filter_update(&b, &polar);
	filter_estimate(&a, &ea);
	filter_estimate(&b, &eb);
	assert_near(eb.x[0], ea.x[0], 0.2);
	assert_near(eb.x[1], ea.x[1], 0.2);
	assert_near(eb.p[FILTER_XX], ea.p[FILTER_XX], 2);
}

/* Numerical derivative: the bearing's row of H is that of atan2(dx, dy). */
static void bearing_moves_across_the_line_only(void **state)
{
	struct filter f;
	struct filter_mode before, after;
	struct filter_input start = position(0, 0, 10000, 100);
	struct filter_input b = {
		.kind = FILTER_BEARING, .azimuth_rad = 0.01, .azimuth_sigma_rad = 0.001
	};

	filter_init(&f, &start, 10);
	filter_estimate(&f, &before);
	filter_update(&f, &b);
	filter_estimate(&f, &after);
	/* Gain: 100^2 / (100^2 + (10000 * 0.001)^2) of 100 m. */
	assert_near(after.x[0], 100 * 1e4 / (1e4 + 100), 0.1);
	assert_near(after.x[1], before.x[1], 1e-6);
	assert_near(after.p[FILTER_YY], before.p[FILTER_YY], 1e-6);
}

static void azimuth_residual_wraps_at_north(void **state)
{
	struct filter f;
	struct filter_mode e;
	struct filter_input start = position(0, -10, 10000, 100);
	struct filter_input b = {
		.kind = FILTER_BEARING, .azimuth_rad = 0.001, .azimuth_sigma_rad = 0.001
	};
	double d2, l;

	filter_init(&f, &start, 10);
	b.azimuth_rad += 2 * M_PI;
	assert_int_equal(filter_bearing2(&f, &b, &d2, &l), 0);
	assert_true(d2 < 1);
	filter_update(&f, &b);
	filter_estimate(&f, &e);
	assert_near(e.x[0], 10, 0.5);
}

/* sigma_r 20 m, 0.3 deg at 20 km: 105 m across (notes 2.2). */
static void polar_noise_is_long_across(void **state)
{
	struct filter_cov2 c = filter_polar_cov(0, 20000, 20, 0.3 * M_PI / 180);

	assert_near(sqrt(c.xx), 104.7, 0.1);
	assert_near(sqrt(c.yy), 20, 1e-9);
	assert_near(c.xy, 0, 1e-9);
}

static void late_measurement_gives_the_ordered_answer(void **state)
{
	struct filter ordered, late;
	struct history h1, h2;
	struct filter_input in[12];

	for (int i = 0; i < 12; i++)
		in[i] = position(i * 1.3, 7.0 * i + (i * 37 % 11), 5.0 * i - (i * 29 % 13), 15);
	filter_init(&ordered, &in[0], 10);
	late = ordered;
	history_init(&h1, &ordered, 0);
	history_init(&h2, &late, 0);
	for (int i = 1; i < 12; i++)
		assert_int_equal(history_update(&h1, &in[i], &model, &ordered), 0);
	static const int order[] = { 1, 3, 2, 6, 5, 4, 7, 10, 11, 9, 8 };
	for (int i = 0; i < 11; i++)
		assert_int_equal(history_update(&h2, &in[order[i]], &model, &late), 0);
	assert_memory_equal(&ordered, &late, sizeof(late));
}

static void full_history_folds_and_refuses_the_too_old(void **state)
{
	struct filter f, straight;
	struct history h;
	int64_t t = 0;

	struct filter_input first = position(0, 0, 0, 15), old = position(1.5, 0, 0, 15);
	filter_init(&f, &first, 10);
	straight = f;
	history_init(&h, &f, 0);
	for (int i = 1; i < 100; i++) {
		struct filter_input in = position(i, 5 * i, i % 7, 15);
		assert_int_equal(history_update(&h, &in, &model, &f), 0);
		filter_predict(&straight, (double)(in.time_ns - t) * 1e-9, &model);
		filter_update(&straight, &in);
		t = in.time_ns;
	}
	assert_memory_equal(&f, &straight, sizeof(f));
	assert_int_equal(history_update(&h, &old, &model, &f), -ETIME);
	assert_memory_equal(&f, &straight, sizeof(f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prediction_is_the_textbook_matrix),
		cmocka_unit_test(two_equal_looks_halve_the_variance),
		cmocka_unit_test(modes_at_rest_stay_two_to_one),
		cmocka_unit_test(polar_update_equals_cartesian_at_short_arc),
		cmocka_unit_test(bearing_moves_across_the_line_only),
		cmocka_unit_test(azimuth_residual_wraps_at_north),
		cmocka_unit_test(polar_noise_is_long_across),
		cmocka_unit_test(late_measurement_gives_the_ordered_answer),
		cmocka_unit_test(full_history_folds_and_refuses_the_too_old),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
