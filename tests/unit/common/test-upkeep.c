#include "common/counter.h"
#include "common/upkeep.h"
#include "tests/assert_near.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#define END_S 1900000000

static void write_certificate(const char *path)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	X509 *x = X509_new();
	FILE *f = fopen(path, "we");

	ASN1_TIME_set(X509_getm_notBefore(x), 1700000000);
	ASN1_TIME_set(X509_getm_notAfter(x), END_S);
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, NULL) > 0);
	assert_non_null(f);
	PEM_write_X509(f, x);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
}

static void find(void *user, const struct counter *c)
{
	static const char *const names[] = { "vedette_disk_free_bytes", "vedette_disk_size_bytes",
		"vedette_certificate_expiry_timestamp_seconds" };
	uint64_t *values = user;

	for (size_t i = 0; i < 3; i++)
		if (!strcmp(c->name, names[i])) {
			assert_true(c->gauge);
			values[i] = c->value;
		}
}

static void disk_and_certificate_are_read_when_asked(void **state)
{
	char path[] = "/tmp/test-upkeep-XXXXXX";
	uint64_t v[3];
	int64_t end_ns;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(upkeep_certificate_end("/nowhere/x.pem", &end_ns), -ENOENT);
	assert_int_equal(upkeep_certificate_end(path, &end_ns), -EBADMSG);
	upkeep_register("/tmp", path);
	counter_each(find, v);
	assert_true(v[0] <= v[1]);
	assert_true(v[1] > 0);
	assert_int_equal(v[2], 0);
	/* Renewed meanwhile. */
	write_certificate(path);
	counter_each(find, v);
	assert_int_equal(v[2], END_S);
	upkeep_certificate(INT64_C(2000000000) * 1000000000);
	counter_each(find, v);
	assert_int_equal(v[2], 2000000000);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disk_and_certificate_are_read_when_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
