#include "common/conf.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct thing {
	char name[8], path[16];
	bool on;
	uint64_t count, bytes;
	double ratio, length_m, speed_mps, angle_rad;
	int64_t duration_ns;
	int colour;
	struct conf_list list;
	char even[8];
};

static const char *const colours[] = { "red", "green", NULL };

static const char *parse_even(const char *value, void *field)
{
	if (strlen(value) % 2)
		return "not of even length";
	if (strlen(value) >= 8)
		return "too long";
	memcpy(field, value, strlen(value) + 1);
	return NULL;
}

#define AT(member) offsetof(struct thing, member)
static const struct conf_key table[] = {
	{ "One", "Name", CONF_STRING, AT(name), 8 },
	{ "One", "Path", CONF_PATH, AT(path), 16 },
	{ "One", "On", CONF_BOOL, AT(on) },
	{ "One", "Count", CONF_UINT, AT(count), .min = 1, .max = 100 },
	{ "One", "Big", CONF_UINT, AT(count) },
	{ "Two", "Ratio", CONF_DOUBLE, AT(ratio), .min = 0, .max = 1 },
	{ "Two", "Length", CONF_LENGTH, AT(length_m), .min = 1, .max = 500e3 },
	{ "Two", "Height", CONF_LENGTH, AT(length_m) },
	{ "Two", "Speed", CONF_SPEED, AT(speed_mps) },
	{ "Two", "Angle", CONF_ANGLE, AT(angle_rad), .min = -M_PI / 2, .max = M_PI / 2 },
	{ "Two", "Duration", CONF_DURATION, AT(duration_ns), .min = 0.001, .max = 86400 },
	{ "Two", "Age", CONF_DURATION, AT(duration_ns) },
	{ "Two", "Bytes", CONF_SIZE, AT(bytes) },
	{ "Two", "Colour", CONF_ENUM, AT(colour), .names = colours },
	{ "Two", "List", CONF_LIST, AT(list) },
	{ "Two", "Even", CONF_CUSTOM, AT(even), .parse = parse_even },
	{ 0 }
};

static const struct conf_key needy[] = {
	{ "One", "Name", CONF_STRING, AT(name), 8, .required = true },
	{ 0 }
};

static int parse_bytes(const char *text, size_t size, struct thing *t, struct conf_error *error)
{
	error->text[0] = 0;
	return conf_parse("x.conf", text, size, table, t, error);
}

static void takes(const char *text, struct thing *t)
{
	struct conf_error error;
	int r = parse_bytes(text, strlen(text), t, &error);

	if (r)
		fail_msg("%s", error.text);
}

static void refuses_bytes(const char *text, size_t size, const char *expected)
{
	struct thing t = { 0 };
	struct conf_error error;

	assert_int_equal(parse_bytes(text, size, &t, &error), -EINVAL);
	assert_string_equal(error.text, expected);
	conf_list_done(&t.list);
}

static void refuses(const char *text, const char *expected)
{
	refuses_bytes(text, strlen(text), expected);
}

static void every_type_is_read_with_its_unit(void **state)
{
	struct thing t = { 0 };

	takes("# a comment\n; another\n\n[One]\nName=a b\nPath = /tmp/x \r\nOn=yes\nCount=7\n[Two]\nRatio=0.25\n"
	      "Length=120 km\nSpeed=10kt\nAngle=-0.3 deg\nDuration=250 ms\nBytes=3 M\nColour=green\n"
	      "List=a  b\nList=c\nEven=abcd",
		&t);
	assert_string_equal(t.name, "a b");
	assert_string_equal(t.path, "/tmp/x");
	assert_true(t.on);
	assert_int_equal(t.count, 7);
	assert_near(t.ratio, 0.25, 0);
	assert_near(t.length_m, 120e3, 0);
	assert_near(t.speed_mps, 5.144444444, 1e-9);
	assert_near(t.angle_rad, -0.3 * M_PI / 180, 1e-15);
	assert_int_equal(t.duration_ns, 250000000);
	assert_int_equal(t.bytes, 3 << 20);
	assert_int_equal(t.colour, 1);
	assert_int_equal(t.list.n, 3);
	assert_string_equal(t.list.items[2], "c");
	assert_string_equal(t.even, "abcd");
	conf_list_done(&t.list);
	assert_int_equal(t.list.n, 0);
}

