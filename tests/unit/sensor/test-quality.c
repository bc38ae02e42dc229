#include "tests/assert_near.h"

#include <stdio.h>
#include <string.h>

#include "sensor/decode/quality.h"

#define MS INT64_C(1000000)
#define S INT64_C(1000000000)
#define T0 (INT64_C(1764072000) * S)

static struct quality q;

static int set_up(void **state)
{
	(void)state;
	q = (struct quality){ 0 };
	return 0;
}

static void datagram(const char *text, int64_t at_ns)
{
	quality_datagram(&q, (const uint8_t *)text, strlen(text), T0 + at_ns);
}

static void same_bytes_within_two_seconds_are_duplicates(void **state)
{
	(void)state;
	datagram("!AIVDM,one", 0);
	datagram("!AIVDM,two", 1 * MS);
	datagram("!AIVDM,one", 5 * MS);
	datagram("!AIVDM,on", 6 * MS); /* its beginning is not it */
	assert_int_equal(q.counts[QUALITY_DUPLICATES], 1);
	datagram("!AIVDM,one", 2006 * MS);
	assert_int_equal(q.counts[QUALITY_DUPLICATES], 1);
	datagram("!AIVDM,one", 2005 * MS); /* the clock was set back: unknown */
	assert_int_equal(q.counts[QUALITY_DUPLICATES], 1);
	datagram("", 3000 * MS);
	datagram("", 3001 * MS);
	assert_int_equal(q.counts[QUALITY_DUPLICATES], 2);
}

static void numbered_datagrams_are_no_duplicates(void **state)
{
	char text[32];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		snprintf(text, sizeof(text), "$RATTM,%05d", i);
		datagram(text, i * MS / 10);
	}
	assert_int_equal(q.counts[QUALITY_DUPLICATES], 0);
}

static int64_t regular(int n, int64_t at_ns, int64_t every_ns)
{
	for (int i = 0; i < n; i++, at_ns += every_ns)
		datagram("x", at_ns);
	return at_ns;
}

static void silence_is_three_usual_intervals(void **state)
{
	int64_t at = regular(200, 0, 500 * MS);

	(void)state;
	at = regular(10, at + 900 * MS, 500 * MS); /* 1.4 s: not thrice */
	assert_int_equal(q.counts[QUALITY_SILENCES], 0);
	at = regular(10, at + 5 * S, 500 * MS);
	assert_int_equal(q.counts[QUALITY_SILENCES], 1);
}

static void fast_feed_may_pause_for_a_second(void **state)
{
	int64_t at = regular(1000, 0, MS);

	(void)state;
	at = regular(10, at + 900 * MS, MS);
	assert_int_equal(q.counts[QUALITY_SILENCES], 0);
}

static void feed_that_became_slower_is_believed_in_the_end(void **state)
{
	int64_t at = regular(200, 0, 500 * MS);

	(void)state;
	regular(500, at, 5 * S);
	assert_true(q.counts[QUALITY_SILENCES] > 0);
	assert_true(q.counts[QUALITY_SILENCES] < 10);
}

/* Exponential intervals, as reports of many ships come: no silence in them but about one in a million. */
static void reports_at_random_are_not_silence(void **state)
{
	uint64_t random = 1;
	int64_t at = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
		at += (int64_t)(-log(((double)(random >> 11) + 1) / 9007199254740994.0) * 2e9);
		datagram("x", at);
	}
	assert_true(q.counts[QUALITY_SILENCES] <= 2);
}

static void plot_at(enum plot_kind kind, int64_t time_ns, int64_t recv_ns)
{
	struct plot p = { .kind = kind, .time_ns = T0 + time_ns };

	quality_plot(&q, &p, T0 + recv_ns, 3 * S);
}

static void late_is_older_than_ten_seconds(void **state)
{
	(void)state;
	plot_at(PLOT_POSITION, 0, 10 * S);
	assert_int_equal(q.counts[QUALITY_LATE], 0);
	plot_at(PLOT_POSITION, 0, 10 * S + 1);
	assert_int_equal(q.counts[QUALITY_LATE], 1);
}

static void missing_north_marks_are_counted(void **state)
{
	(void)state;
	plot_at(PLOT_NORTH, 0, 0);
	plot_at(PLOT_NORTH, 3 * S + 100 * MS, 0);
	plot_at(PLOT_NORTH, 6 * S, 0);
	assert_int_equal(q.counts[QUALITY_MISSED_TURNS], 0);
	plot_at(PLOT_NORTH, 15 * S, 0);
	assert_int_equal(q.counts[QUALITY_MISSED_TURNS], 2);
	plot_at(PLOT_NORTH, 3600 * S, 0); /* it was off */
	plot_at(PLOT_NORTH, 0, 0);
	assert_int_equal(q.counts[QUALITY_MISSED_TURNS], 2);
}

static void offset_is_the_median_of_the_newest(void **state)
{
	(void)state;
	for (int i = 0; i < 7; i++)
		plot_at(PLOT_POLAR, 0, 250 * MS);
	assert_int_equal(quality_offset_ms(&q), 0); /* too few */
	plot_at(PLOT_POLAR, 0, 250 * MS);
	plot_at(PLOT_POLAR, 0, 9 * S); /* one outlier */
	plot_at(PLOT_POLAR, 5 * S, 5 * S); /* took the receive time */
	assert_int_equal(quality_offset_ms(&q), 250);
	for (int i = 0; i < QUALITY_OFFSETS; i++)
		plot_at(PLOT_POLAR, 2 * S, S);
	assert_int_equal(quality_offset_ms(&q), -1000);
	plot_at(PLOT_POLAR, -T0, 0); /* absurd: ignored */
	assert_int_equal(quality_offset_ms(&q), -1000);
}

static void rate_is_per_second_since_the_last_look(void **state)
{
	(void)state;
	assert_int_equal(quality_rate(&q, 1000, T0), 0);
	assert_int_equal(quality_rate(&q, 1052, T0 + 5 * S), 10);
	assert_int_equal(quality_rate(&q, 1052, T0 + 10 * S), 0);
	assert_int_equal(quality_rate(&q, 2000, T0 + 9 * S), 0); /* the clock was set back */
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(same_bytes_within_two_seconds_are_duplicates),
		TEST(numbered_datagrams_are_no_duplicates),
		TEST(silence_is_three_usual_intervals),
		TEST(fast_feed_may_pause_for_a_second),
		TEST(feed_that_became_slower_is_believed_in_the_end),
		TEST(reports_at_random_are_not_silence),
		TEST(late_is_older_than_ten_seconds),
		TEST(missing_north_marks_are_counted),
		TEST(offset_is_the_median_of_the_newest),
		TEST(rate_is_per_second_since_the_last_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
