/*
 * vedette doctor - what is wrong here, and what to type.
 *
 * Every rule is a small function that looks at one thing and adds a finding in an administrator's words. It changes
 * nothing.
 */
#include "cli/doctor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/check_config.h"
#include "cli/glance.h"
#include "cli/verbs.h"
#include "common/clock.h"
#include "common/conf.h"

#define FILTER_OLD_MS 5000	 /* it writes every second */
#define CLOCK_ERROR_MAX_MS 100.0 /* at 40 kt a vessel moves 2 m in it: still below a good AIS position */
#define DISK_FREE_PART 0.10
#define CERTIFICATE_WARN_DAYS 30
#define RESTARTS_MAX 5
#define OUTBOX_FULL_PART 0.80 /* as the alert rules have it */
#define DROPS_PART 0.01
#define METRICS_OLD_MS 20000 /* written every 5 s */
#define DISTRESS_DEPTH "vedette_uplink_distress_depth_records"

static struct doctor_finding *add(struct doctor_report *report)
{
	static struct doctor_finding beyond;

	return report->n < DOCTOR_FINDINGS_MAX ? &report->findings[report->n++] : &beyond;
}

__attribute__((format(printf, 2, 3))) static struct doctor_finding *find(struct doctor_report *report, const char *format,
	...)
{
	struct doctor_finding *f = add(report);
	va_list args;

	*f = (struct doctor_finding){ 0 };
	va_start(args, format);
	vsnprintf(f->what, sizeof(f->what), format, args);
	va_end(args);
	return f;
}

__attribute__((format(printf, 2, 3))) static void type(struct doctor_finding *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(f->type, sizeof(f->type), format, args);
	va_end(args);
}

/* --- where: what is to be typed on this machine, and what elsewhere --- */

/* This machine's uplink, or the centre whose hub answered without being named. */
static bool is_here(const json_t *glance, const char *host)
{
	const json_t *p;
	size_t i;

	if (!strcmp(glance_text(json_object_get(glance, "host"), "origin"), host))
		return host[0] != 0;
	if (!json_is_true(json_object_get(json_object_get(glance, "hub"), "local")))
		return false;
	json_array_foreach(json_object_get(glance, "processes"), i, p)
		if (!strcmp(glance_text(p, "process"), "hub") && !strcmp(glance_text(p, "host"), host))
			return true;
	return false;
}

/* A host whose uplink is silent, or whose link fusion has lost ("link" is fusion's word for it): all else follows. */
static bool host_is_gone(const json_t *glance, const char *host)
{
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(glance, "processes"), i, p) {
		const char *process = glance_text(p, "process");
		if (!strcmp(glance_text(p, "host"), host) && glance_metric(p, "vedette_process_state") >= 3 &&
			(!strcmp(process, "uplink") || !strcmp(process, "link")))
			return true;
	}
	return false;
}

/* --- units --- */

static const json_t *unit_of(const json_t *glance, const char *name)
{
	const json_t *unit;
	size_t i;

	json_array_foreach(json_object_get(glance, "units"), i, unit)
		if (!strcmp(glance_text(unit, "unit"), name))
			return unit;
	return NULL;
}

static void expect_unit(const json_t *glance, const char *name, struct doctor_report *report)
{
	const json_t *unit = unit_of(glance, name);
	const char *active = glance_text(unit, "active");

	if (!unit || !strcmp(glance_text(unit, "load"), "not-found"))
		type(find(report, "%s does not run and is not enabled", name), "systemctl enable --now %s", name);
	else if (!strcmp(active, "failed"))
		type(find(report, "%s has failed (%s)", name, glance_text(unit, "result")), "journalctl -b -n 50 -u %s", name);
	else if (strcmp(active, "active") && strcmp(active, "activating"))
		type(find(report, "%s is %s", name, active), "systemctl start %s", name);
	else if (glance_number(unit, "restarts", 0) > RESTARTS_MAX)
		type(find(report, "%s was restarted %.0f times", name, glance_number(unit, "restarts", 0)),
			"journalctl -b -n 50 -u %s", name);
}

