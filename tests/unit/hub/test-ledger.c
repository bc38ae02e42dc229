#include "hub/ledger.h"
#include "common/wire.h"
#include "hub/db.h"
#include "tests/assert_near.h"
#include "tests/unit/hub/fixture.h"

#include <cmocka.h>
#include <errno.h>

struct world {
	char *dir, path[64];
	struct ledger *l;
};

static int start(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	w->dir = fixture_dir();
	snprintf(w->path, sizeof(w->path), "%s/ledger.db", w->dir);
	assert_int_equal(ledger_open(w->path, &w->l), 0);
	*state = w;
	return 0;
}

static int stop(void **state)
{
	struct world *w = *state;
	ledger_close(w->l);
	fixture_remove(w->dir);
	free(w);
	return 0;
}

/* One batch of @n tracks, births from @birth, and a withheld number. Return: its last seq. */
static uint64_t release(struct world *w, uint64_t first, uint32_t birth, size_t n, uint64_t withheld)
{
	struct ledger_object o[8];
	uint64_t last = 0;
	for (size_t i = 0; i < n; i++)
		o[i] = (struct ledger_object){ .id = { "xa", 1, birth + (uint32_t)i }, .version = first, .kind = WIRE_TRACK, .rule = "adjacent",
			.data = "data", .size = 4 };
	struct ledger_batch b = { .peer = "xb", .lane = "tracks", .epoch = 77, .first = first, .policy_version = 1, .policy_digest = "d1",
		.withheld = withheld, .n = n, .objects = o };
	assert_int_equal(ledger_begin(w->l), 0);
	assert_int_equal(ledger_append(w->l, FIXTURE_NS, &b, &last), 0);
	assert_int_equal(ledger_commit(w->l), 0);
	return last;
}

static int verify(struct world *w, struct ledger_report *rep)
{
	*rep = (struct ledger_report){ 0 };
	return ledger_verify(w->path, rep);
}

static void fill(struct world *w)
{
	uint64_t last = 0;
	for (uint32_t i = 0; i < 6; i++)
		last = release(w, last + 1, 1 + i * 10, 3, i % 2);
}

static void exec(struct world *w, const char *sql)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(w->path, &db), SQLITE_OK);
	char *error = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
	sqlite3_close(db);
}

static void a_whole_ledger_verifies_also_after_a_restart(void **state)
{
	struct world *w = *state;
	struct ledger_report rep;
	assert_int_equal(verify(w, &rep), 0);
	assert_int_equal(rep.entries, 0);
	fill(w);
	ledger_close(w->l);
	assert_int_equal(ledger_open(w->path, &w->l), 0);
	assert_int_equal(release(w, 22, 500, 1, 0), 22);
	assert_int_equal(verify(w, &rep), 0);
	assert_int_equal(rep.entries, 7);
	assert_int_equal(rep.objects, 19);
}

/* Every byte of every entry and hash, one bit flipped: located each time. */
static void each_flipped_bit_is_located(void **state)
{
	static const char *const columns[] = { "data", "hash" };
	struct world *w = *state;
	fill(w);
	ledger_close(w->l);
	w->l = NULL;
	for (unsigned c = 0; c < 2; c++)
		for (unsigned n = 1; n <= 6; n++)
			for (unsigned at = 0; at < (c ? 32 : 110); at += c ? 5 : 13) {
				struct ledger_report rep;
				sqlite3 *db;
				sqlite3_blob *blob;
				uint8_t byte;
				assert_int_equal(sqlite3_open(w->path, &db), SQLITE_OK);
				assert_int_equal(sqlite3_blob_open(db, "main", "entry", columns[c], n, 1, &blob), SQLITE_OK);
				assert_int_equal(sqlite3_blob_read(blob, &byte, 1, (int)at), SQLITE_OK);
				byte ^= (uint8_t)(1u << at % 8);
				assert_int_equal(sqlite3_blob_write(blob, &byte, 1, (int)at), SQLITE_OK);
				sqlite3_blob_close(blob);
				assert_int_equal(verify(w, &rep), 1);
				assert_int_equal(rep.broken, n);
				assert_int_equal(sqlite3_blob_open(db, "main", "entry", columns[c], n, 1, &blob), SQLITE_OK);
				byte ^= (uint8_t)(1u << at % 8);
				assert_int_equal(sqlite3_blob_write(blob, &byte, 1, (int)at), SQLITE_OK);
				sqlite3_blob_close(blob);
				sqlite3_close(db);
				if (verify(w, &rep) != 0)
					fail_msg("%s of entry %u, byte %u, put back: %s", columns[c], n, at, rep.reason);
			}
}

