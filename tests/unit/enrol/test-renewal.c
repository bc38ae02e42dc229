/* The rules of renewal, the authority's certificates and list, and the register they are kept in. */
#include "common/roster.h"
#include "enrol/renewal.h"
#include "tests/assert_near.h"
#include "tests/util/certs.h"

#include <errno.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DAY_S 86400
#define YEAR_S (365 * DAY_S)

static char dir[64], roster[80];
static struct authority *authority;
static struct renewal_policy policy;
static int64_t now_s;

struct request {
	uint8_t der[CERT_REQUEST_MAX], spki[32];
	struct renew_message m;
};

/* A request for @name with the key in DIR/@key.key, made when it is not there. */
static void make_request(struct request *q, const char *key, const char *name)
{
	char path[128], host[CERT_NAME_MAX];
	snprintf(path, sizeof(path), "%s/%s.key", dir, key);
	int r = cert_key_make(path);
	assert_true(r == 0 || r == -EEXIST);
	ssize_t n = cert_request(path, name, q->der, sizeof(q->der));
	assert_true(n > 0);
	assert_int_equal(authority_check(q->der, (size_t)n, host, q->spki), 0);
	assert_string_equal(host, name);
	q->m = (struct renew_message){ .type = RENEW_RELAYED, .data = q->der, .size = (size_t)n };
	snprintf(q->m.host, sizeof(q->m.host), "%s", name);
}

/* Admits mast1 at @at_s with the key "first"; sets whose request @q is. */
static void admit(struct request *q, int64_t at_s)
{
	struct request first;
	X509 *cert = NULL;
	make_request(&first, "first", "mast1");
	assert_int_equal(authority_issue(authority, first.der, first.m.size, 365, at_s, &cert), 0);
	assert_int_equal(roster_add(roster, "mast1", cert, NULL), 0);
	X509_free(cert);
	memcpy(q->m.spki, first.spki, sizeof(first.spki));
}

static int decide(const struct request *q, int64_t at_s, X509 **ret_cert)
{
	const char *why = NULL;
	int r = renewal_decide(&policy, &q->m, at_s, ret_cert, &why);
	assert_true(r == 0 || why);
	return r;
}

static void refused(const struct request *q, int64_t at_s, int code)
{
	X509 *cert = NULL;
	assert_int_equal(decide(q, at_s, &cert), code);
	assert_null(cert);
}

static void a_certificate_says_what_we_say_and_no_more(void **state)
{
	struct request q;
	X509 *cert = NULL;
	char host[CERT_NAME_MAX];
	make_request(&q, "first", "mast1");
	assert_int_equal(authority_issue(authority, q.der, q.m.size, 365, now_s, &cert), 0);
	assert_true(cert_host_of(cert, host));
	assert_string_equal(host, "mast1");
	assert_int_equal(X509_check_ca(cert), 0);
	assert_int_equal(X509_get_key_usage(cert), KU_DIGITAL_SIGNATURE);
	assert_int_equal(X509_get_extended_key_usage(cert), XKU_SSL_CLIENT);
	assert_int_equal(cert_time_s(X509_get0_notBefore(cert)), now_s - AUTHORITY_BACKDATE_S);
	assert_int_equal(cert_time_s(X509_get0_notAfter(cert)), now_s + YEAR_S);
	X509_free(cert);
	/* Never beyond the authority's own end, ten years from now. */
	assert_int_equal(authority_issue(authority, q.der, q.m.size, 36500, now_s, &cert), 0);
	assert_in_range(cert_time_s(X509_get0_notAfter(cert)), now_s + 9 * YEAR_S, now_s + 11 * (int64_t)YEAR_S);
	X509_free(cert);
	assert_int_equal(authority_issue(authority, q.der, q.m.size, 365, now_s + 20 * (int64_t)YEAR_S, &cert), -EKEYEXPIRED);
}

