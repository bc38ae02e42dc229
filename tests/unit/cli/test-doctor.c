#include "cli/doctor.h"
#include "cli/glance.h"
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

#define UNIT(name, members) "{\"unit\":\"" name "\",\"load\":\"loaded\"," members "}"
#define UNITS(list) "{\"systemd\":true,\"units\":[" list "]}"
#define CLOCK UNIT("vedette-clock.service", "\"active\":\"active\"")

static void unit_that_should_run_is_missed(void **state)
{
	put("uplink.conf", "");
	judge(UNITS(CLOCK), "vedette-uplink.service does not run", "systemctl enable --now");
	judge(UNITS(CLOCK "," UNIT("vedette-uplink.service", "\"active\":\"failed\",\"result\":\"exit-code\"")),
		"has failed (exit-code)", "journalctl");
	judge(UNITS(CLOCK "," UNIT("vedette-uplink.service", "\"active\":\"inactive\"")), "is inactive", "systemctl start");
	judge(UNITS(CLOCK "," UNIT("vedette-uplink.service", "\"active\":\"active\",\"restarts\":9")), "restarted 9 times",
		"journalctl");
	judge(UNITS(UNIT("vedette-uplink.service", "\"active\":\"active\"")), "vedette-clock.service does not run",
		"systemctl enable --now vedette-clock.service");
	judge("{\"systemd\":false,\"units\":[]}", NULL, NULL);
	put("enrol.conf", "");
	judge(UNITS(CLOCK "," UNIT("vedette-uplink.service", "\"active\":\"active\"")), "vedette-enrol.socket does not run",
		"systemctl enable --now vedette-enrol.socket");
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
	judge(HEALTH("\"feeds\":[{\"feed\":\"r\",\"host\":\"mast1\",\"state\":\"degraded\",\"reason\":\"host clock is not synchronised any more, up to 0.3 s off\"}]"),
		NULL, NULL);
	judge(HEALTH("\"peers\":[{\"origin\":\"xb\",\"state\":\"down\",\"reason\":\"not connected\"}]"), "neighbour xb is down",
		"peers/xb.conf");
}

static void machine_is_judged(void **state)
{
	judge("{\"clock\":{\"synchronised\":false,\"max_error_ms\":16000.0}}", "not synchronised", "timedatectl");
	judge("{\"clock\":{\"synchronised\":true,\"max_error_ms\":250.0}}", "wrong by 250 ms", "chronyc");
	judge("{\"disks\":[{\"path\":\"/var\",\"free\":5,\"size\":100}]}", "/var is nearly full: 5.0 % free", "du ");
}

/* A process of mast1, looked at from a centre; and one of this machine. */
#define PROCESS(process, of, metrics) \
	"{\"time_ms\":1700000000000,\"version\":\"2\",\"host\":{\"origin\":\"here\",\"age_ms\":10}," \
	"\"processes\":[{\"host\":\"" of "\",\"process\":\"" process "\",\"feed\":\"\",\"metrics\":{" metrics "}}]}"
#define SENSOR(of, metrics) \
	"{\"host\":{\"origin\":\"here\",\"age_ms\":10},\"processes\":[{\"host\":\"" of \
	"\",\"process\":\"sensor\",\"feed\":\"r\",\"metrics\":{" metrics "}}]}"
#define M(name, value) "\"vedette_" name "\":" #value

static void uplink_is_judged(void **state)
{
	judge(PROCESS("uplink", "mast1", M("uplink_link_up", 1)), NULL, NULL);
	judge(PROCESS("uplink", "mast1", M("uplink_link_up", 0) "," M("uplink_distress_depth_records", 2) "," M(
			      "uplink_live_depth_records", 3) "," M("uplink_backfill_depth_records", 4)),
		"link of mast1 to its centre is down; 9 records wait, 2 of them distress", "on mast1: journalctl");
	judge(PROCESS("uplink", "here", M("uplink_link_up", 0)), "link of here", "journalctl -b -n 20 -u vedette-uplink");
	judge(PROCESS("uplink", "mast1", M("uplink_outbox_bytes", 90) "," M("uplink_outbox_budget_bytes", 100)),
		"outbox of mast1 is at 90 %", "MaxSize=");
	judge(PROCESS("uplink", "mast1", M("uplink_outbox_bytes", 10) "," M("uplink_outbox_budget_bytes", 100)), NULL, NULL);
	judge(PROCESS("uplink", "mast1", M("uplink_dropped_records_total", 7)), "uplink of mast1 dropped records to keep MaxSize=: 7",
		"on mast1: raise MaxSize=");
	judge(PROCESS("uplink", "mast1", M("uplink_commits_failed_total", 1)), "could not write its outbox", "df -h");
	judge(PROCESS("uplink", "mast1", M("uplink_certificate_renewals_failed_total", 1)), "could not renew its certificate",
		"at the centre: vedette host list");
	judge(PROCESS("uplink", "here", M("uplink_feeds_refused_total", 1)), "refused local connections", "AllowUser=");
}

