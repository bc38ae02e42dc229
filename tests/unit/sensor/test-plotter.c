#include "tests/assert_near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/wire.h"
#include "sensor/decode/bits.h"
#include "sensor/decode/format.h"
#include "sensor/decode/plotter.h"

#define SENSOR_COUNTERS 9 /* vedette-sensor's own table is registered before ours */
#define S INT64_C(1000000000)
#define T0 (INT64_C(1764072000) * S)

/* CAT034 north marker: FSPEC 010, 000, 030; SAC 1, SIC 2; type 1; 12:00:00 UTC as T0 */
static const uint8_t north[10 + BITS_SLACK] = { 34, 0, 10, 0xe0, 1, 2, 1, 0x54, 0x60, 0 };

static struct plotter_out out;

static struct feed make_feed(enum feed_format format)
{
	struct feed feed;

	feed_init(&feed);
	memcpy(feed.name, "test1", 6);
	memcpy(feed.site.feed, "test1", 6);
	feed.format = format;
	feed.site.version = 1;
	feed.site.lat_rad = feed.site.lon_rad = 0;
	feed.site.range_sigma_m = 10;
	feed.site.azimuth_sigma_rad = 0.01;
	feed.site.scan_period_ns = 3 * S;
	return feed;
}

static uint64_t counter_of(const struct wire_health *h, const char *name)
{
	char full[WIRE_COUNTER_NAME_MAX];

	snprintf(full, sizeof(full), "vedette_sensor_%s", name);
	for (unsigned i = 0; i < h->n_counters; i++)
		if (!strcmp(h->counters[i].name, full))
			return h->counters[i].value;
	fail_msg("no counter %s", full);
	return 0;
}

static void quality_reaches_the_health_record(void **state)
{
	struct feed feed = make_feed(FEED_ASTERIX);
	struct plotter *p;
	struct wire_health h = { .process = "sensor" };

	(void)state;
	assert_int_equal(plotter_new(&feed, &p), 0);
	plotter_gauge(p, T0);
	for (int i = 0; i < 10; i++)
		plotter_take(p, north, 10, 0, T0 + S / 4 + i, true, &out);
	plotter_take(p, north, 10, 0, T0 + S / 4, false, &out); /* counted before */
	plotter_gauge(p, T0 + 5 * S);
	wire_health_counters(&h);
	assert_int_equal(counter_of(&h, "records_total"), 10);
	assert_int_equal(counter_of(&h, "records_per_s"), 2);
	assert_int_equal(counter_of(&h, "duplicates_total"), 9);
	assert_int_equal(counter_of(&h, "source_behind_ms"), 250);
	assert_int_equal(counter_of(&h, "source_ahead_ms"), 0);
	assert_int_equal(counter_of(&h, "silences_total"), 0);
	assert_int_equal(counter_of(&h, "missed_turns_total"), 0);
	assert_int_equal(counter_of(&h, "late_total"), 0);
	plotter_free(p);
}

/* In a process of its own: counters are registered once and for ever. */
static int counters_fit(enum feed_format format)
{
	static uint8_t buf[WIRE_OBJECT_MAX];
	struct feed feed = make_feed(format);
	struct wire_health h = { .process = "sensor", .host = "host", .feed = "test1", .reason = "no datagram for 100 s" };
	struct plotter *p;

	if (plotter_new(&feed, &p) < 0)
		return 1;
	plotter_free(p);
	wire_health_counters(&h);
	for (unsigned i = 0; i < h.n_counters; i++)
		h.counters[i].value = UINT32_MAX;
	return h.n_counters + SENSOR_COUNTERS > WIRE_COUNTERS_MAX || wire_put_health(buf, sizeof(buf) - 512, &h) < 0;
}

static void every_counter_of_every_format_fits_a_health_record(void **state)
{
	(void)state;
	for (enum feed_format format = 0; format < _FEED_FORMAT_MAX; format++) {
		int status;

		if (!format_find(feed_format_name(format)))
			continue;
		if (fork() == 0)
			_exit(counters_fit(format));
		assert_true(wait(&status) > 0);
		if (status)
			fail_msg("%s has too many counters", feed_format_name(format));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_counter_of_every_format_fits_a_health_record),
		cmocka_unit_test(quality_reaches_the_health_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
