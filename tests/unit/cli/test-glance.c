#include "cli/glance.h"
#include "tests/assert_near.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static char dir[64];

static void put(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int set_up(void **state)
{
	char path[128];

	snprintf(dir, sizeof(dir), "/tmp/test-glance-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/filter", dir);
	if (mkdir(path, 0700) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/feeds", dir);
	return mkdir(path, 0700);
}

static int tear_down(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

/* As systemd 252 prints it. */
static void units_are_read_block_by_block(void **state)
{
	json_t *units = glance_units("Result=success\nNRestarts=2\nId=vedette-hub.service\nLoadState=loaded\n"
				     "ActiveState=active\nSubState=running\nStatusText=centre xa, a=b\n\n"
				     "Id=vedette-sensor@a.service\nLoadState=loaded\nActiveState=failed\nSubState=failed\n");
	const json_t *hub = json_array_get(units, 0), *sensor = json_array_get(units, 1);

	assert_int_equal(json_array_size(units), 2);
	assert_string_equal(glance_text(hub, "unit"), "vedette-hub.service");
	assert_string_equal(glance_text(hub, "status"), "centre xa, a=b");
	assert_near(glance_number(hub, "restarts", 0), 2, 0);
	assert_string_equal(glance_text(sensor, "active"), "failed");
	assert_near(glance_number(sensor, "restarts", -1), -1, 0);
	json_decref(units);
	units = glance_units("");
	assert_int_equal(json_array_size(units), 0);
	json_decref(units);
	units = glance_units("=\n\n\nId\nId=");
	assert_int_equal(json_array_size(units), 1);
	json_decref(units);
}

static void what_is_missing_is_null_or_empty(void **state)
{
	struct glance_options o = { .hub = "unix:/nonexistent/http.sock", .etc = "/nonexistent", .run = "/nonexistent",
		.state = "/nonexistent" };
	json_t *root = glance_take(&o);
	const json_t *hub = json_object_get(root, "hub");

	assert_true(json_is_false(json_object_get(hub, "reachable")));
	assert_string_equal(glance_text(hub, "error"), "No such file or directory");
	assert_true(json_is_null(json_object_get(hub, "health")));
	assert_int_equal(json_array_size(json_object_get(root, "filters")), 0);
	assert_int_equal(json_array_size(json_object_get(root, "feeds")), 0);
	assert_int_equal(json_array_size(json_object_get(root, "disks")), 0);
	assert_string_equal(glance_text(root, "nothing"), "");
	json_decref(root);
}

static void filters_feeds_and_disks_are_found(void **state)
{
	struct glance_options o = { .hub = "unix:/nonexistent/http.sock", .etc = dir, .run = dir, .state = dir };

	put("filter/eth0.json", "{\"interface\":\"eth0\",\"time_ns\":1}");
	put("filter/.eth1.json", "{}");
	put("filter/eth2.json", "{\"interface\":");
	put("feeds/ais1.conf",
		"[Feed]\nFormat=ais\nListen=1.2.3.4:5\nSource=1.2.3.4\n[Site]\nLatitude=1 deg\nLongitude=1 deg\n");
	put("feeds/bad.conf", "x");
	json_t *root = glance_take(&o);
	const json_t *filters = json_object_get(root, "filters"), *feeds = json_object_get(root, "feeds");

	assert_int_equal(json_array_size(filters), 1);
	assert_string_equal(glance_text(json_array_get(filters, 0), "interface"), "eth0");
	assert_true(glance_number(json_array_get(filters, 0), "age_ms", 0) > 1e9);
	assert_int_equal(json_array_size(feeds), 1);
	assert_string_equal(glance_text(json_array_get(feeds, 0), "format"), "ais");
	assert_true(glance_number(json_array_get(json_object_get(root, "disks"), 0), "size", 0) > 0);
	json_decref(root);
}

static void what_the_uplink_wrote_is_found_through_its_configuration(void **state)
{
	struct glance_options o = { .hub = "unix:/nonexistent/http.sock", .etc = dir, .run = dir, .state = dir };
	char text[256], path[128];

	snprintf(path, sizeof(path), "%s/uplink.conf.d", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	put("uplink.conf", "[Uplink]\n#Origin=no\nOrigin = mast1 \nMetrics=/no\n[TLS]\n# Certificate=/no\nCertificate = /nowhere/x.pem \n");
	snprintf(text, sizeof(text), "[Uplink]\nMetrics=%s/m.prom\n", dir);
	put("uplink.conf.d/50-x.conf", text);
	put("m.prom", "# HELP x y\nvedette_uplink_link_up{host=\"mast1\",process=\"uplink\"} 1\n"
		      "vedette_host_clock_synchronised{host=\"mast1\"} 1\n");
	json_t *root = glance_take(&o);
	const json_t *host = json_object_get(root, "host"), *certificate = json_array_get(json_object_get(root, "certificates"), 0);
	assert_string_equal(glance_text(host, "origin"), "mast1");
	assert_true(glance_number(host, "age_ms", -1) >= 0);
	const json_t *uplink = glance_process(root, "mast1", "uplink");
	assert_non_null(uplink);
	assert_near(glance_metric(uplink, "vedette_uplink_link_up"), 1, 0);
	assert_null(glance_process(root, "mast2", "uplink"));
	assert_int_equal(json_array_size(json_object_get(root, "hosts")), 1);
	assert_string_equal(glance_text(certificate, "path"), "/nowhere/x.pem");
	assert_string_equal(glance_text(certificate, "error"), "No such file or directory");
	json_decref(root);
}

static void a_renewed_certificate_counts(void **state)
{
	struct glance_options o = { .hub = "unix:/nonexistent/http.sock", .etc = dir, .run = dir, .state = dir };
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	X509 *x = X509_new();
	char text[256], path[128];

	snprintf(path, sizeof(path), "%s/host.pem", dir);
	X509_gmtime_adj(X509_getm_notBefore(x), -86400);
	X509_gmtime_adj(X509_getm_notAfter(x), 5 * 86400 + 60);
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, NULL) > 0);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	PEM_write_X509(f, x);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
	snprintf(text, sizeof(text), "[Uplink]\nOrigin=mast1\nMetrics=%s/m.prom\n[TLS]\nCertificate=%s\n", dir, path);
	put("uplink.conf", text);
	json_t *root = glance_take(&o);
	assert_near(glance_number(json_array_get(json_object_get(root, "certificates"), 0), "days", 0), 5, 0);
	json_decref(root);
	put("m.prom", "vedette_certificate_expiry_timestamp_seconds{host=\"mast1\",process=\"uplink\"} 4000000000\n");
	root = glance_take(&o);
	assert_true(glance_number(json_array_get(json_object_get(root, "certificates"), 0), "days", 0) > 10000);
	json_decref(root);
}

static void options_are_taken_in_pairs(void **state)
{
	char hub[] = "--hub", url[] = "1.2.3.4:5", json[] = "--json";
	char *argv[] = { json, hub, url, hub };
	struct glance_options o;

	glance_init(&o);
	assert_int_equal(glance_parse(&o, 4, argv, 0), 0);
	assert_int_equal(glance_parse(&o, 4, argv, 1), 2);
	assert_ptr_equal(o.hub, url);
	assert_int_equal(glance_parse(&o, 4, argv, 3), 0); /* no value */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_are_read_block_by_block),
		cmocka_unit_test(what_is_missing_is_null_or_empty),
		cmocka_unit_test_setup_teardown(filters_feeds_and_disks_are_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_renewed_certificate_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_the_uplink_wrote_is_found_through_its_configuration, set_up, tear_down),
		cmocka_unit_test(options_are_taken_in_pairs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