static void what_is_taken_out_or_changed_is_named(void **state)
{
	static const struct {
		const char *sql;
		uint64_t broken;
	} deeds[] = {
		{ "DELETE FROM entry WHERE n = 3", 3 },
		{ "DELETE FROM entry WHERE n = 6", 6 },
		{ "DELETE FROM entry WHERE n = 1", 1 },
		{ "DELETE FROM leaf WHERE n = 4 AND i = 2", 4 },
		{ "DELETE FROM leaf WHERE n = 4 AND i = 0", 4 },
		{ "UPDATE leaf SET version = version + 1 WHERE n = 2 AND i = 1", 2 },
		{ "UPDATE leaf SET track = 'xa-1-99' WHERE n = 5 AND i = 0", 5 },
		{ "UPDATE leaf SET rule = 'other' WHERE n = 5 AND i = 0", 5 },
		{ "UPDATE leaf SET hash = zeroblob(32) WHERE n = 5 AND i = 0", 5 },
		{ "INSERT INTO leaf SELECT n, 3, hash, salt, track, version, kind, rule FROM leaf WHERE n = 2 AND i = 0", 2 },
	};
	struct world *w = *state;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		void *own;
		struct ledger_report rep;
		assert_int_equal(start(&own), 0);
		w = own;
		fill(w);
		exec(w, deeds[i].sql);
		assert_int_equal(verify(w, &rep), 1);
		if (rep.broken != deeds[i].broken)
			fail_msg("%s: entry %d, not %d: %s", deeds[i].sql, (int)rep.broken, (int)deeds[i].broken, rep.reason);
		stop(&own);
	}
}

/* Whoever rewrites an entry and its hash must rewrite all that follow; one that is not is named. */
static void a_rewritten_entry_breaks_the_next(void **state)
{
	struct world *w = *state;
	struct ledger_report rep;
	fill(w);
	void *other;
	assert_int_equal(start(&other), 0);
	struct world *o = other;
	(void)release(o, 1, 900, 3, 0); /* a well-formed first entry of another ledger */
	char sql[512];
	snprintf(sql, sizeof(sql), "ATTACH '%s' AS o; DELETE FROM entry WHERE n = 1; INSERT INTO entry SELECT * FROM o.entry WHERE n = 1;"
				   "DELETE FROM leaf WHERE n = 1; INSERT INTO leaf SELECT * FROM o.leaf WHERE n = 1;", o->path);
	exec(w, sql);
	assert_int_equal(verify(w, &rep), 1);
	assert_int_equal(rep.broken, 2);
	stop(&other);
}

static void erasure_destroys_the_content_and_leaves_the_chain(void **state)
{
	struct world *w = *state;
	struct ledger_report rep;
	fill(w);
	assert_int_equal(ledger_erase(w->l, &(struct track_id){ "xa", 1, 12 }), 1);
	assert_int_equal(ledger_erase(w->l, &(struct track_id){ "xa", 1, 12 }), 0);
	assert_int_equal(verify(w, &rep), 0);
	assert_int_equal(rep.erased, 1);
}

static int count_pending(void *user, uint64_t seq, int64_t stored_ns, uint8_t kind, const void *data, size_t size)
{
	uint64_t *next = user;
	assert_int_equal(seq, *next);
	assert_int_equal(kind, seq == 8 ? LEDGER_WITHHELD : WIRE_TRACK);
	if (kind == WIRE_TRACK)
		assert_memory_equal(data, "data", 4);
	(*next)++;
	return 0;
}

