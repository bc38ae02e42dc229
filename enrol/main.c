/* vedette-enrol - renews the certificates of hosts that are in the centre's register. vedette-enrol(8). */
#include "common/clock.h"
#include "common/log.h"
#include "common/loop.h"
#include "enrol/server.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define CONFIG_DEFAULT "/etc/vedette/enrol.conf"
#define DAY_NS (INT64_C(86400) * CLOCK_NS_PER_S)

static int usage(FILE *f, int code)
{
	fprintf(f, "usage: vedette-enrol [--config FILE] [--check-config] [--version] [--help]\n");
	return code;
}

static int serve(const struct config *config, const struct renewal_policy *policy)
{
	sd_event *event = NULL;
	struct server *server = NULL;
	int r = loop_new(NULL, NULL, &event), fd = loop_listen_fd("enrol");

	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "no event loop");
	r = server_new(event, config, policy, fd, fd >= 0, &server);
	if (r == 0) {
		loop_ready("at your service");
		r = loop_run(event);
	}
	server_free(server);
	sd_event_unref(event);
	return r;
}

static int run(const struct config *config)
{
	char error[AUTHORITY_ERROR_MAX];
	struct authority *authority = NULL;
	int r = authority_open(config->ca, config->key, &authority, error);

	if (r < 0) {
		log_error("%s", error);
		return r;
	}
	struct renewal_policy policy = { .authority = authority, .roster = config->roster,
		.days = (unsigned)(config->life_ns / DAY_NS) };
	r = serve(config, &policy);
	authority_close(authority);
	return r;
}

int main(int argc, char **argv)
{
	const char *path = CONFIG_DEFAULT;
	bool check = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--config") && i + 1 < argc)
			path = argv[++i];
		else if (!strcmp(argv[i], "--check-config"))
			check = true;
		else if (!strcmp(argv[i], "--version"))
			return printf("vedette-enrol " VEDETTE_VERSION "\n") < 0;
		else if (!strcmp(argv[i], "--help"))
			return usage(stdout, 0);
		else
			return usage(stderr, 2);
	}

	struct config config;
	struct conf_error error = { "" };
	log_open("vedette-enrol");
	int r = config_load(path, &config, &error);
	if (r < 0)
		fprintf(stderr, "%s\n", error.text);
	else if (check)
		printf("%s: ok\n", path);
	else
		r = run(&config);
	config_done(&config);
	return r < 0 ? 1 : 0;
}
