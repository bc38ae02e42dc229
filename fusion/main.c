/* vedette-fusion - one picture out of the plots of all hosts. */
#include "common/log.h"
#include "common/loop.h"
#include "fusion/fusion.h"
#include "fusion/service.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CONFIG_DEFAULT "/etc/vedette/fusion.conf"

static int usage(FILE *f, int code)
{
	fprintf(f,
		"usage: vedette-fusion [--config FILE] [--check-config] [--restored] [--version] [--help]\n\n"
		"Takes plots from hosts, tracks, and gives tracks to the hub. Configuration: %s\n",
		CONFIG_DEFAULT);
	return code;
}

static void on_reload(void *user)
{
	struct service **service = user;

	if (*service)
		service_reload(*service);
}

static int restored(const struct fusion_config *config)
{
	log_open("vedette-fusion");
	return service_restored(config) < 0 ? 1 : 0;
}

static int run(const struct fusion_config *config)
{
	sd_event *event = NULL;
	struct service *service = NULL;

	log_open("vedette-fusion");
	int r = loop_new(on_reload, &service, &event);
	if (r < 0) {
		log_errno(LOG_LEVEL_ERROR, r, "no event loop");
		return 1;
	}
	r = service_new(event, config, &service);
	if (r == 0) {
		loop_ready("listening on %s", config->listen);
		r = loop_run(event);
	}
	service_free(service);
	sd_event_unref(event);
	return r < 0 ? 1 : r;
}

int main(int argc, char **argv)
{
	const char *path = CONFIG_DEFAULT;
	bool check = false, was_restored = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--config") && i + 1 < argc)
			path = argv[++i];
		else if (!strcmp(argv[i], "--check-config"))
			check = true;
		else if (!strcmp(argv[i], "--restored"))
			was_restored = true;
		else if (!strcmp(argv[i], "--version"))
			return printf("vedette-fusion " VEDETTE_VERSION "\n") < 0;
		else if (!strcmp(argv[i], "--help"))
			return usage(stdout, 0);
		else
			return usage(stderr, 2);
	}

	struct fusion_config config;
	struct conf_error error = { "" };
	int r = fusion_load(path, &config, &error);
	if (r < 0)
		fprintf(stderr, "%s\n", r == -ENOENT ? "no such file" : error.text);
	else if (check)
		printf("%s: ok\n", path);
	int code = r < 0 ? 1 : check ? 0 : was_restored ? restored(&config) : run(&config);
	fusion_done(&config);
	return code;
}