static void judge_units(const json_t *glance, const char *etc, struct doctor_report *report)
{
	static const char *const programs[] = { "uplink", "fusion", "hub" };
	const json_t *feed;
	char name[128];
	size_t i;

	if (!json_is_true(json_object_get(glance, "systemd")))
		return;
	for (size_t p = 0; p < sizeof(programs) / sizeof(programs[0]); p++) {
		snprintf(name, sizeof(name), "vedette-%s.service", programs[p]);
		if (glance_configured(etc, programs[p]))
			expect_unit(glance, name, report);
	}
	if (glance_configured(etc, "uplink") || glance_configured(etc, "fusion"))
		expect_unit(glance, "vedette-clock.service", report);
	if (glance_configured(etc, "enrol"))
		expect_unit(glance, "vedette-enrol.socket", report);
	json_array_foreach(json_object_get(glance, "feeds"), i, feed) {
		const char *kind = strcmp(glance_text(feed, "format"), "camera") ? "sensor" : "camera";
		snprintf(name, sizeof(name), "vedette-%s@%s.service", kind, glance_text(feed, "feed"));
		expect_unit(glance, name, report);
		snprintf(name, sizeof(name), "vedette-dial@%s.service", glance_text(feed, "feed"));
		if (json_is_true(json_object_get(feed, "dialled")))
			expect_unit(glance, name, report);
	}
}

/* --- the filter --- */

static double packets(const json_t *counts, const char *verdict)
{
	return glance_number(json_object_get(counts, verdict), "packets", 0);
}

static void judge_filter_feed(const char *interface, const json_t *feed, struct doctor_report *report)
{
	const char *name = glance_text(feed, "feed");
	double passed = packets(feed, "pass_feed"), unlisted = packets(feed, "drop_source");

	if (passed == 0 && unlisted > 0)
		type(find(report, "feed %s on %s: all %.0f datagrams came from senders that are not listed", name, interface,
			     unlisted),
			"check Source= in /etc/vedette/feeds/%s.conf", name);
	else if (passed == 0)
		type(find(report, "feed %s on %s: not one datagram has arrived", name, interface),
			"check the sensor, its cable, and Listen= in /etc/vedette/feeds/%s.conf", name);
	if (packets(feed, "drop_rate") > 0.01 * (passed + 1))
		type(find(report, "feed %s on %s: %.0f datagrams were over the rate", name, interface,
			     packets(feed, "drop_rate")),
			"raise Rate= and Burst= in /etc/vedette/feeds/%s.conf if they are the sensor's", name);
}

static void judge_filter(const json_t *filter, struct doctor_report *report)
{
	const char *interface = glance_text(filter, "interface"), *mode = glance_text(filter, "mode");
	const json_t *feed;
	size_t i;

	if (glance_number(filter, "age_ms", 0) > FILTER_OLD_MS)
		type(find(report, "filter on %s has not reported for %.0f s", interface,
			     glance_number(filter, "age_ms", 0) / 1e3),
			"systemctl restart vedette-filter@%s", interface);
	if (!strcmp(mode, "unavailable"))
		type(find(report, "filter on %s is not attached: %s", interface, glance_text(filter, "reason")),
			"journalctl -b -n 50 -u vedette-filter@%s", interface);
	else if (!strcmp(mode, "generic"))
		type(find(report, "filter on %s runs in generic mode: correct, but slow under a flood", interface),
			"ethtool -i %s, and use a network card whose driver has XDP", interface);
	if (glance_text(filter, "policy_error")[0])
		type(find(report, "filter on %s keeps its old policy: %s", interface, glance_text(filter, "policy_error")),
			"vedette check-config");
	json_array_foreach(json_object_get(filter, "feeds"), i, feed)
		judge_filter_feed(interface, feed, report);
}