static void what_the_log_lacks_after_a_kill_is_in_the_ledger(void **state)
{
	struct world *w = *state;
	(void)release(w, 1, 1, 4, 0);
	(void)release(w, 5, 11, 3, 2);
	uint64_t next = 3;
	assert_int_equal(ledger_each_pending(w->l, "xb", "tracks", 77, 2, count_pending, &next), 0);
	assert_int_equal(next, 9);
	assert_int_equal(ledger_begin(w->l), 0);
	assert_int_equal(ledger_settle(w->l, "xb", "tracks", 8), 0);
	assert_int_equal(ledger_commit(w->l), 0);
	next = 9;
	assert_int_equal(ledger_each_pending(w->l, "xb", "tracks", 77, 0, count_pending, &next), 0);
	assert_int_equal(next, 9);
}

static void count_again(void *user, const struct ledger_released *r)
{
	unsigned *n = user;
	n[0]++;
	n[1] += r->again;
	assert_true(r->version > 0);
}

static void a_lost_log_marks_what_it_carried(void **state)
{
	struct world *w = *state;
	unsigned n[2] = { 0 };
	(void)release(w, 1, 1, 4, 0);
	assert_int_equal(ledger_each_released(w->l, "xb", count_again, n), 0);
	assert_int_equal(n[0], 4);
	assert_int_equal(n[1], 0);
	assert_int_equal(ledger_reset_lane(w->l, "xb", "tracks", 78), 0);
	assert_int_equal(ledger_reset_lane(w->l, "xb", "tracks", 79), 0);
	n[0] = n[1] = 0;
	assert_int_equal(ledger_each_released(w->l, "xb", count_again, n), 0);
	assert_int_equal(n[1], 4);
	uint64_t epoch = 0;
	assert_int_equal(ledger_lane_epoch(w->l, "xb", "tracks", &epoch), 0);
	assert_int_equal(epoch, 79);
	assert_int_equal(ledger_lane_epoch(w->l, "xc", "tracks", &epoch), -ENOENT);
}

static void a_rollback_leaves_nothing(void **state)
{
	struct world *w = *state;
	struct ledger_report rep;
	struct ledger_object o = { .id = { "xa", 1, 1 }, .version = 1, .kind = WIRE_TRACK, .rule = "r", .data = "d", .size = 1 };
	struct ledger_batch b = { .peer = "xb", .lane = "tracks", .epoch = 77, .first = 1, .policy_digest = "", .n = 1, .objects = &o };
	uint64_t last;
	assert_int_equal(ledger_begin(w->l), 0);
	assert_int_equal(ledger_append(w->l, FIXTURE_NS, &b, &last), 0);
	ledger_rollback(w->l);
	assert_int_equal(ledger_entries(w->l), 0);
	assert_int_equal(release(w, 1, 5, 1, 0), 1);
	assert_int_equal(verify(w, &rep), 0);
	assert_int_equal(rep.entries, 1);
}

static void a_file_that_is_none_is_left_alone(void **state)
{
	struct world *w = *state;
	struct ledger_report rep;
	char path[96];
	struct ledger *l = NULL;
	snprintf(path, sizeof(path), "%s/other.db", w->dir);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	for (int i = 0; i < 2000; i++)
		fputs("not a database ", f);
	fclose(f);
	assert_int_equal(ledger_open(path, &l), -EBADMSG);
	assert_int_equal(ledger_verify(path, &rep), -EBADMSG);
	snprintf(path, sizeof(path), "%s/absent.db", w->dir);
	assert_true(ledger_verify(path, &rep) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_whole_ledger_verifies_also_after_a_restart, start, stop),
		cmocka_unit_test_setup_teardown(each_flipped_bit_is_located, start, stop),
		cmocka_unit_test_setup_teardown(what_is_taken_out_or_changed_is_named, start, stop),
		cmocka_unit_test_setup_teardown(a_rewritten_entry_breaks_the_next, start, stop),
		cmocka_unit_test_setup_teardown(erasure_destroys_the_content_and_leaves_the_chain, start, stop),
		cmocka_unit_test_setup_teardown(what_the_log_lacks_after_a_kill_is_in_the_ledger, start, stop),
		cmocka_unit_test_setup_teardown(a_lost_log_marks_what_it_carried, start, stop),
		cmocka_unit_test_setup_teardown(a_rollback_leaves_nothing, start, stop),
		cmocka_unit_test_setup_teardown(a_file_that_is_none_is_left_alone, start, stop),
	};
	return cmocka_run_group_tests_name("hub-ledger", tests, NULL, NULL);
}