static void fusion_is_judged(void **state)
{
	judge(PROCESS("fusion", "xa", M("fusion_hosts", 2) "," M("fusion_hubs", 1)), NULL, NULL);
	judge(PROCESS("fusion", "xa", M("fusion_hosts", 0)), "fusion of xa has no host connected", "journalctl");
	judge(PROCESS("fusion", "xa", M("fusion_hubs", 0)), "no hub that pulls", "systemctl status vedette-hub");
	judge(PROCESS("fusion", "xa", M("fusion_commits_failed_total", 3)), "could not write its journal: 3", "df -h");
	judge(PROCESS("fusion", "xa", M("fusion_renewals_refused_total", 3)), "did not renew hosts' certificates: 3", "vedette host list");
	judge(PROCESS("fusion", "xa", M("fusion_hosts_revoked_total", 3)), "called by revoked hosts: 3", "vedette host list");
	judge(PROCESS("fusion", "xa", M("fusion_slices_dropped_total", 2)), "before their time: 2", "Keep=");
	judge(PROCESS("fusion", "xa", M("fusion_crl_overdue", 1)), "next one is overdue", "openssl crl");
	judge(PROCESS("fusion", "xa", M("tracker_full_total", 3)), "no room for tracks", "MaxTracks=");
}

static void any_process_is_judged(void **state)
{
	judge(PROCESS("uplink", "mast1", M("process_state", 3) "," M("process_report_age_seconds", 44)),
		"host mast1 is silent for 44 s", "on mast1, if it can be reached: vedette doctor");
	judge(PROCESS("fusion", "xa", M("process_state", 3) "," M("process_report_age_seconds", 44)),
		"fusion of xa is down, or has not reported for 44 s", "on xa: systemctl status vedette-fusion");
	/* A dead host is one finding, not one a feed. */
	judge("{\"hub\":{\"reachable\":true,\"health\":{\"feeds\":[{\"feed\":\"r\",\"host\":\"m\",\"state\":\"down\"}]}},"
	      "\"processes\":[{\"host\":\"m\",\"process\":\"uplink\",\"feed\":\"\",\"metrics\":{" M("process_state", 0) "}},"
	      "{\"host\":\"m\",\"process\":\"link\",\"feed\":\"\",\"metrics\":{" M("process_state", 3) "}},"
	      "{\"host\":\"m\",\"process\":\"filter\",\"interface\":\"e\",\"feed\":\"\",\"metrics\":{" M("process_state", 3) "}}]}",
		"host m is silent", "on m, if it can be reached");
	judge(PROCESS("fusion", "xa", M("process_restarts_total", 9)), "was restarted: 9", "journalctl");
	judge(PROCESS("fusion", "xa", M("process_restarts_total", 5)), NULL, NULL);
	judge(PROCESS("uplink", "mast1", M("disk_free_bytes", 5) "," M("disk_size_bytes", 100)), "disk of mast1 is nearly full",
		"on mast1: du");
	judge(PROCESS("uplink", "mast1", M("certificate_expiry_timestamp_seconds", 1700864000)),
		"certificate of uplink of mast1 expires in 10 days", "on mast1: vedette doctor");
	judge(PROCESS("uplink", "mast1", M("certificate_expiry_timestamp_seconds", 1699136000)), "expired 10 days ago",
		"on mast1: vedette doctor");
	judge(PROCESS("uplink", "mast1", M("certificate_expiry_timestamp_seconds", 0)), NULL, NULL);
	/* Of this machine, the files themselves are looked at. */
	judge(PROCESS("uplink", "here", M("certificate_expiry_timestamp_seconds", 1700864000)), NULL, NULL);
	judge(PROCESS("uplink", "here", "\"vedette_build_info{version=\\\"1\\\"}\":1"), "uplink runs version 1, not 2",
		"systemctl restart vedette-uplink");
	judge(PROCESS("uplink", "here", "\"vedette_build_info{version=\\\"2\\\"}\":1"), NULL, NULL);
}