/* --- the hub --- */

#define CLOCK_REASON "host clock is not synchronised" /* of every decoder of that host: said once, of the host */

static void judge_hub_parts(const json_t *glance, const json_t *health, struct doctor_report *report)
{
	const json_t *feed, *peer;
	size_t i;

	json_array_foreach(json_object_get(health, "feeds"), i, feed) {
		const char *host = glance_text(feed, "host"), *name = glance_text(feed, "feed");
		bool here = is_here(glance, host);
		if (!strcmp(glance_text(feed, "state"), "up") || host_is_gone(glance, host) || !strncmp(glance_text(feed, "reason"), CLOCK_REASON, strlen(CLOCK_REASON)))
			continue;
		struct doctor_finding *f = find(report, "feed %s of %s is %s: %s", name, host[0] ? host : "an unknown host",
			glance_text(feed, "state"), glance_text(feed, "reason"));
		if (here)
			type(f, "systemctl status 'vedette-*@%s'", name);
		else
			type(f, "on %s: vedette doctor", host[0] ? host : "its host");
	}
	json_array_foreach(json_object_get(health, "peers"), i, peer)
		if (strcmp(glance_text(peer, "state"), "up"))
			type(find(report, "neighbour %s is %s: %s", glance_text(peer, "origin"), glance_text(peer, "state"),
				     glance_text(peer, "reason")),
				"journalctl -b -n 50 -u vedette-hub; check Dial= and Identity= of peers/%s.conf",
				glance_text(peer, "origin"));
}

static void judge_hub_counts(const json_t *metrics, struct doctor_report *report)
{
	static const struct {
		const char *name, *what, *type;
	} rules[] = {
		{ "vedette_hub_ledger_errors_total", "releases waited because ledger or a neighbour's log failed",
			"df -h /var/lib/vedette/hub; vedette ledger verify /var/lib/vedette/hub/ledger.db" },
		{ "vedette_hub_commit_errors_total", "the picture's store could not be written",
			"df -h /var/lib/vedette/hub; journalctl -b -n 50 -u vedette-hub" },
		{ "vedette_hub_picture_full_total", "the picture is full, versions of tracks left out",
			"vedette status; look for a feed that makes false tracks" },
		{ "vedette_hub_history_tables_dropped_early_total", "days of history were dropped before their time",
			"raise MaxSize= or shorten History= in /etc/vedette/hub.conf, then: systemctl restart vedette-hub" },
		{ "vedette_hub_bad_records_total", "records that did not decode, of a host or neighbour of another version",
			"journalctl -b -u vedette-hub; vedette status on the other side" },
		{ "vedette_hub_wrong_origin_total", "objects that claimed another's origin, refused",
			"journalctl -b -u vedette-hub; check Origin= and Identity= of peers/NAME.conf" },
		{ "vedette_hub_peer_log_cut_total", "a neighbour was away so long that its log began anew",
			"journalctl -b -u vedette-hub; ask the neighbour" },
	};

	for (size_t r = 0; r < sizeof(rules) / sizeof(rules[0]); r++) {
		double n = glance_number(metrics, rules[r].name, 0);
		if (n > 0)
			type(find(report, "%s: %.0f", rules[r].what, n), "%s", rules[r].type);
	}
}

static void judge_hub(const json_t *glance, const char *etc, struct doctor_report *report)
{
	const json_t *hub = json_object_get(glance, "hub"), *health = json_object_get(hub, "health");

	if (!json_is_true(json_object_get(hub, "reachable"))) {
		if (glance_configured(etc, "hub"))
			type(find(report, "the hub does not answer at %s: %s", glance_text(hub, "url"), glance_text(hub, "error")),
				"systemctl status vedette-hub; check Http= in %s/hub.conf", etc);
		return;
	}
	if (json_is_true(json_object_get(health, "stale")))
		type(find(report, "the picture is stale: %s", glance_text(health, "reason")),
			"systemctl status vedette-fusion vedette-hub");
	judge_hub_parts(glance, health, report);
	judge_hub_counts(json_object_get(hub, "metrics"), report);
}

