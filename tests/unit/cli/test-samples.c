/* The sample files show every key there is, and what they show is taken. Built once per table: KEYS, SAMPLES. */
#include "common/conf.h"
#include "tests/assert_near.h"

#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct conf_key KEYS[];

static glob_t samples;
static char text[1 << 16];

static void read_sample(size_t i)
{
	FILE *f = fopen(samples.gl_pathv[i], "re");

	assert_non_null(f);
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = 0;
	fclose(f);
}

/* "Key=" or "#Key=" at the start of a line, under [section]. */
static bool shows(const struct conf_key *key)
{
	char section[64] = "";
	size_t n = strlen(key->key);

	for (char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *p = line + (*line == '#');
		(void)sscanf(line, "[%63[^]\n]", section);
		if (!strcmp(section, key->section) && !strncmp(p, key->key, n) && p[n] == '=')
			return true;
	}
	return false;
}

static void every_key_is_in_a_sample(void **state)
{
	for (const struct conf_key *key = KEYS; key->section; key++) {
		bool shown = false;
		for (size_t i = 0; i < samples.gl_pathc && !shown; i++) {
			read_sample(i);
			shown = shows(key);
		}
		if (!shown)
			fail_msg("[%s] %s= is in no sample", key->section, key->key);
	}
}

static void take(const char *name)
{
	static _Alignas(16) char object[1 << 17];
	struct conf_error error;

	memset(object, 0, sizeof(object)); /* one file's lists do not add up with the next one's */
	int r = conf_parse(name, text, strlen(text), KEYS, object, &error);
	for (const struct conf_key *key = KEYS; key->section; key++)
		if (key->type == CONF_LIST)
			conf_list_done((struct conf_list *)(object + key->offset));
	if (r)
		fail_msg("%s", error.text);
}

static void every_sample_is_taken(void **state)
{
	for (size_t i = 0; i < samples.gl_pathc; i++) {
		read_sample(i);
		take(samples.gl_pathv[i]);
	}
}

/* "#Key=" without the space of prose: what a reader would uncomment. */
static void what_is_commented_out_is_taken_too(void **state)
{
	for (size_t i = 0; i < samples.gl_pathc; i++) {
		read_sample(i);
		for (char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
			if (line[0] == '#' && line[1] != ' ')
				line[0] = ' ';
		take(samples.gl_pathv[i]);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_in_a_sample),
		cmocka_unit_test(every_sample_is_taken),
		cmocka_unit_test(what_is_commented_out_is_taken_too),
	};

	if (argc != 2 || glob(argv[1], 0, NULL, &samples) || !samples.gl_pathc) {
		fprintf(stderr, "usage: test-samples GLOB, and something it finds\n");
		return 2;
	}
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	globfree(&samples);
	return r;
}
