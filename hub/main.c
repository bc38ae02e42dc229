/* vedette-hub - a centre's picture: for its officers, its neighbours and its auditors. */
#include "common/counter.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/upkeep.h"
#include "hub/count.h"
#include "hub/hub.h"
#include "hub/settings.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
	"usage: vedette-hub [--config FILE] [--check-config]\n"
	"\n"
	"  --config FILE    default /etc/vedette/hub.conf\n"
	"  --check-config   read it with everything it names, say 'FILE: ok' or the mistake\n"
	"  --version, --help\n";

struct options {
	const char *config;
	bool check;
};

/* Return: 1 = go on, 0 = done, -EINVAL = usage. */
static int parse_options(int argc, char **argv, struct options *ret_o)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check-config", no_argument, NULL, 'k' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options o = { .config = "/etc/vedette/hub.conf" };
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 'c') {
			o.config = optarg;
		} else if (c == 'k') {
			o.check = true;
		} else if (c == 'v') {
			puts("vedette-hub " VEDETTE_VERSION);
			return 0;
		} else if (c == 'h') {
			fputs(usage, stdout);
			return 0;
		} else {
			return -EINVAL;
		}
	}
	*ret_o = o;
	return optind == argc ? 1 : -EINVAL;
}

/* Everything the file names is read as well: a policy that does not load is a mistake of the configuration. */
static int check_named(const struct settings *s, char reason[CONF_ERROR_MAX])
{
	struct section_set *sections = NULL;
	struct policy *policy = NULL;
	struct conf_error ce = { "" };
	char error[SECTION_ERROR_MAX] = "";
	int r = 0;
	if (s->sections[0] && (r = section_load(s->sections, &sections, error)) < 0)
		snprintf(reason, CONF_ERROR_MAX, "%s", error);
	if (r >= 0 && s->policy[0] && (r = policy_load(s->policy, &policy, &ce)) < 0)
		snprintf(reason, CONF_ERROR_MAX, "%s", ce.text);
	section_free(sections);
	policy_free(policy);
	return r;
}

static void on_reload(void *user)
{
	struct hub **hub = user;
	if (*hub)
		hub_reload(*hub);
}

static int run(struct settings *settings)
{
	struct hub *hub = NULL;
	sd_event *event = NULL;
	char reason[HUB_REASON_MAX] = "";
	int r = loop_new(on_reload, &hub, &event);
	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "cannot make the event loop");
	count_register();
	upkeep_register(settings->state_directory, settings->certificate);
	r = hub_new(event, settings, &hub, reason);
	if (r < 0) {
		log_error("%s", reason);
	} else {
		loop_ready("centre %s, %zu tracks, %u peers", settings->origin, picture_count(hub->picture), settings->n_peer);
		log_info("centre %s: the picture is on %s", settings->origin, settings->http);
		r = loop_run(event);
	}
	hub_free(hub);
	sd_event_unref(event);
	return r;
}

int main(int argc, char **argv)
{
	static struct settings settings;
	struct options o;
	struct conf_error error = { "" };
	int r = parse_options(argc, argv, &o);
	if (r <= 0) {
		if (r < 0)
			fputs(usage, stderr);
		return r < 0 ? 2 : 0;
	}
	log_open("vedette-hub");
	r = settings_load(o.config, &settings, &error);
	if (r < 0) {
		const char *why = error.text[0] ? error.text : strerror(-r);
		if (o.check)
			fprintf(stderr, "%s%s%s\n", error.text[0] ? "" : o.config, error.text[0] ? "" : ": ", why);
		else
			log_error("%s%s%s", error.text[0] ? "" : o.config, error.text[0] ? "" : ": ", why);
		return 1;
	}
	if (o.check) {
		r = check_named(&settings, error.text);
		fprintf(r < 0 ? stderr : stdout, "%s%s\n", r < 0 ? error.text : o.config, r < 0 ? "" : ": ok");
	} else {
		r = run(&settings);
	}
	settings_done(&settings);
	return r < 0 ? 1 : r;
}