/* --- processes, here and on the hosts, by what they say of themselves --- */

enum side { ABOVE, BELOW };

static const struct process_rule {
	const char *process; /* NULL = any */
	const char *metric;
	enum side side;
	double limit;
	const char *what; /* behind whose, ahead of how often */
	const char *type;
} process_rules[] = {
	{ "uplink", "vedette_uplink_dropped_records_total", ABOVE, 0, "dropped records to keep MaxSize=",
		"raise MaxSize= in /etc/vedette/uplink.conf, then: systemctl restart vedette-uplink" },
	{ "uplink", "vedette_uplink_commits_failed_total", ABOVE, 0, "could not write its outbox",
		"df -h /var/lib/vedette/uplink; journalctl -b -n 50 -u vedette-uplink" },
	{ "uplink", "vedette_uplink_feeds_refused_total", ABOVE, 0, "refused local connections of other users",
		"journalctl -b -u vedette-uplink; check AllowUser= in /etc/vedette/uplink.conf" },
	{ "fusion", "vedette_fusion_commits_failed_total", ABOVE, 0, "could not write its journal",
		"df -h /var/lib/vedette/fusion; journalctl -b -n 50 -u vedette-fusion" },
	{ "fusion", "vedette_fusion_hosts", BELOW, 1, "has no host connected",
		"journalctl -b -n 50 -u vedette-fusion; on the mast: vedette doctor" },
	{ "fusion", "vedette_fusion_hubs", BELOW, 1, "has no hub that pulls from it", "systemctl status vedette-hub" },
	{ "fusion", "vedette_tracker_full_total", ABOVE, 0, "had no room for tracks and did not begin them",
		"raise MaxTracks= in /etc/vedette/fusion.conf, then: systemctl restart vedette-fusion" },
	{ "uplink", "vedette_uplink_certificate_renewals_failed_total", ABOVE, 0, "could not renew its certificate",
		"journalctl -b -u vedette-uplink; at the centre: vedette host list; journalctl -b -u vedette-enrol" },
	{ "fusion", "vedette_fusion_renewals_refused_total", ABOVE, 0, "did not renew hosts' certificates",
		"vedette host list; journalctl -b -u vedette-enrol" },
	{ "fusion", "vedette_fusion_hosts_revoked_total", ABOVE, 0, "was called by revoked hosts",
		"vedette host list; journalctl -b -u vedette-fusion; a stolen mast is running somewhere" },
	{ "fusion", "vedette_fusion_crl_overdue", ABOVE, 0, "has a revocation list whose next one is overdue",
		"openssl crl -noout -nextupdate -in /etc/vedette/tls/crl.pem; fetch the authority's newest" },
	{ "fusion", "vedette_fusion_slices_dropped_total", ABOVE, 0, "dropped slices of its journal before their time",
		"raise MaxSize= or shorten Keep= in /etc/vedette/fusion.conf, then: systemctl restart vedette-fusion" },
	{ "sensor", "vedette_sensor_ring_stalls_total", ABOVE, 0, "had to stop reading, the uplink did not keep up",
		"systemctl status vedette-uplink; df -h /var/lib/vedette/uplink" },
	{ "camera", "vedette_camera_plots_lost_total", ABOVE, 0, "overwrote bearings before the uplink had them",
		"systemctl status vedette-uplink" },
	{ NULL, "vedette_process_restarts_total", ABOVE, RESTARTS_MAX, "was restarted",
		"vedette status; journalctl -b -p warning -u 'vedette-*'" },
};

static void name_process(const json_t *p, char *buf, size_t cap)
{
	const char *interface = glance_text(p, "interface"), *feed = glance_text(p, "feed");

	snprintf(buf, cap, "%s%s%s of %s", glance_text(p, "process"), interface[0] || feed[0] ? " " : "",
		feed[0] ? feed : interface, glance_text(p, "host"));
}

