#include "hub/release.h"
#include "common/wire.h"
#include "tests/assert_near.h"
#include "tests/unit/hub/fixture.h"

#include <cmocka.h>
#include <errno.h>
#include <unistd.h>

#define PERIOD RELEASE_PERIOD_NS

static const char sections[] =
	"{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"id\":\"b\",\"version\":1,\"name\":\"B\","
	"\"centre\":\"xb\",\"kind\":\"sea\",\"neighbours\":[\"xa\"]},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[11,54.5],[12,54.5],"
	"[12,55],[11,55],[11,54.5]]]}}]}";
static const char rules[] = "[Policy]\nVersion=1\n[Rule]\nId=n\nObject=track\nPeer=xb\nSection=adjacent\nSensors=radar\nIdentifiers=mmsi\n"
			    "[Rule]\nId=sos\nObject=distress\nPeer=xb\nSection=adjacent\n";

struct world {
	char *dir, ledger_path[96];
	struct settings settings;
	struct settings_peer peer;
	struct picture *picture;
	struct policy *policy;
	struct section_set *sections;
	struct release_env env;
	struct release *r;
	int64_t now_ns;
	uint64_t cursor[2], version; /* what a receiver would have read so far */
};

static void open_release(struct world *w)
{
	assert_int_equal(ledger_open(w->ledger_path, &w->env.ledger), 0);
	assert_int_equal(release_new(&w->env, &w->peer, w->dir, w->now_ns, &w->r), 0);
}

static void close_release(struct world *w)
{
	release_free(w->r);
	ledger_close(w->env.ledger);
}

static int start(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char error[SECTION_ERROR_MAX];
	struct conf_error ce;
	w->dir = fixture_dir();
	w->now_ns = FIXTURE_NS;
	snprintf(w->ledger_path, sizeof(w->ledger_path), "%s/ledger.db", w->dir);
	snprintf(w->settings.origin, sizeof(w->settings.origin), "xa");
	snprintf(w->peer.origin, sizeof(w->peer.origin), "xb");
	w->peer.log_bytes = 64 << 20;
	assert_int_equal(picture_new(8, &w->picture), 0);
	assert_int_equal(section_parse("s", sections, strlen(sections), &w->sections, error), 0);
	assert_int_equal(policy_parse("p", rules, strlen(rules), &w->policy, &ce), 0);
	w->env = (struct release_env){ &w->settings, w->picture, NULL, &w->policy, &w->sections };
	open_release(w);
	*state = w;
	return 0;
}

static int stop(void **state)
{
	struct world *w = *state;
	close_release(w);
	picture_free(w->picture);
	section_free(w->sections);
	policy_free(w->policy);
	fixture_remove(w->dir);
	free(w);
	return 0;
}

static void put(struct world *w, uint32_t birth, double lat, enum track_state st, bool distress)
{
	struct track t = fixture_track(birth, ++w->version, lat, 11.5);
	t.state = st;
	t.distress = distress ? PLOT_DISTRESS_SART : PLOT_DISTRESS_NONE;
	(void)picture_apply(w->picture, &t, false, NULL);
}

static int flush(struct world *w)
{
	w->now_ns += PERIOD;
	return release_flush(w->r, w->now_ns);
}

/* What a receiver gets next on a lane, as "T1 W2 ...": track or withdrawal and birth. Checks that no seq is missed. */
static const char *read_lane(struct world *w, unsigned lane)
{
	static char text[256];
	struct ship_record rec[16];
	uint64_t last, withheld;
	size_t len = 0;
	text[0] = 0;
	ssize_t n = release_read(w->r, lane, w->cursor[lane], rec, 16, 1 << 20, &last, &withheld);
	assert_true(n >= 0);
	assert_int_equal(last - w->cursor[lane], (uint64_t)n + withheld);
	for (ssize_t i = 0; i < n; i++) {
		struct track t;
		struct wire_withdraw wd;
		bool track = rec[i].kind == WIRE_TRACK;
		assert_int_equal(track ? wire_get_track(rec[i].data, rec[i].size, &t) : wire_get_withdraw(rec[i].data, rec[i].size, &wd), 0);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%c%u", i ? " " : "", track ? 'T' : 'W',
			track ? t.id.birth : wd.id.birth);
		if (track)
			assert_int_equal(t.n_sources, lane == POLICY_LANE_TRACKS ? 1 : 0); /* redacted */
	}
	w->cursor[lane] = last;
	return text;
}

static void whole(struct world *w)
{
	struct ledger_report rep;
	int r = ledger_verify(w->ledger_path, &rep);
	if (r != 0)
		fail_msg("ledger: entry %d: %s", (int)rep.broken, rep.reason);
}

