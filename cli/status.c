/*
 * vedette status - this host and its centre at a glance.
 */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/glance.h"
#include "cli/verbs.h"

#define STATUS_OLD_MS 5000 /* the filter writes every second */
#define MIB (1024.0 * 1024)
#define GIB (1024 * MIB)
#define CERTIFICATE_WARN_DAYS 30

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
		{ "synchronised", "32" }, { "free", "33" },
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

static const char *state_word(const json_t *process)
{
	static const char *const words[] = { "up", "degraded", "blind", "down" };
	double state = glance_metric(process, "vedette_process_state");

	/* Who answers, lives. */
	if (isnan(state))
		return "up";
	return state >= 0 && state < 4 ? words[(int)state] : "?";
}

/* "12 s", "3 min", "5 h", "12 d": two digits tell enough. */
static const char *span(double s, char *buf, size_t cap)
{
	static const struct {
		double from, unit;
		const char *word;
	} units[] = { { 2 * 86400, 86400, "d" }, { 2 * 3600, 3600, "h" }, { 120, 60, "min" }, { 10, 1, "s" } };

	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++)
		if (s >= units[u].from) {
			snprintf(buf, cap, "%.0f %s", s / units[u].unit, units[u].word);
			return buf;
		}
	if (isnan(s) || s < 0)
		snprintf(buf, cap, "never");
	else
		snprintf(buf, cap, "%.1f s", s);
	return buf;
}

/* --- feeds --- */

static double sum(const json_t *process, const char *begin, const char *contains)
{
	const json_t *v;
	const char *name;
	double total = 0;

	json_object_foreach(json_object_get(process, "metrics"), name, v)
		if (!strncmp(name, begin, strlen(begin)) && strstr(name, contains) && !strstr(name, "_distress_"))
			total += json_number_value(v);
	return total;
}

static const json_t *process_of(const json_t *root, const char *kind, const char *host, const char *feed)
{
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(root, "processes"), i, p)
		if (!strcmp(glance_text(p, "process"), kind) && !strcmp(glance_text(p, "feed"), feed) &&
			(!host[0] || !strcmp(glance_text(p, "host"), host)))
			return p;
	return NULL;
}

/* What of a feed was not used, by reason; nothing where nothing was lost. */
static void put_drops(const json_t *sensor, const json_t *filter)
{
	static const struct {
		const char *why, *begin, *contains;
	} reasons[] = {
		{ "unlisted", "vedette_filter_packets_total{", "\"drop_source\"" },
		{ "over the rate", "vedette_filter_packets_total{", "\"drop_rate\"" },
		{ "no payload of its kind", "vedette_filter_packets_total{", "\"drop_sanity\"" },
		{ "fragments", "vedette_filter_packets_total{", "\"drop_fragment\"" },
		{ "malformed packets", "vedette_filter_packets_total{", "\"malformed\"" },
		{ "unlisted at the socket", "vedette_sensor_unlisted_total", "" },
		{ "dropped by the socket", "vedette_sensor_socket_drops_total", "" },
		{ "oversized", "vedette_sensor_oversized_total", "" },
		{ "malformed", "vedette_sensor_bad_", "" },
		{ "cut short", "vedette_sensor_truncated_total", "" },
		{ "garbage", "vedette_sensor_garbage_total", "" },
		{ "late", "vedette_sensor_late_total", "" },
	};
	const char *separator = "";

	for (size_t r = 0; r < sizeof(reasons) / sizeof(reasons[0]); r++) {
		double n = sum(sensor, reasons[r].begin, reasons[r].contains) +
			   sum(filter, reasons[r].begin, reasons[r].contains);
		if (n > 0) {
			printf("%s%.0f %s", separator, n, reasons[r].why);
			separator = ", ";
		}
	}
}

struct feed_row {
	const char *feed, *host, *sensor, *state, *reason;
};