static void every_unit_has_its_factor(void **state)
{
	struct thing t = { 0 };
	static const struct {
		const char *text;
		double length_m;
	} lengths[] = { { "Height=2 m", 2 }, { "Height=2 km", 2000 }, { "Height=2 NM", 3704 },
		{ "Height=-2 ft", -0.6096 }, { "Height=1e3 m", 1000 }, { "Height=.5m", 0.5 } };
	static const struct {
		const char *text;
		int64_t ns;
	} ages[] = { { "Age=7 ns", 7 }, { "Age=7 us", 7000 }, { "Age=1.5 ms", 1500000 }, { "Age=0 s", 0 },
		{ "Age=2 min", 120000000000 }, { "Age=1 h", 3600000000000 }, { "Age=1 d", 86400000000000 } };

	for (size_t n = 0; n < sizeof(lengths) / sizeof(lengths[0]); n++) {
		char text[64];
		snprintf(text, sizeof(text), "[Two]\n%s\n", lengths[n].text);
		takes(text, &t);
		assert_near(t.length_m, lengths[n].length_m, 1e-12);
	}
	for (size_t n = 0; n < sizeof(ages) / sizeof(ages[0]); n++) {
		char text[64];
		snprintf(text, sizeof(text), "[Two]\n%s\n", ages[n].text);
		takes(text, &t);
		assert_true(t.duration_ns == ages[n].ns);
	}
	takes("[Two]\nSpeed=36 km/h\nAngle=0.5 rad\nBytes=1.5 K\n", &t);
	assert_near(t.speed_mps, 10, 1e-12);
	assert_near(t.angle_rad, 0.5, 0);
	assert_int_equal(t.bytes, 1536);
	takes("[Two]\nSpeed=3 m/s\nBytes=2 T\n", &t);
	assert_near(t.speed_mps, 3, 0);
	assert_true(t.bytes == UINT64_C(2) << 40);
	takes("[Two]\nBytes=2 G\n", &t);
	assert_true(t.bytes == UINT64_C(2) << 30);
	takes("[Two]\nBytes=12 B\n", &t);
	assert_int_equal(t.bytes, 12);
}

static void every_word_for_yes_and_no_is_known(void **state)
{
	struct thing t = { 0 };

	takes("[One]\nOn=true\n", &t);
	assert_true(t.on);
	takes("[One]\nOn=off\n", &t);
	assert_false(t.on);
	takes("[One]\nOn=1\n", &t);
	assert_true(t.on);
	takes("[One]\nOn=no\n", &t);
	assert_false(t.on);
	takes("[One]\nOn=on\n", &t);
	assert_true(t.on);
	takes("[One]\nOn=false\n", &t);
	assert_false(t.on);
}

static void later_assignment_wins_and_an_empty_one_resets(void **state)
{
	struct thing t = { .ratio = 0.5 };

	takes("[One]\nName=a\nName=b\nCount=2\n[Two]\nList=a b\nList=\nList=c\nEven=ab\nEven=\n[One]\nCount=3\n", &t);
	assert_string_equal(t.name, "b");
	assert_int_equal(t.count, 3);
	assert_int_equal(t.list.n, 1);
	assert_string_equal(t.list.items[0], "c");
	assert_string_equal(t.even, "");
	assert_near(t.ratio, 0.5, 0); /* what is not assigned keeps its value */
	takes("[One]\nName=\n", &t);
	assert_string_equal(t.name, "");
	conf_list_done(&t.list);
}

