#include "fusion/registration.h"
#include "fusion/tracker.h"
#include "tests/assert_near.h"

#include <stdlib.h>
#include <string.h>

#define DEG (M_PI / 180)
#define SECOND INT64_C(1000000000)

static unsigned seed;

static double uniform(double from, double to)
{
	seed = seed * 1103515245u + 12345u;
	return from + (to - from) * (seed >> 8) / 16777216.0;
}

/* Sum of twelve: near enough to a normal one, and never 7 sigma. */
static double normal(double sigma)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += uniform(0, 1);
	return sigma * sum;
}

/* --- votes --- */

static const double sigma_r = 24, sigma_a = 0.31 * DEG;

static struct registration_vote vote(uint32_t vessel, double range_m, double azimuth_rad)
{
	return (struct registration_vote){ .vessel = vessel,
		.z = { (float)range_m, (float)azimuth_rad },
		.var = { (float)(sigma_r * sigma_r), (float)(sigma_a * sigma_a) } };
}

static struct registration_vote chance(uint32_t vessel)
{
	return vote(vessel, uniform(-REGISTRATION_RANGE_MAX_M, REGISTRATION_RANGE_MAX_M),
		uniform(-REGISTRATION_AZIMUTH_MAX_RAD, REGISTRATION_AZIMUTH_MAX_RAD));
}

/* @n reports, a second apart, seen nine times in ten, with @clutter false plots each on average. */
static int64_t feed(struct registration *r, int64_t time_ns, int n, double range_m,
	double azimuth_rad, double clutter)
{
	for (int i = 0; i < n; i++, time_ns += SECOND) {
		struct registration_vote v[REGISTRATION_CANDIDATES + 1];
		uint32_t vessel = 1 + (uint32_t)uniform(0, 25);
		unsigned k = 0;
		if (uniform(0, 1) < 0.9)
			v[k++] = vote(vessel, range_m + normal(sigma_r), azimuth_rad + normal(sigma_a));
		for (double c = uniform(0, 2 * clutter); c > 0.5 && k <= REGISTRATION_CANDIDATES; c--)
			v[k++] = chance(vessel);
		registration_learn(r, v, k, time_ns);
	}
	return time_ns;
}

static double error_of(const struct registration *r, enum registration_component which, double truth)
{
	struct registration_view v = registration_look(r, which);
	double applied = v.state == REGISTRATION_APPLIED ? v.value : 0;

	return fabs(applied - truth);
}

/* A second of reports for ten minutes, of every size between nothing and the window's rim. */
static void biases_are_found_to_3_m_and_a_50th_of_a_degree(void **state)
{
	static const double sizes[][2] = { { 60, 0.6 }, { -120, -1 }, { 5, 0.1 }, { 300, -2.2 }, { 0, 0.3 },
		{ -40, 0 } };
	static const double clutter[] = { 0, 1, 3 };

	for (seed = 1; seed < 4; seed++)
		for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			for (unsigned c = 0; c < 3; c++) {
				unsigned kept = seed;
				struct registration r;
				registration_init(&r, false);
				feed(&r, SECOND, 600, sizes[i][0], sizes[i][1] * DEG, clutter[c]);
				assert_true(r.locked);
				/* 4 sigma: the reports of a sea half as busy as the acceptance's. */
				assert_near(registration_look(&r, REGISTRATION_RANGE).value,
					sizes[i][0], 4.5);
				assert_near(registration_look(&r, REGISTRATION_AZIMUTH).value / DEG,
					sizes[i][1], 0.055);
				assert_true(registration_look(&r, REGISTRATION_AZIMUTH).sigma < 0.02 * DEG);
				seed = kept;
			}
}

