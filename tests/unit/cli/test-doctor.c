#include "cli/doctor.h"
#include "tests/assert_near.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#define DAY_NS (INT64_C(86400) * 1000000000)
#define NOW_NS (INT64_C(1700000000) * 1000000000)

static struct doctor_report report;
static char dir[64];

static int set_up(void **state)
{
	report.n = 0;
	snprintf(dir, sizeof(dir), "/tmp/test-doctor-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void put(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* Judges @text and wants exactly one finding with @what in it and @type in what to type; none when @what is NULL. */
static void judge(const char *text, const char *what, const char *type)
{
	json_t *glance = json_loads(text, 0, NULL);

	assert_non_null(glance);
	report.n = 0;
	doctor_judge(glance, dir, &report);
	json_decref(glance);
	if (report.n && (!what || report.n > 1))
		fail_msg("%zu findings, the last: %s", report.n, report.findings[report.n - 1].what);
	if (!what)
		return;
	assert_int_equal(report.n, 1);
	if (!strstr(report.findings[0].what, what) || !strstr(report.findings[0].type, type))
		fail_msg("%s | %s", report.findings[0].what, report.findings[0].type);
}

static void healthy_host_has_no_finding(void **state)
{
	put("hub.conf", "");
	judge("{}", "the hub does not answer", "hub.conf");
	judge("{\"hub\":{\"reachable\":true,\"health\":{\"stale\":false,\"feeds\":[{\"feed\":\"a\",\"state\":\"up\"}],\"peers\":["
	      "{\"origin\":\"xb\",\"state\":\"up\"}]}},\"systemd\":true,\"units\":[{\"unit\":\"vedette-hub.service\",\"load\":"
	      "\"loaded\",\"active\":\"active\"}],\"filters\":[{\"interface\":\"eth0\",\"mode\":\"native\",\"age_ms\":900,"
	      "\"feeds\":[{\"feed\":\"a\",\"pass_feed\":{\"packets\":5}}]}],\"clock\":{\"synchronised\":true,"
	      "\"max_error_ms\":3.0},\"disks\":[{\"path\":\"/\",\"free\":50,\"size\":100}]}",
		NULL, NULL);
}

static void unit_that_should_run_is_missed(void **state)
{
	put("uplink.conf", "");
	judge("{\"systemd\":true,\"units\":[]}", "vedette-uplink.service does not run", "systemctl enable --now");
	judge("{\"systemd\":true,\"units\":[{\"unit\":\"vedette-uplink.service\",\"active\":\"failed\",\"result\":\"exit-code\"}]}",
		"has failed (exit-code)", "journalctl");
	judge("{\"systemd\":true,\"units\":[{\"unit\":\"vedette-uplink.service\",\"active\":\"inactive\"}]}", "is inactive",
		"systemctl start");
	judge("{\"systemd\":true,\"units\":[{\"unit\":\"vedette-uplink.service\",\"active\":\"active\",\"restarts\":9}]}",
		"restarted 9 times", "journalctl");
	judge("{\"systemd\":false,\"units\":[]}", NULL, NULL);
}

static void each_feed_has_its_unit(void **state)
{
	judge("{\"systemd\":true,\"units\":[],\"feeds\":[{\"feed\":\"r\",\"format\":\"asterix\"}]}", "vedette-sensor@r.service",
		"systemctl");
	judge("{\"systemd\":true,\"units\":[],\"feeds\":[{\"feed\":\"c\",\"format\":\"camera\"}]}", "vedette-camera@c.service",
		"systemctl");
	judge("{\"systemd\":true,\"units\":[{\"unit\":\"vedette-sensor@t.service\",\"load\":\"loaded\",\"active\":\"active\"}],"
	      "\"feeds\":[{\"feed\":\"t\",\"format\":\"ais\",\"dialled\":true}]}",
		"vedette-dial@t.service", "systemctl");
}

#define FILTER(members) "{\"filters\":[{\"interface\":\"eth0\"," members "}]}"
#define FILTER_FEED(counts) FILTER("\"mode\":\"native\",\"feeds\":[{\"feed\":\"r\"," counts "}]")

static void filter_is_judged(void **state)
{
	judge(FILTER("\"mode\":\"generic\""), "generic mode", "driver has XDP");
	judge(FILTER("\"mode\":\"unavailable\",\"reason\":\"no permission\""), "not attached: no permission", "journalctl");
	judge(FILTER("\"mode\":\"native\",\"age_ms\":60000"), "not reported for 60 s", "systemctl restart vedette-filter@eth0");
	judge(FILTER("\"mode\":\"native\",\"policy_error\":\"x.conf:1: y\""), "x.conf:1: y", "check-config");
	judge(FILTER_FEED("\"drop_source\":{\"packets\":7}"), "not listed", "Source=");
	judge(FILTER_FEED("\"pass_feed\":{\"packets\":0}"), "not one datagram", "cable");
	judge(FILTER_FEED("\"pass_feed\":{\"packets\":100},\"drop_rate\":{\"packets\":50}"), "over the rate", "Rate=");
	judge(FILTER_FEED("\"pass_feed\":{\"packets\":100},\"drop_source\":{\"packets\":50}"), NULL, NULL);
}

#define HEALTH(members) "{\"hub\":{\"reachable\":true,\"health\":{" members "}}}"

static void picture_is_judged(void **state)
{
	judge(HEALTH("\"stale\":true,\"reason\":\"no heartbeat from fusion\""), "stale: no heartbeat", "systemctl");
	judge(HEALTH("\"feeds\":[{\"feed\":\"r\",\"host\":\"mast1\",\"state\":\"down\",\"reason\":\"silent\"}]"),
		"feed r of mast1 is down: silent", "on mast1: vedette doctor");
	judge(HEALTH("\"peers\":[{\"origin\":\"xb\",\"state\":\"down\",\"reason\":\"not connected\"}]"), "neighbour xb is down",
		"peers/xb.conf");
}

static void machine_is_judged(void **state)
{
	judge("{\"clock\":{\"synchronised\":false,\"max_error_ms\":16000.0}}", "not synchronised", "timedatectl");
	judge("{\"clock\":{\"synchronised\":true,\"max_error_ms\":250.0}}", "wrong by 250 ms", "chronyc");
	judge("{\"disks\":[{\"path\":\"/var\",\"free\":5,\"size\":100}]}", "/var is nearly full: 5.0 % free", "du ");
}

/* A self-signed certificate valid from and until so many days from NOW. */
static void put_certificate(const char *name, int from_days, int until_days)
{
	char path[128];
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	X509 *x = X509_new();

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	ASN1_TIME_set(X509_getm_notBefore(x), (NOW_NS + from_days * DAY_NS) / 1000000000);
	ASN1_TIME_set(X509_getm_notAfter(x), (NOW_NS + until_days * DAY_NS) / 1000000000);
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, NULL) > 0);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	PEM_write_X509(f, x);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
}

