/* vedette-uplink - keeps what this host's feeds measured until the centre has it.
 * vedette-uplink(8). */
#include "common/log.h"
#include "common/loop.h"
#include "sensor/uplink/config.h"
#include "sensor/uplink/uplink.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"usage: vedette-uplink [--config FILE] [--check-config] [--version] [--help]\n";

static int run(const struct config *config)
{
	sd_event *event = NULL;
	struct uplink *uplink = NULL;

	int r = loop_new(NULL, NULL, &event);
	if (r)
		return log_errno(LOG_LEVEL_ERROR, r, "cannot make the event loop");
	r = uplink_new(event, config, &uplink);
	if (!r) {
		loop_ready("collecting for %s", config->centre);
		log_info("collecting for %s", config->centre);
		r = loop_run(event);
	}
	uplink_free(uplink);
	sd_event_unref(event);
	return r;
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "config", required_argument, NULL, 'c' },
		{ "check-config", no_argument, NULL, 'k' }, { "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' }, { 0 } };
	const char *path = "/etc/vedette/uplink.conf";
	bool check_only = false;
	struct config config;
	struct conf_error error;

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) >= 0;)
		switch (c) {
		case 'c':
			path = optarg;
			break;
		case 'k':
			check_only = true;
			break;
		case 'v':
			puts("vedette-uplink " VEDETTE_VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	if (optind < argc) {
		fputs(usage, stderr);
		return 2;
	}
	log_open("vedette-uplink");
	int r = config_load(path, &config, &error);
	if (r)
		log_error("%s", error.text);
	else if (check_only)
		printf("%s: ok\n", path);
	else
		r = run(&config);
	config_done(&config);
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