/* Beyond what can be seen whole nothing is claimed. */
static void a_bias_at_the_windows_rim_is_not_found(void **state)
{
	struct registration r;

	seed = 2;
	registration_init(&r, false);
	feed(&r, SECOND, 1200, 380, 0.2 * DEG, 1);
	assert_false(r.locked);
	registration_init(&r, false);
	feed(&r, SECOND, 1200, 0, 3 * DEG, 1);
	assert_false(r.locked);
}

static void an_unbiased_sensor_gets_no_bias(void **state)
{
	for (unsigned s = 1; s <= 20; s++) {
		struct registration r;
		int64_t time_ns = SECOND;
		seed = s;
		registration_init(&r, false);
		for (int minute = 0; minute < 30; minute++) {
			time_ns = feed(&r, time_ns, 60, 0, 0, s % 4);
			assert_near(error_of(&r, REGISTRATION_RANGE, 0), 0, 3);
			assert_near(error_of(&r, REGISTRATION_AZIMUTH, 0) / DEG, 0, 0.02);
			assert_false(r.applied[REGISTRATION_TIME]);
		}
	}
}

static void clutter_alone_is_no_bias(void **state)
{
	for (seed = 1; seed <= 20; seed++) {
		unsigned kept = seed;
		struct registration r;
		registration_init(&r, false);
		for (int i = 0; i < 3000; i++) {
			struct registration_vote v[2] = { chance(1 + i % 25), chance(1 + i % 25) };
			registration_learn(&r, v, 2, i * SECOND);
		}
		assert_false(r.locked);
		seed = kept;
	}
}

/* Two ships moored beside one that tells nothing, for an hour: the same offset over and over. */
static void one_place_is_no_bias(void **state)
{
	struct registration r;

	seed = 5;
	registration_init(&r, false);
	for (int i = 0; i < 3600; i++) {
		struct registration_vote v = vote(1 + i % 3, 90 + normal(sigma_r), 0.7 * DEG + normal(sigma_a));
		registration_learn(&r, &v, 1, i * SECOND);
	}
	assert_false(r.locked);
}

static void a_change_is_followed(void **state)
{
	static const double later[][2] = { { -20, -0.4 }, { 60, 0.4 }, { 0, 0 } };

	for (unsigned i = 0; i < 3; i++) {
		struct registration r;
		seed = 3;
		registration_init(&r, false);
		int64_t time_ns = feed(&r, SECOND, 1800, 60, 0.6 * DEG, 1);
		assert_true(r.applied[REGISTRATION_RANGE] && r.applied[REGISTRATION_AZIMUTH]);
		feed(&r, time_ns, 900, later[i][0], later[i][1] * DEG, 1);
		assert_near(error_of(&r, REGISTRATION_RANGE, later[i][0]), 0, 3.5);
		assert_near(error_of(&r, REGISTRATION_AZIMUTH, later[i][1] * DEG) / DEG, 0, 0.05);
	}
}

static void what_nothing_bears_out_is_dropped(void **state)
{
	struct registration r;

	seed = 9;
	registration_init(&r, false);
	feed(&r, SECOND, 900, 60, 0.6 * DEG, 0);
	assert_true(r.applied[REGISTRATION_AZIMUTH]);
	for (int i = 0; i < 2000; i++) {
		struct registration_vote v = chance(1 + i % 25);
		registration_learn(&r, &v, 1, (1000 + i) * SECOND);
	}
	assert_false(r.locked);
	assert_int_equal(registration_look(&r, REGISTRATION_RANGE).state, REGISTRATION_UNKNOWN);
}

/* A sensor noisier than its file says is not known better than its residuals allow. */
static void understated_noise_is_noticed(void **state)
{
	struct registration r;

	seed = 11;
	registration_init(&r, false);
	for (int i = 0; i < 3000; i++) {
		struct registration_vote v = vote(1 + i % 25, normal(2 * sigma_r), normal(2 * sigma_a));
		registration_learn(&r, &v, 1, i * SECOND);
	}
	assert_near(r.noise, 4, 1);
}

