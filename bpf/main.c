/*
 * vedette-filter - keeps the gate on one interface: loads it, gives its privileges back, reloads and reports.
 */
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "bpf/attach.h"
#include "bpf/drops.h"
#include "bpf/policy.h"
#include "bpf/privilege.h"
#include "bpf/status.h"
#include "common/clock.h"
#include "common/filterconf.h"
#include "common/log.h"
#include "common/loop.h"

#define STATUS_LINE_MAX 1024

struct filter {
	const char *interface, *config, *feeds, *status, *pin;
	bool check, detach;
	struct attach attach;
	struct policy *policy; /* the one that judges; scratch for the next while loading */
	struct policy *next;
	struct drops drops;
	uint64_t generation;
	char policy_error[CONF_ERROR_MAX + 64];
	int status_error; /* of the last write: log a change only */
	sd_event *event;
};

static const char usage[] =
	"usage: vedette-filter --interface IF [options]\n"
	"\n"
	"Keeps what does not belong to the feeds' sources away from their ports, in the kernel.\n"
	"\n"
	"  --interface IF   the network interface to guard\n"
	"  --config FILE    whether UDP of no feed is dropped, too (/etc/vedette/filter.conf)\n"
	"  --feeds DIR      feed files (/etc/vedette/feeds)\n"
	"  --status DIR     where IF.json is written every second (/run/vedette/filter)\n"
	"  --pin DIR        on a bpf file system (/sys/fs/bpf/vedette)\n"
	"  --check-config   load the feed files, say what is wrong with them, exit 0 or 1\n"
	"  --detach         take the filter off the interface and forget its counters\n"
	"  --version, --help\n"
	"\n"
	"SIGHUP reads the feed files again. The filter stays when this process ends; see vedette-filter(8).\n";

enum { OPT_INTERFACE = 256, OPT_CONFIG, OPT_FEEDS, OPT_STATUS, OPT_PIN, OPT_CHECK, OPT_DETACH, OPT_VERSION, OPT_HELP };

static const struct option options[] = {
	{ "interface", required_argument, NULL, OPT_INTERFACE },
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "feeds", required_argument, NULL, OPT_FEEDS },
	{ "status", required_argument, NULL, OPT_STATUS },
	{ "pin", required_argument, NULL, OPT_PIN },
	{ "check-config", no_argument, NULL, OPT_CHECK },
	{ "detach", no_argument, NULL, OPT_DETACH },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

/* Return: -1 to go on, else the exit code. */
static int parse_options(struct filter *f, int argc, char **argv)
{
	int o;
	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (o) {
		case OPT_INTERFACE:
			f->interface = optarg;
			break;
		case OPT_CONFIG:
			f->config = optarg;
			break;
		case OPT_FEEDS:
			f->feeds = optarg;
			break;
		case OPT_STATUS:
			f->status = optarg;
			break;
		case OPT_PIN:
			f->pin = optarg;
			break;
		case OPT_CHECK:
			f->check = true;
			break;
		case OPT_DETACH:
			f->detach = true;
			break;
		case OPT_VERSION:
			(void)puts("vedette-filter " VEDETTE_VERSION);
			return 0;
		case OPT_HELP:
			(void)fputs(usage, stdout);
			return 0;
		default:
			(void)fputs(usage, stderr);
			return 2;
		}
	}
	if (optind < argc || (!f->interface && !f->check)) {
		(void)fputs(usage, stderr);
		return 2;
	}
	if (f->interface && (strlen(f->interface) >= sizeof(f->attach.interface) || strchr(f->interface, '/'))) {
		(void)fprintf(stderr, "vedette-filter: '%s' is not an interface name\n", f->interface);
		return 2;
	}
	return -1;
}

/* The feeds, and how strict the host is, into f->next. Returns as policy_load(): the filter's own file is one of them. */
static int load_policy(struct filter *f, const struct policy_slots *slots, struct conf_error *ret_error)
{
	struct filterconf conf = { 0 };
	struct conf_error error;
	int r = policy_load(f->feeds, slots, f->next, ret_error);

	if (r < 0)
		return r;
	int bad = filterconf_load(f->config, &conf, &error);
	if (bad < 0 && bad != -ENOENT) {
		*ret_error = error;
		return r + 1;
	}
	if (conf.strict)
		policy_be_strict(f->next, conf.open.port, conf.open.n);
	filterconf_done(&conf);
	return r;
}

