/* Who is it that comes? The weights of those that were lost against a vessel never seen. */
#include "common/plot.h"
#include "fusion/dormant.h"
#include "tests/assert_near.h"

#include <string.h>

#define S INT64_C(1000000000)

static struct dormant entries[DORMANT_MAX];
static struct dormant_book book;

static int fresh(void **state)
{
	memset(entries, 0, sizeof(entries));
	book = (struct dormant_book){ 0, entries };
	return 0;
}

static struct dormant lost(uint32_t birth, double x_m, double y_m, double u_mps, double v_mps)
{
	struct dormant d = { .birth = birth, .version = 7, .lost_ns = 1000 * S, .at = { .x = { x_m, y_m, u_mps, v_mps } } };

	d.at.p[FILTER_XX] = d.at.p[FILTER_YY] = 400;
	d.at.p[FILTER_UU] = d.at.p[FILTER_VV] = 1;
	return d;
}

static struct dormant_query query(double x_m, double y_m, double away_s)
{
	struct dormant_query q = { .now_ns = 1000 * S + (int64_t)(away_s * 1e9), .at = { .x = { x_m, y_m } }, .calm_q = 0.02,
		.patience_ns = 10 * S };

	q.at.p[FILTER_XX] = q.at.p[FILTER_YY] = 900;
	return q;
}

#define DENSITY_OPEN 1.57219803217e-09
#define DENSITY_EDGE 1.81557551561e-09

/* S = 400 + 100^2 + 0.02 * 100^3 / 3 + 900 m^2; reach = (1.2 * 10 + 1 + 1) * 100 + 50 + 2 * 30 m: computed by hand. */
static void density_is_the_sum_of_its_parts(void **state)
{
	struct dormant d = lost(1, 0, 0, 10, 0);
	struct dormant_query q = query(1000, 0, 100);

	assert_near(dormant_density(&d, &q), DENSITY_OPEN, 1e-9 * DENSITY_OPEN);
	q.edge = true;
	assert_near(dormant_density(&d, &q), DENSITY_EDGE, 1e-9 * DENSITY_EDGE);
}

static void nobody_is_anywhere_at_once(void **state)
{
	struct dormant d = lost(1, 0, 0, 10, 0);
	struct dormant_query far = query(0, 4000, 100), late = query(0, 0, 3601), same = query(0, 0, 0.5);

	assert_true(dormant_density(&d, &far) < 1e-15);
	assert_near(dormant_density(&d, &late), 0, 0);
	assert_near(dormant_density(&d, &same), 0, 0);
}

/* All the probability there is: those lost and a new one. */
static void probabilities_are_shares_of_all(void **state)
{
	struct dormant a = lost(1, 0, 0, 10, 0), b = lost(2, 300, 200, 9, 0);
	struct dormant_query q = query(1000, 0, 100);
	struct dormant_answer r;

	dormant_keep(&book, &a);
	dormant_keep(&book, &b);
	dormant_weigh(&book, &q, &r);
	double wa = dormant_density(&a, &q), wb = dormant_density(&b, &q);
	assert_int_equal(r.best, wa > wb ? 0 : 1);
	assert_near(r.probability, (wa > wb ? wa : wb) / (wa + wb + DORMANT_NEW_DENSITY), 1e-12);
	q.named = true;
	dormant_weigh(&book, &q, &r);
	assert_int_equal(r.best, DORMANT_NONE);
	assert_near(r.probability, 0, 0);
}

/* Who reports every ten seconds has told its name in eight cases of ten by then; a silent one becomes less probable. */
static void silence_speaks_against_a_reporter(void **state)
{
	struct dormant a = lost(1, 0, 0, 10, 0);
	struct dormant_query q = query(1000, 0, 100);
	struct dormant_answer before, after;

	a.id_kind = PLOT_ID_MMSI;
	a.id = 211000001;
	a.interval_ns = 10 * S;
	dormant_keep(&book, &a);
	dormant_weigh(&book, &q, &before);
	assert_near(before.named_soon, 0.8 * before.probability, 1e-12);
	double unheard = dormant_density(&a, &q);
	q.waited_ns = 5 * S;
	assert_near(dormant_density(&a, &q), unheard * 0.6, unheard * 1e-12);
	dormant_weigh(&book, &q, &after);
	assert_true(after.probability < before.probability);
}

static void full_book_forgets_the_longest_lost(void **state)
{
	for (uint32_t i = 1; i <= DORMANT_MAX + 1; i++) {
		struct dormant d = lost(i, 0, 0, 1, 1);
		d.lost_ns = i * S;
		d.id_kind = PLOT_ID_MMSI;
		d.id = i;
		dormant_keep(&book, &d);
	}
	assert_int_equal(book.n, DORMANT_MAX);
	assert_int_equal(dormant_named(&book, PLOT_ID_MMSI, 1), DORMANT_NONE);
	assert_int_not_equal(dormant_named(&book, PLOT_ID_MMSI, DORMANT_MAX + 1), DORMANT_NONE);
	dormant_expire(&book, 3610 * S);
	assert_int_equal(dormant_named(&book, PLOT_ID_MMSI, 9), DORMANT_NONE);
	assert_int_not_equal(dormant_named(&book, PLOT_ID_MMSI, 10), DORMANT_NONE);
	assert_int_equal(book.n, DORMANT_MAX - 8);
}

static void one_id_is_kept_once(void **state)
{
	struct dormant a = lost(5, 0, 0, 1, 1);

	dormant_keep(&book, &a);
	a.version = 9;
	dormant_keep(&book, &a);
	assert_int_equal(book.n, 1);
	assert_int_equal(entries[0].version, 9);
	dormant_remove(&book, 0);
	assert_int_equal(book.n, 0);
}

static void absurd_states_are_nobody(void **state)
{
	struct dormant d = lost(1, NAN, 0, 10, 0);
	struct dormant_query q = query(1000, 0, 100);
	struct dormant_answer r;

	dormant_keep(&book, &d);
	dormant_weigh(&book, &q, &r);
	assert_int_equal(r.best, DORMANT_NONE);
	d = lost(1, 0, 0, INFINITY, 0);
	dormant_keep(&book, &d);
	dormant_weigh(&book, &q, &r);
	assert_int_equal(r.best, DORMANT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(density_is_the_sum_of_its_parts, fresh),
		cmocka_unit_test_setup(nobody_is_anywhere_at_once, fresh),
		cmocka_unit_test_setup(probabilities_are_shares_of_all, fresh),
		cmocka_unit_test_setup(silence_speaks_against_a_reporter, fresh),
		cmocka_unit_test_setup(full_book_forgets_the_longest_lost, fresh),
		cmocka_unit_test_setup(one_id_is_kept_once, fresh),
		cmocka_unit_test_setup(absurd_states_are_nobody, fresh),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