/* "on mast1: " ahead of what is to be typed elsewhere. */
static const char *place(const json_t *glance, const json_t *p, char *buf, size_t cap)
{
	snprintf(buf, cap, "on %s: ", glance_text(p, "host"));
	return is_here(glance, glance_text(p, "host")) ? "" : buf;
}

static void judge_by_rules(const json_t *glance, const json_t *p, struct doctor_report *report)
{
	char name[160], where[64], times[32] = "";

	name_process(p, name, sizeof(name));
	for (size_t r = 0; r < sizeof(process_rules) / sizeof(process_rules[0]); r++) {
		const struct process_rule *rule = &process_rules[r];
		double v = glance_metric(p, rule->metric);
		bool wrong = rule->side == ABOVE ? v > rule->limit : v < rule->limit; /* NAN is neither */
		if (!wrong || (rule->process && strcmp(rule->process, glance_text(p, "process"))))
			continue;
		if (rule->side == ABOVE)
			snprintf(times, sizeof(times), ": %.0f", v);
		type(find(report, "%s %s%s", name, rule->what, times), "%s%s", place(glance, p, where, sizeof(where)), rule->type);
	}
}

static void judge_gone(const json_t *glance, const json_t *uplink, struct doctor_report *report)
{
	const char *host = glance_text(uplink, "host");

	if (host_is_gone(glance, host))
		type(find(report, "host %s is silent for %.0f s: its link is dead, or it is", host,
			     glance_metric(uplink, "vedette_process_report_age_seconds")),
			"on %s, if it can be reached: vedette doctor; here: journalctl -b -n 50 -u vedette-fusion", host);
}

static void judge_uplink(const json_t *glance, const json_t *p, struct doctor_report *report)
{
	double budget = glance_metric(p, "vedette_uplink_outbox_budget_bytes");
	double used = glance_metric(p, "vedette_uplink_outbox_bytes"), distress = glance_metric(p, DISTRESS_DEPTH);
	double waiting = distress + glance_metric(p, "vedette_uplink_live_depth_records") +
			 glance_metric(p, "vedette_uplink_backfill_depth_records");
	const char *host = glance_text(p, "host");
	char where[64];

	judge_gone(glance, p, report);
	if (glance_metric(p, "vedette_uplink_link_up") < 1)
		type(find(report, "the link of %s to its centre is down; %.0f records wait, %.0f of them distress", host, waiting,
			     distress),
			"%sjournalctl -b -n 20 -u vedette-uplink", place(glance, p, where, sizeof(where)));
	if (budget > 0 && used > OUTBOX_FULL_PART * budget)
		type(find(report, "the outbox of %s is at %.0f %% of MaxSize=: soon the oldest radar plots go", host,
			     100 * used / budget),
			"mend the link, or %sraise MaxSize= in /etc/vedette/uplink.conf",
			place(glance, p, where, sizeof(where)));
}

static void judge_silence(const json_t *glance, const json_t *p, struct doctor_report *report)
{
	char name[160], where[64];

	/* A feed's decoder is judged as the feed; a neighbour's hub as the neighbour. */
	if (!(glance_metric(p, "vedette_process_state") >= 3) || glance_text(p, "feed")[0] || !strcmp(glance_text(p, "process"), "hub"))
		return;
	if (host_is_gone(glance, glance_text(p, "host")))
		return;
	name_process(p, name, sizeof(name));
	struct doctor_finding *f = find(report, "%s is down, or has not reported for %.0f s", name,
		glance_metric(p, "vedette_process_report_age_seconds"));
	if (glance_text(p, "interface")[0])
		type(f, "%ssystemctl status vedette-filter@%s", place(glance, p, where, sizeof(where)),
			glance_text(p, "interface"));
	else
		type(f, "%ssystemctl status vedette-%s", place(glance, p, where, sizeof(where)), glance_text(p, "process"));
}