static void a_request_that_is_not_one_is_refused(void **state)
{
	struct request q;
	char host[CERT_NAME_MAX];
	uint8_t spki[32];
	make_request(&q, "first", "mast1");
	for (size_t i = 0; i < q.m.size; i++)
		assert_int_equal(authority_check(q.der, i, host, spki), -EBADMSG);
	q.der[q.m.size - 1] ^= 1; /* the signature */
	assert_int_equal(authority_check(q.der, q.m.size, host, spki), -EBADMSG);
	make_request(&q, "first", "mast1");
	q.der[q.m.size] = 0;
	assert_int_equal(authority_check(q.der, q.m.size + 1, host, spki), -EBADMSG);
	assert_int_equal(authority_check(q.der, CERT_REQUEST_MAX + 1, host, spki), -EBADMSG);
	assert_false(cert_name_is_good("../etc"));
	assert_false(cert_name_is_good("Mast"));
	assert_false(cert_name_is_good(""));
}

static void a_key_of_a_kind_we_do_not_sign_is_refused(void **state)
{
	uint8_t der[CERT_REQUEST_MAX], spki[32];
	char path[128], host[CERT_NAME_MAX];
	EVP_PKEY *key = EVP_RSA_gen(2048);
	snprintf(path, sizeof(path), "%s/rsa.key", dir);
	FILE *f = fopen(path, "we");
	assert_true(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL));
	fclose(f);
	EVP_PKEY_free(key);
	ssize_t n = cert_request(path, "mast1", der, sizeof(der));
	assert_true(n > 0);
	assert_int_equal(authority_check(der, (size_t)n, host, spki), -EPROTONOSUPPORT);
}

static void one_renewal_an_hour_in_the_second_half_and_the_same_answer_again(void **state)
{
	struct request q, other;
	X509 *cert = NULL, *again = NULL, *certs[ROSTER_CERTS_MAX];
	make_request(&q, "second", "mast1");
	admit(&q, now_s);
	refused(&q, now_s + 60, -EAGAIN);	  /* within the hour */
	refused(&q, now_s + 100 * DAY_S, -EAGAIN); /* too early */
	int64_t at_s = now_s + 300 * DAY_S;
	assert_int_equal(decide(&q, at_s, &cert), 0);
	assert_int_equal(cert_time_s(X509_get0_notAfter(cert)), at_s + 30 * DAY_S);
	/* The answer was lost: the host, still with its old key, gets the same one. */
	assert_int_equal(decide(&q, at_s + 5 * DAY_S, &again), 0);
	assert_int_equal(X509_cmp(cert, again), 0);
	X509_free(again);
	make_request(&other, "third", "mast1");
	memcpy(other.m.spki, q.spki, sizeof(q.spki));
	refused(&other, at_s + 60, -EAGAIN);
	/* Both may come until the next renewal. */
	assert_int_equal(roster_judge(roster, "mast1", q.m.spki), ROSTER_ADMITTED);
	assert_int_equal(roster_judge(roster, "mast1", q.spki), ROSTER_ADMITTED);
	assert_int_equal(decide(&other, at_s + 20 * DAY_S, &again), 0);
	assert_int_equal(roster_judge(roster, "mast1", q.m.spki), ROSTER_FOREIGN);
	assert_int_equal(roster_judge(roster, "mast1", q.spki), ROSTER_ADMITTED);
	int n = roster_read(roster, "mast1", false, certs);
	assert_int_equal(n, 2);
	assert_int_equal(X509_cmp(certs[1], again), 0);
	roster_free(certs, n);
	X509_free(again);
	X509_free(cert);
}

static void years_after_its_end_a_certificate_is_renewed(void **state)
{
	struct request q;
	X509 *cert = NULL;
	make_request(&q, "second", "mast1");
	admit(&q, now_s);
	assert_int_equal(decide(&q, now_s + 4 * (int64_t)YEAR_S, &cert), 0);
	assert_int_equal(cert_time_s(X509_get0_notAfter(cert)), now_s + 4 * (int64_t)YEAR_S + 30 * DAY_S);
	X509_free(cert);
}