/* Against the normal equations of the same residuals, the prior included, solved here. */
static void least_squares_agree_with_the_normal_equations(void **state)
{
	struct registration r;
	double a[3][4] = { { 0 } };

	seed = 21;
	registration_init(&r, false);
	int64_t time_ns = feed(&r, SECOND, 200, 30, 0.2 * DEG, 0);
	assert_true(r.locked);
	/* All with one time: no drift between. */
	r.time_ns = time_ns;
	r.fresh = 0;
	r.noise = 1;
	memset(r.p, 0, sizeof(r.p));
	for (int i = 0; i < 3; i++) {
		double sigma[3] = { 50, 0.5 * DEG, 0.5 };
		r.p[i][i] = sigma[i] * sigma[i];
		a[i][i] = 1 / r.p[i][i];
		a[i][3] = r.b[i] / r.p[i][i];
	}
	/* Fewer than are looked over, and so even that the noise stays as stated. */
	for (int i = 0; i < 30; i++) {
		struct registration_vote v = vote(1 + i, 30 + uniform(-10, 10), 0.2 * DEG + uniform(-1, 1) * 1e-3);
		v.rate[0] = (float)uniform(-20, 20);
		v.rate[1] = (float)uniform(-1e-3, 1e-3);
		for (int axis = 0; axis < 2; axis++) {
			double h[3] = { axis == 0, axis == 1, v.rate[axis] };
			for (int k = 0; k < 3; k++) {
				for (int l = 0; l < 3; l++)
					a[k][l] += h[k] * h[l] / v.var[axis];
				a[k][3] += h[k] * v.z[axis] / v.var[axis];
			}
		}
		registration_learn(&r, &v, 1, time_ns);
		assert_near(r.noise, 1, 0);
	}
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 3; k++)
			for (int l = 3; k != i && l >= i; l--)
				a[k][l] -= a[k][i] / a[i][i] * a[i][l];
	for (int i = 0; i < 3; i++)
		assert_near(r.b[i], a[i][3] / a[i][i], 1e-9 * (1 + fabs(r.b[i])));
}

/* The sensor says (r + b_r, a + b_a): corrected it is where it was, with the noise it has there. */
static void correction_undoes_the_bias(void **state)
{
	static const double sx = 1000, sy = -2000;
	struct registration r;

	registration_init(&r, false);
	r.b[REGISTRATION_RANGE] = 60;
	r.b[REGISTRATION_AZIMUTH] = 0.6 * DEG;
	r.b[REGISTRATION_TIME] = 0.25;
	for (int i = 0; i < 3; i++)
		r.applied[i] = true;
	for (int i = 0; i < 36; i++) {
		double range = 500 + 700 * i, azimuth = 10 * i * DEG;
		double dx = range * sin(azimuth), dy = range * cos(azimuth);
		double bx = (range + 60) * sin(azimuth + 0.6 * DEG), by = (range + 60) * cos(azimuth + 0.6 * DEG);
		struct filter_input in = { .time_ns = SECOND, .kind = FILTER_POLAR, .x_m = sx + bx,
			.y_m = sy + by, .cov = filter_polar_cov(bx, by, 20, 0.3 * DEG),
			.range_m = range + 60, .azimuth_rad = azimuth + 0.6 * DEG };
		struct filter_cov2 there = filter_polar_cov(dx * (range + 60) / range,
			dy * (range + 60) / range, 20, 0.3 * DEG);
		registration_correct(&r, sx, sy, &in);
		assert_near(in.x_m, sx + dx, 1e-8);
		assert_near(in.y_m, sy + dy, 1e-8);
		assert_near(in.range_m, range, 1e-9);
		assert_near(in.azimuth_rad, azimuth, 1e-12);
		assert_near(in.cov.xx, there.xx, 1e-6);
		assert_near(in.cov.xy, there.xy, 1e-6);
		assert_near(in.cov.yy, there.yy, 1e-6);
		assert_int_equal(in.time_ns, SECOND + 250000000);
	}
}