static void each_mistake_has_its_line_key_value_and_reason(void **state)
{
	refuses("[Three]\n", "x.conf:1: [Three]: unknown section");
	refuses("\n[One\n", "x.conf:2: [One: section without its closing bracket");
	refuses("[One]\n\nColour=red\n", "x.conf:3: [One] Colour=red: unknown key");
	refuses("[One]\nname=a\n", "x.conf:2: [One] name=a: unknown key");
	refuses("Name=a\n", "x.conf:1: Name=a: before any [Section]");
	refuses("[One]\nName\n", "x.conf:2: Name: not a Key=value line");
	refuses("[One]\n=a\n", "x.conf:2: =a: not a Key=value line");
	refuses("[One]\n # no comment\n", "x.conf:2: # no comment: not a Key=value line");
	refuses("[One]\nName=12345678\n", "x.conf:2: [One] Name=12345678: longer than 7 bytes");
	refuses("[One]\nPath=tmp\n", "x.conf:2: [One] Path=tmp: must be an absolute path");
	refuses("[One]\nOn=maybe\n", "x.conf:2: [One] On=maybe: must be yes or no");
	refuses("[One]\nOn=\n", "x.conf:2: [One] On=: has no value");
	refuses("[One]\nCount=-1\n", "x.conf:2: [One] Count=-1: not a whole number");
	refuses("[One]\nCount=1.5\n", "x.conf:2: [One] Count=1.5: not a whole number");
	refuses("[One]\nCount=0\n", "x.conf:2: [One] Count=0: out of range 1 to 100");
	refuses("[One]\nCount=101\n", "x.conf:2: [One] Count=101: out of range 1 to 100");
	refuses("[One]\nBig=18446744073709551616\n", "x.conf:2: [One] Big=18446744073709551616: too large");
	refuses("[Two]\nRatio=a\n", "x.conf:2: [Two] Ratio=a: not a number");
	refuses("[Two]\nRatio=1,5\n", "x.conf:2: [Two] Ratio=1,5: not a number");
	refuses("[Two]\nRatio=0x1\n", "x.conf:2: [Two] Ratio=0x1: not a number");
	refuses("[Two]\nRatio=nan\n", "x.conf:2: [Two] Ratio=nan: not a number");
	refuses("[Two]\nRatio=1e999\n", "x.conf:2: [Two] Ratio=1e999: not a number");
	refuses("[Two]\nRatio=1-2\n", "x.conf:2: [Two] Ratio=1-2: not a number");
	refuses("[Two]\nRatio=1.01\n", "x.conf:2: [Two] Ratio=1.01: out of range 0 to 1");
	refuses("[Two]\nLength=5\n", "x.conf:2: [Two] Length=5: needs a unit: m km NM ft");
	refuses("[Two]\nLength=5 nm\n", "x.conf:2: [Two] Length=5 nm: needs a unit: m km NM ft");
	refuses("[Two]\nLength=501 km\n", "x.conf:2: [Two] Length=501 km: out of range 1 to 500000 m");
	refuses("[Two]\nSpeed=5 mph\n", "x.conf:2: [Two] Speed=5 mph: needs a unit: m/s kt km/h");
	refuses("[Two]\nAngle=1\n", "x.conf:2: [Two] Angle=1: needs a unit: deg rad");
	refuses("[Two]\nAngle=91 deg\n", "x.conf:2: [Two] Angle=91 deg: out of range -90 to 90 deg");
	refuses("[Two]\nDuration=2 d\n", "x.conf:2: [Two] Duration=2 d: out of range 0.001 to 86400 s");
	refuses("[Two]\nDuration=5\n", "x.conf:2: [Two] Duration=5: needs a unit: s ms us ns min h d");
	refuses("[Two]\nAge=-1 s\n", "x.conf:2: [Two] Age=-1 s: must not be negative");
	refuses("[Two]\nAge=1e9 d\n", "x.conf:2: [Two] Age=1e9 d: too long");
	refuses("[Two]\nBytes=-1 K\n", "x.conf:2: [Two] Bytes=-1 K: must not be negative");
	refuses("[Two]\nBytes=1e9 T\n", "x.conf:2: [Two] Bytes=1e9 T: too large");
	refuses("[Two]\nBytes=1\n", "x.conf:2: [Two] Bytes=1: needs a unit: B K M G T");
	refuses("[Two]\nColour=blue\n", "x.conf:2: [Two] Colour=blue: must be one of: red green");
	refuses("[Two]\nEven=abc\n", "x.conf:2: [Two] Even=abc: not of even length");
	refuses("[Two]\nLength=5 m # why\n", "x.conf:2: [Two] Length=5 m # why: needs a unit: m km NM ft");
}

static void bytes_that_are_not_text_are_refused(void **state)
{
	refuses_bytes("[One]\nName=a\0b\n", 15, "x.conf:2: line is not UTF-8 text");
	refuses("[One]\nName=\xff\n", "x.conf:2: line is not UTF-8 text");
	refuses("[One]\nOn=\033[2J\n", "x.conf:2: [One] On=?[2J: must be yes or no");
}

static void limits_of_size_hold(void **state)
{
	static char text[3 * CONF_VALUE_MAX];
	struct thing t = { 0 };
	int n = snprintf(text, sizeof(text), "[Two]\nList=");

	memset(text + n, ' ', CONF_VALUE_MAX - 5);
	takes(text, &t);
	text[n + CONF_VALUE_MAX - 5] = 'x';
	refuses(text, "x.conf:2: line longer than 4096 bytes");

	memset(text, 0, sizeof(text));
	n = snprintf(text, sizeof(text), "[Two]\nList=");
	for (int i = 0; i < CONF_LIST_MAX; i++)
		n += snprintf(text + n, sizeof(text) - n, "i ");
	takes(text, &t);
	assert_int_equal(t.list.n, CONF_LIST_MAX);
	conf_list_done(&t.list);
	struct conf_error error;
	snprintf(text + n, sizeof(text) - n, "\nList=one\n");
	assert_int_equal(parse_bytes(text, strlen(text), &t, &error), -EINVAL);
	assert_string_equal(error.text, "x.conf:3: [Two] List=one: more than 64 items");
	conf_list_done(&t.list);
}

static void long_value_is_cut_in_the_error(void **state)
{
	char text[400] = "[One]\nOn=";
	struct thing t = { 0 };
	struct conf_error error;

	memset(text + strlen(text), 'y', 300);
	assert_int_equal(parse_bytes(text, strlen(text), &t, &error), -EINVAL);
	assert_non_null(strstr(error.text, "yyy...: must be yes or no"));
	assert_true(strlen(error.text) < 200);
}