static void tracks_go_out_once_and_are_withdrawn_outside(void **state)
{
	struct world *w = *state;
	put(w, 1, 54.7, TRACK_CONFIRMED, false);
	put(w, 2, 54.3, TRACK_CONFIRMED, false);
	put(w, 3, 54.6, TRACK_CONFIRMED, false);
	assert_int_equal(flush(w), 2);
	assert_int_equal(flush(w), 0);
	assert_string_equal(read_lane(w, POLICY_LANE_TRACKS), "T1 T3");
	put(w, 1, 54.3, TRACK_CONFIRMED, false);
	put(w, 3, 54.6, TRACK_DROPPED, false);
	assert_int_equal(flush(w), 2);
	assert_string_equal(read_lane(w, POLICY_LANE_TRACKS), "W1 T3");
	assert_int_equal(release_count(w->r), 0);
	assert_string_equal(read_lane(w, POLICY_LANE_DISTRESS), "");
	whole(w);
}

static void distress_takes_its_own_lane_and_comes_back(void **state)
{
	struct world *w = *state;
	put(w, 1, 54.7, TRACK_CONFIRMED, false);
	assert_int_equal(flush(w), 1);
	put(w, 1, 54.7, TRACK_CONFIRMED, true);
	assert_int_equal(flush(w), 1);
	assert_string_equal(read_lane(w, POLICY_LANE_DISTRESS), "T1");
	put(w, 1, 54.3, TRACK_CONFIRMED, false); /* over, and outside: withdrawn where it was released last */
	assert_int_equal(flush(w), 1);
	assert_string_equal(read_lane(w, POLICY_LANE_DISTRESS), "W1");
	assert_string_equal(read_lane(w, POLICY_LANE_TRACKS), "T1");
	whole(w);
}

static void a_restart_repeats_nothing_and_withdraws_what_ended_meanwhile(void **state)
{
	struct world *w = *state;
	put(w, 1, 54.7, TRACK_CONFIRMED, false);
	put(w, 2, 54.7, TRACK_CONFIRMED, false);
	assert_int_equal(flush(w), 2);
	assert_string_equal(read_lane(w, POLICY_LANE_TRACKS), "T1 T2");
	close_release(w);
	assert_int_equal(picture_remove(w->picture, &(struct track_id){ "xa", 1, 2 }, 99), 0);
	put(w, 3, 54.7, TRACK_CONFIRMED, false);
	open_release(w);
	assert_int_equal(release_count(w->r), 1);
	assert_int_equal(flush(w), 2);
	assert_string_equal(read_lane(w, POLICY_LANE_TRACKS), "W2 T3");
	whole(w);
}

static void a_kill_between_ledger_and_log_is_mended(void **state)
{
	struct world *w = *state;
	char from[128], cmd[600];
	put(w, 1, 54.7, TRACK_CONFIRMED, false);
	assert_int_equal(flush(w), 1);
	assert_string_equal(read_lane(w, POLICY_LANE_TRACKS), "T1");
	close_release(w);
	snprintf(from, sizeof(from), "%s/xb-tracks.db", w->dir);
	snprintf(cmd, sizeof(cmd), "cp %s %s.before", from, from);
	assert_int_equal(system(cmd), 0);
	open_release(w);
	put(w, 1, 54.71, TRACK_CONFIRMED, false);
	put(w, 2, 54.71, TRACK_CONFIRMED, false);
	assert_int_equal(flush(w), 2);
	close_release(w);
	/* The log as it was before the append: what a kill after the ledger's commit leaves. */
	snprintf(cmd, sizeof(cmd), "mv %s.before %s && rm -f %s-wal %s-shm", from, from, from, from);
	assert_int_equal(system(cmd), 0);
	open_release(w);
	assert_int_equal(flush(w), 0);
	assert_string_equal(read_lane(w, POLICY_LANE_TRACKS), "T1 T2");
	whole(w);
}

static void a_lost_log_starts_a_new_epoch_with_the_present_picture(void **state)
{
	struct world *w = *state;
	uint64_t before, after, head;
	char path[128];
	put(w, 1, 54.7, TRACK_CONFIRMED, false);
	put(w, 2, 54.7, TRACK_CONFIRMED, false);
	assert_int_equal(flush(w), 2);
	release_head(w->r, POLICY_LANE_TRACKS, &before, &head);
	close_release(w);
	snprintf(path, sizeof(path), "%s/xb-tracks.db", w->dir);
	assert_int_equal(unlink(path), 0);
	w->now_ns += INT64_C(5000000000);
	put(w, 2, 54.3, TRACK_CONFIRMED, false);
	open_release(w);
	release_head(w->r, POLICY_LANE_TRACKS, &after, &head);
	assert_true(after > before);
	assert_int_equal(flush(w), 2);
	assert_string_equal(read_lane(w, POLICY_LANE_TRACKS), "T1 W2");
	whole(w);
}