static void nothing_applied_changes_nothing(void **state)
{
	struct filter_input in = { .time_ns = 5, .x_m = 3, .y_m = 4, .cov = { 1, 0.5, 2 } }, kept = in;
	struct registration r;

	registration_init(&r, false);
	r.b[0] = r.b[1] = r.b[2] = 1;
	registration_correct(&r, 0, 0, &in);
	assert_memory_equal(&in, &kept, sizeof(in));
	assert_near(registration_share(&r, 1000, 0).xx, 0, 0);
}

static void the_share_is_along_and_across_the_beam(void **state)
{
	struct registration r;

	registration_init(&r, false);
	r.locked = true;
	r.p[0][0] = 4;
	r.p[1][1] = 1e-6;
	struct filter_cov2 c = registration_share(&r, 0, 20000);
	assert_near(c.yy, 4, 1e-9);
	assert_near(c.xx, 400, 1e-6);
	assert_near(c.xy, 0, 1e-9);
}

static void absurd_votes_change_nothing(void **state)
{
	struct registration r, kept;

	seed = 1;
	registration_init(&r, false);
	int64_t time_ns = feed(&r, SECOND, 300, 20, 0.2 * DEG, 0);
	kept = r;
	for (int i = 0; i < 6; i++) {
		static const float bad[] = { NAN, INFINITY, -INFINITY, 1e30f };
		for (unsigned k = 0; k < 4; k++) {
			struct registration_vote v = vote(1, 20, 0.2 * DEG);
			float *at[] = { &v.z[0], &v.z[1], &v.var[0], &v.var[1], &v.rate[0], &v.rate[1] };
			*at[i] = bad[k];
			registration_learn(&r, &v, 1, time_ns);
		}
	}
	struct registration_vote none = vote(1, 0, 0);
	none.var[1] = 0;
	registration_learn(&r, &none, 1, time_ns);
	registration_learn(&r, &none, 0, time_ns);
	assert_memory_equal(&r, &kept, sizeof(r));
}

/* --- the same through the tracker: vessels that tell where they are, a sensor that is off --- */

#define VESSELS 40

struct sea {
	struct tracker *t;
	double x[VESSELS], y[VESSELS], u[VESSELS], v[VESSELS], next_s[VESSELS];
	double range_m, azimuth_rad, late_s; /* the sensor's own errors */
	bool camera;
};

static void sea_init(struct sea *s, bool camera)
{
	struct site site = { .scan_period_ns = 5 * SECOND / 2, .max_range_m = 30000, .range_sigma_m = 10,
		.azimuth_sigma_rad = 0.1 * DEG };
	struct tracker_config c;

	*s = (struct sea){ .camera = camera };
	tracker_defaults(&c);
	c.max_tracks = 2000;
	memcpy(c.origin, "xa", 3);
	c.lat_rad = 0.75;
	c.lon_rad = 0.5;
	assert_int_equal(tracker_new(&c, NULL, NULL, &s->t), 0);
	assert_int_equal(tracker_station(s->t, "r", camera ? PLOT_SENSOR_CAMERA : PLOT_SENSOR_RADAR), 0);
	tracker_station_place(s->t, 0, 0, 0, 0, &site);
	assert_int_equal(tracker_station(s->t, "ais", PLOT_SENSOR_AIS), 1);
	for (int i = 0; i < VESSELS; i++) {
		double course = uniform(0, 2 * M_PI), speed = uniform(5, 25);
		s->x[i] = uniform(-10000, 10000);
		s->y[i] = uniform(-10000, 10000);
		s->u[i] = speed * sin(course);
		s->v[i] = speed * cos(course);
		s->next_s[i] = uniform(0, 6);
	}
}