static void certificate(const char *name, const char *what)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	report.n = 0;
	doctor_certificate("x.conf", path, NOW_NS, &report);
	assert_int_equal(report.n, what ? 1 : 0);
	if (what && !strstr(report.findings[0].what, what))
		fail_msg("%s", report.findings[0].what);
}

static void certificates_are_judged_by_their_dates(void **state)
{
	put_certificate("good", -10, 300);
	certificate("good", NULL);
	put_certificate("soon", -10, 12);
	certificate("soon", "expires in 12 days");
	put_certificate("past", -10, -3);
	certificate("past", "expired 3 days ago");
	put_certificate("early", 5, 300);
	certificate("early", "not valid yet: in 5 days");
	put("rubbish", "not a certificate\n");
	certificate("rubbish", "not a PEM certificate");
	certificate("nothing", "No such file or directory");
}

static void certificate_is_found_through_the_configuration(void **state)
{
	char text[256];

	put_certificate("soon.pem", -10, 12);
	snprintf(text, sizeof(text), "[TLS]\n# Certificate=/no\nCertificate = %s/soon.pem \n", dir);
	put("fusion.conf", text);
	report.n = 0;
	doctor_files(dir, NOW_NS, &report);
	bool found = false;
	for (size_t i = 0; i < report.n; i++)
		found |= strstr(report.findings[i].what, "expires in 12 days") != NULL;
	assert_true(found);
}

static void mistake_in_a_feed_is_found(void **state)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/feeds", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	put("feeds/a.conf", "[Feed]\nRate=x\n");
	doctor_files(dir, NOW_NS, &report);
	assert_int_equal(report.n, 1);
	assert_non_null(strstr(report.findings[0].what, "/feeds/a.conf:2: [Feed] Rate=x: not a whole number"));
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(healthy_host_has_no_finding),
		FILE_TEST(unit_that_should_run_is_missed),
		FILE_TEST(each_feed_has_its_unit),
		FILE_TEST(filter_is_judged),
		FILE_TEST(picture_is_judged),
		FILE_TEST(machine_is_judged),
		FILE_TEST(certificates_are_judged_by_their_dates),
		FILE_TEST(certificate_is_found_through_the_configuration),
		FILE_TEST(mistake_in_a_feed_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
