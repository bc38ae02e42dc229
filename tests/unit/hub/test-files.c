#include "hub/files.h"
#include "tests/assert_near.h"
#include "tests/unit/hub/fixture.h"

#include <cmocka.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

struct world {
	char *dir, web[64];
};

static void put(const char *dir, const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int start(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	char link[128];
	w->dir = fixture_dir();
	snprintf(w->web, sizeof(w->web), "%s/web", w->dir);
	assert_int_equal(mkdir(w->web, 0700), 0);
	put(w->dir, "secret.txt", "no");
	put(w->web, "index.html", "hello");
	put(w->web, "a.js", "plain");
	put(w->web, "a.js.gz", "zipped!");
	put(w->web, "odd.exe", "x");
	snprintf(link, sizeof(link), "%s/out.txt", w->web);
	assert_int_equal(symlink("../secret.txt", link), 0);
	snprintf(link, sizeof(link), "%s/dir.js", w->web);
	assert_int_equal(mkdir(link, 0700), 0);
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

static void a_file_has_type_size_and_a_tag_that_changes(void **state)
{
	struct world *w = *state;
	struct files_hit a, b;
	assert_int_equal(files_open(w->web, "/", true, &a), 0);
	assert_int_equal(a.size, 5);
	assert_string_equal(a.type, "text/html; charset=utf-8");
	assert_false(a.gzip);
	put(w->web, "index.html", "hello again");
	assert_int_equal(files_open(w->web, "/index.html", true, &b), 0);
	assert_string_not_equal(a.etag, b.etag);
	close(a.fd);
	close(b.fd);
}

static void the_zipped_variant_is_for_who_asks(void **state)
{
	struct world *w = *state;
	struct files_hit a, b;
	assert_int_equal(files_open(w->web, "/a.js", true, &a), 0);
	assert_true(a.gzip);
	assert_int_equal(a.size, 7);
	assert_int_equal(files_open(w->web, "/a.js", false, &b), 0);
	assert_false(b.gzip);
	assert_string_equal(a.type, b.type);
	close(a.fd);
	close(b.fd);
}

static void nothing_else_is_opened(void **state)
{
	struct world *w = *state;
	struct files_hit hit;
	static const char *const bad[] = { "/../secret.txt", "/out.txt", "/dir.js", "/odd.exe", "/absent.js", "/a.js.gz", "/.", "//a.js" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(files_open(w->web, bad[i], false, &hit) < 0);
	assert_int_equal(files_open("/nonexistent", "/a.js", false, &hit), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_has_type_size_and_a_tag_that_changes, start, stop),
		cmocka_unit_test_setup_teardown(the_zipped_variant_is_for_who_asks, start, stop),
		cmocka_unit_test_setup_teardown(nothing_else_is_opened, start, stop),
	};
	return cmocka_run_group_tests_name("hub-files", tests, NULL, NULL);
}
