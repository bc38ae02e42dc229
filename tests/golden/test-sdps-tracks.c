/*
 * Recorded system tracks of two centres (CAT062): each number of theirs one track of ours, where they say it is and no surer.
 */
#include "tests/assert_near.h"

#include "common/geo.h"
#include "fusion/tracker.h"
#include "sensor/decode/asterix/asterix_plot.h"
#include "sensor/decode/asterix/asterix_profile.h"
#include "sensor/decode/container.h"
#include "tests/golden/recording.h"

#define S INT64_C(1000000000)
#define STEP_NS (S / 4)
#define NUMBERS_MAX 4096
#define SETTLED 10 /* reports */

static const char *dir;

static const struct capture {
	const char *name;
	double lat_deg, lon_deg; /* about the middle of its traffic */
	unsigned switches;	 /* numbers that came back after a minute's silence or a jump of kilometres are other tracks */
} captures[] = {
	{ "cat062-fds.pcap", -32, -62, 10 },
	{ "jade-cat062-065-30min.ff", 42, 12, 20 },
};

struct number {
	uint64_t number;
	unsigned reports, held, switches;
	uint32_t birth;
};

struct work {
	struct tracker *tracker;
	struct plotting plotting;
	struct plot looks[4096];
	unsigned n_looks, n_numbers, n_tracks, n_sure;
	struct number numbers[NUMBERS_MAX];
	int64_t now_ns;
	const struct plot *look;
	double nearest_m;
	uint32_t birth;
};

static struct number *number_of(struct work *w, uint64_t number)
{
	for (unsigned i = 0; i < w->n_numbers; i++)
		if (w->numbers[i].number == number)
			return &w->numbers[i];
	assert_true(w->n_numbers < NUMBERS_MAX);
	w->numbers[w->n_numbers] = (struct number){ .number = number };
	return &w->numbers[w->n_numbers++];
}

/* A published track is where one of the sender's is: found by its place, to a centimetre. */
static void publish(void *user, const struct track *t)
{
	struct work *w = user;

	if (t->version == 1)
		w->n_tracks++;
	for (unsigned i = 0; i < w->n_looks; i++) {
		const struct plot *p = &w->looks[i];

		if (p->time_ns != t->time_ns || fabs(p->lat_rad - t->lat_rad) > 1e-7 || fabs(p->lon_rad - t->lon_rad) > 1e-7)
			continue;

		struct number *n = number_of(w, p->sender_track);

		n->held++;
		n->switches += n->birth && n->birth != t->id.birth;
		n->birth = t->id.birth;
		w->n_sure += t->cov[0] < p->cov.ee * (1 - 1e-6) || t->cov[4] < p->cov.nn * (1 - 1e-6);
		return;
	}
}

static void take(void *user, const struct asterix_record *r)
{
	enum asterix_plot_drop drop;
	struct work *w = user;
	bool bad = false;
	struct plot p;

	if (!asterix_plot(r, &w->plotting, &p, &drop, &bad) || !p.sender_track)
		return;
	tracker_plot(w->tracker, &p);
	if (p.sender_tentative)
		return;
	number_of(w, p.sender_track)->reports++;
	assert_true(w->n_looks < 4096);
	w->looks[w->n_looks++] = p;
}

static void play(struct work *w, const char *name)
{
	struct asterix_stats stats = { 0 };
	struct container_datagram d;
	struct container c;
	size_t size;
	uint8_t *data = (uint8_t *)recording_read(dir, name, BITS_SLACK, &size);

	assert_int_equal(container_init(&c, data, size), 0);
	while (container_next(&c, &d)) {
		if (!w->now_ns)
			w->now_ns = d.time_ns;
		for (; w->now_ns + STEP_NS <= d.time_ns; w->n_looks = 0)
			tracker_tick(w->tracker, w->now_ns += STEP_NS);
		w->plotting.recv_ns = d.time_ns;
		asterix_decode_as(&asterix_profile_newest, d.data, d.size, &stats, take, w);
	}
	tracker_tick(w->tracker, w->now_ns += STEP_NS);
	free(data);
}

static void replay(const struct capture *capture)
{
	static struct work w;
	struct site site = { .feed = "sdps", .sensor = PLOT_SENSOR_RADAR, .version = 1, .range_sigma_m = 100,
		.azimuth_sigma_rad = 0.001, .scan_period_ns = 4 * S, .targets = SITE_TARGETS_AIR, .max_range_m = NAN, .view_width_rad = 2 * M_PI,
		.lat_rad = capture->lat_deg * GEO_DEG, .lon_rad = capture->lon_deg * GEO_DEG };
	unsigned settled = 0, reports = 0, held = 0, switches = 0;
	struct tracker_config c;

	w = (struct work){ .plotting = { .site = &site, .sac = 256, .sic = 256 } };
	tracker_defaults(&c);
	strcpy(c.origin, "xa");
	c.lat_rad = site.lat_rad;
	c.lon_rad = site.lon_rad;
	assert_int_equal(tracker_new(&c, publish, &w, &w.tracker), 0);
	tracker_site(w.tracker, &site);
	play(&w, capture->name);
	for (unsigned i = 0; i < w.n_numbers; i++) {
		const struct number *n = &w.numbers[i];

		if (n->reports < SETTLED)
			continue;
		settled++;
		reports += n->reports;
		held += n->held;
		switches += n->switches;
	}
	print_message("%s: %u numbers, %u settled with %u reports, %u of these became versions of %u tracks, %u switches\n", capture->name,
		w.n_numbers, settled, reports, held, w.n_tracks, switches);
	assert_int_equal(tracker_count(w.tracker, TRACKER_PLOTS_BAD), 0);
	assert_true(held >= 0.97 * reports);
	assert_true(switches <= capture->switches);
	assert_int_equal(w.n_sure, 0);
	tracker_free(w.tracker);
}

static void every_number_is_one_track(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(captures) / sizeof(captures[0]); i++)
		replay(&captures[i]);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_number_is_one_track) };

	if (argc != 2)
		return 2;
	dir = argv[1];
	recording_need(dir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
