/* conf, feed, filterconf: any bytes as a feed's file, as the filter's, and as a file with a key of every type. */
#include "common/feed.h"
#include "common/filterconf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct thing {
	char name[8], path[16];
	bool on;
	uint64_t count, bytes;
	double ratio, length_m, speed_mps, angle_rad;
	int64_t duration_ns;
	int colour;
	struct conf_list list;
};

static const char *const colours[] = { "red", "green", NULL };

#define AT(member) offsetof(struct thing, member)
static const struct conf_key table[] = {
	{ "T", "Name", CONF_STRING, AT(name), 8 },
	{ "T", "Path", CONF_PATH, AT(path), 16 },
	{ "T", "On", CONF_BOOL, AT(on) },
	{ "T", "Count", CONF_UINT, AT(count) },
	{ "T", "Ratio", CONF_DOUBLE, AT(ratio), .min = 0, .max = 1 },
	{ "T", "Length", CONF_LENGTH, AT(length_m) },
	{ "T", "Speed", CONF_SPEED, AT(speed_mps) },
	{ "T", "Angle", CONF_ANGLE, AT(angle_rad) },
	{ "T", "Duration", CONF_DURATION, AT(duration_ns) },
	{ "T", "Bytes", CONF_SIZE, AT(bytes) },
	{ "T", "Colour", CONF_ENUM, AT(colour), .names = colours },
	{ "T", "List", CONF_LIST, AT(list) },
	{ 0 }
};

/* A refusal says why, in one line of text. */
static void check(int r, const struct conf_error *error)
{
	if (r < 0 && (!error->text[0] || strchr(error->text, '\n') || strlen(error->text) >= CONF_ERROR_MAX))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_error error = { "" };
	struct thing thing = { .ratio = 0.5 };
	struct feed feed;

	feed_init(&feed);
	check(conf_parse("f", (const char *)data, size, feed_keys, &feed, &error), &error);
	if (feed.n_sources > FEED_SOURCES_MAX || fabs(feed.site.lat_rad) > 1.6)
		abort();
	error.text[0] = 0;
	struct filterconf filter = { 0 };
	check(conf_parse("g", (const char *)data, size, filterconf_keys, &filter, &error), &error);
	if (filter.open.n > FILTERCONF_OPEN_MAX)
		abort();
	filterconf_done(&filter);
	error.text[0] = 0;
	check(conf_parse("t", (const char *)data, size, table, &thing, &error), &error);
	if (thing.list.n > CONF_LIST_MAX || thing.duration_ns < 0 || !(thing.ratio >= 0 && thing.ratio <= 1))
		abort();
	conf_list_done(&thing.list);
	return 0;
}
