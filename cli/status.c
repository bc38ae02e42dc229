/*
 * vedette status - this host and its centre at a glance.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/glance.h"
#include "cli/verbs.h"

#define STATUS_OLD_MS 5000 /* the filter writes every second */
#define GIB (1024.0 * 1024 * 1024)

static bool coloured;

/* A word in the colour of what it means, padded to @width. */
static void put_state(const char *word, int width)
{
	static const struct {
		const char *word, *colour;
	} colours[] = {
		{ "ok", "32" }, { "up", "32" }, { "active", "32" }, { "native", "32" }, { "degraded", "33" },
		{ "generic", "33" }, { "activating", "33" }, { "reloading", "33" }, { "stale", "31" }, { "down", "31" },
		{ "blind", "31" }, { "failed", "31" }, { "unavailable", "31" }, { "stopped", "31" }, { "unreachable", "31" },
	};
	const char *colour = NULL;

	for (size_t c = 0; coloured && c < sizeof(colours) / sizeof(colours[0]); c++)
		if (!strcmp(word, colours[c].word))
			colour = colours[c].colour;
	if (colour)
		printf("\033[1;%sm%-*s\033[0m", colour, width, word);
	else
		printf("%-*s", width, word);
}

static void put_age(double age_ms)
{
	if (age_ms < 0)
		printf("%10s", "never");
	else if (age_ms < 100e3)
		printf("%6.1f s ago", age_ms / 1e3);
	else
		printf("%6.0f s ago", age_ms / 1e3);
}

static void put_hub_feeds(const json_t *health)
{
	const json_t *feed, *peer;
	size_t i;

	json_array_foreach(json_object_get(health, "feeds"), i, feed) {
		printf("  feed   %-12s %-7s %-10s ", glance_text(feed, "feed"), glance_text(feed, "sensor"),
			glance_text(feed, "host"));
		put_state(glance_text(feed, "state"), 9);
		printf("%10.0f plots ", glance_number(feed, "plots", 0));
		put_age(glance_number(feed, "age_ms", -1));
		printf("  %s\n", glance_text(feed, "reason"));
	}
	json_array_foreach(json_object_get(health, "peers"), i, peer) {
		printf("  peer   %-12s %-18s ", glance_text(peer, "origin"), glance_text(peer, "name"));
		put_state(glance_text(peer, "state"), 9);
		printf("%10.0f released  %s\n", glance_number(peer, "released", 0), glance_text(peer, "reason"));
	}
}

static void put_hub(const json_t *hub)
{
	const json_t *health = json_object_get(hub, "health"), *metrics = json_object_get(hub, "metrics");

	printf("centre   %-20s ", glance_text(hub, "url"));
	if (!json_is_true(json_object_get(hub, "reachable"))) {
		put_state("unreachable", 12);
		printf("%s\n", glance_text(hub, "error"));
		return;
	}
	put_state(glance_text(health, "status"), 6);
	printf("%.0f tracks", glance_number(health, "tracks", glance_number(metrics, "vedette_hub_picture_tracks", 0)));
	printf(", %.0f open alarms", glance_number(metrics, "vedette_hub_alarms_open", 0));
	double p99_s = glance_number(metrics, "vedette_hub_latency_p99_seconds", -1);
	if (p99_s >= 0)
		printf(", latency p50 %.0f ms p99 %.0f ms",
			glance_number(metrics, "vedette_hub_latency_p50_seconds", 0) * 1e3, p99_s * 1e3);
	printf("  %s\n", glance_text(health, "reason"));
	put_hub_feeds(health);
}

static double packets(const json_t *counts, const char *verdict)
{
	return glance_number(json_object_get(counts, verdict), "packets", 0);
}

static void put_filter(const json_t *filter)
{
	const json_t *feed;
	size_t i;

	printf("filter   %-20s ", glance_text(filter, "interface"));
	put_state(glance_number(filter, "age_ms", 0) > STATUS_OLD_MS ? "stopped" : glance_text(filter, "mode"), 12);
	printf("policy %.0f  %s %s\n", glance_number(filter, "generation", 0), glance_text(filter, "reason"),
		glance_text(filter, "policy_error"));
	json_array_foreach(json_object_get(filter, "feeds"), i, feed)
		printf("  feed   %-12s %10.0f passed %10.0f unlisted %8.0f over the rate %6.0f malformed\n",
			glance_text(feed, "feed"), packets(feed, "pass_feed"), packets(feed, "drop_source"),
			packets(feed, "drop_rate"),
			packets(feed, "drop_sanity") + packets(feed, "drop_fragment") + packets(feed, "malformed"));
}

static void put_units(const json_t *root)
{
	const json_t *unit;
	size_t i;

	json_array_foreach(json_object_get(root, "units"), i, unit) {
		printf("unit     %-32s ", glance_text(unit, "unit"));
		put_state(glance_text(unit, "active"), 11);
		printf("%-10s", glance_text(unit, "sub"));
		if (glance_number(unit, "restarts", 0) > 0)
			printf(" %.0f restarts", glance_number(unit, "restarts", 0));
		printf("  %s\n", glance_text(unit, "status"));
	}
}

static void put_machine(const json_t *root)
{
	const json_t *clock = json_object_get(root, "clock"), *disk;
	size_t i;

	if (json_is_object(clock)) {
		printf("clock    %-20s ", "");
		put_state(json_is_true(json_object_get(clock, "synchronised")) ? "ok" : "degraded", 12);
		printf("%s, within %.1f ms\n",
			json_is_true(json_object_get(clock, "synchronised")) ? "synchronised" : "not synchronised",
			glance_number(clock, "max_error_ms", 0));
	}
	json_array_foreach(json_object_get(root, "disks"), i, disk)
		printf("disk     %-20s %.1f of %.1f GiB free\n", glance_text(disk, "path"),
			glance_number(disk, "free", 0) / GIB, glance_number(disk, "size", 0) / GIB);
}

static void put_all(const json_t *root, bool hub_expected)
{
	const json_t *filter;
	size_t i;

	if (hub_expected || json_is_true(json_object_get(json_object_get(root, "hub"), "reachable")))
		put_hub(json_object_get(root, "hub"));
	else
		puts("centre   not on this host; --hub URL asks one");
	json_array_foreach(json_object_get(root, "filters"), i, filter)
		put_filter(filter);
	put_units(root);
	put_machine(root);
}

static bool hub_configured(const char *etc)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/hub.conf", etc);
	return access(path, F_OK) == 0;
}

int status_run(int argc, char **argv)
{
	struct glance_options o;
	bool json = false;

	glance_init(&o);
	for (int i = 1, n; i < argc; i += n) {
		n = glance_parse(&o, argc, argv, i);
		if (!n && !strcmp(argv[i], "--json")) {
			json = true;
			n = 1;
		}
		if (!n) {
			fputs("usage: vedette status [--json] [--hub URL] [--etc DIR] [--run DIR] [--state DIR]\n", stderr);
			return 2;
		}
	}
	coloured = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"); /* no-color.org */
	json_t *root = glance_take(&o);
	bool reached = json_is_true(json_object_get(json_object_get(root, "hub"), "reachable"));
	if (json)
		json_dumpf(root, stdout, JSON_INDENT(1));
	else
		put_all(root, o.hub || hub_configured(o.etc));
	if (json)
		putchar('\n');
	if (o.hub && !reached)
		fprintf(stderr, "vedette status: no hub at %s\n", o.hub);
	json_decref(root);
	return o.hub && !reached ? 1 : 0;
}
