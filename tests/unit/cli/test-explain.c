#include "cli/explain_source.h"
#include "common/wire.h"
#include "fusion/store.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <ftw.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define T0 INT64_C(1700000000000000000)
#define TICK INT64_C(100000000)
#define ROWS 4
#define TICKS 150
#define SLICE INT64_C(3600000000000)
#define RING_BYTES (1u << 20)
#define NOTES_MAX 20000

static char base[64], ring[96], dir[96];

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

static int setup(void **state)
{
	snprintf(base, sizeof(base), "%s/test-explain-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(base))
		return -1;
	snprintf(ring, sizeof(ring), "%s/explain", base);
	snprintf(dir, sizeof(dir), "%s/state", base);
	return mkdir(dir, 0700);
}

static int teardown(void **state)
{
	return nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Four vessels reporting in turn, each through two receivers now and then; every 50th plot is a minute late. */
static size_t make_plot(unsigned i, void *buf, size_t cap)
{
	struct plot p;
	unsigned k = i % 4;

	plot_init(&p, PLOT_POSITION, PLOT_SENSOR_AIS);
	snprintf(p.feed, sizeof(p.feed), "ais%u", i % 3);
	p.time_ns = T0 + (int64_t)(i / ROWS) * TICK - (i % 50 == 49 ? INT64_C(60000000000) : 0);
	p.recv_ns = p.time_ns + 1000;
	p.lat_rad = 0.95 + k * 1e-3 + (i % 7) * 1e-7;
	p.lon_rad = 0.2 + (double)(i / ROWS) * 1e-7 + (i % 5) * 1e-7;
	p.cov = (struct plot_cov2){ 100, 0, 100 };
	p.id_kind = PLOT_ID_MMSI;
	p.id = 211000000 + k;
	ssize_t n = wire_put_plot(buf, cap, &p);
	assert_true(n > 0);
	return (size_t)n;
}

static void take_plots(struct store *s, uint64_t seq, int64_t now)
{
	for (unsigned i = 0; i < ROWS; i++) {
		uint8_t buf[WIRE_OBJECT_MAX];
		size_t n = make_plot((unsigned)seq + i, buf, sizeof(buf));
		struct plot p;
		struct journal_row row = { .recv_ns = now, .origin = "mast1", .lane = "live", .epoch = 7, .seq = seq + i + 1,
			.kind = WIRE_PLOT, .data = buf, .size = n };
		assert_int_equal(wire_get_plot(buf, n, &p), 0);
		row.late = store_late(s, p.time_ns);
		assert_int_equal(store_row(s, &row, now), 0);
	}
}

/* Goes on from the cursor to the end. */
static void work(int64_t slice_ns)
{
	const struct store_explain explain = { ring, RING_BYTES };
	struct store_report report;
	struct tracker_config c;
	struct store *s;
	uint64_t epoch, seq;

	tracker_defaults(&c);
	memcpy(c.origin, "xt", 3);
	c.lat_rad = 0.95;
	c.lon_rad = 0.2;
	c.max_tracks = c.max_identities = c.max_batch = 256;
	assert_int_equal(store_open_explained(dir, &c, slice_ns, 1000 * slice_ns, &explain, T0, &s, &report), 0);
	assert_int_equal(report.explain_error, 0);
	(void)journal_cursor(store_journal(s), "mast1", "live", &epoch, &seq);
	for (; seq < TICKS * ROWS; seq += ROWS) {
		int64_t now = T0 + (int64_t)(seq / ROWS + 1) * TICK;
		take_plots(s, seq, now);
		assert_int_equal(journal_cursor_set(store_journal(s), "mast1", "live", 7, seq + ROWS), 0);
		assert_int_equal(store_tick(s, now), 0);
	}
	store_close(s, false);
}

/* --- what a source gives --- */

struct heard {
	struct explain_note notes[NOTES_MAX];
	char feeds[NOTES_MAX][PLOT_FEED_MAX];
	size_t n, cards;
	uint32_t births; /* of vessels, a bit each */
	struct explain_found found;
};

static void on_note(void *user, const struct explain_note *n)
{
	struct heard *h = user;

	assert_true(h->n < NOTES_MAX);
	h->notes[h->n] = *n;
	snprintf(h->feeds[h->n++], PLOT_FEED_MAX, "%s", n->feed);
}

static void on_card(void *user, const struct explain_card *c)
{
	struct heard *h = user;

	h->cards++;
	if (c->id_kind == PLOT_ID_MMSI && c->id >= 211000000 && c->id < 211000004)
		h->births |= 1u << (c->id - 211000000);
}

static struct heard *from_ring(void)
{
	struct heard *h = calloc(1, sizeof(*h));
	struct explain_listener l = { on_note, on_card, h };

	assert_int_equal(explain_source_ring(ring, &l, &h->found), 0);
	return h;
}

static struct heard *from_journal(int64_t from_ns, int64_t to_ns)
{
	struct heard *h = calloc(1, sizeof(*h));
	struct explain_listener l = { on_note, on_card, h };

	assert_int_equal(explain_source_journal(dir, from_ns, to_ns, &l, &h->found), 0);
	return h;
}

static bool is_same(const struct heard *a, size_t i, const struct heard *b, size_t k)
{
	const struct explain_note *x = &a->notes[i], *y = &b->notes[k];

	return x->time_ns == y->time_ns && x->birth == y->birth && x->ref == y->ref && x->what == y->what &&
	       x->sensor == y->sensor && !memcmp(&x->weight, &y->weight, sizeof(float)) &&
	       (!memcmp(&x->d2, &y->d2, sizeof(float)) || (isnan(x->d2) && isnan(y->d2))) &&
	       !strcmp(a->feeds[i], b->feeds[k]);
}

static void assert_same(const struct heard *a, const struct heard *b)
{
	assert_true(a->n > TICKS);
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		if (!is_same(a, i, b, i))
			fail_msg("note %zu of %zu differs", i, a->n);
	assert_string_equal(a->found.origin, b->found.origin);
	assert_int_equal(a->found.epoch, b->found.epoch);
	assert_int_equal(a->births, 15);
	assert_int_equal(b->births, 15);
}

static void the_journal_gives_what_the_ring_has(void **state)
{
	work(SLICE);
	struct heard *r = from_ring(), *j = from_journal(INT64_MIN, INT64_MAX);

	assert_same(r, j);
	assert_int_equal(r->found.newest_ns, j->found.newest_ns);
	free(r);
	free(j);
}

static void a_killed_daemon_leaves_a_ring_and_goes_on_with_it(void **state)
{
	uint32_t seed = 4711;

	for (int lives = 1, ended = 0; !ended; lives++) {
		pid_t pid = fork();
		if (pid == 0) {
			work(SLICE);
			_exit(0);
		}
		int status;
		seed = seed * 1103515245u + 12345u;
		usleep((useconds_t)((seed >> 16) % 20000 + (unsigned)lives * 4000));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		ended = WIFEXITED(status);
		assert_true(!ended || WEXITSTATUS(status) == 0);
		if (access(ring, R_OK) == 0)
			free(from_ring());
	}
	struct heard *r = from_ring(), *j = from_journal(INT64_MIN, INT64_MAX);

	assert_same(r, j);
	free(r);
	free(j);
}

static void a_later_time_is_replayed_from_its_own_slice(void **state)
{
	int64_t from = T0 + 130 * TICK;

	work(20 * TICK);
	struct heard *all = from_journal(INT64_MIN, INT64_MAX), *some = from_journal(from, INT64_MAX);

	/* The window before it is needed as well, and not everything. */
	assert_true(some->n > 0 && some->n < all->n);
	size_t skip = all->n - some->n;
	for (size_t i = 0; i < some->n; i++)
		if (!is_same(all, skip + i, some, i))
			fail_msg("note %zu of %zu differs", i, some->n);
	assert_true(some->found.oldest_ns <= from);
	free(all);
	free(some);
}

static void what_is_not_there_is_said(void **state)
{
	struct explain_listener l = { on_note, on_card, NULL };
	struct explain_found f;

	assert_int_equal(explain_source_ring(ring, &l, &f), -ENOENT);
	assert_int_equal(explain_source_journal(dir, 0, 1, &l, &f), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_journal_gives_what_the_ring_has, setup, teardown),
		cmocka_unit_test_setup_teardown(a_killed_daemon_leaves_a_ring_and_goes_on_with_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_later_time_is_replayed_from_its_own_slice, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_there_is_said, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