static void decoders_are_judged(void **state)
{
	judge(SENSOR("mast1", M("sensor_datagrams_total", 1000) "," M("sensor_bad_checksum_total", 5)), NULL, NULL);
	judge(SENSOR("mast1", M("sensor_datagrams_total", 1000) "," M("sensor_bad_checksum_total", 300) "," M(
			      "sensor_bad_length_total", 100)),
		"feed r of mast1: 400 parts of 1000 datagrams are malformed", "on mast1: check Format=");
	judge(SENSOR("here", M("sensor_datagrams_total", 1000) "," M("sensor_socket_drops_total", 300)),
		"the socket dropped 300", "check Source= in /etc/vedette/feeds/r.conf");
	judge(SENSOR("here", M("sensor_ring_stalls_total", 2)), "sensor r of here had to stop reading", "systemctl status vedette-uplink");
	judge(SENSOR("here", M("process_state", 2) "," M("sensor_silence_seconds", 60) "," M("process_report_age_seconds", 3)),
		"feed r of here: nothing for 63 s", "systemctl status vedette-sensor@r");
}

static void filters_and_clocks_of_other_hosts_are_judged(void **state)
{
	judge(PROCESS("filter", "mast1", "\"vedette_filter_mode{mode=\\\"generic\\\"}\":1"), "generic mode", "on mast1: vedette doctor");
	judge(PROCESS("filter", "mast1", "\"vedette_filter_mode{mode=\\\"unavailable\\\"}\":1"), "not attached", "on mast1");
	judge(PROCESS("filter", "mast1", "\"vedette_filter_mode{mode=\\\"native\\\"}\":1"), NULL, NULL);
	judge(PROCESS("filter", "mast1", M("filter_policy_error", 1)), "keeps an old policy", "on mast1: vedette check-config");
	judge("{\"hosts\":[{\"host\":\"mast1\",\"metrics\":{" M("host_clock_synchronised", 0) "}}]}",
		"the clock of mast1 is not synchronised", "on mast1: timedatectl");
	judge("{\"hosts\":[{\"host\":\"mast1\",\"metrics\":{" M("host_clock_synchronised", 1) "," M(
		      "host_clock_max_error_seconds", 0.25) "}}]}",
		"may be wrong by 250 ms", "on mast1: chronyc");
}

static void hub_counts_are_judged(void **state)
{
	static const char *const names[] = { "ledger_errors", "commit_errors", "picture_full", "history_tables_dropped_early", "bad_records", "wrong_origin",
		"peer_log_cut" };
	char text[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(text, sizeof(text), "{\"hub\":{\"reachable\":true,\"metrics\":{\"vedette_hub_%s_total\":4}}}", names[i]);
		judge(text, ": 4", "");
	}
}

static void metrics_file_is_judged(void **state)
{
	judge("{\"host\":{\"origin\":\"here\",\"metrics_file\":\"/x.prom\",\"age_ms\":null}}", "/x.prom cannot be read",
		"systemctl status vedette-uplink");
	judge("{\"host\":{\"origin\":\"here\",\"metrics_file\":\"/x.prom\",\"age_ms\":60000}}", "are 60 s old",
		"systemctl status vedette-uplink");
	judge("{\"host\":null}", NULL, NULL);
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
	json_t *glance = json_pack("{s:[o]}", "certificates", glance_certificate("x.conf", path, NOW_NS));
	report.n = 0;
	doctor_judge(glance, dir, &report);
	json_decref(glance);
	assert_int_equal(report.n, what ? 1 : 0);
	if (what && (!strstr(report.findings[0].what, what) || !report.findings[0].type[0]))
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
	certificate("early", "not valid yet");
	put("rubbish", "not a certificate\n");
	certificate("rubbish", "not a PEM certificate");
	certificate("nothing", "No such file or directory");
}

static void mistake_in_a_feed_is_found(void **state)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/feeds", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	put("feeds/a.conf", "[Feed]\nRate=x\n");
	doctor_files(dir, &report);
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
		FILE_TEST(uplink_is_judged),
		FILE_TEST(fusion_is_judged),
		FILE_TEST(any_process_is_judged),
		FILE_TEST(decoders_are_judged),
		FILE_TEST(filters_and_clocks_of_other_hosts_are_judged),
		FILE_TEST(hub_counts_are_judged),
		FILE_TEST(metrics_file_is_judged),
		FILE_TEST(certificates_are_judged_by_their_dates),
		FILE_TEST(mistake_in_a_feed_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