static void report(struct sea *s, int i, double time_s)
{
	struct tracker_input m = { .station = 1, .id_kind = PLOT_ID_MMSI, .id = 200000001 + (uint32_t)i,
		.in = { .time_ns = SECOND + (int64_t)(time_s * 1e9), .x_m = s->x[i] + normal(10),
			.y_m = s->y[i] + normal(10), .cov = { 169, 0, 169 }, .has_velocity = true,
			.u_mps = s->u[i] + normal(0.2), .v_mps = s->v[i] + normal(0.2),
			.velocity_cov = { 0.1, 0, 0.1 } } };

	tracker_input(s->t, &m);
}

static void look(struct sea *s, int i, double time_s)
{
	double sr = s->camera ? 0 : 10, x = s->x[i] + s->late_s * s->u[i], y = s->y[i] + s->late_s * s->v[i];
	double range = sqrt(x * x + y * y) + s->range_m + normal(sr);
	double azimuth = atan2(x, y) + s->azimuth_rad + normal(0.1 * DEG);
	struct tracker_input m = { .in = { .time_ns = SECOND + (int64_t)(time_s * 1e9) } };

	if (s->camera && range > 8000)
		return;
	m.in.x_m = range * sin(azimuth);
	m.in.y_m = range * cos(azimuth);
	m.in.cov = filter_polar_cov(m.in.x_m, m.in.y_m, 10, 0.1 * DEG);
	if (s->camera) {
		m.in.kind = FILTER_BEARING;
		m.in.azimuth_rad = azimuth;
		m.in.azimuth_sigma_rad = 0.1 * DEG;
	}
	tracker_input(s->t, &m);
}

/* The sea from @from_s to @to_s: a second of motion, the reports due, the sensor every 2.5 s. */
static void sea_run(struct sea *s, int from_s, int to_s)
{
	for (int half = 2 * from_s; half < 2 * to_s; half++) {
		double time_s = half / 2.0;
		for (int i = 0; i < VESSELS; i++) {
			s->x[i] += s->u[i] / 2;
			s->y[i] += s->v[i] / 2;
			if (fabs(s->x[i]) > 10000)
				s->u[i] = -copysign(s->u[i], s->x[i]);
			if (fabs(s->y[i]) > 10000)
				s->v[i] = -copysign(s->v[i], s->y[i]);
			if (time_s >= s->next_s[i]) {
				report(s, i, time_s);
				s->next_s[i] += 6;
			}
			if (half % 5 == 0 && uniform(0, 1) < 0.9)
				look(s, i, time_s);
		}
		tracker_tick(s->t, SECOND + (int64_t)(time_s * 1e9));
	}
}

static struct registration_view bias(const struct sea *s, enum registration_component which)
{
	struct tracker_bias b;

	assert_true(tracker_bias(s->t, 0, &b));
	return b.of[which];
}

static void range_azimuth_and_time_of_a_radar_are_found(void **state)
{
	static const double late_s[] = { 0.4, -0.4, 0 };

	for (unsigned i = 0; i < 3; i++) {
		struct sea s;
		seed = 40 + i;
		sea_init(&s, false);
		s.range_m = 60;
		s.azimuth_rad = 0.6 * DEG;
		s.late_s = late_s[i];
		sea_run(&s, 0, 1800);
		assert_int_equal(bias(&s, REGISTRATION_RANGE).state, REGISTRATION_APPLIED);
		assert_near(bias(&s, REGISTRATION_RANGE).value, 60, 1.5);
		assert_int_equal(bias(&s, REGISTRATION_AZIMUTH).state, REGISTRATION_APPLIED);
		assert_near(bias(&s, REGISTRATION_AZIMUTH).value / DEG, 0.6, 0.02);
		assert_int_equal(bias(&s, REGISTRATION_TIME).state,
			late_s[i] != 0 ? REGISTRATION_APPLIED : REGISTRATION_NONE_SEEN);
		assert_near(bias(&s, REGISTRATION_TIME).value, late_s[i], 0.1);
		assert_true(bias(&s, REGISTRATION_TIME).sigma < 0.05);
		tracker_free(s.t);
	}
}