/* What a host elsewhere says of its disk and certificate; those of this machine are looked at themselves. */
static void judge_footing(const json_t *glance, const json_t *p, struct doctor_report *report)
{
	double free = glance_metric(p, "vedette_disk_free_bytes"), size = glance_metric(p, "vedette_disk_size_bytes");
	double end_s = glance_metric(p, "vedette_certificate_expiry_timestamp_seconds");
	double days = (end_s - glance_number(glance, "time_ms", 0) / 1e3) / 86400;
	const char *host = glance_text(p, "host"), *process = glance_text(p, "process");

	if (is_here(glance, host))
		return;
	if (size > 0 && free < DISK_FREE_PART * size)
		type(find(report, "the disk of %s is nearly full: %.1f %% free", host, 100 * free / size),
			"on %s: du -xh --max-depth=2 /var | sort -h | tail", host);
	if (end_s > 0 && days < CERTIFICATE_WARN_DAYS)
		type(find(report, "the certificate of %s of %s %s %.0f days%s", process, host,
			     days < 0 ? "expired" : "expires in", days < 0 ? -days : days, days < 0 ? " ago" : ""),
			"on %s: vedette doctor", host);
}

/* After an upgrade: a process that still runs what was there before. */
static void judge_version(const json_t *glance, const json_t *p, struct doctor_report *report)
{
	const char *process = glance_text(p, "process"), *feed = glance_text(p, "feed"), *key;
	const char *instance = feed[0] ? feed : glance_text(p, "interface");
	const json_t *value;
	char version[64];

	if (!is_here(glance, glance_text(p, "host")))
		return;
	json_object_foreach(json_object_get(p, "metrics"), key, value) {
		if (sscanf(key, "vedette_build_info{version=\"%63[^\"]", version) != 1 ||
			!strcmp(version, glance_text(glance, "version")))
			continue;
		type(find(report, "%s%s%s runs version %s, not %s", process, instance[0] ? " " : "", instance, version,
			     glance_text(glance, "version")),
			"systemctl restart vedette-%s%s%s", process, instance[0] ? "@" : "", instance);
	}
}

static double sum_of(const json_t *process, const char *begin)
{
	const char *name;
	const json_t *v;
	double sum = 0;

	json_object_foreach(json_object_get(process, "metrics"), name, v)
		sum += strncmp(name, begin, strlen(begin)) ? 0 : json_number_value(v);
	return sum;
}

static void judge_sensor(const json_t *glance, const json_t *p, struct doctor_report *report)
{
	const char *feed = glance_text(p, "feed"), *host = glance_text(p, "host");
	double n = glance_metric(p, "vedette_sensor_datagrams_total"), bad = sum_of(p, "vedette_sensor_bad_");
	double dropped = glance_metric(p, "vedette_sensor_socket_drops_total");
	char where[64];

	if (n > 0 && bad > DROPS_PART * n)
		type(find(report, "feed %s of %s: %.0f parts of %.0f datagrams are malformed", feed, host, bad, n),
			"%scheck Format= and Edition= in /etc/vedette/feeds/%s.conf against vedette decode --stats of a capture",
			place(glance, p, where, sizeof(where)), feed);
	if (n > 0 && dropped > DROPS_PART * n)
		type(find(report, "feed %s of %s: the socket dropped %.0f datagrams beside %.0f it gave", feed, host, dropped, n),
			"%scheck Source= in /etc/vedette/feeds/%s.conf; systemctl status vedette-sensor@%s",
			place(glance, p, where, sizeof(where)), feed, feed);
	/* The hub tells it with the reason, where there is one. */
	if (glance_metric(p, "vedette_process_state") >= 2 && !json_is_true(json_object_get(json_object_get(glance, "hub"), "reachable")))
		type(find(report, "feed %s of %s: nothing for %.0f s", feed, host,
			     glance_metric(p, "vedette_sensor_silence_seconds") +
				     glance_metric(p, "vedette_process_report_age_seconds")),
			"%ssystemctl status vedette-sensor@%s; check the sensor and its cable",
			place(glance, p, where, sizeof(where)), feed);
}

