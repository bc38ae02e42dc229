/* vedette-dial - opens what one feed's file names, for its vedette-sensor. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "common/log.h"
#include "sensor/decode/dial.h"
#include "sensor/decode/handover.h"

struct options {
	const char *feeds_dir, *config_path, *socket_path;
};

static int load(const struct options *o, const char *name, struct feed *ret_feed)
{
	struct conf_error error;
	char path[4096];

	if (o->config_path)
		snprintf(path, sizeof(path), "%s", o->config_path);
	else
		snprintf(path, sizeof(path), "%s/%s.conf", o->feeds_dir, name);
	if (feed_load(path, ret_feed, &error) < 0) {
		log_error("%s", error.text);
		return -EINVAL;
	}
	if (!feed_is_dialled(ret_feed)) {
		log_error("%s: has neither Connect= nor Device=", path);
		return -EINVAL;
	}
	return 0;
}

static int run(const struct options *o, const char *name)
{
	struct feed feed;
	char path[64];

	log_open("vedette-dial");
	log_set_field("FEED", name);
	handover_path(name, path, sizeof(path));
	if (load(o, name, &feed) == 0)
		dial_run(&feed, o->socket_path ? o->socket_path : path);
	return 1;
}

static int usage(FILE *f, int code)
{
	fprintf(f, "usage: vedette-dial [--feeds DIR] [--config FILE] [--socket PATH] FEED\n");
	return code;
}

/* Return: 0, or what ends the program at once: v, h or ?. */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{ "feeds", required_argument, NULL, 'f' },
		{ "config", required_argument, NULL, 'c' },
		{ "socket", required_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 'f')
			o->feeds_dir = optarg;
		else if (c == 'c')
			o->config_path = optarg;
		else if (c == 's')
			o->socket_path = optarg;
		else
			return c;
	}
	return optind + 1 == argc ? 0 : '?';
}

int main(int argc, char **argv)
{
	struct options o = { .feeds_dir = "/etc/vedette/feeds" };
	int c = parse_options(argc, argv, &o);

	if (c == 'v') {
		puts("vedette-dial " VEDETTE_VERSION);
		return 0;
	}
	if (c)
		return usage(c == 'h' ? stdout : stderr, c == 'h' ? 0 : 2);
	return run(&o, argv[optind]);
}
