#include "fusion/blend.h"
#include "tests/assert_near.h"

static const struct filter_model model = { .q = { 0.02, 2 }, .switch_time_s = 60 };

static double uniform(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) / 16777216.0;
}

static struct filter_input plot(double x_m, double y_m)
{
	return (struct filter_input){
		.kind = FILTER_POSITION, .x_m = x_m, .y_m = y_m, .cov = { 900, 200, 400 }
	};
}

/* A track of some age, at 30 m and 2 m/s or so. */
static struct filter some_track(unsigned *seed)
{
	struct filter f;
	struct filter_input in = plot(0, 0);

	filter_init(&f, &in, 10);
	for (int n = 1; n < 8; n++) {
		filter_predict(&f, 2.5, &model);
		in = plot(20 * n + 40 * uniform(seed), 40 * uniform(seed));
		filter_update(&f, &in);
	}
	filter_predict(&f, 2.5, &model);
	return f;
}

static const int at[4][4] = { { 0, 1, 2, 3 }, { 1, 4, 5, 6 }, { 2, 5, 7, 8 }, { 3, 6, 8, 9 } };

/* Likelihood of a plot under mode @j, and its innovation. */
static double likely(
	const struct filter *f, int j, const struct filter_input *in, double v[2], double s[3])
{
	v[0] = in->x_m - f->x[0][j];
	v[1] = in->y_m - f->x[1][j];
	s[0] = f->p[FILTER_XX][j] + in->cov.xx;
	s[1] = f->p[FILTER_XY][j] + in->cov.xy;
	s[2] = f->p[FILTER_YY][j] + in->cov.yy;
	double det = s[0] * s[2] - s[1] * s[1];
	double d2 = (s[2] * v[0] * v[0] - 2 * s[1] * v[0] * v[1] + s[0] * v[1] * v[1]) / det;
	return exp(-d2 / 2) / (2 * M_PI * sqrt(det));
}

#define PLOTS 3

/* Musicki & Evans's update by hand: modes, then the combined innovation in each. */
static struct filter combined(
	const struct filter *f, const struct filter_input *in, double b0, const double *b)
{
	struct filter out = *f;

	for (int j = 0; j < 2; j++) {
		double v[PLOTS][2], s[3], share[PLOTS], mu = b0 * f->mu[j], mean[2] = { 0 },
							sq[2][2] = { { 0 } };
		for (int i = 0; i < PLOTS; i++) {
			double vi[2], si[3], all = 0;
			for (int m = 0; m < 2; m++)
				all += f->mu[m] * likely(f, m, &in[i], vi, si);
			share[i] = b[i] * f->mu[j] * likely(f, j, &in[i], v[i], s) / all;
			mu += share[i];
		}
		for (int i = 0; i < PLOTS; i++)
			for (int a = 0; a < 2; a++) {
				mean[a] += share[i] / mu * v[i][a];
				for (int c = 0; c < 2; c++)
					sq[a][c] += share[i] / mu * v[i][a] * v[i][c];
			}
		double det = s[0] * s[2] - s[1] * s[1], k[4][2], seen = 1 - b0 * f->mu[j] / mu;
		double inverse[2][2] = { { s[2] / det, -s[1] / det }, { -s[1] / det, s[0] / det } };
		double sm[2][2] = { { s[0], s[1] }, { s[1], s[2] } };
		for (int r = 0; r < 4; r++)
			for (int a = 0; a < 2; a++)
				k[r][a] = f->p[at[r][0]][j] * inverse[0][a] +
					  f->p[at[r][1]][j] * inverse[1][a];
		for (int r = 0; r < 4; r++) {
			out.x[r][j] += k[r][0] * mean[0] + k[r][1] * mean[1];
			for (int c = r; c < 4; c++)
				for (int a = 0; a < 2; a++)
					for (int d = 0; d < 2; d++)
						out.p[at[r][c]][j] +=
							k[r][a] * k[c][d] *
							(sq[a][d] - mean[a] * mean[d] -
								seen * sm[a][d]);
		}
		out.mu[j] = mu;
	}
	return out;
}

