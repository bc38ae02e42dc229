#include "hub/db.h"
#include "common/dberr.h"
#include "tests/assert_near.h"
#include "tests/unit/hub/fixture.h"

#include <cmocka.h>
#include <errno.h>

#define APPLICATION_ID 0x76546573

static const char *const first[] = { "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7)", NULL };
static const char *const second[] = { "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7)",
	"ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1", NULL };
static const char *const broken[] = { "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7)",
	"UPDATE a SET x = 8; ALTER TABLE a ADD COLUMN y INTEGER; no such thing", NULL };

struct world {
	char *dir, path[64];
};

static int start(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	w->dir = fixture_dir();
	snprintf(w->path, sizeof(w->path), "%s/x.db", w->dir);
	*state = w;
	return 0;
}

static int stop(void **state)
{
	struct world *w = *state;
	fixture_remove(w->dir);
	free(w);
	return 0;
}

static sqlite3 *open_as(const struct world *w, const char *const *schema)
{
	sqlite3 *db = NULL;
	assert_int_equal(db_open(w->path, APPLICATION_ID, schema, &db), 0);
	return db;
}

static int64_t value(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	assert_int_equal(db_prepare(db, sql, &s), 0);
	assert_int_equal(db_row(s), 1);
	int64_t v = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return v;
}

static void new_file_is_of_the_last_version(void **state)
{
	sqlite3 *db = open_as(*state, second);

	assert_int_equal(value(db, "SELECT y FROM a"), 8);
	assert_int_equal(value(db, "PRAGMA user_version"), 2);
	db_close(db);
}

static void older_file_is_brought_forward_with_what_is_in_it(void **state)
{
	sqlite3 *db = open_as(*state, first);

	assert_int_equal(db_exec(db, "UPDATE a SET x = 41"), 0);
	db_close(db);
	db = open_as(*state, second);
	assert_int_equal(value(db, "SELECT y FROM a"), 42);
	db_close(db);
	db = open_as(*state, second);
	assert_int_equal(value(db, "SELECT count(*) FROM a"), 1);
	db_close(db);
}

static void file_from_before_versions_is_of_the_first(void **state)
{
	sqlite3 *db = open_as(*state, first);

	assert_int_equal(db_exec(db, "PRAGMA user_version = 0"), 0);
	db_close(db);
	db = open_as(*state, second);
	assert_int_equal(value(db, "SELECT y FROM a"), 8);
	db_close(db);
}

static void newer_file_is_refused_and_left_alone(void **state)
{
	struct world *w = *state;
	sqlite3 *db = open_as(w, second);

	db_close(db);
	assert_int_equal(db_open(w->path, APPLICATION_ID, first, &db), -EPROTONOSUPPORT);
	assert_int_equal(db_open_read(w->path, APPLICATION_ID, first, &db), -EPROTONOSUPPORT);
	assert_non_null(strstr(dberr_text(-EPROTONOSUPPORT), "newer"));
	db = open_as(w, second);
	assert_int_equal(value(db, "SELECT y FROM a"), 8);
	db_close(db);
}

static void failed_step_leaves_the_file_as_it_was(void **state)
{
	struct world *w = *state;
	sqlite3 *db = open_as(w, first);

	db_close(db);
	assert_true(db_open(w->path, APPLICATION_ID, broken, &db) < 0);
	db = open_as(w, first);
	assert_int_equal(value(db, "SELECT x FROM a"), 7);
	db_close(db);
}

static void reader_does_not_bring_forward(void **state)
{
	struct world *w = *state;
	sqlite3 *db = open_as(w, first);

	db_close(db);
	assert_int_equal(db_open_read(w->path, APPLICATION_ID, second, &db), -EPROTONOSUPPORT);
	assert_int_equal(db_open_read(w->path, APPLICATION_ID, first, &db), 0);
	assert_int_equal(value(db, "SELECT x FROM a"), 7);
	db_close(db);
}

static void file_of_another_is_refused(void **state)
{
	struct world *w = *state;
	sqlite3 *db = open_as(w, first);

	db_close(db);
	assert_int_equal(db_open(w->path, APPLICATION_ID + 1, first, &db), -EBADMSG);
	assert_int_equal(db_open_read(w->path, APPLICATION_ID + 1, first, &db), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(new_file_is_of_the_last_version, start, stop),
		cmocka_unit_test_setup_teardown(older_file_is_brought_forward_with_what_is_in_it, start, stop),
		cmocka_unit_test_setup_teardown(file_from_before_versions_is_of_the_first, start, stop),
		cmocka_unit_test_setup_teardown(newer_file_is_refused_and_left_alone, start, stop),
		cmocka_unit_test_setup_teardown(failed_step_leaves_the_file_as_it_was, start, stop),
		cmocka_unit_test_setup_teardown(reader_does_not_bring_forward, start, stop),
		cmocka_unit_test_setup_teardown(file_of_another_is_refused, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