static void put_feed(const json_t *root, const struct feed_row *row)
{
	const json_t *sensor = process_of(root, "sensor", row->host, row->feed);
	const json_t *camera = process_of(root, "camera", row->host, row->feed);
	const json_t *decoder = sensor ? sensor : camera;
	double age_s = glance_metric(decoder, "vedette_process_report_age_seconds");
	double silence_s = glance_metric(decoder, "vedette_sensor_silence_seconds");
	double rate = glance_metric(decoder, "vedette_sensor_records_per_second");
	char last[32], rate_text[32] = "";

	if (!isnan(rate))
		snprintf(rate_text, sizeof(rate_text), "%.0f/s", rate);
	printf("  feed   %-14.31s %-12.31s %-7s ", row->feed, row->host, row->sensor);
	put_state(row->state, 9);
	printf("%9s ago %8s %10.0f plots  ", span(isnan(silence_s) ? age_s : age_s + silence_s, last, sizeof(last)),
		rate_text, sum(decoder, "vedette_sensor_", "_plots_") + sum(decoder, "vedette_camera_plots_total", ""));
	put_drops(decoder, process_of(root, "filter", row->host, row->feed));
	putchar('\n');
	if (row->reason[0])
		printf("         %s\n", row->reason);
}

static void put_hub_feeds(const json_t *root, const json_t *health)
{
	const json_t *feed;
	size_t i;

	json_array_foreach(json_object_get(health, "feeds"), i, feed) {
		const struct feed_row row = { glance_text(feed, "feed"), glance_text(feed, "host"), glance_text(feed, "sensor"),
			glance_text(feed, "state"), glance_text(feed, "reason") };
		put_feed(root, &row);
	}
}

/* A mast's own, where no hub tells. */
static void put_own_feeds(const json_t *root)
{
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(root, "processes"), i, p) {
		const char *kind = glance_text(p, "process");
		const struct feed_row row = { glance_text(p, "feed"), glance_text(p, "host"), "", state_word(p), "" };
		if (!strcmp(kind, "sensor") || !strcmp(kind, "camera"))
			put_feed(root, &row);
	}
}

/* --- the centre --- */

static void put_peers(const json_t *health)
{
	const json_t *peer;
	size_t i;

	json_array_foreach(json_object_get(health, "peers"), i, peer) {
		printf("  peer   %-14.31s %-20.31s ", glance_text(peer, "origin"), glance_text(peer, "name"));
		put_state(glance_text(peer, "state"), 9);
		printf("%s%s%.0f tracks released  %s\n", json_is_true(json_object_get(peer, "receiving")) ? "receiving, " : "",
			json_is_true(json_object_get(peer, "sending")) ? "sending, " : "", glance_number(peer, "released", 0),
			glance_text(peer, "reason"));
	}
}

static void put_hub(const json_t *root)
{
	const json_t *hub = json_object_get(root, "hub");
	const json_t *health = json_object_get(hub, "health"), *metrics = json_object_get(hub, "metrics");
	double alarms = glance_number(metrics, "vedette_hub_alarms_open", 0);

	printf("centre   %-20s ", glance_text(hub, "url"));
	if (!json_is_true(json_object_get(hub, "reachable"))) {
		put_state("unreachable", 12);
		printf("%s\n", glance_text(hub, "error"));
		return;
	}
	put_state(glance_text(health, "status"), 6);
	printf("%.0f tracks, %.0f open alarm%s", glance_number(health, "tracks", glance_number(metrics, "vedette_hub_picture_tracks", 0)),
		alarms, alarms == 1 ? "" : "s");
	double p99_s = glance_number(metrics, "vedette_hub_latency_p99_seconds", -1);
	if (p99_s >= 0)
		printf(", latency %.0f ms (p99 %.0f ms)",
			glance_number(metrics, "vedette_hub_latency_p50_seconds", 0) * 1e3, p99_s * 1e3);
	printf(", ledger %.0f, %.0f viewers\n", glance_number(metrics, "vedette_hub_ledger_entries", 0),
		glance_number(metrics, "vedette_hub_streams", 0));
	if (glance_text(health, "reason")[0])
		printf("         %s\n", glance_text(health, "reason"));
	put_hub_feeds(root, health);
	put_peers(health);
}

/* --- processes --- */

