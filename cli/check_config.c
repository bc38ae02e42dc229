/*
 * vedette check-config - would they start with it?
 *
 * Feeds and the filter are read here. Each other daemon's own file is read by the daemon, with --check-config: it alone knows what the file
 * names and needs, and its answer is the one it would give at start.
 */
#include "cli/check_config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/capture.h"
#include "cli/verbs.h"
#include "common/feed.h"
#include "common/filterconf.h"

#define FEEDS_MAX 256	     /* feeds whose addresses are compared; one host has a handful */
#define DAEMON_TIMEOUT_MS 10000

static const struct {
	const char *file, *program, *folder;
} daemons[] = {
	{ "uplink.conf", "vedette-uplink", "sensor/uplink" },
	{ "fusion.conf", "vedette-fusion", "fusion" },
	{ "hub.conf", "vedette-hub", "hub" },
	{ "enrol.conf", "vedette-enrol", "enrol" },
};

struct judge {
	check_config_fn *fn;
	void *user;
	unsigned judged, n_feeds;
	struct {
		char name[PLOT_FEED_MAX];
		struct netaddr_endpoint listen;
		char device[sizeof(((struct feed *)NULL)->device)];
	} feeds[FEEDS_MAX];
};

static void verdict(struct judge *j, bool ok, const char *line)
{
	j->judged++;
	j->fn(j->user, ok, line);
}

/*
 * Two sockets cannot have one address, and the filter could not tell whose a datagram is; two readers of a serial line would
 * each get a part.
 */
static const char *same_input(struct judge *j, const struct feed *feed)
{
	if (!feed->listen.family && !*feed->device)
		return NULL;
	for (unsigned f = 0; f < j->n_feeds; f++)
		if (netaddr_same(&j->feeds[f].listen, &feed->listen) && !strcmp(j->feeds[f].device, feed->device))
			return j->feeds[f].name;
	if (j->n_feeds < FEEDS_MAX) {
		memcpy(j->feeds[j->n_feeds].name, feed->name, PLOT_FEED_MAX);
		memcpy(j->feeds[j->n_feeds].device, feed->device, sizeof(feed->device));
		j->feeds[j->n_feeds++].listen = feed->listen;
	}
	return NULL;
}

static int judge_feed(void *user, const char *path)
{
	struct judge *j = user;
	struct feed feed;
	struct conf_error error;
	char line[CONF_ERROR_MAX], address[NETADDR_TEXT_MAX];

	if (feed_load(path, &feed, &error) < 0) {
		verdict(j, false, error.text);
		return 0;
	}
	const char *other = same_input(j, &feed);
	if (other && *feed.device)
		snprintf(line, sizeof(line), "%s: [Feed] Device=%s: feed %s reads it already", path, feed.device, other);
	else if (other)
		snprintf(line, sizeof(line), "%s: [Feed] Listen=%s: feed %s listens there already", path,
			netaddr_endpoint_text(&feed.listen, address), other);
	else
		snprintf(line, sizeof(line), "%s: ok", path);
	verdict(j, !other, line);
	return 0;
}

/* The last line is the verdict; before the file's name stands the program's own or a log level. */
static const char *last_line(char *said, const char *dir)
{
	size_t n = strlen(said);

	while (n && said[n - 1] == '\n')
		said[--n] = 0;
	char *newline = strrchr(said, '\n'), *line = newline ? newline + 1 : said;
	char *file = strstr(line, dir);
	return file ? file : line;
}

static void judge_daemon(struct judge *j, const char *dir, unsigned d)
{
	char path[512], program[512], line[CONF_ERROR_MAX + 512];
	static char said[16384];

	if (snprintf(path, sizeof(path), "%s/%s", dir, daemons[d].file) >= (int)sizeof(path) || access(path, F_OK) < 0)
		return;
	if (capture_find(daemons[d].program, daemons[d].folder, program, sizeof(program)) < 0) {
		snprintf(line, sizeof(line), "%s: not checked: %s is not installed", path, daemons[d].program);
		verdict(j, true, line);
		return;
	}
	const char *const argv[] = { program, "--config", path, "--check-config", NULL };
	int r = capture_run(argv, DAEMON_TIMEOUT_MS, said, sizeof(said));
	if (r < 0 || (r && !*said))
		snprintf(line, sizeof(line), "%s: %s --check-config: %s", path, daemons[d].program,
			r < 0 ? strerror(-r) : "failed without a reason");
	else
		snprintf(line, sizeof(line), "%.1000s", last_line(said, dir));
	verdict(j, r == 0, line);
}

static void judge_filter(struct judge *j, const char *dir)
{
	char path[512], line[CONF_ERROR_MAX + 8];
	struct filterconf conf;
	struct conf_error error;

	if (snprintf(path, sizeof(path), "%s/filter.conf", dir) >= (int)sizeof(path))
		return;
	int r = filterconf_load(path, &conf, &error);
	if (r == -ENOENT)
		return;
	if (r == 0) {
		filterconf_done(&conf);
		snprintf(line, sizeof(line), "%s: ok", path);
	} else {
		snprintf(line, sizeof(line), "%s", error.text);
	}
	verdict(j, r == 0, line);
}

unsigned check_config_each(const char *dir, check_config_fn *fn, void *user)
{
	static struct judge j;
	char feeds[512];

	j = (struct judge){ .fn = fn, .user = user };
	if (snprintf(feeds, sizeof(feeds), "%s/feeds", dir) < (int)sizeof(feeds))
		(void)conf_each_file(feeds, judge_feed, &j);
	judge_filter(&j, dir);
	for (unsigned d = 0; d < sizeof(daemons) / sizeof(daemons[0]); d++)
		judge_daemon(&j, dir, d);
	return j.judged;
}

static void print_verdict(void *user, bool ok, const char *line)
{
	unsigned *mistakes = user;

	puts(line);
	*mistakes += !ok;
}

int check_config_run(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : "/etc/vedette";
	unsigned mistakes = 0;

	if (argc > 2 || dir[0] == '-') {
		fputs("usage: vedette check-config [DIR]\n", stderr);
		return 2;
	}
	if (access(dir, R_OK | X_OK) < 0) {
		fprintf(stderr, "vedette check-config: %s: %s\n", dir, strerror(errno));
		return 1;
	}
	if (!check_config_each(dir, print_verdict, &mistakes)) {
		fprintf(stderr, "vedette check-config: %s: no configuration in it\n", dir);
		return 1;
	}
	return mistakes ? 1 : 0;
}