static void assert_same(const struct filter *a, const struct filter *b, double tol)
{
	for (int j = 0; j < 2; j++) {
		assert_near(a->mu[j], b->mu[j], tol);
		for (int i = 0; i < 4; i++)
			assert_near(a->x[i][j], b->x[i][j], tol * (1 + fabs(b->x[i][j])));
		for (int k = 0; k < 10; k++)
			assert_near(a->p[k][j], b->p[k][j], tol * 1000);
	}
}

static struct filter blended(const struct filter *f, const struct filter_input *in, double b0,
	const double *b, const int *order)
{
	struct filter out = *f;
	double weight = b0;

	for (int i = 0; i < PLOTS; i++) {
		struct filter g = *f;
		filter_update(&g, &in[order[i]]);
		weight = blend_add(&out, weight, &g, b[order[i]]);
	}
	assert_near(weight, 1, 1e-12);
	return out;
}

static void blend_is_the_update_by_combined_innovation(void **state)
{
	static const int forward[PLOTS] = { 0, 1, 2 }, backward[PLOTS] = { 2, 1, 0 };
	unsigned seed = 1;

	for (int round = 0; round < 300; round++) {
		struct filter f = some_track(&seed);
		struct filter_input in[PLOTS];
		double b[PLOTS], sum, b0 = uniform(&seed);
		sum = b0;
		for (int i = 0; i < PLOTS; i++) {
			in[i] = plot(f.x[0][0] + 100 * uniform(&seed) - 50,
				f.x[1][0] + 100 * uniform(&seed) - 50);
			sum += b[i] = uniform(&seed);
		}
		b0 /= sum;
		for (int i = 0; i < PLOTS; i++)
			b[i] /= sum;
		struct filter want = combined(&f, in, b0, b);
		struct filter got = blended(&f, in, b0, b, forward);
		struct filter other = blended(&f, in, b0, b, backward);
		assert_same(&got, &want, 1e-9);
		assert_same(&other, &got, 1e-9);
	}
}

static void certain_plot_is_the_plain_update(void **state)
{
	unsigned seed = 2;
	struct filter f = some_track(&seed), g = f, out = f;
	struct filter_input in = plot(f.x[0][0] + 20, f.x[1][0]);

	filter_update(&g, &in);
	assert_near(blend_add(&out, 0, &g, 0.7), 0.7, 0);
	assert_same(&out, &g, 0);
	out = f;
	assert_near(blend_add(&out, 1, &g, 0), 1, 0);
	assert_same(&out, &f, 0);
}

/* The spread between two plots on either side is in the covariance. */
static void doubt_widens(void **state)
{
	unsigned seed = 3;
	struct filter f = some_track(&seed), a = f, b = f;
	struct filter_input east = plot(f.x[0][0] + 60, f.x[1][0]);
	struct filter_input west = plot(f.x[0][0] - 60, f.x[1][0]);

	filter_update(&a, &east);
	filter_update(&b, &west);
	double sure = a.p[FILTER_XX][1], d = a.x[0][1] - b.x[0][1];
	blend_add(&a, 0.5, &b, 0.5);
	assert_true(a.p[FILTER_XX][1] > sure);
	assert_true(a.p[FILTER_XX][1] < sure + d * d);
	assert_near(a.x[0][0], f.x[0][0], 10);
}

static void nonsense_changes_nothing(void **state)
{
	static const double bad[] = { NAN, -1, 0 };
	unsigned seed = 4;
	struct filter f = some_track(&seed), g = f, out = f;

	for (int i = 0; i < 3; i++)
		assert_near(blend_add(&out, 1, &g, bad[i]), 1, 0);
	g.mu[0] = NAN;
	assert_near(blend_add(&out, 1, &g, 0.5), 1, 0);
	g.mu[0] = 0;
	assert_near(blend_add(&out, 1, &g, 0.5), 1, 0);
	assert_same(&out, &f, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blend_is_the_update_by_combined_innovation),
		cmocka_unit_test(certain_plot_is_the_plain_update),
		cmocka_unit_test(doubt_widens),
		cmocka_unit_test(nonsense_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