static void a_peer_that_knows_more_makes_the_log_begin_again(void **state)
{
	struct world *w = *state;
	uint64_t epoch, head;
	put(w, 1, 54.7, TRACK_CONFIRMED, false);
	assert_int_equal(flush(w), 1);
	release_head(w->r, POLICY_LANE_TRACKS, &epoch, &head);
	release_stale(w->r, POLICY_LANE_TRACKS, epoch + 1000, w->now_ns);
	uint64_t now;
	release_head(w->r, POLICY_LANE_TRACKS, &now, &head);
	assert_true(now > epoch + 1000);
	assert_int_equal(flush(w), 1);
	assert_string_equal(read_lane(w, POLICY_LANE_TRACKS), "T1 T1");
	whole(w);
}

static void another_policy_decides_everything_anew(void **state)
{
	struct world *w = *state;
	struct policy *old = w->policy;
	put(w, 1, 54.7, TRACK_CONFIRMED, false);
	assert_int_equal(flush(w), 1);
	w->policy = NULL;
	release_review(w->r);
	assert_int_equal(flush(w), 1);
	assert_string_equal(read_lane(w, POLICY_LANE_TRACKS), "T1 W1");
	w->policy = old;
	release_review(w->r);
	assert_int_equal(flush(w), 1);
	assert_string_equal(read_lane(w, POLICY_LANE_TRACKS), "T1");
	whole(w);
}

static void a_slot_taken_again_withdraws_the_one_before(void **state)
{
	struct world *w = *state;
	for (uint32_t b = 1; b <= 8; b++)
		put(w, b, 54.7, TRACK_CONFIRMED, false);
	assert_int_equal(flush(w), 8);
	(void)read_lane(w, POLICY_LANE_TRACKS);
	put(w, 3, 54.7, TRACK_DROPPED, false);
	put(w, 9, 54.7, TRACK_CONFIRMED, false); /* into the slot of 3, before anybody was told */
	assert_int_equal(flush(w), 2);
	assert_string_equal(read_lane(w, POLICY_LANE_TRACKS), "W3 T9");
	whole(w);
}

static void the_withheld_take_numbers_and_say_nothing(void **state)
{
	struct world *w = *state;
	put(w, 1, 54.3, TRACK_CONFIRMED, false);
	assert_int_equal(flush(w), 0);
	uint64_t epoch, head;
	release_head(w->r, POLICY_LANE_TRACKS, &epoch, &head);
	assert_int_equal(head, 0);
	w->now_ns += RELEASE_WITHHELD_NS;
	assert_int_equal(flush(w), 0);
	release_head(w->r, POLICY_LANE_TRACKS, &epoch, &head);
	assert_int_equal(head, 1);
	assert_string_equal(read_lane(w, POLICY_LANE_TRACKS), "");
	assert_int_equal(w->cursor[POLICY_LANE_TRACKS], 1);
	whole(w);
}

static void a_peer_away_too_long_gets_the_present_picture(void **state)
{
	struct world *w = *state;
	w->peer.log_bytes = 200000;
	for (int i = 0; i < 1200; i++) {
		put(w, 1, 54.7, TRACK_CONFIRMED, false);
		assert_true(flush(w) >= 0);
	}
	struct ship_record rec[1024];
	uint64_t last, withheld, head, epoch;
	release_head(w->r, POLICY_LANE_TRACKS, &epoch, &head);
	ssize_t n = release_read(w->r, POLICY_LANE_TRACKS, 0, rec, 1024, 1 << 20, &last, &withheld);
	assert_true(n > 0 && n < 1000);
	assert_int_equal(last, (uint64_t)n + withheld);
	struct track t;
	assert_int_equal(wire_get_track(rec[n - 1].data, rec[n - 1].size, &t), 0);
	assert_int_equal(t.version, w->version);
	whole(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tracks_go_out_once_and_are_withdrawn_outside, start, stop),
		cmocka_unit_test_setup_teardown(distress_takes_its_own_lane_and_comes_back, start, stop),
		cmocka_unit_test_setup_teardown(a_restart_repeats_nothing_and_withdraws_what_ended_meanwhile, start, stop),
		cmocka_unit_test_setup_teardown(a_kill_between_ledger_and_log_is_mended, start, stop),
		cmocka_unit_test_setup_teardown(a_lost_log_starts_a_new_epoch_with_the_present_picture, start, stop),
		cmocka_unit_test_setup_teardown(a_peer_that_knows_more_makes_the_log_begin_again, start, stop),
		cmocka_unit_test_setup_teardown(another_policy_decides_everything_anew, start, stop),
		cmocka_unit_test_setup_teardown(a_slot_taken_again_withdraws_the_one_before, start, stop),
		cmocka_unit_test_setup_teardown(the_withheld_take_numbers_and_say_nothing, start, stop),
		cmocka_unit_test_setup_teardown(a_peer_away_too_long_gets_the_present_picture, start, stop),
	};
	return cmocka_run_group_tests_name("hub-release", tests, NULL, NULL);
}