/* Disk, certificate and life of uplink, fusion and hub: what each of them says of itself. */
static void put_footing(const json_t *root, const json_t *p)
{
	double free_bytes = glance_metric(p, "vedette_disk_free_bytes"), size = glance_metric(p, "vedette_disk_size_bytes");
	double end_s = glance_metric(p, "vedette_certificate_expiry_timestamp_seconds");
	double restarts = glance_metric(p, "vedette_process_restarts_total");
	char buf[32];

	if (size > 0)
		printf("disk %.1f of %.1f GiB free, ", free_bytes / GIB, size / GIB);
	if (end_s > 0)
		printf("certificate %s, ", span(end_s - glance_number(root, "time_ms", 0) / 1e3, buf, sizeof(buf)));
	printf("%.0f MiB in RAM, up %s", glance_metric(p, "vedette_process_resident_memory_bytes") / MIB,
		span(glance_metric(p, "vedette_process_uptime_seconds"), buf, sizeof(buf)));
	if (restarts > 0)
		printf(", %.0f restarts", restarts);
	putchar('\n');
}

static void put_host_clock(const json_t *root, const char *host)
{
	const json_t *h;
	size_t i;

	json_array_foreach(json_object_get(root, "hosts"), i, h) {
		if (strcmp(glance_text(h, "host"), host))
			continue;
		bool synchronised = glance_metric(h, "vedette_host_clock_synchronised") > 0;
		printf("         clock ");
		put_state(synchronised ? "synchronised" : "free", 0);
		printf(", within %.1f ms; ", glance_metric(h, "vedette_host_clock_max_error_seconds") * 1e3);
		return;
	}
	printf("         ");
}

static void put_uplink(const json_t *p)
{
	double budget = glance_metric(p, "vedette_uplink_outbox_budget_bytes");
	double used = glance_metric(p, "vedette_uplink_outbox_bytes");

	printf("link %s; waiting: %.0f distress, %.0f live, %.0f backfill; outbox %.1f",
		glance_metric(p, "vedette_uplink_link_up") > 0 ? "up" : "down", glance_metric(p, "vedette_uplink_distress_depth_records"),
		glance_metric(p, "vedette_uplink_live_depth_records"), glance_metric(p, "vedette_uplink_backfill_depth_records"),
		used / MIB);
	if (budget > 0)
		printf(" of %.0f MiB (%.0f %%)", budget / MIB, 100 * used / budget);
	if (glance_metric(p, "vedette_uplink_dropped_records_total") > 0)
		printf("; %.0f dropped", glance_metric(p, "vedette_uplink_dropped_records_total"));
	putchar('\n');
}

static void put_fusion(const json_t *p)
{
	double budget = glance_metric(p, "vedette_fusion_disk_budget_bytes");

	printf("%.0f hosts, %.0f hubs, %.0f tracks, journal row %.0f", glance_metric(p, "vedette_fusion_hosts"),
		glance_metric(p, "vedette_fusion_hubs"), glance_metric(p, "vedette_fusion_tracks"),
		glance_metric(p, "vedette_fusion_journal_rows_total"));
	if (budget > 0)
		printf("; logs %.1f of %.1f GiB", glance_metric(p, "vedette_fusion_disk_bytes") / GIB, budget / GIB);
	putchar('\n');
}

/* What a silent process said last is not so now. */
static bool put_silence(const json_t *p)
{
	char buf[32];

	if (!(glance_metric(p, "vedette_process_state") >= 3))
		return false;
	printf("silent for %s; last it said:\n", span(glance_metric(p, "vedette_process_report_age_seconds"), buf, sizeof(buf)));
	return true;
}

static void put_nothing(const json_t *p)
{
	(void)p;
	putchar('\n');
}

static void put_processes(const json_t *root)
{
	static const struct {
		const char *process;
		void (*put)(const json_t *p);
	} kinds[] = { { "uplink", put_uplink }, { "fusion", put_fusion }, { "hub", put_nothing } };
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(root, "processes"), i, p)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			/* A neighbour's hub says no more than whether it lives; it is among the peers. */
			if (strcmp(glance_text(p, "process"), kinds[k].process) ||
				isnan(glance_metric(p, "vedette_process_uptime_seconds")))
				continue;
			printf("%-8s %-20.31s ", kinds[k].process, glance_text(p, "host"));
			put_state(state_word(p), 12);
			if (!put_silence(p))
				kinds[k].put(p);
			put_host_clock(root, k < 2 ? glance_text(p, "host") : "");
			put_footing(root, p);
		}
}