static int check_config(struct filter *f)
{
	struct conf_error error;
	int r = load_policy(f, NULL, &error);
	if (r != 0) {
		(void)fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	(void)printf("%s: ok, %u feeds\n", f->feeds, f->next->n_feeds);
	return 0;
}

static int detach(struct filter *f)
{
	int r = attach_remove(f->interface, f->pin);
	if (r < 0)
		(void)log_errno(LOG_LEVEL_ERROR, r, "cannot take the filter off %s", f->interface);
	return r < 0 ? 1 : 0;
}

static void take_policy(struct filter *f)
{
	struct policy *old = f->policy;

	drops_forget(&f->drops, &old->slots, &f->next->slots);
	if (f->attach.skel)
		attach_policy(&f->attach, f->next);
	f->policy = f->next;
	f->next = old;
	f->generation++;
}

/* What judges, and what was missing for more. */
static void name_mode(const struct attach *a, char *buf, size_t size)
{
	if (a->mode == ATTACH_UNAVAILABLE)
		(void)snprintf(buf, size, "unavailable, the sensors' socket filters judge alone");
	else if (a->mode == ATTACH_GENERIC && a->native_error < 0)
		(void)snprintf(buf, size, "generic (native: %s)", strerror(-a->native_error));
	else
		(void)snprintf(buf, size, "%s", attach_mode_names[a->mode]);
}

/* The one line that says what guards the feeds: to the log when it is news, to the service manager always. */
static void tell(struct filter *f, bool ready)
{
	const struct attach *a = &f->attach;
	char line[STATUS_LINE_MAX], mode[128];

	name_mode(a, mode, sizeof(mode));
	(void)snprintf(line, sizeof(line), "%s: %s, %u feeds%s, generation %" PRIu64 "%s%s%s%s%s", f->interface,
		mode, f->policy->n_feeds, f->policy->tables.strict ? ", strict" : "", f->generation,
		a->taken_over ? ", taken over" : "",
		a->reason[0] ? "; " : "", a->reason, f->policy_error[0] ? "; " : "", f->policy_error);
	bool well = a->mode == ATTACH_NATIVE && !a->reason[0] && !f->policy_error[0];
	log_write(well ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "%s", line);
	if (ready)
		loop_ready("%s", line);
	else
		loop_status("%s", line);
}

static void write_status(struct filter *f)
{
	struct status s = {
		.attach = &f->attach,
		.drops = &f->drops,
		.now_ns = clock_now_ns(),
		.mono_ns = clock_mono_ns(),
		.strict = f->policy->tables.strict,
		.generation = f->generation,
		.n_feeds = f->policy->n_feeds,
		.policy_error = f->policy_error,
	};
	int r = status_write(f->status, &s);
	if (r < 0 && r != f->status_error)
		(void)log_errno(LOG_LEVEL_WARNING, r, "cannot write %s/%s.json, trying again every second", f->status,
			f->interface);
	f->status_error = r;
}

static void reload(void *user)
{
	struct filter *f = user;
	struct conf_error error;

	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIi64, clock_mono_ns() / 1000);
	int r = load_policy(f, &f->attach.slots, &error);
	if (r == 0) {
		f->policy_error[0] = '\0';
		take_policy(f);
	} else {
		(void)snprintf(f->policy_error, sizeof(f->policy_error), "keeping the old policy: %s", error.text);
	}
	tell(f, true);
	write_status(f);
}

static void log_drops(void *user, const char *line)
{
	log_notice("%s", line);
}

static int every_second(void *user, int64_t now_ns)
{
	struct filter *f = user;

	if (f->attach.mode != ATTACH_UNAVAILABLE && !attach_alive(&f->attach)) {
		f->attach.mode = ATTACH_UNAVAILABLE;
		(void)snprintf(f->attach.reason, sizeof(f->attach.reason), "the interface or the program on it is gone");
		tell(f, false);
		write_status(f);
		/* Only a new process has the privileges to start again. */
		return sd_event_exit(f->event, 1);
	}
	(void)drops_take(&f->drops, &f->attach);
	drops_tell(&f->drops, &f->attach, clock_mono_ns(), log_drops, NULL);
	write_status(f);
	return 0;
}

/* Loads, fills the policy, attaches, in that order: the program never judges by an empty policy. */
static int guard(struct filter *f)
{
	struct attach *a = &f->attach;
	char missing[64];

	int lacking = privilege_missing(missing, sizeof(missing));
	int r = attach_load(f->interface, f->pin, a);
	if (r == -ENODEV)
		return r; /* it may come yet: the service manager starts us again */
	if (r < 0 && lacking)
		(void)snprintf(a->reason, sizeof(a->reason), "missing %s", missing);

	struct conf_error error;
	int refused = load_policy(f, &a->slots, &error);
	if (refused < 0) {
		log_error("%s, not starting", error.text);
		return refused;
	}
	if (refused > 0)
		(void)snprintf(f->policy_error, sizeof(f->policy_error), "files left out: %d, the first: %s", refused, error.text);
	take_policy(f);
	if (r == 0)
		r = attach_start(a, f->pin);
	if (r < 0 && lacking)
		(void)snprintf(a->reason, sizeof(a->reason), "missing %s", missing);
	return privilege_drop();
}

static int run(struct filter *f)
{
	int r = loop_new(reload, f, &f->event);
	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "cannot start the loop");
	r = guard(f);
	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "cannot guard %s", f->interface);
	r = loop_every(f->event, CLOCK_NS_PER_S, every_second, f, NULL);
	if (r < 0)
		return log_errno(LOG_LEVEL_ERROR, r, "cannot start the clock");
	write_status(f);
	tell(f, true);
	return loop_run(f->event);
}

int main(int argc, char **argv)
{
	static struct filter f = {
		.config = "/etc/vedette/filter.conf",
		.feeds = "/etc/vedette/feeds",
		.status = "/run/vedette/filter",
		.pin = "/sys/fs/bpf/vedette",
		.attach = { .link_fd = -1 },
	};

	log_open("vedette-filter");
	int r = parse_options(&f, argc, argv);
	if (r >= 0)
		return r;

	f.policy = calloc(1, sizeof(*f.policy));
	f.next = calloc(1, sizeof(*f.next));
	if (!f.policy || !f.next)
		r = -ENOMEM;
	else if (f.check)
		r = check_config(&f);
	else if (f.detach)
		r = detach(&f);
	else
		r = run(&f);

	attach_done(&f.attach);
	(void)sd_event_unref(f.event);
	free(f.policy);
	free(f.next);
	return r < 0 ? EXIT_FAILURE : r;
}