static void nobody_else_gets_one(void **state)
{
	struct request q, name;
	int64_t at_s = now_s + 300 * DAY_S;
	make_request(&q, "second", "mast1");
	admit(&q, now_s);
	make_request(&name, "second", "mast2");
	memcpy(name.m.spki, q.m.spki, sizeof(q.m.spki));
	refused(&name, at_s, -EACCES); /* mast2 was never admitted */
	snprintf(name.m.host, sizeof(name.m.host), "mast1");
	refused(&name, at_s, -EPERM); /* mast1 asks in mast2's name */
	q.m.spki[0] ^= 1;
	refused(&q, at_s, -EACCES); /* not the register's key */
	q.m.spki[0] ^= 1;
	assert_int_equal(roster_revoke(roster, "mast1"), 0);
	assert_int_equal(roster_judge(roster, "mast1", q.m.spki), ROSTER_REVOKED);
	refused(&q, at_s, -EACCES);
}

static void a_damaged_register_admits_nobody(void **state)
{
	struct request q;
	char path[128];
	make_request(&q, "second", "mast1");
	admit(&q, now_s);
	snprintf(path, sizeof(path), "%s/mast1.pem", roster);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(roster_judge(roster, "mast1", q.m.spki), -EBADMSG);
	assert_int_equal(roster_revoke(roster, "mast1"), 0);
	assert_int_equal(roster_judge(roster, "mast1", q.m.spki), ROSTER_REVOKED);
}

static int count_on_list(const char *path)
{
	FILE *f = fopen(path, "re");
	X509_CRL *crl = PEM_read_X509_CRL(f, NULL, NULL, NULL);
	fclose(f);
	int n = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl));
	X509_CRL_free(crl);
	return n;
}

static void the_list_grows_and_is_never_another_authoritys(void **state)
{
	struct request q;
	X509 *certs[2] = { NULL };
	char path[128], ca[128], key[128], error[AUTHORITY_ERROR_MAX];
	snprintf(path, sizeof(path), "%s/crl.pem", dir);
	make_request(&q, "first", "mast1");
	for (int i = 0; i < 2; i++)
		assert_int_equal(authority_issue(authority, q.der, q.m.size, 365, now_s, &certs[i]), 0);
	assert_int_equal(authority_revoke(authority, path, certs, 1, now_s), 1);
	assert_int_equal(authority_revoke(authority, path, certs, 2, now_s), 2);
	assert_int_equal(authority_revoke(authority, path, certs, 2, now_s), 2);
	assert_int_equal(count_on_list(path), 2);
	certs_ca(dir, "foreign");
	snprintf(ca, sizeof(ca), "%s/foreign.pem", dir);
	snprintf(key, sizeof(key), "%s/foreign.key", dir);
	struct authority *foreign = NULL;
	assert_int_equal(authority_open(ca, key, &foreign, error), 0);
	assert_int_equal(authority_revoke(foreign, path, certs, 2, now_s), -EBADMSG);
	assert_int_equal(count_on_list(path), 2);
	authority_close(foreign);
	snprintf(key, sizeof(key), "%s/ca.key", dir);
	assert_int_equal(authority_open(ca, key, &foreign, error), -EINVAL);
	for (int i = 0; i < 2; i++)
		X509_free(certs[i]);
}

static int setup(void **state)
{
	char ca[128], key[128], error[AUTHORITY_ERROR_MAX];
	strcpy(dir, "/tmp/renewal-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(roster, sizeof(roster), "%s/hosts", dir);
	(void)mkdir(roster, 0755);
	certs_ca(dir, "ca");
	snprintf(ca, sizeof(ca), "%s/ca.pem", dir);
	snprintf(key, sizeof(key), "%s/ca.key", dir);
	now_s = time(NULL);
	if (authority_open(ca, key, &authority, error))
		return -1;
	policy = (struct renewal_policy){ .authority = authority, .roster = roster, .days = 30 };
	return 0;
}

static int remove_entry(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(name);
}

static int teardown(void **state)
{
	authority_close(authority);
	return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_certificate_says_what_we_say_and_no_more),
		TEST(a_request_that_is_not_one_is_refused),
		TEST(a_key_of_a_kind_we_do_not_sign_is_refused),
		TEST(one_renewal_an_hour_in_the_second_half_and_the_same_answer_again),
		TEST(years_after_its_end_a_certificate_is_renewed),
		TEST(nobody_else_gets_one),
		TEST(a_damaged_register_admits_nobody),
		TEST(the_list_grows_and_is_never_another_authoritys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
