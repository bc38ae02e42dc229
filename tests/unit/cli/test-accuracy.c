/* The metrics against every assignment there is, and against scenes whose figures can be said beforehand. */
#include "cli/accuracy.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CUT 200.0
#define MOST 5 /* of a side: 5! assignments */

static uint64_t random_state = 1;

static double uniform(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (double)((random_state * UINT64_C(2685821657736338717)) >> 11) * 0x1p-53;
}

static const struct accuracy_options options = { .step_s = 1, .cut_m = CUT, .to_s = NAN };

static struct trackfile_row row(double time_s, uint32_t id, double x_m, double y_m)
{
	return (struct trackfile_row){ time_s, x_m, y_m, NAN, NAN, NAN, NAN, NAN, id, 0 };
}

static struct accuracy_result score(const struct trackfile *truth, const struct trackfile *tracks)
{
	struct accuracy_result r;

	assert_int_equal(accuracy_score(truth, tracks, &options, &r), 0);
	assert_int_equal(r.bounded, 0);
	return r;
}

/* The least over all ways to pair what is left of @a with @b, of sum min(d, c)^2 - c^2 per pair. */
static double least(const struct trackfile_row *a, size_t n, const struct trackfile_row *b, size_t m, unsigned used)
{
	if (!n)
		return 0;
	double best = least(a + 1, n - 1, b, m, used);
	for (size_t j = 0; j < m; j++) {
		double d = hypot(a->x_m - b[j].x_m, a->y_m - b[j].y_m);
		if (used & 1u << j || d >= CUT)
			continue;
		double sum = d * d - CUT * CUT + least(a + 1, n - 1, b, m, used | 1u << j);
		best = sum < best ? sum : best;
	}
	return best;
}

static void distances_are_those_of_the_best_assignment(void **state)
{
	struct trackfile_row a[MOST], b[MOST];

	for (int round = 0; round < 2000; round++) {
		struct trackfile truth = { .n = 1 + (size_t)(uniform() * MOST), .rows = a };
		struct trackfile tracks = { .n = (size_t)(uniform() * (MOST + 1)), .rows = b };
		truth.n_ids = truth.n;
		tracks.n_ids = tracks.n;
		for (uint32_t i = 0; i < truth.n; i++)
			a[i] = row(0, i, 600 * uniform(), 600 * uniform());
		for (uint32_t j = 0; j < tracks.n; j++)
			b[j] = row(0, j, 600 * uniform(), 600 * uniform());
		double sum = least(a, truth.n, b, tracks.n, 0), most = (double)(truth.n > tracks.n ? truth.n : tracks.n);
		struct accuracy_result r = score(&truth, &tracks);
		/* Each pair takes one miss and one false track away: c^2 / 2 each. */
		assert_near(r.gospa_m, sqrt(sum + CUT * CUT / 2 * (double)(truth.n + tracks.n)), 1e-9);
		assert_near(r.ospa_m, sqrt((sum + CUT * CUT * most) / most), 1e-9);
	}
}

/* One vessel over ten times; @id says which track holds it at each, 0 = none. */
static struct accuracy_result follow(const uint32_t id[10])
{
	struct trackfile_row a[10], b[10];
	struct trackfile truth = { .n = 10, .n_ids = 1, .rows = a }, tracks = { .n_ids = 4, .rows = b };

	for (int t = 0; t < 10; t++) {
		a[t] = row(t, 0, 10 * t, 0);
		if (id[t])
			b[tracks.n++] = row(t, id[t], 10 * t, 3);
	}
	return score(&truth, &tracks);
}

static void switches_and_fragments_are_told_apart(void **state)
{
	struct accuracy_result r = follow((const uint32_t[]){ 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 });
	assert_int_equal(r.switches + r.fragments, 0);
	assert_near(r.longest_segment, 1, 0);
	assert_near(r.position_rms_m, 3, 1e-12);

	r = follow((const uint32_t[]){ 1, 1, 1, 2, 2, 2, 2, 1, 1, 1 });
	assert_int_equal(r.switches, 2);
	assert_near(r.longest_segment, 0.6, 1e-12); /* one track's steps count together */

	r = follow((const uint32_t[]){ 1, 1, 0, 0, 1, 1, 0, 2, 2, 2 });
	assert_int_equal(r.fragments, 1);
	assert_int_equal(r.switches, 1);
	assert_near(r.completeness, 0.7, 1e-12);
	assert_near(r.switches_per_hour, 1 / (10.0 / 3600), 1e-9);
	assert_int_equal(r.switches_returned, 0);
}

/* The truth is gone for three times; the track after them is another one, and later yet another. */
static void switch_of_a_vessel_that_was_away_is_told(void **state)
{
	struct trackfile_row a[7], b[7];
	struct trackfile truth = { .n = 7, .n_ids = 1, .rows = a }, tracks = { .n = 7, .n_ids = 3, .rows = b };

	for (int t = 0; t < 7; t++) {
		a[t] = row(t < 2 ? t : t + 3, 0, 10 * t, 0);
		b[t] = row(t < 2 ? t : t + 3, t < 2 ? 0 : t < 5 ? 1 : 2, 10 * t, 0);
	}
	struct accuracy_result r = score(&truth, &tracks);
	assert_int_equal(r.switches, 2);
	assert_int_equal(r.switches_returned, 1);
}

static void count_note(void *user, enum accuracy_note what, const struct trackfile_row *row)
{
	unsigned *n = user;

	assert_non_null(row);
	n[what]++;
}