static void judge_remote_filter(const json_t *glance, const json_t *p, struct doctor_report *report)
{
	const char *host = glance_text(p, "host"), *interface = glance_text(p, "interface"), *key;
	const json_t *value;
	char mode[32];

	if (is_here(glance, host) || glance_text(p, "feed")[0])
		return;
	json_object_foreach(json_object_get(p, "metrics"), key, value)
		if (sscanf(key, "vedette_filter_mode{mode=\"%31[a-z]", mode) == 1 && strcmp(mode, "native"))
			type(find(report, "filter on %s of %s is %s", interface, host,
				     strcmp(mode, "generic") ? "not attached" : "in generic mode: correct, but slow under a flood"),
				"on %s: vedette doctor", host);
	if (glance_metric(p, "vedette_filter_policy_error") > 0)
		type(find(report, "filter on %s of %s keeps an old policy: its feed files have a mistake", interface, host),
			"on %s: vedette check-config", host);
}

static void judge_processes(const json_t *glance, struct doctor_report *report)
{
	static const struct {
		const char *process;
		void (*judge)(const json_t *glance, const json_t *p, struct doctor_report *report);
	} kinds[] = { { "uplink", judge_uplink }, { "sensor", judge_sensor }, { "filter", judge_remote_filter } };
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(glance, "processes"), i, p) {
		judge_silence(glance, p, report);
		judge_by_rules(glance, p, report);
		judge_footing(glance, p, report);
		judge_version(glance, p, report);
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			if (!strcmp(glance_text(p, "process"), kinds[k].process))
				kinds[k].judge(glance, p, report);
	}
}

static void judge_hosts(const json_t *glance, struct doctor_report *report)
{
	const json_t *h;
	size_t i;

	json_array_foreach(json_object_get(glance, "hosts"), i, h) {
		const char *host = glance_text(h, "host");
		double error_s = glance_metric(h, "vedette_host_clock_max_error_seconds");
		if (is_here(glance, host))
			continue;
		if (glance_metric(h, "vedette_host_clock_synchronised") < 1)
			type(find(report, "the clock of %s is not synchronised: every plot's time is in doubt", host),
				"on %s: timedatectl set-ntp true, or install chrony", host);
		else if (error_s * 1e3 > CLOCK_ERROR_MAX_MS)
			type(find(report, "the clock of %s may be wrong by %.0f ms", host, error_s * 1e3),
				"on %s: chronyc tracking, or timedatectl timesync-status", host);
	}
}

/* --- the machine --- */

static void judge_metrics_file(const json_t *glance, struct doctor_report *report)
{
	const json_t *host = json_object_get(glance, "host");
	double age_ms = glance_number(host, "age_ms", -1);

	if (!json_is_object(host))
		return;
	if (age_ms < 0)
		type(find(report, "there are no metrics of this host: %s cannot be read", glance_text(host, "metrics_file")),
			"ls -l %s; systemctl status vedette-uplink", glance_text(host, "metrics_file"));
	else if (age_ms > METRICS_OLD_MS)
		type(find(report, "the metrics of this host are %.0f s old", age_ms / 1e3), "systemctl status vedette-uplink");
}