static void missing_required_key_is_named(void **state)
{
	struct thing t = { 0 };
	struct conf_error error;

	assert_int_equal(conf_parse("x.conf", "", 0, needy, &t, &error), -EINVAL);
	assert_string_equal(error.text, "x.conf: [One] Name=: required, but missing");
	assert_int_equal(conf_parse("x.conf", "[One]\nName=a\nName=\n", 19, needy, &t, &error), -EINVAL);
	assert_int_equal(conf_parse("x.conf", "[One]\nName=a\n", 13, needy, &t, &error), 0);
}

/* --- files --- */

static char dir[64];

static void put(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int set_up(void **state)
{
	char path[128];

	snprintf(dir, sizeof(dir), "/tmp/test-conf-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/a.conf.d", dir);
	return mkdir(path, 0700);
}

static int tear_down(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static int load(const char *name, const struct conf_key *keys, struct thing *t, struct conf_error *error)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return conf_load(path, keys, t, error);
}

static void drop_ins_follow_in_byte_order(void **state)
{
	struct thing t = { 0 };
	struct conf_error error;

	put("a.conf", "[One]\nName=main\nCount=1\n[Two]\nList=a\n");
	put("a.conf.d/20-b.conf", "[One]\nName=b\n[Two]\nList=c\n");
	put("a.conf.d/10-a.conf", "[One]\nName=a\nCount=2\n[Two]\nList=b\n");
	put("a.conf.d/.hidden.conf", "nonsense");
	put("a.conf.d/note.txt", "nonsense");
	assert_int_equal(load("a.conf", table, &t, &error), 0);
	assert_string_equal(t.name, "b");
	assert_int_equal(t.count, 2);
	assert_int_equal(t.list.n, 3);
	assert_string_equal(t.list.items[1], "b");
	conf_list_done(&t.list);

	put("a.conf.d/30-c.conf", "[One]\nCount=no\n");
	assert_int_equal(load("a.conf", table, &t, &error), -EINVAL);
	assert_non_null(strstr(error.text, "/a.conf.d/30-c.conf:2: [One] Count=no: not a whole number"));
	conf_list_done(&t.list);
}

static void required_key_may_come_from_a_drop_in(void **state)
{
	struct thing t = { 0 };
	struct conf_error error;

	put("a.conf", "\n");
	assert_int_equal(load("a.conf", needy, &t, &error), -EINVAL);
	assert_non_null(strstr(error.text, "/a.conf: [One] Name=: required, but missing"));
	put("a.conf.d/1.conf", "[One]\nName=x\n");
	assert_int_equal(load("a.conf", needy, &t, &error), 0);
}

static void section_does_not_reach_into_the_next_file(void **state)
{
	struct thing t = { 0 };
	struct conf_error error;

	put("a.conf", "[One]\n");
	put("a.conf.d/1.conf", "Name=x\n");
	assert_int_equal(load("a.conf", table, &t, &error), -EINVAL);
	assert_non_null(strstr(error.text, "/1.conf:1: Name=x: before any [Section]"));
}

static void what_is_no_file_is_refused(void **state)
{
	struct thing t = { 0 };
	struct conf_error error;

	assert_int_equal(load("none.conf", table, &t, &error), -ENOENT);
	assert_non_null(strstr(error.text, "/none.conf: No such file or directory"));
	assert_int_equal(load("a.conf.d", table, &t, &error), -EINVAL);
	assert_non_null(strstr(error.text, "/a.conf.d: not a regular file"));

	put("big.conf", "");
	char path[128];
	snprintf(path, sizeof(path), "%s/big.conf", dir);
	assert_int_equal(truncate(path, (1 << 20) + 1), 0);
	assert_int_equal(load("big.conf", table, &t, &error), -EINVAL);
	assert_non_null(strstr(error.text, "/big.conf: larger than 1048576 bytes"));
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_read_with_its_unit),
		cmocka_unit_test(every_unit_has_its_factor),
		cmocka_unit_test(every_word_for_yes_and_no_is_known),
		cmocka_unit_test(later_assignment_wins_and_an_empty_one_resets),
		cmocka_unit_test(each_mistake_has_its_line_key_value_and_reason),
		cmocka_unit_test(bytes_that_are_not_text_are_refused),
		cmocka_unit_test(limits_of_size_hold),
		cmocka_unit_test(long_value_is_cut_in_the_error),
		cmocka_unit_test(missing_required_key_is_named),
		FILE_TEST(drop_ins_follow_in_byte_order),
		FILE_TEST(required_key_may_come_from_a_drop_in),
		FILE_TEST(section_does_not_reach_into_the_next_file),
		FILE_TEST(what_is_no_file_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