/* --- filters --- */

static double packets(const json_t *counts, const char *verdict)
{
	return glance_number(json_object_get(counts, verdict), "packets", 0);
}

/* A filter whose status file is on this machine. */
static bool is_local(const json_t *root, const json_t *process)
{
	const json_t *f;
	size_t i;

	json_array_foreach(json_object_get(root, "filters"), i, f)
		if (!strcmp(glance_text(f, "interface"), glance_text(process, "interface")))
			return true;
	return false;
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

/* Of other hosts: what their uplinks told. */
static void put_remote_filters(const json_t *root)
{
	const json_t *p, *v;
	const char *name;
	char mode[32];
	size_t i;

	json_array_foreach(json_object_get(root, "processes"), i, p) {
		if (strcmp(glance_text(p, "process"), "filter") || glance_text(p, "feed")[0] || is_local(root, p))
			continue;
		snprintf(mode, sizeof(mode), "?");
		json_object_foreach(json_object_get(p, "metrics"), name, v)
			(void)sscanf(name, "vedette_filter_mode{mode=\"%31[a-z]", mode);
		printf("filter   %-20.40s ", glance_text(p, "interface"));
		put_state(glance_metric(p, "vedette_process_state") >= 3 ? "down" : mode, 12);
		printf("on %s, %.0f feeds in its policy%s\n", glance_text(p, "host"), glance_metric(p, "vedette_filter_policy_feeds"),
			glance_metric(p, "vedette_filter_policy_error") > 0 ? ", an older one than its files say" : "");
	}
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

static void put_certificate(const json_t *c)
{
	double days = glance_number(c, "days", -1);
	bool unreadable = glance_text(c, "error")[0] != 0;

	printf("cert     %-40.80s ", glance_text(c, "path"));
	put_state(unreadable || days < 0 ? "failed" : days < CERTIFICATE_WARN_DAYS ? "degraded" : "ok", 9);
	if (unreadable)
		printf("%s\n", glance_text(c, "error"));
	else
		printf("%.0f days left\n", days);
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
	json_array_foreach(json_object_get(root, "certificates"), i, disk)
		put_certificate(disk);
	json_array_foreach(json_object_get(root, "disks"), i, disk)
		printf("disk     %-20s %.1f of %.1f GiB free\n", glance_text(disk, "path"),
			glance_number(disk, "free", 0) / GIB, glance_number(disk, "size", 0) / GIB);
}

static void put_title(const json_t *root)
{
	time_t now = (time_t)(glance_number(root, "time_ms", 0) / 1e3);
	char when[32];
	struct tm tm;

	if (!gmtime_r(&now, &tm) || !strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm))
		when[0] = 0;
	printf("vedette %s on %s, %s UTC\n", glance_text(root, "version"), glance_text(root, "hostname"), when);
}

static void put_all(const json_t *root, bool hub_expected)
{
	const json_t *filter;
	bool reached = json_is_true(json_object_get(json_object_get(root, "hub"), "reachable"));
	size_t i;

	put_title(root);
	if (hub_expected || reached)
		put_hub(root);
	else
		puts("centre   not on this host; --hub URL asks one");
	if (!reached)
		put_own_feeds(root);
	put_processes(root);
	json_array_foreach(json_object_get(root, "filters"), i, filter)
		put_filter(filter);
	put_remote_filters(root);
	put_units(root);
	put_machine(root);
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
		put_all(root, o.hub || glance_configured(o.etc, "hub"));
	if (json)
		putchar('\n');
	if (o.hub && !reached)
		fprintf(stderr, "vedette status: no hub at %s\n", o.hub);
	json_decref(root);
	return o.hub && !reached ? 1 : 0;
}