static void judge_certificate(const json_t *c, struct doctor_report *report)
{
	const char *path = glance_text(c, "path"), *error = glance_text(c, "error");
	double days = glance_number(c, "days", 0);

	if (!strcmp(error, strerror(EACCES)))
		return; /* not ours to read; root sees more */
	if (error[0])
		type(find(report, "%s names the certificate %s: %s", glance_text(c, "file"), path, error), "ls -l %s", path);
	else if (glance_number(c, "not_before_ms", 0) > glance_number(c, "now_ms", 0))
		type(find(report, "the certificate %s is not valid yet", path), "date -u; openssl x509 -noout -dates -in %s", path);
	else if (glance_number(c, "not_after_ms", 0) < glance_number(c, "now_ms", 0))
		type(find(report, "the certificate %s expired %.0f days ago", path, -days),
			"openssl x509 -noout -subject -dates -in %s; renew it: operating.md, Certificates", path);
	else if (days < CERTIFICATE_WARN_DAYS)
		type(find(report, "the certificate %s expires in %.0f days", path, days),
			"openssl x509 -noout -subject -dates -in %s; renew it: operating.md, Certificates", path);
}

static void judge_machine(const json_t *glance, struct doctor_report *report)
{
	const json_t *clock = json_object_get(glance, "clock"), *disk;
	size_t i;

	judge_metrics_file(glance, report);
	json_array_foreach(json_object_get(glance, "certificates"), i, disk)
		judge_certificate(disk, report);
	if (json_is_object(clock) && !json_is_true(json_object_get(clock, "synchronised")))
		type(find(report, "the clock is not synchronised: every plot's time is in doubt"),
			"timedatectl set-ntp true, or install chrony");
	else if (glance_number(clock, "max_error_ms", 0) > CLOCK_ERROR_MAX_MS)
		type(find(report, "the clock may be wrong by %.0f ms", glance_number(clock, "max_error_ms", 0)),
			"chronyc tracking, or timedatectl timesync-status");
	json_array_foreach(json_object_get(glance, "disks"), i, disk) {
		double free = glance_number(disk, "free", 0), size = glance_number(disk, "size", 1);
		if (free < DISK_FREE_PART * size)
			type(find(report, "the disk of %s is nearly full: %.1f %% free", glance_text(disk, "path"),
				     100 * free / size),
				"du -xh --max-depth=2 %s | sort -h | tail", glance_text(disk, "path"));
	}
}

void doctor_judge(const json_t *glance, const char *etc, struct doctor_report *report)
{
	const json_t *filter;
	size_t i;

	judge_units(glance, etc, report);
	json_array_foreach(json_object_get(glance, "filters"), i, filter)
		judge_filter(filter, report);
	judge_hub(glance, etc, report);
	judge_processes(glance, report);
	judge_hosts(glance, report);
	judge_machine(glance, report);
}

/* --- files --- */

static void note_mistake(void *report, bool ok, const char *line)
{
	if (!ok)
		type(find(report, "%s", line), "correct it, then: vedette check-config");
}

void doctor_files(const char *etc, struct doctor_report *report)
{
	(void)check_config_each(etc, note_mistake, report);
}

static void print_json(const struct doctor_report *report)
{
	json_t *findings = json_array();

	for (size_t i = 0; i < report->n; i++)
		json_array_append_new(findings,
			json_pack("{s:s, s:s}", "what", report->findings[i].what, "type", report->findings[i].type));
	json_t *root = json_pack("{s:s, s:I, s:o}", "version", VEDETTE_VERSION, "time_ms",
		(json_int_t)(clock_now_ns() / CLOCK_NS_PER_MS), "findings", findings);
	json_dumpf(root, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(root);
}

static void print_text(const struct doctor_report *report)
{
	for (size_t i = 0; i < report->n; i++)
		printf("- %s\n      %s\n", report->findings[i].what, report->findings[i].type);
	if (!report->n)
		puts("nothing wrong found");
}

int doctor_run(int argc, char **argv)
{
	static struct doctor_report report;
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
			fputs("usage: vedette doctor [--json] [--hub URL] [--etc DIR] [--run DIR] [--state DIR]\n", stderr);
			return 2;
		}
	}
	report.n = 0;
	doctor_files(o.etc, &report);
	json_t *glance = glance_take(&o);
	doctor_judge(glance, o.etc, &report);
	json_decref(glance);
	if (json)
		print_json(&report);
	else
		print_text(&report);
	return report.n ? 1 : 0;
}