static void what_goes_wrong_is_noted_where_it_does(void **state)
{
	struct trackfile_row a[4], b[4];
	struct trackfile truth = { .n = 4, .n_ids = 1, .rows = a }, tracks = { .n = 4, .n_ids = 4, .rows = b };
	unsigned n[3] = { 0 };
	struct accuracy_options o = options;
	struct accuracy_result r;

	for (int t = 0; t < 4; t++) {
		a[t] = row(t, 0, 10 * t, 0);
		b[t] = row(t, t < 2 ? 0 : (uint32_t)t, t == 3 ? 5000 : 10 * t, 0);
	}
	o.note = count_note;
	o.user = n;
	assert_int_equal(accuracy_score(&truth, &tracks, &o, &r), 0);
	assert_int_equal(n[ACCURACY_MISSED], 1);
	assert_int_equal(n[ACCURACY_FALSE], 1);
	assert_int_equal(n[ACCURACY_SWITCH], 1);
}

/* Two vessels pass 50 m apart; the tracks that hold them stay theirs though they come nearer to the other. */
static void match_is_kept_within_the_cut_off(void **state)
{
	struct trackfile_row a[20], b[20];
	struct trackfile truth = { .n = 20, .n_ids = 2, .rows = a }, tracks = { .n = 20, .n_ids = 2, .rows = b };

	for (int t = 0; t < 10; t++) {
		a[2 * t] = row(t, 0, 0, 0);
		a[2 * t + 1] = row(t, 1, 50, 0);
		b[2 * t] = row(t, 0, t < 5 ? 0 : 45, 0);
		b[2 * t + 1] = row(t, 1, t < 5 ? 50 : 5, 0);
	}
	assert_int_equal(score(&truth, &tracks).switches, 0);
}

static void covariance_and_labels_are_judged(void **state)
{
	struct trackfile_row a[2] = { row(0, 0, 0, 0), row(0, 1, 5000, 0) }, b[2] = { row(0, 0, 30, 0), row(0, 1, 5000, 20) };
	struct trackfile truth = { .n = 2, .n_ids = 2, .rows = a }, tracks = { .n = 2, .n_ids = 2, .rows = b };

	a[0].mmsi = 211000001;
	b[0].mmsi = 211000001;
	b[1].mmsi = 211000002; /* of nobody there */
	b[0].sxx = b[1].sxx = 900;
	b[0].syy = b[1].syy = 100;
	b[0].sxy = b[1].sxy = 0;
	struct accuracy_result r = score(&truth, &tracks);
	assert_near(r.nees, (1 + 4) / 2.0, 1e-12);
	assert_int_equal(r.labels_right, 1);
	assert_int_equal(r.labels_wrong, 1);
	assert_near(r.ambiguity, 1, 0);
	assert_true(isnan(r.velocity_rms_mps));
}

/* Two vessels 60 m apart whose names are exchanged, a third named after one far away, and a name on nobody. */
static void wrong_name_is_told_from_the_neighbours(void **state)
{
	struct trackfile_row a[3] = { row(0, 0, 0, 0), row(0, 1, 60, 0), row(0, 2, 9000, 0) };
	struct trackfile_row b[4] = { row(0, 0, 3, 0), row(0, 1, 60, 4), row(0, 2, 9000, 0), row(0, 3, 20000, 0) };
	struct trackfile truth = { .n = 3, .n_ids = 3, .rows = a }, tracks = { .n = 4, .n_ids = 4, .rows = b };

	for (uint32_t i = 0; i < 3; i++)
		a[i].mmsi = 211000001 + i;
	b[0].mmsi = b[2].mmsi = 211000002;
	b[1].mmsi = b[3].mmsi = 211000001;
	struct accuracy_result r = score(&truth, &tracks);
	assert_int_equal(r.labels_right, 0);
	assert_int_equal(r.labels_wrong, 3);
	assert_int_equal(r.labels_beside, 2);
	assert_int_equal(r.labels_alone, 1);
	assert_near(r.wrong_labels, 1, 0);
	assert_near(r.position_mean_m, 7 / 3.0, 1e-12);
	assert_near(r.position_rms_m, sqrt(25 / 3.0), 1e-12);
	b[0].mmsi = b[1].mmsi = b[2].mmsi = 0;
	assert_true(isnan(score(&truth, &tracks).wrong_labels));
}

static void rows_off_the_grid_do_not_count(void **state)
{
	struct trackfile_row a[1] = { row(1, 0, 0, 0) }, b[3] = { row(1.31, 0, 0, 0), row(1.2, 0, 20, 0), row(0.9, 0, 10, 0) };
	struct trackfile truth = { .n = 1, .n_ids = 1, .rows = a }, tracks = { .n = 3, .n_ids = 1, .rows = b };
	struct accuracy_options o = options;
	struct accuracy_result r;

	o.from_s = 1;
	assert_int_equal(accuracy_score(&truth, &tracks, &o, &r), 0);
	assert_int_equal(r.tracks, 1);
	assert_near(r.position_rms_m, 10, 1e-12); /* the nearest in time */
	o.from_s = 2;
	assert_int_equal(accuracy_score(&truth, &tracks, &o, &r), -ENODATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances_are_those_of_the_best_assignment),
		cmocka_unit_test(switches_and_fragments_are_told_apart),
		cmocka_unit_test(switch_of_a_vessel_that_was_away_is_told),
		cmocka_unit_test(what_goes_wrong_is_noted_where_it_does),
		cmocka_unit_test(match_is_kept_within_the_cut_off),
		cmocka_unit_test(covariance_and_labels_are_judged),
		cmocka_unit_test(wrong_name_is_told_from_the_neighbours),
		cmocka_unit_test(rows_off_the_grid_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
