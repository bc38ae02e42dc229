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

#include <openssl/pem.h>
#include <openssl/x509.h>

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

static bool configured(const char *etc, const char *program)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.conf", etc, program);
	return access(path, F_OK) == 0;
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
		if (configured(etc, programs[p]))
			expect_unit(glance, name, report);
	}
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

static void judge_hub_parts(const json_t *health, struct doctor_report *report)
{
	const json_t *feed, *peer;
	size_t i;

	json_array_foreach(json_object_get(health, "feeds"), i, feed)
		if (strcmp(glance_text(feed, "state"), "up"))
			type(find(report, "feed %s of %s is %s: %s", glance_text(feed, "feed"),
				     glance_text(feed, "host")[0] ? glance_text(feed, "host") : "an unknown host",
				     glance_text(feed, "state"), glance_text(feed, "reason")),
				"on %s: vedette doctor", glance_text(feed, "host")[0] ? glance_text(feed, "host") : "its host");
	json_array_foreach(json_object_get(health, "peers"), i, peer)
		if (strcmp(glance_text(peer, "state"), "up"))
			type(find(report, "neighbour %s is %s: %s", glance_text(peer, "origin"), glance_text(peer, "state"),
				     glance_text(peer, "reason")),
				"journalctl -b -n 50 -u vedette-hub; check Dial= and Identity= of peers/%s.conf",
				glance_text(peer, "origin"));
}

static void judge_hub(const json_t *hub, const char *etc, struct doctor_report *report)
{
	const json_t *health = json_object_get(hub, "health");

	if (!json_is_true(json_object_get(hub, "reachable"))) {
		if (configured(etc, "hub"))
			type(find(report, "the hub does not answer at %s: %s", glance_text(hub, "url"), glance_text(hub, "error")),
				"systemctl status vedette-hub; check Http= in %s/hub.conf", etc);
		return;
	}
	if (json_is_true(json_object_get(health, "stale")))
		type(find(report, "the picture is stale: %s", glance_text(health, "reason")),
			"systemctl status vedette-fusion vedette-hub");
	judge_hub_parts(health, report);
}

/* --- the machine --- */

static void judge_machine(const json_t *glance, struct doctor_report *report)
{
	const json_t *clock = json_object_get(glance, "clock"), *disk;
	size_t i;

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
	judge_hub(json_object_get(glance, "hub"), etc, report);
	judge_machine(glance, report);
}

/* --- certificates --- */

/* Days from @now_ns to @t, rounded towards zero; < 0 = past. */
static bool days_until(const ASN1_TIME *t, int64_t now_ns, int *ret_days, int *ret_seconds)
{
	ASN1_TIME *now = ASN1_TIME_set(NULL, now_ns / CLOCK_NS_PER_S);
	bool ok = now && ASN1_TIME_diff(ret_days, ret_seconds, now, t) == 1;

	ASN1_TIME_free(now);
	return ok;
}

void doctor_certificate(const char *file, const char *path, int64_t now_ns, struct doctor_report *report)
{
	FILE *f = fopen(path, "re");
	int days = 0, seconds = 0;

	if (!f) {
		if (errno == EACCES)
			return; /* not ours to read; root sees more */
		type(find(report, "%s names the certificate %s: %s", file, path, strerror(errno)), "ls -l %s", path);
		return;
	}
	X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	if (!x)
		type(find(report, "%s names %s, which is not a PEM certificate", file, path), "openssl x509 -in %s -text", path);
	else if (days_until(X509_get0_notBefore(x), now_ns, &days, &seconds) && (days > 0 || seconds > 0))
		type(find(report, "the certificate %s is not valid yet: in %d days", path, days), "check the clock: date -u");
	else if (!days_until(X509_get0_notAfter(x), now_ns, &days, &seconds))
		type(find(report, "the certificate %s has no readable end", path), "openssl x509 -in %s -text", path);
	else if (days < 0 || seconds < 0)
		type(find(report, "the certificate %s expired %d days ago", path, -days), "renew it, then reload its service");
	else if (days < CERTIFICATE_WARN_DAYS)
		type(find(report, "the certificate %s expires in %d days", path, days), "renew it, then reload its service");
	X509_free(x);
}

/* A daemon's table is the daemon's. One key is read here, by a line's look; check-config says whether it is right. */
static int scan_certificate(void *found, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[CONF_VALUE_MAX];

	while (f && fgets(line, sizeof(line), f)) {
		char value[512];
		if (sscanf(line, " Certificate = %511[^\n]", value) == 1 && value[0] == '/') {
			value[strcspn(value, " \t\r")] = 0;
			snprintf(found, sizeof(value), "%s", value);
		}
	}
	if (f)
		fclose(f);
	return 0;
}

static void note_mistake(void *report, bool ok, const char *line)
{
	if (!ok)
		type(find(report, "%s", line), "correct it, then: vedette check-config");
}

void doctor_files(const char *etc, int64_t now_ns, struct doctor_report *report)
{
	static const char *const programs[] = { "uplink", "fusion", "hub" };

	(void)check_config_each(etc, note_mistake, report);
	for (size_t p = 0; p < sizeof(programs) / sizeof(programs[0]); p++) {
		char path[512], drop_ins[520], certificate[512] = "";
		snprintf(path, sizeof(path), "%s/%s.conf", etc, programs[p]);
		snprintf(drop_ins, sizeof(drop_ins), "%s.d", path);
		(void)scan_certificate(certificate, path);
		(void)conf_each_file(drop_ins, scan_certificate, certificate);
		if (*certificate)
			doctor_certificate(path, certificate, now_ns, report);
	}
}

int doctor_run(int argc, char **argv)
{
	static struct doctor_report report;
	struct glance_options o;

	glance_init(&o);
	for (int i = 1, n; i < argc; i += n) {
		n = glance_parse(&o, argc, argv, i);
		if (!n) {
			fputs("usage: vedette doctor [--hub URL] [--etc DIR] [--run DIR] [--state DIR]\n", stderr);
			return 2;
		}
	}
	report.n = 0;
	doctor_files(o.etc, clock_now_ns(), &report);
	json_t *glance = glance_take(&o);
	doctor_judge(glance, o.etc, &report);
	json_decref(glance);

	for (size_t i = 0; i < report.n; i++)
		printf("- %s\n      %s\n", report.findings[i].what, report.findings[i].type);
	if (!report.n)
		puts("nothing wrong found");
	return report.n ? 1 : 0;
}
