#include "fusion/filter.h"
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

static void run(struct filter *f, const struct filter_input *in, int n, const int *order)
{
	int64_t now = in[0].time_ns;

	for (int i = 1; i < n; i++) {
		const struct filter_input *m = &in[order[i]];
		if (m->time_ns >= now) {
			filter_predict(f, (double)(m->time_ns - now) * 1e-9, &model);
			filter_update(f, m);
			now = m->time_ns;
		} else {
			filter_update_late(f, (double)(now - m->time_ns) * 1e-9, m, &model);
		}
	}
}

/* Without process noise the state's past is known exactly: late and in order are the same. With it, they differ by less than the
 * uncertainty that the filter states. */
static void late_measurement_gives_nearly_the_ordered_answer(void **state)
{
	static const int ascending[12] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };
	static const int mixed[12] = { 0, 1, 3, 2, 6, 5, 4, 7, 10, 11, 9, 8 };
	struct filter ordered, late;
	struct filter_input in[12];
	struct filter_mode a, b;

	for (int i = 0; i < 12; i++)
		in[i] = position(i * 1.3, 7.0 * i + (i * 37 % 11), 5.0 * i - (i * 29 % 13), 15);
	filter_init(&ordered, &in[0], 10);
	late = ordered;
	run(&ordered, in, 12, ascending);
	run(&late, in, 12, mixed);
	filter_estimate(&ordered, &a);
	filter_estimate(&late, &b);
	for (int i = 0; i < 2; i++) {
		assert_near(a.x[i], b.x[i], 0.5 * sqrt(a.p[FILTER_XX]));
		assert_near(a.x[2 + i], b.x[2 + i], 0.5 * sqrt(a.p[FILTER_UU]));
	}
	assert_true(b.p[FILTER_XX] < 1.3 * a.p[FILTER_XX]);
	assert_true(b.p[FILTER_XX] > 0.8 * a.p[FILTER_XX]);
}

static void late_without_noise_equals_in_order(void **state)
{
	static const struct filter_model still = { .q = { 0, 0 }, .switch_time_s = 1e12 };
	struct filter a, b;
	struct filter_mode ea, eb;
	struct filter_input first = position(0, 0, 0, 10), mid = position(3, 20, 9, 10), last = position(7, 50, 33, 12);

	filter_init(&a, &first, 10);
	b = a;
	filter_predict(&a, 3, &still);
	filter_update(&a, &mid);
	filter_predict(&a, 4, &still);
	filter_update(&a, &last);
	filter_predict(&b, 7, &still);
	filter_update(&b, &last);
	filter_update_late(&b, 4, &mid, &still);
	filter_estimate(&a, &ea);
	filter_estimate(&b, &eb);
	for (int i = 0; i < 4; i++)
		assert_near(ea.x[i], eb.x[i], 1e-6);
	for (int i = 0; i < 10; i++)
		assert_near(ea.p[i], eb.p[i], 1e-6);
}

static void packed_is_the_same_to_a_millimetre(void **state)
{
	struct filter f, g;
	struct filter_packed p;
	struct filter_input in = position(0, 876543.21, -123456.78, 15);
	double x[4];
	struct filter_mode e;

	filter_init(&f, &in, 10);
	for (int i = 1; i < 20; i++) {
		struct filter_input next = position(i, 876543.21 + 7 * i, -123456.78 + i % 5, 15);
		filter_predict(&f, 1, &model);
		filter_update(&f, &next);
	}
	filter_pack(&f, &p);
	filter_unpack(&p, &g);
	for (int m = 0; m < 2; m++) {
		for (int i = 0; i < 4; i++)
			assert_near(f.x[i][m], g.x[i][m], 1e-3);
		for (int k = 0; k < 10; k++)
			assert_near(f.p[k][m], g.p[k][m], 1e-6 * fabs(f.p[k][m]) + 1e-9);
		assert_near(f.mu[m], g.mu[m], 1e-7);
	}
	filter_estimate(&f, &e);
	filter_place(&p, x);
	for (int i = 0; i < 4; i++)
		assert_near(e.x[i], x[i], 1e-3);
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
		cmocka_unit_test(late_measurement_gives_nearly_the_ordered_answer),
		cmocka_unit_test(late_without_noise_equals_in_order),
		cmocka_unit_test(packed_is_the_same_to_a_millimetre),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