static void yaw_of_a_camera_is_found(void **state)
{
	struct sea s;

	seed = 50;
	sea_init(&s, true);
	s.azimuth_rad = -0.8 * DEG;
	sea_run(&s, 0, 900);
	assert_int_equal(bias(&s, REGISTRATION_AZIMUTH).state, REGISTRATION_APPLIED);
	assert_near(bias(&s, REGISTRATION_AZIMUTH).value / DEG, -0.8, 0.02);
	assert_int_equal(bias(&s, REGISTRATION_RANGE).state, REGISTRATION_UNKNOWN);
	assert_int_equal(bias(&s, REGISTRATION_TIME).state, REGISTRATION_UNKNOWN);
	tracker_free(s.t);
}

struct bytes {
	uint8_t *data;
	size_t used, size;
};

static int put(void *user, const void *data, size_t size)
{
	struct bytes *b = user;

	b->data = realloc(b->data, b->used + size + 1);
	memcpy(b->data + b->used, data, size);
	b->used += size;
	return 0;
}

static int get(void *user, void *data, size_t size)
{
	struct bytes *b = user;

	if (size > b->size - b->used)
		return -1;
	memcpy(data, b->data + b->used, size);
	b->used += size;
	return 0;
}

/* What is learned, and the reports still to be paired, outlive a restart to the bit. */
static void a_checkpoint_carries_it(void **state)
{
	struct sea s, twin;
	struct bytes at = { 0 }, a = { 0 }, b = { 0 };

	seed = 60;
	sea_init(&s, false);
	s.range_m = 60;
	s.azimuth_rad = 0.6 * DEG;
	sea_run(&s, 0, 45);
	assert_int_equal(tracker_save(s.t, put, &at), 0);
	unsigned kept = seed;
	sea_init(&twin, false);
	struct tracker *fresh = twin.t;
	at.size = at.used;
	at.used = 0;
	assert_int_equal(tracker_load(fresh, get, &at), 0);
	twin = s;
	twin.t = fresh;

	seed = kept;
	sea_run(&s, 45, 90);
	seed = kept;
	sea_run(&twin, 45, 90);
	assert_int_equal(bias(&s, REGISTRATION_RANGE).state, REGISTRATION_APPLIED);
	assert_int_equal(tracker_save(s.t, put, &a), 0);
	assert_int_equal(tracker_save(twin.t, put, &b), 0);
	assert_int_equal(a.used, b.used);
	assert_memory_equal(a.data, b.data, a.used);
	free(at.data);
	free(a.data);
	free(b.data);
	tracker_free(s.t);
	tracker_free(twin.t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(biases_are_found_to_3_m_and_a_50th_of_a_degree),
		cmocka_unit_test(a_bias_at_the_windows_rim_is_not_found),
		cmocka_unit_test(an_unbiased_sensor_gets_no_bias),
		cmocka_unit_test(clutter_alone_is_no_bias),
		cmocka_unit_test(one_place_is_no_bias),
		cmocka_unit_test(a_change_is_followed),
		cmocka_unit_test(what_nothing_bears_out_is_dropped),
		cmocka_unit_test(understated_noise_is_noticed),
		cmocka_unit_test(least_squares_agree_with_the_normal_equations),
		cmocka_unit_test(correction_undoes_the_bias),
		cmocka_unit_test(nothing_applied_changes_nothing),
		cmocka_unit_test(the_share_is_along_and_across_the_beam),
		cmocka_unit_test(absurd_votes_change_nothing),
		cmocka_unit_test(range_azimuth_and_time_of_a_radar_are_found),
		cmocka_unit_test(yaw_of_a_camera_is_found),
		cmocka_unit_test(a_checkpoint_carries_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
